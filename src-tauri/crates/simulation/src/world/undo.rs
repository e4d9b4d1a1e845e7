//! What must hold of commands that wait: nothing of one is carried out before its time, and nothing
//! ever of one that was undone, or waited when the program ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ferry_engine::TransferCommand;
use ferry_journal::{Selection, TransferRow};
use ferry_model::undo::UNDO;
use ferry_model::{Deferred, ExistingPolicy, Phase, Standing, TransferId};

use super::Violation;

/// What a command does to a row that cannot be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    /// Another policy.
    Policy,
    /// The file is left out.
    Skipped,
    /// What the store has of it is taken back.
    TakenBack,
    /// The row goes.
    Gone,
}

/// A command that waits.
#[derive(Debug)]
struct Given {
    command: Deferred,
    /// Its rows, as they were.
    rows: BTreeMap<TransferId, TransferRow>,
    at: Duration,
}

/// What is remembered of commands.
#[derive(Debug, Default)]
pub(crate) struct UndoWatch {
    waiting: BTreeMap<i64, Given>,
    /// What may have befallen rows: by commands that were carried out at once, or in their time.
    allowed: BTreeSet<(TransferId, Loss)>,
    /// Whether something was added again since the last look: new rows take the place of those that
    /// have ended.
    added_again: bool,
}

fn losses(command: TransferCommand) -> &'static [Loss] {
    match command {
        TransferCommand::Cancel => &[Loss::TakenBack],
        TransferCommand::Remove => &[Loss::TakenBack, Loss::Gone],
        // Of a changed file, what may be up there is taken back.
        TransferCommand::Decide(ExistingPolicy::Skip) => &[Loss::Skipped, Loss::TakenBack],
        TransferCommand::Decide(_) => &[Loss::Policy],
        _ => &[],
    }
}

fn befell(before: &TransferRow, after: Option<&TransferRow>) -> Vec<Loss> {
    let Some(after) = after else {
        // An add that is done again drops what it never could look at.
        let ends = before.standing.has_ended() || before.identity.is_none();
        return if ends { Vec::new() } else { vec![Loss::Gone] };
    };
    let mut losses = Vec::new();
    if before.existing != after.existing {
        losses.push(Loss::Policy);
    }
    let left_out = before.standing == Standing::Conflict && after.standing == Standing::Skipped;
    if left_out && before.existing == after.existing {
        losses.push(Loss::Skipped);
    }
    let withdrawn = |row: &TransferRow| {
        row.standing == Standing::Cancelled
            || matches!(row.phase, Phase::Aborting(_) | Phase::Withdrawing)
    };
    if withdrawn(after) && !withdrawn(before) {
        losses.push(Loss::TakenBack);
    }
    losses
}

impl UndoWatch {
    /// A command is carried out at once.
    pub(crate) fn may_now(
        &mut self,
        command: TransferCommand,
        all: impl Iterator<Item = TransferId>,
        selection: &Selection,
    ) {
        let ids: Vec<TransferId> = match selection {
            Selection::Ids(ids) => ids.clone(),
            _ => all.collect(),
        };
        for loss in losses(command) {
            self.allowed.extend(ids.iter().map(|id| (*id, *loss)));
        }
    }

    pub(crate) fn added_again(&mut self) {
        self.added_again = true;
    }

    /// A command waits for these rows.
    pub(crate) fn waits(
        &mut self,
        number: i64,
        command: Deferred,
        selection: &Selection,
        rows: Vec<TransferRow>,
        at: Duration,
    ) -> Result<(), Violation> {
        for row in &rows {
            let selected = !matches!(selection, Selection::Ids(ids) if !ids.contains(&row.id));
            let taken = self.waiting.values().any(|given| given.rows.contains_key(&row.id));
            if !selected || taken || !command.is_for(row.phase.name(), row.standing) {
                let what = format!("{command:?} waits for {} {:?}", row.key, row.standing);
                return Err(Violation::new("U1", what));
            }
        }
        let rows = rows.into_iter().map(|row| (row.id, row)).collect();
        self.waiting.insert(number, Given { command, rows, at });
        Ok(())
    }

    /// The last command that waits.
    pub(crate) fn last(&self) -> Option<i64> {
        self.waiting.last_key_value().map(|(number, _)| *number)
    }

    pub(crate) fn undone(&mut self, number: i64) {
        self.waiting.remove(&number);
    }

    /// The program died or ended: what waited is dropped.
    pub(crate) fn program_ended(&mut self) {
        self.waiting.clear();
    }

    /// Compares two looks at all rows. Returns the rows that may go from now on.
    pub(crate) fn check(
        &mut self,
        before: &BTreeMap<TransferId, TransferRow>,
        after: &BTreeMap<TransferId, TransferRow>,
        now: Duration,
    ) -> Result<Vec<TransferId>, Violation> {
        let mut go = Vec::new();
        let due: Vec<i64> = self
            .waiting
            .iter()
            .filter(|(_, given)| now >= given.at + UNDO)
            .map(|(number, _)| *number)
            .collect();
        for given in due.iter().filter_map(|number| self.waiting.remove(number)) {
            for loss in losses(given.command.command()) {
                self.allowed.extend(given.rows.keys().map(|id| (*id, *loss)));
            }
            if given.command == Deferred::Remove {
                go.extend(given.rows.keys());
            }
        }
        let added_again = self.added_again;
        for (number, given) in &mut self.waiting {
            // A row that made way for a new one is waited for no more.
            let replaced = |id: &TransferId, row: &TransferRow| {
                added_again && !after.contains_key(id) && row.standing.has_ended()
            };
            given.rows.retain(|id, row| !replaced(id, row));
            for (id, row) in &given.rows {
                // A move gives it another place, and nothing else.
                let now =
                    after.get(id).map(|now| TransferRow { position: row.position, ..now.clone() });
                if now.as_ref() != Some(row) {
                    let what = format!(
                        "command {number} ({:?}) waits, and {} changed from {:?} {:?} to {:?}",
                        given.command,
                        row.key,
                        row.phase,
                        row.standing,
                        after.get(id).map(|row| (&row.phase, row.standing))
                    );
                    return Err(Violation::new("U1", what));
                }
            }
        }
        for (id, row) in before {
            // One that ended while its path was added again made way for a new row.
            let made_anew = |(new, other): (&TransferId, &TransferRow)| {
                !before.contains_key(new) && other.source == row.source
            };
            let replaced = self.added_again && after.iter().any(made_anew);
            for loss in befell(row, after.get(id)) {
                let replaced = replaced && loss == Loss::Gone;
                if !replaced && !self.allowed.contains(&(*id, loss)) {
                    let what = format!("{} met {loss:?}, which nobody ordered", row.key);
                    return Err(Violation::new("U1", what));
                }
            }
        }
        self.added_again = false;
        Ok(go)
    }
}
