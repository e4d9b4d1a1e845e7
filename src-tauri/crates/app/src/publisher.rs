//! What is kept of a window between two updates.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use ferry_engine::{IntakeProgress, LiveView};
use ferry_journal::View;
use ferry_model::{BatchId, Fault, Profile, ProfileId, TransferId};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::drop_zones::Drag;
use crate::messages::{
    BatchPage, Cause, Notice, Page, Row, Selected, Target, Totals, Undo, Update, Viewport,
    WatchLine, Work,
};
use crate::needs::Needs;
use crate::pace::Pace;
use crate::pending_drop::Drops;
use crate::sorted::Sorted;
use crate::today::OfToday;
use crate::waiting::Waiting;

/// Receives the updates of one window.
pub type Sink = Box<dyn Fn(Update) + Send + Sync>;

/// What is kept between two frames.
pub(crate) struct Publisher {
    pub(crate) sink: tokio::sync::Mutex<Option<Subscription>>,
    pub(crate) viewport: Mutex<Viewport>,
    /// The selection, and the number the window gave it.
    pub(crate) selection: Mutex<(u32, Target)>,
    pub(crate) intakes: Mutex<HashMap<BatchId, IntakeProgress>>,
    /// The batches that were begun since it was looked last.
    pub(crate) begun: Mutex<BTreeSet<BatchId>>,
    /// What is held over the window.
    pub(crate) drag: Mutex<Drag>,
    /// Drops that are not queued yet.
    pub(crate) drops: Mutex<Drops>,
    /// Bytes a second, as shown last while anything moved.
    pub(crate) last_speed: AtomicU64,
    /// The batches that have had anything active since nothing was.
    pub(crate) work: Mutex<BTreeSet<BatchId>>,
    pub(crate) failures: Mutex<Vec<(u64, Fault)>>,
    pub(crate) numbers: AtomicU64,
    pub(crate) dirty: AtomicBool,
    pub(crate) setup_dirty: AtomicBool,
    /// Whether watched folders may not be as they were told last.
    pub(crate) watches_dirty: AtomicBool,
    /// When they were told, and how they were.
    pub(crate) told_watches: Mutex<Option<(Instant, Vec<WatchLine>)>>,
    pub(crate) recovery_seen: AtomicBool,
    /// Rows that cannot be read, as counted at the start, until the notice is closed.
    pub(crate) unreadable: AtomicUsize,
    /// One at a time tells of the setup, so that the last told is the last that was.
    pub(crate) setup_turn: tokio::sync::Mutex<()>,
    /// What is being uploaded, as the window was told last.
    pub(crate) told_work: Mutex<Option<Work>>,
    /// Whether Ferry ends by itself once nothing is left to do.
    pub(crate) quits_when_done: AtomicBool,
    pub(crate) stop: CancellationToken,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

/// What one window was told, and what it is told next from.
pub(crate) struct Subscription {
    pub(crate) sink: Sink,
    pub(crate) seq: u64,
    /// What the window shows.
    pub(crate) shown: Shown,
    /// Which rows the journal was asked for last.
    pub(crate) viewport: Viewport,
    /// What it said.
    pub(crate) view: View,
    /// What ran just before the journal was read.
    pub(crate) live: HashMap<TransferId, LiveView>,
    pub(crate) selected: Selected,
    /// Whether the selection may have changed since it was counted, and when to count it again.
    pub(crate) recount: bool,
    pub(crate) recount_at: Instant,
    pub(crate) waiting: Waiting,
    /// What needs the user, by cause.
    pub(crate) needs: Needs,
    /// What the line below tells of the day.
    pub(crate) today: OfToday,
    /// Active files by the missing volume that they are on, and when they were counted.
    pub(crate) on_missing: (BTreeMap<u64, u64>, Instant),
    /// When to sum up again what was not, because the sums were young: rows may have changed since,
    /// and nothing else may happen.
    pub(crate) sums_due: Option<Instant>,
    /// The list in the order that the user chose.
    pub(crate) sorted: Sorted,
    /// What was told of each endpoint's next try: the window counts down by itself.
    pub(crate) next_tries: HashMap<String, (Instant, u32)>,
    pub(crate) pace: Pace,
    pub(crate) profiles: HashMap<ProfileId, Profile>,
    /// Whether anything moved at the last frame: then one more is due, to show that it stopped.
    pub(crate) moving: bool,
}

/// All that an update of rows tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shown {
    pub(crate) page: Page,
    pub(crate) batches: BatchPage,
    pub(crate) work: Option<Work>,
    pub(crate) totals: Totals,
    pub(crate) needs: Vec<Cause>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) selected: Selected,
    pub(crate) undo: Option<Undo>,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        Self {
            sink: tokio::sync::Mutex::default(),
            viewport: Mutex::default(),
            selection: Mutex::new((0, Target::nothing())),
            intakes: Mutex::default(),
            begun: Mutex::default(),
            drag: Mutex::default(),
            drops: Mutex::default(),
            last_speed: AtomicU64::default(),
            work: Mutex::default(),
            failures: Mutex::default(),
            numbers: AtomicU64::default(),
            dirty: AtomicBool::default(),
            setup_dirty: AtomicBool::default(),
            watches_dirty: AtomicBool::new(false),
            told_watches: Mutex::default(),
            recovery_seen: AtomicBool::default(),
            unreadable: Default::default(),
            setup_turn: tokio::sync::Mutex::default(),
            told_work: Mutex::default(),
            quits_when_done: AtomicBool::default(),
            stop: CancellationToken::new(),
        }
    }

    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether files are still being looked for, or asked about.
    pub(crate) fn is_adding(&self) -> bool {
        !lock(&self.intakes).is_empty() || !lock(&self.drops).is_empty()
    }

    pub(crate) fn drop_ended(&self, id: u64) {
        lock(&self.drops).remove(&id);
        self.dirty.store(true, Ordering::Relaxed);
    }

    pub(crate) fn intake_began(&self, batch: BatchId, progress: IntakeProgress) {
        lock(&self.intakes).insert(batch, progress);
        lock(&self.begun).insert(batch);
    }

    pub(crate) fn intake_ended(&self, batch: BatchId) {
        lock(&self.intakes).remove(&batch);
        self.dirty.store(true, Ordering::Relaxed);
    }

    pub(crate) fn add_failure(&self, fault: Fault) {
        lock(&self.failures).push((self.numbers.fetch_add(1, Ordering::Relaxed), fault));
    }
}

