//! Storage class, ACL, tags and encryption at rest: read from a request with the services' own
//! refusals, and written to answers (OSS: "PutObject", "Tag objects", "Server-side encryption"; S3:
//! "PutObject", "Canned ACL").

use std::collections::BTreeSet;

use crate::error::ApiError;
use crate::percent::{self, Plus};
use crate::request::{Dialect, Request};
use crate::respond::Reply;
use crate::store::{Cipher, Meta, Sealing};

/// Storage classes as OSS and as S3 spells them. Those that only one of them knows stand for their
/// nearest kin.
const CLASSES: &[(&str, &str)] = &[
    ("Standard", "STANDARD"),
    ("IA", "STANDARD_IA"),
    ("Archive", "GLACIER"),
    ("ColdArchive", "DEEP_ARCHIVE"),
    ("DeepColdArchive", "DEEP_ARCHIVE"),
    ("Archive", "GLACIER_IR"),
    ("Standard", "REDUCED_REDUNDANCY"),
    ("Standard", "INTELLIGENT_TIERING"),
    ("IA", "ONEZONE_IA"),
];

/// The ACLs of an OSS object.
pub(super) const OSS_ACLS: &[&str] = &["default", "private", "public-read", "public-read-write"];
#[rustfmt::skip]
const S3_ACLS: &[&str] = &[
    "authenticated-read", "aws-exec-read", "bucket-owner-full-control", "bucket-owner-read", "private", "public-read", "public-read-write",
];

const MOST_TAGS: usize = 10;
/// In characters.
const LONGEST_TAG_KEY: usize = 128;
/// In characters.
const LONGEST_TAG_VALUE: usize = 256;

/// The key of a service that encrypts with KMS when none is named.
const DEFAULT_KEY: &str = "9468da86-3509-4f8d-a61e-6eab1eac5678";

/// The storage class that the request names.
///
/// # Errors
///
/// `InvalidArgument` on OSS, `InvalidStorageClass` on S3, for a class that the service does not
/// have.
pub(super) fn storage_class(
    request: &Request,
    dialect: Dialect,
) -> Result<Option<String>, ApiError> {
    let name = format!("{}storage-class", dialect.prefix());
    let Some(value) = request.header(&name) else { return Ok(None) };
    let known = CLASSES.iter().any(|(oss, s3)| match dialect {
        Dialect::Oss => *oss == value,
        Dialect::S3 => *s3 == value,
    });
    match (known, dialect) {
        (true, _) => Ok(Some(value.to_owned())),
        (false, Dialect::Oss) => {
            Err(ApiError::argument(&name, value, "The storage class you specified is not valid."))
        }
        (false, Dialect::S3) => {
            Err(ApiError::new("InvalidStorageClass").with("StorageClassRequested", value))
        }
    }
}

/// A storage class in the dialect's own spelling.
pub(super) fn class_in(meta: &Meta, dialect: Dialect) -> String {
    let class = meta.storage_class.as_deref().unwrap_or("Standard");
    let own = |(oss, s3): &(&'static str, &'static str)| match dialect {
        Dialect::Oss => *oss,
        Dialect::S3 => *s3,
    };
    let same = CLASSES.iter().any(|row| own(row) == class);
    let row = CLASSES.iter().find(|(oss, s3)| *oss == class || *s3 == class);
    match row {
        Some(row) if !same => own(row).to_owned(),
        _ => class.to_owned(),
    }
}

