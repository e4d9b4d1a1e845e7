//! `ferry recover`: the queue is lost, its uploads are on the store, and only the missing parts are
//! sent. No other client's upload is touched.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place, REGION, Ran};

const MIB: u64 = 1024 * 1024;
const PART: u64 = 5 * MIB;
const SIZE: u64 = 4 * PART + 7;

/// A store that lists one row a page.
async fn paged() -> Place {
    Place::with(|config| config.limits.page = 1).await
}

fn random_file(place: &Place, name: &str, seed: u64) -> PathBuf {
    let mut bytes = vec![0u8; usize::try_from(SIZE).expect("fits")];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    place.write(name, &bytes)
}

/// Kills a put once the store has `parts` parts of it, and takes its queue away. Returns the upload
/// id.
async fn lost_upload(place: &Place, path: &Path, target: &str, parts: u32) -> String {
    let before: Vec<String> = open_uploads(place);
    let sent = place.sandbox.ledger().count(Operation::UploadPart);
    let stalled =
        place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(parts + 1), Action::Stall);
    let options = ["--part-size", "5MiB", "--parallel", "1"];
    let mut child = place.start(place.put(&[path], target, &options));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while place.sandbox.ledger().count(Operation::UploadPart) < sent + u64::from(parts) + 1 {
        assert!(tokio::time::Instant::now() < deadline, "part {} was never begun", parts + 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    place.sandbox.faults().remove(stalled);
    std::fs::remove_dir_all(place.path("data")).expect("the queue is lost");
    let mut begun = open_uploads(place);
    begun.retain(|id| !before.contains(id));
    assert_eq!(begun.len(), 1, "{begun:?}");
    begun.remove(0)
}

fn open_uploads(place: &Place) -> Vec<String> {
    place.sandbox.open_uploads(BUCKET).into_iter().map(|upload| upload.upload_id).collect()
}

async fn recover(place: &Place, target: &str, path: &Path, options: &[&str]) -> Ran {
    let mut command = place.ferry();
    command.arg("recover").arg(target).arg(path).args(options);
    command.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION, "--json"]);
    Ran::of(command).await
}

/// What a run said of an upload.
fn said(ran: &Ran, upload_id: &str) -> (String, String) {
    let lines = ran.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = lines.filter(|value| value["type"] == "upload" && value["upload_id"] == upload_id);
    let told: Vec<Value> = told.collect();
    assert_eq!(told.len(), 1, "{upload_id}: {ran:#?}");
    let word = |name: &str| told[0][name].as_str().unwrap_or_default().to_owned();
    (word("ownership"), word("action"))
}

