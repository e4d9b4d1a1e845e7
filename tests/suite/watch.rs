//! Watched folders, with the real `ferry` and the system's own hints: what is complete is uploaded
//! once, and nothing else is.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place};
use support::poll::{at_rest, until};
use support::small_disk::SmallDisk;
use support::watching::{place, run, stop, watch};

/// The keys and sizes in the bucket.
fn objects(place: &Place) -> BTreeMap<String, u64> {
    place.sandbox.objects(BUCKET).into_iter().map(|object| (object.key, object.size)).collect()
}

/// How often a body was sent for each key.
fn sent(place: &Place) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for entry in place.sandbox.ledger().entries() {
        if entry.operation == Operation::PutObject {
            *sent.entry(entry.key.unwrap_or_default()).or_default() += 1;
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_complete_is_uploaded_once_and_nothing_else_is() {
    let (place, folder) = place().await;
    place.write("in/there before.txt", b"before");
    watch(&place, &folder, &[]).await;
    let running = run(&place);
    until("what was there", || objects(&place).len() == 1).await;

    place.write("in/run 1/照片.jpg", b"photo");
    place.write("in/half.raw.part", b"half");
    place.write("in/~$open.docx", b"x");
    std::os::unix::fs::symlink(place.path("data"), folder.join("link")).expect("links");
    let mut open = std::fs::File::create(folder.join("open.raw")).expect("makes");
    open.write_all(b"first").expect("writes");
    until("the photo", || objects(&place).contains_key("lab/run 1/照片.jpg")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(objects(&place).len(), 2, "{:?}", objects(&place));

    open.write_all(b" and last").expect("writes");
    drop(open);
    std::fs::rename(folder.join("half.raw.part"), folder.join("half.raw")).expect("renames");
    until("both", || objects(&place).len() == 4).await;
    assert_eq!(objects(&place)["lab/open.raw"], 14);

    // A new version, and a touch, which changes no byte.
    place.write("in/half.raw", b"another half");
    until("the new version", || objects(&place)["lab/half.raw"] == 12).await;
    let photo = std::fs::File::open(folder.join("run 1/照片.jpg")).expect("opens");
    photo.set_modified(std::time::SystemTime::now()).expect("touches");
    at_rest("requests", Duration::from_secs(4), || sent(&place)).await;
    let ended = stop(running).await;
    assert_eq!(ended.code, 0, "{ended:#?}");
    let expected = [
        ("lab/half.raw", 2),
        ("lab/open.raw", 1),
        ("lab/run 1/照片.jpg", 1),
        ("lab/there before.txt", 1),
    ];
    assert_eq!(sent(&place), expected.map(|(key, times)| (key.to_owned(), times)).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_nothing_ran_goes_and_what_went_does_not_go_again() {
    let (place, folder) = place().await;
    watch(&place, &folder, &[]).await;
    for number in 0..20 {
        place.write(format!("in/{number}.txt"), format!("file {number}").as_bytes());
    }
    let mut running = run(&place);
    until("some", || objects(&place).len() >= 3).await;
    running.kill().await.expect("it is killed");
    for number in 20..30 {
        place.write(format!("in/{number}.txt"), format!("file {number}").as_bytes());
    }
    std::fs::rename(folder.join("25.txt"), folder.join("renamed.txt")).expect("renames");
    let running = run(&place);
    until("all", || objects(&place).len() == 30).await;
    at_rest("requests", Duration::from_secs(3), || sent(&place)).await;
    stop(running).await;
    let again = run(&place);
    tokio::time::sleep(Duration::from_secs(4)).await;
    stop(again).await;
    let twice: Vec<_> = sent(&place).into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(twice.len() <= 8, "only what a kill cut off may be sent again: {twice:?}");
    assert!(objects(&place).contains_key("lab/renamed.txt"));
    assert!(!objects(&place).contains_key("lab/25.txt"));
}

/// The names and states of the queue.
async fn states(place: &Place) -> BTreeMap<String, String> {
    let listed = place.run(["queue", "--json"]).await;
    let rows = listed.stdout.lines().map(|line| serde_json::from_str(line).expect("a row"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let name = |row: &Value| text(&row["source"]).rsplit('/').next().unwrap_or_default().to_owned();
    rows.map(|row: Value| (name(&row), text(&row["state"]))).collect()
}

/// Waits until the queue is as wanted.
async fn until_queue(place: &Place, is_so: impl Fn(&BTreeMap<String, String>) -> bool) {
    let reached = async {
        while !is_so(&states(place).await) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), reached).await;
    assert!(waited.is_ok(), "{:?}", states(place).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_went_before_they_were_sent_leave_no_failure() {
    let (place, folder) = place().await;
    let away = Action::Status { status: 503, code: "ServiceUnavailable".into() };
    let away = place.sandbox.faults().add(Rule::on(Operation::PutObject), away);
    place.write("in/page 1.tif", b"blank");
    // The system may tell nothing of a file in a folder that is as new as it.
    std::fs::create_dir_all(folder.join("run/1")).expect("a folder");
    watch(&place, &folder, &[]).await;
    let running = run(&place);
    place.write("in/scan.tif", b"scan");
    place.write("in/test.tif", b"test");
    place.write("in/run/1/dark.tif", b"dark");
    until_queue(&place, |states| states.len() == 4).await;
    std::fs::remove_file(folder.join("test.tif")).expect("removes");
    // Of what is in a folder that is moved away, the system tells nothing.
    std::fs::rename(folder.join("run"), place.path("elsewhere")).expect("renames");
    std::fs::rename(folder.join("scan.tif"), folder.join("page 1.tif")).expect("renames");
    place.sandbox.faults().remove(away);
    let expected = [
        ("dark.tif", "cancelled"),
        ("page 1.tif", "done"),
        ("scan.tif", "cancelled"),
        ("test.tif", "cancelled"),
    ];
    let expected = expected.map(|(name, state)| (name.to_owned(), state.to_owned())).into();
    until_queue(&place, |states| *states == expected).await;
    assert_eq!(objects(&place), [("lab/page 1.tif".to_owned(), 4)].into());
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_completes_its_file_at_once() {
    let (place, folder) = place().await;
    watch(&place, &folder, &["--marker", ".done"]).await;
    let running = run(&place);
    place.write("in/a.raw", b"a");
    place.write("in/b.raw", b"b");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(objects(&place).is_empty(), "{:?}", objects(&place));
    place.write("in/a.raw.done", b"");
    place.write("in/b.done", b"");
    until("both", || objects(&place).len() == 2).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop(running).await;
    let keys: Vec<String> = objects(&place).into_keys().collect();
    assert_eq!(keys, ["lab/a.raw", "lab/b.raw"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn verified_files_are_moved_or_deleted_and_others_stay() {
    let (place, folder) = place().await;
    let sent = place.path("sent");
    watch(&place, &folder, &["--then", "move", "--move-to", sent.to_str().expect("text")]).await;
    place.write("in/sub/a.txt", b"a");
    // What stands at the new place is not replaced.
    place.write("in/b.txt", b"b");
    place.write("sent/b.txt", b"an older b");
    let running = run(&place);
    until("the move", || sent.join("sub/a.txt").exists()).await;
    until("the other upload", || objects(&place).len() == 2).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop(running).await;
    assert!(!folder.join("sub/a.txt").exists());
    assert_eq!(std::fs::read(sent.join("b.txt")).expect("is there"), b"an older b");
    assert_eq!(std::fs::read(folder.join("b.txt")).expect("stays"), b"b");
    let history = place.run(["history", "--json"]).await;
    let day: Value =
        serde_json::from_str(history.stdout.lines().next().expect("a batch")).expect("JSON");
    let receipt = ["receipt", &day["batch"].to_string(), "--format", "json"];
    let receipt = place.run(receipt).await.stdout;
    let files: Vec<Value> =
        receipt.lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |key: &str| {
        let file = files.iter().find(|file| file["key"] == key);
        file.unwrap_or_else(|| panic!("{receipt}"))["afterwards"].clone()
    };
    let moved = sent.canonicalize().expect("resolves").join("sub/a.txt");
    let moved = serde_json::json!({ "type": "moved", "to": moved });
    assert_eq!(of("lab/sub/a.txt"), moved);
    let stays = serde_json::json!({ "type": "stays", "because": "alreadyExists" });
    assert_eq!(of("lab/b.txt"), stays);

    let other = place.path("other");
    std::fs::create_dir(&other).expect("makes");
    let folder = other.to_str().expect("text");
    let delete = ["watch", "add", folder, "--profile", "lab", "--prefix", "o/", "--then", "delete"];
    let refused = place.run(delete).await;
    assert_eq!(refused.code, 1, "{refused:#?}");
    assert!(refused.stderr.contains("--yes"), "{refused:#?}");
    watch(&place, &other, &["--prefix", "o/", "--then", "delete", "--yes"]).await;
    place.write("other/c.txt", b"c");
    // A store that takes it but does not agree: it is not verified, so it stays.
    let running = run(&place);
    until("the deletion", || !other.join("c.txt").exists()).await;
    assert!(objects(&place).contains_key("o/c.txt"));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_goes_and_returns_is_waited_for() {
    let (place, folder) = place().await;
    let disk = SmallDisk::mount(place.path("disk"), 8);
    disk.mount_again(&folder);
    place.write("in/a.txt", b"a");
    watch(&place, &folder, &[]).await;
    let running = run(&place);
    until("the first", || objects(&place).len() == 1).await;
    let unmounted = std::process::Command::new("umount").arg(&folder).status();
    assert!(unmounted.expect("umount runs").success());
    std::fs::write(disk.path().join("b.txt"), b"b").expect("writes");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(objects(&place).len(), 1, "{:?}", objects(&place));
    disk.mount_again(&folder);
    until("what came meanwhile", || objects(&place).len() == 2).await;
    // Hints come from the volume that is there now.
    place.write("in/c.txt", b"c");
    until("what comes now", || objects(&place).len() == 3).await;
    stop(running).await;
    assert_eq!(sent(&place).into_values().max(), Some(1));
    let unmounted = std::process::Command::new("umount").arg(&folder).status();
    assert!(unmounted.expect("umount runs").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_are_listed_paused_resumed_and_removed() {
    let (place, folder) = place().await;
    place.write("in/a.txt", b"abc");
    let dry = ["watch", "add", folder.to_str().expect("text"), "--profile", "lab", "--dry-run"];
    let dry = place.run(dry.iter().chain(&["--then", "delete", "--json"])).await;
    let told: Value = serde_json::from_str(&dry.stdout).expect("one object");
    assert_eq!((&told["files"], &told["bytes"]), (&1.into(), &3.into()), "{dry:#?}");
    let added = watch(&place, &folder, &[]).await;
    assert_eq!(added["destination"], format!("oss://{BUCKET}/lab/"));
    let name = added["id"].to_string();
    let list = async || {
        let listed = place.run(["watch", "list", "--json"]).await;
        let lines = listed.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        lines.collect::<Vec<Value>>()
    };
    assert_eq!(list().await.len(), 1, "a dry run made none");
    let again = ["watch", "add", folder.to_str().expect("text"), "--profile", "lab"];
    let again = place.run(again).await;
    assert!(again.code == 1 && again.stderr.contains("watched already"), "{again:#?}");

    let change = async |options: &[&str]| {
        let command = ["watch", "change", &name];
        place.run(command.iter().chain(options)).await
    };
    let unconfirmed = change(&["--then", "delete"]).await;
    assert!(unconfirmed.code == 1 && unconfirmed.stderr.contains("--yes"), "{unconfirmed:#?}");
    let wrong = change(&["--marker", "done"]).await;
    assert!(wrong.code == 1 && wrong.stderr.contains("marker"), "{wrong:#?}");
    let later = ["--quiet", "20s", "--marker", ".done", "--hours", "Mon 01:00-02:00"];
    assert_eq!(change(&later).await.code, 0);
    let now = list().await.remove(0);
    let told = ["quietSeconds", "marker", "hours"].map(|field| now[field].to_string());
    assert_eq!(told, ["20", "\".done\"", "\"Mon 01:00-02:00\""], "{now:#}");
    assert_eq!(change(&["--hours", "always", "--marker", ""]).await.code, 0);
    let now = list().await.remove(0);
    assert_eq!((&now["quietSeconds"], &now["marker"]), (&20.into(), &"".into()), "{now:#}");
    assert_eq!(change(&["--quiet", "1s"]).await.code, 0);

    assert_eq!(place.run(["watch", "pause", &name]).await.code, 0);
    assert_eq!(list().await[0]["activity"]["type"], "paused");
    let running = run(&place);
    tokio::time::sleep(Duration::from_secs(3)).await;
    stop(running).await;
    assert!(objects(&place).is_empty());
    let folder = folder.to_str().expect("text");
    assert_eq!(place.run(["watch", "resume", folder]).await.code, 0);
    let running = run(&place);
    until("the file", || objects(&place).len() == 1).await;
    let busy = place.run(["watch", "pause", &name]).await;
    assert!(busy.code == 1 && !busy.stderr.is_empty(), "another process has the queue: {busy:#?}");
    stop(running).await;
    let history = place.run(["history", "--json"]).await;
    let day: Value =
        serde_json::from_str(history.stdout.lines().next().expect("a batch")).expect("JSON");
    assert_eq!((&day["name"], &day["verified"]), (&"in".into(), &1.into()), "{history:#?}");
    assert_eq!(place.run(["watch", "remove", &name]).await.code, 0);
    let gone = place.run(["watch", "remove", &name]).await;
    assert!(gone.code == 1 && gone.stderr.contains(&name), "{gone:#?}");
    assert!(list().await.is_empty());
    let days = place.run(["watch", "days", &name, "--json"]).await;
    let told: Value = serde_json::from_str(&days.stdout).expect("one day");
    let counted = ["files", "bytes", "failures"].map(|field| told[field].as_u64());
    assert_eq!(counted, [Some(1), Some(3), Some(0)], "{days:#?}");
    assert!(told["firstMs"].is_i64() && told["firstMs"] == told["lastMs"], "{days:#?}");
    let shown = place.run(["watch", "days"]).await;
    assert!(shown.stdout.contains("  in  1 file, 3 B  "), "{shown:#?}");
    let none = place.run(["watch", "run"]).await;
    assert!(none.code == 1 && none.stderr.contains("watch add"), "{none:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_its_hours_a_watch_takes_nothing() {
    let (place, folder) = place().await;
    place.write("in/a.txt", b"a");
    // An hour that has just passed comes again in twenty-three.
    let now = std::process::Command::new("date").arg("+%H").output().expect("date runs");
    let hour: u32 = String::from_utf8_lossy(&now.stdout).trim().parse().expect("an hour");
    let (from, to) = ((hour + 22) % 24, (hour + 23) % 24);
    watch(&place, &folder, &["--hours", &format!("{from:02}:00-{to:02}:00")]).await;
    let running = run(&place);
    tokio::time::sleep(Duration::from_secs(4)).await;
    stop(running).await;
    assert!(objects(&place).is_empty(), "{:?}", objects(&place));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_files_a_second_are_all_verified_soon_after_the_last() {
    const SECONDS: usize = 10;
    const A_SECOND: usize = 1_000;
    let (place, folder) = place().await;
    watch(&place, &folder, &[]).await;
    let running = run(&place);
    for second in 0..SECONDS {
        let begun = std::time::Instant::now();
        for number in 0..A_SECOND {
            let name = format!("in/{second}/{number}.dat");
            place.write(name, format!("{second} {number}").as_bytes());
        }
        tokio::time::sleep(Duration::from_secs(1).saturating_sub(begun.elapsed())).await;
    }
    let last = std::time::Instant::now();
    until("all files", || place.sandbox.objects(BUCKET).len() == SECONDS * A_SECOND).await;
    println!(
        "{} files were there {:.1} s after the last",
        SECONDS * A_SECOND,
        last.elapsed().as_secs_f64()
    );
    let ended = stop(running).await;
    assert_eq!(ended.number("verified"), (SECONDS * A_SECOND) as u64);
    assert_eq!(sent(&place).into_values().max(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_names_this_program() {
    let place = Place::new().await;
    for (system, part) in
        [("systemd", "ExecStart="), ("launchd", "<string>watch</string>"), ("windows", "schtasks")]
    {
        let printed = place.run(["watch", "unit", "--system", system]).await;
        assert_eq!(printed.code, 0, "{printed:#?}");
        assert!(printed.stdout.contains(part) && printed.stdout.contains("ferry"), "{printed:#?}");
    }
}
