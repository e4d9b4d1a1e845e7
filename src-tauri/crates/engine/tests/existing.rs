//! An object, or an upload, that is there already: what each policy makes of it, that nothing stays
//! open, and that nothing is sent that is there.

mod bench;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::TransferCommand;
use ferry_journal::{BatchLabel, NewBatch, Selection};
use ferry_model::{
    BatchOptions, Encryption, ExistingPolicy, FaultKind, FileDigest, ObjectHeader, Pair, Profile,
    Provider, Standing,
};
use ferry_sandbox::{Action, Operation, Rule};

/// Adds a file under a policy, and lets another client take its name while its parts travel.
async fn name_taken_meanwhile(bench: &Bench, policy: ExistingPolicy, size: u64) {
    let wait = Action::Delay(std::time::Duration::from_secs(2));
    let waits = bench.sandbox.faults().add(Rule::on(Operation::Complete).once(), wait);
    let profile = Profile { existing: policy.into(), ..bench.profile.clone() };
    bench.add_to(&profile, &[&bench.file("name.tar", size)]).await;
    bench.until("the merge", |sandbox| sandbox.faults().fired(waits) == 1).await;
    bench.put_theirs("name.tar", b"theirs").await;
    bench.engine.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_taken_during_an_upload_leaves_nothing_open() {
    for (provider, size) in [(Provider::Oss, 2 * MIB + 1), (Provider::S3, 6 * MIB)] {
        for policy in [ExistingPolicy::Rename, ExistingPolicy::Skip] {
            let shown = format!("{provider:?} {policy:?}");
            let bench = Bench::new(provider).await;
            name_taken_meanwhile(&bench, policy, size).await;
            let row = &bench.rows().await[0];
            let theirs = bench.sandbox.read_object(BUCKET, "name.tar").expect("is there");
            assert_eq!(theirs, b"theirs", "{shown}");
            assert_eq!(bench.sandbox.open_uploads(BUCKET).len(), 0, "{shown}: an upload was left");
            if policy == ExistingPolicy::Skip {
                assert_eq!((row.standing, &row.fault), (Standing::Skipped, &None), "{shown}");
                continue;
            }
            assert_eq!((row.standing, &row.fault), (Standing::Done, &None), "{shown}: {row:?}");
            assert_eq!(row.key, "name (2).tar", "{shown}");
            let bytes = std::fs::read(bench.root.path().join("name.tar")).expect("reads");
            let stored = bench.sandbox.read_object(BUCKET, "name (2).tar").expect("is there");
            assert!(stored == bytes, "{shown}");
        }
    }
}

/// Stops an upload with parts on the store, and changes the file's size.
async fn grown_meanwhile(bench: &Bench) -> std::path::PathBuf {
    let stalled =
        bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    let file = bench.file("grown.bin", 4 * MIB);
    bench.add(&[&file]).await;
    bench
        .until("two parts", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() >= 2)
        })
        .await;
    bench.engine.apply(TransferCommand::Pause, Selection::All).await.expect("pauses");
    bench.sandbox.faults().remove(stalled);
    std::fs::write(&file, vec![7; 5 << 20]).expect("writes");
    bench.engine.apply(TransferCommand::Resume, Selection::All).await.expect("resumes");
    bench.engine.idle().await;
    assert_eq!(bench.rows().await[0].standing, Standing::SourceChanged);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_grew_leaves_no_old_upload_behind() {
    let bench = Bench::new(Provider::Oss).await;
    grown_meanwhile(&bench).await;
    bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
    bench.assert_done("grown.bin").await;

    // The store cannot be asked just then: the old upload stays known, and a cancel finds it.
    let bench = Bench::new(Provider::Oss).await;
    grown_meanwhile(&bench).await;
    let refused = Action::Status { status: 403, code: "AccessDenied".into() };
    let rule = bench.sandbox.faults().add(Rule::on(Operation::Abort), refused);
    let stalled = bench.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Stall);
    bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
    bench.until("an abort", |sandbox| sandbox.faults().fired(rule) >= 1).await;
    bench.engine.apply(TransferCommand::Pause, Selection::All).await.expect("pauses");
    bench.sandbox.faults().remove(rule);
    bench.sandbox.faults().remove(stalled);
    bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("cancels");
    bench.engine.idle().await;
    assert_eq!(bench.rows().await[0].standing, Standing::Cancelled);
    assert_eq!(bench.sandbox.open_uploads(BUCKET).len(), 0, "the old upload was left open");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_said_to_be_gone_is_aborted_all_the_same() {
    let bench = Bench::new(Provider::Oss).await;
    let gone = Action::Status { status: 404, code: "NoSuchUpload".into() };
    bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2).once(), gone);
    bench.add(&[&bench.file("gone.bin", 3 * MIB)]).await;
    bench.assert_done("gone.bin").await;
    assert_eq!(bench.sandbox.ledger().count(Operation::Initiate), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn c5_parts_that_are_acknowledged_and_lost_are_sent_a_few_times_and_then_named() {
    let bench = Bench::new(Provider::Oss).await;
    let lost =
        bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), Action::DropPart);
    bench.add(&[&bench.file("lost.bin", 3 * MIB)]).await;
    bench.engine.idle().await;
    let row = &bench.rows().await[0];
    let fault = row.fault.clone().expect("a reason");
    assert_eq!((row.standing, fault.kind), (Standing::Failed, FaultKind::PartsRefused), "{row:?}");
    assert!(fault.to_string().contains("part 2"), "{fault}");
    assert!(bench.sandbox.faults().fired(lost) <= 3, "sent {}", bench.sandbox.faults().fired(lost));
    // Once is forgiven.
    let bench = Bench::new(Provider::Oss).await;
    bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2).once(), Action::DropPart);
    bench.add(&[&bench.file("lost.bin", 3 * MIB)]).await;
    bench.assert_done("lost.bin").await;
}

