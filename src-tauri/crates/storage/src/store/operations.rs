//! The operations: which request each is, and what of its answer is believed.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::{Credentials, Fault, FaultKind, Provider};
use futures_util::stream::BoxStream;
use http::Method;

use super::call::{Call, Callback, Content};
use super::object::ContentRange;
use super::options::RequestKind;
use super::{
    Announce, BucketInfo, EtagMeaning, IfAbsent, ListedEntry, ListedPart, ListedUpload, ObjectHead,
    ObjectOptions, ObjectStore, Payload, Store, StoredObject, StoredPart, object,
};
use crate::client::Timeouts;
use crate::crc64_nvme;
use crate::error::answer::{Head, OnlyIfAbsent};
use crate::error::{Delivery, RetryNow, StoreError};
use crate::pages::{ListPage, UploadsMarker};
use crate::xml::documents::{complete_request, tagging_request};
use crate::xml::{Completed, Initiated, Refused};

/// Longest validity of a signed URL. V4 allows no more; a V1 link that never ends is nothing to
/// hand out either.
const LONGEST_LINK: Duration = Duration::from_secs(7 * 24 * 3600);

impl Store {
    /// Sends a call and reads its whole answer.
    async fn answer(&self, call: &Call<'_>, content: Content) -> Result<(Head, Bytes), StoreError> {
        let (head, body) = self.run(call, content).await?;
        let body = self.http.collect(body, call.limit, &self.address.host(), call.timeouts).await;
        Ok((head, body.map_err(|error| self.told(call, error))?))
    }

    /// Sends a call whose answer is a document.
    pub(super) async fn document<T>(
        &self,
        call: &Call<'_>,
        content: Content,
        read: fn(&[u8]) -> Result<T, Refused>,
    ) -> Result<(Head, T), StoreError> {
        let (head, body) = self.answer(call, content).await?;
        match read(&body) {
            Ok(document) => Ok((head, document)),
            Err(refused) => {
                let foreign = || self.told(call, StoreError::not_store(refused, &head));
                Err(self.late_error(call, &head, &body).unwrap_or_else(foreign))
            }
        }
    }

    /// Sends a call whose answer has nothing but headers.
    async fn headers_only(&self, call: &Call<'_>, content: Content) -> Result<Head, StoreError> {
        let (head, body) = self.answer(call, content).await?;
        // Some stores call an empty answer HTML; its ETag tells that it is theirs.
        let looks_foreign =
            !body.trim_ascii().is_empty() || (head.is_html() && object::etag(&head).is_none());
        let is_foreign = head.request_id().is_none() && looks_foreign;
        match self.late_error(call, &head, &body) {
            Some(error) => Err(error),
            None if is_foreign => Err(self.told(
                call,
                StoreError::not_store("the answer has a body that is no store's", &head),
            )),
            None => Ok(head),
        }
    }

    /// Sends a call with a callback. The body of its answer is the application's own and means
    /// nothing here, so it is not looked at: the status and the store's mark, which [`Store::run`]
    /// has checked, say that the object is there.
    async fn with_callback(
        &self,
        call: &Call<'_>,
        content: Content,
    ) -> Result<StoredObject, StoreError> {
        let (head, body) = self.run(call, content).await?;
        // Read to its end, so that the connection can be used again; if that fails, nothing is
        // lost.
        let _ = self.http.collect(body, call.limit, &self.address.host(), call.timeouts).await;
        Ok(self.stored(&head, object::etag(&head)))
    }

    /// Asks for the object's first byte, to be refused with a code. What is refused without one
    /// stays as it was.
    async fn explained(&self, key: &str, unclear: StoreError) -> StoreError {
        match self.get(key, Some((0, 0))).await {
            Err(error)
                if error.fault.code.is_some() && error.fault.status == unclear.fault.status =>
            {
                error
            }
            _ => unclear,
        }
    }

    /// Some stores call the missing body of a HEAD's 404 HTML, as web servers and login pages do. A
    /// GET of the same object has room for the store's own word.
    async fn decided_by_get(
        &self,
        key: &str,
        unclear: StoreError,
    ) -> Result<Option<ObjectHead>, StoreError> {
        match self.get(key, Some((0, 0))).await {
            Err(error) if error.kind() == FaultKind::NoSuchKey => Ok(None),
            Err(error) if error.kind() != FaultKind::NotStore => Err(error),
            _ => Err(unclear),
        }
    }

