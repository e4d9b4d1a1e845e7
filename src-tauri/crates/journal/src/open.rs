//! Opening: folder, lock, file, checks, schema; and what becomes of a file that cannot be believed.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::connect::{Check, Found, check, connect, in_memory, prepare};
use crate::failure::OpenFailure;
use crate::folder::{self, broken};
use crate::lock::{Lock, Memory, Stage};
use crate::log::Log;
use crate::names::{COMPANIONS, FILE, LOCK, LOG, next_aside, with_suffix};
use crate::opened::{Held, Opened};
use crate::seal::{self, Checked};
use crate::{JournalError, Recovery, Snapshot, salvage, schema, settings};

/// Opens the journal in `dir`.
pub(crate) fn open(dir: &Path) -> Result<Opened, JournalError> {
    let dir = folder::prepare(dir)?;
    let file = dir.join(FILE);
    refuse_links(&dir, &file)?;
    let mut lock = Lock::take(&dir.join(LOCK))?;
    let memory = lock.memory();
    salvage::finish(&file)?;
    let mut recovery = look_at_log(&file, memory)?;
    let empty = std::fs::metadata(&file).map_or(true, |found| found.len() == 0);
    let log_found = std::fs::metadata(with_suffix(&file, LOG)).is_ok_and(|log| log.len() > 0);
    let sealed = seal::take(&file).filter(|_| {
        memory.made && memory.stage == Stage::Ended && !log_found && recovery.is_none()
    });
    let wanted = if sealed.is_some() { Check::Done } else { Check::Whole };
    let opened = match (empty && memory.made, log_found) {
        // A log without its file would be taken for the new file's.
        (true, true) => Err(OpenFailure::Damaged("only its log is left".to_owned())),
        (true, false) => {
            recovery = Some(Recovery::Missing { expected: file.clone() });
            connect(&file, wanted)
        }
        (false, _) => connect(&file, wanted),
    };
    let (connection, found) = match opened {
        Err(OpenFailure::Damaged(reason)) => {
            recovery = Some(salvage::salvage(&file, &reason)?);
            connect(&file, Check::Whole)?
        }
        other => other?,
    };
    if memory.made && found == Found::Blank && recovery.is_none() {
        recovery = Some(Recovery::Missing { expected: file.clone() });
    }
    let stored: u64 = settings::read(&connection, settings::SESSION)?
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    // A session that was cut off before it wrote left no number.
    let expected = memory.session.saturating_sub(u64::from(memory.stage == Stage::Begun));
    if stored < expected && recovery.is_none() {
        let reason = format!("session {stored} wrote to it last, not {}", memory.session);
        recovery = Some(Recovery::Older { kept: None, reason });
    }
    let recovery = remember_recovery(&connection, recovery)?;
    if !memory.made {
        lock.remember(Memory { made: true, session: stored, stage: Stage::Ended })?;
    }
    let session = stored.max(memory.session) + 1;
    let cut_off = (log_found && memory.stage == Stage::Open).then_some(memory.session);
    let checked = sealed.unwrap_or_else(Checked::now);
    let held = Some(Held { lock, file, wrote: false, cut_off, checked });
    Ok(Opened { connection, recovery, session, held })
}

fn refuse_links(dir: &Path, file: &Path) -> Result<(), JournalError> {
    folder::refuse_link(&dir.join(LOCK))?;
    std::iter::once("")
        .chain(COMPANIONS)
        .try_for_each(|suffix| folder::refuse_link(&with_suffix(file, suffix)))
}

/// What is found is kept in the new file until the user was told; what an earlier start found
/// comes from there.
fn remember_recovery(
    connection: &Connection,
    found: Option<Recovery>,
) -> Result<Option<Recovery>, JournalError> {
    let Some(found) = found else {
        let stored = settings::read(connection, settings::RECOVERY)?;
        return Ok(stored.and_then(|text| serde_json::from_str(&text).ok()));
    };
    tracing::error!(?found, "the queue's file is not what was written");
    if let Ok(text) = serde_json::to_string(&found) {
        settings::write(connection, settings::RECOVERY, &text)?;
    }
    Ok(Some(found))
}

