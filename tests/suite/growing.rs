//! Files that are uploaded while something still writes to them, with the real `ferry`.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use ferry_sandbox::{Operation, Outcome};
use serde_json::Value;
use support::ferry::{BUCKET, Place};
use support::poll::until;
use support::read_back::{Reader, assert_same};
use support::watching::{place, run, stop, watch};
use tokio::process::Child;

const MIB: usize = 1024 * 1024;
/// Bytes of a part of a file that grows, where nothing is known of the link.
const PART: usize = 32 * MIB;
const KEY: &str = "lab/run.raw";

/// A program that writes a file and keeps it open.
struct Recorder {
    file: File,
    random: fastrand::Rng,
}

impl Recorder {
    fn begin(path: &Path) -> Self {
        Self { file: File::create(path).expect("makes"), random: fastrand::Rng::with_seed(7) }
    }

    /// Writes on, by pieces.
    async fn write(&mut self, mib: usize) {
        let mut bytes = vec![0; MIB];
        for _ in 0..mib {
            self.random.fill(&mut bytes);
            self.file.write_all(&bytes).expect("writes");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn patch_header(&mut self) {
        self.file.rewind().expect("seeks");
        self.file.write_all(b"the length that is known now").expect("writes");
    }
}

/// A place whose watch sends files that grow, with its number; it runs, and a file was begun.
async fn recording() -> (Place, String, Child, Recorder) {
    let (place, folder) = place().await;
    let id = watch(&place, &folder, &["--growing"]).await["id"].to_string();
    let running = run(&place);
    let recorder = Recorder::begin(&folder.join("run.raw"));
    (place, id, running, recorder)
}

fn stored_parts(place: &Place) -> usize {
    place.sandbox.open_uploads(BUCKET).first().map_or(0, |open| open.parts.len())
}

/// How often each part was sent whole.
fn sent(place: &Place) -> BTreeMap<u32, usize> {
    let mut sent = BTreeMap::new();
    for entry in place.sandbox.ledger().entries() {
        if let (Some(part), Outcome::Answered { status: 200, .. }) = (entry.part, &entry.outcome)
            && entry.operation == Operation::UploadPart
        {
            *sent.entry(part).or_default() += 1;
        }
    }
    sent
}

async fn verified(place: &Place) {
    until("the object", || place.sandbox.object(BUCKET, KEY).is_some()).await;
    assert_same(place, Reader::Oss2, &[(KEY.to_owned(), place.path("in/run.raw"))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_go_while_the_file_grows_and_each_byte_goes_once() {
    let (place, _, running, mut recorder) = recording().await;
    recorder.write(40).await;
    until("the first part", || stored_parts(&place) == 1).await;
    recorder.write(60).await;
    until("three parts", || stored_parts(&place) == 3).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(place.sandbox.object(BUCKET, KEY).is_none(), "it is still open for writing");
    recorder.write(7).await;
    drop(recorder);
    verified(&place).await;
    assert_eq!(sent(&place), (1..=4).map(|part| (part, 1)).collect());
    let entries = place.sandbox.ledger().entries();
    let bytes: u64 = entries.iter().map(|entry| entry.body_bytes).sum();
    assert!(bytes < (107 * MIB + MIB) as u64, "{bytes} bytes were sent");
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_written_last_sends_its_part_again() {
    let (place, _, running, mut recorder) = recording().await;
    recorder.write(80).await;
    until("two parts", || stored_parts(&place) == 2).await;
    recorder.patch_header();
    drop(recorder);
    verified(&place).await;
    assert_eq!(sent(&place), [(1, 2), (2, 1), (3, 1)].into());
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_it_grows_loses_no_part() {
    let (place, _, mut running, mut recorder) = recording().await;
    recorder.write(100).await;
    until("three parts", || stored_parts(&place) == 3).await;
    running.kill().await.expect("it is killed");
    recorder.write(40).await;
    recorder.patch_header();
    drop(recorder);
    let running = run(&place);
    verified(&place).await;
    let sent = sent(&place);
    assert_eq!((sent[&1], sent[&2]), (2, 1), "{sent:?}");
    assert_eq!(sent.len(), (140 * MIB).div_ceil(PART));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_watch_the_user_is_asked() {
    let (place, id, running, mut recorder) = recording().await;
    recorder.write(70).await;
    until("two parts", || stored_parts(&place) == 2).await;
    stop(running).await;
    recorder.write(10).await;
    drop(recorder);
    assert_eq!(place.run(["watch", "remove", &id]).await.code, 0);
    let again = place.run(["resume", "--all", "--json"]).await;
    let listed = place.run(["queue", "--json"]).await;
    let row: Value =
        serde_json::from_str(listed.stdout.lines().next().expect("a row")).expect("JSON");
    assert_eq!(row["state"], "sourceChanged", "{again:#?} {listed:#?}");
    assert!(place.sandbox.object(BUCKET, KEY).is_none());
}
