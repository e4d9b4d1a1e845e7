//! What an answer's headers tell of an object.

use std::collections::BTreeMap;
use std::time::Duration;

use ferry_model::existing::Attributes;
use ferry_model::{ObjectHeader, Provider, checksum};

use super::options::meta_prefix;
use super::{EtagMeaning, ObjectHead};
use crate::crc64_nvme;
use crate::decimal::decimal;
use crate::error::answer::Head;
use crate::percent::{self, Plus};

/// The ETag without quotes; what cannot be one is unknown.
pub fn etag(head: &Head) -> Option<String> {
    head.header("etag").and_then(checksum::etag).map(str::to_owned)
}

/// CRC-64/XZ; what cannot be read is unknown.
pub fn crc64(head: &Head) -> Option<u64> {
    decimal(head.header("x-oss-hash-crc64ecma")?)
}

/// CRC-64/NVME of the whole; what cannot be read is unknown.
pub fn crc64_nvme(head: &Head) -> Option<u64> {
    crc64_nvme::of_whole(head.header(crc64_nvme::HEADER)?, head.header("x-amz-checksum-type"))
}

/// The version, in a bucket that keeps them.
pub fn version_id(provider: Provider, head: &Head) -> Option<String> {
    let name = match provider {
        Provider::Oss => "x-oss-version-id",
        Provider::S3 => "x-amz-version-id",
    };
    head.header(name).map(str::to_owned)
}

/// For how long OSS held a request back, by its own word: `x-oss-qos-delay-time`, in milliseconds.
/// It answers an upload with the exact time, once the account's bandwidth is used up (OSS "Limits
/// and performance metrics"), and where the request itself asked for a traffic limit.
pub fn throttled(provider: Provider, head: &Head) -> Duration {
    let told = match provider {
        Provider::Oss => head.header("x-oss-qos-delay-time").and_then(decimal),
        Provider::S3 => None,
    };
    told.map_or(Duration::ZERO, Duration::from_millis)
}

/// What an ETag means, by how the object is encrypted and by its form.
pub fn etag_meaning(provider: Provider, head: &Head, etag: &str) -> EtagMeaning {
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
        (Some((md5, count)), Provider::S3) => is_md5(md5) && decimal(count).is_some(),
        (Some(_), Provider::Oss) => false,
    };
    if form_fits && !encrypted && !multipart_type { EtagMeaning::Md5 } else { EtagMeaning::Opaque }
}

/// What HEAD tells; `None` if it is no answer about an object.
pub fn object_head(provider: Provider, head: &Head) -> Option<ObjectHead> {
    let size = decimal(head.header("content-length")?)?;
    let etag = etag(head);
    if etag.is_none() && head.request_id().is_none() {
        return None;
    }
    let mut metadata = BTreeMap::new();
    for (name, value) in &head.headers {
        if let (Some(name), Ok(value)) = (
            name.as_str().strip_prefix(meta_prefix(provider)),
            std::str::from_utf8(value.as_bytes()),
        ) {
            let value = percent::decode(value.trim(), Plus::Literal)
                .unwrap_or_else(|| value.trim().to_owned());
            metadata.insert(name.to_owned(), value);
        }
    }
    Some(ObjectHead {
        size,
        crc64: crc64(head),
        crc64_nvme: crc64_nvme(head),
        metadata,
        last_modified: head
            .header("last-modified")
            .and_then(|text| httpdate::parse_http_date(text).ok()),
        etag_meaning: etag
            .as_deref()
            .map_or(EtagMeaning::Opaque, |etag| etag_meaning(provider, head, etag)),
        etag,
        version_id: version_id(provider, head),
        attributes: attributes(provider, head),
    })
}

fn attributes(provider: Provider, head: &Head) -> Attributes {
    let told = |name: &str| head.header(name).map(str::to_owned);
    let (class, encryption, key) = match provider {
        Provider::Oss => (
            "x-oss-storage-class",
            "x-oss-server-side-encryption",
            "x-oss-server-side-encryption-key-id",
        ),
        Provider::S3 => (
            "x-amz-storage-class",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
        ),
    };
    Attributes {
        headers: ObjectHeader::all()
            .filter_map(|header| Some((header, told(header.name())?)))
            .collect(),
        storage_class: told(class),
        encryption: told(encryption),
        encryption_key: told(key),
    }
}

/// Which bytes of an object an answer holds (RFC 9110, 14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    /// The first byte, from 0.
    pub first: u64,
    /// The last byte, not before the first.
    pub last: u64,
    /// The object's size in bytes, if the answer tells; beyond the last byte.
    pub size: Option<u64>,
}