    /// An object from the headers of the answer that stored it.
    pub(super) fn stored(&self, head: &Head, etag: Option<String>) -> StoredObject {
        let meaning = etag
            .as_deref()
            .map_or(EtagMeaning::Opaque, |etag| object::etag_meaning(self.provider, head, etag));
        StoredObject {
            crc64: object::crc64(head),
            crc64_nvme: object::crc64_nvme(head),
            etag_meaning: meaning,
            request_id: head.request_id().map(str::to_owned),
            version_id: object::version_id(self.provider, head),
            throttled: object::throttled(self.provider, head),
            etag,
        }
    }

    /// A call on a key, with the options that travel on it.
    fn creating<'a>(
        &self,
        method: Method,
        key: &'a str,
        options: &ObjectOptions,
        moment: RequestKind,
    ) -> Result<Call<'a>, StoreError> {
        let mut call = keyed(method, key)?;
        call.headers = options.headers(self.provider, moment, key);
        if options.if_absent == IfAbsent::OnlyIfAbsent {
            call.only_if_absent = OnlyIfAbsent::Asked;
        }
        if options.has_callback(self.provider) && moment != RequestKind::Initiate {
            call.callback = Callback::Asked;
        }
        Ok(call)
    }

    /// The checksum of a body that S3 is to hold against what arrives.
    fn add_value(&self, call: &mut Call<'_>, payload: &Payload) {
        if let (Provider::S3, Some(crc)) = (self.provider, payload.crc64_nvme) {
            call.headers.push((crc64_nvme::HEADER.to_owned(), crc64_nvme::write(crc)));
        }
    }

    /// OSS encodes keys in its answers when asked to, so that no key can break their XML. S3 stores
    /// are not asked: Ceph's gateway then encodes without saying so, SeaweedFS says so without
    /// encoding.
    pub(super) fn with_encoding<'a>(&self, call: Call<'a>) -> Call<'a> {
        match self.provider {
            Provider::Oss => call.with("encoding-type", "url"),
            Provider::S3 => call,
        }
    }
}

