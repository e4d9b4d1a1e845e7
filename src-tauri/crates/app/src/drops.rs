//! Dropped paths on their way into the queue: looked through first, asked about where they are many
//! or something is wrong with them, then queued.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ferry_engine::{Intake, IntakeProgress, ProblemFiles, Surveyed, SurveyedKeys};
use ferry_journal::NewBatch;
use ferry_model::{BatchId, Fault, FaultKind, KeyTemplate, ProfileId};
use tokio::time::Instant;

use crate::app::{App, now_ms};
use crate::batches::batch_label;
use crate::messages::{DropAnswer, Problem};
use crate::pending_drop::{PendingDrop, PlannedDrop, QUIET};
use crate::publisher::lock;
use crate::settings;

/// How often the window is told how far the reading is.
const TELL: Duration = Duration::from_millis(250);

impl App {
    /// Takes dropped paths in, under the chosen profile and its prefix. Most are queued as soon as
    /// they were looked through; a drop that [asks first](ferry_model::Survey::asks_first) waits for
    /// [`App::answer_drop`]. Returns when all of it is in the journal or asked about, or after a
    /// second, and it goes on.
    ///
    /// # Errors
    /// No profile is chosen; the journal's.
    pub async fn add_paths(&self, paths: Vec<PathBuf>) -> Result<(), Problem> {
        self.add_paths_under(None, paths).await
    }

