//! Hooks: a command without a shell and a POST, when a file is verified, fails, or all is done; and
//! what they do changes nothing of the uploads.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use ferry_sandbox::{Action, Operation, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that answers each POST with the next of these statuses, the last one for ever, and
/// keeps the bodies.
async fn receiver(statuses: &'static [u16]) -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let url = format!("http://{}/hook?token=secret", listener.local_addr().expect("bound"));
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut text = Vec::new();
            let body = loop {
                let mut piece = [0; 4096];
                let len = connection.read(&mut piece).await.expect("reads");
                text.extend_from_slice(&piece[..len]);
                let read = String::from_utf8_lossy(&text).into_owned();
                if let Some((head, body)) = read.split_once("\r\n\r\n") {
                    assert!(head.starts_with("POST /hook?token=secret "), "{head}");
                    if let Ok(body) = serde_json::from_str(body) {
                        break body;
                    }
                }
                assert!(len > 0, "the body ends early");
            };
            let status = statuses.get(number).or(statuses.last()).expect("a status");
            number += 1;
            kept.lock().expect("no panic").push(body);
            let answer =
                format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            connection.write_all(answer.as_bytes()).await.expect("writes");
        }
    });
    (url, got)
}

/// A program that keeps its arguments and its input in a file that its first argument names.
fn program(place: &Place) -> (PathBuf, PathBuf) {
    let log = place.path("calls");
    let script = format!(
        "#!/bin/sh\n{{ printf '%s|' \"$@\"; printf '%s|' \"$OSS_ACCESS_KEY_SECRET\"; cat; }} > {}-$1\n",
        log.display()
    );
    let path = place.write("a hook.sh", script.as_bytes());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("may run");
    (path, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_its_words_and_the_receipt() {
    let place = Place::new().await;
    let (program, log) = program(&place);
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    place.sandbox.faults().add(Rule::on(Operation::PutObject).key("bad*"), refused);
    let good = place.write("good.txt", b"good");
    let bad = place.write("bad.txt", b"bad");
    let hook =
        |event: &str| format!("{event}='{}' {event} '$HOME; *' \"two words\"", program.display());
    let hooks = ["verified", "failed", "batch"].map(hook);
    let options: Vec<&str> = hooks.iter().flat_map(|hook| ["--hook", hook.as_str()]).collect();
    let ran = place.put_all(&[&good, &bad], &format!("oss://{BUCKET}/"), &options).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.lines("hook").is_empty(), "{ran:#?}");
    let call = |event: &str| {
        let text = std::fs::read_to_string(format!("{}-{event}", log.display()));
        let text = text.expect("it was called");
        let begin = format!("{event}|$HOME; *|two words||");
        let json = text.strip_prefix(begin.as_str()).unwrap_or_else(|| panic!("{text}"));
        serde_json::from_str::<Value>(json).expect("JSON")
    };
    let verified = call("verified");
    assert_eq!(
        (&verified["receipt"]["key"], &verified["receipt"]["state"], &verified["receipt"]["size"]),
        (&"good.txt".into(), &"done".into(), &4.into())
    );
    assert!(verified["receipt"]["crc64"].is_string(), "{verified:#}");
    assert_eq!(call("failed")["fault"], "invalidRequest");
    let batch = call("batch");
    assert_eq!(
        (&batch["files"], &batch["verified"], &batch["failed"]),
        (&2.into(), &1.into(), &1.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_tried_again_and_its_failure_changes_nothing() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let (url, got) = receiver(&[503, 200]).await;
    let to = format!("oss://{BUCKET}/");
    let ran = place.put_all(&[&file], &to, &["--hook", &format!("verified={url}")]).await;
    ran.assert_verified(1);
    assert!(ran.lines("hook").is_empty(), "{ran:#?}");
    {
        let got = got.lock().expect("no panic");
        assert_eq!(got.len(), 2);
        assert_eq!((&got[0], &got[0]["event"]), (&got[1], &"verified".into()));
        assert_eq!(got[0]["receipt"]["key"], "a.txt");
    }
    // What never works is told, without what may be a token in it.
    let other = place.write("b.txt", b"b");
    let (url, got) = receiver(&[500]).await;
    let hooks = [format!("verified={url}"), "batch=/no/such/program --password x".to_owned()];
    let options: Vec<&str> = hooks.iter().flat_map(|hook| ["--hook", hook.as_str()]).collect();
    let ran = place.put_all(&[&other], &to, &options).await;
    ran.assert_verified(1);
    assert_eq!(got.lock().expect("no panic").len(), 4, "a bounded number of tries");
    let told = ran.lines("hook");
    let mut failed: Vec<&str> = told.iter().filter_map(|line| line["failed"].as_str()).collect();
    failed.sort_unstable();
    assert_eq!(failed.len(), 2, "{ran:#?}");
    assert!(failed[0].starts_with("127.0.0.1:") && failed[1] == "program", "{failed:?}");
    assert!(!ran.stdout.contains("token") && !ran.stdout.contains("password"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_no_command_is_refused_before_anything_is_sent() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let to = format!("oss://{BUCKET}/");
    let ran = place.put_all(&[&file], &to, &["--hook", "verified='open"]).await;
    assert_eq!((ran.code, &ran.summary()["fault"]["kind"]), (1, &"invalidInput".into()));
    assert_eq!(place.sandbox.ledger().total(), 0);
    let ran = place.put_all(&[&file], &to, &["--hook", "sometimes=/bin/true"]).await;
    assert_eq!(ran.code, 2, "{ran:#?}");
}
