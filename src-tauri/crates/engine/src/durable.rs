//! The journal as transfers write it: a write that the disk refuses for now is tried again until it
//! succeeds, so that a full disk stops the queue and loses nothing.

use std::sync::Mutex;
use std::time::Duration;

use ferry_journal::{Journal, JournalError};
use ferry_model::{Affects, Fault};
use tokio::time::Instant;

use crate::events::{EngineEvent, Events};
use crate::lock::lock;

/// Time between two tries to write: the queue goes on within this time of space being free.
const PAUSE: Duration = Duration::from_secs(1);

/// What keeps the journal from being written.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalTrouble {
    /// Why.
    pub fault: Fault,
    /// Since when.
    pub since: Instant,
}

#[derive(Debug)]
pub(crate) struct Durable {
    journal: Journal,
    events: Events,
    trouble: Mutex<Option<JournalTrouble>>,
}

impl Durable {
    pub(crate) fn new(journal: Journal, events: Events) -> Self {
        Self { journal, events, trouble: Mutex::default() }
    }

    /// Writes until it succeeds.
    ///
    /// # Errors
    /// What no waiting can mend.
    ///
    /// # Cancellation
    /// Dropping the future takes no write back that was begun.
    pub(crate) async fn write<T, Write>(&self, write: impl Fn(Journal) -> Write) -> Result<T, Fault>
    where
        Write: Future<Output = Result<T, JournalError>>,
    {
        loop {
            match self.once(&write).await {
                Err(error) if error.may_pass() => tokio::time::sleep(PAUSE).await,
                outcome => return outcome.map_err(|error| error.fault()),
            }
        }
    }

    /// Writes once; a refusal of the disk is remembered.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn try_write<T, Write>(
        &self,
        write: impl Fn(Journal) -> Write,
    ) -> Result<T, Fault>
    where
        Write: Future<Output = Result<T, JournalError>>,
    {
        self.once(&write).await.map_err(|error| error.fault())
    }

    /// One try; remembers whether the disk takes writes.
    async fn once<T, Write>(&self, write: &impl Fn(Journal) -> Write) -> Result<T, JournalError>
    where
        Write: Future<Output = Result<T, JournalError>>,
    {
        let outcome = write(self.journal.clone()).await;
        match &outcome {
            Ok(_) => self.works(),
            Err(error) if error.fault().kind.affects() == Affects::Computer => {
                self.fails(&error.fault());
            }
            Err(_) => {}
        }
        outcome
    }

    /// What keeps the journal from being written now.
    pub(crate) fn trouble(&self) -> Option<JournalTrouble> {
        lock(&self.trouble).clone()
    }

    pub(crate) fn fails(&self, fault: &Fault) {
        let mut trouble = lock(&self.trouble);
        let since = trouble.as_ref().map_or_else(Instant::now, |known| known.since);
        if trouble.as_ref().is_none_or(|known| known.fault.kind != fault.kind) {
            tracing::error!(%fault, "the journal cannot be written; nothing more is started");
            self.events.emit(EngineEvent::Journal);
        }
        *trouble = Some(JournalTrouble { fault: fault.clone(), since });
    }

    fn works(&self) {
        if lock(&self.trouble).take().is_some() {
            tracing::info!("the journal can be written again");
            self.events.emit(EngineEvent::Journal);
        }
    }
}
