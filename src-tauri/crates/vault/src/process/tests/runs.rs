use std::path::Path;
use std::time::Duration;

use super::super::child::MOST_BYTES;
use super::super::error::{ProcessCause, ProcessError};
use super::super::{TIME_LIMIT, run, run_within};
use super::*;

const CANARY: &str = "canary-Secret0123456789/+";

/// An executable script, and the words that run it.
fn script(folder: &Path, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("my helper.sh");
    // Written by another process: while this one has it open for writing, another test's fork may
    // hold it too, and it cannot be run.
    let mut shell = std::process::Command::new("sh");
    let status = shell
        .args(["-c", "printf '%s' \"$1\" > \"$2\"", "sh", &format!("#!/bin/sh\n{text}\n")])
        .arg(&path)
        .status();
    assert!(status.expect("sh").success());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("sets");
    format!("'{}'", path.display())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn a_program_is_run_with_its_words_and_no_input() {
    let folder = folder();
    // Reading its input would hang if it had any; the words arrive as they were quoted.
    let text = r#"cat; [ "$1" = "a  b" ] && [ "$2" = '$HOME' ] && [ $# = 2 ] || exit 9
echo '{"AccessKeyId":"id","AccessKeySecret":"s3cr\"et","SecurityToken":"tok","Expiration":"2026-01-01T01:00:00Z"}'"#;
    let command = format!("{} \"a  b\" '$HOME'", script(folder.path(), text));
    let got = run(&command, NOW).await.expect("a key");
    assert_eq!(got, key("id", "s3cr\"et", Some("tok"), Some(NOW + HOUR)));
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_the_key() {
    let folder = folder();
    let print = format!(r#"echo '{{"AccessKeyId":"{CANARY}","AccessKeySecret":"{CANARY}"}}'"#);
    let cases = [
        (
            format!("{print}; echo 'login first' >&2; exit 3"),
            "it ended with exit status: 3: login first",
        ),
        (format!("set -x; {print}; exit 1"), "it ended with exit status: 1: "),
        ("kill -9 $$".to_owned(), "it ended with signal: 9 (SIGKILL)"),
        (format!("echo {CANARY}"), "it did not print one JSON object"),
        (format!("yes {CANARY}"), "it wrote more than 65536 bytes"),
        (format!("{print}; yes {CANARY} >&2"), "it did not answer within 0 seconds"),
    ];
    for (text, expected) in cases {
        let limit =
            if expected.contains("within") { Duration::from_millis(300) } else { TIME_LIMIT };
        let error = run_within(&script(folder.path(), &text), NOW, limit).await.expect_err(&text);
        assert!(error.cause.to_string().starts_with(expected), "{text}: {error}");
        assert_eq!(error.program, "my helper.sh");
        let fault = error.fault();
        let shown = format!("{error} {error:?} {fault} {fault:?} {}", fault.report());
        assert!(!shown.contains("canary-Secret") && !shown.contains(CANARY), "{shown}");
        assert!(shown.len() < 2500, "{shown}");
    }
}

#[tokio::test]
async fn a_line_that_is_no_command_is_told_so() {
    let missing =
        run("/no/such/cred-helper --password hunter2", NOW).await.expect_err("is not there");
    assert!(matches!(missing.cause, ProcessCause::NotStarted(_)), "{missing}");
    assert_eq!(missing.program, "cred-helper");
    let open = run("helper --password 'hunter2", NOW).await.expect_err("is no line");
    assert_eq!(
        open,
        ProcessError {
            program: String::new(),
            cause: ProcessCause::NotACommand("a quote in the command is not closed")
        }
    );
    for error in [missing, open] {
        let fault = error.fault();
        assert_eq!(fault.kind, ferry_model::FaultKind::CredentialProcessFailed);
        assert!(!format!("{error} {error:?} {}", fault.report()).contains("hunter2"));
    }
}

#[tokio::test]
async fn an_answer_of_the_most_bytes_is_still_read() {
    let folder = folder();
    let frame = r#"{"AccessKeyId":"id","AccessKeySecret":"s"}"#;
    for (padding, good) in [(MOST_BYTES - frame.len(), true), (MOST_BYTES - frame.len() + 1, false)]
    {
        let text = format!("head -c {padding} /dev/zero | tr '\\0' ' '; printf '%s' '{frame}'");
        assert_eq!(run(&script(folder.path(), &text), NOW).await.is_ok(), good, "{padding}");
    }
}

/// Whether the process whose number a script wrote is gone within two seconds.
async fn dies(pid_file: &Path) -> bool {
    for _ in 0..100 {
        let pid = std::fs::read_to_string(pid_file).unwrap_or_default();
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // A zombie is dead; who reaps it is another matter.
        if !pid.trim().is_empty() && (stat.is_empty() || stat.contains(") Z ")) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_command_given_up_is_killed_with_what_it_started() {
    for dropped in [false, true] {
        let folder = folder();
        let pids = ["leader", "child"].map(|name| folder.path().join(name));
        let text = format!(
            "echo $$ > '{}'; sh -c 'echo $$ > \"{}\"; sleep 600'",
            pids[0].display(),
            pids[1].display()
        );
        let command = script(folder.path(), &text);
        let running =
            run_within(&command, NOW, if dropped { TIME_LIMIT } else { Duration::from_secs(2) });
        if dropped {
            let started = async {
                while !pids
                    .iter()
                    .all(|pid| std::fs::read_to_string(pid).is_ok_and(|text| text.ends_with('\n')))
                {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::select! {
                outcome = running => panic!("{outcome:?}"),
                () = started => {}
            }
        } else {
            assert!(matches!(running.await.expect_err("sleeps").cause, ProcessCause::TimedOut(_)));
        }
        for pid in &pids {
            assert!(dies(pid).await, "dropped: {dropped}, {}", pid.display());
        }
    }
}

#[tokio::test]
async fn what_a_command_leaves_running_holds_nobody_up() {
    let folder = folder();
    // An agent in the background keeps both outputs open.
    let text = r#"sleep 20 & echo '{"AccessKeyId":"id","AccessKeySecret":"s"}'"#;
    let begun = std::time::Instant::now();
    assert_eq!(run(&script(folder.path(), text), NOW).await, Ok(key("id", "s", None, None)));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_time_a_command_took_counts_against_its_key() {
    let folder = folder();
    let text = r#"sleep 0.2; echo '{"AccessKeyId":"id","AccessKeySecret":"s","Expiration":"2026-01-01T00:00:00.100Z"}'"#;
    let error = run(&script(folder.path(), text), NOW).await.expect_err("has ended meanwhile");
    assert!(matches!(error.cause, ProcessCause::Ended(_)), "{error}");
}
