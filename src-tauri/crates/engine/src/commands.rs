//! What the user wants of transfers: pause, resume, cancel and the answers to questions.

use std::collections::HashSet;

use ferry_journal::{RowState, Selection, TransferRow};
use ferry_model::{
    Event, ExistingPolicy, Fault, FaultKind, Phase, ProfileId, Standing, TransferId,
};

use futures_util::{StreamExt as _, stream};

use crate::context::EngineEvent;
use crate::engine::Engine;
use crate::options::wants_digest;
use crate::reading::blocking;
use crate::source;

/// A wish for some transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferCommand {
    /// Stop; what is acknowledged stays.
    Pause,
    /// Go on with what is paused.
    Resume,
    /// Try again what failed. A file that changed on disk is taken as it is now: with its size
    /// unchanged, only parts that differ are sent again; otherwise the old upload is aborted and a
    /// new one begins.
    Retry,
    /// Take the upload back on the store.
    Cancel,
    /// An object is in the way: decide by this policy, then go on.
    Decide(ExistingPolicy),
}

/// Uploads that are given up are aborted this many at once.
const ABORTS_AT_ONCE: usize = 8;
/// Rows changed in one commit.
const ROWS_A_COMMIT: usize = 2_000;

impl Engine {
    /// Carries out a wish. Running transfers stop at once (their requests are dropped), then all
    /// rows change in the journal. Returns how many rows the wish fitted.
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
            // Before anything is read: bytes stop at once, however long the queue is. What the wish
            // does not fit starts again below.
            let named = match &selection {
                Selection::Ids(ids) => ids.clone(),
                Selection::Batch(_) | Selection::Open | Selection::All => {
                    self.scheduler.running_ids()
                }
            };
            self.scheduler.interrupt(&named).await;
        }
        let standings =
            self.context.journal.standings(selection).await.map_err(|error| error.fault())?;
        let allowed: Vec<TransferId> = standings
            .into_iter()
            .filter(|(_, phase, standing, _)| allowed(command, *phase, *standing))
            .map(|(id, ..)| id)
            .collect();
        ready.forget();
        let mut changed = 0;
        let mut profiles = HashSet::new();
        let mut given_up = Vec::new();
        for ids in allowed.chunks(ROWS_A_COMMIT) {
            let rows = self.context.journal.transfers(ids).await.map_err(|error| error.fault())?;
            let mut states = Vec::with_capacity(rows.len());
            for row in rows {
                profiles.insert(row.profile);
                states.extend(self.apply_to_row(command, &row, &mut given_up).await?);
            }
            changed +=
                self.context.journal.set_states(states).await.map_err(|error| error.fault())?;
        }
        drop(ready);
        if matches!(
            command,
            TransferCommand::Resume
                | TransferCommand::Retry
                | TransferCommand::Cancel
                | TransferCommand::Decide(_)
        ) {
            self.release_all(&profiles);
        }
        self.context.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        // Only now: a store that is slow to answer must not keep others from being chosen, paused
        // or stopped.
        stream::iter(given_up)
            .for_each_concurrent(
                ABORTS_AT_ONCE,
                |row| async move { self.abort_quietly(&row).await },
            )
            .await;
        Ok(changed)
    }

    /// Takes rows off the list: those that have ended, or never asked anything of the store. Others
    /// are to be cancelled first.
    ///
    /// # Errors
    /// The journal's.
    pub async fn remove(&self, selection: Selection) -> Result<usize, Fault> {
        let mut ready = self.scheduler.choosing.lock().await;
        let standings =
            self.context.journal.standings(selection).await.map_err(|error| error.fault())?;
        let ids: Vec<TransferId> = standings
            .into_iter()
            .filter(|(_, phase, standing, _)| standing.has_ended() || *phase == Phase::Fresh)
            .map(|(id, ..)| id)
            .collect();
        if ids.is_empty() {
            return Ok(0);
        }
        self.scheduler.interrupt(&ids).await;
        ready.forget();
        let removed = self.context.journal.remove(&ids).await.map_err(|error| error.fault())?;
        drop(ready);
        self.context.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        Ok(removed)
    }

    /// A wish to go on is a wish to try a held profile again.
    fn release_all(&self, profiles: &HashSet<ProfileId>) {
        for profile in profiles {
            if self.context.holds().contains_key(profile) {
                self.release(*profile);
            }
        }
        for (_, breaker) in self.context.breakers() {
            breaker.try_now();
        }
    }

    /// The row as the wish makes it; `None` where it does not fit. Uploads that are given up for
    /// another go to `given_up`.
    async fn apply_to_row(
        &self,
        command: TransferCommand,
        row: &TransferRow,
        given_up: &mut Vec<TransferRow>,
    ) -> Result<Option<(TransferId, RowState)>, Fault> {
        let mut machine = row.transfer();
        let (mut existing, mut identity, mut ferry_id) = (None, None, None);
        if command == TransferCommand::Retry
            && (is_refused_for_good(row) || self.is_named_otherwise(row).await?)
        {
            return Ok(None);
        }
        match command {
            TransferCommand::Pause => machine.on(Event::Pause),
            TransferCommand::Cancel => machine.on(Event::Cancel),
            TransferCommand::Decide(ExistingPolicy::Skip) => machine.on(Event::LeftOut),
            TransferCommand::Decide(policy) => {
                existing = Some(policy);
                if policy == ExistingPolicy::Rename && row.upload_id.is_some() {
                    given_up.push(row.clone());
                    machine.on(Event::StartOver);
                } else {
                    machine.on(Event::Resume);
                }
            }
            TransferCommand::Retry
                if row.standing == Standing::SourceChanged && row.upload_id.is_none() =>
            {
                // The old PutObject may have landed: under a new id it does not count as ours gone
                // wrong.
                ferry_id = Some(self.context.fresh_id());
                machine.on(Event::StartOver);
            }
            TransferCommand::Retry if row.standing == Standing::SourceChanged => {
                let path = row.source.0.clone();
                let now = match blocking(move || source::open(&path)).await {
                    Ok((_, now)) => now,
                    // It stays as it is: the row already says what is wrong.
                    Err(_) => return Ok(None),
                };
                // What the first request carried of the file's content cannot be corrected later.
                let told_content = wants_digest(&self.context.batch(row.batch).await?.options);
                if now.size == row.size && !told_content {
                    // Parts without a row of ours are read again and compared with what the store
                    // has.
                    self.context
                        .journal
                        .forget_parts(row.id)
                        .await
                        .map_err(|error| error.fault())?;
                    identity = Some(now);
                    machine.on(Event::Resume);
                } else {
                    given_up.push(row.clone());
                    machine.on(Event::StartOver);
                }
            }
            TransferCommand::Resume | TransferCommand::Retry => machine.on(Event::Resume),
        }
        if machine == row.transfer() {
            return Ok(None);
        }
        Ok(Some((row.id, RowState { existing, identity, ferry_id, ..RowState::of(&machine) })))
    }

    /// Whether the row's key tells a content that the file does not have, or none at all because it
    /// could not be read: only another add can name it.
    async fn is_named_otherwise(&self, row: &TransferRow) -> Result<bool, Fault> {
        let unnamed = row.identity.is_none() || row.standing == Standing::SourceChanged;
        Ok(unnamed && self.context.batch(row.batch).await?.naming.tells_content())
    }

    /// Aborts an upload that is given up for another. If the store cannot be asked now, the upload
    /// stays open there, and the log says so.
    async fn abort_quietly(&self, row: &TransferRow) {
        let Some(upload_id) = &row.upload_id else { return };
        let aborted = async {
            let profile =
                self.context.journal.profile(row.profile).await.map_err(|error| error.fault())?;
            let profile = profile.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
            let store = self.context.store(&profile, &row.bucket).await?;
            store.abort(&row.key, upload_id).await.map_err(|error| error.fault)
        };
        if let Err(fault) = aborted.await {
            tracing::warn!(id = %row.id, upload_id, %fault, "an upload that was given up is still open on the store");
        }
    }
}

fn allowed(command: TransferCommand, phase: Phase, standing: Standing) -> bool {
    match command {
        TransferCommand::Pause => {
            standing == Standing::Active && !matches!(phase, Phase::Aborting | Phase::Withdrawing)
        }
        TransferCommand::Resume => standing == Standing::Paused,
        TransferCommand::Retry => matches!(standing, Standing::Failed | Standing::SourceChanged),
        TransferCommand::Cancel => !standing.has_ended(),
        TransferCommand::Decide(_) => standing == Standing::Conflict,
    }
}

/// What the walk refused for reasons that only another add can change: sending it after all would
/// follow a link, or replace another file of the same batch.
fn is_refused_for_good(row: &TransferRow) -> bool {
    let kinds = [FaultKind::KeyCollision, FaultKind::SourceIsLink, FaultKind::NameNotUnicode];
    row.phase == Phase::Fresh && row.fault.as_ref().is_some_and(|fault| kinds.contains(&fault.kind))
}
