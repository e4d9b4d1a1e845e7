//! The verifiers against signatures that the vendors' own SDKs made.
//!
//! Each case is turned back into the request that its SDK would send. It must pass as it is and
//! fail with one character of its signature changed. Another directory can be named by
//! `SIGNING_VECTORS_DIR`; it may hold some of the files only.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::{SignatureKind, Verifier};
use crate::address::{self, Resource};
use crate::config::Credential;
use crate::error::ApiError;
use crate::request::Request;
use crate::request::testing::request;

fn directory() -> PathBuf {
    std::env::var_os("SIGNING_VECTORS_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors"),
        PathBuf::from,
    )
}

/// The cases of a file; none if the directory has no such file.
fn cases(file: &str) -> Vec<Value> {
    let path = directory().join(file);
    if !path.exists() {
        return Vec::new();
    }
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let document: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases = document["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty(), "{file} holds no case");
    cases
}

fn text<'a>(case: &'a Value, pointer: &str) -> &'a str {
    case.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

fn headers_of(value: &Value) -> Vec<(String, String)> {
    value
        .as_object()
        .map(|map| {
            map.iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").to_owned()))
                .collect()
        })
        .unwrap_or_default()
}

/// The headers that the bearer of a URL has to send: named by the case, or else those that its
/// canonical request holds.
fn headers_to_send(case: &Value) -> Vec<(String, String)> {
    if case["headers"].is_object() {
        return headers_of(&case["headers"]);
    }
    // After method, path and query; a blank line ends them.
    let lines = text(case, "/expected/canonical_request")
        .split('\n')
        .skip(3)
        .take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn build(case: &Value, url: &str, mut headers: Vec<(String, String)>) -> Request {
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
    let borrowed: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    request(text(case, "/method"), url, &borrowed)
}

fn target(case: &Value) -> Resource {
    let own = |name: &str| case[name].as_str().map(str::to_owned);
    Resource { bucket: own("bucket"), key: own("key") }
}

fn verify(
    case: &Value,
    request: &Request,
    target: &Resource,
    after: Duration,
) -> Result<(), ApiError> {
    let secret =
        ["/access_key_secret", "/secret_access_key"].map(|pointer| text(case, pointer)).concat();
    let token = ["/security_token", "/session_token"].map(|pointer| text(case, pointer)).concat();
    let mut credential = Credential::new(text(case, "/access_key_id"), secret);
    credential.security_token = (!token.is_empty()).then_some(token);
    let region = case["sign_region"].as_str().unwrap_or_else(|| text(case, "/region"));
    let signed_at =
        OffsetDateTime::parse(text(case, "/time"), &time::format_description::well_known::Rfc3339)
            .unwrap();
    let credentials = [credential];
    let verifier = Verifier { credentials: &credentials, region, now: signed_at + after };
    verifier.verify(request, target, SignatureKind::of(request)).map(|_| ())
}

/// The same text with the last letter or digit of `signature` replaced, wherever it stands.
fn flipped(text: &str, signature: &str) -> String {
    let at = text.rfind(signature).unwrap_or_else(|| panic!("{signature} is not in {text}"));
    let changed: String = signature
        .char_indices()
        .map(|(index, c)| match (index, c) {
            (0, 'a') => 'b',
            (0, _) => 'a',
            _ => c,
        })
        .collect();
    format!("{}{changed}{}", &text[..at], &text[at + signature.len()..])
}

fn check_header_cases(file: &str) {
    for case in cases(file) {
        let id = text(&case, "/id");
        let mut headers = headers_of(&case["expected"]["signed_request_headers"]);
        if headers.is_empty() {
            headers = headers_of(&case["expected"]["signed_headers"]);
            headers.extend(headers_of(&case["expected"]["other_headers"]));
        }
        headers.retain(|(name, _)| name != "authorization");
        let signature = text(&case, "/expected/signature");
        for spelling in ["/expected/authorization", "/expected/authorization_oss2_spelling"] {
            let authorization = text(&case, spelling);
            if authorization.is_empty() {
                continue;
            }
            let signed = |value: String| {
                let mut all = headers.clone();
                all.push(("authorization".to_owned(), value));
                build(&case, text(&case, "/expected/url"), all)
            };
            let right = signed(authorization.to_owned());
            let target = target_of(&case, &right);
            let verdict = verify(&case, &right, &target, Duration::ZERO);
            assert!(verdict.is_ok(), "{file} {id}: {verdict:?}");
            let wrong = signed(flipped(authorization, signature));
            let error = verify(&case, &wrong, &target, Duration::ZERO).unwrap_err();
            assert_eq!(error.code, "SignatureDoesNotMatch", "{file} {id}");
            let shown = error.extra.iter().find(|(name, _)| *name == "StringToSign");
            assert_eq!(
                shown.map(|(_, value)| value.as_str()),
                Some(text(&case, "/expected/string_to_sign")),
                "{file} {id}"
            );
            let late = verify(&case, &right, &target, Duration::minutes(16)).unwrap_err();
            assert_eq!(late.code, "RequestTimeTooSkewed", "{file} {id}");
        }
    }
}

/// OSS cases name bucket and key; S3 signs the path itself and needs neither.
fn target_of(case: &Value, request: &Request) -> Resource {
    if case.get("bucket").is_some() {
        let named = target(case);
        let domain = request.host.split(':').next().unwrap_or_default().to_owned();
        let bound = match text(case, "/addressing") {
            "cname" => BTreeMap::from([(domain, named.bucket.clone().unwrap_or_default())]),
            _ => BTreeMap::new(),
        };
        let found = address::resolve(&request.host, &request.raw_path, &bound, |name| {
            Some(name) == named.bucket.as_deref()
        })
        .unwrap();
        assert_eq!(found, named, "{}", text(case, "/id"));
        return found;
    }
    Resource::default()
}

fn check_presigned_cases(file: &str) {
    for case in cases(file) {
        let id = text(&case, "/id");
        for spelling in ["/expected/url", "/expected/oss2_url"] {
            let url = text(&case, spelling);
            if url.is_empty() {
                continue;
            }
            let right = build(&case, url, headers_to_send(&case));
            let target = target_of(&case, &right);
            let verdict = verify(&case, &right, &target, Duration::ZERO);
            assert!(verdict.is_ok(), "{file} {id}: {verdict:?}");
            let signature = crate::percent::encode(text(&case, "/expected/signature").as_bytes());
            let wrong = build(&case, &flipped(url, &signature), headers_to_send(&case));
            let error = verify(&case, &wrong, &target, Duration::ZERO).unwrap_err();
            assert_eq!(error.code, "SignatureDoesNotMatch", "{file} {id}");
            let life = Duration::seconds(case["expires_seconds"].as_i64().unwrap());
            assert!(verify(&case, &right, &target, life).is_ok(), "{file} {id}");
            let late = verify(&case, &right, &target, life + Duration::SECOND).unwrap_err();
            assert_eq!(late.code, "AccessDenied", "{file} {id}");
        }
    }
}

const HEADERS: [&str; 3] = ["oss_v1_header.json", "oss_v4_header.json", "s3_sigv4_header.json"];
const PRESIGNED: [&str; 3] =
    ["oss_v1_presign.json", "oss_v4_presign.json", "s3_sigv4_presign.json"];

#[test]
fn vectors_are_there() {
    let found = HEADERS.iter().chain(&PRESIGNED).filter(|file| !cases(file).is_empty()).count();
    let any = directory().read_dir().is_ok_and(|mut entries| entries.any(|entry| entry.is_ok()));
    let is_own = std::env::var_os("SIGNING_VECTORS_DIR").is_none();
    assert!(
        any && (found == 6 || !is_own),
        "{found} of 6 files of cases in {}",
        directory().display()
    );
}

#[test]
fn vectors_of_oss_v1_headers() {
    check_header_cases("oss_v1_header.json");
}

#[test]
fn vectors_of_oss_v4_headers() {
    check_header_cases("oss_v4_header.json");
}

#[test]
fn vectors_of_s3_v4_headers() {
    check_header_cases("s3_sigv4_header.json");
}

#[test]
fn vectors_of_oss_v1_presigned() {
    check_presigned_cases("oss_v1_presign.json");
}

#[test]
fn vectors_of_oss_v4_presigned() {
    check_presigned_cases("oss_v4_presign.json");
}

#[test]
fn vectors_of_s3_v4_presigned() {
    check_presigned_cases("s3_sigv4_presign.json");
}
