//! Uploads under way: their parts, their lists, and what they become.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ferry_model::Provider;
use ferry_model::checksum::{multipart_etag, same_etag};
use ferry_model::existing::Attributes;
use ferry_storage::{
    EtagMeaning, ListPage, ListedPart, ListedUpload, ObjectOptions, StoredPart, UploadsMarker,
};

use super::{
    Again, Body, Contents, Health, NO_UPLOAD, OWNER, Refusal, Reply, Version, attributes, metadata,
    refusal,
};

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

impl Contents {
    pub(super) fn initiate(
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

    pub(super) fn part(
        &mut self,
        key: String,
        id: String,
        number: u32,
        body: Body,
    ) -> Result<Reply, Refusal> {
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

    pub(super) fn list_parts(&self, key: String, id: String, after: u32) -> Result<Reply, Refusal> {
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

    pub(super) fn list_uploads(&self, prefix: &str, after: Option<UploadsMarker>) -> Reply {
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

    pub(super) fn complete(
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
}
