//! What objects are told to be: each option goes on the request that takes it, arrives, and is
//! checked before anything is sent.

#[path = "options/names.rs"]
mod names;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use ferry_sandbox::{ChecksumPolicy, Entry, Operation};
use serde_json::json;
use support::application::Application;
use support::ferry::{BUCKET, Place, Ran};
use support::read_back::{Reader, assert_options};

const MIB: usize = 1024 * 1024;

/// A file for one request and one for two parts.
fn files(place: &Place) -> [PathBuf; 2] {
    let mut bytes = vec![0u8; 6 * MIB];
    fastrand::Rng::with_seed(11).fill(&mut bytes);
    [place.write("small.txt", b"small"), place.write("large.bin", &bytes)]
}

async fn put(place: &Place, paths: &[PathBuf], destination: &str, options: &[&str]) -> Ran {
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    place.put_all(&paths, destination, &[&["--part-size", "5MiB"], options].concat()).await
}

/// The digest by a program that is not ours.
async fn sha256sum(path: &Path) -> String {
    let output = tokio::process::Command::new("sha256sum")
        .arg("--")
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("sha256sum runs");
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .next()
        .expect("a digest")
        .trim_start_matches('\\')
        .to_owned()
}

/// Asserts that a header stood on all requests of these operations, with this value, and on no
/// others.
fn assert_on(entries: &[Entry], operations: &[Operation], header: &str, value: &str) {
    for entry in entries {
        let expected = operations.contains(&entry.operation).then_some(value);
        assert_eq!(
            entry.header(header),
            expected,
            "{header} on {:?} of {:?}",
            entry.operation,
            entry.key
        );
    }
}

const CREATION: &[Operation] = &[Operation::PutObject, Operation::Initiate];
const END: &[Operation] = &[Operation::PutObject, Operation::Complete];
const BODIES: &[Operation] = &[Operation::PutObject, Operation::UploadPart];

