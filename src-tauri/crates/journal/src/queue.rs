//! The queue's rows: put in, written to, looked up.

use std::collections::BTreeSet;
use std::sync::Arc;

use ferry_model::{BatchId, Phase, PhaseName, Standing, Transfer, TransferId, UploadId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use rusqlite_migration::M;
use serde::{Deserialize, Serialize};

use crate::row::{COLUMNS, decode, phase};
use crate::unreadable::Unreadable;
use crate::values::{Bits, Count, Digest, Json, Word, ended, number_list};
use crate::{
    Durability, Filter, Journal, JournalError, NewTransfer, Part, PartRow, RowState, SourcePath,
    TransferRow,
};

// `profile` is no foreign key: rows that have ended outlive their profile, and its number is never
// reused.
pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE transfers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        batch INTEGER NOT NULL REFERENCES batches (id),
        profile INTEGER NOT NULL,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        source BLOB NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        identity TEXT,
        part_size INTEGER NOT NULL,
        existing TEXT NOT NULL,
        integrity TEXT NOT NULL,
        ferry_id TEXT NOT NULL,
        phase TEXT NOT NULL,
        standing TEXT NOT NULL,
        upload_id TEXT,
        fault TEXT,
        crc64 INTEGER,
        etag TEXT,
        acked_bytes INTEGER NOT NULL DEFAULT 0,
        created_ms INTEGER NOT NULL,
        intent_ms INTEGER,
        position INTEGER NOT NULL,
        restarts INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX transfers_by_standing ON transfers (standing, position, size, phase, profile, batch);
    CREATE INDEX transfers_by_position ON transfers (position, standing);
    CREATE INDEX transfers_by_batch ON transfers (batch, position);",
);

/// Choosing the next transfer has an index of its own since: this one is for pages of one standing,
/// and need not change with each phase.
pub(crate) const NARROW_INDEX: M<'static> = M::up(
    "DROP INDEX transfers_by_standing;
    CREATE INDEX transfers_by_standing ON transfers (standing, position);",
);

/// A page of one batch passes over the rows before it, whatever their standing, in the index
/// alone.
pub(crate) const WIDER_BATCH_INDEX: M<'static> = M::up(
    "DROP INDEX transfers_by_batch;
    CREATE INDEX transfers_by_batch ON transfers (batch, position, standing);",
);

/// Where a source led when it was queued: NULL where that is not known, empty where that is
/// `source` itself; and whether it was taken as it is later than when it was queued.
pub(crate) const ADD_RESOLVED: M<'static> = M::up(
    "ALTER TABLE transfers ADD COLUMN resolved BLOB;
    ALTER TABLE transfers ADD COLUMN taken_anew INTEGER NOT NULL DEFAULT 0;",
);

/// What stands on the store under the name of a transfer in conflict, where that was seen; of one
/// that is done, what was there already.
pub(crate) const ADD_THERE: M<'static> = M::up("ALTER TABLE transfers ADD COLUMN there TEXT;");

/// Which rows are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Selection {
    /// These, as far as they exist.
    Ids(Vec<TransferId>),
    /// All of a batch.
    Batch(BatchId),
    /// All that a filter lets through.
    Matching(Filter),
    /// Some of what a filter lets through, and others beside it.
    Part(Part),
    /// All that have not ended.
    Open,
    /// All.
    All,
}

/// What a command (pause, cancel …) has to know of a row.
pub type StandingRow = (TransferId, Phase, Standing);

/// The selection as SQL over a parameter, with the argument for it.
pub(crate) fn selected(
    selection: Selection,
    parameter: &str,
) -> Result<(String, String), rusqlite::Error> {
    Ok(match selection {
        Selection::Ids(ids) => (
            format!("id IN (SELECT value FROM json_each({parameter}))"),
            number_list(ids.iter().map(|id| id.0)),
        ),
        Selection::Batch(batch) => {
            (format!("batch = CAST({parameter} AS INTEGER)"), batch.0.to_string())
        }
        Selection::Matching(filter) => crate::page::condition(&filter, parameter)?,
        Selection::Part(part) => crate::part::condition(&part, parameter)?,
        Selection::Open => {
            (format!("standing NOT IN ({}) AND {parameter} = ''", ended()?), String::new())
        }
        Selection::All => (format!("{parameter} = ''"), String::new()),
    })
}

