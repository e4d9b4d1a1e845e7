//! Volumes that are not there, while a transfer waits for one: an unplugged disk, a network folder
//! that is not mounted.
//!
//! The first transfers that met it look again and again; the others of that volume are not started.
//! A volume that comes back may have another number: the first file that is opened tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ferry_model::{Fault, QueuedSource, SourceIdentity};
use futures_util::stream::BoxStream;
use tokio::time::Instant;

use super::{Files, FolderIdentity, Item, SourceFile, Tidy, Walk};
use crate::events::{EngineEvent, Events};
use crate::lock::lock;

/// Transfers that wait for a volume before its others are not started.
const ENOUGH_WAIT: usize = 8;

/// A volume that is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingVolume {
    /// The number that the system gave it when its files were queued.
    pub device: u64,
    /// What the first file met.
    pub fault: Fault,
    /// Since when.
    pub since: Instant,
}

#[derive(Debug)]
struct Entry {
    volume: MissingVolume,
    /// Transfers that wait for it.
    waiting: usize,
}

#[derive(Debug)]
pub(crate) struct Volumes {
    missing: Mutex<BTreeMap<u64, Entry>>,
    events: Events,
}

/// A transfer that waits for a volume. Dropping it ends the wait; the last one's end makes the
/// volume's other transfers runnable again.
#[must_use]
#[derive(Debug)]
pub(crate) struct WaitsForVolume {
    volumes: Arc<Volumes>,
    device: u64,
}

impl Drop for WaitsForVolume {
    fn drop(&mut self) {
        self.volumes.leave(self.device);
    }
}

impl Volumes {
    pub(crate) fn new(events: Events) -> Arc<Self> {
        Arc::new(Self { missing: Mutex::default(), events })
    }

    pub(crate) fn wait(self: &Arc<Self>, device: u64, fault: &Fault) -> WaitsForVolume {
        let mut missing = lock(&self.missing);
        let known = missing.len();
        missing
            .entry(device)
            .or_insert_with(|| Entry {
                volume: MissingVolume { device, fault: fault.clone(), since: Instant::now() },
                waiting: 0,
            })
            .waiting += 1;
        let new = missing.len() > known;
        drop(missing);
        if new {
            self.events.emit(EngineEvent::Volumes);
        }
        WaitsForVolume { volumes: Arc::clone(self), device }
    }

    fn leave(&self, device: u64) {
        let mut missing = lock(&self.missing);
        let Some(entry) = missing.get_mut(&device) else { return };
        entry.waiting -= 1;
        if entry.waiting > 0 {
            return;
        }
        missing.remove(&device);
        drop(missing);
        self.events.emit(EngineEvent::Volumes);
    }

    /// The volumes for which enough transfers wait: their other files are not started. Some files
    /// may be gone from a volume that is there under another number, which the next one then tells.
    pub(crate) fn waited_for(&self) -> BTreeSet<u64> {
        let missing = lock(&self.missing);
        let enough = missing.iter().filter(|(_, entry)| entry.waiting >= ENOUGH_WAIT);
        enough.map(|(device, _)| *device).collect()
    }

    pub(crate) fn missing(&self) -> Vec<MissingVolume> {
        lock(&self.missing).values().map(|entry| entry.volume.clone()).collect()
    }
}

/// Files whose volumes may have come back under other numbers than they were queued with.
#[derive(Debug)]
pub(crate) struct Renumbered {
    files: Arc<dyn Files>,
    /// The present number of a volume, by the one that its files were queued with.
    numbers: Mutex<BTreeMap<u64, u64>>,
}

impl Renumbered {
    pub(crate) fn over(files: Arc<dyn Files>) -> Arc<Self> {
        Arc::new(Self { files, numbers: Mutex::default() })
    }
}

#[async_trait]
impl Files for Renumbered {
    async fn open(&self, source: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault> {
        let Some(queued) = source.identity else { return self.files.open(source).await };
        let number = lock(&self.numbers).get(&queued.device).copied();
        let device = number.unwrap_or(queued.device);
        let identity = Some(SourceIdentity { device, ..queued });
        let file = self.files.open(&QueuedSource { identity, ..source.clone() }).await?;
        let found = file.identity();
        if found.device != device && found.unchanged_since(&queued) {
            lock(&self.numbers).insert(queued.device, found.device);
        }
        Ok(file)
    }

    async fn is_folder(&self, source: &QueuedSource) -> bool {
        self.files.is_folder(source).await
    }

    fn walk(&self, walk: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>> {
        self.files.walk(walk)
    }

    async fn folder(&self, path: &Path) -> Option<FolderIdentity> {
        self.files.folder(path).await
    }

    async fn written_to(&self, files: &[SourceIdentity]) -> BTreeSet<u64> {
        self.files.written_to(files).await
    }

    async fn tidy(&self, source: &QueuedSource, how: &Tidy) -> Result<(), Fault> {
        self.files.tidy(source, how).await
    }
}
