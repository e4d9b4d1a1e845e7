//! Speeds, times left and what limits them, measured from update to update, and the sums that are
//! shown with them.

use std::collections::HashMap;
use std::time::Duration;

use ferry_engine::{LiveView, RunTotals};
use ferry_journal::{Totals as Sums, TransferProgress};
use ferry_model::progress::{Progress, Speed, TimeLeft};
use ferry_model::{BatchId, RecentVerdict, Standing, StandingGroup, TransferId, Waits};
use tokio::time::Instant;

use crate::messages::{Row, Today, Totals};
use crate::rows::progress;

/// Speeds and times left of one window, or of one command.
pub(crate) struct Pace {
    began: Instant,
    at: Instant,
    rows: HashMap<TransferId, RowPace>,
    all: Speed,
    /// Files verified a second, and how many were when it was measured last.
    files: Speed,
    done: Option<u64>,
    time_left: TimeLeft,
    sent: u64,
    /// What requests had waited for when it was measured last, and the verdict on it.
    waits: Waits,
    verdict: RecentVerdict,
}

#[derive(Default)]
struct RowPace {
    speed: Speed,
    time_left: TimeLeft,
    bytes: u64,
}

/// What happened to running transfers since the journal's rows were written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Since {
    /// Bytes the store acknowledged.
    pub(crate) acked: u64,
    /// Those of them that belong to active transfers.
    pub(crate) active_acked: u64,
    /// Bytes that left and are not acknowledged yet.
    pub(crate) in_flight: u64,
    /// Bytes a second.
    pub(crate) speed: u64,
}

impl Since {
    pub(crate) fn add(&mut self, more: Self) {
        self.acked += more.acked;
        self.active_acked += more.active_acked;
        self.in_flight += more.in_flight;
        self.speed += more.speed;
    }
}

/// What the sums of one moment are made of.
pub(crate) struct PaceInputs<'a> {
    /// The journal's sums.
    pub(crate) sums: &'a Sums,
    /// How far what runs has come, read together with the sums.
    pub(crate) running: &'a [TransferProgress],
    /// What runs, as it was just before the sums were read: whatever ended since is in them.
    pub(crate) live: &'a HashMap<TransferId, LiveView>,
    /// Whether anything runs that neither its endpoint nor its profile nor a full disk makes wait.
    pub(crate) moving: bool,
    /// Bytes of active transfers that wait for an endpoint or a profile.
    pub(crate) waiting: u64,
}

impl Pace {
    pub(crate) fn new(now: Instant, run: RunTotals) -> Self {
        Self {
            began: now,
            at: now,
            rows: HashMap::new(),
            all: Speed::default(),
            files: Speed::default(),
            done: None,
            time_left: TimeLeft::default(),
            sent: run.sent_bytes,
            waits: run.waits,
            verdict: RecentVerdict::new(run.waits),
        }
    }

    /// Measures what left, and how many files were verified (`done` in all), since the last time,
    /// if that is long enough ago: two looks in quick succession (a scroll) say nothing about
    /// speed.
    pub(crate) fn measure(
        &mut self,
        now: Instant,
        live: &HashMap<TransferId, LiveView>,
        run: RunTotals,
        done: u64,
        least: Duration,
    ) {
        let elapsed = now.duration_since(self.at);
        if elapsed < least {
            return;
        }
        let seconds = elapsed.as_secs_f64();
        self.at = now;
        self.all.feed(run.sent_bytes.saturating_sub(self.sent), seconds);
        self.sent = run.sent_bytes;
        self.files.feed(done.saturating_sub(self.done.unwrap_or(done)), seconds);
        self.done = Some(done);
        self.waits = run.waits;
        self.rows.retain(|id, _| live.contains_key(id));
        for (id, live) in live {
            let bytes = live.acked + live.flying;
            let pace =
                self.rows.entry(*id).or_insert_with(|| RowPace { bytes, ..RowPace::default() });
            pace.speed.feed(bytes.saturating_sub(pace.bytes), seconds);
            pace.bytes = bytes;
        }
    }

    /// The speeds of what runs, which come to that of all: a row, its batch and the headline are
    /// measured from different moments on, and would not agree.
    pub(crate) fn speeds(&self) -> HashMap<TransferId, Speed> {
        let whole = self.all.bytes_per_second();
        let all = self.rows.values().map(|pace| pace.speed.bytes_per_second()).sum();
        self.rows.iter().map(|(id, pace)| (*id, pace.speed.share(whole, all))).collect()
    }

    /// Steadies the time left of a row.
    pub(crate) fn steady(&mut self, row: &mut Row) {
        if let Some(pace) = self.rows.get_mut(&TransferId(row.id)) {
            row.seconds_left = pace.time_left.show(row.seconds_left);
        }
    }

    /// What happened to running transfers since their rows were written, by batch.
    pub(crate) fn since(
        &self,
        running: &[TransferProgress],
        live: &HashMap<TransferId, LiveView>,
    ) -> HashMap<BatchId, Since> {
        let mut batches = HashMap::<BatchId, Since>::new();
        for row in running {
            let now = progress(row, live.get(&row.id));
            let acked = now.acked().saturating_sub(row.acked_bytes.min(row.size));
            let active = row.standing == Standing::Active;
            let speed = self.rows.get(&row.id).map_or(0, |pace| pace.speed.bytes_per_second());
            batches.entry(row.batch).or_default().add(Since {
                acked,
                active_acked: if active { acked } else { 0 },
                in_flight: now.in_flight(),
                speed: if active { speed } else { 0 },
            });
        }
        batches
    }

