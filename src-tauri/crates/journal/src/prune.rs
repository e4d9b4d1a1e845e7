//! What is old leaves: finished batches, with their files, their parts' sums and their receipts.

use ferry_model::BatchId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Durability, Journal, JournalError, watch_days};

/// Rows that go in one write: others wait no longer than for them.
const ROWS: i64 = 2_000;

fn oldest(connection: &Connection, before_ms: i64) -> rusqlite::Result<Option<BatchId>> {
    connection
        .prepare_cached(
            "SELECT id FROM batches
             WHERE finished = 1 AND COALESCE(finished_ms, created_ms) < ?1 ORDER BY id LIMIT 1",
        )?
        .query_row([before_ms], |row| row.get(0).map(BatchId))
        .optional()
}

/// Takes some files of the oldest batch, or the batch with the last of them. Returns whether there
/// was one.
fn step(connection: &Connection, before_ms: i64) -> Result<bool, JournalError> {
    let Some(batch) = oldest(connection, before_ms)? else { return Ok(false) };
    // Before the first of its files goes.
    watch_days::keep(connection, batch)?;
    let mut gone: i64 = 0;
    for table in ["transfers", "removed"] {
        gone += connection
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE batch = ?1 LIMIT ?2)"
            ))?
            .execute(params![batch.0, ROWS])? as i64;
    }
    if gone < ROWS {
        for sql in [
            "DELETE FROM removed_totals WHERE batch = ?1",
            "DELETE FROM batches WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM transfers WHERE batch = ?1)
             AND NOT EXISTS (SELECT 1 FROM removed WHERE batch = ?1)",
        ] {
            connection.prepare_cached(sql)?.execute([batch.0])?;
        }
    }
    Ok(true)
}

impl Journal {
    /// Forgets the batches that were finished before a moment, in milliseconds since 1970: their
    /// files, and their receipts. Objects and files are not touched. It writes in steps; what is
    /// left when it is cancelled goes the next time. Returns whether anything went.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn prune(&self, before_ms: i64) -> Result<bool, JournalError> {
        let mut any = false;
        while self.write(Durability::Normal, move |connection| step(connection, before_ms)).await? {
            any = true;
        }
        Ok(any)
    }
}
