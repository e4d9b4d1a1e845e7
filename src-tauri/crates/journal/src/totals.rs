//! Sums over the queue: reading them costs the same for one row and for 300,000.
//!
//! `totals` has a line for each batch and standing, and one for each standing under batch 0 (no
//! batch has that number) for the whole queue. Every change and removal of a transfer moves its
//! numbers between lines, by triggers in the same transaction. New rows come by the thousand, and a
//! trigger for each costs two thirds of its insert: who inserts them counts them in once.

use std::collections::{BTreeMap, BTreeSet};

use ferry_model::{BatchId, Standing, StandingGroup};
use rusqlite::{Connection, Row, params};
use rusqlite_migration::M;
use serde::{Deserialize, Serialize};

use crate::unreadable::Unreadable;
use crate::values::{Count, Word, number_list};
use crate::{Journal, JournalError};

pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE totals (
        batch INTEGER NOT NULL,
        standing TEXT NOT NULL,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        acked_bytes INTEGER NOT NULL,
        PRIMARY KEY (batch, standing)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER transfers_count_in AFTER INSERT ON transfers BEGIN
        INSERT INTO totals VALUES (NEW.batch, NEW.standing, 1, NEW.size, NEW.acked_bytes), (0, NEW.standing, 1, NEW.size, NEW.acked_bytes)
        ON CONFLICT (batch, standing) DO UPDATE SET
            files = files + 1, bytes = bytes + excluded.bytes, acked_bytes = acked_bytes + excluded.acked_bytes;
    END;
    CREATE TRIGGER transfers_count_out AFTER DELETE ON transfers BEGIN
        UPDATE totals SET files = files - 1, bytes = bytes - OLD.size, acked_bytes = acked_bytes - OLD.acked_bytes
        WHERE batch IN (OLD.batch, 0) AND standing = OLD.standing;
        DELETE FROM totals WHERE batch = OLD.batch AND standing = OLD.standing AND files = 0;
    END;
    CREATE TRIGGER transfers_count_on AFTER UPDATE OF batch, standing, size, acked_bytes ON transfers
    WHEN OLD.standing = NEW.standing AND OLD.batch = NEW.batch AND (OLD.size <> NEW.size OR OLD.acked_bytes <> NEW.acked_bytes) BEGIN
        UPDATE totals SET bytes = bytes + NEW.size - OLD.size, acked_bytes = acked_bytes + NEW.acked_bytes - OLD.acked_bytes
        WHERE batch IN (OLD.batch, 0) AND standing = OLD.standing;
    END;
    CREATE TRIGGER transfers_count_over AFTER UPDATE OF batch, standing ON transfers
    WHEN OLD.standing <> NEW.standing OR OLD.batch <> NEW.batch BEGIN
        UPDATE totals SET files = files - 1, bytes = bytes - OLD.size, acked_bytes = acked_bytes - OLD.acked_bytes
        WHERE batch IN (OLD.batch, 0) AND standing = OLD.standing;
        DELETE FROM totals WHERE batch = OLD.batch AND standing = OLD.standing AND files = 0;
        INSERT INTO totals VALUES (NEW.batch, NEW.standing, 1, NEW.size, NEW.acked_bytes), (0, NEW.standing, 1, NEW.size, NEW.acked_bytes)
        ON CONFLICT (batch, standing) DO UPDATE SET
            files = files + 1, bytes = bytes + excluded.bytes, acked_bytes = acked_bytes + excluded.acked_bytes;
    END;",
);

/// New rows are counted in by [`count_in`].
pub(crate) const COUNT_IN_AT_ONCE: M<'static> = M::up("DROP TRIGGER IF EXISTS transfers_count_in;");

/// Adds rows that were inserted: each one's batch, standing and size. Nothing of them is
/// acknowledged yet.
pub(crate) fn count_in(
    connection: &Connection,
    rows: impl Iterator<Item = (BatchId, Standing, u64)>,
) -> Result<(), JournalError> {
    let mut lines = BTreeMap::<(i64, Standing), (u64, u64)>::new();
    for (batch, standing, size) in rows {
        for batch in [batch.0, 0] {
            let (files, bytes) = lines.entry((batch, standing)).or_default();
            *files += 1;
            *bytes = bytes.saturating_add(size);
        }
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO totals VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (batch, standing) DO UPDATE SET
            files = files + excluded.files, bytes = bytes + excluded.bytes",
    )?;
    for ((batch, standing), (files, bytes)) in lines {
        statement.execute(params![batch, Word(standing), Count(files), Count(bytes)])?;
    }
    Ok(())
}

