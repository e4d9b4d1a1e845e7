//! Opening a root: taking its lock, sweeping what a killed process left, building the index.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Arc, RwLock};

use tokio::sync::mpsc;

use super::blob::read_record;
use super::bucket::Bucket;
use super::object::{Object, WORDS, words_file};
use super::record::{Body, BucketRecord, ObjectRecord, PartRecord, UploadRecord};
use super::{Store, Upload, read, remove, write};
use crate::config::DataPolicy;

impl Store {
    /// Opens `root`, creating what is missing. `alive` closes when the root is free again.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when another process holds the root, and what the disk says.
    pub(crate) fn open(
        root: PathBuf,
        policy: DataPolicy,
        clock_offset: i64,
        alive: mpsc::Sender<Infallible>,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(root.join("buckets"))?;
        let lock = File::create(root.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::from(io::ErrorKind::WouldBlock),
            TryLockError::Error(error) => error,
        })?;
        let temporary = root.join("tmp");
        if temporary.exists() {
            std::fs::remove_dir_all(&temporary)?;
        }
        std::fs::create_dir_all(&temporary)?;
        let mut highest = 0;
        let mut buckets = BTreeMap::new();
        for directory in entries(&root.join("buckets"))? {
            let Some(name) = directory.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            match load_bucket(&directory, name, &mut highest) {
                Ok(bucket) => {
                    buckets.insert(name.to_owned(), Arc::new(bucket));
                }
                Err(error) => tracing::warn!(bucket = name, %error, "not a bucket, left alone"),
            }
        }
        Ok(Self {
            root,
            policy,
            buckets: RwLock::new(buckets),
            sequence: AtomicU64::new(highest),
            clock_offset: AtomicI64::new(clock_offset),
            _lock: lock,
            _alive: alive,
        })
    }
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn load_bucket(directory: &Path, name: &str, highest: &mut u64) -> io::Result<Bucket> {
    let text = std::fs::read(directory.join("bucket.json"))?;
    let record: BucketRecord = serde_json::from_slice(&text)?;
    let bucket = Bucket::new(directory.to_owned(), name, record.created);
    for folder in entries(&directory.join("objects"))? {
        for file in entries(&folder)? {
            if file.extension().is_some() {
                sweep_words(&file);
                continue;
            }
            match read_record::<ObjectRecord>(&file) {
                Ok(record) => index_object(&bucket, with_later_words(record, &file), highest),
                Err(error) => {
                    tracing::warn!(file = %file.display(), %error, "not an object, left alone")
                }
            }
        }
    }
    let completed = completed_uploads(&bucket);
    for folder in entries(&directory.join("uploads"))? {
        load_upload(&bucket, &folder, &completed, highest)?;
    }
    Ok(bucket)
}

/// Words outlive their object only where a process was killed between the two; half-written ones
/// are nobody's.
fn sweep_words(file: &Path) {
    let is_words = file.extension().is_some_and(|extension| extension == WORDS);
    if !is_words || !file.with_extension("").exists() {
        remove(file);
    }
}

fn with_later_words(record: ObjectRecord, file: &Path) -> ObjectRecord {
    let words =
        std::fs::read(words_file(file)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    match words {
        Some(meta) => ObjectRecord { meta, ..record },
        None => record,
    }
}

/// Of two versions of a key the later one counts; the earlier is what a killed process did not get
/// to remove.
fn index_object(bucket: &Bucket, record: ObjectRecord, highest: &mut u64) {
    *highest = (*highest).max(record.sequence);
    let object = Arc::new(Object::new(record, &bucket.directory));
    let mut objects = write(&bucket.objects);
    let known = objects.get(&object.record.key).cloned();
    match known {
        Some(known) if known.record.sequence > object.record.sequence => object.doom(),
        earlier => {
            objects.insert(object.record.key.clone(), object);
            if let Some(earlier) = earlier {
                earlier.doom();
            }
        }
    }
}

fn completed_uploads(bucket: &Bucket) -> HashSet<String> {
    read(&bucket.objects)
        .values()
        .filter_map(|object| match &object.record.body {
            Body::Own => None,
            Body::Parts { upload_id, .. } => Some(upload_id.clone()),
            Body::Discarded { upload_id } => upload_id.clone(),
        })
        .collect()
}

fn load_upload(
    bucket: &Bucket,
    folder: &Path,
    completed: &HashSet<String>,
    highest: &mut u64,
) -> io::Result<()> {
    let id = folder.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let state = folder.join("upload.json");
    if completed.contains(id) {
        // Complete had its effect, and the process died before it could say that the upload is
        // over.
        if state.exists() {
            remove(&state);
        }
        return Ok(());
    }
    let Ok(record) =
        std::fs::read(&state).and_then(|text| Ok(serde_json::from_slice::<UploadRecord>(&text)?))
    else {
        remove(folder);
        return Ok(());
    };
    let mut parts: BTreeMap<u32, PartRecord> = BTreeMap::new();
    for file in entries(folder)? {
        let Ok(part) = read_record::<PartRecord>(&file) else {
            continue;
        };
        *highest = (*highest).max(part.sequence);
        match parts.get(&part.number) {
            Some(known) if known.sequence > part.sequence => remove(&file),
            known => {
                if let Some(known) = known {
                    remove(&folder.join(known.file_name()));
                }
                parts.insert(part.number, part);
            }
        }
    }
    let name = (record.key.clone(), record.upload_id.clone());
    let upload = Upload::new(record, folder.to_owned(), parts);
    write(&bucket.uploads).insert(name, Arc::new(upload));
    Ok(())
}
