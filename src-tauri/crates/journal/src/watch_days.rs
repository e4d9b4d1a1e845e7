//! What came of each day of a watch: counted from the day's batch while that is kept, and written
//! down when it leaves the history.

use ferry_model::{BatchId, WatchDay, WatchId};
use rusqlite::{Connection, Row, params};
use rusqlite_migration::M;

use crate::values::{Count, waiting_for_user};
use crate::{Journal, JournalError};

/// A day by its batch: one of a name has one fingerprint, which ends with the date.
pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE watch_days (
        batch INTEGER PRIMARY KEY,
        watch INTEGER NOT NULL,
        name TEXT NOT NULL,
        day TEXT NOT NULL,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        first_ms INTEGER,
        last_ms INTEGER
    ) STRICT;",
);

/// Every column.
pub(crate) const COLUMNS: &str =
    "batch, watch, name, day, files, bytes, failures, first_ms, last_ms";

/// The day of each batch of a watch that is on the list, in [`COLUMNS`]. A file is a failure while
/// it waits for the user.
fn counted() -> Result<String, rusqlite::Error> {
    Ok(format!(
        "SELECT b.id AS batch, b.watch AS watch, COALESCE(b.label ->> '$.name', '') AS name,
            substr(b.fingerprint, -10) AS day,
            COUNT(*) FILTER (WHERE f.standing = 'done') AS files,
            COALESCE(SUM(f.size) FILTER (WHERE f.standing = 'done'), 0) AS bytes,
            COUNT(*) FILTER (WHERE f.standing IN ({})) AS failures,
            MIN(f.finished_ms) FILTER (WHERE f.standing = 'done') AS first_ms,
            MAX(f.finished_ms) FILTER (WHERE f.standing = 'done') AS last_ms
        FROM batches AS b LEFT JOIN (
            SELECT batch, standing, size, finished_ms FROM transfers
            UNION ALL SELECT batch, standing, size, finished_ms FROM removed
        ) AS f ON f.batch = b.id
        WHERE b.watch IS NOT NULL",
        waiting_for_user()?
    ))
}

fn decode(row: &Row<'_>) -> rusqlite::Result<WatchDay> {
    Ok(WatchDay {
        watch: WatchId(row.get(1)?),
        name: row.get(2)?,
        day: row.get(3)?,
        files: row.get::<_, Count>(4)?.0,
        bytes: row.get::<_, Count>(5)?.0,
        failures: row.get::<_, Count>(6)?.0,
        first_ms: row.get(7)?,
        last_ms: row.get(8)?,
    })
}

/// Writes down the day of a batch that is about to leave, with all its files; nothing if that was
/// done before, or the batch is of no watch.
pub(crate) fn keep(connection: &Connection, batch: BatchId) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!(
            "INSERT OR IGNORE INTO watch_days ({COLUMNS}) {} AND b.id = ?1 GROUP BY b.id",
            counted()?
        ))?
        .execute(params![batch.0])
        .map(drop)
}

impl Journal {
    /// The days of one watch, or of all, also of watches that are removed: the oldest first.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A day that does not decode is left out and counted.
    pub async fn watch_days(&self, watch: Option<WatchId>) -> Result<Vec<WatchDay>, JournalError> {
        let (counted, unreadable) = (counted()?, self.unreadable());
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM watch_days WHERE ?1 IS NULL OR watch = ?1
                 UNION ALL SELECT * FROM ({counted} AND (?1 IS NULL OR b.watch = ?1)
                    AND b.id NOT IN (SELECT batch FROM watch_days) GROUP BY b.id)
                 ORDER BY day, watch"
            ))?;
            let rows = statement.query([watch.map(|watch| watch.0)])?;
            unreadable.collect(rows, "day of a watch", decode)
        })
        .await
    }
}
