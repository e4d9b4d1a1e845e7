//! Looks and packages over a server of releases, with a key of the test's own.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::advance;

use super::*;
use crate::OpenOptions;
use crate::messages::{Notice, Settings, UpdateStep};
use crate::publisher::lock;

const TARGET: &str = "test-x86_64";

/// A pair of keys, as minisign makes them.
struct Signer(Ed25519KeyPair);

impl Signer {
    fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed"))
    }

    fn public_key(&self) -> String {
        let key = [b"Ed".as_slice(), &[7; 8], self.0.public_key().as_ref()].concat();
        BASE64_STANDARD.encode(format!("untrusted comment: a key\n{}", BASE64_STANDARD.encode(key)))
    }

    /// What `tauri signer sign` writes beside a package of this version.
    fn sign(&self, package: &[u8], version: &str) -> String {
        let signature = self.0.sign(package);
        let comment = format!("timestamp:1700000000\tfile:ferry.tar.gz\tversion:{version}");
        let whole = self.0.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let signature = [b"Ed".as_slice(), &[7; 8], signature.as_ref()].concat();
        BASE64_STANDARD.encode(format!(
            "untrusted comment: signature\n{}\ntrusted comment: {comment}\n{}\n",
            BASE64_STANDARD.encode(signature),
            BASE64_STANDARD.encode(whole)
        ))
    }
}

/// A server of releases: what it answers under each path, with status 200; 404 for all others.
struct Releases {
    origin: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Releases {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let files: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let served = Arc::clone(&files);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.expect("a request"));
                }
                let request = String::from_utf8(request).expect("a request");
                let path = request.split(' ').nth(1).expect("a path");
                let found = lock(&served).get(path).cloned();
                let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
                let body = found.unwrap_or_default();
                let head = format!(
                    "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let answer = [head.as_bytes(), &body].concat();
                stream.write_all(&answer).await.expect("an answer");
            }
        });
        Self { origin, files }
    }

    fn serve(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        lock(&self.files).insert(path.to_owned(), bytes.into());
    }

    /// Tells of a release whose package is signed so.
    fn publish(&self, version: &str, package: &[u8], signature: &str) {
        let url = format!("{}/package", self.origin);
        let manifest = json!({
            "version": version,
            "notes": "- <b>faster</b>",
            "page": format!("{}/page", self.origin),
            "platforms": { TARGET: { "url": url, "signature": signature } },
        });
        self.serve("/latest.json", manifest.to_string());
        self.serve("/package", package);
    }

    fn source(&self, signer: &Signer, targets: &[&str]) -> UpdateSource {
        let place = format!("{}/latest.json", self.origin);
        let targets = targets.iter().map(|it| (*it).to_owned()).collect();
        UpdateSource::of_build(Some(&place), Some(&signer.public_key()), targets).expect("a key")
    }
}

struct Bench {
    app: App,
    releases: Releases,
    signer: Signer,
    _folder: tempfile::TempDir,
}

async fn bench(targets: &[&str]) -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let (releases, signer) = (Releases::start().await, Signer::new(1));
    let updates = Some(releases.source(&signer, targets));
    let options = OpenOptions { updates, ..OpenOptions::in_memory(folder.path().join("data")) };
    let app = App::open(options).await.expect("opens");
    Bench { app, releases, signer, _folder: folder }
}

impl Bench {
    fn step(&self) -> Option<UpdateStep> {
        match self.app.inner.updates.notice(1) {
            Some(Notice::NewVersion { step, .. }) => Some(step),
            _ => None,
        }
    }

    fn publish(&self, version: &str) {
        let package = b"package".as_slice();
        self.releases.publish(version, package, &self.signer.sign(package, version));
    }

    async fn install(&self) -> Result<(), String> {
        self.app.install_update().await.map_err(|problem| problem.kind)
    }
}

#[tokio::test]
async fn only_a_newer_version_is_offered_and_it_says_what_changed() {
    let bench = bench(&[TARGET]).await;
    for version in ["0.0.1", env!("CARGO_PKG_VERSION"), "0.1.0-rc.1"] {
        bench.publish(version);
        assert_eq!(bench.app.look_for_updates().await, Ok(false), "{version}");
        assert_eq!(bench.step(), None, "{version}");
    }
    bench.publish("99.1.0");
    assert_eq!(bench.app.look_for_updates().await, Ok(true));
    let expected = Notice::NewVersion {
        id: 5,
        version: "99.1.0".into(),
        notes: vec!["- <b>faster</b>".into()],
        step: UpdateStep::Install,
    };
    assert_eq!(bench.app.inner.updates.notice(5), Some(expected));
    assert_eq!(bench.app.release_page(), Some(format!("{}/page", bench.releases.origin)));
    bench.app.shutdown().await;
}

#[tokio::test]
async fn what_is_put_off_is_told_again_when_asked_or_newer() {
    let bench = bench(&[]).await;
    bench.publish("99.1.0");
    assert_eq!(bench.app.look(Asked::No).await, Ok(true));
    assert_eq!(bench.step(), Some(UpdateStep::OpenPage));
    bench.app.inner.updates.put_off();
    assert_eq!(bench.app.look(Asked::No).await, Ok(true));
    assert_eq!(bench.step(), None);
    assert_eq!(bench.app.look(Asked::Yes).await, Ok(true));
    assert_eq!(bench.step(), Some(UpdateStep::OpenPage));
    bench.app.inner.updates.put_off();
    bench.publish("99.2.0");
    assert_eq!(bench.app.look(Asked::No).await, Ok(true));
    assert_eq!(bench.step(), Some(UpdateStep::OpenPage));
    bench.app.shutdown().await;
}

