//! One attempt: sign, send, learn the clock, tell success from failure.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ferry_model::profile::PlainHttp;
use ferry_model::{Credentials, Fault, FaultKind, Provider, SignVersion};
use http::Method;

use super::call::{Call, Callback, Content, http_request};
use super::{StoreConfig, object};
use crate::client::{HttpClient, SendBody};
use crate::clock::{self, Clock};
use crate::endpoint::hosts::Host;
use crate::endpoint::{Address, HostKind, Scheme, region_id};
use crate::error::answer::{Asked, Head, classify};
use crate::error::{Delivery, RetryNow, StoreError};
use crate::signing::key::Flavour;
use crate::signing::sigv4::PayloadHash;
use crate::signing::{
    CredentialScope, KeyCache, Request, Signed, SigningTime, oss_v1, oss_v4, sigv4,
};
use crate::xml::{ANSWER_LIMIT, ErrorDocument};

/// A clock that is off by less than this is not what a store complains about.
const SKEW_WORTH_A_REPEAT: u64 = 30;

/// How far a request's clock may be off for a store to take it (OSS "0002-00000504"; S3
/// "RequestTimeTooSkewed"), in seconds.
const TOLERANCE: u64 = 15 * 60;

/// How far a date is believed.
#[derive(Debug, Clone, Copy)]
enum Trust {
    /// If it is within so many seconds of what is known.
    Within(u64),
    /// In any case: the store said that the clock is wrong.
    Whatever,
}

/// Which signature, with what it is valid for.
#[derive(Debug)]
enum SignatureScheme {
    OssV1,
    OssV4 { region: String, product: &'static str },
    S3 { region: String },
}

/// Credentials with the keys derived from them.
#[derive(Debug)]
struct Identity {
    credentials: Credentials,
    keys: KeyCache,
}

impl Identity {
    fn new(credentials: Credentials) -> Arc<Self> {
        Arc::new(Self { credentials, keys: KeyCache::default() })
    }
}

/// A bucket, over HTTP.
#[derive(Debug)]
pub struct Store {
    pub(super) http: HttpClient,
    pub(super) provider: Provider,
    pub(super) address: Address,
    bucket: String,
    scheme: SignatureScheme,
    identity: RwLock<Arc<Identity>>,
    clock: Arc<dyn Clock>,
    offset: AtomicI64,
    /// Whether something was answered well, or the bucket was asked about.
    bucket_asked: AtomicBool,
    /// Whether HEAD asks for the checksum.
    asks_checksum: AtomicBool,
}

impl Store {
    /// A bucket at an endpoint. Sends nothing.
    ///
    /// # Errors
    /// [`FaultKind::InvalidEndpoint`], [`FaultKind::InvalidBucketName`];
    /// [`FaultKind::InsecureEndpoint`] for http beyond loopback without the profile's permission;
    /// [`FaultKind::RegionMissing`] if OSS V4 needs a region and neither the profile nor the host
    /// tells it; [`FaultKind::CredentialsMissing`] for an empty key.
    pub fn new(
        http: HttpClient,
        config: &StoreConfig,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let address = Address::new(
            config.provider,
            &config.endpoint,
            Some(&config.bucket),
            config.addressing,
        )?;
        if address.scheme() == Scheme::Http
            && !address.is_loopback()
            && config.plain_http == PlainHttp::Refuse
        {
            return Err(
                Fault::new(FaultKind::InsecureEndpoint).with_subject(config.endpoint.clone())
            );
        }
        if credentials.access_key_id.is_empty() || credentials.access_key_secret.is_empty() {
            return Err(Fault::new(FaultKind::CredentialsMissing));
        }
        Ok(Self {
            http,
            provider: config.provider,
            bucket: config.bucket.clone(),
            scheme: scheme(config, &address)?,
            address,
            identity: RwLock::new(Identity::new(credentials)),
            clock,
            offset: AtomicI64::new(0),
            bucket_asked: AtomicBool::new(false),
            asks_checksum: AtomicBool::new(false),
        })
    }

