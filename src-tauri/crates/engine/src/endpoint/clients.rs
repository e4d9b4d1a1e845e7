//! The clients of buckets, and the credentials they sign with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_model::{Credentials, Fault, Network, Profile, ProfileId, ProxyServer, Secret, Timeouts};
use ferry_storage::{ObjectStore, StoreConfig};
use tokio::sync::Notify;

use super::credentials::CredentialSources;
use super::measured::{Measured, Requests};
use crate::lock::lock;

/// How a store is reached: timeouts, and which way.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// The profile's timeouts within the settings'.
    pub timeouts: Timeouts,
    /// What holds for the profile: its own network within the settings'.
    pub network: Network,
    /// The password of the network's proxy.
    pub proxy_password: Option<Secret>,
}

/// Makes the client of one bucket. The simulation puts its own store here.
pub type Connect = Arc<
    dyn Fn(&StoreConfig, &Reach, Credentials) -> Result<Arc<dyn ObjectStore>, Fault> + Send + Sync,
>;

pub(crate) struct Clients {
    connect: Connect,
    pub(crate) credentials: CredentialSources,
    /// How the requests of all clients went.
    pub(crate) requests: Arc<Requests>,
    stores: Mutex<BTreeMap<(ProfileId, String), Arc<dyn ObjectStore>>>,
    networks: Mutex<Networks>,
    /// Wakes who waits with a client that may be outdated.
    outdated: Notify,
}

/// What stands behind and before a profile's own network.
#[derive(Debug, Clone, Default)]
struct Networks {
    settings: Network,
    timeouts: Timeouts,
    /// What a command says for its own run.
    this_run: Network,
    /// For every proxy at which a user signs in.
    password: Option<Secret>,
}

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}

impl Clients {
    pub(crate) fn new(connect: Connect, credentials: CredentialSources) -> Self {
        Self {
            connect,
            credentials,
            requests: Arc::new(Requests::new()),
            stores: Mutex::default(),
            networks: Mutex::default(),
            outdated: Notify::new(),
        }
    }

    /// The client of `bucket` under `profile`.
    ///
    /// # Errors
    /// The vault's, and those of an address that cannot be used.
    pub(crate) async fn store(
        &self,
        profile: &Profile,
        bucket: &str,
        now_ms: i64,
    ) -> Result<Arc<dyn ObjectStore>, Fault> {
        let place = (profile.id, bucket.to_owned());
        if let Some(store) = lock(&self.stores).get(&place) {
            return Ok(Arc::clone(store));
        }
        let credentials = self.credentials.load(profile, now_ms).await?;
        let store = self.connect(profile, bucket, credentials, None).await?;
        // Many may have asked at once: all go on with the same client, so that new credentials
        // reach every one of them.
        Ok(Arc::clone(lock(&self.stores).entry(place).or_insert(store)))
    }

    /// A client with credentials that are stored nowhere; so may be the password of the proxy.
    ///
    /// # Errors
    /// Those of an address that cannot be used; the vault's, where the proxy's password is there.
    pub(crate) async fn connect(
        &self,
        profile: &Profile,
        bucket: &str,
        credentials: Credentials,
        proxy_password: Option<Secret>,
    ) -> Result<Arc<dyn ObjectStore>, Fault> {
        let reach = self.reach(profile, proxy_password).await?;
        let store = (self.connect)(&store_config(profile, bucket), &reach, credentials)?;
        Ok(Arc::new(Measured::over(store, Arc::clone(&self.requests))))
    }

    /// How the store of a profile is reached.
    ///
    /// # Errors
    /// The vault's, where the proxy's password is there.
    pub(crate) async fn reach(
        &self,
        profile: &Profile,
        proxy_password: Option<Secret>,
    ) -> Result<Reach, Fault> {
        let timeouts = profile.limits.timeouts(lock(&self.networks).timeouts);
        self.through(self.network(profile), timeouts, proxy_password).await
    }

    /// How something is reached that belongs to no profile.
    ///
    /// # Errors
    /// The vault's, where the proxy's password is there.
    pub(crate) async fn reach_beside_profiles(&self) -> Result<Reach, Fault> {
        let networks = lock(&self.networks).clone();
        let network = networks.this_run.within(&networks.settings);
        self.through(network, networks.timeouts, None).await
    }

