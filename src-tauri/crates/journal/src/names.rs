//! The queue's file, those beside it, and those that were set aside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::JournalError;
use crate::folder::broken;

/// The queue.
pub const FILE: &str = "ferry.db";
/// What keeps a second process out.
pub(crate) const LOCK: &str = "ferry.lock";
/// The files SQLite keeps beside the database.
pub(crate) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// The one of them with what is not yet in it.
pub(crate) const LOG: &str = "-wal";

/// The path with this behind its name.
pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Most damaged files that are kept; older ones go.
const KEPT: u32 = 3;

/// The name that the next file set aside will have: `ferry.db.corrupt-<n>`.
pub(crate) fn next_aside(file: &Path) -> Result<PathBuf, JournalError> {
    let last = aside_numbers(file).map_err(broken)?.into_iter().max().unwrap_or_default();
    Ok(aside(file, last.saturating_add(1)))
}

fn aside(file: &Path, number: u32) -> PathBuf {
    with_suffix(file, &format!(".corrupt-{number}"))
}

fn aside_numbers(file: &Path) -> std::io::Result<BTreeSet<u32>> {
    let mut numbers = BTreeSet::new();
    let Some(dir) = file.parent() else { return Ok(numbers) };
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(FILE)).and_then(|name| {
            let digits = name.strip_prefix(".corrupt-")?;
            digits.split('-').next()?.parse::<u32>().ok()
        });
        numbers.extend(number);
    }
    Ok(numbers)
}

/// Moves the file and its companions to `kept`, names kept such that SQLite's own tools find them,
/// and removes the oldest of those kept before.
pub(crate) fn set_aside(file: &Path, kept: &Path) -> Result<(), JournalError> {
    // The file goes last: as long as it is there, a start that finds it knows what to do.
    for suffix in COMPANIONS.into_iter().chain(std::iter::once("")) {
        let from = with_suffix(file, suffix);
        if from.symlink_metadata().is_ok() {
            std::fs::rename(&from, with_suffix(kept, suffix)).map_err(broken)?;
        }
    }
    let numbers = aside_numbers(file).map_err(broken)?;
    for number in numbers.into_iter().rev().skip(KEPT as usize) {
        for suffix in std::iter::once("").chain(COMPANIONS) {
            // One that stays takes some room and harms nothing.
            drop(std::fs::remove_file(with_suffix(&aside(file, number), suffix)));
        }
    }
    Ok(())
}
