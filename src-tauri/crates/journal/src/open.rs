//! Opening: folder, lock, file, checks, schema; and what becomes of a file that cannot be believed.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde::{Deserialize, Serialize};

use crate::folder::{self, broken};
use crate::lock::{Lock, Memory, Stage};
use crate::log::Log;
use crate::salvage::Salvaged;
use crate::{JournalError, Snapshot, settings};

pub(crate) const FILE: &str = "ferry.db";
const LOCK: &str = "ferry.lock";
/// The files SQLite keeps beside the database.
pub(crate) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
pub(crate) const LOG: &str = "-wal";
/// Bytes that the log's file is cut back to once it is folded in.
const LOG_LIMIT: u32 = 16 << 20;
/// How long a statement waits for a foreign reader (a backup program); our own processes are kept
/// out by the lock.
const FOREIGN_READER: Duration = Duration::from_secs(5);
/// Statements kept prepared: about twice as many as there are in this crate.
const CACHED_STATEMENTS: usize = 96;

/// What happened to an older queue when the journal was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Recovery {
    /// The file was damaged. It was set aside as it is, and what could be read of it is in a new
    /// one.
    SetAside {
        /// Where the damaged file is now.
        kept: PathBuf,
        /// What was found, in SQLite's words.
        reason: String,
        /// What the new file holds, and what it lacks.
        salvaged: Salvaged,
    },
    /// There was a queue in this folder, but its file is gone or empty. A new one was begun.
    Missing {
        /// Where the file was expected.
        expected: PathBuf,
    },
    /// The file is sound, and older than what was written last: the log that held the latest
    /// changes is gone, damaged, or another one's.
    Older {
        /// Where the log that was not used is now, if there is one.
        kept: Option<PathBuf>,
        /// How it was known.
        reason: String,
    },
}

/// An open journal, before it has a thread.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) recovery: Option<Recovery>,
    /// The number that this session leaves in the file with its first write.
    pub(crate) session: u64,
    /// `None` in memory, and for reading only.
    held: Option<Held>,
}

pub(crate) struct Held {
    lock: Lock,
    file: PathBuf,
    wrote: bool,
}

impl Opened {
    fn unheld(connection: Connection, recovery: Option<Recovery>) -> Self {
        Self { connection, recovery, session: 0, held: None }
    }

    /// Whether a session's number is kept at all.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Remembers outside of the database how far this session came.
    pub(crate) fn remember(&mut self, stage: Stage) -> Result<(), JournalError> {
        let session = self.session;
        let Some(held) = &mut self.held else { return Ok(()) };
        held.lock.remember(Memory { made: true, session, stage })?;
        held.wrote = true;
        Ok(())
    }

    /// Folds the log into the file, closes it and gives the folder free.
    pub(crate) fn close(self) {
        let session = self.session;
        let Some(mut held) = self.fold() else { return };
        let ended = Memory { made: true, session, stage: Stage::Ended };
        if let Err(error) = held.lock.remember(ended) {
            tracing::warn!(%error, "the end of the session could not be written down");
        }
    }

    /// All of [`Opened::close`] but its last word, where there is one to say.
    pub(crate) fn fold(self) -> Option<Held> {
        let Some(mut held) = self.held else {
            drop(self.connection);
            return None;
        };
        if held.wrote && is_folded(&self.connection) {
            // Closing takes the log away: whoever finds it gone after a kill has to know why.
            let folded = Memory { made: true, session: self.session, stage: Stage::Folded };
            if let Err(error) = held.lock.remember(folded) {
                tracing::warn!(%error, "the end of the session could not be announced");
            }
        }
        close(self.connection);
        let log = with_suffix(&held.file, LOG);
        let gone = std::fs::metadata(log).map_or(true, |found| found.len() == 0);
        (held.wrote && gone).then_some(held)
    }
}

/// Why a file was not opened.
#[derive(Debug)]
pub(crate) enum OpenFailure {
    /// What is in the file cannot be believed.
    Damaged(String),
    /// A newer version's file.
    Newer,
    /// The system failed; the file may be sound.
    System(JournalError),
}

impl From<rusqlite::Error> for OpenFailure {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            // `Unknown` is what a statement answers that does not fit the tables it finds.
            rusqlite::Error::SqliteFailure(cause, _)
                if matches!(
                    cause.code,
                    ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown
                ) =>
            {
                Self::Damaged(error.to_string())
            }
            rusqlite::Error::SqlInputError { error, .. } if error.code == ErrorCode::Unknown => {
                Self::Damaged(error.to_string())
            }
            _ => Self::System(error.into()),
        }
    }
}

impl From<OpenFailure> for JournalError {
    fn from(failure: OpenFailure) -> Self {
        match failure {
            OpenFailure::Damaged(reason) => Self::Broken(reason),
            OpenFailure::Newer => Self::Newer,
            OpenFailure::System(error) => error,
        }
    }
}

