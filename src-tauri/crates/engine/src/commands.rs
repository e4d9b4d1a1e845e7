//! Commands for transfers: pause, resume, cancel and the answers to questions. Which command fits
//! which state is [`ferry_model::command`].

use std::collections::BTreeSet;
use std::time::Duration;

use ferry_journal::{RowState, Selection, TransferRow};
use ferry_model::command::{TransferCommand, is_removable};
use ferry_model::{Decision, ExistingPolicy, Fault, ProfileId, Standing, TransferId};

use crate::engine::Engine;
use crate::events::EngineEvent;
use crate::options::wants_digest;

/// Rows changed in one commit.
const ROWS_A_COMMIT: usize = 2_000;
/// Time between two looks at files that settle.
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
        if command == TransferCommand::WaitUntilQuiet {
            return self.wait_until_quiet(selection).await;
        }
        let mut ready = self.scheduler.choosing.lock().await;
        if matches!(command, TransferCommand::Pause | TransferCommand::Cancel) {
            // Before anything is read: bytes stop at once, however long the queue is. What the
            // command does not fit starts again below.
            let named = match &selection {
                Selection::Ids(ids) => ids.clone(),
                Selection::Batch(_) | Selection::Open | Selection::All => {
                    self.scheduler.running_ids()
                }
            };
            self.scheduler.interrupt(&named).await;
        }
        let journal = &self.shared.journal;
        let standings = journal.standings(selection).await.map_err(|error| error.fault())?;
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
            let mut states = Vec::with_capacity(rows.len());
            for row in rows {
                profiles.insert(row.profile);
                states.extend(self.apply_to_row(command, &row).await?);
            }
            let write = |journal: ferry_journal::Journal| {
                let states = states.clone();
                async move { journal.set_states(states).await }
            };
            changed += self.shared.durable.try_write(write).await?;
        }
        drop(ready);
        if goes_on {
            self.release_all(&profiles);
        }
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(changed)
    }

    async fn wait_until_quiet(&self, selection: Selection) -> Result<usize, Fault> {
        let standings = self.shared.journal.standings(selection).await;
        let changed: Vec<TransferId> = standings
            .map_err(|error| error.fault())?
            .into_iter()
            .filter(|(_, phase, standing)| {
                TransferCommand::WaitUntilQuiet.allowed(phase.name(), *standing, None)
            })
            .map(|(id, ..)| id)
            .collect();
        self.shared.settling.add(&changed);
        self.shared.events.emit(EngineEvent::Rows);
        Ok(changed.len())
    }

    /// Looks at the files that settle until the engine stops, and uploads those that are quiet.
    pub(crate) async fn upload_what_is_quiet(self) {
        let settling = &self.shared.settling;
        loop {
            tokio::select! {
                biased;
                () = self.scheduler.stopped() => return,
                () = async { settling.any().await; tokio::time::sleep(LOOK).await } => {}
            }
            // What cannot be read now can be at the next look.
            let Ok(rows) = self.shared.journal.transfers(&settling.ids()).await else { continue };
            let mut quiet = Vec::new();
            let mut open = BTreeSet::new();
            for row in rows.iter().filter(|row| row.standing == Standing::SourceChanged) {
                open.insert(row.id);
                let file = self.shared.files.open(&row.queued_source()).await;
                if settling.observe(row.id, file.ok().map(|file| file.identity())) {
                    quiet.push(row.id);
                }
            }
            if !quiet.is_empty() {
                let quiet = Selection::Ids(quiet.clone());
                if let Err(fault) = self.apply(TransferCommand::StartOver, quiet).await {
                    tracing::warn!(%fault, "files that are quiet could not be begun");
                    continue;
                }
            }
            // One that could not be begun asks the user again.
            settling.retain(|id| open.contains(&id) && !quiet.contains(&id));
        }
    }

    /// Takes rows off the list: those that have ended, or never asked anything of the store. Others
    /// are to be cancelled first.
    ///
    /// # Errors
    /// The journal's.
    pub async fn remove(&self, selection: Selection) -> Result<usize, Fault> {
        let mut ready = self.scheduler.choosing.lock().await;
        let journal = &self.shared.journal;
        let standings = journal.standings(selection).await.map_err(|error| error.fault())?;
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
        let write = |journal: ferry_journal::Journal| {
            let ids = ids.clone();
            async move { journal.remove(&ids).await }
        };
        let removed = self.shared.durable.try_write(write).await?;
        drop(ready);
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(removed)
    }

    /// A command to go on also tries held profiles and silent endpoints again.
    fn release_all(&self, profiles: &BTreeSet<ProfileId>) {
        for profile in profiles {
            if self.shared.holds.is_held(*profile) {
                self.release(*profile);
            }
        }
        self.shared.gates.try_now();
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
                if row.standing == Standing::SourceChanged =>
            {
                return self.take_source_as_it_is(row).await;
            }
            TransferCommand::Resume | TransferCommand::Retry => {
                if self.is_named_otherwise(row).await? {
                    return Ok(None);
                }
                machine.decide(Decision::Resume);
            }
            // Only for changed sources; rows are removed by [`Engine::remove`], and files that
            // settle are looked at by [`Engine::upload_what_is_quiet`].
            TransferCommand::StartOver
            | TransferCommand::WaitUntilQuiet
            | TransferCommand::Remove => return Ok(None),
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
            return Ok(None);
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
            // It stays as it is: the row already says what is wrong.
            return Ok(None);
        };
        let now = file.identity();
        let batch = self.shared.batches.get(&self.shared.journal, row.batch).await?;
        // What the first request carried of the file's content cannot be corrected later.
        if now.size == row.size && !wants_digest(&batch.options) {
            // Parts without a row of ours are read again and compared with what the store has.
            let id = row.id;
            let forget =
                |journal: ferry_journal::Journal| async move { journal.forget_parts(id).await };
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
        let unnamed = row.identity.is_none() || row.standing == Standing::SourceChanged;
        if !unnamed {
            return Ok(false);
        }
        let batch = self.shared.batches.get(&self.shared.journal, row.batch).await?;
        Ok(batch.naming.tells_content())
    }
}

fn with_machine(state: RowState, machine: &ferry_model::Transfer) -> RowState {
    let now = RowState::of(machine);
    RowState { phase: now.phase, standing: now.standing, fault: now.fault, ..state }
}
