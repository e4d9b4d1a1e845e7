//! Initiate, UploadPart, ListParts, Complete, Abort.

use std::sync::Arc;

use http::StatusCode;

use super::{Call, attributes, meta};
use crate::body::{Failure, Inbound, blocking, receive};
use crate::config::ChecksumPolicy;
use crate::digest::ChecksumKind;
use crate::error::ApiError;
use crate::request::Dialect;
use crate::respond::Reply;
use crate::store::{
    Checksum, ClaimedPart, CompleteOrder, Coverage, PartRecord, Upload, UploadChecksum,
    UploadRecord, quoted,
};
use crate::xml::{self, Document, Node, timestamp};

/// Part numbers go from 1 to this.
const HIGHEST_PART: u32 = 10_000;
/// Largest body of Complete, in bytes: 10,000 parts with every checksum stay well below.
const LARGEST_COMPLETE: usize = 8 * 1024 * 1024;

pub(super) async fn initiate(call: &Call) -> Result<Reply, Failure> {
    let bucket = call.bucket()?;
    let key = call.key()?;
    meta::overwrite(&call.request, call.dialect)?.check(bucket.object(&key).as_ref())?;
    let checksum = announced(call);
    let record = UploadRecord {
        key: key.clone(),
        upload_id: String::new(),
        initiated: call.context.store.now(),
        dialect: call.dialect,
        meta: meta::read(call)?,
        checksum,
    };
    let store = Arc::clone(&call.context.store);
    let name = bucket.name.clone();
    let upload = blocking(move || Ok(bucket.initiate(&store, record)?)).await?;
    let naming = call.naming();
    let mut document = Document::new("InitiateMultipartUploadResult", call.namespace());
    naming.announce(&mut document);
    document
        .leaf("Bucket", name)
        .leaf("Key", naming.write(&key))
        .leaf("UploadId", &upload.record.upload_id);
    let mut reply = Reply::xml(document);
    attributes::write_sealing(&mut reply, &upload.record.meta, call.dialect);
    if let Some(checksum) = checksum {
        reply.set("x-amz-checksum-algorithm", checksum.kind.name());
        reply.set("x-amz-checksum-type", checksum.coverage.name());
    }
    Ok(reply)
}

/// The checksum that S3's Initiate announces, with the coverage it gets when none is named.
fn announced(call: &Call) -> Option<UploadChecksum> {
    if !call.answers_checksums() {
        return None;
    }
    let kind = meta::announced(&call.request)?;
    let coverage = match (call.request.header("x-amz-checksum-type"), kind) {
        (Some("FULL_OBJECT"), _) | (None, ChecksumKind::Crc64Nvme) => Coverage::FullObject,
        _ => Coverage::Composite,
    };
    Some(UploadChecksum { kind, coverage })
}

fn upload_of(call: &Call) -> Result<Arc<Upload>, ApiError> {
    let upload_id = call.request.query.get("uploadId").unwrap_or("");
    call.bucket()?.upload(&call.key()?, upload_id)
}

pub(super) async fn upload_part(call: &mut Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    let text = call.request.query.get("partNumber").unwrap_or("");
    let number =
        text.parse().ok().filter(|number| (1..=HIGHEST_PART).contains(number)).ok_or_else(
            || {
                ApiError::argument(
                    "partNumber",
                    text,
                    "Part number must be an integer between 1 and 10000, inclusive.",
                )
            },
        )?;
    // Encryption is the upload's affair, and OSS does not let a part speak of it.
    if let (Dialect::Oss, Some(method)) =
        (call.dialect, call.request.header("x-oss-server-side-encryption"))
    {
        return Err(ApiError::argument(
            "x-oss-server-side-encryption",
            method,
            "A part must not name its encryption.",
        )
        .into());
    }
    let upload = upload_of(call)?;
    let sealed = Arc::clone(&upload);
    let announced = upload.record.checksum.map(|checksum| checksum.kind);
    let plan = call.body_plan()?;
    if let Some(kind) = announced
        && call.context.config.checksums == ChecksumPolicy::Demand
        && !plan.has_checksum(kind)
    {
        let message = format!("checksum missing, want {:?}, got \"\"", kind.name());
        return Err(ApiError::new("InvalidArgument").message(message).into());
    }
    let plan = plan.or_checksum(announced);
    let store = Arc::clone(&call.context.store);
    let committing = Arc::clone(&store);
    let verified = std::mem::take(&mut call.verified);
    let part: PartRecord = receive(inbound, &store, plan, verified, move |blob, summary| {
        upload.put_part(&committing, number, blob, &summary)
    })
    .await?;
    let mut reply = Reply::new(StatusCode::OK).header("etag", &quoted(&part.etag(), call.dialect));
    attributes::write_sealing(&mut reply, &sealed.record.meta, call.dialect);
    match call.dialect {
        Dialect::Oss => {
            use base64::Engine as _;
            reply.set("x-oss-hash-crc64ecma", &part.crc64.to_string());
            reply.set("content-md5", &base64::prelude::BASE64_STANDARD.encode(part.md5));
        }
        Dialect::S3 => {
            if let Some(checksum) = &part.checksum {
                reply.set(checksum.kind.header(), &checksum.value);
            }
        }
    }
    Ok(reply)
}

