//! `ferry doctor`: what it finds on the way to a store, what it advises, and what it writes down.
#![cfg(unix)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ferry_sandbox::{Action, Hosts, Operation, Rule};
use serde_json::Value;
use support::canary::Canaries;
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::proxies::{Allows, Kind, Proxy, USER};
use support::tls_front::{Ends, TlsFront};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Adds a profile whose keys are in the environment.
async fn profile(place: &Place, name: &str, endpoint: &str, region: &str, more: &[&str]) {
    let profile = [
        "profile",
        "add",
        name,
        "--provider",
        "oss",
        "--endpoint",
        endpoint,
        "--region",
        region,
        "--bucket",
        BUCKET,
        "--keys",
        "environment",
        "--prefix",
        "in/",
        "--plain-http",
        "allow",
    ];
    let added = place.run(profile.iter().chain(more)).await;
    assert_eq!(added.code, 0, "{added:?}");
}

/// What the doctor says, without a proxy of the developer's own.
async fn examined(place: &Place, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = place.ferry();
    command.arg("doctor").args(arguments);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env_remove("FERRY_PROXY_PASSWORD").envs(environment.iter().copied());
    Ran::of(command).await
}

fn told(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

/// The outcomes of the first address, a letter each, in the order of the steps.
fn outcomes(told: &Value) -> String {
    let findings = told["addresses"][0]["findings"].as_array().expect("findings");
    findings.iter().filter_map(|finding| finding["outcome"].as_str()?.chars().next()).collect()
}

/// The kind of the fault at a step of the first address.
fn fault(told: &Value, step: &str) -> String {
    let findings = told["addresses"][0]["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["step"] == step).expect("each step is told");
    found["fault"]["kind"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_endpoint_is_kept_and_nothing_is_left_there() {
    let place = Place::new().await;
    profile(&place, "good", &place.sandbox.endpoint(), REGION, &[]).await;
    let ran = examined(&place, &["good", "--json"], &[]).await;
    let told = told(&ran);
    // Plain http is not encrypted, and that is said, not tried.
    assert_eq!((ran.code, outcomes(&told).as_str()), (0, "pppsppp"), "{told:#}");
    assert_eq!(told["recommendation"]["type"], "keep", "{told:#}");
    assert!(told["addresses"][0]["bytesPerSecond"].as_u64() > Some(100_000), "{told:#}");
    assert_eq!(place.sandbox.objects(BUCKET), [], "something was left behind");
    let ledger = place.sandbox.ledger().entries();
    let written = ledger.iter().find(|entry| entry.operation == Operation::PutObject);
    let key = written.and_then(|entry| entry.key.clone()).expect("a write");
    assert!(key.starts_with("in/.ferry-doctor-"), "{key}");
    let shown = examined(&place, &["good"], &[]).await;
    assert!(shown.stdout.contains("Recommendation: keep this endpoint"), "{shown:?}");
    let unknown = examined(&place, &["nobody"], &[]).await;
    assert_eq!(unknown.code, 1, "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_region_is_found_at_the_signature_in_both_languages() {
    let place = Place::new().await;
    profile(&place, "elsewhere", &place.sandbox.endpoint(), "cn-beijing", &[]).await;
    let ran = examined(&place, &["elsewhere", "--json"], &[]).await;
    let told = told(&ran);
    assert_eq!((ran.code, outcomes(&told).as_str()), (1, "pppspfs"), "{told:#}");
    assert_eq!(fault(&told, "signature"), "wrongRegion", "{told:#}");
    assert_eq!(told["recommendation"]["step"], "signature", "{told:#}");
    for (locale, sentence, hint) in
        [("C", "Signature and region", "region"), ("zh_CN.UTF-8", "签名与地域", "地域")]
    {
        let shown = examined(&place, &["elsewhere"], &[("LC_ALL", locale)]).await;
        let mut lines = shown.stdout.lines().skip_while(|line| !line.contains("FAIL"));
        let (failed, advised) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
        assert!(failed.contains(sentence) && advised.contains(hint), "{locale}: {shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_a_warning_since_requests_are_signed_with_the_stores_time() {
    let place = Place::new().await;
    profile(&place, "late", &place.sandbox.endpoint(), REGION, &[]).await;
    for (offset, code, expected) in
        [(7_200, 1, "pppswpp"), (-7_200, 1, "pppswpp"), (20, 0, "pppsppp")]
    {
        place.sandbox.set_clock_offset(offset);
        let ran = examined(&place, &["late", "--json"], &[]).await;
        let told = told(&ran);
        assert_eq!((ran.code, outcomes(&told).as_str()), (code, expected), "{offset}: {told:#}");
    }
    place.sandbox.set_clock_offset(7_200);
    let ran = examined(&place, &["late", "--json"], &[]).await;
    assert_eq!(fault(&told(&ran), "clock"), "clockSkew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_a_sign_in_is_named_and_let_through_with_it() {
    let place = Place::new().await;
    // At 0.0.0.0 a store is reached through the proxy, unlike at this computer's own address.
    let front = TlsFront::start(place.sandbox.addr(), &["0.0.0.0"], Ends::Never).await;
    front.write_authority(&place.path("ca.pem"));
    let plain = format!("http://0.0.0.0:{}", place.sandbox.addr().port());
    profile(&place, "plain", &plain, REGION, &[]).await;
    let tls = format!("https://0.0.0.0:{}", front.address.port());
    profile(&place, "tls", &tls, REGION, &[]).await;
    let proxy = Proxy::start(Kind::Squid, Allows::User).await;
    let (with_user, without) =
        (format!("http://{USER}@{}", proxy.address), format!("http://{}", proxy.address));
    let (ca, password) = (place.path("ca.pem"), ("FERRY_PROXY_PASSWORD", Kind::Squid.password()));
    let ca = ca.to_str().expect("a path");
    for (name, encrypted) in [("plain", 's'), ("tls", 'p')] {
        let arguments = [name, "--json", "--ca", ca, "--proxy", &without];
        let ran = examined(&place, &arguments, &[]).await;
        let found = told(&ran);
        assert_eq!((ran.code, outcomes(&found).as_str()), (1, "fssssss"), "{name}: {found:#}");
        assert_eq!(fault(&found, "proxy"), "proxySignIn", "{name}: {found:#}");
        let arguments = [name, "--json", "--ca", ca, "--proxy", &with_user];
        let ran = examined(&place, &arguments, &[password]).await;
        let found = told(&ran);
        let expected = format!("ppp{encrypted}ppp");
        assert_eq!((ran.code, outcomes(&found)), (0, expected), "{name}: {found:#}");
    }
    // An unknown certificate authority.
    let ran = examined(&place, &["tls", "--json", "--proxy", "none"], &[]).await;
    let found = told(&ran);
    assert_eq!((ran.code, outcomes(&found).as_str()), (1, "pppfsss"), "{found:#}");
    assert_eq!(fault(&found, "tls"), "certificateUntrusted", "{found:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_that_fails_is_the_one_that_is_named() {
    let place = Place::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let nobody = format!("http://{}", closed.local_addr().expect("bound"));
    drop(closed);
    profile(&place, "nobody", &nobody, REGION, &[]).await;
    profile(&place, "nameless", "http://no.such.name.invalid", REGION, &[]).await;
    profile(&place, "good", &place.sandbox.endpoint(), REGION, &[]).await;
    for (name, expected, step, kind) in [
        ("nobody", "ppfssss", "connect", "unreachable"),
        ("nameless", "pfsssss", "dns", "unreachable"),
    ] {
        let ran = examined(&place, &[name, "--json", "--proxy", "none"], &[]).await;
        let found = told(&ran);
        assert_eq!((ran.code, outcomes(&found).as_str()), (1, expected), "{name}: {found:#}");
        assert_eq!(fault(&found, step), kind, "{name}: {found:#}");
    }
    let wrong = [("OSS_ACCESS_KEY_SECRET", "not the secret")];
    let ran = examined(&place, &["good", "--json"], &wrong).await;
    assert_eq!(fault(&told(&ran), "signature"), "badSignature", "{ran:?}");
    let refused = |code: &str| Action::Status { status: 403, code: code.into() };
    // Whoever may not ask about the bucket may upload all the same.
    let faults = place.sandbox.faults();
    faults.add(Rule::on(Operation::GetBucketInfo), refused("AccessDenied"));
    let ran = examined(&place, &["good", "--json"], &[]).await;
    assert_eq!((ran.code, outcomes(&told(&ran)).as_str()), (0, "pppsppp"), "{ran:?}");
    // What cannot be deleted is named.
    faults.add(Rule::on(Operation::DeleteObject), refused("AccessDenied"));
    let ran = examined(&place, &["good", "--json"], &[]).await;
    assert_eq!((ran.code, outcomes(&told(&ran)).as_str()), (1, "pppsppw"), "{ran:?}");
    let left = place.sandbox.objects(BUCKET).remove(0).key;
    assert!(ran.stdout.contains(&left), "{left} is not named: {ran:?}");
    faults.add(Rule::on(Operation::PutObject), refused("AccessDenied"));
    let ran = examined(&place, &["good", "--json"], &[]).await;
    assert_eq!((ran.code, outcomes(&told(&ran)).as_str()), (1, "pppsppf"), "{ran:?}");
}

/// What stands for the network: a proxy that takes requests for any name to one store.
struct Network {
    address: SocketAddr,
}

impl Network {
    /// `conduct` says of each host how late its requests get there; `None` if they do not.
    async fn start(
        store: SocketAddr,
        conduct: impl Fn(&str) -> Option<Duration> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let conduct = Arc::new(conduct);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let conduct = Arc::clone(&conduct);
                tokio::spawn(async move { carry(stream, store, &*conduct).await });
            }
        });
        Self { address }
    }
}

/// Takes one request on, and its answer back.
async fn carry(
    mut client: TcpStream,
    store: SocketAddr,
    conduct: &(dyn Fn(&str) -> Option<Duration> + Send + Sync),
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let (method, rest) = head.split_once(" http://")?;
    let (host, rest) = rest.split_once('/')?;
    let Some(late) = conduct(host) else {
        let refusal = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        client.write_all(refusal.as_bytes()).await.ok()?;
        return client.shutdown().await.ok();
    };
    tokio::time::sleep(late).await;
    let mut server = TcpStream::connect(store).await.ok()?;
    let head = format!("{method} /{}", rest.replacen("\r\n", "\r\nConnection: close\r\n", 1));
    server.write_all(head.as_bytes()).await.ok()?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()?;
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_addresses_of_a_region_are_weighed_against_each_other() {
    let place = Place::with(|config| {
        config.hosts = Hosts::Any;
        config.cnames = [("files.example.com".to_owned(), BUCKET.to_owned())].into();
    })
    .await;
    let endpoint = "http://oss-cn-hangzhou.aliyuncs.com";
    profile(&place, "work", endpoint, REGION, &["--link-domain", "http://files.example.com"]).await;
    let slow = Duration::from_millis(700);
    type Conduct = fn(&str, Duration) -> Option<Duration>;
    let cases: [(&str, Conduct, &str, &str); 4] = [
        ("all the same", |host, slow| (!host.contains("-internal")).then_some(slow), "keep", ""),
        (
            "the public one is slow",
            |host, slow| match host {
                _ if host.contains("-internal") => None,
                _ if host.contains("oss-cn-hangzhou.") => Some(slow),
                _ if host.contains("accelerate") => Some(Duration::ZERO),
                _ => Some(slow),
            },
            "useFaster",
            "http://oss-accelerate.aliyuncs.com",
        ),
        (
            "inside",
            |_, _| Some(Duration::ZERO),
            "useInternal",
            "http://oss-cn-hangzhou-internal.aliyuncs.com",
        ),
        (
            "only the own domain",
            |host, _| (host == "files.example.com").then_some(Duration::ZERO),
            "useInstead",
            "http://files.example.com",
        ),
    ];
    for (what, conduct, advice, advised) in cases {
        let network = Network::start(place.sandbox.addr(), move |host| conduct(host, slow)).await;
        let proxy = format!("http://{}", network.address);
        let ran = examined(&place, &["work", "--json", "--proxy", &proxy], &[]).await;
        let found = told(&ran);
        let kinds: Vec<&str> = found["addresses"]
            .as_array()
            .expect("addresses")
            .iter()
            .filter_map(|address| address["kind"].as_str())
            .collect();
        assert_eq!(kinds, ["public", "internal", "accelerate", "customDomain"], "{what}");
        let recommended = &found["recommendation"];
        assert_eq!(recommended["type"], advice, "{what}: {found:#}");
        assert_eq!(recommended["endpoint"].as_str().unwrap_or_default(), advised, "{what}");
        // What is wrong with an address that is not in use is no fault of the profile.
        assert_eq!(ran.code, i32::from(advice == "useInstead"), "{what}: {found:#}");
    }
    assert_eq!(place.sandbox.objects(BUCKET), [], "something was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_what_support_needs_and_no_secret() {
    let place = Place::new().await;
    let token = "a-token-that-no-file-may-hold";
    let command = format!("printf '{{\"token\":\"{token}\"}}'");
    profile(&place, "good", &place.sandbox.endpoint(), REGION, &[]).await;
    let added = place
        .run([
            "profile",
            "add",
            "by-command",
            "--provider",
            "oss",
            "--endpoint",
            &place.sandbox.endpoint(),
            "--region",
            REGION,
            "--bucket",
            BUCKET,
            "--key-command",
            &command,
            "--plain-http",
            "allow",
            "--proxy",
            "http://me@proxy.example.com:3128",
        ])
        .await;
    assert_eq!(added.code, 0, "{added:?}");
    place.write("d/a.txt", b"one");
    place.put_all(&[&place.path("d")], &format!("oss://{BUCKET}/"), &[]).await.assert_verified(1);
    let file = place.path("diagnostics.json");
    let path = file.to_str().expect("a path");
    // A secret that is refused stands in what the store answers, and in the log.
    let wrong = "a-secret-that-is-refused-here";
    let environment = [("OSS_ACCESS_KEY_SECRET", wrong), ("FERRY_LOG", "trace")];
    let ran = examined(&place, &["good", "--export", path], &environment).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let bytes = std::fs::read(&file).expect("it is written");
    let mut canaries = Canaries::default();
    canaries.add("the secret", place.key.access_key_secret.as_bytes());
    canaries.add("the refused secret", wrong.as_bytes());
    canaries.add("the AccessKey id", place.key.access_key_id.as_bytes());
    canaries.add("the command's token", token.as_bytes());
    assert_eq!(canaries.found_in(&bytes), [""; 0]);
    let export: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(export["profiles"].as_array().map(Vec::len), Some(3), "{export:#}");
    assert_eq!(export["doctor"][0]["addresses"][0]["findings"][5]["fault"]["kind"], "badSignature");
    assert!(export["figures"]["commits"].is_object() && export["ferry"]["version"].is_string());
    assert!(export["log"].as_array().is_some_and(|log| !log.is_empty()), "{export:#}");
    assert!(!String::from_utf8_lossy(&bytes).contains("me@"), "whom the proxy knows");
    // A file that cannot be written is said.
    let nowhere = place.path("no/such/folder/diagnostics.json");
    let ran = examined(&place, &["good", "--export", nowhere.to_str().expect("a path")], &[]).await;
    assert!(ran.code == 1 && ran.stderr.contains("could not be written"), "{ran:?}");
}
