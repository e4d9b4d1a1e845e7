//! What an object is told to be, and says of itself afterwards: class, ACL, tags, encryption,
//! metadata, in both dialects.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use ferry_sandbox::{ObjectInfo, Operation, Sandbox};
use plain::{Answer, BUCKET, S3, complete_body, initiate, send, start};

/// Everything that describes an OSS object, but its ACL.
const OSS: &[(&str, &str)] = &[
    ("x-oss-storage-class", "IA"),
    ("x-oss-server-side-encryption", "KMS"),
    ("x-oss-server-side-encryption-key-id", "key-1"),
    ("x-oss-tagging", "a=1&b=x+y"),
    ("x-oss-meta-who", "alice"),
    ("content-type", "text/x"),
    ("cache-control", "max-age=60"),
    ("content-disposition", "attachment"),
    ("content-encoding", "gzip"),
    ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
];

const S3_ALL: &[(&str, &str)] = &[
    ("x-amz-storage-class", "STANDARD_IA"),
    ("x-amz-server-side-encryption", "aws:kms"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "key-1"),
    ("x-amz-tagging", "a=1&b=x+y"),
    ("x-amz-meta-who", "alice"),
    ("x-amz-acl", "public-read"),
    ("content-type", "text/x"),
    ("cache-control", "max-age=60"),
    ("content-disposition", "attachment"),
    ("content-encoding", "gzip"),
    ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
];

/// Writes a multipart object of one part.
async fn multipart(
    sandbox: &Sandbox,
    key: &str,
    begin: &[(&str, &str)],
    end: &[(&str, &str)],
    body: &[u8],
) -> [Answer; 3] {
    let dialect =
        if begin.iter().any(|(name, _)| name.starts_with("x-amz-")) { &[S3][..] } else { &[] };
    let (begin, end) = ([dialect, begin].concat(), [dialect, end].concat());
    let begun = send(sandbox.addr(), "POST", &format!("/{BUCKET}/{key}?uploads"), &begin, b"")
        .await
        .unwrap();
    let id = begun.element("UploadId").unwrap();
    let part = send(
        sandbox.addr(),
        "PUT",
        &format!("/{BUCKET}/{key}?partNumber=1&uploadId={id}"),
        dialect,
        body,
    )
    .await
    .unwrap();
    let list = complete_body(&[(1, part.header("etag").unwrap().to_owned())]);
    let done = send(
        sandbox.addr(),
        "POST",
        &format!("/{BUCKET}/{key}?uploadId={id}"),
        &end,
        list.as_bytes(),
    )
    .await
    .unwrap();
    assert_eq!(done.status, 200, "{}", done.text());
    [begun, part, done]
}

/// What the sandbox says of `key` when asked in each dialect, and by its owner.
async fn assert_described(sandbox: &Sandbox, key: &str, acl: &str) {
    for method in ["HEAD", "GET"] {
        let oss =
            send(sandbox.addr(), method, &format!("/{BUCKET}/{key}"), &[], b"").await.unwrap();
        for (name, value) in OSS.iter().filter(|(name, _)| *name != "x-oss-tagging") {
            assert_eq!(oss.header(name), Some(*value), "{method} {key} {name}");
        }
        assert_eq!(oss.header("x-oss-tagging-count"), Some("2"), "{method} {key}");
        let s3 =
            send(sandbox.addr(), method, &format!("/{BUCKET}/{key}"), &[S3], b"").await.unwrap();
        for (name, value) in
            S3_ALL.iter().filter(|(name, _)| !["x-amz-tagging", "x-amz-acl"].contains(name))
        {
            assert_eq!(s3.header(name), Some(*value), "{method} {key} {name}");
        }
    }
    let tags =
        send(sandbox.addr(), "GET", &format!("/{BUCKET}/{key}?tagging"), &[], b"").await.unwrap();
    assert_eq!(
        (tags.elements("Key"), tags.elements("Value")),
        (vec!["a".into(), "b".into()], vec!["1".into(), "x y".into()]),
        "{key}"
    );
    let grant =
        send(sandbox.addr(), "GET", &format!("/{BUCKET}/{key}?acl"), &[], b"").await.unwrap();
    assert_eq!(grant.element("Grant").as_deref(), Some(acl), "{key}");
    let grants =
        send(sandbox.addr(), "GET", &format!("/{BUCKET}/{key}?acl"), &[S3], b"").await.unwrap();
    assert_eq!(
        grants.elements("Permission").concat(),
        if acl == "public-read" { "FULL_CONTROLREAD" } else { "FULL_CONTROL" },
        "{key}"
    );
    let info = sandbox.object(BUCKET, key).unwrap();
    assert_eq!(
        (info.encryption.as_deref(), info.encryption_key.as_deref()),
        (Some("KMS"), Some("key-1")),
        "{key}"
    );
    assert_eq!(info.tags.get("b").map(String::as_str), Some("x y"), "{key}");
    assert_eq!(info.metadata.get("who").map(String::as_str), Some("alice"), "{key}");
}

