//! Every scripted fault, seen from the client's side.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use ferry_sandbox::{Action, Operation, Outcome, Refusal, Rule, Sandbox, Script};
use plain::{BUCKET, S3, complete, initiate, send, start, upload_part};

const KEY: &str = "/tests/k";

async fn put(sandbox: &Sandbox) -> std::io::Result<plain::Answer> {
    send(sandbox.addr(), "PUT", KEY, &[], b"hello").await
}

fn status(status: u16, code: &str) -> Action {
    Action::Status { status, code: code.to_owned() }
}

#[tokio::test]
async fn scripted_answers_have_no_effect() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let code = "SlowDown".to_owned();
    let cases = [
        (status(503, "SlowDown"), 503, "<Code>SlowDown</Code>"),
        (
            Action::EarlyStatus { status: 403, code: "AccessDenied".to_owned() },
            403,
            "<Code>AccessDenied</Code>",
        ),
        (
            Action::RetryAfter { status: 429, code: code.clone(), seconds: 7 },
            429,
            "<Code>SlowDown</Code>",
        ),
        (Action::Html200, 200, "<!DOCTYPE html>"),
        (Action::Empty200, 200, ""),
        (Action::OkWithError { code }, 200, "\n\n   \n<?xml"),
        (Action::Redirect("http://127.0.0.1:9/elsewhere".to_owned()), 307, ""),
    ];
    for (action, expected, start) in cases {
        let rule =
            sandbox.faults().add(Rule::on(Operation::PutObject).key("k").once(), action.clone());
        let answer = put(&sandbox).await.unwrap();
        assert_eq!(answer.status, expected, "{action:?}");
        assert!(answer.text().contains(start), "{action:?}: {}", answer.text());
        match &action {
            Action::RetryAfter { .. } => assert_eq!(answer.header("retry-after"), Some("7")),
            Action::Redirect(location) => {
                assert_eq!(answer.header("location"), Some(location.as_str()))
            }
            Action::Empty200 | Action::Html200 => {
                assert_eq!(answer.header("x-oss-request-id"), None)
            }
            _ => {}
        }
        assert_eq!(sandbox.faults().fired(rule), 1, "{action:?}");
        assert_eq!(sandbox.object(BUCKET, "k"), None, "{action:?}");
    }
    assert_eq!(put(&sandbox).await.unwrap().status, 200, "all were for one time");
    assert_eq!(sandbox.ledger().entries().iter().filter(|entry| entry.faulted).count(), 7);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_refusal_carries_what_the_service_would_say() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let refuse = |refusal: Refusal| {
        sandbox.faults().clear();
        sandbox.faults().add(Rule::any().bucket(BUCKET), Action::Refuse(refusal));
    };
    refuse(Refusal::other_endpoint("oss-cn-shanghai.aliyuncs.com"));
    let answer = put(&sandbox).await.unwrap();
    assert_eq!((answer.status, answer.element("Code").as_deref()), (403, Some("AccessDenied")));
    assert_eq!(answer.element("Endpoint").as_deref(), Some("oss-cn-shanghai.aliyuncs.com"));
    assert!(
        answer
            .element("Message")
            .unwrap()
            .contains("must be addressed using the specified endpoint")
    );
    assert_eq!(answer.header("x-oss-ec"), Some("0003-00001403"));
    refuse(Refusal::permanent_redirect("b.s3.eu-west-1.amazonaws.com", "eu-west-1"));
    for method in ["PUT", "HEAD"] {
        let answer = send(sandbox.addr(), method, KEY, &[S3], b"").await.unwrap();
        assert_eq!(
            (answer.status, answer.header("x-amz-bucket-region")),
            (301, Some("eu-west-1")),
            "{method}"
        );
        assert_eq!(answer.element("Endpoint").is_some(), method == "PUT");
    }
    refuse(Refusal::wrong_region("eu-west-1"));
    let answer = send(sandbox.addr(), "PUT", KEY, &[S3], b"x").await.unwrap();
    assert_eq!((answer.status, answer.element("Region").as_deref()), (400, Some("eu-west-1")));
    refuse(Refusal::new(409, "Odd").message("said <so>").element("Hint", "a&b"));
    let answer = put(&sandbox).await.unwrap();
    assert_eq!(
        (answer.element("Message").as_deref(), answer.element("Hint").as_deref()),
        (Some("said &lt;so&gt;"), Some("a&amp;b"))
    );
    assert_eq!(sandbox.objects(BUCKET), []);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn resets_end_the_connection_with_or_without_effect() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for (action, effect) in [
        (Action::Reset, false),
        (Action::ResetAfterBody(3), false),
        (Action::ResetAfterBody(1_000_000), false),
        (Action::EffectThenReset, true),
    ] {
        sandbox.faults().add(Rule::on(Operation::PutObject).once(), action.clone());
        let error = put(&sandbox).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{action:?}");
        assert_eq!(sandbox.object(BUCKET, "k").is_some(), effect, "{action:?}");
        assert_eq!(
            sandbox.ledger().entries().last().unwrap().outcome,
            Outcome::Dropped,
            "{action:?}"
        );
    }
    assert_eq!(
        std::fs::read_dir(root.path().join("tmp")).unwrap().count(),
        0,
        "nothing half is left"
    );
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_effect_may_be_answered_with_an_error() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "k").await;
    let etag = upload_part(sandbox.addr(), "k", &id, 1, b"part").await;
    let action = Action::EffectThenStatus { status: 500, code: "InternalError".to_owned() };
    sandbox.faults().add(Rule::on(Operation::Complete).nth(1), action);
    let answer = complete(sandbox.addr(), "k", &id, &[(1, etag.clone())]).await.unwrap();
    assert_eq!((answer.status, answer.element("Code").as_deref()), (500, Some("InternalError")));
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), b"part");
    let answer = complete(sandbox.addr(), "k", &id, &[(1, etag)]).await.unwrap();
    assert_eq!(answer.element("Code").as_deref(), Some("NoSuchUpload"));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn silence_lasts_until_the_client_goes() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for (action, bytes, effect) in [
        (Action::Stall, 5, false),
        (Action::StopReading, 0, false),
        (Action::EffectThenStall, 5, true),
    ] {
        sandbox.faults().add(Rule::on(Operation::PutObject).once(), action.clone());
        let waited = tokio::time::timeout(Duration::from_millis(150), put(&sandbox)).await;
        assert!(waited.is_err(), "{action:?} was answered");
        let entry = sandbox.ledger().entries().pop().unwrap();
        assert_eq!(entry.body_bytes, bytes, "{action:?}");
        assert_eq!(sandbox.object(BUCKET, "k").is_some(), effect, "{action:?}");
    }
    let begun = Instant::now();
    sandbox.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(5), "silent requests do not hold up the end");
}

