//! What becomes of a damaged file: everything readable goes into a new one, and what is not is
//! counted.
//!
//! The damaged file is only read, as bytes, until the new one is whole on the disk; then it is set
//! aside and the new one takes its place. A start that finds a salvage half done begins it again,
//! or finishes it.

mod image;
mod leaves;
mod scan;

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use crate::connect::{Check, connect};
use crate::names::{COMPANIONS, LOG, next_aside, set_aside, with_suffix};
use crate::values::word;
use crate::{
    JournalError, Recovery, Salvaged, batches, parts, profiles, receipts, row, totals, watch_files,
    watches,
};
use scan::Scan;

/// The damaged file and its log as one, while they are read.
const IMAGE: &str = ".damaged";
/// The new file, while it is written.
const WRITING: &str = ".salvaging";
/// The new file once it is whole, until it has taken the old one's place.
const WHOLE: &str = ".salvaged";
/// Numbers that are left out after the highest one seen, where the file no longer says which were
/// given: a profile's number also names its keys, and must not come to mean another profile.
const UNSEEN: i64 = 1_000;

/// Whether a salvage was cut off and has to be finished by a start that may write.
pub(crate) fn is_cut(file: &Path) -> bool {
    [IMAGE, WRITING, WHOLE].iter().any(|suffix| with_suffix(file, suffix).exists())
}

/// Finishes a salvage that was cut off after the new file was whole; cleans up after another one.
pub(crate) fn finish(file: &Path) -> Result<(), JournalError> {
    clean_up(file)?;
    if with_suffix(file, WHOLE).exists() {
        take_place(file, &next_aside(file)?)?;
    }
    Ok(())
}

