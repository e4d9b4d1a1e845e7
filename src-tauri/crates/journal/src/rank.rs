//! The order in which files are taken: batches by their rank, the files of each by rank and, where
//! that is the same, by position. To move a batch changes one row; to move files changes those that
//! move, by one statement however they were selected.

use ferry_model::rank::{Place, is_ranked};
use ferry_model::{BatchId, Standing};
use rusqlite::{Connection, OptionalExtension, params};
use rusqlite_migration::M;

use crate::queue::selected;
use crate::unreadable::Unreadable;
use crate::values::word_list;
use crate::{Durability, Journal, JournalError, Selection, deferred};

pub(crate) const CREATE: M<'static> = M::up(
    "ALTER TABLE batches ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
    UPDATE batches SET rank = id;
    CREATE INDEX batches_by_rank ON batches (rank);
    ALTER TABLE transfers ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
    DROP INDEX transfers_by_batch;
    CREATE INDEX transfers_by_batch ON transfers (batch, rank, position, standing);
    DROP INDEX transfers_runnable;
    CREATE INDEX transfers_runnable ON transfers (profile, batch, rank, position, size, phase)
        WHERE standing = 'active';",
);

/// Files to an end of their batches: they get a rank of their own, and the positions that they have
/// go round among them so that their order stays.
fn to_an_end(condition: &str, edge: &str) -> String {
    format!(
        "WITH line (file, of_batch, place, in_order, in_line) AS MATERIALIZED (
            SELECT id, batch, position,
                ROW_NUMBER() OVER (PARTITION BY batch ORDER BY rank, position),
                ROW_NUMBER() OVER (PARTITION BY batch ORDER BY position)
            FROM transfers WHERE {condition}),
        edges (of_batch, edge) AS MATERIALIZED (
            SELECT batch, {edge} FROM transfers
            WHERE batch IN (SELECT of_batch FROM line) GROUP BY batch)
        UPDATE transfers SET rank = edges.edge, position = slot.place
        FROM line JOIN line AS slot ON slot.of_batch = line.of_batch AND slot.in_line = line.in_order
            JOIN edges ON edges.of_batch = line.of_batch
        WHERE transfers.id = line.file"
    )
}

/// Files one place on: a run of chosen ones changes places with the one before it (behind it, where
/// `order` is DESC). Ranks and positions of the batch's files go round among them.
fn one_place(condition: &str, ranked: &str, order: &str) -> String {
    format!(
        "WITH line (file, of_batch, of_rank, place, chosen, at) AS MATERIALIZED (
            SELECT id, batch, rank, position, {condition} IS TRUE,
                ROW_NUMBER() OVER (PARTITION BY batch ORDER BY rank {order}, position {order})
            FROM transfers
            WHERE {ranked} AND batch IN (SELECT batch FROM transfers WHERE {condition})),
        goal (file, of_batch, at, slot) AS MATERIALIZED (
            SELECT file, of_batch, at, CASE WHEN chosen
                THEN at - COALESCE(
                    at > MIN(CASE WHEN NOT chosen THEN at END) OVER (PARTITION BY of_batch), 0)
                ELSE COALESCE(
                    LEAD(at) OVER (PARTITION BY of_batch, chosen ORDER BY at),
                    COUNT(*) OVER (PARTITION BY of_batch) + 1) - 1 END
            FROM line)
        UPDATE transfers SET rank = line.of_rank, position = line.place
        FROM goal JOIN line ON line.of_batch = goal.of_batch AND line.at = goal.slot
        WHERE transfers.id = goal.file AND goal.slot <> goal.at"
    )
}

fn move_files(
    connection: &Connection,
    unreadable: &Unreadable,
    selection: &Selection,
    place: Place,
) -> Result<usize, JournalError> {
    deferred::let_go_of_places(connection, unreadable)?;
    let (selected, argument) = selected(selection.clone(), "?1")?;
    let ranked = word_list(Standing::ALL.into_iter().filter(|standing| is_ranked(*standing)))?;
    let ranked = format!("standing IN ({ranked})");
    let condition = format!("({selected} AND {ranked})");
    let sql = match place {
        Place::Top => to_an_end(&condition, "MIN(rank) - 1"),
        Place::Bottom => to_an_end(&condition, "MAX(rank) + 1"),
        Place::Up => one_place(&condition, &ranked, "ASC"),
        Place::Down => one_place(&condition, &ranked, "DESC"),
    };
    Ok(connection.prepare(&sql)?.execute([argument])?)
}

fn move_batch(connection: &Connection, batch: BatchId, place: Place) -> Result<bool, JournalError> {
    let rank: Option<i64> = connection
        .prepare_cached("SELECT rank FROM batches WHERE id = ?1 AND finished = 0")?
        .query_row([batch.0], |row| row.get(0))
        .optional()?;
    let Some(rank) = rank else { return Ok(false) };
    let neighbour = match place {
        Place::Top => "SELECT id, MIN(rank) - 1 FROM batches WHERE ?2 = ?2 AND id <> ?1",
        Place::Bottom => "SELECT id, MAX(rank) + 1 FROM batches WHERE ?2 = ?2 AND id <> ?1",
        Place::Up => {
            "SELECT id, rank FROM batches
             WHERE finished = 0 AND (rank, id) < (?2, ?1) ORDER BY rank DESC, id DESC LIMIT 1"
        }
        Place::Down => {
            "SELECT id, rank FROM batches
             WHERE finished = 0 AND (rank, id) > (?2, ?1) ORDER BY rank, id LIMIT 1"
        }
    };
    let found: Option<(Option<i64>, Option<i64>)> = connection
        .prepare_cached(neighbour)?
        .query_row([batch.0, rank], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((Some(other), Some(theirs))) = found else { return Ok(false) };
    let mut set = connection.prepare_cached("UPDATE batches SET rank = ?2 WHERE id = ?1")?;
    set.execute(params![batch.0, theirs])?;
    if matches!(place, Place::Up | Place::Down) {
        set.execute(params![other, rank])?;
    }
    Ok(true)
}

impl Journal {
    /// The batches that have anything in the list, as they are taken.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn ranked_batches(&self) -> Result<Vec<BatchId>, JournalError> {
        self.read(|connection| {
            let sql = "SELECT listed.batch FROM
                    (SELECT DISTINCT batch FROM totals WHERE batch <> 0 AND files > 0) AS listed
                LEFT JOIN batches ON batches.id = listed.batch ORDER BY batches.rank, listed.batch";
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_map([], |row| row.get(0).map(BatchId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Moves files within their batches; those that have ended stay where they are. Returns how
    /// many rows were written.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn move_transfers(
        &self,
        selection: Selection,
        place: Place,
    ) -> Result<usize, JournalError> {
        let unreadable = self.unreadable();
        self.write(Durability::Normal, move |connection| {
            move_files(connection, &unreadable, &selection, place)
        })
        .await
    }

    /// Moves a batch among those that are not finished; `false` where it is finished, or already
    /// there.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn move_batch(&self, batch: BatchId, place: Place) -> Result<bool, JournalError> {
        self.write(Durability::Normal, move |connection| move_batch(connection, batch, place)).await
    }
}
