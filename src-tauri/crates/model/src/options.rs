//! What a batch's objects shall be like and how they are sent: options that travel with it, checked
//! before any request.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fault::{Fault, FaultKind};
use crate::object_header::{ObjectHeader, ObjectHeaders};
use crate::provider::Provider;

/// Least and most bits a second of `x-oss-traffic-limit`, as OSS documents it: 100 KB/s to 100
/// MB/s.
pub const TRAFFIC_LIMITS: std::ops::RangeInclusive<u64> = 819_200..=838_860_800;
/// Most bytes of all metadata together: OSS allows 8 KiB, S3 2 KiB.
const OSS_METADATA_BYTES: usize = 8 * 1024;
const S3_METADATA_BYTES: usize = 2 * 1024;
/// Most tags of an object, on both.
const MOST_TAGS: usize = 10;
/// Most characters of a tag's name and value, on both.
const TAG_NAME: usize = 128;
const TAG_VALUE: usize = 256;

/// The storage classes OSS documents.
pub const OSS_CLASSES: &[&str] = &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
/// The storage classes that S3 documents for uploads; compatible stores have others, so any word
/// goes there.
pub const S3_CLASSES: &[&str] = &[
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
    "EXPRESS_ONEZONE",
];
/// The object ACLs OSS documents.
pub const OSS_ACLS: &[&str] = &["default", "private", "public-read", "public-read-write"];
/// The canned ACLs S3 documents.
pub const S3_ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

/// A name with its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl std::str::FromStr for Pair {
    type Err = String;

    /// Reads `name=value`; the value may hold further `=`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| format!("“{text}” is not NAME=VALUE"))?;
        Ok(Self { name: name.trim().to_owned(), value: value.to_owned() })
    }
}

/// Encryption by the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Encryption {
    /// As the bucket is set.
    #[default]
    Bucket,
    /// With a key of the store.
    Aes256,
    /// With a key of the key service.
    Kms {
        /// The key's id; empty for the service's own.
        #[serde(default, rename = "keyId")]
        key_id: String,
    },
}

/// How the callback's body is typed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CallbackBody {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
}

/// OSS calls an application server once the object is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// Up to five URLs, separated by `;`.
    pub url: String,
    /// The body, with `${bucket}`, `${object}`, `${size}` and so on to be filled in by OSS.
    pub body: String,
    /// How it is typed.
    #[serde(default)]
    pub body_type: CallbackBody,
    /// Own parameters: `x:name` with a value, named in the body as `${x:name}`.
    #[serde(default)]
    pub variables: Vec<Pair>,
}

/// Whether the file's own digest travels with it as metadata.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileDigest {
    /// It does not.
    #[default]
    None,
    /// SHA-256, as user metadata `sha256`. It stands on the first request, so the file is read once
    /// more before its first byte goes.
    Sha256,
}

/// Options of a batch's objects. Empty texts mean: the store's own choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BatchOptions {
    /// The storage class, in the store's own word.
    pub storage_class: String,
    /// The object's ACL.
    pub acl: String,
    /// Encryption by the store.
    pub encryption: Encryption,
    /// The headers that are stored with it.
    #[serde(flatten)]
    pub headers: ObjectHeaders,
    /// User metadata; names without the `x-…-meta-` prefix.
    pub metadata: Vec<Pair>,
    /// Tags.
    pub tags: Vec<Pair>,
    /// OSS: most **bits** a second of one connection, as `x-oss-traffic-limit`; 0 for none.
    pub traffic_limit: u64,
    /// OSS: the callback.
    pub callback: Option<Callback>,
    /// Whether the file's digest travels with it.
    pub digest: FileDigest,
}

/// Names of metadata that Ferry writes itself.
pub const OWN_METADATA: &[&str] = &["ferry-id", "sha256"];

