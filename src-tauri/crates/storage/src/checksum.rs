//! Checksum forms of the wire: what goes into headers, what ETags mean.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest, Md5};

/// The value of a `Content-MD5` header: base64 of the 16 bytes (not of their hex).
pub fn content_md5(md5: &[u8; 16]) -> String {
    STANDARD.encode(md5)
}

/// CRC-64/XZ, which OSS calls `crc64ecma`, of some bytes.
pub fn crc64(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Xz, bytes)
}

/// CRC-64/XZ of two pieces put together, from theirs; `len2` is the second one's length in bytes.
pub fn crc64_combine(crc1: u64, crc2: u64, len2: u64) -> u64 {
    if len2 == 0 {
        crc1
    } else {
        crc_fast::checksum_combine(CrcAlgorithm::Crc64Xz, crc1, crc2, len2)
    }
}

/// The ETag S3 gives an object merged from parts with these MD5s: MD5 of the MD5s, then `-N`.
/// Lower-case, without quotes. OSS documents its own as opaque: never compare with this there.
pub fn multipart_etag(parts: &[[u8; 16]]) -> String {
    let mut hasher = Md5::new();
    for md5 in parts {
        hasher.update(md5);
    }
    format!("{}-{}", hex::encode(hasher.finalize()), parts.len())
}

/// Whether two ETags are the same: quotes and the case of hex do not count.
pub fn same_etag(left: &str, right: &str) -> bool {
    unquote(left).eq_ignore_ascii_case(unquote(right))
}

/// Longest ETag that is believed: no store is known to send half as much.
const ETAG_LIMIT: usize = 256;

/// An ETag that can be believed, without white space, weak mark and quotes. `None` if nothing is
/// left, or something that an ETag cannot hold (RFC 9110, 8.8.3): what is read here is written into
/// the body of Complete and compared as it is.
pub fn etag(text: &str) -> Option<&str> {
    let etag = unquote(text);
    let fine = (1..=ETAG_LIMIT).contains(&etag.len())
        && etag.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    fine.then_some(etag)
}

/// An ETag without white space, weak mark and quotes.
pub fn unquote(etag: &str) -> &str {
    let etag = etag.trim();
    // Only before a quote is it a mark: without, it is part of the ETag, and would be lost when
    // read a second time.
    let etag = etag.strip_prefix("W/").filter(|quoted| quoted.starts_with('"')).unwrap_or(etag);
    etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_one_visible_word() {
        for (text, word) in [
            ("\"a-1\"", "a-1"),
            (" W/\"a\" ", "a"),
            ("a", "a"),
            ("\"W/a\"", "W/a"),
            ("\"-CKicn4fknv0=\"", "-CKicn4fknv0="),
            ("\"<&>\"", "<&>"),
        ] {
            assert_eq!(etag(text), Some(word), "{text}");
        }
        for text in [
            "",
            "  ",
            "\"\"",
            "W/\"\"",
            "\"a",
            "a\"",
            "\"a\"b\"",
            "a b",
            "a\r\nb",
            "a\0",
            "\"照\"",
            &"e".repeat(ETAG_LIMIT + 1),
        ] {
            assert_eq!(etag(text), None, "{text:?}");
        }
    }
}
