//! Commands that wait before they are carried out, and the rows that they are for.
//!
//! A command is one row, however many transfers it is for: it keeps what was selected, not whom.
//! It is for a transfer that was there, in a state that it is for ([`Deferred::is_for`]), when it
//! was given, and whose state was not written since: `after_command` is the newest command that
//! waited when a transfer's state was written last. While a command waits its transfers do not run,
//! so they stay its own.

use std::collections::BTreeMap;

use ferry_model::{BatchId, Deferred, TransferId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use rusqlite_migration::M;
use serde::{Deserialize, Serialize};

use crate::queue::selected;
use crate::row::{COLUMNS, decode};
use crate::unreadable::Unreadable;
use crate::values::{Count, Json, Word, number_list, word};
use crate::{Durability, FoundLine, Journal, JournalError, Selection, StandingRow, TransferRow};

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE deferred (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        command TEXT NOT NULL,
        selection TEXT NOT NULL,
        argument TEXT NOT NULL,
        last_transfer INTEGER NOT NULL,
        effective_ms INTEGER NOT NULL,
        found TEXT NOT NULL
    ) STRICT;
    ALTER TABLE transfers ADD COLUMN after_command INTEGER NOT NULL DEFAULT 0;",
);

/// Every column but the selection's argument, which conditions read.
pub(crate) const COMMAND_COLUMNS: &str =
    "id, command, selection, last_transfer, effective_ms, found";

/// A command that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredCommand {
    /// Its number; a later one has a higher.
    pub number: i64,
    /// What is carried out in the end.
    pub command: Deferred,
    /// What was selected.
    pub selection: Selection,
    /// The last transfer there was when it was given.
    last: TransferId,
    /// When it is carried out, milliseconds since 1970.
    pub effective_ms: i64,
    /// What it was for when it was given.
    pub found: Found,
}

/// What a command was for when it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// The file's name, where it was one.
    pub name: Option<String>,
    /// The files by batch and standing.
    pub lines: Vec<FoundLine>,
}

impl Found {
    /// How many files.
    pub fn files(&self) -> u64 {
        self.lines.iter().map(|line| line.files).sum()
    }
}

fn decode_command(row: &Row<'_>) -> rusqlite::Result<DeferredCommand> {
    Ok(DeferredCommand {
        number: row.get(0)?,
        command: row.get::<_, Word<_>>(1)?.0,
        selection: row.get::<_, Json<_>>(2)?.0,
        last: TransferId(row.get(3)?),
        effective_ms: row.get(4)?,
        found: row.get::<_, Json<_>>(5)?.0,
    })
}

/// The commands that wait, in the order they were given.
pub(crate) fn waiting(
    connection: &Connection,
    unreadable: &Unreadable,
) -> Result<Vec<DeferredCommand>, JournalError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COMMAND_COLUMNS} FROM deferred ORDER BY id"))?;
    unreadable.collect(statement.query([])?, "deferred command", decode_command)
}

/// SQL that is true of the transfers that a command is for.
fn is_for(command: &DeferredCommand) -> Result<String, rusqlite::Error> {
    let DeferredCommand { number, last, .. } = command;
    let argument = format!("(SELECT argument FROM deferred WHERE id = {number})");
    let (selected, _) = selected(command.selection.clone(), &argument)?;
    let states = command
        .command
        .states()
        .map(|(phase, standing)| Ok(format!("('{}', '{}')", word(&phase)?, word(&standing)?)));
    let states = states.collect::<Result<Vec<_>, rusqlite::Error>>()?.join(", ");
    Ok(format!(
        "(id <= {last} AND after_command < {number}
            AND (phase, standing) IN (VALUES {states}) AND {selected})"
    ))
}

/// SQL that is true of the transfers that any of these commands is for, and of no other.
pub(crate) fn is_for_any(commands: &[DeferredCommand]) -> Result<String, rusqlite::Error> {
    if commands.is_empty() {
        return Ok("FALSE".to_owned());
    }
    let each = commands.iter().map(is_for).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("(({}) IS TRUE)", each.join(" OR ")))
}

