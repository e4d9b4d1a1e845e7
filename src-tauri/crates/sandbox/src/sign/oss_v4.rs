//! OSS Signature V4 (OSS4-HMAC-SHA256, header and URL).

use super::scope::{CredentialScope, compact_time, field};
use super::{Verified, Verifier, hmac_sha256, mismatch, same, sha256_hex};
use crate::address::Resource;
use crate::error::ApiError;
use crate::percent;
use crate::request::{Dialect, Request};

const TERMINATOR: &str = "aliyun_v4_request";

/// What a V4 signature claims, from the header or the query alike.
struct Claim<'a> {
    scope: CredentialScope<'a>,
    date: &'a str,
    additional: Vec<String>,
    signature: &'a str,
    payload: &'a str,
}

/// Verifies `Authorization: OSS4-HMAC-SHA256 Credential=…,Signature=…`.
pub(super) fn header(
    verifier: &Verifier<'_>,
    request: &Request,
    target: &Resource,
) -> Result<Verified, ApiError> {
    let authorization = request.header("authorization").unwrap_or("");
    let invalid = |message: &str| ApiError::argument("Authorization", authorization, message);
    let scope = field(authorization, "Credential")
        .and_then(|text| CredentialScope::parse(text, TERMINATOR))
        .ok_or_else(|| invalid("Invalid credential in Authorization header."))?;
    let signature = field(authorization, "Signature")
        .ok_or_else(|| invalid("Invalid signature in Authorization header."))?;
    let additional = field(authorization, "AdditionalHeaders");
    if additional == Some("") {
        return Err(
            invalid("Invalid AdditionalHeaders in Authorization header.").ec("0002-00000209")
        );
    }
    let credential = verifier.credential(scope.access_key_id)?;
    check_scope(verifier, &scope, authorization, "Authorization header", "0002-00000228")?;
    let date = request.header("x-oss-date").unwrap_or("");
    let signed_at = compact_time(date)
        .filter(|_| date.starts_with(scope.date))
        .ok_or_else(|| invalid("Invalid x-oss-date, or not the day of the credential."))?;
    verifier.check_skew(signed_at)?;
    verifier.check_token(credential, request.header("x-oss-security-token"), Dialect::Oss)?;
    let payload = request.header("x-oss-content-sha256").ok_or_else(|| {
        ApiError::argument(
            "x-oss-content-sha256",
            "",
            "The header x-oss-content-sha256 is required.",
        )
    })?;
    let claim = Claim { scope, date, additional: names(additional), signature, payload };
    compare(&claim, &credential.access_key_secret, request, target)
}

/// Verifies `?x-oss-signature-version=OSS4-HMAC-SHA256&…`.
pub(super) fn presigned(
    verifier: &Verifier<'_>,
    request: &Request,
    target: &Resource,
) -> Result<Verified, ApiError> {
    let query = &request.query;
    let text = query.get("x-oss-credential").unwrap_or("");
    if query.get("x-oss-signature-version") != Some("OSS4-HMAC-SHA256") {
        return Err(ApiError::argument(
            "x-oss-signature-version",
            "",
            "Invalid signature version.",
        ));
    }
    let scope = CredentialScope::parse(text, TERMINATOR).ok_or_else(|| {
        ApiError::argument("x-oss-credential", text, "Invalid credential in query.")
    })?;
    let credential = verifier.credential(scope.access_key_id)?;
    check_scope(verifier, &scope, text, "query", "0002-00000226")?;
    let date = query.get("x-oss-date").unwrap_or("");
    let signed_at = compact_time(date)
        .filter(|_| date.starts_with(scope.date))
        .ok_or_else(|| ApiError::argument("x-oss-date", date, "Invalid date in query."))?;
    let expires = query.get("x-oss-expires");
    verifier.check_life(signed_at, expires, |message| {
        ApiError::argument("x-oss-expires", expires.unwrap_or(""), message).ec("0002-00000232")
    })?;
    let token =
        query.get("x-oss-security-token").or_else(|| request.header("x-oss-security-token"));
    verifier.check_token(credential, token, Dialect::Oss)?;
    let claim = Claim {
        scope,
        date,
        additional: names(query.get("x-oss-additional-headers")),
        signature: query.get("x-oss-signature").unwrap_or(""),
        payload: request.header("x-oss-content-sha256").unwrap_or("UNSIGNED-PAYLOAD"),
    };
    compare(&claim, &credential.access_key_secret, request, target)
}

fn check_scope(
    verifier: &Verifier<'_>,
    scope: &CredentialScope<'_>,
    text: &str,
    place: &str,
    ec: &str,
) -> Result<(), ApiError> {
    if scope.region != verifier.region {
        let message = format!("Invalid signing region in {place}.");
        return Err(ApiError::argument("Credential", text, &message).ec(ec));
    }
    if !matches!(scope.product, "oss" | "oss-cloudbox") {
        let message = format!("Invalid signing product in {place}.");
        return Err(ApiError::argument("Credential", text, &message));
    }
    Ok(())
}

fn names(list: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = list
        .unwrap_or("")
        .split(';')
        .filter(|name| !name.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn compare(
    claim: &Claim<'_>,
    secret: &str,
    request: &Request,
    target: &Resource,
) -> Result<Verified, ApiError> {
    let canonical = canonical_request(claim, request, target);
    let string_to_sign = format!(
        "OSS4-HMAC-SHA256\n{}\n{}\n{}",
        claim.date,
        claim.scope.text(),
        sha256_hex(&canonical)
    );
    let key = claim.scope.key("aliyun_v4", secret);
    let expected = hex::encode(hmac_sha256(&key, string_to_sign.as_bytes()));
    if same(expected.as_bytes(), claim.signature.as_bytes()) {
        return Ok(Verified::default());
    }
    Err(mismatch(claim.scope.access_key_id, claim.signature, string_to_sign.as_bytes())
        .with("CanonicalRequest", String::from_utf8_lossy(&canonical)))
}

fn canonical_request(claim: &Claim<'_>, request: &Request, target: &Resource) -> Vec<u8> {
    let mut out = format!(
        "{}\n{}\n{}\n",
        request.method,
        percent::encode_path(target.resource().as_bytes()),
        canonical_query(request)
    )
    .into_bytes();
    let mut signed: Vec<&str> = request
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| {
            name.starts_with("x-oss-")
                || matches!(*name, "content-type" | "content-md5")
                || claim.additional.iter().any(|added| added == name)
        })
        .collect();
    signed.sort_unstable();
    for name in signed {
        let values: Vec<&[u8]> = request
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.as_bytes().trim_ascii())
            .collect();
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        out.extend_from_slice(&values.join(&b','));
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(claim.additional.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(claim.payload.as_bytes());
    out
}

/// All pairs but the signature, encoded, sorted; an empty value leaves the bare name.
fn canonical_query(request: &Request) -> String {
    let mut pairs: Vec<(String, String)> = request
        .query
        .pairs()
        .filter(|(name, _)| *name != "x-oss-signature")
        .map(|(name, value)| (percent::encode(name.as_bytes()), percent::encode(value.as_bytes())))
        .collect();
    pairs.sort();
    let texts: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    texts.join("&")
}