impl Subscription {
    /// Sends an update under the next number.
    pub(crate) fn send(&mut self, update: impl FnOnce(u64) -> Update) {
        self.seq += 1;
        (self.sink)(update(self.seq));
    }

    /// Sends what differs from the last update, if anything does.
    pub(crate) fn publish(&mut self, shown: Shown) {
        let (before, now) = (&self.shown.page, &shown.page);
        let same_rows = before.viewport == now.viewport
            && before.total == now.total
            && before.rows.len() == now.rows.len()
            && before.rows.iter().zip(&now.rows).all(|(before, now)| before.id == now.id);
        if shown == self.shown {
            return;
        }
        let changed: Vec<Row> = if same_rows {
            let pairs = now.rows.iter().zip(&before.rows);
            pairs.filter(|(now, before)| now != before).map(|(now, _)| now.clone()).collect()
        } else {
            Vec::new()
        };
        let same_batches = shown.batches == self.shown.batches;
        self.shown = shown.clone();
        let Shown { page, batches, work, totals, needs, notices, selected, undo } = shown;
        let page = (!same_rows).then_some(page);
        let batches = (!same_batches).then_some(batches);
        let rows = changed;
        self.send(|seq| Update::Rows {
            seq,
            page,
            rows,
            batches,
            work,
            totals,
            needs,
            notices,
            selected,
            undo,
        });
    }
}

/// The guard of a lock under which no code panics.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no code panics while holding this lock")
}