/// Adds files as a put with this fingerprint does.
async fn put(
    bench: &Bench,
    policy: ExistingPolicy,
    fingerprint: &str,
    files: &[std::path::PathBuf],
) {
    let batch = NewBatch {
        profile: bench.profile.id,
        fingerprint: fingerprint.into(),
        created_ms: 0,
        options: BatchOptions::default(),
        naming: bench.profile.naming.clone(),
        label: BatchLabel::default(),
    };
    let batch = bench.journal.add_batch(batch).await.expect("adds");
    let profile = Profile { existing: policy.into(), ..bench.profile.clone() };
    let files: Vec<&std::path::PathBuf> = files.iter().collect();
    bench.add_with(&profile, &files, |intake| intake.batch = batch).await;
    bench.engine.idle().await;
    bench.journal.end_intake(batch).await.expect("finishes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_that_runs_again_sends_nothing() {
    for provider in [Provider::Oss, Provider::S3] {
        for policy in [
            ExistingPolicy::Ask,
            ExistingPolicy::Skip,
            ExistingPolicy::Rename,
            ExistingPolicy::Overwrite,
            ExistingPolicy::SkipIdentical,
        ] {
            let shown = format!("{provider:?} {policy:?}");
            let bench = Bench::new(provider).await;
            let mut files: Vec<_> =
                (0..20).map(|n| bench.file(&format!("{n}.txt"), 500 + n)).collect();
            files.push(bench.file("large.bin", 6 * MIB));
            put(&bench, policy, "one", &files).await;
            let looks = bench.sandbox.ledger().count(Operation::HeadObject);
            if provider == Provider::Oss && policy == ExistingPolicy::Ask {
                assert!(looks <= 2, "{shown}: a first put paid for {looks} looks");
            }
            let sent = bench.sandbox.ledger().body_bytes();
            put(&bench, policy, "one", &files).await;
            let again = bench.sandbox.ledger().body_bytes() - sent;
            assert_eq!(again, 0, "{shown}: {again} bytes were sent again");
            for row in bench.rows().await {
                let left_out = row.standing == Standing::Skipped;
                let fine = row.standing == Standing::Done
                    || (left_out && policy == ExistingPolicy::SkipIdentical);
                assert!(fine, "{shown}: {row:?}");
            }
            assert_eq!(bench.sandbox.objects(BUCKET).len(), 21, "{shown}");
        }
    }
}

/// Without any history, the first files of a batch that meet an object warn the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_queue_sends_little_of_what_is_there() {
    let bench = Bench::new(Provider::Oss).await;
    let files: Vec<_> = (0..60).map(|n| bench.file(&format!("{n}.txt"), 1_000)).collect();
    put(&bench, ExistingPolicy::Ask, "one", &files).await;
    let before = bench.sandbox.ledger().count(Operation::PutObject);
    put(&bench, ExistingPolicy::Ask, "another", &files).await;
    let bodies = bench.sandbox.ledger().count(Operation::PutObject) - before;
    assert!(bodies <= 10, "{bodies} of 60 bodies were sent again");
    assert!(bench.rows().await.iter().all(|row| row.standing == Standing::Done));
}

