//! Answers as stores, proxies and attackers send them.

use ferry_model::Secret;

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
    Head { status, headers: map }
}

fn asked<'a>(credentials: &'a Credentials, endpoint_host: &'a str) -> Asked<'a> {
    Asked {
        provider: if endpoint_host.ends_with("aliyuncs.com") { Provider::Oss } else { Provider::S3 },
        endpoint_host,
        bucket: "bkt",
        region: "us-east-1",
        key: Some("dir/key"),
        only_if_absent: OnlyIfAbsent::NotAsked,
        credentials,
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
    let body = error("<Code> NoSuchUpload </Code><Message>gone</Message><RequestId>5C3D</RequestId><EC>0042-00000203</EC>");
    let got = classify(&asked(&credentials, OSS), &head(404, &[("retry-after", "900")]), body.as_bytes());
    assert_eq!((got.fault.kind, got.delivery), (FaultKind::UploadGone, Delivery::Answered));
    assert_eq!(got.fault.code.as_deref(), Some("NoSuchUpload"));
    assert_eq!(got.fault.ec.as_deref(), Some("0042-00000203"));
    assert_eq!(got.fault.request_id.as_deref(), Some("5C3D"));
    assert_eq!(got.fault.subject.as_deref(), Some("dir/key"));
    assert_eq!(got.fault.retry_after_seconds, Some(300), "capped");
}

#[test]
fn a_head_request_tells_by_header() {
    let credentials = credentials();
    let encoded = STANDARD.encode(error("<Code>NoSuchBucket</Code><EC>0015-00000101</EC>"));
    let got = classify(&asked(&credentials, OSS), &head(404, &[("x-oss-err", &encoded), ("x-oss-request-id", "R1")]), b"");
    assert_eq!(got.fault.kind, FaultKind::NoSuchBucket);
    assert_eq!((got.fault.request_id.as_deref(), got.fault.ec.as_deref()), (Some("R1"), Some("0015-00000101")));
    let got = classify(&asked(&credentials, OSS), &head(404, &[("x-oss-ec", "0026-00000001"), ("x-oss-request-id", "R1")]), b"");
    assert_eq!((got.fault.kind, got.fault.ec.as_deref()), (FaultKind::UnknownAnswer, Some("0026-00000001")));
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
        (407, vec![], b"", FaultKind::NotStore),
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
fn another_endpoint_is_offered_only_if_plausible() {
    let credentials = credentials();
    for (configured, named, offered) in [
        (OSS, "oss-cn-shanghai.aliyuncs.com", Some("oss-cn-shanghai.aliyuncs.com")),
        (OSS, "bkt.oss-cn-shanghai.aliyuncs.com", Some("oss-cn-shanghai.aliyuncs.com")),
        (OSS, "evil.example", None),
        (OSS, "aliyuncs.com.evil.example", None),
        (OSS, "evilaliyuncs.com", None),
        (OSS, "evil.example/.aliyuncs.com", None),
        (OSS, "user@oss-cn-shanghai.aliyuncs.com", None),
        (OSS, "169.254.169.254", None),
        (OSS, OSS, None),
        (AWS, "bkt.s3.eu-west-1.amazonaws.com", Some("s3.eu-west-1.amazonaws.com")),
        ("one.s3.example.com", "two.s3.example.com", Some("two.s3.example.com")),
        ("s3.example.com", "evil.com", None),
        ("10.0.0.1", "9.0.0.1", None),
    ] {
        let body = error(&format!("<Code>AccessDenied</Code><Message>x</Message><Endpoint>{named}</Endpoint>"));
        let got = classify(&asked(&credentials, configured), &head(403, &[]), body.as_bytes());
        assert_eq!(got.fault.kind, FaultKind::WrongEndpoint);
        assert_eq!(got.fault.suggested_endpoint.as_deref(), offered, "{configured} {named}");
    }
}

#[test]
fn a_wrong_region_is_seen_in_every_form() {
    let credentials = credentials();
    let asked = asked(&credentials, AWS);
    let body = error("<Code>AuthorizationHeaderMalformed</Code><Message>expecting</Message><Region>eu-west-1</Region>");
    for (status, headers, body, kind) in [
        (400, vec![], body.as_str(), FaultKind::WrongRegion),
        (400, vec![("x-amz-bucket-region", "eu-west-1")], "", FaultKind::WrongRegion),
        (301, vec![("x-amz-bucket-region", "eu-west-1")], "", FaultKind::WrongEndpoint),
    ] {
        let got = classify(&asked, &head(status, &headers), body.as_bytes());
        assert_eq!(got.fault.kind, kind);
        assert_eq!(got.fault.suggested_endpoint.as_deref(), Some("s3.eu-west-1.amazonaws.com"));
        assert!(got.fault.message.unwrap().contains("eu-west-1"));
    }
}

#[test]
fn conditions_and_tokens_change_the_meaning() {
    let with_token = credentials();
    let conditional = Asked { only_if_absent: OnlyIfAbsent::Asked, ..asked(&with_token, AWS) };
    assert_eq!(classify(&conditional, &head(412, &[]), b"").fault.kind, FaultKind::AlreadyExists);
    assert_eq!(classify(&asked(&with_token, AWS), &head(412, &[]), b"").fault.kind, FaultKind::PreconditionFailed);
    assert_eq!(classify(&conditional, &head(401, &[]), b"").fault.kind, FaultKind::TokenExpired);
    let plain = Credentials { security_token: None, ..credentials() };
    assert_eq!(classify(&asked(&plain, AWS), &head(401, &[]), b"").fault.kind, FaultKind::BadAccessKey);
}

#[test]
fn no_secret_is_repeated() {
    let credentials = credentials();
    let body = error(
        "<Code>SignatureDoesNotMatch</Code><Message>canary-secret and canary%2Btoken%2F%3D</Message>\
         <StringToSign>PUT\n\n\nx\nx-oss-security-token:canary+token/=\n/bkt/k</StringToSign>",
    );
    let got = classify(&asked(&credentials, OSS), &head(403, &[]), body.as_bytes());
    assert_eq!(got.fault.kind, FaultKind::BadSignature);
    assert!(got.fault.string_to_sign.as_deref().is_some_and(|text| text.starts_with("PUT\n\n\n") && text.ends_with("/bkt/k")));
    assert!(!format!("{got:?} {got} {}", got.fault.report()).contains("canary"), "{got:?}");
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
        assert_eq!(retry_after(&head(503, &[("retry-after", text), ("date", date)])), seconds, "{text}");
    }
}
