//! Operations on buckets and on the service.

use http::{Method, StatusCode};

use super::Call;
use super::acl::owner;
use crate::address::Resource;
use crate::body::{Failure, Inbound, blocking};
use crate::config::Versioning;
use crate::error::ApiError;
use crate::request::{Dialect, Request};
use crate::respond::Reply;
use crate::xml::{Document, timestamp};

pub(super) fn list(call: &Call) -> Reply {
    let config = &call.context.config;
    let prefix = call.request.query.get("prefix").unwrap_or("");
    let mut document = Document::new("ListAllMyBucketsResult", call.namespace());
    owner(&mut document);
    document.begin("Buckets");
    for bucket in call.context.store.buckets() {
        if !bucket.name.starts_with(prefix) {
            continue;
        }
        document
            .begin("Bucket")
            .leaf("Name", &bucket.name)
            .leaf("CreationDate", timestamp(bucket.created));
        if call.dialect == Dialect::Oss {
            document
                .leaf("Location", format!("oss-{}", config.region))
                .leaf("Region", &config.region)
                .leaf("ExtranetEndpoint", &call.request.host)
                .leaf("IntranetEndpoint", &call.request.host)
                .leaf("StorageClass", "Standard");
        }
        document.end();
    }
    Reply::xml(document)
}

pub(super) async fn create(call: &Call, inbound: &mut Inbound) -> Result<Reply, Failure> {
    // The body may name a region or a class; there is one of each here.
    inbound.read_out().await?;
    let name = call.target.bucket.clone().unwrap_or_default();
    let store = std::sync::Arc::clone(&call.context.store);
    let dialect = call.dialect;
    blocking(move || {
        let created = store.create_bucket(&name)?;
        if !created && dialect == Dialect::S3 {
            return Err(ApiError::new("BucketAlreadyOwnedByYou").with("BucketName", name).into());
        }
        Ok(Reply::new(StatusCode::OK).header("location", &format!("/{name}")))
    })
    .await
}

pub(super) async fn delete(call: &Call) -> Result<Reply, Failure> {
    let name = call.target.bucket.clone().unwrap_or_default();
    let store = std::sync::Arc::clone(&call.context.store);
    blocking(move || {
        store.delete_bucket(&name)?;
        Ok(Reply::new(StatusCode::NO_CONTENT))
    })
    .await
}

pub(super) fn head(call: &Call) -> Result<Reply, ApiError> {
    call.bucket()?;
    let region = &call.context.config.region;
    Ok(match call.dialect {
        Dialect::Oss => Reply::new(StatusCode::OK).header("x-oss-bucket-region", region),
        Dialect::S3 => Reply::new(StatusCode::OK).header("x-amz-bucket-region", region),
    })
}

pub(super) fn info(call: &Call) -> Result<Reply, ApiError> {
    let bucket = call.bucket()?;
    let region = &call.context.config.region;
    let mut document = Document::new("BucketInfo", call.namespace());
    document
        .begin("Bucket")
        .leaf("AccessMonitor", "Disabled")
        .leaf("CreationDate", timestamp(bucket.created))
        .leaf("ExtranetEndpoint", &call.request.host)
        .leaf("IntranetEndpoint", &call.request.host)
        .leaf("Location", format!("oss-{region}"))
        .leaf("StorageClass", "Standard")
        .leaf("TransferAcceleration", "Disabled")
        .leaf("CrossRegionReplication", "Disabled")
        .leaf("DataRedundancyType", "LRS")
        .leaf("Name", &bucket.name);
    owner(&mut document);
    document
        .begin("AccessControlList")
        .leaf("Grant", "private")
        .end()
        .begin("ServerSideEncryptionRule")
        .leaf("SSEAlgorithm", "None")
        .end()
        .begin("BucketPolicy")
        .leaf("LogBucket", "")
        .leaf("LogPrefix", "");
    Ok(Reply::xml(document))
}

pub(super) fn location(call: &Call) -> Result<Reply, ApiError> {
    call.bucket()?;
    let region = &call.context.config.region;
    let text = match call.dialect {
        Dialect::Oss => format!("oss-{region}"),
        // AWS leaves its first region out.
        Dialect::S3 if region == "us-east-1" => String::new(),
        Dialect::S3 => region.clone(),
    };
    let mut document = Document::new("LocationConstraint", call.namespace());
    document.text(&text);
    Ok(Reply::xml(document))
}

/// Settings that a bucket may have and none here has: name in the query, code on OSS, code on S3.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("cors", "NoSuchCORSConfiguration", "NoSuchCORSConfiguration"),
    (
        "encryption",
        "NoSuchServerSideEncryptionRule",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    ("lifecycle", "NoSuchLifecycle", "NoSuchLifecycleConfiguration"),
    ("policy", "NoSuchBucketPolicy", "NoSuchBucketPolicy"),
    ("website", "NoSuchWebsiteConfiguration", "NoSuchWebsiteConfiguration"),
];

pub(super) fn asks_for_setting(request: &Request, target: &Resource) -> bool {
    let is_read = request.method == Method::GET && target.bucket.is_some() && target.key.is_none();
    is_read && SETTINGS.iter().any(|(name, ..)| request.query.has(name))
}

/// What is said of a setting that is not there, or of the bucket.
pub(super) fn setting(call: &Call) -> ApiError {
    if let Err(error) = call.bucket() {
        return error;
    }
    let row = SETTINGS.iter().find(|(name, ..)| call.request.query.has(name));
    let code = row.map_or("NotImplemented", |(_, oss, s3)| match call.dialect {
        Dialect::Oss => oss,
        Dialect::S3 => s3,
    });
    let error = ApiError::scripted(StatusCode::NOT_FOUND, code)
        .message("The specified configuration does not exist.");
    error.with("BucketName", call.target.bucket.clone().unwrap_or_default())
}

pub(super) fn versioning(call: &Call) -> Result<Reply, ApiError> {
    call.bucket()?;
    let mut document = Document::new("VersioningConfiguration", call.namespace());
    if call.context.config.versioning == Versioning::Enabled {
        document.leaf("Status", "Enabled");
    }
    Ok(Reply::xml(document))
}
