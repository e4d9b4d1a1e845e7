//! Parts that the store acknowledged. A hint: ListParts is the truth, so these are written without
//! waiting for the disk.

use ferry_model::TransferId;
use rusqlite::{Connection, OptionalExtension, Row, params};
use rusqlite_migration::M;

use crate::values::{Bits, Count, Digest, ended};
use crate::{Durability, Journal, JournalError};

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE parts (
        transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        crc64 INTEGER,
        md5 BLOB,
        PRIMARY KEY (transfer, number)
    ) STRICT, WITHOUT ROWID;",
);

pub(crate) const ADD_NVME: M<'static> = M::up("ALTER TABLE parts ADD COLUMN crc64_nvme INTEGER;");

pub(crate) const COLUMNS: &str = "transfer, number, size, etag, crc64, md5, crc64_nvme";

/// A part that the store acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Its number, from 1.
    pub number: u32,
    /// Its bytes.
    pub size: u64,
    /// The ETag the store answered.
    pub etag: String,
    /// Its CRC-64/XZ, as computed here while it was read.
    pub crc64: Option<u64>,
    /// Its CRC-64/NVME, as computed here while it was read.
    pub crc64_nvme: Option<u64>,
    /// Its MD5, as computed here while it was read.
    pub md5: Option<[u8; 16]>,
}

pub(crate) fn decode(row: &Row<'_>) -> rusqlite::Result<PartRow> {
    Ok(PartRow {
        number: row.get(1)?,
        size: row.get::<_, Count>(2)?.0,
        etag: row.get(3)?,
        crc64: row.get::<_, Option<Bits>>(4)?.map(|crc| crc.0),
        md5: row.get::<_, Option<Digest<16>>>(5)?.map(|digest| digest.0),
        crc64_nvme: row.get::<_, Option<Bits>>(6)?.map(|crc| crc.0),
    })
}

/// Whether the transfer still takes parts: once it has ended, a late answer changes nothing.
fn takes_parts(connection: &Connection, id: TransferId) -> Result<bool, JournalError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT standing NOT IN ({}) FROM transfers WHERE id = ?1",
        ended()?
    ))?;
    statement.query_row([id.0], |row| row.get(0)).optional()?.ok_or(JournalError::NotFound)
}

/// Adds to the bytes that the transfer's row says are acknowledged.
fn add_acked(connection: &Connection, id: TransferId, bytes: i64) -> Result<(), JournalError> {
    let mut statement = connection
        .prepare_cached("UPDATE transfers SET acked_bytes = acked_bytes + ?2 WHERE id = ?1")?;
    statement.execute(params![id.0, bytes])?;
    Ok(())
}

/// Deletes a part's row; returns its bytes.
fn delete(connection: &Connection, id: TransferId, number: u32) -> Result<i64, JournalError> {
    let mut statement = connection
        .prepare_cached("DELETE FROM parts WHERE transfer = ?1 AND number = ?2 RETURNING size")?;
    let mut rows = statement.query(params![id.0, number])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        bytes += row.get::<_, i64>(0)?;
    }
    Ok(bytes)
}

pub(crate) fn insert(
    connection: &Connection,
    id: TransferId,
    part: &PartRow,
) -> Result<(), JournalError> {
    let size = i64::try_from(part.size)
        .map_err(|_| JournalError::Broken("a part's size is out of range".to_owned()))?;
    if !takes_parts(connection, id)? {
        return Ok(());
    }
    let before = delete(connection, id, part.number)?;
    add_acked(connection, id, size - before)?;
    let mut statement =
        connection.prepare_cached("INSERT INTO parts (transfer, number, size, etag, crc64, md5, crc64_nvme) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    statement.execute(params![
        id.0,
        part.number,
        size,
        part.etag,
        part.crc64.map(Bits),
        part.md5.map(Digest),
        part.crc64_nvme.map(Bits)
    ])?;
    Ok(())
}

impl Journal {
    /// Keeps a part the store acknowledged, in place of an older one of that number, and counts it
    /// in the transfer's `acked_bytes`. Once the transfer has ended, a late part is not kept.
    /// [`Durability::Normal`].
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such transfer, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn record_part(&self, id: TransferId, part: PartRow) -> Result<(), JournalError> {
        self.write(Durability::Normal, move |connection| insert(connection, id, &part)).await
    }

    /// A transfer's parts by number.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted: its part is
    /// then asked of the store, or sent again.
    pub async fn parts(&self, id: TransferId) -> Result<Vec<PartRow>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM parts WHERE transfer = ?1 ORDER BY number"
            ))?;
            unreadable.collect(statement.query([id.0])?, "part of transfer", decode)
        })
        .await
    }

    /// The numbers of a transfer's parts, in order: less to read than [`Self::parts`].
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn part_numbers(&self, id: TransferId) -> Result<Vec<u32>, JournalError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT number FROM parts WHERE transfer = ?1 ORDER BY number")?;
            let numbers = statement.query_map([id.0], |row| row.get(0))?;
            Ok(numbers.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Forgets a part that the store does not have after all; nothing happens when it was not kept.
    /// [`Durability::Normal`].
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such transfer, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn forget_part(&self, id: TransferId, number: u32) -> Result<(), JournalError> {
        self.write(Durability::Normal, move |connection| {
            if !takes_parts(connection, id)? {
                return Ok(());
            }
            let bytes = delete(connection, id, number)?;
            add_acked(connection, id, -bytes)
        })
        .await
    }

    /// Forgets all parts of a transfer. [`Durability::Normal`].
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such transfer, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn forget_parts(&self, id: TransferId) -> Result<(), JournalError> {
        self.write(Durability::Normal, move |connection| {
            if !takes_parts(connection, id)? {
                return Ok(());
            }
            connection.prepare_cached("DELETE FROM parts WHERE transfer = ?1")?.execute([id.0])?;
            connection
                .prepare_cached("UPDATE transfers SET acked_bytes = 0 WHERE id = ?1")?
                .execute([id.0])?;
            Ok(())
        })
        .await
    }
}
