//! Rows that are taken out of the queue.

use std::collections::BTreeSet;

use ferry_model::{BatchId, TransferId};
use rusqlite::Connection;

use crate::values::{ended, number_list};
use crate::{Durability, Journal, JournalError};

/// What becomes of rows that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trace {
    /// Their receipt still tells of them.
    Receipt,
    /// Nothing tells of them any more.
    Nothing,
}

/// A transfer that never asked anything of the store, or that has ended, leaves nothing behind on
/// the store when its row goes.
fn remove(connection: &Connection, ids: &str, trace: Trace) -> Result<usize, JournalError> {
    let batches: BTreeSet<BatchId> = connection
        .prepare_cached(
            "SELECT DISTINCT batch FROM transfers WHERE id IN (SELECT value FROM json_each(?1))",
        )?
        .query_map([ids], |row| row.get(0).map(BatchId))?
        .collect::<Result<_, _>>()?;
    let goes = format!("(standing IN ({}) OR phase = 'fresh')", ended()?);
    if trace == Trace::Receipt {
        crate::receipts::keep(connection, ids, &goes)?;
    }
    let removed = connection
        .prepare_cached(&format!(
            "DELETE FROM transfers WHERE id IN (SELECT value FROM json_each(?1)) AND {goes}"
        ))?
        .execute([ids])?;
    // What was removed may have been all that was open.
    for batch in batches {
        crate::batches::settle(connection, batch)?;
    }
    connection
        .prepare_cached(
            "DELETE FROM batches WHERE finished = 1
             AND NOT EXISTS (SELECT 1 FROM transfers WHERE batch = batches.id)
             AND NOT EXISTS (SELECT 1 FROM removed WHERE batch = batches.id)",
        )?
        .execute([])?;
    Ok(removed)
}

impl Journal {
    /// Takes rows off the list that have ended, or never asked anything of the store; others stay.
    /// Returns how many went. Their receipt still has them ([`Journal::receipt_page`]).
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn remove(&self, ids: &[TransferId]) -> Result<usize, JournalError> {
        let ids = number_list(ids.iter().map(|id| id.0));
        let removal = move |connection: &Connection| remove(connection, &ids, Trace::Receipt);
        self.write(Durability::Full, removal).await
    }

    /// As [`Journal::remove`], of rows that stand for nothing the user dropped: no receipt tells of
    /// them. Finished batches without a row go with them.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn forget(&self, ids: &[TransferId]) -> Result<usize, JournalError> {
        let ids = number_list(ids.iter().map(|id| id.0));
        let removal = move |connection: &Connection| remove(connection, &ids, Trace::Nothing);
        self.write(Durability::Full, removal).await
    }
}
