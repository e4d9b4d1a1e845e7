//! Batches: what one drop, or one `ferry put`, brought.

use ferry_model::{BatchId, BatchOptions, Naming, ProfileId, WatchId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use rusqlite_migration::M;
use serde::{Deserialize, Serialize};

use crate::unreadable::Unreadable;
use crate::values::{Json, Word};
use crate::{Durability, Journal, JournalError, Totals, totals};

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

/// Whether its files are still being looked for, and what it had come to when it was finished.
/// Batches of before have been looked through; those of drops were never finished by anybody.
pub(crate) const ADD_END: M<'static> = M::up(
    "ALTER TABLE batches ADD COLUMN intake TEXT NOT NULL DEFAULT 'ended';
    ALTER TABLE batches ADD COLUMN finished_ms INTEGER;
    ALTER TABLE batches ADD COLUMN summary TEXT;
    UPDATE batches SET finished = 1 WHERE fingerprint = '' AND NOT EXISTS (
        SELECT 1 FROM transfers WHERE batch = batches.id AND standing NOT IN ('done', 'skipped', 'cancelled'));",
);

/// What a person knows it by, as JSON whose absent fields have their defaults; and the order in
/// which batches are listed.
pub(crate) const ADD_LABEL: M<'static> = M::up(
    "ALTER TABLE batches ADD COLUMN label TEXT NOT NULL DEFAULT '{}';
    CREATE INDEX batches_by_end ON batches (finished, id);",
);

/// The rank of a batch that is taken after all others.
const LAST_BATCH: &str = "(SELECT COALESCE(MAX(rank), 0) + 1 FROM batches)";

/// Every column.
pub(crate) const COLUMNS: &str = "id, profile, fingerprint, created_ms, finished, options, naming, \
     intake, finished_ms, summary, label, rank, watch";

/// Whether a batch's files are still being looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum IntakeState {
    Open,
    Ended,
}

/// What a batch had come to when nothing of it was open any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchEnd {
    /// When its last transfer ended, milliseconds since 1970; `None` where it was not written down.
    pub finished_ms: Option<i64>,
    /// Its sums then: rows that are removed later change nothing here.
    pub totals: Totals,
}

/// What a person knows a batch by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchLabel {
    /// The name of the first file or folder that was dropped; empty where it was not written down.
    pub name: String,
    /// How many files and folders were dropped.
    pub roots: u64,
    /// The prefix they went under.
    pub prefix: String,
}

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
    /// What a person knows it by.
    pub label: BatchLabel,
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
    /// The watch whose files it holds.
    pub watch: Option<WatchId>,
}

/// Whether a row of [`COLUMNS`] holds what it should.
pub(crate) fn decodes(row: &Row<'_>) -> bool {
    let decode = || -> rusqlite::Result<()> {
        row.get::<_, i64>(0)?;
        row.get::<_, i64>(1)?;
        row.get::<_, String>(2)?;
        row.get::<_, i64>(3)?;
        row.get::<_, bool>(4)?;
        row.get::<_, Json<BatchOptions>>(5)?;
        row.get::<_, Json<Naming>>(6)?;
        row.get::<_, Word<IntakeState>>(7)?;
        row.get::<_, Option<i64>>(8)?;
        row.get::<_, Option<Json<Totals>>>(9)?;
        row.get::<_, Json<BatchLabel>>(10)?;
        row.get::<_, i64>(11)?;
        row.get::<_, Option<i64>>(12)?;
        Ok(())
    };
    decode().is_ok()
}

/// The only place that finishes a batch: once its files are no longer looked for and none of its
/// transfers is open, and never before.
pub(crate) fn settle(connection: &Connection, id: BatchId) -> Result<(), JournalError> {
    let unreadable = Unreadable::default();
    if totals::read(connection, &unreadable, Some(id))?.open() > 0 {
        return Ok(());
    }
    let totals = totals::over_batches(connection, &unreadable, std::iter::once(id))?;
    connection
        .prepare_cached(
            "UPDATE batches SET finished = 1, summary = ?2,
                finished_ms = (SELECT MAX(finished_ms) FROM (
                    SELECT finished_ms FROM transfers WHERE batch = ?1
                    UNION ALL SELECT finished_ms FROM removed WHERE batch = ?1))
             WHERE id = ?1 AND finished = 0 AND intake = ?3",
        )?
        .execute(params![id.0, Json(totals), Word(IntakeState::Ended)])?;
    Ok(())
}

