//! OSS Signature V1 (HMAC-SHA1, header and URL).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use time::OffsetDateTime;

use super::{Verified, Verifier, mismatch, same};
use crate::address::Resource;
use crate::error::ApiError;
use crate::request::{Dialect, Request};

/// Query names that are part of the signed resource, beside every name that begins with `x-oss-`.
#[rustfmt::skip]
const SUBRESOURCES: &[&str] = &[
    "accessPoint", "accessPointPolicy", "acl", "append", "asyncFetch", "bucketArchiveDirectRead", "bucketInfo",
    "callback", "callback-var", "cloudboxes", "cname", "comp", "continuation-token", "cors", "delete", "encryption",
    "endTime", "group", "httpsConfig", "img", "inventory", "inventoryId", "lifecycle", "link", "live", "location",
    "logging", "metaQuery", "objectInfo", "objectMeta", "partNumber", "policy", "position", "publicAccessBlock", "qos",
    "qosInfo", "qosRequester", "redundancyTransition", "referer", "regionList", "replication", "replicationLocation",
    "replicationProgress", "requestPayment", "requesterQosInfo", "resourceGroup", "resourcePool",
    "resourcePoolBuckets", "resourcePoolInfo", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type", "response-expires",
    "responseHeader", "restore", "rtc", "security-token", "sequential", "startTime", "stat", "status", "style",
    "styleName", "symlink", "tagging", "transferAcceleration", "uploadId", "uploads", "versionId", "versioning",
    "versions", "vod", "website", "withHashContext", "worm", "wormExtend", "wormId",
];

/// Verifies `Authorization: OSS <key>:<signature>`.
pub(super) fn header(
    verifier: &Verifier<'_>,
    request: &Request,
    target: &Resource,
) -> Result<Verified, ApiError> {
    let authorization = request.header("authorization").unwrap_or("");
    let (access_key_id, signature) = authorization
        .strip_prefix("OSS ")
        .and_then(|rest| rest.trim().split_once(':'))
        .ok_or_else(|| {
            ApiError::argument("Authorization", authorization, "Authorization header is invalid.")
        })?;
    let credential = verifier.credential(access_key_id)?;
    let date = request.header("x-oss-date").or_else(|| request.header("date")).unwrap_or("");
    let signed_at = httpdate::parse_http_date(date).map_err(|_| {
        ApiError::new("AccessDenied").message("OSS authentication requires a valid Date.")
    })?;
    verifier.check_skew(OffsetDateTime::from(signed_at))?;
    verifier.check_token(credential, request.header("x-oss-security-token"), Dialect::Oss)?;
    compare(
        &credential.access_key_secret,
        access_key_id,
        signature,
        &string_to_sign(request, target, date),
    )
}

/// Verifies `?OSSAccessKeyId=…&Expires=…&Signature=…`.
pub(super) fn presigned(
    verifier: &Verifier<'_>,
    request: &Request,
    target: &Resource,
) -> Result<Verified, ApiError> {
    let query = &request.query;
    let access_key_id = query.get("OSSAccessKeyId").unwrap_or("");
    let credential = verifier.credential(access_key_id)?;
    let expires = query.get("Expires").unwrap_or("");
    let expires_at: i64 = expires.parse().map_err(|_| {
        ApiError::new("AccessDenied").message("Invalid date (should be seconds since epoch).")
    })?;
    if expires_at < verifier.now.unix_timestamp() {
        return Err(ApiError::new("AccessDenied")
            .message("Request has expired.")
            .with("Expires", expires)
            .with("ServerTime", crate::xml::timestamp(verifier.now)));
    }
    let token = query.get("security-token").or_else(|| request.header("x-oss-security-token"));
    verifier.check_token(credential, token, Dialect::Oss)?;
    let signature = query.get("Signature").unwrap_or("");
    compare(
        &credential.access_key_secret,
        access_key_id,
        signature,
        &string_to_sign(request, target, expires),
    )
}

fn compare(
    secret: &str,
    access_key_id: &str,
    signature: &str,
    string_to_sign: &[u8],
) -> Result<Verified, ApiError> {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(string_to_sign);
    let expected = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    if same(expected.as_bytes(), signature.as_bytes()) {
        Ok(Verified::default())
    } else {
        Err(mismatch(access_key_id, signature, string_to_sign))
    }
}

fn string_to_sign(request: &Request, target: &Resource, date_line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(request.method.as_str().as_bytes());
    for name in ["content-md5", "content-type"] {
        out.push(b'\n');
        if let Some(value) = request.headers.get(name) {
            out.extend_from_slice(value.as_bytes());
        }
    }
    out.push(b'\n');
    out.extend_from_slice(date_line.as_bytes());
    out.push(b'\n');
    for (name, value) in oss_headers(request) {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        out.extend_from_slice(&value);
        out.push(b'\n');
    }
    out.extend_from_slice(resource(request, target).as_bytes());
    out
}

/// Every `x-oss-*` header, sorted; repeated values joined by a comma.
fn oss_headers(request: &Request) -> Vec<(&str, Vec<u8>)> {
    let mut headers: Vec<_> = request
        .headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-oss-"))
        .map(|name| {
            let values: Vec<&[u8]> =
                request.headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
            (name.as_str(), values.join(&b','))
        })
        .collect();
    headers.sort();
    headers
}

fn resource(request: &Request, target: &Resource) -> String {
    let mut signed: Vec<(&str, &str)> = request
        .query
        .pairs()
        .filter(|(name, _)| name.starts_with("x-oss-") || SUBRESOURCES.contains(name))
        .collect();
    signed.sort_unstable();
    let mut out = target.resource();
    for (index, (name, value)) in signed.iter().enumerate() {
        out.push(if index == 0 { '?' } else { '&' });
        out.push_str(name);
        if !value.is_empty() {
            out.push('=');
            out.push_str(value);
        }
    }
    out
}
