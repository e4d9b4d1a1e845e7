//! Volumes that are not there, while a transfer waits for one: an unplugged disk, a network folder
//! that is not mounted.
//!
//! The transfers that met it look again and again; the others of that volume are not started.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_model::Fault;
use tokio::time::Instant;

use crate::events::{EngineEvent, Events};
use crate::lock::lock;

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

    pub(crate) fn missing(&self) -> Vec<MissingVolume> {
        lock(&self.missing).values().map(|entry| entry.volume.clone()).collect()
    }
}
