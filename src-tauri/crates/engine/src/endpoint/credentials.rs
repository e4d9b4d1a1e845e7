//! The credentials of profiles: from the vault, the environment, or a command that is run anew
//! before they end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_model::{
    Credentials, Fault, FaultKind, KeySource, Network, Profile, ProfileId, Provider, Secret,
};
use ferry_vault::Vault;
use ferry_vault::process::ProcessSource;

use super::clients::{proxy_entry, vault_entry};
use crate::lock::lock;

/// Gives the keys that this process's environment holds for a provider.
pub type Environment = Arc<dyn Fn(Provider) -> Option<Credentials> + Send + Sync>;

/// Where each profile's clients get their keys, and what they sign with now.
pub(crate) struct CredentialSources {
    vault: Vault,
    instance: String,
    environment: Environment,
    commands: Mutex<BTreeMap<ProfileId, Command>>,
    current: Mutex<BTreeMap<ProfileId, Credentials>>,
}

#[derive(Debug, Clone)]
struct Command {
    line: String,
    source: Arc<ProcessSource>,
}

impl std::fmt::Debug for CredentialSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialSources").finish_non_exhaustive()
    }
}

impl CredentialSources {
    pub(crate) fn new(vault: Vault, instance: String, environment: Environment) -> Self {
        Self { vault, instance, environment, commands: Mutex::default(), current: Mutex::default() }
    }

    /// CredentialSources to make a client with. They count as in use from here on.
    ///
    /// # Errors
    /// [`FaultKind::CredentialsMissing`]; the keyring's; the command's.
    pub(crate) async fn load(&self, profile: &Profile, now_ms: i64) -> Result<Credentials, Fault> {
        let keys = match &profile.keys {
            KeySource::Process { command } => {
                let source = self.source(profile.id, command);
                source.credentials(now_ms).await.map_err(|error| error.fault())?
            }
            KeySource::Environment => match (self.environment)(profile.provider) {
                Some(keys) => keys,
                None => self.stored(profile).await?,
            },
            KeySource::Keyring => self.stored(profile).await?,
        };
        lock(&self.current).insert(profile.id, keys.clone());
        Ok(keys)
    }

    /// What the vault keeps for a profile, in the keyring or for this run.
    async fn stored(&self, profile: &Profile) -> Result<Credentials, Fault> {
        let keys = self
            .vault
            .load(&vault_entry(&self.instance, profile))
            .await
            .map_err(|error| error.fault())?;
        keys.ok_or_else(|| {
            Fault::new(FaultKind::CredentialsMissing).with_subject(profile.name.clone())
        })
    }

    /// The password of a network's proxy; `None` where no user signs in.
    ///
    /// # Errors
    /// The keyring's. A password that is not there is none: the proxy says what it misses.
    pub(crate) async fn proxy_password(&self, network: &Network) -> Result<Option<Secret>, Fault> {
        if !network.signs_in() {
            return Ok(None);
        }
        let entry = proxy_entry(&self.instance, &network.server()?);
        let stored = self.vault.load(&entry).await.map_err(|error| error.fault())?;
        Ok(stored.map(|stored| stored.access_key_secret))
    }

    /// New keys, where a command gives them and those in use are about to end; `None` where they
    /// stay.
    ///
    /// # Errors
    /// The command's, if no key at hand is good.
    pub(crate) async fn refresh_if_expiring(
        &self,
        profile: ProfileId,
        now_ms: i64,
    ) -> Result<Option<Credentials>, Fault> {
        let Some(command) = self.command(profile) else { return Ok(None) };
        let keys = command.source.credentials(now_ms).await.map_err(|error| error.fault())?;
        Ok(self.took(profile, keys))
    }

    /// What the profile's clients sign with now.
    pub(crate) fn current(&self, profile: ProfileId) -> Option<Credentials> {
        lock(&self.current).get(&profile).cloned()
    }

    /// New keys, because the store refused these; `None` where no command could give any. Who
    /// waited while another asked is given the same ones.
    ///
    /// # Errors
    /// The command's.
    pub(crate) async fn replacement(
        &self,
        profile: ProfileId,
        refused: &Credentials,
        now_ms: i64,
    ) -> Result<Option<Credentials>, Fault> {
        let Some(command) = self.command(profile) else { return Ok(None) };
        let keys = command.source.refresh(now_ms, refused).await.map_err(|error| error.fault())?;
        self.took(profile, keys.clone());
        Ok(Some(keys))
    }