/// Counts every row in: the sums are of nothing yet.
pub(crate) fn count_all_in(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO totals SELECT batch, standing, COUNT(*), SUM(size), SUM(acked_bytes)
            FROM transfers GROUP BY batch, standing;
        INSERT INTO totals SELECT 0, standing, SUM(files), SUM(bytes), SUM(acked_bytes)
            FROM totals GROUP BY standing;",
    )
}

/// What a command was for of one batch and standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLine {
    /// The batch.
    pub batch: BatchId,
    /// The standing.
    pub standing: Standing,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of them that the store had acknowledged.
    pub acked_bytes: u64,
}

/// Sums over a batch or the whole queue. Bytes are bytes of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Transfers.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes the store acknowledged, with the whole size of what is done.
    pub acked_bytes: u64,
    /// Transfers that run, or wait for their turn.
    pub active: u64,
    /// Transfers the user paused.
    pub paused: u64,
    /// Transfers a fault stopped.
    pub failed: u64,
    /// Transfers whose name is taken.
    pub conflict: u64,
    /// Transfers whose file changed.
    pub source_changed: u64,
    /// Transfers whose file changed and is waited for until it is quiet.
    pub until_quiet: u64,
    /// Transfers that are verified.
    pub done: u64,
    /// Transfers left out on purpose.
    pub skipped: u64,
    /// Transfers the user cancelled.
    pub cancelled: u64,
    /// Bytes of what runs, or waits for its turn.
    pub active_bytes: u64,
    /// Bytes the store acknowledged of what runs, or waits for its turn.
    pub active_acked_bytes: u64,
    /// Bytes of what is done.
    pub done_bytes: u64,
    /// Bytes that will not be sent: of what was skipped or cancelled.
    pub left_out_bytes: u64,
}

impl Totals {
    /// Transfers that have not ended.
    pub fn open(&self) -> u64 {
        self.sum(|standing| !standing.has_ended())
    }

    /// Transfers of a group.
    pub fn group(&self, group: StandingGroup) -> u64 {
        self.sum(|standing| standing.group() == group)
    }

    /// Transfers that were left out or cancelled.
    pub fn ended_otherwise(&self) -> u64 {
        self.group(StandingGroup::Ended) - self.done
    }

    /// Transfers that rest until the user decides.
    pub fn wait_for_user(&self) -> u64 {
        self.sum(Standing::waits_for_user)
    }

    fn sum(&self, counts: impl Fn(Standing) -> bool) -> u64 {
        Standing::ALL.iter().filter(|standing| counts(**standing)).map(|it| self.of(*it)).sum()
    }

    /// Transfers of this standing.
    pub fn of(&self, standing: Standing) -> u64 {
        match standing {
            Standing::Active => self.active,
            Standing::Paused => self.paused,
            Standing::Failed => self.failed,
            Standing::Conflict => self.conflict,
            Standing::SourceChanged => self.source_changed,
            Standing::UntilQuiet => self.until_quiet,
            Standing::Done => self.done,
            Standing::Skipped => self.skipped,
            Standing::Cancelled => self.cancelled,
        }
    }

    /// Counts files under another standing than they have: as they will stand.
    pub fn shift(&mut self, line: &FoundLine, to: Standing) {
        let FoundLine { standing, files, bytes, acked_bytes, .. } = *line;
        self.change(&Line { standing, files, bytes, acked_bytes }, u64::saturating_sub);
        self.change(&Line { standing: to, files, bytes, acked_bytes }, u64::saturating_add);
    }

    fn add(&mut self, line: &Line) {
        self.change(line, u64::saturating_add);
    }

    fn change(&mut self, line: &Line, by: fn(u64, u64) -> u64) {
        let Line { files, bytes, acked_bytes, .. } = *line;
        let change = |sum: &mut u64, number: u64| *sum = by(*sum, number);
        change(&mut self.files, files);
        change(&mut self.bytes, bytes);
        change(&mut self.acked_bytes, acked_bytes);
        match line.standing {
            Standing::Active => {
                change(&mut self.active, files);
                change(&mut self.active_bytes, bytes);
                change(&mut self.active_acked_bytes, acked_bytes);
            }
            Standing::Paused => change(&mut self.paused, files),
            Standing::Failed => change(&mut self.failed, files),
            Standing::Conflict => change(&mut self.conflict, files),
            Standing::SourceChanged => change(&mut self.source_changed, files),
            Standing::UntilQuiet => change(&mut self.until_quiet, files),
            Standing::Done => {
                change(&mut self.done, files);
                change(&mut self.done_bytes, bytes);
            }
            Standing::Skipped => {
                change(&mut self.skipped, files);
                change(&mut self.left_out_bytes, bytes);
            }
            Standing::Cancelled => {
                change(&mut self.cancelled, files);
                change(&mut self.left_out_bytes, bytes);
            }
        }
    }
}