#[async_trait]
impl ObjectStore for Store {
    async fn put_object(
        &self,
        key: &str,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredObject, StoreError> {
        let mut call = self.creating(Method::PUT, key, options, RequestKind::Put)?;
        self.add_value(&mut call, &payload);
        if call.callback == Callback::Asked {
            return self.with_callback(&call, Content::Once(payload)).await;
        }
        let head = self.headers_only(&call, Content::Once(payload)).await?;
        let etag = object::etag(&head);
        if etag.is_none() && head.request_id().is_none() {
            return Err(StoreError::not_store("the answer has neither ETag nor request id", &head));
        }
        Ok(self.stored(&head, etag))
    }

    async fn initiate(&self, key: &str, options: &ObjectOptions) -> Result<String, StoreError> {
        let call =
            self.creating(Method::POST, key, options, RequestKind::Initiate)?.with("uploads", "");
        let (_, initiated) =
            self.document(&self.with_encoding(call), Content::nothing(), Initiated::read).await?;
        Ok(initiated.upload_id)
    }

    async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredPart, StoreError> {
        let mut call =
            of_upload(Method::PUT, key, upload_id)?.with("partNumber", number.to_string());
        call.headers = options.headers(self.provider, RequestKind::Part, key);
        self.add_value(&mut call, &payload);
        let head = self.headers_only(&call, Content::Once(payload)).await?;
        let Some(etag) = object::etag(&head) else {
            return Err(StoreError::not_store("the answer has no ETag", &head));
        };
        Ok(StoredPart {
            crc64: object::crc64(&head),
            crc64_nvme: object::crc64_nvme(&head),
            etag_meaning: object::etag_meaning(self.provider, &head, &etag),
            request_id: head.request_id().map(str::to_owned),
            throttled: object::throttled(self.provider, &head),
            etag,
        })
    }

    async fn list_parts(
        &self,
        key: &str,
        upload_id: &str,
        marker: Option<u32>,
    ) -> Result<ListPage<ListedPart, u32>, StoreError> {
        self.parts_page(key, upload_id, marker).await
    }

    async fn list_uploads(
        &self,
        prefix: &str,
        marker: Option<UploadsMarker>,
    ) -> Result<ListPage<ListedUpload, UploadsMarker>, StoreError> {
        self.uploads_page(prefix, marker).await
    }

    async fn list_objects(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<String>,
    ) -> Result<ListPage<ListedEntry, String>, StoreError> {
        self.objects_page(prefix, delimiter, marker).await
    }

    async fn complete(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[(u32, String)],
        options: &ObjectOptions,
    ) -> Result<StoredObject, StoreError> {
        let mut call = self
            .creating(Method::POST, key, options, RequestKind::Complete)?
            .with("uploadId", checked_id(upload_id)?);
        call = self.with_encoding(call);
        call.timeouts = Timeouts::Merge;
        let content = Content::Kept(complete_request(parts).into());
        if call.callback == Callback::Asked {
            return self.with_callback(&call, content).await;
        }
        let (head, completed) = self.document(&call, content, Completed::read).await?;
        let etag = Some(completed.etag).filter(|etag| !etag.is_empty());
        let stored = self.stored(&head, etag);
        Ok(StoredObject { crc64_nvme: completed.crc64_nvme.or(stored.crc64_nvme), ..stored })
    }

    async fn abort(&self, key: &str, upload_id: &str) -> Result<(), StoreError> {
        let call = of_upload(Method::DELETE, key, upload_id)?;
        let head = self.headers_only(&call, Content::nothing()).await?;
        // Both services answer so, and nothing else does by chance.
        if head.status == 204 || head.request_id().is_some() {
            return Ok(());
        }
        Err(self.told(&call, StoreError::not_store("the answer is not the one to an abort", &head)))
    }

    async fn delete_object(&self, key: &str, version: Option<&str>) -> Result<(), StoreError> {
        let mut call = keyed(Method::DELETE, key)?;
        if let Some(version) = version {
            call = call.with("versionId", version);
        }
        let head = match self.headers_only(&call, Content::nothing()).await {
            Err(error) if error.kind() == FaultKind::NoSuchKey => return Ok(()),
            answer => answer?,
        };
        // As for an abort: nothing else answers so by chance.
        if head.status == 204 || head.request_id().is_some() {
            return Ok(());
        }
        let why = "the answer is not the one to a deletion";
        Err(self.told(&call, StoreError::not_store(why, &head)))
    }

    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let mut call = keyed(Method::HEAD, key)?;
        let asks = self.asks_checksum();
        if asks {
            call = call.header("x-amz-checksum-mode", "ENABLED");
        }
        let mut answer = self.run(&call, Content::nothing()).await;
        if asks && answer.as_ref().is_err_and(|error| error.fault.status == Some(403)) {
            // Who may write with a key of the key service, but not decrypt, may see all but this.
            call.headers.clear();
            answer = self.run(&call, Content::nothing()).await;
        }
        match answer {
            // A HEAD that is signed with the clock it taught may need no explanation.
            Err(error) if error.retry_now == RetryNow::Once => Err(error),
            Ok((head, _)) => match object::object_head(self.provider, &head) {
                Some(found) => Ok(Some(found)),
                None => Err(StoreError::not_store("the answer is about no object", &head)),
            },
            // S3's HEAD has no room for a code, so a missing bucket looks like a missing object …
            Err(error) if is_foreign_404(&error) => self.decided_by_get(key, error).await,
            Err(error) if self.says_absent(&error) => match error.fault.code {
                None if self.provider == Provider::S3 && self.take_doubt_of_bucket() => {
                    let error = self.explained(key, error).await;
                    if error.kind() == FaultKind::NoSuchBucket { Err(error) } else { Ok(None) }
                }
                _ => Ok(None),
            },
            // … and a wrong secret like a missing right.
            Err(error)
                if error.fault.code.is_none()
                    && matches!(error.fault.status, Some(400 | 401 | 403)) =>
            {
                Err(self.explained(key, error).await)
            }
            Err(error) => Err(error),
        }
    }

    async fn put_acl(&self, key: &str, acl: &str) -> Result<(), StoreError> {
        let name = match self.provider {
            Provider::Oss => "x-oss-object-acl",
            Provider::S3 => "x-amz-acl",
        };
        let call = keyed(Method::PUT, key)?.with("acl", "").header(name, acl);
        self.headers_only(&call, Content::nothing()).await.map(|_| ())
    }

