//! The engine's handle.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_journal::{Journal, Scope, Selection};
use ferry_model::{BatchId, ConnectionLimits, Fault, ProfileId, TransferId};
use ferry_storage::{Clock, HttpClient, HttpOptions, ObjectStore, Store};
use ferry_vault::Vault;
use tokio::sync::broadcast;

use crate::breaker::Offline;
use crate::context::{Connect, Context, EngineEvent, store_config};
use crate::intake::{Intake, IntakeProgress, IntakeReport, add_paths};
use crate::keys::Environment;
use crate::live::LiveView;
use crate::scheduler::Scheduler;

/// What an engine is made of.
pub struct EngineParts {
    /// Where the queue is.
    pub journal: Journal,
    /// Where the keys are.
    pub vault: Vault,
    /// Keys of profiles that take them from the environment.
    pub environment: Environment,
    /// Wall time, for signatures.
    pub clock: Arc<dyn Clock>,
    /// Makes the client of a bucket; see [`Engine::connect_over`].
    pub connect: Connect,
    /// Names this installation in the keyring.
    pub instance: String,
    /// Seeds jitter and ids.
    pub seed: u64,
    /// Requests side by side, in each of the two lanes.
    pub parallel: usize,
    /// Bytes a second at most; 0 for no limit.
    pub limit: u64,
    /// Which transfers this engine runs.
    pub scope: Scope,
}

impl std::fmt::Debug for EngineParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineParts").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Sums of this run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunTotals {
    /// Bytes the transport took, repeats included.
    pub sent_bytes: u64,
    /// Bytes the store had from an earlier run and that were not sent again.
    pub resumed_bytes: u64,
    /// Requests tried again.
    pub retries: u64,
}

fn with_timeouts(options: HttpOptions, limits: ConnectionLimits) -> HttpOptions {
    HttpOptions {
        connect_timeout: Duration::from_secs(limits.connect_seconds.into()),
        idle_timeout: Duration::from_secs(limits.idle_seconds.into()),
        ..options
    }
}

/// A running engine; cheap to clone.
///
/// # Cancellation
/// Dropping the last handle does not stop it; [`Engine::shutdown`] does.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) context: Arc<Context>,
    pub(crate) scheduler: Arc<Scheduler>,
}

impl Engine {
    /// Starts on the current tokio runtime: rows that are active and in scope run at once.
    pub fn start(parts: EngineParts) -> Self {
        let context = Arc::new(Context::new(
            parts.journal,
            crate::keys::Keys::new(parts.vault, parts.instance, parts.environment),
            parts.clock,
            parts.connect,
            parts.seed,
            parts.parallel,
            parts.limit,
        ));
        let scheduler = Scheduler::start(Arc::clone(&context), parts.scope);
        Self { context, scheduler }
    }

    /// The real [`Connect`]: clients over one shared HTTP client for each timeouts, as few as
    /// profiles differ in it.
    pub fn connect_over(options: HttpOptions, clock: Arc<dyn Clock>) -> Connect {
        let clients = Mutex::new(HashMap::<(u32, u32), HttpClient>::new());
        Arc::new(move |config, limits, credentials| {
            let http = {
                let mut clients = clients.lock().expect("no code panics while holding this lock");
                let timeouts = (limits.connect_seconds, limits.idle_seconds);
                clients
                    .entry(timeouts)
                    .or_insert_with(|| HttpClient::new(with_timeouts(options, limits)))
                    .clone()
            };
            let store = Store::new(http, config, credentials, Arc::clone(&clock))?;
            Ok(Arc::new(store) as Arc<dyn ObjectStore>)
        })
    }

    /// Takes paths in. Their rows run as soon as they are written, while the walk goes on.
    ///
    /// # Errors
    /// The journal's.
    ///
    /// # Cancellation
    /// Dropping the future ends the walk; what was written stays.
    pub async fn add_paths(
        &self,
        intake: Intake,
        progress: IntakeProgress,
    ) -> Result<IntakeReport, Fault> {
        let taken =
            add_paths(&self.context, intake, progress, || self.scheduler.reschedule()).await;
        self.scheduler.reschedule();
        let (taken, folders) = taken?;
        if !folders.is_empty() {
            self.remove(Selection::Ids(folders)).await?;
        }
        Ok(taken)
    }

    /// What happens from now on. Lossy: a receiver that lags reads everything again.
    pub fn events(&self) -> broadcast::Receiver<EngineEvent> {
        self.context.events.subscribe()
    }

