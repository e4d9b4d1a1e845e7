//! What can be done with the queue: act on rows, and say what files to come shall be like.

use std::path::PathBuf;

use ferry_engine::TransferCommand;
use ferry_model::{BatchId, Fault, FaultKind, ProfileId, TransferId, key};

use crate::app::App;
use crate::damage::QueueDamage;
use crate::messages::{Action, BatchForm, FieldProblem, MoveTo, Problem, Target};
use crate::rows::command_of;

impl App {
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
        let selection = self.selection(target).await?;
        self.inner.engine.give(command_of(action), selection).await?;
        Ok(())
    }

    /// Acts on rows at once: who typed the command said what is meant.
    ///
    /// # Errors
    /// The journal's.
    pub async fn act_at_once(&self, action: Action, target: Target) -> Result<(), Fault> {
        let selection = self.selection(target).await?;
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
        let selection = self.selection(target).await?;
        self.inner.engine.move_transfers(selection, place.place()).await
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
