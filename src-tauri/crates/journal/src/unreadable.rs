//! Rows that do not decode: left out, logged, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Row, Rows};

use crate::JournalError;

/// Counts the rows that did not decode.
#[derive(Clone, Default)]
pub(crate) struct Unreadable(Arc<AtomicU64>);

impl Unreadable {
    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Decodes a row; one that does not decode is logged, counted and `None`.
    pub(crate) fn keep<T>(
        &self,
        row: &Row<'_>,
        what: &str,
        decode: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        match decode(row) {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.fetch_add(1, Ordering::Relaxed);
                let id = row.get::<_, i64>(0).unwrap_or_default();
                tracing::warn!(what, id, %error, "a row of the journal cannot be read and is left out");
                None
            }
        }
    }

    /// Decodes every row that can be decoded.
    pub(crate) fn collect<T>(
        &self,
        mut rows: Rows<'_>,
        what: &str,
        decode: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let mut kept = Vec::new();
        while let Some(row) = rows.next()? {
            kept.extend(self.keep(row, what, &decode));
        }
        Ok(kept)
    }
}