/// Something of a batch is open again.
pub(crate) fn reopen(connection: &Connection, id: BatchId) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "UPDATE batches SET finished = 0, finished_ms = NULL, summary = NULL
             WHERE id = ?1 AND finished = 1",
        )?
        .execute([id.0])?;
    Ok(())
}

fn set_intake(
    connection: &Connection,
    id: BatchId,
    state: IntakeState,
) -> Result<(), JournalError> {
    let changed = connection
        .prepare_cached("UPDATE batches SET intake = ?2 WHERE id = ?1")?
        .execute(params![id.0, Word(state)])?;
    if changed == 0 { Err(JournalError::NotFound) } else { Ok(()) }
}

/// Makes a batch whose files are still being looked for.
pub(crate) fn insert(connection: &Connection, batch: &NewBatch) -> Result<BatchId, JournalError> {
    if !crate::profiles::exists(connection, batch.profile)? {
        return Err(JournalError::NotFound);
    }
    let mut statement = connection.prepare_cached(&format!(
        "INSERT INTO batches (profile, fingerprint, created_ms, options, naming, label, intake, rank)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, {LAST_BATCH})",
    ))?;
    statement.execute(params![
        batch.profile.0,
        batch.fingerprint,
        batch.created_ms,
        Json(&batch.options),
        Json(&batch.naming),
        Json(&batch.label),
        Word(IntakeState::Open)
    ])?;
    Ok(BatchId(connection.last_insert_rowid()))
}

/// Files of a batch are looked for again.
pub(crate) fn begin_intake(connection: &Connection, id: BatchId) -> Result<(), JournalError> {
    set_intake(connection, id, IntakeState::Open)?;
    reopen(connection, id)
}

/// No more files of a batch are looked for.
pub(crate) fn end_intake(connection: &Connection, id: BatchId) -> Result<(), JournalError> {
    set_intake(connection, id, IntakeState::Ended)?;
    settle(connection, id)
}

fn decode(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        profile: ProfileId(row.get(0)?),
        created_ms: row.get(1)?,
        options: row.get::<_, Json<_>>(2)?.0,
        naming: row.get::<_, Json<_>>(3)?.0,
        repeats: row.get(4)?,
        watch: row.get::<_, Option<i64>>(5)?.map(WatchId),
    })
}

impl Journal {
    /// Makes a batch, durably.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn add_batch(&self, batch: NewBatch) -> Result<BatchId, JournalError> {
        self.write(Durability::Full, move |connection| insert(connection, &batch)).await
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
                    WHERE earlier.fingerprint = batches.fingerprint AND earlier.id < batches.id), watch
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

    /// Files are looked for again, for a batch that is there: it is not finished before
    /// [`Journal::end_intake`]. A new batch begins so.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn begin_intake(&self, id: BatchId) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| begin_intake(connection, id)).await
    }

    /// Every file of a batch is queued: from now on it is finished as soon as nothing of it is
    /// open. Then [`Journal::open_batch`] no longer finds it, and [`Journal::batch_end`] does.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn end_intake(&self, id: BatchId) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| end_intake(connection, id)).await
    }

    /// Ends the intake of every batch that nothing will find again (it has no fingerprint): a user who
    /// looked for its files is gone. For a start.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn end_lost_intakes(&self) -> Result<(), JournalError> {
        self.write(Durability::Full, |connection| {
            let lost: Vec<BatchId> = connection
                .prepare_cached("SELECT id FROM batches WHERE fingerprint = '' AND intake = ?1")?
                .query_map([Word(IntakeState::Open)], |row| row.get(0).map(BatchId))?
                .collect::<Result<_, _>>()?;
            lost.into_iter().try_for_each(|id| end_intake(connection, id))
        })
        .await
    }

    /// What a batch had come to; `None` while it is not finished.
    ///
    /// # Errors
    /// [`JournalError::Broken`], also when its row does not decode.
    pub async fn batch_end(&self, id: BatchId) -> Result<Option<BatchEnd>, JournalError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT finished_ms, summary FROM batches WHERE id = ?1 AND finished = 1",
            )?;
            let end = statement.query_row([id.0], |row| {
                let summary: Option<Json<Totals>> = row.get(1)?;
                let totals = summary.map(|summary| summary.0).unwrap_or_default();
                Ok(BatchEnd { finished_ms: row.get(0)?, totals })
            });
            Ok(end.optional()?)
        })
        .await
    }
}
