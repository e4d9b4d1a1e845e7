//! A connection to a file or to memory: checked, and brought up to date.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::failure::OpenFailure;
use crate::folder::{broken, private};
use crate::opened::Opened;
use crate::{JournalError, Snapshot, schema, totals};

/// Bytes that the log's file is cut back to once it is folded in.
const LOG_LIMIT: u32 = 16 << 20;
/// How long a statement waits for a foreign reader (a backup program); our own processes are kept
/// out by the lock.
const FOREIGN_READER: Duration = Duration::from_secs(5);
/// Statements kept prepared: about twice as many as there are in this crate.
const CACHED_STATEMENTS: usize = 96;

/// A journal in memory: empty, or with what a snapshot holds.
pub(crate) fn in_memory(snapshot: Option<&Snapshot>) -> Result<Opened, JournalError> {
    let mut connection = Connection::open_in_memory()?;
    if let Some(snapshot) = snapshot {
        snapshot.load(&mut connection)?;
    }
    prepare(&connection)?;
    connection.execute_batch("PRAGMA foreign_keys = ON;")?;
    schema::bring_up_to_date(&mut connection)?;
    Ok(Opened::unheld(connection, None))
}

/// What a file was before it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Without a table.
    Blank,
    /// With a queue.
    Queue,
}

/// How untrusted files are read: no function in a schema runs, a page is checked before it is
/// believed, and nothing is written to a folder for temporary files, which may be full.
pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(FOREIGN_READER)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
    )
}

/// Whether a file is read as a whole before it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Whole,
    /// It was, and it is what it was then.
    Done,
}

/// Opens a file for writing, checks it and brings it up to date.
pub(crate) fn connect(file: &Path, wanted: Check) -> Result<(Connection, Found), OpenFailure> {
    make_private(file).map_err(OpenFailure::System)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenFailure::System(JournalError::Broken(format!(
            "no write-ahead log on this file system (mode {mode})"
        ))));
    }
    let tables: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let found = if tables == 0 { Found::Blank } else { Found::Queue };
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = {LOG_LIMIT};"
    ))?;
    if wanted == Check::Whole {
        check(&connection)?;
    }
    schema::bring_up_to_date(&mut connection)?;
    Ok((connection, found))
}

/// Whether what the file holds is whole: its pages, what the indices say of the rows, and what the
/// sums say of them.
pub(crate) fn check(connection: &Connection) -> Result<(), OpenFailure> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OpenFailure::Damaged(verdict));
    }
    if connection.prepare("SELECT 1 FROM totals").is_ok() && !totals::agree(connection)? {
        return Err(OpenFailure::Damaged("the sums are not those of the rows".to_owned()));
    }
    Ok(())
}

/// Makes the file where it is missing, readable by its owner only; SQLite gives its companions the
/// same rights.
fn make_private(file: &Path) -> Result<(), JournalError> {
    private().open(file).map(drop).map_err(broken)
}
