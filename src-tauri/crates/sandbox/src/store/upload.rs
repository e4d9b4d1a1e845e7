//! An upload in progress: its parts, and the step that makes an object of them.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::blob::write_json;
use super::object::{Content, Object};
use super::record::{Body, Checksum, Coverage, PartRecord, UploadChecksum, UploadRecord};
use super::{
    Blob, Bucket, ObjectDraft, Overwrite, PartInfo, Store, UploadInfo, lock, opaque_etag, read,
    remove, write,
};
use crate::config::DataPolicy;
use crate::digest::{Summary, combine_crc64, multipart_etag};
use crate::error::ApiError;

/// An upload that was initiated.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) record: UploadRecord,
    directory: PathBuf,
    /// `None` once the upload is completed or aborted.
    parts: Mutex<Option<BTreeMap<u32, PartRecord>>>,
}

/// A part as a Complete request claims it.
#[derive(Debug, Clone)]
pub(crate) struct ClaimedPart {
    pub(crate) number: u32,
    /// Without quotes, in whatever case it came.
    pub(crate) etag: String,
    /// The S3 checksum in base64, if the request repeats it.
    pub(crate) checksum: Option<String>,
}

/// What a Complete request asks for.
#[derive(Debug)]
pub(crate) struct CompleteOrder {
    /// Ascending by number. `None` takes every part there is.
    pub(crate) parts: Option<Vec<ClaimedPart>>,
    /// Smallest size of all parts but the last, in bytes.
    pub(crate) smallest_part: u64,
    pub(crate) overwrite: Overwrite,
    pub(crate) acl: Option<String>,
    /// The checksum of the whole that the client expects, in base64.
    pub(crate) checksum: Option<Checksum>,
}

impl Upload {
    pub(super) fn new(
        record: UploadRecord,
        directory: PathBuf,
        parts: BTreeMap<u32, PartRecord>,
    ) -> Self {
        Self { record, directory, parts: Mutex::new(Some(parts)) }
    }

    /// Makes `blob` the part of this number, in place of any other.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload` when the upload ended while the body travelled.
    pub(crate) fn put_part(
        &self,
        store: &Store,
        number: u32,
        blob: Blob,
        summary: &Summary,
    ) -> Result<PartRecord, ApiError> {
        let mut guard = lock(&self.parts);
        let parts = guard.as_mut().ok_or_else(|| self.gone())?;
        let record = PartRecord {
            number,
            sequence: store.next_sequence(),
            size: summary.size,
            crc64: summary.crc64,
            md5: summary.md5,
            opaque_etag: self.record.meta.hides_digest().then(opaque_etag),
            modified: store.now(),
            checksum: summary.checksum.clone().map(|(kind, value)| Checksum { kind, value }),
        };
        blob.seal(&record, &self.directory.join(record.file_name()))?;
        if let Some(replaced) = parts.insert(number, record.clone()) {
            remove(&self.directory.join(replaced.file_name()));
        }
        Ok(record)
    }

    /// Loses a part, as a store does that acknowledged it and then crashed.
    #[cfg(feature = "testing")]
    pub(crate) fn forget_part(&self, number: u32) {
        if let Some(part) = lock(&self.parts).as_mut().and_then(|parts| parts.remove(&number)) {
            remove(&self.directory.join(part.file_name()));
        }
    }

    /// The parts above `marker`, at most `limit`, and whether more follow.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload` when the upload is over.
    pub(crate) fn parts_after(
        &self,
        marker: u32,
        limit: usize,
    ) -> Result<(Vec<PartRecord>, bool), ApiError> {
        let guard = lock(&self.parts);
        let parts = guard.as_ref().ok_or_else(|| self.gone())?;
        let mut rest = parts.range(marker.saturating_add(1)..).map(|(_, part)| part);
        let page: Vec<PartRecord> = rest.by_ref().take(limit).cloned().collect();
        Ok((page, rest.next().is_some()))
    }

