//! The vault over scripted stores; the system's own one is tried in `tests/system.rs`.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use ferry_model::{Credentials, FaultKind, Secret};
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::mock;
use keyring_core::{Credential, CredentialStore, Entry, Error};

use crate::{RESPONSE_TIMEOUT, Residence, Vault, VaultError};

const CANARIES: [&str; 2] = ["canary-secret-\"\\\u{1}密", "canary-token"];

fn credentials(id: &str) -> Credentials {
    Credentials {
        access_key_id: id.to_owned(),
        access_key_secret: Secret::new(CANARIES[0]),
        security_token: Some(Secret::new(CANARIES[1])),
        expires_ms: Some(1_767_225_600_123),
    }
}

/// A vault over keyring-core's mock, through the same thread as the system's; the store for setting
/// errors and looking inside.
fn mocked() -> (Vault, Arc<CredentialStore>) {
    let store: Arc<CredentialStore> = mock::Store::new().expect("a store");
    let shared = store.clone();
    (Vault::with_opener("ferry", Box::new(move || Ok(shared.clone()))), store)
}

fn fail_next(store: &Arc<CredentialStore>, entry: &str, error: Error) {
    let entry = store.build("ferry", entry, None).expect("builds");
    entry.as_any().downcast_ref::<mock::Cred>().expect("is the mock's").set_error(error);
}

fn platform() -> Error {
    Error::PlatformFailure("the service said no".into())
}

#[tokio::test]
async fn what_is_stored_is_loaded_until_it_is_deleted() {
    for vault in [Vault::in_memory(), mocked().0] {
        assert_eq!(vault.load("profile-1").await, Ok(None));
        vault.delete("profile-1").await.expect("is idempotent");
        vault.store("profile-1", &credentials("first")).await.expect("stores");
        vault.clone().store("profile-2", &credentials("other")).await.expect("stores");
        let plain = Credentials { security_token: None, expires_ms: None, ..credentials("second") };
        vault.store("profile-1", &plain).await.expect("replaces");
        assert_eq!(vault.load("profile-1").await, Ok(Some(plain)));
        assert_eq!(vault.load("profile-2").await, Ok(Some(credentials("other"))));
        vault.delete("profile-1").await.expect("deletes");
        vault.delete("profile-1").await.expect("is idempotent");
        assert_eq!(vault.load("profile-1").await, Ok(None));
        assert_eq!(vault.load("profile-2").await, Ok(Some(credentials("other"))));
    }
}

#[tokio::test]
async fn what_is_remembered_for_this_run_goes_first() {
    for vault in [Vault::in_memory(), mocked().0] {
        vault.store("profile-1", &credentials("kept")).await.expect("stores");
        assert_eq!(vault.is_session_only("profile-1"), Residence::Keyring);
        vault.remember_for_this_run("profile-1", credentials("typed"));
        assert_eq!(vault.is_session_only("profile-1"), Residence::ThisRunOnly);
        assert_eq!(vault.load("profile-1").await, Ok(Some(credentials("typed"))));
        vault.store("profile-1", &credentials("new")).await.expect("stores");
        assert_eq!(vault.is_session_only("profile-1"), Residence::Keyring);
        assert_eq!(vault.load("profile-1").await, Ok(Some(credentials("new"))));
        vault.remember_for_this_run("profile-1", credentials("typed"));
        vault.delete("profile-1").await.expect("deletes both");
        assert_eq!(vault.load("profile-1").await, Ok(None));
    }
}

#[tokio::test]
async fn without_a_keyring_only_this_run_remembers() {
    let vault = Vault::none();
    assert_eq!(vault.load("profile-1").await, Err(VaultError::Absent));
    assert_eq!(vault.store("profile-1", &credentials("x")).await, Err(VaultError::Absent));
    vault.remember_for_this_run("profile-1", credentials("typed"));
    assert_eq!(vault.store("profile-1", &credentials("x")).await, Err(VaultError::Absent));
    assert_eq!(
        vault.load("profile-1").await,
        Ok(Some(credentials("typed"))),
        "a failed store forgets nothing"
    );
    assert_eq!(vault.delete("profile-1").await, Err(VaultError::Absent));
    assert_eq!(vault.load("profile-1").await, Err(VaultError::Absent));
}

