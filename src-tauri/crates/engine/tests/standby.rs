//! While no upload may run, nothing is sent, nothing is lost, and what is cancelled is taken back.

mod bench;

use std::time::Duration;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::TransferCommand;
use ferry_journal::Selection;
use ferry_model::standby::Standby;
use ferry_model::{Provider, Standing};
use ferry_sandbox::{Action, Operation, Rule};

const CLOSED: Option<Standby> = Some(Standby::Hours { minutes: 9 });

#[tokio::test(flavor = "multi_thread")]
async fn uploads_stop_at_once_and_go_on_where_they_were() {
    let bench = Bench::new(Provider::Oss).await;
    let held = bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    let large = bench.file("long.bin", 5 * MIB);
    bench.add(&[&large]).await;
    bench
        .until("all parts but one", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|open| open.parts.len() == 4)
        })
        .await;
    bench.engine.set_standby(CLOSED).await;
    assert_eq!((bench.engine.standby(), bench.engine.all_live()), (CLOSED, Vec::new()));
    bench.sandbox.faults().remove(held);
    let small = bench.file("small.txt", 10);
    bench.add(&[&small]).await;
    let before = bench.sandbox.ledger().entries().len();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bench.sandbox.ledger().entries().len(), before, "nothing is asked of the store");
    let standings: Vec<_> = bench.rows().await.iter().map(|row| row.standing).collect();
    assert_eq!(standings, [Standing::Active; 2]);
    // Other reasons, and other minutes, start nothing.
    bench.engine.set_standby(Some(Standby::Metered)).await;
    bench.engine.set_standby(None).await;
    bench.assert_done("long.bin").await;
    bench.assert_done("small.txt").await;
    assert_eq!(
        bench.sandbox.ledger().count(Operation::UploadPart),
        6,
        "each, and the held one twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_meanwhile_is_taken_back() {
    let bench = Bench::new(Provider::Oss).await;
    bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), Action::Stall);
    let large = bench.file("long.bin", 20 * MIB);
    bench.add(&[&large]).await;
    bench.until("an upload", |sandbox| !sandbox.open_uploads(BUCKET).is_empty()).await;
    bench.engine.set_standby(CLOSED).await;
    bench.engine.apply(TransferCommand::Cancel, Selection::All).await.expect("applies");
    bench.until("the abort", |sandbox| sandbox.open_uploads(BUCKET).is_empty()).await;
}
