//! The schema's versions. Each table's SQL stands in its own module; this is their order.
//!
//! A released step is never changed: what is new is one more step at the end. The file's
//! `user_version` counts them, and a file with more steps than this list is a newer version's.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::failure::OpenFailure;
use crate::{
    batches, deferred, page, parts, profiles, queue, rank, receipts, row, runnable, settings,
    today, totals, watch_days, watch_files, watches,
};

pub(crate) const STEPS: &[M<'static>] = &[
    settings::CREATE,
    profiles::CREATE,
    batches::CREATE,
    queue::CREATE,
    parts::CREATE,
    totals::CREATE,
    profiles::ADD_OPTIONS,
    batches::ADD_OPTIONS,
    runnable::CREATE_INDEX,
    queue::ADD_RESOLVED,
    row::ADD_RECEIPT,
    batches::ADD_END,
    profiles::ADD_NETWORK,
    parts::ADD_NVME,
    profiles::ADD_CHECKSUMS,
    totals::COUNT_IN_AT_ONCE,
    queue::NARROW_INDEX,
    profiles::ADD_SPEED_LIMIT,
    batches::ADD_LABEL,
    queue::WIDER_BATCH_INDEX,
    deferred::CREATE,
    queue::ADD_THERE,
    rank::CREATE,
    receipts::CREATE,
    receipts::ADD_PROOF,
    page::CREATE_ATTENTION_INDEXES,
    watches::CREATE,
    watch_files::CREATE,
    watch_files::ADD_TIDIED,
    watch_files::ADD_GROWTH,
    watch_days::CREATE,
    today::CREATE_INDEXES,
    row::ADD_REPLACED,
];

/// Brings the file up to date, all steps in one transaction, and checks its columns.
pub(crate) fn bring_up_to_date(connection: &mut Connection) -> Result<(), OpenFailure> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match usize::try_from(version) {
        Ok(version) if version > STEPS.len() => return Err(OpenFailure::Newer),
        Ok(_) => {}
        Err(_) => return Err(OpenFailure::Damaged(format!("its version is {version}"))),
    }
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => OpenFailure::from(err),
        other => OpenFailure::Damaged(other.to_string()),
    })?;
    check_columns(connection)
}

/// Whether the tables have the columns this code reads.
pub(crate) fn check_columns(connection: &Connection) -> Result<(), OpenFailure> {
    for sql in [
        format!("SELECT {} FROM transfers", row::COLUMNS),
        format!("SELECT {}, checksums FROM profiles", profiles::COLUMNS),
        format!("SELECT {} FROM parts", parts::COLUMNS),
        format!("SELECT {} FROM batches", batches::COLUMNS),
        "SELECT name, value FROM settings".to_owned(),
        "SELECT batch, standing, files, bytes, acked_bytes FROM totals".to_owned(),
        format!("SELECT {}, argument FROM deferred", deferred::COMMAND_COLUMNS),
        format!("SELECT {} FROM removed", receipts::COLUMNS),
        "SELECT batch, standing, files, bytes FROM removed_totals".to_owned(),
        format!("SELECT {} FROM watches", watches::COLUMNS),
        format!("SELECT {} FROM watch_files", watch_files::COLUMNS),
        format!("SELECT {} FROM watch_days", watch_days::COLUMNS),
    ] {
        connection.prepare(&sql).map_err(|error| OpenFailure::Damaged(error.to_string()))?;
    }
    Ok(())
}
