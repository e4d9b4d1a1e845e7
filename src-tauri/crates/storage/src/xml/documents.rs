//! The documents stores send, with the fields that are used. Names as the services document them.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::tree::{Element, Refused};
use crate::crc64_nvme;
use crate::decimal::decimal;
use crate::endpoint::region_id;
use crate::percent::{self, Plus};
use ferry_model::checksum::{etag, unquote};

/// Most parts of an upload, and so the last number of a part (OSS and S3: "Multipart upload",
/// limits).
const LAST_PART: u32 = 10_000;
/// Longest upload id that is believed: real ones have some 30 to 130 characters.
const UPLOAD_ID_LIMIT: usize = 1024;
/// Longest continuation token that is believed: Ceph's holds a whole key, MinIO's more than one.
const TOKEN_LIMIT: usize = 8 * 1024;
/// Longest region id that is believed.
const REGION_LIMIT: usize = 64;

/// What Initiate answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiated {
    /// The key, decoded.
    pub key: String,
    /// The upload id; never empty.
    pub upload_id: String,
}

/// One part in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Its number.
    pub number: u32,
    /// Its size in bytes.
    pub size: u64,
    /// Its ETag without quotes; empty if the store lists none.
    pub etag: String,
    /// Its CRC-64/XZ, if the store lists it.
    pub crc64: Option<u64>,
    /// Its CRC-64/NVME, if the store lists it.
    pub crc64_nvme: Option<u64>,
    /// When it was stored, if that can be read.
    pub last_modified: Option<SystemTime>,
}

/// A page of ListParts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartsPage {
    /// The parts.
    pub parts: Vec<PartRow>,
    /// Whether more follow.
    pub truncated: bool,
    /// The marker of the next page: a part's number, or 0.
    pub next_marker: Option<u32>,
}

/// One upload in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// The key, decoded.
    pub key: String,
    /// The upload id.
    pub upload_id: String,
    /// When it was begun, if that can be read.
    pub initiated: Option<SystemTime>,
}

/// A page of ListMultipartUploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadsPage {
    /// The uploads.
    pub uploads: Vec<UploadRow>,
    /// The common prefixes, decoded, if a delimiter was asked for.
    pub prefixes: Vec<String>,
    /// Whether more follow.
    pub truncated: bool,
    /// The key marker of the next page, decoded.
    pub next_key_marker: String,
    /// The upload id marker of the next page.
    pub next_upload_id_marker: String,
}

/// One object in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// The key, decoded.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A page of ListObjects, version 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectsPage {
    /// The objects.
    pub objects: Vec<ObjectRow>,
    /// The common prefixes, decoded, if a delimiter was asked for.
    pub prefixes: Vec<String>,
    /// Whether more follow.
    pub truncated: bool,
    /// The continuation token of the next page, decoded.
    pub next_token: String,
}

/// What Complete answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// The object's ETag without quotes; empty if the store tells none, as Ceph's gateway does.
    pub etag: String,
    /// The object's CRC-64/NVME, if the store tells it.
    pub crc64_nvme: Option<u64>,
}

/// What is known of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BucketInfo {
    /// Its name, if the answer tells.
    pub name: Option<String>,
    /// Its region id, without `oss-`.
    pub region: Option<String>,
    /// Its endpoint from outside (OSS).
    pub extranet_endpoint: Option<String>,
    /// Its endpoint inside Alibaba Cloud (OSS).
    pub intranet_endpoint: Option<String>,
    /// Its default storage class (OSS).
    pub storage_class: Option<String>,
    /// Its ACL (OSS).
    pub acl: Option<String>,
    /// `Enabled` or `Suspended`, if versioning was ever on (OSS).
    pub versioning: Option<String>,
    /// When it was made (OSS).
    pub creation_date: Option<String>,
}

/// An error's document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorDocument {
    /// Every field with a text, in order.
    pub fields: Vec<(String, String)>,
}

impl ErrorDocument {
    /// Reads a whole `<Error>`.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        Element::document(bytes, &["Error"]).map(|root| Self::from_root(&root))
    }

    /// Reads what can be read of a cut `<Error>`; `None` if it is another document.
    pub fn salvage(bytes: &[u8]) -> Option<Self> {
        Element::salvage(bytes)
            .filter(|root| root.name == "Error")
            .map(|root| Self::from_root(&root))
    }

    fn from_root(root: &Element) -> Self {
        // `<ErrorResponse><Error>` and the like are other services' habit; only direct fields
        // count.
        let fields = root.children.iter().filter(|child| !child.text().is_empty());
        Self { fields: fields.map(|child| (child.name.clone(), child.text().to_owned())).collect() }
    }

    /// A field by name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The store's time, in seconds since 1970, where it complains about the computer's (OSS:
    /// "RequestTimeTooSkewed").
    pub fn server_time(&self) -> Option<i64> {
        let time = timestamp(self.get("ServerTime")?)?;
        i64::try_from(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs()).ok()
    }
}

