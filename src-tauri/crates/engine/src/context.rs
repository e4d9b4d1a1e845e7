//! What every transfer of this process shares.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use ferry_journal::{BatchRow, Journal};
use ferry_model::{
    BatchId, ConnectionLimits, Credentials, Fault, FaultKind, Profile, ProfileId, TransferId,
};
use ferry_storage::{Clock, ObjectStore, RetryPolicy, StoreConfig};
use tokio::sync::{Notify, Semaphore, broadcast};

use crate::breaker::Breaker;
use crate::keys::Keys;
use crate::live::{Registry, Tally};
use crate::permits::Permits;
use crate::throttle::Throttle;

/// Makes the client of one bucket, with the profile's own timeouts. The simulation puts its own
/// store here.
pub type Connect = Arc<
    dyn Fn(&StoreConfig, ConnectionLimits, Credentials) -> Result<Arc<dyn ObjectStore>, Fault>
        + Send
        + Sync,
>;

/// Batches whose options are kept in memory.
const BATCHES_KEPT: usize = 256;

/// Whether a refused key was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaced {
    Yes,
    No,
}

/// Something changed that somebody may be showing. Lossy: whoever lags reads everything again.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineEvent {
    /// A row's state changed.
    Row(TransferId),
    /// Rows came or went, or many changed.
    Rows,
    /// A profile is held, or was let go.
    Holds,
    /// The journal failed; nothing more is started.
    Halted(Box<Fault>),
}