/// SQL that is true of what a command is for: what an earlier one is for as well is the earlier
/// one's.
fn is_its(
    connection: &Connection,
    unreadable: &Unreadable,
    command: &DeferredCommand,
) -> Result<String, JournalError> {
    let earlier = waiting(connection, unreadable)?;
    let earlier: Vec<_> =
        earlier.into_iter().filter(|other| other.number < command.number).collect();
    Ok(format!("{} AND NOT {}", is_for(command)?, is_for_any(&earlier)?))
}

/// What waits for these transfers, as far as something does.
pub(crate) fn of_transfers(
    connection: &Connection,
    commands: &[DeferredCommand],
    ids: impl Iterator<Item = TransferId>,
) -> Result<BTreeMap<TransferId, Deferred>, JournalError> {
    let mut found = BTreeMap::new();
    if commands.is_empty() {
        return Ok(found);
    }
    let ids = number_list(ids.map(|id| id.0));
    for command in commands {
        let sql = format!(
            "SELECT id FROM transfers NOT INDEXED
             WHERE id IN (SELECT value FROM json_each(?1)) AND {}",
            is_for(command)?
        );
        let mut statement = connection.prepare(&sql)?;
        let rows = statement.query_map([&ids], |row| row.get(0).map(TransferId))?;
        for id in rows {
            found.entry(id?).or_insert(command.command);
        }
    }
    Ok(found)
}

/// Commands that wait for what stands between two places name those rows from now on: other rows
/// are about to come to these places.
pub(crate) fn let_go_of_places(
    connection: &Connection,
    unreadable: &Unreadable,
) -> Result<(), JournalError> {
    for command in waiting(connection, unreadable)? {
        if !matches!(&command.selection, Selection::Part(part) if part.between.is_some()) {
            continue;
        }
        let its = is_its(connection, unreadable, &command)?;
        let ids = connection
            .prepare(&format!("SELECT id FROM transfers WHERE {its}"))?
            .query_map([], |row| row.get(0).map(TransferId))?
            .collect::<Result<_, _>>()?;
        let named = Selection::Ids(ids);
        let (_, argument) = selected(named.clone(), "?1")?;
        connection
            .prepare_cached("UPDATE deferred SET selection = ?2, argument = ?3 WHERE id = ?1")?
            .execute(params![command.number, Json(&named), argument])?;
    }
    Ok(())
}

fn defer(
    connection: &Connection,
    unreadable: &Unreadable,
    command: Deferred,
    selection: &Selection,
    effective_ms: i64,
) -> Result<Option<DeferredCommand>, JournalError> {
    let (_, argument) = selected(selection.clone(), "?1")?;
    let last = connection
        .prepare_cached("SELECT COALESCE(MAX(id), 0) FROM transfers")?
        .query_row([], |row| row.get(0).map(TransferId))?;
    connection
        .prepare_cached(
            "INSERT INTO deferred (command, selection, argument, last_transfer, effective_ms, found)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            Word(command),
            Json(selection),
            argument,
            last.0,
            effective_ms,
            Json(Found::default()),
        ])?;
    let number = connection.last_insert_rowid();
    let selection = selection.clone();
    let found = Found::default();
    let mut deferred = DeferredCommand { number, command, selection, last, effective_ms, found };
    deferred.found = find(connection, unreadable, &deferred)?;
    if deferred.found.lines.is_empty() {
        connection.prepare_cached("DELETE FROM deferred WHERE id = ?1")?.execute([number])?;
        return Ok(None);
    }
    connection
        .prepare_cached("UPDATE deferred SET found = ?2 WHERE id = ?1")?
        .execute(params![number, Json(&deferred.found)])?;
    Ok(Some(deferred))
}

fn find(
    connection: &Connection,
    unreadable: &Unreadable,
    command: &DeferredCommand,
) -> Result<Found, JournalError> {
    let its = is_its(connection, unreadable, command)?;
    let sql = format!(
        "SELECT batch, standing, COUNT(*), SUM(size), SUM(acked_bytes) FROM transfers
         WHERE {its} GROUP BY 1, 2"
    );
    let mut statement = connection.prepare(&sql)?;
    let lines = unreadable.collect(statement.query([])?, "transfers by batch", |row| {
        Ok(FoundLine {
            batch: BatchId(row.get(0)?),
            standing: row.get::<_, Word<_>>(1)?.0,
            files: row.get::<_, Count>(2)?.0,
            bytes: row.get::<_, Count>(3)?.0,
            acked_bytes: row.get::<_, Count>(4)?.0,
        })
    })?;
    let mut found = Found { name: None, lines };
    if found.files() == 1 {
        let sql = format!("SELECT name FROM transfers WHERE {its}");
        found.name = connection.prepare(&sql)?.query_row([], |row| row.get(0)).optional()?;
    }
    Ok(found)
}