impl Initiated {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["InitiateMultipartUploadResult"])?;
        Ok(Self { key: decoded(&root, &root, "Key")?, upload_id: upload_id(&root)? })
    }
}

impl PartsPage {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["ListPartsResult"])?;
        // A marker beyond the last part could be raised for ever.
        let numbered = |element: &Element, name: &'static str| -> Result<Option<u32>, Refused> {
            let in_range = |number| {
                u32::try_from(number)
                    .ok()
                    .filter(|number| *number <= LAST_PART)
                    .ok_or(Refused::Field(name))
            };
            number(element, name)?.map(in_range).transpose()
        };
        let part = |element: &Element| -> Result<PartRow, Refused> {
            Ok(PartRow {
                number: numbered(element, "PartNumber")?
                    .filter(|number| *number > 0)
                    .ok_or(Refused::Field("PartNumber"))?,
                size: number(element, "Size")?.ok_or(Refused::Field("Size"))?,
                etag: match element.text_of("ETag").filter(|text| !unquote(text).is_empty()) {
                    Some(text) => etag(text).ok_or(Refused::Field("ETag"))?.to_owned(),
                    None => String::new(),
                },
                crc64: element.text_of("HashCrc64ecma").and_then(decimal),
                // A part is a whole, whatever the upload's own CRC is made of.
                crc64_nvme: element
                    .text_of("ChecksumCRC64NVME")
                    .and_then(|text| crc64_nvme::of_whole(text, None)),
                last_modified: element.text_of("LastModified").and_then(timestamp),
            })
        };
        Ok(Self {
            parts: root.all("Part").map(part).collect::<Result<_, _>>()?,
            truncated: truncated(&root)?,
            next_marker: numbered(&root, "NextPartNumberMarker")?,
        })
    }
}

impl UploadsPage {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["ListMultipartUploadsResult"])?;
        let upload = |element: &Element| -> Result<UploadRow, Refused> {
            Ok(UploadRow {
                key: key_of(&root, element)?,
                upload_id: upload_id(element)?,
                initiated: element.text_of("Initiated").and_then(timestamp),
            })
        };
        Ok(Self {
            uploads: root.all("Upload").map(upload).collect::<Result<_, _>>()?,
            prefixes: common_prefixes(&root)?,
            truncated: truncated(&root)?,
            next_key_marker: decoded(&root, &root, "NextKeyMarker")?,
            next_upload_id_marker: root
                .text_of("NextUploadIdMarker")
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

impl ObjectsPage {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["ListBucketResult"])?;
        let object = |element: &Element| -> Result<ObjectRow, Refused> {
            Ok(ObjectRow {
                key: key_of(&root, element)?,
                size: number(element, "Size")?.ok_or(Refused::Field("Size"))?,
            })
        };
        // OSS encodes it with the keys (oss2: `parse_list_objects_v2`).
        let next_token = decoded(&root, &root, "NextContinuationToken")?;
        if next_token.len() > TOKEN_LIMIT {
            return Err(Refused::Field("NextContinuationToken"));
        }
        Ok(Self {
            objects: root.all("Contents").map(object).collect::<Result<_, _>>()?,
            prefixes: common_prefixes(&root)?,
            truncated: truncated(&root)?,
            next_token,
        })
    }
}

impl Completed {
    /// # Errors
    /// See [`Refused`]. An `<Error>` in a 200 answer (S3) is [`Refused::Root`]: read it with
    /// [`ErrorDocument::read`] first.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["CompleteMultipartUploadResult"])?;
        // Ceph's gateway leaves it empty.
        let text = root.child("ETag").ok_or(Refused::Field("ETag"))?.text();
        let etag =
            if unquote(text).is_empty() { "" } else { etag(text).ok_or(Refused::Field("ETag"))? };
        let kind = root.text_of("ChecksumType");
        let crc = root.text_of("ChecksumCRC64NVME");
        Ok(Self {
            etag: etag.to_owned(),
            crc64_nvme: crc.and_then(|text| crc64_nvme::of_whole(text, kind)),
        })
    }
}