    /// Replaces the credentials together with what was derived from them.
    pub(super) fn renew(&self, credentials: Credentials) {
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = Identity::new(credentials);
    }

    fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.identity.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the bucket has to be asked about before an absent object is believed: true once, and
    /// not after any success.
    pub(super) fn take_doubt_of_bucket(&self) -> bool {
        !self.bucket_asked.swap(true, Ordering::Relaxed)
    }

    pub(super) fn asks_checksum(&self) -> bool {
        self.asks_checksum.load(Ordering::Relaxed)
    }

    pub(super) fn set_asks_checksum(&self, asks: bool) {
        self.asks_checksum.store(asks, Ordering::Relaxed);
    }

    pub(super) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// The store's time, as far as it is known.
    fn now(&self, offset: i64) -> SystemTime {
        let now = self.clock.now();
        let shift = Duration::from_secs(offset.unsigned_abs());
        let shifted = if offset < 0 { now.checked_sub(shift) } else { now.checked_add(shift) };
        shifted.unwrap_or(now)
    }

    /// Sends a call, once.
    pub(super) async fn run(
        &self,
        call: &Call<'_>,
        content: Content,
    ) -> Result<(Head, reqwest::Body), StoreError> {
        let (length, md5) = content.facts();
        let headers = md5.map(|md5| ("content-md5".to_owned(), md5));
        let body = match content {
            Content::Once(payload) => SendBody::stream(length, payload.stream),
            Content::Kept(bytes) => SendBody::bytes(bytes),
        };
        self.attempt(call, headers, length, body).await
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        more: Option<(String, String)>,
        length: u64,
        body: SendBody,
    ) -> Result<(Head, reqwest::Body), StoreError> {
        let identity = self.identity();
        let offset = self.offset();
        let host = self.address.host();
        let signed = self.sign(&identity, call, more.as_ref(), length, self.now(offset));
        let headers: Vec<_> = signed.headers.iter().cloned().chain(more).collect();
        let url = self.address.url(call.key, &call.query);
        let request = http_request(call, &url, &host, &headers, length, body)
            .map_err(StoreError::before_sending)?;
        let sent = self
            .http
            .send(request, &host, call.timeouts)
            .await
            .map_err(|error| self.told(call, error))?;
        let (parts, body) = sent.response.into_parts();
        let head =
            Head { status: parts.status.as_u16(), headers: parts.headers, proxy: sent.proxy };
        tracing::debug!(method = %call.method, status = head.status, length, "answer");
        let is_stores = head.request_id().is_some();
        if is_stores {
            self.learn(head.date(), Trust::Within(TOLERANCE));
        }
        let callback_failed = head.status == 203 && call.callback == Callback::Asked;
        if (200..300).contains(&head.status) && !callback_failed {
            // OSS marks each of its answers; what has no mark is a login page's or a proxy's.
            if !is_stores && self.provider == Provider::Oss {
                return Err(
                    self.told(call, StoreError::not_store("the answer has no request id", &head))
                );
            }
            self.bucket_asked.store(true, Ordering::Relaxed);
            return Ok((head, body));
        }
        // A body that cannot be read leaves the status to go by.
        let text = match call.method {
            Method::HEAD => Bytes::new(),
            _ => self
                .http
                .collect(body, ANSWER_LIMIT, &host, call.timeouts)
                .await
                .unwrap_or_default(),
        };
        let mut error = self.classify(&identity, call, Some(&signed), &head, &text);
        if callback_failed && (is_stores || error.kind() == FaultKind::CallbackFailed) {
            error.fault.kind = FaultKind::CallbackFailed;
            error.delivery = Delivery::Answered;
            error.stored = Some(Box::new(self.stored(&head, object::etag(&head))));
        }
        if error.kind() == FaultKind::ClockSkew {
            let told = ErrorDocument::read(&text).ok().and_then(|document| document.server_time());
            self.learn(told.or_else(|| head.date()), Trust::Whatever);
            error.fault.clock_offset_seconds = Some(self.offset());
        }
        // S3's HEAD has no room for a code: what looks like a missing right may be the clock.
        let unexplained =
            call.method == Method::HEAD && error.fault.code.is_none() && head.status == 403;
        if unexplained && is_stores {
            self.learn(head.date(), Trust::Whatever);
        }
        if (error.kind() == FaultKind::ClockSkew || unexplained)
            && self.offset().abs_diff(offset) >= SKEW_WORTH_A_REPEAT
        {
            error.retry_now = RetryNow::Once;
        }
        Err(self.told(call, error))
    }

