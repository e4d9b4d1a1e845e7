//! What of an answer is believed.

use bytes::Bytes;
use ferry_model::{FaultKind, Provider};
use ferry_storage::{
    Delivery, EtagMeaning, ObjectOptions, ObjectStore, Payload, Store, StoreError,
};
use futures_util::{StreamExt, TryStreamExt};

use crate::server::{Server, Step, answer};
use crate::{all_parts, all_uploads, store};

const HTML: &str = "<html><body>Please log in</body></html>";

fn payload() -> Payload {
    Payload::from_bytes(Bytes::from_static(b"hello"))
}

/// Every operation once, with the failure of each (`None`: it took the answer for a success).
pub(crate) async fn all_operations(store: &Store) -> Vec<(&'static str, Option<StoreError>)> {
    let options = ObjectOptions::default();
    vec![
        ("put", store.put_object("k", &options, payload()).await.err()),
        ("initiate", store.initiate("k", &options).await.err()),
        ("part", store.upload_part("k", "U", 1, &ObjectOptions::default(), payload()).await.err()),
        ("parts", store.list_parts("k", "U", None).await.err()),
        ("uploads", store.list_uploads("", None).await.err()),
        ("complete", store.complete("k", "U", &[(1, "E".into())], &options).await.err()),
        ("abort", store.abort("k", "U").await.err()),
        ("delete", store.delete_object("k", None).await.err()),
        ("head", store.head("k").await.err()),
        ("get", store.get("k", None).await.err()),
        ("info", store.bucket_info().await.err()),
        ("objects", store.list_objects("", None, None).await.err()),
    ]
}

#[tokio::test]
async fn n11_a_login_page_is_no_success_anywhere() {
    for (status, headers, providers) in [
        (200, vec!["Content-Type: text/html"], &[Provider::Oss, Provider::S3][..]),
        (200, vec![], &[Provider::Oss, Provider::S3]),
        (302, vec!["Location: http://login.example/"], &[Provider::Oss, Provider::S3]),
        // A file server's page. OSS marks its answers, so this is none of its.
        (
            200,
            vec!["ETag: \"5d41402abc4b2a76b9719d911017c592\"", "Content-Type: text/plain"],
            &[Provider::Oss],
        ),
        (
            206,
            vec!["ETag: \"5d41402abc4b2a76b9719d911017c592\"", "Content-Range: bytes 0-0/9"],
            &[Provider::Oss],
        ),
    ] {
        for provider in providers.iter().copied() {
            let server = Server::start(vec![answer(status, &headers, HTML)]).await;
            for (operation, error) in all_operations(&store(provider, &server.endpoint)).await {
                let error = error.unwrap_or_else(|| {
                    panic!("{operation} took a login page ({status}) for a success")
                });
                assert_eq!(
                    (error.kind(), error.delivery),
                    (FaultKind::NotStore, Delivery::Perhaps),
                    "{operation} {status}: {error:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Server::start(vec![answer(200, &[], "")]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: {}/bkt/k", other.endpoint);
        let server =
            Server::start(vec![answer(status, &[&location, "x-amz-request-id: R"], "")]).await;
        for (operation, error) in all_operations(&store(Provider::S3, &server.endpoint)).await {
            let error = error.unwrap_or_else(|| panic!("{operation} {status}"));
            assert_eq!(
                (error.kind(), error.fault.suggested_endpoint),
                (FaultKind::WrongEndpoint, None),
                "{operation} {status}"
            );
        }
    }
    assert_eq!(other.connections(), 0);
}

fn completed(body: &str) -> Step {
    answer(200, &["x-oss-request-id: R", "x-oss-hash-crc64ecma: 7"], body)
}

#[tokio::test]
async fn complete_is_believed_only_with_a_whole_result() {
    let whole = "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><ETag>\"3858f62230ac3c915f300c664312c11f-9\"</ETag></CompleteMultipartUploadResult>";
    let late = |code: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n\n   <Error><Code>{code}</Code><Message>m</Message></Error>"
        )
    };
    for (body, expected) in [
        (String::new(), Some((FaultKind::NotStore, Delivery::Perhaps))),
        (whole[..whole.len() - 9].to_owned(), Some((FaultKind::NotStore, Delivery::Perhaps))),
        (format!("{whole}<Error/>"), Some((FaultKind::NotStore, Delivery::Perhaps))),
        ("<CompleteMultipartUploadResult/>".into(), Some((FaultKind::NotStore, Delivery::Perhaps))),
        (late("InternalError"), Some((FaultKind::ServerError, Delivery::Perhaps))),
        (late("SlowDown"), Some((FaultKind::Throttled, Delivery::Answered))),
        (late("SomethingNew"), Some((FaultKind::ServerError, Delivery::Perhaps))),
        (format!("\n \n{whole}\n"), None),
    ] {
        let server = Server::start(vec![completed(&body)]).await;
        let got = store(Provider::S3, &server.endpoint)
            .complete("k", "U", &[(1, "E".into())], &ObjectOptions::default())
            .await;
        match expected {
            Some(expected) => assert_eq!(
                got.map_err(|error| (error.kind(), error.delivery)),
                Err(expected),
                "{body}"
            ),
            None => {
                let stored = got.expect("whole");
                assert_eq!(stored.etag.as_deref(), Some("3858f62230ac3c915f300c664312c11f-9"));
                assert_eq!((stored.crc64, stored.etag_meaning), (Some(7), EtagMeaning::Md5));
            }
        }
    }
}

