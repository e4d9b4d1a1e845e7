//! `ferry history` and `ferry receipt`: what became of a put, checked by programs that are not ours.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::ferry::{BUCKET, Place, Ran};

fn destination() -> String {
    format!("oss://{BUCKET}/in/")
}

/// A put of three files, one of which has an awkward name, with their SHA-256.
async fn put() -> Place {
    let place = Place::new().await;
    for (name, text) in [("a, \"b\".txt", "one"), ("c.txt", "two"), ("back\\slash.txt", "three")] {
        place.write(format!("d/{name}"), text.as_bytes());
    }
    place.put_all(&[&place.path("d")], &destination(), &["--sha256"]).await.assert_verified(3);
    place
}

/// The newest batch of the history.
async fn newest(place: &Place) -> Value {
    let history = place.run(["history", "--json", "--limit", "1"]).await;
    assert_eq!(history.code, 0, "{history:?}");
    serde_json::from_str(&history.stdout).expect("one JSON object")
}

async fn receipt(place: &Place, format: &str) -> Ran {
    let batch = newest(place).await["batch"].to_string();
    place.run(["receipt", &batch, "--format", format]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_names_what_was_put() {
    let place = put().await;
    let told = newest(&place).await;
    assert_eq!(
        (&told["name"], &told["roots"], &told["prefix"]),
        (&"d".into(), &1.into(), &"in/".into())
    );
    assert_eq!((&told["files"], &told["verified"]), (&3.into(), &3.into()));
    assert_eq!(told["safeToDelete"], true);
    let shown = place.run(["history"]).await;
    assert!(shown.code == 0 && shown.stdout.contains("3/3"), "{shown:?}");
    let shown = receipt(&place, "text").await;
    assert!(shown.code == 0 && shown.stdout.contains("3 dropped = 3 uploaded"), "{shown:?}");
    assert!(shown.stdout.contains("delete the local files: yes"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_of_a_receipt_are_those_of_the_files() {
    let place = put().await;
    let sums = receipt(&place, "sha256sum").await;
    assert_eq!(sums.stdout.lines().count(), 3, "{sums:?}");
    let list = place.write("sums", sums.stdout.as_bytes());
    let checked = |list: &Path| {
        Command::new("sha256sum").arg("--check").arg("--strict").arg(list).output().expect("runs")
    };
    let check = checked(&list);
    assert!(check.status.success(), "{check:?}");
    place.write("d/c.txt", b"another");
    assert!(!checked(&list).status.success(), "another file agrees as well");
    assert_eq!(receipt(&place, "md5sum").await.stdout, "", "no MD5 was computed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_and_json_tell_each_file() {
    let place = put().await;
    let json = receipt(&place, "json").await;
    let lines: Vec<Value> =
        json.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["verified"]), (4, &3.into()), "the batch, and its files");
    for file in &lines[1..] {
        let key = file["key"].as_str().expect("a key");
        let object = place.sandbox.object(BUCKET, key).expect("is there");
        assert_eq!(file["crc64"], object.crc64.to_string(), "{key}");
        assert!(file["requestId"].is_string() && file["finished"].is_string(), "{file}");
    }
    // Python reads the table as it was meant.
    let table = place.write("table.csv", receipt(&place, "csv").await.stdout.as_bytes());
    let script = "import csv, sys; print([row['source'].rsplit('/', 1)[1] for row in csv.DictReader(open(sys.argv[1], newline=''))])";
    let read = Command::new("python3").args(["-c", script]).arg(table).output().expect("runs");
    let names = String::from_utf8_lossy(&read.stdout);
    assert!(names.contains("'a, \"b\".txt'") && names.contains("c.txt"), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_is_not_safe_to_delete() {
    let place = Place::new().await;
    place.write("d/a.txt", b"one");
    place.put_all(&[&place.path("d/a.txt")], &destination(), &[]).await.assert_verified(1);
    place.write("e/a.txt", b"another");
    let skipped =
        place.put_all(&[&place.path("e/a.txt")], &destination(), &["--existing", "skip"]).await;
    assert_eq!(skipped.summary()["skipped"], 1, "{skipped:?}");
    let history = newest(&place).await;
    assert_eq!((&history["leftOut"], &history["safeToDelete"]), (&1.into(), &false.into()));
    let shown = place.run(["receipt", &history["batch"].to_string()]).await;
    assert!(shown.code == 1 && shown.stdout.contains("files: no"), "{shown:?}");
    let unknown = place.run(["receipt", "999"]).await;
    assert!(unknown.code == 1 && unknown.stderr.contains("999"), "{unknown:?}");
    assert_eq!(place.run(["receipt", "one"]).await.code, 2);
}
