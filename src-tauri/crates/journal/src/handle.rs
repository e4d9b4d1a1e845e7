//! The handle that everybody else holds.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, Row, Rows};
use tokio::sync::oneshot;

use crate::actor::{Executor, FaultHook, Job, Next, Pending};
use crate::open::{Opened, Recovery};
use crate::{Durability, JournalError, Snapshot, settings};

/// The queue on disk. A cheap handle: clones share one thread, which owns the connection; or none
/// ([`Journal::inline`]), and every call does its work where it is made.
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
    port: Port,
    access: Access,
    dir: Option<PathBuf>,
    recovery: Option<Recovery>,
    unreadable: Unreadable,
}

/// Where jobs go.
enum Port {
    /// To a thread.
    Thread {
        /// Taken only by `drop`.
        jobs: Option<mpsc::Sender<Job>>,
        thread: Option<JoinHandle<()>>,
    },
    /// Nowhere: they run on the caller's. `None` once it is closed.
    Inline(Mutex<Option<Box<Executor>>>),
}

/// What a handle may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    ReadOnly,
    ReadWrite,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("recovery", &self.shared.recovery).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        match &mut self.port {
            Port::Thread { jobs, thread } => {
                *jobs = None;
                if let Some(thread) = thread.take()
                    && thread.join().is_err()
                {
                    tracing::error!("the journal's thread panicked");
                }
            }
            Port::Inline(executor) => {
                let executor = executor.get_mut().unwrap_or_else(PoisonError::into_inner);
                if let Some(executor) = executor.take() {
                    executor.close();
                }
            }
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
        Self::start(dir, Access::ReadWrite, crate::open::open).await
    }

    /// Opens the journal in `dir` for reading, also while another process holds it: what is
    /// committed is seen, and the file and its schema stay as they are. Every write answers
    /// [`JournalError::ReadOnly`].
    ///
    /// Where nobody holds the folder and reading does not do (there is no queue yet, an older
    /// version's has to be brought up to date, a damaged one salvaged), it is opened as by
    /// [`Journal::open`] first. An older version's that is held is read from a copy in memory.
    ///
    /// # Errors
    /// As [`Journal::open`]; [`JournalError::Busy`] only where a damaged or missing queue is held.
    pub async fn open_reading(dir: &Path) -> Result<Self, JournalError> {
        Self::start(dir, Access::ReadOnly, crate::open::open_reading).await
    }

    async fn start(
        dir: &Path,
        access: Access,
        open: fn(&Path) -> Result<Opened, JournalError>,
    ) -> Result<Self, JournalError> {
        let place = dir.to_path_buf();
        let (ready, opened) = oneshot::channel();
        let (jobs, inbox) = mpsc::channel();
        let body = move || match open(&place) {
            Ok(opened) => {
                let recovery = opened.recovery.clone();
                let mut executor = Executor::new(opened);
                // Nobody waits any more: the folder is given free at once.
                if ready.send(Ok(recovery)).is_ok() {
                    executor.run(&inbox);
                }
                executor.close();
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
        let port = Port::Thread { jobs: Some(jobs), thread: Some(thread) };
        Ok(Self::with_port(port, access, Some(dir.to_path_buf()), recovery))
    }

    fn with_port(
        port: Port,
        access: Access,
        dir: Option<PathBuf>,
        recovery: Option<Recovery>,
    ) -> Self {
        let unreadable = Unreadable::default();
        Self { shared: Arc::new(Shared { port, access, dir, recovery, unreadable }) }
    }

    /// An empty journal in memory that runs every job on the caller's thread, in the order of the
    /// calls: no thread, no file, no clock, so that a simulation is the same each time.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub fn inline() -> Result<Self, JournalError> {
        Ok(Self::inline_with(crate::open::in_memory(None)?, None))
    }

    /// As [`Journal::inline`], with what a journal held when the snapshot was taken.
    ///
    /// # Errors
    /// [`JournalError::Broken`] for what is no snapshot, [`JournalError::Newer`].
    pub fn from_snapshot(snapshot: &Snapshot) -> Result<Self, JournalError> {
        Ok(Self::inline_with(crate::open::in_memory(Some(snapshot))?, None))
    }

    /// As [`Journal::open`], but with every job on the caller's thread.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn inline_at(dir: &Path) -> Result<Self, JournalError> {
        Ok(Self::inline_with(crate::open::open(dir)?, Some(dir.to_path_buf())))
    }

    fn inline_with(opened: Opened, dir: Option<PathBuf>) -> Self {
        let recovery = opened.recovery.clone();
        let port = Port::Inline(Mutex::new(Some(Box::new(Executor::new(opened)))));
        Self::with_port(port, Access::ReadWrite, dir, recovery)
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
        let dir = self.shared.dir.clone();
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
        self.shared.recovery.clone()
    }

    /// Somebody was told: the next [`Journal::open`] no longer reports it.
    ///
    /// # Errors
    /// [`JournalError::Full`] and what else a write may answer.
    pub async fn acknowledge_recovery(&self) -> Result<(), JournalError> {
        self.write(Durability::Full, |connection| settings::forget(connection, settings::RECOVERY))
            .await
    }

    /// How many rows were left out of answers because they do not decode, since the journal was
    /// opened (each time counted). Which transfers those are is told by
    /// [`Journal::unreadable_transfers`].
    pub fn unreadable_rows(&self) -> u64 {
        self.shared.unreadable.0.load(Ordering::Relaxed)
    }

    /// Whether this handle refuses every write.
    pub fn is_read_only(&self) -> bool {
        self.shared.access == Access::ReadOnly
    }

    pub(crate) fn unreadable(&self) -> Unreadable {
        self.shared.unreadable.clone()
    }

    fn send(&self, job: Job) -> Result<(), JournalError> {
        match &self.shared.port {
            Port::Thread { jobs, .. } => {
                let jobs = jobs.as_ref().ok_or_else(JournalError::closed)?;
                jobs.send(job).map_err(|_| JournalError::closed())
            }
            Port::Inline(executor) => {
                let mut executor = executor.lock().unwrap_or_else(PoisonError::into_inner);
                match executor.as_mut().map(|executor| executor.execute(job)) {
                    None => return Err(JournalError::closed()),
                    Some(Next::GoOn) => {}
                    Some(Next::End) => {
                        if let Some(executor) = executor.take() {
                            executor.close();
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// Runs `work` outside of any transaction, after everything asked before.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Job::Read(Box::new(move |connection: Result<&Connection, JournalError>| {
            drop(reply.send(connection.and_then(work)));
        }));
        self.send(job)?;
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
        if self.shared.access == Access::ReadOnly {
            return Err(JournalError::ReadOnly("it was opened for reading only".to_owned()));
        }
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write(Box::new(Pending::new(durability, work, reply))))?;
        answer.await.map_err(|_| JournalError::closed())?
    }
}

/// The setting that a probe writes.
const PROBE: &str = "journal.probe";
