//! Settings: words by name.

use rusqlite::{Connection, OptionalExtension, params};
use rusqlite_migration::M;

use crate::JournalError;

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE settings (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;",
);

/// The number of the session that wrote last.
pub(crate) const SESSION: &str = "journal.session";
/// What happened to an older queue, until the user was told.
pub(crate) const RECOVERY: &str = "journal.recovery";

pub(crate) fn read(connection: &Connection, name: &str) -> Result<Option<String>, JournalError> {
    let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(crate) fn write(connection: &Connection, name: &str, value: &str) -> Result<(), JournalError> {
    let mut statement =
        connection.prepare_cached("INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")?;
    statement.execute(params![name, value])?;
    Ok(())
}

pub(crate) fn forget(connection: &Connection, name: &str) -> Result<(), JournalError> {
    connection.prepare_cached("DELETE FROM settings WHERE name = ?1")?.execute([name])?;
    Ok(())
}