/// Whether the log is the one that the last session left. One that is not is set aside, so that it
/// does not change a file it does not belong to.
fn look_at_log(file: &Path, memory: Memory) -> Result<Option<Recovery>, JournalError> {
    let path = with_suffix(file, LOG);
    let found = std::fs::metadata(&path).is_ok_and(|log| log.len() > 0);
    if memory.made && memory.stage == Stage::Ended && found && memory.session > 0 {
        let kept = next_aside(file)?;
        let kept_log = with_suffix(&kept, LOG);
        std::fs::rename(&path, &kept_log).map_err(broken)?;
        let reason = "a log of other changes stood beside it".to_owned();
        return Ok(Some(Recovery::Older { kept: Some(kept_log), reason }));
    }
    if memory.made && memory.stage == Stage::Open && !found {
        let reason = "the log of the last session is gone".to_owned();
        return Ok(Some(Recovery::Older { kept: None, reason }));
    }
    if found && Log::read(&path).map_err(broken)?.cut {
        let kept_log = with_suffix(&next_aside(file)?, LOG);
        std::fs::copy(&path, &kept_log).map_err(broken)?;
        let reason = "its log is damaged".to_owned();
        return Ok(Some(Recovery::Older { kept: Some(kept_log), reason }));
    }
    Ok(None)
}

/// Opens the journal in `dir` for reading; changes it only where no process holds it and reading
/// does not do.
pub(crate) fn open_reading(dir: &Path) -> Result<Opened, JournalError> {
    match read_only(dir, Owner::Nobody) {
        Err(Refusal::NotSo) => {}
        other => return other.or_else(|refusal| refusal.settle(dir)),
    }
    match open(dir) {
        Err(JournalError::Busy) => {}
        other => return other,
    }
    read_only(dir, Owner::Another).or_else(|refusal| refusal.settle(dir))
}

/// Who holds the folder, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// No process, it seems: the log has to be looked at.
    Nobody,
    /// Another process, which looked at the log when it began.
    Another,
}

/// Why reading does not do.
enum Refusal {
    /// It would not do after opening for writing either.
    Refused(JournalError),
    /// An older version's schema, and what the file holds.
    Older(Box<Snapshot>),
    /// Missing, damaged, or left by a session that did not end by itself.
    NotSo,
}

impl Refusal {
    fn settle(self, dir: &Path) -> Result<Opened, JournalError> {
        match self {
            Self::Refused(error) => Err(error),
            Self::Older(copy) => match open(dir) {
                Err(JournalError::Busy) => in_memory(Some(&copy)),
                other => other,
            },
            Self::NotSo => Err(JournalError::Busy),
        }
    }
}

fn read_only(dir: &Path, owner: Owner) -> Result<Opened, Refusal> {
    let Ok(found) = dir.symlink_metadata() else { return Err(Refusal::NotSo) };
    if !found.is_dir() {
        return Err(Refusal::NotSo);
    }
    let dir = folder::check(dir).map_err(Refusal::Refused)?;
    let file = dir.join(FILE);
    refuse_links(&dir, &file).map_err(Refusal::Refused)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let not_so = |_: rusqlite::Error| Refusal::NotSo;
    if owner == Owner::Nobody {
        let memory = Lock::peek(&dir.join(LOCK));
        let no_log =
            std::fs::metadata(with_suffix(&file, LOG)).map_or(true, |found| found.len() == 0);
        if !(memory.made && memory.stage == Stage::Ended && no_log) || salvage::is_cut(&file) {
            return Err(Refusal::NotSo);
        }
    }
    let connection = Connection::open_with_flags(&file, flags).map_err(not_so)?;
    prepare(&connection).map_err(not_so)?;
    let version: i64 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(not_so)?;
    match usize::try_from(version).map(|version| version.cmp(&schema::STEPS.len())) {
        Ok(Ordering::Greater) => return Err(Refusal::Refused(JournalError::Newer)),
        Ok(Ordering::Less) if version > 0 => {
            let copy = Snapshot::of(&connection).map_err(Refusal::Refused)?;
            return Err(Refusal::Older(Box::new(copy)));
        }
        Ok(Ordering::Equal) => {}
        _ => return Err(Refusal::NotSo),
    }
    let is_whole = owner == Owner::Nobody && seal::read(&file).is_some();
    let checked = if is_whole { Ok(()) } else { check(&connection) };
    checked.and_then(|()| schema::check_columns(&connection)).map_err(|failure| match failure {
        OpenFailure::Damaged(_) => Refusal::NotSo,
        other => Refusal::Refused(other.into()),
    })?;
    let recovery = settings::read(&connection, settings::RECOVERY)
        .map_err(Refusal::Refused)?
        .and_then(|text| serde_json::from_str(&text).ok());
    Ok(Opened::unheld(connection, recovery))
}
