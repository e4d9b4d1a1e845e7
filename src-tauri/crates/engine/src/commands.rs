//! Commands for transfers: pause, resume, cancel and the answers to questions. Which command fits
//! which state is [`ferry_model::command`].

use std::collections::BTreeSet;
use std::time::Duration;

use ferry_journal::{Journal, JournalError, RowState, Selection, TransferRow};
use ferry_model::command::{TransferCommand, is_removable};
use ferry_model::{
    BatchId, Decision, ExistingPolicy, Fault, Place, ProfileId, Standing, TransferId,
};

use crate::engine::Engine;
use crate::events::EngineEvent;
use crate::options::wants_digest;

/// Rows changed in one commit.
const ROWS_A_COMMIT: usize = 2_000;
/// Time between two looks at files that are waited for.
const LOOK: Duration = Duration::from_secs(1);

impl Engine {
    /// Carries out a command. Running transfers stop at once (their requests are dropped), then all
    /// rows change in the journal. Returns how many rows the command fitted.
    ///
    /// # Errors
    /// The journal's.
    pub async fn apply(
        &self,
        command: TransferCommand,
        selection: Selection,
    ) -> Result<usize, Fault> {
        let mut ready = self.scheduler.choosing.lock().await;
        if matches!(command, TransferCommand::Pause | TransferCommand::Cancel) {
            // Before anything is read: bytes stop at once, however long the queue is. What the
            // command does not fit starts again below.
            let named = match &selection {
                Selection::Ids(ids) => ids.clone(),
                Selection::Open | Selection::All => self.scheduler.running_ids(),
                // What others send would have to be sent again: it is asked which are meant.
                Selection::Batch(_) | Selection::Matching(_) | Selection::Part(_) => {
                    let running = self.scheduler.running_ids();
                    let among = self.shared.journal.selected_among(selection.clone(), &running);
                    among.await.map_err(|error| error.fault())?
                }
            };
            self.scheduler.interrupt(&named).await;
        }
        let journal = &self.shared.journal;
        // What a command waits for is that command's.
        let standings = journal.free_standings(selection).await.map_err(|error| error.fault())?;
        let goes_on = !matches!(command, TransferCommand::Pause | TransferCommand::Remove);
        let held = goes_on && !self.shared.holds.all().is_empty();
        // Why a row stopped is read with the row below; without it a command is never refused.
        let ids: Vec<TransferId> = standings
            .into_iter()
            .filter(|(_, phase, standing)| {
                // To go on is also to try a held profile again, whose transfers are active.
                command.allowed(phase.name(), *standing, None)
                    || (held && *standing == Standing::Active)
            })
            .map(|(id, ..)| id)
            .collect();
        ready.forget();
        let mut changed = 0;
        let mut profiles = BTreeSet::new();
        for ids in ids.chunks(ROWS_A_COMMIT) {
            let rows = journal.transfers(ids).await.map_err(|error| error.fault())?;
            profiles.extend(rows.iter().map(|row| row.profile));
            changed += self.change_rows(command, &rows).await?;
        }
        drop(ready);
        if goes_on {
            self.release_all(&profiles);
        }
        if command == TransferCommand::WaitUntilQuiet {
            self.shared.settling.look_again();
        }
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(changed)
    }

    /// Changes rows as a command does, in one commit. Call it with the scheduler's `choosing` held.
    pub(crate) async fn change_rows(
        &self,
        command: TransferCommand,
        rows: &[TransferRow],
    ) -> Result<usize, Fault> {
        let mut states = Vec::with_capacity(rows.len());
        for row in rows {
            states.extend(self.apply_to_row(command, row).await?);
        }
        let write = |journal: Journal| {
            let states = states.clone();
            async move { journal.set_states(states).await }
        };
        let changed = self.shared.durable.try_write(write).await?;
        for (id, state) in &states {
            if state.standing.has_ended() {
                self.shared.outcomes.emit(*id);
            }
        }
        Ok(changed)
    }

    /// Looks at the files that are waited for until the engine stops, also at those of an earlier
    /// run, and uploads those that are quiet.
    pub(crate) async fn upload_what_is_quiet(self) {
        let settling = &self.shared.settling;
        let mut waited_for = true;
        loop {
            tokio::select! {
                biased;
                () = self.scheduler.stopped() => return,
                () = settling.changed(), if !waited_for => {}
                () = tokio::time::sleep(LOOK), if waited_for => {}
            }
            let scope = self.scheduler.choosing.lock().await.scope.clone();
            let rows = self.shared.journal.of_standing(Standing::UntilQuiet, &scope).await;
            // What cannot be read now can be at the next look.
            let Ok(rows) = rows else {
                waited_for = true;
                continue;
            };
            waited_for = !rows.is_empty();
            settling.retain(&rows.iter().map(|row| row.id).collect());
            let mut quiet = Vec::new();
            for row in rows {
                let file = self.shared.files.open(&row.queued_source()).await;
                if settling.observe(row.id, file.ok().map(|file| file.identity())) {
                    quiet.push(row.id);
                }
            }
            if !quiet.is_empty()
                && let Err(fault) =
                    self.apply(TransferCommand::StartOver, Selection::Ids(quiet)).await
            {
                tracing::warn!(%fault, "files that are quiet could not be begun");
            }
        }
    }

