//! Profiles: kept in the journal without their secrets, which go to the keyring.

use ferry_engine::{TransferCommand, vault_entry};
use ferry_journal::{Filter, Selection, StateGroup, TransferRow};
use ferry_model::profile::ProfileColour;
use ferry_model::{
    Affects, Credentials, Fault, FaultKind, KeySource, Profile, ProfileId, ProfileKind, Standing,
};
use ferry_vault::Residence;

use crate::app::App;
use crate::environment;
use crate::import::masked;
use crate::messages::{
    FormReading, Problem, ProfileForm, ProfileView, SaveSecret, SavedProfile, SecretPlace,
    SecretsInput,
};

/// Failed rows looked through at once.
const ROWS_AT_ONCE: u64 = 1_000;

impl App {
    /// Understands what was typed, before anything is saved.
    pub async fn read_profile_form(&self, form: ProfileForm) -> FormReading {
        crate::form::read(&form)
    }

    /// Saves a profile, new (`None`) or existing. What was left empty of its key stays as it is. When
    /// the keyring refuses, the profile is saved all the same and the answer says where the secret
    /// is.
    ///
    /// # Errors
    /// The first problem of the form; the name is taken; the journal's.
    pub async fn save_profile(
        &self,
        id: Option<i64>,
        form: ProfileForm,
        secrets: SecretsInput,
        place: SaveSecret,
    ) -> Result<SavedProfile, Problem> {
        let SecretsInput { key, proxy_password } = secrets;
        let stored = match id {
            Some(id) => self.stored_profile(id).await?,
            None => None,
        };
        let profile = match &stored {
            // Its address and key belong to the server inside; the rest is the user's.
            Some(practice) if practice.kind == ProfileKind::Practice => {
                let reading = crate::form::read(&crate::form::practice_form(practice, &form));
                if let Some(first) = reading.problems.into_iter().next() {
                    return Err(first.problem);
                }
                let profile =
                    crate::form::profile(practice.id, ProfileKind::Practice, &reading.form);
                Profile {
                    name: profile.name,
                    existing: profile.existing,
                    integrity: profile.integrity,
                    prefix: profile.prefix,
                    options: profile.options,
                    naming: profile.naming,
                    limits: profile.limits,
                    links: profile.links,
                    ..practice.clone()
                }
            }
            _ => {
                let reading = crate::form::read(&form);
                if let Some(first) = reading.problems.into_iter().next() {
                    return Err(first.problem);
                }
                crate::form::profile(
                    stored.as_ref().map_or(ProfileId(0), |stored| stored.id),
                    ProfileKind::Saved,
                    &reading.form,
                )
            }
        };
        let given = match profile.keys {
            KeySource::Keyring => self.given(key, stored.as_ref()).await?,
            KeySource::Environment | KeySource::Process { .. } => None,
        };
        let (keys, place) = match (given, &stored) {
            _ if profile.keys != KeySource::Keyring => (None, place),
            (Some(keys), _) => (Some(keys), place),
            // The entry names the host: under another address the key has to move, to the same kind
            // of place.
            (None, Some(stored)) => self.keys_to_move(stored, &profile).await?,
            (None, None) => (None, place),
        };
        let id = self.inner.journal.save_profile(&profile).await?;
        let mut saved =
            self.keep_keys(&Profile { id, ..profile.clone() }, stored.as_ref(), keys, place).await;
        if let Err(fault) = self.keep_proxy_password(&profile.network, &proxy_password).await {
            saved.keyring_problem.get_or_insert(fault.into());
        }
        if self.inner.journal.default_profile().await?.is_none() {
            self.inner.journal.set_default_profile(id).await?;
        }
        self.read_profile_limits().await?;
        self.inner.engine.release(id);
        self.retry_after_correction(id).await?;
        self.renew_watches(id).await?;
        self.setup_changed();
        Ok(saved)
    }

    /// Saves a profile as [`App::save_profile`] does, and makes a new one the one that files go to:
    /// a user who fills in a profile means to use it.
    ///
    /// # Errors
    /// Those of [`App::save_profile`].
    pub async fn save_and_choose_profile(
        &self,
        id: Option<i64>,
        form: ProfileForm,
        secrets: SecretsInput,
        place: SaveSecret,
    ) -> Result<SavedProfile, Problem> {
        let saved = self.save_profile(id, form, secrets, place).await?;
        if id.is_none() {
            self.choose_profile(saved.id).await?;
        }
        Ok(saved)
    }