/// Number, phase and standing of the rows of a condition over `?1`, in the order of the queue.
pub(crate) fn standings(
    connection: &Connection,
    unreadable: &Unreadable,
    condition: &str,
    argument: &str,
) -> Result<Vec<StandingRow>, JournalError> {
    let sql = format!(
        "SELECT id, phase, standing, upload_id FROM transfers WHERE {condition} ORDER BY position"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    unreadable.collect(statement.query([argument])?, "transfer", decode_standing)
}

/// The position of the last transfer in the queue; 0 where there is none.
pub(crate) fn last_position(connection: &Connection) -> Result<i64, JournalError> {
    let mut statement =
        connection.prepare_cached("SELECT COALESCE(MAX(position), 0) FROM transfers")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// The highest rank in a batch: what is queued with it stands behind all others.
pub(crate) fn last_rank(connection: &Connection, batch: BatchId) -> Result<i64, JournalError> {
    let mut statement = connection
        .prepare_cached("SELECT COALESCE(MAX(rank), 0) FROM transfers WHERE batch = ?1")?;
    Ok(statement.query_row([batch.0], |row| row.get(0))?)
}

/// Queues transfers behind all others.
pub(crate) fn insert(
    connection: &Connection,
    transfers: &[NewTransfer],
) -> Result<Vec<TransferId>, JournalError> {
    let last = last_position(connection)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO transfers (batch, profile, bucket, key, source, name, size, identity, part_size, existing, integrity, ferry_id,
            created_ms, standing, fault, phase, position, resolved, rank)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?;
    let mut ids = Vec::with_capacity(transfers.len());
    let (mut profile_seen, mut batch_seen, mut rank) = (None, None, 0);
    for (transfer, position) in transfers.iter().zip(last + 1..) {
        if profile_seen != Some(transfer.profile) {
            if !crate::profiles::exists(connection, transfer.profile)? {
                return Err(JournalError::NotFound);
            }
            profile_seen = Some(transfer.profile);
        }
        if batch_seen != Some(transfer.batch) {
            crate::batches::reopen(connection, transfer.batch)?;
            rank = last_rank(connection, transfer.batch)?;
            batch_seen = Some(transfer.batch);
        }
        statement.execute(params![
            transfer.batch.0,
            transfer.profile.0,
            transfer.bucket,
            transfer.key,
            transfer.source,
            transfer.name,
            Count(transfer.size),
            transfer.identity.map(Json),
            Count(transfer.part_size),
            Word(transfer.existing),
            Word(transfer.integrity),
            transfer.ferry_id,
            transfer.created_ms,
            Word(transfer.standing),
            transfer.fault.as_ref().map(Json),
            Word(PhaseName::Fresh),
            position,
            transfer.resolved.as_ref().map(|resolved| resolved.beside(&transfer.source)),
            rank,
        ])?;
        ids.push(TransferId(connection.last_insert_rowid()));
    }
    let new = transfers.iter().map(|new| (new.batch, new.standing, new.size));
    crate::totals::count_in(connection, new)?;
    Ok(ids)
}

/// Writes a row's state; returns its batch.
fn update(
    connection: &Connection,
    id: TransferId,
    state: &RowState,
) -> Result<BatchId, JournalError> {
    let (batch, before) = connection
        .prepare_cached("SELECT batch, standing FROM transfers WHERE id = ?1")?
        .query_row([id.0], |row| Ok((BatchId(row.get(0)?), row.get::<_, Word<Standing>>(1)?.0)))
        .optional()?
        .ok_or(JournalError::NotFound)?;
    // Nothing was sent yet, or nothing is left of it on the store. What is done keeps the sums of
    // its parts, for its receipt.
    let without_parts = state.phase == Phase::Fresh
        || (state.standing.has_ended() && state.standing != Standing::Done)
        || (before == Standing::Done && state.standing != Standing::Done);
    if without_parts {
        connection.prepare_cached("DELETE FROM parts WHERE transfer = ?1")?.execute([id.0])?;
    }
    if before.has_ended() && !state.standing.has_ended() {
        crate::batches::reopen(connection, batch)?;
    }
    let receipt = &state.receipt;
    connection.prepare_cached(UPDATE)?.execute(params![
        id.0,
        Word(state.phase.name()),
        Word(state.standing),
        state.phase.upload_id(),
        state.fault.as_ref().map(Json),
        state.key,
        state.size.map(Count),
        state.identity.map(Json),
        state.part_size.map(Count),
        state.existing.map(Word),
        state.ferry_id,
        state.crc64.map(Bits),
        state.etag,
        state.intent_ms,
        without_parts,
        // Before the store holds anything whole, what was computed over an earlier state of the
        // file must not survive.
        matches!(state.phase, Phase::Fresh | Phase::Putting | Phase::Creating),
        receipt.md5.map(Digest),
        receipt.sha256.map(Digest),
        receipt.version_id,
        receipt.request_id,
        receipt.started_ms,
        receipt.finished_ms,
        state.taken_anew,
        state.standing.keeps_its_moment(),
        state.there.map(Json),
        receipt.crc64_nvme.map(Bits),
        receipt.proof.map(Word),
    ])?;
    Ok(batch)
}

const UPDATE: &str =
    "UPDATE transfers SET phase = ?2, standing = ?3, upload_id = ?4, fault = ?5, key = COALESCE(?6, key), size = COALESCE(?7, size),
        identity = COALESCE(?8, identity), part_size = COALESCE(?9, part_size), existing = COALESCE(?10, existing),
        ferry_id = COALESCE(?11, ferry_id), crc64 = CASE WHEN ?16 THEN ?12 ELSE COALESCE(?12, crc64) END,
        etag = CASE WHEN ?16 THEN ?13 ELSE COALESCE(?13, etag) END,
        intent_ms = COALESCE(?14, intent_ms),
        acked_bytes = CASE WHEN ?3 = 'done' THEN COALESCE(?7, size) WHEN ?15 THEN 0 ELSE acked_bytes END,
        md5 = CASE WHEN ?16 THEN ?17 ELSE COALESCE(?17, md5) END,
        sha256 = CASE WHEN ?16 THEN ?18 ELSE COALESCE(?18, sha256) END,
        crc64_nvme = CASE WHEN ?16 THEN ?26 ELSE COALESCE(?26, crc64_nvme) END,
        proof = CASE WHEN ?16 THEN ?27 ELSE COALESCE(?27, proof) END,
        version_id = CASE WHEN ?16 THEN ?19 ELSE COALESCE(?19, version_id) END,
        request_id = CASE WHEN ?16 THEN ?20 ELSE COALESCE(?20, request_id) END,
        started_ms = COALESCE(started_ms, ?21),
        finished_ms = CASE WHEN ?24 THEN COALESCE(?22, finished_ms) END,
        taken_anew = COALESCE(?23, taken_anew), there = CASE ?3 WHEN 'conflict' THEN COALESCE(?25, there) WHEN 'done' THEN ?25 END,
        after_command = (SELECT COALESCE(MAX(id), 0) FROM deferred)
     WHERE id = ?1";

fn update_all(
    connection: &Connection,
    states: &[(TransferId, RowState)],
) -> Result<usize, JournalError> {
    let mut written = 0;
    let mut ended = BTreeSet::new();
    for (id, state) in states {
        match update(connection, *id, state) {
            Ok(batch) => {
                written += 1;
                if state.standing.has_ended() {
                    ended.insert(batch);
                }
            }
            Err(JournalError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    for batch in ended {
        crate::batches::settle(connection, batch)?;
    }
    Ok(written)
}

fn decode_standing(row: &Row<'_>) -> rusqlite::Result<StandingRow> {
    Ok((TransferId(row.get(0)?), phase(row, 1, 3)?, row.get::<_, Word<_>>(2)?.0))
}

/// A transfer that goes on with an upload that no queue knew.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    /// The transfer.
    pub transfer: NewTransfer,
    /// The upload.
    pub upload_id: UploadId,
    /// What the store has of it, as compared with the file.
    pub parts: Vec<PartRow>,
}

/// What the same put knows its transfers by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedRow {
    /// Its number.
    pub id: TransferId,
    /// The file.
    pub source: SourcePath,
    /// Where that path led when it was queued, if that is known.
    pub resolved: Option<SourcePath>,
    /// The object key.
    pub key: String,
}

fn decode_queued(row: &Row<'_>) -> rusqlite::Result<QueuedRow> {
    let source: SourcePath = row.get(1)?;
    let resolved = row.get::<_, Option<SourcePath>>(3)?;
    Ok(QueuedRow {
        id: TransferId(row.get(0)?),
        key: row.get(2)?,
        resolved: resolved.map(|resolved| resolved.read_beside(&source)),
        source,
    })
}

impl Journal {
    /// Queues transfers behind all others, in this order, all or none, in one durable commit.
    /// Returns their numbers in the same order.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when a profile is not there, [`JournalError::Full`],
    /// [`JournalError::Broken`] (also when a batch is not there).
    pub async fn enqueue(
        &self,
        transfers: impl Into<Arc<[NewTransfer]>>,
    ) -> Result<Vec<TransferId>, JournalError> {
        let transfers = transfers.into();
        self.write(Durability::Full, move |connection| insert(connection, &transfers)).await
    }

    /// Queues transfers behind all others that go on with an upload of an earlier life, in one
    /// durable commit. Returns their numbers in the same order.
    ///
    /// # Errors
    /// Those of [`Journal::enqueue`].
    pub async fn adopt(&self, adopted: Vec<Adopted>) -> Result<Vec<TransferId>, JournalError> {
        self.write(Durability::Full, move |connection| {
            let transfers: Vec<NewTransfer> =
                adopted.iter().map(|adopted| adopted.transfer.clone()).collect();
            let ids = insert(connection, &transfers)?;
            for (id, Adopted { upload_id, parts, .. }) in ids.iter().zip(&adopted) {
                let phase = Phase::Sending(upload_id.clone());
                let transfer = Transfer::restored(phase, Standing::Active, None);
                update(connection, *id, &RowState::of(&transfer))?;
                for part in parts {
                    crate::parts::insert(connection, *id, part)?;
                }
            }
            Ok(ids)
        })
        .await
    }

    /// One transfer.
    ///
    /// # Errors
    /// [`JournalError::Broken`], also when its row does not decode.
    pub async fn transfer(&self, id: TransferId) -> Result<Option<TransferRow>, JournalError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM transfers WHERE id = ?1"))?;
            Ok(statement.query_row([id.0], decode).optional()?)
        })
        .await
    }

    /// These transfers, as far as they exist, in the order of the queue.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<TransferRow>, JournalError> {
        let (ids, unreadable) = (number_list(ids.iter().map(|id| id.0)), self.unreadable());
        self.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM transfers WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY position");
            unreadable.collect(connection.prepare_cached(&sql)?.query([ids])?, "transfer", decode)
        })
        .await
    }

    /// A batch's transfers in the order of the queue. As long as the batch: for large ones see
    /// [`Journal::queued_in`].
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn batch_transfers(&self, batch: BatchId) -> Result<Vec<TransferRow>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM transfers WHERE batch = ?1 ORDER BY rank, position"
            ))?;
            unreadable.collect(statement.query([batch.0])?, "transfer", decode)
        })
        .await
    }

    /// What a batch already holds, in the order of the queue. By it, the same put finds its
    /// transfers again.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn queued_in(&self, batch: BatchId) -> Result<Vec<QueuedRow>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, source, key, resolved FROM transfers WHERE batch = ?1 ORDER BY rank, position",
            )?;
            unreadable.collect(statement.query([batch.0])?, "transfer", decode_queued)
        })
        .await
    }

    /// Writes a transfer's state. In [`Phase::Fresh`], and once it has ended otherwise than done,
    /// its part rows go too (nothing of them is on the store). `acked_bytes` is the file's size
    /// when it is done, and 0 where the part rows went. A batch of which nothing is open any more
    /// is finished by the same commit ([`Journal::end_intake`]).
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn record(
        &self,
        id: TransferId,
        state: RowState,
        durability: Durability,
    ) -> Result<(), JournalError> {
        self.write(durability, move |connection| {
            let batch = update(connection, id, &state)?;
            if state.standing.has_ended() {
                crate::batches::settle(connection, batch)?;
            }
            Ok(())
        })
        .await
    }

    /// Writes many transfers' states in one durable commit, as [`Journal::record`] does. Rows that
    /// are gone are passed over; returns how many were written.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`]; then none was written.
    pub async fn set_states(
        &self,
        states: Vec<(TransferId, RowState)>,
    ) -> Result<usize, JournalError> {
        self.write(Durability::Full, move |connection| update_all(connection, &states)).await
    }

    /// Number, phase and standing of the selected rows, in the order of the queue.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn standings(&self, selection: Selection) -> Result<Vec<StandingRow>, JournalError> {
        let unreadable = self.unreadable();
        let (condition, argument) = selected(selection, "?1")?;
        self.read(move |connection| standings(connection, &unreadable, &condition, &argument)).await
    }
}
