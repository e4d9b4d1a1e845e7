//! What a request asks for, and who does it.

mod acl;
mod attributes;
mod bucket;
mod callback;
mod copy;
mod list;
mod meta;
mod multipart;
mod object;
#[cfg(feature = "testing")]
mod places;
mod traffic;

use std::sync::Arc;

use http::Method;

use crate::address::Resource;
use crate::body::{BodyPlan, Failure, Inbound};
use crate::config::ChecksumPolicy;
use crate::context::Context;
use crate::error::ApiError;
use crate::operation::Operation;
use crate::request::{Dialect, Request};
use crate::respond::Reply;
use crate::sign::Verified;
use crate::store::Bucket;

#[cfg(feature = "testing")]
pub(crate) use places::misplaced;

/// Query names that mean an operation which the sandbox does not do.
#[rustfmt::skip]
const UNSUPPORTED: &[&str] = &[
    "accelerate", "analytics", "append", "asyncFetch", "cname", "comp", "cors", "encryption", "intelligent-tiering",
    "inventory", "legal-hold", "lifecycle", "logging", "metaQuery", "metrics", "notification", "object-lock",
    "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "referer", "replication", "requestPayment",
    "resourceGroup", "restore", "retention", "select", "stat", "style", "symlink", "torrent", "transferAcceleration",
    "versions", "website", "worm", "x-oss-async-process", "x-oss-process",
];

impl Operation {
    /// Tells the operation from method, target and query.
    pub(crate) fn of(request: &Request, target: &Resource) -> Self {
        if bucket::asks_for_setting(request, target) {
            return Self::GetBucketSetting;
        }
        if request.query.pairs().any(|(name, _)| UNSUPPORTED.contains(&name)) {
            return Self::Other;
        }
        match (&target.bucket, &target.key) {
            (None, _) if request.method == Method::GET => Self::ListBuckets,
            (None, _) => Self::Other,
            (Some(_), None) => Self::of_bucket(request),
            (Some(_), Some(_)) => Self::of_object(request),
        }
    }

    fn of_bucket(request: &Request) -> Self {
        let has = |name| request.query.has(name);
        match request.method {
            Method::GET if has("uploads") => Self::ListUploads,
            Method::GET if has("location") => Self::GetBucketLocation,
            Method::GET if has("bucketInfo") => Self::GetBucketInfo,
            Method::GET if has("acl") => Self::GetBucketAcl,
            Method::GET if has("versioning") => Self::GetBucketVersioning,
            Method::GET if has("tagging") => Self::Other,
            Method::GET if request.query.get("list-type") == Some("2") => Self::ListObjectsV2,
            Method::GET => Self::ListObjects,
            Method::HEAD => Self::HeadBucket,
            Method::POST if has("delete") => Self::DeleteObjects,
            Method::PUT if !has("acl") && !has("versioning") && !has("tagging") => {
                Self::CreateBucket
            }
            Method::DELETE if !has("tagging") => Self::DeleteBucket,
            _ => Self::Other,
        }
    }

    fn of_object(request: &Request) -> Self {
        let has = |name| request.query.has(name);
        let copies = ["x-oss-copy-source", "x-amz-copy-source"]
            .iter()
            .any(|name| request.headers.contains_key(*name));
        match request.method {
            Method::PUT if has("acl") => Self::PutObjectAcl,
            Method::PUT if has("tagging") => Self::PutObjectTagging,
            Method::PUT if has("uploadId") || has("partNumber") => {
                if copies {
                    Self::Other
                } else {
                    Self::UploadPart
                }
            }
            Method::PUT if copies => Self::CopyObject,
            Method::PUT => Self::PutObject,
            Method::POST if has("uploads") => Self::Initiate,
            Method::POST if has("uploadId") => Self::Complete,
            Method::GET if has("uploadId") => Self::ListParts,
            Method::GET if has("acl") => Self::GetObjectAcl,
            Method::GET if has("tagging") => Self::GetObjectTagging,
            Method::GET => Self::GetObject,
            Method::HEAD => Self::HeadObject,
            Method::DELETE if has("uploadId") => Self::Abort,
            Method::DELETE if !has("tagging") => Self::DeleteObject,
            _ => Self::Other,
        }
    }
}

/// A request whose signature is true, about to be served.
pub(crate) struct Call {
    pub(crate) context: Arc<Context>,
    pub(crate) request: Request,
    pub(crate) target: Resource,
    pub(crate) dialect: Dialect,
    pub(crate) operation: Operation,
    pub(crate) verified: Verified,
    #[cfg(feature = "testing")]
    pub(crate) request_id: String,
}

