//! The transfers whose rows do not decode.

use ferry_model::{BatchId, TransferId};
use rusqlite::{Connection, params};

use crate::row::{COLUMNS, decode};
use crate::{Journal, JournalError};

/// Rows that are checked at once.
const CHECKED_AT_ONCE: i64 = 2_000;

/// The rows behind a number that do not decode, and the last number that was looked at.
fn unreadable_after(
    connection: &Connection,
    batch: Option<BatchId>,
    after: i64,
) -> Result<(Option<i64>, Vec<TransferId>), JournalError> {
    let of_batch = if batch.is_some() { "batch = ?1" } else { "?1 IS NULL" };
    let sql = format!(
        "SELECT {COLUMNS} FROM transfers NOT INDEXED WHERE {of_batch} AND id > ?2 ORDER BY id LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![batch.map(|batch| batch.0), after, CHECKED_AT_ONCE])?;
    let (mut last, mut unreadable) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        if decode(row).is_err() {
            unreadable.push(TransferId(row.get(0)?));
        }
    }
    Ok((last, unreadable))
}

impl Journal {
    /// The transfers whose rows do not decode, of a batch or the whole queue: they cannot run, and
    /// no other answer has them. Reads every row, some at a time, so that others get their turn.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn unreadable_transfers(
        &self,
        batch: Option<BatchId>,
    ) -> Result<Vec<TransferId>, JournalError> {
        let mut unreadable = Vec::new();
        let mut after = i64::MIN;
        loop {
            let (last, mut found) =
                self.read(move |connection| unreadable_after(connection, batch, after)).await?;
            unreadable.append(&mut found);
            match last {
                Some(last) => after = last,
                None => return Ok(unreadable),
            }
        }
    }
}
