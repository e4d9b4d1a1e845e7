//! Files of watches whose uploads begin while they grow: whether they are complete, and as what.

use ferry_model::{Growth, SourceIdentity, Standing, TransferId, WatchId};
use rusqlite::{OptionalExtension, params};

use crate::values::{Json, Word};
use crate::{Durability, Journal, JournalError, SourcePath};

impl Journal {
    /// A file that was queued while it grew is complete, and this is what it is.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn set_grown(
        &self,
        watch: WatchId,
        source: SourcePath,
        identity: SourceIdentity,
    ) -> Result<(), JournalError> {
        self.write(Durability::Normal, move |connection| {
            connection
                .prepare_cached(
                    "UPDATE watch_files SET identity = ?3, growth = ?4
                     WHERE watch = ?1 AND source = ?2",
                )?
                .execute(params![watch.0, source, Json(identity), Word(Growth::Grown)])?;
            Ok(())
        })
        .await
    }

    /// The transfers of a watch that stopped because their files had changed, and whose files are
    /// complete since, as others.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn grown_since_they_stopped(
        &self,
        watch: WatchId,
    ) -> Result<Vec<TransferId>, JournalError> {
        self.read(move |connection| {
            // Few have stopped so: they are looked at first.
            let mut statement = connection.prepare_cached(
                "SELECT t.id FROM transfers t CROSS JOIN watch_files f ON f.transfer = t.id
                 WHERE t.standing = ?2 AND f.watch = ?1 AND f.growth = ?3
                     AND f.identity IS NOT t.identity",
            )?;
            let stopped = (Word(Standing::SourceChanged), Word(Growth::Grown));
            let ids = statement
                .query_map(params![watch.0, stopped.0, stopped.1], |row| row.get(0))?
                .map(|id| id.map(TransferId))
                .collect::<Result<_, _>>()?;
            Ok(ids)
        })
        .await
    }

    /// Whether the file of a transfer was complete when it was queued, and what its watch knows it
    /// to be. What no watch knows (any more) counts as whole.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn growth(
        &self,
        transfer: TransferId,
    ) -> Result<(Growth, Option<SourceIdentity>), JournalError> {
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT growth, identity FROM watch_files WHERE transfer = ?1")?;
            let found = statement.query_row([transfer.0], |row| {
                let identity = row.get::<_, Json<_>>(1)?.0;
                Ok((row.get::<_, Word<Growth>>(0)?.0, Some(identity)))
            });
            Ok(found.optional()?.unwrap_or_default())
        })
        .await
    }
}
