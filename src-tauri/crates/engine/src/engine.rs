//! The engine's handle.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ferry_journal::{Journal, RunnableScope, Selection};
use ferry_model::concurrency::Parallel;
use ferry_model::standby::Standby;
use ferry_model::{BatchId, Existing, Fault, Network, ProfileId, Secret, Timeouts, TransferId};
use ferry_storage::{Clock, HttpClient, ObjectStore, Store};
use ferry_vault::Vault;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Notify, broadcast};

use crate::durable::{Durable, JournalTrouble};
use crate::endpoint::checksums::Checksums;
use crate::endpoint::clients::{Clients, Connect, Reach};
use crate::endpoint::credentials::{CredentialSources, Environment};
use crate::endpoint::gate::{Gates, Offline};
use crate::endpoint::holds::Holds;
use crate::endpoint::lanes::Lanes;
use crate::endpoint::throttle::Throttles;
use crate::events::{EngineEvent, Events};
use crate::intake::{Intake, IntakeProgress, IntakeReport, add_paths};
use crate::live::{CloseView, LiveView, Registry, Tally};
use crate::outcomes::Outcomes;
use crate::queue::scheduler::Scheduler;
use crate::shared::{Batches, Random, Shared, Wall};
use crate::source::Files;
use crate::source::once::Inputs;
use crate::source::settling::Settling;
use crate::source::volumes::{MissingVolume, Renumbered, Volumes};
use crate::survey::{Surveyed, SurveyedKeys, existing, survey};
use crate::waiting::Waiting;

/// What an engine is made of.
pub struct EngineParts {
    /// Where the queue is.
    pub journal: Journal,
    /// The files it reads.
    pub files: Arc<dyn Files>,
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
    /// Requests side by side, in each of the two lanes of each profile.
    pub parallel: Parallel,
    /// Bytes a second at most; 0 for no limit.
    pub limit: u64,
    /// Which transfers this engine runs.
    pub scope: RunnableScope,
}

impl std::fmt::Debug for EngineParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineParts").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// A running engine; cheap to clone.
///
/// # Cancellation
/// Dropping the last handle does not stop it; [`Engine::shutdown`] does.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    pub(crate) scheduler: Arc<Scheduler>,
}

impl Engine {
    /// Starts on the current tokio runtime: rows that are active and in scope run at once.
    pub fn start(parts: EngineParts) -> Self {
        let credentials = CredentialSources::new(parts.vault, parts.instance, parts.environment);
        let events = Events::new();
        let shared = Arc::new(Shared {
            durable: Durable::new(parts.journal.clone(), events.clone()),
            journal: parts.journal,
            files: Renumbered::over(parts.files),
            clients: Clients::new(parts.connect, credentials),
            checksums: Checksums::default(),
            gates: Gates::default(),
            lanes: Lanes::new(parts.parallel),
            throttles: Throttles::new(parts.limit),
            holds: Holds::new(events.clone()),
            objects: Arc::default(),
            inputs: Inputs::default(),
            settling: Settling::new(),
            volumes: Volumes::new(events.clone()),
            batches: Batches::default(),
            waiting: Waiting::default(),
            standby: std::sync::Mutex::default(),
            registry: Registry::default(),
            tally: Arc::new(Tally::new()),
            events,
            outcomes: Outcomes::default(),
            random: Random::new(parts.seed),
            clock: Wall::new(parts.clock),
            wake: Notify::new(),
        });
        let scheduler = Scheduler::start(Arc::clone(&shared), parts.scope);
        let engine = Self { shared, scheduler };
        tokio::spawn(engine.clone().upload_what_is_quiet());
        tokio::spawn(engine.clone().carry_out_what_waits());
        engine
    }