/// What a second put of the same bytes asks for, one thing at a time.
fn optioned_batches() -> Vec<(&'static str, BatchOptions)> {
    let pair = || vec![Pair { name: "author".into(), value: "alice".into() }];
    let plain = BatchOptions::default;
    let header =
        |header, value: &str| BatchOptions { headers: [(header, value)].into(), ..plain() };
    vec![
        ("class", BatchOptions { storage_class: "IA".into(), ..plain() }),
        ("type", header(ObjectHeader::ContentType, "text/css")),
        ("cache", header(ObjectHeader::CacheControl, "max-age=60")),
        ("disposition", header(ObjectHeader::ContentDisposition, "attachment")),
        ("packed", header(ObjectHeader::ContentEncoding, "gzip")),
        ("encryption", BatchOptions { encryption: Encryption::Aes256, ..plain() }),
        ("digest", BatchOptions { digest: FileDigest::Sha256, ..plain() }),
        ("metadata", BatchOptions { metadata: pair(), ..plain() }),
        ("acl", BatchOptions { acl: "public-read".into(), ..plain() }),
        ("tags", BatchOptions { tags: pair(), ..plain() }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn verified_is_not_said_of_an_object_that_lacks_its_options() {
    for provider in [Provider::Oss, Provider::S3] {
        for (name, mut options) in optioned_batches() {
            if provider == Provider::S3 && name == "class" {
                options.storage_class = "STANDARD_IA".into();
            }
            for policy in [ExistingPolicy::Ask, ExistingPolicy::Skip, ExistingPolicy::SkipIdentical]
            {
                let shown = format!("{provider:?} {policy:?} {name}");
                let bench = Bench::new(provider).await;
                let file = bench.file("a.txt", 77);
                bench.add(&[&file]).await;
                bench.engine.idle().await;
                let profile = Profile { existing: policy.into(), ..bench.profile.clone() };
                let again = async || {
                    let options = options.clone();
                    bench.add_with(&profile, &[&file], |intake| intake.options = options).await;
                    bench.engine.idle().await;
                    let row = bench.rows().await.pop().expect("a row");
                    (row.standing, row.fault.map(|fault| fault.kind))
                };
                let first = again().await;
                let object = bench.sandbox.object(BUCKET, "a.txt").expect("is there");
                let has_acl = object.acl.as_deref() == Some("public-read");
                let has_tags = object.tags.contains_key("author");
                let put_on = matches!(name, "acl" | "tags");
                match policy {
                    // Put on the object that is there, without a body.
                    ExistingPolicy::Ask | ExistingPolicy::SkipIdentical if put_on => {
                        let wanted = match policy {
                            ExistingPolicy::Ask => Standing::Done,
                            _ => Standing::Skipped,
                        };
                        assert_eq!(first, (wanted, None), "{shown}");
                        assert!(has_acl || has_tags, "{shown}: {object:?}");
                        assert_eq!(object.versions, 1, "{shown}");
                    }
                    ExistingPolicy::Ask => {
                        let asks = (Standing::Conflict, Some(FaultKind::OptionsDiffer));
                        assert_eq!(first, asks, "{shown}");
                        let overwrite = TransferCommand::Decide(ExistingPolicy::Overwrite);
                        bench.engine.apply(overwrite, Selection::All).await.expect("decides");
                        bench.engine.idle().await;
                        let row = bench.rows().await.pop().expect("a row");
                        assert_eq!(row.standing, Standing::Done, "{shown}: {row:?}");
                        // What has the options is verified where it is.
                        assert_eq!(again().await, (Standing::Done, None), "{shown}");
                    }
                    ExistingPolicy::Skip => {
                        assert_eq!(first, (Standing::Skipped, None), "{shown}");
                        assert_eq!(
                            (object.versions, has_acl, has_tags),
                            (1, false, false),
                            "{shown}"
                        );
                    }
                    _ => {
                        assert_eq!(first, (Standing::Done, None), "{shown}: it was not replaced");
                        assert_eq!(object.versions, 2, "{shown}");
                        assert_eq!(again().await, (Standing::Skipped, None), "{shown}");
                    }
                }
            }
        }
    }
}