    /// Takes rows off the list: those that have ended, or never asked anything of the store. Others
    /// are to be cancelled first. Receipts still tell of them.
    ///
    /// # Errors
    /// The journal's.
    pub async fn remove(&self, selection: Selection) -> Result<usize, Fault> {
        let remove =
            |journal: Journal, ids: Vec<TransferId>| async move { journal.remove(&ids).await };
        self.remove_by(selection, remove).await
    }

    /// As [`Engine::remove`], of rows that stand for nothing any more: no receipt tells of them.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn forget(&self, selection: Selection) -> Result<usize, Fault> {
        let forget =
            |journal: Journal, ids: Vec<TransferId>| async move { journal.forget(&ids).await };
        self.remove_by(selection, forget).await
    }

    async fn remove_by<Written>(
        &self,
        selection: Selection,
        write: impl Fn(Journal, Vec<TransferId>) -> Written,
    ) -> Result<usize, Fault>
    where
        Written: Future<Output = Result<usize, JournalError>>,
    {
        let mut ready = self.scheduler.choosing.lock().await;
        let journal = &self.shared.journal;
        let standings = journal.free_standings(selection).await.map_err(|error| error.fault())?;
        let ids: Vec<TransferId> = standings
            .into_iter()
            .filter(|(_, phase, standing)| is_removable(phase.name(), *standing))
            .map(|(id, ..)| id)
            .collect();
        if ids.is_empty() {
            return Ok(0);
        }
        self.scheduler.interrupt(&ids).await;
        ready.forget();
        let write = |journal: Journal| write(journal, ids.clone());
        let removed = self.shared.durable.try_write(write).await?;
        drop(ready);
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(removed)
    }

    /// Takes rows off the list; those with something open on the store are cancelled first, and go
    /// when that is done.
    ///
    /// # Errors
    /// The journal's.
    pub async fn take_off(&self, selection: Selection) -> Result<usize, Fault> {
        let removed = self.remove(selection.clone()).await?;
        let left = self.shared.journal.free_standings(selection).await;
        let left = left.map_err(|error| error.fault())?;
        if !left.is_empty() {
            let ids: Vec<TransferId> = left.into_iter().map(|(id, ..)| id).collect();
            self.apply(TransferCommand::Cancel, Selection::Ids(ids.clone())).await?;
            let engine = self.clone();
            tokio::spawn(async move { engine.remove_when_ended(ids).await });
        }
        Ok(removed)
    }

    pub(crate) async fn remove_when_ended(&self, ids: Vec<TransferId>) {
        let mut events = self.events();
        loop {
            if let Err(fault) = self.remove(Selection::Ids(ids.clone())).await {
                return tracing::warn!(%fault, "rows could not be removed");
            }
            match self.shared.journal.standings(Selection::Ids(ids.clone())).await {
                // What failed to be taken back stays, and says why.
                Ok(left) if left.iter().all(|(_, _, standing)| *standing == Standing::Failed) => {
                    return;
                }
                Ok(_) => {}
                Err(error) => {
                    return tracing::warn!(fault = %error.fault(), "rows could not be removed");
                }
            }
            // A lagging receiver only means that more happened: look again.
            let event = tokio::select! {
                biased;
                () = self.scheduler.stopped() => return,
                event = events.recv() => event,
            };
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = event {
                return;
            }
        }
    }

    /// Moves files within their batches: what waits is taken in the new order, what runs goes on.
    ///
    /// # Errors
    /// The journal's.
    pub async fn move_transfers(&self, selection: Selection, place: Place) -> Result<(), Fault> {
        let write = |journal: Journal| {
            let selection = selection.clone();
            async move { journal.move_transfers(selection, place).await.map(|_| ()) }
        };
        self.reorder(write).await
    }

    /// Moves a batch among those that are not finished.
    ///
    /// # Errors
    /// The journal's.
    pub async fn move_batch(&self, batch: BatchId, place: Place) -> Result<(), Fault> {
        let write = |journal: ferry_journal::Journal| async move {
            journal.move_batch(batch, place).await.map(|_| ())
        };
        self.reorder(write).await
    }

    async fn reorder<Write>(
        &self,
        write: impl Fn(ferry_journal::Journal) -> Write,
    ) -> Result<(), Fault>
    where
        Write: Future<Output = Result<(), ferry_journal::JournalError>>,
    {
        let mut ready = self.scheduler.choosing.lock().await;
        ready.forget();
        self.shared.durable.try_write(write).await?;
        drop(ready);
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(())
    }

    /// A command to go on also tries held profiles and silent endpoints again.
    pub(crate) fn release_all(&self, profiles: &BTreeSet<ProfileId>) {
        for profile in profiles {
            if self.shared.holds.is_held(*profile) {
                self.release(*profile);
            }
        }
        self.shared.gates.probe_now();
    }

    /// The row as the command makes it; `None` where it does not fit.
    async fn apply_to_row(
        &self,
        command: TransferCommand,
        row: &TransferRow,
    ) -> Result<Option<(TransferId, RowState)>, Fault> {
        let fault = row.fault.as_ref().map(|fault| fault.kind);
        if !command.allowed(row.phase.name(), row.standing, fault) {
            return Ok(None);
        }
        let before = row.transfer();
        let mut machine = before.clone();
        let mut state = RowState::of(&machine);
        match command {
            TransferCommand::Pause => machine.decide(Decision::Pause),
            TransferCommand::Cancel => machine.decide(Decision::Cancel),
            TransferCommand::Decide(ExistingPolicy::Skip) => machine.decide(Decision::Skip),
            TransferCommand::Decide(policy) => {
                state.existing = Some(policy);
                // Another name is another upload.
                machine.decide(match policy {
                    ExistingPolicy::Rename => Decision::StartOver,
                    _ => Decision::Resume,
                });
            }
            TransferCommand::Retry | TransferCommand::StartOver
                if row.standing.has_changed_source() =>
            {
                return self.take_source_as_it_is(row).await;
            }
            TransferCommand::Resume | TransferCommand::Retry => {
                if self.is_named_otherwise(row).await? {
                    return Ok(None);
                }
                machine.decide(Decision::Resume);
            }
            // [`Engine::upload_what_is_quiet`] looks at the file from now on.
            TransferCommand::WaitUntilQuiet => machine.decide(Decision::WaitUntilQuiet),
            // Only for changed sources; rows are removed by [`Engine::remove`].
            TransferCommand::StartOver | TransferCommand::Remove => return Ok(None),
        }
        let changed = machine != before || state.existing.is_some();
        Ok(changed.then(|| (row.id, with_machine(state, &machine))))
    }

    /// A changed source is uploaded as it is now: with its size unchanged, only parts that differ
    /// are sent again; otherwise the open upload is aborted and the file starts over.
    async fn take_source_as_it_is(
        &self,
        row: &TransferRow,
    ) -> Result<Option<(TransferId, RowState)>, Fault> {
        if self.is_named_otherwise(row).await? {
            return Ok(asks_again(row));
        }
        let mut machine = row.transfer();
        let mut state = RowState::of(&machine);
        if row.phase.upload_id().is_none() {
            // The old PutObject may have landed: under a new id it does not count as ours gone
            // wrong.
            state.ferry_id = Some(self.shared.random.object_id());
            machine.decide(Decision::StartOver);
            return Ok(Some((row.id, with_machine(state, &machine))));
        }
        let Ok(file) = self.shared.files.open(&row.queued_source()).await else {
            // The row already says what is wrong.
            return Ok(asks_again(row));
        };
        let now = file.identity();
        let batch = self.shared.batches.get(&self.shared.journal, row.batch).await?;
        // What the first request carried of the file's content cannot be corrected later.
        if now.size == row.size && !wants_digest(&batch.options) {
            // Parts without a row of ours are read again and compared with what the store has.
            let id = row.id;
            let forget = |journal: Journal| async move { journal.forget_parts(id).await };
            self.shared.durable.try_write(forget).await?;
            // The very file that was queued may be back.
            let same = row.identity.is_some_and(|queued| now.unchanged_since(&queued));
            state.taken_anew = (!same).then_some(true);
            state.identity = Some(now);
            machine.decide(Decision::Resume);
        } else {
            // Under a new id, nothing that the old upload left counts as ours.
            state.ferry_id = Some(self.shared.random.object_id());
            machine.decide(Decision::StartOver);
        }
        Ok(Some((row.id, with_machine(state, &machine))))
    }

    /// Whether the row's key tells a content that the file does not have, or none at all because it
    /// could not be read: only another add can name it.
    async fn is_named_otherwise(&self, row: &TransferRow) -> Result<bool, Fault> {
        let unnamed = row.identity.is_none() || row.standing.has_changed_source();
        if !unnamed {
            return Ok(false);
        }
        let batch = self.shared.batches.get(&self.shared.journal, row.batch).await?;
        Ok(batch.naming.tells_content())
    }
}

/// A changed file that cannot be begun: one that was waited for is asked about again, any other
/// stays as it is.
fn asks_again(row: &TransferRow) -> Option<(TransferId, RowState)> {
    let mut machine = row.transfer();
    machine.decide(Decision::AskAgain);
    (machine.standing != row.standing).then(|| (row.id, RowState::of(&machine)))
}

fn with_machine(state: RowState, machine: &ferry_model::Transfer) -> RowState {
    let now = RowState::of(machine);
    RowState { phase: now.phase, standing: now.standing, fault: now.fault, ..state }
}
