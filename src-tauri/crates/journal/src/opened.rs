//! An open database with the folder it holds, until it is closed.

use std::path::PathBuf;

use rusqlite::Connection;

use crate::lock::{Lock, Memory, Stage};
use crate::names::{LOG, with_suffix};
use crate::seal::{self, Checked};
use crate::{JournalError, Recovery};

/// An open journal, before it has a thread.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) recovery: Option<Recovery>,
    /// The number that this session leaves in the file with its first write.
    pub(crate) session: u64,
    /// `None` in memory, and for reading only.
    pub(crate) held: Option<Held>,
}

/// The folder that a session holds.
pub(crate) struct Held {
    pub(crate) lock: Lock,
    pub(crate) file: PathBuf,
    pub(crate) wrote: bool,
    /// The number of the session before, where that was cut off and left a log: closing the
    /// file folds that log, also without a write of its own, and has to say so.
    pub(crate) cut_off: Option<u64>,
    /// When the file was last checked as a whole.
    pub(crate) checked: Checked,
}

impl Held {
    /// The number of the session whose end closing is; none where nothing changes.
    fn ending(&self, own: u64) -> Option<u64> {
        if self.wrote { Some(own) } else { self.cut_off }
    }
}

impl Opened {
    /// What others are not kept out of: in memory, or for reading only.
    pub(crate) fn unheld(connection: Connection, recovery: Option<Recovery>) -> Self {
        Self { connection, recovery, session: 0, held: None }
    }

    /// Whether a session's number is kept at all.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Remembers outside of the database how far this session came.
    pub(crate) fn remember(&mut self, stage: Stage) -> Result<(), JournalError> {
        let session = self.session;
        let Some(held) = &mut self.held else { return Ok(()) };
        held.lock.remember(Memory { made: true, session, stage })?;
        held.wrote = true;
        Ok(())
    }

    /// Folds the log into the file, closes it and gives the folder free.
    pub(crate) fn close(self) {
        let own = self.session;
        let Some(mut held) = self.fold() else { return };
        if let Some(session) = held.ending(own) {
            let ended = Memory { made: true, session, stage: Stage::Ended };
            if let Err(error) = held.lock.remember(ended) {
                tracing::warn!(%error, "the end of the session could not be written down");
                return;
            }
        }
        seal::put(&held.file, held.checked);
    }

    /// All of [`Opened::close`] but its last words, where the log is gone.
    pub(crate) fn fold(self) -> Option<Held> {
        let Some(mut held) = self.held else {
            drop(self.connection);
            return None;
        };
        let ending = held.ending(self.session);
        if let Some(session) = ending
            && is_folded(&self.connection)
        {
            // Closing takes the log away: a reader that finds it gone after a kill has to know why.
            let folded = Memory { made: true, session, stage: Stage::Folded };
            if let Err(error) = held.lock.remember(folded) {
                tracing::warn!(%error, "the end of the session could not be announced");
            }
        }
        close(self.connection);
        let log = with_suffix(&held.file, LOG);
        let gone = std::fs::metadata(log).map_or(true, |found| found.len() == 0);
        gone.then_some(held)
    }
}

/// Brings everything that the log holds into the file, durably, and leaves the log; says whether
/// it is whole.
fn is_folded(connection: &Connection) -> bool {
    let told = connection.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    matches!(told, Ok((0, log, folded)) if log == folded)
}

/// Folds the log into the file and closes it.
fn close(connection: Connection) {
    // Without the fold nothing is lost: the log is read at the next start.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log stays beside the queue's file");
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the queue's file could not be closed in order");
    }
}