impl BucketInfo {
    /// GetBucketInfo of OSS.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn read_oss(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["BucketInfo"])?;
        let bucket = root.child("Bucket").ok_or(Refused::Field("Bucket"))?;
        let field = |name: &str| bucket.text_of(name).map(str::to_owned);
        Ok(Self {
            name: Some(field("Name").ok_or(Refused::Field("Name"))?),
            region: bucket
                .text_of("Location")
                .map(|location| region("Location", location))
                .transpose()?,
            extranet_endpoint: field("ExtranetEndpoint"),
            intranet_endpoint: field("IntranetEndpoint"),
            storage_class: field("StorageClass"),
            acl: bucket
                .child("AccessControlList")
                .and_then(|list| list.text_of("Grant"))
                .map(str::to_owned),
            versioning: field("Versioning"),
            creation_date: field("CreationDate"),
        })
    }

    /// GetBucketLocation of S3. An empty location is the oldest region, `EU` the second oldest.
    /// SeaweedFS wraps it as the request that makes a bucket does.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn read_s3(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["LocationConstraint", "CreateBucketConfiguration"])?;
        let location = match root.name.as_str() {
            "LocationConstraint" => &root,
            _ => root.child("LocationConstraint").ok_or(Refused::Field("LocationConstraint"))?,
        };
        let region = match location.text() {
            "" => "us-east-1".to_owned(),
            "EU" => "eu-west-1".to_owned(),
            named => region("LocationConstraint", named)?,
        };
        Ok(Self { region: Some(region), ..Self::default() })
    }
}

/// The body of Complete. The parts as `(number, ETag without quotes)`, ascending.
pub fn complete_request(parts: &[(u32, String)]) -> String {
    let part = |(number, etag): &(u32, String)| {
        let etag = quick_xml::escape::escape(unquote(etag));
        format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>")
    };
    let parts: String = parts.iter().map(part).collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

/// The body of PutObjectTagging.
pub fn tagging_request(tags: &[(String, String)]) -> String {
    let escaped = |text: &str| quick_xml::escape::escape(text).into_owned();
    let tag = |(name, value): &(String, String)| {
        format!("<Tag><Key>{}</Key><Value>{}</Value></Tag>", escaped(name), escaped(value))
    };
    let tags: String = tags.iter().map(tag).collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

/// An upload id: one visible word, since every later request and a line of the journal names it.
fn upload_id(element: &Element) -> Result<String, Refused> {
    let id = element.text_of("UploadId").filter(|id| is_word(id, UPLOAD_ID_LIMIT));
    id.map(str::to_owned).ok_or(Refused::Field("UploadId"))
}

/// A region's id: one visible word, since it becomes part of what is signed. Private installations
/// have ids of other forms than clouds.
fn region(field: &'static str, text: &str) -> Result<String, Refused> {
    let id = region_id(text);
    if is_word(id, REGION_LIMIT) { Ok(id.to_owned()) } else { Err(Refused::Field(field)) }
}

fn is_word(text: &str, limit: usize) -> bool {
    (1..=limit).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A key-like field: percent-decoded if the document says it is encoded; its white space is its
/// own.
fn decoded(root: &Element, element: &Element, name: &'static str) -> Result<String, Refused> {
    let Some(child) = element.child(name) else { return Ok(String::new()) };
    match root.text_of("EncodingType") {
        Some("url") => percent::decode(child.text(), Plus::Space).ok_or(Refused::Field(name)),
        _ => Ok(child.raw.clone()),
    }
}

/// A key; never empty.
fn key_of(root: &Element, element: &Element) -> Result<String, Refused> {
    let key = decoded(root, element, "Key")?;
    if key.is_empty() { Err(Refused::Field("Key")) } else { Ok(key) }
}

fn common_prefixes(root: &Element) -> Result<Vec<String>, Refused> {
    root.all("CommonPrefixes").map(|element| decoded(root, element, "Prefix")).collect()
}

fn number(element: &Element, name: &'static str) -> Result<Option<u64>, Refused> {
    element.text_of(name).map(|text| decimal(text).ok_or(Refused::Field(name))).transpose()
}

fn truncated(root: &Element) -> Result<bool, Refused> {
    match root.text_of("IsTruncated") {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(Refused::Field("IsTruncated")),
    }
}

/// `2012-02-23T07:01:34.000Z`.
pub(crate) fn timestamp(text: &str) -> Option<SystemTime> {
    let seconds = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp();
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests;
