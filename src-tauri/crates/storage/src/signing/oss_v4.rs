//! OSS signature V4 (OSS: "Signature version 4"; alibabacloud-oss-go-sdk-v2 `signer/v4.go`):
//! OSS4-HMAC-SHA256.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ferry_model::Credentials;
use sha2::{Digest, Sha256};

use super::key::Flavour;
use super::{
    CredentialScope, Flags, Request, Signed, SigningKey, SigningTime, UNSIGNED_PAYLOAD, by_name,
    canonical_query, header_lines, owned, trimmed,
};
use crate::percent;

const ALGORITHM: &str = "OSS4-HMAC-SHA256";

/// Signs by header. Adds `x-oss-date`, `Date`, `x-oss-content-sha256` (unless the request brings
/// its own), the STS token and `Authorization`. `additional` names further headers to sign; those
/// the request does not carry, or carries empty, are dropped.
pub fn sign(
    request: &Request<'_>,
    scope: CredentialScope<'_>,
    key: &SigningKey,
    credentials: &Credentials,
    now: SystemTime,
    additional: &[&str],
) -> Signed {
    let moment = SigningTime::from(now);
    let mut headers =
        vec![owned("x-oss-date", moment.stamp.clone()), owned("date", moment.http.clone())];
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-oss-content-sha256")) {
        headers.push(owned("x-oss-content-sha256", UNSIGNED_PAYLOAD));
    }
    if let Some(token) = &credentials.security_token {
        headers.push(owned("x-oss-security-token", token.expose()));
    }
    let all = by_name(request.headers.iter().chain(&headers), trimmed);
    let additional = additional_names(&all, additional);
    let made = make(request, &[], &all, &additional, scope, key, &moment);
    let listed = match additional.as_slice() {
        [] => String::new(),
        names => format!(",AdditionalHeaders={}", names.join(";")),
    };
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}{listed},Signature={}",
        credentials.access_key_id,
        Flavour::Oss.scope_text(&moment.date, scope),
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
    additional: &[&str],
) -> Signed {
    let moment = SigningTime::from(now);
    let all = by_name(request.headers.iter(), trimmed);
    let additional = additional_names(&all, additional);
    let credential =
        format!("{}/{}", credentials.access_key_id, Flavour::Oss.scope_text(&moment.date, scope));
    let mut query = vec![
        owned("x-oss-signature-version", ALGORITHM),
        owned("x-oss-date", moment.stamp.clone()),
        owned("x-oss-expires", expires.as_secs().to_string()),
        owned("x-oss-credential", credential),
    ];
    if let Some(token) = &credentials.security_token {
        query.push(owned("x-oss-security-token", token.expose()));
    }
    if !additional.is_empty() {
        query.push(owned("x-oss-additional-headers", additional.join(";")));
    }
    let made = make(request, &query, &all, &additional, scope, key, &moment);
    query.push(owned("x-oss-signature", made.signature.clone()));
    Signed { query, ..made }
}

/// Headers that are signed wherever they are present, and never listed as additional.
fn signed_by_default(name: &str) -> bool {
    name.starts_with("x-oss-") || matches!(name, "content-type" | "content-md5")
}

/// The additional names that count, lower-case and sorted.
fn additional_names(headers: &BTreeMap<String, String>, wanted: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = wanted.iter().map(|name| name.to_ascii_lowercase()).collect();
    names.retain(|name| {
        headers.get(name).is_some_and(|value| !value.is_empty()) && !signed_by_default(name)
    });
    names.sort();
    names.dedup();
    names
}

fn make(
    request: &Request<'_>,
    more_query: &[(String, String)],
    headers: &BTreeMap<String, String>,
    additional: &[String],
    scope: CredentialScope<'_>,
    key: &SigningKey,
    moment: &SigningTime,
) -> Signed {
    let resource = match (request.bucket, request.key) {
        (Some(bucket), key) => format!("/{bucket}/{}", key.unwrap_or_default()),
        (None, _) => "/".to_owned(),
    };
    let canonical_request = format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        request.method,
        percent::encode_path(&resource),
        canonical_query(request.query.iter().chain(more_query), Flags::Bare),
        header_lines(
            headers.iter().filter(|(name, _)| signed_by_default(name) || additional.contains(name))
        ),
        additional.join(";"),
        headers.get("x-oss-content-sha256").map_or(UNSIGNED_PAYLOAD, String::as_str),
    );
    let string_to_sign = format!(
        "{ALGORITHM}\n{}\n{}\n{}",
        moment.stamp,
        Flavour::Oss.scope_text(&moment.date, scope),
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
