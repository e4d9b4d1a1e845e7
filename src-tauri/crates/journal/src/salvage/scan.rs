//! A table read around its damage.

use std::collections::VecDeque;

use rusqlite::{Connection, Row};

use crate::JournalError;

/// Most statements that find nothing, for one table: bounds the time that wide damage takes.
const MOST_IN_VAIN: u32 = 2_000;
/// How far behind the last row seen is looked, where the file does not tell which was the last.
const BEYOND: i64 = 1 << 20;

/// A table whose rows are numbered by `id`.
pub(super) struct Scan<'a> {
    pub(super) source: &'a Connection,
    pub(super) table: &'a str,
    pub(super) columns: &'a str,
    /// The highest number ever given, where that is known.
    pub(super) last: Option<i64>,
}

/// Which end of a range is begun at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Up,
    Down,
}

/// How far a reading came.
enum Came {
    ToTheEnd,
    /// To damage, behind this row.
    UpTo(Option<i64>),
}

impl Scan<'_> {
    /// Gives every row that can be read to `take`, each once. The table's tree is read and no
    /// index; where a page of it is damaged, what stands on both sides of it is read by ever
    /// smaller ranges of numbers.
    ///
    /// # Errors
    /// Only those of `take`.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(&Row<'_>) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let mut left = MOST_IN_VAIN;
        // The first reading needs no bound; what comes after damage does.
        let first = match self.read(Order::Up, i64::MIN, i64::MAX, &mut take)? {
            Came::ToTheEnd => return Ok(()),
            Came::UpTo(seen) => seen.map_or(1, |seen| seen.saturating_add(1)),
        };
        let last = self.last.unwrap_or_else(|| self.highest(first));
        // The widest first, so that one wide damage leaves statements for what is beyond it.
        let mut ranges = VecDeque::from([(first, last)]);
        while let Some((mut low, mut high)) = ranges.pop_front() {
            if low > high {
                continue;
            }
            if left == 0 {
                break;
            }
            match self.read(Order::Up, low, high, &mut take)? {
                Came::ToTheEnd => continue,
                Came::UpTo(Some(seen)) => low = seen.saturating_add(1),
                Came::UpTo(None) => left -= 1,
            }
            match self.read(Order::Down, low, high, &mut take)? {
                Came::ToTheEnd => continue,
                Came::UpTo(Some(seen)) => high = seen.saturating_sub(1),
                Came::UpTo(None) => left = left.saturating_sub(1),
            }
            if low < high {
                let middle = low + (high - low) / 2;
                ranges.push_back((low, middle));
                ranges.push_back((middle + 1, high));
            }
        }
        Ok(())
    }

    /// A bound where the file tells none: an index still knows the numbers, or a guess.
    fn highest(&self, low: i64) -> i64 {
        let sql =
            format!("SELECT MAX(id) FROM (SELECT id FROM {} ORDER BY id DESC LIMIT 1)", self.table);
        let told: Option<i64> = self.source.query_row(&sql, [], |row| row.get(0)).ok().flatten();
        told.filter(|told| *told >= low).unwrap_or(low.saturating_add(BEYOND))
    }

    fn read(
        &self,
        order: Order,
        low: i64,
        high: i64,
        take: &mut impl FnMut(&Row<'_>) -> Result<(), JournalError>,
    ) -> Result<Came, JournalError> {
        let word = match order {
            Order::Up => "ASC",
            Order::Down => "DESC",
        };
        let sql = format!(
            "SELECT {} FROM {} NOT INDEXED WHERE id BETWEEN ?1 AND ?2 ORDER BY id {word}",
            self.columns, self.table
        );
        let mut seen = None;
        let Ok(mut statement) = self.source.prepare_cached(&sql) else {
            return Ok(Came::UpTo(None));
        };
        let Ok(mut rows) = statement.query([low, high]) else { return Ok(Came::UpTo(None)) };
        loop {
            match rows.next() {
                Ok(None) => return Ok(Came::ToTheEnd),
                Err(_) => return Ok(Came::UpTo(seen)),
                Ok(Some(row)) => {
                    let Ok(id) = row.get::<_, i64>(0) else { return Ok(Came::UpTo(seen)) };
                    // A damaged tree may lead back to where it came from.
                    let backwards = match order {
                        Order::Up => seen.is_some_and(|seen| id <= seen) || id < low,
                        Order::Down => seen.is_some_and(|seen| id >= seen) || id > high,
                    };
                    if backwards {
                        return Ok(Came::UpTo(seen));
                    }
                    take(row)?;
                    seen = Some(id);
                }
            }
        }
    }
}
