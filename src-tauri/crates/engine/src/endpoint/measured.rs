//! Measures every request to a store, by operation, wherever in the engine it is made.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::bench::Percentiles;
use ferry_model::times::{Buckets, Rate, Times};
use ferry_model::{Credentials, Fault};
use ferry_storage::{
    Announce, BucketInfo, ListPage, ListedEntry, ListedPart, ListedUpload, ObjectHead,
    ObjectOptions, ObjectStore, Payload, StoreError, StoredObject, StoredPart, UploadsMarker,
};
use futures_util::stream::BoxStream;
use serde::Serialize;
use tokio::time::Instant;

use crate::lock::lock;

/// An operation of a store, by the name that the services give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum StoreOperation {
    /// An object in one request.
    PutObject,
    /// The begin of an upload.
    InitiateMultipartUpload,
    /// A part.
    UploadPart,
    /// The end of an upload.
    CompleteMultipartUpload,
    /// An upload is taken back.
    AbortMultipartUpload,
    /// The parts of an upload.
    ListParts,
    /// The uploads of a bucket.
    ListMultipartUploads,
    /// The objects of a bucket.
    ListObjectsV2,
    /// What is stored under a key.
    HeadObject,
    /// An object's bytes.
    GetObject,
    /// An object is removed.
    DeleteObject,
    /// An object's ACL.
    PutObjectAcl,
    /// An object's tags.
    PutObjectTagging,
    /// What a bucket is.
    GetBucketInfo,
}

/// How the requests of one operation went, in this run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationFigures {
    /// Which operation.
    pub operation: StoreOperation,
    /// Answered requests, from their begin to their answer, with the body on its way.
    pub answered: Percentiles,
    /// Requests that failed, or were refused.
    pub failed: u64,
}

/// How long the requests of one operation took, in this run.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationTimes {
    /// Which operation.
    pub operation: StoreOperation,
    /// Answered requests, from their begin to their answer, with the body on its way.
    pub answered: Buckets,
    /// Requests that failed, or were refused.
    pub failed: u64,
}

#[derive(Debug, Default)]
struct Counted {
    answered: Times,
    failed: u64,
}

/// What was measured. Its size is bounded by the number of operations.
#[derive(Debug)]
pub(crate) struct Requests {
    began: Instant,
    operations: Mutex<HashMap<StoreOperation, Counted>>,
    rate: Mutex<Rate>,
    under_way: AtomicUsize,
}

impl Requests {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            operations: Mutex::default(),
            rate: Mutex::default(),
            under_way: AtomicUsize::new(0),
        }
    }

    /// Measures a request. One that is dropped counts in neither.
    async fn measure<T>(
        &self,
        operation: StoreOperation,
        request: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let _under_way = UnderWay::of(&self.under_way);
        let began = Instant::now();
        let answer = request.await;
        let mut operations = lock(&self.operations);
        let counted = operations.entry(operation).or_default();
        match &answer {
            Ok(_) => counted.answered.record(began.elapsed()),
            Err(_) => counted.failed += 1,
        }
        drop(operations);
        lock(&self.rate).add(self.began.elapsed(), 1);
        answer
    }

    /// Requests that ended, a second, of late.
    pub(crate) fn a_second(&self) -> f64 {
        lock(&self.rate).a_second(self.began.elapsed())
    }

    /// Requests under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// The operations that were used, in the order of their declaration.
    pub(crate) fn figures(&self) -> Vec<OperationFigures> {
        let operations = lock(&self.operations);
        let mut figures: Vec<OperationFigures> = operations
            .iter()
            .map(|(operation, counted)| OperationFigures {
                operation: *operation,
                answered: counted.answered.percentiles(),
                failed: counted.failed,
            })
            .collect();
        figures.sort_by_key(|figures| figures.operation);
        figures
    }

    /// As [`Self::figures`], in buckets.
    pub(crate) fn times(&self) -> Vec<OperationTimes> {
        let operations = lock(&self.operations);
        let mut times: Vec<OperationTimes> = operations
            .iter()
            .map(|(operation, counted)| OperationTimes {
                operation: *operation,
                answered: counted.answered.buckets(),
                failed: counted.failed,
            })
            .collect();
        times.sort_by_key(|times| times.operation);
        times
    }
}

struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn of(number: &'a AtomicUsize) -> Self {
        number.fetch_add(1, Ordering::Relaxed);
        Self(number)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A store whose requests are measured.
#[derive(Debug)]
pub(crate) struct Measured {
    store: Arc<dyn ObjectStore>,
    requests: Arc<Requests>,
}

impl Measured {
    pub(crate) fn over(store: Arc<dyn ObjectStore>, requests: Arc<Requests>) -> Self {
        Self { store, requests }
    }
}

#[async_trait]
impl ObjectStore for Measured {
    async fn put_object(
        &self,
        key: &str,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredObject, StoreError> {
        let request = self.store.put_object(key, options, payload);
        self.requests.measure(StoreOperation::PutObject, request).await
    }

    async fn initiate(&self, key: &str, options: &ObjectOptions) -> Result<String, StoreError> {
        let request = self.store.initiate(key, options);
        self.requests.measure(StoreOperation::InitiateMultipartUpload, request).await
    }

    async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredPart, StoreError> {
        let request = self.store.upload_part(key, upload_id, number, options, payload);
        self.requests.measure(StoreOperation::UploadPart, request).await
    }

    async fn list_parts(
        &self,
        key: &str,
        upload_id: &str,
        marker: Option<u32>,
    ) -> Result<ListPage<ListedPart, u32>, StoreError> {
        let request = self.store.list_parts(key, upload_id, marker);
        self.requests.measure(StoreOperation::ListParts, request).await
    }

    async fn list_uploads(
        &self,
        prefix: &str,
        marker: Option<UploadsMarker>,
    ) -> Result<ListPage<ListedUpload, UploadsMarker>, StoreError> {
        let request = self.store.list_uploads(prefix, marker);
        self.requests.measure(StoreOperation::ListMultipartUploads, request).await
    }

    async fn list_objects(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<String>,
    ) -> Result<ListPage<ListedEntry, String>, StoreError> {
        let request = self.store.list_objects(prefix, delimiter, marker);
        self.requests.measure(StoreOperation::ListObjectsV2, request).await
    }

    async fn complete(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[(u32, String)],
        options: &ObjectOptions,
    ) -> Result<StoredObject, StoreError> {
        let request = self.store.complete(key, upload_id, parts, options);
        self.requests.measure(StoreOperation::CompleteMultipartUpload, request).await
    }

    async fn abort(&self, key: &str, upload_id: &str) -> Result<(), StoreError> {
        let request = self.store.abort(key, upload_id);
        self.requests.measure(StoreOperation::AbortMultipartUpload, request).await
    }

    async fn delete_object(&self, key: &str, version: Option<&str>) -> Result<(), StoreError> {
        let request = self.store.delete_object(key, version);
        self.requests.measure(StoreOperation::DeleteObject, request).await
    }

    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let request = self.store.head(key);
        self.requests.measure(StoreOperation::HeadObject, request).await
    }

    async fn put_acl(&self, key: &str, acl: &str) -> Result<(), StoreError> {
        let request = self.store.put_acl(key, acl);
        self.requests.measure(StoreOperation::PutObjectAcl, request).await
    }

    async fn put_tagging(&self, key: &str, tags: &[(String, String)]) -> Result<(), StoreError> {
        let request = self.store.put_tagging(key, tags);
        self.requests.measure(StoreOperation::PutObjectTagging, request).await
    }

    async fn get(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, StoreError> {
        let request = self.store.get(key, range);
        self.requests.measure(StoreOperation::GetObject, request).await
    }

    async fn bucket_info(&self) -> Result<BucketInfo, StoreError> {
        let request = self.store.bucket_info();
        self.requests.measure(StoreOperation::GetBucketInfo, request).await
    }

    fn presign_get(&self, key: &str, expires: Duration) -> Result<String, Fault> {
        self.store.presign_get(key, expires)
    }

    fn object_url(&self, key: &str) -> String {
        self.store.object_url(key)
    }

    fn set_credentials(&self, credentials: Credentials) {
        self.store.set_credentials(credentials);
    }

    fn ask_for_checksums(&self, ask: Announce) {
        self.store.ask_for_checksums(ask);
    }

    fn clock_offset(&self) -> i64 {
        self.store.clock_offset()
    }
}