/// Opens the journal in `dir`.
pub(crate) fn open(dir: &Path) -> Result<Opened, JournalError> {
    let dir = folder::prepare(dir)?;
    let file = dir.join(FILE);
    refuse_links(&dir, &file)?;
    let mut lock = Lock::take(&dir.join(LOCK))?;
    let memory = lock.memory();
    crate::salvage::finish(&file)?;
    let mut recovery = look_at_log(&file, memory)?;
    let empty = std::fs::metadata(&file).map_or(true, |found| found.len() == 0);
    let log_found = std::fs::metadata(with_suffix(&file, LOG)).is_ok_and(|log| log.len() > 0);
    let opened = match (empty && memory.made, log_found) {
        // A log without its file would be taken for the new file's.
        (true, true) => Err(OpenFailure::Damaged("only its log is left".to_owned())),
        (true, false) => {
            recovery = Some(Recovery::Missing { expected: file.clone() });
            connect(&file)
        }
        (false, _) => connect(&file),
    };
    let (connection, found) = match opened {
        Err(OpenFailure::Damaged(reason)) => {
            recovery = Some(crate::salvage::salvage(&file, &reason)?);
            connect(&file)?
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
    let held = Some(Held { lock, file, wrote: false });
    Ok(Opened { connection, recovery, session, held })
}

fn refuse_links(dir: &Path, file: &Path) -> Result<(), JournalError> {
    folder::refuse_link(&dir.join(LOCK))?;
    std::iter::once("")
        .chain(COMPANIONS)
        .try_for_each(|suffix| folder::refuse_link(&with_suffix(file, suffix)))
}

/// What is found is kept in the new file until somebody was told; what an earlier start found
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

/// Opens the journal in `dir` for reading; changes it only where nobody holds it and reading does
/// not do.
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
    /// Nobody, it seems: the log has to be looked at.
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
        if !(memory.made && memory.stage == Stage::Ended && no_log) || crate::salvage::is_cut(&file)
        {
            return Err(Refusal::NotSo);
        }
    }
    let connection = Connection::open_with_flags(&file, flags).map_err(not_so)?;
    prepare(&connection).map_err(not_so)?;
    let version: i64 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(not_so)?;
    match usize::try_from(version).map(|version| version.cmp(&crate::schema::STEPS.len())) {
        Ok(Ordering::Greater) => return Err(Refusal::Refused(JournalError::Newer)),
        Ok(Ordering::Less) if version > 0 => {
            let copy = Snapshot::of(&connection).map_err(Refusal::Refused)?;
            return Err(Refusal::Older(Box::new(copy)));
        }
        Ok(Ordering::Equal) => {}
        _ => return Err(Refusal::NotSo),
    }
    check(&connection).and_then(|()| crate::schema::check_columns(&connection)).map_err(
        |failure| match failure {
            OpenFailure::Damaged(_) => Refusal::NotSo,
            other => Refusal::Refused(other.into()),
        },
    )?;
    let recovery = settings::read(&connection, settings::RECOVERY)
        .map_err(Refusal::Refused)?
        .and_then(|text| serde_json::from_str(&text).ok());
    Ok(Opened::unheld(connection, recovery))
}

/// A journal in memory: empty, or with what a snapshot holds.
pub(crate) fn in_memory(snapshot: Option<&Snapshot>) -> Result<Opened, JournalError> {
    let mut connection = Connection::open_in_memory()?;
    if let Some(snapshot) = snapshot {
        snapshot.load(&mut connection)?;
    }
    prepare(&connection)?;
    connection.execute_batch("PRAGMA foreign_keys = ON;")?;
    crate::schema::bring_up_to_date(&mut connection)?;
    Ok(Opened::unheld(connection, None))
}

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

/// What a file was before it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Without a table.
    Blank,
    /// With a queue.
    Queue,
}

/// How untrusted files are read: no function in a schema runs, a page is checked before it is
/// believed, and nothing is written to a folder for temporary files, which may be full.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(FOREIGN_READER)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
    )
}

/// Opens a file for writing, checks it and brings it up to date.
pub(crate) fn connect(file: &Path) -> Result<(Connection, Found), OpenFailure> {
    make_private(file).map_err(OpenFailure::System)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenFailure::System(JournalError::Broken(format!(
            "no write-ahead log on this file system (mode {mode})"
        ))));
    }
    let tables: i64 =
        connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let found = if tables == 0 { Found::Blank } else { Found::Queue };
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = {LOG_LIMIT};"
    ))?;
    check(&connection)?;
    crate::schema::bring_up_to_date(&mut connection)?;
    Ok((connection, found))
}

/// Whether what the file holds is whole: its pages, what the indices say of the rows, and what the
/// sums say of them.
fn check(connection: &Connection) -> Result<(), OpenFailure> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OpenFailure::Damaged(verdict));
    }
    if connection.prepare("SELECT 1 FROM totals").is_ok() && !crate::totals::agree(connection)? {
        return Err(OpenFailure::Damaged("the sums are not those of the rows".to_owned()));
    }
    Ok(())
}

/// Makes the file where it is missing, readable by its owner only; SQLite gives its companions the
/// same rights.
fn make_private(file: &Path) -> Result<(), JournalError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(file).map(drop).map_err(broken)
}

/// Brings everything that the log holds into the file, durably, and leaves the log; says whether
/// it is whole.
fn is_folded(connection: &Connection) -> bool {
    let told = connection.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    matches!(told, Ok((0, log, folded)) if log == folded)
}

/// Folds the log into the file and closes it.
fn close(connection: Connection) {
    // Without the fold nothing is lost: the log is read at the next start.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log stays beside the queue's file");
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the queue's file could not be closed in order");
    }
}
