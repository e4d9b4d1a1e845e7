//! What the sandbox answers, request by request, in both dialects.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ferry_sandbox::{Config, Hosts, Sandbox, StoreLimits};
use plain::{
    Answer, BUCKET, S3, complete, complete_body, config, head, initiate, receive, send, start,
    upload_part,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Method, target, headers and body; then the status and code that are expected.
type Case<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a [u8], u16, &'a str);

#[tokio::test]
async fn refusals_have_the_status_and_code_of_the_service() {
    let root = tempfile::tempdir().unwrap();
    let limits = StoreLimits { largest_put: 1000, ..StoreLimits::default() };
    let sandbox = Sandbox::start(Config { limits, ..config(root.path()) }).await.unwrap();
    let address = sandbox.addr();
    send(address, "PUT", "/tests/there", &[], b"x").await.unwrap();
    let id = initiate(address, "up").await;
    let [zero, past, word, first] = ["0", "10001", "x", "1"]
        .map(|number| format!("/tests/up?partNumber={number}&uploadId={id}"));
    let (long_oss, long_s3) =
        (format!("/tests/{}", "k".repeat(1024)), format!("/tests/{}", "k".repeat(1025)));
    let big = vec![b'x'; 1001];
    let forbid = ("x-oss-forbid-overwrite", "true");
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("GET", "/absent/k", vec![], b"", 404, "NoSuchBucket"),
        ("GET", "/tests/absent", vec![], b"", 404, "NoSuchKey"),
        ("PUT", "/tests/up?partNumber=1&uploadId=none", vec![], b"x", 404, "NoSuchUpload"),
        ("GET", "/tests/other?uploadId=none", vec![], b"", 404, "NoSuchUpload"),
        ("DELETE", "/tests/up?uploadId=none", vec![], b"", 404, "NoSuchUpload"),
        ("POST", "/tests/up?uploadId=none", vec![], b"<CompleteMultipartUpload/>", 404, "NoSuchUpload"),
        ("PUT", &zero, vec![], b"x", 400, "InvalidArgument"),
        ("PUT", &past, vec![], b"x", 400, "InvalidArgument"),
        ("PUT", &word, vec![], b"x", 400, "InvalidArgument"),
        ("PUT", &first, vec![], &big, 400, "EntityTooLarge"),
        ("PUT", "/tests/big", vec![], &big, 400, "EntityTooLarge"),
        ("PUT", "/tests/d", vec![("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], b"x", 400, "InvalidDigest"),
        ("PUT", "/tests/d", vec![("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="), S3], b"x", 400, "BadDigest"),
        ("PUT", "/tests/d", vec![("content-md5", "short"), S3], b"x", 400, "InvalidDigest"),
        ("PUT", "/tests/there", vec![forbid], b"x", 409, "FileAlreadyExists"),
        ("POST", "/tests/there?uploads", vec![forbid], b"", 409, "FileAlreadyExists"),
        ("PUT", "/tests/there", vec![("x-oss-forbid-overwrite", "perhaps")], b"x", 400, "InvalidArgument"),
        ("PUT", "/tests/there", vec![("if-none-match", "*"), S3], b"x", 412, "PreconditionFailed"),
        ("PUT", &long_oss, vec![], b"x", 400, "InvalidObjectName"),
        ("PUT", &long_s3, vec![S3], b"x", 400, "KeyTooLongError"),
        ("PUT", "/tests//lead", vec![], b"x", 400, "InvalidObjectName"),
        ("PUT", "/tests/%5Clead", vec![], b"x", 400, "InvalidObjectName"),
        ("PUT", "/tests/%FF", vec![], b"x", 400, "InvalidURI"),
        ("PUT", "/Bad_Name", vec![], b"", 400, "InvalidBucketName"),
        ("DELETE", "/tests", vec![], b"", 409, "BucketNotEmpty"),
        ("POST", "/", vec![], b"", 405, "MethodNotAllowed"),
        ("PATCH", "/tests/k", vec![], b"", 405, "MethodNotAllowed"),
        ("GET", "/tests?inventory", vec![S3], b"", 501, "NotImplemented"),
        ("GET", "/tests?inventory", vec![], b"", 400, "NotImplemented"),
        ("PUT", "/tests?policy", vec![], b"{}", 400, "NotImplemented"),
        ("GET", "/tests?policy", vec![S3], b"", 404, "NoSuchBucketPolicy"),
        ("GET", "/tests?lifecycle", vec![S3], b"", 404, "NoSuchLifecycleConfiguration"),
        ("GET", "/tests?lifecycle", vec![], b"", 404, "NoSuchLifecycle"),
        ("GET", "/absent?cors", vec![], b"", 404, "NoSuchBucket"),
        ("PUT", "/tests/c", vec![("x-oss-copy-source", "/tests/absent")], b"", 404, "NoSuchKey"),
        ("PUT", "/tests/c", vec![("x-oss-copy-source", "/absent/there")], b"", 404, "NoSuchBucket"),
        ("PUT", "/tests/c", vec![("x-oss-copy-source", "there")], b"", 400, "InvalidArgument"),
        ("PUT", "/tests/there", vec![("x-amz-copy-source", "tests/there"), S3], b"", 400, "InvalidRequest"),
        ("PUT", &first, vec![("x-oss-copy-source", "/tests/there")], b"", 400, "NotImplemented"),
        ("PUT", &first, vec![("x-oss-server-side-encryption", "AES256")], b"x", 400, "InvalidArgument"),
        ("PUT", "/tests/c", vec![("content-encoding", "aws-chunked")], b"0\r\n\r\n", 400, "InvalidArgument"),
        ("GET", "/tests?max-keys=x", vec![], b"", 400, "InvalidArgument"),
        ("GET", "/tests/there", vec![("range", "bytes=9-"), S3], b"", 416, "InvalidRange"),
        ("GET", "/tests/there", vec![("if-match", "\"00\"")], b"", 412, "PreconditionFailed"),
    ];
    for (method, target, headers, body, status, code) in cases {
        let answer = send(address, method, target, &headers, body).await.unwrap();
        let shown = format!("{method} {target:.60} {headers:?}: {}", answer.text());
        assert_eq!(
            (answer.status, answer.element("Code").as_deref()),
            (status, Some(code)),
            "{shown}"
        );
        assert!(
            answer.element("RequestId").is_some() && answer.element("HostId").is_some(),
            "{shown}"
        );
        let id = if headers.contains(&S3) { "x-amz-request-id" } else { "x-oss-request-id" };
        // A request that cannot be read has no dialect yet.
        if code != "InvalidURI" {
            assert_eq!(
                answer.header(id).map(str::to_owned),
                answer.element("RequestId"),
                "{shown}"
            );
        }
        assert!(answer.header("date").is_some(), "{shown}");
    }
    assert_eq!(sandbox.object(BUCKET, "there").unwrap().versions, 1, "no refusal had an effect");
    assert_eq!(sandbox.objects(BUCKET).len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_body_without_length_is_refused_but_chunked_passes_on_oss() {
    use tokio::io::AsyncWriteExt as _;
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for (headers, body, status, code) in [
        (vec![], &b""[..], 411, Some("MissingContentLength")),
        (vec![("transfer-encoding", "chunked")], b"3\r\nabc\r\n0\r\n\r\n", 200, None),
        (
            vec![("transfer-encoding", "chunked"), S3],
            b"3\r\nabc\r\n0\r\n\r\n",
            501,
            Some("NotImplemented"),
        ),
    ] {
        let mut stream = tokio::net::TcpStream::connect(sandbox.addr()).await.unwrap();
        stream.write_all(plain::head("PUT", "/tests/k", &headers, None).as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let answer = plain::receive(&mut stream).await.unwrap();
        assert_eq!((answer.status, answer.element("Code").as_deref()), (status, code));
    }
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), b"abc");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn head_refusals_speak_in_headers() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let answer = send(sandbox.addr(), "HEAD", "/tests/absent", &[], b"").await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (404, 0));
    assert_eq!(answer.header("x-oss-ec"), Some("0026-00000001"));
    let document = BASE64_STANDARD.decode(answer.header("x-oss-err").unwrap()).unwrap();
    assert!(String::from_utf8(document).unwrap().contains("<Code>NoSuchKey</Code>"));
    let answer = send(sandbox.addr(), "HEAD", "/tests/absent", &[S3], b"").await.unwrap();
    assert_eq!((answer.status, answer.header("x-oss-err")), (404, None));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn strict_sandboxes_refuse_the_unsigned() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Config::new(root.path())).await.unwrap();
    let answer = send(sandbox.addr(), "PUT", "/practice/k", &[], b"x").await.unwrap();
    assert_eq!((answer.status, answer.element("Code").as_deref()), (403, Some("AccessDenied")));
    assert_eq!(sandbox.object("practice", "k"), None);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn complete_checks_its_parts() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let address = sandbox.addr();
    let id = initiate(address, "k").await;
    let small = upload_part(address, "k", &id, 1, &vec![1; 102_399]).await;
    let large = upload_part(address, "k", &id, 2, &vec![2; 102_400]).await;
    let last = upload_part(address, "k", &id, 7, b"tail").await;
    let wrong = "\"00000000000000000000000000000000\"".to_owned();
    #[rustfmt::skip]
    let cases = [
        (complete_body(&[(2, large.clone()), (1, small.clone())]), "InvalidPartOrder"),
        (complete_body(&[(2, large.clone()), (2, large.clone())]), "InvalidPartOrder"),
        (complete_body(&[(2, large.clone()), (3, last.clone())]), "InvalidPart"),
        (complete_body(&[(2, wrong), (7, last.clone())]), "InvalidPart"),
        (complete_body(&[(1, small.clone()), (7, last.clone())]), "EntityTooSmall"),
        (complete_body(&[(10001, last.clone())]), "InvalidArgument"),
        (complete_body(&[]), "MalformedXML"),
        ("<CompleteMultipartUpload>".to_owned(), "MalformedXML"),
        ("not XML".to_owned(), "MalformedXML"),
        (String::new(), "MalformedXML"),
    ];
    let target = format!("/tests/k?uploadId={id}");
    for (body, code) in cases {
        let answer = send(address, "POST", &target, &[], body.as_bytes()).await.unwrap();
        assert_eq!(
            (answer.status, answer.element("Code").as_deref()),
            (400, Some(code)),
            "{body:.200}"
        );
    }
    // S3's own minimum holds for S3's own Complete, on the same parts.
    let both = [(2, large.to_lowercase()), (7, last)];
    let answer =
        send(address, "POST", &target, &[S3], complete_body(&both).as_bytes()).await.unwrap();
    assert_eq!(answer.element("Code").as_deref(), Some("EntityTooSmall"));
    let answer = complete(address, "k", &id, &both).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut whole = vec![2; 102_400];
    whole.extend_from_slice(b"tail");
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), whole);
    assert!(answer.element("ETag").unwrap().ends_with("-2"));
    let crc = answer.header("x-oss-hash-crc64ecma").unwrap().to_owned();
    assert_eq!(crc, sandbox.object(BUCKET, "k").unwrap().crc64.to_string());
    let answer = complete(address, "k", &id, &both).await.unwrap();
    assert_eq!((answer.status, answer.element("Code").as_deref()), (404, Some("NoSuchUpload")));
    // The part that was not named is gone, the named ones are the object.
    let folder = root.path().join("buckets/tests/uploads").join(&id);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn complete_respects_an_object_that_came_in_between() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let address = sandbox.addr();
    let id = initiate(address, "k").await;
    let etag = upload_part(address, "k", &id, 1, b"mine").await;
    send(address, "PUT", "/tests/k", &[], b"theirs").await.unwrap();
    let body = complete_body(&[(1, etag)]);
    let target = format!("/tests/k?uploadId={id}");
    for (header, status) in
        [(vec![("x-oss-forbid-overwrite", "true")], 409), (vec![("if-none-match", "*"), S3], 412)]
    {
        let answer = send(address, "POST", &target, &header, body.as_bytes()).await.unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(sandbox.open_uploads(BUCKET).len(), 1, "a refused Complete ends nothing");
    }
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), b"theirs");
    let answer = send(address, "POST", &target, &[], body.as_bytes()).await.unwrap();
    assert_eq!(answer.status, 200);
    let object = sandbox.object(BUCKET, "k").unwrap();
    assert_eq!((object.versions, object.upload_id), (2, Some(id)));
    let answer = send(address, "HEAD", "/tests/k", &[], b"").await.unwrap();
    assert_eq!(answer.header("x-ferry-sandbox-versions"), Some("2"));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn either_dialect_reads_what_the_other_wrote() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let headers =
        [("x-oss-meta-who", "alice"), ("x-oss-storage-class", "IA"), ("content-type", "text/x")];
    send(sandbox.addr(), "PUT", "/tests/k", &headers, b"hello").await.unwrap();
    let oss = send(sandbox.addr(), "GET", "/tests/k", &[], b"").await.unwrap();
    let s3 = send(sandbox.addr(), "GET", "/tests/k", &[S3], b"").await.unwrap();
    assert_eq!((oss.body.as_slice(), s3.body.as_slice()), (&b"hello"[..], &b"hello"[..]));
    assert_eq!(oss.header("etag"), Some("\"5D41402ABC4B2A76B9719D911017C592\""));
    assert_eq!(s3.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(
        (oss.header("x-oss-meta-who"), s3.header("x-amz-meta-who")),
        (Some("alice"), Some("alice"))
    );
    assert_eq!(
        (oss.header("x-oss-storage-class"), s3.header("x-amz-storage-class")),
        (Some("IA"), Some("STANDARD_IA"))
    );
    assert_eq!(
        (oss.header("content-type"), s3.header("content-type")),
        (Some("text/x"), Some("text/x"))
    );
    assert!(
        oss.header("x-oss-hash-crc64ecma").is_some() && s3.header("x-oss-hash-crc64ecma").is_none()
    );
    sandbox.shutdown().await;
}