impl BatchOptions {
    /// What is wrong, by the field of the form that says it: `storageClass`, `acl`, `kmsKeyId`, each
    /// [`ObjectHeader::field`], `metadata`, `tags`, `trafficLimit`, `callbackUrl`, `callbackBody`,
    /// `callbackVariables`. Nothing that the service would refuse, or silently take for something
    /// else, goes out.
    pub fn problems(&self, provider: Provider) -> Vec<(&'static str, Fault)> {
        let mut problems = Vec::new();
        let mut check = |field, outcome: Result<(), String>| {
            if let Err(why) = outcome {
                problems.push((field, Fault::new(FaultKind::InvalidInput).with_detail(why)));
            }
        };
        check("storageClass", self.check_class(provider));
        check("acl", one_of(&self.acl, if provider == Provider::Oss { OSS_ACLS } else { S3_ACLS }));
        check("kmsKeyId", self.check_encryption());
        for header in ObjectHeader::all() {
            check(header.field(), check_header(header, self.headers.get(header)));
        }
        check("metadata", self.check_metadata(provider));
        check("tags", self.check_tags(provider));
        check("trafficLimit", self.check_traffic(provider));
        if let Some(callback) = &self.callback {
            check("callbackUrl", callback.check_url(provider));
            check("callbackBody", callback.check_body());
            check("callbackVariables", callback.check_variables());
        }
        problems
    }

    fn check_class(&self, provider: Provider) -> Result<(), String> {
        match provider {
            Provider::Oss => one_of(&self.storage_class, OSS_CLASSES),
            Provider::S3
                if self
                    .storage_class
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) =>
            {
                Ok(())
            }
            Provider::S3 => Err(format!("“{}” is no storage class", self.storage_class)),
        }
    }

    fn check_encryption(&self) -> Result<(), String> {
        match &self.encryption {
            Encryption::Kms { key_id } => header_value(key_id),
            Encryption::Bucket | Encryption::Aes256 => Ok(()),
        }
    }

    fn check_metadata(&self, provider: Provider) -> Result<(), String> {
        let limit = if provider == Provider::Oss { OSS_METADATA_BYTES } else { S3_METADATA_BYTES };
        let mut names: Vec<String> = Vec::new();
        // OSS documents letters, digits and `-`, and refuses an underscore (0011-00000004); S3
        // takes what a header's name may hold.
        let marks = if provider == Provider::Oss { "-" } else { "-_." };
        for Pair { name, .. } in &self.metadata {
            let lower = name.to_ascii_lowercase();
            if name.is_empty()
                || !name.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
            {
                let marks: Vec<String> = marks.chars().map(String::from).collect();
                return Err(format!(
                    "“{name}” is no name for metadata: it has letters, digits and {}",
                    marks.join(" ")
                ));
            }
            if OWN_METADATA.contains(&lower.as_str()) {
                return Err(format!("“{name}” is written by Ferry itself"));
            }
            if names.contains(&lower) {
                return Err(format!("“{name}” stands twice"));
            }
            names.push(lower);
        }
        let bytes: usize =
            self.metadata.iter().map(|pair| pair.name.len() + pair.value.len()).sum();
        if bytes > limit {
            Err(format!("it has {bytes} bytes; {limit} are allowed"))
        } else {
            Ok(())
        }
    }

    fn check_tags(&self, provider: Provider) -> Result<(), String> {
        if self.tags.len() > MOST_TAGS {
            return Err(format!("{} tags; {MOST_TAGS} are allowed", self.tags.len()));
        }
        // OSS documents letters of either case, digits, spaces and these marks ("Object tagging");
        // S3 any letter, and @ as well.
        let allowed = |text: &str| match provider {
            Provider::Oss => {
                text.chars().all(|c| c.is_ascii_alphanumeric() || " +-=._:/".contains(c))
            }
            Provider::S3 => text.chars().all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c)),
        };
        for (at, Pair { name, value }) in self.tags.iter().enumerate() {
            if name.is_empty()
                || name.chars().count() > TAG_NAME
                || value.chars().count() > TAG_VALUE
            {
                return Err(format!(
                    "“{name}”: a tag's name has 1 to {TAG_NAME} characters, its value at most {TAG_VALUE}"
                ));
            }
            if !allowed(name) || !allowed(value) {
                let more = if provider == Provider::Oss { "; no other scripts here" } else { " @" };
                return Err(format!(
                    "“{name}={value}”: tags hold letters, digits, spaces and + - = . _ : /{more}"
                ));
            }
            if self.tags[..at].iter().any(|other| other.name == *name) {
                return Err(format!("“{name}” stands twice"));
            }
        }
        Ok(())
    }

    fn check_traffic(&self, provider: Provider) -> Result<(), String> {
        match (self.traffic_limit, provider) {
            (0, _) => Ok(()),
            (_, Provider::S3) => Err("only OSS limits a connection's speed".to_owned()),
            (limit, Provider::Oss) if TRAFFIC_LIMITS.contains(&limit) => Ok(()),
            (limit, Provider::Oss) => Err(format!(
                "{limit} bit/s; {} to {} are allowed",
                TRAFFIC_LIMITS.start(),
                TRAFFIC_LIMITS.end()
            )),
        }
    }
}

