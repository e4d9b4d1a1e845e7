//! "Test connection": a real write under the prefix, begun and taken back.

use std::time::Duration;

use ferry_model::{Credentials, Fault, FaultKind, KeySource, Profile, Secret, key, message};
use ferry_storage::{ObjectOptions, ObjectStore, StoreError, sign_again};
use ferry_vault::process;

use crate::app::{App, now_ms};
use crate::environment;
use crate::messages::{KeyInput, Problem, ProfileForm, SecretInput, SecretsInput, TestOutcome};

/// How long a test may take in all.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

impl App {
    /// Begins an upload under the profile's prefix and aborts it: it creates no object, and needs
    /// just the rights an upload needs. What is left empty of the key means what is stored.
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
        let keys = match (self.given(key, stored.as_ref()).await, &profile.keys) {
            (Err(fault), KeySource::Keyring) => Err(fault),
            (Ok(Some(keys)), KeySource::Keyring) => Ok(Some(keys)),
            (Ok(None), KeySource::Keyring) => match &stored {
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
        match tokio::time::timeout(
            RESPONSE_TIMEOUT,
            write_and_take_back(store.as_ref(), &profile.prefix),
        )
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
    /// The keys that come with a form; `None` when they were left empty. A secret without an id is
    /// a new one of the key that is stored.
    ///
    /// # Errors
    /// A secret without an id where none is stored; the keyring's, asked for the id.
    pub(crate) async fn given(
        &self,
        key: Option<KeyInput>,
        stored: Option<&Profile>,
    ) -> Result<Option<Credentials>, Fault> {
        let secret = match key {
            None => return Ok(None),
            Some(KeyInput::Imported { id }) => return Ok(self.imported(id)),
            Some(KeyInput::Typed { secret }) => secret,
        };
        if secret.access_key_secret.trim().is_empty() {
            return Ok(None);
        }
        let typed_id = secret.access_key_id.trim();
        let id = match stored {
            _ if !typed_id.is_empty() => Some(typed_id.to_owned()),
            Some(stored) => self.keys_of(stored).await?.map(|keys| keys.access_key_id),
            None => None,
        };
        let id = id.ok_or_else(|| Fault::new(FaultKind::CredentialsMissing))?;
        Ok(Some(typed(id, &secret)))
    }
}

fn typed(access_key_id: String, secret: &SecretInput) -> Credentials {
    let token =
        Some(secret.security_token.trim()).filter(|token| !token.is_empty()).map(Secret::new);
    Credentials {
        access_key_id,
        access_key_secret: Secret::new(secret.access_key_secret.trim()),
        security_token: token,
        expires_ms: secret.expires_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_secret_alone_is_of_the_key_that_is_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = crate::start::OpenOptions::in_memory(folder.path().to_owned());
        let app = App::open(options).await.expect("opens");
        let typed = |id: &str, secret: &str| KeyInput::Typed {
            secret: SecretInput {
                access_key_id: id.into(),
                access_key_secret: secret.into(),
                security_token: "token".into(),
                expires_ms: Some(7),
            },
        };
        let stored = app.default_profile().await.expect("reads").expect("the practice bucket");
        let keys = app.keys_of(&stored).await.expect("reads").expect("its key");
        let given = async |id: &str, secret: &str, stored: Option<&Profile>| {
            let keys = app.given(Some(typed(id, secret)), stored).await.map_err(|fault| fault.kind);
            keys.map(|keys| {
                keys.map(|keys| {
                    assert_eq!((keys.expires_ms, keys.security_token.is_some()), (Some(7), true));
                    (keys.access_key_id, keys.access_key_secret.expose().to_owned())
                })
            })
        };
        let pair = |id: &str, secret: &str| Ok(Some((id.to_owned(), secret.to_owned())));
        assert_eq!(given(" STS.id ", "secret", None).await, pair("STS.id", "secret"));
        assert_eq!(given("STS.id", " ", None).await, Ok(None));
        assert_eq!(given("", " new ", Some(&stored)).await, pair(&keys.access_key_id, "new"));
        assert_eq!(given("", "new", None).await, Err(FaultKind::CredentialsMissing));
        app.shutdown().await;
    }
}
