//! CopyObject: one object made from another on the server's side (OSS and S3: "CopyObject").

use std::sync::Arc;

use super::{Call, attributes, meta};
use crate::body::{Failure, Inbound, blocking};
use crate::digest::{BodyDigest, Sha256Need};
use crate::error::ApiError;
use crate::percent::{self, Plus};
use crate::request::Dialect;
use crate::respond::Reply;
use crate::store::{Meta, Object, ObjectDraft, Reader};
use crate::xml::{Document, timestamp};

/// Bytes copied at a time.
const CHUNK: usize = 256 * 1024;

pub(super) async fn copy(call: &Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    inbound.read_out().await?;
    let bucket = call.bucket()?;
    let source = source(call)?;
    let most = call.context.config.limits.largest_put;
    if source.record.size > most {
        return Err(ApiError::new("EntityTooLarge")
            .with("MaxSizeAllowed", most.to_string())
            .into());
    }
    if !source.is_readable() {
        return Err(ApiError::internal("it was told to discard data").into());
    }
    let draft = ObjectDraft {
        key: call.key()?,
        meta: described(call, &source)?,
        overwrite: meta::overwrite(&call.request, call.dialect)?,
    };
    let store = Arc::clone(&call.context.store);
    let checksum = source.record.checksum.as_ref().map(|checksum| checksum.kind);
    let object = blocking(move || {
        let mut digest = BodyDigest::new(Sha256Need::Unwanted, checksum);
        let mut blob = store.blob()?;
        let size = source.record.size;
        let mut reader = Reader::open(source, 0, size)?;
        while let Some(data) = reader.next_chunk(CHUNK)? {
            digest.update(&data);
            blob.write(&data)?;
        }
        Ok(bucket.put(&store, draft, blob, &digest.finish())?)
    })
    .await?;
    let mut document = Document::new("CopyObjectResult", call.namespace());
    document
        .leaf("LastModified", timestamp(object.record.modified))
        .leaf("ETag", object.etag(call.dialect));
    let mut reply = Reply::xml(document);
    attributes::write_sealing(&mut reply, &object.record.meta, call.dialect);
    if call.dialect == Dialect::Oss {
        reply.set("etag", &object.etag(call.dialect));
        reply.set("x-oss-hash-crc64ecma", &object.record.crc64.to_string());
    }
    Ok(reply)
}

/// The object that `x-…-copy-source` names: `/bucket/key`, percent-encoded, the first slash at
/// will.
fn source(call: &Call) -> Result<Arc<Object>, ApiError> {
    let name = format!("{}copy-source", call.dialect.prefix());
    let text = call.request.header(&name).unwrap_or("");
    let invalid = || {
        ApiError::argument(
            &name,
            text,
            "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey",
        )
    };
    // S3 reads it as a query, where a plus is a space: clients that know it write `%2B` for a plus.
    let plus = match call.dialect {
        Dialect::Oss => Plus::Literal,
        Dialect::S3 => Plus::Space,
    };
    let decoded = percent::decode(text, plus).ok_or_else(invalid)?;
    let (bucket, key) =
        decoded.strip_prefix('/').unwrap_or(&decoded).split_once('/').ok_or_else(invalid)?;
    let object = call.context.store.bucket(bucket)?.object(key);
    object.ok_or_else(|| ApiError::new("NoSuchKey").with("Key", key))
}

/// What the copy says about itself: the source's words or the request's, as the two directives have
/// it. Class, ACL and encryption are always the request's.
fn described(call: &Call, source: &Object) -> Result<Meta, ApiError> {
    let replaces = |name: &str| -> Result<bool, ApiError> {
        let name = format!("{}{name}", call.dialect.prefix());
        match call.request.header(&name) {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("COPY") => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("REPLACE") => Ok(true),
            Some(text) => {
                Err(ApiError::argument(&name, text, "The directive must be COPY or REPLACE."))
            }
        }
    };
    let itself = call.target.key.as_deref() == Some(source.record.key.as_str());
    let own = meta::read(call)?;
    let (metadata, tags) = (replaces("metadata-directive")?, replaces("tagging-directive")?);
    if call.dialect == Dialect::S3
        && itself
        && !metadata
        && !tags
        && own.storage_class.is_none()
        && own.sealing.is_none()
    {
        return Err(ApiError::new("InvalidRequest")
            .message("This copy request is illegal because it is trying to copy an object to itself without changing anything."));
    }
    let kept = &source.record.meta;
    Ok(Meta {
        headers: if metadata { own.headers } else { kept.headers.clone() },
        user: if metadata { own.user } else { kept.user.clone() },
        tagging: if tags { own.tagging } else { kept.tagging.clone() },
        ..own
    })
}
