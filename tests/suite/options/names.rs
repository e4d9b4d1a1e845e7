//! How objects are named: by templates, in a form of Unicode, each once.

use std::path::Path;

use support::ferry::{BUCKET, Place, Ran};

use crate::{put, sha256sum};

/// What Python prints: the test's own calendar and database.
fn python(script: &str, arguments: &[&Path]) -> String {
    let output = std::process::Command::new("python3")
        .arg("-c")
        .arg(script)
        .args(arguments)
        .output()
        .expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

const TODAY: &str = "import time; print(time.strftime('%Y/%m/%d'))";

#[tokio::test(flavor = "multi_thread")]
async fn keys_follow_the_template() {
    let place = Place::new().await;
    place.write("album/x/photo.tar.gz", b"photo");
    place.write("album/.env", b"env");
    place.write("album/e\u{301}te\u{301}.txt", b"summer");
    let digest = sha256sum(&place.path("album/x/photo.tar.gz")).await;
    let destination = format!("oss://{BUCKET}/in/");
    let before = python(TODAY, &[]);
    let keys = async |template: &str| {
        let ran = place
            .put_all(&[&place.path("album")], &destination, &["--key-template", template])
            .await;
        ran.assert_verified(3);
        let rows = place.run(["queue", "--json", "--state", "done"]).await;
        let rows = rows
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        let all: Vec<String> =
            rows.map(|row| row["destination"].as_str().expect("text").to_owned()).collect();
        let mut last: Vec<String> = all[all.len() - 3..]
            .iter()
            .map(|key| key.replacen(&format!("oss://{BUCKET}/"), "", 1))
            .collect();
        last.sort();
        last
    };
    assert_eq!(
        keys("{prefix}{dir}{name}").await,
        ["in/album/.env", "in/album/x/photo.tar.gz", "in/album/été.txt"]
    );
    assert_eq!(
        keys("{stem}~{hash8}{ext}").await[2],
        "été~".to_owned()
            + &sha256sum(&place.path("album/e\u{301}te\u{301}.txt")).await[..8]
            + ".txt"
    );
    assert!(keys("h/{hash8}-{name}").await.contains(&format!("h/{}-photo.tar.gz", &digest[..8])));
    let dated = keys("{prefix}{yyyy}/{mm}/{dd}/{{{name}}}").await;
    let after = python(TODAY, &[]);
    assert!(
        [before, after].iter().any(|day| dated.contains(&format!("in/{day}/{{photo.tar.gz}}"))),
        "{dated:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_may_take_names_as_they_are() {
    let place = Place::new().await;
    let file = place.write("e\u{301}.txt", b"e");
    let added = place
        .add_profile(
            "raw",
            "oss",
            &["--keys", "environment", "--key-form", "as-is", "--key-template", "{name}"],
        )
        .await;
    assert_eq!(added.code, 0, "{added:#?}");
    let mut put = place.ferry();
    put.arg("put").arg(&file).args([
        &format!("oss://{BUCKET}/ignored/"),
        "--profile",
        "raw",
        "--json",
    ]);
    Ran::of(put).await.assert_verified(1);
    assert!(
        place.sandbox.object(BUCKET, "e\u{301}.txt").is_some(),
        "{:?}",
        place.sandbox.objects(BUCKET)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_of_one_key_are_told_and_neither_is_overwritten() {
    let place = Place::new().await;
    let files = [place.write("one/a.txt", b"first"), place.write("two/a.md", b"second")];
    for policy in ["overwrite", "ask", "skip-identical"] {
        let destination = format!("oss://{BUCKET}/{policy}/");
        let ran = put(
            &place,
            &files,
            &destination,
            &["--key-template", "{prefix}{stem}", "--existing", policy],
        )
        .await;
        assert_eq!((ran.code, ran.number("verified"), ran.number("failed")), (1, 1, 1), "{ran:#?}");
        assert_eq!(ran.unfinished()[0]["fault"]["kind"], "keyCollision", "{ran:#?}");
        let object = place.sandbox.object(BUCKET, &format!("{policy}/a")).expect("is there");
        assert_eq!((object.versions, object.size), (1, 5), "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_of_days_ago_keeps_its_day() {
    let place = Place::new().await;
    let (there, later) = (place.write("a.txt", b"a"), place.path("b.txt"));
    let destination = format!("oss://{BUCKET}/");
    let template = ["--key-template", "{yyyy}/{mm}/{dd}/{name}"];
    // A file that is missing keeps the put open.
    assert_eq!(place.put_all(&[&there, &later], &destination, &template).await.code, 1);
    let three_days_ago = r"
import glob, os, sqlite3, sys, time
for path in glob.glob(sys.argv[1] + '/**/*', recursive=True):
    if os.path.isfile(path) and open(path, 'rb').read(15) == b'SQLite format 3':
        with sqlite3.connect(path) as database:
            row = database.execute('UPDATE batches SET created_ms = created_ms - 3 * 86400000 RETURNING created_ms').fetchone()
            print(time.strftime('%Y/%m/%d', time.localtime(row[0] / 1000)))
";
    let day = python(three_days_ago, &[&place.path("data")]);
    assert_eq!(day.len(), 10, "{day}");
    std::fs::write(&later, b"b").expect("writes");
    assert_eq!(place.put_all(&[&there, &later], &destination, &template).await.code, 0);
    assert!(
        place.sandbox.object(BUCKET, &format!("{day}/b.txt")).is_some(),
        "{day}: {:?}",
        place.sandbox.objects(BUCKET)
    );
}
