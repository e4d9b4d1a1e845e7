//! Decides what runs: takes active rows in the order of the queue, a lane for small files and one
//! for large ones.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_journal::{Durability, Lane as JournalLane, RowState, RunnableQuery, Scope, TransferRow};
use ferry_model::{Event, Fault, FaultKind, ProfileId, Scope as FaultScope, Standing, TransferId};
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::context::{Context, EngineEvent};
use crate::driver::{Driver, Ended, needs_key};
use crate::permits::Lane;

/// Large files open at once. Their parts share one budget of requests; more files would only finish
/// later.
const LARGE_FILES: usize = 3;
/// Rows read ahead in a lane, so that thousands of small files do not cost a query each.
const READ_AHEAD: usize = 256;
/// How long a profile whose key command failed is held before the command is run again.
const COMMAND_PAUSE: Duration = Duration::from_secs(60);
/// A file up to this many bytes is small: its lane sends it in one request, at the usual part size.
pub(crate) const SMALL_LIMIT: u64 = ferry_model::plan::DEFAULT_PART_SIZE;

pub(crate) struct Scheduler {
    context: Arc<Context>,
    running: Mutex<HashMap<TransferId, Running>>,
    /// Held while rows are chosen, and by whoever changes rows that may be chosen.
    pub(crate) choosing: AsyncMutex<Ready>,
    stop: CancellationToken,
    /// Counts calls of [`Scheduler::look`].
    looks: AtomicU64,
    /// Whether rows may have become runnable since the journal was last asked.
    queue_changed: AtomicBool,
    /// The count as of the last look that found nothing to run and nothing running.
    idle_at: watch::Sender<u64>,
}

#[derive(Debug)]
struct Running {
    lane: Lane,
    profile: ProfileId,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Rows read ahead, and what may be chosen at all.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) scope: Scope,
    small: Prefetch,
    large: Prefetch,
    /// Profiles whose endpoint was away when rows were last chosen.
    offline: BTreeSet<ProfileId>,
}

/// A lane's rows that were read ahead.
#[derive(Debug, Default)]
struct Prefetch {
    rows: VecDeque<TransferRow>,
    /// Whether the journal had no more for this lane when it was last asked. Asking again at each
    /// end of a transfer would read through the other lane's rows each time.
    exhausted: bool,
}

impl Ready {
    /// Forgets what was read ahead: rows changed.
    pub(crate) fn forget(&mut self) {
        self.small = Prefetch::default();
        self.large = Prefetch::default();
    }

    fn lane(&mut self, lane: Lane) -> &mut Prefetch {
        match lane {
            Lane::Small => &mut self.small,
            Lane::Large => &mut self.large,
        }
    }
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").finish_non_exhaustive()
    }
}

impl Scheduler {
    pub(crate) fn start(context: Arc<Context>, scope: Scope) -> Arc<Self> {
        let scheduler = Arc::new(Self {
            context,
            running: Mutex::default(),
            choosing: AsyncMutex::new(Ready {
                scope,
                small: Prefetch::default(),
                large: Prefetch::default(),
                offline: BTreeSet::new(),
            }),
            stop: CancellationToken::new(),
            looks: AtomicU64::new(1),
            queue_changed: AtomicBool::new(true),
            idle_at: watch::channel(0).0,
        });
        tokio::spawn(Arc::clone(&scheduler).run());
        scheduler
    }

    /// Rows may have become runnable: added, resumed, released.
    pub(crate) fn reschedule(&self) {
        self.queue_changed.store(true, Ordering::SeqCst);
        self.wake_up();
    }

    /// A place came free.
    fn wake_up(&self) {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.context.wake.notify_one();
    }

    pub(crate) async fn idle(&self) {
        let mut idle_at = self.idle_at.subscribe();
        loop {
            let looks = self.looks.load(Ordering::SeqCst);
            // The sender lives in `self`, so waiting cannot fail.
            let _ = idle_at.wait_for(|at| *at >= looks).await;
            if self.looks.load(Ordering::SeqCst) == looks {
                return;
            }
        }
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        let _no_more = self.choosing.lock().await;
        self.interrupt(&self.running_ids()).await;
    }

    pub(crate) fn running_profiles(&self) -> HashSet<ProfileId> {
        self.lock().values().map(|running| running.profile).collect()
    }

    pub(crate) fn running_ids(&self) -> Vec<TransferId> {
        self.lock().keys().copied().collect()
    }