/// Ceph's gateway answers so (16.2, and others before and after it): the object is merged all the
/// same.
#[tokio::test]
async fn complete_may_leave_its_etag_empty() {
    let body = "<CompleteMultipartUploadResult xmlns=\"u\"><Bucket>b</Bucket><Key>k</Key><ETag></ETag></CompleteMultipartUploadResult>";
    let server = Server::start(vec![completed(body)]).await;
    let stored = store(Provider::S3, &server.endpoint)
        .complete("k", "U", &[(1, "E".into())], &ObjectOptions::default())
        .await;
    let stored = stored.expect("merged");
    assert_eq!((stored.etag, stored.etag_meaning), (None, EtagMeaning::Opaque));
}

#[tokio::test]
async fn a_missing_key_in_an_answer_about_an_upload_is_the_upload() {
    let body = "<Error><Code>NoSuchKey</Code><Message></Message></Error>";
    for provider in [Provider::Oss, Provider::S3] {
        let server = Server::start(vec![answer(404, &["x-amz-request-id: R"], body)]).await;
        for (operation, error) in all_operations(&store(provider, &server.endpoint)).await {
            let expected = if ["part", "parts", "complete", "abort"].contains(&operation) {
                FaultKind::UploadGone
            } else {
                FaultKind::NoSuchKey
            };
            match error {
                Some(error) => assert_eq!(error.kind(), expected, "{operation}"),
                // What is gone is what a deletion is for.
                None => assert!(["head", "delete"].contains(&operation), "{operation} believed it"),
            }
        }
    }
}

fn parts_page(numbers: &[u32], truncated: &str, next: &str) -> Step {
    let part = |number: &u32| {
        format!(
            "<Part><PartNumber>{number}</PartNumber><Size>{}</Size><ETag>\"e{number}\"</ETag></Part>",
            number * 10
        )
    };
    let parts: String = numbers.iter().map(part).collect();
    completed(&format!(
        "<ListPartsResult><IsTruncated>{truncated}</IsTruncated>{next}{parts}</ListPartsResult>"
    ))
}

