//! "Test connection": a real write under the prefix, begun and taken back.

use std::time::Duration;

use ferry_model::{Credentials, Fault, FaultKind, KeySource, Profile, Secret, key, message};
use ferry_storage::{ObjectOptions, ObjectStore, StoreError, sign_again};
use ferry_vault::process;

use crate::app::{App, now_ms};
use crate::environment;
use crate::messages::{KeyInput, Problem, ProfileForm, SecretInput, SecretsInput, TestOutcome};

/// How long a test may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

impl App {
    /// Begins an upload under the profile's prefix and aborts it: it creates no object, and needs
    /// just the rights an upload needs. An empty secret means the one that is stored.
    ///
    /// # Errors
    /// Only the journal's; what is wrong with the connection is the outcome.
    pub async fn test_profile(
        &self,
        id: Option<i64>,
        form: ProfileForm,
        secrets: SecretsInput,
    ) -> Result<TestOutcome, Problem> {
        let SecretsInput { key, proxy_password } = secrets;
        let stored = match id {
            Some(id) => self.stored_profile(id).await?,
            None => None,
        };
        let reading = crate::form::read(&form);
        if let Some(first) = reading.problems.into_iter().find(|problem| problem.field != "name") {
            return Ok(TestOutcome::Failed { problem: first.problem });
        }
        let kind = stored.as_ref().map_or(ferry_model::ProfileKind::Saved, |profile| profile.kind);
        let profile = crate::form::profile(
            stored.as_ref().map_or(ferry_model::ProfileId(0), |profile| profile.id),
            kind,
            &reading.form,
        );
        let keys = match (self.given(key), &profile.keys) {
            (Some(keys), KeySource::Keyring) => Ok(Some(keys)),
            (None, KeySource::Keyring) => match &stored {
                Some(stored) => self.keys_of(stored).await,
                None => Ok(None),
            },
            (_, KeySource::Environment) => Ok(environment::credentials(profile.provider)),
            (_, KeySource::Process { command }) => {
                process::run(command, now_ms()).await.map(Some).map_err(|error| error.fault())
            }
        };
        let tested = match keys {
            Ok(Some(keys)) => {
                let typed = Some(proxy_password).filter(|typed| !typed.is_empty());
                self.try_write(&profile, keys, typed.map(Secret::new)).await
            }
            Ok(None) => {
                Err(Fault::new(FaultKind::CredentialsMissing).with_subject(profile.name.clone()))
            }
            Err(fault) => Err(fault),
        };
        Ok(outcome(&profile, tested))
    }

    /// Tests a stored profile with its stored keys.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn test_stored(&self, profile: &Profile) -> Result<i64, Fault> {
        let keys = self.inner.engine.keys(profile).await?;
        self.try_write(profile, keys, None).await
    }

    async fn try_write(
        &self,
        profile: &Profile,
        keys: Credentials,
        proxy_password: Option<Secret>,
    ) -> Result<i64, Fault> {
        let store = self.inner.engine.connect(profile, keys, proxy_password).await?;
        match tokio::time::timeout(PATIENCE, write_and_take_back(store.as_ref(), &profile.prefix))
            .await
        {
            Ok(tested) => tested.map_err(|error| error.fault).map(|()| store.clock_offset()),
            Err(_) => Err(Fault::new(FaultKind::Stalled)),
        }
    }
}

async fn write_and_take_back(store: &dyn ObjectStore, prefix: &str) -> Result<(), StoreError> {
    let key = key::join(prefix, &[&format!(".ferry-test-{:08x}", fastrand::u32(..))]);
    let options = ObjectOptions::default();
    let upload_id = sign_again(|| store.initiate(&key, &options)).await?;
    match sign_again(|| store.abort(&key, &upload_id)).await {
        // Gone is what was wanted.
        Err(error) if error.fault.kind == FaultKind::UploadGone => Ok(()),
        aborted => aborted,
    }
}

fn outcome(profile: &Profile, tested: Result<i64, Fault>) -> TestOutcome {
    let place = format!("{}://{}/{}", profile.provider.word(), profile.bucket, profile.prefix);
    match tested {
        Ok(clock_offset_seconds) => TestOutcome::Passed {
            sentence: message::connection_test_passed(place).into(),
            clock_offset_seconds,
        },
        Err(mut fault) => {
            fault.subject.get_or_insert_with(|| match fault.kind {
                FaultKind::Unreachable | FaultKind::TlsFailed | FaultKind::CertificateUntrusted => {
                    profile.endpoint.clone()
                }
                _ => profile.bucket.clone(),
            });
            TestOutcome::Failed { problem: fault.into() }
        }
    }
}

impl App {
    /// The keys that come with a form; `None` when they were left empty.
    pub(crate) fn given(&self, key: Option<KeyInput>) -> Option<Credentials> {
        match key? {
            KeyInput::Typed { secret } => typed(&secret),
            KeyInput::Imported { id } => self.imported(id),
        }
    }
}

fn typed(secret: &SecretInput) -> Option<Credentials> {
    let (id, text) = (secret.access_key_id.trim(), secret.access_key_secret.trim());
    if id.is_empty() || text.is_empty() {
        return None;
    }
    let token =
        Some(secret.security_token.trim()).filter(|token| !token.is_empty()).map(Secret::new);
    Some(Credentials {
        access_key_id: id.to_owned(),
        access_key_secret: Secret::new(text),
        security_token: token,
        expires_ms: secret.expires_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_key_is_taken_with_its_token_and_its_end() {
        let input = |secret: &str| SecretInput {
            access_key_id: " STS.id ".into(),
            access_key_secret: secret.into(),
            security_token: "token".into(),
            expires_ms: Some(7),
        };
        let keys = typed(&input("secret")).expect("a key");
        assert_eq!(
            (keys.access_key_id.as_str(), keys.expires_ms, keys.security_token.is_some()),
            ("STS.id", Some(7), true)
        );
        assert_eq!(typed(&input(" ")), None);
    }
}
