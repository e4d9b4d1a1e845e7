//! OSS signature V1 (OSS: "Include signatures in the Authorization header", "Add signatures to
//! URLs"; oss2 `auth.py`): HMAC-SHA1, for old private installations.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferry_model::Credentials;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{Request, Signed, SigningTime, by_name, header_lines, owned, trimmed};

/// Query names that are signed, besides every `x-oss-…`: those of oss2 (`_subresource_key_set`) and
/// of the v2 SDKs (`signer/v1`).
const SUB_RESOURCES: &[&str] = &[
    "accessPoint",
    "accessPointPolicy",
    "acl",
    "append",
    "asyncFetch",
    "bucketArchiveDirectRead",
    "bucketInfo",
    "callback",
    "callback-var",
    "cloudboxes",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "group",
    "httpsConfig",
    "inventory",
    "inventoryId",
    "lifecycle",
    "link",
    "live",
    "location",
    "logging",
    "metaQuery",
    "objectInfo",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "publicAccessBlock",
    "qos",
    "qosInfo",
    "qosRequester",
    "redundancyTransition",
    "referer",
    "regionList",
    "replication",
    "replicationLocation",
    "replicationProgress",
    "requestPayment",
    "requesterQosInfo",
    "resourceGroup",
    "resourcePool",
    "resourcePoolBuckets",
    "resourcePoolInfo",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "status",
    "style",
    "styleName",
    "symlink",
    "tagging",
    "transferAcceleration",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
    "worm",
    "wormExtend",
    "wormId",
];

/// Signs by header: adds `Date`, the STS token and `Authorization`.
pub fn sign(request: &Request<'_>, credentials: &Credentials, now: SystemTime) -> Signed {
    let moment = SigningTime::from(now);
    let mut headers = vec![owned("date", moment.http.clone())];
    if let Some(token) = &credentials.security_token {
        headers.push(owned("x-oss-security-token", token.expose()));
    }
    let string_to_sign = string_to_sign(request, &headers, &[], &moment.http);
    let signature = hmac_sha1(credentials, &string_to_sign);
    let authorization = format!("OSS {}:{signature}", credentials.access_key_id);
    headers.push(owned("authorization", authorization.clone()));
    Signed {
        headers,
        query: Vec::new(),
        authorization: Some(authorization),
        signature,
        string_to_sign,
        canonical_request: None,
    }
}

/// Signs by query: the URL is valid until `now + expires`.
pub fn presign(
    request: &Request<'_>,
    credentials: &Credentials,
    now: SystemTime,
    expires: Duration,
) -> Signed {
    let until =
        (SigningTime::from(now).epoch.unsigned_abs().saturating_add(expires.as_secs())).to_string();
    let mut query = vec![
        owned("OSSAccessKeyId", credentials.access_key_id.clone()),
        owned("Expires", until.clone()),
    ];
    if let Some(token) = &credentials.security_token {
        query.push(owned("security-token", token.expose()));
    }
    let string_to_sign = string_to_sign(request, &[], &query, &until);
    let signature = hmac_sha1(credentials, &string_to_sign);
    query.push(owned("Signature", signature.clone()));
    Signed {
        headers: Vec::new(),
        query,
        authorization: None,
        signature,
        string_to_sign,
        canonical_request: None,
    }
}

fn string_to_sign(
    request: &Request<'_>,
    more_headers: &[(String, String)],
    more_query: &[(String, String)],
    date: &str,
) -> String {
    let headers = by_name(request.headers.iter().chain(more_headers), trimmed);
    let one = |name: &str| headers.get(name).map_or("", String::as_str);
    let oss = header_lines(headers.iter().filter(|(name, _)| name.starts_with("x-oss-")));
    let resource = resource(request, more_query);
    format!(
        "{}\n{}\n{}\n{date}\n{oss}{resource}",
        request.method,
        one("content-md5"),
        one("content-type")
    )
}

/// `/bucket/key?signed=sub&resources`, all of it raw.
fn resource(request: &Request<'_>, more_query: &[(String, String)]) -> String {
    let mut resource = match (request.bucket, request.key) {
        (Some(bucket), key) => format!("/{bucket}/{}", key.unwrap_or_default()),
        (None, _) => "/".to_owned(),
    };
    let is_signed = |name: &str| name.starts_with("x-oss-") || SUB_RESOURCES.contains(&name);
    let mut signed: Vec<_> =
        request.query.iter().chain(more_query).filter(|(name, _)| is_signed(name)).collect();
    signed.sort();
    for (index, (name, value)) in signed.into_iter().enumerate() {
        resource.push(if index == 0 { '?' } else { '&' });
        resource.push_str(name);
        if !value.is_empty() {
            resource.push('=');
            resource.push_str(value);
        }
    }
    resource
}

fn hmac_sha1(credentials: &Credentials, text: &str) -> String {
    let key = credentials.access_key_secret.expose().as_bytes();
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
