//! What a journal held at a moment, to begin from again.

use rusqlite::{Connection, MAIN_DB};

use crate::JournalError;

/// Where a file's header says how it is read and written: 2 for with a log, 1 for without.
const VERSIONS: std::ops::Range<usize> = 18..20;

/// A whole queue as bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot(Vec<u8>);

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Snapshot").field(&self.0.len()).finish()
    }
}

impl Snapshot {
    /// What is committed.
    pub(crate) fn of(connection: &Connection) -> Result<Self, JournalError> {
        let mut bytes = connection.serialize(MAIN_DB)?.to_vec();
        // There is no log in memory.
        if let Some(versions) = bytes.get_mut(VERSIONS) {
            versions.fill(1);
        }
        Ok(Self(bytes))
    }

    /// Puts it in place of what the connection holds.
    pub(crate) fn load(&self, connection: &mut Connection) -> Result<(), JournalError> {
        let length = self.0.len();
        Ok(connection.deserialize_read_exact(MAIN_DB, self.0.as_slice(), length, false)?)
    }
}
