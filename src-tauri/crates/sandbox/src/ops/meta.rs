//! What a client says about an object: in from the headers of Put and Initiate, out with Get and
//! Head.

use super::{Call, Operation, attributes};
use crate::config::Versioning;
use crate::digest::ChecksumKind;
use crate::error::ApiError;
use crate::request::{Dialect, Request};
use crate::respond::Reply;
use crate::store::{Meta, Object, Overwrite};

/// Standard headers kept with an object.
const KEPT: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// Query names that change a header of one answer.
const OVERRIDES: &[(&str, &str)] = &[
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

/// Reads what the request, a Put or an Initiate, says about the object.
///
/// # Errors
///
/// Those of the attributes that have a value which the service does not know.
pub(super) fn read(call: &Call) -> Result<Meta, ApiError> {
    let (request, dialect) = (&call.request, call.dialect);
    let mut meta = Meta {
        storage_class: attributes::storage_class(request, dialect)?,
        tagging: attributes::tagging(request, dialect)?,
        acl: match (dialect, call.operation) {
            // OSS takes it with Complete.
            (Dialect::Oss, Operation::Initiate) => None,
            _ => attributes::acl(request, dialect)?,
        },
        sealing: attributes::sealing(request, dialect)?,
        ..Meta::default()
    };
    for name in KEPT {
        if let Some(value) = text(request, name) {
            meta.headers.insert((*name).to_owned(), value);
        }
    }
    without_framing(&mut meta);
    let prefix = format!("{}meta-", dialect.prefix());
    for name in request.headers.keys() {
        if let Some(short) = name.as_str().strip_prefix(&prefix)
            && let Some(value) = text(request, name.as_str())
        {
            meta.user.insert(short.to_owned(), value);
        }
    }
    Ok(meta)
}

/// `aws-chunked` is how the body travelled, not what the object is.
fn without_framing(meta: &mut Meta) {
    let Some(encoding) = meta.headers.remove("content-encoding") else {
        return;
    };
    let rest: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != "aws-chunked")
        .collect();
    if !rest.is_empty() {
        meta.headers.insert("content-encoding".to_owned(), rest.join(","));
    }
}

/// A header's value as text, whatever bytes it holds.
fn text(request: &Request, name: &str) -> Option<String> {
    let bytes = request.headers.get(name)?.as_bytes();
    Some(String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| {
        // Header bytes that are not UTF-8 are Latin-1 by HTTP's own rule.
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }))
}

/// Whether the request minds an object that is already there.
///
/// # Errors
///
/// `InvalidArgument` when `x-oss-forbid-overwrite` is neither true nor false, `NotImplemented` for
/// an `If-None-Match` on a write that is not `*`.
pub(super) fn overwrite(request: &Request, dialect: Dialect) -> Result<Overwrite, ApiError> {
    match dialect {
        Dialect::Oss => match request.header("x-oss-forbid-overwrite") {
            None | Some("false") => Ok(Overwrite::Allowed),
            Some("true") => Ok(Overwrite::Forbidden),
            Some(other) => Err(ApiError::argument(
                "x-oss-forbid-overwrite",
                other,
                "The value must be true or false.",
            )),
        },
        Dialect::S3 => match request.header("if-none-match") {
            None if request.header("if-match").is_some() => {
                let etag = request.header("if-match").unwrap_or_default();
                Ok(Overwrite::Matching(etag.trim().trim_matches('"').to_owned()))
            }
            None => Ok(Overwrite::Allowed),
            Some("*") => Ok(Overwrite::Conditional),
            Some(_) => Err(ApiError::new("NotImplemented")),
        },
    }
}

/// Writes all that is known about `object` to the headers of an answer.
pub(super) fn write(reply: &mut Reply, object: &Object, call: &Call) {
    let dialect = call.dialect;
    let record = &object.record;
    let prefix = dialect.prefix();
    let default_type = match dialect {
        Dialect::Oss => "application/octet-stream",
        Dialect::S3 => "binary/octet-stream",
    };
    reply.set("content-type", default_type);
    for (name, value) in &record.meta.headers {
        reply.set(name, value);
    }
    for (query, name) in OVERRIDES {
        if let Some(value) = call.request.query.get(query) {
            reply.set(name, value);
        }
    }
    for (name, value) in &record.meta.user {
        reply.set(&format!("{prefix}meta-{name}"), value);
    }
    reply.set("etag", &object.etag(dialect));
    reply.set("last-modified", &httpdate::fmt_http_date(record.modified.into()));
    reply.set("accept-ranges", "bytes");
    reply.set("x-ferry-sandbox-versions", &record.versions.to_string());
    write_version(reply, object, call);
    attributes::write_sealing(reply, &record.meta, dialect);
    let class = attributes::class_in(&record.meta, dialect);
    match dialect {
        Dialect::Oss => write_oss(reply, object, &class),
        Dialect::S3 => write_s3(reply, object, &class, call),
    }
}

/// The version's id, where the bucket keeps versions.
pub(super) fn write_version(reply: &mut Reply, object: &Object, call: &Call) {
    if call.context.config.versioning == Versioning::Enabled {
        let name = format!("{}version-id", call.dialect.prefix());
        reply.set(&name, &object.version_id());
    }
}

fn write_oss(reply: &mut Reply, object: &Object, class: &str) {
    let record = &object.record;
    let kind = if object.is_multipart() { "Multipart" } else { "Normal" };
    reply.set("x-oss-object-type", kind);
    reply.set("x-oss-storage-class", class);
    reply.set("x-oss-hash-crc64ecma", &record.crc64.to_string());
    write_tag_count(reply, object, Dialect::Oss);
}

fn write_s3(reply: &mut Reply, object: &Object, class: &str, call: &Call) {
    let record = &object.record;
    if class != "STANDARD" {
        reply.set("x-amz-storage-class", class);
    }
    write_tag_count(reply, object, Dialect::S3);
    let wanted = call.request.header("x-amz-checksum-mode");
    if let (Some(checksum), Some("ENABLED")) = (&record.checksum, wanted) {
        reply.set(checksum.kind.header(), &checksum.value);
        reply.set("x-amz-checksum-type", checksum.coverage().name());
    }
}

fn write_tag_count(reply: &mut Reply, object: &Object, dialect: Dialect) {
    let count = object.record.meta.tags().len();
    if count > 0 {
        reply.set(&format!("{}tagging-count", dialect.prefix()), &count.to_string());
    }
}

/// The checksum that an S3 Initiate announces.
pub(super) fn announced(request: &Request) -> Option<ChecksumKind> {
    request.header("x-amz-checksum-algorithm").and_then(ChecksumKind::of_name)
}
