//! How far a transfer has come: the few columns that are read again with each look at what runs.

use ferry_model::{BatchId, ProfileId, Standing, TransferId};
use rusqlite::{Connection, Row};

use crate::unreadable::Unreadable;
use crate::values::{Count, Word};
use crate::{JournalError, TransferRow};

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferProgress {
    /// Its number.
    pub id: TransferId,
    /// The drop or put it came with.
    pub batch: BatchId,
    /// Where it goes.
    pub profile: ProfileId,
    /// Whether it runs, rests or has ended.
    pub standing: Standing,
    /// The file's bytes.
    pub size: u64,
    /// Bytes of the parts the store acknowledged; the file's size once it is done.
    pub acked_bytes: u64,
}

impl From<&TransferRow> for TransferProgress {
    fn from(row: &TransferRow) -> Self {
        let &TransferRow { id, batch, profile, standing, size, acked_bytes, .. } = row;
        Self { id, batch, profile, standing, size, acked_bytes }
    }
}

fn decode(row: &Row<'_>) -> rusqlite::Result<TransferProgress> {
    Ok(TransferProgress {
        id: TransferId(row.get(0)?),
        batch: BatchId(row.get(1)?),
        profile: ProfileId(row.get(2)?),
        standing: row.get::<_, Word<_>>(3)?.0,
        size: row.get::<_, Count>(4)?.0,
        acked_bytes: row.get::<_, Count>(5)?.0,
    })
}

/// That of these transfers, a list of numbers as JSON, as far as they exist.
pub(crate) fn read(
    connection: &Connection,
    unreadable: &Unreadable,
    ids: &str,
) -> Result<Vec<TransferProgress>, JournalError> {
    let sql = "SELECT id, batch, profile, standing, size, acked_bytes FROM transfers
         WHERE id IN (SELECT value FROM json_each(?1))";
    unreadable.collect(connection.prepare_cached(sql)?.query([ids])?, "transfer", decode)
}