    /// The real [`Connect`]: all clients share one HTTP client.
    pub fn connect_over(shared: HttpClient, clock: Arc<dyn Clock>) -> Connect {
        Arc::new(move |config, reach, credentials| {
            let seconds = |seconds: u32| Duration::from_secs(seconds.into());
            let Timeouts { connect_seconds, idle_seconds } = reach.timeouts;
            let http = shared
                .with_timeouts(seconds(connect_seconds), seconds(idle_seconds))
                .over(&reach.network, reach.proxy_password.as_ref())?;
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
        let taken = add_paths(&self.shared, intake, progress, || self.scheduler.grew()).await;
        self.scheduler.reschedule();
        let (taken, folders) = taken?;
        if !folders.is_empty() {
            self.forget(Selection::Ids(folders)).await?;
        }
        Ok(taken)
    }

    /// Looks the paths of an intake through and counts what it would take; writes nothing.
    ///
    /// # Errors
    /// Where a pattern of the intake is none.
    ///
    /// # Cancellation
    /// Dropping the future ends the walk.
    pub async fn survey(
        &self,
        intake: &Intake,
        progress: &IntakeProgress,
    ) -> Result<Surveyed, Fault> {
        survey(&self.shared, intake, progress).await
    }

    /// How many files of a survey have an object of their key at the destination already. What
    /// keeps it from being known, as a key that may not list, is no fault of the drop.
    ///
    /// # Cancellation
    /// Dropping the future ends the list.
    pub async fn existing(&self, intake: &Intake, keys: &SurveyedKeys) -> Existing {
        let counted = async {
            let store = self.store(&intake.profile, &intake.bucket).await?;
            existing(&*store, keys).await.map_err(|error| error.fault)
        };
        counted.await.unwrap_or_else(|fault| {
            tracing::debug!(%fault, "what exists already cannot be listed");
            Existing::Unknown
        })
    }

    /// What happens from now on. Lossy: a receiver that lags reads everything again.
    pub fn events(&self) -> broadcast::Receiver<EngineEvent> {
        self.shared.events.subscribe()
    }

    /// Each transfer that ends or comes to rest from now on until a person decides, once the journal
    /// has it; at least once. What is not looked at stays in memory, a number each.
    pub fn outcomes(&self) -> UnboundedReceiver<TransferId> {
        self.shared.outcomes.subscribe()
    }

    /// Ends the outcomes: their receivers come to the end.
    pub fn end_outcomes(&self) {
        self.shared.outcomes.end();
    }

    /// A running transfer as it is now; `None` when it does not run.
    pub fn live(&self, id: TransferId) -> Option<LiveView> {
        self.shared.registry.view(id)
    }

    /// A transfer looked at closely, whether it runs or ran. Its retries are remembered for a
    /// while, and not beyond this process.
    pub fn close_view(&self, id: TransferId) -> CloseView {
        self.shared.registry.close_view(id)
    }

    /// All running transfers.
    pub fn all_live(&self) -> Vec<(TransferId, LiveView)> {
        self.shared.registry.views()
    }

    /// How the store of a profile is reached: which way, and with which password at the proxy.
    ///
    /// # Errors
    /// The keyring's, where the proxy's password is there.
    pub async fn reach(&self, profile: &ferry_model::Profile) -> Result<Reach, Fault> {
        self.shared.clients.reach(profile, None).await
    }

    /// How something is reached that belongs to no profile: as the settings say, and a command for
    /// its run.
    ///
    /// # Errors
    /// The keyring's, where the proxy's password is there.
    pub async fn reach_beside_profiles(&self) -> Result<Reach, Fault> {
        self.shared.clients.reach_beside_profiles().await
    }

    /// Endpoints that do not answer now.
    pub fn offline(&self) -> Vec<(String, Offline)> {
        self.shared.gates.offline()
    }

    /// Volumes with queued files that are not there now. Their files wait.
    pub fn missing_volumes(&self) -> Vec<MissingVolume> {
        self.shared.volumes.missing()
    }

    /// What keeps the journal from being written: nothing new is started then, and what runs waits
    /// to write its outcome. It goes on by itself.
    pub fn journal_trouble(&self) -> Option<JournalTrouble> {
        self.shared.durable.trouble()
    }

    /// Asks endpoints that do not answer at once, instead of at the next probe, and ends every wait
    /// before another try: the user wants it.
    pub fn try_now(&self) {
        self.shared.gates.try_now();
        self.scheduler.reschedule();
    }

    /// The system's network changed: asks endpoints that do not answer at once. Waits that a store
    /// asked for go on.
    pub fn network_changed(&self) {
        tracing::info!(offline = self.offline().len(), "the network changed");
        self.shared.gates.probe_now();
        self.scheduler.reschedule();
    }

    /// Profiles that are held, and why.
    pub fn holds(&self) -> BTreeMap<ProfileId, Fault> {
        self.shared.holds.all()
    }

    /// Lets a held profile go, and forgets its clients: its keys or address changed, or the user
    /// wants another try.
    pub fn release(&self, profile: ProfileId) {
        self.shared.clients.forget(profile);
        self.shared.holds.release(profile);
        self.shared.gates.probe_now();
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
        let (clients, now_ms) = (&self.shared.clients, self.shared.clock.now_ms());
        let store = clients.store(profile, bucket, now_ms).await?;
        clients.refresh_if_expiring(profile.id, now_ms).await?;
        Ok(store)
    }

    /// Profiles of which a transfer runs now.
    pub fn running_profiles(&self) -> BTreeSet<ProfileId> {
        self.scheduler.running_profiles()
    }

    /// When the key that a profile's clients sign with ends, milliseconds since 1970; `None` while
    /// no client was made, or if its key does not end.
    pub fn key_ends(&self, profile: ProfileId) -> Option<i64> {
        self.shared.clients.credentials.expire_ms(profile)
    }

    /// Seconds that this computer's clock is behind its stores', by the one that differs most;
    /// negative if it is ahead. Learnt from answers of this run.
    pub fn clock_offset(&self) -> i64 {
        self.shared.clients.clock_offset()
    }

    /// The keys of a profile: from the vault, or from its command.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::CredentialsMissing`]; the keyring's; the command's.
    pub async fn keys(
        &self,
        profile: &ferry_model::Profile,
    ) -> Result<ferry_model::Credentials, Fault> {
        self.shared.clients.credentials.load(profile, self.shared.clock.now_ms()).await
    }

    /// A client with keys that are stored nowhere; so may be the password of the proxy, `None` for
    /// the one in the vault.
    ///
    /// # Errors
    /// Those of an address that cannot be used; the keyring's.
    pub async fn connect(
        &self,
        profile: &ferry_model::Profile,
        keys: ferry_model::Credentials,
        proxy_password: Option<Secret>,
    ) -> Result<Arc<dyn ObjectStore>, Fault> {
        self.shared.clients.connect(profile, &profile.bucket, keys, proxy_password).await
    }

    /// Sets how stores are reached, and how long is waited for them, where their profiles do not say
    /// it. What begins from now on goes that way.
    pub fn set_network(&self, settings: Network, timeouts: Timeouts) {
        self.shared.clients.set_network(settings, timeouts);
    }

    /// Sets the password for every proxy at which a user signs in, in this run; `None` for what the
    /// keyring has.
    pub fn set_proxy_password_of_this_run(&self, password: Option<Secret>) {
        self.shared.clients.set_proxy_password_of_this_run(password);
    }

    /// Sets how stores are reached in this run, whatever their profiles say.
    pub fn set_network_of_this_run(&self, network: Network) {
        self.shared.clients.set_network_of_this_run(network);
    }

    /// A batch was given other options in the journal: what begins from now on is made with them.
    pub fn batch_changed(&self, batch: BatchId) {
        self.shared.batches.forget(batch);
    }

    /// Sets how many requests go side by side in each lane.
    pub fn set_parallel(&self, parallel: Parallel) {
        self.shared.lanes.set_parallel(parallel);
        self.scheduler.reschedule();
    }

    /// Lets no upload run from now on, and why; or lets them run again. Those under way stop at once
    /// and stay as they are; what is taken back on the store goes on.
    pub async fn set_standby(&self, standby: Option<Standby>) {
        self.scheduler.set_standby(standby).await;
    }

    /// Why no upload runs now, if none does.
    pub fn standby(&self) -> Option<Standby> {
        self.shared.standby()
    }

    /// Sets the speed limits of all transfers together and of those of profiles, in bytes a second;
    /// 0 for none, as for profiles that are not named.
    pub fn set_limits(&self, all: u64, profiles: &BTreeMap<ProfileId, u64>) {
        self.shared.throttles.set_rates(all, profiles);
    }

    /// Chooses which transfers this engine runs from now on; those that run already go on.
    pub async fn set_scope(&self, scope: RunnableScope) {
        let mut ready = self.scheduler.choosing.lock().await;
        ready.forget();
        ready.scope = scope;
        drop(ready);
        self.shared.settling.look_again();
        self.scheduler.reschedule();
    }

    /// Returns when nothing in scope can run any more: all rest, have ended, or belong to a held
    /// profile.
    pub async fn idle(&self) {
        if !self.shared.journal.is_read_only()
            && let Err(fault) = self.drop_earlier().await
        {
            tracing::warn!(%fault, "what an earlier run left waiting keeps its files back");
        }
        self.scheduler.idle().await;
    }

    /// Stops: requests under way are dropped, what happened is in the journal. Returns within
    /// `timeouts`.
    pub async fn shutdown(&self, timeouts: Duration) {
        // What does not stop in time is cut off with the process, which the journal bears as well.
        let _ = tokio::time::timeout(timeouts, self.scheduler.stop()).await;
    }
}
