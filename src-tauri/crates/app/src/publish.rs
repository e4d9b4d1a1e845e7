//! Tells the window: a snapshot first, then changes, at most ten a second, for the rows it shows
//! and the sums.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ferry_engine::{IntakeProgress, RunTotals};
use ferry_journal::{Filter as JournalFilter, StateGroup, Totals as Sums, TransferRow};
use ferry_model::{Fault, KeySource, Profile, ProfileId, progress::Speed};
use ferry_storage::clock;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::{App, now_ms};
use crate::damage::{recovered, unreadable};
use crate::messages::{Filter, Notice, Page, Row, Totals, Update, Viewport};
use crate::rows::{Surroundings, row, waits};

/// Receives the updates of one window.
pub type Sink = Box<dyn Fn(Update) + Send + Sync>;

/// Time between two updates.
const FRAME: Duration = Duration::from_millis(100);
/// Most rows of a page.
const MOST_ROWS: u32 = 500;

/// What is kept between two frames.
#[derive(Default)]
pub(crate) struct Publisher {
    sink: tokio::sync::Mutex<Option<Subscription>>,
    viewport: Mutex<Viewport>,
    intakes: Mutex<HashMap<u64, IntakeProgress>>,
    failures: Mutex<Vec<(u64, Fault)>>,
    numbers: AtomicU64,
    dirty: AtomicBool,
    setup_dirty: AtomicBool,
    recovery_seen: AtomicBool,
    /// Rows that cannot be read, as counted at the start, until the notice is closed.
    unreadable: AtomicUsize,
    /// One at a time tells of the setup, so that the last told is the last that was.
    setup_turn: tokio::sync::Mutex<()>,
    stop: CancellationToken,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

struct Subscription {
    sink: Sink,
    seq: u64,
    page: Page,
    totals: Totals,
    notices: Vec<Notice>,
    rows: Vec<TransferRow>,
    sums: Sums,
    total: u64,
    speeds: Speeds,
    profiles: HashMap<ProfileId, Profile>,
    /// Whether anything moved at the last frame: then one more is due, to show that it stopped.
    moving: bool,
}

/// Speeds, measured from frame to frame.
struct Speeds {
    at: Instant,
    rows: HashMap<ferry_model::TransferId, (Speed, u64)>,
    all: Speed,
    sent: u64,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    pub(crate) fn intake_began(&self, progress: IntakeProgress) -> u64 {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        lock(&self.intakes).insert(number, progress);
        number
    }

    pub(crate) fn intake_ended(&self, number: u64) {
        lock(&self.intakes).remove(&number);
        self.dirty.store(true, Ordering::Relaxed);
    }

    pub(crate) fn add_failure(&self, fault: Fault) {
        lock(&self.failures).push((self.numbers.fetch_add(1, Ordering::Relaxed), fault));
    }
}

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

/// Starts the frames; they end with [`Publisher::stop`].
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
                _ = events.recv() => {
                    app.inner.publisher.dirty.store(true, Ordering::Relaxed);
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
        // A page that was loaded anew shows no options, so none may be in force.
        *lock(&self.inner.staged) = None;
        let mut place = publisher.sink.lock().await;
        let mut subscription = Subscription {
            sink,
            seq: 0,
            page: Page::default(),
            totals: Totals::default(),
            notices: Vec::new(),
            rows: Vec::new(),
            sums: Sums::default(),
            total: 0,
            profiles: HashMap::new(),
            moving: false,
            speeds: Speeds {
                at: Instant::now(),
                rows: HashMap::new(),
                all: Speed::default(),
                sent: self.inner.engine.run_totals().sent_bytes,
            },
        };
        if let Err(fault) = self.snapshot(&mut subscription).await {
            tracing::warn!(%fault, "the window could not be told");
        }
        *place = Some(subscription);
    }

    /// Sets which rows the window shows.
    pub async fn set_viewport(&self, viewport: Viewport) {
        *lock(&self.inner.publisher.viewport) =
            Viewport { limit: viewport.limit.min(MOST_ROWS), ..viewport };
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
        if let Err(fault) = self.frame().await {
            tracing::warn!(%fault, "the window could not be told");
        }
    }