#[tokio::test]
async fn h15_parts_are_listed_to_the_last_page() {
    let next = "<NextPartNumberMarker>3</NextPartNumberMarker>";
    let server = Server::start(vec![
        parts_page(&[1, 3, 3], "true", next),
        parts_page(&[5, 9], "true", ""),
        parts_page(&[], "false", ""),
    ])
    .await;
    let parts = all_parts(&store(Provider::Oss, &server.endpoint)).await.expect("parts");
    assert_eq!(
        parts.iter().map(|part| (part.number, part.size)).collect::<Vec<_>>(),
        [(1, 10), (3, 30), (5, 50), (9, 90)]
    );
    let lines: Vec<_> = server.seen().iter().map(|seen| seen.line().to_owned()).collect();
    assert!(
        lines[1].contains("part-number-marker=3") && lines[2].contains("part-number-marker=9"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn h15_lists_that_do_not_go_on_are_refused() {
    let next = "<NextPartNumberMarker>3</NextPartNumberMarker>";
    for steps in [
        vec![parts_page(&[3], "true", next)],
        vec![parts_page(&[], "true", "")],
        vec![parts_page(&[1], "maybe", "")],
        vec![parts_page(&[0], "false", "")],
        vec![parts_page(&[10_001], "false", "")],
    ] {
        let server = Server::start(steps).await;
        let error = all_parts(&store(Provider::S3, &server.endpoint)).await.expect_err("list");
        assert_eq!(error.kind(), FaultKind::NotStore);
        assert!(server.seen().len() <= 2);
    }
    for (marker, requests) in [
        ("", 1),
        ("<NextKeyMarker>k</NextKeyMarker>", 2),
        ("<NextUploadIdMarker>U</NextUploadIdMarker>", 2),
        ("<NextKeyMarker/>", 1),
    ] {
        let page = format!(
            "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>{marker}</ListMultipartUploadsResult>"
        );
        let server = Server::start(vec![completed(&page)]).await;
        assert_eq!(
            all_uploads(&store(Provider::S3, &server.endpoint), "").await.expect_err("list").kind(),
            FaultKind::NotStore
        );
        assert_eq!(server.seen().len(), requests, "{marker}");
    }
}

/// As SeaweedFS does.
#[tokio::test]
async fn uploads_are_listed_by_ids_alone_where_the_store_names_no_key() {
    let page = |truncated: &str, id: &str, next: &str| {
        completed(&format!(
            "<ListMultipartUploadsResult><IsTruncated>{truncated}</IsTruncated>{next}\
             <Upload><Key>a+b%20c</Key><UploadId>{id}</UploadId></Upload></ListMultipartUploadsResult>"
        ))
    };
    let server = Server::start(vec![
        page("true", "U1", "<NextUploadIdMarker>U1</NextUploadIdMarker>"),
        page("false", "U2", ""),
    ])
    .await;
    let uploads = all_uploads(&store(Provider::S3, &server.endpoint), "").await.expect("uploads");
    let uploads: Vec<_> =
        uploads.iter().map(|upload| (upload.key.as_str(), upload.upload_id.as_str())).collect();
    assert_eq!(uploads, [("a+b%20c", "U1"), ("a+b%20c", "U2")]);
    assert!(
        server.seen()[1].line().contains("max-uploads=1000&upload-id-marker=U1 "),
        "{}",
        server.seen()[1].line()
    );
}

#[tokio::test]
async fn uploads_are_listed_with_decoded_keys() {
    let page = |truncated: &str, key: &str, id: &str| {
        completed(&format!(
            "<ListMultipartUploadsResult xmlns=\"u\"><EncodingType>url</EncodingType><IsTruncated>{truncated}</IsTruncated>\
             <NextKeyMarker>{key}</NextKeyMarker><NextUploadIdMarker>{id}</NextUploadIdMarker>\
             <Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>2026-01-15T08:30:45.000Z</Initiated></Upload></ListMultipartUploadsResult>"
        ))
    };
    let server =
        Server::start(vec![page("true", "a%2Bb+c", "U1"), page("false", "%E7%85%A7", "U2")]).await;
    let uploads = all_uploads(&store(Provider::Oss, &server.endpoint), "").await.expect("uploads");
    assert_eq!(
        uploads.iter().map(|upload| upload.key.as_str()).collect::<Vec<_>>(),
        ["a+b c", "照"]
    );
    assert!(uploads[0].initiated.is_some());
    assert!(server.seen()[1].line().contains("key-marker=a%2Bb%20c&upload-id-marker=U1"));
}

#[tokio::test]
async fn head_tells_what_is_there() {
    let no_bucket = "x-oss-err: PEVycm9yPjxDb2RlPk5vU3VjaEJ1Y2tldDwvQ29kZT48L0Vycm9yPg==";
    let no_key = "x-oss-err: PEVycm9yPjxDb2RlPk5vU3VjaEtleTwvQ29kZT48L0Vycm9yPg==";
    let (oss, s3) = (Provider::Oss, Provider::S3);
    for (provider, status, headers, expected) in [
        (oss, 404, vec!["x-oss-request-id: R", no_key], Ok(false)),
        (oss, 404, vec!["x-oss-request-id: R"], Ok(false)),
        (oss, 404, vec!["x-oss-request-id: R", no_bucket], Err(FaultKind::NoSuchBucket)),
        (
            oss,
            404,
            vec!["x-oss-request-id: R", "x-oss-ec: 0015-00000101"],
            Err(FaultKind::NoSuchBucket),
        ),
        (oss, 404, vec![], Err(FaultKind::UnknownAnswer)),
        (oss, 404, vec!["Content-Type: text/html"], Err(FaultKind::NotStore)),
        (s3, 404, vec![], Ok(false)),
        (s3, 403, vec!["x-amz-request-id: R"], Err(FaultKind::AccessDenied)),
        (s3, 200, vec![], Err(FaultKind::NotStore)),
    ] {
        let server = Server::start(vec![answer(status, &headers, "")]).await;
        let got = store(provider, &server.endpoint).head("k").await;
        assert_eq!(
            got.map(|head| head.is_some()).map_err(|error| error.kind()),
            expected,
            "{provider:?} {status} {headers:?}"
        );
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1234567\r\nETag: \"5D41402ABC4B2A76B9719D911017C592\"\r\nx-oss-hash-crc64ecma: 18446744073709551615\r\n\
                x-oss-object-type: Normal\r\nx-oss-meta-Who: a%E7%85%A7\r\nLast-Modified: Thu, 15 Jan 2026 08:30:45 GMT\r\nx-oss-request-id: R\r\n\r\n";
    let server = Server::start(vec![Step::Answer(head.into())]).await;
    let found = store(oss, &server.endpoint).head("k").await.expect("head").expect("there");
    assert_eq!(
        (found.size, found.crc64, found.etag_meaning),
        (1_234_567, Some(u64::MAX), EtagMeaning::Md5)
    );
    assert_eq!(found.metadata.get("who").map(String::as_str), Some("a照"));
    assert!(found.last_modified.is_some());
}

/// moto answers so, and it is not alone: a HEAD that looks like a web server's own is decided by a
/// signed GET, which has room for a store's word.
#[tokio::test]
async fn a_head_that_looks_foreign_is_decided_by_a_get() {
    let html = || answer(404, &["Content-Type: text/html; charset=utf-8"], "");
    let error = |code: &str| answer(404, &[], &format!("<Error><Code>{code}</Code></Error>"));
    let login = || answer(404, &["Content-Type: text/html"], "<html>no such page</html>");
    let portal = || answer(200, &["Content-Type: text/html"], "<html>log in</html>");
    let redirect = || answer(302, &["Location: http://login.invalid/"], "");
    for (head, get, expected) in [
        (html(), error("NoSuchKey"), Ok(false)),
        (html(), error("NoSuchBucket"), Err(FaultKind::NoSuchBucket)),
        (html(), login(), Err(FaultKind::NotStore)),
        (html(), portal(), Err(FaultKind::NotStore)),
        (html(), html(), Err(FaultKind::NotStore)),
        (html(), redirect(), Err(FaultKind::NotStore)),
        (portal(), portal(), Err(FaultKind::NotStore)),
    ] {
        let server = Server::start(vec![head, get.clone()]).await;
        let got = store(Provider::S3, &server.endpoint).head("k").await;
        assert_eq!(
            got.map(|head| head.is_some()).map_err(|error| error.kind()),
            expected,
            "{get:?}"
        );
        let seen = server.seen();
        assert!(seen[0].line().starts_with("HEAD /bkt/k "), "{}", seen[0].line());
        if let Some(asked) = seen.get(1) {
            assert!(asked.line().starts_with("GET /bkt/k "), "{}", asked.line());
            assert!(asked.header("authorization").is_some(), "{}", asked.head);
        }
    }
}

#[tokio::test]
async fn a_bucket_s_region_is_read_from_either_form() {
    for (body, region) in [
        ("<LocationConstraint xmlns=\"u\"/>", Ok("us-east-1")),
        ("<LocationConstraint>EU</LocationConstraint>", Ok("eu-west-1")),
        ("<LocationConstraint>default</LocationConstraint>", Ok("default")),
        (
            "<CreateBucketConfiguration><LocationConstraint></LocationConstraint></CreateBucketConfiguration>",
            Ok("us-east-1"),
        ),
        (
            "<CreateBucketConfiguration><LocationConstraint>r-1</LocationConstraint></CreateBucketConfiguration>",
            Ok("r-1"),
        ),
        ("<CreateBucketConfiguration/>", Err(FaultKind::NotStore)),
        ("<ListBucketResult/>", Err(FaultKind::NotStore)),
    ] {
        let server = Server::start(vec![completed(body)]).await;
        let info = store(Provider::S3, &server.endpoint).bucket_info().await;
        let expected = region.map(|region| Some(region.to_owned()));
        assert_eq!(info.map(|info| info.region).map_err(|error| error.kind()), expected, "{body}");
    }
}

#[tokio::test]
async fn an_absent_object_is_no_absent_bucket() {
    let error = |code: &str| {
        answer(404, &["x-amz-request-id: R"], &format!("<Error><Code>{code}</Code></Error>"))
    };
    let absent = || answer(404, &["x-amz-request-id: R"], "");
    let server = Server::start(vec![absent(), error("NoSuchBucket")]).await;
    let missing = store(Provider::S3, &server.endpoint).head("k").await.expect_err("no bucket");
    assert_eq!(missing.kind(), FaultKind::NoSuchBucket);

    // Asked once only, and never where something was answered well.
    let server = Server::start(vec![absent(), error("NoSuchKey"), absent()]).await;
    let asked = store(Provider::S3, &server.endpoint);
    for _ in 0..2 {
        assert_eq!(asked.head("k").await.expect("absent"), None);
    }
    assert_eq!(server.seen().len(), 3);
    let server = Server::start(vec![answer(204, &["x-amz-request-id: R"], ""), absent()]).await;
    let known = store(Provider::S3, &server.endpoint);
    known.abort("k", "U").await.expect("204");
    assert_eq!(known.head("k").await.expect("absent"), None);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_is_deleted_may_have_been_gone_before_but_not_with_its_bucket() {
    let gone = |code: &str| format!("<Error><Code>{code}</Code><Message></Message></Error>");
    for provider in [Provider::Oss, Provider::S3] {
        let mark =
            if provider == Provider::Oss { "x-oss-request-id: R" } else { "x-amz-request-id: R" };
        for (status, body, refused) in [
            (204, String::new(), None),
            (404, gone("NoSuchKey"), None),
            (404, gone("NoSuchBucket"), Some(FaultKind::NoSuchBucket)),
            (403, gone("AccessDenied"), Some(FaultKind::AccessDenied)),
        ] {
            let server = Server::start(vec![answer(status, &[mark], &body)]).await;
            let store = store(provider, &server.endpoint);
            let kind = store.delete_object("k", Some("V")).await.err().map(|error| error.kind());
            assert_eq!(kind, refused, "{provider:?} {status} {body}");
        }
        let server = Server::start(vec![answer(403, &[mark], &gone("AccessDenied"))]).await;
        let store = store(provider, &server.endpoint);
        let fault = store.delete_object("k", Some("V")).await.expect_err("refused").fault;
        let needed = format!("{}:DeleteObjectVersion", provider.word());
        assert_eq!(fault.permission, Some(needed), "{provider:?}");
    }
}

#[tokio::test]
async fn how_long_oss_held_a_request_back_is_told() {
    let options = ObjectOptions::default();
    for (provider, told, expected) in [
        (Provider::Oss, "x-oss-qos-delay-time: 1500", 1_500),
        (Provider::Oss, "x-oss-qos-delay-time: 0", 0),
        (Provider::Oss, "x-oss-qos-delay-time: soon", 0),
        (Provider::Oss, "x-oss-qos-delay-time: -7", 0),
        (Provider::Oss, "x-nothing: 1", 0),
        (Provider::S3, "x-oss-qos-delay-time: 1500", 0),
    ] {
        let mark = ["ETag: \"E\"", "x-oss-request-id: R", told];
        let server = Server::start(vec![answer(200, &mark, "")]).await;
        let store = store(provider, &server.endpoint);
        let object = store.put_object("k", &options, payload()).await.expect("stored");
        let part = store.upload_part("k", "U", 1, &options, payload()).await.expect("stored");
        let told = [object.throttled, part.throttled].map(|time| time.as_millis());
        assert_eq!(told, [expected; 2], "{provider:?} {told:?}");
    }
}

#[tokio::test]
async fn a_get_gives_the_bytes_of_the_range() {
    let server = Server::start(vec![
        answer(206, &["ETag: \"E\"", "Content-Range: bytes 2-4/9"], "cde"),
        answer(200, &["ETag: \"E\""], "abcdefghi"),
        answer(206, &["ETag: \"E\"", "Content-Range: bytes 0-2/9"], "abc"),
    ])
    .await;
    let store = store(Provider::S3, &server.endpoint);
    let stream = store.get("k", Some((2, 4))).await.expect("range");
    let bytes: Vec<Bytes> = stream.try_collect().await.expect("bytes");
    assert_eq!(bytes.concat(), b"cde");
    for _ in 0..2 {
        let error = store.get("k", Some((2, 4))).await.map(|_| ()).expect_err("another range");
        assert_eq!(error.kind(), FaultKind::UnknownAnswer);
    }
}

#[tokio::test]
async fn n8_an_answer_cannot_be_endless() {
    let huge = format!("<ListPartsResult>{}</ListPartsResult>", " ".repeat(9 << 20));
    let server = Server::start(vec![answer(200, &["x-oss-request-id: R"], &huge)]).await;
    let error = all_parts(&store(Provider::Oss, &server.endpoint)).await.expect_err("huge");
    assert_eq!(error.kind(), FaultKind::NotStore);
    let flood: String = (0..20_000).map(|number| format!("x-h{number}: aaaaaaaaaa\r\n")).collect();
    let server = Server::start(vec![Step::Answer(format!("HTTP/1.1 200 OK\r\n{flood}\r\n"))]).await;
    let error = all_parts(&store(Provider::Oss, &server.endpoint)).await.expect_err("flood");
    assert_eq!(error.kind(), FaultKind::NotStore, "{error:?}");
    let body =
        store(Provider::Oss, &server.endpoint).get("k", None).await.map(|stream| stream.boxed());
    assert!(body.is_err());
}
