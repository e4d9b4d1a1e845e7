//! What every room of the engine uses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use ferry_journal::{BatchRow, Journal};
use ferry_model::health::RequestId;
use ferry_model::standby::Standby;
use ferry_model::{BatchId, Fault, FaultKind};
use ferry_storage::Clock;
use tokio::sync::Notify;

use crate::durable::Durable;
use crate::endpoint::checksums::Checksums;
use crate::endpoint::clients::Clients;
use crate::endpoint::gate::Gates;
use crate::endpoint::holds::Holds;
use crate::endpoint::lanes::Lanes;
use crate::endpoint::throttle::Throttles;
use crate::events::Events;
use crate::live::{Registry, Tally};
use crate::lock::lock;
use crate::objects::Objects;
use crate::outcomes::Outcomes;
use crate::source::Files;
use crate::source::once::Inputs;
use crate::source::settling::Settling;
use crate::source::volumes::Volumes;
use crate::waiting::Waiting;

/// The rooms' shared parts. Each keeps a lock of its own at most, and none calls another while it
/// holds it.
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) files: Arc<dyn Files>,
    pub(crate) durable: Durable,
    pub(crate) clients: Clients,
    pub(crate) checksums: Checksums,
    pub(crate) gates: Gates,
    pub(crate) lanes: Lanes,
    pub(crate) throttles: Throttles,
    pub(crate) holds: Holds,
    pub(crate) objects: Arc<Objects>,
    /// What is read once, as standard input.
    pub(crate) inputs: Inputs,
    pub(crate) settling: Settling,
    pub(crate) volumes: Arc<Volumes>,
    pub(crate) batches: Batches,
    pub(crate) waiting: Waiting,
    /// Why no upload runs now, if none does.
    pub(crate) standby: Mutex<Option<Standby>>,
    pub(crate) registry: Registry,
    pub(crate) tally: Arc<Tally>,
    pub(crate) events: Events,
    pub(crate) outcomes: Outcomes,
    pub(crate) random: Random,
    pub(crate) clock: Wall,
    /// Wakes the scheduler: a slot came free, or an endpoint went offline or came back.
    pub(crate) wake: Notify,
}

impl Shared {
    pub(crate) fn standby(&self) -> Option<Standby> {
        *lock(&self.standby)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// Wall time.
pub(crate) struct Wall(Arc<dyn Clock>);

impl std::fmt::Debug for Wall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wall").finish_non_exhaustive()
    }
}

impl Wall {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(clock)
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        let since = self.0.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Randomness from the injected seed, and numbers that are never given twice.
#[derive(Debug)]
pub(crate) struct Random {
    generator: Mutex<fastrand::Rng>,
    requests: AtomicU64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let generator = Mutex::new(fastrand::Rng::with_seed(seed));
        Self { generator, requests: AtomicU64::new(0) }
    }

    /// A number in 0..1.
    pub(crate) fn fraction(&self) -> f64 {
        lock(&self.generator).f64()
    }

    /// A fresh id for an object's metadata: 128 random bits in hex.
    pub(crate) fn object_id(&self) -> String {
        format!("{:032x}", lock(&self.generator).u128(..))
    }

    /// The number of a request in this run.
    pub(crate) fn request_id(&self) -> RequestId {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }
}

/// What batches ask of their objects, and how they are named.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    rows: Mutex<BTreeMap<BatchId, Arc<BatchRow>>>,
    /// Those whose files met existing objects in this process.
    occupied: Mutex<BTreeSet<BatchId>>,
}

/// Batches that are kept in memory. Who drops file after file for weeks makes many batches; a few
/// at a time are under way.
const BATCHES_KEPT: usize = 256;

impl Batches {
    /// The batch's row.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn get(
        &self,
        journal: &Journal,
        batch: BatchId,
    ) -> Result<Arc<BatchRow>, Fault> {
        if let Some(row) = lock(&self.rows).get(&batch) {
            return Ok(Arc::clone(row));
        }
        let row = journal.batch(batch).await.map_err(|error| error.fault())?;
        let row = Arc::new(row.ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("a transfer without its batch")
        })?);
        let mut rows = lock(&self.rows);
        if rows.len() >= BATCHES_KEPT {
            rows.clear();
        }
        rows.insert(batch, Arc::clone(&row));
        Ok(row)
    }

    /// A file of the batch met an existing object: the others are likely to.
    pub(crate) fn met_object(&self, batch: BatchId) {
        let mut occupied = lock(&self.occupied);
        if occupied.len() >= BATCHES_KEPT {
            occupied.clear();
        }
        occupied.insert(batch);
    }

    pub(crate) fn has_met_object(&self, batch: BatchId) -> bool {
        lock(&self.occupied).contains(&batch)
    }

    /// A batch's options changed.
    pub(crate) fn forget(&self, batch: BatchId) {
        lock(&self.rows).remove(&batch);
    }
}
