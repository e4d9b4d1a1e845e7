//! What receipts are made of: the rows of a batch, also those that were taken off the list.
//!
//! A row that leaves `transfers` leaves what a receipt tells of it in `removed`, and its share of
//! the batch's sums in `removed_totals`: what was dropped stays accounted for.

use ferry_model::{BatchId, ProfileId, QueuedSource, Standing, TransferId};
use rusqlite::{Connection, Row, params};
use rusqlite_migration::M;

use crate::unreadable::Unreadable;
use crate::values::{Bits, Count, Digest, Json, Word, ended};
use crate::{Journal, JournalError, Receipt, SourcePath, TransferRow};

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE removed (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL,
        position INTEGER NOT NULL,
        profile INTEGER NOT NULL,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        source BLOB NOT NULL,
        resolved BLOB,
        size INTEGER NOT NULL,
        standing TEXT NOT NULL,
        crc64 INTEGER,
        etag TEXT,
        md5 BLOB,
        sha256 BLOB,
        version_id TEXT,
        request_id TEXT,
        started_ms INTEGER,
        finished_ms INTEGER,
        taken_anew INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX removed_by_batch ON removed (batch, position);
    CREATE TABLE removed_totals (
        batch INTEGER NOT NULL,
        standing TEXT NOT NULL,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (batch, standing)
    ) STRICT, WITHOUT ROWID;",
);

/// What the verdict rests on.
pub(crate) const ADD_PROOF: M<'static> = M::up(
    "ALTER TABLE transfers ADD COLUMN crc64_nvme INTEGER;
    ALTER TABLE transfers ADD COLUMN proof TEXT;
    ALTER TABLE removed ADD COLUMN crc64_nvme INTEGER;
    ALTER TABLE removed ADD COLUMN proof TEXT;",
);

/// The columns that both tables have, in the order of [`decode`].
pub(crate) const COLUMNS: &str = "id, batch, position, profile, bucket, key, source, resolved, size, standing, crc64, etag, \
     md5, sha256, version_id, request_id, started_ms, finished_ms, taken_anew, crc64_nvme, proof, afterwards, replaced";

/// A file of a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptRow {
    /// The transfer's number.
    pub id: TransferId,
    /// Where it went; the profile may be deleted since.
    pub profile: ProfileId,
    /// The bucket.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// The file.
    pub source: SourcePath,
    /// Where that path led when it was queued.
    pub resolved: Option<SourcePath>,
    /// Bytes.
    pub size: u64,
    /// How it stands, or stood when it was taken off the list.
    pub standing: Standing,
    /// The whole file's CRC-64/XZ.
    pub crc64: Option<u64>,
    /// The object's ETag.
    pub etag: Option<String>,
    /// Whether the file was saved anew after it was queued, and this is the later version.
    pub taken_anew: bool,
    /// What else there is to tell.
    pub receipt: Receipt,
}

impl From<TransferRow> for ReceiptRow {
    fn from(row: TransferRow) -> Self {
        Self {
            id: row.id,
            profile: row.profile,
            bucket: row.bucket,
            key: row.key,
            source: row.source,
            resolved: row.resolved,
            size: row.size,
            standing: row.standing,
            crc64: row.crc64,
            etag: row.etag,
            taken_anew: row.taken_anew,
            receipt: row.receipt,
        }
    }
}

impl ReceiptRow {
    /// The file, to read it again, whatever it is by now.
    pub fn queued_source(&self) -> QueuedSource {
        QueuedSource {
            path: self.source.0.clone(),
            resolved: self.resolved.as_ref().map(|resolved| resolved.0.clone()),
            identity: None,
        }
    }
}

/// Some files of a receipt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReceiptPage {
    /// How many there are.
    pub total: u64,
    /// The asked ones, in the order in which they were queued.
    pub rows: Vec<ReceiptRow>,
}

/// Reads a row of [`COLUMNS`].
pub(crate) fn decode(row: &Row<'_>) -> rusqlite::Result<ReceiptRow> {
    let source: SourcePath = row.get(6)?;
    let resolved = row.get::<_, Option<SourcePath>>(7)?;
    Ok(ReceiptRow {
        id: TransferId(row.get(0)?),
        profile: ProfileId(row.get(3)?),
        bucket: row.get(4)?,
        key: row.get(5)?,
        resolved: resolved.map(|resolved| resolved.read_beside(&source)),
        source,
        size: row.get::<_, Count>(8)?.0,
        standing: row.get::<_, Word<_>>(9)?.0,
        crc64: row.get::<_, Option<Bits>>(10)?.map(|crc| crc.0),
        etag: row.get(11)?,
        taken_anew: row.get(18)?,
        receipt: Receipt {
            md5: row.get::<_, Option<Digest<16>>>(12)?.map(|digest| digest.0),
            sha256: row.get::<_, Option<Digest<32>>>(13)?.map(|digest| digest.0),
            version_id: row.get(14)?,
            request_id: row.get(15)?,
            started_ms: row.get(16)?,
            finished_ms: row.get(17)?,
            crc64_nvme: row.get::<_, Option<Bits>>(19)?.map(|crc| crc.0),
            proof: row.get::<_, Option<Word<_>>>(20)?.map(|proof| proof.0),
            afterwards: row.get::<_, Option<Json<_>>>(21)?.map(|tidied| tidied.0),
            replaced: row.get(22)?,
        },
    })
}

