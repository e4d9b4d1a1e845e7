//! The handle that everybody else holds.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, Row, Rows};
use tokio::sync::oneshot;

use crate::actor::{self, Job, Pending};
use crate::open::{Opened, Recovery};
use crate::{Durability, JournalError};

/// The queue on disk. A cheap handle: clones share one thread, which owns the connection.
///
/// # Cancellation
/// Dropping a call's future takes back nothing: what was asked is still carried out, in order.
///
/// # End
/// [`Journal::close`], or dropping the last handle (which waits for the thread, some milliseconds),
/// finishes what was asked, folds the write-ahead log into the file and gives the folder free.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

struct Shared {
    /// Taken only by `drop`.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    recovery: Option<Recovery>,
    unreadable: Unreadable,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("recovery", &self.shared.recovery).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's thread panicked");
        }
    }
}

/// Counts the rows that did not decode.
#[derive(Clone, Default)]
pub(crate) struct Unreadable(Arc<AtomicU64>);

impl Unreadable {
    /// Decodes a row; one that does not decode is logged, counted and `None`.
    pub(crate) fn keep<T>(
        &self,
        row: &Row<'_>,
        what: &str,
        decode: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        match decode(row) {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.fetch_add(1, Ordering::Relaxed);
                let id = row.get::<_, i64>(0).unwrap_or_default();
                tracing::warn!(what, id, %error, "a row of the journal cannot be read and is left out");
                None
            }
        }
    }

    /// Decodes every row that can be decoded.
    pub(crate) fn collect<T>(
        &self,
        mut rows: Rows<'_>,
        what: &str,
        decode: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let mut kept = Vec::new();
        while let Some(row) = rows.next()? {
            kept.extend(self.keep(row, what, decode));
        }
        Ok(kept)
    }
}

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
    /// link, belongs to or may be written by somebody else, or cannot be used.
    pub async fn open(dir: &Path) -> Result<Self, JournalError> {
        let dir = dir.to_path_buf();
        let (ready, opened) = oneshot::channel();
        let (jobs, inbox) = mpsc::channel();
        let body = move || match crate::open::open(&dir) {
            Ok(Opened { connection, lock, recovery }) => {
                // Nobody waits any more: the folder is given free at once.
                if ready.send(Ok(recovery)).is_ok() {
                    actor::run(&connection, &inbox);
                }
                crate::open::close(connection);
                drop(lock);
                // What was sent after the end hears of it only now, when the folder is free.
                drop(inbox);
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(body)
            .map_err(crate::folder::broken)?;
        let recovery = opened.await.map_err(|_| JournalError::closed())??;
        let shared = Shared {
            jobs: Some(jobs),
            thread: Some(thread),
            recovery,
            unreadable: Unreadable::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Writes nothing of meaning, to learn whether the disk takes writes.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn probe_write(&self) -> Result<(), JournalError> {
        self.write(crate::Durability::Full, |connection| {
            connection.execute(
                "INSERT OR REPLACE INTO settings (name, value) VALUES ('probe', '1')",
                [],
            )?;
            Ok(())
        })
        .await
    }

    /// Finishes what was asked before, folds the log into the file and gives the folder free, also
    /// while other handles exist: those answer [`JournalError::Broken`] from now on.
    pub async fn close(self) {
        let (freed, wait) = oneshot::channel::<()>();
        // The thread drops what it never ran only after it gave the folder free: this sender with
        // it.
        let signal = Job::Read(Box::new(move |_| drop(freed)));
        if self.send(Job::Close).is_ok() && self.send(signal).is_ok() {
            drop(wait.await);
        }
    }

    /// What happened to an older file at [`Journal::open`]; a person has to be told.
    pub fn recovery_notice(&self) -> Option<Recovery> {
        self.shared.recovery.clone()
    }

    /// How many rows were left out of answers because they do not decode, since the journal was
    /// opened (each time counted).
    pub fn unreadable_rows(&self) -> u64 {
        self.shared.unreadable.0.load(Ordering::Relaxed)
    }

    pub(crate) fn unreadable(&self) -> Unreadable {
        self.shared.unreadable.clone()
    }

    fn send(&self, job: Job) -> Result<(), JournalError> {
        let jobs = self.shared.jobs.as_ref().ok_or_else(JournalError::closed)?;
        jobs.send(job).map_err(|_| JournalError::closed())
    }

    /// Runs `work` on the thread, outside of any transaction, after everything asked before.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Read(Box::new(move |connection| drop(reply.send(work(connection))))))?;
        answer.await.map_err(|_| JournalError::closed())?
    }

    /// Runs `work` in a transaction and answers after its commit. `work` may run again after a
    /// rollback.
    pub(crate) async fn write<T, F>(
        &self,
        durability: Durability,
        work: F,
    ) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, JournalError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write(Box::new(Pending::new(durability, work, reply))))?;
        answer.await.map_err(|_| JournalError::closed())?
    }
}