#[tokio::test]
async fn keys_are_kept_as_the_wire_has_them() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for (wire, key) in [
        ("a//b/../c/./d/", "a//b/../c/./d/"),
        ("..", ".."),
        ("a+b%2Bc%20d", "a+b+c d"),
        ("%25%32%35", "%25"),
        ("%E7%85%A7/%F0%9F%98%80", "照/😀"),
        ("raw/\u{7167}", "raw/照"),
    ] {
        let answer = send(sandbox.addr(), "PUT", &format!("/tests/{wire}"), &[], key.as_bytes())
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{wire}: {}", answer.text());
        assert_eq!(sandbox.read_object(BUCKET, key).unwrap(), key.as_bytes(), "{wire}");
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn parts_are_listed_in_pages() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let id = initiate(sandbox.addr(), "k").await;
    for number in [1, 2, 5, 9, 10000] {
        upload_part(sandbox.addr(), "k", &id, number, b"data").await;
    }
    let (mut marker, mut seen, mut pages) = ("0".to_owned(), Vec::new(), 0);
    loop {
        let target = format!("/tests/k?uploadId={id}&max-parts=2&part-number-marker={marker}");
        let answer = send(sandbox.addr(), "GET", &target, &[], b"").await.unwrap();
        seen.extend(answer.elements("PartNumber"));
        pages += 1;
        if answer.element("IsTruncated").as_deref() == Some("false") {
            break;
        }
        marker = answer.element("NextPartNumberMarker").unwrap();
    }
    assert_eq!((seen.join(" "), pages), ("1 2 5 9 10000".to_owned(), 3));
    sandbox.shutdown().await;
}