#[tokio::test]
async fn k1_each_error_of_the_keyring_has_its_meaning() {
    let (vault, store) = mocked();
    let refused = if cfg!(target_os = "linux") { VaultError::Locked } else { VaultError::Denied };
    let broken = |why: &str| VaultError::Broken(why.to_owned());
    let cases = [
        (Error::NoStorageAccess("locked".into()), refused),
        (Error::NoDefaultStore, VaultError::Absent),
        (Error::BadEncoding(CANARIES[1].into()), broken("an entry cannot be read")),
        (
            Error::BadDataFormat(CANARIES[1].into(), CANARIES[1].into()),
            broken("an entry cannot be read"),
        ),
        (Error::BadStoreFormat(CANARIES[1].into()), broken("its file is damaged")),
        (
            Error::TooLong("secret".into(), 2560),
            broken("secret is longer than the 2560 characters it takes"),
        ),
        (Error::Invalid("user".into(), "empty".into()), broken("user: empty")),
        (Error::Ambiguous(vec![]), broken("0 entries have the same name")),
        (Error::NotSupportedByStore("not here".into()), broken("not here")),
    ];
    for (error, expected) in cases {
        let shown = format!("{error:?}");
        fail_next(&store, "profile-1", error);
        let got = vault.load("profile-1").await.expect_err(&shown);
        assert_eq!(got, expected, "{shown}");
        no_canary(&[format!("{got} {got:?} {:?}", got.fault())]);
        assert_eq!(vault.load("profile-1").await, Ok(None), "the next call is a new one");
    }
    let kinds = [
        (VaultError::Locked, FaultKind::KeyringLocked),
        (VaultError::TimedOut, FaultKind::KeyringLocked),
        (VaultError::Denied, FaultKind::KeyringLocked),
        (VaultError::Absent, FaultKind::KeyringAbsent),
        (broken("x"), FaultKind::KeyringAbsent),
    ];
    for (error, kind) in kinds {
        assert_eq!(error.fault().kind, kind, "{error}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_tried_again_each_time() {
    let store: Arc<CredentialStore> = mock::Store::new().expect("a store");
    let tries = Arc::new(AtomicUsize::new(0));
    let (shared, counted) = (store.clone(), tries.clone());
    let opener = move || {
        if counted.fetch_add(1, Ordering::SeqCst) < 2 {
            Err(platform())
        } else {
            Ok(shared.clone())
        }
    };
    let vault = Vault::with_opener("ferry", Box::new(opener));
    assert_eq!(tries.load(Ordering::SeqCst), 0, "nothing is opened before it is needed");
    assert_eq!(vault.load("profile-1").await, Err(VaultError::Absent));
    assert_eq!(vault.store("profile-1", &credentials("x")).await, Err(VaultError::Absent));
    assert_eq!(vault.store("profile-1", &credentials("x")).await, Ok(()));
    assert_eq!(tries.load(Ordering::SeqCst), 3);

    // The service was started anew: one platform failure, then a new connection works.
    fail_next(&store, "profile-1", platform());
    assert_eq!(vault.load("profile-1").await, Ok(Some(credentials("x"))));
    assert_eq!(tries.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_nobody_answers_does_not_hold_the_caller() {
    let store: Arc<CredentialStore> = mock::Store::new().expect("a store");
    let (answer, prompt) = mpsc::channel::<()>();
    let shared = store.clone();
    let opener = move || {
        prompt.recv().expect("the test answers");
        Ok(shared.clone())
    };
    let vault = Vault::with_opener("ferry", Box::new(opener));
    let begun = tokio::time::Instant::now();
    assert_eq!(vault.load("profile-1").await, Err(VaultError::TimedOut));
    assert_eq!(begun.elapsed(), RESPONSE_TIMEOUT);
    // This one waits behind the first, and its caller gives up.
    assert_eq!(vault.store("profile-2", &credentials("late")).await, Err(VaultError::TimedOut));
    tokio::time::resume();
    answer.send(()).expect("the thread waits");
    assert_eq!(vault.load("profile-1").await, Ok(None), "it goes on once the prompt is answered");
    assert_eq!(
        vault.load("profile-2").await,
        Ok(None),
        "what the caller gave up was not carried out"
    );
}

/// Waits on a thread of its own, so that the paused clock stands still meanwhile.
async fn until(signal: mpsc::Receiver<()>) -> mpsc::Receiver<()> {
    tokio::task::spawn_blocking(move || {
        signal.recv().expect("the keyring's thread comes this far");
        signal
    })
    .await
    .expect("waits")
}

#[tokio::test(start_paused = true)]
async fn who_opened_the_prompt_and_gave_up_finds_nothing_carried_out() {
    let store: Arc<CredentialStore> = mock::Store::new().expect("a store");
    store.build("ferry", "kept", None).expect("builds").set_secret(b"{}").expect("sets");
    for delete in [false, true] {
        let (answer, prompt) = mpsc::channel::<()>();
        let (opens, opening) = mpsc::channel::<()>();
        let shared = store.clone();
        let opener = move || {
            opens.send(()).expect("the test listens");
            prompt.recv().expect("the test answers");
            Ok(shared.clone())
        };
        let vault = Vault::with_opener("ferry", Box::new(opener));
        let late = credentials("late");
        let asked = async {
            match delete {
                true => vault.delete("kept").await,
                false => vault.store("profile-1", &late).await,
            }
        };
        let (outcome, _opening) = tokio::join!(asked, until(opening));
        assert_eq!(outcome, Err(VaultError::TimedOut));
        answer.send(()).expect("the thread waits at the prompt");
        // Behind it in the queue: once this is answered, the other is done with.
        tokio::time::resume();
        assert_eq!(vault.load("behind").await, Ok(None));
        assert_eq!(vault.load("profile-1").await, Ok(None), "delete: {delete}");
        let kept = store.build("ferry", "kept", None).expect("builds").get_secret();
        assert!(kept.is_ok(), "delete: {delete}");
        tokio::time::pause();
    }
}

/// A store whose entries wait for an answer before they are written, as a locked collection does.
#[derive(Debug)]
struct Locked {
    began: Mutex<mpsc::Sender<()>>,
    unlocked: Mutex<mpsc::Receiver<()>>,
    written: AtomicUsize,
}

impl CredentialStoreApi for LockedStore {
    fn vendor(&self) -> String {
        "test".to_owned()
    }

    fn id(&self) -> String {
        "locked".to_owned()
    }

    fn build(
        &self,
        _: &str,
        _: &str,
        _: Option<&HashMap<&str, &str>>,
    ) -> keyring_core::Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(LockedEntry(self.0.clone()))))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct LockedStore(Arc<Locked>);

#[derive(Debug)]
struct LockedEntry(Arc<Locked>);

impl CredentialApi for LockedEntry {
    fn set_secret(&self, _: &[u8]) -> keyring_core::Result<()> {
        self.0.began.lock().expect("began").send(()).expect("the test listens");
        self.0.unlocked.lock().expect("unlocked").recv().expect("the test answers");
        self.0.written.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        Err(Error::NoEntry)
    }

    fn delete_credential(&self) -> keyring_core::Result<()> {
        Err(Error::NoEntry)
    }

    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[tokio::test(start_paused = true)]
async fn what_began_and_is_not_answered_is_in_doubt() {
    let (began, begins) = mpsc::channel();
    let (answer, unlocked) = mpsc::channel();
    let locked = Arc::new(Locked {
        began: Mutex::new(began),
        unlocked: Mutex::new(unlocked),
        written: AtomicUsize::new(0),
    });
    let store: Arc<CredentialStore> = Arc::new(LockedStore(locked.clone()));
    let vault = Vault::with_opener("ferry", Box::new(move || Ok(store.clone())));
    let late = credentials("late");
    let (outcome, _begins) = tokio::join!(vault.store("profile-1", &late), until(begins));
    assert_eq!(outcome, Err(VaultError::InDoubt));
    assert_eq!(VaultError::InDoubt.fault().kind, FaultKind::KeyringLocked);
    answer.send(()).expect("the thread waits");
    tokio::time::resume();
    assert_eq!(vault.load("behind").await, Ok(None));
    assert_eq!(locked.written.load(Ordering::SeqCst), 1, "it could not be taken back");
}

#[tokio::test]
async fn an_entry_of_before_keys_had_an_end_is_read() {
    let (vault, store) = mocked();
    for (token, shown) in [("null", None), ("\"tok\"", Some(Secret::new("tok")))] {
        let text = format!("{{\"id\":\"old\",\"secret\":\"kept\",\"token\":{token}}}");
        store
            .build("ferry", "profile-1", None)
            .expect("builds")
            .set_secret(text.as_bytes())
            .expect("sets");
        let expected = Credentials {
            access_key_id: "old".into(),
            access_key_secret: Secret::new("kept"),
            security_token: shown,
            expires_ms: None,
        };
        assert_eq!(vault.load("profile-1").await, Ok(Some(expected)));
    }
}

#[tokio::test]
async fn an_entry_that_is_not_ours_is_an_error_that_quotes_nothing() {
    let (vault, store) = mocked();
    let texts = [
        CANARIES[1].to_owned(),
        format!("{{\"id\":\"{0}\",\"secret\":\"{0}\",\"token\":{{\"{0}\":1}}}}", CANARIES[1]),
        format!("\"{}\"", CANARIES[1]),
        format!("{{\"id\":\"{}\"}}", CANARIES[1]),
        String::new(),
    ];
    for text in texts {
        store
            .build("ferry", "profile-1", None)
            .expect("builds")
            .set_secret(text.as_bytes())
            .expect("sets");
        let error = vault.load("profile-1").await.expect_err(&text);
        assert!(matches!(error, VaultError::Broken(_)), "{text}");
        no_canary(&[format!("{error} {error:?} {:?} {}", error.fault(), error.fault())]);
    }
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let (vault, _store) = mocked();
    vault.store("profile-1", &credentials("x")).await.expect("stores");
    vault.remember_for_this_run("profile-2", credentials("y"));
    let memory = Vault::in_memory();
    memory.store("profile-1", &credentials("x")).await.expect("stores");
    let loaded = vault.load("profile-1").await;
    no_canary(&[format!("{vault:?} {vault:#?} {memory:?} {:?} {loaded:?}", Vault::none())]);
}

fn no_canary(shown: &[String]) {
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
    }
}
