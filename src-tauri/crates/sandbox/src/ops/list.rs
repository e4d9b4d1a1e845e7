//! ListObjects, version 1 and 2, and ListMultipartUploads.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::acl::owner;
use super::{Call, Naming, Operation, attributes};
use crate::error::ApiError;
use crate::request::Dialect;
use crate::respond::Reply;
use crate::store::{Object, ObjectPage, ObjectQuery, UploadQuery};
use crate::xml::{Document, timestamp};

pub(super) fn objects(call: &Call) -> Result<Reply, ApiError> {
    let bucket = call.bucket()?;
    let request = &call.request;
    let text = |name: &str| request.query.get(name).unwrap_or("").to_owned();
    let second = call.operation == Operation::ListObjectsV2;
    let token = request.query.get("continuation-token").filter(|token| !token.is_empty());
    let after = match (second, token) {
        (false, _) => text("marker"),
        (true, None) => text("start-after"),
        (true, Some(token)) => decode_token(token)?,
    };
    let limit = page_size(call, "max-keys", if call.dialect == Dialect::Oss { 100 } else { 1000 })?;
    let query = ObjectQuery { prefix: text("prefix"), delimiter: text("delimiter"), after, limit };
    let page = match limit {
        0 => ObjectPage::default(),
        _ => bucket.list_objects(&query),
    };
    let naming = call.naming();
    let mut document = Document::new("ListBucketResult", call.namespace());
    naming.announce(&mut document);
    document
        .leaf("Name", &bucket.name)
        .leaf("Prefix", naming.write(&query.prefix))
        .leaf("MaxKeys", limit)
        .leaf("IsTruncated", page.next.is_some());
    if !query.delimiter.is_empty() {
        document.leaf("Delimiter", naming.write(&query.delimiter));
    }
    if second {
        write_second(&mut document, call, &page);
    } else {
        document.leaf("Marker", naming.write(&query.after));
        if let Some(next) = &page.next {
            document.leaf("NextMarker", naming.write(next));
        }
    }
    for object in &page.objects {
        write_object(&mut document, object, call, naming);
    }
    for prefix in &page.prefixes {
        document.begin("CommonPrefixes").leaf("Prefix", naming.write(prefix)).end();
    }
    Ok(Reply::xml(document))
}

/// What only version 2 says.
fn write_second(document: &mut Document, call: &Call, page: &ObjectPage) {
    let query = &call.request.query;
    let count = page.objects.len() + page.prefixes.len();
    document.leaf("KeyCount", count);
    if let Some(token) = query.get("continuation-token") {
        document.leaf("ContinuationToken", token);
    }
    if let Some(start) = query.get("start-after") {
        document.leaf("StartAfter", call.naming().write(start));
    }
    if let Some(next) = &page.next {
        document.leaf("NextContinuationToken", BASE64_URL_SAFE_NO_PAD.encode(next));
    }
}

fn write_object(document: &mut Document, object: &Object, call: &Call, naming: Naming) {
    let record = &object.record;
    document
        .begin("Contents")
        .leaf("Key", naming.write(&record.key))
        .leaf("LastModified", timestamp(record.modified))
        .leaf("ETag", object.etag(call.dialect))
        .leaf("Size", record.size)
        .leaf("StorageClass", attributes::class_in(&record.meta, call.dialect));
    if call.dialect == Dialect::Oss {
        let kind = if object.is_multipart() { "Multipart" } else { "Normal" };
        document.leaf("Type", kind);
    }
    let wants_owner = call.operation == Operation::ListObjects
        || call.request.query.get("fetch-owner") == Some("true");
    if wants_owner {
        owner(document);
    }
    document.end();
}

/// The page that was asked for, held within what the service gives.
fn page_size(call: &Call, name: &str, default: u64) -> Result<usize, ApiError> {
    let most = call.context.config.limits.page;
    let asked = call.request.number(name, default.min(most as u64))?;
    Ok(usize::try_from(asked).unwrap_or(most).min(most))
}

fn decode_token(token: &str) -> Result<String, ApiError> {
    BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            ApiError::argument(
                "continuation-token",
                token,
                "The continuation token provided is incorrect.",
            )
        })
}

pub(super) fn uploads(call: &Call) -> Result<Reply, ApiError> {
    let bucket = call.bucket()?;
    let text = |name: &str| call.request.query.get(name).unwrap_or("").to_owned();
    let query = UploadQuery {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        key_marker: text("key-marker"),
        upload_id_marker: text("upload-id-marker"),
        limit: page_size(call, "max-uploads", 1000)?.max(1),
    };
    let page = bucket.list_uploads(&query);
    let naming = call.naming();
    let mut document = Document::new("ListMultipartUploadsResult", call.namespace());
    naming.announce(&mut document);
    document
        .leaf("Bucket", &bucket.name)
        .leaf("KeyMarker", naming.write(&query.key_marker))
        .leaf("UploadIdMarker", &query.upload_id_marker)
        .leaf("Prefix", naming.write(&query.prefix))
        .leaf("MaxUploads", query.limit)
        .leaf("IsTruncated", page.next.is_some());
    if !query.delimiter.is_empty() {
        document.leaf("Delimiter", naming.write(&query.delimiter));
    }
    let (key, upload_id) = page.next.clone().unwrap_or_default();
    document.leaf("NextKeyMarker", naming.write(&key)).leaf("NextUploadIdMarker", upload_id);
    for upload in &page.uploads {
        let record = &upload.record;
        document
            .begin("Upload")
            .leaf("Key", naming.write(&record.key))
            .leaf("UploadId", &record.upload_id)
            .leaf("StorageClass", attributes::class_in(&record.meta, call.dialect))
            .leaf("Initiated", timestamp(record.initiated))
            .end();
    }
    for prefix in &page.prefixes {
        document.begin("CommonPrefixes").leaf("Prefix", naming.write(prefix)).end();
    }
    Ok(Reply::xml(document))
}
