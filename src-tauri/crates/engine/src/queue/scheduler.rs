//! Decides what runs: takes active rows in the order of the queue, for each profile a lane for
//! small files and one for large ones.
//!
//! Slots belong to a profile, so a slow, throttled or held one never stalls another. A transfer
//! that only waits (for its next try, or for its endpoint) holds none.

mod row_task;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_journal::{Lane as JournalLane, Runnable, RunnableQuery, RunnableScope, TransferRow};
use ferry_model::standby::Standby;
use ferry_model::{Fault, ProfileId, TransferId};
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::endpoint::lanes::{Lane, SMALL_LIMIT};
use crate::live::Live;
use crate::lock::lock;
use crate::shared::Shared;

/// Large files of a profile that are open at once. Their parts share one budget of requests; more
/// files would only finish later.
const LARGE_FILES: usize = 3;
/// Transfers of a profile that may wait beside those with a slot.
const MOST_WAITING: usize = 256;
/// Rows read ahead in a lane, so that thousands of small files do not cost a query each.
const READ_AHEAD: usize = 256;
/// Time between two looks at a journal that could not be read or written.
const JOURNAL_PAUSE: Duration = Duration::from_secs(2);

pub(crate) struct Scheduler {
    shared: Arc<Shared>,
    running: Mutex<BTreeMap<TransferId, Running>>,
    /// Held while rows are chosen, and while rows that may be chosen are changed.
    pub(crate) choosing: AsyncMutex<Ready>,
    /// Where each profile's transfers go.
    endpoints: Mutex<BTreeMap<ProfileId, String>>,
    stop: CancellationToken,
    /// Counts calls of [`Scheduler::reschedule`].
    generation: AtomicU64,
    /// Whether rows may have become runnable since the journal was last asked.
    queue_changed: AtomicBool,
    /// Whether rows were added behind all others since then.
    queue_grew: AtomicBool,
    /// The generation of the last look that found nothing to run and nothing running.
    idle_at: watch::Sender<u64>,
}

#[derive(Debug)]
struct Running {
    lane: Lane,
    profile: ProfileId,
    live: Arc<Live>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Rows read ahead, and among which rows to choose.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) scope: RunnableScope,
    /// Profiles that may have active rows.
    profiles: Vec<ProfileId>,
    prefetch: BTreeMap<(ProfileId, Lane), Prefetch>,
    /// Profiles whose endpoint was offline when rows were last chosen.
    offline: BTreeSet<ProfileId>,
    /// Devices of the volumes that were missing when rows were last chosen.
    missing: BTreeSet<u64>,
}

/// A lane's rows that were read ahead.
#[derive(Debug, Default)]
struct Prefetch {
    rows: VecDeque<TransferRow>,
    /// Whether the journal had no more for this lane when it was last asked. Asking again at each
    /// end of a transfer would read through the other lane's rows each time.
    exhausted: bool,
    /// Up to this position there was no more: only what was added since is read, unless other rows
    /// changed.
    seen: Option<i64>,
}

impl Ready {
    fn new(scope: RunnableScope) -> Self {
        Self {
            scope,
            profiles: Vec::new(),
            prefetch: BTreeMap::new(),
            offline: BTreeSet::new(),
            missing: BTreeSet::new(),
        }
    }

    /// Forgets what was read ahead: rows changed.
    pub(crate) fn forget(&mut self) {
        self.prefetch.clear();
    }
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").finish_non_exhaustive()
    }
}

impl Scheduler {
    pub(crate) fn start(shared: Arc<Shared>, scope: RunnableScope) -> Arc<Self> {
        let scheduler = Arc::new(Self {
            shared,
            running: Mutex::default(),
            choosing: AsyncMutex::new(Ready::new(scope)),
            endpoints: Mutex::default(),
            stop: CancellationToken::new(),
            generation: AtomicU64::new(1),
            queue_changed: AtomicBool::new(true),
            queue_grew: AtomicBool::new(false),
            idle_at: watch::channel(0).0,
        });
        tokio::spawn(Arc::clone(&scheduler).run());
        scheduler
    }

    /// Rows were added behind all others.
    pub(crate) fn grew(&self) {
        self.queue_grew.store(true, Ordering::SeqCst);
        self.wake_up();
    }

