//! Through real proxies: plain and TLS, with and without a sign-in, with what they refuse, and with
//! one that dies and comes back. The store is at 0.0.0.0, which is this computer as well, but no
//! name or address that Ferry reaches past a proxy.
#![cfg(unix)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use support::fault_proxy::{Conduct, Ending, FaultProxy, Way};
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::poll::until;
use support::proxies::{Allows, Kind, Proxy, USER};
use support::tls_front::{AUTHORITY, Ends, TlsFront};
use tokio::process::Command;

const MIB: usize = 1024 * 1024;

/// A place whose store is reached from afar.
struct Afar {
    place: Place,
    front: TlsFront,
    files: [PathBuf; 2],
}

impl Afar {
    async fn new() -> Self {
        let place = Place::new().await;
        let front = TlsFront::start(place.sandbox.addr(), &["0.0.0.0"], Ends::Never).await;
        front.write_authority(&place.path("ca.pem"));
        let large = place.write("files/large.bin", &vec![7; 3 * MIB + 1]);
        let small = place.write("files/small.txt", b"small");
        let this = Self { place, front, files: [large, small] };
        for (profile, scheme) in [("plain", "http"), ("tls", "https")] {
            let endpoint = this.endpoint(scheme);
            let added = this.place.run([
                "profile",
                "add",
                profile,
                "--provider",
                "oss",
                "--endpoint",
                &endpoint,
                "--region",
                REGION,
                "--bucket",
                BUCKET,
                "--keys",
                "environment",
                "--plain-http",
                "allow",
            ]);
            let added = added.await;
            assert_eq!(added.code, 0, "{added:?}");
        }
        this
    }

    fn endpoint(&self, scheme: &str) -> String {
        let port = match scheme {
            "http" => self.place.sandbox.addr().port(),
            _ => self.front.address.port(),
        };
        format!("{scheme}://0.0.0.0:{port}")
    }

    /// `ferry put` of the files to a folder of the bucket.
    fn put(&self, profile: &str, to: &str, options: &[&str]) -> Command {
        let mut command = self.place.ferry();
        let [large, small] = &self.files;
        command.arg("put").args([large, small]).arg(format!("oss://{BUCKET}/{to}/"));
        command.args(["--profile", profile, "--part-size", "1MiB", "--json"]);
        command.arg("--ca").arg(self.place.path("ca.pem")).args(options);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.env_remove("FERRY_PROXY_PASSWORD");
        command
    }

    fn assert_arrived(&self, to: &str) {
        let keys = [("large.bin", &self.files[0]), ("small.txt", &self.files[1])];
        for (name, file) in keys {
            let object = self.place.sandbox.object(BUCKET, &format!("{to}/{name}"));
            let object = object.unwrap_or_else(|| panic!("{to}/{name} is not there"));
            assert_eq!(object.size, std::fs::metadata(file).expect("is there").len(), "{name}");
        }
    }

    fn requests(&self) -> u64 {
        self.place.sandbox.ledger().total()
    }
}

/// A port of loopback without a listener.
fn closed() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    listener.local_addr().expect("it is bound")
}

