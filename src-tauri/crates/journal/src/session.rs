//! How a journal is begun, looked after and ended.

use std::path::Path;

use tokio::sync::oneshot;

use crate::actor::Job;
use crate::connect::in_memory;
use crate::handle::Access;
use crate::{Durability, FaultHook, Journal, JournalError, Recovery, Snapshot, settings};

/// The setting that a probe writes.
const PROBE: &str = "journal.probe";

impl Journal {
    /// Opens the journal in `dir`, making the folder (0700) and the file (0600) where they are
    /// missing, and brings the schema up to date in one transaction. Holds the folder's lock until
    /// [`Journal::close`] or the last handle's end.
    ///
    /// A file that is damaged is set aside, and a new one begun: see [`Journal::recovery_notice`].
    ///
    /// # Errors
    /// [`JournalError::Busy`] when another process (or handle) has it open, [`JournalError::Newer`]
    /// for a newer version's file, [`JournalError::Full`], [`JournalError::Broken`] when `dir` is a
    /// link, belongs to or may be written by another user, or cannot be used.
    pub async fn open(dir: &Path) -> Result<Self, JournalError> {
        Self::start(dir, Access::ReadWrite, crate::open::open).await
    }

    /// Opens the journal in `dir` for reading, also while another process holds it: what is
    /// committed is seen, and the file and its schema stay as they are. Every write answers
    /// [`JournalError::ReadOnly`].
    ///
    /// Where no process holds the folder and reading does not do (there is no queue yet, an older
    /// version's has to be brought up to date, a damaged one salvaged), it is opened as by
    /// [`Journal::open`] first. An older version's that is held is read from a copy in memory.
    ///
    /// # Errors
    /// As [`Journal::open`]; [`JournalError::Busy`] only where a damaged or missing queue is held.
    pub async fn open_reading(dir: &Path) -> Result<Self, JournalError> {
        Self::start(dir, Access::ReadOnly, crate::open::open_reading).await
    }

    /// An empty journal in memory that runs every job on the caller's thread, in the order of the
    /// calls: no thread, no file, no clock, so that a simulation is the same each time.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub fn inline() -> Result<Self, JournalError> {
        Ok(Self::inline_with(in_memory(None)?, None))
    }

    /// As [`Journal::inline`], with what a journal held when the snapshot was taken.
    ///
    /// # Errors
    /// [`JournalError::Broken`] for what is no snapshot, [`JournalError::Newer`].
    pub fn from_snapshot(snapshot: &Snapshot) -> Result<Self, JournalError> {
        Ok(Self::inline_with(in_memory(Some(snapshot))?, None))
    }

    /// As [`Journal::open`], but with every job on the caller's thread.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn inline_at(dir: &Path) -> Result<Self, JournalError> {
        Ok(Self::inline_with(crate::open::open(dir)?, Some(dir.to_path_buf())))
    }

    /// What is committed now, to begin from later ([`Journal::from_snapshot`]): a crash at this
    /// moment would leave the same.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn snapshot(&self) -> Result<Snapshot, JournalError> {
        self.read(Snapshot::of).await
    }

    /// From now on, each step of a job asks `hook` first, and fails where that says so. For tests
    /// that let the i-th step fail, for all i; nothing else calls it.
    ///
    /// # Errors
    /// [`JournalError::Broken`] when it was closed.
    pub fn fail_where(&self, hook: FaultHook) -> Result<(), JournalError> {
        self.send(Job::Hook(hook))
    }

    /// Whether a write would succeed now: writes some pages beside the queue's file and a commit
    /// into it, durably, and leaves nothing. Cheap enough to ask every few seconds after a write
    /// failed for a cause that [`JournalError::may_pass`].
    ///
    /// # Errors
    /// Why it would not.
    pub async fn probe_write(&self) -> Result<(), JournalError> {
        let dir = self.dir();
        // Before the transaction, and only once: a log that was written before has room of its own
        // and says nothing about the disk.
        self.read(move |_| dir.as_deref().map_or(Ok(()), crate::folder::probe)).await?;
        self.write(Durability::Full, |connection| settings::write(connection, PROBE, "")).await
    }

    /// Finishes what was asked before, folds the log into the file and gives the folder free, also
    /// while other handles exist: those answer [`JournalError::Broken`] from now on.
    pub async fn close(self) {
        let (freed, wait) = oneshot::channel::<()>();
        // The thread drops what it never ran only after it gave the folder free: this sender with
        // it.
        let signal = Job::Read(Box::new(move |_| drop(freed)));
        // An inline journal is closed when the first call returns, and refuses the second.
        if self.send(Job::Close).is_ok() && self.send(signal).is_ok() {
            drop(wait.await);
        }
    }

    /// What happened to an older file, at this [`Journal::open`] or at an earlier one; a person has
    /// to be told, and then [`Journal::acknowledge_recovery`] called.
    pub fn recovery_notice(&self) -> Option<Recovery> {
        self.recovery()
    }

    /// The user was told: the next [`Journal::open`] no longer reports it.
    ///
    /// # Errors
    /// [`JournalError::Full`] and what else a write may answer.
    pub async fn acknowledge_recovery(&self) -> Result<(), JournalError> {
        self.write(Durability::Full, |connection| settings::forget(connection, settings::RECOVERY))
            .await
    }

    /// A setting's value, if it was ever set. Names that begin with `journal.` are the journal's
    /// own.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn setting(&self, name: &str) -> Result<Option<String>, JournalError> {
        let name = name.to_owned();
        self.read(move |connection| settings::read(connection, &name)).await
    }

    /// Sets a setting, durably.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), JournalError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(Durability::Full, move |connection| settings::write(connection, &name, &value))
            .await
    }
}
