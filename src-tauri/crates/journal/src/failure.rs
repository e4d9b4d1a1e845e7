//! Why a file was not opened.

use rusqlite::ErrorCode;

use crate::JournalError;

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
