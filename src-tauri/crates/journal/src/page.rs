//! A page of the queue, for a window that shows some rows of many.

use ferry_model::{BatchId, FaultKind, ProfileId, Standing, StandingGroup};
use rusqlite::{Connection, params};
use rusqlite_migration::M;
use serde::{Deserialize, Serialize};

use crate::row::{COLUMNS, decode};
use crate::unreadable::Unreadable;
use crate::values::{Count, word};
use crate::{Journal, JournalError, TransferRow, totals};

/// States as a person groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StateGroup {
    /// What has not ended.
    Open,
    /// A group.
    Group(StandingGroup),
    /// Exactly one standing.
    Only(Standing),
    /// The file changed, be it waited for or not.
    Changed,
    /// Every standing but one.
    Except(Standing),
}

impl StateGroup {
    /// The standings of this group.
    pub fn standings(self) -> Vec<Standing> {
        let belongs = |standing: &Standing| match self {
            Self::Open => !standing.has_ended(),
            Self::Group(group) => standing.group() == group,
            Self::Only(only) => *standing == only,
            Self::Changed => standing.has_changed_source(),
            Self::Except(other) => *standing != other,
        };
        Standing::ALL.iter().copied().filter(belongs).collect()
    }
}

/// Which rows are meant: those that fit all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Only this batch's.
    pub batch: Option<BatchId>,
    /// Only these states.
    pub state: Option<StateGroup>,
    /// Only rows whose key or name has this text in it; upper and lower case alike in ASCII.
    pub text: Option<String>,
    /// Only those that a fault of this kind stopped, and that wait for the user.
    pub fault: Option<FaultKind>,
    /// Only those that go to this profile.
    pub profile: Option<ProfileId>,
    /// Only those of this moment or later, milliseconds since 1970. The moment of a row is when it
    /// ended, or while it has not, when it was queued.
    pub from_ms: Option<i64>,
    /// Only those before this moment.
    pub until_ms: Option<i64>,
}

impl Filter {
    /// Whether rows have to be read to count what it lets through. Batches and states are summed up
    /// as they change.
    pub fn reads_rows(&self) -> bool {
        self.text.as_deref().is_some_and(|text| !text.is_empty())
            || self.fault.is_some()
            || self.profile.is_some()
            || self.from_ms.is_some()
            || self.until_ms.is_some()
    }
}

/// Rows that wait for the user, by why and how far they had come; and the folders of those whose
/// name is taken. Most rows are in neither.
pub(crate) const CREATE_ATTENTION_INDEXES: M<'static> = M::up(
    "CREATE INDEX transfers_attention ON transfers (standing,
            CASE WHEN json_valid(fault) THEN json_extract(fault, '$.kind') END, phase)
        WHERE standing IN ('failed', 'conflict', 'sourceChanged', 'untilQuiet');
    CREATE INDEX transfers_conflict ON transfers (bucket, rtrim(key, replace(key, '/', '')))
        WHERE standing = 'conflict';",
);

/// The standings of `transfers_attention`. The planner takes an index of some rows only where its
/// own condition stands in the statement.
pub(crate) const ATTENTION: &str =
    "standing IN ('failed', 'conflict', 'sourceChanged', 'untilQuiet')";
/// Why a row stopped, as an index has it.
pub(crate) const FAULT: &str = "CASE WHEN json_valid(fault) THEN json_extract(fault, '$.kind') END";
/// The key up to its last `/`, as an index has it.
pub(crate) const FOLDER: &str = "rtrim(key, replace(key, '/', ''))";
/// The moment of a row.
pub(crate) const MOMENT: &str = "COALESCE(finished_ms, created_ms)";

/// In which order rows are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Those of a batch as they are taken; all of them as they came, the oldest first.
    #[default]
    Queue,
    /// The newest first.
    Newest,
}

/// Some rows of many.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowPage {
    /// How many rows the filter lets through.
    pub total: u64,
    /// How many of them stand before the page.
    pub offset: u64,
    /// The asked ones, in the order asked for.
    pub rows: Vec<TransferRow>,
}

