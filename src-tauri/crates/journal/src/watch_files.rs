//! The files of watches: what each was when it was queued, and what became of it. They decide what
//! is new, so they outlive the rows of the list.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use ferry_model::{Growth, KnownFile, KnownState, SourceIdentity, Tidied, TransferId, WatchId};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, params};
use rusqlite_migration::M;

use crate::queue::insert;
use crate::values::{Bits, Json, Word, ended, number_list};
use crate::{Durability, Journal, JournalError, NewTransfer, SourcePath};

/// `state` counts once the transfer has left the list: the trigger writes it.
pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE watch_files (
        watch INTEGER NOT NULL,
        source BLOB NOT NULL,
        key TEXT NOT NULL,
        identity TEXT NOT NULL,
        file INTEGER NOT NULL,
        transfer INTEGER,
        state TEXT NOT NULL,
        tidied INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (watch, source)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX watch_files_by_file ON watch_files (watch, file);
    CREATE INDEX watch_files_by_key ON watch_files (watch, key);
    CREATE INDEX watch_files_by_transfer ON watch_files (transfer) WHERE transfer IS NOT NULL;
    CREATE TRIGGER watch_files_keep AFTER DELETE ON transfers BEGIN
        UPDATE watch_files SET transfer = NULL, identity = COALESCE(OLD.identity, identity),
            state = CASE OLD.standing WHEN 'done' THEN 'verified' ELSE 'dismissed' END
        WHERE transfer = OLD.id;
    END;",
);

/// Every column.
pub(crate) const COLUMNS: &str =
    "watch, source, key, identity, file, transfer, state, tidied, growth";

/// Whether a file was complete when it was queued; of one that was not and is now, the identity is
/// that of the complete file.
pub(crate) const ADD_GROWTH: M<'static> =
    M::up("ALTER TABLE watch_files ADD COLUMN growth TEXT NOT NULL DEFAULT 'whole';");

/// What a watch did with a verified file, for its receipt.
pub(crate) const ADD_TIDIED: M<'static> = M::up(
    "ALTER TABLE transfers ADD COLUMN afterwards TEXT;
    ALTER TABLE removed ADD COLUMN afterwards TEXT;",
);

/// A file of a watch to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewWatchFile {
    /// Its transfer, whose source is the path it is known by.
    pub transfer: NewTransfer,
    /// What it is.
    pub identity: SourceIdentity,
    /// Whether it is complete.
    pub growth: Growth,
}

/// A file of a watch that is verified, and with which the watch has still to do what it does
/// afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Untidied {
    /// Where it is.
    pub source: SourcePath,
    /// What is known of it.
    pub known: KnownFile,
}

/// By what known files are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Path,
    Number,
    Key,
    Transfer,
}

impl By {
    /// Without it, SQLite takes the primary key for all of them, and reads every file of a watch
    /// for each that is looked up.
    fn index(self) -> &'static str {
        match self {
            Self::Path => "",
            Self::Number => "INDEXED BY watch_files_by_file",
            Self::Key => "INDEXED BY watch_files_by_key",
            Self::Transfer => "INDEXED BY watch_files_by_transfer",
        }
    }
}

/// A known file with its path, in the columns of [`decode`].
fn known(by: By, condition: &str) -> Result<String, rusqlite::Error> {
    let index = by.index();
    Ok(format!(
        "SELECT f.source, CASE f.growth WHEN 'whole' THEN COALESCE(t.identity, f.identity)
                ELSE f.identity END, f.key, t.id,
            CASE WHEN t.id IS NULL THEN f.state WHEN t.standing = 'done' THEN 'verified'
                WHEN t.standing IN ({}) THEN 'dismissed' ELSE 'open' END AS became, f.growth
         FROM watch_files AS f {index} LEFT JOIN transfers AS t ON t.id = f.transfer
         WHERE f.watch = ?1 AND {condition}",
        ended()?
    ))
}

fn decode(row: &Row<'_>) -> rusqlite::Result<(SourcePath, KnownFile)> {
    let known = KnownFile {
        identity: row.get::<_, Json<_>>(1)?.0,
        key: row.get(2)?,
        transfer: row.get::<_, Option<i64>>(3)?.map(TransferId),
        state: row.get::<_, Word<KnownState>>(4)?.0,
        growth: row.get::<_, Word<Growth>>(5)?.0,
    };
    Ok((row.get(0)?, known))
}

fn write(
    connection: &Connection,
    watch: WatchId,
    file: &NewWatchFile,
    transfer: TransferId,
) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO watch_files
                (watch, source, key, identity, file, transfer, state, growth)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            watch.0,
            file.transfer.source,
            file.transfer.key,
            Json(file.identity),
            Bits(file.identity.file),
            transfer.0,
            Word(KnownState::Open),
            Word(file.growth),
        ])?;
    Ok(())
}

