//! What a bucket holds, and what each service answers about it: no time, no faults, no wire.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ferry_model::checksum::{Checksummer, Wanted, multipart_etag, same_etag};
use ferry_model::existing::Attributes;
use ferry_model::{Encryption, ObjectHeader, Provider};
use ferry_storage::{
    BucketInfo, EtagMeaning, IfAbsent, ListPage, ListedEntry, ListedPart, ListedUpload, ObjectHead,
    ObjectOptions, StoredObject, StoredPart, UploadsMarker, content_type,
};
use md5::{Digest as _, Md5};

use super::listing;

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

/// A part as the store keeps it.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its bytes.
    pub bytes: Bytes,
    /// Whether they are those that were sent.
    pub health: Health,
    md5: [u8; 16],
}

/// An upload under way.
#[derive(Debug, Clone)]
pub struct Upload {
    /// When it began.
    pub initiated: SystemTime,
    /// Its parts by number.
    pub parts: BTreeMap<u32, Part>,
    /// The metadata that its object will have.
    pub metadata: BTreeMap<String, String>,
    attributes: Attributes,
}

impl Upload {
    /// The transfer that began it.
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

    fn initiate(
        &mut self,
        key: String,
        options: &ObjectOptions,
        now: SystemTime,
    ) -> Result<Reply, Refusal> {
        // S3 looks at the condition only when the upload is completed.
        if self.provider == Provider::Oss {
            self.check_conditions(&key, options)?;
        }
        // Ids sort by the time of their Initiate, as lists show them.
        let id = format!("{:016X}", self.next_id);
        self.next_id += 1;
        let upload = Upload {
            initiated: now,
            parts: BTreeMap::new(),
            metadata: metadata(options),
            attributes: attributes(&key, options),
        };
        self.uploads.insert((key, id.clone()), upload);
        Ok(Reply::Initiated(id))
    }

    fn part(&mut self, key: String, id: String, number: u32, body: Body) -> Result<Reply, Refusal> {
        if !(1..=10_000).contains(&number) {
            return Err(refusal(400, "InvalidArgument"));
        }
        if !self.uploads.contains_key(&(key.clone(), id.clone())) {
            return Err(NO_UPLOAD);
        }
        let md5 = self.received(&body)?;
        let part = Part { bytes: body.bytes, health: body.health, md5 };
        let stored = StoredPart {
            etag: self.cased(hex::encode(md5)),
            crc64: self.told_crc(&part.bytes),
            crc64_nvme: None,
            etag_meaning: EtagMeaning::Md5,
            request_id: Some("part".into()),
            throttled: Duration::ZERO,
        };
        let upload = self.uploads.get_mut(&(key, id)).ok_or(NO_UPLOAD)?;
        upload.parts.insert(number, part);
        Ok(Reply::Part(stored))
    }

    fn list_parts(&self, key: String, id: String, after: u32) -> Result<Reply, Refusal> {
        let upload = self.uploads.get(&(key, id)).ok_or(NO_UPLOAD)?;
        let mut rest = upload.parts.range(after.saturating_add(1)..);
        let page: Vec<ListedPart> = rest
            .by_ref()
            .take(self.manners.page)
            .map(|(number, part)| ListedPart {
                number: *number,
                size: part.bytes.len() as u64,
                etag: self.cased(hex::encode(part.md5)),
                crc64: self.told_crc(&part.bytes),
                crc64_nvme: None,
            })
            .collect();
        let more = rest.next().is_some();
        let next = page.last().map(|part| part.number).filter(|_| more);
        Ok(Reply::Parts(ListPage { rows: page, next }))
    }

    fn list_uploads(&self, prefix: &str, after: Option<UploadsMarker>) -> Reply {
        let after = after.map(|marker| (marker.key, marker.upload_id));
        let mut rest = self
            .uploads
            .iter()
            .filter(|((key, _), _)| key.starts_with(prefix))
            .filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after));
        let page: Vec<ListedUpload> = rest
            .by_ref()
            .take(self.manners.page)
            .map(|((key, id), upload)| ListedUpload {
                key: key.clone(),
                upload_id: id.clone(),
                initiated: Some(upload.initiated),
            })
            .collect();
        let more = rest.next().is_some();
        let next = page
            .last()
            .filter(|_| more)
            .map(|last| UploadsMarker { key: last.key.clone(), upload_id: last.upload_id.clone() });
        Reply::Uploads(ListPage { rows: page, next })
    }

    fn complete(
        &mut self,
        name: (String, String),
        claims: &[(u32, String)],
        options: &ObjectOptions,
        now: SystemTime,
    ) -> Result<Reply, Refusal> {
        let Some(upload) = self.uploads.get(&name) else {
            let before = self.completed.get(&name).cloned();
            return match self.manners.complete_again {
                Again::Repeated => before.map(Reply::Object).ok_or(NO_UPLOAD),
                Again::Refused => Err(NO_UPLOAD),
            };
        };
        if claims.is_empty() {
            return Err(refusal(400, "MalformedXML"));
        }
        if !claims.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Err(refusal(400, "InvalidPartOrder"));
        }
        let mut chosen = Vec::with_capacity(claims.len());
        for (number, etag) in claims {
            let part = upload.parts.get(number);
            let part = part.filter(|part| same_etag(&hex::encode(part.md5), etag));
            chosen.push(part.ok_or(refusal(400, "InvalidPart"))?);
        }
        let inner = &chosen[..chosen.len() - 1];
        if inner.iter().any(|part| (part.bytes.len() as u64) < self.manners.smallest_part) {
            return Err(refusal(400, "EntityTooSmall"));
        }
        self.check_conditions(&name.0, options)?;
        let md5s: Vec<[u8; 16]> = chosen.iter().map(|part| part.md5).collect();
        let damaged = chosen.iter().any(|part| part.health == Health::Damaged);
        let pieces: Vec<&[u8]> = chosen.iter().map(|part| &*part.bytes).collect();
        let version = Version {
            etag: self.cased(multipart_etag(&md5s)),
            meaning: match self.provider {
                Provider::Oss => EtagMeaning::Opaque,
                Provider::S3 => EtagMeaning::Md5,
            },
            metadata: upload.metadata.clone(),
            attributes: upload.attributes.clone(),
            written: now,
            health: if damaged { Health::Damaged } else { Health::Sound },
            if_absent: options.if_absent,
            bytes: pieces.concat().into(),
        };
        let stored = self.keep(&name.0, version);
        self.uploads.remove(&name);
        self.completed.insert(name, stored.clone());
        Ok(Reply::Object(stored))
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
