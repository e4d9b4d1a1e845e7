//! What a window shows, read in one piece: rows, sums, and what an action would meet.

use std::collections::BTreeMap;

use ferry_model::{FaultKind, PhaseName, ProfileId, Standing, TransferId};
use rusqlite::{Connection, Row};

use crate::queue::selected;
use crate::row::{COLUMNS, decode};
use crate::runnable::DEVICE;
use crate::unreadable::Unreadable;
use crate::values::{Count, Word, number_list};
use crate::{Filter, Journal, JournalError, Page, Selection, Totals, TransferRow, page, totals};

/// A page, the sums, and some rows, all of one moment: between them nothing was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// The asked rows.
    pub page: Page,
    /// Sums over the whole queue.
    pub totals: Totals,
    /// The rows asked for by number, as far as they exist.
    pub rows: Vec<TransferRow>,
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

fn decode_count(row: &Row<'_>) -> rusqlite::Result<StateCount> {
    Ok(StateCount {
        phase: row.get::<_, Word<_>>(0)?.0,
        standing: row.get::<_, Word<_>>(1)?.0,
        fault: row.get::<_, Option<Word<_>>>(2)?.map(|kind| kind.0),
        files: row.get::<_, Count>(3)?.0,
    })
}

impl Journal {
    /// `limit` rows from `offset` on, the sums, and the rows with these numbers, at one moment.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn view(
        &self,
        filter: Filter,
        offset: u64,
        limit: u64,
        ids: &[TransferId],
    ) -> Result<View, JournalError> {
        let (unreadable, ids) = (self.unreadable(), number_list(ids.iter().map(|id| id.0)));
        self.read(move |connection| {
            Ok(View {
                page: page::read(connection, &unreadable, &filter, offset, limit)?,
                totals: totals::read(connection, &unreadable, None)?,
                rows: by_number(connection, &unreadable, &ids)?,
            })
        })
        .await
    }

    /// How many of the selected transfers stand in each state.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn state_counts(
        &self,
        selection: Selection,
    ) -> Result<Vec<StateCount>, JournalError> {
        let unreadable = self.unreadable();
        let (condition, argument) = selected(selection)?;
        self.read(move |connection| {
            let sql = format!(
                "SELECT phase, standing, fault ->> '$.kind', COUNT(*) FROM transfers
                 WHERE {condition} GROUP BY 1, 2, 3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            unreadable.collect(statement.query([argument])?, "transfers by state", decode_count)
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