/// A filter as SQL over a parameter, and the JSON that the parameter is. A condition that is not
/// there costs nothing.
pub(crate) fn condition(
    filter: &Filter,
    parameter: &str,
) -> Result<(String, String), rusqlite::Error> {
    // Always true: so the parameter stands in every statement.
    let mut sql = vec![format!("{parameter} <> ''")];
    let mut argument = serde_json::Map::new();
    if let Some(batch) = filter.batch {
        argument.insert("batch".to_owned(), batch.0.into());
        sql.push(format!("batch = {parameter} ->> '$.batch'"));
    }
    if let Some(group) = filter.state {
        let words = group.standings().iter().map(word).collect::<Result<Vec<_>, _>>()?;
        sql.push(if words.len() == 1 {
            format!("standing = {parameter} ->> '$.standings[0]'")
        } else {
            format!("standing IN (SELECT value FROM json_each({parameter}, '$.standings'))")
        });
        argument.insert("standings".to_owned(), words.into());
    }
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        argument.insert("like".to_owned(), like_pattern(text).into());
        let like = format!("LIKE {parameter} ->> '$.like' ESCAPE '\\'");
        sql.push(format!("(key {like} OR name {like})"));
    }
    if let Some(fault) = filter.fault {
        argument.insert("fault".to_owned(), word(&fault)?.into());
        sql.push(format!("{ATTENTION} AND {FAULT} = {parameter} ->> '$.fault'"));
    }
    let numbers = [
        ("profile", filter.profile.map(|profile| profile.0), "profile =".to_owned()),
        ("from", filter.from_ms, format!("{MOMENT} >=")),
        ("until", filter.until_ms, format!("{MOMENT} <")),
    ];
    for (name, number, compared) in numbers {
        if let Some(number) = number {
            argument.insert(name.to_owned(), number.into());
            sql.push(format!("{compared} {parameter} ->> '$.{name}'"));
        }
    }
    Ok((sql.join(" AND "), serde_json::Value::Object(argument).to_string()))
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

/// How many rows a filter lets through.
pub(crate) fn total(
    connection: &Connection,
    unreadable: &Unreadable,
    filter: &Filter,
) -> Result<u64, JournalError> {
    if filter.reads_rows() {
        let (condition, argument) = condition(filter, "?1")?;
        let sql = format!("SELECT COUNT(*) FROM transfers WHERE {condition}");
        let count: Count =
            connection.prepare_cached(&sql)?.query_row([argument], |row| row.get(0))?;
        return Ok(count.0);
    }
    let totals = totals::read(connection, unreadable, filter.batch)?;
    Ok(match filter.state {
        None => totals.files,
        Some(group) => group.standings().into_iter().map(|standing| totals.of(standing)).sum(),
    })
}

/// A page of the rows that a filter lets through, which are `total`.
pub(crate) fn read(
    connection: &Connection,
    unreadable: &Unreadable,
    filter: &Filter,
    order: Order,
    (offset, limit): (u64, u64),
    total: u64,
) -> Result<RowPage, JournalError> {
    let (condition, argument) = condition(filter, "?1")?;
    let order = match order {
        // Within a batch files have ranks; of all rows, the first to come is the first.
        Order::Queue if filter.batch.is_some() => "rank, position",
        Order::Queue => "position",
        Order::Newest => "position DESC",
    };
    // The rows before the page are passed over in the index alone; only the page's own rows are
    // read.
    let sql = format!(
        "SELECT {COLUMNS} FROM transfers WHERE id IN (
             SELECT id FROM transfers WHERE {condition} ORDER BY {order} LIMIT ?2 OFFSET ?3)
         ORDER BY {order}",
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let cap = |number: u64| Count(number.min(i64::MAX.unsigned_abs()));
    let rows = statement.query(params![argument, cap(limit), cap(offset)])?;
    Ok(RowPage { total, offset, rows: unreadable.collect(rows, "transfer", decode)? })
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
    ) -> Result<RowPage, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| {
            let total = total(connection, &unreadable, &filter)?;
            read(connection, &unreadable, &filter, Order::Queue, (offset, limit), total)
        })
        .await
    }
}
