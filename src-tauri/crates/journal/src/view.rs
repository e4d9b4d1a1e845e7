//! What a window shows, read in one piece: rows, sums, and what an action would meet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ferry_model::{
    BatchId, Deferred, FaultKind, PhaseName, Profile, ProfileId, Standing, TransferId,
};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::deferred;
use crate::queue::selected;
use crate::row::{COLUMNS, decode};
use crate::runnable::DEVICE;
use crate::unreadable::Unreadable;
use crate::values::{Count, Word, number_list};
use crate::{
    BatchPage, BatchScope, DeferredCommand, Filter, Journal, JournalError, Order, RowPage,
    Selection, Totals, TransferProgress, TransferRow, batch_list, page, profiles, progress, totals,
};

/// What a window asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewQuery {
    /// The rows of its page.
    pub filter: Filter,
    /// Their order.
    pub order: Order,
    /// Rows before the page; where the list has become too short for it, the page is its end.
    pub offset: u64,
    /// Rows of the page.
    pub limit: u64,
    /// In place of filter, order, offset and limit: the rows of a list that was sorted before.
    pub listed: Option<Listed>,
    /// The transfers whose progress it needs whatever the page.
    pub ids: Vec<TransferId>,
    /// The batches it lists.
    pub batches: BatchScope,
    /// Batches before the first listed.
    pub batch_offset: u64,
    /// Batches listed.
    pub batch_limit: u64,
    /// Batches that are summed up, beside those that have anything active.
    pub work: BTreeSet<BatchId>,
}

/// A page of a list whose order was made before ([`Journal::sorted`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Rows of the list.
    pub total: u64,
    /// How many of them stand before the page.
    pub offset: u64,
    /// Those of the page, in order. Rows that are gone since are left out.
    pub ids: Vec<TransferId>,
}

/// What a window shows, all of one moment: between its parts nothing was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// The asked rows.
    pub page: RowPage,
    /// The asked batches.
    pub batches: BatchPage,
    /// Sums over the whole queue.
    pub totals: Totals,
    /// The batches asked for and those that have anything active; none where nothing is.
    pub work: BTreeSet<BatchId>,
    /// Sums over them.
    pub work_totals: Totals,
    /// How far the transfers asked for by number have come, as far as they exist.
    pub progress: Vec<TransferProgress>,
    /// Every profile.
    pub profiles: Vec<Profile>,
    /// The commands that wait, in the order they were given.
    pub deferred: Vec<DeferredCommand>,
    /// What waits for rows of the page.
    pub waits: BTreeMap<TransferId, Deferred>,
}

/// How many transfers stand alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateCount {
    /// How far they have come with the store.
    pub phase: PhaseName,
    /// Whether they run, rest or have ended.
    pub standing: Standing,
    /// Why they stopped.
    pub fault: Option<FaultKind>,
    /// How many.
    pub files: u64,
}

/// What a profile has to send yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// The profile.
    pub profile: ProfileId,
    /// Its active transfers.
    pub files: u64,
    /// Their bytes that the store has not acknowledged.
    pub unsent: u64,
}

fn decode_backlog(row: &Row<'_>) -> rusqlite::Result<Backlog> {
    Ok(Backlog {
        profile: ProfileId(row.get(0)?),
        files: row.get::<_, Count>(1)?.0,
        unsent: row.get::<_, Count>(2)?.0,
    })
}

fn by_number(
    connection: &Connection,
    unreadable: &Unreadable,
    ids: &str,
) -> Result<Vec<TransferRow>, JournalError> {
    let sql =
        format!("SELECT {COLUMNS} FROM transfers WHERE id IN (SELECT value FROM json_each(?1))");
    unreadable.collect(connection.prepare_cached(&sql)?.query([ids])?, "transfer", decode)
}

fn listed_page(
    connection: &Connection,
    unreadable: &Unreadable,
    listed: &Listed,
) -> Result<RowPage, JournalError> {
    let mut rows =
        by_number(connection, unreadable, &number_list(listed.ids.iter().map(|id| id.0)))?;
    let places: HashMap<TransferId, usize> =
        listed.ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    rows.sort_by_key(|row| places.get(&row.id).copied());
    Ok(RowPage { total: listed.total, offset: listed.offset, rows })
}

fn decode_count(row: &Row<'_>) -> rusqlite::Result<StateCount> {
    Ok(StateCount {
        phase: row.get::<_, Word<_>>(0)?.0,
        standing: row.get::<_, Word<_>>(1)?.0,
        fault: row.get::<_, Option<Word<_>>>(2)?.map(|kind| kind.0),
        files: row.get::<_, Count>(3)?.0,
    })
}