    /// Tells the window that `count` files hover over it; 0 when they left.
    pub async fn dragging(&self, count: u32) {
        if let Some(subscription) = self.inner.publisher.sink.lock().await.as_mut() {
            subscription.send(|seq| Update::Dragging { seq, count });
        }
    }

    /// Closes a notice.
    pub async fn dismiss_notice(&self, id: u64) {
        lock(&self.inner.publisher.failures).retain(|(number, _)| *number != id);
        if id == RECOVERED {
            self.inner.publisher.recovery_seen.store(true, Ordering::Relaxed);
            if let Err(fault) = self.acknowledge_recovery().await {
                tracing::warn!(%fault, "that the notice was read could not be written down");
            }
        }
        if id == UNREADABLE {
            self.inner.publisher.unreadable.store(0, Ordering::Relaxed);
        }
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    /// Profiles, the chosen one, or settings changed.
    pub(crate) fn setup_changed(&self) {
        self.inner.publisher.setup_dirty.store(true, Ordering::Relaxed);
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    async fn snapshot(&self, subscription: &mut Subscription) -> Result<(), Fault> {
        self.inner.publisher.dirty.store(false, Ordering::Relaxed);
        self.read_rows(subscription).await?;
        let (rows, totals, notices) = self.overlay(subscription);
        let page = Page { viewport: self.viewport(), total: subscription.total, rows };
        (subscription.page, subscription.totals, subscription.notices) =
            (page.clone(), totals.clone(), notices.clone());
        let profiles = self.profile_views().await?;
        let chosen_profile = self.chosen().await?;
        let settings = self.settings().await?;
        subscription.send(|seq| Update::Snapshot {
            seq,
            profiles,
            chosen_profile,
            settings,
            page,
            totals,
            notices,
        });
        Ok(())
    }

    /// One update, if anything changed.
    async fn frame(&self) -> Result<(), Fault> {
        let publisher = &self.inner.publisher;
        // The keyring may take its time, or ask the user: rows go on meanwhile.
        if publisher.setup_dirty.swap(false, Ordering::Relaxed) {
            let app = self.clone();
            tokio::spawn(async move {
                if let Err(fault) = app.send_setup().await {
                    tracing::warn!(%fault, "the window could not be told");
                }
            });
        }
        let mut place = publisher.sink.lock().await;
        let Some(subscription) = place.as_mut() else { return Ok(()) };
        let changed = publisher.dirty.swap(false, Ordering::Relaxed);
        let moves = self.something_moves();
        if !changed && !moves && !subscription.moving {
            return Ok(());
        }
        subscription.moving = moves;
        if changed && let Err(fault) = self.read_rows(subscription).await {
            publisher.dirty.store(true, Ordering::Relaxed);
            return Err(fault);
        }
        let (rows, totals, notices) = self.overlay(subscription);
        subscription.publish(self.viewport(), rows, totals, notices);
        Ok(())
    }

    async fn send_setup(&self) -> Result<(), Fault> {
        let _turn = self.inner.publisher.setup_turn.lock().await;
        let profiles = self.profile_views().await?;
        let chosen_profile = self.chosen().await?;
        let settings = self.settings().await?;
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
            || !lock(&self.inner.publisher.intakes).is_empty()
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

    async fn read_rows(&self, subscription: &mut Subscription) -> Result<(), Fault> {
        let viewport = self.viewport();
        let state = match viewport.filter {
            Filter::All => None,
            Filter::Active => Some(StateGroup::Active),
            Filter::Paused => Some(StateGroup::Paused),
            Filter::Attention => Some(StateGroup::Attention),
            Filter::Ended => Some(StateGroup::Ended),
        };
        let text = Some(viewport.text.trim().to_owned()).filter(|text| !text.is_empty());
        let journal = &self.inner.journal;
        let page = journal
            .page(JournalFilter { state, text }, viewport.offset.into(), viewport.limit.into())
            .await;
        let page = page.map_err(|error| error.fault())?;
        subscription.sums = journal.totals(None).await.map_err(|error| error.fault())?;
        (subscription.rows, subscription.total) = (page.rows, page.total);
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        subscription.profiles = profiles.into_iter().map(|profile| (profile.id, profile)).collect();
        Ok(())
    }

    fn overlay(&self, subscription: &mut Subscription) -> (Vec<Row>, Totals, Vec<Notice>) {
        let engine = &self.inner.engine;
        let holds = engine.holds();
        let offline = engine.offline();
        let waits = waits(&holds, &offline, &subscription.profiles);
        let mut around = Surroundings {
            profiles: subscription.profiles.clone(),
            live: engine.all_live().into_iter().collect(),
            waits,
            speeds: HashMap::new(),
        };
        let run = engine.run_totals();
        subscription.speeds.measure(&around, run);
        around.speeds =
            subscription.speeds.rows.iter().map(|(id, (speed, _))| (*id, *speed)).collect();
        let rows = subscription.rows.iter().map(|transfer| row(transfer, &around)).collect();
        let flying = around.live.values().map(|live| live.flying).sum();
        let totals = totals(&subscription.sums, flying, subscription.speeds.all);
        let mut notices: Vec<Notice> = Vec::new();
        for (endpoint, away) in offline {
            let next_try_seconds =
                u32::try_from(away.next_try.saturating_duration_since(Instant::now()).as_secs())
                    .unwrap_or(0);
            notices.push(Notice::Offline {
                endpoint,
                problem: away.fault.into(),
                next_try_seconds,
            });
        }
        for (id, fault) in holds {
            let name =
                around.profiles.get(&id).map(|profile| profile.name.clone()).unwrap_or_default();
            notices.push(Notice::ProfileHeld { profile: id.0, name, problem: fault.into() });
        }
        let offset = engine.clock_offset();
        if clock::is_worth_telling(offset) {
            notices.push(Notice::ClockOff { seconds: offset });
        }
        self.token_notices(&around, &totals, &mut notices);
        self.standing_notices(&mut notices);
        (rows, totals, notices)
    }

    /// Tokens that end before the transfers now running, and those behind them, are expected to be
    /// done.
    fn token_notices(&self, around: &Surroundings, totals: &Totals, notices: &mut Vec<Notice>) {
        let Some(seconds_left) = totals.seconds_left else { return };
        let done_ms = now_ms()
            .saturating_add(i64::try_from(seconds_left.saturating_mul(1_000)).unwrap_or(i64::MAX));
        let running = self.inner.engine.running_profiles();
        for profile in around.profiles.values().filter(|profile| running.contains(&profile.id)) {
            if let Some(ends_ms) =
                ends_too_early(&profile.keys, self.inner.engine.key_ends(profile.id), done_ms)
                && !around.waits.contains_key(&profile.id)
            {
                notices.push(Notice::TokenEnds {
                    profile: profile.id.0,
                    name: profile.name.clone(),
                    ends_ms,
                });
            }
        }
    }

    fn standing_notices(&self, notices: &mut Vec<Notice>) {
        let publisher = &self.inner.publisher;
        for progress in lock(&publisher.intakes).values() {
            notices.push(Notice::Adding { files: progress.files() });
        }
        if let Some(trouble) = self.inner.engine.journal_trouble() {
            notices.push(Notice::Failed { id: JOURNAL_TROUBLE, problem: trouble.fault.into() });
        }
        for (id, fault) in lock(&publisher.failures).iter() {
            notices.push(Notice::Failed { id: *id, problem: fault.into() });
        }
        if let Some(recovery) = self.inner.journal.recovery_notice()
            && !publisher.recovery_seen.load(Ordering::Relaxed)
        {
            notices.push(Notice::Recovered { id: RECOVERED, text: recovered(&recovery).into() });
        }
        let rows = publisher.unreadable.load(Ordering::Relaxed);
        if rows > 0 {
            notices.push(Notice::Recovered { id: UNREADABLE, text: unreadable(rows).into() });
        }
    }
}

/// When a key ends, if that is before what needs it is done. A command gives the next one in time.
fn ends_too_early(keys: &KeySource, ends_ms: Option<i64>, done_ms: i64) -> Option<i64> {
    match keys {
        KeySource::Process { .. } => None,
        KeySource::Keyring | KeySource::Environment => ends_ms.filter(|ends| *ends < done_ms),
    }
}

/// The number of the notice that the journal cannot be written. It goes when it can be again.
const JOURNAL_TROUBLE: u64 = RECOVERED - 1;
/// The number of the notice about a damaged queue: apart from those that are counted up.
const RECOVERED: u64 = (1 << 52) - 1;
/// The number of the notice about rows that cannot be read.
const UNREADABLE: u64 = RECOVERED - 1;

impl Subscription {
    fn send(&mut self, update: impl FnOnce(u64) -> Update) {
        self.seq += 1;
        (self.sink)(update(self.seq));
    }

    /// Sends what differs from the last update, if anything does.
    fn publish(
        &mut self,
        viewport: Viewport,
        rows: Vec<Row>,
        totals: Totals,
        notices: Vec<Notice>,
    ) {
        let same_rows = self.page.viewport == viewport
            && self.page.total == self.total
            && self.page.rows.len() == rows.len()
            && self.page.rows.iter().zip(&rows).all(|(before, now)| before.id == now.id);
        let changed: Vec<Row> = if same_rows {
            rows.iter()
                .zip(&self.page.rows)
                .filter(|(now, before)| now != before)
                .map(|(now, _)| now.clone())
                .collect()
        } else {
            Vec::new()
        };
        if same_rows && changed.is_empty() && totals == self.totals && notices == self.notices {
            return;
        }
        self.page = Page { viewport, total: self.total, rows };
        (self.totals, self.notices) = (totals.clone(), notices.clone());
        let page = (!same_rows).then(|| self.page.clone());
        self.send(|seq| Update::Rows { seq, page, rows: changed, totals, notices });
    }
}

impl Speeds {
    fn measure(&mut self, around: &Surroundings, run: RunTotals) {
        let now = Instant::now();
        let seconds = now.duration_since(self.at).as_secs_f64();
        // Two looks in quick succession (a scroll) say nothing about speed.
        if seconds < FRAME.as_secs_f64() / 2.0 {
            return;
        }
        self.at = now;
        self.all.feed(run.sent_bytes.saturating_sub(self.sent), seconds);
        self.sent = run.sent_bytes;
        self.rows.retain(|id, _| around.live.contains_key(id));
        for (id, live) in &around.live {
            let bytes = live.acked + live.flying;
            let (speed, before) = self.rows.entry(*id).or_insert((Speed::default(), bytes));
            speed.feed(bytes.saturating_sub(*before), seconds);
            *before = bytes;
        }
    }
}

fn totals(sums: &Sums, flying: u64, speed: Speed) -> Totals {
    let sent = (sums.acked_bytes + flying).min(sums.bytes);
    let left = sums.bytes.saturating_sub(sent).saturating_sub(sums.left_out_bytes);
    let moving = sums.active > 0;
    Totals {
        files: sums.files,
        bytes: sums.bytes,
        sent,
        speed: if moving { speed.bytes_per_second() } else { 0 },
        seconds_left: if moving { speed.seconds_left(left) } else { None },
        active: sums.active,
        paused: sums.paused,
        attention: sums.failed + sums.conflict + sums.source_changed,
        done: sums.done,
        ended_otherwise: sums.skipped + sums.cancelled,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no code panics while holding this lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_warned_of_only_where_it_ends_first_and_nothing_renews_it() {
        let command = KeySource::Process { command: "print-key".into() };
        for (keys, ends, expected) in [
            (&KeySource::Keyring, Some(999), Some(999)),
            (&KeySource::Environment, Some(999), Some(999)),
            (&KeySource::Keyring, Some(1_000), None),
            (&KeySource::Keyring, None, None),
            (&command, Some(999), None),
        ] {
            assert_eq!(ends_too_early(keys, ends, 1_000), expected, "{keys:?} {ends:?}");
        }
    }
}
