//! The engine against a store that misbehaves by script: what is retried, what waits, what stops,
//! and what is never sent twice.

mod bench;

use std::path::PathBuf;
use std::time::Duration;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::TransferCommand;
use ferry_journal::Selection;
use ferry_model::{FaultKind, Profile, ProfileId, Provider, Standing};
use ferry_sandbox::{Action, ChecksumPolicy, Config, Operation, Refusal, Rule, Sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_retried_and_arrives() {
    let many = || {
        vec![
            (Operation::UploadPart, Action::Status { status: 503, code: "SlowDown".into() }),
            (Operation::UploadPart, Action::Reset),
            (Operation::UploadPart, Action::CorruptCrc),
            (Operation::UploadPart, Action::Html200),
            (Operation::Initiate, Action::Status { status: 500, code: "InternalError".into() }),
            (Operation::Complete, Action::OkWithError { code: "InternalError".into() }),
            (Operation::Complete, Action::EffectThenReset),
            (
                Operation::ListParts,
                Action::Status { status: 503, code: "ServiceUnavailable".into() },
            ),
            (Operation::HeadObject, Action::Reset),
        ]
    };
    for (operation, action) in many() {
        let bench = Bench::new(Provider::Oss).await;
        let shown = format!("{operation:?} {action:?}");
        bench.sandbox.faults().add(Rule::on(operation).once(), action);
        bench.add(&[&bench.file("retried.bin", 3 * MIB + 1)]).await;
        println!("{shown}");
        bench.assert_done("retried.bin").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_part_that_hangs_does_not_hold_up_the_rest() {
    let bench = Bench::new(Provider::Oss).await;
    let hangs = Rule::on(Operation::UploadPart).part(60).once();
    bench.sandbox.faults().add(hangs, Action::Stall);
    bench.add(&[&bench.file("tail.bin", 63 * MIB + 1)]).await;
    bench.assert_done("tail.bin").await;
    let ledger = bench.sandbox.ledger();
    assert_eq!(ledger.part_bytes("tail.bin", 60), 2 * MIB);
    let others = (1..=64).filter(|number| *number != 60);
    let sent: u64 = others.map(|number| ledger.part_bytes("tail.bin", number)).sum();
    assert_eq!(sent, 62 * MIB + 1, "nothing else is sent twice");
    assert_eq!(bench.engine.run_totals().retries, 0, "it did not wait for a time-out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_etag_of_a_part_is_never_believed() {
    // Where there is a CRC, it has the first word.
    let ignore = |config: &mut Config| config.checksums = ChecksumPolicy::Ignore;
    let bench = Bench::with(Provider::S3, ignore).await;
    bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2).once(), Action::CorruptEtag);
    bench.add(&[&bench.file("etag.bin", 11 * MIB)]).await;
    bench.assert_done("etag.bin").await;
    assert_eq!(
        bench.sandbox.ledger().part_bytes("etag.bin", 2),
        10 * MIB,
        "the part was not sent again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_does_not_wait_for_a_store_that_never_answers() {
    let bench = Bench::new(Provider::Oss).await;
    let rule = bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    bench.add(&[&bench.file("paused.bin", 4 * MIB)]).await;
    bench
        .until("two parts", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() == 3)
        })
        .await;
    let pausing = bench.engine.apply(TransferCommand::Pause, Selection::All);
    // The store answers after 2 s at the earliest (it never does); a pause that waited for it would
    // run into this.
    tokio::time::timeout(Duration::from_millis(1_500), pausing)
        .await
        .expect("the pause waited")
        .expect("the journal works");
    assert_eq!(bench.engine.all_live(), []);
    assert_eq!(bench.rows().await[0].standing, Standing::Paused);
    bench.sandbox.faults().remove(rule);
    let before = bench.sandbox.ledger().count(Operation::UploadPart);
    bench.engine.apply(TransferCommand::Resume, Selection::All).await.expect("the journal works");
    bench.assert_done("paused.bin").await;
    assert_eq!(
        bench.sandbox.ledger().count(Operation::UploadPart) - before,
        1,
        "an acknowledged part was sent again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_aborts_on_the_store() {
    let bench = Bench::new(Provider::Oss).await;
    bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    bench.add(&[&bench.file("cancelled.bin", 4 * MIB)]).await;
    bench
        .until("a part", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|upload| !upload.parts.is_empty())
        })
        .await;
    bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("the journal works");
    bench.engine.idle().await;
    assert_eq!(bench.rows().await[0].standing, Standing::Cancelled);
    assert_eq!(bench.sandbox.open_uploads(BUCKET).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_upload_reads_every_page_of_its_parts() {
    let bench = Bench::with(Provider::Oss, |config| config.limits.page = 2).await;
    let rule = bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(9), Action::Stall);
    bench.add(&[&bench.file("pages.bin", 9 * MIB)]).await;
    bench
        .until("eight parts", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() == 8)
        })
        .await;
    bench.engine.apply(TransferCommand::Pause, Selection::All).await.expect("the journal works");
    bench.sandbox.faults().remove(rule);
    bench.engine.apply(TransferCommand::Resume, Selection::All).await.expect("the journal works");
    bench.assert_done("pages.bin").await;
    assert!(bench.sandbox.ledger().count(Operation::ListParts) >= 4);
    let twice: Vec<u32> = (1..=8)
        .filter(|part| bench.sandbox.ledger().part_bytes("pages.bin", *part) > MIB)
        .collect();
    assert!(twice.is_empty(), "parts {twice:?} were sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn n1_a_store_that_goes_away_is_waited_for() {
    let bench = Bench::new(Provider::Oss).await;
    let rule = bench.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Reset);
    let list = bench.sandbox.faults().add(Rule::on(Operation::ListParts).nth(2), Action::Reset);
    bench.add(&[&bench.file("away.bin", 3 * MIB)]).await;
    for _ in 0..1_500 {
        if !bench.engine.offline().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bench.engine.offline().len(), 1, "the breaker did not open");
    assert_eq!(bench.rows().await[0].standing, Standing::Active, "waiting is no failure");
    bench.sandbox.faults().remove(rule);
    bench.sandbox.faults().remove(list);
    bench.assert_done("away.bin").await;
    assert!(bench.engine.offline().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn h3_a_refused_key_holds_the_profile_and_a_release_goes_on() {
    let bench = Bench::new(Provider::Oss).await;
    let rule = bench.sandbox.faults().add(
        Rule::on(Operation::PutObject),
        Action::Status { status: 403, code: "AccessDenied".into() },
    );
    let files: Vec<PathBuf> = (0..30).map(|n| bench.file(&format!("{n}.txt"), 10 + n)).collect();
    bench.add(&files.iter().collect::<Vec<_>>()).await;
    bench.engine.idle().await;
    assert_eq!(
        bench.engine.holds().get(&bench.profile.id).map(|fault| fault.kind),
        Some(FaultKind::AccessDenied)
    );
    assert!(bench.rows().await.iter().all(|row| row.standing == Standing::Active), "they wait");
    let asked = bench.sandbox.ledger().count(Operation::PutObject);
    assert!(asked <= 6, "{asked} requests with a key that is refused");
    bench.sandbox.faults().remove(rule);
    bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("the journal works");
    bench.engine.idle().await;
    assert!(bench.rows().await.iter().all(|row| row.standing == Standing::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_away_stops_nobody_else() {
    let bench = Bench::new(Provider::Oss).await;
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port");
    let mut dead = Profile {
        id: ProfileId(0),
        name: "dead".into(),
        endpoint: format!("http://{nowhere}"),
        ..bench.profile.clone()
    };
    dead.id = bench.journal.save_profile(&dead).await.expect("saves");
    bench.share_keys(&dead).await;
    // More than there are places in either lane, all of them queued before the healthy ones.
    let large: Vec<PathBuf> =
        (0..5).map(|n| bench.file(&format!("dead {n}.bin"), 9 * MIB + n)).collect();
    let small: Vec<PathBuf> =
        (0..20).map(|n| bench.file(&format!("dead {n}.txt"), 10 + n)).collect();
    bench.add_to(&dead, &large.iter().chain(&small).collect::<Vec<_>>()).await;
    bench.add(&[&bench.file("alive.bin", 9 * MIB), &bench.file("alive.txt", 9)]).await;
    bench.until("the healthy files", |sandbox| sandbox.objects(BUCKET).len() == 2).await;
    let waiting = bench
        .rows()
        .await
        .iter()
        .filter(|row| row.profile == dead.id && row.standing == Standing::Active)
        .count();
    assert_eq!(waiting, 25, "what waits must not fail");
}

/// Waits until all rest; the outage ends after `seconds`.
async fn outage(action: Action, seconds: u64, from_the_start: bool) {
    let bench = Bench::new(Provider::Oss).await;
    let files: Vec<PathBuf> = (0..10).map(|n| bench.file(&format!("{n}.txt"), 1_000 + n)).collect();
    let large = bench.file("large.bin", 4 * MIB);
    let fault = || bench.sandbox.faults().add(Rule::any(), action.clone());
    let rule = if from_the_start {
        let rule = fault();
        bench.add(&files.iter().chain([&large]).collect::<Vec<_>>()).await;
        rule
    } else {
        bench.add(&[&large]).await;
        bench.until("a part", |sandbox| sandbox.ledger().count(Operation::UploadPart) > 0).await;
        let rule = fault();
        bench.add(&files.iter().collect::<Vec<_>>()).await;
        rule
    };
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let rows = bench.rows().await;
    let failed: Vec<_> = rows.iter().filter(|row| row.fault.is_some()).collect();
    assert!(failed.is_empty(), "{action:?}: what waits must not fail: {failed:?}");
    bench.sandbox.faults().remove(rule);
    bench.engine.try_now();
    bench.assert_done("large.bin").await;
    assert_eq!(bench.engine.run_totals().unexpected_events, 0);
}

/// N1, H10, H11: the endpoint's outage fails no transfer, whatever it answers meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn h11_an_outage_of_error_answers_fails_nothing() {
    let status = |status, code: &str| Action::Status { status, code: code.into() };
    let all = [
        status(503, "ServiceUnavailable"),
        status(503, "SlowDown"),
        status(500, "InternalError"),
        status(429, "TooManyRequests"),
        Action::Reset,
    ];
    let mut outages = tokio::task::JoinSet::new();
    for action in all {
        for from_the_start in [true, false] {
            outages.spawn(outage(action.clone(), 8, from_the_start));
        }
    }
    while let Some(ended) = outages.join_next().await {
        ended.expect("no outage fails anything");
    }
}

/// A firewall, a full store, a link too slow for bodies: every HEAD is answered and no write is.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_writes_alone_is_one_outage_and_fails_nothing() {
    let bench = Bench::new(Provider::Oss).await;
    for operation in [Operation::PutObject, Operation::Initiate] {
        bench.sandbox.faults().add(Rule::on(operation), Action::Reset);
    }
    let files: Vec<PathBuf> = (0..12).map(|n| bench.file(&format!("{n}.txt"), 1_000 + n)).collect();
    bench.add(&files.iter().collect::<Vec<_>>()).await;
    bench.add(&[&bench.file("large.bin", 4 * MIB)]).await;
    let deadline = Duration::from_secs(20);
    let offline = async {
        while bench.engine.offline().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(deadline, offline).await.expect("the endpoint counts as offline");
    // Answered HEADs do not end it, so its notice does not come and go.
    let writes = || {
        let ledger = bench.sandbox.ledger();
        ledger.count(Operation::PutObject) + ledger.count(Operation::Initiate)
    };
    let before = writes();
    let watched = async {
        while writes() < before + 4 {
            assert!(!bench.engine.offline().is_empty(), "it came back though no write succeeded");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(2 * deadline, watched).await.expect("it is tried again and again");
    assert!(bench.rows().await.iter().all(|row| row.fault.is_none()), "what waits must not fail");
    bench.sandbox.faults().clear();
    bench.engine.try_now();
    bench.assert_done("large.bin").await;
    bench.until("all files", |sandbox| sandbox.objects(BUCKET).len() == 13).await;
}

/// H11: where one file alone fails, and the endpoint is well, it is the file's failure.
#[tokio::test(flavor = "multi_thread")]
async fn one_bad_file_stops_nobody_and_fails_after_bounded_tries() {
    let bench = Bench::new(Provider::Oss).await;
    let internal = Action::Status { status: 500, code: "InternalError".into() };
    bench.sandbox.faults().add(Rule::on(Operation::PutObject).key("bad.txt"), internal);
    let files: Vec<PathBuf> = (0..40).map(|n| bench.file(&format!("{n}.txt"), 100 + n)).collect();
    bench.add(&[&bench.file("bad.txt", 99)]).await;
    bench.add(&files.iter().collect::<Vec<_>>()).await;
    bench.until("all others", |sandbox| sandbox.objects(BUCKET).len() == 40).await;
    assert!(bench.engine.offline().is_empty(), "the others fare well");
}

/// I10: slots and permits belong to a profile, so a slow, throttled or held one stalls no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_a_throttled_and_a_held_profile_stall_nobody() {
    let bench = Bench::with(Provider::Oss, |config| {
        config.buckets.extend(["slow", "throttled", "held"].map(str::to_owned));
    })
    .await;
    let faults = bench.sandbox.faults();
    faults.add(Rule::any().bucket("slow"), Action::Delay(Duration::from_secs(600)));
    let slow_down = Action::Status { status: 503, code: "SlowDown".into() };
    faults.add(Rule::on(Operation::UploadPart).bucket("throttled"), slow_down);
    let denied = Action::Status { status: 403, code: "AccessDenied".into() };
    faults.add(Rule::any().bucket("held"), denied);
    for bucket in ["slow", "throttled", "held"] {
        let mut profile = Profile {
            id: ProfileId(0),
            name: bucket.into(),
            bucket: bucket.into(),
            // An endpoint of its own, as another region would be.
            endpoint: bench.profile.endpoint.replace("127.0.0.1", "localhost"),
            ..bench.profile.clone()
        };
        profile.id = bench.journal.save_profile(&profile).await.expect("saves");
        bench.share_keys(&profile).await;
        let files: Vec<PathBuf> = (0..5)
            .map(|n| bench.file(&format!("{bucket} {n}.bin"), 9 * MIB + n))
            .chain((0..20).map(|n| bench.file(&format!("{bucket} {n}.txt"), 10 + n)))
            .collect();
        bench
            .add_with(&profile, &files.iter().collect::<Vec<_>>(), |intake| {
                intake.bucket = bucket.into();
            })
            .await;
    }
    bench.add(&[&bench.file("well.bin", 9 * MIB), &bench.file("well.txt", 9)]).await;
    bench.until("the healthy files", |sandbox| sandbox.objects(BUCKET).len() == 2).await;
    bench.engine.shutdown(Duration::from_secs(5)).await;
}

/// A single file's Retry-After holds no endpoint up, so no probe would end it.
#[tokio::test(flavor = "multi_thread")]
async fn try_now_ends_a_wait_that_the_store_asked_for() {
    let bench = Bench::new(Provider::Oss).await;
    let refusal = Refusal::new(503, "SlowDown").header("retry-after", "3600");
    bench.sandbox.faults().add(Rule::on(Operation::PutObject).once(), Action::Refuse(refusal));
    let file = bench.file("a.bin", 1_000);
    bench.add(&[&file]).await;
    let puts = |sandbox: &Sandbox| sandbox.ledger().count(Operation::PutObject);
    bench.until("a refusal", |sandbox| puts(sandbox) == 1).await;
    // Its wait begins once the answer was read: until then, this changes nothing.
    bench
        .until("the next try", |sandbox| {
            bench.engine.try_now();
            puts(sandbox) == 2
        })
        .await;
    bench.assert_done("a.bin").await;
}