    /// When the keys in use end, milliseconds since 1970.
    pub(crate) fn expire_ms(&self, profile: ProfileId) -> Option<i64> {
        lock(&self.current).get(&profile).and_then(|keys| keys.expires_ms)
    }

    /// Whether a command gives the profile's keys.
    pub(crate) fn by_command(&self, profile: ProfileId) -> bool {
        lock(&self.commands).contains_key(&profile)
    }

    /// The profile changed: what it had is asked for anew.
    pub(crate) fn forget(&self, profile: ProfileId) {
        lock(&self.commands).remove(&profile);
        lock(&self.current).remove(&profile);
    }

    fn took(&self, profile: ProfileId, keys: Credentials) -> Option<Credentials> {
        let mut current = lock(&self.current);
        if current.get(&profile) == Some(&keys) {
            return None;
        }
        current.insert(profile, keys.clone());
        Some(keys)
    }

    fn source(&self, profile: ProfileId, line: &str) -> Arc<ProcessSource> {
        let mut commands = lock(&self.commands);
        match commands.get(&profile) {
            Some(command) if command.line == line => Arc::clone(&command.source),
            _ => {
                let source = Arc::new(ProcessSource::new(line));
                commands.insert(
                    profile,
                    Command { line: line.to_owned(), source: Arc::clone(&source) },
                );
                source
            }
        }
    }

    fn command(&self, profile: ProfileId) -> Option<Command> {
        lock(&self.commands).get(&profile).cloned()
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::{
        BatchOptions, ConnectionLimits, ExistingPolicy, Integrity, LimitSchedule, LinkSettings,
        Naming, Network, ProfileKind, Secret, SignVersion,
    };

    use super::*;

    fn keys(id: &str) -> Credentials {
        Credentials {
            access_key_id: id.into(),
            access_key_secret: Secret::new("s"),
            security_token: None,
            expires_ms: Some(7),
        }
    }

    fn profile(keys: KeySource) -> Profile {
        Profile {
            id: ProfileId(1),
            name: "p".into(),
            kind: ProfileKind::Saved,
            provider: Provider::Oss,
            endpoint: "https://oss-cn-hangzhou.aliyuncs.com".into(),
            region: "cn-hangzhou".into(),
            bucket: "photos".into(),
            prefix: String::new(),
            addressing: ferry_model::Addressing::Auto,
            sign: SignVersion::V4,
            integrity: Integrity::Standard.into(),
            existing: ExistingPolicy::Ask.into(),
            plain_http: ferry_model::profile::PlainHttp::Refuse,
            keys,
            options: BatchOptions::default(),
            naming: Naming::default(),
            limits: ConnectionLimits::default(),
            links: LinkSettings::default(),
            network: Network::default(),
            speed_limit: LimitSchedule::default(),
        }
    }

    #[tokio::test]
    async fn each_source_is_asked_when_a_key_is_needed() {
        let vault = Vault::in_memory();
        let sources = CredentialSources::new(
            vault.clone(),
            "i".into(),
            Arc::new(|provider| (provider == Provider::Oss).then(|| keys("environment"))),
        );
        let by_environment = profile(KeySource::Environment);
        assert_eq!(
            sources.load(&by_environment, 0).await,
            Ok(keys("environment")),
            "also in a process that never saved the profile"
        );
        assert_eq!(sources.expire_ms(ProfileId(1)), Some(7));

        let by_keyring = profile(KeySource::Keyring);
        let missing = sources.load(&by_keyring, 0).await.expect_err("the keyring has none");
        assert_eq!(missing.kind, FaultKind::CredentialsMissing);
        vault.store(&vault_entry("i", &by_keyring), &keys("keyring")).await.expect("keeps");
        assert_eq!(sources.load(&by_keyring, 0).await, Ok(keys("keyring")));

        // The command line remembers what it was given where the variables are another tool's.
        let silent = CredentialSources::new(vault, "i".into(), Arc::new(|_| None));
        assert_eq!(silent.load(&by_environment, 0).await, Ok(keys("keyring")));
    }
}
