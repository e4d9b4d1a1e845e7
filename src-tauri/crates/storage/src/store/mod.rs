//! A bucket of a store: each method is one operation, sent once and checked.

mod attempt;
mod call;
mod lists;
pub mod object;
mod operations;
mod options;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Fault, Provider, SignVersion};
use futures_util::stream::{self, BoxStream, StreamExt};

pub use attempt::Store;
pub use call::content_md5;
pub use ferry_model::EtagMeaning;
use ferry_model::existing::Attributes;
pub use options::{Announce, IfAbsent, ObjectOptions, content_type};

pub use crate::stored::StoredObject;
pub use crate::xml::BucketInfo;

use crate::error::StoreError;
use crate::pages::{ListPage, UploadsMarker};

/// Where a store is and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The dialect.
    pub provider: Provider,
    /// Scheme, host and optional port.
    pub endpoint: String,
    /// The region id; `oss-cn-hangzhou` is understood as well. Empty: what the host says.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Where the bucket stands in the URL.
    pub addressing: Addressing,
    /// The signature (OSS).
    pub sign: SignVersion,
    /// Whether http is allowed beyond loopback.
    pub plain_http: PlainHttp,
}

/// The body of a PutObject or UploadPart.
pub struct Payload {
    /// Its exact length in bytes, sent as Content-Length. A stream of another length is an error of
    /// the stream.
    pub len: u64,
    /// Its MD5, sent as Content-MD5 if given.
    pub content_md5: Option<[u8; 16]>,
    /// S3: its CRC-64/NVME, sent as `x-amz-checksum-crc64nvme` if given.
    pub crc64_nvme: Option<u64>,
    /// The bytes. They are asked for only as fast as the peer takes them; a source that is slow is
    /// no timeout.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

impl Payload {
    /// Bytes in memory.
    pub fn from_bytes(bytes: Bytes) -> Self {
        Self {
            len: bytes.len() as u64,
            content_md5: None,
            crc64_nvme: None,
            stream: stream::once(async { Ok(bytes) }).boxed(),
        }
    }
}

impl Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload").field("len", &self.len).finish_non_exhaustive()
    }
}

/// A part as the store took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Its ETag without quotes.
    pub etag: String,
    /// Its CRC-64/XZ, if the store told it.
    pub crc64: Option<u64>,
    /// Its CRC-64/NVME, if the store told it.
    pub crc64_nvme: Option<u64>,
    /// What the ETag means.
    pub etag_meaning: EtagMeaning,
    /// The store's request id.
    pub request_id: Option<String>,
    /// For how long the store says that it held the request back; zero where it says nothing.
    pub throttled: Duration,
}

/// A part as the store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number, 1 to 10000.
    pub number: u32,
    /// Its size in bytes.
    pub size: u64,
    /// Its ETag without quotes; empty if the store lists none.
    pub etag: String,
    /// Its CRC-64/XZ, if the store lists it.
    pub crc64: Option<u64>,
    /// Its CRC-64/NVME, if the store lists it.
    pub crc64_nvme: Option<u64>,
}

/// An upload that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUpload {
    /// Its key.
    pub key: String,
    /// Its id.
    pub upload_id: String,
    /// When it was begun, if the store told it readably.
    pub initiated: Option<SystemTime>,
}

/// An object as the store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A row of a list of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedEntry {
    /// An object.
    Object(ListedObject),
    /// What keys have in common up to a delimiter, and with it: a folder, where that is `/`.
    CommonPrefix(String),
}

/// What HEAD tells of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its size in bytes.
    pub size: u64,
    /// Its ETag without quotes.
    pub etag: Option<String>,
    /// Its CRC-64/XZ, if the store told it.
    pub crc64: Option<u64>,
    /// Its CRC-64/NVME, if the store told it.
    pub crc64_nvme: Option<u64>,
    /// Its user metadata: names in lower case without the `x-…-meta-` prefix, values
    /// percent-decoded if that gives text.
    pub metadata: BTreeMap<String, String>,
    /// When it was last written.
    pub last_modified: Option<SystemTime>,
    /// What the ETag means.
    pub etag_meaning: EtagMeaning,
    /// Its version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// How it is stored and served.
    pub attributes: Attributes,
}