    /// Stops these transfers and returns when none of them runs. Call it with [`Self::choosing`]
    /// held, or they may start again.
    pub(crate) async fn interrupt(&self, ids: &[TransferId]) {
        let tasks: Vec<JoinHandle<()>> = {
            let mut running = self.lock();
            ids.iter()
                .filter_map(|id| {
                    let entry = running.get_mut(id)?;
                    entry.stop.cancel();
                    entry.task.take()
                })
                .collect()
        };
        for task in tasks {
            // A panic in a driver is reported by its own task.
            let _ = task.await;
        }
    }

    async fn run(self: Arc<Self>) {
        loop {
            let woken = self.context.wake.notified();
            if self.stop.is_cancelled() {
                return;
            }
            if let Err(fault) = self.fill().await {
                self.halt(fault);
                return;
            }
            tokio::select! {
                () = woken => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    fn halt(&self, fault: Fault) {
        tracing::error!(%fault, "the journal failed; nothing more is started");
        self.context.emit(EngineEvent::Halted(Box::new(fault)));
        self.stop.cancel();
        self.idle_at.send_replace(u64::MAX);
    }

    /// Starts what may start in both lanes.
    async fn fill(self: &Arc<Self>) -> Result<(), Fault> {
        let mut ready = self.choosing.lock().await;
        if self.stop.is_cancelled() {
            return Ok(());
        }
        let looks = self.looks.load(Ordering::SeqCst);
        let offline = self.context.offline_profiles();
        if self.queue_changed.swap(false, Ordering::SeqCst) || offline != ready.offline {
            ready.small.exhausted = false;
            ready.large.exhausted = false;
        }
        ready.offline = offline;
        for lane in [Lane::Small, Lane::Large] {
            self.fill_lane(&mut ready, lane).await?;
        }
        let nothing =
            self.lock().is_empty() && ready.small.rows.is_empty() && ready.large.rows.is_empty();
        if nothing {
            self.idle_at.send_modify(|at| *at = (*at).max(looks));
        }
        Ok(())
    }

    async fn fill_lane(self: &Arc<Self>, ready: &mut Ready, lane: Lane) -> Result<(), Fault> {
        let slots = match lane {
            // Twice the permits: while one half waits for the network, the other opens files and
            // writes the journal.
            Lane::Small => self.context.permits.parallel() * 2,
            Lane::Large => LARGE_FILES,
        };
        loop {
            let free = slots.saturating_sub(self.occupied(lane, &ready.offline));
            if free == 0 {
                return Ok(());
            }
            if ready.lane(lane).rows.is_empty() {
                if ready.lane(lane).exhausted {
                    return Ok(());
                }
                let rows = self.runnable(ready.scope.clone(), lane, &ready.offline).await?;
                let ahead = ready.lane(lane);
                ahead.exhausted = rows.len() < READ_AHEAD;
                ahead.rows.extend(rows);
                if ahead.rows.is_empty() {
                    return Ok(());
                }
            }
            for _ in 0..free {
                let Some(row) = ready.lane(lane).rows.pop_front() else { break };
                if !self.context.is_held(row.profile) && !self.probes(row.profile, &ready.offline) {
                    self.spawn(row, lane);
                }
            }
        }
    }

    /// Places taken in a lane. What waits for an endpoint that is away takes none, or it would stop
    /// everybody else.
    fn occupied(&self, lane: Lane, offline: &BTreeSet<ProfileId>) -> usize {
        self.lock()
            .values()
            .filter(|running| running.lane == lane && !offline.contains(&running.profile))
            .count()
    }

    /// Whether the profile's endpoint is away and transfers of it wait for it already: more of them
    /// would only wait as well.
    fn probes(&self, profile: ProfileId, offline: &BTreeSet<ProfileId>) -> bool {
        offline.contains(&profile) && self.lock().values().any(|running| running.profile == profile)
    }

    async fn runnable(
        &self,
        scope: Scope,
        lane: Lane,
        offline: &BTreeSet<ProfileId>,
    ) -> Result<Vec<TransferRow>, Fault> {
        let waiting = offline.iter().copied().filter(|profile| self.probes(*profile, offline));
        let query = RunnableQuery {
            scope,
            lane: match lane {
                Lane::Small => JournalLane::Small,
                Lane::Large => JournalLane::Large,
            },
            small_limit: SMALL_LIMIT,
            excluded_profiles: self.context.holds().into_keys().chain(waiting).collect(),
            excluded: self.running_ids(),
            after: None,
            limit: READ_AHEAD,
        };
        self.context.journal.runnable(query).await.map_err(|error| error.fault())
    }

    fn spawn(self: &Arc<Self>, row: TransferRow, lane: Lane) {
        let (id, profile) = (row.id, row.profile);
        let stop = self.stop.child_token();
        let mut running = self.lock();
        if running.contains_key(&id) {
            return;
        }
        let task = tokio::spawn({
            let scheduler = Arc::clone(self);
            let stop = stop.clone();
            async move { scheduler.drive(row, stop).await }
        });
        running.insert(id, Running { lane, profile, stop, task: Some(task) });
    }

    async fn drive(self: Arc<Self>, row: TransferRow, stop: CancellationToken) {
        let (id, profile) = (row.id, row.profile);
        let driven = tokio::spawn({
            let context = Arc::clone(&self.context);
            async move { drive_row(&context, row, stop).await }
        });
        let ended = match driven.await {
            Ok(ended) => ended,
            Err(panic) => {
                tracing::error!(%id, %panic, "a transfer's task ended abnormally");
                fail_row(
                    &self.context,
                    id,
                    Fault::new(FaultKind::Internal)
                        .with_detail("a transfer's task ended abnormally"),
                )
                .await
            }
        };
        self.context.registry.leave(id);
        self.lock().remove(&id);
        match ended {
            Ok(Ended::Rested(Standing::Failed, Some(fault)))
                if fault.kind.scope() == FaultScope::Profile =>
            {
                self.hold(profile, fault);
            }
            Ok(Ended::NeedsKey(fault)) => {
                let by_command = self.context.keys.by_command(profile);
                self.hold(profile, fault.clone());
                self.queue_changed.store(true, Ordering::SeqCst);
                if by_command {
                    self.ask_again_later(profile, fault);
                }
            }
            // Stopped from outside: it may be runnable again already.
            Ok(Ended::Interrupted) => self.queue_changed.store(true, Ordering::SeqCst),
            Ok(Ended::Rested(..)) => {}
            Err(fault) => self.halt(fault),
        }
        self.context.emit(EngineEvent::Row(id));
        self.wake_up();
    }

    /// A command that gave no key now may give one later: nobody may be there to press a button.
    fn ask_again_later(self: &Arc<Self>, profile: ProfileId, reason: Fault) {
        let scheduler = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(COMMAND_PAUSE) => {}
                () = scheduler.stop.cancelled() => return,
            }
            scheduler.context.release_from(profile, &reason);
            scheduler.reschedule();
        });
    }

