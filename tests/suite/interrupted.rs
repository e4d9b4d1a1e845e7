//! Interrupted, paused, cancelled: the queue is there, and only what the store has not
//! acknowledged is sent again.
//!
//! Signals are Unix's. What a killed process leaves is tested for Windows in `on_windows`.

#![cfg(unix)]

#[path = "interrupted/damaged_queue.rs"]
mod damaged_queue;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_sandbox::{Action, Entry, Operation, Outcome, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place, Ran};
use support::poll::{at_rest, until};
use support::small_disk::SmallDisk;

const MIB: u64 = 1024 * 1024;

fn random_file(place: &Place, name: &str, size: u64) -> PathBuf {
    let mut bytes = vec![0u8; usize::try_from(size).expect("fits")];
    fastrand::Rng::with_seed(size).fill(&mut bytes);
    place.write(name, &bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_exits_130_and_the_same_command_goes_on() {
    let place = Place::new().await;
    let file = random_file(&place, "video.bin", 16 * MIB);
    let destination = format!("s3://{BUCKET}/");
    let child = place.start(place.put(
        &[&file],
        &destination,
        &["--part-size", "5MiB", "--limit", "4MiB/s", "--parallel", "1"],
    ));
    until("a part", || {
        place.sandbox.open_uploads(BUCKET).first().is_some_and(|upload| !upload.parts.is_empty())
    })
    .await;
    let upload_id = place.sandbox.open_uploads(BUCKET)[0].upload_id.clone();
    interrupt(child.id().expect("runs"));
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    assert_eq!(ran.code, 130, "{ran:?}");
    assert_eq!(place.sandbox.open_uploads(BUCKET)[0].upload_id, upload_id);
    let again = place.put_all(&[&file], &destination, &["--part-size", "5MiB"]).await;
    again.assert_verified(1);
    assert!(again.number("resumed_bytes") >= 5 * MIB, "{again:?}");
    assert_eq!(again.number("resumed_bytes") + again.number("sent_bytes"), 16 * MIB, "{again:?}");
    assert_eq!(place.sandbox.ledger().count(Operation::Initiate), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_that_another_command_ends_is_finished() {
    let place = Place::new().await;
    let file = random_file(&place, "video.bin", 4 * MIB);
    half_done(&place, &file).await;
    let finished = async || {
        let history = place.run(["history", "--json"]).await;
        let told: Value = serde_json::from_str(&history.stdout).expect("one batch");
        told["finished"].is_string()
    };
    assert!(!finished().await);
    let resumed = place.run(["resume", "--all"]).await;
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert!(finished().await, "nothing of it is left to do");
}

fn interrupt(pid: u32) {
    let sent = std::process::Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status()
        .expect("kill runs");
    assert!(sent.success());
}

/// Leaves a put half done, with one part on the store.
async fn half_done(place: &Place, file: &Path) {
    let stalled =
        place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), Action::Stall);
    let child = place.start(place.put(
        &[file],
        &format!("oss://{BUCKET}/"),
        &["--part-size", "1MiB", "--parallel", "2"],
    ));
    until("a part", || {
        place.sandbox.open_uploads(BUCKET).first().is_some_and(|upload| !upload.parts.is_empty())
    })
    .await;
    interrupt(child.id().expect("runs"));
    assert_eq!(Ran::from(child.wait_with_output().await.expect("ends")).code, 130);
    place.sandbox.faults().remove(stalled);
}

/// Copies a folder's files.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("makes the folder");
    for entry in std::fs::read_dir(from).expect("reads").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_an_older_copy_of_the_queue_sends_nothing_that_is_there() {
    let place = Place::new().await;
    let file = random_file(&place, "a.bin", 4 * MIB + 1);
    half_done(&place, &file).await;
    let (data, copy) = (place.path("data"), place.path("copy"));
    copy_files(&data, &copy);
    let to = format!("oss://{BUCKET}/");
    let put = async || {
        place.put_all(&[&file], &to, &["--part-size", "1MiB"]).await.assert_verified(1);
    };
    put().await;
    let sent = place.sandbox.ledger().count(Operation::UploadPart);
    // The queue of before: its upload is long complete.
    std::fs::remove_dir_all(&data).expect("removes");
    copy_files(&copy, &data);
    put().await;
    assert_eq!(place.sandbox.ledger().count(Operation::UploadPart), sent, "sent again");
    assert_eq!(place.sandbox.object(BUCKET, "a.bin").expect("is there").versions, 1);
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
}

/// Sends a signal to a process that was started here.
#[cfg(unix)]
fn signal(child: &tokio::process::Child, name: &str) {
    let pid = child.id().expect("runs").to_string();
    let sent = std::process::Command::new("kill").args([name, &pid]).status();
    assert!(sent.expect("kill runs").success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn s1_a_process_that_slept_goes_on_where_it_was() {
    // Connections end while it sleeps.
    let place = Place::with(|config| config.limits.idle = Duration::from_secs(1)).await;
    let file = random_file(&place, "a.bin", 6 * MIB);
    let options = ["--part-size", "1MiB", "--parallel", "2", "--limit", "2MiB/s"];
    let child = place.start(place.put(&[&file], &format!("oss://{BUCKET}/"), &options));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    let ledger = place.sandbox.ledger();
    let soon = async |reached: &dyn Fn() -> bool| {
        while !reached() {
            assert!(tokio::time::Instant::now() < deadline, "not reached");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let parts = || place.sandbox.open_uploads(BUCKET).first().map_or(0, |up| up.parts.len());
    soon(&|| parts() > 0 && ledger.in_flight() > 0).await;
    signal(&child, "-STOP");
    soon(&|| ledger.in_flight() == 0).await;
    signal(&child, "-CONT");
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    ran.assert_verified(1);
    assert_eq!(ledger.count(Operation::Initiate), 1);
    let bytes = std::fs::read(&file).expect("reads");
    assert!(place.sandbox.read_object(BUCKET, "a.bin").expect("is there") == bytes, "differs");
    let taken = |entry: &Entry| matches!(entry.outcome, Outcome::Answered { status: 200, .. });
    let parts = ledger.of(Operation::UploadPart);
    assert_eq!(parts.iter().filter(|entry| taken(entry)).count(), 6, "{parts:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_resume_and_cancel_work_from_another_command() {
    let place = Place::new().await;
    let file = random_file(&place, "a.bin", 4 * MIB + 1);
    half_done(&place, &file).await;
    assert_eq!(place.run(["pause", "--all"]).await.code, 0);
    let queue = place.run(["queue", "--json"]).await;
    let row: serde_json::Value = serde_json::from_str(queue.stdout.trim()).expect("one row");
    assert_eq!(row["state"], "paused", "{queue:?}");
    let id = row["id"].to_string();

    let resumed = place.run(["resume", &id, "--json"]).await;
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert_eq!(resumed.number("verified"), 1);
    assert_eq!(place.sandbox.object(BUCKET, "a.bin").expect("is there").size, 4 * MIB + 1);

    let other = random_file(&place, "b.bin", 4 * MIB + 2);
    half_done(&place, &other).await;
    let cancelled = place.run(["cancel", "--all"]).await;
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0, "cancel left the upload open");
    assert!(place.sandbox.object(BUCKET, "b.bin").is_none());
    assert!(place.run(["queue", "--state", "cancelled"]).await.stdout.contains("b.bin"));
    assert_eq!(place.run(["resume", "999"]).await.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn resume_and_retry_keep_to_a_limit() {
    let refusal = Action::Status { status: 400, code: "InvalidArgument".into() };
    for (command, operation, action) in
        [("resume", Operation::UploadPart, Action::Stall), ("retry", Operation::Initiate, refusal)]
    {
        let place = Place::new().await;
        let file = random_file(&place, "a.bin", 4 * MIB);
        let met = place.sandbox.faults().add(Rule::on(operation), action);
        let put = place.put(&[&file], &format!("oss://{BUCKET}/"), &["--part-size", "1MiB"]);
        let mut child = place.start(put);
        until("the fault", || place.sandbox.faults().fired(met) > 0).await;
        if command == "resume" {
            interrupt(child.id().expect("runs"));
        }
        assert!(!child.wait().await.expect("ends").success(), "{command}");
        place.sandbox.faults().clear();
        let wrong = place.run([command, "--all", "--limit", "fast"]).await;
        assert_eq!(wrong.code, 2, "{command}: {wrong:?}");
        let ran = place.run([command, "--all", "--limit", "2MiB/s", "--json"]).await;
        assert_eq!((ran.code, ran.number("verified")), (0, 1), "{command}: {ran:#?}");
        assert_eq!(ran.number("sent_bytes"), 4 * MIB, "{command}: {ran:#?}");
        // A bound from below only, as for a put.
        let seconds = ran.summary()["seconds"].as_f64().expect("a number");
        assert!(seconds > 1.5, "{command}: 4 MiB at 2 MiB/s took {seconds} s");
        assert_eq!(ran.summary()["limited_by"], "limit", "{command}: {ran:#?}");
    }
    // What moves nothing has no speed.
    let place = Place::new().await;
    assert_eq!(place.run(["cancel", "--all", "--limit", "2MiB/s"]).await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_one_process_at_a_time_holds_the_journal_and_others_read_it() {
    let place = Place::new().await;
    let file = random_file(&place, "a.bin", 4 * MIB);
    place.sandbox.faults().add(Rule::on(Operation::UploadPart), Action::Stall);
    let mut child =
        place.start(place.put(&[&file], &format!("oss://{BUCKET}/"), &["--part-size", "1MiB"]));
    until("an upload", || !place.sandbox.open_uploads(BUCKET).is_empty()).await;
    let second = place.run(["pause", "--all"]).await;
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("Another Ferry"), "{second:?}");
    let read = place.run(["queue"]).await;
    assert_eq!((read.code, read.stderr.as_str()), (0, ""), "{read:?}");
    assert!(read.stdout.contains("a.bin"), "{read:?}");
    assert_eq!(place.run(["profile", "list"]).await.code, 0);
    assert!(place.run(["link", "--all"]).await.stderr.contains("No verified transfer"));
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    assert_eq!(place.run(["queue"]).await.code, 0, "a killed process must not keep the queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_up_is_taken_first() {
    let place = Place::new().await;
    let folder = place.path("d");
    for name in ["a.bin", "b.bin", "c.bin", "d.bin"] {
        random_file(&place, &format!("d/{name}"), 1_000);
    }
    place.sandbox.faults().add(Rule::on(Operation::PutObject), Action::Stall);
    let mut child = place.start(place.put(&[&folder], &format!("oss://{BUCKET}/"), &[]));
    until("a request", || place.sandbox.ledger().count(Operation::PutObject) > 0).await;
    until_queued(&place, 4).await;
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    let id = |name: &'static str| {
        let place = &place;
        async move {
            let json = place.run(["queue", "--json"]).await.stdout;
            let items = json.lines().map(|line| serde_json::from_str(line).expect("JSON"));
            let named = |item: &serde_json::Value| {
                item["destination"].as_str().is_some_and(|key| key.ends_with(name))
            };
            items.into_iter().find(named).expect("is queued")["id"].to_string()
        }
    };
    let (a, d) = (id("/a.bin").await, id("/d.bin").await);
    let moved = place.run(["queue", "move", "top", &d]).await;
    assert_eq!(moved.code, 0, "{moved:?}");
    assert!(moved.stdout.contains("d.bin") && !moved.stdout.contains("a.bin"), "{moved:?}");
    assert_eq!(place.run(["queue", "move", "bottom", &a]).await.code, 0);
    assert_eq!(place.run(["queue", "move", "up", "--batch", "1"]).await.code, 0);
    assert_eq!(place.run(["queue", "move", "top", "999"]).await.code, 1);
    assert_eq!(place.run(["queue", "move", "sideways", &a]).await.code, 2);
    assert_eq!(place.run(["queue", "move", "top"]).await.code, 2);
    assert_eq!(queued(&place).await, ["d.bin", "b.bin", "c.bin", "a.bin"], "as they are taken");
    place.sandbox.faults().clear();
    place.sandbox.ledger().clear();
    assert_eq!(place.run(["resume", "--all", "--parallel", "1"]).await.code, 0);
    let keys: Vec<String> = place
        .sandbox
        .ledger()
        .entries()
        .into_iter()
        .filter(|entry| entry.operation == Operation::PutObject)
        .filter_map(|entry| entry.key)
        .collect();
    // Two at a time are under way, whose requests take turns.
    assert!(keys[..2].contains(&"d/d.bin".to_owned()), "{keys:?}");
    assert_eq!(keys.last().map(String::as_str), Some("d/a.bin"), "{keys:?}");
}

/// The files that `ferry queue` lists, in its order.
async fn queued(place: &Place) -> Vec<String> {
    let json = place.run(["queue", "--json"]).await.stdout;
    let items = json.lines().map(serde_json::from_str::<serde_json::Value>);
    let name = |item: serde_json::Value| {
        let key = item["destination"].as_str().expect("a destination").to_owned();
        key.rsplit('/').next().expect("a name").to_owned()
    };
    items.map(|item| name(item.expect("JSON"))).collect()
}

/// Waits until so many transfers are queued.
async fn until_queued(place: &Place, count: usize) {
    for _ in 0..200 {
        if place.run(["queue"]).await.stdout.lines().count() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} transfers were never queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_settled_by_asking() {
    for scheme in ["oss", "s3"] {
        let place = Place::new().await;
        let large = random_file(&place, "large.bin", 11 * MIB);
        let small = random_file(&place, "small.bin", 77);
        for operation in
            [Operation::Initiate, Operation::UploadPart, Operation::Complete, Operation::PutObject]
        {
            place.sandbox.faults().add(Rule::on(operation).once(), Action::EffectThenReset);
        }
        let ran = place
            .put_all(&[&large, &small], &format!("{scheme}://{BUCKET}/"), &["--part-size", "5MiB"])
            .await;
        ran.assert_verified(2);
        for key in ["large.bin", "small.bin"] {
            assert_eq!(
                place.sandbox.object(BUCKET, key).expect("is there").versions,
                1,
                "{scheme} {key}: written twice"
            );
        }
        assert_eq!(
            place.sandbox.open_uploads(BUCKET).len(),
            0,
            "{scheme}: an upload was left open"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_is_never_mixed() {
    let place = Place::new().await;
    let file = random_file(&place, "changing.bin", 6 * MIB);
    half_done(&place, &file).await;
    let mut bytes = std::fs::read(&file).expect("reads");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, &bytes).expect("writes");
    let options = ["--part-size", "1MiB"];
    let first = place.put_all(&[&file], &format!("oss://{BUCKET}/"), &options).await;
    if first.code != 0 {
        assert_eq!(first.unfinished()[0]["state"], "sourceChanged", "{first:?}");
        assert!(place.sandbox.object(BUCKET, "changing.bin").is_none());
        // Asked again, it goes as it is now; parts that did not change are not sent again.
        let again = place.put_all(&[&file], &format!("oss://{BUCKET}/"), &options).await;
        again.assert_verified(1);
        assert!(again.number("resumed_bytes") >= MIB, "{again:?}");
    }
    assert_eq!(place.sandbox.read_object(BUCKET, "changing.bin").expect("is there"), bytes);
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
}

/// Kills a put while its only, small file is on its way.
async fn killed_while_putting(place: &Place, file: &Path) {
    let stalled = place.sandbox.faults().add(Rule::on(Operation::PutObject), Action::Stall);
    let before = place.sandbox.ledger().count(Operation::PutObject);
    let mut child =
        place.start(place.put(&[file], &format!("oss://{BUCKET}/"), &["--existing", "overwrite"]));
    until("a put", || place.sandbox.ledger().count(Operation::PutObject) > before).await;
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    place.sandbox.faults().remove(stalled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_that_changed_after_a_kill_goes_as_it_is_now() {
    let place = Place::new().await;
    let file = place.write("small.txt", b"before");
    killed_while_putting(&place, &file).await;
    std::fs::write(&file, b"after!").expect("writes");
    let put = async || {
        place.put_all(&[&file], &format!("oss://{BUCKET}/"), &["--existing", "overwrite"]).await
    };
    let first = put().await;
    if first.code != 0 {
        assert_eq!(first.unfinished()[0]["state"], "sourceChanged", "{first:?}");
        put().await.assert_verified(1);
    }
    assert_eq!(place.sandbox.read_object(BUCKET, "small.txt").expect("is there"), b"after!");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_that_changed_or_went_can_still_be_cancelled() {
    let place = Place::new().await;
    let changed = place.write("changed.txt", b"before");
    let gone = place.write("gone.txt", b"before");
    // Objects of the same size stand where the cancelled ones would: they have to be looked at, and
    // cannot be compared.
    place
        .put_all(&[&place.write("theirs/changed.txt", b"theirs")], &format!("oss://{BUCKET}/"), &[])
        .await
        .assert_verified(1);
    place
        .put_all(&[&place.write("theirs/gone.txt", b"theirs")], &format!("oss://{BUCKET}/"), &[])
        .await
        .assert_verified(1);
    killed_while_putting(&place, &changed).await;
    killed_while_putting(&place, &gone).await;
    std::fs::write(&changed, b"after!").expect("writes");
    std::fs::remove_file(&gone).expect("removes");
    let cancelling = place.run(["cancel", "--all"]);
    let ran = tokio::time::timeout(Duration::from_secs(60), cancelling)
        .await
        .expect("cancel never ended");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(place.run(["queue", "--state", "cancelled"]).await.stdout.lines().count(), 2);
    assert_eq!(place.sandbox.read_object(BUCKET, "changed.txt").expect("is there"), b"theirs");
}

/// The real thing: a file system that is unmounted and mounted again.
#[tokio::test(flavor = "multi_thread")]
async fn l13_an_unplugged_disk_is_waited_for_and_its_files_go_on() {
    let place = Place::new().await;
    let disk = SmallDisk::mount(place.path("disk"), 32);
    let stick = place.path("stick");
    std::fs::create_dir(&stick).expect("makes");
    disk.mount_again(&stick);
    random_file(&place, "stick/many/large.bin", 8 * MIB);
    for n in 0..40 {
        place.write(format!("stick/many/{n}.txt"), &vec![7; 20_000]);
    }
    let child = place.start(place.put(
        &[&stick.join("many")],
        &format!("oss://{BUCKET}/"),
        &["--part-size", "1MiB", "--limit", "400KiB/s", "--parallel", "2"],
    ));
    until("three puts", || place.sandbox.ledger().count(Operation::PutObject) >= 3).await;
    SmallDisk::unmount(&stick);
    // It says so, fails nothing, and asks the store for nothing meanwhile.
    let requests = || place.sandbox.ledger().entries().len();
    at_rest("the requests", Duration::from_secs(5), requests).await;
    assert!(place.sandbox.ledger().count(Operation::PutObject) < 40, "files are left");
    disk.mount_again(&stick);
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    SmallDisk::unmount(&stick);
    ran.assert_verified(41);
    let waits: Vec<_> = ran.lines("waiting");
    assert_eq!(waits.len(), 1, "one line for one cause: {ran:?}");
    assert_eq!(waits[0]["fault"]["kind"], "volumeMissing", "{ran:?}");
    assert_eq!(place.sandbox.ledger().count(Operation::Initiate), 1);
}
