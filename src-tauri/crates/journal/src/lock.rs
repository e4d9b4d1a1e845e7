//! The lock that keeps a second process out. The system drops it with the process, however that
//! ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::JournalError;
use crate::folder::{broken, private};

/// What the lock's file says once a queue was made in this folder.
const MADE: &str = "a queue was made here\n";
/// The folder's lock; held while this lives.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`JournalError::Busy`] when another process has it.
    pub(crate) fn take(path: &Path) -> Result<Self, JournalError> {
        let file = private().open(path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(JournalError::Busy),
            Err(TryLockError::Error(error)) => Err(broken(error)),
        }
    }

    /// What the lock's file remembers, without taking the lock.
    pub(crate) fn peek(path: &Path) -> Memory {
        std::fs::read_to_string(path).map(|text| Memory::parse(&text)).unwrap_or_default()
    }

    /// What the lock's file remembers. What cannot be read is taken for a first start's.
    pub(crate) fn memory(&mut self) -> Memory {
        let mut text = String::new();
        if self.0.rewind().is_err() || self.0.read_to_string(&mut text).is_err() {
            return Memory::default();
        }
        Memory::parse(&text)
    }

    /// Replaces what is remembered, durably.
    ///
    /// # Errors
    /// [`JournalError::Full`] and what else a disk may say.
    pub(crate) fn remember(&mut self, memory: Memory) -> Result<(), JournalError> {
        // Every text has the same length, so that nothing of an older one is left, and a full disk
        // has no say in it.
        self.0
            .rewind()
            .and_then(|()| self.0.write_all(memory.text().as_bytes()))
            .and_then(|()| self.0.sync_all())
            .map_err(|error| JournalError::of_write(&error))
    }
}

/// What is remembered outside of the database, so that a database that is gone, or is an older one,
/// is known for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Memory {
    /// Whether a queue was made in this folder: if so, a missing file is a loss and no first start.
    pub(crate) made: bool,
    /// The number of the session that wrote last.
    pub(crate) session: u64,
    /// How far that session came.
    pub(crate) stage: Stage,
}

/// How far a session came that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    /// It is about to write its number into the database.
    Begun,
    /// Its number is in the database, and whatever it wrote may be in the log only.
    Open,
    /// It is ending: everything is in the file, and the log may be gone or not.
    Folded,
    /// It ended by itself: everything is in the file, and the log is gone.
    #[default]
    Ended,
}

impl Stage {
    /// All of one length.
    fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Open => "open-",
            Self::Folded => "folds",
            Self::Ended => "ended",
        }
    }
}

impl Memory {
    fn parse(text: &str) -> Self {
        let Some(rest) = text.strip_prefix(MADE) else { return Self::default() };
        let mut words = rest.split_whitespace();
        let session = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        let word = words.next();
        let stages = [Stage::Begun, Stage::Open, Stage::Folded];
        let stage = stages.into_iter().find(|stage| word == Some(stage.word()));
        Self { made: true, session, stage: stage.unwrap_or_default() }
    }

    fn text(self) -> String {
        format!("{MADE}{:020} {}\n", self.session, self.stage.word())
    }
}
