//! How a command's run goes: what the window measures and sums up, for one batch or the whole
//! queue.

use std::collections::HashMap;
use std::time::Duration;

use ferry_engine::LiveView;
use ferry_journal::TransferProgress;
use ferry_model::{BatchId, Fault, TransferId};
use tokio::time::Instant;

use crate::app::App;
use crate::messages::{Row, Totals};
use crate::pace::{Pace, PaceInputs};
use crate::report::BatchReport;
use crate::rows::{Surroundings, any_runs, row, waits};
use crate::waiting::Waiting;

/// Two looks that are closer than this say nothing about speed.
const LEAST: Duration = Duration::from_millis(100);

/// What was measured of a run so far.
pub struct ProgressWatch {
    batch: Option<BatchId>,
    pace: Pace,
    waiting: Waiting,
}

impl std::fmt::Debug for ProgressWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProgressWatch").field("batch", &self.batch).finish_non_exhaustive()
    }
}

/// How a run goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunProgress {
    /// How its transfers stand.
    pub report: BatchReport,
    /// Their sums, with what happened since the journal was written.
    pub totals: Totals,
    /// What runs, those first of which bytes are under way.
    pub running: Vec<Row>,
    /// Requests tried again in this run.
    pub retries: u64,
    /// Requests with a body side by side now.
    pub requests: usize,
}

impl App {
    /// Begins to follow a batch, or all of the queue.
    pub fn watch_progress(&self, batch: Option<BatchId>) -> ProgressWatch {
        let now = Instant::now();
        ProgressWatch {
            batch,
            pace: Pace::new(now, self.inner.engine.run_totals()),
            waiting: Waiting::new(now),
        }
    }

    /// How the run goes now. Speeds are measured from one call to the next.
    ///
    /// # Errors
    /// The journal's.
    pub async fn progress(&self, watch: &mut ProgressWatch) -> Result<RunProgress, Fault> {
        let (engine, journal) = (&self.inner.engine, &self.inner.journal);
        // Before the journal: what ends in between is whole there, and missing here would be lost
        // from the sums for a moment.
        let live: HashMap<TransferId, LiveView> = engine.all_live().into_iter().collect();
        let ids: Vec<TransferId> = live.keys().copied().collect();
        let sums = journal.totals(watch.batch).await.map_err(|error| error.fault())?;
        let mut rows = journal.transfers(&ids).await.map_err(|error| error.fault())?;
        rows.retain(|row| watch.batch.is_none_or(|batch| row.batch == batch));
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        let profiles = profiles.into_iter().map(|profile| (profile.id, profile)).collect();
        let waits = waits(&engine.holds(), &engine.offline(), &profiles);
        let run = engine.run_totals();
        watch.pace.measure(Instant::now(), &live, run, sums.done, LEAST);
        let progress: Vec<TransferProgress> = rows.iter().map(Into::into).collect();
        let moving = engine.journal_trouble().is_none() && any_runs(&progress, &waits);
        watch.waiting.refresh(journal, waits.keys().copied().collect()).await?;
        let totals = watch.pace.totals(&PaceInputs {
            sums: &sums,
            running: &progress,
            live: &live,
            moving,
            waiting: watch.waiting.bytes(),
        });
        let speeds = watch.pace.speeds();
        let around = Surroundings { profiles, live, waits, speeds, ..Surroundings::default() };
        // What ended since is shown by the sums.
        let mut running: Vec<Row> = rows
            .iter()
            .filter(|transfer| !transfer.standing.has_ended())
            .map(|transfer| row(transfer, &around))
            .collect();
        running.sort_by_key(|row| row.in_flight == 0);
        Ok(RunProgress {
            report: BatchReport::of(&sums),
            totals,
            running,
            retries: run.retries,
            requests: run.in_flight,
        })
    }
}