/// ListObjects, version 2: objects and common prefixes are counted together, page by page.
#[tokio::test]
async fn objects_are_listed_in_pages_with_their_folders() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for key in ["p/1", "p/a/1", "p/a/2", "p/b+c/1", "p/z", "q"] {
        let target = format!("/tests/{}", key.replace('+', "%2B"));
        assert_eq!(send(sandbox.addr(), "PUT", &target, &[], b"x").await.unwrap().status, 200);
    }
    for (headers, encoding, folder) in
        [(&[][..], "&encoding-type=url", "p%2Fb%2Bc%2F"), (&[S3][..], "", "p/b+c/")]
    {
        let asked = "/tests?list-type=2&prefix=p%2F&delimiter=%2F&max-keys=2";
        let (mut token, mut keys, mut folders) = (String::new(), Vec::new(), Vec::new());
        let mut counts = Vec::new();
        loop {
            let target = format!("{asked}{encoding}{token}");
            let answer = send(sandbox.addr(), "GET", &target, headers, b"").await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
            keys.extend(answer.elements("Key"));
            let text = answer.text();
            let prefixes = text.split("<CommonPrefixes><Prefix>").skip(1);
            folders.extend(prefixes.map(|rest| rest.split('<').next().unwrap().to_owned()));
            counts.extend(answer.element("KeyCount"));
            match answer.element("NextContinuationToken") {
                Some(next) => token = format!("&continuation-token={next}"),
                None => break,
            }
        }
        let decoded: Vec<String> = keys.iter().map(|key| key.replace("%2F", "/")).collect();
        assert_eq!((decoded, counts), (vec!["p/1".into(), "p/z".into()], vec!["2".into(); 2]));
        assert_eq!(folders.last().map(String::as_str), Some(folder));
        assert_eq!(folders.len(), 2);
    }
    let wrong = "/tests?list-type=2&continuation-token=%25";
    assert_eq!(send(sandbox.addr(), "GET", wrong, &[], b"").await.unwrap().status, 400);
    sandbox.shutdown().await;
}

