//! `kill -9` at random moments, the same command again, until all is done. A test makes some kills,
//! `cargo xtask torture kill` makes thousands.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_journal::{Filter, Journal};
use ferry_model::PhaseName;
use ferry_sandbox::{Action, Operation, Outcome, Rule};
use support::ferry::{BUCKET, Place};
use support::poll::until;
use support::sweep::{Histogram, report, resent, runs, seed};

const MIB: u64 = 1024 * 1024;
/// Requests side by side in each lane.
const PARALLEL: u64 = 4;
/// Runs that one round may need at most: with fewer kills than that it does not end by itself.
const MOST_KILLS: u64 = 60;

/// What a dialect's round sends.
struct Round {
    scheme: &'static str,
    part: u64,
    large: u64,
}

const OSS: Round = Round { scheme: "oss", part: MIB, large: 5 * MIB };
const S3: Round = Round { scheme: "s3", part: 5 * MIB, large: 13 * MIB };

/// What a whole sweep found.
#[derive(Default)]
struct Found {
    kills: u64,
    uploads: u64,
    /// The phases, in the journal, of the transfers that a kill met.
    phases: Histogram,
    /// The requests that a kill cut off.
    requests: Histogram,
    /// The rows of the fault matrix that a kill met.
    rows: Histogram,
    resent: u64,
    most_resent: u64,
}

fn files(place: &Place, round: &Round, random: &mut fastrand::Rng) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for (name, size) in [
        ("k/large 0.bin", round.large + random.u64(..MIB)),
        ("k/large 1.bin", round.large),
        ("k/part.bin", round.part + 1),
        ("k/empty", 0),
    ] {
        files.push((name.to_owned(), size));
    }
    for n in 0..4 {
        files.push((format!("k/小 {n}.txt"), random.u64(1..200_000)));
    }
    let written = files.into_iter().map(|(name, size)| {
        let mut bytes = vec![0u8; usize::try_from(size).expect("fits")];
        random.fill(&mut bytes);
        let path = place.write(&name, &bytes);
        (name, path)
    });
    written.collect()
}

/// The latency of a network: without it, what stands between a store's deed and its answer takes
/// microseconds, and no kill ever meets it.
fn slow_down(place: &Place, seed: u64) {
    let operations =
        [Operation::Initiate, Operation::UploadPart, Operation::Complete, Operation::PutObject];
    for (operation, seed) in operations.into_iter().zip(seed..) {
        for (chance, milliseconds) in [(0.5, 60), (0.5, 15)] {
            place.sandbox.faults().add(
                Rule::on(operation).chance(chance, seed ^ milliseconds),
                Action::DelayAnswer(Duration::from_millis(milliseconds)),
            );
        }
    }
}

/// Waits for the moment of the kill: any, or soon after a request of some kind came.
async fn moment(place: &Place, random: &mut fastrand::Rng) {
    let ledger = place.sandbox.ledger();
    let after = match random.u8(..7) {
        0 | 1 => Some(Operation::Initiate),
        2 => Some(Operation::UploadPart),
        3 | 4 => Some(Operation::Complete),
        5 => Some(Operation::PutObject),
        _ => None,
    };
    // Real time is the point here: the kill has to fall anywhere in a real process.
    let Some(operation) = after else {
        return tokio::time::sleep(Duration::from_millis(random.u64(5..450))).await;
    };
    let before = ledger.count(operation);
    for _ in 0..100 {
        if ledger.count(operation) > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(random.u64(..80))).await;
}