struct Line {
    standing: Standing,
    files: u64,
    bytes: u64,
    acked_bytes: u64,
}

fn decode(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        standing: row.get::<_, Word<_>>(1)?.0,
        files: row.get::<_, Count>(2)?.0,
        bytes: row.get::<_, Count>(3)?.0,
        acked_bytes: row.get::<_, Count>(4)?.0,
    })
}

/// The sums of what is listed of a batch, or of the whole queue.
pub(crate) fn read(
    connection: &Connection,
    unreadable: &Unreadable,
    batch: Option<BatchId>,
) -> Result<Totals, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT batch, standing, files, bytes, acked_bytes FROM totals WHERE batch = ?1",
    )?;
    let lines = unreadable.collect(
        statement.query([batch.map_or(0, |batch| batch.0)])?,
        "totals of batch",
        decode,
    )?;
    let mut totals = Totals::default();
    for line in lines {
        totals.add(&line);
    }
    Ok(totals)
}

fn lines_of(
    connection: &Connection,
    unreadable: &Unreadable,
    batches: impl Iterator<Item = BatchId>,
) -> Result<Vec<(BatchId, Line)>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT batch, standing, files, bytes, acked_bytes FROM totals
         WHERE batch IN (SELECT value FROM json_each(?1))
         UNION ALL
         SELECT batch, standing, files, bytes, CASE standing WHEN 'done' THEN bytes ELSE 0 END
         FROM removed_totals WHERE batch IN (SELECT value FROM json_each(?1))",
    )?;
    let ids = number_list(batches.map(|batch| batch.0));
    unreadable.collect(statement.query([ids])?, "totals of batch", |row| {
        Ok((BatchId(row.get(0)?), decode(row)?))
    })
}

/// The sums of each of these batches that has any row, also those that were taken off the list.
pub(crate) fn of_batches(
    connection: &Connection,
    unreadable: &Unreadable,
    batches: impl Iterator<Item = BatchId>,
) -> Result<BTreeMap<BatchId, Totals>, JournalError> {
    let mut sums = BTreeMap::<BatchId, Totals>::new();
    for (batch, line) in lines_of(connection, unreadable, batches)? {
        sums.entry(batch).or_default().add(&line);
    }
    Ok(sums)
}

/// The sums over all of these batches, with what was taken off the list.
pub(crate) fn over_batches(
    connection: &Connection,
    unreadable: &Unreadable,
    batches: impl Iterator<Item = BatchId>,
) -> Result<Totals, JournalError> {
    let mut sums = Totals::default();
    for (_, line) in lines_of(connection, unreadable, batches)? {
        sums.add(&line);
    }
    Ok(sums)
}

/// The batches that have anything active.
pub(crate) fn active_batches(connection: &Connection) -> Result<BTreeSet<BatchId>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT batch FROM totals WHERE standing = ?1 AND files > 0 AND batch <> 0",
    )?;
    let found = statement.query_map([Word(Standing::Active)], |row| row.get(0).map(BatchId))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Whether the kept sums are those of the rows. Lines of nothing count for nothing.
pub(crate) fn agree(connection: &Connection) -> rusqlite::Result<bool> {
    let differing = "WITH counted AS (
            SELECT batch, standing, COUNT(*) AS files, SUM(size) AS bytes, SUM(acked_bytes) AS acked
            FROM transfers GROUP BY batch, standing),
        both AS (
            SELECT batch, standing, files, bytes, acked FROM counted
            UNION ALL SELECT 0, standing, SUM(files), SUM(bytes), SUM(acked) FROM counted GROUP BY standing
            UNION ALL SELECT batch, standing, -files, -bytes, -acked_bytes FROM totals)
        SELECT 1 FROM both GROUP BY batch, standing
        HAVING SUM(files) <> 0 OR SUM(bytes) <> 0 OR SUM(acked) <> 0";
    Ok(!connection.prepare(differing)?.exists([])?)
}

impl Journal {
    /// The sums of a batch, or of the whole queue.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn totals(&self, batch: Option<BatchId>) -> Result<Totals, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| read(connection, &unreadable, batch)).await
    }
}
