//! What a bucket holds, and what each service answers about it: no time, no faults, no wire.

mod uploads;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ferry_model::checksum::{Checksummer, Wanted, same_etag};
use ferry_model::existing::Attributes;
use ferry_model::{Encryption, ObjectHeader, Provider};
use ferry_storage::{
    BucketInfo, EtagMeaning, IfAbsent, ListPage, ListedEntry, ListedPart, ListedUpload, ObjectHead,
    ObjectOptions, StoredObject, StoredPart, UploadsMarker, content_type,
};
use md5::{Digest as _, Md5};

use super::listing;
pub use uploads::{Part, Upload};

/// Who wrote an object: the metadata name under which the engine puts a transfer's id.
pub const OWNER: &str = "ferry-id";

/// Where stores of one dialect differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// Rows of one page of a list.
    pub page: usize,
    /// Least bytes of every part but the last.
    pub smallest_part: u64,
    /// Whether a Complete that was carried out before is answered as if it were carried out now.
    pub complete_again: Again,
}

/// What a store says to a request that was carried out before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The first answer again.
    Repeated,
    /// There is no such upload.
    Refused,
}

impl Manners {
    /// Those that the service documents.
    pub fn of(provider: Provider) -> Self {
        Self {
            page: 1_000,
            smallest_part: ferry_model::PartLimits::of(provider).min_part_size,
            complete_again: Again::Refused,
        }
    }
}

/// Whether bytes are those that were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// They are.
    Sound,
    /// The store keeps others.
    Damaged,
}

/// An object as one write made it.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its user metadata.
    pub metadata: BTreeMap<String, String>,
    /// How it is stored and served.
    pub attributes: Attributes,
    /// When it was written.
    pub written: SystemTime,
    /// Whether its bytes are those that were sent.
    pub health: Health,
    /// Whether the write could replace what was there.
    pub if_absent: IfAbsent,
    etag: String,
    meaning: EtagMeaning,
}

impl Version {
    /// The transfer that wrote it.
    pub fn owner(&self) -> Option<&str> {
        self.metadata.get(OWNER).map(String::as_str)
    }
}

/// A refusal by status and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
}

const fn refusal(status: u16, code: &'static str) -> Refusal {
    Refusal { status, code }
}

const NO_UPLOAD: Refusal = refusal(404, "NoSuchUpload");

/// A request that arrived whole.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    Put { key: String, options: ObjectOptions, body: Body },
    Initiate { key: String, options: ObjectOptions },
    Part { key: String, id: String, number: u32, body: Body },
    ListParts { key: String, id: String, after: u32 },
    ListUploads { prefix: String, after: Option<UploadsMarker> },
    ListObjects { prefix: String, delimiter: Option<String>, after: Option<String> },
    Complete { key: String, id: String, parts: Vec<(u32, String)>, options: ObjectOptions },
    Abort { key: String, id: String },
    Delete { key: String },
    Head { key: String },
    PutAcl { key: String },
    PutTagging { key: String },
    Get { key: String, range: Option<(u64, u64)> },
    BucketInfo,
}

/// The bytes of a request.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) announced_md5: Option<[u8; 16]>,
    pub(crate) health: Health,
}

/// An answer to a request that was carried out.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Object(StoredObject),
    Initiated(String),
    Part(StoredPart),
    Parts(ListPage<ListedPart, u32>),
    Uploads(ListPage<ListedUpload, UploadsMarker>),
    Objects(ListPage<ListedEntry, String>),
    Nothing,
    Head(Option<ObjectHead>),
    Bytes(Bytes),
    OtherRange,
    Info(BucketInfo),
}

/// A bucket.
#[derive(Debug)]
pub struct Contents {
    provider: Provider,
    manners: Manners,
    objects: BTreeMap<String, Vec<Version>>,
    uploads: BTreeMap<(String, String), Upload>,
    /// Uploads that were completed, with their answer.
    completed: BTreeMap<(String, String), StoredObject>,
    next_id: u64,
}

impl Contents {
    /// An empty bucket.
    pub fn new(provider: Provider, manners: Manners) -> Self {
        Self {
            provider,
            manners,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            completed: BTreeMap::new(),
            next_id: 1,
        }
    }