    /// What failed for the profile's sake goes on once the profile is corrected.
    async fn retry_after_correction(&self, id: ProfileId) -> Result<(), Fault> {
        let failed =
            Filter { state: Some(StateGroup::Only(Standing::Failed)), ..Filter::default() };
        let mut offset = 0;
        let mut ids = Vec::new();
        loop {
            let page = self
                .inner
                .journal
                .page(failed.clone(), offset, ROWS_AT_ONCE)
                .await
                .map_err(|error| error.fault())?;
            offset += page.rows.len() as u64;
            let last = page.rows.is_empty() || offset >= page.total;
            let stopped = |row: &TransferRow| {
                row.fault.as_ref().is_some_and(|fault| fault.kind.affects() == Affects::Profile)
            };
            ids.extend(
                page.rows.iter().filter(|row| row.profile == id && stopped(row)).map(|row| row.id),
            );
            if last {
                break;
            }
        }
        if !ids.is_empty() {
            self.inner.engine.apply(TransferCommand::Retry, Selection::Ids(ids)).await?;
        }
        Ok(())
    }

    /// The stored key and where it is kept. A keyring that cannot be asked is an error only where
    /// the key would be left behind.
    async fn keys_to_move(
        &self,
        before: &Profile,
        after: &Profile,
    ) -> Result<(Option<Credentials>, SaveSecret), Fault> {
        let entry = vault_entry(&self.inner.instance, before);
        let place = match self.inner.vault.is_session_only(&entry) {
            Residence::ThisRunOnly => SaveSecret::ThisRunOnly,
            Residence::Keyring => SaveSecret::Keyring,
        };
        match self.keys_of(before).await {
            Ok(keys) => Ok((keys, place)),
            Err(_) if entry == vault_entry(&self.inner.instance, after) => Ok((None, place)),
            Err(fault) => Err(fault),
        }
    }

    async fn keep_keys(
        &self,
        profile: &Profile,
        before: Option<&Profile>,
        keys: Option<Credentials>,
        place: SaveSecret,
    ) -> SavedProfile {
        let id = profile.id.0;
        let entry = vault_entry(&self.inner.instance, profile);
        let elsewhere = match profile.keys {
            KeySource::Keyring => None,
            KeySource::Environment => Some(environment_place(profile)),
            KeySource::Process { .. } => Some(SecretPlace::Command),
        };
        if let Some(secret) = elsewhere {
            // A key that nothing reads any more should not lie about.
            for profile in before.into_iter().chain([profile]) {
                let _ = self.inner.vault.delete(&vault_entry(&self.inner.instance, profile)).await;
            }
            return SavedProfile { id, secret, keyring_problem: None };
        }
        let Some(keys) = keys else {
            return SavedProfile { id, secret: SecretPlace::Missing, keyring_problem: None };
        };
        let saved = match place {
            SaveSecret::ThisRunOnly => {
                self.inner.vault.remember_for_this_run(&entry, keys);
                SavedProfile { id, secret: SecretPlace::ThisRunOnly, keyring_problem: None }
            }
            SaveSecret::Keyring => match self.inner.vault.store(&entry, &keys).await {
                Ok(()) => SavedProfile { id, secret: SecretPlace::Keyring, keyring_problem: None },
                Err(error) => SavedProfile {
                    id,
                    secret: SecretPlace::Missing,
                    keyring_problem: Some(error.fault().into()),
                },
            },
        };
        let old = before
            .map(|before| vault_entry(&self.inner.instance, before))
            .filter(|old| *old != entry);
        if let Some(old) = old.filter(|_| saved.keyring_problem.is_none()) {
            // Only once the key is safe in its new place. What cannot be deleted now is an entry
            // that nothing reads any more.
            let _ = self.inner.vault.delete(&old).await;
        }
        saved
    }

