//! `ferry history` and `ferry receipt`: what became of a put, checked by programs that are not ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ferry_model::profile::PlainHttp;
use ferry_model::{Addressing, Credentials, Provider, Secret, SignVersion};
use ferry_sandbox::{Action, Rule, Versioning};
use ferry_storage::{HttpClient, HttpOptions, ObjectStore as _, Store, StoreConfig, SystemClock};
use serde_json::Value;
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::python::venv;

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
        assert_eq!(file["verifiedBy"], "crc64", "{file}");
        assert!(file["tookMs"].as_i64().is_some_and(|took| took >= 0), "{file}");
    }
    // Python reads the table as it was meant.
    let table = place.write("table.csv", receipt(&place, "csv").await.stdout.as_bytes());
    let script = "import csv, sys; print([row['source'].rsplit('/', 1)[1] + ' ' + row['verified_by'] for row in csv.DictReader(open(sys.argv[1], newline=''))])";
    let read = Command::new("python3").args(["-c", script]).arg(table).output().expect("runs");
    let names = String::from_utf8_lossy(&read.stdout);
    assert!(names.contains("'a, \"b\".txt crc64'") && names.contains("c.txt crc64"), "{read:?}");
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

/// A put of a folder with another one in it.
async fn put_folder(options: &[&str]) -> Place {
    let place = Place::new().await;
    for (name, text) in
        [("a <1> & co.mov", "one"), ("sub/\u{7167}\u{7247}.mov", "two"), ("sub/c.mov", "three")]
    {
        place.write(format!("card/{name}"), text.as_bytes());
    }
    place.put_all(&[&place.path("card")], &destination(), options).await.assert_verified(3);
    place
}

/// The receipt as a Media Hash List, in a file beside the files that it lists.
async fn media_hash_list(place: &Place, options: &[&str]) -> (Ran, PathBuf) {
    let batch = newest(place).await["batch"].to_string();
    let ran = place.run(["receipt", &batch, "--format", "mhl"].iter().chain(options)).await;
    let list = place.write("card.mhl", ran.stdout.as_bytes());
    (ran, list)
}

/// The tools of those who made the format, and a second reader's copy of its schema.
fn ascmhl(program: &str, arguments: &[&Path]) -> Output {
    let python = venv(&["ascmhl==1.2", "mhl-suite==1.3.1", "setuptools==80.9.0"]);
    let folder = python.parent().expect("it is in a folder");
    let mut command = Command::new(folder.join("ascmhl-debug"));
    command.arg(program).args(arguments);
    if program == "xsd-schema-check" {
        let schema = "import mhl_suite; print(mhl_suite.__path__[0] + '/xsd/ASCMHL.xsd')";
        let found = Command::new(&python).args(["-c", schema]).output().expect("runs");
        let found = String::from_utf8(found.stdout).expect("a path");
        command.arg("-xsd").arg(found.trim());
    }
    command.output().expect("runs")
}