impl ContentRange {
    /// Reads `bytes 2-4/9` or `bytes 2-4/*`.
    pub fn read(head: &Head) -> Option<Self> {
        let (unit, range) = head.header("content-range")?.split_once(' ')?;
        let (bounds, size) = range.trim().split_once('/')?;
        let (first, last) = bounds.split_once('-')?;
        let (first, last) = (decimal(first)?, decimal(last)?);
        let size = match size {
            "*" => None,
            digits => Some(decimal(digits)?),
        };
        let fine = unit.eq_ignore_ascii_case("bytes")
            && first <= last
            && size.is_none_or(|size| last < size);
        fine.then_some(Self { first, last, size })
    }

    /// Whether these are the bytes from the first to the second of `asked`, or as many of them as
    /// the object has.
    pub fn fits(&self, asked: (u64, u64)) -> bool {
        let ends =
            self.last == asked.1 || (self.last < asked.1 && self.size == Some(self.last + 1));
        self.first == asked.0 && ends
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn head(name: &'static str, value: &str) -> Head {
        Head {
            status: 206,
            headers: HeaderMap::from_iter([(
                http::HeaderName::from_static(name),
                value.parse().unwrap(),
            )]),
            proxy: None,
        }
    }

    #[test]
    fn a_range_is_read_whole_or_not_at_all() {
        for (text, range) in [
            ("bytes 2-4/9", Some((2, 4, Some(9)))),
            ("BYTES 0-0/*", Some((0, 0, None))),
            ("bytes 0-8/9", Some((0, 8, Some(9)))),
            ("bytes 0-9/9", None),
            ("bytes 4-2/9", None),
            ("bytes */9", None),
            ("bytes 2-/9", None),
            ("bytes -4/9", None),
            ("bytes 2-4", None),
            ("bytes=2-4/9", None),
            ("lines 2-4/9", None),
            ("bytes +2-4/9", None),
            ("bytes 2-4/9, bytes 6-7/9", None),
            ("bytes 0-18446744073709551616/*", None),
        ] {
            let got = ContentRange::read(&head("content-range", text))
                .map(|range| (range.first, range.last, range.size));
            assert_eq!(got, range, "{text}");
        }
    }

    #[test]
    fn a_range_fits_only_what_was_asked_for() {
        for (text, fits) in [
            ("bytes 2-4/9", true),
            ("bytes 2-4/*", true),
            ("bytes 2-3/4", true),
            ("bytes 2-3/9", false),
            ("bytes 2-3/*", false),
            ("bytes 1-4/9", false),
            ("bytes 2-5/9", false),
            ("bytes 20-40/90", false),
        ] {
            assert_eq!(
                ContentRange::read(&head("content-range", text)).unwrap().fits((2, 4)),
                fits,
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        for text in ["+7", "-1", "0x7", "7 7", "18446744073709551616"] {
            assert_eq!(crc64(&head("x-oss-hash-crc64ecma", text)), None, "{text}");
        }
        assert_eq!(crc64(&head("x-oss-hash-crc64ecma", "18446744073709551615")), Some(u64::MAX));
        assert_eq!(etag(&head("etag", "\"a\"b\"")), None);
    }

    #[test]
    fn what_is_encrypted_has_no_md5_for_an_etag() {
        const MD5: &str = "5D41402ABC4B2A76B9719D911017C592";
        for (provider, name, value, meaning) in [
            (Provider::Oss, "x-oss-object-type", "Normal", EtagMeaning::Md5),
            (Provider::Oss, "x-oss-object-type", "Multipart", EtagMeaning::Opaque),
            (Provider::Oss, "x-oss-server-side-encryption", "AES256", EtagMeaning::Opaque),
            (Provider::S3, "x-amz-server-side-encryption", "AES256", EtagMeaning::Md5),
            (Provider::S3, "x-amz-server-side-encryption", "aws:kms", EtagMeaning::Opaque),
            (
                Provider::S3,
                "x-amz-server-side-encryption-customer-algorithm",
                "AES256",
                EtagMeaning::Opaque,
            ),
        ] {
            assert_eq!(etag_meaning(provider, &head(name, value), MD5), meaning, "{name}: {value}");
            let parts = etag_meaning(provider, &head(name, value), &format!("{MD5}-3"));
            assert_eq!(
                parts,
                if provider == Provider::S3 { meaning } else { EtagMeaning::Opaque },
                "{name}: {value}"
            );
            assert_eq!(
                etag_meaning(provider, &head(name, value), &format!("{MD5}-+3")),
                EtagMeaning::Opaque
            );
        }
    }
}