    /// Files verified a second; 0 below one.
    pub(crate) fn files_per_second(&self) -> u64 {
        self.files.bytes_per_second()
    }

    /// The sums as they are shown. They count the same bytes as the rows.
    pub(crate) fn totals(&mut self, moment: &PaceInputs<'_>) -> Totals {
        let sums = moment.sums;
        let mut since = Since::default();
        self.since(moment.running, moment.live).into_values().for_each(|more| since.add(more));
        let Since { acked, active_acked, in_flight, .. } = since;
        let whole = Progress::new(
            sums.bytes.saturating_sub(sums.left_out_bytes),
            sums.acked_bytes + acked,
            in_flight,
        );
        let to_come =
            Progress::new(sums.active_bytes, sums.active_acked_bytes + active_acked, in_flight)
                .unsent()
                .saturating_sub(moment.waiting);
        let since = self.at.duration_since(self.began);
        let (estimate, limited_by) = if moment.moving {
            (self.all.seconds_left(to_come), self.verdict.feed(since, &self.waits))
        } else {
            // What moved before says nothing of what moves next.
            self.all = Speed::default();
            self.files = Speed::default();
            self.verdict.rest(since, &self.waits);
            (None, None)
        };
        Totals {
            files: sums.files,
            bytes: whole.size(),
            acked: whole.acked(),
            in_flight: whole.in_flight(),
            percent: whole.percent(sums.open() == 0),
            speed: self.all.bytes_per_second(),
            seconds_left: self.time_left.show(estimate),
            limited_by: limited_by.map(|limited_by| limited_by.text().into()),
            active: sums.active,
            paused: sums.paused,
            attention: sums.group(StandingGroup::Attention),
            conflict: sums.conflict,
            changed: sums.source_changed + sums.until_quiet,
            failed: sums.failed,
            // Profiles that are held are in no sum.
            needs: sums.group(StandingGroup::Attention),
            done: sums.done,
            ended_otherwise: sums.ended_otherwise(),
            // Nor is what was verified today.
            today: Today::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::Language;

    use super::*;

    fn nothing() -> RunTotals {
        RunTotals::default()
    }

    /// A window that saw 1,000 bytes leave each second.
    fn paced() -> Pace {
        let began = Instant::now();
        let mut pace = Pace::new(began, nothing());
        for second in 1..=5 {
            let run = RunTotals { sent_bytes: second * 1_000, ..nothing() };
            let now = began + Duration::from_secs(second);
            pace.measure(now, &HashMap::new(), run, 0, Duration::ZERO);
        }
        pace
    }

    fn sums() -> Sums {
        Sums {
            files: 6,
            bytes: 1_000_000,
            acked_bytes: 110_000,
            active: 2,
            active_bytes: 60_000,
            active_acked_bytes: 10_000,
            paused: 1,
            failed: 1,
            done: 1,
            done_bytes: 100_000,
            skipped: 1,
            left_out_bytes: 40_000,
            ..Sums::default()
        }
    }

    fn totals(pace: &mut Pace, sums: &Sums, moving: bool, waiting: u64) -> Totals {
        let live = HashMap::new();
        pace.totals(&PaceInputs { sums, running: &[], live: &live, moving, waiting })
    }

    #[test]
    fn time_left_counts_only_what_will_be_sent() {
        let told = totals(&mut paced(), &sums(), true, 0);
        assert_eq!((told.speed, told.seconds_left), (1_000, Some(50)));
        assert_eq!((told.bytes, told.acked, told.percent), (960_000, 110_000, 11));
    }

    #[test]
    fn time_left_leaves_out_what_waits_for_another_endpoint() {
        let told = totals(&mut paced(), &sums(), true, 30_000);
        assert_eq!(told.seconds_left, Some(20));
    }

    #[test]
    fn offline_or_held_there_is_no_speed_and_no_time_left() {
        let mut pace = paced();
        let told = totals(&mut pace, &sums(), false, 50_000);
        assert_eq!((told.speed, told.seconds_left), (0, None));
        let back = totals(&mut pace, &sums(), true, 0);
        assert_eq!((back.speed, back.seconds_left), (0, None), "the old speed is a ghost");
    }

    #[test]
    fn what_limits_is_told_once_it_held_and_only_while_something_moves() {
        let mut pace = Pace::new(Instant::now(), nothing());
        let mut look = |second: u64, moving| {
            let waits = Waits { send: second as f64, ..Waits::default() };
            let now = pace.began + Duration::from_secs(second);
            let run = RunTotals { waits, ..nothing() };
            pace.measure(now, &HashMap::new(), run, 0, Duration::ZERO);
            totals(&mut pace, &sums(), moving, 0)
                .limited_by
                .map(|words| words.in_language(Language::En).to_owned())
        };
        assert_eq!((1..=3).find_map(|second| look(second, true)), None, "it may flicker yet");
        assert_eq!(look(4, true).as_deref(), Some("your network"));
        assert_eq!(look(5, false), None, "nothing moves");
        assert_eq!(look(6, true), None, "the old verdict is a ghost");
    }

    #[test]
    fn all_is_whole_only_when_nothing_is_left_to_do() {
        let done = Sums { files: 2, bytes: 9, acked_bytes: 9, done: 2, ..Sums::default() };
        assert_eq!(totals(&mut paced(), &done, false, 0).percent, 100);
        let verifying = Sums { done: 1, active: 1, ..done };
        assert_eq!(totals(&mut paced(), &verifying, true, 0).percent, 99);
    }
}