    /// As [`App::add_paths`], under a profile that need not be the chosen one.
    pub(crate) async fn add_paths_under(
        &self,
        profile: Option<ProfileId>,
        paths: Vec<PathBuf>,
    ) -> Result<(), Problem> {
        if paths.is_empty() {
            return Ok(());
        }
        let planned = self.plan_drop(profile, paths).await?;
        let publisher = &self.inner.publisher;
        let id = publisher.numbers.fetch_add(1, Ordering::Relaxed);
        let (progress, stop) = (IntakeProgress::default(), publisher.stop.child_token());
        let pending = PendingDrop {
            planned: planned.clone(),
            progress: progress.clone(),
            began: Instant::now(),
            survey: None,
            existing: None,
            stop: stop.clone(),
            decided: false,
        };
        lock(&publisher.drops).insert(id, pending);
        let app = self.clone();
        let reading = tokio::spawn(async move {
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = app.inner.engine.survey(&planned.intake, &progress) => outcome,
                never = app.tell_of_reading() => never,
            };
            app.surveyed(id, outcome).await;
        });
        // Dropping its handle does not end it.
        if tokio::time::timeout(QUIET, reading).await.is_err() {
            tracing::debug!("folders take long to read");
        }
        Ok(())
    }

    /// Answers what the review of a drop asks, or does not wait for the end of the reading.
    ///
    /// # Errors
    /// None: what fails later is a notice.
    pub async fn answer_drop(&self, id: u64, answer: DropAnswer) -> Result<(), Problem> {
        let problem_files = match answer {
            DropAnswer::Start => Some(ProblemFiles::List),
            DropAnswer::LeaveOutProblems => Some(ProblemFiles::LeaveOut),
            DropAnswer::Cancel => None,
        };
        let app = self.clone();
        tokio::spawn(async move {
            let queued = app.decide_drop(id, problem_files).await;
            app.report_drop(queued);
        });
        Ok(())
    }

    /// Keeps the window told while folders are read; never ends.
    async fn tell_of_reading<T>(&self) -> T {
        loop {
            tokio::time::sleep(TELL).await;
            self.inner.publisher.dirty.store(true, Ordering::Relaxed);
        }
    }

    async fn surveyed(&self, id: u64, outcome: Result<Surveyed, Fault>) {
        let publisher = &self.inner.publisher;
        let queued = match outcome {
            Ok(Surveyed { survey, keys }) if survey.asks_first() => {
                if let Some(pending) = lock(&publisher.drops).get_mut(&id) {
                    pending.survey = Some(survey);
                }
                let app = self.clone();
                tokio::spawn(async move { app.count_existing(id, &keys).await });
                Ok(())
            }
            Ok(_) => self.decide_drop(id, Some(ProblemFiles::List)).await,
            Err(fault) => self.decide_drop(id, None).await.and(Err(fault)),
        };
        self.report_drop(queued);
    }

    /// Counts what exists at the destination while the user reads what else was found.
    async fn count_existing(&self, id: u64, keys: &SurveyedKeys) {
        let publisher = &self.inner.publisher;
        let Some((intake, stop)) = lock(&publisher.drops)
            .get(&id)
            .map(|pending| (pending.planned.intake.clone(), pending.stop.clone()))
        else {
            return;
        };
        let existing = tokio::select! {
            () = stop.cancelled() => return,
            existing = self.inner.engine.existing(&intake, keys) => existing,
        };
        if let Some(pending) = lock(&publisher.drops).get_mut(&id) {
            pending.existing = Some(existing);
        }
        publisher.dirty.store(true, Ordering::Relaxed);
    }

    fn report_drop(&self, queued: Result<(), Fault>) {
        if let Err(fault) = queued {
            tracing::error!(%fault, "taking paths in failed");
            self.inner.publisher.add_failure(fault);
        }
        self.inner.publisher.dirty.store(true, Ordering::Relaxed);
    }

    /// Queues a drop, or lets go of it; what was decided first counts.
    async fn decide_drop(&self, id: u64, problem_files: Option<ProblemFiles>) -> Result<(), Fault> {
        let publisher = &self.inner.publisher;
        let planned = lock(&publisher.drops).get_mut(&id).and_then(PendingDrop::decide);
        let Some(PlannedDrop { batch, intake, .. }) = planned else { return Ok(()) };
        let Some(problem_files) = problem_files else {
            publisher.drop_ended(id);
            return Ok(());
        };
        let batch = self.add_batch(batch).await.inspect_err(|_| publisher.drop_ended(id))?;
        let progress = IntakeProgress::default();
        // In this order, so that files are being added at each moment.
        publisher.intake_began(batch, progress.clone());
        publisher.drop_ended(id);
        let intake = Intake { batch, problem_files, ..intake };
        let added = self.inner.engine.add_paths(intake, progress).await;
        // What was found before a failure is all that will come.
        let ended = self.inner.journal.end_intake(batch).await.map_err(|error| error.fault());
        publisher.intake_ended(batch);
        added.map(|_| ()).and(ended)
    }

    /// What dropped paths become under the profile, or else the chosen one, its prefix, and what
    /// was staged.
    async fn plan_drop(
        &self,
        profile: Option<ProfileId>,
        paths: Vec<PathBuf>,
    ) -> Result<PlannedDrop, Problem> {
        let profile = match profile {
            Some(ProfileId(id)) => self.stored_profile(id).await?,
            None => self.default_profile().await?,
        }
        .ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        let staged = lock(&self.inner.staged).clone();
        // Options that were chosen for one bucket are not taken to another.
        let (prefix, existing, options) = match staged
            .filter(|(id, _)| *id == profile.id)
            .map(|(_, form)| form)
        {
            Some(form) => {
                if let Some(first) =
                    crate::form::option_problems(profile.provider, &form.options).into_iter().next()
                {
                    return Err(first.problem);
                }
                (form.prefix, form.existing, crate::form::options::options(&form.options))
            }
            None => (profile.prefix.clone(), profile.existing, profile.options.clone()),
        };
        let created_ms = now_ms();
        let batch = NewBatch {
            profile: profile.id,
            fingerprint: String::new(),
            created_ms,
            options: options.clone(),
            naming: profile.naming.clone(),
            label: batch_label(&paths, &prefix),
        };
        let stored = settings::load(&self.inner.journal).await?;
        let intake = Intake {
            batch: BatchId(0),
            bucket: profile.bucket.clone(),
            prefix,
            // Some file managers end a folder's address in `/`; only on a command line does that
            // mean "its contents".
            paths: paths.into_iter().map(|path| path.components().collect()).collect(),
            patterns: stored.patterns(),
            existing: existing.or(stored.existing),
            integrity: profile.integrity.or(stored.integrity),
            part_size: stored.part_size(),
            template: KeyTemplate::parse(&profile.naming.template)?,
            form: profile.naming.form,
            day: crate::form::day_at(created_ms),
            options,
            problem_files: ProblemFiles::List,
            profile,
        };
        let speed = self.inner.publisher.last_speed.load(Ordering::Relaxed);
        Ok(PlannedDrop { batch, intake, speed })
    }
}