pub(crate) struct Context {
    pub(crate) journal: Journal,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connect: Connect,
    pub(crate) retry: RetryPolicy,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) permits: Permits,
    pub(crate) registry: Registry,
    pub(crate) tally: Arc<Tally>,
    pub(crate) events: broadcast::Sender<EngineEvent>,
    random: Mutex<fastrand::Rng>,
    breakers: Mutex<HashMap<String, Arc<Breaker>>>,
    stores: Mutex<HashMap<(ProfileId, String), Arc<dyn ObjectStore>>>,
    holds: Mutex<HashMap<ProfileId, Fault>>,
    batches: Mutex<HashMap<BatchId, Arc<BatchRow>>>,
    /// The semaphores of profiles that limit their connections, with the limit they were made for.
    connections: Mutex<HashMap<ProfileId, (u32, Arc<Semaphore>)>>,
    /// The endpoints of the profiles that have run in this process.
    endpoints: Mutex<HashMap<ProfileId, String>>,
    /// Wakes the scheduler: a place came free, or an endpoint went away or came back.
    pub(crate) wake: Notify,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Context {
    #[allow(clippy::too_many_arguments, reason = "called once, by the engine's start")]
    pub(crate) fn new(
        journal: Journal,
        keys: Keys,
        clock: Arc<dyn Clock>,
        connect: Connect,
        seed: u64,
        parallel: usize,
        limit: u64,
    ) -> Self {
        Self {
            journal,
            keys,
            clock,
            connect,
            retry: RetryPolicy::default(),
            throttle: Arc::new(Throttle::new(limit)),
            permits: Permits::new(parallel),
            registry: Registry::default(),
            tally: Arc::new(Tally::default()),
            events: broadcast::channel(1024).0,
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            breakers: Mutex::default(),
            stores: Mutex::default(),
            holds: Mutex::default(),
            batches: Mutex::default(),
            connections: Mutex::default(),
            endpoints: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// The client of `bucket` under `profile`, with the keys the vault has for it.
    pub(crate) async fn store(
        &self,
        profile: &Profile,
        bucket: &str,
    ) -> Result<Arc<dyn ObjectStore>, Fault> {
        let place = (profile.id, bucket.to_owned());
        if let Some(store) = lock(&self.stores).get(&place) {
            return Ok(Arc::clone(store));
        }
        let keys = self.keys.of(profile, self.now_ms()).await?;
        let store = (self.connect)(&store_config(profile, bucket), profile.limits, keys)?;
        // Many may have asked at once: all go on with the same client, so that a new key reaches
        // every one of them.
        Ok(Arc::clone(lock(&self.stores).entry(place).or_insert(store)))
    }

    /// What a batch wishes of its objects, and how they are named.
    pub(crate) async fn batch(&self, batch: BatchId) -> Result<Arc<BatchRow>, Fault> {
        if let Some(row) = lock(&self.batches).get(&batch) {
            return Ok(Arc::clone(row));
        }
        let row = self.journal.batch(batch).await.map_err(|error| error.fault())?;
        let row = Arc::new(row.ok_or_else(|| {
            Fault::new(FaultKind::JournalBroken).with_detail("a transfer without its batch")
        })?);
        let mut batches = lock(&self.batches);
        // Who drops file after file for weeks makes many batches; a few at a time are under way.
        if batches.len() >= BATCHES_KEPT {
            batches.clear();
        }
        batches.insert(batch, Arc::clone(&row));
        Ok(row)
    }

    /// A batch's options changed.
    pub(crate) fn forget_batch(&self, batch: BatchId) {
        lock(&self.batches).remove(&batch);
    }

    /// The profile's turns for requests, if it limits them. Requests under way under an earlier
    /// limit finish beside it.
    pub(crate) fn connections(&self, profile: &Profile) -> Option<Arc<Semaphore>> {
        let limit = profile.limits.connections;
        if limit == 0 {
            return None;
        }
        let mut connections = lock(&self.connections);
        let (made_for, semaphore) = connections
            .entry(profile.id)
            .or_insert_with(|| (limit, Arc::new(Semaphore::new(limit as usize))));
        if *made_for != limit {
            (*made_for, *semaphore) = (limit, Arc::new(Semaphore::new(limit as usize)));
        }
        Some(Arc::clone(semaphore))
    }

    pub(crate) fn key_ends(&self, profile: ProfileId) -> Option<i64> {
        self.keys.ends(profile)
    }

    /// Before a request: a key that a command gives is renewed in time.
    pub(crate) async fn refresh_keys(&self, profile: ProfileId) -> Result<(), Fault> {
        if let Some(keys) = self.keys.refresh_if_expiring(profile, self.now_ms()).await? {
            self.sign_with(profile, &keys);
        }
        Ok(())
    }

    /// After the store refused a key: whether there is another one now.
    pub(crate) async fn replace_keys(
        &self,
        profile: ProfileId,
        refused: Option<&Credentials>,
    ) -> Result<Replaced, Fault> {
        let Some(refused) = refused else { return Ok(Replaced::No) };
        match self.keys.replacement(profile, refused, self.now_ms()).await? {
            Some(keys) => {
                self.sign_with(profile, &keys);
                Ok(Replaced::Yes)
            }
            None => Ok(Replaced::No),
        }
    }

    fn sign_with(&self, profile: ProfileId, keys: &Credentials) {
        for (_, store) in lock(&self.stores).iter().filter(|((of, _), _)| *of == profile) {
            store.set_credentials(keys.clone());
        }
    }

    pub(crate) fn clock_offset(&self) -> i64 {
        lock(&self.stores)
            .values()
            .map(|store| store.clock_offset())
            .max_by_key(|offset| offset.unsigned_abs())
            .unwrap_or(0)
    }

    /// Forgets the clients of a profile: its endpoint or keys changed.
    pub(crate) fn forget_stores(&self, profile: ProfileId) {
        lock(&self.stores).retain(|(of, _), _| *of != profile);
        self.keys.forget(profile);
    }

    pub(crate) fn breaker(&self, endpoint: &str) -> Arc<Breaker> {
        Arc::clone(
            lock(&self.breakers)
                .entry(endpoint.to_owned())
                .or_insert_with(|| Arc::new(Breaker::new())),
        )
    }

    /// Notes where a profile's transfers go.
    pub(crate) fn note_endpoint(&self, profile: &Profile) {
        lock(&self.endpoints).insert(profile.id, profile.endpoint.clone());
    }

    /// The profiles whose endpoint does not answer now.
    pub(crate) fn offline_profiles(&self) -> BTreeSet<ProfileId> {
        let silent: Vec<String> = self
            .breakers()
            .into_iter()
            .filter(|(_, breaker)| breaker.offline().is_some())
            .map(|(endpoint, _)| endpoint)
            .collect();
        if silent.is_empty() {
            return BTreeSet::new();
        }
        lock(&self.endpoints)
            .iter()
            .filter(|(_, endpoint)| silent.contains(endpoint))
            .map(|(profile, _)| *profile)
            .collect()
    }

    pub(crate) fn breakers(&self) -> Vec<(String, Arc<Breaker>)> {
        lock(&self.breakers)
            .iter()
            .map(|(endpoint, breaker)| (endpoint.clone(), Arc::clone(breaker)))
            .collect()
    }

    pub(crate) fn hold(&self, profile: ProfileId, fault: Fault) {
        lock(&self.holds).insert(profile, fault);
        self.emit(EngineEvent::Holds);
    }

    pub(crate) fn release(&self, profile: ProfileId) {
        if lock(&self.holds).remove(&profile).is_some() {
            self.emit(EngineEvent::Holds);
        }
    }

    /// Lets a profile go if it is held for this very reason.
    pub(crate) fn release_from(&self, profile: ProfileId, reason: &Fault) {
        if lock(&self.holds).get(&profile) == Some(reason) {
            self.release(profile);
        }
    }

    /// Whether this is the client that new transfers of the bucket would get.
    pub(crate) fn is_current(
        &self,
        profile: ProfileId,
        bucket: &str,
        store: &Arc<dyn ObjectStore>,
    ) -> bool {
        lock(&self.stores)
            .get(&(profile, bucket.to_owned()))
            .is_some_and(|current| Arc::ptr_eq(current, store))
    }

    pub(crate) fn is_held(&self, profile: ProfileId) -> bool {
        lock(&self.holds).contains_key(&profile)
    }

    pub(crate) fn holds(&self) -> HashMap<ProfileId, Fault> {
        lock(&self.holds).clone()
    }

    pub(crate) fn emit(&self, event: EngineEvent) {
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    /// A random number in 0..1, from the injected seed.
    pub(crate) fn random(&self) -> f64 {
        lock(&self.random).f64()
    }

    /// A fresh id for an object's metadata: 128 random bits in hex.
    pub(crate) fn fresh_id(&self) -> String {
        format!("{:032x}", lock(&self.random).u128(..))
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        let since = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The keyring entry of a profile. It names installation, host and bucket, so that an endpoint
/// changed behind Ferry's back finds no secret to send there. The practice bucket's port changes
/// with each start, so its entry names none.
pub fn vault_entry(instance: &str, profile: &Profile) -> String {
    match profile.kind {
        ferry_model::ProfileKind::Practice => format!("{instance}/practice"),
        _ => format!("{instance}/{}@{}", profile.id, profile.endpoint),
    }
}

/// What the wire has to know of a profile.
pub fn store_config(profile: &Profile, bucket: &str) -> StoreConfig {
    StoreConfig {
        provider: profile.provider,
        endpoint: profile.endpoint.clone(),
        region: profile.region.clone(),
        bucket: bucket.to_owned(),
        addressing: profile.addressing,
        sign: profile.sign,
        plain_http: profile.plain_http,
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no code panics while holding this lock")
}