/// The canned ACL that the request puts on an object.
///
/// # Errors
///
/// `InvalidArgument` for one that the service does not have.
pub(super) fn acl(request: &Request, dialect: Dialect) -> Result<Option<String>, ApiError> {
    let (name, known) = match dialect {
        Dialect::Oss => ("x-oss-object-acl", OSS_ACLS),
        Dialect::S3 => ("x-amz-acl", S3_ACLS),
    };
    match request.header(name) {
        Some(value) if !known.contains(&value) => {
            Err(ApiError::argument(name, value, "The ACL you specified is not valid."))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

/// The tag set that the request names, still query-encoded.
///
/// # Errors
///
/// `InvalidArgument` when it is not of the form `key=value&…`, a key comes twice, or a text is too
/// long or has a character that tags may not have; also, for OSS, when there are more than 10. S3
/// calls that `BadRequest`.
pub(super) fn tagging(request: &Request, dialect: Dialect) -> Result<Option<String>, ApiError> {
    let name = format!("{}tagging", dialect.prefix());
    let Some(text) = request.header(&name) else { return Ok(None) };
    let refusal = |message: &str, ec: &str| Err(ApiError::argument(&name, text, message).ec(ec));
    let mut keys = BTreeSet::new();
    for tag in text.split('&').filter(|tag| !tag.is_empty()) {
        let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
        if value.contains('=') {
            return refusal("The tag must be of the form key=value.", "0010-00000219");
        }
        let (Some(key), Some(value)) =
            (percent::decode(key, Plus::Space), percent::decode(value, Plus::Space))
        else {
            return refusal("The tags must be URL-encoded UTF-8.", "0010-00000216");
        };
        let fits = (1..=LONGEST_TAG_KEY).contains(&key.chars().count())
            && value.chars().count() <= LONGEST_TAG_VALUE;
        if !fits || !key.chars().chain(value.chars()).all(|c| may_stand_in_tag(c, dialect)) {
            return refusal(
                "The tag is too long or has a character that tags may not have.",
                "0010-00000217",
            );
        }
        if !keys.insert(key) {
            return refusal("The keys of the tags must differ.", "0010-00000217");
        }
    }
    match (keys.len() > MOST_TAGS, dialect) {
        (false, _) => Ok(Some(text.to_owned())),
        (true, Dialect::Oss) => refusal("An object can have at most 10 tags.", "0010-00000218"),
        (true, Dialect::S3) => {
            Err(ApiError::new("BadRequest").message("Object tags cannot be greater than 10"))
        }
    }
}

fn may_stand_in_tag(c: char, dialect: Dialect) -> bool {
    let marks = "+-=._:/ ";
    match dialect {
        Dialect::Oss => c.is_ascii_alphanumeric() || marks.contains(c),
        Dialect::S3 => c.is_alphanumeric() || marks.contains(c) || c == '@',
    }
}

/// The encryption at rest that the request asks for.
///
/// # Errors
///
/// `InvalidEncryptionAlgorithmError` on OSS, `InvalidArgument` on S3, for a method that the service
/// does not have; `InvalidArgument` for a KMS key without KMS.
pub(super) fn sealing(request: &Request, dialect: Dialect) -> Result<Option<Sealing>, ApiError> {
    let name = format!("{}server-side-encryption", dialect.prefix());
    let key_name = key_header(dialect);
    let key = request.header(key_name);
    let data_cipher = match dialect {
        Dialect::Oss => request.header("x-oss-server-side-data-encryption"),
        Dialect::S3 => None,
    };
    let Some(method) = request.header(&name) else {
        return match key {
            Some(key) => Err(ApiError::argument(
                key_name,
                key,
                "A KMS key needs server-side encryption with KMS.",
            )),
            None => Ok(None),
        };
    };
    let cipher = match (dialect, method) {
        (_, "AES256") => Cipher::Aes256,
        (Dialect::Oss, "SM4") => Cipher::Sm4,
        (Dialect::Oss, "KMS") | (Dialect::S3, "aws:kms") => Cipher::Kms,
        (Dialect::Oss, _) => {
            return Err(
                ApiError::new("InvalidEncryptionAlgorithmError").with("ArgumentValue", method)
            );
        }
        (Dialect::S3, _) => {
            return Err(ApiError::argument(
                &name,
                method,
                "The encryption method specified is not supported",
            ));
        }
    };
    match (cipher, key, data_cipher) {
        (Cipher::Kms, _, Some(other)) if other != "SM4" => Err(ApiError::argument(
            "x-oss-server-side-data-encryption",
            other,
            "The data encryption method is not supported.",
        )),
        (Cipher::Kms, key, data_cipher) => Ok(Some(Sealing {
            cipher,
            key_id: Some(key.unwrap_or(DEFAULT_KEY).to_owned()),
            data_cipher: data_cipher.map(str::to_owned),
        })),
        (_, Some(key), _) => Err(ApiError::argument(
            key_name,
            key,
            "A KMS key needs server-side encryption with KMS.",
        )),
        (_, None, _) => Ok(Some(Sealing { cipher, key_id: None, data_cipher: None })),
    }
}

fn key_header(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Oss => "x-oss-server-side-encryption-key-id",
        Dialect::S3 => "x-amz-server-side-encryption-aws-kms-key-id",
    }
}

/// Says in an answer how the object, or the part, is encrypted.
pub(super) fn write_sealing(reply: &mut Reply, meta: &Meta, dialect: Dialect) {
    let Some(sealing) = &meta.sealing else { return };
    let method = match dialect {
        Dialect::Oss => sealing.cipher.oss_name(),
        Dialect::S3 => sealing.cipher.s3_name(),
    };
    reply.set(&format!("{}server-side-encryption", dialect.prefix()), method);
    if let Some(key) = &sealing.key_id {
        reply.set(key_header(dialect), key);
    }
    if let (Dialect::Oss, Some(data_cipher)) = (dialect, &sealing.data_cipher) {
        reply.set("x-oss-server-side-data-encryption", data_cipher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::testing::request;

    fn put(headers: &[(&str, &str)]) -> Request {
        request("PUT", "http://h/b/k", headers)
    }

    #[test]
    fn classes_are_told_in_the_words_of_whoever_asks() {
        for (stored, oss, s3) in [
            (None, "Standard", "STANDARD"),
            (Some("IA"), "IA", "STANDARD_IA"),
            (Some("STANDARD_IA"), "IA", "STANDARD_IA"),
            (Some("ONEZONE_IA"), "IA", "ONEZONE_IA"),
            (Some("Archive"), "Archive", "GLACIER"),
            (Some("DeepColdArchive"), "DeepColdArchive", "DEEP_ARCHIVE"),
            (Some("DEEP_ARCHIVE"), "ColdArchive", "DEEP_ARCHIVE"),
            (Some("GLACIER_IR"), "Archive", "GLACIER_IR"),
            (Some("REDUCED_REDUNDANCY"), "Standard", "REDUCED_REDUNDANCY"),
        ] {
            let meta = Meta { storage_class: stored.map(str::to_owned), ..Meta::default() };
            assert_eq!(
                (class_in(&meta, Dialect::Oss).as_str(), class_in(&meta, Dialect::S3).as_str()),
                (oss, s3),
                "{stored:?}"
            );
        }
    }

    #[test]
    fn tags_are_held_to_the_rules() {
        let eleven: String = (0..11).map(|n| format!("k{n}=v&")).collect();
        let (long_key, long_value) =
            (format!("{}=v", "k".repeat(129)), format!("k={}", "v".repeat(257)));
        for (dialect, text, code) in [
            (Dialect::Oss, "a=1&b=%2B+x&c", None),
            (Dialect::Oss, "", None),
            (Dialect::Oss, "aa=bb=cc", Some("InvalidArgument")),
            (Dialect::Oss, "a=1&a=2", Some("InvalidArgument")),
            (Dialect::Oss, "a=%", Some("InvalidArgument")),
            (Dialect::Oss, "a=%40", Some("InvalidArgument")),
            (Dialect::Oss, "a=%E7%85%A7", Some("InvalidArgument")),
            (Dialect::Oss, &long_key, Some("InvalidArgument")),
            (Dialect::Oss, &long_value, Some("InvalidArgument")),
            (Dialect::Oss, &eleven, Some("InvalidArgument")),
            (Dialect::S3, "a=%40&b=%E7%85%A7", None),
            (Dialect::S3, "=v", Some("InvalidArgument")),
            (Dialect::S3, &eleven, Some("BadRequest")),
        ] {
            let name = format!("{}tagging", dialect.prefix());
            let found = tagging(&put(&[(name.as_str(), text)]), dialect);
            assert_eq!(
                found.as_ref().map_err(|error| error.code.as_str()).err(),
                code,
                "{dialect:?} {text:.40}"
            );
            if code.is_none() {
                assert_eq!(found.unwrap().as_deref(), Some(text));
            }
        }
    }

    #[test]
    fn encryption_is_read_and_told_in_both_dialects() {
        let kms = [
            ("x-oss-server-side-encryption", "KMS"),
            ("x-oss-server-side-encryption-key-id", "key-1"),
        ];
        let meta = Meta { sealing: sealing(&put(&kms), Dialect::Oss).unwrap(), ..Meta::default() };
        assert!(meta.hides_digest());
        let mut reply = Reply::new(http::StatusCode::OK);
        write_sealing(&mut reply, &meta, Dialect::S3);
        write_sealing(&mut reply, &meta, Dialect::Oss);
        for (name, value) in [
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "key-1"),
            ("x-oss-server-side-encryption", "KMS"),
            ("x-oss-server-side-encryption-key-id", "key-1"),
        ] {
            assert_eq!(reply.headers.get(name).unwrap(), value, "{name}");
        }
        for (dialect, headers, code) in [
            (
                Dialect::Oss,
                &[("x-oss-server-side-encryption", "DES")][..],
                "InvalidEncryptionAlgorithmError",
            ),
            (Dialect::Oss, &[("x-oss-server-side-encryption-key-id", "k")], "InvalidArgument"),
            (
                Dialect::Oss,
                &[
                    ("x-oss-server-side-encryption", "AES256"),
                    ("x-oss-server-side-encryption-key-id", "k"),
                ],
                "InvalidArgument",
            ),
            (
                Dialect::Oss,
                &[
                    ("x-oss-server-side-encryption", "KMS"),
                    ("x-oss-server-side-data-encryption", "DES"),
                ],
                "InvalidArgument",
            ),
            (Dialect::S3, &[("x-amz-server-side-encryption", "KMS")], "InvalidArgument"),
            (
                Dialect::S3,
                &[("x-amz-server-side-encryption-aws-kms-key-id", "k")],
                "InvalidArgument",
            ),
        ] {
            assert_eq!(sealing(&put(headers), dialect).unwrap_err().code, code, "{headers:?}");
        }
        let plain = sealing(&put(&[("x-oss-server-side-encryption", "AES256")]), Dialect::Oss)
            .unwrap()
            .unwrap();
        assert_eq!((plain.cipher, plain.key_id), (Cipher::Aes256, None));
        assert!(
            !Meta {
                sealing: Some(Sealing { cipher: Cipher::Aes256, key_id: None, data_cipher: None }),
                ..Meta::default()
            }
            .hides_digest()
        );
    }
}