    async fn put_tagging(&self, key: &str, tags: &[(String, String)]) -> Result<(), StoreError> {
        let call =
            keyed(Method::PUT, key)?.with("tagging", "").header("content-type", "application/xml");
        let body = Bytes::from(tagging_request(tags));
        // S3 asks for a digest of this body.
        let content_md5 = ferry_model::checksum::of(&body).md5;
        let payload = Payload { content_md5, ..Payload::from_bytes(body) };
        self.headers_only(&call, Content::Once(payload)).await.map(|_| ())
    }

    async fn get(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, StoreError> {
        let mut call = keyed(Method::GET, key)?;
        if let Some((first, last)) = range {
            call = call.header("range", format!("bytes={first}-{last}"));
        }
        let (head, body) = self.run(&call, Content::nothing()).await?;
        if object::etag(&head).is_none() && head.request_id().is_none() {
            return Err(StoreError::not_store("the answer has neither ETag nor request id", &head));
        }
        let fits = |asked| {
            head.status == 206 && ContentRange::read(&head).is_some_and(|given| given.fits(asked))
        };
        if !range.is_none_or(fits) {
            let fault = Fault::new(FaultKind::UnknownAnswer)
                .with_subject(key)
                .with_detail("another range came than was asked for");
            return Err(StoreError::new(fault, Delivery::Answered));
        }
        Ok(self.http.stream(body))
    }

    async fn bucket_info(&self) -> Result<BucketInfo, StoreError> {
        let (name, read): (_, fn(&[u8]) -> Result<BucketInfo, Refused>) = match self.provider {
            Provider::Oss => ("bucketInfo", BucketInfo::read_oss),
            Provider::S3 => ("location", BucketInfo::read_s3),
        };
        let call = Call::new(Method::GET, None).with(name, "");
        self.document(&call, Content::nothing(), read).await.map(|(_, info)| info)
    }

    fn presign_get(&self, key: &str, expires: Duration) -> Result<String, Fault> {
        check_key(key)?;
        if expires < Duration::from_secs(1) || expires > LONGEST_LINK {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_detail("a link is valid for 1 second to 7 days"));
        }
        Ok(self.presigned(key, expires))
    }

    fn object_url(&self, key: &str) -> String {
        self.address.url(Some(key), &[])
    }

    fn set_credentials(&self, credentials: Credentials) {
        self.renew(credentials);
    }

    fn ask_for_checksums(&self, ask: Announce) {
        self.set_asks_checksum(self.provider == Provider::S3 && ask == Announce::Crc64Nvme);
    }

    fn clock_offset(&self) -> i64 {
        self.offset()
    }
}

impl Store {
    /// Whether a HEAD's failure says that there is no such object. S3 gives a HEAD nothing but the
    /// status; OSS marks its answers.
    fn says_absent(&self, error: &StoreError) -> bool {
        let bare_404 = error.fault.status == Some(404)
            && error.fault.code.is_none()
            && error.kind() == FaultKind::UnknownAnswer;
        error.kind() == FaultKind::NoSuchKey
            || (bare_404 && (self.provider == Provider::S3 || error.fault.request_id.is_some()))
    }
}

/// Whether a HEAD's 404 looks like anybody's but a store's.
fn is_foreign_404(error: &StoreError) -> bool {
    error.kind() == FaultKind::NotStore && error.fault.status == Some(404)
}

/// A call on an object. Without a key it would be one on the bucket itself.
fn keyed(method: Method, key: &str) -> Result<Call<'_>, StoreError> {
    check_key(key).map_err(StoreError::before_sending)?;
    Ok(Call::new(method, Some(key)))
}

/// A call on an upload. Without an id it would be one on the object itself.
pub(super) fn of_upload<'a>(
    method: Method,
    key: &'a str,
    upload_id: &str,
) -> Result<Call<'a>, StoreError> {
    Ok(keyed(method, key)?.with("uploadId", checked_id(upload_id)?))
}

fn check_key(key: &str) -> Result<(), Fault> {
    if key.is_empty() {
        Err(Fault::new(FaultKind::KeyInvalid).with_detail("the key is empty"))
    } else {
        Ok(())
    }
}

fn checked_id(upload_id: &str) -> Result<&str, StoreError> {
    if upload_id.is_empty() {
        return Err(StoreError::before_sending(
            Fault::new(FaultKind::Internal).with_detail("the upload id is empty"),
        ));
    }
    Ok(upload_id)
}