impl Journal {
    /// A page of rows, a page of batches, the sums, and the progress of the transfers asked for
    /// by number, at one moment.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn view(&self, query: ViewQuery) -> Result<View, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let ViewQuery { filter, order, offset, limit, ids, batches, .. } = query;
            let ids = number_list(ids.iter().map(|id| id.0));
            let (from, most) = (query.batch_offset, query.batch_limit);
            let mut work = totals::active_batches(connection)?;
            if !work.is_empty() {
                work.extend(query.work);
            }
            let work_totals = totals::over_batches(connection, &unreadable, work.iter().copied())?;
            let page = match query.listed {
                Some(listed) => listed_page(connection, &unreadable, &listed)?,
                None => {
                    let total = page::total(connection, &unreadable, &filter)?;
                    let offset = offset.min(total.saturating_sub(limit));
                    page::read(connection, &unreadable, &filter, order, (offset, limit), total)?
                }
            };
            let deferred = deferred::waiting(connection, &unreadable)?;
            let shown = page.rows.iter().map(|row| row.id);
            let waits = deferred::of_transfers(connection, &deferred, shown)?;
            Ok(View {
                page,
                batches: batch_list::read(connection, &unreadable, batches, from, most)?,
                totals: totals::read(connection, &unreadable, None)?,
                work,
                work_totals,
                progress: progress::read(connection, &unreadable, &ids)?,
                profiles: profiles::all(connection, &unreadable)?,
                deferred,
                waits,
            })
        })
        .await
    }

    /// How many of the selected transfers stand in each state, without those that a command waits
    /// for.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn state_counts(
        &self,
        selection: Selection,
    ) -> Result<Vec<StateCount>, JournalError> {
        let unreadable = self.unreadable();
        let (condition, argument) = selected(selection, "?1")?;
        self.read(move |connection| {
            let taken = deferred::is_for_any(&deferred::waiting(connection, &unreadable)?)?;
            let sql = format!(
                "SELECT phase, standing, fault ->> '$.kind', COUNT(*) FROM transfers
                 WHERE {condition} AND NOT {taken} GROUP BY 1, 2, 3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            unreadable.collect(statement.query([argument])?, "transfers by state", decode_count)
        })
        .await
    }

    /// Those of these transfers that are selected.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn selected_among(
        &self,
        selection: Selection,
        ids: &[TransferId],
    ) -> Result<Vec<TransferId>, JournalError> {
        let (condition, argument) = selected(selection, "?1")?;
        let ids = number_list(ids.iter().map(|id| id.0));
        self.read(move |connection| {
            let sql = format!(
                "SELECT id FROM transfers
                 WHERE id IN (SELECT value FROM json_each(?2)) AND {condition}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map([argument, ids], |row| row.get(0).map(TransferId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many active transfers are of files on each of these devices
    /// ([`ferry_model::SourceIdentity::device`]). It reads every active row.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn files_on(&self, devices: &[u64]) -> Result<BTreeMap<u64, u64>, JournalError> {
        let devices = number_list(devices.iter());
        self.read(move |connection| {
            let sql = format!(
                "SELECT {DEVICE} AS device, COUNT(*) FROM transfers
                 WHERE standing = 'active' AND device IN (SELECT value FROM json_each(?1))
                 GROUP BY device"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let counted = statement.query_map([devices], |row| {
                Ok((row.get::<_, Count>(0)?.0, row.get::<_, Count>(1)?.0))
            })?;
            Ok(counted.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// When the oldest transfer was queued that runs or waits for its turn, milliseconds since 1970.
    /// It reads the index of the active rows.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn oldest_active(&self) -> Result<Option<i64>, JournalError> {
        self.read(move |connection| {
            let sql = "SELECT created_ms FROM transfers WHERE id = (SELECT MIN(id)
                 FROM transfers INDEXED BY transfers_runnable WHERE standing = 'active')";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row([], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// The active transfers of these profiles, for each that has any. It reads every active row.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn backlogs(&self, profiles: &[ProfileId]) -> Result<Vec<Backlog>, JournalError> {
        let unreadable = self.unreadable();
        let profiles = number_list(profiles.iter().map(|id| id.0));
        self.read(move |connection| {
            let sql = "SELECT profile, COUNT(*), SUM(MAX(size - acked_bytes, 0)) FROM transfers
                 WHERE standing = 'active' AND profile IN (SELECT value FROM json_each(?1))
                 GROUP BY profile ORDER BY profile";
            let mut statement = connection.prepare_cached(sql)?;
            unreadable.collect(statement.query([profiles])?, "backlog of profile", decode_backlog)
        })
        .await
    }
}
