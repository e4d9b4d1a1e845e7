//! A bucket: its directory and its index.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use time::OffsetDateTime;

use super::blob::write_json;
use super::record::BucketRecord;
use super::{Object, Upload, lock, read};
use crate::error::ApiError;

/// Key and upload id: the order in which uploads are listed.
pub(super) type UploadName = (String, String);

/// A bucket and everything in it.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) created: OffsetDateTime,
    pub(super) directory: PathBuf,
    pub(super) objects: RwLock<BTreeMap<String, Arc<Object>>>,
    pub(super) uploads: RwLock<BTreeMap<UploadName, Arc<Upload>>>,
    /// Puts commits in one order, on disk as in the index.
    pub(super) commit: Mutex<()>,
}

impl Bucket {
    pub(super) fn new(directory: PathBuf, name: &str, created: OffsetDateTime) -> Self {
        Self {
            name: name.to_owned(),
            created,
            directory,
            objects: RwLock::default(),
            uploads: RwLock::default(),
            commit: Mutex::default(),
        }
    }

    pub(super) fn create(
        directory: PathBuf,
        name: &str,
        now: OffsetDateTime,
    ) -> Result<Self, ApiError> {
        std::fs::create_dir_all(directory.join("objects"))?;
        std::fs::create_dir_all(directory.join("uploads"))?;
        write_json(
            &directory.join("bucket.tmp"),
            &directory.join("bucket.json"),
            &BucketRecord { created: now },
        )?;
        Ok(Self::new(directory, name, now))
    }

    /// # Errors
    ///
    /// `BucketNotEmpty` while it holds objects or open uploads.
    pub(super) fn remove_if_empty(&self) -> Result<(), ApiError> {
        let order = lock(&self.commit);
        if !read(&self.objects).is_empty() || !read(&self.uploads).is_empty() {
            return Err(ApiError::new("BucketNotEmpty").with("BucketName", self.name.clone()));
        }
        std::fs::remove_dir_all(&self.directory)?;
        drop(order);
        Ok(())
    }
}
