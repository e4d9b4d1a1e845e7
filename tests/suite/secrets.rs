//! X12, X13: with the log at its most talkative, no secret is in anything that Ferry writes, prints
//! or hands to another program: whatever the key's source, the service, and what goes wrong.

#![cfg(target_os = "linux")]

#[path = "secrets/key_sources.rs"]
mod key_sources;

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferry_sandbox::{Action, Credential, Operation, Rule};
use support::canary::Canaries;
use support::ferry::{BUCKET, Place, REGION, Ran, without_keys};
use support::proxies::{Allows, Kind, Proxy, USER};
use time::{Duration as Days, OffsetDateTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;

const MIB: usize = 1024 * 1024;
/// Parts of 5 MiB are the least that S3 takes.
const PART: &str = "5MiB";
/// A store that is never there.
const NOBODY: &str = "http://127.0.0.1:9";

/// A secret as the services make them, but longer, with the characters that change in every
/// encoding.
fn random_secret() -> String {
    let letters: String = std::iter::repeat_with(fastrand::alphanumeric).take(28).collect();
    format!("{}/{}+{}=", &letters[..9], &letters[9..20], &letters[20..])
}

fn key() -> Credential {
    Credential::new(Credential::generate().access_key_id, random_secret())
}

/// A store with three keys, and all that must not turn up.
struct Watched {
    place: Place,
    scheme: &'static str,
    /// The one in a keyring.
    kept: Credential,
    /// The one that a command prints.
    printed: Credential,
    /// One that the store does not know.
    wrong: Credential,
    /// The password in a URL.
    password: String,
    canaries: Canaries,
    /// Those that no link may show either: a link shows its token.
    in_links: Canaries,
    /// What was printed, and by what.
    printouts: Vec<(String, Vec<u8>)>,
}

impl Watched {
    async fn new(scheme: &'static str) -> Self {
        let (first, kept) = (key().with_token(random_secret()), key());
        let (printed, wrong) = (key().with_token(random_secret()), key());
        let known = vec![first.clone(), kept.clone(), printed.clone()];
        let mut place = Place::with(|config| config.credentials = known.clone()).await;
        place.key = first.clone();
        let password = random_secret();
        let mut watched = Self {
            place,
            scheme,
            kept,
            printed,
            wrong,
            password,
            canaries: Canaries::default(),
            in_links: Canaries::default(),
            printouts: Vec::new(),
        };
        watched.look_for_all(first);
        watched
    }

    fn look_for_all(&mut self, first: Credential) {
        let keys = [
            ("the environment's", first),
            ("the keyring's", self.kept.clone()),
            ("the command's", self.printed.clone()),
            ("the wrong", self.wrong.clone()),
        ];
        let today = OffsetDateTime::now_utc();
        for (whose, key) in keys {
            let secret = &key.access_key_secret;
            for canaries in [&mut self.canaries, &mut self.in_links] {
                canaries.add(&format!("{whose} secret"), secret.as_bytes());
                for day in [today, today + Days::days(1)] {
                    let date = day.date().to_string().replace('-', "");
                    canaries.add_signing_keys(&format!("{whose} secret"), secret, &date, REGION);
                }
            }
            if let Some(token) = &key.security_token {
                self.canaries.add(&format!("{whose} token"), token.as_bytes());
            }
        }
        self.canaries.add("the password", self.password.as_bytes());
    }

    /// `ferry` with the first key and its token in the environment.
    fn ferry(&self) -> Command {
        let mut command = self.place.ferry();
        with_key(&mut command, &self.place.key);
        command.env("FERRY_LOG", "trace").env("RUST_BACKTRACE", "full");
        command
    }

    fn target(&self) -> String {
        format!("{}://{BUCKET}/", self.scheme)
    }

    /// `ferry put` to the store at `endpoint`.
    fn put(&self, path: &Path, endpoint: &str, options: &[&str]) -> Command {
        let mut command = self.ferry();
        command.arg("put").arg(path).arg(self.target());
        command.args(["--endpoint", endpoint, "--region", REGION, "--part-size", PART]);
        command.args(options);
        command
    }

    fn add_profile(&self, name: &str, endpoint: &str) -> Command {
        let mut command = self.ferry();
        command.args(["profile", "add", name, "--provider", self.scheme, "--bucket", BUCKET]);
        command.args(["--endpoint", endpoint, "--region", REGION]);
        command
    }

    /// Runs a command to its end and keeps what it prints.
    async fn run(&mut self, what: &str, command: Command) -> Ran {
        self.keep(what, Ran::of(command).await)
    }

    fn keep(&mut self, what: &str, ran: Ran) -> Ran {
        for (stream, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
            self.printouts.push((format!("{what}: {stream}"), text.clone().into_bytes()));
        }
        ran
    }

    /// Fails where anything turned up.
    fn assert_nothing_turned_up(&self, except: &[PathBuf]) {
        let except: Vec<_> = except.iter().map(PathBuf::as_path).collect();
        let (mut found, files) = self.canaries.found_below(self.place.root.path(), &except);
        for (what, bytes) in &self.printouts {
            let told = self.canaries.found_in(bytes).into_iter();
            found.extend(told.map(|secret| format!("{what}: {secret}")));
        }
        assert!(found.is_empty(), "{}: {found:#?}", self.scheme);
        let logged = self.printouts.iter().any(|(_, bytes)| {
            String::from_utf8_lossy(bytes).lines().any(|line| line.contains(" TRACE "))
        });
        assert!(files > 3 && logged, "{}: hardly anything was seen", self.scheme);
    }
}

fn with_key(command: &mut Command, key: &Credential) {
    without_keys(command);
    command
        .env("OSS_ACCESS_KEY_ID", &key.access_key_id)
        .env("OSS_ACCESS_KEY_SECRET", &key.access_key_secret)
        .env("AWS_ACCESS_KEY_ID", &key.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &key.access_key_secret);
    for name in ["OSS_SESSION_TOKEN", "AWS_SESSION_TOKEN"] {
        match &key.security_token {
            Some(token) => command.env(name, token),
            None => command.env_remove(name),
        };
    }
}

fn random_file(place: &Place, name: &str, size: usize) -> PathBuf {
    let mut bytes = vec![0; size];
    fastrand::fill(&mut bytes);
    place.write(name, &bytes)
}

/// The signatures in links.
fn signatures(links: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in links.split(['?', '&', '\n', '"', ' ']) {
        let Some((name, value)) = piece.split_once('=') else { continue };
        if name.to_ascii_lowercase().ends_with("signature") {
            found.push(value.to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_the_environment_turns_up_nowhere() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        random_file(&watched.place, "drop/large.bin", 12 * MIB);
        random_file(&watched.place, "drop/small.bin", 10_000);
        let (drop, endpoint) = (watched.place.path("drop"), watched.place.sandbox.endpoint());
        let ran = watched.run("put", watched.put(&drop, &endpoint, &["--json"])).await;
        ran.assert_verified(2);
        watched.run("put again", watched.put(&drop, &endpoint, &[])).await;
        for options in [&["queue"][..], &["queue", "--json"], &["retry", "--all"]] {
            let mut command = watched.ferry();
            command.args(options);
            watched.run(&options.join(" "), command).await;
        }

        // A link has its signature and its token, and nothing else has either.
        let mut link = watched.ferry();
        link.args(["link", "--all"]);
        let ran = Ran::of(link).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let signed = signatures(&ran.stdout);
        assert_eq!(signed.len(), 4, "{ran:#?}");
        for signature in signed {
            watched.canaries.add("a link's signature", signature.as_bytes());
        }
        assert_eq!(watched.in_links.found_in(ran.stdout.as_bytes()), [""; 0], "{scheme}");
        watched.keep("link", Ran { stdout: String::new(), ..ran });
        watched.assert_nothing_turned_up(&[]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_queue_and_a_damaged_one_give_nothing_away() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        let file = random_file(&watched.place, "large.bin", 17 * MIB);
        let endpoint = watched.place.sandbox.endpoint();
        let faults = watched.place.sandbox.faults();
        let stalled = faults.add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
        let mut child = watched.put(&file, &endpoint, &["--parallel", "1"]);
        let child = child.spawn().expect("ferry starts");
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        while watched.place.sandbox.ledger().count(Operation::UploadPart) < 3 {
            assert!(tokio::time::Instant::now() < deadline, "part 3 was never begun");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let pid = child.id().expect("it runs").to_string();
        let cmdline = std::fs::read(format!("/proc/{pid}/cmdline")).expect("it runs");
        assert_eq!(watched.canaries.found_in(&cmdline), [""; 0], "{scheme}");
        drop(Command::new("kill").args(["-KILL", &pid]).status().await);
        let killed = Ran::from(child.wait_with_output().await.expect("ends"));
        watched.keep("a killed put", killed);
        watched.place.sandbox.faults().remove(stalled);
        // As it was left, with its log: it is searched as well.
        std::fs::rename(watched.place.path("data"), watched.place.path("lost")).expect("moves");
        for options in [&[][..], &["--resume", "--json"]] {
            let mut recover = watched.ferry();
            recover.arg("recover").arg(watched.target()).arg(&file).args(options);
            recover.args(["--endpoint", &endpoint, "--region", REGION]);
            let ran = watched.run("recover", recover).await;
            assert_eq!(ran.code, 0, "{ran:#?}");
        }

        let queue = watched.place.path("data/ferry.db");
        let mut bytes = std::fs::read(&queue).expect("reads");
        let middle = bytes.len() * 2 / 3 / 4096 * 4096;
        bytes[middle..middle + 4096].fill(0x55);
        std::fs::write(&queue, bytes).expect("writes");
        let mut show = watched.ferry();
        show.args(["queue", "--json"]);
        let ran = watched.run("a damaged queue", show).await;
        assert!(ran.stderr.contains("damaged"), "{ran:#?}");
        watched.assert_nothing_turned_up(&[]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_keys_turn_up_nowhere() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        let file = random_file(&watched.place, "a.bin", 20_000);
        let endpoint = watched.place.sandbox.endpoint();
        // The right id with another secret: the store answers with what it signed itself.
        let mut mixed = watched.put(&file, &endpoint, &["--json"]);
        let id = watched.kept.access_key_id.clone();
        with_key(&mut mixed, &Credential::new(id, &watched.wrong.access_key_secret));
        let ran = watched.run("a wrong secret", mixed).await;
        assert!(ran.code == 1 && ran.stdout.contains("badSignature"), "{ran:#?}");
        let mut unknown = watched.put(&file, &endpoint, &[]);
        with_key(&mut unknown, &watched.wrong);
        let ran = watched.run("an unknown key", unknown).await;
        assert_eq!(ran.code, 1, "{ran:#?}");
        watched.place.sandbox.expire_token(&watched.place.key.access_key_id);
        let ran = watched.run("an expired token", watched.put(&file, &endpoint, &["--json"])).await;
        assert!(ran.code == 1 && ran.stdout.contains("tokenExpired"), "{ran:#?}");
        let echo = echo().await;
        let ran = watched.run("an echo", watched.put(&file, &echo, &["--json"])).await;
        assert!(ran.code == 1 && ran.stdout.contains("what it got: "), "{ran:#?}");
        let ran = watched.run("nobody", watched.put(&file, NOBODY, &["--wait", "0"])).await;
        assert_eq!(ran.code, 1, "{ran:#?}");
        let mut show = watched.ferry();
        show.args(["queue", "--json"]);
        let ran = watched.run("the queue", show).await;
        assert_eq!(ran.stdout.lines().count(), 3, "{ran:#?}");
        watched.assert_nothing_turned_up(&[]);
    }
}

/// A store that refuses every request, and repeats all that it was sent, in several forms.
async fn echo() -> String {
    use base64::Engine as _;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("listens"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
                while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut buffer).await {
                        Ok(read @ 1..) => seen.extend_from_slice(&buffer[..read]),
                        _ => return,
                    }
                }
                let head = String::from_utf8_lossy(&seen).into_owned();
                let token = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.to_ascii_lowercase().ends_with("-security-token").then_some(value)
                });
                let token = token.unwrap_or_default().trim();
                let encoded = base64::prelude::BASE64_STANDARD.encode(token);
                let escaped = token.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
                let head = head.replace('&', "&amp;").replace('<', "&lt;").replace("\r\n", "; ");
                let body = format!(
                    "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>\
                     <Message>what it got: {head} {token} {encoded} {escaped}</Message>\
                     <RequestId>{token}</RequestId><HostId>{encoded}</HostId><EC>{token}</EC>\
                     <RecommendDoc>https://x.test/?{escaped}</RecommendDoc></Error>"
                );
                let answer = format!(
                    "HTTP/1.1 403 Forbidden\r\nServer: {token}\r\nx-oss-request-id: {token}\r\n\
                     x-amz-request-id: {token}\r\nx-amz-id-2: {encoded}\r\nx-oss-ec: {escaped}\r\n\
                     Content-Type: application/xml\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    endpoint
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_or_a_signature_in_an_endpoint_turns_up_nowhere() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        let file = random_file(&watched.place, "a.bin", 100);
        let password = watched.password.clone();
        let escaped = password.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        for endpoint in [
            format!("http://user:{escaped}@127.0.0.1:9"),
            format!("https://user:{escaped}@oss-cn-hangzhou.aliyuncs.com"),
            format!("user:{escaped}@127.0.0.1:9"),
            format!("http://127.0.0.1:9/{BUCKET}/k?Expires=1&Signature={escaped}"),
            format!("http://127.0.0.1:9/{BUCKET}/k?x-oss-security-token={escaped}"),
        ] {
            let put = watched.put(&file, &endpoint, &["--json", "--wait", "0"]);
            let ran = watched.run("put", put).await;
            assert_ne!(ran.code, 0, "{ran:#?}");
            let add = watched.add_profile(&format!("p{}", watched.printouts.len()), &endpoint);
            watched.run("add", add).await;
        }
        let mut list = watched.ferry();
        list.args(["profile", "list", "--json"]);
        watched.run("list", list).await;
        let endpoint = watched.place.sandbox.endpoint();
        let ran = watched.run("put", watched.put(&file, &endpoint, &["--json"])).await;
        ran.assert_verified(1);
        watched.assert_nothing_turned_up(&[]);
    }
}

/// 0.0.0.0 is this computer as well, but none that is reached past a proxy.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_s_password_turns_up_nowhere() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        let file = random_file(&watched.place, "a.bin", 100);
        let password = watched.password.clone();
        let sign_in = STANDARD.encode(format!("{USER}:{password}"));
        watched.canaries.add("what is sent to the proxy", sign_in.as_bytes());
        let escaped = password.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        let open = Proxy::start(Kind::Squid, Allows::Everybody).await;
        let strict = Proxy::start(Kind::Squid, Allows::User).await;
        let port = watched.place.sandbox.addr().port();
        let mut codes = Vec::new();
        for (number, proxy) in [&open, &strict].into_iter().enumerate() {
            let address = proxy.address;
            let name = format!("p{number}");
            let mut add = watched.add_profile(&name, &format!("http://0.0.0.0:{port}"));
            add.args(["--plain-http", "allow", "--keys", "environment"]);
            add.args(["--proxy", &format!("http://{USER}@{address}")]);
            add.env("FERRY_PROXY_PASSWORD", &password);
            watched.run("add", add).await;
            let target = watched.target();
            for (environment, options) in [
                (("FERRY_PROXY_PASSWORD", password.clone()), &[][..]),
                (
                    ("ALL_PROXY", format!("http://{USER}:{escaped}@{address}")),
                    &["--proxy", "system"][..],
                ),
            ] {
                let mut put = watched.ferry();
                put.arg("put").arg(&file).arg(&target).args(["--profile", &name, "--json"]);
                put.args(["--wait", "0"]).args(options).env(environment.0, environment.1);
                codes.push(watched.run("put", put).await.code);
            }
        }
        // The sandbox of one bucket, twice by each way: the strict proxy knows another password.
        assert_eq!(codes, [0, 0, 1, 1], "{scheme}: {:?}", watched.printouts.last());
        let mut queue = watched.ferry();
        queue.args(["queue", "--json"]);
        watched.run("queue", queue).await;
        watched.assert_nothing_turned_up(&[]);
    }
}
