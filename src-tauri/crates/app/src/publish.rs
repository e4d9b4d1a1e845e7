//! Tells the window: a snapshot first, then changes, at most four a second, for the rows it shows,
//! the sums, and the selection.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::time::Duration;

use ferry_engine::EngineEvent;
use ferry_journal::{Order, StateCount, View, ViewQuery};
use ferry_model::command::is_unfinished;
use ferry_model::concurrency::MOST_PARALLEL;
use ferry_model::{Fault, Profile, ProfileId, Standing, TransferCommand};
use tokio::time::Instant;

use crate::app::{App, now_ms};
use crate::batches;
use crate::messages::{ActionCount, Page, Row, Selected, Target, Totals, Update, Viewport};
use crate::needs::{self, Needs};
use crate::pace::{Pace, PaceInputs};
use crate::pending;
use crate::picked_folders::PickedFolders;
use crate::publisher::{Shown, Sink, Subscription, lock};
use crate::rows::{Surroundings, action_of, any_runs, filter_of, row, waits};
use crate::sorted::Sorted;
use crate::today::OfToday;
use crate::waiting::{SHARE, WAITING_AGE, Waiting};

/// Time between two updates.
const FRAME: Duration = Duration::from_millis(250);
/// Most rows of a page.
const MOST_ROWS: u32 = 500;

/// Looks once for rows that cannot be read: nothing else would show them.
pub(crate) fn look_for_damage(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        let stop = app.inner.publisher.stop.clone();
        let found = tokio::select! {
            () = stop.cancelled() => return,
            found = app.inner.journal.unreadable_transfers(None) => found,
        };
        match found {
            Ok(rows) => app.inner.publisher.unreadable.store(rows.len(), Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the queue could not be looked through"),
        }
        app.inner.publisher.dirty.store(true, Ordering::Relaxed);
    });
}

/// Starts the frames; they end with `Publisher::stop`.
pub(crate) fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        let stop = app.inner.publisher.stop.clone();
        let mut events = app.inner.engine.events();
        let mut frames = tokio::time::interval(FRAME);
        frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                event = events.recv() => {
                    let publisher = &app.inner.publisher;
                    // Who lags looks at everything.
                    if !matches!(event, Ok(EngineEvent::Watches)) {
                        publisher.dirty.store(true, Ordering::Relaxed);
                    }
                    if matches!(event, Ok(EngineEvent::Watches) | Err(_)) {
                        publisher.watches_dirty.store(true, Ordering::Relaxed);
                    }
                }
                _ = frames.tick() => {
                    if let Err(fault) = app.frame().await {
                        tracing::warn!(%fault, "the window could not be told");
                    }
                }
            }
        }
    });
}

impl App {
    /// Sends a snapshot to `sink`, then changes; replaces the sink before it.
    pub async fn subscribe(&self, sink: Sink) {
        let publisher = &self.inner.publisher;
        // A page that was loaded anew shows no options, so none may be in force, and selects
        // nothing.
        *lock(&self.inner.staged) = None;
        *lock(&self.inner.picked) = PickedFolders::default();
        self.inner.refuses_drops.store(false, Ordering::Relaxed);
        *lock(&publisher.selection) = (0, Target::nothing());
        let mut place = publisher.sink.lock().await;
        let now = Instant::now();
        let mut subscription = Subscription {
            sink,
            seq: 0,
            shown: Shown::default(),
            viewport: Viewport::default(),
            view: View::default(),
            live: HashMap::new(),
            selected: Selected::default(),
            recount: false,
            recount_at: now,
            waiting: Waiting::new(now),
            needs: Needs::new(now),
            today: OfToday::new(now),
            on_missing: (BTreeMap::new(), now),
            sums_due: None,
            sorted: Sorted::new(now),
            next_tries: HashMap::new(),
            pace: Pace::new(now, self.inner.engine.run_totals()),
            profiles: HashMap::new(),
            moving: false,
        };
        if let Err(fault) = self.snapshot(&mut subscription).await {
            tracing::warn!(%fault, "the window could not be told");
        }
        *place = Some(subscription);
        *lock(&publisher.told_watches) = None;
        publisher.watches_dirty.store(true, Ordering::Relaxed);
    }

    /// Sets which rows the window shows.
    pub async fn set_viewport(&self, viewport: Viewport) {
        *lock(&self.inner.publisher.viewport) = Viewport {
            limit: viewport.limit.min(MOST_ROWS),
            batch_limit: viewport.batch_limit.min(MOST_ROWS),
            ..viewport
        };
        if let Err(fault) = self.frame().await {
            tracing::warn!(%fault, "the window could not be told");
        }
    }

