//! What owns the connection, and how it commits: on a thread of its own, or on the caller's.
//!
//! Jobs run in the order they were sent. Writes that wait in a row share one transaction (group
//! commit): it is synced when one of them asked for it, and each caller hears only after the
//! commit. Inside, every write has a savepoint of its own, so one that fails takes nothing else
//! with it. Where the transaction as a whole fails (a full disk can roll it back at any statement),
//! every write of it is tried once more by itself, so that what still fits gets in.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ferry_model::times::Times;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::lock::Stage;
use crate::opened::Opened;
use crate::{JournalError, settings};

/// Most writes in one transaction: bounds how long the first of them waits.
const MAX_GROUP: usize = 512;

/// What an acknowledged write outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// The end of this process; a power cut may lose it, but tears nothing. For what the store can
    /// be asked again.
    Normal,
    /// A power cut.
    Full,
}

/// A write as the thread sees it.
pub(crate) trait Write: Send {
    /// What it asked for.
    fn durability(&self) -> Durability;
    /// Does the work and keeps the result; says whether it succeeded. May be called again after a
    /// rollback.
    fn run(&mut self, connection: &Connection) -> Result<(), JournalError>;
    /// Tells the caller: the kept result, or why the commit failed.
    fn settle(self: Box<Self>, commit: Result<(), JournalError>);
}

/// What a job does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// A job that only reads.
    Read,
    /// The begin of a transaction: nothing of it is done yet.
    Begin,
    /// The commit of a transaction: everything of it is done, and nothing kept yet.
    Commit,
}

/// One step that a [`FaultHook`] may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// How many came before it on this connection.
    pub number: u64,
    /// What it does.
    pub kind: OperationKind,
}

/// Asked before each step; an error is the step's outcome in its place.
pub type FaultHook = Box<dyn FnMut(Operation) -> Option<JournalError> + Send>;

/// What reads: with the connection, or with why it cannot be had.
type Read = Box<dyn FnOnce(Result<&Connection, JournalError>) + Send>;

/// What is sent to the executor.
pub(crate) enum Job {
    /// Looks, changes nothing.
    Read(Read),
    /// Makes steps fail from now on, for tests.
    Hook(FaultHook),
    /// Changes something.
    Write(Box<dyn Write>),
    /// Ends the thread after everything before it.
    Close,
}

/// A write with its caller.
pub(crate) struct Pending<T, F> {
    durability: Durability,
    work: F,
    result: Option<Result<T, JournalError>>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T, F> Pending<T, F> {
    pub(crate) fn new(
        durability: Durability,
        work: F,
        reply: oneshot::Sender<Result<T, JournalError>>,
    ) -> Self {
        Self { durability, work, result: None, reply }
    }
}

impl<T, F> Write for Pending<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, JournalError> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, connection: &Connection) -> Result<(), JournalError> {
        let result = (self.work)(connection);
        let outcome = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.result = Some(result);
        outcome
    }

    fn settle(self: Box<Self>, commit: Result<(), JournalError>) {
        let result = match (commit, self.result) {
            // A write's own failure says more than the transaction's.
            (_, Some(Err(error))) | (Err(error), _) => Err(error),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(JournalError::closed()),
        };
        // A caller that no longer waits changes nothing: the write is done.
        drop(self.reply.send(result));
    }
}

/// The connection, with all that a commit needs.
pub(crate) struct Executor {
    opened: Opened,
    synced: Option<Durability>,
    marked: Marked,
    hook: Option<FaultHook>,
    operations: u64,
    /// How long commits took: for people, nothing is decided by it.
    commits: Arc<Mutex<Times>>,
}

/// Whether this session's first write has left its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marked {
    Yes,
    NotYet,
}

/// Whether the executor takes further jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    GoOn,
    End,
}

impl Executor {
    pub(crate) fn new(opened: Opened, commits: Arc<Mutex<Times>>) -> Self {
        let (synced, hook, operations) = (None, None, 0);
        Self { opened, synced, marked: Marked::NotYet, hook, operations, commits }
    }

    /// Runs jobs until the last sender is gone or a [`Job::Close`] comes.
    pub(crate) fn run(&mut self, jobs: &Receiver<Job>) {
        let mut held = None;
        loop {
            let job = match held.take() {
                Some(job) => job,
                None => match jobs.recv() {
                    Ok(job) => job,
                    Err(_) => return,
                },
            };
            if let Job::Write(first) = job {
                let mut group = vec![first];
                held = gather(jobs, &mut group);
                self.commit(group);
            } else if self.execute(job) == Next::End {
                return;
            }
        }
    }

