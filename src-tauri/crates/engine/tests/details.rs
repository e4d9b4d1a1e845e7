//! What is kept of a transfer for those who look at it closely: what proved it, which of its parts
//! are under way, and why requests were tried again.

mod bench;

use bench::{Bench, MIB};
use ferry_engine::{CloseView, TransferCommand};
use ferry_journal::Selection;
use ferry_model::part_map::PartActivity;
use ferry_model::{ExistingPolicy, Proof, Provider, Standing};
use ferry_sandbox::{Action, ChecksumPolicy, Operation, Rule};

const SMALL: &str = "small.bin";
const LARGE: &str = "large.bin";

/// What proved a file of one request and one in parts, and whether its CRC-64/NVME was kept.
async fn proofs(bench: &Bench) -> Vec<(Option<Proof>, bool)> {
    let files = [bench.file(SMALL, 1_000), bench.file(LARGE, 11 * MIB)];
    bench.add(&files.iter().collect::<Vec<_>>()).await;
    bench.engine.idle().await;
    let rows = bench.rows().await;
    [SMALL, LARGE]
        .map(|name| {
            let of_name = rows.iter().filter(|row| row.key == name);
            let row = of_name.max_by_key(|row| row.id).expect("was queued");
            assert_eq!((row.standing, &row.fault), (Standing::Done, &None), "{name}");
            (row.receipt.proof, row.receipt.crc64_nvme.is_some())
        })
        .into()
}

#[tokio::test]
async fn a_receipt_says_what_the_store_answered_with() {
    use Proof::{Crc64, Crc64Nvme, Md5, Md5OfParts};
    for (provider, policy, expected) in [
        (Provider::Oss, ChecksumPolicy::Answer, [(Crc64, false), (Crc64, false)]),
        (Provider::S3, ChecksumPolicy::Answer, [(Crc64Nvme, true), (Crc64Nvme, true)]),
        (Provider::S3, ChecksumPolicy::Refuse, [(Md5, false), (Md5OfParts, false)]),
    ] {
        let bench = Bench::with(provider, |config| config.checksums = policy).await;
        // What is learnt of one file is not asked of the next.
        proofs(&bench).await;
        let expected = expected.map(|(proof, nvme)| (Some(proof), nvme));
        assert_eq!(proofs(&bench).await, expected, "{provider:?} {policy:?}");
    }
}

#[tokio::test]
async fn a_proof_is_kept_also_where_the_answer_was_lost_and_where_nothing_was_sent() {
    let mut bench = Bench::new(Provider::Oss).await;
    for operation in [Operation::PutObject, Operation::Complete] {
        bench.sandbox.faults().add(Rule::on(operation).once(), Action::EffectThenReset);
    }
    let expected = [(Some(Proof::Crc64), false); 2];
    assert_eq!(proofs(&bench).await, expected, "after a lost answer");
    bench.profile.existing = ExistingPolicy::Ask.into();
    assert_eq!(proofs(&bench).await, expected, "what was there");
    let was_there = bench.rows().await.iter().filter(|row| row.there.is_some()).count();
    assert_eq!(was_there, 2, "nothing was sent");
}

async fn until(bench: &Bench, what: &str, reached: impl Fn(&CloseView) -> bool) -> CloseView {
    let id = bench.rows().await[0].id;
    for _ in 0..1_500 {
        let view = bench.engine.close_view(id);
        if reached(&view) {
            return view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("never came: {what}: {:?}", bench.engine.close_view(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_under_way_are_told_and_retries_outlive_a_pause() {
    let bench = Bench::new(Provider::Oss).await;
    let faults = bench.sandbox.faults();
    let broken = Action::Status { status: 500, code: "InternalError".into() };
    faults.add(Rule::on(Operation::UploadPart).part(2).times(2), broken);
    let stalled =
        [2, 3].map(|part| faults.add(Rule::on(Operation::UploadPart).part(part), Action::Stall));
    bench.add(&[&bench.file(LARGE, 4 * MIB)]).await;
    let flying = |view: &CloseView| view.parts.iter().map(|part| part.0).collect::<Vec<_>>();
    let view = until(&bench, "the third try of part 2", |view| {
        view.retries.count == 2
            && flying(view) == [2, 3]
            && view.parts.iter().all(|part| part.1 == PartActivity::InFlight)
    })
    .await;
    for retried in &view.retries.last {
        assert_eq!((retried.part, retried.fault.status), (Some(2), Some(500)));
        assert!(retried.at_ms > 0 && retried.fault.request_id.is_some(), "{retried:?}");
    }
    let command = |command| bench.engine.apply(command, Selection::All);
    command(TransferCommand::Pause).await.expect("pauses");
    let paused = until(&bench, "rest", |view| view.parts.is_empty()).await;
    assert_eq!(paused.retries, view.retries, "they are still told");
    let id = bench.rows().await[0].id;
    let acknowledged = bench.journal.part_numbers(id).await.expect("reads");
    assert!(acknowledged.contains(&1) && !acknowledged.contains(&3), "{acknowledged:?}");
    for rule in stalled {
        faults.remove(rule);
    }
    command(TransferCommand::Resume).await.expect("goes on");
    bench.assert_done(LARGE).await;
    let done = until(&bench, "the end", |view| view.parts.is_empty()).await;
    assert_eq!(done.retries, view.retries, "of both runs");
}
