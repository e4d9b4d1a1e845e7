//! Opening: folder, lock, file, checks, schema; and what becomes of a file that cannot be believed.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::JournalError;
use crate::folder::{self, broken};
use crate::lock::Lock;

pub(crate) const FILE: &str = "ferry.db";
const LOCK: &str = "ferry.lock";
/// The files SQLite keeps beside the database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// How long a statement waits for a foreign reader (a backup program); our own processes are kept
/// out by the lock.
const FOREIGN_READER: Duration = Duration::from_secs(5);
/// Statements kept prepared: about twice as many as there are in this crate.
const CACHED_STATEMENTS: usize = 96;

/// What happened to an older queue when the journal was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// The file was damaged. It was set aside as it is, and a new, empty queue begun.
    SetAside {
        /// Where the damaged file is now.
        kept: PathBuf,
        /// What was found, in SQLite's words.
        reason: String,
    },
    /// There was a queue in this folder, but its file is gone or empty. A new one was begun.
    Missing {
        /// Where the file was expected.
        expected: PathBuf,
    },
}

/// An open journal, before it has a thread.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) lock: Lock,
    pub(crate) recovery: Option<Recovery>,
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
    folder::refuse_link(&dir.join(LOCK))?;
    for path in std::iter::once(file.clone())
        .chain(COMPANIONS.iter().map(|suffix| with_suffix(&file, suffix)))
    {
        folder::refuse_link(&path)?;
    }
    let mut lock = Lock::take(&dir.join(LOCK))?;
    let made_before = lock.queue_was_made();
    let empty = std::fs::metadata(&file).map_or(true, |found| found.len() == 0);
    let mut recovery = None;
    if made_before && empty {
        // A log without its file would be taken for the new file's.
        set_aside(&file)?;
        recovery = Some(Recovery::Missing { expected: file.clone() });
    }
    let connection = match connect(&file) {
        Err(OpenFailure::Damaged(reason)) => {
            let kept = set_aside(&file)?;
            tracing::error!(kept = %kept.display(), reason, "the queue's file is damaged: set aside, a new one begun");
            recovery = Some(Recovery::SetAside { kept, reason });
            connect(&file)?
        }
        other => other?,
    };
    if !made_before {
        lock.remember_made()?;
    }
    Ok(Opened { connection, lock, recovery })
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Moves the file and its companions to the first free `ferry.db.corrupt-<n>`, names kept such that
/// SQLite's own tools find them.
fn set_aside(file: &Path) -> Result<PathBuf, JournalError> {
    let taken = |path: &Path| {
        std::iter::once("")
            .chain(COMPANIONS)
            .any(|suffix| with_suffix(path, suffix).symlink_metadata().is_ok())
    };
    let free = (1u32..)
        .map(|number| with_suffix(file, &format!(".corrupt-{number}")))
        .find(|path| !taken(path));
    let kept =
        free.ok_or_else(|| JournalError::Broken("too many damaged files are kept".to_owned()))?;
    for suffix in std::iter::once("").chain(COMPANIONS) {
        let from = with_suffix(file, suffix);
        if from.symlink_metadata().is_ok() {
            std::fs::rename(&from, with_suffix(&kept, suffix)).map_err(broken)?;
        }
    }
    Ok(kept)
}

fn connect(file: &Path) -> Result<Connection, OpenFailure> {
    make_private(file).map_err(OpenFailure::System)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(FOREIGN_READER)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Untrusted: no function in a schema runs, and a page is checked before it is believed.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenFailure::System(JournalError::Broken(format!(
            "no write-ahead log on this file system (mode {mode})"
        ))));
    }
    let verdict: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OpenFailure::Damaged(verdict));
    }
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    crate::schema::bring_up_to_date(&mut connection)?;
    Ok(connection)
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

/// Folds the log into the file and closes it.
pub(crate) fn close(connection: Connection) {
    // Without the fold nothing is lost: the log is read at the next start.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log stays beside the queue's file");
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the queue's file could not be closed in order");
    }
}