/// Why the first file is not done.
fn kind(ran: &Ran) -> String {
    let unfinished = ran.unfinished();
    let first = unfinished.first().unwrap_or_else(|| panic!("all is done: {ran:#?}"));
    first["fault"]["kind"].as_str().unwrap_or_else(|| panic!("no reason: {ran:#?}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_uploads_go_through_every_kind_of_proxy() {
    let afar = Afar::new().await;
    let cases = [
        (Kind::Squid, Allows::Everybody, "http"),
        (Kind::Squid, Allows::User, "http"),
        (Kind::Tinyproxy, Allows::Everybody, "http"),
        (Kind::Tinyproxy, Allows::User, "http"),
        (Kind::Microsocks, Allows::Everybody, "socks5"),
        (Kind::Microsocks, Allows::Everybody, "socks5h"),
        (Kind::Microsocks, Allows::User, "socks5"),
        (Kind::Microsocks, Allows::User, "socks5h"),
    ];
    for (number, (kind, allows, scheme)) in cases.into_iter().enumerate() {
        let proxy = Proxy::start(kind, allows).await;
        let user = if allows == Allows::User { format!("{USER}@") } else { String::new() };
        let url = format!("{scheme}://{user}{}", proxy.address);
        for profile in ["plain", "tls"] {
            let to = format!("{number}-{profile}");
            let mut command = afar.put(profile, &to, &["--proxy", &url]);
            if allows == Allows::User {
                command.env("FERRY_PROXY_PASSWORD", kind.password());
            }
            let ran = Ran::of(command).await;
            assert_eq!(ran.code, 0, "{kind:?} {allows:?} {profile}: {ran:#?}\n{}", proxy.said());
            ran.assert_verified(2);
            afar.assert_arrived(&to);
        }
        let said = proxy.said();
        assert!(said.contains("0.0.0.0"), "nothing went through {kind:?}: {said}");
        assert!(!said.contains("LTAI"), "{kind:?} was told a key: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_the_environment_says_which_proxy() {
    let afar = Afar::new().await;
    let squid = Proxy::start(Kind::Squid, Allows::User).await;
    let through = format!("http://{USER}:pa%3Ass%25%40%2Fw@{}", squid.address);
    let nobody = format!("http://{}", closed());
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("HTTP_PROXY", "plain", &[("HTTP_PROXY", &through)], &[]),
        ("https_proxy", "tls", &[("https_proxy", &through), ("HTTP_PROXY", &nobody)], &[]),
        ("ALL_PROXY", "tls", &[("ALL_PROXY", &through)], &[]),
        ("NO_PROXY", "plain", &[("ALL_PROXY", &nobody), ("NO_PROXY", "0.0.0.0")], &[]),
        ("no proxy by option", "tls", &[("ALL_PROXY", &nobody)], &["--proxy", "none"]),
    ];
    for (what, profile, environment, options) in cases {
        let to = what.replace(' ', "-");
        let mut command = afar.put(profile, &to, options);
        command.envs(environment.iter().copied());
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, 0, "{what}: {ran:#?}\n{}", squid.said());
        afar.assert_arrived(&to);
    }
    assert!(squid.said().matches("CONNECT 0.0.0.0").count() >= 2, "{}", squid.said());

    // This computer itself is never reached through a proxy.
    let file = afar.place.write("here.txt", b"here");
    let mut here = afar.place.put(&[&file], &format!("oss://{BUCKET}/"), &[]);
    here.envs([("ALL_PROXY", &nobody), ("HTTP_PROXY", &nobody)]);
    Ran::of(here).await.assert_verified(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_what_a_proxy_does_has_its_own_name_and_nothing_goes_past_it() {
    let afar = Afar::new().await;
    let squid = Proxy::start(Kind::Squid, Allows::User).await;
    let strict = Proxy::start(Kind::Squid, Allows::Nobody).await;
    let tiny = Proxy::start(Kind::Tinyproxy, Allows::User).await;
    let socks = Proxy::start(Kind::Microsocks, Allows::User).await;
    let cut = FaultProxy::start(squid.address).await;
    // Nothing of a request gets through it: the way on is cut before the way back.
    let closing = Way::ending(0, Ending::Close);
    cut.set(Conduct { to_server: closing, to_client: closing });
    let secret = Kind::Squid.password();
    let http = |address: SocketAddr| format!("http://{address}");
    let as_me = |address: SocketAddr| format!("http://{USER}@{address}");
    let cases = [
        ("nobody is there", http(closed()), "", "proxyUnreachable"),
        ("no SOCKS is there", format!("socks5h://{}", closed()), "", "proxyUnreachable"),
        ("no name of it", "http://proxy.invalid:3128".to_owned(), "", "proxyUnreachable"),
        ("squid, nobody signs in", http(squid.address), "", "proxySignIn"),
        ("squid, a wrong password", as_me(squid.address), "wrong", "proxySignIn"),
        ("tinyproxy, nobody signs in", http(tiny.address), "", "proxySignIn"),
        ("tinyproxy, a wrong password", as_me(tiny.address), "wrong", "proxySignIn"),
        ("SOCKS, nobody signs in", format!("socks5://{}", socks.address), "", "proxySignIn"),
        ("SOCKS, wrong", format!("socks5h://{USER}@{}", socks.address), "wrong", "proxySignIn"),
        ("squid forbids it", http(strict.address), "", "proxyRefused"),
        ("it breaks", as_me(cut.address()), secret, "proxyBroke"),
    ];
    for (number, (what, url, password, expected)) in cases.iter().enumerate() {
        for profile in ["plain", "tls"] {
            // Over plain http a proxy that breaks cannot be told from a store that does.
            let expected = match (profile, *expected) {
                ("plain", "proxyBroke") => "connectionLost",
                (_, expected) => expected,
            };
            let to = format!("{number}-{profile}");
            let mut command = afar.put(profile, &to, &["--proxy", url, "--wait", "0"]);
            if !password.is_empty() {
                command.env("FERRY_PROXY_PASSWORD", password);
            }
            let ran = Ran::of(command).await;
            assert_eq!(
                (ran.code, kind(&ran).as_str()),
                (1, expected),
                "{what} {profile}: {ran:#?}"
            );
            let told = format!("{}{}", ran.stdout, ran.stderr);
            assert!(!told.contains(secret), "{what}: {told}");
        }
    }
    let mut unknown = afar.put("plain", "unknown", &["--wait", "0"]);
    unknown.env("ALL_PROXY", format!("ftp://{USER}:canary@{}", squid.address));
    let ran = Ran::of(unknown).await;
    assert_eq!((ran.code, kind(&ran).as_str()), (1, "proxyInvalid"), "{ran:#?}");
    assert!(ran.unfinished()[0]["fault"]["message"].to_string().contains("ALL_PROXY"), "{ran:#?}");
    assert!(!format!("{ran:?}").contains("canary"), "{ran:#?}");
    assert_eq!(cut.handed_on(), (0, 0), "the one that breaks handed something on");
    assert_eq!(afar.requests(), 0, "something went past the proxy");

    let in_arguments = format!("http://{USER}:secret@{}", squid.address);
    let refused = Ran::of(afar.put("plain", "no", &["--proxy", &in_arguments])).await;
    assert_eq!(refused.code, 1, "{refused:#?}");
    assert!(refused.stderr.contains("FERRY_PROXY_PASSWORD"), "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn n9_a_certificate_that_nobody_trusts_names_its_issuer() {
    let afar = Afar::new().await;
    let put = |ca: Option<&Path>, to: &str| {
        let mut command = afar.place.ferry();
        command.arg("put").arg(&afar.files[1]).arg(format!("oss://{BUCKET}/{to}/"));
        command.args(["--profile", "tls", "--json", "--wait", "0", "--proxy", "none"]);
        if let Some(ca) = ca {
            command.arg("--ca").arg(ca);
        }
        Ran::of(command)
    };
    let ran = put(None, "a").await;
    assert_eq!((ran.code, kind(&ran).as_str()), (1, "certificateUntrusted"), "{ran:#?}");
    assert!(ran.unfinished()[0]["fault"]["message"].to_string().contains(AUTHORITY), "{ran:#?}");
    assert_eq!(afar.requests(), 0);
    let no_certificate = afar.place.write("no.pem", b"-----BEGIN NOTHING-----\n");
    for unusable in [afar.place.path("nowhere.pem"), no_certificate] {
        let ran = put(Some(&unusable), "b").await;
        assert_eq!((ran.code, kind(&ran).as_str()), (1, "caFileUnusable"), "{ran:#?}");
    }
    put(Some(&afar.place.path("ca.pem")), "c").await.assert_verified(1);
    let tested = afar.place.run(["profile", "test", "tls", "--proxy", "none"]).await;
    assert_eq!(tested.code, 1, "{tested:#?}");
    let ca = afar.place.path("ca.pem").display().to_string();
    let tested = afar.place.run(["profile", "test", "tls", "--proxy", "none", "--ca", &ca]).await;
    assert_eq!(tested.code, 0, "{tested:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_a_proxy_that_dies_and_returns_costs_only_what_was_on_its_way() {
    let afar = Afar::new().await;
    for (profile, kind) in [
        ("plain", Kind::Squid),
        ("tls", Kind::Squid),
        ("tls", Kind::Tinyproxy),
        ("tls", Kind::Microsocks),
    ] {
        let proxy = Proxy::start(kind, Allows::Everybody).await;
        let scheme = if kind == Kind::Microsocks { "socks5h" } else { "http" };
        let url = format!("{scheme}://{}", proxy.address);
        let to = format!("{profile}-{kind:?}");
        let sandbox = &afar.place.sandbox;
        let third = Rule::on(Operation::UploadPart).part(3);
        let stalled = sandbox.faults().add(third, Action::Stall);
        let options = ["--proxy", &url, "--parallel", "1"];
        let child = afar.place.start(afar.put(profile, &to, &options));
        let key = format!("{to}/large.bin");
        // Not that the store has two: their answers have to be back.
        until("the third part to be begun", || {
            let parts = sandbox.ledger().of(Operation::UploadPart);
            parts.iter().any(|it| it.key.as_deref() == Some(&*key) && it.part == Some(3))
        })
        .await;
        let again = proxy.again();
        sandbox.faults().remove(stalled);
        // Long enough for a try to be refused.
        let (proxy, ()) = tokio::join!(again, tokio::time::sleep(Duration::from_secs(1)));
        let ran = Ran::from(child.wait_with_output().await.expect("ends"));
        assert_eq!(ran.code, 0, "{to}: {ran:#?}\n{}", proxy.said());
        ran.assert_verified(2);
        afar.assert_arrived(&to);
        let of = |operation| {
            let entries = sandbox.ledger().of(operation);
            entries.into_iter().filter(|entry| entry.key.as_deref() == Some(&*key)).count()
        };
        assert_eq!((of(Operation::Initiate), of(Operation::Complete)), (1, 1), "{to}");
        for part in [1, 2] {
            let bytes = sandbox.ledger().part_bytes(&key, part);
            assert_eq!(bytes, MIB as u64, "{to}: part {part} was sent again");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n9_a_system_without_authorities_refuses_certificates_and_nothing_else() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let front = TlsFront::start(place.sandbox.addr(), &["127.0.0.1"], Ends::Never).await;
    let ca = place.path("ca.pem");
    front.write_authority(&ca);
    let put = |endpoint: String, ca: Option<&Path>| {
        let mut command = place.ferry();
        command.arg("put").arg(&file).arg(format!("oss://{BUCKET}/{}/", endpoint.len()));
        command.args(["--endpoint", &endpoint, "--region", REGION, "--json", "--wait", "0"]);
        for list in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            command.env(list, place.path("nowhere"));
        }
        if let Some(ca) = ca {
            command.arg("--ca").arg(ca);
        }
        Ran::of(command)
    };
    put(format!("http://{}", place.sandbox.addr()), None).await.assert_verified(1);
    let ran = put(format!("https://{}", front.address), None).await;
    assert_eq!((ran.code, kind(&ran).as_str()), (1, "tlsFailed"), "{ran:#?}");
    let message = ran.unfinished()[0]["fault"]["message"].to_string();
    assert!(message.contains("No CA certificates"), "{ran:#?}");
    put(format!("https://{}", front.address), Some(&ca)).await.assert_verified(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n9_a_certificate_that_does_not_fit_is_refused() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let store = place.sandbox.addr();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let fronts = [
        ("right", TlsFront::start(store, &["127.0.0.1"], Ends::Never).await, None),
        (
            "another host's",
            TlsFront::start(store, &["example.com"], Ends::Never).await,
            Some("tlsFailed"),
        ),
        ("expired", TlsFront::start(store, &["127.0.0.1"], Ends::LongAgo).await, Some("tlsFailed")),
    ];
    let put = |address: SocketAddr, to: String, ca: PathBuf| {
        let mut command = place.ferry();
        command.arg("put").arg(&file).arg(format!("oss://{BUCKET}/{to}/"));
        command.args(["--endpoint", &format!("https://{address}"), "--region", REGION]);
        command.args(["--json", "--wait", "0", "--ca"]).arg(ca);
        Ran::of(command)
    };
    for (number, (what, front, expected)) in fronts.iter().enumerate() {
        let ca = place.path(format!("{number}.pem"));
        front.write_authority(&ca);
        let ran = put(front.address, number.to_string(), ca).await;
        match expected {
            None => ran.assert_verified(1),
            Some(expected) => {
                assert_eq!((ran.code, kind(&ran).as_str()), (1, *expected), "{what}: {ran:#?}");
            }
        }
    }
    let address = silent.local_addr().expect("it is bound");
    let ran = put(address, "silent".into(), place.path("0.pem")).await;
    assert_eq!((ran.code, kind(&ran).as_str()), (1, "unreachable"), "{ran:#?}");
    assert_eq!(place.sandbox.ledger().of(Operation::PutObject).len(), 1, "only the right one");
}
