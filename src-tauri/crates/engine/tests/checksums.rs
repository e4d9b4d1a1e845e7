//! S3's CRC-64/NVME: where the store answers with it nothing else is computed, where it does not
//! MD5 proves the bytes, and what its answers taught is remembered.

mod bench;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::TransferCommand;
use ferry_journal::{PartRow, Selection};
use ferry_model::{ChecksumSupport, FaultKind, Integrity, Provider, Standing};
use ferry_sandbox::{Action, ChecksumPolicy, Operation, Rule};
use futures_util::{StreamExt as _, stream};

const VALUE: &str = "x-amz-checksum-crc64nvme";
const POLICIES: [(ChecksumPolicy, ChecksumSupport); 4] = [
    (ChecksumPolicy::Answer, ChecksumSupport::WhenAnnounced),
    (ChecksumPolicy::Demand, ChecksumSupport::OnlyWithValue),
    (ChecksumPolicy::Ignore, ChecksumSupport::Never),
    (ChecksumPolicy::Refuse, ChecksumSupport::Never),
];

async fn bench(checksums: ChecksumPolicy) -> Bench {
    Bench::with(Provider::S3, |config| config.checksums = checksums).await
}

async fn upload(bench: &Bench, name: &str, size: u64) {
    bench.add(&[&bench.file(name, size)]).await;
    bench.assert_done(name).await;
}

/// The parts that the journal keeps of an object's upload.
async fn parts(bench: &Bench, key: &str) -> Vec<PartRow> {
    let rows = bench.rows().await;
    let row = rows.iter().find(|row| row.key == key).expect("is queued");
    bench.journal.parts(row.id).await.expect("reads")
}

async fn support(bench: &Bench) -> ChecksumSupport {
    bench.journal.checksum_support(bench.profile.id).await.expect("reads")
}

