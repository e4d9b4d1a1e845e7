//! Watched folders: what each is, and which batch its files of a day come with.

use ferry_model::{BatchId, ProfileId, Watch, WatchId, WatchState};
use rusqlite::{Connection, OptionalExtension, Row, params};
use rusqlite_migration::M;

use crate::values::{Json, Word};
use crate::{Durability, Journal, JournalError, NewBatch, SourcePath, batches};

/// The number of a watch is never reused: batches name it. What a watch does is JSON whose absent
/// fields have their defaults.
pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE watches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        profile INTEGER NOT NULL,
        folder BLOB NOT NULL,
        resolved BLOB NOT NULL,
        state TEXT NOT NULL,
        settings TEXT NOT NULL
    ) STRICT;
    ALTER TABLE batches ADD COLUMN watch INTEGER;
    CREATE INDEX batches_by_watch ON batches (watch, id) WHERE watch IS NOT NULL;",
);

/// Every column.
pub(crate) const COLUMNS: &str = "id, profile, folder, resolved, state, settings";

pub(crate) fn decode(row: &Row<'_>) -> rusqlite::Result<Watch> {
    Ok(Watch {
        id: WatchId(row.get(0)?),
        profile: ProfileId(row.get(1)?),
        folder: row.get::<_, SourcePath>(2)?.0,
        resolved: row.get::<_, SourcePath>(3)?.0,
        state: row.get::<_, Word<_>>(4)?.0,
        settings: row.get::<_, Json<_>>(5)?.0,
    })
}

fn save(connection: &Connection, watch: &Watch) -> Result<WatchId, JournalError> {
    if !crate::profiles::exists(connection, watch.profile)? {
        return Err(JournalError::NotFound);
    }
    let new = watch.id.0 == 0;
    let sql = if new {
        "INSERT INTO watches (id, profile, folder, resolved, state, settings)
         VALUES (NULLIF(?1, 0), ?2, ?3, ?4, ?5, ?6)"
    } else {
        "UPDATE watches SET profile = ?2, folder = ?3, resolved = ?4, state = ?5, settings = ?6
         WHERE id = ?1"
    };
    let changed = connection.prepare_cached(sql)?.execute(params![
        watch.id.0,
        watch.profile.0,
        SourcePath::from(watch.folder.as_path()),
        SourcePath::from(watch.resolved.as_path()),
        Word(watch.state),
        Json(&watch.settings),
    ])?;
    match (changed, new) {
        (0, _) => Err(JournalError::NotFound),
        (_, true) => Ok(WatchId(connection.last_insert_rowid())),
        (_, false) => Ok(watch.id),
    }
}

impl Journal {
    /// Every watch, in the order they were made.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A watch that does not decode is left out and counted.
    pub async fn watches(&self) -> Result<Vec<Watch>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached(&format!("SELECT {COLUMNS} FROM watches ORDER BY id"))?;
            unreadable.collect(statement.query([])?, "watch", decode)
        })
        .await
    }

    /// Stores a watch: a new one when its id is 0, else in place of the one with that id. Returns
    /// its id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile or watch, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn save_watch(&self, watch: &Watch) -> Result<WatchId, JournalError> {
        let watch = watch.clone();
        self.write(Durability::Full, move |connection| save(connection, &watch)).await
    }

    /// Sets whether a watch looks for files.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn set_watch_state(
        &self,
        id: WatchId,
        state: WatchState,
    ) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| {
            match connection
                .prepare_cached("UPDATE watches SET state = ?2 WHERE id = ?1")?
                .execute(params![id.0, Word(state)])?
            {
                0 => Err(JournalError::NotFound),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Deletes a watch and what is known of its files. What it queued stays, and its batches end.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn delete_watch(&self, id: WatchId) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| {
            if connection.execute("DELETE FROM watches WHERE id = ?1", [id.0])? == 0 {
                return Err(JournalError::NotFound);
            }
            connection.execute("DELETE FROM watch_files WHERE watch = ?1", [id.0])?;
            end_batches(connection, id, "")
        })
        .await
    }

    /// The batch of a watch for a day, made if there is none; those of other days take no more
    /// files, and are finished once nothing of them is open. The batch's fingerprint tells the day.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn batch_of_watch(
        &self,
        id: WatchId,
        batch: NewBatch,
    ) -> Result<BatchId, JournalError> {
        self.write(Durability::Full, move |connection| {
            end_batches(connection, id, &batch.fingerprint)?;
            let known = connection
                .prepare_cached(
                    "SELECT id FROM batches WHERE watch = ?1 AND fingerprint = ?2
                     ORDER BY id DESC LIMIT 1",
                )?
                .query_row(params![id.0, batch.fingerprint], |row| row.get(0).map(BatchId))
                .optional()?;
            if let Some(known) = known {
                batches::begin_intake(connection, known)?;
                return Ok(known);
            }
            let made = batches::insert(connection, &batch)?;
            connection
                .prepare_cached("UPDATE batches SET watch = ?2 WHERE id = ?1")?
                .execute(params![made.0, id.0])?;
            Ok(made)
        })
        .await
    }

    /// Lets the batches of a watch end, all but that of a day: nothing is looked for any more.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn end_batches_of_watch(&self, id: WatchId, but: &str) -> Result<(), JournalError> {
        let but = but.to_owned();
        self.write(Durability::Full, move |connection| end_batches(connection, id, &but)).await
    }
}

/// Ends the intake of a watch's batches, but that of a fingerprint.
fn end_batches(connection: &Connection, id: WatchId, but: &str) -> Result<(), JournalError> {
    let others: Vec<BatchId> = connection
        .prepare_cached(
            "SELECT id FROM batches WHERE watch = ?1 AND finished = 0 AND fingerprint <> ?2",
        )?
        .query_map(params![id.0, but], |row| row.get(0).map(BatchId))?
        .collect::<Result<_, _>>()?;
    for other in others {
        batches::end_intake(connection, other)?;
    }
    Ok(())
}
