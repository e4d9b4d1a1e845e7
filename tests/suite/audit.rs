//! The audit log: a line for each end of a transfer, with all that proves it and no secret, also
//! where the process was killed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place, Ran};
use support::poll::until;
use tokio::process::Command;

fn put(place: &Place, log: &Path, paths: &[&Path], options: &[&str]) -> Command {
    let mut command = place.put(paths, &format!("oss://{BUCKET}/"), options);
    command.env("FERRY_AUDIT_LOG", log).env("USER", "mallory");
    command
}

fn lines(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_is_a_line_with_all_that_proves_it() {
    let place = Place::new().await;
    let log = place.path("audit.jsonl");
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    let refused = place.sandbox.faults().add(Rule::on(Operation::PutObject).key("bad*"), refused);
    let good = place.write("good file.txt", b"good");
    let bad = place.write("bad.txt", b"bad");
    let ran = Ran::of(put(&place, &log, &[&good, &bad], &["--integrity", "strict"])).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    let told = lines(&log);
    assert_eq!(told.len(), 2, "{told:#?}");
    let of = |event: &str| {
        told.iter().find(|line| line["event"] == event).unwrap_or_else(|| panic!("{told:#?}"))
    };
    let (done, failed) = (of("done"), of("failed"));
    let object = place.sandbox.object(BUCKET, "good file.txt").expect("is there");
    let file = &done["transfer"];
    assert_eq!(
        (&file["source"], &file["bucket"], &file["key"], &file["size"]),
        (&good.display().to_string().into(), &BUCKET.into(), &"good file.txt".into(), &4.into())
    );
    assert_eq!(file["crc64"], object.crc64.to_string());
    assert_eq!(file["md5"], "755f85c2723bb39381c7379a604160d8");
    for field in ["etag", "requestId", "started", "finished"] {
        assert!(file[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {done:#}");
    }
    assert_eq!((&done["user"], &done["time"]), (&"mallory".into(), &file["finished"]));
    assert!(done["endpoint"].as_str().is_some_and(|text| text.contains("127.0.0.1")), "{done:#}");
    assert!(done["profile"].as_str().is_some_and(|name| name.contains(BUCKET)), "{done:#}");
    assert_eq!(failed["fault"]["kind"], "invalidRequest", "{failed:#}");
    assert_eq!(failed["transfer"]["etag"], Value::Null, "{failed:#}");

    // It goes on in the same file, and nothing stands in it twice.
    place.sandbox.faults().remove(refused);
    Ran::of(put(&place, &log, &[&good, &bad], &["--integrity", "strict"])).await.assert_verified(2);
    let told = lines(&log);
    let ids: BTreeSet<&str> = told.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!((told.len(), ids.len()), (3, 3), "{told:#?}");
    let text = std::fs::read_to_string(&log).expect("is there");
    for secret in [&place.key.access_key_secret, &place.key.access_key_id] {
        assert!(!text.contains(secret.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_off_unless_it_is_turned_on() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    place.put_all(&[&file], &format!("oss://{BUCKET}/"), &[]).await.assert_verified(1);
    assert!(!place.path("data/audit.jsonl").exists());
    let mut command = place.put(&[&file], &format!("oss://{BUCKET}/b/"), &[]);
    command.env("FERRY_AUDIT_LOG", "on");
    Ran::of(command).await.assert_verified(1);
    let told = lines(&place.path("data/audit.jsonl"));
    assert_eq!(told.len(), 1, "what ended before is not in it: {told:#?}");
    assert_eq!(told[0]["transfer"]["key"], "b/a.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kills_each_end_is_there() {
    const FILES: usize = 400;
    let place = Place::new().await;
    let log = place.path("audit.jsonl");
    place
        .sandbox
        .faults()
        .add(Rule::on(Operation::PutObject), Action::DelayAnswer(Duration::from_millis(5)));
    for number in 0..FILES {
        place.write(format!("files/{number}.txt"), format!("{number}").as_bytes());
    }
    let folder = place.path("files");
    for share in 1..=5 {
        let mut child = place.start(put(&place, &log, &[&folder], &[]));
        until("some files more", || place.sandbox.objects(BUCKET).len() >= share * FILES / 6).await;
        child.kill().await.expect("it is killed");
    }
    Ran::of(put(&place, &log, &[&folder], &[])).await.assert_verified(FILES as u64);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let text = std::fs::read_to_string(&log).expect("is there");
    // A kill may have cut a line: it is whole further down.
    for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        assert_eq!(line["event"], "done", "{line:#}");
        *ends.entry(line["transfer"]["key"].as_str().expect("a key").to_owned()).or_default() += 1;
    }
    assert_eq!(ends.len(), FILES, "each file has its line");
    let twice = ends.values().filter(|count| **count > 1).count();
    assert!(twice <= 5, "{twice} stand there twice");
}