/// The most parts OSS lets a client ask for in one page.
const LONGEST_PAGE: u64 = 1000;

pub(super) fn list_parts(call: &Call) -> Result<Reply, ApiError> {
    let upload = upload_of(call)?;
    let page = call.context.config.limits.page;
    let limit = call.request.number("max-parts", page as u64)?;
    // OSS refuses more than a page can ever hold, however short this sandbox's own pages are.
    if limit > LONGEST_PAGE && call.dialect == Dialect::Oss {
        return Err(ApiError::argument(
            "max-parts",
            &limit.to_string(),
            "The max-parts must be between 1 and 1000.",
        ));
    }
    let limit = usize::try_from(limit).unwrap_or(page).clamp(1, page);
    let marker = u32::try_from(call.request.number("part-number-marker", 0)?).unwrap_or(u32::MAX);
    let (parts, more) = upload.parts_after(marker, limit)?;
    let naming = call.naming();
    let mut document = Document::new("ListPartsResult", call.namespace());
    naming.announce(&mut document);
    document
        .leaf("Bucket", call.target.bucket.as_deref().unwrap_or(""))
        .leaf("Key", naming.write(&upload.record.key))
        .leaf("UploadId", &upload.record.upload_id)
        .leaf("StorageClass", attributes::class_in(&upload.record.meta, call.dialect))
        .leaf("PartNumberMarker", marker)
        .leaf("NextPartNumberMarker", parts.last().map_or(marker, |part| part.number))
        .leaf("MaxParts", limit)
        .leaf("IsTruncated", more);
    if call.dialect == Dialect::S3
        && let Some(checksum) = upload.record.checksum
    {
        document
            .leaf("ChecksumAlgorithm", checksum.kind.name())
            .leaf("ChecksumType", checksum.coverage.name());
    }
    for part in &parts {
        write_part(&mut document, part, call.dialect);
    }
    Ok(Reply::xml(document))
}

fn write_part(document: &mut Document, part: &PartRecord, dialect: Dialect) {
    document
        .begin("Part")
        .leaf("PartNumber", part.number)
        .leaf("LastModified", timestamp(part.modified))
        .leaf("ETag", quoted(&part.etag(), dialect))
        .leaf("Size", part.size);
    match (dialect, &part.checksum) {
        (Dialect::Oss, _) => {
            document.leaf("HashCrc64ecma", part.crc64);
        }
        (Dialect::S3, Some(checksum)) => {
            document.leaf(checksum.kind.element(), &checksum.value);
        }
        (Dialect::S3, None) => {}
    }
    document.end();
}

