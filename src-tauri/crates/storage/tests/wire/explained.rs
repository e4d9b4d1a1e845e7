//! What an error tells, and what it never does.

use ferry_model::{FaultKind, Provider, RequestPart, SignVersion, SignatureClue};
use ferry_storage::{HttpClient, ObjectOptions, ObjectStore, Payload, Store, StoreConfig};

use crate::answers::all_operations;
use crate::server::{Server, answer};
use crate::{Frozen, config, credentials, short, store};

const ID: &str = "x-oss-request-id: R";

fn denied(more: &str) -> String {
    format!("<Error><Code>AccessDenied</Code><Message>m</Message>{more}</Error>")
}

#[tokio::test]
async fn an_error_says_what_was_asked_and_when() {
    let (oss, s3) = (Provider::Oss, Provider::S3);
    for (provider, expected) in [
        (
            oss,
            [
                ("put", "PUT PutObject", "oss:PutObject"),
                ("initiate", "POST InitiateMultipartUpload", "oss:PutObject"),
                ("part", "PUT UploadPart", "oss:PutObject"),
                ("parts", "GET ListParts", "oss:ListParts"),
                ("uploads", "GET ListMultipartUploads", "oss:ListMultipartUploads"),
                ("complete", "POST CompleteMultipartUpload", "oss:PutObject"),
                ("abort", "DELETE AbortMultipartUpload", "oss:AbortMultipartUpload"),
                ("delete", "DELETE DeleteObject", "oss:DeleteObject"),
                ("head", "HEAD HeadObject", "oss:GetObject"),
                ("get", "GET GetObject", "oss:GetObject"),
                ("info", "GET GetBucketInfo", "oss:GetBucketInfo"),
                ("objects", "GET ListObjectsV2", "oss:ListObjects"),
            ],
        ),
        (
            s3,
            [
                ("put", "PUT PutObject", "s3:PutObject"),
                ("initiate", "POST CreateMultipartUpload", "s3:PutObject"),
                ("part", "PUT UploadPart", "s3:PutObject"),
                ("parts", "GET ListParts", "s3:ListMultipartUploadParts"),
                ("uploads", "GET ListMultipartUploads", "s3:ListBucketMultipartUploads"),
                ("complete", "POST CompleteMultipartUpload", "s3:PutObject"),
                ("abort", "DELETE AbortMultipartUpload", "s3:AbortMultipartUpload"),
                ("delete", "DELETE DeleteObject", "s3:DeleteObject"),
                ("head", "GET GetObject", "s3:GetObject"),
                ("get", "GET GetObject", "s3:GetObject"),
                ("info", "GET GetBucketLocation", "s3:GetBucketLocation"),
                ("objects", "GET ListObjectsV2", "s3:ListBucket"),
            ],
        ),
    ] {
        let err = "x-oss-err: PEVycm9yPjxDb2RlPkFjY2Vzc0RlbmllZDwvQ29kZT48L0Vycm9yPg==";
        let headers = if provider == oss {
            vec![ID, err]
        } else {
            vec!["x-amz-request-id: R", "x-amz-id-2: host/id="]
        };
        let server = Server::start(vec![answer(403, &headers, &denied(""))]).await;
        let got = all_operations(&store(provider, &server.endpoint)).await;
        for ((operation, error), (name, asked, permission)) in got.into_iter().zip(expected) {
            assert_eq!(operation, name);
            let fault = error.expect(operation).fault;
            assert_eq!(fault.kind, FaultKind::AccessDenied, "{operation}");
            assert_eq!(
                (fault.operation.as_deref(), fault.permission.as_deref()),
                (Some(asked), Some(permission)),
                "{provider:?} {operation}"
            );
            assert_eq!(fault.time.as_deref(), Some("2026-01-15T08:30:45Z"));
            assert_eq!(fault.request_id.as_deref(), Some("R"));
            assert_eq!(fault.host_id.as_deref(), (provider == s3).then_some("host/id="));
            let report = fault.report();
            assert!(
                report.contains(asked)
                    && report.contains("2026-01-15T08:30:45Z")
                    && report.contains(permission),
                "{report}"
            );
        }
    }
}