impl Journal {
    /// Writes down that newer versions of their files are queued in the place of these transfers.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn mark_replaced(&self, ids: &[TransferId]) -> Result<(), JournalError> {
        let ids = number_list(ids.iter().map(|id| id.0));
        self.write(Durability::Normal, move |connection| {
            let sql = "UPDATE transfers SET replaced = 1
                 WHERE id IN (SELECT value FROM json_each(?1))";
            connection.prepare_cached(sql)?.execute([&ids])?;
            Ok(())
        })
        .await
    }

    /// Queues files of a watch and writes down what they are, in one durable commit: a file is
    /// known exactly if it is queued.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn enqueue_of_watch(
        &self,
        watch: WatchId,
        files: Arc<[NewWatchFile]>,
    ) -> Result<Vec<TransferId>, JournalError> {
        self.write(Durability::Full, move |connection| {
            let transfers: Vec<NewTransfer> =
                files.iter().map(|file| file.transfer.clone()).collect();
            let ids = insert(connection, &transfers)?;
            for (file, id) in files.iter().zip(&ids) {
                write(connection, watch, file, *id)?;
            }
            Ok(ids)
        })
        .await
    }

    /// What is known of files by their paths.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn known_files(
        &self,
        watch: WatchId,
        paths: Vec<PathBuf>,
    ) -> Result<HashMap<PathBuf, KnownFile>, JournalError> {
        let paths = paths.into_iter().map(SourcePath::from).collect();
        Ok(self.known_by(By::Path, "f.source = ?2", watch, paths).await?.into_iter().collect())
    }

    /// The known files that have one of these numbers: what files of other paths may have been
    /// called before.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn files_of_numbers(
        &self,
        watch: WatchId,
        numbers: Vec<u64>,
    ) -> Result<Vec<(PathBuf, KnownFile)>, JournalError> {
        self.known_by(By::Number, "f.file = ?2", watch, numbers.into_iter().map(Bits).collect())
            .await
    }

    /// The known files that have one of these keys.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn files_of_keys(
        &self,
        watch: WatchId,
        keys: Vec<String>,
    ) -> Result<Vec<(PathBuf, KnownFile)>, JournalError> {
        self.known_by(By::Key, "f.key = ?2", watch, keys).await
    }

    /// The known files for which a condition over `?2` holds with one of these values.
    async fn known_by<T: ToSql + Send + 'static>(
        &self,
        by: By,
        condition: &str,
        watch: WatchId,
        values: Vec<T>,
    ) -> Result<Vec<(PathBuf, KnownFile)>, JournalError> {
        let (sql, unreadable) = (known(by, condition)?, self.unreadable());
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut found = Vec::new();
            for value in values {
                let rows = statement.query(params![watch.0, value])?;
                let rows = unreadable.collect(rows, "file of a watch", decode)?;
                found.extend(rows.into_iter().map(|(source, file)| (source.0, file)));
            }
            Ok(found)
        })
        .await
    }

    /// A known file was renamed: it is known by its new path from now on.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn rename_known_file(
        &self,
        watch: WatchId,
        from: PathBuf,
        to: PathBuf,
        identity: SourceIdentity,
    ) -> Result<(), JournalError> {
        let (from, to) = (SourcePath::from(from), SourcePath::from(to));
        self.write(Durability::Normal, move |connection| {
            // Its transfer keeps the path that it was uploaded from, so it says no more.
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO watch_files
                        (watch, source, key, identity, file, transfer, state, tidied)
                     SELECT watch, ?3, key, ?4, ?5, NULL, ?6, tidied FROM watch_files
                     WHERE watch = ?1 AND source = ?2",
                )?
                .execute(params![
                    watch.0,
                    from,
                    to,
                    Json(identity),
                    Bits(identity.file),
                    Word(KnownState::Verified)
                ])?;
            connection
                .prepare_cached("DELETE FROM watch_files WHERE watch = ?1 AND source = ?2")?
                .execute(params![watch.0, from])?;
            Ok(())
        })
        .await
    }

    /// The known files behind a path, in the order of their paths: all, some at a time.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn known_files_after(
        &self,
        watch: WatchId,
        after: Option<PathBuf>,
        limit: usize,
    ) -> Result<Vec<(PathBuf, KnownFile)>, JournalError> {
        let after = SourcePath::from(after.unwrap_or_default());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("{} ORDER BY f.source LIMIT ?3", known(By::Path, "f.source > ?2")?);
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query(params![watch.0, after, limit])?;
            let rows = unreadable.collect(rows, "file of a watch", decode)?;
            Ok(rows.into_iter().map(|(source, file)| (source.0, file)).collect())
        })
        .await
    }

    /// Those of these paths that are folders with known files below them.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn folders_of_known_files(
        &self,
        watch: WatchId,
        paths: Vec<PathBuf>,
    ) -> Result<Vec<PathBuf>, JournalError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT source FROM watch_files WHERE watch = ?1 AND source > ?2
                 ORDER BY source LIMIT 1",
            )?;
            let mut folders = Vec::new();
            for path in paths {
                // With a separator at its end, it stands right before what is below it.
                let before = SourcePath::from(path.join(""));
                let next: Option<SourcePath> =
                    statement.query_row(params![watch.0, before], |row| row.get(0)).optional()?;
                if next.is_some_and(|next| next.as_path().starts_with(&path)) {
                    folders.push(path);
                }
            }
            Ok(folders)
        })
        .await
    }

    /// Forgets files that are not there any more and whose transfers have ended.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn forget_files(
        &self,
        watch: WatchId,
        paths: Vec<PathBuf>,
    ) -> Result<(), JournalError> {
        let paths: Vec<SourcePath> = paths.into_iter().map(SourcePath::from).collect();
        self.write(Durability::Normal, move |connection| {
            let mut statement = connection
                .prepare_cached("DELETE FROM watch_files WHERE watch = ?1 AND source = ?2")?;
            for path in &paths {
                statement.execute(params![watch.0, path])?;
            }
            Ok(())
        })
        .await
    }

    /// Verified files with which nothing was done afterwards, at most `limit`: all, or those of
    /// these transfers.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn untidied(
        &self,
        watch: WatchId,
        transfers: Option<Vec<TransferId>>,
        limit: usize,
    ) -> Result<Vec<Untidied>, JournalError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (by, among, argument) = match transfers {
            None => (By::Path, "?3 = ''", String::new()),
            Some(ids) => (
                By::Transfer,
                "f.transfer IN (SELECT value FROM json_each(?3))",
                number_list(ids.iter().map(|id| id.0)),
            ),
        };
        let condition = format!("f.tidied = 0 AND became = 'verified' AND {among} LIMIT ?2");
        let (sql, unreadable) = (known(by, &condition)?, self.unreadable());
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query(params![watch.0, limit, argument])?;
            let rows = unreadable.collect(rows, "file of a watch", decode)?;
            Ok(rows.into_iter().map(|(source, known)| Untidied { source, known }).collect())
        })
        .await
    }

    /// What a watch does afterwards was done with a file, or cannot be done with it.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn set_tidied(
        &self,
        watch: WatchId,
        source: SourcePath,
        tidied: Tidied,
    ) -> Result<(), JournalError> {
        self.write(Durability::Normal, move |connection| {
            // Of a row that has left the list meanwhile, the receipt tells no more than that it
            // was verified.
            connection
                .prepare_cached(
                    "UPDATE transfers SET afterwards = ?3 WHERE id =
                        (SELECT transfer FROM watch_files WHERE watch = ?1 AND source = ?2)",
                )?
                .execute(params![watch.0, source, Json(&tidied)])?;
            connection
                .prepare_cached(
                    "UPDATE watch_files SET tidied = 1 WHERE watch = ?1 AND source = ?2",
                )?
                .execute(params![watch.0, source])?;
            Ok(())
        })
        .await
    }

    /// How many files of a watch are known.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn count_known_files(&self, watch: WatchId) -> Result<u64, JournalError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT COUNT(*) FROM watch_files WHERE watch = ?1")?;
            let count: Option<i64> = statement.query_row([watch.0], |row| row.get(0)).optional()?;
            Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_looked_up_without_reading_the_others() {
        let journal = Journal::inline().expect("a journal in memory opens");
        for (by, condition, expected) in [
            (By::Path, "f.source = ?2", "(watch=? AND source=?)"),
            (By::Number, "f.file = ?2", "(watch=? AND file=?)"),
            (By::Key, "f.key = ?2", "(watch=? AND key=?)"),
            (By::Transfer, "f.transfer = ?2", "(transfer=? AND watch=?)"),
        ] {
            let sql = known(by, condition).expect("the states are words");
            let plan = journal
                .read(move |connection| {
                    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                    let steps =
                        statement.query_map(params![1, 1], |row| row.get::<_, String>(3))?;
                    Ok(steps.collect::<Result<Vec<String>, _>>()?)
                })
                .await
                .expect("the query is sound");
            assert!(plan.iter().any(|step| step.contains(expected)), "{by:?}: {plan:?}");
        }
    }
}