fn one(connection: &Connection, number: i64) -> Result<Option<DeferredCommand>, JournalError> {
    let sql = format!("SELECT {COMMAND_COLUMNS} FROM deferred WHERE id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([number], decode_command).optional()?)
}

/// Takes a command away. What is still its own becomes no other command's that was given since.
fn take_away(
    connection: &Connection,
    unreadable: &Unreadable,
    number: i64,
) -> Result<bool, JournalError> {
    let Some(command) = one(connection, number)? else { return Ok(false) };
    let newest = connection
        .prepare_cached("SELECT MAX(id) FROM deferred")?
        .query_row([], |row| row.get::<_, i64>(0))?;
    if newest > number {
        let its = is_its(connection, unreadable, &command)?;
        connection
            .prepare(&format!("UPDATE transfers SET after_command = ?1 WHERE {its}"))?
            .execute([newest])?;
    }
    connection.prepare_cached("DELETE FROM deferred WHERE id = ?1")?.execute([number])?;
    Ok(true)
}

impl Journal {
    /// Writes down, durably, a command that waits until `effective_ms`. `None` where it is for no
    /// transfer, or only for those that another one waits for.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn defer(
        &self,
        command: Deferred,
        selection: Selection,
        effective_ms: i64,
    ) -> Result<Option<DeferredCommand>, JournalError> {
        let unreadable = self.unreadable();
        self.write(Durability::Full, move |connection| {
            defer(connection, &unreadable, command, &selection, effective_ms)
        })
        .await
    }

    /// Takes a command away that waited, be it undone or carried out; `false` where there is none
    /// of that number. Its transfers are what they are.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn end_deferred(&self, number: i64) -> Result<bool, JournalError> {
        let unreadable = self.unreadable();
        self.write(Durability::Full, move |connection| take_away(connection, &unreadable, number))
            .await
    }

    /// Drops every command that waits: the program that took them is gone. For a start. Says
    /// whether there was any.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn drop_deferred(&self) -> Result<bool, JournalError> {
        let any = self
            .read(|connection| {
                Ok(connection.prepare_cached("SELECT 1 FROM deferred")?.exists([])?)
            })
            .await?;
        if any {
            self.write(Durability::Full, |connection| {
                Ok(connection.prepare_cached("DELETE FROM deferred")?.execute([])?)
            })
            .await?;
        }
        Ok(any)
    }

    /// The commands that wait, in the order they were given.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted: it is for
    /// nothing.
    pub async fn deferred(&self) -> Result<Vec<DeferredCommand>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| waiting(connection, &unreadable)).await
    }

    /// A command that waits, with up to `limit` of the transfers it is for, those behind `after`,
    /// by their numbers; `None` where it waits no more.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn deferred_transfers(
        &self,
        number: i64,
        after: TransferId,
        limit: u64,
    ) -> Result<Option<(Deferred, Vec<TransferRow>)>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let Some(command) = one(connection, number)? else { return Ok(None) };
            let its = is_its(connection, &unreadable, &command)?;
            // By number, whatever index the planner would prefer: each of many readings goes on
            // where the one before it ended.
            let sql = format!(
                "SELECT {COLUMNS} FROM transfers NOT INDEXED
                 WHERE id > ?1 AND {its} ORDER BY id LIMIT ?2"
            );
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query(params![after.0, Count(limit)])?;
            Ok(Some((command.command, unreadable.collect(rows, "transfer", decode)?)))
        })
        .await
    }

    /// As [`Journal::standings`], of those of the selected rows that no command waits for.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A row that does not decode is left out and counted.
    pub async fn free_standings(
        &self,
        selection: Selection,
    ) -> Result<Vec<StandingRow>, JournalError> {
        let unreadable = self.unreadable();
        let (condition, argument) = selected(selection, "?1")?;
        self.read(move |connection| {
            let taken = is_for_any(&waiting(connection, &unreadable)?)?;
            let condition = format!("{condition} AND NOT {taken}");
            crate::queue::standings(connection, &unreadable, &condition, &argument)
        })
        .await
    }
}
