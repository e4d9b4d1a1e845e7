//! Signals that ask to end, at any time.

use std::path::Path;
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use support::ferry::Place;
use support::poll::until;
use tokio::process::{Child, Command};

use crate::{
    DEADLINE, MIB, destination, end, full_pipe, put_in_words, signal, under, with_a_queue,
};

/// The command with no signal ignored, whatever started these tests: `nohup` ignores SIGHUP.
fn heeding_all(command: &Command) -> Command {
    under(&["env", "--default-signal=HUP,INT,TERM"], command)
}

/// A put whose only upload never ends by itself, once its upload is open.
async fn stalled(place: &Place, mut command: Command, file: &str) -> Child {
    place.write(file, &vec![7; 3 * MIB]);
    place.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Stall);
    command.args(["--part-size", "1MiB"]);
    let child = place.start(command);
    until("a part", || place.sandbox.ledger().count(Operation::UploadPart) > 0).await;
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_heeded_while_nobody_reads() {
    for (json, block_stdout) in [(true, true), (false, false)] {
        let place = Place::new().await;
        let file = place.path("a.bin");
        let mut command = if json {
            place.put(&[&file], &destination(), &[])
        } else {
            put_in_words(&place, &file)
        };
        let (_reader, pipe) = full_pipe();
        if block_stdout {
            command.stdout(pipe);
        } else {
            command.stderr(pipe);
        }
        let child = stalled(&place, command, "a.bin").await;
        // Long enough for the first progress line to be held up.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        signal(&child, "-TERM");
        assert_eq!(end(child).await.code, 130, "json {json}");
    }
    let place = with_a_queue().await;
    let mut command = place.ferry();
    let (_reader, pipe) = full_pipe();
    command.arg("queue").stdout(pipe);
    let child = place.start(command);
    tokio::time::sleep(Duration::from_millis(700)).await;
    signal(&child, "-TERM");
    assert_eq!(end(child).await.code, 130);
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_every_signal_that_asks_to_end_leaves_a_summary() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let place = Place::new().await;
        let file = place.path("a.bin");
        let put = heeding_all(&place.put(&[&file], &destination(), &[]));
        let child = stalled(&place, put, "a.bin").await;
        signal(&child, name);
        let ran = end(child).await;
        assert_eq!((ran.code, ran.number("files")), (130, 1), "{name}: {ran:?}");
    }
}

/// Whether a process catches the signal of this number.
fn catches(pid: u32, signal: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_before_the_first_request_leaves_a_summary() {
    let place = Place::new().await;
    let added = place.add_profile("kept", "oss", &["--keys", "keyring"]).await;
    assert_eq!(added.code, 0, "{added:?}");
    // A session bus that accepts and never answers: the command waits for its keys.
    let bus = place.path("bus");
    let listener = std::os::unix::net::UnixListener::bind(&bus).expect("binds");
    let file = place.write("a.txt", b"x");
    let mut command = place.put_with_profile("kept", &[&file], &destination(), &[]);
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", bus.display()));
    let child = place.start(heeding_all(&command));
    let asked = tokio::task::spawn_blocking(move || listener.accept());
    let _connection = tokio::time::timeout(DEADLINE, asked).await.expect("the keyring is asked");
    let caught = [1, 2, 15].map(|number| catches(child.id().expect("runs"), number));
    assert_eq!(caught, [true; 3], "handlers come first");
    signal(&child, "-TERM");
    let ran = end(child).await;
    assert_eq!((ran.code, ran.number("files")), (130, 0), "{ran:?}");
    let again = place.put_all(&[&file], &destination(), &[]).await;
    again.assert_verified(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_in_the_first_moments_leaves_a_summary() {
    let place = Place::new().await;
    for n in 0..200 {
        place.write(format!("d/{n}.txt"), b"x");
    }
    let folder = place.path("d");
    for pause in [0, 5, 10, 20, 35, 50] {
        let put = place.put(&[&folder], &destination(), &["--limit", "1k"]);
        let child = place.start(heeding_all(&put));
        let pid = child.id().expect("runs");
        let begun = std::time::Instant::now();
        while !catches(pid, 1) {
            assert!(begun.elapsed() < DEADLINE, "it never catches SIGHUP");
            std::thread::yield_now();
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        signal(&child, "-TERM");
        let ran = end(child).await;
        assert_eq!(ran.code, 130, "after {pause} ms: {ran:?}");
        assert_eq!(ran.summary()["type"], "summary", "after {pause} ms: {ran:?}");
    }
    place.put_all(&[&folder], &destination(), &[]).await.assert_verified(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_was_ignored_stays_ignored() {
    for name in ["INT", "HUP"] {
        let place = Place::new().await;
        let file = place.path("a.bin");
        let put = place.put(&[&file], &destination(), &[]);
        // `nohup` and a script's `&` do the same.
        let ignoring = format!("trap '' {name}; exec \"$@\"");
        let shell = under(&["sh", "-c", &ignoring, "sh"], &put);
        let child = stalled(&place, shell, "a.bin").await;
        signal(&child, &format!("-{name}"));
        // The other signals are heeded, and come after it.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let pid = child.id().expect("runs");
        assert!(Path::new(&format!("/proc/{pid}/exe")).read_link().is_ok(), "{name} ended it");
        signal(&child, "-TERM");
        assert_eq!(end(child).await.code, 130, "{name}");
    }
}
