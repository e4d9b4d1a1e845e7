//! Links to what was uploaded: fetched with curl, byte for byte, whatever the name; written as
//! asked for; ending when they say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use ferry_sandbox::{Operation, SignatureKind, Verification};
use support::ferry::{BUCKET, Place, Ran, without_keys};
use tokio::process::Command;

const NAMES: &[&str] = &[
    "照片 2026.jpg",
    "a b+c.txt",
    "100%25.txt",
    "e&f=g;h.txt",
    "#hash?.txt",
    "quo'te\".txt",
    "[x](y)_*`.md",
    "<b>.html",
    "😀🚢.png",
    "~!$(),:@^{}|",
];

/// Writes a file of each name into one folder; its content is its name and some.
fn files(place: &Place) -> (PathBuf, BTreeMap<String, Vec<u8>>) {
    let written = NAMES.iter().map(|name| {
        let bytes = format!("{name}: \0\r\n{name}").into_bytes();
        place.write(format!("odd/{name}"), &bytes);
        ((*name).to_owned(), bytes)
    });
    let written = written.collect();
    (place.path("odd"), written)
}

/// What curl gets; the status if that is none of 2xx.
async fn fetched(url: &str) -> Result<Vec<u8>, u16> {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--globoff",
        "--path-as-is",
        "--noproxy",
        "*",
        "--max-time",
        "30",
    ]);
    let output = curl
        .args(["--write-out", "%{stderr}%{http_code}", "--", url])
        .output()
        .await
        .expect("curl runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let status: u16 = told.trim().parse().unwrap_or_else(|_| panic!("{url}: {told}"));
    if (200..300).contains(&status) { Ok(output.stdout) } else { Err(status) }
}

/// Name and address of each link.
fn links(ran: &Ran) -> Vec<(String, String)> {
    assert_eq!(ran.code, 0, "{ran:#?}");
    let lines =
        ran.stdout.lines().map(|line| line.split_once('\t').unwrap_or_else(|| panic!("{line}")));
    lines.map(|(name, url)| (name.to_owned(), url.to_owned())).collect()
}

async fn assert_fetched(ran: &Ran, files: &BTreeMap<String, Vec<u8>>) {
    let links = links(ran);
    assert_eq!(links.len(), files.len(), "{ran:#?}");
    for (name, url) in links {
        assert_eq!(fetched(&url).await.as_ref(), Ok(&files[&name]), "{url}");
    }
}

const NAMED: &str = "{name}\t{url}";

