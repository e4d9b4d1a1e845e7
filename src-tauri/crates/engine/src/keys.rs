//! The keys of profiles: from the vault, or from a command that is run anew before they end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use ferry_model::{Credentials, Fault, FaultKind, KeySource, Profile, ProfileId, Provider};
use ferry_vault::Vault;
use ferry_vault::process::ProcessSource;

use crate::context::vault_entry;

/// Gives the keys that this process's environment holds for a provider.
pub type Environment = Arc<dyn Fn(Provider) -> Option<Credentials> + Send + Sync>;

/// Where each profile's clients get their keys, and what they sign with now.
pub(crate) struct Keys {
    vault: Vault,
    instance: String,
    environment: Environment,
    commands: Mutex<HashMap<ProfileId, Command>>,
    in_use: Mutex<HashMap<ProfileId, Credentials>>,
}

#[derive(Debug, Clone)]
struct Command {
    line: String,
    source: Arc<ProcessSource>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    pub(crate) fn new(vault: Vault, instance: String, environment: Environment) -> Self {
        Self { vault, instance, environment, commands: Mutex::default(), in_use: Mutex::default() }
    }

    /// Keys to make a client with. They count as in use from here on.
    ///
    /// # Errors
    /// [`FaultKind::CredentialsMissing`]; the keyring's; the command's.
    pub(crate) async fn of(&self, profile: &Profile, now_ms: i64) -> Result<Credentials, Fault> {
        let keys = match &profile.keys {
            KeySource::Process { command } => {
                let source = self.source(profile.id, command);
                source.credentials(now_ms).await.map_err(|error| error.fault())?
            }
            KeySource::Keyring | KeySource::Environment => {
                let entry = vault_entry(&self.instance, profile);
                let by_environment = match profile.keys {
                    KeySource::Environment => (self.environment)(profile.provider),
                    _ => None,
                };
                let keys = match by_environment {
                    Some(keys) => Some(keys),
                    None => self.vault.load(&entry).await.map_err(|error| error.fault())?,
                };
                keys.ok_or_else(|| Fault::new(FaultKind::CredentialsMissing).about(profile.name.clone()))?
            }
        };
        lock(&self.in_use).insert(profile.id, keys.clone());
        Ok(keys)
    }

    /// New keys, where a command gives them and those in use are about to end; `None` where they stay.
    ///
    /// # Errors
    /// The command's, if no key at hand is good.
    pub(crate) async fn fresher(&self, profile: ProfileId, now_ms: i64) -> Result<Option<Credentials>, Fault> {
        let Some(command) = self.command(profile) else { return Ok(None) };
        let keys = command.source.credentials(now_ms).await.map_err(|error| error.fault())?;
        Ok(self.took(profile, keys))
    }

    /// What the profile's clients sign with now.
    pub(crate) fn in_use(&self, profile: ProfileId) -> Option<Credentials> {
        lock(&self.in_use).get(&profile).cloned()
    }

    /// New keys, because the store refused these; `None` where no command could give any. Who waited while another asked is given the same
    /// ones.
    ///
    /// # Errors
    /// The command's.
    pub(crate) async fn instead(&self, profile: ProfileId, refused: &Credentials, now_ms: i64) -> Result<Option<Credentials>, Fault> {
        let Some(command) = self.command(profile) else { return Ok(None) };
        let keys = command.source.refresh(now_ms, refused).await.map_err(|error| error.fault())?;
        self.took(profile, keys.clone());
        Ok(Some(keys))
    }

    /// When the keys in use end, milliseconds since 1970.
    pub(crate) fn ends(&self, profile: ProfileId) -> Option<i64> {
        lock(&self.in_use).get(&profile).and_then(|keys| keys.expires_ms)
    }

    /// Whether a command gives the profile's keys.
    pub(crate) fn by_command(&self, profile: ProfileId) -> bool {
        lock(&self.commands).contains_key(&profile)
    }

    /// The profile changed: what it had is asked for anew.
    pub(crate) fn forget(&self, profile: ProfileId) {
        lock(&self.commands).remove(&profile);
        lock(&self.in_use).remove(&profile);
    }

    fn took(&self, profile: ProfileId, keys: Credentials) -> Option<Credentials> {
        let mut in_use = lock(&self.in_use);
        if in_use.get(&profile) == Some(&keys) {
            return None;
        }
        in_use.insert(profile, keys.clone());
        Some(keys)
    }

    fn source(&self, profile: ProfileId, line: &str) -> Arc<ProcessSource> {
        let mut commands = lock(&self.commands);
        match commands.get(&profile) {
            Some(command) if command.line == line => Arc::clone(&command.source),
            _ => {
                let source = Arc::new(ProcessSource::new(line));
                commands.insert(profile, Command { line: line.to_owned(), source: Arc::clone(&source) });
                source
            }
        }
    }

    fn command(&self, profile: ProfileId) -> Option<Command> {
        lock(&self.commands).get(&profile).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no code panics while holding this lock")
}
