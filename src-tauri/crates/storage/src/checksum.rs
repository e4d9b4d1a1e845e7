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
    if len2 == 0 { crc1 } else { crc_fast::checksum_combine(CrcAlgorithm::Crc64Xz, crc1, crc2, len2) }
}

/// The ETag S3 gives an object merged from parts with these MD5s: MD5 of the MD5s, then `-N`. Lower-case, without quotes.
/// OSS documents its own as opaque: never compare with this there.
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

/// An ETag without white space, weak mark and quotes.
pub fn unquote(etag: &str) -> &str {
    let etag = etag.trim();
    let etag = etag.strip_prefix("W/").unwrap_or(etag);
    etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(etag)
}
