//! What the journal keeps for receipts is what the store said of the object.

mod bench;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::StoreOperation;
use ferry_model::receipt::Recheck;
use ferry_model::{FaultKind, Provider, Standing};
use ferry_sandbox::{Action, Operation, Rule, Versioning};

const PROVIDERS: [Provider; 2] = [Provider::Oss, Provider::S3];
const SMALL: &str = "small.bin";
const LARGE: &str = "large.bin";

/// Uploads a file in one request and one in parts, and gives the version of each that the receipt
/// names, beside the one that the store has.
async fn versions(bench: &Bench) -> Vec<(Option<String>, String)> {
    let files = [bench.file(SMALL, 1_000), bench.file(LARGE, 11 * MIB)];
    bench.add(&files.iter().collect::<Vec<_>>()).await;
    bench.engine.idle().await;
    let mut versions = Vec::new();
    for name in [SMALL, LARGE] {
        let rows = bench.rows().await;
        let row = rows.into_iter().find(|row| row.key == name).expect("was queued");
        assert_eq!((row.standing, &row.fault), (Standing::Done, &None), "{name}");
        assert!(row.receipt.finished_ms >= row.receipt.started_ms, "{name}: {:?}", row.receipt);
        let object = bench.sandbox.object(BUCKET, name).expect("is done");
        versions.push((row.receipt.version_id, object.version_id));
    }
    versions
}

#[tokio::test]
async fn a_receipt_names_the_version_that_put_and_complete_made() {
    for provider in PROVIDERS {
        let bench = Bench::with(provider, |config| config.versioning = Versioning::Enabled).await;
        for (named, made) in versions(&bench).await {
            assert_eq!(named, Some(made), "{provider:?}");
        }
    }
}

#[tokio::test]
async fn c7_a_receipt_names_the_version_also_where_the_answer_was_lost() {
    for provider in PROVIDERS {
        let bench = Bench::with(provider, |config| config.versioning = Versioning::Enabled).await;
        for operation in [Operation::PutObject, Operation::Complete] {
            bench.sandbox.faults().add(Rule::on(operation).once(), Action::EffectThenReset);
        }
        for (named, made) in versions(&bench).await {
            assert_eq!(named, Some(made), "{provider:?}");
        }
    }
}

#[tokio::test]
async fn a_receipt_names_no_version_where_the_bucket_keeps_none() {
    for provider in PROVIDERS {
        let bench = Bench::new(provider).await;
        for (named, _) in versions(&bench).await {
            assert_eq!(named, None, "{provider:?}");
        }
    }
}

#[tokio::test]
async fn what_was_uploaded_is_found_again_by_what_its_receipt_has() {
    for provider in PROVIDERS {
        let bench = Bench::new(provider).await;
        versions(&bench).await;
        let batch = bench.rows().await[0].batch;
        let page = bench.journal.receipt_page(batch, 0, 9).await.expect("reads");
        assert_eq!(page.total, 2);
        for mut row in page.rows {
            let again = bench.engine.recheck(&bench.profile, &row).await.expect("is asked");
            assert_eq!(again.outcome, Recheck::Same, "{provider:?} {}", row.key);
            let digests = bench.engine.digests_of(&row).await.expect("is read");
            // What the receipt has of another file is neither that object's nor that file's.
            (row.crc64, row.etag) = (row.crc64.map(|sum| !sum), Some("another".to_owned()));
            let other = bench.engine.recheck(&bench.profile, &row).await.expect("is asked");
            assert_eq!(other.outcome, Recheck::Differs, "{provider:?} {}", row.key);
            assert_eq!(
                bench.engine.digests_of(&row).await.map_err(|fault| fault.kind),
                Err(FaultKind::SourceChanged),
                "{digests:?}"
            );
        }
        let figures = bench.engine.figures();
        let heads = figures.operations.iter().find(|it| it.operation == StoreOperation::HeadObject);
        assert!(heads.is_some_and(|heads| heads.answered.count >= 4), "{figures:?}");
        assert!(figures.under_way == 0 && figures.requests_a_second > 0.0, "{figures:?}");
        assert!(bench.journal.commit_times().count > 0);
    }
}

#[tokio::test]
async fn retries_are_counted_by_their_cause() {
    let bench = Bench::new(Provider::Oss).await;
    let busy = Action::Status { status: 503, code: "SlowDown".into() };
    bench.sandbox.faults().add(Rule::on(Operation::PutObject).times(2), busy);
    let file = bench.file(SMALL, 1_000);
    bench.add(&[&file]).await;
    bench.engine.idle().await;
    let figures = bench.engine.figures();
    assert_eq!(figures.retries, [(FaultKind::Throttled, 2)], "{figures:?}");
    let puts = figures.operations.iter().find(|it| it.operation == StoreOperation::PutObject);
    let puts = puts.expect("it was put");
    assert_eq!((puts.answered.count, puts.failed), (1, 2), "{figures:?}");
}
