//! What the sandbox holds: buckets, objects, uploads and their parts, on disk and indexed in
//! memory.
//!
//! ```text
//! root/lock                                held by the process that serves this root
//! root/tmp/*                               bodies on their way; wiped at start
//! root/buckets/B/bucket.json
//! root/buckets/B/objects/hh/SEQUENCE       data, then its record; or the record alone of a multipart object
//! root/buckets/B/objects/hh/SEQUENCE.words what was said about the object later
//! root/buckets/B/uploads/ID/upload.json    present while the upload is open
//! root/buckets/B/uploads/ID/NNNNN-SEQUENCE one part: data, then its record
//! ```
//!
//! Everything becomes visible by one rename. Of two files for one key, or one part number, the
//! higher sequence counts. A completed upload keeps its directory: the object's record lists the
//! part files. Nothing is synced to the medium: the promise holds against a killed process, not a
//! lost machine.

mod blob;
mod bucket;
mod listing;
mod load;
mod object;
mod reader;
mod record;
mod upload;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::config::DataPolicy;
use crate::error::ApiError;

pub(crate) use blob::Blob;
pub(crate) use bucket::Bucket;
pub(crate) use listing::{ObjectPage, ObjectQuery, UploadQuery};
pub(crate) use object::{Object, ObjectDraft, Overwrite, quoted};
pub(crate) use reader::Reader;
pub(crate) use record::{
    Checksum, Cipher, Coverage, Meta, PartRecord, Sealing, UploadChecksum, UploadRecord,
};
pub(crate) use upload::{ClaimedPart, CompleteOrder, Upload};

/// An object, as a test or a window may want to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// The key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// CRC-64/XZ of the content.
    pub crc64: u64,
    /// ETag without quotes, lower case; `-N` at its end for a multipart object of N parts.
    pub etag: String,
    /// How often this key was written since it last did not exist.
    pub versions: u64,
    /// The id of this version, as answers name it where the bucket keeps versions.
    pub version_id: String,
    /// User metadata, names in lower case without the dialect's prefix.
    pub metadata: BTreeMap<String, String>,
    /// `Content-Type` and the other headers kept with the object, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The storage class as the client spelled it; `None` when it named none.
    pub storage_class: Option<String>,
    /// The canned ACL that was put on it; `None` when there was none, which OSS calls `default`.
    pub acl: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Encryption at rest in OSS's words: `AES256`, `SM4` or `KMS`.
    pub encryption: Option<String>,
    /// With KMS: the id of the key.
    pub encryption_key: Option<String>,
    /// The upload that made it, for a multipart object.
    pub upload_id: Option<String>,
    /// When it was written.
    pub modified: OffsetDateTime,
}

/// An upload that is neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadInfo {
    /// The key it will become.
    pub key: String,
    /// Its id.
    pub upload_id: String,
    /// When it was initiated.
    pub initiated: OffsetDateTime,
    /// The parts that have arrived whole, ascending.
    pub parts: Vec<PartInfo>,
}

/// One part that has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartInfo {
    /// 1 to 10000.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// CRC-64/XZ.
    pub crc64: u64,
    /// MD5, lower case, without quotes.
    pub etag: String,
}

/// Everything under one root.
#[derive(Debug)]
pub(crate) struct Store {
    root: PathBuf,
    policy: DataPolicy,
    buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
    sequence: AtomicU64,
    clock_offset: AtomicI64,
    /// Held for its lock, which the system lets go of when the process ends.
    _lock: File,
    /// Closes after the lock is let go of, and so tells that the root is free. Declared last to be
    /// dropped last.
    _alive: mpsc::Sender<Infallible>,
}

impl Store {
    /// The server's clock.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
            + time::Duration::seconds(self.clock_offset.load(Ordering::Relaxed))
    }

    pub(crate) fn set_clock_offset(&self, seconds: i64) {
        self.clock_offset.store(seconds, Ordering::Relaxed);
    }

    pub(crate) fn policy(&self) -> DataPolicy {
        self.policy
    }

    /// A number above every one given before, in this run and those before it.
    fn next_sequence(&self) -> u64 {
        let now = u64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos()).unwrap_or(0);
        self.sequence
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)))
            .map_or(now, |last| now.max(last + 1))
    }

    /// A place for a body on its way.
    pub(crate) fn blob(&self) -> std::io::Result<Blob> {
        let name = format!("{:016x}", self.next_sequence());
        Blob::create(self.root.join("tmp").join(name), self.policy)
    }

    /// # Errors
    ///
    /// `NoSuchBucket`.
    pub(crate) fn bucket(&self, name: &str) -> Result<Arc<Bucket>, ApiError> {
        read(&self.buckets)
            .get(name)
            .cloned()
            .ok_or_else(|| ApiError::new("NoSuchBucket").with("BucketName", name))
    }

    pub(crate) fn has_bucket(&self, name: &str) -> bool {
        read(&self.buckets).contains_key(name)
    }

    pub(crate) fn buckets(&self) -> Vec<Arc<Bucket>> {
        read(&self.buckets).values().cloned().collect()
    }

    /// Makes a bucket; `Ok(false)` when it is there already.
    ///
    /// # Errors
    ///
    /// `InvalidBucketName`, and what the disk says.
    pub(crate) fn create_bucket(&self, name: &str) -> Result<bool, ApiError> {
        if !valid_bucket_name(name) {
            return Err(ApiError::new("InvalidBucketName").with("BucketName", name));
        }
        let mut buckets = write(&self.buckets);
        if buckets.contains_key(name) {
            return Ok(false);
        }
        let bucket = Bucket::create(self.root.join("buckets").join(name), name, self.now())?;
        buckets.insert(name.to_owned(), Arc::new(bucket));
        Ok(true)
    }

    /// # Errors
    ///
    /// `NoSuchBucket`, `BucketNotEmpty` while it holds objects or open uploads, and what the disk
    /// says.
    pub(crate) fn delete_bucket(&self, name: &str) -> Result<(), ApiError> {
        let mut buckets = write(&self.buckets);
        let bucket = buckets
            .get(name)
            .ok_or_else(|| ApiError::new("NoSuchBucket").with("BucketName", name))?;
        bucket.remove_if_empty()?;
        buckets.remove(name);
        Ok(())
    }
}

/// 3 to 63 of `[a-z0-9.-]`, letter or digit at both ends: the union of both dialects' rules. It is
/// a safe directory name on every system.
fn valid_bucket_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| inner(*byte) || matches!(byte, b'-' | b'.'))
        && inner(bytes[0])
        && inner(bytes[bytes.len() - 1])
        && !name.contains("..")
}

/// An ETag that says nothing about the bytes. Lower case.
fn opaque_etag() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Locks whatever happened to those who held it before: every critical section here leaves its data
/// whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Removes a file or directory; a failure leaves litter that the next start sweeps.
fn remove(path: &Path) {
    let outcome =
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    if let Err(error) = outcome
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "left litter behind");
    }
}
