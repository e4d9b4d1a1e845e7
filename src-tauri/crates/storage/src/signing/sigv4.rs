//! AWS signature V4 for S3 (S3: "Authenticating requests"; botocore `auth.py`).

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ferry_model::Credentials;
use sha2::{Digest, Sha256};

use super::key::Flavour;
use super::{
    CredentialScope, Flags, Request, Signed, SigningKey, SigningTime, UNSIGNED_PAYLOAD, by_name,
    canonical_query, header_lines, owned,
};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The hash of no bytes.
pub const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Headers that proxies and transports set or change; signing them would break the signature on its
/// way (botocore `auth.py` leaves out the same, and sets the lengths and encodings only after it
/// has signed).
const NEVER_SIGNED: &[&str] = &[
    "accept-encoding",
    "authorization",
    "baggage",
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// What is said about the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadHash<'a> {
    /// There is none.
    Empty,
    /// It is not signed.
    Unsigned,
    /// Its SHA-256 in lower-case hex.
    Sha256(&'a str),
}

impl PayloadHash<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Empty => EMPTY_SHA256,
            Self::Unsigned => UNSIGNED_PAYLOAD,
            Self::Sha256(hash) => hash,
        }
    }
}

/// Signs by header: adds `x-amz-date`, `x-amz-content-sha256`, the session token and
/// `Authorization`.
pub fn sign(
    request: &Request<'_>,
    scope: CredentialScope<'_>,
    key: &SigningKey,
    credentials: &Credentials,
    now: SystemTime,
    payload: PayloadHash<'_>,
) -> Signed {
    let moment = SigningTime::from(now);
    let mut headers = vec![
        owned("x-amz-date", moment.stamp.clone()),
        owned("x-amz-content-sha256", payload.text()),
    ];
    if let Some(token) = &credentials.security_token {
        headers.push(owned("x-amz-security-token", token.expose()));
    }
    let signed_headers = signed_headers(request.headers.iter().chain(&headers));
    let made = make(request, &[], &signed_headers, payload.text(), scope, key, &moment);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
        credentials.access_key_id,
        Flavour::S3.scope_text(&moment.date, scope),
        names(&signed_headers),
        made.signature
    );
    headers.push(owned("authorization", authorization.clone()));
    Signed { headers, authorization: Some(authorization), ..made }
}

/// Signs by query: the URL is valid for `expires` (1 s to 7 days; the caller checks).
pub fn presign(
    request: &Request<'_>,
    scope: CredentialScope<'_>,
    key: &SigningKey,
    credentials: &Credentials,
    now: SystemTime,
    expires: Duration,
) -> Signed {
    let moment = SigningTime::from(now);
    let signed_headers = signed_headers(request.headers.iter());
    let credential =
        format!("{}/{}", credentials.access_key_id, Flavour::S3.scope_text(&moment.date, scope));
    let mut query = vec![
        owned("X-Amz-Algorithm", ALGORITHM),
        owned("X-Amz-Credential", credential),
        owned("X-Amz-Date", moment.stamp.clone()),
        owned("X-Amz-Expires", expires.as_secs().to_string()),
        owned("X-Amz-SignedHeaders", names(&signed_headers)),
    ];
    if let Some(token) = &credentials.security_token {
        query.push(owned("X-Amz-Security-Token", token.expose()));
    }
    let made = make(request, &query, &signed_headers, UNSIGNED_PAYLOAD, scope, key, &moment);
    query.push(owned("X-Amz-Signature", made.signature.clone()));
    Signed { query, ..made }
}

/// The headers that are signed, by lower-case name.
fn signed_headers<'a>(
    headers: impl Iterator<Item = &'a (String, String)>,
) -> BTreeMap<String, String> {
    let mut map = by_name(headers, collapsed);
    map.retain(|name, _| !NEVER_SIGNED.contains(&name.as_str()));
    map
}

/// A value with each run of blanks made one space, and none at its ends.
fn collapsed(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn names(headers: &BTreeMap<String, String>) -> String {
    headers.keys().map(String::as_str).collect::<Vec<_>>().join(";")
}

fn make(
    request: &Request<'_>,
    more_query: &[(String, String)],
    headers: &BTreeMap<String, String>,
    payload: &str,
    scope: CredentialScope<'_>,
    key: &SigningKey,
    moment: &SigningTime,
) -> Signed {
    let canonical_request = format!(
        "{}\n{}\n{}\n{}\n{}\n{payload}",
        request.method,
        request.path,
        canonical_query(request.query.iter().chain(more_query), Flags::WithEquals),
        header_lines(headers.iter()),
        names(headers),
    );
    let string_to_sign = format!(
        "{ALGORITHM}\n{}\n{}\n{}",
        moment.stamp,
        Flavour::S3.scope_text(&moment.date, scope),
        hex::encode(Sha256::digest(canonical_request.as_bytes()))
    );
    Signed {
        headers: Vec::new(),
        query: Vec::new(),
        authorization: None,
        signature: key.sign(&string_to_sign),
        string_to_sign,
        canonical_request: Some(canonical_request),
    }
}
