//! What an answer's headers tell of an object.

use std::collections::BTreeMap;

use ferry_model::Provider;

use super::options::meta_prefix;
use super::{EtagMeaning, ObjectHead};
use crate::checksum::unquote;
use crate::error::answer::Head;
use crate::percent::{self, Plus};

/// The ETag without quotes.
pub(super) fn etag(head: &Head) -> Option<String> {
    head.header("etag").map(unquote).filter(|etag| !etag.is_empty()).map(str::to_owned)
}

/// CRC-64/XZ; what cannot be read is unknown.
pub(super) fn crc64(head: &Head) -> Option<u64> {
    head.header("x-oss-hash-crc64ecma")?.parse().ok()
}

/// What an ETag means, by how the object is encrypted and by its form.
pub(super) fn etag_meaning(provider: Provider, head: &Head, etag: &str) -> EtagMeaning {
    let encrypted = match provider {
        Provider::Oss => head.header("x-oss-server-side-encryption").is_some(),
        Provider::S3 => {
            head.header("x-amz-server-side-encryption").is_some_and(|kind| kind != "AES256")
                || head.header("x-amz-server-side-encryption-customer-algorithm").is_some()
        }
    };
    let multipart_type = head.header("x-oss-object-type").is_some_and(|kind| kind != "Normal");
    let is_md5 = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let form_fits = match (etag.split_once('-'), provider) {
        (None, _) => is_md5(etag),
        (Some((md5, count)), Provider::S3) => is_md5(md5) && count.parse::<u32>().is_ok(),
        (Some(_), Provider::Oss) => false,
    };
    if form_fits && !encrypted && !multipart_type { EtagMeaning::Md5 } else { EtagMeaning::Opaque }
}

/// What HEAD tells; `None` if it is no answer about an object.
pub(super) fn object_head(provider: Provider, head: &Head) -> Option<ObjectHead> {
    let size = head.header("content-length")?.parse().ok()?;
    let etag = etag(head);
    if etag.is_none() && head.request_id().is_none() {
        return None;
    }
    let mut metadata = BTreeMap::new();
    for (name, value) in &head.headers {
        if let (Some(name), Ok(value)) = (name.as_str().strip_prefix(meta_prefix(provider)), std::str::from_utf8(value.as_bytes())) {
            let value = percent::decode(value.trim(), Plus::Literal).unwrap_or_else(|| value.trim().to_owned());
            metadata.insert(name.to_owned(), value);
        }
    }
    Some(ObjectHead {
        size,
        crc64: crc64(head),
        metadata,
        last_modified: head.header("last-modified").and_then(|text| httpdate::parse_http_date(text).ok()),
        etag_meaning: etag.as_deref().map_or(EtagMeaning::Opaque, |etag| etag_meaning(provider, head, etag)),
        etag,
    })
}
