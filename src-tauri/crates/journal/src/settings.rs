//! Settings: words by name, and the choice of the default profile.

use ferry_model::ProfileId;
use rusqlite::{Connection, OptionalExtension, params};
use rusqlite_migration::M;

use crate::{Durability, Journal, JournalError};

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE settings (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;",
);

const DEFAULT_PROFILE: &str = "journal.defaultProfile";
/// The number of the session that wrote last.
pub(crate) const SESSION: &str = "journal.session";
/// What happened to an older queue, until somebody was told.
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

/// Takes back the choice of a profile that is being deleted.
pub(crate) fn forget_default(connection: &Connection, id: ProfileId) -> Result<(), JournalError> {
    connection.execute(
        "DELETE FROM settings WHERE name = ?1 AND value = ?2",
        params![DEFAULT_PROFILE, id.to_string()],
    )?;
    Ok(())
}

impl Journal {
    /// A setting's value, if it was ever set. Names that begin with `journal.` are the journal's
    /// own.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn setting(&self, name: &str) -> Result<Option<String>, JournalError> {
        let name = name.to_owned();
        self.read(move |connection| read(connection, &name)).await
    }

    /// Sets a setting, durably.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), JournalError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(Durability::Full, move |connection| write(connection, &name, &value)).await
    }

    /// The profile that a new drop goes to; `None` when none was chosen, or the chosen one is gone.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn default_profile(&self) -> Result<Option<ProfileId>, JournalError> {
        self.read(|connection| {
            let chosen = read(connection, DEFAULT_PROFILE)?
                .and_then(|text| text.parse().ok())
                .map(ProfileId);
            let Some(id) = chosen else { return Ok(None) };
            Ok(crate::profiles::exists(connection, id)?.then_some(id))
        })
        .await
    }

    /// Chooses the profile that a new drop goes to.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn set_default_profile(&self, id: ProfileId) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| {
            if !crate::profiles::exists(connection, id)? {
                return Err(JournalError::NotFound);
            }
            write(connection, DEFAULT_PROFILE, &id.to_string())
        })
        .await
    }
}
