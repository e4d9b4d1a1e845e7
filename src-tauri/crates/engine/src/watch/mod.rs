//! Watched folders: looks for files that are new or changed, waits until they are complete, and
//! queues them.
//!
//! The journal decides what is new ([`ferry_model::watch`]): a look at the folder holds each file
//! against what the journal knows of it, and a file is written down in the same commit that queues
//! it. Hints of the system tell where to look soon; a look at the whole folder at the start, after
//! sleep, after lost hints, after the folder came back, and from time to time finds the rest.

mod candidates;
mod hints;
mod look;
mod queueing;
mod tidying;
mod view;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_model::timetable::Hour;
use ferry_model::{Afterwards, Completion, Day, Fault, FaultKind, TransferId, Watch};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::engine::Engine;
use crate::events::EngineEvent;
use crate::intake::Intake;
use crate::lock::lock;
use crate::source::FolderIdentity;
use candidates::Candidates;
pub use hints::Hints;
use hints::{Look, Subscription};
pub use view::{WatchActivity, WatchView};

/// Time between two looks at the folder itself, and at the clock.
const TICK: Duration = Duration::from_secs(3);
/// How long hints are gathered before they are followed.
const GATHER: Duration = Duration::from_millis(500);
/// The clock went on by so much more than time passed: the computer slept.
const SLEPT: Duration = Duration::from_secs(30);

/// The local calendar and clock, as far as a watch asks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalMoment {
    /// The day, which keys and receipts tell.
    pub day: Day,
    /// What a watch's timetable says now.
    pub hour: Hour,
}

/// Tells the local moment, for a watch's timetable.
pub type LocalClock = Arc<dyn Fn(&ferry_model::Timetable) -> LocalMoment + Send + Sync>;

/// Where hints of changes come from.
#[derive(Debug, Clone)]
pub enum HintSource {
    /// From the system.
    System,
    /// From these alone.
    Given(Hints),
}

/// What a watch needs.
pub struct WatchParts {
    /// The watch.
    pub watch: Watch,
    /// Where its files go, and how; batch, day, paths and patterns are the watch's own.
    pub intake: Intake,
    /// The local clock.
    pub local: LocalClock,
    /// Where hints come from.
    pub hints: HintSource,
}

impl std::fmt::Debug for WatchParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchParts").field("watch", &self.watch).finish_non_exhaustive()
    }
}

/// A watch that looks for files; dropping it ends that. What it queued goes on.
#[derive(Debug)]
pub struct RunningWatch {
    view: Arc<Mutex<WatchView>>,
    hints: Hints,
    task: JoinHandle<()>,
}

impl RunningWatch {
    /// How it is now.
    pub fn view(&self) -> WatchView {
        lock(&self.view).clone()
    }

    /// Makes it look at the whole folder now.
    pub fn look_now(&self) {
        self.hints.lost();
    }
}

impl Drop for RunningWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Engine {
    /// Begins to look for files of a watch, until the result is dropped or the engine stops.
    pub fn watch(&self, parts: WatchParts) -> RunningWatch {
        let view = Arc::new(Mutex::new(WatchView::default()));
        let hints = match &parts.hints {
            HintSource::System => Hints::default(),
            HintSource::Given(hints) => hints.clone(),
        };
        let watching = Watching::new(self.clone(), parts, hints.clone(), Arc::clone(&view));
        let engine = self.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = engine.scheduler.stopped() => {}
                () = watching.run() => {}
            }
        });
        RunningWatch { view, hints, task }
    }
}

/// One watch at work.
struct Watching {
    engine: Engine,
    watch: Watch,
    intake: Intake,
    local: LocalClock,
    source: HintSource,
    hints: Hints,
    subscription: Option<Subscription>,
    view: Arc<Mutex<WatchView>>,
    candidates: Candidates,
    /// The folder as it was at the last look.
    folder: Option<FolderIdentity>,
    /// When the whole folder is looked at next.
    rescan_at: Instant,
    /// Transfers that ended, where something is done with their files.
    outcomes: Option<UnboundedReceiver<TransferId>>,
    /// What the clock and the time showed last.
    clock: (i64, Instant),
    /// The day whose batch is open.
    day: Option<Day>,
}

impl Watching {
    fn new(engine: Engine, parts: WatchParts, hints: Hints, view: Arc<Mutex<WatchView>>) -> Self {
        let WatchParts { watch, intake, local, hints: source } = parts;
        let now = Instant::now();
        // A marker completes a file at once.
        let first_look = match watch.settings.completion {
            Completion::Quiet => watch.settings.quiet(),
            Completion::Marker { .. } => Duration::ZERO,
        };
        let tidies = watch.settings.afterwards != Afterwards::Keep;
        Self {
            candidates: Candidates::new(watch.settings.order, first_look),
            outcomes: tidies.then(|| engine.outcomes()),
            clock: (engine.shared.clock.now_ms(), now),
            rescan_at: now,
            day: None,
            folder: None,
            subscription: None,
            engine,
            watch,
            intake,
            local,
            source,
            hints,
            view,
        }
    }

