//! What the line below the window tells of the whole queue: what was verified since a moment, and
//! what failed last.

use ferry_model::{Fault, Standing, TransferId};
use rusqlite::Row;
use rusqlite_migration::M;

use crate::page::MOMENT;
use crate::values::{Count, Json, Word};
use crate::{Journal, JournalError};

/// What was verified, by when: both hold all that is read of it, however long the history is.
pub(crate) const CREATE_INDEXES: M<'static> = M::up(
    "CREATE INDEX transfers_verified ON transfers (finished_ms, size) WHERE standing = 'done';
    CREATE INDEX removed_verified ON removed (finished_ms, size) WHERE standing = 'done';",
);

/// Files that were verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The file that failed last, of those that still are.
#[derive(Debug, Clone, PartialEq)]
pub struct LastFailure {
    /// Its transfer.
    pub id: TransferId,
    /// Its name for people.
    pub name: String,
    /// Why; `None` where that is not known.
    pub fault: Option<Fault>,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
}

/// What was verified since a moment, of a table.
pub(crate) fn verified_since(table: &str) -> String {
    format!(
        "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM {table} INDEXED BY {table}_verified
         WHERE standing = 'done' AND finished_ms >= ?1"
    )
}

fn decode(row: &Row<'_>) -> rusqlite::Result<LastFailure> {
    Ok(LastFailure {
        id: TransferId(row.get(0)?),
        name: row.get(1)?,
        fault: row.get::<_, Option<Json<Fault>>>(2)?.map(|fault| fault.0),
        at_ms: row.get(3)?,
    })
}

impl Journal {
    /// What was verified since a moment, also what was taken off the list since.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn verified_since(&self, since_ms: i64) -> Result<Verified, JournalError> {
        self.read(move |connection| {
            let mut sum = Verified::default();
            for table in ["transfers", "removed"] {
                let (files, bytes) = connection
                    .prepare_cached(&verified_since(table))?
                    .query_row([since_ms], |row| {
                        Ok((row.get::<_, Count>(0)?.0, row.get::<_, Count>(1)?.0))
                    })?;
                sum = Verified { files: sum.files + files, bytes: sum.bytes.saturating_add(bytes) };
            }
            Ok(sum)
        })
        .await
    }

    /// The file that failed last, of those that still are. It walks over these alone.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn last_failure(&self) -> Result<Option<LastFailure>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let sql = format!(
                "SELECT id, name, fault, {MOMENT} AS at FROM transfers
                 WHERE standing = ?1 ORDER BY at DESC, id DESC LIMIT 1"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query([Word(Standing::Failed)])?;
            Ok(unreadable.collect(rows, "transfer that failed", decode)?.into_iter().next())
        })
        .await
    }
}
