//! Batches as a list: what a window's main view and a history are made of.

use std::collections::BTreeSet;

use ferry_model::{BatchId, ProfileId};
use rusqlite::{Connection, Row, params};

use crate::batches::IntakeState;
use crate::unreadable::Unreadable;
use crate::values::{Count, Json, Word, number_list};
use crate::{BatchLabel, Journal, JournalError, Totals, totals};

/// Which batches to list. A batch that never got a file is in no list, and one of which every row
/// was taken off the list only where all are asked for, or what is finished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BatchScope {
    /// All.
    #[default]
    All,
    /// Those not finished, and those finished since this moment, milliseconds since 1970.
    Since(i64),
    /// Those that are finished.
    Finished,
    /// This one.
    One(BatchId),
}

/// A batch in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBatch {
    /// Its number.
    pub id: BatchId,
    /// The profile it goes to.
    pub profile: ProfileId,
    /// What a person knows it by.
    pub label: BatchLabel,
    /// When it was made, milliseconds since 1970.
    pub created_ms: i64,
    /// Whether its files are still being looked for.
    pub is_intake_open: bool,
    /// Whether nothing of it is open any more.
    pub is_finished: bool,
    /// When its last transfer ended, milliseconds since 1970, if it is finished and that was
    /// written down.
    pub finished_ms: Option<i64>,
    /// Its sums: those of its end once it is finished, so that rows removed later change nothing.
    pub totals: Totals,
}

/// Some batches of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchPage {
    /// How many there are.
    pub total: u64,
    /// How many of all batches are not finished.
    pub open: u64,
    /// The asked ones: first those that are not finished, as they are taken, then the others, the
    /// newest first.
    pub batches: Vec<ListedBatch>,
}

/// Whether a batch has any file in the list.
const IS_LISTED: &str = "(intake = 'open'
    OR EXISTS (SELECT 1 FROM totals WHERE totals.batch = batches.id))";
/// Whether it has, or had, any. `totals` loses its lines with the rows, the summary stays.
const HAS_FILES: &str = "(intake = 'open' OR summary ->> '$.files' > 0
    OR EXISTS (SELECT 1 FROM totals WHERE totals.batch = batches.id)
    OR EXISTS (SELECT 1 FROM removed_totals WHERE removed_totals.batch = batches.id))";

/// The condition, and its `?1`.
fn condition(scope: BatchScope) -> (String, i64) {
    let (condition, which, argument) = match scope {
        BatchScope::All => ("?1 = 0", HAS_FILES, 0),
        BatchScope::Since(moment) => ("(finished = 0 OR finished_ms >= ?1)", IS_LISTED, moment),
        BatchScope::Finished => ("finished = 1 AND ?1 = 0", HAS_FILES, 0),
        BatchScope::One(batch) => ("id = ?1", HAS_FILES, batch.0),
    };
    (format!("{condition} AND {which}"), argument)
}

struct Line {
    batch: ListedBatch,
    has_summary: bool,
}

fn decode(row: &Row<'_>) -> rusqlite::Result<Line> {
    let is_finished: bool = row.get(5)?;
    let summary = row.get::<_, Option<Json<Totals>>>(7)?.map(|summary| summary.0);
    let batch = ListedBatch {
        id: BatchId(row.get(0)?),
        profile: ProfileId(row.get(1)?),
        label: row.get::<_, Json<_>>(2)?.0,
        created_ms: row.get(3)?,
        is_intake_open: row.get::<_, Word<IntakeState>>(4)?.0 == IntakeState::Open,
        is_finished,
        finished_ms: row.get(6)?,
        totals: summary.unwrap_or_default(),
    };
    Ok(Line { batch, has_summary: summary.is_some() })
}

/// Those that are not finished, then the others: two orders, each with its index.
fn lines(
    connection: &Connection,
    unreadable: &Unreadable,
    (condition, argument): (&str, i64),
    offset: u64,
    limit: u64,
) -> Result<Vec<Line>, JournalError> {
    let part = |finished: u8, order: &str, limit: u64, offset: u64| {
        let sql = format!(
            "{LISTED} WHERE finished = {finished} AND {condition}
             ORDER BY {order} LIMIT ?2 OFFSET ?3"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query(params![argument, Count(limit), Count(offset)])?;
        unreadable.collect(rows, "batch", decode)
    };
    let open: Count = connection
        .prepare_cached(&format!(
            "SELECT COUNT(*) FROM batches WHERE finished = 0 AND {condition}"
        ))?
        .query_row([argument], |row| row.get(0))?;
    let mut lines = part(0, "rank, id", limit, offset)?;
    let left = limit.saturating_sub(open.0.saturating_sub(offset));
    lines.extend(part(1, "id DESC", left.min(limit), offset.saturating_sub(open.0))?);
    Ok(lines)
}

pub(crate) fn read(
    connection: &Connection,
    unreadable: &Unreadable,
    scope: BatchScope,
    offset: u64,
    limit: u64,
) -> Result<BatchPage, JournalError> {
    let count = |condition: &str, argument: i64| -> rusqlite::Result<u64> {
        let sql = format!("SELECT COUNT(*) FROM batches WHERE {condition}");
        let count: Count =
            connection.prepare_cached(&sql)?.query_row([argument], |row| row.get(0))?;
        Ok(count.0)
    };
    let (condition, argument) = condition(scope);
    let total = count(&condition, argument)?;
    let open = count(&format!("finished = ?1 AND {IS_LISTED}"), 0)?;
    let lines = lines(connection, unreadable, (&condition, argument), offset, limit)?;
    Ok(BatchPage { total, open, batches: with_sums(connection, unreadable, lines)? })
}

/// The columns that [`decode`] reads.
const LISTED: &str = "SELECT id, profile, label, created_ms, intake, finished, finished_ms, summary
     FROM batches";

/// The batches of these lines. A finished one brings its sums, the others are summed up now.
fn with_sums(
    connection: &Connection,
    unreadable: &Unreadable,
    lines: Vec<Line>,
) -> Result<Vec<ListedBatch>, JournalError> {
    let counted = lines.iter().filter(|line| !line.has_summary).map(|line| line.batch.id);
    let mut sums = totals::of_batches(connection, unreadable, counted)?;
    let batches = lines.into_iter().map(|Line { batch, .. }| match sums.remove(&batch.id) {
        Some(totals) => ListedBatch { totals, ..batch },
        None => batch,
    });
    Ok(batches.collect())
}

impl Journal {
    /// `limit` batches from `offset` on, and how many there are. Batches that do not decode are
    /// left out and counted.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn batches(
        &self,
        scope: BatchScope,
        offset: u64,
        limit: u64,
    ) -> Result<BatchPage, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| read(connection, &unreadable, scope, offset, limit)).await
    }

    /// The batches that have anything active, and these, with the sums over the whole queue, all of
    /// one moment.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Batches that do not decode are left out and counted.
    pub async fn batches_at_work(
        &self,
        also: BTreeSet<BatchId>,
    ) -> Result<(Totals, Vec<ListedBatch>), JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let mut wanted = totals::active_batches(connection)?;
            wanted.extend(also);
            let ids = number_list(wanted.iter().map(|id| id.0));
            let sql = format!("{LISTED} WHERE id IN (SELECT value FROM json_each(?1))");
            let mut statement = connection.prepare_cached(&sql)?;
            let lines = unreadable.collect(statement.query([ids])?, "batch", decode)?;
            let batches = with_sums(connection, &unreadable, lines)?;
            Ok((totals::read(connection, &unreadable, None)?, batches))
        })
        .await
    }
}