/// Requests of one kind that carried a header, and all of that kind.
fn carried(bench: &Bench, operation: Operation, header: &str) -> (usize, usize) {
    let all = bench.sandbox.ledger().of(operation);
    (all.iter().filter(|entry| entry.has_header(header)).count(), all.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_it_ends_the_md5s_and_one_without_the_crcs() {
    for (policy, taught) in POLICIES {
        let bench = bench(policy).await;
        upload(&bench, "first.bin", 6 * MIB).await;
        assert_eq!(support(&bench).await, taught, "{policy:?}");
        upload(&bench, "second.bin", 11 * MIB).await;
        let computed: Vec<(bool, bool)> = parts(&bench, "second.bin")
            .await
            .iter()
            .map(|part| (part.crc64_nvme.is_some(), part.md5.is_some()))
            .collect();
        let by_crc = taught != ChecksumSupport::Never;
        assert_eq!(computed, [(by_crc, !by_crc); 3], "{policy:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_decides_what_is_asked_after_a_start() {
    for (policy, taught) in POLICIES {
        let mut bench = bench(policy).await;
        upload(&bench, "small.bin", 77).await;
        upload(&bench, "large.bin", 6 * MIB).await;
        assert_eq!(support(&bench).await, taught, "{policy:?}");
        bench.restart().await;
        bench.sandbox.ledger().clear();
        upload(&bench, "small2.bin", 78).await;
        upload(&bench, "large2.bin", 11 * MIB).await;
        let asks = usize::from(taught != ChecksumSupport::Never);
        let puts = carried(&bench, Operation::PutObject, VALUE);
        let begun = carried(&bench, Operation::Initiate, "x-amz-checksum-algorithm");
        assert_eq!((puts, begun), ((asks, 1), (asks, 1)), "{policy:?}");
        // No part was refused to learn it again.
        let values = if taught == ChecksumSupport::OnlyWithValue { 3 } else { 0 };
        let sent = carried(&bench, Operation::UploadPart, VALUE);
        assert_eq!(sent, (values, 3), "{policy:?}");
        let heads = carried(&bench, Operation::HeadObject, "x-amz-checksum-mode");
        assert_eq!(heads.0, asks * heads.1, "{policy:?}");
        assert_eq!(support(&bench).await, taught, "{policy:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_is_sent_once_more_without_it() {
    let bench = bench(ChecksumPolicy::Refuse).await;
    upload(&bench, "small.bin", 77).await;
    assert_eq!(carried(&bench, Operation::PutObject, VALUE), (1, 2));
    assert_eq!(support(&bench).await, ChecksumSupport::Never);

    // What is refused for another reason teaches nothing of checksums.
    let bench = self::bench(ChecksumPolicy::Answer).await;
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    let rule = bench.sandbox.faults().add(Rule::on(Operation::PutObject), refused);
    bench.add(&[&bench.file("small.bin", 77)]).await;
    bench.engine.idle().await;
    assert_eq!(bench.rows().await[0].standing, Standing::Failed);
    assert_eq!(carried(&bench, Operation::PutObject, VALUE), (1, 2));
    assert_eq!(support(&bench).await, ChecksumSupport::Unknown);
    bench.sandbox.faults().remove(rule);
    bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
    bench.assert_done("small.bin").await;
    assert_eq!(support(&bench).await, ChecksumSupport::WithValue);
}

#[tokio::test(flavor = "multi_thread")]
async fn etags_that_say_nothing_need_no_md5_where_the_crc_agrees() {
    let bench = bench(ChecksumPolicy::Answer).await;
    for operation in [Operation::PutObject, Operation::UploadPart, Operation::HeadObject] {
        // As encryption of the store's own makes them.
        bench.sandbox.faults().add(Rule::on(operation), Action::CorruptEtag);
    }
    upload(&bench, "small.bin", 77).await;
    assert_eq!(bench.sandbox.ledger().count(Operation::HeadObject), 0);
}

const BELIEFS: [ChecksumSupport; 5] = [
    ChecksumSupport::Unknown,
    ChecksumSupport::WithValue,
    ChecksumSupport::WhenAnnounced,
    ChecksumSupport::OnlyWithValue,
    ChecksumSupport::Never,
];

/// Uploads a file whose first two bodies arrive damaged.
async fn heals(
    believed: ChecksumSupport,
    policy: ChecksumPolicy,
    (operation, name, size): (Operation, &str, u64),
) {
    let shown = format!("{believed:?} {policy:?} {operation:?}");
    let bench = bench(policy).await;
    let (profile, endpoint) = (bench.profile.id, &bench.profile.endpoint);
    bench.journal.keep_checksum_support(profile, endpoint, believed).await.expect("keeps");
    let damaged = bench.sandbox.faults().add(Rule::on(operation).times(2), Action::DamageBody);
    bench.add(&[&bench.file(name, size)]).await;
    bench.engine.idle().await;
    let row = &bench.rows().await[0];
    assert_eq!((row.standing, &row.fault), (Standing::Done, &None), "{shown}: {row:?}");
    assert_eq!(bench.sandbox.faults().fired(damaged), 2, "{shown}");
    let bytes = std::fs::read(bench.root.path().join(name)).expect("reads");
    let stored = bench.sandbox.read_object(BUCKET, name).expect("is there");
    assert!(stored == bytes, "{shown}: a damaged object was left");
    let knows = matches!(policy, ChecksumPolicy::Answer | ChecksumPolicy::Demand);
    let learnt = support(&bench).await;
    assert!(knows || learnt == ChecksumSupport::Never, "{shown}: {learnt:?}");
}

/// Whatever was learnt, a store that stops to answer passes nothing unproven.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_believed_of_the_store_never_passes_a_damaged_body() {
    let mut cases = Vec::new();
    for believed in BELIEFS {
        for (policy, _) in POLICIES {
            cases.push(heals(believed, policy, (Operation::PutObject, "small.bin", 77)));
            cases.push(heals(believed, policy, (Operation::UploadPart, "large.bin", 6 * MIB)));
        }
    }
    // Most of the time they wait before they try again.
    stream::iter(cases).buffer_unordered(8).collect::<Vec<()>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_whose_answer_was_lost_is_recognised() {
    for (policy, _) in POLICIES {
        for (operation, name, size) in [
            (Operation::PutObject, "empty.bin", 0),
            (Operation::PutObject, "small.bin", 77),
            (Operation::Complete, "large.bin", 6 * MIB),
        ] {
            let bench = bench(policy).await;
            // What was learnt decides how this one is compared.
            upload(&bench, "before.bin", 6 * MIB).await;
            bench.sandbox.faults().add(Rule::on(operation).once(), Action::EffectThenReset);
            // Its object has one version: it was not written again.
            upload(&bench, name, size).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_crc_in_an_answer_counts() {
    for (operation, name, size, kind) in [
        (Operation::PutObject, "small.bin", 77, FaultKind::DamagedObject),
        (Operation::UploadPart, "large.bin", 6 * MIB, FaultKind::ChecksumMismatch),
        (Operation::HeadObject, "large.bin", 6 * MIB, FaultKind::DamagedObject),
    ] {
        let bench = bench(ChecksumPolicy::Answer).await;
        let wrong = bench.sandbox.faults().add(Rule::on(operation), Action::CorruptCrc);
        bench.add(&[&bench.file(name, size)]).await;
        bench.engine.idle().await;
        let row = &bench.rows().await[0];
        let fault = row.fault.as_ref().map(|fault| fault.kind);
        assert_eq!((row.standing, fault), (Standing::Failed, Some(kind)), "{operation:?}: {row:?}");
        bench.sandbox.faults().remove(wrong);
        bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
        bench.engine.idle().await;
        let row = &bench.rows().await[0];
        assert_eq!((row.standing, &row.fault), (Standing::Done, &None), "{operation:?}: {row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_uploads_send_both() {
    let bench = bench(ChecksumPolicy::Answer).await;
    let strict = |intake: &mut ferry_engine::Intake| intake.integrity = Integrity::Strict;
    let file = bench.file("small.bin", 77);
    bench.add_with(&bench.profile, &[&file], strict).await;
    bench.assert_done("small.bin").await;
    for header in [VALUE, "content-md5"] {
        assert_eq!(carried(&bench, Operation::PutObject, header), (1, 1), "{header}");
    }
}

/// An upload that was begun before its store was known to answer goes on by its MD5s.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_begun_without_it_is_resumed_without_it() {
    let mut bench = bench(ChecksumPolicy::Answer).await;
    let (id, endpoint) = (bench.profile.id, bench.profile.endpoint.clone());
    let keep = async |bench: &Bench, support| {
        bench.journal.keep_checksum_support(id, &endpoint, support).await.expect("keeps");
    };
    keep(&bench, ChecksumSupport::Never).await;
    let refused = Action::Status { status: 400, code: "EntityTooSmall".into() };
    let rule = bench.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), refused);
    bench.add(&[&bench.file("begun.bin", 11 * MIB)]).await;
    bench.engine.idle().await;
    assert_eq!(bench.rows().await[0].standing, Standing::Failed);
    keep(&bench, ChecksumSupport::WhenAnnounced).await;
    bench.restart().await;
    bench.sandbox.faults().remove(rule);
    bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
    bench.assert_done("begun.bin").await;
    assert_eq!(bench.sandbox.ledger().count(Operation::Initiate), 1);
    let md5s = parts(&bench, "begun.bin").await.iter().filter(|part| part.md5.is_some()).count();
    assert_eq!(md5s, 3);
    // Its parts were not answered with it, which says nothing of the store.
    assert_eq!(support(&bench).await, ChecksumSupport::WhenAnnounced);
}