/// Requests that make objects.
fn writing(place: &Place) -> Vec<Entry> {
    let kinds =
        [Operation::PutObject, Operation::Initiate, Operation::UploadPart, Operation::Complete];
    place
        .sandbox
        .ledger()
        .entries()
        .into_iter()
        .filter(|entry| kinds.contains(&entry.operation))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_an_oss_object_arrives() {
    let place = Place::new().await;
    let application = Application::start(200, "{}").await;
    let files = files(&place);
    #[rustfmt::skip]
    let options = [
        "--storage-class", "IA", "--acl", "public-read", "--encryption", "kms", "--kms-key-id", "key-1", "--content-type", "text/x-odd",
        "--cache-control", "max-age=60", "--content-disposition", "attachment; filename=\"a b.txt\"",
        "--content-encoding", "identity", "--meta", "Author=照片",
        "--meta", "formula=a=b", "--tag", "project=a b/c", "--tag", "empty=", "--sha256", "--traffic-limit", "20MiB/s",
        "--callback-url", &application.url, "--callback-body", "key=${object}&who=${x:who}", "--callback-var", "x:who=al ice",
    ];
    put(&place, &files, &format!("oss://{BUCKET}/p/"), &options).await.assert_verified(2);
    let entries = writing(&place);
    assert_eq!(entries.len(), 1 + 1 + 2 + 1, "{entries:#?}");
    for (operations, header, value) in [
        (CREATION, "x-oss-storage-class", "IA"),
        (CREATION, "x-oss-server-side-encryption", "KMS"),
        (CREATION, "x-oss-server-side-encryption-key-id", "key-1"),
        (CREATION, "cache-control", "max-age=60"),
        (CREATION, "content-disposition", "attachment; filename=\"a b.txt\""),
        (CREATION, "content-encoding", "identity"),
        (CREATION, "x-oss-meta-author", "%E7%85%A7%E7%89%87"),
        (CREATION, "x-oss-meta-formula", "a=b"),
        (CREATION, "x-oss-tagging", "project=a%20b%2Fc&empty="),
        (END, "x-oss-object-acl", "public-read"),
        (BODIES, "x-oss-traffic-limit", "167772160"),
    ] {
        assert_on(&entries, operations, header, value);
    }
    for entry in &entries {
        assert_eq!(entry.misplaced, Vec::<String>::new(), "{entry:#?}");
        assert_eq!(
            entry.has_header("x-oss-callback"),
            END.contains(&entry.operation),
            "{entry:#?}"
        );
        assert_eq!(
            entry.has_header("x-oss-callback-var"),
            END.contains(&entry.operation),
            "{entry:#?}"
        );
        assert_eq!(entry.traffic_limit.is_some(), BODIES.contains(&entry.operation), "{entry:#?}");
        if CREATION.contains(&entry.operation) {
            assert_eq!(entry.header("content-type"), Some("text/x-odd"), "{entry:#?}");
        }
    }
    let mut expected = Vec::new();
    for (key, file) in [("p/small.txt", &files[0]), ("p/large.bin", &files[1])] {
        let digest = sha256sum(file).await;
        expected.push((
            key,
            json!({ "storageClass": "IA", "acl": "public-read", "encryption": "KMS", "kmsKeyId": "key-1", "contentType": "text/x-odd",
                "cacheControl": "max-age=60", "contentDisposition": "attachment; filename=\"a b.txt\"", "contentEncoding": "identity",
                "metadata": { "author": "照片", "formula": "a=b", "sha256": digest }, "tags": { "project": "a b/c", "empty": "" },
                "sha256": digest }),
        ));
    }
    assert_options(&place, Reader::Oss2, &expected).await;
    let mut called = application.bodies();
    called.sort();
    assert_eq!(called, ["key=p%2Flarge.bin&who=al%20ice", "key=p%2Fsmall.txt&who=al%20ice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_an_s3_object_arrives() {
    let place = Place::new().await;
    let files = files(&place);
    #[rustfmt::skip]
    let options = [
        "--storage-class", "STANDARD_IA", "--acl", "public-read", "--encryption", "kms", "--kms-key-id", "key-1",
        "--content-type", "text/x-odd", "--cache-control", "max-age=60", "--content-disposition", "attachment",
        "--content-encoding", "identity", "--meta", "Author=照片", "--meta", "for_mula=a=b", "--tag", "项目=一 @号", "--sha256",
    ];
    put(&place, &files, &format!("s3://{BUCKET}/p/"), &options).await.assert_verified(2);
    let entries = writing(&place);
    for (header, value) in [
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-acl", "public-read"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "key-1"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment"),
        ("content-encoding", "identity"),
        ("x-amz-meta-author", "%E7%85%A7%E7%89%87"),
        ("x-amz-meta-for_mula", "a=b"),
        ("x-amz-tagging", "%E9%A1%B9%E7%9B%AE=%E4%B8%80%20%40%E5%8F%B7"),
    ] {
        assert_on(&entries, CREATION, header, value);
    }
    for entry in &entries {
        assert_eq!(entry.misplaced, Vec::<String>::new(), "{entry:#?}");
        // The ETags of such objects say nothing: Content-MD5 proves each body, though that was not
        // asked for strictness.
        assert_eq!(
            entry.has_header("content-md5"),
            BODIES.contains(&entry.operation),
            "{entry:#?}"
        );
    }
    let mut expected = Vec::new();
    for (key, file) in [("p/small.txt", &files[0]), ("p/large.bin", &files[1])] {
        let digest = sha256sum(file).await;
        expected.push((
            key,
            json!({ "storageClass": "STANDARD_IA", "acl": "public-read", "encryption": "aws:kms", "kmsKeyId": "key-1",
                "contentType": "text/x-odd", "cacheControl": "max-age=60", "contentDisposition": "attachment", "contentEncoding": "identity",
                "metadata": { "author": "照片", "for_mula": "a=b", "sha256": digest }, "tags": { "项目": "一 @号" }, "sha256": digest }),
        ));
    }
    assert_options(&place, Reader::Boto3, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_for_unasked() {
    for (scheme, reader, class) in
        [("oss", Reader::Oss2, "Standard"), ("s3", Reader::Boto3, "STANDARD")]
    {
        let place = Place::new().await;
        let files = files(&place);
        put(&place, &files, &format!("{scheme}://{BUCKET}/"), &[]).await.assert_verified(2);
        for entry in writing(&place) {
            let is_option = |name: &str| {
                ["storage-class", "acl", "encryption", "tagging", "callback", "traffic"]
                    .iter()
                    .any(|word| name.contains(word))
            };
            let options: Vec<_> =
                entry.headers.iter().filter(|(name, _)| is_option(name)).collect();
            assert!(options.is_empty() && !entry.has_header("content-md5"), "{scheme}: {entry:#?}");
        }
        let of = |kind| json!({ "storageClass": class, "contentType": kind, "cacheControl": null, "metadata": {}, "tags": {} });
        assert_options(
            &place,
            reader,
            &[("small.txt", of("text/plain")), ("large.bin", of("application/octet-stream"))],
        )
        .await;
        put(&place, &files, &format!("{scheme}://{BUCKET}/aes/"), &["--encryption", "aes256"])
            .await
            .assert_verified(2);
        let sealed = json!({ "encryption": "AES256" });
        assert_options(
            &place,
            reader,
            &[("aes/small.txt", sealed.clone()), ("aes/large.bin", sealed)],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h16_a_failed_callback_is_a_warning_and_sends_nothing_again() {
    let place = Place::new().await;
    let application = Application::start(502, "{}").await;
    let files = files(&place);
    let options = [
        "--callback-url",
        &application.url,
        "--callback-body",
        r#"{"key":${object}}"#,
        "--callback-body-type",
        "json",
    ];
    let ran = put(&place, &files, &format!("oss://{BUCKET}/"), &options).await;
    ran.assert_verified(2);
    assert_eq!(ran.warnings().len(), 2, "{ran:#?}");
    for item in ran.warnings() {
        assert_eq!(
            (&item["state"], &item["fault"]["kind"]),
            (&"done".into(), &"callbackFailed".into()),
            "{ran:#?}"
        );
    }
    assert!(ran.stderr.contains("CallbackFailed"), "{ran:#?}");
    let mut called = application.bodies();
    called.sort();
    assert_eq!(called, [r#"{"key":"large.bin"}"#, r#"{"key":"small.txt"}"#]);
    let ledger = place.sandbox.ledger();
    assert_eq!(
        (
            ledger.count(Operation::PutObject),
            ledger.count(Operation::Initiate),
            ledger.count(Operation::Complete)
        ),
        (1, 1, 1)
    );
    let shown = place.run(["queue", "--state", "done"]).await;
    assert_eq!(shown.stdout.matches("CallbackFailed").count(), 2, "{shown:#?}");
    let again = put(&place, &files, &format!("oss://{BUCKET}/"), &options).await;
    assert_eq!((again.code, again.warnings().len()), (0, 0), "{again:#?}");
    for key in ["small.txt", "large.bin"] {
        assert_eq!(place.sandbox.object(BUCKET, key).expect("is there").versions, 1, "{key}");
    }

    // Of many it is said once.
    let many: Vec<PathBuf> = (0..25).map(|n| place.write(format!("many/{n}.txt"), b"x")).collect();
    let ran = put(&place, &many, &format!("oss://{BUCKET}/many/"), &options).await;
    ran.assert_verified(25);
    assert_eq!(
        (ran.warnings().len(), ran.stderr.matches("CallbackFailed").count()),
        (25, 1),
        "{ran:#?}"
    );
    assert!(ran.stderr.contains("24 more"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn skip_identical_leaves_what_is_the_same_and_replaces_the_rest() {
    for scheme in ["oss", "s3"] {
        let place = Place::new().await;
        let files = files(&place);
        let destination = format!("{scheme}://{BUCKET}/");
        put(&place, &files, &destination, &[]).await.assert_verified(2);
        place.sandbox.ledger().clear();
        let ran = put(&place, &files, &destination, &["--existing", "skip-identical"]).await;
        assert_eq!(
            (ran.code, ran.number("skipped"), ran.number("sent_bytes")),
            (0, 2, 0),
            "{scheme}: {ran:#?}"
        );
        assert!(
            writing(&place).is_empty() && place.sandbox.ledger().body_bytes() == 0,
            "{scheme}: something was sent"
        );

        // The same size, other bytes.
        for file in &files {
            let mut bytes = std::fs::read(file).expect("reads");
            bytes[3] ^= 1;
            std::fs::write(file, bytes).expect("writes");
        }
        put(&place, &files, &destination, &["--existing", "skip-identical"])
            .await
            .assert_verified(2);
        for (key, file) in [("small.txt", &files[0]), ("large.bin", &files[1])] {
            assert!(
                place.sandbox.read_object(BUCKET, key).expect("is there")
                    == std::fs::read(file).expect("reads"),
                "{scheme}: {key}"
            );
            assert_eq!(
                place.sandbox.object(BUCKET, key).expect("is there").versions,
                2,
                "{scheme}: {key}"
            );
        }
    }
    // A store that gives nothing to compare with: its ETags hide the content, and it knows no other
    // checksum.
    let place = Place::with(|config| config.checksums = ChecksumPolicy::Ignore).await;
    let files = files(&place);
    let destination = format!("s3://{BUCKET}/");
    for versions in [1, 2] {
        let options = ["--encryption", "kms", "--existing", "skip-identical"];
        put(&place, &files, &destination, &options).await.assert_verified(2);
        for key in ["small.txt", "large.bin"] {
            assert_eq!(
                place.sandbox.object(BUCKET, key).expect("is there").versions,
                versions,
                "{key}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_before_any_request() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let long = "x".repeat(9_000);
    let eleven: Vec<String> =
        (0..11).flat_map(|n| ["--tag".to_owned(), format!("k{n}=v")]).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    let callback = |url: &'static str, variable: &'static str| {
        vec!["--callback-url", url, "--callback-body", "b", "--callback-var", variable]
    };
    let cases: Vec<(&str, Vec<&str>)> = vec![
        ("oss", vec!["--storage-class", "STANDARD_IA"]),
        ("s3", vec!["--storage-class", "two words"]),
        ("oss", vec!["--acl", "bucket-owner-read"]),
        ("s3", vec!["--acl", "default"]),
        ("oss", vec!["--encryption", "aes256", "--kms-key-id", "k"]),
        ("oss", vec!["--cache-control", "a\r\nx-oss-object-acl: public-read"]),
        ("s3", vec!["--content-disposition", "附件"]),
        ("s3", vec!["--content-type", "text/\nplain"]),
        ("s3", vec!["--content-encoding", "aws-chunked"]),
        ("oss", vec!["--meta", "a_b=1"]),
        ("oss", vec!["--meta", "ferry-id=1"]),
        ("oss", vec!["--meta", "a=1", "--meta", "A=2"]),
        ("s3", vec!["--meta", "a b=1"]),
        ("oss", vec!["--tag", "项目=1"]),
        ("s3", vec!["--tag", "a=1&b"]),
        ("s3", eleven),
        ("oss", vec!["--traffic-limit", "50KiB/s"]),
        ("oss", vec!["--traffic-limit", "200MiB/s"]),
        ("s3", vec!["--traffic-limit", "1MiB/s"]),
        ("s3", callback("http://a.example/", "x:a=1")),
        ("oss", callback("ftp://a.example/", "x:a=1")),
        ("oss", callback("http://a.example/", "y=1")),
        ("oss", vec!["--key-template", "{nam}"]),
        ("oss", vec!["--key-template", "fixed.bin"]),
        ("oss", vec!["--cache-control", &long[..1], "--meta", "a"]),
    ];
    let meta = format!("a={long}");
    for (scheme, options) in cases.into_iter().chain([("oss", vec!["--meta", meta.as_str()])]) {
        let ran = place.put_all(&[&file], &format!("{scheme}://{BUCKET}/"), &options).await;
        assert!(
            matches!(ran.code, 1 | 2) && ran.stderr.starts_with(['f', 'e']),
            "{scheme} {options:?}: {ran:#?}"
        );
        if !options.contains(&"--key-template") {
            let mut add = vec!["--keys", "environment"];
            add.extend(&options);
            let added = place.add_profile("wrong", scheme, &add).await;
            assert!(matches!(added.code, 1 | 2), "{scheme} {options:?}: {added:#?}");
        }
    }
    let added = place
        .add_profile(
            "wrong",
            "oss",
            &["--keys", "environment", "--acl", "everybody", "--idle-timeout", "3601"],
        )
        .await;
    assert!(added.stderr.contains("--acl: ") && added.stderr.contains("everybody"), "{added:#?}");
    assert!(added.stderr.contains("--idle-timeout: "), "{added:#?}");
    assert_eq!(
        place.sandbox.ledger().total(),
        0,
        "something was asked: {:?}",
        place.sandbox.ledger().entries()
    );
    assert_eq!(place.run(["queue"]).await.stdout, "");
    assert!(!place.run(["profile", "list"]).await.stdout.contains("wrong"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profiles_options_serve_every_put_and_give_way_to_its_own() {
    let place = Place::new().await;
    let [small, large] = files(&place);
    #[rustfmt::skip]
    let options = [
        "--keys", "environment", "--storage-class", "IA", "--meta", "a=1", "--meta", "b=2", "--tag", "t=1", "--sha256", "--connections", "1",
        "--existing", "skip-identical", "--key-template", "{prefix}{stem}_{hash8}{ext}", "--cache-control", "no-cache",
    ];
    let added = place.add_profile("all", "oss", &options).await;
    assert_eq!((added.code, added.stderr.as_str()), (0, ""), "{added:#?}");
    let put = async |path: &Path, prefix: &str, options: &[&str]| {
        let mut put = place.ferry();
        put.arg("put")
            .arg(path)
            .args([
                &format!("oss://{BUCKET}/{prefix}"),
                "--profile",
                "all",
                "--json",
                "--part-size",
                "1MiB",
            ])
            .args(options);
        Ran::of(put).await
    };
    let digest = sha256sum(&small).await;
    put(&small, "", &[]).await.assert_verified(1);
    let key = format!("small_{}.txt", &digest[..8]);
    let kept = json!({ "storageClass": "IA", "metadata": { "a": "1", "b": "2", "sha256": digest }, "tags": { "t": "1" }, "cacheControl": "no-cache" });
    assert_options(&place, Reader::Oss2, &[(&key, kept)]).await;
    let again = put(&small, "", &[]).await;
    assert_eq!((again.code, again.number("skipped")), (0, 1), "{again:#?}");

    let own = [
        "--storage-class",
        "Standard",
        "--meta",
        "B=3",
        "--sha256=off",
        "--key-template",
        "{prefix}{name}",
        "--cache-control",
        "",
    ];
    put(&small, "own/", &own).await.assert_verified(1);
    let changed = json!({ "storageClass": "Standard", "metadata": { "a": "1", "b": "3" }, "tags": { "t": "1" }, "cacheControl": null });
    assert_options(&place, Reader::Oss2, &[("own/small.txt", changed)]).await;

    place.sandbox.ledger().clear();
    put(&large, "", &["--parallel", "8"]).await.assert_verified(1);
    assert_eq!(place.sandbox.ledger().peak_in_flight(), 1, "one connection was asked for");
}