    /// Upload ids count on from here: no two services ever give the same.
    pub fn count_ids_from(&mut self, first: u64) {
        self.next_id = first;
    }

    /// Every write of every key, in order.
    pub fn objects(&self) -> &BTreeMap<String, Vec<Version>> {
        &self.objects
    }

    /// What is stored under a key now.
    pub fn object(&self, key: &str) -> Option<&Version> {
        self.objects.get(key).and_then(|versions| versions.last())
    }

    /// Uploads under way, by key and id.
    pub fn uploads(&self) -> &BTreeMap<(String, String), Upload> {
        &self.uploads
    }

    /// Another client writes an object.
    pub fn write(&mut self, key: &str, bytes: Bytes, now: SystemTime) {
        let body = Body { bytes, announced_md5: None, health: Health::Sound };
        self.put(key, &ObjectOptions::default(), body, now).expect("it may replace what is there");
    }

    /// The store drops an upload, as a lifecycle rule does.
    pub fn expire(&mut self, key: &str, id: &str) {
        self.uploads.remove(&(key.to_owned(), id.to_owned()));
    }

    /// The store loses a part that it acknowledged.
    pub fn lose_part(&mut self, key: &str, id: &str, number: u32) {
        if let Some(upload) = self.uploads.get_mut(&(key.to_owned(), id.to_owned())) {
            upload.parts.remove(&number);
        }
    }

    /// Carries a request out.
    pub(crate) fn serve(&mut self, request: Request, now: SystemTime) -> Result<Reply, Refusal> {
        match request {
            Request::Put { key, options, body } => self.put(&key, &options, body, now),
            Request::Initiate { key, options } => self.initiate(key, &options, now),
            Request::Part { key, id, number, body } => self.part(key, id, number, body),
            Request::ListParts { key, id, after } => self.list_parts(key, id, after),
            Request::ListUploads { prefix, after } => Ok(self.list_uploads(&prefix, after)),
            Request::ListObjects { prefix, delimiter, after } => {
                let sizes = self.objects.iter().filter_map(|(key, versions)| {
                    Some((key.as_str(), versions.last()?.bytes.len() as u64))
                });
                let page = self.manners.page;
                Ok(Reply::Objects(listing::page(sizes, &prefix, delimiter.as_deref(), after, page)))
            }
            Request::Complete { key, id, parts, options } => {
                self.complete((key, id), &parts, &options, now)
            }
            Request::Abort { key, id } => match self.uploads.remove(&(key, id)) {
                Some(_) => Ok(Reply::Nothing),
                None => Err(NO_UPLOAD),
            },
            Request::Delete { key } => {
                self.objects.remove(&key);
                Ok(Reply::Nothing)
            }
            Request::Head { key } => {
                Ok(Reply::Head(self.object(&key).map(|object| self.head(object))))
            }
            Request::PutAcl { key } | Request::PutTagging { key } => {
                self.object(&key).map(|_| Reply::Nothing).ok_or(refusal(404, "NoSuchKey"))
            }
            Request::Get { key, range } => self.get(&key, range),
            Request::BucketInfo => Ok(Reply::Info(BucketInfo {
                name: None,
                region: Some("cn-hangzhou".into()),
                extranet_endpoint: None,
                intranet_endpoint: None,
                storage_class: None,
                acl: None,
                creation_date: None,
                versioning: None,
            })),
        }
    }

    fn put(
        &mut self,
        key: &str,
        options: &ObjectOptions,
        body: Body,
        now: SystemTime,
    ) -> Result<Reply, Refusal> {
        self.check_conditions(key, options)?;
        let md5 = self.received(&body)?;
        let version = Version {
            etag: self.cased(hex::encode(md5)),
            meaning: EtagMeaning::Md5,
            metadata: metadata(options),
            attributes: attributes(key, options),
            written: now,
            health: body.health,
            if_absent: options.if_absent,
            bytes: body.bytes,
        };
        Ok(Reply::Object(self.keep(key, version)))
    }

