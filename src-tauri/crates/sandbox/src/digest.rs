//! Checksums of a body, all computed in the pass that writes it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::{CrcAlgorithm, checksum_combine};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// One of S3's optional checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChecksumKind {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl ChecksumKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The header that carries it.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The element that carries it.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64Nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// Its name in `x-amz-checksum-algorithm`.
    pub(crate) fn name(self) -> &'static str {
        &self.element()["Checksum".len()..]
    }

    pub(crate) fn of_header(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.header().eq_ignore_ascii_case(header))
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// The CRC behind it, for those that can be combined from parts.
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    fn encode_crc(self, value: u64) -> String {
        match self {
            Self::Crc64Nvme => BASE64_STANDARD.encode(value.to_be_bytes()),
            _ => BASE64_STANDARD.encode(&value.to_be_bytes()[4..]),
        }
    }

    /// The checksum of the whole from those of the parts in order, each with its length in bytes.
    /// `None` when this kind cannot be combined, or a part's value is not one.
    pub(crate) fn combine<'a>(
        self,
        parts: impl IntoIterator<Item = (&'a str, u64)>,
    ) -> Option<String> {
        let algorithm = self.crc()?;
        let mut whole = crc_fast::Digest::new(algorithm).finalize();
        for (text, length) in parts {
            let bytes = BASE64_STANDARD.decode(text).ok()?;
            let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
            whole = checksum_combine(algorithm, whole, value, length);
        }
        Some(self.encode_crc(whole))
    }

    /// The checksum of the parts' checksums, as S3 shows for a multipart object: `base64-N`.
    pub(crate) fn composite<'a>(
        self,
        parts: impl ExactSizeIterator<Item = &'a str>,
    ) -> Option<String> {
        let count = parts.len();
        let mut hasher = Hasher::new(self);
        for text in parts {
            hasher.update(&BASE64_STANDARD.decode(text).ok()?);
        }
        Some(format!("{}-{count}", hasher.finish()))
    }
}

enum Hasher {
    Crc(ChecksumKind, crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    fn new(kind: ChecksumKind) -> Self {
        match (kind.crc(), kind) {
            (Some(algorithm), _) => Self::Crc(kind, crc_fast::Digest::new(algorithm)),
            (None, ChecksumKind::Sha1) => Self::Sha1(Sha1::new()),
            (None, _) => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc(_, digest) => digest.update(data),
            Self::Sha1(hasher) => hasher.update(data),
            Self::Sha256(hasher) => hasher.update(data),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Crc(kind, digest) => kind.encode_crc(digest.finalize()),
            Self::Sha1(hasher) => BASE64_STANDARD.encode(hasher.finalize()),
            Self::Sha256(hasher) => BASE64_STANDARD.encode(hasher.finalize()),
        }
    }
}

/// The running checksums of one body.
pub(crate) struct BodyDigest {
    size: u64,
    crc64: crc_fast::Digest,
    md5: Md5,
    sha256: Option<Sha256>,
    checksum: Option<(ChecksumKind, Hasher)>,
}

/// What a body turned out to be.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    /// Bytes.
    pub(crate) size: u64,
    /// CRC-64/XZ.
    pub(crate) crc64: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) sha256: Option<[u8; 32]>,
    /// The S3 checksum that was asked for, in base64.
    pub(crate) checksum: Option<(ChecksumKind, String)>,
}

/// Whether a SHA-256 of the body is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sha256Need {
    Wanted,
    Unwanted,
}

impl BodyDigest {
    pub(crate) fn new(sha256: Sha256Need, checksum: Option<ChecksumKind>) -> Self {
        Self {
            size: 0,
            crc64: crc_fast::Digest::new(CrcAlgorithm::Crc64Xz),
            md5: Md5::new(),
            sha256: (sha256 == Sha256Need::Wanted).then(Sha256::new),
            checksum: checksum.map(|kind| (kind, Hasher::new(kind))),
        }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        self.size += data.len() as u64;
        self.crc64.update(data);
        self.md5.update(data);
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(data);
        }
        if let Some((_, hasher)) = &mut self.checksum {
            hasher.update(data);
        }
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn finish(self) -> Summary {
        Summary {
            size: self.size,
            crc64: self.crc64.finalize(),
            md5: self.md5.finalize().into(),
            sha256: self.sha256.map(|hasher| hasher.finalize().into()),
            checksum: self.checksum.map(|(kind, hasher)| (kind, hasher.finish())),
        }
    }
}

