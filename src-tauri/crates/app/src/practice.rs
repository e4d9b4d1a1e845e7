//! The practice bucket: the sandbox inside this process, with a folder behind it and a key in the
//! same keyring as any other.

use ferry_engine::vault_entry;
use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, BatchOptions, ConnectionLimits, Credentials, ExistingPolicy, Fault, FaultKind,
    Integrity, KeySource, LimitSchedule, LinkSettings, Naming, Network, Profile, ProfileId,
    ProfileKind, Provider, Secret, SignVersion,
};
use ferry_sandbox::{Config, Credential, Sandbox};

use crate::app::App;

/// Set once the practice bucket was made: a user who deletes it is not given another.
pub(crate) const OFFERED: &str = "practice-offered";
const NAME: &str = "Practice bucket (this computer)";
const BUCKET: &str = "practice";
const REGION: &str = "cn-hangzhou";

impl App {
    /// Starts the server, makes the profile if there is none, and writes the new port into it.
    pub(crate) async fn start_practice(&self) -> Result<(), Fault> {
        let mut running = self.inner.practice.lock().await;
        if running.is_some() {
            return Ok(());
        }
        let journal = &self.inner.journal;
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        let known = profiles.into_iter().find(|profile| profile.kind == ProfileKind::Practice);
        let first = known.is_none();
        let mut profile = known.unwrap_or_else(fresh_profile);
        let keys = self.practice_keys(&profile).await;
        let mut config = Config::new(self.inner.data_dir.join(BUCKET));
        config.region = REGION.into();
        config.buckets = vec![BUCKET.into()];
        config.credentials =
            vec![Credential::new(keys.access_key_id.clone(), keys.access_key_secret.expose())];
        let sandbox = Sandbox::start(config)
            .await
            .map_err(|error| Fault::new(FaultKind::Internal).with_detail(error.to_string()))?;
        profile.endpoint = sandbox.endpoint();
        let id = journal.save_profile(&profile).await.map_err(|error| error.fault())?;
        if first {
            journal.set_setting(OFFERED, "yes").await.map_err(|error| error.fault())?;
            if journal.default_profile().await.map_err(|error| error.fault())?.is_none() {
                journal.set_default_profile(id).await.map_err(|error| error.fault())?;
            }
        }
        self.inner.engine.release(id);
        *running = Some(sandbox);
        Ok(())
    }

    /// The key from the keyring; a fresh one where there is none. Without a keyring it lasts for
    /// this run: the server takes any key it is started with.
    async fn practice_keys(&self, profile: &Profile) -> Credentials {
        let entry = vault_entry(&self.inner.instance, profile);
        if let Ok(Some(keys)) = self.inner.vault.load(&entry).await {
            return keys;
        }
        let made = Credential::generate();
        let keys = Credentials {
            access_key_id: made.access_key_id,
            access_key_secret: Secret::new(made.access_key_secret),
            security_token: None,
            expires_ms: None,
        };
        if let Err(error) = self.inner.vault.store(&entry, &keys).await {
            tracing::info!(fault = %error.fault(), "the practice bucket's key is kept for this run only");
            self.inner.vault.remember_for_this_run(&entry, keys.clone());
        }
        keys
    }
}

fn fresh_profile() -> Profile {
    Profile {
        id: ProfileId(0),
        name: NAME.into(),
        kind: ProfileKind::Practice,
        provider: Provider::Oss,
        endpoint: String::new(),
        region: REGION.into(),
        bucket: BUCKET.into(),
        prefix: String::new(),
        addressing: Addressing::Path,
        sign: SignVersion::V4,
        integrity: Integrity::Standard,
        existing: ExistingPolicy::Ask,
        plain_http: PlainHttp::Refuse,
        keys: KeySource::Keyring,
        options: BatchOptions::default(),
        naming: Naming::default(),
        limits: ConnectionLimits::default(),
        links: LinkSettings::default(),
        network: Network::default(),
        speed_limit: LimitSchedule::default(),
    }
}
