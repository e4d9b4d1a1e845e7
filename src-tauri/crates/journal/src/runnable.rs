//! What may run next.

use ferry_model::{BatchId, PhaseName, ProfileId, Standing, TransferId};
use rusqlite::{Connection, params};
use rusqlite_migration::M;

use crate::deferred;
use crate::row::{COLUMNS, decode};
use crate::unreadable::Unreadable;
use crate::values::{Count, Word, number_list, word_list};
use crate::{Journal, JournalError, TransferRow};

/// Among which transfers to choose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RunnableScope {
    /// All.
    #[default]
    All,
    /// A batch's.
    Batch(BatchId),
    /// Those of watches.
    Watched,
    /// These.
    Ids(Vec<TransferId>),
}

/// Small and large transfers have permits of their own, so that neither waits for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Files up to the limit; and what is being taken back, which costs one small request whatever
    /// the file's size.
    Small,
    /// The others.
    Large,
}

/// Which transfers are wanted next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnableQuery {
    /// Among which.
    pub scope: RunnableScope,
    /// Of which lane.
    pub lane: Lane,
    /// Most bytes of a small file.
    pub small_limit: u64,
    /// Of which profile.
    pub profile: ProfileId,
    /// Transfers that already run.
    pub excluded: Vec<TransferId>,
    /// Devices ([`ferry_model::SourceIdentity::device`]) whose files are not wanted now, but for
    /// what is being taken back.
    pub excluded_devices: Vec<u64>,
    /// Only what was added behind this [`TransferRow::position`], since when nothing was moved.
    pub after: Option<i64>,
    /// Most rows.
    pub limit: usize,
}

/// What may run next. What a command waits for may not.
#[derive(Debug, Clone, PartialEq)]
pub struct Runnable {
    /// The transfers, in the order of the queue.
    pub rows: Vec<TransferRow>,
    /// The last [`TransferRow::position`] of the whole queue: what is added later stands behind it.
    pub end: i64,
}

// The index is named because the planner, without statistics, may prefer the batch's own index and
// read every row of it.
const BY_PROFILE: &str = "transfers INDEXED BY transfers_runnable";

/// The device that a row's file was queued from.
pub(crate) const DEVICE: &str =
    "CASE WHEN json_valid(identity) THEN json_extract(identity, '$.device') END";

pub(crate) const CREATE_INDEX: M<'static> = M::up(
    "CREATE INDEX transfers_runnable ON transfers (profile, position, size, phase, batch)
        WHERE standing = 'active';",
);

/// The profiles that have active transfers: one step of the index each, however many rows there
/// are.
const PROFILES: &str = "WITH RECURSIVE active (profile) AS (
        SELECT MIN(profile) FROM transfers INDEXED BY transfers_runnable WHERE standing = 'active'
        UNION ALL
        SELECT (SELECT MIN(profile) FROM transfers INDEXED BY transfers_runnable
                WHERE standing = 'active' AND profile > active.profile)
        FROM active WHERE active.profile IS NOT NULL
    ) SELECT profile FROM active WHERE profile IS NOT NULL";

/// The batches with active transfers of a profile, likewise, in the order of their ranks.
const BATCHES: &str = "WITH RECURSIVE active (batch) AS (
        SELECT MIN(batch) FROM transfers INDEXED BY transfers_runnable
            WHERE standing = 'active' AND profile = ?1
        UNION ALL
        SELECT (SELECT MIN(batch) FROM transfers INDEXED BY transfers_runnable
                WHERE standing = 'active' AND profile = ?1 AND batch > active.batch)
        FROM active WHERE active.batch IS NOT NULL
    ) SELECT active.batch FROM active LEFT JOIN batches ON batches.id = active.batch
    WHERE active.batch IS NOT NULL ORDER BY batches.rank, active.batch";

/// A scope as SQL over a parameter, with the argument for it.
fn scoped(scope: &RunnableScope, parameter: &str) -> (String, String) {
    match scope {
        RunnableScope::All => (format!("{parameter} = ''"), String::new()),
        RunnableScope::Batch(batch) => {
            (format!("batch = CAST({parameter} AS INTEGER)"), batch.0.to_string())
        }
        RunnableScope::Watched => (
            format!(
                "{parameter} = '' AND batch IN (SELECT id FROM batches WHERE watch IS NOT NULL)"
            ),
            String::new(),
        ),
        RunnableScope::Ids(ids) => (
            format!("id IN (SELECT value FROM json_each({parameter}))"),
            number_list(ids.iter().map(|id| id.0)),
        ),
    }
}

