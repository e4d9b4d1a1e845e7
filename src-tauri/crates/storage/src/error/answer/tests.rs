//! Answers as stores, proxies and attackers send them.

use ferry_model::{Language, Secret};

use super::*;

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "LTAI-1".into(),
        access_key_secret: Secret::new("canary-secret"),
        security_token: Some(Secret::new("canary+token/=")),
        expires_ms: None,
    }
}

fn head(status: u16, headers: &[(&'static str, &str)]) -> Head {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Head { status, headers: map, proxy: None }
}

fn asked<'a>(credentials: &'a Credentials, endpoint_host: &'a str) -> Asked<'a> {
    Asked {
        provider: if endpoint_host.ends_with("aliyuncs.com") {
            Provider::Oss
        } else {
            Provider::S3
        },
        scheme: Scheme::Https,
        endpoint_host,
        bucket: "bkt",
        region: "us-east-1",
        key: Some("dir/key"),
        only_if_absent: OnlyIfAbsent::NotAsked,
        permission: "oss:PutObject",
        credentials,
        signed: None,
    }
}

fn signed(string_to_sign: &str) -> Signed {
    Signed {
        headers: Vec::new(),
        query: Vec::new(),
        authorization: None,
        signature: "canary-signature".to_owned(),
        string_to_sign: string_to_sign.to_owned(),
        canonical_request: None,
    }
}

fn error(fields: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error>{fields}</Error>")
}

const OSS: &str = "oss-cn-hangzhou.aliyuncs.com";
const AWS: &str = "s3.amazonaws.com";

#[test]
fn an_error_document_is_taken_whole() {
    let credentials = credentials();
    let body = error(
        "<Code> NoSuchUpload </Code><Message>gone</Message><RequestId>5C3D</RequestId><HostId>bkt.oss</HostId><EC>0042-00000203</EC>\
         <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0042-00000203</RecommendDoc>",
    );
    let got =
        classify(&asked(&credentials, OSS), &head(404, &[("retry-after", "900")]), body.as_bytes());
    assert_eq!((got.fault.kind, got.delivery), (FaultKind::UploadGone, Delivery::Answered));
    assert_eq!(got.fault.code.as_deref(), Some("NoSuchUpload"));
    assert_eq!(got.fault.ec.as_deref(), Some("0042-00000203"));
    assert_eq!(got.fault.request_id.as_deref(), Some("5C3D"));
    assert_eq!(got.fault.host_id.as_deref(), Some("bkt.oss"));
    assert_eq!(
        got.fault.recommended_page.as_deref(),
        Some("https://api.aliyun.com/troubleshoot?q=0042-00000203")
    );
    assert_eq!(got.fault.subject.as_deref(), Some("dir/key"));
    assert_eq!(got.fault.retry_after_seconds, Some(300), "capped");
}

#[test]
fn a_head_request_tells_by_header() {
    let credentials = credentials();
    let encoded = STANDARD.encode(error("<Code>NoSuchBucket</Code><EC>0015-00000101</EC>"));
    let got = classify(
        &asked(&credentials, OSS),
        &head(404, &[("x-oss-err", &encoded), ("x-oss-request-id", "R1")]),
        b"",
    );
    assert_eq!(got.fault.kind, FaultKind::NoSuchBucket);
    assert_eq!(
        (got.fault.request_id.as_deref(), got.fault.ec.as_deref()),
        (Some("R1"), Some("0015-00000101"))
    );
    let got = classify(
        &asked(&credentials, OSS),
        &head(404, &[("x-oss-ec", "0026-00000001"), ("x-oss-request-id", "R1")]),
        b"",
    );
    assert_eq!(
        (got.fault.kind, got.fault.ec.as_deref()),
        (FaultKind::NoSuchKey, Some("0026-00000001"))
    );
    let got = classify(
        &asked(&credentials, AWS),
        &head(403, &[("x-amz-request-id", "R2"), ("x-amz-id-2", "abc/def=")]),
        b"",
    );
    assert_eq!(
        (got.fault.request_id.as_deref(), got.fault.host_id.as_deref()),
        (Some("R2"), Some("abc/def="))
    );
    for broken in ["not base64!", "PGh0bWw+", "/////w=="] {
        let got = classify(
            &asked(&credentials, OSS),
            &head(404, &[("x-oss-err", broken), ("x-oss-request-id", "R1")]),
            b"",
        );
        assert_eq!((got.fault.kind, got.fault.code), (FaultKind::UnknownAnswer, None), "{broken}");
    }
}

#[test]
fn what_is_no_store_is_told_apart() {
    let credentials = credentials();
    let html = b"<html><body>Please log in</body></html>".as_slice();
    for (status, headers, body, kind) in [
        (403, vec![], html, FaultKind::NotStore),
        (404, vec![], b"not found".as_slice(), FaultKind::NotStore),
        (302, vec![("location", "http://login.example/")], b"", FaultKind::NotStore),
        (307, vec![("location", "http://evil.example/bkt")], b"", FaultKind::NotStore),
        (407, vec![], b"", FaultKind::ProxySignIn),
        (511, vec![], b"", FaultKind::NotStore),
        (502, vec![("content-type", "text/html")], html, FaultKind::ServerError),
        (429, vec![], html, FaultKind::Throttled),
        (403, vec![("x-amz-request-id", "R")], html, FaultKind::AccessDenied),
        (403, vec![], b"".as_slice(), FaultKind::AccessDenied),
        (500, vec![], b"<Error><Code>SlowDown</Code><Mess".as_slice(), FaultKind::Throttled),
        (307, vec![("x-amz-request-id", "R")], b"", FaultKind::WrongEndpoint),
    ] {
        let got = classify(&asked(&credentials, AWS), &head(status, &headers), body);
        assert_eq!(got.fault.kind, kind, "{status} {headers:?}");
    }
}

#[test]
fn a_wrong_region_is_seen_in_every_form() {
    let credentials = credentials();
    let asked = asked(&credentials, AWS);
    let body = error(
        "<Code>AuthorizationHeaderMalformed</Code><Message>expecting</Message><Region>eu-west-1</Region>",
    );
    for (status, headers, body, kind) in [
        (400, vec![], body.as_str(), FaultKind::WrongRegion),
        (400, vec![("x-amz-bucket-region", "eu-west-1")], "", FaultKind::WrongRegion),
        (301, vec![("x-amz-bucket-region", "eu-west-1")], "", FaultKind::WrongEndpoint),
    ] {
        let got = classify(&asked, &head(status, &headers), body.as_bytes());
        assert_eq!(got.fault.kind, kind);
        assert_eq!(got.fault.suggested_endpoint.as_deref(), Some("s3.eu-west-1.amazonaws.com"));
        assert_eq!(got.fault.suggested_region.as_deref(), Some("eu-west-1"));
    }
}

#[test]
fn conditions_and_tokens_change_the_meaning() {
    let with_token = credentials();
    let conditional = Asked { only_if_absent: OnlyIfAbsent::Asked, ..asked(&with_token, AWS) };
    assert_eq!(classify(&conditional, &head(412, &[]), b"").fault.kind, FaultKind::AlreadyExists);
    assert_eq!(
        classify(&asked(&with_token, AWS), &head(412, &[]), b"").fault.kind,
        FaultKind::PreconditionFailed
    );
    assert_eq!(classify(&conditional, &head(401, &[]), b"").fault.kind, FaultKind::TokenExpired);
    let plain = Credentials { security_token: None, ..credentials() };
    assert_eq!(
        classify(&asked(&plain, AWS), &head(401, &[]), b"").fault.kind,
        FaultKind::BadAccessKey
    );
}

#[test]
fn a_code_may_mean_several_things() {
    let credentials = credentials();
    for (status, fields, kind) in [
        (
            403,
            "<Code>AccessDenied</Code><Message>This request is forbidden by kms.</Message>",
            FaultKind::EncryptionKeyRefused,
        ),
        (
            403,
            "<Code>AccessDenied</Code><Message>not authorized to perform: kms:GenerateDataKey</Message>",
            FaultKind::EncryptionKeyRefused,
        ),
        (
            403,
            "<Code>AccessDenied</Code><Message>You have no right.</Message>",
            FaultKind::AccessDenied,
        ),
        (
            403,
            "<Code>AccessDenied</Code><Message>… must be addressed using the specified endpoint. …</Message>",
            FaultKind::WrongEndpoint,
        ),
        (
            400,
            "<Code>AuthorizationHeaderMalformed</Code><Message>a non-empty Access Key (AKID) must be provided</Message>",
            FaultKind::BadAccessKey,
        ),
        (
            400,
            "<Code>AuthorizationHeaderMalformed</Code><Message>x</Message><Region>eu-west-1</Region>",
            FaultKind::WrongRegion,
        ),
        (507, "<Code>SomethingNew</Code>", FaultKind::StoreFull),
    ] {
        assert_eq!(
            classify(&asked(&credentials, AWS), &head(status, &[]), error(fields).as_bytes())
                .fault
                .kind,
            kind,
            "{fields}"
        );
    }
}

#[test]
fn a_refusal_names_the_permission() {
    let credentials = credentials();
    let got = classify(
        &asked(&credentials, OSS),
        &head(403, &[]),
        error("<Code>AccessDenied</Code>").as_bytes(),
    );
    assert_eq!(got.fault.permission.as_deref(), Some("oss:PutObject"));
    for language in Language::ALL {
        assert!(got.fault.hint().in_language(*language).contains("oss:PutObject"));
    }
}

#[test]
fn signatures_are_compared() {
    let credentials = credentials();
    let ours = "PUT\n\ntext/plain\nThu, 15 Jan 2026 08:30:45 GMT\nx-oss-security-token:canary+token/=\n/bkt/k";
    let own = signed(ours);
    let with = |theirs: &str, more: &str| {
        let body = error(&format!(
            "<Code>SignatureDoesNotMatch</Code><StringToSign>{theirs}</StringToSign>{more}"
        ));
        let asked = Asked { signed: Some(&own), ..asked(&credentials, OSS) };
        let fault = classify(&asked, &head(403, &[]), body.as_bytes()).fault;
        assert!(!format!("{fault:?} {}", fault.report()).contains("canary"), "{fault:?}");
        *fault.signature.expect("compared")
    };
    let same = with(ours, "");
    assert_eq!((same.clue, same.ours), (SignatureClue::SameText, None));
    assert!(same.theirs.is_some_and(|text| text.contains("x-oss-security-token:…\n/bkt/k")));
    let changed = with(&ours.replace("text/plain", "text/html"), "");
    assert_eq!(
        changed.clue,
        SignatureClue::Changed {
            what: vec![ferry_model::RequestPart::Header("content-type".into())]
        }
    );
    assert!(changed.ours.is_some_and(|text| text.contains("text/plain")));
    // The bytes count where both are sent: what XML did to the text does not matter.
    let bytes = format!("<StringToSignBytes>{}</StringToSignBytes>", hex::encode_upper(ours));
    assert_eq!(with("PUT text/plain", &bytes).clue, SignatureClue::SameText);
    assert_eq!(with("", "").clue, SignatureClue::Unknown);
}

#[test]
fn no_secret_is_repeated() {
    let credentials = credentials();
    let own = signed("PUT");
    let asked = Asked { signed: Some(&own), ..asked(&credentials, OSS) };
    let everywhere = "canary-secret and canary%2Btoken%2F%3D and canary%2btoken%2f%3d and canary-signature and x-oss-security-token:abcanary";
    let body = error(&format!(
        "<Code>SignatureDoesNotMatch {everywhere}</Code><Message>{everywhere}</Message><RequestId>{everywhere}</RequestId><EC>{everywhere}</EC>\
         <HostId>{everywhere}</HostId><RecommendDoc>https://{everywhere}</RecommendDoc><SignatureProvided>canary-signature</SignatureProvided>\
         <StringToSign>PUT\n\n\nx\nx-oss-security-token:canary+token/=\n/bkt/k</StringToSign><CanonicalRequest>{everywhere}</CanonicalRequest>"
    ));
    for (status, headers) in [
        (403, vec![]),
        (307, vec![("location", "https://bkt.oss-cn-beijing.aliyuncs.com/?Signature=canary")]),
    ] {
        for body in [
            body.as_str(),
            &body.replace("SignatureDoesNotMatch canary-secret", "SignatureDoesNotMatch"),
        ] {
            let got = classify(&asked, &head(status, &headers), body.as_bytes());
            assert!(!format!("{got:?} {got} {}", got.fault.report()).contains("canary"), "{got:?}");
        }
    }
    let got =
        classify(&asked, &head(403, &[]), error("<Code>SignatureDoesNotMatch</Code>").as_bytes());
    assert_eq!(got.fault.kind, FaultKind::BadSignature);
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let date = "Thu, 15 Jan 2026 08:30:45 GMT";
    for (text, seconds) in [
        ("7", Some(7)),
        ("0", Some(0)),
        ("301", Some(300)),
        ("99999999999999999999999999", Some(300)),
        ("Thu, 15 Jan 2026 08:31:00 GMT", Some(15)),
        ("Thu, 15 Jan 2026 08:30:00 GMT", Some(0)),
        ("Fri, 16 Jan 2026 08:31:00 GMT", Some(300)),
        ("soon", None),
        ("-1", None),
        ("+7", None),
        ("7.5", None),
        ("7, 8", None),
    ] {
        assert_eq!(
            retry_after(&head(503, &[("retry-after", text), ("date", date)])),
            seconds,
            "{text}"
        );
    }
}

#[test]
fn a_proxy_that_refuses_is_told_from_a_store_that_does() {
    let page = ("<html>squid</html>", &[("content-type", "text/html")][..]);
    let denied = error("<Code>AccessDenied</Code><RequestId>R</RequestId>");
    let proxy = Some("http://proxy.lan:3128");
    for (status, (body, headers), proxy, kind) in [
        (407, page, proxy, FaultKind::ProxySignIn),
        (407, ("", &[][..]), None, FaultKind::ProxySignIn),
        (401, page, proxy, FaultKind::ProxySignIn),
        (403, page, proxy, FaultKind::ProxyRefused),
        (403, page, None, FaultKind::NotStore),
        (403, (denied.as_str(), &[][..]), proxy, FaultKind::AccessDenied),
        (503, page, proxy, FaultKind::ServerError),
    ] {
        let credentials = credentials();
        let head = Head { proxy: proxy.map(str::to_owned), ..head(status, headers) };
        let error = classify(&asked(&credentials, OSS), &head, body.as_bytes());
        assert_eq!(error.kind(), kind, "{status} {proxy:?} {body}");
        if matches!(kind, FaultKind::ProxySignIn | FaultKind::ProxyRefused) {
            assert_eq!(error.fault.subject.as_deref(), proxy);
        }
    }
}