    async fn through(
        &self,
        network: Network,
        timeouts: Timeouts,
        proxy_password: Option<Secret>,
    ) -> Result<Reach, Fault> {
        let proxy_password = proxy_password.or_else(|| lock(&self.networks).password.clone());
        let proxy_password = match proxy_password {
            Some(given) => Some(given),
            None => self.credentials.proxy_password(&network).await?,
        };
        Ok(Reach { timeouts, network, proxy_password })
    }

    /// What holds for a profile.
    fn network(&self, profile: &Profile) -> Network {
        let networks = lock(&self.networks);
        networks.this_run.within(&profile.network.within(&networks.settings))
    }

    /// Sets what holds where a profile says nothing else. Clients are made anew.
    pub(crate) fn set_network(&self, settings: Network, timeouts: Timeouts) {
        let mut networks = lock(&self.networks);
        if (&networks.settings, networks.timeouts) != (&settings, timeouts) {
            (networks.settings, networks.timeouts) = (settings, timeouts);
            lock(&self.stores).clear();
            self.outdated.notify_waiters();
        }
    }

    /// Sets the password for every proxy at which a user signs in, in this run.
    pub(crate) fn set_proxy_password_of_this_run(&self, password: Option<Secret>) {
        lock(&self.networks).password = password;
    }

    /// Sets what goes before every profile's network, in this run.
    pub(crate) fn set_network_of_this_run(&self, network: Network) {
        lock(&self.networks).this_run = network;
        lock(&self.stores).clear();
        self.outdated.notify_waiters();
    }

    /// Before a request: credentials that a command gives are renewed in time.
    ///
    /// # Errors
    /// The command's, if none at hand are good.
    pub(crate) async fn refresh_if_expiring(
        &self,
        profile: ProfileId,
        now_ms: i64,
    ) -> Result<(), Fault> {
        if let Some(new) = self.credentials.refresh_if_expiring(profile, now_ms).await? {
            self.sign_with(profile, &new);
        }
        Ok(())
    }

    /// After the store refused these credentials: whether there are others now.
    ///
    /// # Errors
    /// The command's.
    pub(crate) async fn replace(
        &self,
        profile: ProfileId,
        refused: Option<&Credentials>,
        now_ms: i64,
    ) -> Result<bool, Fault> {
        let Some(refused) = refused else { return Ok(false) };
        match self.credentials.replacement(profile, refused, now_ms).await? {
            Some(new) => {
                self.sign_with(profile, &new);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn sign_with(&self, profile: ProfileId, credentials: &Credentials) {
        for (_, store) in lock(&self.stores).iter().filter(|((of, _), _)| *of == profile) {
            store.set_credentials(credentials.clone());
        }
    }

    /// Seconds that this computer's clock is behind its stores', by the one that differs most.
    pub(crate) fn clock_offset(&self) -> i64 {
        let stores = lock(&self.stores);
        let offsets = stores.values().map(|store| store.clock_offset());
        offsets.max_by_key(|offset| offset.unsigned_abs()).unwrap_or(0)
    }

    /// Forgets the clients of a profile: its endpoint or credentials changed.
    pub(crate) fn forget(&self, profile: ProfileId) {
        lock(&self.stores).retain(|(of, _), _| *of != profile);
        self.credentials.forget(profile);
        self.outdated.notify_waiters();
    }

    /// Whether this is the client that new transfers of its bucket would get.
    pub(crate) fn is_current(&self, profile: ProfileId, store: &Arc<dyn ObjectStore>) -> bool {
        let stores = lock(&self.stores);
        stores.iter().any(|((of, _), current)| *of == profile && Arc::ptr_eq(current, store))
    }

    /// Returns once new transfers would get another client than this one.
    pub(crate) async fn replaced(&self, profile: ProfileId, store: &Arc<dyn ObjectStore>) {
        loop {
            let changed = self.outdated.notified();
            if !self.is_current(profile, store) {
                return;
            }
            changed.await;
        }
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

/// The keyring entry of a proxy's password: one for each user of a proxy, whichever profiles go
/// through it.
pub fn proxy_entry(instance: &str, proxy: &ProxyServer) -> String {
    format!("{instance}/proxy/{}@{}", proxy.user, proxy.address())
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
