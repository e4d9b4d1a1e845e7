//! What is happening now: numbers that change too often for the journal, read by those who show
//! them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ferry_model::part_map::PartActivity;
use ferry_model::times::Rate;
use ferry_model::{Fault, FaultKind, TransferId};
use tokio::time::Instant;

use crate::endpoint::lanes::{Lane, ProfileLanes};
use crate::latency::Latencies;
use crate::lock::lock;
use crate::under_way::{PartStates, PastLogs, Retried, RetryLog};
use crate::waits::{Wait, WaitClock, WaitTimes};

/// What a running transfer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Looking at the source or the store.
    Preparing,
    /// Sending bytes.
    Uploading,
    /// All that is there of a file that still grows is sent: waiting for more of it.
    Growing,
    /// Waiting for the store to merge, or comparing its answer.
    Verifying,
    /// Taking the upload back.
    Cancelling,
    /// A request failed; the next try comes shortly.
    Retrying,
}

/// A running transfer as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveView {
    /// What it is doing.
    pub activity: Activity,
    /// Bytes the store acknowledged.
    pub acked: u64,
    /// Bytes of parts under way.
    pub flying: u64,
    /// Requests tried again in this run.
    pub retries: u32,
    /// Why the last request failed, while it is tried again.
    pub fault: Option<Fault>,
}

/// A transfer looked at closely: what is remembered of it in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CloseView {
    /// Its parts under way, by number; one may be there twice.
    pub parts: Vec<(u32, PartActivity)>,
    /// Its requests that were tried again.
    pub retries: RetryLog,
}

/// One running transfer's numbers.
#[derive(Debug)]
pub(crate) struct Live {
    acked: AtomicU64,
    flying: AtomicU64,
    retries: AtomicU32,
    /// Requests that were asked for and are not answered for good.
    requests: AtomicUsize,
    /// Of them, those that wait: for their next try, or for the endpoint.
    waiting: AtomicUsize,
    /// Waits for something else than the endpoint: the file's volume, another transfer's turn.
    elsewhere: AtomicUsize,
    state: Mutex<(Activity, Option<Fault>)>,
    /// Which parts are under way.
    pub(crate) parts: PartStates,
    log: Mutex<RetryLog>,
    tally: Arc<Tally>,
}

/// A request that counts in one of [`Live`]'s numbers until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(number: &'a AtomicUsize) -> Self {
        number.fetch_add(1, Ordering::Relaxed);
        Self(number)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How transfers ended in this run, or came to rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Files that were sent and verified.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Times that a transfer came to rest until a person decides, by what went wrong.
    pub failures: BTreeMap<FaultKind, u64>,
}

/// Sums over all transfers of this run.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Bytes the transport took.
    pub(crate) sent: AtomicU64,
    /// Bytes that were acknowledged earlier and were not sent again.
    pub(crate) resumed: AtomicU64,
    /// Requests tried again.
    pub(crate) retries: AtomicU64,
    /// The same by what went wrong: bounded by the kinds that there are.
    retries_by_kind: Mutex<HashMap<FaultKind, u64>>,
    /// Bytes the transport took of late.
    sent_of_late: Mutex<Rate>,
    ended: Mutex<Ended>,
    began: Instant,
    /// Why one was tried again, the last time.
    pub(crate) last_retry: Mutex<Option<Fault>>,
    /// What requests waited for.
    pub(crate) waits: Arc<WaitTimes>,
    /// How long the answered requests of small files took.
    pub(crate) small: Latencies,
    /// How long those of the parts of large files took.
    pub(crate) large: Latencies,
    /// Events that no row of the state machine takes: bugs.
    pub(crate) unexpected: AtomicU64,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            sent: AtomicU64::new(0),
            resumed: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            retries_by_kind: Mutex::default(),
            sent_of_late: Mutex::default(),
            ended: Mutex::default(),
            began: Instant::now(),
            last_retry: Mutex::default(),
            waits: Arc::new(WaitTimes::new()),
            small: Latencies::default(),
            large: Latencies::default(),
            unexpected: AtomicU64::new(0),
        }
    }

    pub(crate) fn latencies(&self, lane: Lane) -> &Latencies {
        match lane {
            Lane::Small => &self.small,
            Lane::Large => &self.large,
        }
    }

    /// The transport took so many bytes.
    fn count_sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
        lock(&self.sent_of_late).add(self.began.elapsed(), bytes);
    }

    /// Bytes the transport took, a second, of late.
    pub(crate) fn sent_a_second(&self) -> f64 {
        lock(&self.sent_of_late).a_second(self.began.elapsed())
    }

    fn count_retry(&self, fault: &Fault) {
        self.retries.fetch_add(1, Ordering::Relaxed);
        *lock(&self.retries_by_kind).entry(fault.kind).or_default() += 1;
        *lock(&self.last_retry) = Some(fault.clone());
    }

    /// Requests tried again, by what went wrong, the most frequent first.
    pub(crate) fn retries_by_kind(&self) -> Vec<(FaultKind, u64)> {
        let counted = lock(&self.retries_by_kind);
        let mut retries: Vec<(FaultKind, u64)> =
            counted.iter().map(|(kind, count)| (*kind, *count)).collect();
        // By their order of declaration where they are equal: the same each time.
        retries.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind as usize));
        retries
    }

    /// A file was sent and verified.
    pub(crate) fn count_upload(&self, bytes: u64) {
        let mut ended = lock(&self.ended);
        ended.files += 1;
        ended.bytes += bytes;
    }

    /// A transfer came to rest with this fault.
    pub(crate) fn count_failure(&self, kind: FaultKind) {
        *lock(&self.ended).failures.entry(kind).or_default() += 1;
    }

    pub(crate) fn ended(&self) -> Ended {
        lock(&self.ended).clone()
    }

    pub(crate) fn count_unexpected(&self) {
        self.unexpected.fetch_add(1, Ordering::Relaxed);
    }
}