impl Callback {
    fn check_url(&self, provider: Provider) -> Result<(), String> {
        if provider == Provider::S3 {
            return Err("only OSS calls back".to_owned());
        }
        let is_address = |url: &str| {
            (url.starts_with("http://") || url.starts_with("https://")) && url.len() >= 10
        };
        let urls: Vec<&str> = self.url.split(';').map(str::trim).collect();
        if urls.len() > 5 || !urls.into_iter().all(is_address) {
            return Err("one to five http or https addresses, separated by ;".to_owned());
        }
        Ok(())
    }

    fn check_body(&self) -> Result<(), String> {
        if self.body.trim().is_empty() {
            return Err("a callback needs a body".to_owned());
        }
        Ok(())
    }

    /// OSS asks for `x:` and lower case; another name would leave its place in the body empty
    /// without a word.
    fn check_variables(&self) -> Result<(), String> {
        let fits = |name: &str| name.starts_with("x:") && !name.chars().any(char::is_uppercase);
        match self.variables.iter().find(|pair| !fits(&pair.name)) {
            Some(pair) => Err(format!(
                "“{}”: a parameter's name begins with x: and has no capitals",
                pair.name
            )),
            None => Ok(()),
        }
    }
}

fn one_of(value: &str, known: &[&str]) -> Result<(), String> {
    if value.is_empty() || known.contains(&value) {
        Ok(())
    } else {
        Err(format!("“{value}” is none of {}", known.join(", ")))
    }
}

/// S3 reads the coding `aws-chunked` as how the request itself is framed, and keeps nothing of it.
fn check_header(header: ObjectHeader, value: &str) -> Result<(), String> {
    let is_framing = |coding: &str| coding.trim().eq_ignore_ascii_case("aws-chunked");
    if header == ObjectHeader::ContentEncoding && value.split(',').any(is_framing) {
        return Err(
            "aws-chunked tells how a request is framed, not how its bytes are packed".into()
        );
    }
    header_value(value)
}

