//! Rows sorted by what a person reads of them: their numbers, in order.
//!
//! No index keeps these orders, because each would slow every insert. Whoever shows a long list
//! sorts it now and then, keeps the numbers, and reads the rows of a page by them
//! ([`Listed`](crate::Listed)).

use ferry_model::{PhaseName, Standing, TransferId};
use rusqlite::Row;

use crate::unreadable::Unreadable;
use crate::values::{Count, Word};
use crate::{Filter, Journal, JournalError, Order, page};

/// What rows are sorted by. Rows that are alike in it stay in the order of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The file's name; digits count as numbers, and upper and lower case are alike.
    Name,
    /// The file's bytes.
    Size,
    /// The standing, in the order of [`Standing::ALL`], and in it the phase.
    State,
    /// When it ended; what has not ended is last, whatever the direction.
    Finished,
}

/// A row as its key is read.
enum Key {
    Name(String),
    Number(u64),
    State(usize, usize),
    Finished(Option<i64>),
}

impl SortKey {
    fn columns(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::State => "standing, phase",
            Self::Finished => "finished_ms",
        }
    }

    fn read(self, row: &Row<'_>) -> rusqlite::Result<(TransferId, Key)> {
        let key = match self {
            Self::Name => Key::Name(row.get::<_, String>(1)?.to_lowercase()),
            Self::Size => Key::Number(row.get::<_, Count>(1)?.0),
            Self::State => {
                let standing = row.get::<_, Word<Standing>>(1)?.0;
                let phase = row.get::<_, Word<PhaseName>>(2)?.0;
                Key::State(
                    place(&Standing::ALL, &standing),
                    // Further along first: what is being sent stands above what has not begun.
                    PhaseName::ALL.len() - place(&PhaseName::ALL, &phase),
                )
            }
            Self::Finished => Key::Finished(row.get(1)?),
        };
        Ok((TransferId(row.get(0)?), key))
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| other == one).unwrap_or(all.len())
}

fn compare(one: &Key, other: &Key, descending: bool) -> std::cmp::Ordering {
    let order = match (one, other) {
        (Key::Name(one), Key::Name(other)) => alphanumeric_sort::compare_str(one, other),
        (Key::Number(one), Key::Number(other)) => one.cmp(other),
        (Key::State(one, phase), Key::State(other, other_phase)) => {
            one.cmp(other).then(phase.cmp(other_phase))
        }
        (Key::Finished(None), Key::Finished(Some(_))) => return std::cmp::Ordering::Greater,
        (Key::Finished(Some(_)), Key::Finished(None)) => return std::cmp::Ordering::Less,
        (Key::Finished(one), Key::Finished(other)) => one.cmp(other),
        // All keys of one list are of one kind.
        _ => std::cmp::Ordering::Equal,
    };
    if descending { order.reverse() } else { order }
}

impl Journal {
    /// The numbers of the rows that a filter lets through, in the order of a page: for a filter
    /// that has to read rows ([`Filter::reads_rows`]), which a page would do twice. It reads each
    /// of 300,000 rows in about a tenth of a second.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn found(
        &self,
        filter: Filter,
        order: Order,
    ) -> Result<Vec<TransferId>, JournalError> {
        self.read(move |connection| {
            let (condition, argument) = page::condition(&filter, "?1")?;
            // Sorted here: for the order the planner would go over another index, and from there
            // to each row.
            let rank = if filter.batch.is_some() && order == Order::Queue { "rank" } else { "0" };
            let sql = format!("SELECT id, {rank}, position FROM transfers WHERE {condition}");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([argument], |row| {
                Ok((TransferId(row.get(0)?), row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
            let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
            rows.sort_unstable_by_key(|(_, rank, position)| (*rank, *position));
            let ids = rows.into_iter().map(|(id, ..)| id);
            Ok(match order {
                Order::Queue => ids.collect(),
                Order::Newest => ids.rev().collect(),
            })
        })
        .await
    }

    /// The numbers of the rows that a filter lets through, sorted. It reads each of them: 300,000
    /// take about a second.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. Rows that do not decode are left out and counted.
    pub async fn sorted(
        &self,
        filter: Filter,
        by: SortKey,
        descending: bool,
    ) -> Result<Vec<TransferId>, JournalError> {
        let unreadable: Unreadable = self.unreadable();
        self.read(move |connection| {
            let (condition, argument) = page::condition(&filter, "?1")?;
            let columns = by.columns();
            let sql = format!(
                "SELECT id, {columns} FROM transfers WHERE {condition} ORDER BY rank, position"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query([argument])?;
            let mut rows = unreadable.collect(rows, "transfer", |row| by.read(row))?;
            rows.sort_by(|(_, one), (_, other)| compare(one, other, descending));
            Ok(rows.into_iter().map(|(id, _)| id).collect())
        })
        .await
    }
}