#[tokio::test]
async fn attributes_come_back_as_they_were_put() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let acl = ("x-oss-object-acl", "public-read");
    let put = send(sandbox.addr(), "PUT", "/tests/oss-put", &[OSS, &[acl]].concat(), b"hello")
        .await
        .unwrap();
    assert_eq!(
        (
            put.header("x-oss-server-side-encryption"),
            put.header("x-oss-server-side-encryption-key-id")
        ),
        (Some("KMS"), Some("key-1"))
    );
    let put = send(sandbox.addr(), "PUT", "/tests/s3-put", S3_ALL, b"hello").await.unwrap();
    assert_eq!(put.header("x-amz-server-side-encryption"), Some("aws:kms"));
    for answer in multipart(&sandbox, "oss-multi", OSS, &[acl], b"hello").await {
        assert_eq!(answer.header("x-oss-server-side-encryption"), Some("KMS"), "{answer:?}");
    }
    for answer in multipart(&sandbox, "s3-multi", S3_ALL, &[], b"hello").await {
        assert_eq!(answer.header("x-amz-server-side-encryption"), Some("aws:kms"), "{answer:?}");
    }
    for key in ["oss-put", "s3-put", "oss-multi", "s3-multi"] {
        assert_described(&sandbox, key, "public-read").await;
    }
    // They survive the end of the process.
    sandbox.shutdown().await;
    let sandbox = start(root.path()).await;
    assert_described(&sandbox, "oss-multi", "public-read").await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_acl_is_changed_in_place() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    send(sandbox.addr(), "PUT", "/tests/put", OSS, b"hello").await.unwrap();
    multipart(&sandbox, "multi", OSS, &[], b"hello").await;
    let before: Vec<_> = sandbox.objects(BUCKET);
    let public = "<Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>";
    let policy = format!(
        "<AccessControlPolicy><AccessControlList>{public}</AccessControlList></AccessControlPolicy>"
    );
    for (headers, body, status, acl) in [
        (vec![("x-oss-object-acl", "private")], "", 200, "private"),
        (vec![("x-oss-object-acl", "nobody")], "", 400, "private"),
        (vec![], "", 400, "private"),
        (vec![("x-amz-acl", "public-read-write"), S3], "", 200, "public-read-write"),
        (vec![S3], "<AccessControlPolicy/>", 400, "public-read-write"),
        (vec![S3], policy.as_str(), 200, "public-read"),
    ] {
        for key in ["put", "multi"] {
            let answer = send(
                sandbox.addr(),
                "PUT",
                &format!("/tests/{key}?acl"),
                &headers,
                body.as_bytes(),
            )
            .await
            .unwrap();
            assert_eq!(answer.status, status, "{key} {headers:?}: {}", answer.text());
            assert_eq!(
                sandbox.object(BUCKET, key).unwrap().acl.as_deref(),
                Some(acl),
                "{key} {headers:?}"
            );
        }
    }
    let answer =
        send(sandbox.addr(), "PUT", "/tests/absent?acl", &[("x-oss-object-acl", "private")], b"")
            .await
            .unwrap();
    assert_eq!(answer.status, 404);
    // It lasts, and nothing else has changed.
    sandbox.shutdown().await;
    let sandbox = start(root.path()).await;
    for key in ["put", "multi"] {
        assert_described(&sandbox, key, "public-read").await;
        assert_eq!(sandbox.read_object(BUCKET, key).unwrap(), b"hello");
    }
    let without_acl = |objects: Vec<ObjectInfo>| -> Vec<ObjectInfo> {
        objects.into_iter().map(|object| ObjectInfo { acl: None, ..object }).collect()
    };
    assert_eq!(without_acl(sandbox.objects(BUCKET)), without_acl(before));
    // And it goes with the object.
    for key in ["put", "multi"] {
        let again = [("x-oss-object-acl", "private")];
        assert_eq!(
            send(sandbox.addr(), "PUT", &format!("/tests/{key}?acl"), &again, b"")
                .await
                .unwrap()
                .status,
            200
        );
        send(sandbox.addr(), "DELETE", &format!("/tests/{key}"), &[], b"").await.unwrap();
    }
    sandbox.shutdown().await;
    let left: usize = std::fs::read_dir(root.path().join("buckets/tests/objects"))
        .unwrap()
        .map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count())
        .sum();
    assert_eq!(left, 0);
    assert_eq!(
        std::fs::read_dir(root.path().join("buckets/tests/uploads")).unwrap().count(),
        0,
        "the parts are gone with it"
    );
}