/// What a header can carry as it stands.
fn header_value(value: &str) -> Result<(), String> {
    if value.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && value.trim() == value {
        Ok(())
    } else {
        Err(format!("“{}” has characters that a header cannot carry", value.escape_debug()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(provider: Provider, options: &BatchOptions) -> Vec<&'static str> {
        options.problems(provider).into_iter().map(|(field, _)| field).collect()
    }

    fn pair(name: &str, value: &str) -> Pair {
        Pair { name: name.into(), value: value.into() }
    }

    fn with(change: impl FnOnce(&mut BatchOptions)) -> BatchOptions {
        let mut options = BatchOptions::default();
        change(&mut options);
        options
    }

    #[test]
    fn what_a_service_would_refuse_stands_beside_its_field() {
        use Provider::{Oss, S3};
        let header = |header, value: &str| with(|o| o.headers.set(header, value));
        let callback = |url: &str, body: &str, name: &str| {
            with(|o| {
                o.callback = Some(Callback {
                    url: url.into(),
                    body: body.into(),
                    body_type: CallbackBody::Form,
                    variables: vec![pair(name, "1")],
                });
            })
        };
        let cases: Vec<(Provider, BatchOptions, &[&str])> = vec![
            (Oss, BatchOptions::default(), &[]),
            (S3, BatchOptions::default(), &[]),
            (Oss, with(|o| o.storage_class = "IA".into()), &[]),
            (Oss, with(|o| o.storage_class = "STANDARD_IA".into()), &["storageClass"]),
            (S3, with(|o| o.storage_class = "MY_CLASS".into()), &[]),
            (S3, with(|o| o.storage_class = "two words".into()), &["storageClass"]),
            (Oss, with(|o| o.acl = "default".into()), &[]),
            (S3, with(|o| o.acl = "default".into()), &["acl"]),
            (S3, with(|o| o.encryption = Encryption::Kms { key_id: "a\nb".into() }), &["kmsKeyId"]),
            (Oss, header(ObjectHeader::CacheControl, "max-age=1\r\nx: y"), &["cacheControl"]),
            (Oss, header(ObjectHeader::ContentDisposition, "attachment"), &[]),
            (S3, header(ObjectHeader::ContentEncoding, "gzip"), &[]),
            (S3, header(ObjectHeader::ContentEncoding, "包"), &["contentEncoding"]),
            (S3, header(ObjectHeader::ContentEncoding, "gzip, AWS-chunked"), &["contentEncoding"]),
            (Oss, with(|o| o.metadata = vec![pair("author", "照片")]), &[]),
            (Oss, with(|o| o.metadata = vec![pair("Ferry-Id", "1")]), &["metadata"]),
            (Oss, with(|o| o.metadata = vec![pair("a b", "1")]), &["metadata"]),
            (Oss, with(|o| o.metadata = vec![pair("a_b", "1")]), &["metadata"]),
            (S3, with(|o| o.metadata = vec![pair("a_b.c-d", "1")]), &[]),
            (Oss, with(|o| o.metadata = vec![pair("a", "1"), pair("A", "2")]), &["metadata"]),
            (S3, with(|o| o.metadata = vec![pair("a", &"x".repeat(3000))]), &["metadata"]),
            (Oss, with(|o| o.metadata = vec![pair("a", &"x".repeat(3000))]), &[]),
            (S3, with(|o| o.tags = vec![pair("项目", "一 号@")]), &[]),
            (Oss, with(|o| o.tags = vec![pair("项目", "1")]), &["tags"]),
            (Oss, with(|o| o.tags = vec![pair("a", "b@c")]), &["tags"]),
            (Oss, with(|o| o.tags = vec![pair("a b", "+-=._:/ Z")]), &[]),
            (Oss, with(|o| o.tags = vec![pair("a", "1&2")]), &["tags"]),
            (
                Oss,
                with(|o| o.tags = (0..11).map(|n| pair(&n.to_string(), "")).collect()),
                &["tags"],
            ),
            (Oss, with(|o| o.traffic_limit = 819_200), &[]),
            (Oss, with(|o| o.traffic_limit = 819_199), &["trafficLimit"]),
            (S3, with(|o| o.traffic_limit = 819_200), &["trafficLimit"]),
            (Oss, callback("http://a.example/cb;https://b.example/", "k=${object}", "x:id"), &[]),
            (Oss, callback("ftp://a.example", "k", "x:id"), &["callbackUrl"]),
            (Oss, callback("http://a.example/", " ", "x:id"), &["callbackBody"]),
            (Oss, callback("http://a.example/", "k", "x:Id"), &["callbackVariables"]),
            (Oss, callback("", "", "id"), &["callbackUrl", "callbackBody", "callbackVariables"]),
            (S3, callback("http://a.example/", "k", "x:id"), &["callbackUrl"]),
        ];
        for (provider, options, expected) in cases {
            assert_eq!(fields(provider, &options), expected, "{provider:?} {options:?}");
        }
    }

    #[test]
    fn pairs_keep_what_follows_the_first_equals_sign() {
        assert_eq!("a=b=c ".parse::<Pair>(), Ok(pair("a", "b=c ")));
        assert!("ab".parse::<Pair>().is_err());
    }
}