    async fn run(mut self) {
        self.tidy_all().await;
        loop {
            self.turn().await;
            self.wait().await;
        }
    }

    /// Does what is to be done now.
    async fn turn(&mut self) {
        self.notice_sleep();
        self.notice_day().await;
        let folder = self.engine.shared.files.folder(&self.watch.folder).await;
        if folder != self.folder {
            self.folder_changed(folder).await;
        }
        if self.folder.is_none() {
            let name = ferry_model::source::shown(&self.watch.folder);
            self.show(
                WatchActivity::Away,
                Some(Fault::new(FaultKind::FolderMissing).with_subject(name)),
            );
            return;
        }
        self.look().await;
        let hour = (self.local)(&self.watch.settings.hours).hour;
        if let Hour::Closed { minutes } = hour {
            self.show_activity(WatchActivity::Closed { minutes });
        } else {
            self.queue_growing().await;
            self.queue_complete().await;
            self.start_grown_over().await;
        }
        self.tidy_ended().await;
    }

    /// Waits for the next thing to do.
    async fn wait(&self) {
        let now = Instant::now();
        let tick = now + TICK;
        let hour = (self.local)(&self.watch.settings.hours).hour;
        let due = if hour == Hour::Open { self.candidates.next() } else { None };
        let until = due.map_or(tick, |due| due.clamp(now, tick)).min(self.rescan_at.max(now));
        // Without a pause, a file that is looked at again and again would keep a core busy.
        let until = until.max(now + Duration::from_millis(20));
        tokio::select! {
            biased;
            () = self.hints.came() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep_until(until) => {}
        }
    }

    /// The folder went, came, or is another one: whatever is there is looked at.
    async fn folder_changed(&mut self, folder: Option<FolderIdentity>) {
        self.folder = folder;
        self.rescan_at = Instant::now();
        self.subscription = None;
        if folder.is_none() || matches!(self.source, HintSource::Given(_)) {
            return;
        }
        let (path, depth) = (self.watch.folder.clone(), self.watch.settings.depth);
        let hints = self.hints.clone();
        let subscribed =
            tokio::task::spawn_blocking(move || hints::subscribe(&path, depth, &hints)).await;
        match subscribed {
            Ok(Ok(subscription)) => self.subscription = Some(subscription),
            Ok(Err(fault)) => {
                tracing::warn!(%fault, "the system tells of no changes in a watched folder");
                lock(&self.view).no_hints = Some(fault);
            }
            Err(error) => tracing::error!(%error, "listening for changes panicked"),
        }
    }

    /// After sleep, the whole folder is looked at: nothing was told meanwhile.
    fn notice_sleep(&mut self) {
        let (before_ms, before) = self.clock;
        let (now_ms, now) = (self.engine.shared.clock.now_ms(), Instant::now());
        self.clock = (now_ms, now);
        let by_clock =
            Duration::from_millis(now_ms.saturating_sub(before_ms).max(0).unsigned_abs());
        if by_clock.saturating_sub(now - before) > SLEPT {
            self.rescan_at = now;
        }
    }

    /// With another day, the batches of those before are finished once nothing of them is open.
    async fn notice_day(&mut self) {
        let day = (self.local)(&self.watch.settings.hours).day;
        if self.day == Some(day) {
            return;
        }
        let (id, today) = (self.watch.id, self.batch_name(day));
        let ended = self.engine.shared.journal.end_batches_of_watch(id, &today).await;
        match ended {
            Ok(()) => self.day = Some(day),
            Err(error) => tracing::warn!(%error, "the batches of earlier days could not be ended"),
        }
    }

    /// By what the batch of a day is found again.
    fn batch_name(&self, day: Day) -> String {
        let Day { year, month, day } = day;
        format!("watch {} {year:04}-{month:02}-{day:02}", self.watch.id.0)
    }

    /// Looks where it is told to, or at the whole folder when that is due.
    async fn look(&mut self) {
        let told = self.hints.take();
        if told == Look::Everything
            || Instant::now() >= self.rescan_at
            || self.candidates.take_overflow()
        {
            self.look_at_everything().await;
        } else if let Look::Paths(paths) = told {
            self.look_at_paths(&paths).await;
        }
    }

    fn show_activity(&self, activity: WatchActivity) {
        let fault = lock(&self.view).fault.clone();
        self.show(activity, fault);
    }

    /// Shows what the watch does, and what keeps it from it.
    fn show(&self, activity: WatchActivity, fault: Option<Fault>) {
        let mut view = lock(&self.view);
        let before = view.clone();
        view.activity = activity;
        view.waiting = self.candidates.len();
        view.fault = fault;
        let changed = *view != before;
        drop(view);
        if changed {
            self.engine.shared.events.emit(EngineEvent::Watches);
        }
    }
}
