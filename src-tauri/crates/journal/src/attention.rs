//! What waits for the user, by cause: two walks over indexes that have no other rows.

use ferry_model::{FaultKind, PhaseName, Standing, TransferId};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::page::{ATTENTION, FAULT, FOLDER};
use crate::unreadable::Unreadable;
use crate::values::{Count, Word};
use crate::{Journal, JournalError, deferred};

/// Files that wait for the user and are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionLine {
    /// What they wait for.
    pub standing: Standing,
    /// Why they stopped.
    pub fault: Option<FaultKind>,
    /// How far they had come with the store.
    pub phase: PhaseName,
    /// How many.
    pub files: u64,
    /// The file's name, where it is one.
    pub name: Option<String>,
}

/// Where the objects are that stand in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictFolders {
    /// How many folders, those of different buckets apart.
    pub folders: u64,
    /// Bucket and folder of the first and of the last, in the order of their bytes: what these
    /// begin with in common, all do. A folder ends with `/`; the bucket itself is empty.
    pub ends: Option<[(String, String); 2]>,
}

/// All that waits for the user, without what a command waits for already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// Files by standing, cause and phase.
    pub lines: Vec<AttentionLine>,
    /// Where those are whose name is taken.
    pub conflicts: ConflictFolders,
}

fn decode(row: &Row<'_>) -> rusqlite::Result<(AttentionLine, TransferId)> {
    let line = AttentionLine {
        standing: row.get::<_, Word<_>>(1)?.0,
        fault: row.get::<_, Option<Word<_>>>(2)?.map(|kind| kind.0),
        phase: row.get::<_, Word<_>>(3)?.0,
        files: row.get::<_, Count>(4)?.0,
        name: None,
    };
    Ok((line, TransferId(row.get(0)?)))
}

/// The files that wait for the user, by what they wait for.
pub(crate) fn by_cause(free: &str) -> String {
    format!(
        "SELECT MIN(id), standing, {FAULT} AS why, phase, COUNT(*)
         FROM transfers INDEXED BY transfers_attention
         WHERE {ATTENTION} AND {free} GROUP BY standing, why, phase"
    )
}

/// How many folders have objects that stand in the way.
pub(crate) fn count_folders(free: &str) -> String {
    format!(
        "SELECT COUNT(*) FROM (SELECT DISTINCT bucket, {FOLDER} AS folder {CONFLICTS} AND {free})"
    )
}

/// The first of these folders, or by DESC the last.
pub(crate) fn end_folder(free: &str, order: &str) -> String {
    format!(
        "SELECT bucket, {FOLDER} AS folder {CONFLICTS} AND {free}
         ORDER BY bucket {order}, folder {order} LIMIT 1"
    )
}

const CONFLICTS: &str = "FROM transfers INDEXED BY transfers_conflict WHERE standing = 'conflict'";

fn lines(
    connection: &Connection,
    unreadable: &Unreadable,
    free: &str,
) -> Result<Vec<AttentionLine>, JournalError> {
    let mut statement = connection.prepare(&by_cause(free))?;
    let found = unreadable.collect(statement.query([])?, "transfers by cause", decode)?;
    let mut named = connection.prepare_cached("SELECT name FROM transfers WHERE id = ?1")?;
    let lines = found.into_iter().map(|(line, id)| {
        let name = if line.files == 1 {
            named.query_row([id.0], |row| row.get(0)).optional()?
        } else {
            None
        };
        Ok(AttentionLine { name, ..line })
    });
    lines.collect()
}

fn folders(connection: &Connection, free: &str) -> Result<ConflictFolders, JournalError> {
    let folders: Count =
        connection.prepare(&count_folders(free))?.query_row([], |row| row.get(0))?;
    let end = |order| {
        let mut statement = connection.prepare(&end_folder(free, order))?;
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    };
    let ends = end("ASC")?.zip(end("DESC")?).map(|(first, last)| [first, last]);
    Ok(ConflictFolders { folders: folders.0, ends })
}

impl Journal {
    /// What waits for the user, without what a command waits for. It walks over those rows alone,
    /// however long the history is.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn attention(&self) -> Result<Attention, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let taken = deferred::is_for_any(&deferred::waiting(connection, &unreadable)?)?;
            let free = format!("NOT {taken}");
            Ok(Attention {
                lines: lines(connection, &unreadable, &free)?,
                conflicts: folders(connection, &free)?,
            })
        })
        .await
    }
}
