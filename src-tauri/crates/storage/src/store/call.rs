//! One request before it is signed, and the signed request made of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ferry_model::{Fault, FaultKind, Provider};
use http::header::{HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

use super::Payload;
use crate::client::{Outgoing, SendBody, SharedProgress, Timeouts};
use crate::error::answer::OnlyIfAbsent;
use crate::xml::ANSWER_LIMIT;

/// The value of a `Content-MD5` header: base64 of the 16 bytes (not of their hex).
pub fn content_md5(md5: &[u8; 16]) -> String {
    STANDARD.encode(md5)
}

/// Whether a request asks OSS to call the application's server back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callback {
    Asked,
    NotAsked,
}

/// What is to be sent, apart from the body's bytes.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) key: Option<&'a str>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeouts: Timeouts,
    /// Most bytes of the answer.
    pub(super) limit: usize,
    pub(super) only_if_absent: OnlyIfAbsent,
    pub(super) callback: Callback,
}

impl<'a> Call<'a> {
    pub(super) fn new(method: Method, key: Option<&'a str>) -> Self {
        Self {
            method,
            key,
            query: Vec::new(),
            headers: Vec::new(),
            timeouts: Timeouts::Usual,
            limit: ANSWER_LIMIT,
            only_if_absent: OnlyIfAbsent::NotAsked,
            callback: Callback::NotAsked,
        }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Whether it is about an upload, not about the object.
    pub(super) fn names_upload(&self) -> bool {
        self.query.iter().any(|(name, _)| name == "uploadId")
    }

    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl Call<'_> {
    /// The operation's name in the service's own documentation.
    pub(super) fn operation(&self, provider: Provider) -> &'static str {
        let has = |wanted: &str| self.query.iter().any(|(name, _)| name == wanted);
        let oss = provider == Provider::Oss;
        match (self.method.as_str(), self.key.is_some()) {
            ("PUT", true) if has("uploadId") => "UploadPart",
            ("PUT", true) if has("acl") => "PutObjectAcl",
            ("PUT", true) if has("tagging") => "PutObjectTagging",
            ("PUT", true) => "PutObject",
            ("POST", true) if has("uploads") && oss => "InitiateMultipartUpload",
            ("POST", true) if has("uploads") => "CreateMultipartUpload",
            ("POST", true) if has("uploadId") => "CompleteMultipartUpload",
            ("DELETE", true) if has("uploadId") => "AbortMultipartUpload",
            ("DELETE", true) => "DeleteObject",
            ("GET", true) if has("uploadId") => "ListParts",
            ("GET", true) => "GetObject",
            ("HEAD", true) => "HeadObject",
            ("GET", false) if has("uploads") => "ListMultipartUploads",
            ("GET", false) if has("list-type") => "ListObjectsV2",
            ("GET", false) if has("bucketInfo") => "GetBucketInfo",
            ("GET", false) if has("location") => "GetBucketLocation",
            _ => "",
        }
    }

    /// The permissions the request needs (RAM: "OSS actions"; IAM: "Actions defined by Amazon S3"),
    /// as `oss:PutObject, oss:PutObjectAcl`. Empty where they are not known.
    pub(super) fn permission(&self, provider: Provider) -> String {
        let has_header = |wanted: &str| self.headers.iter().any(|(name, _)| name == wanted);
        let names_version = self.query.iter().any(|(name, _)| name == "versionId");
        let oss = provider == Provider::Oss;
        let action = match self.operation(provider) {
            "PutObject"
            | "UploadPart"
            | "InitiateMultipartUpload"
            | "CreateMultipartUpload"
            | "CompleteMultipartUpload" => "PutObject",
            "ListParts" if !oss => "ListMultipartUploadParts",
            "ListMultipartUploads" if !oss => "ListBucketMultipartUploads",
            "ListObjectsV2" if oss => "ListObjects",
            "ListObjectsV2" => "ListBucket",
            "HeadObject" | "GetObject" => "GetObject",
            // OSS and S3 tell deleting a version from marking the object as deleted.
            "DeleteObject" if names_version => "DeleteObjectVersion",
            operation => operation,
        };
        let (acl, tags) = if oss {
            ("x-oss-object-acl", "x-oss-tagging")
        } else {
            ("x-amz-acl", "x-amz-tagging")
        };
        let more = [(acl, "PutObjectAcl"), (tags, "PutObjectTagging")]
            .into_iter()
            .filter(|(_, named)| *named != action);
        let actions = std::iter::once(action)
            .chain(more.filter(|(header, _)| has_header(header)).map(|(_, action)| action));
        let prefix = if oss { "oss" } else { "s3" };
        actions
            .filter(|action| !action.is_empty())
            .map(|action| format!("{prefix}:{action}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The bytes of a request.
pub(super) enum Content {
    /// None, or few.
    Kept(Bytes),
    /// A stream that can be read once.
    Once(Payload),
}

impl Content {
    pub(super) fn nothing() -> Self {
        Self::Kept(Bytes::new())
    }

    /// The length, and the Content-MD5 header's value if one was given.
    pub(super) fn facts(&self) -> (u64, Option<String>) {
        match self {
            Self::Kept(bytes) => (bytes.len() as u64, None),
            Self::Once(payload) => (payload.len, payload.content_md5.as_ref().map(content_md5)),
        }
    }
}

/// The HTTP request. Its target is what was signed, byte for byte: a URL type that rewrites it
/// would name another object.
pub(super) fn http_request(
    call: &Call<'_>,
    url: &str,
    host: &str,
    signed: &[(String, String)],
    length: u64,
    body: SendBody,
) -> Result<Outgoing, Fault> {
    let parsed = reqwest::Url::parse(url)
        .map_err(|_| Fault::new(FaultKind::InvalidEndpoint).with_subject(host))?;
    if parsed.as_str() != url {
        return Err(Fault::new(FaultKind::KeyInvalid)
            .with_subject(call.key.unwrap_or(host))
            .with_detail("a URL cannot hold it as it is"));
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        HOST,
        HeaderValue::from_str(host)
            .map_err(|_| Fault::new(FaultKind::InvalidEndpoint).with_subject(host))?,
    );
    if matches!(call.method, Method::PUT | Method::POST) {
        headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    for (name, value) in call.headers.iter().chain(signed) {
        let unusable = || {
            Fault::new(FaultKind::InvalidInput)
                .with_subject(name.clone())
                .with_detail("a header cannot carry this name or value")
        };
        let header = HeaderName::try_from(name.as_str()).map_err(|_| unusable())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| unusable())?;
        value.set_sensitive(matches!(
            header.as_str(),
            "authorization" | "x-oss-security-token" | "x-amz-security-token"
        ));
        headers.append(header, value);
    }
    let progress = SharedProgress::clone(body.progress());
    let mut request = reqwest::Request::new(call.method.clone(), parsed);
    *request.headers_mut() = headers;
    *request.body_mut() = Some(reqwest::Body::wrap(body));
    Ok(Outgoing { request, progress })
}
