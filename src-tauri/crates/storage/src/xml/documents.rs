//! The documents stores send, with the fields that are used. Names as the services document them.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::tree::{Element, Refused};
use crate::checksum::unquote;
use crate::endpoint::region_id;
use crate::percent::{self, Plus};

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
    /// The marker of the next page.
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

/// What Complete answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// The object's ETag without quotes; empty if the store tells none, as Ceph's gateway does.
    pub etag: String,
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
        Element::salvage(bytes).filter(|root| root.name == "Error").map(|root| Self::from_root(&root))
    }

    fn from_root(root: &Element) -> Self {
        // `<ErrorResponse><Error>` and the like are other services' habit; only direct fields count.
        let fields = root.children.iter().filter(|child| !child.text().is_empty());
        Self { fields: fields.map(|child| (child.name.clone(), child.text().to_owned())).collect() }
    }

    /// A field by name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Initiated {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["InitiateMultipartUploadResult"])?;
        let upload_id = root.text_of("UploadId").ok_or(Refused::Field("UploadId"))?.to_owned();
        Ok(Self { key: decoded(&root, &root, "Key")?, upload_id })
    }
}

impl PartsPage {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["ListPartsResult"])?;
        let number = |element: &Element, name: &'static str| -> Result<Option<u64>, Refused> {
            element.text_of(name).map(|text| text.parse().map_err(|_| Refused::Field(name))).transpose()
        };
        let part = |element: &Element| -> Result<PartRow, Refused> {
            let part_number = number(element, "PartNumber")?.and_then(|number| u32::try_from(number).ok());
            Ok(PartRow {
                number: part_number.filter(|number| (1..=10_000).contains(number)).ok_or(Refused::Field("PartNumber"))?,
                size: number(element, "Size")?.ok_or(Refused::Field("Size"))?,
                etag: element.text_of("ETag").map(unquote).unwrap_or_default().to_owned(),
                crc64: element.text_of("HashCrc64ecma").and_then(|text| text.parse().ok()),
                last_modified: element.text_of("LastModified").and_then(timestamp),
            })
        };
        let next = number(&root, "NextPartNumberMarker")?;
        Ok(Self {
            parts: root.all("Part").map(part).collect::<Result<_, _>>()?,
            truncated: truncated(&root)?,
            next_marker: next.map(|next| u32::try_from(next).map_err(|_| Refused::Field("NextPartNumberMarker"))).transpose()?,
        })
    }
}

impl UploadsPage {
    /// # Errors
    /// See [`Refused`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["ListMultipartUploadsResult"])?;
        let upload = |element: &Element| -> Result<UploadRow, Refused> {
            let key = decoded(&root, element, "Key")?;
            Ok(UploadRow {
                key: if key.is_empty() { return Err(Refused::Field("Key")) } else { key },
                upload_id: element.text_of("UploadId").ok_or(Refused::Field("UploadId"))?.to_owned(),
                initiated: element.text_of("Initiated").and_then(timestamp),
            })
        };
        Ok(Self {
            uploads: root.all("Upload").map(upload).collect::<Result<_, _>>()?,
            prefixes: root.all("CommonPrefixes").map(|element| decoded(&root, element, "Prefix")).collect::<Result<_, _>>()?,
            truncated: truncated(&root)?,
            next_key_marker: decoded(&root, &root, "NextKeyMarker")?,
            next_upload_id_marker: root.text_of("NextUploadIdMarker").unwrap_or_default().to_owned(),
        })
    }
}

impl Completed {
    /// # Errors
    /// See [`Refused`]. An `<Error>` in a 200 answer (S3) is [`Refused::Root`]: read it with [`ErrorDocument::read`] first.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let root = Element::document(bytes, &["CompleteMultipartUploadResult"])?;
        let etag = root.child("ETag").ok_or(Refused::Field("ETag"))?;
        Ok(Self { etag: unquote(etag.text()).to_owned() })
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
            region: field("Location").map(|location| region_id(&location).to_owned()),
            extranet_endpoint: field("ExtranetEndpoint"),
            intranet_endpoint: field("IntranetEndpoint"),
            storage_class: field("StorageClass"),
            acl: bucket.child("AccessControlList").and_then(|list| list.text_of("Grant")).map(str::to_owned),
            versioning: field("Versioning"),
            creation_date: field("CreationDate"),
        })
    }

    /// GetBucketLocation of S3. An empty location is the oldest region, `EU` the second oldest. SeaweedFS wraps it as the request that
    /// makes a bucket does.
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
            "" => "us-east-1",
            "EU" => "eu-west-1",
            region => region,
        };
        Ok(Self { region: Some(region.to_owned()), ..Self::default() })
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

/// A key-like field: percent-decoded if the document says it is encoded; its white space is its own.
fn decoded(root: &Element, element: &Element, name: &'static str) -> Result<String, Refused> {
    let Some(child) = element.child(name) else { return Ok(String::new()) };
    match root.text_of("EncodingType") {
        Some("url") => percent::decode(child.text(), Plus::Space).ok_or(Refused::Field(name)),
        _ => Ok(child.raw.clone()),
    }
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
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}