#[tokio::test]
async fn a_package_is_ready_only_with_the_signature_of_the_key_for_its_version() {
    let bench = bench(&[TARGET]).await;
    let package = b"package".as_slice();
    let other = Signer::new(2);
    for (what, signed, served) in [
        ("another key", other.sign(package, "99.1.0"), package),
        ("an older version", bench.signer.sign(package, "0.0.9"), package),
        ("other bytes", bench.signer.sign(package, "99.1.0"), b"evil".as_slice()),
        ("no signature", String::new(), package),
    ] {
        bench.releases.publish("99.1.0", served, &signed);
        assert_eq!(bench.app.look_for_updates().await, Ok(true), "{what}");
        assert_eq!(bench.install().await, Err("updateRefused".into()), "{what}");
        assert_eq!(bench.step(), Some(UpdateStep::Install), "{what}");
        assert!(bench.app.ready_update().is_none(), "{what}");
    }
    bench.publish("99.1.0");
    assert_eq!(bench.app.look_for_updates().await, Ok(true));
    assert_eq!(bench.install().await, Ok(()));
    assert_eq!(bench.step(), Some(UpdateStep::Ready));
    let ready = bench.app.ready_update().expect("is ready");
    assert_eq!((&ready.package[..], &ready.manifest["version"]), (package, &json!("99.1.0")));
    // What the user wants installed is not replaced.
    bench.publish("99.2.0");
    assert_eq!(bench.app.look(Asked::No).await, Ok(true));
    let ready = bench.app.ready_update().expect("is ready still");
    assert_eq!(ready.manifest["version"], "99.1.0");
    bench.app.shutdown().await;
}

#[tokio::test]
async fn what_fails_is_told_to_who_asked() {
    let bench = bench(&[TARGET]).await;
    let look = async || bench.app.look(Asked::Yes).await.map_err(|fault| fault.kind);
    assert_eq!(look().await, Err(FaultKind::UpdatesUnreachable));
    bench.releases.serve("/latest.json", "<html>");
    assert_eq!(look().await, Err(FaultKind::UpdateRefused));
    bench.releases.serve("/latest.json", vec![b' '; MOST_TOLD + 1]);
    assert_eq!(look().await, Err(FaultKind::UpdatesUnreachable));
    assert_eq!(bench.step(), None);
    bench.app.shutdown().await;
}

#[tokio::test]
async fn a_build_that_knows_no_place_offers_no_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = OpenOptions::in_memory(folder.path().join("data"));
    let app = App::open(options).await.expect("opens");
    let settings = app.settings().await.expect("settings");
    assert_eq!(settings.updates, None);
    let on = Settings { updates: Some(true), ..settings };
    app.set_settings(on, String::new()).await.expect("is taken");
    assert!(!app.inner.updates.looks());
    assert_eq!(app.look_for_updates().await, Ok(false));
    app.shutdown().await;
    for (place, key) in [(None, Some("a")), (Some("https://example.com/"), Some("no key"))] {
        assert!(UpdateSource::of_build(place, key, Vec::new()).is_none(), "{place:?} {key:?}");
    }
}

#[tokio::test]
async fn the_setting_is_off_until_it_is_turned_on_and_is_kept() {
    let bench = bench(&[]).await;
    bench.publish("99.1.0");
    let settings = bench.app.settings().await.expect("settings");
    assert_eq!((settings.updates, bench.app.inner.updates.looks()), (Some(false), false));
    let on = Settings { updates: Some(true), ..settings };
    bench.app.set_settings(on, String::new()).await.expect("is taken");
    assert!(bench.app.inner.updates.looks());
    assert_eq!(bench.app.settings().await.expect("settings").updates, Some(true));
    bench.app.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn looks_are_at_once_then_daily_and_sooner_after_a_failure() {
    let looks = Arc::new(AtomicUsize::new(0));
    let (on, fails) = (Arc::new(Mutex::new(false)), Arc::new(Mutex::new(false)));
    let (stop, changed) = (CancellationToken::new(), Arc::new(Notify::new()));
    let running = {
        let (looks, on, fails) = (Arc::clone(&looks), Arc::clone(&on), Arc::clone(&fails));
        let (stop, changed) = (stop.clone(), Arc::clone(&changed));
        tokio::spawn(async move {
            let look = || {
                looks.fetch_add(1, Ordering::Relaxed);
                std::future::ready(match *lock(&fails) {
                    true => Err(Fault::new(FaultKind::UpdatesUnreachable)),
                    false => Ok(()),
                })
            };
            keep_looking(&stop, &changed, || *lock(&on), look).await;
        })
    };
    let after = async |time: Duration| {
        advance(time).await;
        // The other task has its turns.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        looks.load(Ordering::Relaxed)
    };
    assert_eq!(after(2 * DAILY).await, 0, "it is off");
    *lock(&on) = true;
    changed.notify_one();
    assert_eq!(after(Duration::ZERO).await, 1, "it was turned on");
    assert_eq!(after(DAILY - Duration::from_secs(1)).await, 1);
    *lock(&fails) = true;
    assert_eq!(after(Duration::from_secs(1)).await, 2, "a day later");
    assert_eq!(after(AGAIN).await, 3, "soon after a failure");
    *lock(&on) = false;
    changed.notify_one();
    assert_eq!(after(2 * DAILY).await, 3, "it was turned off");
    stop.cancel();
    running.await.expect("ends");
}