fn choose(
    connection: &Connection,
    unreadable: &Unreadable,
    query: &RunnableQuery,
) -> Result<Runnable, JournalError> {
    let end = crate::queue::last_position(connection)?;
    let taken = deferred::is_for_any(&deferred::waiting(connection, unreadable)?)?;
    let mut rows = Vec::new();
    let mut choose = |within: &Within| -> Result<(), JournalError> {
        let limit = query.limit - rows.len();
        rows.extend(choose_within(connection, unreadable, query, &taken, within, limit)?);
        Ok(())
    };
    match &query.scope {
        RunnableScope::Ids(ids) => choose(&Within::Ids(number_list(ids.iter().map(|id| id.0))))?,
        RunnableScope::Batch(batch) => choose(&Within::Batch(*batch))?,
        // Batch by batch: so an index has each one's files in their order, and another rank of a
        // batch changes one row.
        RunnableScope::All | RunnableScope::Watched => {
            for batch in batches_of(connection, query.profile)? {
                if query.scope == RunnableScope::All || is_watched(connection, batch)? {
                    choose(&Within::Batch(batch))?;
                }
            }
        }
    }
    Ok(Runnable { rows, end })
}

/// The batches that have active transfers of a profile, as they are taken.
fn batches_of(connection: &Connection, profile: ProfileId) -> Result<Vec<BatchId>, JournalError> {
    let mut statement = connection.prepare_cached(BATCHES)?;
    let rows = statement.query_map([profile.0], |row| row.get(0).map(BatchId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a batch holds a watch's files.
fn is_watched(connection: &Connection, batch: BatchId) -> Result<bool, JournalError> {
    let sql = "SELECT 1 FROM batches WHERE id = ?1 AND watch IS NOT NULL";
    Ok(connection.prepare_cached(sql)?.exists([batch.0])?)
}

/// Where transfers are chosen at once.
enum Within {
    Batch(BatchId),
    /// Numbers as JSON.
    Ids(String),
}

fn choose_within(
    connection: &Connection,
    unreadable: &Unreadable,
    query: &RunnableQuery,
    taken: &str,
    within: &Within,
    limit: usize,
) -> Result<Vec<TransferRow>, JournalError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let (table, scope, order, argument) = match within {
        Within::Batch(batch) => {
            (BY_PROFILE, "batch = CAST(?6 AS INTEGER)", "rank, position", batch.0.to_string())
        }
        Within::Ids(ids) => (
            "transfers",
            "id IN (SELECT value FROM json_each(?6))",
            "(SELECT batches.rank FROM batches WHERE batches.id = batch), rank, position",
            ids.clone(),
        ),
    };
    // What was added since has the last rank of its batch: nothing was moved, or all is asked for.
    let since = match (query.after, within) {
        (None, _) => "?1 IS NULL".to_owned(),
        (Some(_), Within::Ids(_)) => "position > ?1".to_owned(),
        (Some(_), Within::Batch(batch)) => {
            let last = crate::queue::last_rank(connection, *batch)?;
            format!("rank = {last} AND position > ?1")
        }
    };
    let taking_back = word_list(PhaseName::ALL.into_iter().filter(|name| name.takes_back()))?;
    // Decoding each row's identity costs; hardly ever is a volume missing. What is taken back needs
    // no file.
    let device = match query.excluded_devices.as_slice() {
        [] => "?7 = '[]'".to_owned(),
        _ => format!(
            "(phase IN ({taking_back}) OR ({DEVICE} IN (SELECT value FROM json_each(?7))) IS NOT TRUE)"
        ),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM {table} WHERE standing = 'active' AND {since}
            AND (size <= ?2 OR phase IN ({taking_back})) = ?3
            AND profile = ?4 AND id NOT IN (SELECT value FROM json_each(?5)) AND {scope} AND {device}
            AND NOT {taken}
         ORDER BY {order}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![
        query.after,
        Count(query.small_limit.min(i64::MAX.unsigned_abs())),
        query.lane == Lane::Small,
        query.profile.0,
        number_list(query.excluded.iter().map(|id| id.0)),
        argument,
        number_list(query.excluded_devices.iter()),
    ])?;
    // Counted here and not by LIMIT: rows that do not decode must not stand in the way of those
    // behind them.
    let mut chosen = Vec::new();
    while chosen.len() < limit {
        let Some(row) = rows.next()? else { break };
        chosen.extend(unreadable.keep(row, "transfer", decode));
    }
    Ok(chosen)
}

impl Journal {
    /// The profiles of active transfers, in the order of their numbers.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn active_profiles(&self) -> Result<Vec<ProfileId>, JournalError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(PROFILES)?;
            let rows = statement.query_map([], |row| row.get(0).map(ProfileId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The next transfers that may run (standing Active), in the order of the queue.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn runnable(&self, query: RunnableQuery) -> Result<Runnable, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| choose(connection, &unreadable, &query)).await
    }

    /// The transfers of a standing in the order of the queue.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn of_standing(
        &self,
        standing: Standing,
        scope: &RunnableScope,
    ) -> Result<Vec<TransferRow>, JournalError> {
        let unreadable = self.unreadable();
        let (scope, argument) = scoped(scope, "?2");
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM transfers WHERE standing = ?1 AND {scope} ORDER BY position"
            ))?;
            let rows = statement.query(params![Word(standing), argument])?;
            unreadable.collect(rows, "transfer", decode)
        })
        .await
    }
}
