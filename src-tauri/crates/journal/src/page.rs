//! A page of the queue, for a window that shows some rows of many.

use ferry_model::{Standing, StandingGroup};
use rusqlite::{Connection, params};

use crate::row::{COLUMNS, decode};
use crate::unreadable::Unreadable;
use crate::values::{Count, word};
use crate::{Journal, JournalError, TransferRow, totals};

/// States as a person groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateGroup {
    /// What has not ended.
    Open,
    /// A group.
    Group(StandingGroup),
    /// Exactly one standing.
    Only(Standing),
}

impl StateGroup {
    /// The standings of this group.
    pub fn standings(self) -> Vec<Standing> {
        let belongs = |standing: &Standing| match self {
            Self::Open => !standing.has_ended(),
            Self::Group(group) => standing.group() == group,
            Self::Only(only) => *standing == only,
        };
        Standing::ALL.iter().copied().filter(belongs).collect()
    }
}

/// Which rows to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these states.
    pub state: Option<StateGroup>,
    /// Only rows whose key or name has this text in it; upper and lower case alike in ASCII.
    pub text: Option<String>,
}

/// Some rows of many.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// How many rows the filter lets through.
    pub total: u64,
    /// The asked ones, oldest first.
    pub rows: Vec<TransferRow>,
}

/// The filter as SQL: `?1` the standings as a JSON list, `?2` the text as a LIKE pattern. A
/// condition that is not there costs nothing.
struct Condition {
    sql: String,
    standings: String,
    pattern: String,
}

fn condition(filter: &Filter) -> Result<Condition, JournalError> {
    // Always true, a JSON list being no pattern: so both parameters stand in every statement.
    let mut sql = vec!["?1 <> ?2"];
    let mut standings = String::from("[]");
    if let Some(group) = filter.state {
        let words = group.standings().iter().map(word).collect::<Result<Vec<_>, _>>()?;
        standings = format!("[\"{}\"]", words.join("\",\""));
        sql.push(if words.len() == 1 {
            "standing = ?1 ->> 0"
        } else {
            "standing IN (SELECT value FROM json_each(?1))"
        });
    }
    let mut pattern = String::from("%");
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        pattern = like_pattern(text);
        sql.push("(key LIKE ?2 ESCAPE '\\' OR name LIKE ?2 ESCAPE '\\')");
    }
    Ok(Condition { sql: sql.join(" AND "), standings, pattern })
}

fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn total(
    connection: &Connection,
    unreadable: &Unreadable,
    filter: &Filter,
    condition: &Condition,
) -> Result<u64, JournalError> {
    if filter.text.as_deref().is_some_and(|text| !text.is_empty()) {
        let sql = format!("SELECT COUNT(*) FROM transfers WHERE {}", condition.sql);
        let count: Count = connection
            .prepare_cached(&sql)?
            .query_row(params![condition.standings, condition.pattern], |row| row.get(0))?;
        return Ok(count.0);
    }
    let totals = totals::read(connection, unreadable, None)?;
    Ok(match filter.state {
        None => totals.files,
        Some(group) => group.standings().into_iter().map(|standing| totals.of(standing)).sum(),
    })
}

pub(crate) fn read(
    connection: &Connection,
    unreadable: &Unreadable,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Page, JournalError> {
    let condition = condition(filter)?;
    let total = total(connection, unreadable, filter, &condition)?;
    // The rows before the page are passed over in the index alone; only the page's own rows are
    // read.
    let sql = format!(
        "SELECT {COLUMNS} FROM transfers
         WHERE id IN (SELECT id FROM transfers WHERE {} ORDER BY position LIMIT ?3 OFFSET ?4) ORDER BY position",
        condition.sql
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let cap = |number: u64| Count(number.min(i64::MAX.unsigned_abs()));
    let rows = statement.query(params![
        condition.standings,
        condition.pattern,
        cap(limit),
        cap(offset)
    ])?;
    Ok(Page { total, rows: unreadable.collect(rows, "transfer", decode)? })
}

impl Journal {
    /// `limit` rows from `offset` on, oldest first, and how many there are. Rows of the page that
    /// do not decode are left out and counted.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn page(
        &self,
        filter: Filter,
        offset: u64,
        limit: u64,
    ) -> Result<Page, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| read(connection, &unreadable, &filter, offset, limit)).await
    }
}