    /// A running transfer as it is now; `None` when it does not run.
    pub fn live(&self, id: TransferId) -> Option<LiveView> {
        self.context.registry.view(id)
    }

    /// All running transfers.
    pub fn all_live(&self) -> Vec<(TransferId, LiveView)> {
        self.context.registry.views()
    }

    /// Sums of this run.
    pub fn run_totals(&self) -> RunTotals {
        let tally = &self.context.tally;
        RunTotals {
            sent_bytes: tally.sent.load(Ordering::Relaxed),
            resumed_bytes: tally.resumed.load(Ordering::Relaxed),
            retries: tally.retries.load(Ordering::Relaxed),
        }
    }

    /// Endpoints that do not answer now.
    pub fn offline(&self) -> Vec<(String, Offline)> {
        self.context
            .breakers()
            .into_iter()
            .filter_map(|(endpoint, breaker)| Some((endpoint, breaker.offline()?)))
            .collect()
    }

    /// Profiles that are held, and why.
    pub fn holds(&self) -> HashMap<ProfileId, Fault> {
        self.context.holds()
    }

    /// Lets a held profile go, and forgets its clients: its keys or address changed, or the user
    /// wants another try.
    pub fn release(&self, profile: ProfileId) {
        self.context.forget_stores(profile);
        self.context.release(profile);
        for (_, breaker) in self.context.breakers() {
            breaker.try_now();
        }
        self.scheduler.reschedule();
    }

    /// The client of a bucket under a profile, for what is not a transfer: testing a connection,
    /// links.
    ///
    /// # Errors
    /// The keyring's, and those of an address that cannot be used.
    pub async fn store(
        &self,
        profile: &ferry_model::Profile,
        bucket: &str,
    ) -> Result<Arc<dyn ObjectStore>, Fault> {
        let store = self.context.store(profile, bucket).await?;
        self.context.refresh_keys(profile.id).await?;
        Ok(store)
    }

    /// Profiles of which a transfer runs now.
    pub fn running_profiles(&self) -> HashSet<ProfileId> {
        self.scheduler.running_profiles()
    }

    /// When the key that a profile's clients sign with ends, milliseconds since 1970; `None` while
    /// no client was made, or if its key does not end.
    pub fn key_ends(&self, profile: ProfileId) -> Option<i64> {
        self.context.key_ends(profile)
    }

    /// Seconds that this computer's clock is behind its stores', by the one that differs most;
    /// negative if it is ahead. Learnt from answers of this run.
    pub fn clock_offset(&self) -> i64 {
        self.context.clock_offset()
    }

    /// The keys of a profile: from the vault, or from its command.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::CredentialsMissing`]; the keyring's; the command's.
    pub async fn keys(
        &self,
        profile: &ferry_model::Profile,
    ) -> Result<ferry_model::Credentials, Fault> {
        self.context.keys.of(profile, self.context.now_ms()).await
    }

    /// A client with keys that are stored nowhere.
    ///
    /// # Errors
    /// Those of an address that cannot be used.
    pub fn connect(
        &self,
        profile: &ferry_model::Profile,
        keys: ferry_model::Credentials,
    ) -> Result<Arc<dyn ObjectStore>, Fault> {
        (self.context.connect)(&store_config(profile, &profile.bucket), profile.limits, keys)
    }

    /// A batch was given other options in the journal: what begins from now on is made with them.
    pub fn batch_changed(&self, batch: BatchId) {
        self.context.forget_batch(batch);
    }

    /// Sets the number of requests side by side in each lane, and the speed limit in bytes a second
    /// (0 for none).
    pub fn set_pace(&self, parallel: usize, limit: u64) {
        self.context.permits.resize(parallel);
        self.context.throttle.set_rate(limit);
        self.scheduler.reschedule();
    }

    /// Chooses which transfers this engine runs from now on; those that run already go on.
    pub async fn set_scope(&self, scope: Scope) {
        let mut ready = self.scheduler.choosing.lock().await;
        ready.forget();
        ready.scope = scope;
        drop(ready);
        self.scheduler.reschedule();
    }

    /// Returns when nothing in scope can run any more: all rest, have ended, or belong to a held
    /// profile.
    pub async fn idle(&self) {
        self.scheduler.idle().await;
    }

    /// Stops: requests under way are dropped, what happened is in the journal. Returns within
    /// `timeouts`.
    pub async fn shutdown(&self, timeouts: Duration) {
        // What does not stop in time is cut off with the process, which the journal bears as well.
        let _ = tokio::time::timeout(timeouts, self.scheduler.stop()).await;
    }
}