/// A body in `aws-chunked` framing with one checksum behind it.
async fn put_with_trailer(sandbox: &Sandbox, announced: Option<&str>, trailer: &str) -> Answer {
    let body = format!("5\r\nhello\r\n0\r\n{trailer}\r\n");
    let mut headers = vec![
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
    ];
    headers.extend(announced.map(|name| ("x-amz-trailer", name)));
    send(sandbox.addr(), "PUT", "/tests/trailed", &headers, body.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn a_trailing_checksum_is_verified_or_the_body_refused() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let crc32 = Some("x-amz-checksum-crc32");
    // CRC-32 of "hello" is 3610a686.
    let (right, wrong) = ("x-amz-checksum-crc32:NhCmhg==\r\n", "x-amz-checksum-crc32:AAAAAA==\r\n");
    for (announced, trailer, status, code) in [
        (crc32, wrong, 400, "BadDigest"),
        (None, wrong, 400, "MalformedTrailerError"),
        (None, right, 400, "MalformedTrailerError"),
        (Some("x-amz-checksum-crc32c"), right, 400, "MalformedTrailerError"),
        (crc32, "", 400, "MalformedTrailerError"),
        (Some("x-other, x-amz-checksum-crc32"), wrong, 400, "BadDigest"),
        (crc32, right, 200, ""),
        (None, "", 200, ""),
    ] {
        let answer = put_with_trailer(&sandbox, announced, trailer).await;
        assert_eq!(
            (answer.status, answer.element("Code").unwrap_or_default().as_str()),
            (status, code),
            "{announced:?} {trailer}"
        );
        let stored = sandbox.object(BUCKET, "trailed").is_some();
        assert_eq!(stored, status == 200, "{announced:?} {trailer}");
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn connections_that_bring_nothing_are_closed() {
    let root = tempfile::tempdir().unwrap();
    let limits = StoreLimits { idle: Duration::from_millis(300), ..StoreLimits::default() };
    let sandbox = Sandbox::start(Config { limits, ..config(root.path()) }).await.unwrap();
    let whole = head("PUT", "/tests/k", &[], Some(1_000_000));
    let mut held = Vec::new();
    for number in 0..60 {
        let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
        let begun = match number % 3 {
            0 => "",
            1 => &whole[..whole.len() - 4],
            _ => whole.as_str(),
        };
        stream.write_all(begun.as_bytes()).await.unwrap();
        held.push(stream);
    }
    let all = async {
        for stream in &mut held {
            let mut answer = Vec::new();
            // A reset is an end as well.
            let _ = stream.read_to_end(&mut answer).await;
            let text = String::from_utf8_lossy(&answer);
            assert!(answer.is_empty() || text.contains("RequestTimeout"), "{text}");
        }
    };
    tokio::time::timeout(Duration::from_secs(15), all).await.expect("all are closed");
    assert_eq!(send(sandbox.addr(), "PUT", "/tests/k", &[], b"x").await.unwrap().status, 200);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_name_that_somebody_else_owns_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    for (host, status) in
        [("evil.example", 403), ("localhost:1", 200), ("tests.localhost", 404), ("[::1]", 200)]
    {
        let text = format!("GET /tests HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        assert_eq!(receive(&mut stream).await.unwrap().status, status, "{host}");
    }
    sandbox.shutdown().await;
    let config = Config { hosts: Hosts::Any, ..config(root.path()) };
    let sandbox = Sandbox::start(config).await.unwrap();
    let text = "GET /tests HTTP/1.1\r\nhost: oss.example\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    assert_eq!(receive(&mut stream).await.unwrap().status, 200);
    sandbox.shutdown().await;
}