    fn get(&self, key: &str, range: Option<(u64, u64)>) -> Result<Reply, Refusal> {
        let object = self.object(key).ok_or(refusal(404, "NoSuchKey"))?;
        let Some((first, last)) = range else { return Ok(Reply::Bytes(object.bytes.clone())) };
        let size = object.bytes.len() as u64;
        if first >= size || last < first {
            return match self.provider {
                // It answers with the whole object.
                Provider::Oss => Ok(Reply::OtherRange),
                Provider::S3 => Err(refusal(416, "InvalidRange")),
            };
        }
        let end = last.saturating_add(1).min(size);
        let at = |position: u64| usize::try_from(position).expect("within the object");
        Ok(Reply::Bytes(object.bytes.slice(at(first)..at(end))))
    }

    fn head(&self, object: &Version) -> ObjectHead {
        ObjectHead {
            size: object.bytes.len() as u64,
            etag: Some(object.etag.clone()),
            crc64: self.told_crc(&object.bytes),
            crc64_nvme: None,
            metadata: object.metadata.clone(),
            last_modified: Some(object.written),
            etag_meaning: object.meaning,
            version_id: None,
            attributes: object.attributes.clone(),
        }
    }

    fn keep(&mut self, key: &str, version: Version) -> StoredObject {
        let stored = StoredObject {
            etag: Some(version.etag.clone()),
            crc64: self.told_crc(&version.bytes),
            crc64_nvme: None,
            etag_meaning: version.meaning,
            request_id: Some("object".into()),
            version_id: None,
            throttled: Duration::ZERO,
        };
        self.objects.entry(key.to_owned()).or_default().push(version);
        stored
    }

    fn check_conditions(&self, key: &str, options: &ObjectOptions) -> Result<(), Refusal> {
        // OSS has no such condition.
        if let Some(etag) = options.if_match.as_deref().filter(|_| self.provider == Provider::S3) {
            return match self.object(key) {
                None => Err(refusal(404, "NoSuchKey")),
                Some(object) if same_etag(&object.etag, etag) => Ok(()),
                Some(_) => Err(refusal(412, "PreconditionFailed")),
            };
        }
        if options.if_absent == IfAbsent::Replace || self.object(key).is_none() {
            return Ok(());
        }
        Err(match self.provider {
            Provider::Oss => refusal(409, "FileAlreadyExists"),
            Provider::S3 => refusal(412, "PreconditionFailed"),
        })
    }

    /// The MD5 of what arrived, if it is what was announced.
    fn received(&self, body: &Body) -> Result<[u8; 16], Refusal> {
        let md5: [u8; 16] = Md5::digest(&body.bytes).into();
        match body.announced_md5 {
            Some(announced) if announced != md5 => Err(match self.provider {
                Provider::Oss => refusal(400, "InvalidDigest"),
                Provider::S3 => refusal(400, "BadDigest"),
            }),
            _ => Ok(md5),
        }
    }

    fn told_crc(&self, bytes: &[u8]) -> Option<u64> {
        if self.provider == Provider::S3 {
            return None;
        }
        // Every HEAD and every listed part asks for it: an MD5 with it would take half of a life.
        let mut sums = Checksummer::new(Wanted::Crc64);
        sums.update(bytes);
        Some(sums.finish().crc64)
    }

    /// OSS writes ETags in upper case.
    fn cased(&self, etag: String) -> String {
        match self.provider {
            Provider::Oss => etag.to_uppercase(),
            Provider::S3 => etag,
        }
    }
}

fn attributes(key: &str, options: &ObjectOptions) -> Attributes {
    let (encryption, encryption_key) = match &options.encryption {
        Encryption::Bucket => (None, None),
        Encryption::Aes256 => (Some("AES256".to_owned()), None),
        Encryption::Kms { key_id } => (Some("KMS".to_owned()), Some(key_id.clone())),
    };
    let mut headers = options.headers.clone();
    if headers.get(ObjectHeader::ContentType).is_empty() {
        headers.set(ObjectHeader::ContentType, content_type(key));
    }
    Attributes { headers, storage_class: options.storage_class.clone(), encryption, encryption_key }
}

fn metadata(options: &ObjectOptions) -> BTreeMap<String, String> {
    let named = |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
    options.metadata.iter().map(named).collect()
}