    /// The error with what was asked and when.
    pub(super) fn told(&self, call: &Call<'_>, mut error: StoreError) -> StoreError {
        let operation = call.operation(self.provider);
        error
            .fault
            .operation
            .get_or_insert_with(|| format!("{} {operation}", call.method).trim_end().to_owned());
        error.fault.time.get_or_insert_with(|| SigningTime::from(self.clock.now()).rfc3339());
        error
    }

    fn classify(
        &self,
        identity: &Identity,
        call: &Call<'_>,
        signed: Option<&Signed>,
        head: &Head,
        body: &[u8],
    ) -> StoreError {
        let permission = call.permission(self.provider);
        let asked = Asked {
            provider: self.provider,
            scheme: self.address.scheme(),
            endpoint_host: &self.address.endpoint_host().name,
            bucket: &self.bucket,
            region: self.region(),
            key: call.key,
            only_if_absent: call.only_if_absent,
            permission: &permission,
            credentials: &identity.credentials,
            signed,
        };
        let mut error = classify(&asked, head, body);
        // Ceph's gateway lists the parts of an upload that ended so: what is missing is the upload.
        if error.kind() == FaultKind::NoSuchKey && call.names_upload() {
            error.fault.kind = FaultKind::UploadGone;
        }
        error
    }

    /// An `<Error>` that came with a success status.
    pub(super) fn late_error(
        &self,
        call: &Call<'_>,
        head: &Head,
        body: &[u8],
    ) -> Option<StoreError> {
        ErrorDocument::read(body)
            .ok()
            .map(|_| self.told(call, self.classify(&self.identity(), call, None, head, body)))
    }

    fn region(&self) -> &str {
        match &self.scheme {
            SignatureScheme::OssV1 => "",
            SignatureScheme::OssV4 { region, .. } | SignatureScheme::S3 { region } => region,
        }
    }

    /// Keeps how far the store's clock is ahead. Where the store did not complain, it took the
    /// clock that was signed with: a date much further off is not its own but that of a proxy in
    /// between.
    fn learn(&self, server: Option<i64>, trust: Trust) {
        let Some(server) = server else { return };
        let offset = clock::offset(server, self.clock.now());
        match trust {
            Trust::Within(seconds) if offset.abs_diff(self.offset()) > seconds => {
                tracing::debug!(offset, "a date that the store cannot have meant");
            }
            Trust::Within(_) | Trust::Whatever => self.offset.store(offset, Ordering::Relaxed),
        }
    }