/// Whether the independent tool finds each listed file as it is listed, and no other.
fn verifies(place: &Place, list: &Path) -> (bool, String) {
    let checked = ascmhl("verify", &[Path::new("-v"), Path::new("-pl"), list, &place.path("card")]);
    let said = [checked.stdout, checked.stderr].concat();
    (checked.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_media_hash_list_of_a_strict_put_is_verified_by_another_tool() {
    let place = put_folder(&["--integrity", "strict"]).await;
    let (ran, list) = media_hash_list(&place, &[]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains(&format!("below {}", place.path("card").display())), "{ran:?}");
    let schema = ascmhl("xsd-schema-check", &[&list]);
    assert!(schema.status.success(), "{schema:?}");
    let (agrees, said) = verifies(&place, &list);
    assert!(agrees, "{said}");
    assert_eq!(said.matches("verification (md5) of file").count(), 3, "{said}");
    place.write("card/sub/c.mov", b"other");
    let (agrees, said) = verifies(&place, &list);
    assert!(!agrees && said.contains("c.mov"), "another file agrees as well: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_digests_a_list_says_so_and_reads_the_files_if_asked() {
    let place = put_folder(&[]).await;
    let (ran, list) = media_hash_list(&place, &[]).await;
    assert_eq!((ran.code, ran.stdout.matches("<hash>").count()), (1, 0), "{ran:?}");
    assert!(ran.stderr.contains("3 uploaded files are not in the list. --read-files"), "{ran:?}");
    assert!(ascmhl("xsd-schema-check", &[&list]).status.success(), "{ran:?}");
    let (ran, list) = media_hash_list(&place, &["--read-files"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let (agrees, said) = verifies(&place, &list);
    assert!(agrees, "{said}");
    // What is no longer what was uploaded is in no list, though its size is the same.
    place.write("card/sub/c.mov", b"other");
    let (ran, _) = media_hash_list(&place, &["--read-files"]).await;
    assert_eq!((ran.code, ran.stdout.matches("<hash>").count()), (1, 2), "{ran:?}");
    assert!(ran.stderr.contains("c.mov: it has changed since it was uploaded"), "{ran:?}");
    let batch = newest(&place).await["batch"].to_string();
    let sums = ["receipt", &batch, "--format", "sha256sum", "--read-files"];
    let sums = place.run(sums).await;
    assert_eq!((sums.code, sums.stdout.lines().count()), (1, 2), "{sums:?}");
    let list = place.write("sums", sums.stdout.as_bytes());
    let check = Command::new("sha256sum").arg("--check").arg("--strict").arg(list).output();
    assert!(check.as_ref().is_ok_and(|check| check.status.success()), "{check:?}");
    let refused = place.run(["receipt", &batch, "--format", "csv", "--read-files"]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
}

/// A client of the store beside Ferry.
fn client(place: &Place) -> Store {
    let config = StoreConfig {
        provider: Provider::Oss,
        endpoint: place.sandbox.endpoint(),
        region: REGION.to_owned(),
        bucket: BUCKET.to_owned(),
        addressing: Addressing::Path,
        sign: SignVersion::V4,
        plain_http: PlainHttp::Refuse,
    };
    let credentials = Credentials {
        access_key_id: place.key.access_key_id.clone(),
        access_key_secret: Secret::new(place.key.access_key_secret.clone()),
        security_token: None,
        expires_ms: None,
    };
    let http = HttpClient::new(HttpOptions::default());
    Store::new(http, &config, credentials, Arc::new(SystemClock)).expect("a client")
}

async fn verified_again(place: &Place, batch: &str, options: &[&str]) -> Ran {
    place.run(["receipt", batch, "--verify"].iter().chain(options)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_again_tells_what_is_gone_and_what_differs() {
    let place = Place::with(|config| config.versioning = Versioning::Enabled).await;
    for name in ["gone", "other", "same bytes", "same"] {
        place.write(format!("d/{name}"), name.as_bytes());
    }
    place.put_all(&[&place.path("d")], &destination(), &[]).await.assert_verified(4);
    let batch = newest(&place).await["batch"].to_string();
    let ran = verified_again(&place, &batch, &[]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("4 asked for = 4 still what was verified"), "{ran:?}");
    assert!(ran.stdout.contains("delete the local files: yes"), "{ran:?}");

    client(&place).delete_object("in/d/gone", None).await.expect("deletes");
    for (name, text) in [("other", "again"), ("same bytes", "same bytes")] {
        place.write(format!("e/{name}"), text.as_bytes());
        let (path, to) = (place.path(format!("e/{name}")), format!("oss://{BUCKET}/in/d/"));
        place.put_all(&[&path], &to, &["--existing", "overwrite"]).await.assert_verified(1);
    }
    let ran = verified_again(&place, &batch, &[]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let line = |name: &str| {
        let key = format!("/in/d/{name}: ");
        ran.stdout.lines().find(|line| line.contains(&key)).unwrap_or_default().to_owned()
    };
    assert!(line("gone").contains("No longer there."), "{ran:?}");
    assert!(line("other").contains("Other content is there now. ["), "{ran:?}");
    assert!(line("same bytes").contains("in another version. [version "), "{ran:?}");
    assert_eq!(line("same"), "", "{ran:?}");
    assert!(ran.stdout.contains("files: no, because 1 has other content"), "{ran:?}");

    let ran = verified_again(&place, &batch, &["--format", "json"]).await;
    let summary = ran.summary();
    let counts = ["asked", "same", "otherVersion", "differs", "gone", "unproven", "unanswered"];
    let counts: Vec<u64> = counts.map(|name| summary[name].as_u64().expect("a number")).to_vec();
    assert_eq!((ran.code, counts), (1, vec![4, 1, 1, 1, 1, 0, 0]), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 4, "a line for each that differs, and the sums");
    assert_eq!(verified_again(&place, &batch, &["--format", "csv"]).await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_again_waits_while_the_store_is_away() {
    let place = Place::new().await;
    for number in 0..8 {
        place.write(format!("d/{number}"), b"on the store");
    }
    place.put_all(&[&place.path("d")], &destination(), &[]).await.assert_verified(8);
    let batch = newest(&place).await["batch"].to_string();
    place.sandbox.faults().add(Rule::any().times(12), Action::Reset);
    let ran = verified_again(&place, &batch, &[]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("Waiting until it works again."), "{ran:?}");
    assert!(ran.stdout.contains("8 asked for = 8 still what was verified"), "{ran:?}");
    // A key that is refused ends it at once.
    let status = Action::Status { status: 403, code: "InvalidAccessKeyId".into() };
    place.sandbox.faults().add(Rule::any(), status);
    let ran = verified_again(&place, &batch, &[]).await;
    assert!(ran.code == 1 && ran.stderr.contains("AccessKey"), "{ran:?}");
}