    /// Rows may have become runnable: resumed, released, added anywhere.
    pub(crate) fn reschedule(&self) {
        self.queue_changed.store(true, Ordering::SeqCst);
        self.wake_up();
    }

    /// A slot came free.
    fn wake_up(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.shared.wake.notify_one();
    }

    pub(crate) async fn idle(&self) {
        let mut idle_at = self.idle_at.subscribe();
        loop {
            let generation = self.generation.load(Ordering::SeqCst);
            // The sender lives in `self`, so waiting cannot fail.
            let _ = idle_at.wait_for(|at| *at >= generation).await;
            if self.generation.load(Ordering::SeqCst) == generation {
                return;
            }
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        let _no_more = self.choosing.lock().await;
        self.interrupt(&self.running_ids()).await;
    }

    pub(crate) fn running_profiles(&self) -> BTreeSet<ProfileId> {
        lock(&self.running).values().map(|running| running.profile).collect()
    }

    pub(crate) fn running_ids(&self) -> Vec<TransferId> {
        lock(&self.running).keys().copied().collect()
    }

    /// Stops these transfers and returns when none of them runs. Call it with [`Self::choosing`]
    /// held, or they may start again.
    pub(crate) async fn interrupt(&self, ids: &[TransferId]) {
        let tasks: Vec<JoinHandle<()>> = {
            let mut running = lock(&self.running);
            ids.iter()
                .filter_map(|id| {
                    let entry = running.get_mut(id)?;
                    entry.stop.cancel();
                    entry.task.take()
                })
                .collect()
        };
        for task in tasks {
            // A panic in a transfer is reported by its own task.
            let _ = task.await;
        }
    }

    /// Lets no upload run, or lets them run again. Those that run stop at once.
    pub(crate) async fn set_standby(&self, standby: Option<Standby>) {
        let before = std::mem::replace(&mut *lock(&self.shared.standby), standby);
        if before.is_some() == standby.is_some() {
            return;
        }
        let mut ready = self.choosing.lock().await;
        ready.forget();
        if standby.is_some() {
            self.interrupt(&self.running_ids()).await;
        }
        drop(ready);
        self.reschedule();
    }

    async fn run(self: Arc<Self>) {
        loop {
            let woken = self.shared.wake.notified();
            if self.stop.is_cancelled() {
                return;
            }
            let filled = self.fill().await;
            if let Err(fault) = &filled {
                // Nothing is lost: the journal is asked again until it answers.
                self.shared.durable.fails(fault);
                self.queue_changed.store(true, Ordering::SeqCst);
            }
            let trouble = self.shared.durable.trouble().is_some();
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = woken => {}
                () = tokio::time::sleep(JOURNAL_PAUSE), if trouble => self.probe_journal().await,
            }
        }
    }

    /// A journal that could not be written may be again, also when no transfer is left to try it.
    async fn probe_journal(&self) {
        let probed =
            self.shared.durable.try_write(|journal| async move { journal.probe_write().await });
        if probed.await.is_ok() {
            self.queue_changed.store(true, Ordering::SeqCst);
        }
    }