    /// Sets which transfers the window's user selected. Updates say under `number` what actions
    /// would meet in it.
    pub async fn select(&self, number: u32, target: Target) {
        *lock(&self.inner.publisher.selection) = (number, target);
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    /// Asks the window's user what shall become of the files on their way, because the window is to
    /// close. `tray` says whether Ferry can go on in the tray.
    pub async fn ask_to_close(&self, tray: bool) {
        if let Some(subscription) = self.inner.publisher.sink.lock().await.as_mut() {
            subscription.send(|seq| Update::CloseAsked { seq, tray });
        }
    }

    /// Tells the window whether Ferry ends by itself once nothing is left to do.
    pub fn set_quits_when_done(&self, quits: bool) {
        self.inner.publisher.quits_when_done.store(quits, Ordering::Relaxed);
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    /// Profiles, the chosen one, or settings changed.
    pub(crate) fn setup_changed(&self) {
        self.inner.publisher.setup_dirty.store(true, Ordering::Relaxed);
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    async fn snapshot(&self, subscription: &mut Subscription) -> Result<(), Fault> {
        self.inner.publisher.dirty.store(false, Ordering::Relaxed);
        self.read(subscription, Changed::Yes).await?;
        self.count_selection(subscription, Changed::Yes).await?;
        let shown = self.overlay(subscription);
        subscription.shown = shown.clone();
        let Shown { page, batches, work, totals, needs, notices, selected, undo } = shown;
        let profiles = self.profile_views().await?;
        let chosen_profile = self.chosen().await?;
        let settings = Box::new(self.settings().await?);
        subscription.send(|seq| Update::Snapshot {
            seq,
            profiles,
            chosen_profile,
            settings,
            most_parallel: MOST_PARALLEL,
            page,
            batches,
            work,
            totals,
            needs,
            notices,
            selected,
            undo,
        });
        Ok(())
    }

    /// One update, if anything changed.
    async fn frame(&self) -> Result<(), Fault> {
        let publisher = &self.inner.publisher;
        // The keyring may take its time, or ask the user: rows go on meanwhile.
        if publisher.setup_dirty.swap(false, Ordering::Relaxed) {
            // They name their destinations.
            self.watches_changed();
            let app = self.clone();
            tokio::spawn(async move {
                if let Err(fault) = app.send_setup().await {
                    tracing::warn!(%fault, "the window could not be told");
                }
            });
        }
        self.tell_watches().await?;
        let mut place = publisher.sink.lock().await;
        let Some(subscription) = place.as_mut() else { return Ok(()) };
        let due = subscription.sums_due.is_some_and(|at| Instant::now() >= at);
        let changed = publisher.dirty.swap(false, Ordering::Relaxed) || due;
        let moves = self.something_moves();
        let elsewhere = subscription.viewport != self.viewport();
        if !changed && !elsewhere && !moves && !subscription.moving && !subscription.recount {
            return Ok(());
        }
        subscription.moving = moves;
        let changed = if changed { Changed::Yes } else { Changed::No };
        if let Err(fault) = self.read_what_changed(subscription, changed).await {
            publisher.dirty.store(true, Ordering::Relaxed);
            return Err(fault);
        }
        let shown = self.overlay(subscription);
        subscription.publish(shown);
        Ok(())
    }

    async fn read_what_changed(
        &self,
        subscription: &mut Subscription,
        changed: Changed,
    ) -> Result<(), Fault> {
        // Acknowledged parts are no event: while something runs, the journal is read each time.
        if changed == Changed::Yes
            || subscription.viewport != self.viewport()
            || !subscription.live.is_empty()
            || !self.inner.engine.all_live().is_empty()
        {
            self.read(subscription, changed).await?;
        }
        self.count_selection(subscription, changed).await
    }

    async fn send_setup(&self) -> Result<(), Fault> {
        let _turn = self.inner.publisher.setup_turn.lock().await;
        let profiles = self.profile_views().await?;
        let chosen_profile = self.chosen().await?;
        let settings = Box::new(self.settings().await?);
        if let Some(subscription) = self.inner.publisher.sink.lock().await.as_mut() {
            subscription.send(|seq| Update::Setup { seq, profiles, chosen_profile, settings });
        }
        Ok(())
    }

    /// Whether the window's numbers change without anything being written.
    fn something_moves(&self) -> bool {
        let engine = &self.inner.engine;
        !engine.all_live().is_empty()
            || !engine.offline().is_empty()
            || !engine.missing_volumes().is_empty()
            || self.inner.publisher.is_adding()
    }

    async fn chosen(&self) -> Result<Option<i64>, Fault> {
        let chosen = self.default_profile().await?;
        Ok(chosen
            .filter(|profile| profile.kind != ferry_model::ProfileKind::AdHoc)
            .map(|profile| profile.id.0))
    }

    fn viewport(&self) -> Viewport {
        lock(&self.inner.publisher.viewport).clone()
    }

    async fn read(&self, subscription: &mut Subscription, changed: Changed) -> Result<(), Fault> {
        let viewport = self.viewport();
        let journal = &self.inner.journal;
        // Before the journal: what ends in between is whole there, and missing here would be lost
        // from the sums for a moment.
        subscription.live = self.inner.engine.all_live().into_iter().collect();
        let filter = filter_of(&viewport.list);
        // A batch is read as it was dropped; of all rows, the last ones are looked for.
        let order = if viewport.list.batch.is_some() { Order::Queue } else { Order::Newest };
        let (listed, sort_at) =
            subscription.sorted.page(journal, &filter, order, &viewport).await?.unzip();
        let query = ViewQuery {
            filter,
            listed,
            order,
            offset: viewport.offset.into(),
            limit: viewport.limit.into(),
            ids: subscription.live.keys().copied().collect(),
            batches: batches::scope(viewport.batches, now_ms()),
            batch_offset: viewport.batch_offset.into(),
            batch_limit: viewport.batch_limit.into(),
            work: lock(&self.inner.publisher.work).clone(),
        };
        subscription.viewport = viewport;
        let view = journal.view(query).await;
        subscription.view = view.map_err(|error| error.fault())?;
        pending::count_as_they_will_stand(&mut subscription.view, &self.inner.engine.undoable());
        *lock(&self.inner.publisher.work) = subscription.view.work.clone();
        let profiles = std::mem::take(&mut subscription.view.profiles).into_iter();
        subscription.profiles = profiles.map(|profile| (profile.id, profile)).collect();
        subscription.sums_due = None;
        self.count_on_missing(subscription).await?;
        self.sum_up_waiting(subscription).await?;
        let needs_at = subscription.needs.refresh(journal, &subscription.view.totals).await?;
        let today_at = subscription.today.refresh(journal, changed == Changed::Yes).await?;
        let due = [subscription.sums_due, sort_at.flatten(), needs_at, Some(today_at)];
        subscription.sums_due = due.into_iter().flatten().min();
        Ok(())
    }

    /// The active files of each volume that is not there.
    async fn count_on_missing(&self, subscription: &mut Subscription) -> Result<(), Fault> {
        let missing = self.inner.engine.missing_volumes();
        let devices: Vec<u64> = missing.iter().map(|volume| volume.device).collect();
        let (counted, at) = &subscription.on_missing;
        if counted.keys().eq(&devices) && (devices.is_empty() || at.elapsed() < WAITING_AGE) {
            subscription.sums_due = (!devices.is_empty()).then(|| *at + WAITING_AGE);
            return Ok(());
        }
        let mut files: BTreeMap<u64, u64> = devices.iter().map(|device| (*device, 0)).collect();
        let read = self.inner.journal.files_on(&devices).await;
        files.extend(read.map_err(|error| error.fault())?);
        subscription.on_missing = (files, Instant::now());
        Ok(())
    }

    /// What is active but will not be sent for now, where others are.
    async fn sum_up_waiting(&self, subscription: &mut Subscription) -> Result<(), Fault> {
        let profiles = self.waits(&subscription.profiles).into_keys().collect();
        let due = subscription.waiting.refresh(&self.inner.journal, profiles).await?;
        subscription.sums_due = subscription.sums_due.into_iter().chain(due).min();
        Ok(())
    }

    /// Counts the selection by action, if it may have changed.
    async fn count_selection(
        &self,
        subscription: &mut Subscription,
        changed: Changed,
    ) -> Result<(), Fault> {
        let (number, target) = lock(&self.inner.publisher.selection).clone();
        let another = subscription.selected.number != number;
        subscription.recount |= changed == Changed::Yes || another;
        let due = another || Instant::now() >= subscription.recount_at;
        if !subscription.recount || !due {
            return Ok(());
        }
        let began = Instant::now();
        subscription.selected = match target {
            Target::Ids { ids } if ids.is_empty() => Selected { number, ..Selected::default() },
            target => {
                let selection = self.selection(target).await?;
                let states = self.inner.journal.state_counts(selection).await;
                selected(number, &states.map_err(|error| error.fault())?)
            }
        };
        subscription.recount = false;
        subscription.recount_at = Instant::now() + began.elapsed() * SHARE;
        Ok(())
    }

    fn waits(&self, profiles: &HashMap<ProfileId, Profile>) -> BTreeMap<ProfileId, Fault> {
        let engine = &self.inner.engine;
        waits(&engine.holds(), &engine.offline(), profiles)
    }

    fn overlay(&self, subscription: &mut Subscription) -> Shown {
        let engine = &self.inner.engine;
        let waits = self.waits(&subscription.profiles);
        let run = engine.run_totals();
        let done = subscription.view.totals.done;
        let pace = &mut subscription.pace;
        pace.measure(Instant::now(), &subscription.live, run, done, FRAME / 2);
        let around = Surroundings {
            profiles: subscription.profiles.clone(),
            live: subscription.live.clone(),
            waits,
            speeds: subscription.pace.speeds(),
            pending: subscription.view.waits.clone(),
        };
        let view = &subscription.view;
        let mut rows: Vec<Row> =
            view.page.rows.iter().map(|transfer| row(transfer, &around)).collect();
        rows.iter_mut().for_each(|row| subscription.pace.steady(row));
        let trouble = engine.journal_trouble();
        let moving = trouble.is_none() && any_runs(&view.progress, &around.waits);
        let totals = subscription.pace.totals(&PaceInputs {
            sums: &view.totals,
            running: &view.progress,
            live: &around.live,
            moving,
            waiting: subscription.waiting.bytes(),
        });
        let holds = engine.holds();
        let totals = Totals {
            needs: totals.attention + holds.len() as u64,
            today: subscription.today.told(),
            ..totals
        };
        if totals.speed > 0 {
            self.inner.publisher.last_speed.store(totals.speed, Ordering::Relaxed);
        }
        let viewport = Viewport {
            offset: view.page.offset.try_into().unwrap_or(u32::MAX),
            ..subscription.viewport.clone()
        };
        let page = Page { viewport, total: view.page.total, rows };
        let (batches, work) = batches::now(&batches::BatchContext {
            view,
            around: &around,
            since: subscription.pace.since(&view.progress, &around.live),
            totals: &totals,
            files_per_second: subscription.pace.files_per_second(),
            requests: run.in_flight,
            adding: lock(&self.inner.publisher.intakes).keys().copied().collect(),
            viewport: &page.viewport,
        });
        let name_of = |id: ProfileId| {
            around.profiles.get(&id).map(|profile| profile.name.clone()).unwrap_or_default()
        };
        let waiting = |id: ProfileId| subscription.waiting.files_of(|profile| profile == id);
        let mut needs = needs::held(&holds, name_of, waiting);
        needs.extend(subscription.needs.causes());
        let notices = self.notices(subscription, (&around, &totals, &holds));
        lock(&self.inner.publisher.told_work).clone_from(&work);
        let undo = pending::undo(&subscription.view, &engine.undoable());
        let selected = subscription.selected.clone();
        Shown { page, batches, work, totals, needs, notices, selected, undo }
    }
}

/// Whether an event said that rows may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Changed {
    Yes,
    No,
}

/// What actions meet in a selection of these states.
fn selected(number: u32, states: &[StateCount]) -> Selected {
    let sum = |wanted: &dyn Fn(&StateCount) -> bool| {
        states.iter().filter(|state| wanted(state)).map(|state| state.files).sum()
    };
    let actions = TransferCommand::ALL.iter().filter_map(|command| {
        let action = action_of(*command)?;
        let allowed =
            |state: &StateCount| command.allowed(state.phase, state.standing, state.fault);
        Some(ActionCount { action, files: sum(&allowed) })
    });
    Selected {
        number,
        files: sum(&|_| true),
        unfinished: sum(&|state| is_unfinished(state.phase, state.standing)),
        done: sum(&|state| state.standing == Standing::Done),
        actions: actions.collect(),
    }
}

#[cfg(test)]
#[path = "publish_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "batch_tests.rs"]
mod batch_tests;
