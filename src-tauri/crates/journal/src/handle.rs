//! The handle that everybody else holds.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use ferry_model::bench::Percentiles;
use ferry_model::times::Times;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::actor::{Executor, Job, Next, Pending};
use crate::opened::Opened;
use crate::read_profiles::ReadProfiles;
use crate::unreadable::Unreadable;
use crate::{Durability, JournalError, Recovery};

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
    profiles: ReadProfiles,
    commits: CommitTimes,
}

/// How long commits took.
pub(crate) type CommitTimes = Arc<Mutex<Times>>;

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

impl Journal {
    /// Starts a thread that opens the journal and then does what is asked of it.
    pub(crate) async fn start(
        dir: &Path,
        access: Access,
        open: fn(&Path) -> Result<Opened, JournalError>,
    ) -> Result<Self, JournalError> {
        let place = dir.to_path_buf();
        let (ready, opened) = oneshot::channel();
        let (jobs, inbox) = mpsc::channel();
        let commits = CommitTimes::default();
        let committed = Arc::clone(&commits);
        let body = move || match open(&place) {
            Ok(opened) => {
                let recovery = opened.recovery.clone();
                let mut executor = Executor::new(opened, committed);
                // Its caller is gone: the folder is given free at once.
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
        Ok(Self::with_port(port, access, Some(dir.to_path_buf()), recovery, commits))
    }

    fn with_port(
        port: Port,
        access: Access,
        dir: Option<PathBuf>,
        recovery: Option<Recovery>,
        commits: CommitTimes,
    ) -> Self {
        let (unreadable, profiles) = Default::default();
        let shared = Shared { port, access, dir, recovery, unreadable, profiles, commits };
        Self { shared: Arc::new(shared) }
    }

    /// A journal on the caller's thread.
    pub(crate) fn inline_with(opened: Opened, dir: Option<PathBuf>) -> Self {
        let recovery = opened.recovery.clone();
        let commits = CommitTimes::default();
        let executor = Executor::new(opened, Arc::clone(&commits));
        let port = Port::Inline(Mutex::new(Some(Box::new(executor))));
        Self::with_port(port, Access::ReadWrite, dir, recovery, commits)
    }

    /// How many rows were left out of answers because they do not decode, since the journal was
    /// opened (each time counted). Which transfers those are is told by
    /// [`Journal::unreadable_transfers`].
    pub fn unreadable_rows(&self) -> u64 {
        self.shared.unreadable.count()
    }

    /// How long the commits of this handle took, with all that was written in them.
    pub fn commit_times(&self) -> Percentiles {
        self.shared.commits.lock().unwrap_or_else(PoisonError::into_inner).percentiles()
    }

    /// Whether this handle refuses every write.
    pub fn is_read_only(&self) -> bool {
        self.shared.access == Access::ReadOnly
    }

    pub(crate) fn unreadable(&self) -> Unreadable {
        self.shared.unreadable.clone()
    }

    pub(crate) fn read_profiles(&self) -> ReadProfiles {
        self.shared.profiles.clone()
    }

    /// What happened to an older file.
    pub(crate) fn recovery(&self) -> Option<Recovery> {
        self.shared.recovery.clone()
    }

    /// The folder; `None` in memory.
    pub(crate) fn dir(&self) -> Option<PathBuf> {
        self.shared.dir.clone()
    }

    /// Sends a job to the thread that carries it out.
    ///
    /// # Errors
    /// [`JournalError::Broken`] when it was closed.
    pub(crate) fn send(&self, job: Job) -> Result<(), JournalError> {
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
