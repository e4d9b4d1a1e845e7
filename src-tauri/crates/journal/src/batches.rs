//! Batches: what one drop, or one `ferry put`, brought.

use ferry_model::{BatchId, BatchOptions, Naming, ProfileId};
use rusqlite::{OptionalExtension, Row, params};
use rusqlite_migration::M;

use crate::values::Json;
use crate::{Durability, Journal, JournalError};

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE batches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        profile INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        finished INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX batches_by_fingerprint ON batches (fingerprint, id) WHERE finished = 0;",
);

/// What the batch's objects shall be like, as JSON whose absent fields have their defaults.
pub(crate) const ADD_OPTIONS: M<'static> = M::up(
    "ALTER TABLE batches ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE batches ADD COLUMN naming TEXT NOT NULL DEFAULT '{}';",
);

/// A batch to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// The profile it goes to.
    pub profile: ProfileId,
    /// The caller's identity of a put's arguments, by which the same put is found again; empty
    /// where nothing is to be found.
    pub fingerprint: String,
    /// When it was made, milliseconds since 1970.
    pub created_ms: i64,
    /// What its objects shall be like.
    pub options: BatchOptions,
    /// How its files became keys.
    pub naming: Naming,
}

/// A batch as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// The profile it goes to.
    pub profile: ProfileId,
    /// When it was made, milliseconds since 1970.
    pub created_ms: i64,
    /// What its objects shall be like.
    pub options: BatchOptions,
    /// How its files became keys.
    pub naming: Naming,
    /// Whether the same put ran before, as its fingerprint tells.
    pub repeats: bool,
}

fn decode(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        profile: ProfileId(row.get(0)?),
        created_ms: row.get(1)?,
        options: row.get::<_, Json<_>>(2)?.0,
        naming: row.get::<_, Json<_>>(3)?.0,
        repeats: row.get(4)?,
    })
}

impl Journal {
    /// Makes a batch, durably.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn add_batch(&self, batch: NewBatch) -> Result<BatchId, JournalError> {
        self.write(Durability::Full, move |connection| {
            if !crate::profiles::exists(connection, batch.profile)? {
                return Err(JournalError::NotFound);
            }
            let mut statement = connection
                .prepare_cached("INSERT INTO batches (profile, fingerprint, created_ms, options, naming) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            statement.execute(params![batch.profile.0, batch.fingerprint, batch.created_ms, Json(&batch.options), Json(&batch.naming)])?;
            Ok(BatchId(connection.last_insert_rowid()))
        })
        .await
    }

    /// One batch.
    ///
    /// # Errors
    /// [`JournalError::Broken`], also when its row does not decode.
    pub async fn batch(&self, id: BatchId) -> Result<Option<BatchRow>, JournalError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT profile, created_ms, options, naming, fingerprint <> '' AND EXISTS (
                    SELECT 1 FROM batches AS earlier
                    WHERE earlier.fingerprint = batches.fingerprint AND earlier.id < batches.id)
                FROM batches WHERE id = ?1",
            )?;
            Ok(statement.query_row([id.0], decode).optional()?)
        })
        .await
    }

    /// Gives a batch other options: what begins from now on is made with them.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn set_batch_options(
        &self,
        id: BatchId,
        options: BatchOptions,
    ) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| {
            match connection
                .prepare_cached("UPDATE batches SET options = ?2 WHERE id = ?1")?
                .execute(params![id.0, Json(&options)])?
            {
                0 => Err(JournalError::NotFound),
                _ => Ok(()),
            }
        })
        .await
    }

    /// The newest batch with this fingerprint that is not finished; `None` for an empty
    /// fingerprint.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn open_batch(&self, fingerprint: &str) -> Result<Option<BatchId>, JournalError> {
        if fingerprint.is_empty() {
            return Ok(None);
        }
        let fingerprint = fingerprint.to_owned();
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT id FROM batches WHERE fingerprint = ?1 AND finished = 0 ORDER BY id DESC LIMIT 1")?;
            Ok(statement.query_row([fingerprint], |row| row.get(0).map(BatchId)).optional()?)
        })
        .await
    }

    /// Marks a batch finished: [`Journal::open_batch`] no longer finds it. Idempotent.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn finish_batch(&self, id: BatchId) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| {
            match connection
                .prepare_cached("UPDATE batches SET finished = 1 WHERE id = ?1")?
                .execute([id.0])?
            {
                0 => Err(JournalError::NotFound),
                _ => Ok(()),
            }
        })
        .await
    }
}