    pub(crate) fn info(&self) -> UploadInfo {
        let guard = lock(&self.parts);
        UploadInfo {
            key: self.record.key.clone(),
            upload_id: self.record.upload_id.clone(),
            initiated: self.record.initiated,
            parts: guard
                .iter()
                .flat_map(BTreeMap::values)
                .map(|part| PartInfo {
                    number: part.number,
                    size: part.size,
                    crc64: part.crc64,
                    etag: part.etag(),
                })
                .collect(),
        }
    }

    fn gone(&self) -> ApiError {
        no_such_upload(&self.record.upload_id)
    }
}

fn no_such_upload(upload_id: &str) -> ApiError {
    ApiError::new("NoSuchUpload").with("UploadId", upload_id)
}

impl Bucket {
    /// Opens an upload under a fresh id.
    ///
    /// # Errors
    ///
    /// What the disk says.
    pub(crate) fn initiate(
        &self,
        store: &Store,
        record: UploadRecord,
    ) -> Result<Arc<Upload>, ApiError> {
        // Ids sort by the time of Initiate, which is the order in which a listing must show them.
        let upload_id = format!("{:016X}{:016X}", store.next_sequence(), fastrand::u64(..));
        let record = UploadRecord { upload_id, ..record };
        let directory = self.directory.join("uploads").join(&record.upload_id);
        std::fs::create_dir_all(&directory)?;
        write_json(&directory.join("upload.tmp"), &directory.join("upload.json"), &record)?;
        let name = (record.key.clone(), record.upload_id.clone());
        let upload = Arc::new(Upload::new(record, directory, BTreeMap::new()));
        write(&self.uploads).insert(name, Arc::clone(&upload));
        Ok(upload)
    }

    /// # Errors
    ///
    /// `NoSuchUpload` when there is none of this id for this key.
    pub(crate) fn upload(&self, key: &str, upload_id: &str) -> Result<Arc<Upload>, ApiError> {
        read(&self.uploads)
            .get(&(key.to_owned(), upload_id.to_owned()))
            .cloned()
            .ok_or_else(|| no_such_upload(upload_id))
    }

    /// Every open upload, by key and id.
    pub(crate) fn uploads(&self) -> Vec<Arc<Upload>> {
        read(&self.uploads).values().cloned().collect()
    }

    /// Ends an upload and forgets its parts.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload`.
    pub(crate) fn abort(&self, key: &str, upload_id: &str) -> Result<(), ApiError> {
        let upload = self.upload(key, upload_id)?;
        let mut guard = lock(&upload.parts);
        guard.take().ok_or_else(|| no_such_upload(upload_id))?;
        write(&self.uploads).remove(&(key.to_owned(), upload_id.to_owned()));
        remove(&upload.directory.join("upload.json"));
        remove(&upload.directory);
        Ok(())
    }

    /// Makes an object of the parts, without copying any. The upload is over when this succeeds,
    /// and only then.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload`, `InvalidPart`, `EntityTooSmall`, `BadDigest`, those of overwriting, and what
    /// the disk says.
    pub(crate) fn complete(
        &self,
        store: &Store,
        upload: &Upload,
        order: CompleteOrder,
    ) -> Result<Arc<Object>, ApiError> {
        let mut guard = lock(&upload.parts);
        let parts = guard.as_ref().ok_or_else(|| upload.gone())?;
        let chosen = choose(parts, &order)?;
        let content = content(store.policy(), &upload.record, &chosen, order.checksum.as_ref())?;
        let kept: HashSet<String> = chosen.iter().map(|part| part.file_name()).collect();
        let mut meta = upload.record.meta.clone();
        meta.acl = order.acl.or(meta.acl);
        let content = match meta.hides_digest() {
            true => Content { etag: format!("{}-{}", opaque_etag(), chosen.len()), ..content },
            false => content,
        };
        let draft =
            ObjectDraft { key: upload.record.key.clone(), meta, overwrite: order.overwrite };
        let object = self.commit(store, draft, content, store.blob()?)?;
        let name = (upload.record.key.clone(), upload.record.upload_id.clone());
        write(&self.uploads).remove(&name);
        remove(&upload.directory.join("upload.json"));
        for part in guard.take().unwrap_or_default().values() {
            if !kept.contains(&part.file_name()) {
                remove(&upload.directory.join(part.file_name()));
            }
        }
        Ok(object)
    }
}

