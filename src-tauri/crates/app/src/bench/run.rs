//! One phase under way, and what it measured.

use std::time::Duration;

use ferry_model::bench::{BenchPhase, PhaseFigures};
use ferry_model::{BatchId, Fault, FaultKind, Profile};
use tokio::time::Instant;

use super::cleanup::{self, Cleanup};
use crate::app::App;
use crate::put::{PutProgress, Reading};

/// A phase that was begun.
#[derive(Debug)]
pub struct BenchRun {
    app: App,
    put: PutProgress,
    phase: BenchPhase,
    prefix: String,
    began: Instant,
    ended: Option<Instant>,
    time_up: bool,
}

impl BenchRun {
    pub(super) fn new(app: App, put: PutProgress, phase: BenchPhase, prefix: String) -> Self {
        let began = Instant::now();
        Self { app, put, phase, prefix, began, ended: None, time_up: false }
    }

    /// The phase's own app, with its queue in memory: to watch it.
    pub fn app(&self) -> App {
        self.app.clone()
    }

    /// Its files.
    pub fn batch(&self) -> BatchId {
        self.put.batch
    }

    /// Whether its files are still being queued.
    pub fn reading(&self) -> Reading {
        self.put.reading()
    }

    /// Whether the time was up before everything was done.
    pub fn time_is_up(&self) -> bool {
        self.time_up
    }

    /// Returns when everything is done, or nothing can run any more, or after `most`.
    ///
    /// # Errors
    /// The journal's.
    pub async fn finished(&mut self, most: Duration) -> Result<(), Fault> {
        let Self { put, app, .. } = self;
        let done = async {
            put.intake().await?;
            app.idle().await;
            Ok(())
        };
        let outcome = tokio::time::timeout(most, done).await;
        self.ended = Some(Instant::now());
        self.time_up = outcome.is_err();
        outcome.unwrap_or(Ok(()))
    }

    /// What was measured until it was finished, or until now.
    ///
    /// # Errors
    /// The journal's.
    pub async fn figures(&self) -> Result<PhaseFigures, Fault> {
        let seconds = self.ended.unwrap_or_else(Instant::now) - self.began;
        let totals = self.app.run_totals();
        let profile = self.profile().await?;
        let engine = &self.app.inner.engine;
        let requests = match self.phase {
            BenchPhase::Large => engine.large_requests(profile.id),
            BenchPhase::Small => engine.small_requests(profile.id),
        };
        let report = self.app.batch_report(Some(self.batch())).await?;
        let open = if self.time_up { 0 } else { report.waiting };
        Ok(PhaseFigures {
            phase: self.phase,
            objects: report.verified,
            unfinished: report.failed + report.skipped + open,
            acked_bytes: report.acked_bytes,
            seconds: seconds.as_secs_f64(),
            retries: totals.retries,
            requests: requests.requests,
            answers: requests.answers,
            parallel: requests.parallel,
            chosen: requests.chosen,
            waits: totals.waits,
        })
    }

    /// Why something of it is not done, if that is known.
    ///
    /// # Errors
    /// The journal's.
    pub async fn fault(&self) -> Result<Option<Fault>, Fault> {
        let items = self.app.unfinished(self.batch()).await?;
        let told = items.into_iter().find_map(|item| item.fault);
        Ok(told.or_else(|| self.app.inner.engine.last_retry()))
    }

    /// Stops what runs, deletes every object that the phase made, and aborts every upload. What
    /// cannot be deleted within two minutes is told as left.
    pub async fn clean(self) -> Cleanup {
        self.app.stop_running().await;
        let cleaned = match self.profile().await {
            Ok(profile) => cleanup::clean(&self.app, &profile, self.put.batch, &self.prefix).await,
            Err(fault) => Cleanup { fault: Some(fault), ..Cleanup::default() },
        };
        self.app.shutdown().await;
        cleaned
    }

    /// The one profile of the phase's queue.
    async fn profile(&self) -> Result<Profile, Fault> {
        let profiles = self.app.inner.journal.profiles().await.map_err(|error| error.fault())?;
        let none = || Fault::new(FaultKind::Internal).with_detail("a benchmark without a profile");
        profiles.into_iter().next().ok_or_else(none)
    }
}
