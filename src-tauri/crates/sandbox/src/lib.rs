//! An OSS and S3 server on loopback with a directory behind it.
//!
//! It is the practice bucket of the first start, the store behind `ferry sandbox`, and the store
//! into which tests script faults. One port speaks both dialects; a request's own signature says
//! which.
//!
//! # What it may import
//!
//! Nothing of Ferry. It shares no signing, XML or checksum code with `ferry-storage`: a misreading
//! of the protocol there must meet an independent reading here, or both would be wrong together.
//!
//! # Invariants
//!
//! - An object, or a part, becomes visible only whole: data is written to a temporary file and
//!   renamed. Killing the process at any moment leaves either the old object or the new one.
//! - The key on the wire is the key that is stored: the path is taken raw and percent-decoded once.
//! - No body is held in memory: data streams to disk and is hashed in the same pass.
//! - Complete copies no data: a multipart object is an ordered list of the part files.
//! - No lock is held while a body travels.
//! - It never speaks to anything but loopback: an upload callback that names another address fails.
//!
//! # Example
//!
//! The cargo feature `testing` adds the script of faults (from code or from a file, `Script`), the
//! ledger of what arrived, and the client that tells a user's server of an upload (OSS's callback).
//! The desktop does not enable it.
//!
//! ```no_run
//! # #[cfg(feature = "testing")]
//! # async fn example() -> Result<(), ferry_sandbox::Error> {
//! use ferry_sandbox::{Action, Config, Operation, Rule, Sandbox};
//!
//! let sandbox = Sandbox::start(Config::new("/tmp/practice")).await?;
//! sandbox.faults().add(Rule::on(Operation::UploadPart).part(3).once(), Action::Reset);
//! println!("{}", sandbox.endpoint());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod body;
#[cfg(feature = "testing")]
mod callback;
mod chunked;
mod config;
mod context;
mod digest;
mod error;
#[cfg(feature = "testing")]
mod faults;
#[cfg(feature = "testing")]
mod ledger;
mod operation;
mod ops;
mod percent;
#[cfg(feature = "testing")]
mod play;
#[cfg(feature = "testing")]
mod refusal;
mod request;
mod respond;
#[cfg(feature = "testing")]
mod script;
mod serve;
mod server;
mod sign;
mod store;
mod ticket;
mod wire;
mod xml;

pub use config::{
    ChecksumPolicy, Config, Credential, DataPolicy, Hosts, StoreLimits, Verification, Versioning,
};
#[cfg(feature = "testing")]
pub use faults::{Action, Faults, Rule, RuleId};
#[cfg(feature = "testing")]
pub use ledger::{Entry, Ledger, Outcome};
pub use operation::Operation;
#[cfg(feature = "testing")]
pub use refusal::Refusal;
pub use request::Dialect;
#[cfg(feature = "testing")]
pub use script::{Script, ScriptError};
pub use server::{Error, Sandbox};
pub use sign::SignatureKind;
pub use store::{ObjectInfo, PartInfo, UploadInfo};