    /// Makes a copy named `… (2)` with the same key, and returns its number.
    ///
    /// # Errors
    /// Unknown profile; the journal's.
    pub async fn duplicate_profile(&self, id: i64) -> Result<i64, Problem> {
        let original =
            self.stored_profile(id).await?.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        if original.kind == ProfileKind::Practice {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject(original.name)
                .with_detail("there is one practice bucket")
                .into());
        }
        let names: Vec<String> =
            self.profiles().await?.into_iter().map(|profile| profile.name).collect();
        let name = (2..)
            .map(|n| format!("{} ({n})", original.name))
            .find(|name| !names.contains(name))
            .expect("names do not run out");
        let (keys, place) = self.keys_to_move(&original, &original).await?;
        let copy = Profile { id: ProfileId(0), name, ..original };
        let id = self.inner.journal.save_profile(&copy).await?;
        self.keep_keys(&Profile { id, ..copy }, None, keys, place).await;
        self.read_profile_limits().await?;
        self.setup_changed();
        Ok(id.0)
    }

    /// Deletes a profile and its key. Its finished transfers stay in the list.
    ///
    /// # Errors
    /// Transfers under way still use it; the journal's.
    pub async fn delete_profile(&self, id: i64) -> Result<(), Problem> {
        let Some(profile) = self.stored_profile(id).await? else { return Ok(()) };
        self.inner.journal.delete_profile(profile.id).await?;
        // An entry that cannot be deleted now is one that nothing reads any more: numbers are never
        // used again.
        let _ = self.inner.vault.delete(&vault_entry(&self.inner.instance, &profile)).await;
        self.inner.engine.release(profile.id);
        self.read_profile_limits().await?;
        // Drops must have somewhere to go as long as there is a profile at all.
        if self.inner.journal.default_profile().await?.is_none()
            && let Some(next) = self.profiles().await?.first()
        {
            self.inner.journal.set_default_profile(next.id).await?;
        }
        self.renew_watches(profile.id).await?;
        self.setup_changed();
        Ok(())
    }

    /// Makes a profile the one that drops go to.
    ///
    /// # Errors
    /// Unknown profile; the journal's.
    pub async fn choose_profile(&self, id: i64) -> Result<(), Problem> {
        self.inner.journal.set_default_profile(ProfileId(id)).await?;
        self.setup_changed();
        Ok(())
    }

    /// The profiles a user knows: saved ones and the practice bucket, in order.
    ///
    /// # Errors
    /// The journal's.
    pub async fn profiles(&self) -> Result<Vec<Profile>, Fault> {
        let profiles = self.inner.journal.profiles().await.map_err(|error| error.fault())?;
        Ok(profiles.into_iter().filter(|profile| profile.kind != ProfileKind::AdHoc).collect())
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchProfile`]; the journal's.
    pub async fn profile_named(&self, name: &str) -> Result<Profile, Fault> {
        let found = self.inner.journal.profile_named(name).await.map_err(|error| error.fault())?;
        let found = found.filter(|profile| profile.kind != ProfileKind::AdHoc);
        found.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile).with_subject(name))
    }

    /// The profile that drops go to, if one is chosen.
    ///
    /// # Errors
    /// The journal's.
    pub async fn default_profile(&self) -> Result<Option<Profile>, Fault> {
        let Some(id) = self.inner.journal.default_profile().await.map_err(|error| error.fault())?
        else {
            return Ok(None);
        };
        self.stored_profile(id.0).await
    }

    pub(crate) async fn stored_profile(&self, id: i64) -> Result<Option<Profile>, Fault> {
        self.inner.journal.profile(ProfileId(id)).await.map_err(|error| error.fault())
    }

    pub(crate) async fn keys_of(&self, profile: &Profile) -> Result<Option<Credentials>, Fault> {
        self.inner
            .vault
            .load(&vault_entry(&self.inner.instance, profile))
            .await
            .map_err(|error| error.fault())
    }

    /// Keeps keys for this run, where the keyring has none or cannot be asked: what the environment
    /// holds.
    pub async fn remember_keys(&self, profile: &Profile, keys: Credentials) {
        self.inner.vault.remember_for_this_run(&vault_entry(&self.inner.instance, profile), keys);
        self.inner.engine.release(profile.id);
    }

    /// Whether the keyring, or this run, has keys for the profile.
    ///
    /// # Errors
    /// The keyring's.
    pub async fn has_keys(&self, profile: &Profile) -> Result<bool, Fault> {
        Ok(self.keys_of(profile).await?.is_some())
    }

    pub(crate) async fn profile_views(&self) -> Result<Vec<ProfileView>, Fault> {
        let mut views = Vec::new();
        for profile in self.profiles().await? {
            views.push(self.profile_view(profile).await);
        }
        Ok(views)
    }

    async fn profile_view(&self, profile: Profile) -> ProfileView {
        let entry = vault_entry(&self.inner.instance, &profile);
        let mut token_ends_ms = None;
        let (secret, access_key_hint) = match self.inner.vault.load(&entry).await {
            _ if matches!(profile.keys, KeySource::Process { .. }) => (SecretPlace::Command, None),
            _ if profile.keys == KeySource::Environment => {
                let keys = environment::credentials(profile.provider);
                token_ends_ms = keys.as_ref().and_then(|keys| keys.expires_ms);
                (environment_place(&profile), keys.map(|keys| masked(&keys.access_key_id)))
            }
            Ok(Some(keys)) => {
                token_ends_ms = keys.expires_ms;
                let place = match self.inner.vault.is_session_only(&entry) {
                    Residence::ThisRunOnly => SecretPlace::ThisRunOnly,
                    Residence::Keyring => SecretPlace::Keyring,
                };
                (place, Some(masked(&keys.access_key_id)))
            }
            Ok(None) => (SecretPlace::Missing, None),
            Err(_) => (SecretPlace::Unknown, None),
        };
        ProfileView {
            id: profile.id.0,
            name: profile.name.clone(),
            practice: profile.kind == ProfileKind::Practice,
            form: crate::form::form_of(&profile),
            colour: ProfileColour::of(profile.id),
            secret,
            access_key_hint,
            token_ends_ms,
        }
    }
}

fn environment_place(profile: &Profile) -> SecretPlace {
    match environment::credentials(profile.provider) {
        Some(_) => SecretPlace::Environment,
        None => SecretPlace::Missing,
    }
}