#[tokio::test]
async fn options_need_permissions_of_their_own() {
    let options = ObjectOptions {
        acl: Some("private".into()),
        tagging: vec![("a".into(), "b".into())],
        ..ObjectOptions::default()
    };
    for (provider, permission) in [
        (Provider::Oss, "oss:PutObject, oss:PutObjectAcl, oss:PutObjectTagging"),
        (Provider::S3, "s3:PutObject, s3:PutObjectAcl, s3:PutObjectTagging"),
    ] {
        let server = Server::start(vec![answer(403, &[ID], &denied(""))]).await;
        let error = store(provider, &server.endpoint)
            .put_object("k", &options, Payload::from_bytes("x".into()))
            .await
            .expect_err("403");
        assert_eq!(error.fault.permission.as_deref(), Some(permission));
    }
}

#[tokio::test]
async fn failures_without_an_answer_say_it_too() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let closed = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    let error = store(Provider::Oss, &closed).abort("k", "U").await.expect_err("closed");
    assert_eq!(
        (error.kind(), error.fault.operation.as_deref()),
        (FaultKind::Unreachable, Some("DELETE AbortMultipartUpload"))
    );
    assert_eq!(error.fault.time.as_deref(), Some("2026-01-15T08:30:45Z"));
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nx-oss-request-id: R\r\n\r\n<ListParts";
    let server = Server::start(vec![crate::server::Step::AnswerEarly(0, cut.into())]).await;
    let error =
        store(Provider::Oss, &server.endpoint).list_parts("k", "U", None).await.expect_err("cut");
    assert_eq!(
        (error.kind(), error.fault.operation.as_deref()),
        (FaultKind::ConnectionLost, Some("GET ListParts"))
    );
    for body in ["", "<html></html>", "<ListPartsResult/>"] {
        let server = Server::start(vec![answer(200, &[ID], body)]).await;
        let error = store(Provider::Oss, &server.endpoint)
            .list_parts("k", "U", None)
            .await
            .expect_err("no list");
        assert_eq!(
            (error.kind(), error.fault.operation.as_deref()),
            (FaultKind::NotStore, Some("GET ListParts")),
            "{body}"
        );
    }
}

fn refused(string_to_sign: &str, more: &str) -> String {
    format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><StringToSign>{string_to_sign}</StringToSign>{more}</Error>"
    )
}

/// The check of an abort that is answered with `body`.
async fn check(provider: Provider, sign: SignVersion, body: String) -> (SignatureClue, String) {
    let server = Server::start(vec![answer(403, &[ID], &body)]).await;
    let config = StoreConfig { sign, ..config(provider, &server.endpoint) };
    let client = HttpClient::new(short(std::time::Duration::from_secs(20)));
    let store =
        Store::new(client, &config, credentials(), std::sync::Arc::new(Frozen)).expect("store");
    let fault = store.abort("k", "U").await.expect_err("403").fault;
    assert_eq!(fault.kind, FaultKind::BadSignature);
    let report = fault.report();
    assert!(!report.contains("canary") && !format!("{fault:?}").contains("canary"), "{report}");
    (fault.signature.expect("compared").clue, report)
}

