//! PutObject, GetObject, HeadObject, DeleteObject and their small kin.

use std::sync::Arc;

use http::StatusCode;

use super::{Call, attributes, meta};
use crate::body::{Failure, Inbound, blocking, receive};
use crate::error::ApiError;
use crate::percent;
use crate::request::Dialect;
use crate::respond::{Reply, ReplyBody};
use crate::store::{Object, ObjectDraft, Reader};
use crate::xml::{self, Document};

/// Largest body of DeleteObjects, in bytes.
const LARGEST_DELETE: usize = 4 * 1024 * 1024;
/// How often a read is begun anew when the object is replaced under it.
const LOOKUPS: usize = 8;

pub(super) async fn put(call: &mut Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    let bucket = call.bucket()?;
    let callback = call.callback()?;
    let draft = ObjectDraft {
        key: call.key()?,
        meta: meta::read(call)?,
        overwrite: meta::overwrite(&call.request, call.dialect)?,
    };
    draft.overwrite.check(bucket.object(&draft.key).as_ref())?;
    let plan = call.body_plan()?;
    let store = Arc::clone(&call.context.store);
    let committing = Arc::clone(&store);
    let verified = std::mem::take(&mut call.verified);
    let (object, md5) = receive(inbound, &store, plan, verified, move |blob, summary| {
        let object = bucket.put(&committing, draft, blob, &summary)?;
        Ok((object, summary.md5))
    })
    .await?;
    let mut reply = Reply::new(StatusCode::OK).header("etag", &object.etag(call.dialect));
    attributes::write_sealing(&mut reply, &object.record.meta, call.dialect);
    meta::write_version(&mut reply, &object, call);
    match call.dialect {
        Dialect::Oss => {
            use base64::Engine as _;
            reply.set("x-oss-hash-crc64ecma", &object.record.crc64.to_string());
            reply.set("content-md5", &base64::prelude::BASE64_STANDARD.encode(md5));
        }
        Dialect::S3 => {
            if let Some(checksum) = &object.record.checksum {
                reply.set(checksum.kind.header(), &checksum.value);
                reply.set("x-amz-checksum-type", checksum.coverage().name());
            }
        }
    }
    Ok(call.called_back(callback, &object, reply).await?)
}

pub(super) fn lookup(call: &Call) -> Result<Arc<Object>, ApiError> {
    let key = call.key()?;
    call.bucket()?.object(&key).ok_or_else(|| ApiError::new("NoSuchKey").with("Key", key))
}

/// What the conditional headers make of a read.
fn precondition(call: &Call, object: &Object) -> Result<(), ApiError> {
    let names_it = |list: &str| {
        list.split(',')
            .map(|etag| etag.trim().trim_matches('"'))
            .any(|etag| etag == "*" || etag.eq_ignore_ascii_case(&object.record.etag))
    };
    if let Some(list) = call.request.header("if-match")
        && !names_it(list)
    {
        return Err(ApiError::new("PreconditionFailed").with("Condition", "If-Match"));
    }
    if let Some(list) = call.request.header("if-none-match")
        && names_it(list)
    {
        return Err(ApiError::scripted(StatusCode::NOT_MODIFIED, "NotModified"));
    }
    Ok(())
}

pub(super) fn head(call: &Call) -> Result<Reply, ApiError> {
    let object = lookup(call)?;
    precondition(call, &object)?;
    let mut reply = Reply::new(StatusCode::OK);
    meta::write(&mut reply, &object, call);
    reply.set("content-length", &object.record.size.to_string());
    Ok(reply)
}