/// The CRC-64/XZ of the whole from those of the parts in order, each with its length in bytes.
pub(crate) fn combine_crc64(parts: impl IntoIterator<Item = (u64, u64)>) -> u64 {
    parts
        .into_iter()
        .fold(0, |whole, (crc, length)| checksum_combine(CrcAlgorithm::Crc64Xz, whole, crc, length))
}

/// The ETag of a multipart object: MD5 over the parts' binary MD5s, then `-N`. Lower case.
pub(crate) fn multipart_etag<'a>(md5s: impl ExactSizeIterator<Item = &'a [u8; 16]>) -> String {
    let count = md5s.len();
    let mut hasher = Md5::new();
    for md5 in md5s {
        hasher.update(md5);
    }
    format!("{}-{count}", hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The cases of a list; none if the directory has no such file.
    fn crc64_cases(list: &str) -> Vec<serde_json::Value> {
        let directory = std::env::var_os("SIGNING_VECTORS_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors"),
            Into::into,
        );
        let path = directory.join("crc64.json");
        if !path.exists() {
            return Vec::new();
        }
        let document: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let cases = document[list].as_array().unwrap().clone();
        assert!(!cases.is_empty(), "crc64.json holds no case of {list}");
        cases
    }

    /// The bytes that a case's notation stands for.
    fn input(notation: &serde_json::Value) -> Vec<u8> {
        let (kind, value) = notation.as_object().unwrap().iter().next().unwrap();
        match kind.as_str() {
            "utf8" => value.as_str().unwrap().as_bytes().to_vec(),
            "hex" => hex::decode(value.as_str().unwrap()).unwrap(),
            "repeat_hex" => {
                let byte = hex::decode(value[0].as_str().unwrap()).unwrap()[0];
                vec![byte; value[1].as_u64().unwrap() as usize]
            }
            "range256" => (0..=255).collect(),
            "lcg" => {
                let mut x = value[1].as_u64().unwrap();
                std::iter::repeat_with(|| {
                    x = (x * 1_103_515_245 + 12345) & 0x7fff_ffff;
                    (x >> 16) as u8
                })
                .take(value[0].as_u64().unwrap() as usize)
                .collect()
            }
            other => panic!("unknown notation {other}"),
        }
    }

    #[test]
    fn vectors_of_crc64() {
        for case in crc64_cases("crc") {
            let mut digest = BodyDigest::new(Sha256Need::Unwanted, None);
            for chunk in input(&case["input"]).chunks(1000) {
                digest.update(chunk);
            }
            assert_eq!(digest.finish().crc64.to_string(), case["crc64"], "{}", case["id"]);
        }
    }

    #[test]
    fn vectors_of_crc64_combined() {
        let number = |value: &serde_json::Value| -> u64 {
            value.as_u64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
        };
        for case in crc64_cases("combine") {
            let whole = checksum_combine(
                CrcAlgorithm::Crc64Xz,
                number(&case["crc1"]),
                number(&case["crc2"]),
                number(&case["len2"]),
            );
            assert_eq!(whole, number(&case["combined"]), "{}", case["id"]);
        }
    }

    #[test]
    fn checksums_of_s3_are_those_of_the_service() {
        // Check values of "123456789" as the CRC catalogues have them.
        for (kind, expected) in [
            (ChecksumKind::Crc32, "y/Q5Jg=="),
            (ChecksumKind::Crc32c, "4waSgw=="),
            (ChecksumKind::Crc64Nvme, "rosUhgp5mIg="),
        ] {
            let mut digest = BodyDigest::new(Sha256Need::Unwanted, Some(kind));
            digest.update(b"123456789");
            let whole = digest.finish().checksum.unwrap().1;
            assert_eq!(whole, expected);
            let part = |data: &[u8]| {
                let mut digest = BodyDigest::new(Sha256Need::Unwanted, Some(kind));
                digest.update(data);
                digest.finish().checksum.unwrap().1
            };
            let (a, b) = (part(b"1234"), part(b"56789"));
            assert_eq!(kind.combine([(a.as_str(), 4), (b.as_str(), 5)]), Some(whole));
        }
    }
}