#[tokio::test]
async fn a_refused_signature_is_explained() {
    let v1 = "DELETE\n\n\nThu, 15 Jan 2026 08:30:45 GMT\nx-oss-security-token:canary+token/=\n/bkt/k?uploadId=U";
    let (clue, report) = check(Provider::Oss, SignVersion::V1, refused(v1, "")).await;
    assert_eq!(clue, SignatureClue::SameText);
    assert!(
        report.contains("x-oss-security-token:…\n/bkt/k?uploadId=U")
            && report.contains("The AccessKey secret is wrong."),
        "{report}"
    );
    let altered = v1.replace("DELETE\n\n\n", "DELETE\n\ntext/html\n");
    let (clue, report) = check(Provider::Oss, SignVersion::V1, refused(&altered, "")).await;
    assert_eq!(
        clue,
        SignatureClue::Changed { what: vec![RequestPart::Header("content-type".into())] }
    );
    assert!(
        report.contains("header content-type") && report.contains("StringToSign of Ferry: DELETE"),
        "{report}"
    );

    let v4 = "OSS4-HMAC-SHA256\n20260115T083045Z\n20260115/cn-hangzhou/oss/aliyun_v4_request\n";
    let canonical = "DELETE\n/bkt/k\nuploadId=U\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20260115T083045Z\n\
                     x-oss-security-token:canary+token/=\n\n\nUNSIGNED-PAYLOAD";
    let with = |canonical: &str| {
        refused(&format!("{v4}00"), &format!("<CanonicalRequest>{canonical}</CanonicalRequest>"))
    };
    let (clue, _) =
        check(Provider::Oss, SignVersion::V4, with(&canonical.replace("/bkt/k", "/bkt/K"))).await;
    assert_eq!(clue, SignatureClue::Changed { what: vec![RequestPart::Path] });
    let (clue, report) = check(
        Provider::Oss,
        SignVersion::V4,
        with(&canonical.replace("x-oss-date", "x-oss-proxy:1\nx-oss-date")),
    )
    .await;
    assert_eq!(
        clue,
        SignatureClue::Changed { what: vec![RequestPart::Header("x-oss-proxy".into())] }
    );
    assert!(report.contains("CanonicalRequest of Ferry: DELETE\n/bkt/k"), "{report}");
    let (clue, _) = check(
        Provider::Oss,
        SignVersion::V4,
        refused(&v4.replace("cn-hangzhou", "cn-beijing"), ""),
    )
    .await;
    assert_eq!(clue, SignatureClue::Changed { what: vec![RequestPart::Region] });

    let s3 = "AWS4-HMAC-SHA256\n20260115T083045Z\n20260115/us-east-1/s3/aws4_request\n00";
    let behind_a_proxy = "DELETE\n/bkt/k\nuploadId=U\nhost:inner:9000\nx-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
                          x-amz-date:20260115T083045Z\nx-amz-security-token:canary+token/=\n\nhost;x-amz-content-sha256;x-amz-date;x-amz-security-token\n\
                          e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let body = refused(s3, &format!("<CanonicalRequest>{behind_a_proxy}</CanonicalRequest>"));
    let (clue, _) = check(Provider::S3, SignVersion::V4, body).await;
    assert_eq!(clue, SignatureClue::Changed { what: vec![RequestPart::Header("host".into())] });
    let (clue, _) = check(
        Provider::S3,
        SignVersion::V4,
        "<Error><Code>SignatureDoesNotMatch</Code></Error>".into(),
    )
    .await;
    assert_eq!(clue, SignatureClue::Unknown);
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let echo = "canary-secret canary+token/= canary%2Btoken%2F%3D x-oss-security-token:canary Signature=canary Authorization: OSS id:canary";
    for (status, code) in [
        (403, "SignatureDoesNotMatch"),
        (403, "AccessDenied"),
        (400, "InvalidArgument"),
        (500, "InternalError"),
        (301, "PermanentRedirect"),
    ] {
        let body = format!(
            "<Error><Code>{code}</Code><Message>{echo}</Message><HostId>{echo}</HostId><StringToSign>{echo}</StringToSign></Error>"
        );
        let headers = [
            ID,
            "Location: https://bkt.oss-cn-beijing.aliyuncs.com/k?Signature=canary&security-token=canary",
        ];
        let server = Server::start(vec![answer(status, &headers, &body)]).await;
        for (operation, error) in all_operations(&store(Provider::Oss, &server.endpoint)).await {
            let error = error.expect(operation);
            let shown = format!(
                "{error} {error:?} {} {}",
                error.fault.report(),
                serde_json::to_string(&error.fault).expect("JSON")
            );
            assert!(!shown.contains("canary"), "{operation}: {shown}");
        }
    }
}