pub(super) async fn get(call: &Call, inbound: &Inbound) -> Result<Reply, Failure> {
    for _ in 0..LOOKUPS {
        let object = lookup(call)?;
        precondition(call, &object)?;
        if !object.is_readable() {
            return Err(ApiError::internal("it was told to discard data").into());
        }
        let size = object.record.size;
        let range = range(call, size)?;
        let mut reply = Reply::new(StatusCode::OK);
        meta::write(&mut reply, &object, call);
        let (start, length) = match range {
            None => (0, size),
            Some((first, last)) => {
                reply.status = StatusCode::PARTIAL_CONTENT;
                reply.set("content-range", &format!("bytes {first}-{last}/{size}"));
                // The checksum of the whole says nothing about a piece, and S3 does not send it.
                if call.dialect == Dialect::S3 {
                    forget_checksums(&mut reply.headers);
                }
                (first, last - first + 1)
            }
        };
        reply.set("content-length", &length.to_string());
        let opened = blocking(move || Ok(Reader::open(object, start, length))).await?;
        match opened {
            Ok(reader) => {
                reply.body = ReplyBody::Data { reader, pace: inbound.paced() };
                return Ok(reply);
            }
            // Replaced between lookup and opening: take the new version.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::internal("the object is being replaced too fast to read").into())
}

/// Takes the checksums of the whole out of the headers.
fn forget_checksums(headers: &mut http::HeaderMap) {
    let names: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-amz-checksum-"))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}

/// The first and last byte that are asked for; `None` for the whole.
///
/// # Errors
///
/// `InvalidRange` where S3 refuses. OSS answers with the whole instead, unless asked to be
/// standard.
fn range(call: &Call, size: u64) -> Result<Option<(u64, u64)>, ApiError> {
    let Some(text) = call.request.header("range") else {
        return Ok(None);
    };
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|text| text.split_once('-'))
    else {
        return Ok(None);
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last && first < size => Some((first, last.min(size - 1))),
        (Ok(first), Err(_)) if last.is_empty() && first < size => Some((first, size - 1)),
        (Err(_), Ok(count)) if first.is_empty() && count > 0 && size > 0 => {
            Some((size.saturating_sub(count), size - 1))
        }
        _ => None,
    };
    let lenient = call.dialect == Dialect::Oss
        && call.request.header("x-oss-range-behavior") != Some("standard");
    if range.is_none() && !lenient {
        return Err(ApiError::new("InvalidRange")
            .with("RangeRequested", text)
            .with("ActualObjectSize", size.to_string()));
    }
    Ok(range)
}

pub(super) async fn delete(call: &Call) -> Result<Reply, Failure> {
    let bucket = call.bucket()?;
    let key = call.key()?;
    blocking(move || {
        bucket.delete(&key);
        Ok(Reply::new(StatusCode::NO_CONTENT))
    })
    .await
}

pub(super) async fn delete_many(call: &Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    let bucket = call.bucket()?;
    let text = inbound.text(&call.body_plan()?, LARGEST_DELETE).await?;
    let root = xml::parse(&text)
        .filter(|root| root.name == "Delete")
        .ok_or_else(|| ApiError::new("MalformedXML"))?;
    // `encoding-type=url` is about the answer: the request's own keys are plain text.
    let keys: Vec<String> = root
        .named("Object")
        .filter_map(|object| object.children.iter().find(|child| child.name == "Key"))
        .map(|key| key.text.clone())
        .collect();
    let naming = call.naming();
    let quiet = root.child_text("Quiet") == Some("true");
    let mut document = Document::new("DeleteResult", call.namespace());
    naming.announce(&mut document);
    if !quiet {
        for key in &keys {
            document.begin("Deleted").leaf("Key", naming.write(key)).end();
        }
    }
    blocking(move || {
        for key in &keys {
            bucket.delete(key);
        }
        Ok(Reply::xml(document))
    })
    .await
}

pub(super) fn tagging(call: &Call) -> Result<Reply, ApiError> {
    let object = lookup(call)?;
    let mut document = Document::new("Tagging", call.namespace());
    document.begin("TagSet");
    for (name, value) in object.record.meta.tags() {
        document.begin("Tag").leaf("Key", name).leaf("Value", value).end();
    }
    Ok(Reply::xml(document))
}

/// Largest body of PutObjectTagging, in bytes.
const LARGEST_TAGGING: usize = 64 * 1024;

pub(super) async fn put_tagging(call: &Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    let text = inbound.text(&call.body_plan()?, LARGEST_TAGGING).await?;
    let malformed = || ApiError::new("MalformedXML");
    let root = xml::parse(&text).filter(|root| root.name == "Tagging").ok_or_else(malformed)?;
    let set = root.named("TagSet").next().ok_or_else(malformed)?;
    let tags = set.named("Tag").map(|tag| {
        let part = |name| tag.child_text(name).map(|text| percent::encode(text.as_bytes()));
        Ok(format!("{}={}", part("Key").ok_or_else(malformed)?, part("Value").unwrap_or_default()))
    });
    let tagging = tags.collect::<Result<Vec<String>, ApiError>>()?.join("&");
    let bucket = call.bucket()?;
    let key = call.key()?;
    blocking(move || {
        bucket
            .describe(&key, |meta| meta.tagging = Some(tagging).filter(|tags| !tags.is_empty()))?;
        Ok(Reply::new(StatusCode::OK))
    })
    .await
}
