//! What can go wrong with the journal.

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
            Self::Broken(_) | Self::Newer => FaultKind::JournalBroken,
            Self::NameTaken | Self::InUse | Self::NotFound => FaultKind::InvalidInput,
        };
        match self {
            Self::Busy | Self::Full => Fault::new(kind),
            _ => Fault::new(kind).with_detail(self.to_string()),
        }
    }

    /// What every call answers once the thread is gone.
    pub(crate) fn closed() -> Self {
        Self::Broken("it was closed".to_owned())
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::SqliteFailure(cause, _) = &error {
            // Where the disk is full, the shared-memory file beside the WAL cannot grow either, and
            // says so in its own way.
            if cause.code == ErrorCode::DiskFull || cause.extended_code == ffi::SQLITE_IOERR_SHMSIZE
            {
                return Self::Full;
            }
        }
        Self::Broken(error.to_string())
    }
}
