//! Commands that destroy or skip something: written down, undone, carried out. Which those are, and
//! how long they wait, is [`ferry_model::undo`].

use std::collections::BTreeSet;
use std::time::Duration;

use ferry_journal::{DeferredCommand, Selection, TransferRow};
use ferry_model::command::{TransferCommand, is_removable};
use ferry_model::undo::UNDO;
use ferry_model::{Deferred, Fault, ProfileId, TransferId};

use crate::engine::Engine;
use crate::events::EngineEvent;

/// Rows changed in one commit.
const ROWS_A_COMMIT: u64 = 2_000;
/// Time between two tries of what the journal refused.
const PAUSE: Duration = Duration::from_secs(2);

impl Engine {
    /// Does what a user of a window wants: at once, or as a command that waits and can be undone,
    /// where it destroys or skips something. Running transfers stop at once in either case.
    /// Returns the command that waits.
    ///
    /// # Errors
    /// The journal's.
    pub async fn give(
        &self,
        command: TransferCommand,
        selection: Selection,
    ) -> Result<Option<DeferredCommand>, Fault> {
        let Some(deferred) = command.deferred() else {
            self.apply(command, selection).await?;
            return Ok(None);
        };
        self.drop_earlier().await?;
        let mut ready = self.scheduler.choosing.lock().await;
        let journal = &self.shared.journal;
        // First, so that what a running transfer writes last is before the command.
        let running = self.scheduler.running_ids();
        let among = journal.selected_among(selection.clone(), &running).await;
        let among = among.map_err(|error| error.fault())?;
        if stops(deferred) {
            self.scheduler.interrupt(&among).await;
        }
        ready.forget();
        let wait = i64::try_from(UNDO.as_millis()).unwrap_or(i64::MAX);
        let effective_ms = self.shared.clock.now_ms().saturating_add(wait);
        let write = |journal: ferry_journal::Journal| {
            let selection = selection.clone();
            async move { journal.defer(deferred, selection, effective_ms).await }
        };
        let given = self.shared.durable.try_write(write).await;
        if let Ok(Some(command)) = &given {
            self.shared.waiting.add(command.number);
        }
        drop(ready);
        self.shared.events.emit(EngineEvent::Rows);
        // What the command is not for goes on.
        self.scheduler.reschedule();
        given
    }

    /// Drops a command that waits: its rows are what they were. `false` where it waits no more.
    ///
    /// # Errors
    /// The journal's; the command is not carried out then either.
    pub async fn undo(&self, number: i64) -> Result<bool, Fault> {
        {
            let _ready = self.scheduler.choosing.lock().await;
            if !self.shared.waiting.take_out(number) {
                return Ok(false);
            }
        }
        // From here on nothing carries it out, however long the journal takes.
        let write =
            |journal: ferry_journal::Journal| async move { journal.end_deferred(number).await };
        let undone = self.shared.durable.write(write).await;
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.reschedule();
        undone
    }

    /// The commands that can be undone.
    pub fn undoable(&self) -> Vec<i64> {
        self.shared.waiting.numbers()
    }

    /// What an earlier run took and did not carry out is dropped: its user could not undo it.
    pub(crate) async fn drop_earlier(&self) -> Result<(), Fault> {
        let dropped = self.shared.waiting.begun().get_or_try_init(|| async {
            let write =
                |journal: ferry_journal::Journal| async move { journal.drop_deferred().await };
            if self.shared.durable.try_write(write).await? {
                tracing::info!("commands that waited when the program ended were dropped");
                self.shared.events.emit(EngineEvent::Rows);
                self.scheduler.reschedule();
            }
            Ok::<(), Fault>(())
        });
        dropped.await.map(|_| ())
    }

    /// Carries out what waits, each command in its time and in their order, until the engine stops.
    pub(crate) async fn carry_out_what_waits(self) {
        if self.shared.journal.is_read_only() {
            return;
        }
        while self.drop_earlier().await.is_err() {
            tokio::select! {
                biased;
                () = self.scheduler.stopped() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        let waiting = &self.shared.waiting;
        loop {
            let first = waiting.first();
            let due = async {
                match first {
                    Some((_, at)) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.scheduler.stopped() => return,
                () = waiting.changed() => continue,
                () = due => {}
            }
            let Some((number, _)) = first else { continue };
            let begun = {
                let _ready = self.scheduler.choosing.lock().await;
                !self.scheduler.is_stopped() && waiting.begin(number)
            };
            if begun {
                self.carry_out(number).await;
                waiting.end();
                self.scheduler.reschedule();
            }
        }
    }

    /// Carries a command out, some rows at a time. What a stop leaves is dropped by the next start.
    async fn carry_out(&self, number: i64) {
        let mut course =
            Course { number, after: TransferId(0), profiles: BTreeSet::new(), leaving: Vec::new() };
        loop {
            let step = self.carry_out_some(&mut course).await;
            if self.scheduler.is_stopped() {
                return;
            }
            match step {
                Ok(Step::Next) => {}
                Ok(Step::Over) => break,
                Err(fault) => {
                    tracing::warn!(number, %fault, "a command could not be carried out yet");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.release_all(&course.profiles);
        if !course.leaving.is_empty() {
            let engine = self.clone();
            tokio::spawn(async move { engine.remove_when_ended(course.leaving).await });
        }
        self.shared.events.emit(EngineEvent::Rows);
    }

    async fn carry_out_some(&self, course: &mut Course) -> Result<Step, Fault> {
        let mut ready = self.scheduler.choosing.lock().await;
        ready.forget();
        let (journal, number) = (&self.shared.journal, course.number);
        let found = journal.deferred_transfers(number, course.after, ROWS_A_COMMIT).await;
        let Some((command, rows)) = found.map_err(|error| error.fault())? else {
            return Ok(Step::Over);
        };
        let Some(last) = rows.last().map(|row| row.id) else {
            let write =
                |journal: ferry_journal::Journal| async move { journal.end_deferred(number).await };
            self.shared.durable.try_write(write).await?;
            return Ok(Step::Over);
        };
        if command == Deferred::Remove {
            course.leaving.extend(self.remove_rows(rows).await?);
        } else {
            course.profiles.extend(rows.iter().map(|row| row.profile));
            self.change_rows(command.command(), &rows).await?;
        }
        course.after = last;
        Ok(Step::Next)
    }

    /// Removes rows. Those with something open are cancelled and returned: they go when that is
    /// done.
    async fn remove_rows(&self, rows: Vec<TransferRow>) -> Result<Vec<TransferId>, Fault> {
        let (now, later): (Vec<TransferRow>, Vec<TransferRow>) =
            rows.into_iter().partition(|row| is_removable(row.phase.name(), row.standing));
        let now: Vec<TransferId> = now.into_iter().map(|row| row.id).collect();
        let write = |journal: ferry_journal::Journal| {
            let now = now.clone();
            async move { journal.remove(&now).await }
        };
        self.shared.durable.try_write(write).await?;
        self.change_rows(TransferCommand::Cancel, &later).await?;
        Ok(later.into_iter().map(|row| row.id).collect())
    }
}

/// How far the carrying out of a command has come.
#[derive(Debug)]
struct Course {
    number: i64,
    /// The last transfer that was changed.
    after: TransferId,
    profiles: BTreeSet<ProfileId>,
    /// Rows that are cancelled, and removed once they are.
    leaving: Vec<TransferId>,
}

/// Whether more is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Next,
    Over,
}

/// Whether a command is for transfers that run.
fn stops(command: Deferred) -> bool {
    matches!(command, Deferred::Cancel | Deferred::Remove)
}