#[tokio::test]
async fn delays_and_slow_reading_keep_the_effect() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for action in [Action::Delay(Duration::from_millis(200)), Action::Slow(25)] {
        sandbox.faults().add(Rule::on(Operation::PutObject).once(), action.clone());
        let begun = Instant::now();
        assert_eq!(put(&sandbox).await.unwrap().status, 200);
        assert!(begun.elapsed() >= Duration::from_millis(200), "{action:?}");
    }
    assert_eq!(sandbox.object(BUCKET, "k").unwrap().versions, 2);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn corrupt_answers_hide_a_sound_object() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let sound = put(&sandbox).await.unwrap();
    sandbox.faults().add(Rule::on(Operation::PutObject).once(), Action::CorruptCrc);
    sandbox.faults().add(Rule::any().times(3), Action::CorruptEtag);
    let crc = put(&sandbox).await.unwrap();
    assert_ne!(crc.header("x-oss-hash-crc64ecma"), sound.header("x-oss-hash-crc64ecma"));
    assert_eq!(crc.header("etag"), sound.header("etag"));
    let etag = put(&sandbox).await.unwrap();
    assert_ne!(etag.header("etag"), sound.header("etag"));
    assert_eq!(etag.header("x-oss-hash-crc64ecma"), sound.header("x-oss-hash-crc64ecma"));
    sandbox.faults().clear();
    let id = initiate(sandbox.addr(), "m").await;
    let part = upload_part(sandbox.addr(), "m", &id, 1, b"part").await;
    sandbox.faults().add(Rule::on(Operation::Complete), Action::CorruptEtag);
    let answer = complete(sandbox.addr(), "m", &id, &[(1, part)]).await.unwrap();
    let true_etag = sandbox.object(BUCKET, "m").unwrap().etag;
    assert!(!answer.element("ETag").unwrap().eq_ignore_ascii_case(&true_etag), "{}", answer.text());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn the_ledger_counts_what_arrived() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "k").await;
    upload_part(sandbox.addr(), "k", &id, 1, b"12345").await;
    upload_part(sandbox.addr(), "k", &id, 2, b"678").await;
    upload_part(sandbox.addr(), "k", &id, 1, b"12345").await;
    send(sandbox.addr(), "GET", "/tests/absent", &[S3], b"").await.unwrap();
    let ledger = sandbox.ledger();
    assert_eq!(
        (ledger.count(Operation::UploadPart), ledger.count(Operation::Complete), ledger.total()),
        (3, 0, 5)
    );
    assert_eq!(
        (ledger.part_bytes("k", 1), ledger.part_bytes("k", 2), ledger.key_bytes("k")),
        (10, 3, 13)
    );
    assert_eq!((ledger.body_bytes(), ledger.connections(), ledger.in_flight()), (13, 5, 0));
    let seen: Vec<_> = ledger
        .entries()
        .into_iter()
        .map(|entry| (entry.number, entry.operation, entry.part))
        .collect();
    assert_eq!(
        seen,
        [
            (0, Operation::Initiate, None),
            (1, Operation::UploadPart, Some(1)),
            (2, Operation::UploadPart, Some(2)),
            (3, Operation::UploadPart, Some(1)),
            (4, Operation::GetObject, None),
        ]
    );
    let last = ledger.entries().pop().unwrap();
    assert_eq!(last.outcome, Outcome::Answered { status: 404, code: Some("NoSuchKey".to_owned()) });
    ledger.clear();
    assert_eq!((ledger.total(), ledger.body_bytes(), ledger.entries().len()), (0, 0, 0));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn answers_that_are_not_what_they_should_be() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "listed").await;
    upload_part(sandbox.addr(), "listed", &id, 1, b"part").await;
    let list = format!("/tests/listed?uploadId={id}");
    let get = async |action| {
        sandbox.faults().add(Rule::on(Operation::ListParts).once(), action);
        send(sandbox.addr(), "GET", &list, &[], b"").await.unwrap()
    };
    let whole = send(sandbox.addr(), "GET", &list, &[], b"").await.unwrap().text();
    let cut = get(Action::TruncateAnswer(20)).await;
    assert_eq!(cut.body, &whole.as_bytes()[..20]);
    assert_eq!(cut.header("content-length"), Some(whole.len().to_string().as_str()));
    let long = get(Action::OversizeAnswer(100_000)).await;
    assert_eq!(long.text(), whole.clone() + &" ".repeat(100_000));
    let wrong = get(Action::WrongBody("<html/>".to_owned())).await;
    assert_eq!((wrong.status, wrong.text().as_str()), (200, "<html/>"));
    let begun = Instant::now();
    let late = get(Action::DelayAnswer(Duration::from_millis(300))).await;
    assert!(late.text() == whole && begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(late.header("x-oss-qos-delay-time"), None);
    let begun = Instant::now();
    let throttled = get(Action::Throttle(Duration::from_millis(300))).await;
    assert!(throttled.text() == whole && begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(throttled.header("x-oss-qos-delay-time"), Some("300"));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_part_is_acknowledged_and_lost() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "lost").await;
    sandbox.faults().add(Rule::on(Operation::UploadPart).part(2).once(), Action::DropPart);
    let mut parts = Vec::new();
    for number in 1..=2 {
        let body = vec![7; 200 * 1024];
        parts.push((number, upload_part(sandbox.addr(), "lost", &id, number, &body).await));
    }
    let numbers = || -> Vec<u32> {
        let upload = sandbox.open_uploads(BUCKET).into_iter().next().unwrap();
        upload.parts.iter().map(|part| part.number).collect()
    };
    assert_eq!(numbers(), [1]);
    let refused = complete(sandbox.addr(), "lost", &id, &parts).await.unwrap();
    assert_eq!(refused.element("Code").as_deref(), Some("InvalidPart"));
    let again = vec![7; 200 * 1024];
    upload_part(sandbox.addr(), "lost", &id, 2, &again).await;
    assert_eq!(complete(sandbox.addr(), "lost", &id, &parts).await.unwrap().status, 200);
    sandbox.shutdown().await;
}

/// A window that has passed picks nothing, whatever the rule.
#[tokio::test]
async fn an_outage_has_a_beginning_and_an_end() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let hour = Duration::from_secs(3600);
    for (window, expected) in [((Duration::ZERO, hour), 503), ((hour, hour * 2), 200)] {
        sandbox.faults().clear();
        let rule = Rule::any().between(window.0, window.1);
        sandbox.faults().add(rule, status(503, "SlowDown"));
        assert_eq!(put(&sandbox).await.unwrap().status, expected, "{window:?}");
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_script_is_played() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let script = r#"
        clock-offset-seconds = 7200
        [[fault]]
        on = { operation = "PutObject", key = "k" }
        nth = 2
        then = { status = { status = 429, code = "SlowDown", retry-after = 3 } }
    "#;
    sandbox.play(&Script::read(script).unwrap());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = put(&sandbox).await.unwrap();
        statuses.push((answer.status, answer.header("retry-after").map(str::to_owned)));
    }
    assert_eq!(statuses, [(200, None), (429, Some("3".to_owned())), (200, None)]);
    sandbox.shutdown().await;
}