    /// Runs one job by itself.
    pub(crate) fn execute(&mut self, job: Job) -> Next {
        match job {
            Job::Close => return Next::End,
            Job::Hook(hook) => self.hook = Some(hook),
            Job::Read(work) => match self.step(OperationKind::Read) {
                Ok(()) => work(Ok(&self.opened.connection)),
                Err(error) => work(Err(error)),
            },
            Job::Write(write) => self.commit(vec![write]),
        }
        Next::GoOn
    }

    /// Folds the log into the file and gives the folder free.
    pub(crate) fn close(self) {
        self.opened.close();
    }

    /// Counts a step, and fails it where the hook says so.
    fn step(&mut self, kind: OperationKind) -> Result<(), JournalError> {
        let operation = Operation { number: self.operations, kind };
        self.operations += 1;
        self.hook.as_mut().and_then(|hook| hook(operation)).map_or(Ok(()), Err)
    }

    fn commit(&mut self, mut group: Vec<Box<dyn Write>>) {
        let whole = self.transact(&mut group);
        if whole.is_ok() || group.len() == 1 {
            for write in group {
                write.settle(whole.clone());
            }
            return;
        }
        for write in group {
            let mut alone = [write];
            let outcome = self.transact(&mut alone);
            let [write] = alone;
            write.settle(outcome);
        }
    }

    /// One transaction around the group. An error means that nothing of it was kept; a single
    /// write's failure is no error here.
    fn transact(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), JournalError> {
        let wanted = group.iter().map(|write| write.durability()).max().unwrap_or(Durability::Full);
        let began = Instant::now();
        let outcome = self.prepare(wanted).and_then(|()| self.attempt(group));
        if outcome.is_ok() {
            self.commits.lock().unwrap_or_else(PoisonError::into_inner).record(began.elapsed());
        }
        let connection = &self.opened.connection;
        if outcome.is_err() && !connection.is_autocommit() {
            // SQLite may already have rolled back by itself; where it has not, nothing may stay
            // half open.
            if let Err(error) = connection.execute_batch("ROLLBACK") {
                tracing::error!(%error, "a failed transaction could not be rolled back");
            }
        }
        outcome
    }

    /// What comes before a transaction.
    fn prepare(&mut self, wanted: Durability) -> Result<(), JournalError> {
        self.step(OperationKind::Begin)?;
        if self.marked == Marked::NotYet {
            self.mark()?;
        }
        synchronise(&self.opened.connection, wanted, &mut self.synced)
    }

    /// Leaves this session's number in the file and beside it, before anything is written: by it, a
    /// file that is older than what was written last is known for it.
    fn mark(&mut self) -> Result<(), JournalError> {
        if self.opened.is_held() {
            self.opened.remember(Stage::Begun)?;
            synchronise(&self.opened.connection, Durability::Full, &mut self.synced)?;
            let session = self.opened.session.to_string();
            settings::write(&self.opened.connection, settings::SESSION, &session)?;
            self.opened.remember(Stage::Open)?;
        }
        self.marked = Marked::Yes;
        Ok(())
    }

    fn attempt(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), JournalError> {
        let connection = &self.opened.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        if let [only] = group {
            // The transaction is its savepoint. SQLite would copy each page a second time for
            // another, which a bulk write feels.
            only.run(connection)?;
        } else {
            for write in group {
                attempt_one(connection, write.as_mut())?;
            }
        }
        self.step(OperationKind::Commit)?;
        self.opened.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }
}

/// Takes the writes that already wait; returns the job that ended the row, if one did.
fn gather(jobs: &Receiver<Job>, group: &mut Vec<Box<dyn Write>>) -> Option<Job> {
    while group.len() < MAX_GROUP {
        match jobs.try_recv() {
            Ok(Job::Write(write)) => group.push(write),
            Ok(other) => return Some(other),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return None,
        }
    }
    None
}

/// Sets what a commit waits for. Has no effect inside a transaction, hence before it.
fn synchronise(
    connection: &Connection,
    wanted: Durability,
    synced: &mut Option<Durability>,
) -> Result<(), JournalError> {
    if *synced == Some(wanted) {
        return Ok(());
    }
    let pragma = match wanted {
        Durability::Normal => "PRAGMA synchronous = NORMAL",
        Durability::Full => "PRAGMA synchronous = FULL",
    };
    connection.execute_batch(pragma)?;
    *synced = Some(wanted);
    Ok(())
}

/// Runs one write of several. Its own failure is undone and no error here; an error means that the
/// whole transaction is gone.
fn attempt_one(connection: &Connection, write: &mut dyn Write) -> Result<(), JournalError> {
    connection.prepare_cached("SAVEPOINT one")?.execute([])?;
    if let Err(error) = write.run(connection) {
        if connection.is_autocommit() {
            return Err(error);
        }
        connection.prepare_cached("ROLLBACK TO one")?.execute([])?;
    }
    connection.prepare_cached("RELEASE one")?.execute([])?;
    Ok(())
}