fn clean_up(file: &Path) -> Result<(), JournalError> {
    for name in [IMAGE, WRITING] {
        for suffix in std::iter::once("").chain(COMPANIONS) {
            let path = with_suffix(&with_suffix(file, name), suffix);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(JournalError::of_write(&error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn take_place(file: &Path, kept: &Path) -> Result<(), JournalError> {
    set_aside(file, kept)?;
    std::fs::rename(with_suffix(file, WHOLE), file).map_err(|error| JournalError::of_write(&error))
}

/// Makes a new file of what can be read of a damaged one, and sets that aside.
///
/// # Errors
/// [`JournalError::Full`] where there is no room for the new file; the old one is still there.
pub(crate) fn salvage(file: &Path, reason: &str) -> Result<Recovery, JournalError> {
    clean_up(file)?;
    let (image, writing) = (with_suffix(file, IMAGE), with_suffix(file, WRITING));
    image::merge(file, &with_suffix(file, LOG), &image)
        .map_err(|error| JournalError::of_write(&error))?;
    let kept = next_aside(file)?;
    let (target, _) = connect(&writing, Check::Whole)?;
    let salvaged = bring_over(&image, &target)?;
    let recovery = Recovery::SetAside { kept: kept.clone(), reason: reason.to_owned(), salvaged };
    if let Ok(text) = serde_json::to_string(&recovery) {
        crate::settings::write(&target, crate::settings::RECOVERY, &text)?;
    }
    target.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    target.close().map_err(|(_, error)| JournalError::from(error))?;
    std::fs::rename(&writing, with_suffix(file, WHOLE))
        .map_err(|error| JournalError::of_write(&error))?;
    take_place(file, &kept)?;
    clean_up(file)?;
    Ok(recovery)
}

fn bring_over(image: &Path, target: &Connection) -> Result<Salvaged, JournalError> {
    let mut source = image::open(image)?;
    let mut salvaged = Salvaged::default();
    target.execute_batch("BEGIN IMMEDIATE")?;
    let sequences = sequences(&source);
    settings(&source, target, &mut salvaged)?;
    profiles(&source, target, &sequences, &mut salvaged)?;
    batches(&source, target, &sequences, &mut salvaged)?;
    transfers(&source, target, &sequences, Trust::Whole, &mut salvaged)?;
    let expected = expected_transfers(&source, &sequences);
    let found = salvaged.transfers + salvaged.unreadable;
    if expected.is_none_or(|expected| expected > found) {
        // What the tree no longer leads to may still be there.
        source = gathered(image, source)?;
        transfers(&source, target, &sequences, Trust::Gathered, &mut salvaged)?;
    }
    totals::count_all_in(target)?;
    removed(&source, target, &sequences)?;
    parts(&source, target, &mut salvaged)?;
    watches(&source, target, &sequences, &mut salvaged)?;
    keep_numbers(target, &sequences)?;
    settle_rows(target)?;
    salvaged.lost_transfers = expected.map(|expected| expected.saturating_sub(salvaged.transfers));
    target.execute_batch("COMMIT")?;
    Ok(salvaged)
}

/// Where rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// From the table's own tree.
    Whole,
    /// From leaves that no tree led to: they may be of rows that were removed.
    Gathered,
}

/// The image with a new tree for its transfers.
fn gathered(image: &Path, source: Connection) -> Result<Connection, JournalError> {
    let root: Option<u32> = source
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'transfers'", [], |row| {
            row.get(0)
        })
        .ok();
    drop(source);
    if let Some(root) = root.filter(|root| *root > 1) {
        leaves::gather(image, root, FIRST_COLUMNS)
            .map_err(|error| JournalError::of_write(&error))?;
    }
    image::connect(image)
}

/// Columns of the transfers' table in its first version; no other table has as many.
const FIRST_COLUMNS: usize = 24;

/// The highest numbers ever given, where the file still tells.
#[derive(Debug, Default)]
struct Sequences {
    profiles: Option<i64>,
    batches: Option<i64>,
    transfers: Option<i64>,
    watches: Option<i64>,
}

fn sequences(source: &Connection) -> Sequences {
    let read = |table: &str| {
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        let found = source.query_row(sql, [table], |row| row.get(0)).optional();
        // A table without a line never had a row.
        found.ok().map(Option::unwrap_or_default).filter(|last| (0..1 << 48).contains(last))
    };
    Sequences {
        profiles: read("profiles"),
        batches: read("batches"),
        transfers: read("transfers"),
        watches: read("watches"),
    }
}

/// How many transfers there were.
fn expected_transfers(source: &Connection, sequences: &Sequences) -> Option<u64> {
    // What was never given a number is not missing.
    if sequences.transfers == Some(0) {
        return Some(0);
    }
    source
        .query_row("SELECT SUM(files) FROM totals WHERE batch = 0", [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .ok()
        .flatten()
        .and_then(|files| u64::try_from(files).ok())
}

fn settings(
    source: &Connection,
    target: &Connection,
    salvaged: &mut Salvaged,
) -> Result<(), JournalError> {
    let mut insert = target.prepare("INSERT OR IGNORE INTO settings VALUES (?1, ?2)")?;
    let mut read = |order: &str| -> rusqlite::Result<()> {
        let sql = format!("SELECT name, value FROM settings ORDER BY name {order}");
        let mut statement = source.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let (Ok(name), Ok(value)) = (row.get::<_, String>(0), row.get::<_, String>(1)) {
                salvaged.settings += insert.execute([name, value])? as u64;
            }
        }
        Ok(())
    };
    // From both ends, up to the damage.
    if read("ASC").is_err() {
        drop(read("DESC"));
    }
    Ok(())
}

/// The row as it stands, for another table of the same columns.
fn values(row: &rusqlite::Row<'_>, count: usize) -> rusqlite::Result<Vec<Value>> {
    (0..count).map(|column| row.get(column)).collect()
}

fn insert_into(table: &str, columns: &str) -> String {
    let places = columns.split(',').map(|_| "?").collect::<Vec<_>>().join(", ");
    format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})")
}

fn count(columns: &str) -> usize {
    columns.split(',').count()
}

fn profiles(
    source: &Connection,
    target: &Connection,
    sequences: &Sequences,
    salvaged: &mut Salvaged,
) -> Result<(), JournalError> {
    let columns = profiles::COLUMNS;
    let mut insert = target.prepare(&insert_into("profiles", &format!("{columns}, folded")))?;
    let scan = Scan { source, table: "profiles", columns, last: sequences.profiles };
    scan.each(|row| {
        let Ok(profile) = profiles::decode(row) else {
            salvaged.unreadable += 1;
            return Ok(());
        };
        let mut values = values(row, count(columns))?;
        values.push(Value::Text(profiles::fold(&profile.name)));
        salvaged.profiles += insert.execute(rusqlite::params_from_iter(values))? as u64;
        Ok(())
    })
}

fn batches(
    source: &Connection,
    target: &Connection,
    sequences: &Sequences,
    salvaged: &mut Salvaged,
) -> Result<(), JournalError> {
    let columns = batches::COLUMNS;
    let mut insert = target.prepare(&insert_into("batches", columns))?;
    let scan = Scan { source, table: "batches", columns, last: sequences.batches };
    scan.each(|row| {
        if !batches::decodes(row) {
            salvaged.unreadable += 1;
            return Ok(());
        }
        let values = values(row, count(columns))?;
        salvaged.batches += insert.execute(rusqlite::params_from_iter(values))? as u64;
        Ok(())
    })
}

fn transfers(
    source: &Connection,
    target: &Connection,
    sequences: &Sequences,
    trust: Trust,
    salvaged: &mut Salvaged,
) -> Result<(), JournalError> {
    let columns = row::COLUMNS;
    let mut insert = target.prepare(&insert_into("transfers", columns))?;
    let mut known = target.prepare("SELECT 1 FROM batches WHERE id = ?1")?;
    // Its transfers stay together, and say where they went; what was asked of their objects is
    // lost, so nothing may be sent before a person has looked.
    let mut stand_in = target.prepare(
        "INSERT INTO batches (id, profile, fingerprint, created_ms, rank) VALUES (?1, ?2, '', ?3, ?1)",
    )?;
    let mut orphaned = std::collections::HashSet::new();
    let scan = Scan { source, table: "transfers", columns, last: sequences.transfers };
    scan.each(|row| {
        // Under number 0 the sums keep the whole queue's: such a row would count twice.
        let decoded = row::decode(row).ok().filter(|transfer| transfer.batch.0 > 0);
        let Some(transfer) = decoded else {
            // The second reading meets it again.
            salvaged.unreadable += u64::from(trust == Trust::Whole);
            return Ok(());
        };
        let batch = transfer.batch.0;
        if !orphaned.contains(&batch) && !known.exists([batch])? {
            stand_in.execute(rusqlite::params![batch, transfer.profile.0, transfer.created_ms])?;
            orphaned.insert(batch);
        }
        let mut values = values(row, count(columns))?;
        let doubtful = orphaned.contains(&batch) || trust == Trust::Gathered;
        let pause = doubtful && transfer.standing == ferry_model::Standing::Active;
        if pause {
            values[row::STANDING] = Value::Text(word(&ferry_model::Standing::Paused)?);
        }
        let new = insert.execute(rusqlite::params_from_iter(values))? as u64;
        salvaged.transfers += new;
        salvaged.paused += if pause { new } else { 0 };
        Ok(())
    })
}

/// What receipts tell of rows that were taken off the list.
fn removed(
    source: &Connection,
    target: &Connection,
    sequences: &Sequences,
) -> Result<(), JournalError> {
    let columns = receipts::COLUMNS;
    let mut insert = target.prepare(&insert_into("removed", columns))?;
    let mut known = target.prepare("SELECT 1 FROM batches WHERE id = ?1")?;
    let mut listed = target.prepare("SELECT 1 FROM transfers WHERE id = ?1")?;
    let scan = Scan { source, table: "removed", columns, last: sequences.transfers };
    scan.each(|row| {
        let batch: Option<i64> = row.get(1).ok();
        if let (Ok(file), Some(batch)) = (receipts::decode(row), batch)
            && known.exists([batch])?
            && !listed.exists([file.id.0])?
        {
            insert.execute(rusqlite::params_from_iter(values(row, count(columns))?))?;
        }
        Ok(())
    })?;
    Ok(receipts::count_all_in(target)?)
}

fn parts(
    source: &Connection,
    target: &Connection,
    salvaged: &mut Salvaged,
) -> Result<(), JournalError> {
    let columns = parts::COLUMNS;
    let mut insert = target.prepare(&insert_into("parts", columns))?;
    let mut transfers = target.prepare("SELECT id FROM transfers")?;
    let ids: Vec<i64> = transfers.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for order in ["ASC", "DESC"] {
        let sql =
            format!("SELECT {columns} FROM parts WHERE transfer = ?1 ORDER BY number {order}");
        let Ok(mut statement) = source.prepare(&sql) else { return Ok(()) };
        for id in &ids {
            let Ok(mut rows) = statement.query([id]) else { continue };
            // A part that is not found is asked of the store, or sent again.
            while let Ok(Some(row)) = rows.next() {
                // A damaged page may give rows of another transfer, or of none.
                let is_its = row.get(0).is_ok_and(|transfer: i64| transfer == *id);
                if is_its && parts::decode(row).is_ok() {
                    let values = values(row, count(columns))?;
                    salvaged.parts += insert.execute(rusqlite::params_from_iter(values))? as u64;
                }
            }
        }
    }
    Ok(())
}

/// Watches, and what they know of their files. A file of which that is lost is looked at anew: an
/// object that is there already is not sent again.
fn watches(
    source: &Connection,
    target: &Connection,
    sequences: &Sequences,
    salvaged: &mut Salvaged,
) -> Result<(), JournalError> {
    let columns = watches::COLUMNS;
    let mut insert = target.prepare(&insert_into("watches", columns))?;
    let scan = Scan { source, table: "watches", columns, last: sequences.watches };
    scan.each(|row| {
        if watches::decode(row).is_err() {
            salvaged.unreadable += 1;
            return Ok(());
        }
        insert.execute(rusqlite::params_from_iter(values(row, count(columns))?))?;
        Ok(())
    })?;
    let columns = watch_files::COLUMNS;
    let mut insert = target.prepare(&insert_into("watch_files", columns))?;
    for order in ["ASC", "DESC"] {
        let sql =
            format!("SELECT {columns} FROM watch_files ORDER BY watch {order}, source {order}");
        let Ok(mut statement) = source.prepare(&sql) else { return Ok(()) };
        let Ok(mut rows) = statement.query([]) else { continue };
        while let Ok(Some(row)) = rows.next() {
            if let Ok(values) = values(row, count(columns)) {
                insert.execute(rusqlite::params_from_iter(values))?;
            }
        }
    }
    Ok(())
}

/// Numbers that were given are not given again.
fn keep_numbers(target: &Connection, sequences: &Sequences) -> Result<(), JournalError> {
    let seen = [
        (
            "profiles",
            sequences.profiles,
            "SELECT MAX(profile) FROM (SELECT MAX(id) AS profile FROM profiles UNION SELECT MAX(profile) FROM transfers UNION SELECT MAX(profile) FROM batches)",
        ),
        ("batches", sequences.batches, "SELECT MAX(id) FROM batches"),
        ("transfers", sequences.transfers, "SELECT MAX(id) FROM transfers"),
        (
            "watches",
            sequences.watches,
            "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM watches UNION SELECT MAX(watch) FROM batches)",
        ),
    ];
    for (table, told, sql) in seen {
        let seen: Option<i64> = target.query_row(sql, [], |row| row.get(0))?;
        let seen = seen.unwrap_or_default();
        let last = told.filter(|told| *told >= seen).unwrap_or(seen.saturating_add(UNSEEN));
        target.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        target.execute(
            "INSERT INTO sqlite_sequence VALUES (?1, ?2)",
            rusqlite::params![table, last],
        )?;
    }
    Ok(())
}

/// A row says what its parts say; the sums follow by their triggers.
fn settle_rows(target: &Connection) -> Result<(), JournalError> {
    target.execute(
        "WITH acked AS (SELECT id, CASE WHEN standing = 'done' THEN size ELSE
            (SELECT COALESCE(SUM(parts.size), 0) FROM parts WHERE transfer = transfers.id) END AS bytes FROM transfers)
         UPDATE transfers SET acked_bytes = acked.bytes FROM acked
         WHERE acked.id = transfers.id AND transfers.acked_bytes <> acked.bytes",
        [],
    )?;
    Ok(())
}