    /// Starts what may start, for each profile in both lanes.
    async fn fill(self: &Arc<Self>) -> Result<(), Fault> {
        let mut ready = self.choosing.lock().await;
        if self.stop.is_cancelled() {
            return Ok(());
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let offline = self.offline();
        let grew = self.queue_grew.swap(false, Ordering::SeqCst);
        let changed = self.queue_changed.swap(false, Ordering::SeqCst) || offline != ready.offline;
        if changed || grew {
            let active = self.shared.journal.active_profiles().await;
            ready.profiles = active.map_err(|error| error.fault())?;
            for lane in ready.prefetch.values_mut() {
                lane.exhausted = false;
                if changed {
                    lane.seen = None;
                }
            }
        }
        ready.offline = offline;
        let missing = self.shared.volumes.waited_for();
        if missing != ready.missing {
            ready.missing = missing;
            ready.forget();
        }
        // A queue that cannot be written starts nothing new: its outcome could not be kept.
        let writable = self.shared.durable.trouble().is_none();
        for profile in ready.profiles.clone().into_iter().filter(|_| writable) {
            for lane in [Lane::Small, Lane::Large] {
                self.fill_lane(&mut ready, profile, lane).await?;
            }
        }
        let nothing_ready = ready.prefetch.iter().all(|((profile, _), lane)| {
            lane.rows.is_empty() || self.shared.holds.is_held(*profile)
        });
        let nothing_waits = self.shared.waiting.is_empty();
        if writable && nothing_ready && nothing_waits && lock(&self.running).is_empty() {
            self.idle_at.send_modify(|at| *at = (*at).max(generation));
        }
        Ok(())
    }

    async fn fill_lane(
        self: &Arc<Self>,
        ready: &mut Ready,
        profile: ProfileId,
        lane: Lane,
    ) -> Result<(), Fault> {
        let slots = match lane {
            // Twice the permits: while one half waits for the network, the other opens files and
            // writes the journal.
            Lane::Small => self.shared.lanes.allowed(profile, lane) * 2,
            Lane::Large => LARGE_FILES,
        };
        loop {
            let free = self.free(ready, profile, lane, slots);
            if free == 0 || self.shared.holds.is_held(profile) {
                return Ok(());
            }
            let prefetch = ready.prefetch.entry((profile, lane)).or_default();
            if prefetch.rows.is_empty() {
                if prefetch.exhausted {
                    return Ok(());
                }
                let after = prefetch.seen;
                let Runnable { rows, end } = self.runnable(ready, profile, lane, after).await?;
                let prefetch = ready.prefetch.entry((profile, lane)).or_default();
                prefetch.exhausted = rows.len() < READ_AHEAD;
                prefetch.seen = prefetch.exhausted.then_some(end);
                prefetch.rows.extend(rows);
            }
            let prefetch = ready.prefetch.entry((profile, lane)).or_default();
            if prefetch.rows.is_empty() {
                return Ok(());
            }
            if self.shared.standby().is_some() {
                // What is taken back goes on: it is small, and asked for.
                let back = prefetch.rows.drain(..).filter(|row| row.phase.takes_back());
                for row in back.take(free).collect::<Vec<_>>() {
                    self.spawn(row, lane);
                }
                return Ok(());
            }
            let rows: Vec<TransferRow> =
                prefetch.rows.drain(..free.min(prefetch.rows.len())).collect();
            for row in rows {
                self.spawn(row, lane);
            }
        }
    }

    /// Free slots of a profile's lane.
    fn free(&self, ready: &Ready, profile: ProfileId, lane: Lane, slots: usize) -> usize {
        let running = lock(&self.running);
        let of_profile = running.values().filter(|running| running.profile == profile);
        let (mut all, mut probers, mut occupied) = (0, 0, 0);
        for running in of_profile {
            all += 1;
            probers += usize::from(!running.live.waits_elsewhere());
            occupied += usize::from(running.lane == lane && !running.live.only_waits());
        }
        if ready.offline.contains(&profile) {
            // Those that wait already are enough to probe; more of them would only wait as well.
            return usize::from(probers == 0);
        }
        slots.saturating_sub(occupied).min((slots + MOST_WAITING).saturating_sub(all))
    }

    /// The profiles whose endpoint does not answer now.
    fn offline(&self) -> BTreeSet<ProfileId> {
        let silent: BTreeSet<String> =
            self.shared.gates.offline().into_iter().map(|(endpoint, _)| endpoint).collect();
        let endpoints = lock(&self.endpoints);
        endpoints
            .iter()
            .filter(|(_, endpoint)| silent.contains(*endpoint))
            .map(|(profile, _)| *profile)
            .collect()
    }

    async fn runnable(
        &self,
        ready: &Ready,
        profile: ProfileId,
        lane: Lane,
        after: Option<i64>,
    ) -> Result<Runnable, Fault> {
        let query = RunnableQuery {
            scope: ready.scope.clone(),
            lane: match lane {
                Lane::Small => JournalLane::Small,
                Lane::Large => JournalLane::Large,
            },
            small_limit: SMALL_LIMIT,
            profile,
            excluded: self.running_ids(),
            // Those that wait for a volume already are enough to see it come back.
            excluded_devices: ready.missing.iter().copied().collect(),
            after,
            limit: READ_AHEAD,
        };
        self.shared.journal.runnable(query).await.map_err(|error| error.fault())
    }
}
