//! The command line as a program among others: readers that leave, pipes that are not emptied, full
//! disks, signals at any time, and text from outside.
//!
//! It looks at processes in `/proc`, and has full disks by `/dev/full`.

#![cfg(target_os = "linux")]

#[path = "command_line/signals.rs"]
mod signals;
#[path = "command_line/texts.rs"]
mod texts;

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ferry_sandbox::{Action, Config, Operation, Rule, Sandbox};
use serde_json::Value;
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::poll::{at_rest, until};
use support::small_disk::SmallDisk;
use tokio::process::{Child, Command};

const MIB: usize = 1024 * 1024;
/// What a pipe of Linux holds.
const PIPE: usize = 64 * 1024;
/// Ends a test whose command never ends.
const DEADLINE: Duration = Duration::from_secs(60);

fn destination() -> String {
    format!("oss://{BUCKET}/")
}

/// A pipe whose reader is gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

/// A pipe that is full, and is not read while the reader is kept.
fn full_pipe() -> (std::io::PipeReader, Stdio) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(&vec![b'\n'; PIPE]).expect("it fits");
    (reader, writer.into())
}

/// A device on which nothing can be written.
fn full_device() -> Stdio {
    std::fs::OpenOptions::new().write(true).open("/dev/full").expect("is there").into()
}

async fn end(child: Child) -> Ran {
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
    Ran::from(output.expect("the command never ended").expect("it ends"))
}

/// Runs a command to its end, with the streams it was given.
async fn run(mut command: Command) -> Ran {
    end(command.spawn().expect("ferry starts")).await
}

/// The command, started by another program that becomes it.
fn under(starter: &[&str], command: &Command) -> Command {
    let mut started = Command::new(starter[0]);
    started.args(&starter[1..]);
    started.arg(command.as_std().get_program()).args(command.as_std().get_args());
    for (key, value) in command.as_std().get_envs() {
        match value {
            Some(value) => started.env(key, value),
            None => started.env_remove(key),
        };
    }
    started.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    started
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("runs").to_string();
    let sent = std::process::Command::new("kill").args([name, &pid]).status();
    assert!(sent.expect("kill runs").success());
}

/// A put in words, not in JSON.
fn put_in_words(place: &Place, path: &Path) -> Command {
    let mut command = place.ferry();
    command.arg("put").arg(path).arg(destination()).args([
        "--endpoint",
        &place.sandbox.endpoint(),
        "--region",
        REGION,
    ]);
    command
}

/// A place with three uploaded files and a profile.
async fn with_a_queue() -> Place {
    let place = Place::new().await;
    for n in 0..3 {
        place.write(format!("d/{n}.txt"), b"x");
    }
    place.put_all(&[&place.path("d")], &destination(), &[]).await.assert_verified(3);
    let added = place.add_profile("work", "oss", &["--keys", "environment"]).await;
    assert_eq!(added.code, 0, "{added:?}");
    place
}