fn pair(ownership: &str, action: &str) -> (String, String) {
    (ownership.to_owned(), action.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_queue_is_found_again_and_only_missing_parts_are_sent() {
    for scheme in ["oss", "s3"] {
        let place = paged().await;
        let file = random_file(&place, "in/影 1.bin", 1);
        // In a folder, below a prefix: the key is made as put makes it.
        let (folder, target) = (place.path("in"), format!("{scheme}://{BUCKET}/films"));
        let upload = lost_upload(&place, &folder, &target, 2).await;
        place.sandbox.ledger().clear();

        let listed = recover(&place, &target, &folder, &[]).await;
        assert_eq!(listed.code, 0, "{scheme}: {listed:#?}");
        assert_eq!(said(&listed, &upload), pair("ours", "none"), "{scheme}");
        assert_eq!(open_uploads(&place), [upload.as_str()], "{scheme}: a list changes nothing");

        let resumed = recover(&place, &target, &folder, &["--resume"]).await;
        resumed.assert_verified(1);
        assert_eq!(said(&resumed, &upload), pair("ours", "resumed"), "{scheme}");
        let key = "films/in/影 1.bin";
        let ledger = place.sandbox.ledger();
        assert_eq!(ledger.key_bytes(key) - complete_bytes(&place), SIZE - 2 * PART, "{scheme}");
        for part in [1, 2] {
            assert_eq!(ledger.part_bytes(key, part), 0, "{scheme}: part {part} was sent again");
        }
        assert_eq!(ledger.count(Operation::Initiate), 0, "{scheme}");
        assert_eq!(open_uploads(&place), [""; 0], "{scheme}: an upload was left open");
        let stored = place.sandbox.read_object(BUCKET, key).expect("is there");
        assert!(stored == std::fs::read(&file).expect("reads"), "{scheme}: other bytes");

        // The same put finds it done.
        place.sandbox.ledger().clear();
        place.put_all(&[&folder], &target, &["--part-size", "5MiB"]).await.assert_verified(1);
        assert_eq!(place.sandbox.ledger().count(Operation::UploadPart), 0, "{scheme}");
    }
}

/// Bytes of the bodies of Complete.
fn complete_bytes(place: &Place) -> u64 {
    let completes = place.sandbox.ledger().of(Operation::Complete);
    completes.iter().map(|entry| entry.body_bytes).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_recovery_goes_on_with_the_same_upload() {
    let place = Place::new().await;
    let file = random_file(&place, "a.bin", 2);
    let target = format!("oss://{BUCKET}/");
    let upload = lost_upload(&place, &file, &target, 1).await;
    let stalled = place.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Stall);
    place.sandbox.ledger().clear();
    let mut command = place.ferry();
    command.args(["recover", "--resume", &target]).arg(&file);
    command.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION]);
    let mut child = place.start(command);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while place.sandbox.ledger().count(Operation::UploadPart) == 0 {
        assert!(tokio::time::Instant::now() < deadline, "no part was begun");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    place.sandbox.faults().remove(stalled);

    // Now a queue has it: there is nothing to recover, and nothing to abort.
    let again = recover(&place, &target, &file, &["--abort"]).await;
    assert_eq!(said(&again, &upload), pair("queued", "left"), "{again:#?}");
    let put = place.put_all(&[&file], &target, &["--part-size", "5MiB"]).await;
    put.assert_verified(1);
    assert_eq!(put.number("resumed_bytes"), PART, "{put:#?}");
    assert_eq!(place.sandbox.ledger().count(Operation::Initiate), 0);
    assert_eq!(open_uploads(&place), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovered_upload_survives_lost_answers() {
    for scheme in ["oss", "s3"] {
        let place = Place::new().await;
        let file = random_file(&place, "a.bin", 7);
        let target = format!("{scheme}://{BUCKET}/");
        lost_upload(&place, &file, &target, 3).await;
        for operation in [Operation::UploadPart, Operation::Complete] {
            place.sandbox.faults().add(Rule::on(operation).once(), Action::EffectThenReset);
        }
        recover(&place, &target, &file, &["--resume"]).await.assert_verified(1);
        let object = place.sandbox.object(BUCKET, "a.bin").expect("is there");
        assert_eq!(object.versions, 1, "{scheme}: written twice");
        let stored = place.sandbox.read_object(BUCKET, "a.bin").expect("is there");
        assert!(stored == std::fs::read(&file).expect("reads"), "{scheme}: other bytes");
        assert_eq!(open_uploads(&place), [""; 0], "{scheme}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_upload_is_touched() {
    for scheme in ["oss", "s3"] {
        let place = paged().await;
        let target = format!("{scheme}://{BUCKET}/");
        let theirs = lost_upload(&place, &random_file(&place, "theirs/a.bin", 3), &target, 2).await;
        let empty = lost_upload(&place, &random_file(&place, "empty/a.bin", 4), &target, 0).await;
        let other = lost_upload(&place, &random_file(&place, "other/b.bin", 5), &target, 1).await;
        let file = random_file(&place, "a.bin", 6);
        let ours = lost_upload(&place, &file, &target, 2).await;
        let later = random_file(&place, "later/a.bin", 6);

        // Without the bytes that were sent, ours is not known either.
        let mut changed = std::fs::read(&file).expect("reads");
        changed[17] ^= 1;
        std::fs::write(&file, &changed).expect("writes");
        let ran = recover(&place, &target, &file, &["--resume"]).await;
        assert_eq!(said(&ran, &ours), pair("partDiffers", "left"), "{scheme}");
        assert_eq!(ran.code, 0, "{scheme}: nothing was there to resume: {ran:#?}");
        recover(&place, &target, &file, &["--abort"]).await;
        assert_eq!(open_uploads(&place).len(), 4, "{scheme}: an upload was aborted");
        assert_eq!(place.sandbox.objects(BUCKET).len(), 0, "{scheme}");

        // The same file elsewhere, under the same key.
        let aborted = recover(&place, &target, &later, &["--abort"]).await;
        assert_eq!(aborted.code, 0, "{scheme}: {aborted:#?}");
        assert_eq!(said(&aborted, &ours), pair("ours", "aborted"), "{scheme}");
        assert_eq!(said(&aborted, &theirs), pair("partDiffers", "left"), "{scheme}");
        assert_eq!(said(&aborted, &empty), pair("noParts", "left"), "{scheme}");
        assert_eq!(said(&aborted, &other), pair("noFile", "left"), "{scheme}");
        let mut left = open_uploads(&place);
        left.sort();
        let mut expected = [theirs.clone(), empty.clone(), other.clone()];
        expected.sort();
        assert_eq!(left, expected, "{scheme}");

        // Only who names it aborts it, and naming makes nothing ours.
        let named = ["--resume", "--upload", &theirs];
        let refused = recover(&place, &target, &later, &named).await;
        assert_eq!(said(&refused, &theirs), pair("partDiffers", "left"), "{scheme}");
        assert_eq!(refused.code, 1, "{scheme}: what was named was not resumed: {refused:#?}");
        let ran = recover(&place, &target, &later, &["--abort", "--upload", &theirs]).await;
        assert_eq!(said(&ran, &theirs), pair("partDiffers", "aborted"), "{scheme}");
        assert_eq!(open_uploads(&place).len(), 2, "{scheme}");
        let unknown = recover(&place, &target, &later, &["--abort", "--upload", "nonsense"]).await;
        assert_eq!(unknown.code, 1, "{scheme}: {unknown:#?}");
        assert_eq!(open_uploads(&place).len(), 2, "{scheme}");
    }
}
