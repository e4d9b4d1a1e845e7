//! The handle that everybody else holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use ferry_model::Credentials;

use crate::VaultError;
use crate::claim::{Reply, claim};
use crate::owner::{self, Opener, Request};

/// How long a call waits for the keyring. While it is locked, the system shows a prompt, and the
/// call waits for the answer to it.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

type Entries = Mutex<HashMap<String, Credentials>>;

/// Where an entry's credentials come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// From memory, until this run ends.
    ThisRunOnly,
    /// From the keyring, if it has them.
    Keyring,
}

/// The keyring, and what is remembered for this run only. A cheap handle: clones are the same
/// vault.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
}

struct Shared {
    keyring: Keyring,
    this_run: Entries,
}

enum Keyring {
    /// The thread that owns the system's store.
    Owned(mpsc::Sender<Request>),
    /// A map instead; answers at once, also under a paused clock.
    Memory(Entries),
    /// None.
    None,
}

/// Shows names of entries at most.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keyring = match self.shared.keyring {
            Keyring::Owned(_) => "system",
            Keyring::Memory(_) => "memory",
            Keyring::None => "none",
        };
        f.debug_struct("Vault").field("keyring", &keyring).finish_non_exhaustive()
    }
}

fn lock(entries: &Entries) -> MutexGuard<'_, HashMap<String, Credentials>> {
    // A panic elsewhere cannot leave a map half changed.
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Vault {
    /// The system's keyring; entries are kept under `service`. Nothing is opened before the first
    /// call that needs it.
    pub fn system(service: &str) -> Self {
        Self::with_opener(service, Box::new(owner::system_store))
    }

    /// A keyring in memory, for tests. Clones share it; it ends with the last of them.
    pub fn in_memory() -> Self {
        Self::with(Keyring::Memory(Entries::default()))
    }

    /// No keyring: every call that needs one answers [`VaultError::Absent`]. What is remembered for
    /// this run works.
    pub fn none() -> Self {
        Self::with(Keyring::None)
    }

    fn with(keyring: Keyring) -> Self {
        Self { shared: Arc::new(Shared { keyring, this_run: Entries::default() }) }
    }

    pub(crate) fn with_opener(service: &str, opener: Opener) -> Self {
        let (requests, inbox) = mpsc::channel();
        let service = service.to_owned();
        let body = move || owner::serve(&service, opener, &inbox);
        match std::thread::Builder::new().name("keyring".to_owned()).spawn(body) {
            Ok(_) => Self::with(Keyring::Owned(requests)),
            Err(error) => {
                tracing::error!(%error, "no thread for the keyring");
                Self::none()
            }
        }
    }

    /// Keeps credentials in the keyring, in place of what is there, and forgets what was remembered
    /// for this run under that name.
    ///
    /// # Cancellation
    /// A dropped call is not carried out unless it already began; one that timed out says which of
    /// the two holds ([`VaultError::TimedOut`], [`VaultError::InDoubt`]).
    ///
    /// # Errors
    /// Any [`VaultError`]; then what was remembered for this run is untouched.
    pub async fn store(&self, entry: &str, credentials: &Credentials) -> Result<(), VaultError> {
        match &self.shared.keyring {
            Keyring::None => return Err(VaultError::Absent),
            Keyring::Memory(entries) => {
                lock(entries).insert(entry.to_owned(), credentials.clone());
            }
            Keyring::Owned(requests) => {
                ask(requests, |reply| Request::Store(entry.to_owned(), credentials.clone(), reply))
                    .await?;
            }
        }
        lock(&self.shared.this_run).remove(entry);
        Ok(())
    }

    /// The credentials under this name: what is remembered for this run, else what the keyring has;
    /// `None` when neither has any.
    ///
    /// # Errors
    /// Any [`VaultError`]; none when they are remembered for this run.
    pub async fn load(&self, entry: &str) -> Result<Option<Credentials>, VaultError> {
        if let Some(credentials) = lock(&self.shared.this_run).get(entry) {
            return Ok(Some(credentials.clone()));
        }
        match &self.shared.keyring {
            Keyring::None => Err(VaultError::Absent),
            Keyring::Memory(entries) => Ok(lock(entries).get(entry).cloned()),
            Keyring::Owned(requests) => {
                // Reading changes nothing, so no doubt is left behind.
                match ask(requests, |reply| Request::Load(entry.to_owned(), reply)).await {
                    Err(VaultError::InDoubt) => Err(VaultError::TimedOut),
                    outcome => outcome,
                }
            }
        }
    }

    /// Forgets what is under this name, here and in the keyring; nothing happens when there is
    /// nothing.
    ///
    /// # Errors
    /// Any [`VaultError`] of the keyring; what was remembered for this run is forgotten all the
    /// same.
    pub async fn delete(&self, entry: &str) -> Result<(), VaultError> {
        lock(&self.shared.this_run).remove(entry);
        match &self.shared.keyring {
            Keyring::None => Err(VaultError::Absent),
            Keyring::Memory(entries) => {
                lock(entries).remove(entry);
                Ok(())
            }
            Keyring::Owned(requests) => {
                ask(requests, |reply| Request::Delete(entry.to_owned(), reply)).await
            }
        }
    }

    /// Remembers credentials in memory, until this run ends. They go before what the keyring has
    /// under that name.
    pub fn remember_for_this_run(&self, entry: &str, credentials: Credentials) {
        lock(&self.shared.this_run).insert(entry.to_owned(), credentials);
    }

    /// Where [`Vault::load`] would take this entry from. Does not ask the keyring.
    pub fn is_session_only(&self, entry: &str) -> Residence {
        if lock(&self.shared.this_run).contains_key(entry) {
            Residence::ThisRunOnly
        } else {
            Residence::Keyring
        }
    }
}

async fn ask<T>(
    requests: &mpsc::Sender<Request>,
    request: impl FnOnce(Reply<T>) -> Request,
) -> Result<T, VaultError> {
    let gone = || VaultError::Broken("its thread ended".to_owned());
    let (claim, reply, mut answer) = claim();
    requests.send(request(reply)).map_err(|_| gone())?;
    match tokio::time::timeout(RESPONSE_TIMEOUT, &mut answer).await {
        Ok(answer) => answer.map_err(|_| gone())?,
        Err(_) if claim.give_up() => Err(VaultError::TimedOut),
        // It began; its answer may have come just now.
        Err(_) => answer.try_recv().unwrap_or(Err(VaultError::InDoubt)),
    }
}
