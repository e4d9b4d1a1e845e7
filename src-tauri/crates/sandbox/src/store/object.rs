//! One version of one key, and the rules of writing it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::blob::write_json;
use super::record::{Body, Checksum, Meta, ObjectRecord};
use super::{Blob, Bucket, ObjectInfo, Store, lock, opaque_etag, read, remove, write};
use crate::digest::Summary;
use crate::error::ApiError;
use crate::request::Dialect;

/// The extension of [`words_file`].
pub(super) const WORDS: &str = "words";

/// What happens to an object that is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Allowed,
    /// OSS's `x-oss-forbid-overwrite: true`.
    Forbidden,
    /// S3's `If-None-Match: *`.
    Conditional,
    /// S3's `If-Match`: only this ETag, without quotes.
    Matching(String),
}

impl Overwrite {
    /// Refuses when `object` is there and must not be replaced.
    pub(crate) fn check(&self, object: Option<&Arc<Object>>) -> Result<(), ApiError> {
        match (self, object) {
            (Self::Matching(_), None) => Err(ApiError::new("NoSuchKey")),
            (Self::Matching(etag), Some(object)) => {
                if object.record.etag.eq_ignore_ascii_case(etag) {
                    Ok(())
                } else {
                    Err(ApiError::new("PreconditionFailed").with("Condition", "If-Match"))
                }
            }
            (Self::Allowed, _) | (_, None) => Ok(()),
            (Self::Forbidden, Some(_)) => Err(ApiError::new("FileAlreadyExists")),
            (Self::Conditional, Some(_)) => {
                Err(ApiError::new("PreconditionFailed").with("Condition", "If-None-Match"))
            }
        }
    }
}

/// A version that can be read. When it has been replaced or deleted, the files of its parts go with
/// the last reader.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) record: ObjectRecord,
    /// The bucket's directory.
    directory: PathBuf,
    parts: Arc<PartFiles>,
}

/// The directory of the parts that an object is made of. It goes with the last who may read it,
/// once the object is gone.
#[derive(Debug)]
struct PartFiles {
    directory: Option<PathBuf>,
    doomed: AtomicBool,
}

impl Drop for PartFiles {
    fn drop(&mut self) {
        if let (true, Some(directory)) = (self.doomed.load(Ordering::Acquire), &self.directory) {
            remove(directory);
        }
    }
}

impl Object {
    pub(super) fn new(record: ObjectRecord, directory: &Path) -> Self {
        let upload_id = upload_id(&record.body);
        let parts = PartFiles {
            directory: upload_id.map(|id| directory.join("uploads").join(id)),
            doomed: AtomicBool::new(false),
        };
        Self { record, directory: directory.to_owned(), parts: Arc::new(parts) }
    }

    /// The same bytes under other words.
    fn described(&self, record: ObjectRecord) -> Self {
        Self { record, directory: self.directory.clone(), parts: Arc::clone(&self.parts) }
    }

    /// The file of the record.
    fn file(&self) -> PathBuf {
        object_file(&self.directory, self.record.sequence)
    }

    /// The files that hold the data, in order, each with how many bytes of it are data.
    pub(super) fn files(&self) -> Vec<(PathBuf, u64)> {
        match &self.record.body {
            Body::Own => vec![(self.file(), self.record.size)],
            Body::Parts { upload_id, files } => {
                let directory = self.directory.join("uploads").join(upload_id);
                files.iter().map(|(name, size)| (directory.join(name), *size)).collect()
            }
            Body::Discarded { .. } => Vec::new(),
        }
    }

    /// Whether the data was kept.
    pub(crate) fn is_readable(&self) -> bool {
        !matches!(self.record.body, Body::Discarded { .. }) || self.record.size == 0
    }

    /// Whether it was put together from parts.
    pub(crate) fn is_multipart(&self) -> bool {
        self.record.etag.contains('-')
    }

    /// The ETag in quotes, in the dialect's case.
    pub(crate) fn etag(&self, dialect: Dialect) -> String {
        quoted(&self.record.etag, dialect)
    }

    /// Names this version of the key, and no other.
    pub(crate) fn version_id(&self) -> String {
        format!("v{:016x}", self.record.sequence)
    }

    pub(crate) fn info(&self) -> ObjectInfo {
        ObjectInfo {
            key: self.record.key.clone(),
            size: self.record.size,
            crc64: self.record.crc64,
            etag: self.record.etag.clone(),
            versions: self.record.versions,
            version_id: self.version_id(),
            metadata: self.record.meta.user.clone(),
            headers: self.record.meta.headers.clone(),
            storage_class: self.record.meta.storage_class.clone(),
            acl: self.record.meta.acl.clone(),
            tags: self.record.meta.tags().into_iter().collect(),
            encryption: self
                .record
                .meta
                .sealing
                .as_ref()
                .map(|sealing| sealing.cipher.oss_name().to_owned()),
            encryption_key: self
                .record
                .meta
                .sealing
                .as_ref()
                .and_then(|sealing| sealing.key_id.clone()),
            upload_id: upload_id(&self.record.body).map(str::to_owned),
            modified: self.record.modified,
        }
    }