impl Live {
    pub(crate) fn new(tally: Arc<Tally>) -> Self {
        Self {
            acked: AtomicU64::new(0),
            flying: AtomicU64::new(0),
            retries: AtomicU32::new(0),
            requests: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            elsewhere: AtomicUsize::new(0),
            state: Mutex::new((Activity::Preparing, None)),
            parts: PartStates::default(),
            log: Mutex::default(),
            tally,
        }
    }

    /// Counts a request until the guard is dropped.
    pub(crate) fn request(&self) -> Counted<'_> {
        Counted::new(&self.requests)
    }

    /// Counts a request as waiting until the guard is dropped.
    pub(crate) fn wait(&self) -> Counted<'_> {
        Counted::new(&self.waiting)
    }

    /// Counts it as waiting for something else than its endpoint until the guard is dropped.
    pub(crate) fn wait_elsewhere(&self) -> Counted<'_> {
        Counted::new(&self.elsewhere)
    }

    /// Whether it waits for something else than its endpoint, which it therefore does not probe.
    pub(crate) fn waits_elsewhere(&self) -> bool {
        self.elsewhere.load(Ordering::Relaxed) > 0
    }

    /// Whether all its requests wait: it then takes no slot from others.
    pub(crate) fn only_waits(&self) -> bool {
        let requests = self.requests.load(Ordering::Relaxed);
        requests > 0 && self.waiting.load(Ordering::Relaxed) == requests
    }

    pub(crate) fn set_activity(&self, activity: Activity) {
        *self.state() = (activity, None);
    }

    pub(crate) fn set_acked(&self, bytes: u64) {
        self.acked.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_acked(&self, bytes: u64) {
        self.acked.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn retrying(&self, retried: Retried) {
        self.retries.fetch_add(1, Ordering::Relaxed);
        self.tally.count_retry(&retried.fault);
        *self.state() = (Activity::Retrying, Some(retried.fault.clone()));
        lock(&self.log).push(retried);
    }

    /// A request went well: whatever was tried again is over.
    pub(crate) fn went_well(&self) {
        let mut state = self.state();
        if state.0 == Activity::Retrying {
            *state = (Activity::Uploading, None);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, (Activity, Option<Fault>)> {
        self.state.lock().expect("no code panics while holding this lock")
    }

    fn view(&self) -> LiveView {
        let (activity, fault) = self.state().clone();
        LiveView {
            activity,
            acked: self.acked.load(Ordering::Relaxed),
            flying: self.flying.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            fault,
        }
    }
}

/// The bytes of one request under way. Dropped with the request, it takes them off the live numbers
/// again: they are counted as acknowledged by then, or have to be sent once more.
#[derive(Debug)]
pub(crate) struct Flight {
    live: Arc<Live>,
    lanes: Arc<ProfileLanes>,
    lane: Lane,
    bytes: u64,
    clock: WaitClock,
}

impl Flight {
    pub(crate) fn new(
        live: &Arc<Live>,
        lanes: &Arc<ProfileLanes>,
        lane: Lane,
        clock: WaitClock,
    ) -> Self {
        Self { live: Arc::clone(live), lanes: Arc::clone(lanes), lane, bytes: 0, clock }
    }

    /// What went by since the last call, the request waited for.
    pub(crate) fn waited(&mut self, wait: Wait) {
        self.clock.waited(wait);
    }

    pub(crate) fn sent(&mut self, bytes: u64) {
        self.lanes.sent(self.lane, bytes);
        self.bytes += bytes;
        self.live.flying.fetch_add(bytes, Ordering::Relaxed);
        self.live.tally.count_sent(bytes);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.live.flying.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// All running transfers.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    running: Mutex<BTreeMap<TransferId, Arc<Live>>>,
    past: PastLogs,
}

impl Registry {
    pub(crate) fn enter(&self, id: TransferId, live: Arc<Live>) {
        // It goes on with what is remembered of its earlier runs.
        if let Some(log) = self.past.of(id) {
            *lock(&live.log) = log;
        }
        self.lock().insert(id, live);
    }

    pub(crate) fn leave(&self, id: TransferId) {
        let leaving = self.lock().get(&id).cloned();
        if let Some(live) = leaving {
            // Before it leaves: at every moment one of the two has its log.
            self.past.keep(id, lock(&live.log).clone());
        }
        self.lock().remove(&id);
    }

    pub(crate) fn close_view(&self, id: TransferId) -> CloseView {
        let running = self.lock().get(&id).cloned();
        match running {
            Some(live) => CloseView { parts: live.parts.view(), retries: lock(&live.log).clone() },
            None => CloseView { parts: Vec::new(), retries: self.past.of(id).unwrap_or_default() },
        }
    }

    pub(crate) fn view(&self, id: TransferId) -> Option<LiveView> {
        self.lock().get(&id).map(|live| live.view())
    }

    pub(crate) fn views(&self) -> Vec<(TransferId, LiveView)> {
        self.lock().iter().map(|(id, live)| (*id, live.view())).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<TransferId, Arc<Live>>> {
        self.running.lock().expect("no code panics while holding this lock")
    }
}