impl Call {
    /// Does what is asked.
    pub(crate) async fn run(&mut self, inbound: &mut Inbound) -> Result<Reply, Failure> {
        use Operation as Op;
        self.check_checksum_headers()?;
        if let Some(bits) = traffic::limit(self)? {
            inbound.limit_traffic(bits);
        }
        match self.operation {
            Op::PutObject => object::put(self, inbound).await,
            Op::CopyObject => copy::copy(self, inbound).await,
            Op::GetObject => object::get(self, inbound).await,
            Op::HeadObject => Ok(object::head(self)?),
            Op::DeleteObject => object::delete(self).await,
            Op::DeleteObjects => object::delete_many(self, inbound).await,
            Op::GetObjectAcl => Ok(acl::of_object(self)?),
            Op::PutObjectAcl => acl::put(self, inbound).await,
            Op::GetObjectTagging => Ok(object::tagging(self)?),
            Op::PutObjectTagging => object::put_tagging(self, inbound).await,
            Op::Initiate => multipart::initiate(self).await,
            Op::UploadPart => multipart::upload_part(self, inbound).await,
            Op::ListParts => Ok(multipart::list_parts(self)?),
            Op::Complete => multipart::complete(self, inbound).await,
            Op::Abort => multipart::abort(self).await,
            Op::ListObjects | Op::ListObjectsV2 => Ok(list::objects(self)?),
            Op::ListUploads => Ok(list::uploads(self)?),
            Op::ListBuckets => Ok(bucket::list(self)),
            Op::CreateBucket => bucket::create(self, inbound).await,
            Op::DeleteBucket => bucket::delete(self).await,
            Op::HeadBucket => Ok(bucket::head(self)?),
            Op::GetBucketInfo => Ok(bucket::info(self)?),
            Op::GetBucketLocation => Ok(bucket::location(self)?),
            Op::GetBucketAcl => Ok(acl::of_bucket(self)?),
            Op::GetBucketVersioning => Ok(bucket::versioning(self)?),
            Op::GetBucketSetting => Err(bucket::setting(self).into()),
            Op::Other => Err(self.unsupported().into()),
        }
    }

    /// Whether S3's checksums are kept and answered.
    fn answers_checksums(&self) -> bool {
        let policy = self.context.config.checksums;
        self.dialect == Dialect::S3
            && matches!(policy, ChecksumPolicy::Answer | ChecksumPolicy::Demand)
    }

    /// # Errors
    ///
    /// `NotImplemented` for a checksum on a request that stores something, where they are refused.
    fn check_checksum_headers(&self) -> Result<(), ApiError> {
        let stores = matches!(self.request.method, Method::PUT | Method::POST);
        if self.context.config.checksums != ChecksumPolicy::Refuse || !stores {
            return Ok(());
        }
        let names = self.request.headers.keys().map(http::HeaderName::as_str);
        let mut refused = names.filter(|name| {
            name.starts_with("x-amz-checksum-") || name.starts_with("x-amz-sdk-checksum-")
        });
        match refused.next() {
            None => Ok(()),
            Some(name) => Err(ApiError::new("NotImplemented")
                .message("A header you provided implies functionality that is not implemented.")
                .with("Header", name)),
        }
    }

    fn unsupported(&self) -> ApiError {
        let known = [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::DELETE];
        if self.target.bucket.is_none() || !known.contains(&self.request.method) {
            return ApiError::new("MethodNotAllowed").with("Method", self.request.method.as_str());
        }
        let mut error = ApiError::new("NotImplemented");
        if self.dialect == Dialect::Oss {
            error.status = http::StatusCode::BAD_REQUEST;
        }
        error
    }

    /// # Errors
    ///
    /// `NoSuchBucket`.
    fn bucket(&self) -> Result<Arc<Bucket>, ApiError> {
        self.context.store.bucket(self.target.bucket.as_deref().unwrap_or(""))
    }

    /// The key, valid in the request's dialect.
    ///
    /// # Errors
    ///
    /// `InvalidObjectName` on OSS: over 1023 bytes, or beginning with `/` or `\`. `KeyTooLongError`
    /// on S3: over 1024 bytes.
    fn key(&self) -> Result<String, ApiError> {
        let key = self.target.key.clone().unwrap_or_default();
        match self.dialect {
            Dialect::Oss if key.len() > 1023 => {
                Err(ApiError::new("InvalidObjectName").with("ObjectName", key))
            }
            Dialect::Oss if key.starts_with(['/', '\\']) => {
                Err(ApiError::new("InvalidObjectName").ec("0016-00000005").with("ObjectName", key))
            }
            Dialect::S3 if key.len() > 1024 => {
                Err(ApiError::new("KeyTooLongError").with("MaxSizeAllowed", "1024"))
            }
            _ => Ok(key),
        }
    }

    fn body_plan(&self) -> Result<BodyPlan, ApiError> {
        let config = &self.context.config;
        BodyPlan::read(&self.request, self.dialect, config.checksums, &config.limits)
    }

    /// S3's documents have a namespace, OSS's have none.
    fn namespace(&self) -> Option<&'static str> {
        match self.dialect {
            Dialect::Oss => None,
            Dialect::S3 => Some("http://s3.amazonaws.com/doc/2006-03-01/"),
        }
    }

    /// Whether names in the answer are to be percent-encoded.
    fn naming(&self) -> Naming {
        match (self.request.query.get("encoding-type"), self.dialect) {
            (Some("url"), Dialect::Oss) => Naming::Escaped,
            (Some("url"), Dialect::S3) => Naming::EscapedButSlash,
            _ => Naming::Plain,
        }
    }
}

/// How keys and prefixes stand in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Plain,
    Escaped,
    EscapedButSlash,
}

impl Naming {
    fn write(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Escaped => crate::percent::encode(text.as_bytes()),
            Self::EscapedButSlash => crate::percent::encode_path(text.as_bytes()),
        }
    }

    /// Says in the document that names are encoded.
    fn announce(self, document: &mut crate::xml::Document) {
        if self != Self::Plain {
            document.leaf("EncodingType", "url");
        }
    }
}