    /// Takes it off the disk: the record at once, part files with the last reader.
    pub(super) fn doom(&self) {
        remove(&words_file(&self.file()));
        remove(&self.file());
        self.parts.doomed.store(true, Ordering::Release);
    }
}

/// The upload whose parts a body is made of.
fn upload_id(body: &Body) -> Option<&str> {
    match body {
        Body::Own => None,
        Body::Parts { upload_id, .. } => Some(upload_id),
        Body::Discarded { upload_id } => upload_id.as_deref(),
    }
}

/// An ETag in quotes: OSS writes upper case, S3 lower.
pub(crate) fn quoted(etag: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Oss => format!("\"{}\"", etag.to_ascii_uppercase()),
        Dialect::S3 => format!("\"{etag}\""),
    }
}

pub(super) fn object_file(directory: &Path, sequence: u64) -> PathBuf {
    let name = format!("{sequence:016x}");
    directory.join("objects").join(&name[14..]).join(name)
}

/// Beside the file of a record: what was said about the object later, in place of the record's own
/// words.
pub(super) fn words_file(object: &Path) -> PathBuf {
    object.with_extension(WORDS)
}

/// An object about to be written.
#[derive(Debug)]
pub(crate) struct ObjectDraft {
    pub(crate) key: String,
    pub(crate) meta: Meta,
    pub(crate) overwrite: Overwrite,
}

/// What a draft turned out to hold.
pub(super) struct Content {
    pub(super) size: u64,
    pub(super) crc64: u64,
    pub(super) etag: String,
    pub(super) body: Body,
    pub(super) checksum: Option<Checksum>,
}

impl Bucket {
    /// The current version of `key`.
    pub(crate) fn object(&self, key: &str) -> Option<Arc<Object>> {
        read(&self.objects).get(key).cloned()
    }

    /// Every current version, by key.
    pub(crate) fn all_objects(&self) -> Vec<ObjectInfo> {
        read(&self.objects).values().map(|object| object.info()).collect()
    }

    /// Makes `blob` the new version of the draft's key.
    ///
    /// # Errors
    ///
    /// `FileAlreadyExists` or `PreconditionFailed` when a version is there and must stay.
    pub(crate) fn put(
        &self,
        store: &Store,
        draft: ObjectDraft,
        blob: Blob,
        summary: &Summary,
    ) -> Result<Arc<Object>, ApiError> {
        let body = match store.policy() {
            crate::DataPolicy::Keep => Body::Own,
            crate::DataPolicy::Discard => Body::Discarded { upload_id: None },
        };
        let checksum = summary.checksum.clone().map(|(kind, value)| Checksum { kind, value });
        let etag = if draft.meta.hides_digest() { opaque_etag() } else { hex::encode(summary.md5) };
        let content = Content { size: summary.size, crc64: summary.crc64, etag, body, checksum };
        self.commit(store, draft, content, blob)
    }

    /// The one place where an object becomes visible. No body travels under its lock.
    pub(super) fn commit(
        &self,
        store: &Store,
        draft: ObjectDraft,
        content: Content,
        blob: Blob,
    ) -> Result<Arc<Object>, ApiError> {
        let order = lock(&self.commit);
        let previous = self.object(&draft.key);
        draft.overwrite.check(previous.as_ref())?;
        let record = ObjectRecord {
            key: draft.key.clone(),
            sequence: store.next_sequence(),
            size: content.size,
            crc64: content.crc64,
            etag: content.etag,
            versions: previous.as_ref().map_or(1, |previous| previous.record.versions + 1),
            modified: store.now(),
            meta: draft.meta,
            body: content.body,
            checksum: content.checksum,
        };
        let file = object_file(&self.directory, record.sequence);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        blob.seal(&record, &file)?;
        let object = Arc::new(Object::new(record, &self.directory));
        write(&self.objects).insert(draft.key, Arc::clone(&object));
        if let Some(previous) = &previous {
            previous.doom();
        }
        drop(order);
        Ok(object)
    }

    /// Changes what is said about `key`, and nothing of its bytes, its ETag or its time.
    ///
    /// # Errors
    ///
    /// `NoSuchKey`, and what the disk says.
    pub(crate) fn describe(
        &self,
        key: &str,
        change: impl FnOnce(&mut Meta),
    ) -> Result<(), ApiError> {
        let order = lock(&self.commit);
        let object = self.object(key).ok_or_else(|| ApiError::new("NoSuchKey").with("Key", key))?;
        let mut record = object.record.clone();
        change(&mut record.meta);
        let words = words_file(&object.file());
        write_json(&words.with_extension("tmp"), &words, &record.meta)?;
        write(&self.objects).insert(key.to_owned(), Arc::new(object.described(record)));
        drop(order);
        Ok(())
    }

    /// Deletes `key`; nothing happens when it is not there.
    pub(crate) fn delete(&self, key: &str) {
        let order = lock(&self.commit);
        let removed = write(&self.objects).remove(key);
        if let Some(object) = &removed {
            object.doom();
        }
        drop(order);
    }
}