/// What a kill left: the journal beside the store.
async fn look(place: &Place, from: u64, found: &mut Found) {
    let ledger = place.sandbox.ledger();
    until("no request is under way", || ledger.in_flight() == 0).await;
    let mut cut = 0;
    for entry in ledger.entries().into_iter().filter(|entry| entry.number >= from) {
        if entry.outcome == Outcome::Dropped {
            found.requests.count(format!("{:?}", entry.operation));
            cut += u64::from(entry.operation == Operation::UploadPart);
        }
    }
    assert!(cut <= PARALLEL, "{cut} parts were in flight");
    if !place.path("data/ferry.db").exists() {
        return found.phases.count("no queue");
    }
    // A copy: opening a queue puts it in order.
    let copy = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(place.path("data")).expect("reads").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copies");
        }
    }
    let journal = Journal::inline_at(copy.path()).expect("a killed queue opens");
    assert_eq!(journal.recovery_notice(), None, "the queue was damaged by a kill");
    let uploads = place.sandbox.open_uploads(BUCKET);
    let rows = journal.page(Filter::default(), 0, 1_000).await.expect("reads").rows;
    if rows.is_empty() {
        found.phases.count("no rows");
    }
    for row in rows {
        let phase = row.phase.name();
        found.phases.count(format!("{phase:?}"));
        let made = place.sandbox.object(BUCKET, &row.key).is_some();
        let met = match phase {
            PhaseName::Creating => {
                uploads.iter().any(|upload| upload.key == row.key).then_some("C2")
            }
            PhaseName::Sending => {
                let known = journal.parts(row.id).await.expect("reads").len();
                let upload = uploads
                    .iter()
                    .find(|upload| row.phase.upload_id().is_some_and(|id| id == upload.upload_id));
                upload.is_some_and(|upload| upload.parts.len() > known).then_some("C4")
            }
            PhaseName::Completing => made.then_some("C7"),
            PhaseName::Putting => made.then_some("put"),
            _ => None,
        };
        met.into_iter().for_each(|row| found.rows.count(row));
    }
}

/// Kills put after put, up to `most` of them; then one runs to its end.
async fn round(round: &Round, most: u64, random: &mut fastrand::Rng, found: &mut Found) {
    let place = Place::new().await;
    let files = files(&place, round, random);
    slow_down(&place, random.u64(..));
    let sizes = |path: &Path| std::fs::metadata(path).expect("is there").len();
    let bytes: u64 = files.iter().map(|(_, path)| sizes(path)).sum();
    let (folder, to) = (place.path("k"), format!("{}://{BUCKET}/", round.scheme));
    let part_size = round.part.to_string();
    let parallel = PARALLEL.to_string();
    let options = ["--part-size", &part_size, "--parallel", &parallel];
    let ledger = place.sandbox.ledger().clone();
    let mut killed = 0;
    for _ in 0..most {
        let from = ledger.total();
        let mut child = place.start(place.put(&[&folder], &to, &options));
        tokio::select! {
            () = moment(&place, random) => child.start_kill().expect("kills"),
            status = child.wait() => {
                let code = status.expect("ends").code();
                assert_eq!(code, Some(0), "a put ended by itself, and badly");
                break;
            }
        }
        child.wait().await.expect("ends");
        killed += 1;
        look(&place, from, found).await;
    }
    found.kills += killed;
    found.uploads += files.len() as u64;
    let ran = place.put_all(&[&folder], &to, &options).await;
    ran.assert_verified(files.len() as u64);
    assert_eq!(place.sandbox.objects(BUCKET).len(), files.len(), "lost, or one too many");
    for (key, path) in &files {
        let object = place.sandbox.object(BUCKET, key).expect("is there");
        assert_eq!(object.versions, 1, "{key} was written more than once");
        let stored = place.sandbox.read_object(BUCKET, key).expect("is there");
        assert!(stored == std::fs::read(path).expect("reads"), "{key} differs");
    }
    let open = place.sandbox.open_uploads(BUCKET);
    assert!(open.is_empty(), "left open: {open:?}");
    let resent = resent(&place, bytes);
    found.resent += resent;
    found.most_resent = found.most_resent.max(resent);
}

async fn sweep(name: &str, what: &Round, share: u64) {
    let (most, seed) = (runs(share), seed(20_261_122));
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut found = Found::default();
    let mut rounds = 0;
    while found.kills < most {
        round(what, MOST_KILLS.min(most - found.kills), &mut random, &mut found).await;
        rounds += 1;
        assert!(rounds < 4 + most, "the kills meet no living process");
    }
    report(
        name,
        &[
            ("kills", &found.kills),
            ("uploads", &found.uploads),
            ("phases", &found.phases),
            ("cut", &found.requests),
            ("rows", &found.rows),
            ("lost", &0),
            ("wrong", &0),
            ("twice", &0),
            ("open", &0),
            ("resent_bytes", &found.resent),
            ("most_resent_in_a_round", &found.most_resent),
            ("seed", &seed),
        ],
    );
    // Over many kills, each of these moments is met often enough to mean something.
    for row in ["C2", "C4", "C7"] {
        assert!(most < 1_000 || found.rows.of(row) >= 100, "{row}: {}", found.rows);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c3_kills_on_oss_lose_nothing_and_send_nothing_acknowledged_again() {
    sweep("kill-oss", &OSS, 25).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c3_kills_on_s3_lose_nothing_and_send_nothing_acknowledged_again() {
    sweep("kill-s3", &S3, 25).await;
}