/// Keeps what receipts tell of these rows, which are about to be removed. What had not ended was
/// never uploaded: it counts as cancelled.
pub(crate) fn keep(connection: &Connection, ids: &str, goes: &str) -> Result<(), JournalError> {
    let which = format!("id IN (SELECT value FROM json_each(?1)) AND {goes}");
    let standing = format!("CASE WHEN standing IN ({}) THEN standing ELSE ?2 END", ended()?);
    let kept = COLUMNS.replace("standing", &standing);
    let cancelled = Word(Standing::Cancelled);
    connection
        .prepare_cached(&format!(
            "INSERT INTO removed ({COLUMNS}) SELECT {kept} FROM transfers WHERE {which}"
        ))?
        .execute(params![ids, cancelled])?;
    connection
        .prepare_cached(&format!(
            "INSERT INTO removed_totals (batch, standing, files, bytes)
             SELECT batch, {standing} AS stood, COUNT(*), SUM(size) FROM transfers
             WHERE {which} GROUP BY batch, stood
             ON CONFLICT (batch, standing) DO UPDATE SET
                files = files + excluded.files, bytes = bytes + excluded.bytes"
        ))?
        .execute(params![ids, cancelled])?;
    Ok(())
}

/// Counts every removed row in: the sums are of nothing yet.
pub(crate) fn count_all_in(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO removed_totals SELECT batch, standing, COUNT(*), SUM(size)
            FROM removed GROUP BY batch, standing;",
    )
}

fn read(
    connection: &Connection,
    unreadable: &Unreadable,
    batch: BatchId,
    offset: u64,
    limit: u64,
) -> Result<ReceiptPage, JournalError> {
    let total: Count = connection
        .prepare_cached(
            "SELECT COALESCE(SUM(files), 0) FROM (
                SELECT files FROM totals WHERE batch = ?1
                UNION ALL SELECT files FROM removed_totals WHERE batch = ?1)",
        )?
        .query_row([batch.0], |row| row.get(0))?;
    // What comes before the page is passed over in the indices alone.
    let sql = format!(
        "WITH page AS (
            SELECT id, position, 0 AS gone FROM transfers WHERE batch = ?1
            UNION ALL SELECT id, position, 1 FROM removed WHERE batch = ?1
            ORDER BY position LIMIT ?2 OFFSET ?3)
         SELECT {COLUMNS} FROM transfers WHERE id IN (SELECT id FROM page WHERE gone = 0)
         UNION ALL SELECT {COLUMNS} FROM removed WHERE id IN (SELECT id FROM page WHERE gone = 1)
         ORDER BY position, id"
    );
    let cap = |number: u64| Count(number.min(i64::MAX.unsigned_abs()));
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query(params![batch.0, cap(limit), cap(offset)])?;
    Ok(ReceiptPage { total: total.0, rows: unreadable.collect(rows, "receipt", decode)? })
}

impl Journal {
    /// Up to `limit` transfers that ended after this one did, by time and number; also those that
    /// were taken off the list. It reads through all of both tables.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn ended_after(
        &self,
        (finished_ms, id): (i64, TransferId),
        limit: usize,
    ) -> Result<Vec<ReceiptRow>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let which = format!("standing IN ({}) AND (finished_ms, id) > (?1, ?2)", ended()?);
            let sql = format!(
                "SELECT {COLUMNS} FROM transfers WHERE {which}
                 UNION ALL SELECT {COLUMNS} FROM removed WHERE {which}
                 ORDER BY finished_ms, id LIMIT ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query(params![finished_ms, id.0, limit])?;
            unreadable.collect(rows, "ended transfers", decode)
        })
        .await
    }

    /// `limit` files of a batch's receipt from `offset` on, and how many there are; also those that
    /// were taken off the list.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn receipt_page(
        &self,
        batch: BatchId,
        offset: u64,
        limit: u64,
    ) -> Result<ReceiptPage, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| read(connection, &unreadable, batch, offset, limit)).await
    }
}
