//! What waits and can be undone, as the window shows it: its rows already look like what they will
//! become.

use ferry_journal::View;
use ferry_model::Deferred;

use crate::messages::{Pending, Undo};

/// The window's word for what waits.
pub(crate) fn pending(deferred: Deferred) -> Pending {
    match deferred {
        Deferred::Replace | Deferred::ReplaceDiffering => Pending::Overwrite,
        Deferred::Skip => Pending::Skip,
        Deferred::Cancel => Pending::Cancel,
        Deferred::Remove => Pending::Remove,
    }
}

/// Counts files that wait for a command as they will stand.
pub(crate) fn count_as_they_will_stand(view: &mut View, undoable: &[i64]) {
    let commands = view.deferred.iter().filter(|command| undoable.contains(&command.number));
    for command in commands {
        for line in &command.found.lines {
            let to = command.command.becomes(line.standing);
            if to == line.standing {
                continue;
            }
            view.totals.shift(line, to);
            if view.work.contains(&line.batch) {
                view.work_totals.shift(line, to);
            }
            let batches = &mut view.batches.batches;
            if let Some(batch) = batches.iter_mut().find(|batch| batch.id == line.batch) {
                batch.totals.shift(line, to);
            }
        }
    }
}

/// What was done last and can be undone.
pub(crate) fn undo(view: &View, undoable: &[i64]) -> Option<Undo> {
    let commands = view.deferred.iter().rev();
    let last = commands.into_iter().find(|command| undoable.contains(&command.number))?;
    Some(Undo {
        number: last.number,
        action: pending(last.command),
        files: last.found.files(),
        name: last.found.name.clone(),
    })
}
