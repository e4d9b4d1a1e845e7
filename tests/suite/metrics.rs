//! Metrics, read by Prometheus's own parser: printed, and scraped while an upload runs.

use std::process::Stdio;
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place, Ran};
use support::poll::until;
use support::python::venv;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

const MIB: usize = 1024 * 1024;

/// Families by name, as Prometheus's parser understands them.
struct Read(Value);

impl Read {
    async fn of(text: &str) -> Self {
        let python = tokio::task::spawn_blocking(|| venv(&["prometheus_client==0.21.1"])).await;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/metrics_reader.py");
        let mut reader = Command::new(python.expect("is installed"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs");
        let mut input = reader.stdin.take().expect("piped");
        input.write_all(text.as_bytes()).await.expect("it reads");
        drop(input);
        let output = reader.wait_with_output().await.expect("it ends");
        assert!(output.status.success(), "no Prometheus text: {text}");
        Self(serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// The value of a sample by its name and all of its labels.
    #[track_caller]
    fn value(&self, family: &str, sample: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.find(family, sample, labels);
        found.unwrap_or_else(|| panic!("no {sample}{labels:?}: {:#}", self.0[family]))
    }

    fn find(&self, family: &str, sample: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let samples = self.0[family]["samples"].as_array();
        let found = samples.into_iter().flatten().find(|found| {
            found[0] == sample && labels.iter().all(|(name, value)| found[1][*name] == *value)
        });
        found?[2].as_f64()
    }

    #[track_caller]
    fn number(&self, name: &str) -> f64 {
        // The parser takes a counter's ending from the name of its family.
        self.value(name.trim_end_matches("_total"), name, &[])
    }
}

/// The answer to a request, its head and its body.
async fn ask(address: &str, request: &str) -> (String, String) {
    let mut connection = TcpStream::connect(address).await.expect("it listens");
    connection.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    (head.to_owned(), body.to_owned())
}

async fn scrape(address: &str) -> Read {
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let (head, body) = ask(address, &request).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.to_lowercase().contains("content-type: text/plain; version=0.0.4"), "{head}");
    Read::of(&body).await
}

/// What is read once it shows what is waited for.
async fn scrape_until(address: &str, what: &str, wanted: impl Fn(&Read) -> bool) -> Read {
    for _ in 0..600 {
        let read = scrape(address).await;
        if wanted(&read) {
            return read;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never shown: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_upload_is_scraped() {
    let place = Place::new().await;
    let faults = place.sandbox.faults();
    let busy = Action::Status { status: 503, code: "SlowDown".into() };
    faults.add(Rule::on(Operation::UploadPart).part(1).once(), busy);
    let held = faults.add(Rule::on(Operation::UploadPart).part(6), Action::Stall);
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    faults.add(Rule::on(Operation::PutObject).key("bad.txt"), refused);
    let large = place.write("large.bin", &vec![7; 6 * MIB]);
    let small = place.write("small.txt", b"small");
    let bad = place.write("bad.txt", b"bad");
    let options = ["--part-size", "1MiB", "--metrics", "127.0.0.1:0"];
    let destination = format!("oss://{BUCKET}/");
    let mut child = place.start(place.put(&[&large, &small, &bad], &destination, &options));
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let first = lines.next_line().await.expect("reads").expect("a line");
    let told: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(told["type"], "metrics", "{first}");
    let address = told["address"].as_str().expect("an address").to_owned();
    let reading = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    until("five parts, and the small file", || {
        let parts = place.sandbox.open_uploads(BUCKET).first().map_or(0, |open| open.parts.len());
        parts == 5 && place.sandbox.object(BUCKET, "small.txt").is_some()
    })
    .await;
    // The journal learns of each of them a moment after the store.
    let read = scrape_until(&address, "two files that ended, and one part that is left", |read| {
        read.number("ferry_uploaded_files_total") >= 1.0
            && read.value("ferry_transfers", "ferry_transfers", &[("state", "failed")]) >= 1.0
            && read.number("ferry_queue_bytes") <= MIB as f64
    })
    .await;
    for (name, value) in [
        ("ferry_uploaded_files_total", 1.0),
        ("ferry_uploaded_bytes_total", 5.0),
        ("ferry_queue_length", 1.0),
        ("ferry_queue_bytes", MIB as f64),
        ("ferry_list_bytes", (6 * MIB + 5 + 3) as f64),
    ] {
        assert_eq!(read.number(name), value, "{name}");
    }
    assert!(read.number("ferry_sent_bytes_total") >= (5 * MIB) as f64);
    assert!(read.number("ferry_queue_oldest_age_seconds") > 0.0);
    assert!(read.number("ferry_throughput_bytes_per_second") > 0.0);
    assert!(read.number("ferry_requests_in_flight") >= 1.0);
    let failures =
        read.value("ferry_failures", "ferry_failures_total", &[("kind", "invalidRequest")]);
    assert_eq!(failures, 1.0);
    let retries = read.value(
        "ferry_request_retries",
        "ferry_request_retries_total",
        &[("kind", "throttled")],
    );
    assert!(retries >= 1.0);
    let family = "ferry_request_duration_seconds";
    let part = ("operation", "UploadPart");
    assert_eq!(read.0[family]["type"], "histogram");
    assert_eq!(read.value(family, &format!("{family}_count"), &[part]), 5.0);
    assert_eq!(read.value(family, &format!("{family}_bucket"), &[part, ("le", "+Inf")]), 5.0);
    assert!(read.value(family, &format!("{family}_sum"), &[part]) > 0.0);
    let failed = read.value("ferry_request_failures", "ferry_request_failures_total", &[part]);
    assert!(failed >= 1.0);
    let state =
        |state| read.value("ferry_breaker_state", "ferry_breaker_state", &[("state", state)]);
    assert_eq!((state("closed"), state("open"), state("held")), (1.0, 0.0, 0.0));

    // Nothing else is served, and not to a page under a name of its own.
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n"), "404"),
        (format!("POST /metrics HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n"), "405"),
        ("GET /metrics HTTP/1.1\r\nHost: rebound.example\r\n\r\n".to_owned(), "403"),
        ("GET /metrics HTTP/1.0\r\n\r\n".to_owned(), "403"),
    ] {
        let (head, _) = ask(&address, &request).await;
        assert!(head.contains(&format!(" {status} ")), "{request}: {head}");
    }

    faults.remove(held);
    child.kill().await.expect("it is killed");
    reading.await.expect("its output ends");
    assert!(TcpStream::connect(&address).await.is_err(), "nothing listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_away_is_an_open_breaker() {
    let place = Place::new().await;
    let down = Action::Status { status: 503, code: "ServiceUnavailable".into() };
    place.sandbox.faults().add(Rule::any(), down);
    let files: Vec<_> =
        (0..8).map(|n| place.write(format!("{n}.txt"), format!("{n}").as_bytes())).collect();
    let paths: Vec<_> = files.iter().map(std::path::PathBuf::as_path).collect();
    let options = ["--metrics", "127.0.0.1:0", "--wait", "10m"];
    let mut child = place.start(place.put(&paths, &format!("oss://{BUCKET}/"), &options));
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let first = lines.next_line().await.expect("reads").expect("a line");
    let told: Value = serde_json::from_str(&first).expect("JSON");
    let address = told["address"].as_str().expect("an address").to_owned();
    loop {
        let read = scrape(&address).await;
        let state = |state| {
            // Before the put has its profile, there is none.
            read.find("ferry_breaker_state", "ferry_breaker_state", &[("state", state)])
        };
        if state("open") == Some(1.0) {
            assert_eq!(state("closed"), Some(0.0));
            assert_eq!(read.number("ferry_queue_length"), 8.0);
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    child.kill().await.expect("it is killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_printed_beside_a_running_command_too() {
    let place = Place::new().await;
    let nothing = place.run(["metrics"]).await;
    assert_eq!(nothing.code, 0, "{nothing:#?}");
    assert_eq!(Read::of(&nothing.stdout).await.number("ferry_queue_length"), 0.0);
    let file = place.write("a.txt", b"twelve bytes");
    place.put_all(&[&file], &format!("oss://{BUCKET}/"), &[]).await.assert_verified(1);
    place.sandbox.faults().add(Rule::on(Operation::PutObject), Action::Stall);
    let other = place.write("b.txt", b"other");
    let child = place.start(place.put(&[&other], &format!("oss://{BUCKET}/"), &[]));
    until("the other is under way", || place.sandbox.ledger().in_flight() > 0).await;
    let ran: Ran = place.run(["metrics"]).await;
    let read = Read::of(&ran.stdout).await;
    let done = read.value("ferry_transfers", "ferry_transfers", &[("state", "done")]);
    let verified = read.number("ferry_list_verified_bytes");
    assert_eq!((done, verified, read.number("ferry_queue_length")), (1.0, 12.0, 1.0));
    assert!(read.number("ferry_queue_oldest_age_seconds") >= 0.0);
    drop(child);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_computers_reach_them_only_where_that_is_said() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let put = async |options: &[&str]| {
        place.put_all(&[&file], &format!("oss://{BUCKET}/"), options).await
    };
    let refused = put(&["--metrics", "0.0.0.0:0"]).await;
    assert_eq!((refused.code, &refused.summary()["fault"]["kind"]), (1, &"invalidInput".into()));
    assert_eq!(place.sandbox.ledger().total(), 0);
    let public = put(&["--metrics", "0.0.0.0:0", "--metrics-public"]).await;
    public.assert_verified(1);
    assert!(public.stderr.contains("there is no password"), "{public:#?}");
}
