//! The thread that owns the system's store.

use std::sync::{Arc, mpsc};

use ferry_model::Credentials;
use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use crate::VaultError;
use crate::claim::Reply;
use crate::secret_text::{decode, encode};

/// Opens the store. Called on the owner's thread only, at the first need and after each failure.
pub(crate) type Opener = Box<dyn FnMut() -> Result<Arc<CredentialStore>, Error> + Send>;

/// What is asked of the owner.
pub(crate) enum Request {
    /// Keep these under this name, in place of what is there.
    Store(String, Credentials, Reply<()>),
    /// What is kept under this name?
    Load(String, Reply<Option<Credentials>>),
    /// Keep nothing under this name.
    Delete(String, Reply<()>),
}

/// The store of this system.
pub(crate) fn system_store() -> Result<Arc<CredentialStore>, Error> {
    #[cfg(target_os = "linux")]
    return Ok(zbus_secret_service_keyring_store::Store::new()?);
    #[cfg(target_os = "macos")]
    return Ok(apple_native_keyring_store::keychain::Store::new()?);
    #[cfg(windows)]
    return Ok(windows_native_keyring_store::Store::new()?);
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    return Err(Error::NoDefaultStore);
}

/// Answers requests until the last sender is gone.
///
/// A request whose caller no longer waits is passed over: who was told "no answer" must not find it
/// carried out minutes later, when the user answers a forgotten prompt. Opening the store may show
/// that prompt, so each request is claimed after it, right before its effect.
pub(crate) fn serve(service: &str, opener: Opener, requests: &mpsc::Receiver<Request>) {
    let mut owner = Owner { service, opener, store: None };
    while let Ok(request) = requests.recv() {
        match request {
            Request::Store(entry, credentials, reply) if reply.is_wanted() => {
                let outcome = encode(&credentials)
                    .and_then(|text| owner.run(&entry, &reply, |entry| entry.set_secret(&text)));
                reply.send(outcome);
            }
            Request::Load(entry, reply) if reply.is_wanted() => {
                let found = owner.run(&entry, &reply, |entry| {
                    absent_is_none(entry.get_secret().map(Zeroizing::new))
                });
                reply.send(found.and_then(|text| text.map(|text| decode(&text)).transpose()));
            }
            Request::Delete(entry, reply) if reply.is_wanted() => {
                let outcome =
                    owner.run(&entry, &reply, |entry| absent_is_none(entry.delete_credential()));
                reply.send(outcome.map(drop));
            }
            Request::Store(..) | Request::Load(..) | Request::Delete(..) => {}
        }
    }
}

fn absent_is_none<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

struct Owner<'a> {
    service: &'a str,
    opener: Opener,
    store: Option<Arc<CredentialStore>>,
}

impl Owner<'_> {
    /// Runs one step on an entry. A platform failure may only mean that the service was started
    /// anew since the store was opened: then the step is tried once more with a new one.
    fn run<T, A>(
        &mut self,
        entry: &str,
        reply: &Reply<A>,
        step: impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<T, VaultError> {
        let was_open = self.store.is_some();
        match self.attempt(entry, reply, &step)? {
            Err(Error::PlatformFailure(_)) if was_open => {
                self.store = None;
                let second = self.attempt(entry, reply, &step)?;
                self.judge(second)
            }
            first => self.judge(first),
        }
    }

    fn attempt<T, A>(
        &mut self,
        entry: &str,
        reply: &Reply<A>,
        step: &impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<Result<T, Error>, VaultError> {
        let store = match &self.store {
            Some(store) => store,
            None => {
                let opened = (self.opener)().map_err(|error| {
                    tracing::warn!(why = said_by(&error), "no keyring");
                    VaultError::Absent
                })?;
                self.store.insert(opened)
            }
        };
        let entry = store.build(self.service, entry, None);
        if !reply.begin() {
            return Err(VaultError::TimedOut);
        }
        Ok(entry.and_then(|entry| step(&entry)))
    }

    fn judge<T>(&mut self, outcome: Result<T, Error>) -> Result<T, VaultError> {
        outcome.map_err(|error| {
            if matches!(error, Error::PlatformFailure(_)) {
                self.store = None;
            }
            meaning(&error)
        })
    }
}

/// What an error of the keyring means. Its own texts are used only where they cannot hold anything
/// of a secret.
fn meaning(error: &Error) -> VaultError {
    match error {
        // Without a service there is no session to open; one that is there but has no keyring in it
        // says so only when asked for it.
        Error::NoDefaultStore => VaultError::Absent,
        Error::NoStorageAccess(_) if cfg!(target_os = "linux") => VaultError::Locked,
        Error::NoStorageAccess(_) => VaultError::Denied,
        other => VaultError::Broken(said_by(other)),
    }
}

fn said_by(error: &Error) -> String {
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::NoEntry => "no such entry".to_owned(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "an entry cannot be read".to_owned(),
        Error::BadStoreFormat(_) => "its file is damaged".to_owned(),
        Error::TooLong(what, limit) => {
            format!("{what} is longer than the {limit} characters it takes")
        }
        Error::Invalid(what, why) => format!("{what}: {why}"),
        Error::Ambiguous(found) => format!("{} entries have the same name", found.len()),
        Error::NoDefaultStore => "this system has none that is known".to_owned(),
        Error::NotSupportedByStore(why) => why.clone(),
        _ => "an unknown answer".to_owned(),
    }
}
