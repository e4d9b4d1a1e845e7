//! A part of a long list, said in a line: what stands between two of its rows, without some, with
//! others.

use ferry_model::TransferId;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::{Filter, Journal, JournalError, page};

/// Some of what a filter lets through, and others beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Part {
    /// Of these rows,
    pub filter: Filter,
    /// only those that stand here,
    pub between: Option<Between>,
    /// but not these,
    pub except: Vec<TransferId>,
    /// and these, whatever the filter says.
    pub also: Vec<TransferId>,
}

/// The rows from one place of the queue to another, both included. Places are ranks with positions
/// where the filter names a batch, and positions alone where it does not: as pages are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Between {
    /// Rank and position of the first.
    pub first: (i64, i64),
    /// Those of the last.
    pub last: (i64, i64),
}

/// A part as SQL over a parameter, and the JSON that the parameter is.
pub(crate) fn condition(part: &Part, parameter: &str) -> Result<(String, String), rusqlite::Error> {
    let (mut sql, argument) = page::condition(&part.filter, parameter)?;
    let mut argument: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&argument)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let mut insert =
        |name: &str, numbers: Vec<i64>| argument.insert(name.to_owned(), numbers.into());
    if let Some(Between { first, last }) = part.between {
        insert("first", vec![first.0, first.1]);
        insert("last", vec![last.0, last.1]);
        let place = |end: &str, at: u8| format!("{parameter} ->> '$.{end}[{at}]'");
        sql += &if part.filter.batch.is_some() {
            format!(
                " AND (rank, position) >= ({}, {}) AND (rank, position) <= ({}, {})",
                place("first", 0),
                place("first", 1),
                place("last", 0),
                place("last", 1),
            )
        } else {
            format!(" AND position BETWEEN {} AND {}", place("first", 1), place("last", 1))
        };
    }
    let ids = |ids: &[TransferId]| ids.iter().map(|id| id.0).collect();
    if !part.except.is_empty() {
        insert("except", ids(&part.except));
        sql += &format!(" AND id NOT IN (SELECT value FROM json_each({parameter}, '$.except'))");
    }
    if !part.also.is_empty() {
        insert("also", ids(&part.also));
        sql = format!("({sql} OR id IN (SELECT value FROM json_each({parameter}, '$.also')))");
    }
    Ok((sql, serde_json::Value::Object(argument).to_string()))
}

fn places(connection: &Connection, ends: [TransferId; 2]) -> Result<Vec<(i64, i64)>, JournalError> {
    let mut statement =
        connection.prepare_cached("SELECT rank, position FROM transfers WHERE id IN (?1, ?2)")?;
    let [one, other] = ends;
    let rows =
        statement.query_map(params![one.0, other.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Journal {
    /// What stands between two rows in the order of the queue, both included, whichever comes
    /// first: of one batch where `batch` is, of all of it else. `None` where one of them is gone.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn between(
        &self,
        filter: &Filter,
        ends: [TransferId; 2],
    ) -> Result<Option<Between>, JournalError> {
        let ranked = filter.batch.is_some();
        self.read(move |connection| {
            let mut places = places(connection, ends)?;
            let wanted = if ends[0] == ends[1] { 1 } else { 2 };
            if places.len() != wanted {
                return Ok(None);
            }
            places.sort_by_key(|(rank, position)| (if ranked { *rank } else { 0 }, *position));
            Ok(Some(Between { first: places[0], last: places[wanted - 1] }))
        })
        .await
    }
}
