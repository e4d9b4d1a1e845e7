//! The lock that keeps a second process out. The system drops it with the process, however that
//! ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::JournalError;
use crate::folder::broken;

/// What the lock's file says once a queue was made in this folder.
const MADE: &[u8] = b"a queue was made here\n";

/// The folder's lock; held while this lives.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`JournalError::Busy`] when somebody has it.
    pub(crate) fn take(path: &Path) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(JournalError::Busy),
            Err(TryLockError::Error(error)) => Err(broken(error)),
        }
    }

    /// Whether a queue was made in this folder before: if so, a missing file is a loss and no first
    /// start.
    pub(crate) fn queue_was_made(&mut self) -> bool {
        let mut text = Vec::new();
        self.0.rewind().is_ok() && self.0.read_to_end(&mut text).is_ok() && text == MADE
    }

    /// Remembers that a queue was made.
    pub(crate) fn remember_made(&mut self) -> Result<(), JournalError> {
        self.0
            .rewind()
            .and_then(|()| self.0.write_all(MADE))
            .and_then(|()| self.0.sync_all())
            .map_err(broken)
    }
}