    /// Holds a profile: its other transfers stop where they are and wait, instead of failing one by
    /// one.
    fn hold(&self, profile: ProfileId, fault: Fault) {
        self.context.hold(profile, fault);
        let running = self.lock();
        for entry in running.values().filter(|entry| entry.profile == profile) {
            entry.stop.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TransferId, Running>> {
        self.running.lock().expect("no code panics while holding this lock")
    }
}

async fn drive_row(
    context: &Arc<Context>,
    row: TransferRow,
    stop: CancellationToken,
) -> Result<Ended, Fault> {
    let id = row.id;
    let live = context.registry.enter(id, &context.tally);
    context.emit(EngineEvent::Row(id));
    let profile = context.journal.profile(row.profile).await.map_err(|error| error.fault())?;
    let Some(profile) = profile else {
        return fail_row(context, id, Fault::new(FaultKind::NoSuchProfile)).await;
    };
    context.note_endpoint(&profile);
    let driver = tokio::select! {
        biased;
        () = stop.cancelled() => return Ok(Ended::Interrupted),
        driver = Driver::new(Arc::clone(context), row, profile, live) => driver,
    };
    match driver {
        Ok(driver) => driver.run(stop).await.map_err(|error| error.fault()),
        Err(fault) if needs_key(&fault) => Ok(Ended::NeedsKey(fault)),
        Err(fault) => fail_row(context, id, fault).await,
    }
}

async fn fail_row(context: &Context, id: TransferId, fault: Fault) -> Result<Ended, Fault> {
    let journal = &context.journal;
    let Some(row) = journal.transfer(id).await.map_err(|error| error.fault())? else {
        return Ok(Ended::Interrupted);
    };
    let mut machine = row.transfer();
    machine.on(Event::Faulted(fault));
    journal
        .record(id, RowState::of(&machine), Durability::Full)
        .await
        .map_err(|error| error.fault())?;
    Ok(Ended::Rested(machine.standing, machine.fault))
}
