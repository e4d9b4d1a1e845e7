//! Links for others: fetched by curl, which knows nothing of Ferry.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ferry_model::ObjectHeader;
use ferry_storage::{ObjectOptions, ObjectStore as _, SystemClock, sign_again};
use support::ferry::Place;
use support::stores::KEY_ID;
use tokio::process::Command;

use crate::habits::Key;
use crate::names::KEYS;
use crate::{Ground, payload};

const HOUR: Duration = Duration::from_secs(3600);

/// What curl got: the status, the Content-Type, the body.
async fn fetch(url: &str, into: &Path) -> (String, String, Vec<u8>) {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--show-error",
        "--globoff",
        "--path-as-is",
        "--noproxy",
        "*",
        "--max-time",
        "30",
    ]);
    command.args(["--write-out", "%{http_code} %{content_type}", "--output"]).arg(into).arg(url);
    let output =
        command.output().await.expect("curl runs: `cargo xtask test` installs what the tests take");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let (status, kind) = told.split_once(' ').expect("as asked for");
    (status.to_owned(), kind.to_owned(), std::fs::read(into).unwrap_or_default())
}

pub(crate) async fn links_give_the_object_by_any_name(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let place = Place::new().await;
    let into = place.path("fetched");
    let options = ObjectOptions {
        headers: [(ObjectHeader::ContentType, "image/x-test; a=b")].into(),
        ..ObjectOptions::default()
    };
    let path_like = ground
        .habits
        .path_like
        .iter()
        .filter(|(_, treatment)| !matches!(treatment, Key::Refused(_)))
        .map(|(key, _)| key);
    for key in KEYS.iter().chain(path_like) {
        let bytes = format!("the bytes of {key}");
        ferry
            .put_object(key, &options, payload(bytes.as_bytes()))
            .await
            .unwrap_or_else(|error| panic!("{key:?}: {error:?}"));
        let url = ferry.presign_get(key, HOUR).expect("signs");
        let got = fetch(&url, &into).await;
        assert_eq!(
            got,
            ("200".into(), "image/x-test; a=b".into(), bytes.into_bytes()),
            "{key:?}: {url}"
        );
    }
}

pub(crate) async fn links_end_and_cannot_be_changed(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let place = Place::new().await;
    let into = place.path("fetched");
    for key in ["照片 1.jpg", "other.jpg"] {
        ferry
            .put_object(key, &ObjectOptions::default(), payload(key.as_bytes()))
            .await
            .expect("stores");
    }
    let url = ferry.presign_get("照片 1.jpg", HOUR).expect("signs");
    let week = ferry.presign_get("照片 1.jpg", 168 * HOUR).expect("signs");
    // The clock of this computer is off: what the store's answers taught holds for links as well.
    let late = ground.ferry_at(-7200);
    assert!(sign_again(|| late.head("照片 1.jpg")).await.expect("answers").is_some());
    let late = late.presign_get("照片 1.jpg", HOUR).expect("signs");
    for url in [&url, &week, &late] {
        assert_eq!(
            fetch(url, &into).await,
            ("200".into(), "image/jpeg".into(), "照片 1.jpg".into()),
            "{url}"
        );
    }

    let stranger = ground.store.bucket_with(ground.bucket, KEY_ID, "wrong", Arc::new(SystemClock));
    let (start, signature) = url.rsplit_once('=').expect("the signature comes last");
    let other_digit = if signature.starts_with('0') { "1" } else { "0" };
    for (what, url, status) in [
        ("expired", ground.ferry_at(-7200).presign_get("照片 1.jpg", HOUR).expect("signs"), "403"),
        ("another key", url.replace("%E7%85%A7%E7%89%87%201.jpg", "other.jpg"), "403"),
        ("a longer life", url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"), "403"),
        ("another signature", format!("{start}={other_digit}{}", &signature[1..]), "403"),
        ("one more parameter", url.replace("?", "?response-content-type=text%2Fhtml&"), "403"),
        ("a wrong secret", stranger.presign_get("照片 1.jpg", HOUR).expect("signs"), "403"),
        ("no signature", ferry.object_url("照片 1.jpg"), "403"),
        ("no such object", ferry.presign_get("照片 2.jpg", HOUR).expect("signs"), "404"),
    ] {
        let (got, _, body) = fetch(&url, &into).await;
        assert_eq!(got, status, "{what}: {url}");
        assert!(String::from_utf8_lossy(&body).contains("<Error>"), "{what}: {url}");
    }

    let public = ObjectOptions { acl: Some("public-read".into()), ..ObjectOptions::default() };
    ferry.put_object("公 +%.txt", &public, payload(b"for all")).await.expect("stores");
    let expected = if ground.habits.public_means_public { "200" } else { "403" };
    let (status, _, body) = fetch(&ferry.object_url("公 +%.txt"), &into).await;
    assert_eq!(
        (status.as_str(), body == b"for all"),
        (expected, ground.habits.public_means_public)
    );
}
