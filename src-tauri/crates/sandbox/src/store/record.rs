//! What is written beside the data: one JSON record per object, part, upload and bucket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::digest::ChecksumKind;
use crate::percent::{self, Plus};
use crate::request::Dialect;

/// What a client said about an object and gets back with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// `content-type`, `cache-control` and their kin, by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// User metadata by lower-case name without the dialect's prefix.
    pub(crate) user: BTreeMap<String, String>,
    /// As the client spelled it.
    pub(crate) storage_class: Option<String>,
    /// The query-encoded tag set.
    pub(crate) tagging: Option<String>,
    pub(crate) acl: Option<String>,
    /// How the service encrypts it at rest. The sandbox itself stores plain bytes and only answers
    /// as if.
    #[serde(default)]
    pub(crate) sealing: Option<Sealing>,
}

/// Encryption at rest, as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealing {
    pub(crate) cipher: Cipher,
    /// With [`Cipher::Kms`]: the key, the service's own when none was named.
    pub(crate) key_id: Option<String>,
    /// OSS's `x-oss-server-side-data-encryption`, which goes with KMS.
    pub(crate) data_cipher: Option<String>,
}

/// What encrypts an object at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cipher {
    Aes256,
    Sm4,
    Kms,
}

impl Cipher {
    /// The value of OSS's header.
    pub(crate) fn oss_name(self) -> &'static str {
        match self {
            Self::Aes256 => "AES256",
            Self::Sm4 => "SM4",
            Self::Kms => "KMS",
        }
    }

    /// The value of S3's header, which has no word for SM4.
    pub(crate) fn s3_name(self) -> &'static str {
        match self {
            Self::Aes256 | Self::Sm4 => "AES256",
            Self::Kms => "aws:kms",
        }
    }
}

impl Meta {
    /// The tag set, decoded, in the order in which the client gave it.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let decoded =
            |text: &str| percent::decode(text, Plus::Space).unwrap_or_else(|| text.to_owned());
        self.tagging
            .iter()
            .flat_map(|tags| tags.split('&'))
            .filter(|tag| !tag.is_empty())
            .map(|tag| tag.split_once('=').unwrap_or((tag, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect()
    }

    /// Whether an ETag says nothing about the bytes: so it is with KMS, on S3 by its documentation.
    pub(crate) fn hides_digest(&self) -> bool {
        self.sealing.as_ref().is_some_and(|sealing| sealing.cipher == Cipher::Kms)
    }
}

/// Where an object's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// At the beginning of the object's own file.
    Own,
    /// In the part files of this upload, in order, each with its size.
    Parts { upload_id: String, files: Vec<(String, u64)> },
    /// Nowhere: the sandbox runs with [`DataPolicy::Discard`](crate::DataPolicy::Discard).
    Discarded { upload_id: Option<String> },
}

/// An S3 checksum kept with an object or part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) kind: ChecksumKind,
    /// Base64; `-N` at the end for a composite one.
    pub(crate) value: String,
}

/// One version of one key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    pub(crate) key: String,
    pub(crate) sequence: u64,
    pub(crate) size: u64,
    pub(crate) crc64: u64,
    /// Lower case, without quotes.
    pub(crate) etag: String,
    pub(crate) versions: u64,
    #[serde(with = "time::serde::timestamp::nanoseconds")]
    pub(crate) modified: OffsetDateTime,
    pub(crate) meta: Meta,
    pub(crate) body: Body,
    pub(crate) checksum: Option<Checksum>,
}

/// One part of an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) number: u32,
    pub(crate) sequence: u64,
    pub(crate) size: u64,
    pub(crate) crc64: u64,
    pub(crate) md5: [u8; 16],
    /// In place of the MD5, where the upload is encrypted with KMS. Lower case.
    #[serde(default)]
    pub(crate) opaque_etag: Option<String>,
    #[serde(with = "time::serde::timestamp::nanoseconds")]
    pub(crate) modified: OffsetDateTime,
    pub(crate) checksum: Option<Checksum>,
}

impl PartRecord {
    /// Lower case, without quotes.
    pub(crate) fn etag(&self) -> String {
        self.opaque_etag.clone().unwrap_or_else(|| hex::encode(self.md5))
    }

    /// The name of its file in the upload's directory.
    pub(crate) fn file_name(&self) -> String {
        format!("{:05}-{:016x}", self.number, self.sequence)
    }
}

/// An upload, from Initiate on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) key: String,
    pub(crate) upload_id: String,
    #[serde(with = "time::serde::timestamp::nanoseconds")]
    pub(crate) initiated: OffsetDateTime,
    pub(crate) dialect: Dialect,
    pub(crate) meta: Meta,
    pub(crate) checksum: Option<UploadChecksum>,
}

/// The checksum that an S3 Initiate announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UploadChecksum {
    pub(crate) kind: ChecksumKind,
    pub(crate) coverage: Coverage,
}

/// What an S3 multipart checksum is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Coverage {
    /// The bytes of the whole object.
    FullObject,
    /// The checksums of the parts.
    Composite,
}

impl Coverage {
    /// Its name in headers and XML.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl Checksum {
    /// What it covers, seen from its own form.
    pub(crate) fn coverage(&self) -> Coverage {
        if self.value.contains('-') { Coverage::Composite } else { Coverage::FullObject }
    }
}

/// A bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BucketRecord {
    #[serde(with = "time::serde::timestamp::nanoseconds")]
    pub(crate) created: OffsetDateTime,
}