const SHOWING: [&[&str]; 6] = [
    &["history", "--json"],
    &["queue"],
    &["queue", "--json"],
    &["link", "--all", "--public"],
    &["profile", "list"],
    &["profile", "list", "--json"],
];

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_ends_what_only_shows() {
    let place = with_a_queue().await;
    for arguments in SHOWING {
        let mut command = place.ferry();
        command.args(arguments).stdout(closed());
        let ran = run(command).await;
        // As a shell tells of a program that SIGPIPE ended.
        assert_eq!((ran.code, ran.stderr.as_str()), (141, ""), "{arguments:?}");
        let mut command = place.ferry();
        command.args(arguments).stdout(closed()).stderr(closed());
        assert_eq!(run(command).await.code, 141, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_ends_no_upload() {
    let place = Place::new().await;
    for (name, stdout, stderr) in [
        ("a.txt", closed as fn() -> Stdio, Stdio::null as fn() -> Stdio),
        ("b.txt", Stdio::null, closed),
        ("c.txt", closed, closed),
    ] {
        let file = place.write(name, b"x");
        let mut in_words = put_in_words(&place, &file);
        in_words.stdout(stdout()).stderr(stderr());
        assert_eq!(run(in_words).await.code, 0, "{name}");
        let json = place.write(format!("json-{name}"), b"x");
        let mut in_json = place.put(&[&json], &destination(), &[]);
        in_json.stdout(stdout()).stderr(stderr());
        assert_eq!(run(in_json).await.code, 0, "{name}");
        assert!(place.sandbox.object(BUCKET, name).is_some());
        assert!(place.sandbox.object(BUCKET, &format!("json-{name}")).is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_is_lost_is_a_failure_with_a_reason() {
    let place = with_a_queue().await;
    for arguments in SHOWING {
        let mut command = place.ferry();
        command.args(arguments).stdout(full_device());
        let ran = run(command).await;
        assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains("could not be written"), "{arguments:?}: {ran:?}");
    }
    let file = place.write("more.txt", b"x");
    let mut in_json = place.put(&[&file], &destination(), &[]);
    in_json.stdout(full_device());
    let ran = run(in_json).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("could not be written"), "{ran:?}");
    assert!(place.sandbox.object(BUCKET, "more.txt").is_some(), "the upload itself goes on");
    let file = place.write("words.txt", b"x");
    let mut in_words = put_in_words(&place, &file);
    in_words.stderr(full_device());
    assert_eq!(run(in_words).await.code, 1, "the summary was lost");
    assert!(place.sandbox.object(BUCKET, "words.txt").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn options_stand_anywhere() {
    let place = Place::new().await;
    let files = [place.write("a.txt", b"a"), place.write("b.txt", b"b")];
    let (target, endpoint) = (destination(), place.sandbox.endpoint());
    let options = ["--part-size", "8MiB", "--endpoint", &endpoint, "--region", REGION, "--json"];
    let mut command = place.ferry();
    command.arg("put").arg(&files[0]).args(&options[..2]).arg(&files[1]).args(&options[2..]);
    command.arg(&target);
    run(command).await.assert_verified(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relative_home_makes_no_folders() {
    let place = Place::new().await;
    let here = place.path("here");
    std::fs::create_dir(&here).expect("makes");
    let mut command = place.ferry();
    command.arg("queue").current_dir(&here).env("HOME", "not/absolute");
    command.env_remove("FERRY_DATA_DIR").env_remove("XDG_DATA_HOME");
    let ran = run(command).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("FERRY_DATA_DIR"), "{ran:?}");
    assert_eq!(std::fs::read_dir(&here).expect("is there").count(), 0, "folders were made");
}

/// The only unfinished item, and the summary.
fn unfinished(ran: &Ran) -> Value {
    let mut items = ran.unfinished();
    assert_eq!(items.len(), 1, "{ran:?}");
    items.remove(0)
}

/// An address at which nothing listens.
fn nobody() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
}

fn put_at(place: &Place, address: std::net::SocketAddr, file: &Path, options: &[&str]) -> Command {
    let mut command = place.ferry();
    command.arg("put").arg(file).arg(destination()).args([
        "--region",
        REGION,
        "--endpoint",
        &format!("http://{address}"),
    ]);
    command.args(options);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_waits_says_for_what_and_why() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"x");
    let ran = run(put_at(&place, nobody(), &file, &["--json", "--wait", "0"])).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let item = unfinished(&ran);
    assert_eq!(
        (&item["waits_for"], &item["fault"]["kind"]),
        (&"endpoint".into(), &"unreachable".into()),
        "{ran:?}"
    );

    let file = place.write("b.txt", b"x");
    place.sandbox.faults().add(
        Rule::on(Operation::PutObject),
        Action::Status { status: 503, code: "ServiceUnavailable".into() },
    );
    let child = place.start(place.put(&[&file], &destination(), &[]));
    until("three puts", || place.sandbox.ledger().count(Operation::PutObject) >= 3).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    signal(&child, "-INT");
    let ran = end(child).await;
    let item = unfinished(&ran);
    assert!(matches!(item["waits_for"].as_str(), Some("retry" | "endpoint")), "{ran:?}");
    assert!(item["fault"]["kind"].is_string(), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_waits_for_its_profile_says_so() {
    let place = Place::new().await;
    let file = place.write("a.bin", &vec![7; 3 * MIB]);
    let added = place.add_profile("by-command", "oss", &["--key-command", "false"]).await;
    assert_eq!(added.code, 0, "{added:?}");
    let put = place.put_with_profile("by-command", &[&file], &destination(), &[]);
    let ran = run(put).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let item = unfinished(&ran);
    assert_eq!(
        (&item["waits_for"], &item["fault"]["kind"]),
        (&"profile".into(), &"credentialProcessFailed".into()),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_put_ends_with_a_summary() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"x");
    let mut keyless = place.put(&[&file], &destination(), &[]);
    keyless.env_remove("OSS_ACCESS_KEY_SECRET");
    let ran = run(keyless).await;
    assert_eq!((ran.code, ran.number("files")), (1, 0), "{ran:?}");
    assert_eq!(ran.summary()["fault"]["kind"], "credentialsMissing", "{ran:?}");

    let mut unusable = place.put(&[&file], &destination(), &[]);
    unusable.env("FERRY_DATA_DIR", file.join("below a file"));
    let ran = run(unusable).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.summary()["fault"]["kind"], "journalBroken", "{ran:?}");
    let mut in_words = put_in_words(&place, &file);
    in_words.env("FERRY_DATA_DIR", file.join("below a file"));
    let ran = run(in_words).await;
    assert!(ran.stderr.lines().last().is_some_and(|line| line.contains("0 of 0")), "{ran:?}");
    let resumed = place.run(["resume", "999", "--json"]).await;
    assert_eq!(resumed.summary()["fault"]["kind"], "invalidInput", "{resumed:?}");
}

/// A small disk of its own, unmounted at the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_while_uploading_is_named() {
    for json in [true, false] {
        let place = Place::new().await;
        let disk = SmallDisk::mount(place.path("small disk"), 1);
        for n in 0..400 {
            place.write(format!("many/{n}.txt"), &vec![7; 2_000]);
        }
        let folder = place.path("many");
        let mut command = if json {
            place.put(&[&folder], &destination(), &[])
        } else {
            put_in_words(&place, &folder)
        };
        let data = disk.path().join("data");
        command.env("FERRY_DATA_DIR", data).args(["--limit", "20k", "--wait", "1s"]);
        let child = place.start(command);
        until("five puts", || place.sandbox.ledger().count(Operation::PutObject) >= 5).await;
        disk.fill();
        let ran = end(child).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("list of uploads is full"), "{}", ran.stderr);
        if json {
            assert_eq!(ran.summary()["fault"]["kind"], "diskFull");
        }
    }
}

/// D1: a full disk stops the queue, and free space lets it go on by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_has_space_again_lets_the_queue_go_on() {
    let place = Place::new().await;
    let disk = SmallDisk::mount(place.path("small disk"), 8);
    for n in 0..200 {
        place.write(format!("many/{n}.txt"), &vec![7; 2_000]);
    }
    let mut command = place.put(&[&place.path("many")], &destination(), &[]);
    command.env("FERRY_DATA_DIR", disk.path().join("data")).args(["--limit", "40k"]);
    let child = place.start(command);
    let puts = || place.sandbox.ledger().count(Operation::PutObject);
    until("five puts", || puts() >= 5).await;
    disk.fill();
    // What is under way ends; nothing new is begun, because its outcome could not be kept.
    let sent = at_rest("the puts", Duration::from_millis(1_500), puts).await;
    assert!(sent < 200, "the disk was full before the end");
    disk.free();
    end(child).await.assert_verified(200);
    assert_eq!(puts(), 200, "nothing is sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_waited_for_as_long_as_asked() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"x");
    for (wait, shown) in [("0", "0s"), ("2s", "2s")] {
        let ran = run(put_at(&place, nobody(), &file, &["--wait", wait])).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("cannot be reached"), "{ran:?}");
        assert!(wait == "0" || ran.stderr.contains(shown), "{ran:?}");
    }
    for wrong in ["soon", "-1s", "15", "1mo"] {
        let ran = run(put_at(&place, nobody(), &file, &["--wait", wrong])).await;
        assert_eq!(ran.code, 2, "{wrong}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_comes_late_gets_its_files() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"x");
    let address = nobody();
    let child = place.start(put_at(&place, address, &file, &["--json"]));
    // Real time is the point here: fifteen seconds are an ordinary restart of a store.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let mut config = Config::new(place.path("late"));
    config.region = REGION.into();
    config.buckets = vec![BUCKET.into()];
    config.credentials = vec![place.key.clone()];
    config.listen = address;
    let late = Sandbox::start(config).await.expect("the port is still free");
    let ran = end(child).await;
    ran.assert_verified(1);
    let told = ran.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let waiting: Vec<Value> = told.filter(|line| line["type"] == "waiting").collect();
    assert_eq!(waiting.len(), 1, "{ran:?}");
    assert_eq!(waiting[0]["wait_seconds"], 900, "{ran:?}");
    assert!(late.object(BUCKET, "a.txt").is_some());
}
