//! The wire: one attempt of one request per call, to Alibaba Cloud OSS and S3-compatible stores.
//!
//! [`store::Store`] implements [`store::ObjectStore`]: it builds the request, signs it anew, sends
//! it once, checks that the answer is a store's, and turns what went wrong into a
//! [`error::StoreError`]. Whether to try again, and when, is [`ferry_model::reaction`].
//!
//! May import: `ferry-model`, and what belongs to HTTP, TLS, XML and hashes. It knows no journal,
//! no keyring, no file, no window.
//!
//! Invariants:
//! - one call is one HTTP attempt. A kept connection that was closed before anything of a request
//!   was written is replaced by the client without a word;
//! - what goes on the wire is what was signed: a URL that reqwest's type would rewrite (a `.` or
//!   `..` segment) is refused before it is sent;
//! - no redirect is followed, no Referer sent, no compressed or chunked body asked for or sent;
//! - secrets are looked at in [`signing`] only; no error, log line or `Debug` shows a secret, a
//!   token, a signature or a signed URL;
//! - nothing counts as success that a captive portal could have answered: roots and required fields
//!   of XML, ETags and request ids are checked before they are believed;
//! - a slow but moving body is never cut, a peer that stopped is noticed within the idle timeout.
//!
//! # Cancellation
//! Dropping the future of any call closes its connection; the store may still carry out what it
//! received whole.

// A fault is built once and handed to its reader; boxing it would cost every caller and save
// nothing that matters.
#![allow(clippy::result_large_err)]
// A test that unwraps fails with the line; that is all it should do.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod client;
pub mod clock;
pub mod crc64_nvme;
pub mod decimal;
pub mod endpoint;
pub mod error;
mod pages;
pub mod percent;
pub mod signing;
pub mod store;
mod stored;
pub mod xml;

pub use client::{DesktopProxies, FirstServer, HttpClient, HttpOptions, Knock, check_ca_file};
pub use clock::{Clock, SystemClock};
pub use error::{Delivery, RetryNow, StoreError, sign_again};
pub use pages::{ListPage, UploadsMarker, all_pages, first_pages};
pub use store::{
    Announce, BucketInfo, EtagMeaning, IfAbsent, ListedEntry, ListedObject, ListedPart,
    ListedUpload, ObjectHead, ObjectOptions, ObjectStore, Payload, Store, StoreConfig,
    StoredObject, StoredPart, content_md5, content_type,
};
