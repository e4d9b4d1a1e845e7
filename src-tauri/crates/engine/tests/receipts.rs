//! What the journal keeps for receipts is what the store said of the object.

mod bench;

use bench::{BUCKET, Bench, MIB};
use ferry_model::{Provider, Standing};
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