    fn sign(
        &self,
        identity: &Identity,
        call: &Call<'_>,
        more: Option<&(String, String)>,
        length: u64,
        now: SystemTime,
    ) -> Signed {
        let mut headers: Vec<(String, String)> = call.headers.iter().chain(more).cloned().collect();
        if matches!(self.scheme, SignatureScheme::S3 { .. }) {
            headers.push(("host".to_owned(), self.address.host()));
        }
        let path = self.address.path(call.key);
        let request = self.description(call, &path, &headers);
        let credentials = &identity.credentials;
        let date = SigningTime::from(now).date;
        let key = |flavour, scope| {
            identity.keys.key(flavour, &credentials.access_key_secret, &date, scope)
        };
        match &self.scheme {
            SignatureScheme::OssV1 => oss_v1::sign(&request, credentials, now),
            SignatureScheme::OssV4 { region, product } => {
                let scope = CredentialScope { region, product };
                oss_v4::sign(&request, scope, &key(Flavour::Oss, scope), credentials, now, &[])
            }
            SignatureScheme::S3 { region } => {
                let scope = CredentialScope { region, product: "s3" };
                let payload = if length == 0 { PayloadHash::Empty } else { PayloadHash::Unsigned };
                sigv4::sign(&request, scope, &key(Flavour::S3, scope), credentials, now, payload)
            }
        }
    }

    fn description<'a>(
        &'a self,
        call: &'a Call<'_>,
        path: &'a str,
        headers: &'a [(String, String)],
    ) -> Request<'a> {
        Request {
            method: call.method.as_str(),
            bucket: Some(&self.bucket),
            key: call.key,
            path,
            query: &call.query,
            headers,
        }
    }

    /// The URL of a GET, signed by query.
    pub(super) fn presigned(&self, key: &str, expires: Duration) -> String {
        let call = Call::new(Method::GET, Some(key));
        let identity = self.identity();
        let credentials = &identity.credentials;
        let now = self.now(self.offset());
        let date = SigningTime::from(now).date;
        let path = self.address.path(Some(key));
        let headers = match self.scheme {
            SignatureScheme::S3 { .. } => vec![("host".to_owned(), self.address.host())],
            SignatureScheme::OssV1 | SignatureScheme::OssV4 { .. } => Vec::new(),
        };
        let request = self.description(&call, &path, &headers);
        let derived = |flavour, scope| {
            identity.keys.key(flavour, &credentials.access_key_secret, &date, scope)
        };
        let signed = match &self.scheme {
            SignatureScheme::OssV1 => oss_v1::presign(&request, credentials, now, expires),
            SignatureScheme::OssV4 { region, product } => {
                let scope = CredentialScope { region, product };
                oss_v4::presign(
                    &request,
                    scope,
                    &derived(Flavour::Oss, scope),
                    credentials,
                    now,
                    expires,
                    &[],
                )
            }
            SignatureScheme::S3 { region } => {
                let scope = CredentialScope { region, product: "s3" };
                sigv4::presign(
                    &request,
                    scope,
                    &derived(Flavour::S3, scope),
                    credentials,
                    now,
                    expires,
                )
            }
        };
        self.address.url(Some(key), &signed.query)
    }
}

/// Which region signs requests: the typed one, else the one in the endpoint's name.
fn signing_region(typed: &str, host: &Host) -> Option<String> {
    if typed.is_empty() { host.region.clone() } else { Some(typed.to_owned()) }
}

/// Which signature requests get, and its region.
fn scheme(config: &StoreConfig, address: &Address) -> Result<SignatureScheme, Fault> {
    let host = address.endpoint_host();
    let typed = config.region.trim();
    match (config.provider, config.sign) {
        (Provider::S3, _) => Ok(SignatureScheme::S3 {
            region: signing_region(typed, host).unwrap_or_else(|| "us-east-1".to_owned()),
        }),
        (Provider::Oss, SignVersion::V1) => Ok(SignatureScheme::OssV1),
        (Provider::Oss, SignVersion::V4) => match (&host.cloud_box, host.kind) {
            (Some(id), HostKind::OssCloudBox) => {
                Ok(SignatureScheme::OssV4 { region: id.clone(), product: "oss-cloudbox" })
            }
            _ => {
                let missing =
                    || Fault::new(FaultKind::RegionMissing).with_subject(config.bucket.clone());
                Ok(SignatureScheme::OssV4 {
                    region: signing_region(region_id(typed), host).ok_or_else(missing)?,
                    product: "oss",
                })
            }
        },
    }
}

#[cfg(test)]
mod tests;