#[tokio::test(flavor = "multi_thread")]
async fn signed_links_work_for_whoever_has_them_until_they_end() {
    for (scheme, options, kind) in [
        ("oss", &["--sign", "v4"][..], SignatureKind::OssV4Presigned),
        ("oss", &["--sign", "v1"], SignatureKind::OssV1Presigned),
        ("s3", &[], SignatureKind::S3V4Presigned),
    ] {
        let place = Place::new().await;
        let (folder, files) = files(&place);
        place
            .put_all(&[&folder], &format!("{scheme}://{BUCKET}/前 缀/"), options)
            .await
            .assert_verified(files.len() as u64);
        place.sandbox.ledger().clear();
        let ran = place.run(["link", "--all", "--expires", "7d", "--format", NAMED]).await;
        assert_fetched(&ran, &files).await;
        assert!(ran.stderr.contains("The links end 20"), "{ran:#?}");
        let read = place.sandbox.ledger().of(Operation::GetObject);
        assert!(
            read.iter().all(|entry| entry.signature == kind),
            "{scheme} {options:?}: {read:#?}"
        );

        let (_, url) = links(&ran).swap_remove(0);
        let bare = url.split_once('?').expect("a query").0;
        assert_eq!(fetched(bare).await, Err(403), "without its signature");
        let week = 7 * 24 * 3600;
        place.sandbox.set_clock_offset(week - 300);
        assert!(fetched(&url).await.is_ok(), "{url}: five minutes before its end");
        place.sandbox.set_clock_offset(week + 300);
        assert_eq!(fetched(&url).await, Err(403), "{url}: five minutes after its end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_within_a_week() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    place.put_all(&[&file], &format!("oss://{BUCKET}/"), &[]).await.assert_verified(1);
    for (time, seconds) in
        [("", 86_400), ("1s", 1), ("30m", 1_800), ("12h", 43_200), ("3600", 3_600), ("7d", 604_800)]
    {
        let mut arguments = vec!["link", "--all", "--json"];
        arguments.extend(Some(["--expires", time]).filter(|_| !time.is_empty()).iter().flatten());
        let ran = place.run(&arguments).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let told: serde_json::Value = serde_json::from_str(ran.stdout.trim()).expect("JSON");
        let url = told["text"].as_str().expect("text");
        assert!(
            url.contains(&format!("x-oss-expires={seconds}&"))
                || url.ends_with(&format!("x-oss-expires={seconds}")),
            "{time}: {url}"
        );
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        let ends = told["ends_ms"].as_i64().expect("a time");
        let wanted = i64::try_from(now).expect("fits") + seconds * 1_000;
        assert!((wanted - 60_000..=wanted).contains(&ends), "{time}: {told}");
    }
    for wrong in ["8d", "604801", "0", "soon"] {
        let ran = place.run(["link", "--all", "--expires", wrong]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{wrong}: {ran:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_links_are_plain_and_need_no_key() {
    for scheme in ["oss", "s3"] {
        let place = Place::with(|config| {
            config.verification = Verification::Off;
            config.cnames.insert("static.localhost".to_owned(), BUCKET.to_owned());
        })
        .await;
        let (folder, files) = files(&place);
        let domain = format!("http://static.localhost:{}", place.sandbox.addr().port());
        let added = place
            .add_profile("site", scheme, &["--keys", "environment", "--link-domain", &domain])
            .await;
        assert_eq!(added.code, 0, "{added:#?}");
        let destination = format!("{scheme}://{BUCKET}/站/");
        let mut with_domain = place.ferry();
        with_domain.arg("put").arg(&folder).args([&destination, "--profile", "site", "--json"]);
        for (put, host) in [
            (place.put(&[&folder], &destination, &[]), place.sandbox.endpoint()),
            (with_domain, domain),
        ] {
            let ran = Ran::of(put).await;
            ran.assert_verified(files.len() as u64);
            let mut link = place.ferry();
            link.args(["link", "--all", "--public", "--format", NAMED]);
            without_keys(&mut link);
            let ran = Ran::of(link).await;
            let ours: Vec<(String, String)> =
                links(&ran).into_iter().filter(|(_, url)| url.starts_with(&host)).collect();
            assert_eq!(ours.len(), files.len(), "{host}: {ran:#?}");
            for (name, url) in ours {
                assert!(!url.contains('?'), "{url}");
                assert_eq!(fetched(&url).await.as_ref(), Ok(&files[&name]), "{url}");
            }
            assert_eq!(ran.stderr, "", "a public link does not end");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_written_as_asked_for() {
    let place = Place::new().await;
    let folder = place.path("w");
    place.write("w/a [1].txt", b"12345");
    place.write("w/图 <1>.png", b"123");
    place.put_all(&[&folder], &format!("oss://{BUCKET}/x/"), &[]).await.assert_verified(2);
    let at = |key: &str| format!("{}/{BUCKET}/x/w/{key}", place.sandbox.endpoint());
    let (text, image) = (at("a%20%5B1%5D.txt"), at("%E5%9B%BE%20%3C1%3E.png"));
    for (format, expected) in [
        ("url", vec![text.clone(), image.clone()]),
        ("markdown", vec![format!(r"[a \[1\].txt]({text})"), format!(r"![图 \<1>.png]({image})")]),
        (
            "html",
            vec![
                format!(r#"<a href="{text}">a [1].txt</a>"#),
                format!(r#"<img src="{image}" alt="图 &lt;1&gt;.png">"#),
            ],
        ),
        (
            "{key} {size} {bucket} {url}",
            vec![
                format!("x/w/a [1].txt 5 {BUCKET} {text}"),
                format!("x/w/图 <1>.png 3 {BUCKET} {image}"),
            ],
        ),
    ] {
        let ran = place.run(["link", "--all", "--public", "--format", format]).await;
        let mut lines: Vec<&str> = ran.stdout.lines().collect();
        let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        lines.sort_unstable();
        expected.sort_unstable();
        assert_eq!(lines, expected, "{format}");
    }
    let none = place.run(["link", "--all", "--public", "--format", "jpeg"]).await;
    assert_eq!(none.code, 2, "{none:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_verified_is_left_out_and_said() {
    let place = Place::new().await;
    let nothing = place.run(["link", "--all"]).await;
    assert!(nothing.code == 1 && nothing.stderr.contains("No verified transfer"), "{nothing:#?}");
    let (there, missing) = (place.write("a.txt", b"a"), place.path("missing.txt"));
    assert_eq!(place.put_all(&[&there, &missing], &format!("oss://{BUCKET}/"), &[]).await.code, 1);
    let rows = place.run(["queue", "--json"]).await;
    let ids: Vec<String> = rows
        .stdout
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["id"].to_string()
        })
        .collect();
    let both = place.run(["link", &ids[0], &ids[1]]).await;
    assert_eq!((both.code, both.stdout.lines().count()), (1, 1), "{both:#?}");
    assert!(both.stderr.contains("1 left out"), "{both:#?}");
    let all = place.run(["link", "--all"]).await;
    assert_eq!((all.code, all.stdout.lines().count()), (0, 1), "{all:#?}");
    let unknown = place.run(["link", "999"]).await;
    assert!(unknown.code == 1 && unknown.stderr.contains("999"), "{unknown:#?}");
    let mut keyless = place.ferry();
    keyless.args(["link", "--all"]);
    without_keys(&mut keyless);
    let keyless = Ran::of(keyless).await;
    assert!(
        keyless.code == 1 && keyless.stdout.is_empty() && keyless.stderr.contains("No AccessKey"),
        "{keyless:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_part_of_the_link() {
    for (scheme, sign, parameter) in [
        ("oss", "v4", "x-oss-security-token="),
        ("oss", "v1", "security-token="),
        ("s3", "v4", "X-Amz-Security-Token="),
    ] {
        let place = Place::with(|config| {
            let key = config.credentials[0].clone();
            config.credentials = vec![key.with_token("to/ken+==")];
        })
        .await;
        let (folder, files) = files(&place);
        let with_token = |mut command: Command| {
            command.env("OSS_SESSION_TOKEN", "to/ken+==").env("AWS_SESSION_TOKEN", "to/ken+==");
            Ran::of(command)
        };
        let ran =
            with_token(place.put(&[&folder], &format!("{scheme}://{BUCKET}/"), &["--sign", sign]))
                .await;
        ran.assert_verified(files.len() as u64);
        let mut link = place.ferry();
        link.args(["link", "--all", "--format", NAMED]);
        let ran = with_token(link).await;
        assert!(links(&ran).iter().all(|(_, url)| url.contains(parameter)), "{ran:#?}");
        assert_fetched(&ran, &files).await;
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_first_ends_the_link() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let ends = (SystemTime::now() + std::time::Duration::from_secs(3_600))
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let (id, secret) = (&place.key.access_key_id, &place.key.access_key_secret);
    let answer =
        serde_json::json!({ "AccessKeyId": id, "AccessKeySecret": secret, "Expiration": ends });
    let command =
        format!("cat '{}'", place.write("key.json", answer.to_string().as_bytes()).display());
    let added = place.add_profile("keys", "oss", &["--key-command", &command]).await;
    assert_eq!(added.code, 0, "{added:#?}");
    Ran::of(place.put_with_profile("keys", &[&file], &format!("oss://{BUCKET}/"), &[]))
        .await
        .assert_verified(1);
    for (time, too_early) in [("1d", true), ("30m", false)] {
        let mut link = place.ferry();
        link.args(["link", "--all", "--json", "--expires", time]);
        without_keys(&mut link);
        let ran = Ran::of(link).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let told: serde_json::Value = serde_json::from_str(ran.stdout.trim()).expect("JSON");
        assert_eq!(told["ends_ms"] == serde_json::json!(ends * 1_000), too_early, "{told}");
        assert_eq!(ran.stderr.contains("ends before the link"), too_early, "{ran:#?}");
        assert_eq!(fetched(told["text"].as_str().expect("text")).await.as_deref(), Ok(&b"a"[..]));
    }
}