pub(super) async fn complete(call: &Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    let bucket = call.bucket()?;
    let callback = call.callback()?;
    let upload = upload_of(call)?;
    let limits = &call.context.config.limits;
    let text = inbound.text(&call.body_plan()?, LARGEST_COMPLETE).await?;
    let order = CompleteOrder {
        parts: claimed_parts(call, &text)?,
        smallest_part: match call.dialect {
            Dialect::Oss => limits.smallest_part_oss,
            Dialect::S3 => limits.smallest_part_s3,
        },
        overwrite: meta::overwrite(&call.request, call.dialect)?,
        acl: match call.dialect {
            Dialect::Oss => attributes::acl(&call.request, call.dialect)?,
            Dialect::S3 => None,
        },
        checksum: expected_checksum(call),
    };
    let store = Arc::clone(&call.context.store);
    let name = bucket.name.clone();
    let object = blocking(move || Ok(bucket.complete(&store, &upload, order)?)).await?;
    let naming = call.naming();
    let key = naming.write(&object.record.key);
    let mut document = Document::new("CompleteMultipartUploadResult", call.namespace());
    naming.announce(&mut document);
    document
        .leaf("Location", format!("http://{}{}", call.request.host, call.request.raw_path))
        .leaf("Bucket", name)
        .leaf("Key", key)
        .leaf("ETag", object.etag(call.dialect));
    if let (Dialect::S3, Some(checksum)) = (call.dialect, &object.record.checksum) {
        document
            .leaf(checksum.kind.element(), &checksum.value)
            .leaf("ChecksumType", checksum.coverage().name());
    }
    let mut reply = Reply::xml(document);
    attributes::write_sealing(&mut reply, &object.record.meta, call.dialect);
    meta::write_version(&mut reply, &object, call);
    if call.dialect == Dialect::Oss {
        reply.set("etag", &object.etag(call.dialect));
        reply.set("x-oss-hash-crc64ecma", &object.record.crc64.to_string());
    }
    Ok(call.called_back(callback, &object, reply).await?)
}

fn expected_checksum(call: &Call) -> Option<Checksum> {
    if !call.answers_checksums() {
        return None;
    }
    ChecksumKind::ALL.into_iter().find_map(|kind| {
        let value = call.request.header(kind.header())?.to_owned();
        Some(Checksum { kind, value })
    })
}

/// The parts that the body claims. `None` when OSS is told to take all there are.
fn claimed_parts(call: &Call, text: &str) -> Result<Option<Vec<ClaimedPart>>, ApiError> {
    if call.dialect == Dialect::Oss && call.request.header("x-oss-complete-all") == Some("yes") {
        return match text.trim() {
            "" => Ok(None),
            _ => {
                Err(ApiError::argument("x-oss-complete-all", "yes", "No body is allowed with it."))
            }
        };
    }
    let root = xml::parse(text)
        .filter(|root| root.name == "CompleteMultipartUpload")
        .ok_or_else(|| ApiError::new("MalformedXML"))?;
    let parts: Vec<ClaimedPart> = root.named("Part").map(claimed_part).collect::<Result<_, _>>()?;
    if parts.is_empty() {
        return Err(ApiError::new("MalformedXML"));
    }
    if !parts.windows(2).all(|pair| pair[0].number < pair[1].number) {
        return Err(ApiError::new("InvalidPartOrder"));
    }
    Ok(Some(parts))
}

fn claimed_part(node: &Node) -> Result<ClaimedPart, ApiError> {
    let text = node.child_text("PartNumber").ok_or_else(|| ApiError::new("MalformedXML"))?;
    let number = text.parse().map_err(|_| ApiError::new("MalformedXML"))?;
    if !(1..=HIGHEST_PART).contains(&number) {
        return Err(ApiError::argument(
            "partNumber",
            text,
            "Part number must be an integer between 1 and 10000, inclusive.",
        ));
    }
    let etag = node.child_text("ETag").ok_or_else(|| ApiError::new("MalformedXML"))?;
    Ok(ClaimedPart {
        number,
        etag: etag.trim_matches('"').to_owned(),
        checksum: ChecksumKind::ALL
            .into_iter()
            .find_map(|kind| node.child_text(kind.element()))
            .map(str::to_owned),
    })
}

pub(super) async fn abort(call: &Call) -> Result<Reply, Failure> {
    let bucket = call.bucket()?;
    let key = call.key()?;
    let upload_id = call.request.query.get("uploadId").unwrap_or("").to_owned();
    blocking(move || {
        bucket.abort(&key, &upload_id)?;
        Ok(Reply::new(StatusCode::NO_CONTENT))
    })
    .await
}