/// The operations on one bucket. Each call is one HTTP request: it never waits, pages or tries
/// again. [`StoreError::retry_now`] says where the same call, signed again, may go well.
///
/// [`ObjectStore::head`] alone may send more than one: its answer has no room for a reason, so a
/// GET of the object's first byte asks for it; and where it asked for a checksum and was refused, a
/// HEAD without that.
///
/// # Cancellation
/// Dropping a future closes its connection. The store may still carry out what it received whole.
#[async_trait]
pub trait ObjectStore: Send + Sync + Debug {
    /// Stores an object in one request.
    async fn put_object(
        &self,
        key: &str,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredObject, StoreError>;

    /// Begins a multipart upload and gives its id.
    async fn initiate(&self, key: &str, options: &ObjectOptions) -> Result<String, StoreError>;

    /// Sends a part. The same number again replaces it. Of the options, only the traffic limit
    /// travels here.
    async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredPart, StoreError>;

    /// A page of the parts the store holds, by number: those after `marker`, or the first.
    async fn list_parts(
        &self,
        key: &str,
        upload_id: &str,
        marker: Option<u32>,
    ) -> Result<ListPage<ListedPart, u32>, StoreError>;

    /// A page of the uploads under way whose key begins with `prefix`: those after `marker`, or the
    /// first.
    async fn list_uploads(
        &self,
        prefix: &str,
        marker: Option<UploadsMarker>,
    ) -> Result<ListPage<ListedUpload, UploadsMarker>, StoreError>;

    /// A page of the objects whose key begins with `prefix`: those after `marker`, or the first.
    /// Keys that go on with a `delimiter` are one row, up to it.
    async fn list_objects(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<String>,
    ) -> Result<ListPage<ListedEntry, String>, StoreError>;

    /// Merges the parts, given as number and ETag, ascending.
    async fn complete(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[(u32, String)],
        options: &ObjectOptions,
    ) -> Result<StoredObject, StoreError>;

    /// Drops an upload and its parts. [`ferry_model::FaultKind::UploadGone`] if there is none of
    /// that id.
    async fn abort(&self, key: &str, upload_id: &str) -> Result<(), StoreError>;

    /// Removes an object, or one version of it. It goes well where there is none: both services
    /// answer 204 then, and those that say NoSuchKey mean the same.
    ///
    /// Without a version, a bucket that keeps versions only marks the object as deleted and goes
    /// on to keep its bytes (OSS and S3: "Delete marker").
    async fn delete_object(&self, key: &str, version: Option<&str>) -> Result<(), StoreError>;

    /// What is stored under a key; `None` if nothing is. A missing bucket is an error.
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError>;

    /// Puts a canned ACL on an object, in place of its own.
    async fn put_acl(&self, key: &str, acl: &str) -> Result<(), StoreError>;

    /// Puts tags on an object, in place of all it has.
    async fn put_tagging(&self, key: &str, tags: &[(String, String)]) -> Result<(), StoreError>;

    /// An object's bytes, or those from the first to the second of `range`, both included.
    async fn get(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, StoreError>;

    /// GetBucketInfo (OSS), GetBucketLocation (S3).
    async fn bucket_info(&self) -> Result<BucketInfo, StoreError>;

    /// A URL that gives the object to everyone who has it, for `expires` (1 s to 7 days). It holds
    /// a signature: not for logs.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::InvalidInput`] for another duration,
    /// [`ferry_model::FaultKind::KeyInvalid`] for no key.
    fn presign_get(&self, key: &str, expires: Duration) -> Result<String, Fault>;

    /// The object's plain URL, which works only where the object is public.
    fn object_url(&self, key: &str) -> String;

    /// Signs with these credentials from now on; requests under way are not touched.
    fn set_credentials(&self, credentials: Credentials);

    /// Whether HEAD asks for the object's CRC-64/NVME from now on. S3 tells it only then; a store
    /// that is not known to have it is not asked.
    fn ask_for_checksums(&self, _ask: Announce) {}

    /// Seconds the store's clock is ahead of this computer's, as learnt from its answers.
    fn clock_offset(&self) -> i64;
}
