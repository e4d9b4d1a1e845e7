//! The practice bucket: the sandbox inside this process, with a folder behind it and a key in the
//! same keyring as any other.

use ferry_engine::vault_entry;
use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, BatchOptions, ConnectionLimits, Credentials, ExistingChoice, Fault, FaultKind,
    IntegrityChoice, KeySource, LimitSchedule, LinkSettings, Naming, Network, Profile, ProfileId,
    ProfileKind, Provider, Secret, SignVersion,
};
use ferry_sandbox::{Config, Credential, Sandbox};

use crate::app::App;

/// Set once the practice bucket was made: a user who deletes it is not given another.
pub(crate) const OFFERED: &str = "practice-offered";
/// The port that links to the practice bucket name: it is asked for again at each start.
const PORT: &str = "practice-port";
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
        let sandbox = self.listen(config).await?;
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

    /// Starts the server where it was at the last start, so that links to it still lead there. Where
    /// another program has the port, any free one serves for this run.
    async fn listen(&self, config: Config) -> Result<Sandbox, Fault> {
        let journal = &self.inner.journal;
        let kept = journal.setting(PORT).await.map_err(|error| error.fault())?;
        let port = kept.and_then(|port| port.parse::<u16>().ok()).filter(|port| *port > 0);
        if let Some(port) = port {
            let mut there = config.clone();
            there.listen.set_port(port);
            match Sandbox::start(there).await {
                Ok(sandbox) => return Ok(sandbox),
                Err(error) => tracing::warn!(port, %error, "the practice bucket is elsewhere"),
            }
        }
        let sandbox = Sandbox::start(config)
            .await
            .map_err(|error| Fault::new(FaultKind::Internal).with_detail(error.to_string()))?;
        if port.is_none() {
            let port = sandbox.addr().port().to_string();
            journal.set_setting(PORT, &port).await.map_err(|error| error.fault())?;
        }
        Ok(sandbox)
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
        integrity: IntegrityChoice::Settings,
        existing: ExistingChoice::Settings,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::start::{Host, OpenOptions};

    async fn open(folder: &Path, host: Host) -> App {
        let options = OpenOptions { host, ..OpenOptions::in_memory(folder.to_path_buf()) };
        App::open(options).await.expect("opens")
    }

    async fn endpoint(app: &App) -> String {
        let profiles = app.inner.journal.profiles().await.expect("reads");
        let practice = profiles.into_iter().find(|each| each.kind == ProfileKind::Practice);
        practice.expect("is there").endpoint
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn links_to_the_practice_bucket_outlive_a_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = open(folder.path(), Host::Window).await;
        let first = endpoint(&app).await;
        app.shutdown().await;
        let app = open(folder.path(), Host::Window).await;
        assert_eq!(endpoint(&app).await, first);
        app.shutdown().await;

        // Where another program has the port, Ferry works elsewhere, and is back after that.
        let address = first.strip_prefix("http://").expect("an address");
        let taken = tokio::net::TcpListener::bind(address).await.expect("is free");
        let app = open(folder.path(), Host::Window).await;
        assert_ne!(endpoint(&app).await, first);
        app.shutdown().await;
        drop(taken);
        let app = open(folder.path(), Host::Window).await;
        assert_eq!(endpoint(&app).await, first);
        app.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_queue_is_read_while_a_window_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let window = open(&data, Host::Window).await;
        let file = folder.path().join("film.mov");
        std::fs::write(&file, "a film").expect("writes");
        window.add_paths(vec![file]).await.expect("is taken");
        for _ in 0..200 {
            let reader = open(&data, Host::Reader).await;
            let queue = reader.queue(None, 0, 10).await.expect("reads");
            reader.shutdown().await;
            if queue.iter().any(|item| item.destination.ends_with("/film.mov")) {
                return window.shutdown().await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the queue that the window has was not read");
    }
}
