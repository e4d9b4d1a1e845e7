//! What can go wrong with the journal.

use std::cell::Cell;

use ferry_model::{Fault, FaultKind};
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why the journal could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Another process holds the folder.
    #[error("another Ferry is running with this data folder")]
    Busy,
    /// No room for the write. Nothing of it was kept; the handle stays usable.
    #[error("the disk that holds Ferry's data is full")]
    Full,
    /// The disk failed a write or a read. Nothing of it was kept; the handle stays usable.
    #[error("the disk that holds Ferry's data fails: {0}")]
    Io(String),
    /// The folder or its file system cannot be written, or the journal was opened for reading only.
    /// The handle stays usable.
    #[error("the queue cannot be written: {0}")]
    ReadOnly(String),
    /// The folder or the file cannot be used, or SQLite failed.
    #[error("the queue's file cannot be used: {0}")]
    Broken(String),
    /// A newer Ferry wrote this file; it is left as it is.
    #[error("a newer Ferry wrote this queue")]
    Newer,
    /// Another saved profile has that name, up to upper and lower case.
    #[error("a profile of that name exists")]
    NameTaken,
    /// The profile has transfers that have not ended.
    #[error("the profile has transfers that have not ended")]
    InUse,
    /// No row of that number.
    #[error("there is no such row")]
    NotFound,
}

impl JournalError {
    /// The fault that shows this to a person.
    pub fn fault(&self) -> Fault {
        let kind = match self {
            Self::Busy => FaultKind::JournalBusy,
            Self::Full => FaultKind::DiskFull,
            Self::Io(_) | Self::ReadOnly(_) | Self::Broken(_) | Self::Newer => {
                FaultKind::JournalBroken
            }
            Self::NameTaken | Self::InUse | Self::NotFound => FaultKind::InvalidInput,
        };
        match self {
            Self::Busy | Self::Full => Fault::new(kind),
            _ => Fault::new(kind).with_detail(self.to_string()),
        }
    }

    /// Whether the cause may go away while Ferry runs: the same call may succeed later, and
    /// [`crate::Journal::probe_write`] tells when.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Full | Self::Io(_) | Self::ReadOnly(_))
    }

    /// An error of the file system while something is written.
    pub(crate) fn of_write(error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{
            PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        match error.kind() {
            StorageFull | QuotaExceeded => Self::Full,
            ReadOnlyFilesystem | PermissionDenied => Self::ReadOnly(error.to_string()),
            _ => Self::Io(error.to_string()),
        }
    }

    /// What every call answers once the thread is gone.
    pub(crate) fn closed() -> Self {
        Self::Broken("it was closed".to_owned())
    }
}

thread_local! {
    /// Whether SQLite found the file damaged on this thread, which is that of a journal.
    static DAMAGED: Cell<bool> = const { Cell::new(false) };
}

/// Whether SQLite found the file damaged since this was asked last, on a journal's thread.
pub(crate) fn take_damage() -> bool {
    DAMAGED.replace(false)
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::SqliteFailure(cause, _) = &error {
            // Where the disk is full, the shared-memory file beside the WAL cannot grow either, and
            // says so in its own way.
            if cause.extended_code == ffi::SQLITE_IOERR_SHMSIZE {
                return Self::Full;
            }
            match cause.code {
                ErrorCode::DiskFull => return Self::Full,
                // The log and its companion are opened with the first statement.
                ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => {
                    return Self::Io(error.to_string());
                }
                ErrorCode::ReadOnly => return Self::ReadOnly(error.to_string()),
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => DAMAGED.set(true),
                _ => {}
            }
        }
        Self::Broken(error.to_string())
    }
}