/// The parts that the order names, checked.
fn choose<'a>(
    parts: &'a BTreeMap<u32, PartRecord>,
    order: &CompleteOrder,
) -> Result<Vec<&'a PartRecord>, ApiError> {
    let chosen: Vec<&PartRecord> = match &order.parts {
        None => parts.values().collect(),
        Some(claims) => claims
            .iter()
            .map(|claim| {
                parts.get(&claim.number).filter(|part| matches(part, claim)).ok_or_else(|| {
                    ApiError::new("InvalidPart")
                        .with("PartNumber", claim.number.to_string())
                        .with("ETag", claim.etag.clone())
                })
            })
            .collect::<Result<_, _>>()?,
    };
    let (_, inner) = chosen
        .split_last()
        .ok_or_else(|| ApiError::new("MalformedXML").message("At least one part must be named."))?;
    match inner.iter().find(|part| part.size < order.smallest_part) {
        Some(part) => Err(ApiError::new("EntityTooSmall")
            .with("ProposedSize", part.size.to_string())
            .with("MinSizeAllowed", order.smallest_part.to_string())
            .with("PartNumber", part.number.to_string())
            .with("ETag", part.etag())),
        None => Ok(chosen),
    }
}

fn matches(part: &PartRecord, claim: &ClaimedPart) -> bool {
    let same_checksum = match (&part.checksum, &claim.checksum) {
        (Some(kept), Some(claimed)) => kept.value == *claimed,
        _ => true,
    };
    same_checksum && part.etag().eq_ignore_ascii_case(&claim.etag)
}

fn content(
    policy: DataPolicy,
    upload: &UploadRecord,
    parts: &[&PartRecord],
    expected: Option<&Checksum>,
) -> Result<Content, ApiError> {
    let checksum = upload.checksum.and_then(|announced| whole_checksum(announced, parts));
    if let (Some(expected), Some(whole)) = (expected, &checksum)
        && expected != whole
    {
        return Err(ApiError::new("BadDigest"));
    }
    let body = match policy {
        DataPolicy::Keep => Body::Parts {
            upload_id: upload.upload_id.clone(),
            files: parts.iter().map(|part| (part.file_name(), part.size)).collect(),
        },
        DataPolicy::Discard => Body::Discarded { upload_id: Some(upload.upload_id.clone()) },
    };
    Ok(Content {
        size: parts.iter().map(|part| part.size).sum(),
        crc64: combine_crc64(parts.iter().map(|part| (part.crc64, part.size))),
        etag: multipart_etag(parts.iter().map(|part| &part.md5)),
        body,
        checksum,
    })
}

/// The S3 checksum of the whole; `None` unless every part has one of the announced kind.
fn whole_checksum(announced: UploadChecksum, parts: &[&PartRecord]) -> Option<Checksum> {
    let values: Vec<(&str, u64)> = parts
        .iter()
        .map(|part| {
            let checksum = part.checksum.as_ref()?;
            (checksum.kind == announced.kind).then_some((checksum.value.as_str(), part.size))
        })
        .collect::<Option<_>>()?;
    let value = match announced.coverage {
        Coverage::FullObject => announced.kind.combine(values),
        Coverage::Composite => announced.kind.composite(values.iter().map(|(value, _)| *value)),
    }?;
    Some(Checksum { kind: announced.kind, value })
}