#[tokio::test]
async fn with_kms_an_etag_says_nothing_of_the_bytes() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    let (kms, aes) =
        (("x-oss-server-side-encryption", "KMS"), ("x-oss-server-side-encryption", "AES256"));
    for (headers, opaque) in [(&[][..], false), (&[aes][..], false), (&[kms][..], true)] {
        let put = send(sandbox.addr(), "PUT", "/tests/k", headers, b"hello").await.unwrap();
        assert_eq!(
            !put.header("etag").unwrap().to_lowercase().contains(md5),
            opaque,
            "{headers:?}"
        );
        let [_, part, done] = multipart(&sandbox, "m", headers, &[], b"hello").await;
        assert_eq!(
            !part.header("etag").unwrap().to_lowercase().contains(md5),
            opaque,
            "{headers:?}"
        );
        // The MD5 of the part's MD5.
        let etag = done.element("ETag").unwrap().to_lowercase();
        assert_eq!(
            (etag == "62109206880d38a4010a98e11243924a-1", etag.ends_with("-1")),
            (!opaque, true),
            "{headers:?}"
        );
        assert_eq!(done.header("x-oss-hash-crc64ecma"), put.header("x-oss-hash-crc64ecma"));
        assert_eq!(sandbox.read_object(BUCKET, "m").unwrap(), b"hello");
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_header_on_the_wrong_request_is_read_over_and_noted() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let begin = [("x-oss-object-acl", "public-read"), ("x-oss-storage-class", "Archive")];
    let end =
        [("x-oss-storage-class", "IA"), ("x-oss-meta-late", "yes"), ("cache-control", "no-store")];
    multipart(&sandbox, "k", &begin, &end, b"hello").await;
    let info = sandbox.object(BUCKET, "k").unwrap();
    assert_eq!((info.acl, info.storage_class.as_deref()), (None, Some("Archive")));
    assert!(info.metadata.is_empty() && !info.headers.contains_key("cache-control"));
    let ledger = sandbox.ledger();
    assert_eq!(ledger.of(Operation::Initiate)[0].misplaced, ["x-oss-object-acl"]);
    assert_eq!(ledger.of(Operation::Initiate)[0].header("x-oss-storage-class"), Some("Archive"));
    assert_eq!(
        ledger.of(Operation::Complete)[0].misplaced,
        ["cache-control", "x-oss-meta-late", "x-oss-storage-class"]
    );
    assert!(!ledger.of(Operation::Complete)[0].has_header("x-oss-object-acl"));
    assert_eq!(ledger.of(Operation::UploadPart)[0].misplaced, Vec::<String>::new());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn values_that_the_service_does_not_know_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "up").await;
    let part =
        send(sandbox.addr(), "PUT", &format!("/tests/up?partNumber=1&uploadId={id}"), &[], b"x")
            .await
            .unwrap();
    let list = complete_body(&[(1, part.header("etag").unwrap().to_owned())]);
    let (begin, end) = ("/tests/k?uploads".to_owned(), format!("/tests/up?uploadId={id}"));
    for (method, target, headers, code) in [
        ("PUT", "/tests/k", vec![("x-oss-storage-class", "STANDARD")], "InvalidArgument"),
        ("PUT", "/tests/k", vec![("x-oss-object-acl", "authenticated-read")], "InvalidArgument"),
        ("PUT", "/tests/k", vec![("x-oss-tagging", "a=b=c")], "InvalidArgument"),
        (
            "PUT",
            "/tests/k",
            vec![("x-oss-server-side-encryption", "DES")],
            "InvalidEncryptionAlgorithmError",
        ),
        ("PUT", "/tests/k", vec![("x-amz-storage-class", "IA")], "InvalidStorageClass"),
        ("PUT", "/tests/k", vec![("x-amz-acl", "default")], "InvalidArgument"),
        ("POST", &begin, vec![("x-oss-storage-class", "Cold")], "InvalidArgument"),
        ("POST", &begin, vec![("x-amz-acl", "nobody")], "InvalidArgument"),
        ("POST", &end, vec![("x-oss-object-acl", "nobody")], "InvalidArgument"),
    ] {
        let answer = send(sandbox.addr(), method, target, &headers, list.as_bytes()).await.unwrap();
        assert_eq!(
            (answer.status, answer.element("Code").as_deref()),
            (400, Some(code)),
            "{method} {target} {headers:?}"
        );
    }
    assert!(sandbox.objects(BUCKET).is_empty());
    assert_eq!(sandbox.open_uploads(BUCKET).len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_the_object_says() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    send(sandbox.addr(), "PUT", "/tests/a%20b", OSS, b"hello").await.unwrap();
    let from = ("x-amz-copy-source", "tests/a%20b");
    let kept = send(sandbox.addr(), "PUT", "/tests/kept", &[from], b"").await.unwrap();
    assert_eq!(kept.element("ETag").as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    let replaced = [
        from,
        ("x-amz-metadata-directive", "REPLACE"),
        ("x-amz-meta-new", "1"),
        ("x-amz-storage-class", "GLACIER"),
    ];
    send(sandbox.addr(), "PUT", "/tests/replaced", &replaced, b"").await.unwrap();
    let (kept, replaced) =
        (sandbox.object(BUCKET, "kept").unwrap(), sandbox.object(BUCKET, "replaced").unwrap());
    assert_eq!(
        (kept.metadata.get("who").map(String::as_str), kept.storage_class, kept.encryption),
        (Some("alice"), None, None)
    );
    assert_eq!((kept.tags.len(), replaced.tags.len()), (2, 2));
    assert_eq!(
        (replaced.metadata.contains_key("who"), replaced.metadata.contains_key("new")),
        (false, true)
    );
    assert_eq!(
        (
            kept.headers.contains_key("cache-control"),
            replaced.headers.contains_key("cache-control")
        ),
        (true, false)
    );
    assert_eq!(replaced.storage_class.as_deref(), Some("GLACIER"));
    for key in ["kept", "replaced"] {
        assert_eq!(sandbox.read_object(BUCKET, key).unwrap(), b"hello", "{key}");
    }
    for source in ["tests/a+b", "/tests/a%20b", "/tests%2Fa%20b"] {
        let answer =
            send(sandbox.addr(), "PUT", "/tests/again", &[("x-amz-copy-source", source)], b"")
                .await
                .unwrap();
        assert_eq!(answer.status, 200, "{source}: {}", answer.text());
    }
    // In place, as clients change metadata.
    let own = [
        ("x-oss-copy-source", "/tests/kept"),
        ("x-oss-metadata-directive", "REPLACE"),
        ("x-oss-meta-who", "bob"),
    ];
    assert_eq!(send(sandbox.addr(), "PUT", "/tests/kept", &own, b"").await.unwrap().status, 200);
    assert_eq!(
        sandbox.object(BUCKET, "kept").unwrap().metadata.get("who").map(String::as_str),
        Some("bob")
    );
    assert_eq!(sandbox.read_object(BUCKET, "kept").unwrap(), b"hello");
    sandbox.shutdown().await;
}
