//! What can be done with the queue: take paths in, and act on rows.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use ferry_engine::{Intake, IntakeProgress, TransferCommand};
use ferry_journal::NewBatch;
use ferry_model::{BatchId, Fault, FaultKind, KeyTemplate, ProfileId, TransferId, key, plan};

use crate::app::{App, now_ms};
use crate::batches::batch_label;
use crate::damage::QueueDamage;
use crate::messages::{Action, BatchForm, FieldProblem, MoveTo, Problem, Target};
use crate::rows::{command_of, selection};
use crate::settings;

impl App {
    /// Takes dropped paths in, under the chosen profile and its prefix. Returns once reading has
    /// begun; rows appear as they are found.
    ///
    /// # Errors
    /// No profile is chosen; the journal's.
    pub async fn add_paths(&self, paths: Vec<PathBuf>) -> Result<(), Problem> {
        if paths.is_empty() {
            return Ok(());
        }
        let profile =
            self.default_profile().await?.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        let staged =
            self.inner.staged.lock().expect("no code panics while holding this lock").clone();
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
        let naming = profile.naming.clone();
        let batch = NewBatch {
            profile: profile.id,
            fingerprint: String::new(),
            created_ms,
            options: options.clone(),
            naming,
            label: batch_label(&paths, &prefix),
        };
        let batch = self.inner.journal.add_batch(batch).await?;
        let intake = Intake {
            batch,
            bucket: profile.bucket.clone(),
            prefix,
            // Some file managers end a folder's address in `/`; only on a command line does that
            // mean "its contents".
            paths: paths.into_iter().map(|path| path.components().collect()).collect(),
            patterns: settings::load(&self.inner.journal).await?.patterns(),
            existing,
            integrity: profile.integrity,
            part_size: plan::AUTOMATIC,
            template: KeyTemplate::parse(&profile.naming.template)?,
            form: profile.naming.form,
            day: crate::form::day_at(created_ms),
            options,
            profile,
        };
        let progress = IntakeProgress::default();
        self.inner.publisher.intake_began(batch, progress.clone());
        let app = self.clone();
        tokio::spawn(async move {
            let added = app.inner.engine.add_paths(intake, progress).await;
            // What was found before a failure is all that will come.
            let ended = app.inner.journal.end_intake(batch).await.map_err(|error| error.fault());
            if let Err(fault) = added.map(|_| ()).and(ended) {
                tracing::error!(%fault, "taking paths in failed");
                app.inner.publisher.add_failure(fault);
            }
            app.inner.publisher.intake_ended(batch);
        });
        Ok(())
    }

    /// Says whether something of the page, as an open dialog, is in the way of files that are
    /// dropped: they are not taken then, and the page says so while they are held over it.
    pub fn refuse_drops(&self, refuse: bool) {
        self.inner.refuses_drops.store(refuse, Ordering::Relaxed);
    }

    /// Whether files are taken that are dropped now.
    pub fn takes_drops(&self) -> bool {
        !self.inner.refuses_drops.load(Ordering::Relaxed)
    }

    /// What files added from now on shall be like, where that differs from the chosen profile;
    /// `None` ends it. Says what is wrong with it, by field of [`BatchForm`]; files are refused
    /// meanwhile.
    ///
    /// # Errors
    /// No profile is chosen; the journal's.
    pub async fn stage_batch(&self, form: Option<BatchForm>) -> Result<Vec<FieldProblem>, Problem> {
        let (staged, problems) = match form {
            Some(form) => {
                let profile = self
                    .default_profile()
                    .await?
                    .ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
                let mut problems = crate::form::option_problems(profile.provider, &form.options);
                if let Err(fault) = key::check(profile.provider, &key::join(&form.prefix, &["x"])) {
                    problems
                        .push(FieldProblem { field: "prefix".to_owned(), problem: fault.into() });
                }
                (Some((profile.id, form)), problems)
            }
            None => (None, Vec::new()),
        };
        *self.inner.staged.lock().expect("no code panics while holding this lock") = staged;
        Ok(problems)
    }

    /// Acts on rows, for a window: what destroys or skips something waits, and can be undone until
    /// then. An action that does not fit a row leaves it as it is.
    ///
    /// # Errors
    /// The journal's.
    pub async fn act(&self, action: Action, target: Target) -> Result<(), Problem> {
        self.inner.engine.give(command_of(action), selection(target)).await?;
        Ok(())
    }

    /// Acts on rows at once: who typed the command said what is meant.
    ///
    /// # Errors
    /// The journal's.
    pub async fn act_at_once(&self, action: Action, target: Target) -> Result<(), Fault> {
        let selection = selection(target);
        match command_of(action) {
            TransferCommand::Remove => self.inner.engine.take_off(selection).await?,
            command => self.inner.engine.apply(command, selection).await?,
        };
        Ok(())
    }

    /// Where the file of a transfer is on this computer.
    ///
    /// # Errors
    /// There is no such transfer; the journal's.
    pub async fn source_of(&self, id: i64) -> Result<PathBuf, Problem> {
        let row = self.inner.journal.transfer(TransferId(id)).await?;
        let row = row.ok_or_else(|| Fault::new(FaultKind::SourceMissing))?;
        Ok(row.source.0)
    }

    /// Moves files within their batches: what waits is taken in the new order.
    ///
    /// # Errors
    /// The journal's.
    pub async fn move_transfers(&self, target: Target, place: MoveTo) -> Result<(), Fault> {
        self.inner.engine.move_transfers(selection(target), place.place()).await
    }

    /// Moves a batch among those with work left.
    ///
    /// # Errors
    /// The journal's.
    pub async fn move_batch(&self, id: i64, place: MoveTo) -> Result<(), Fault> {
        self.inner.engine.move_batch(BatchId(id), place.place()).await
    }

    /// Takes back an action that waits. Where it was carried out meanwhile, nothing happens.
    ///
    /// # Errors
    /// The journal's.
    pub async fn undo(&self, number: i64) -> Result<(), Problem> {
        self.inner.engine.undo(number).await?;
        Ok(())
    }

    /// Asks endpoints that do not answer at once, instead of at their next probe.
    pub fn try_now(&self) {
        self.inner.engine.try_now();
    }

    /// Lets a held profile try again with the keys it has: they may be good by now.
    pub fn release_profile(&self, id: i64) {
        self.inner.engine.release(ProfileId(id));
    }

    /// What of the queue, or of a batch, cannot be read.
    ///
    /// # Errors
    /// The journal's.
    pub async fn queue_damage(&self, batch: Option<BatchId>) -> Result<QueueDamage, Fault> {
        let journal = &self.inner.journal;
        Ok(QueueDamage {
            recovery: journal.recovery_notice(),
            unreadable: journal.unreadable_transfers(batch).await.map_err(|error| error.fault())?,
        })
    }

    /// The user was told of [`QueueDamage::recovery`]; a later start no longer reports it. Where
    /// the queue is only read, it stays to be reported.
    ///
    /// # Errors
    /// The journal's.
    pub async fn acknowledge_recovery(&self) -> Result<(), Fault> {
        let journal = &self.inner.journal;
        if journal.is_read_only() || journal.recovery_notice().is_none() {
            return Ok(());
        }
        journal.acknowledge_recovery().await.map_err(|error| error.fault())
    }
}
