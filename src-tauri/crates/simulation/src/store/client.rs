//! The operations of a client, each as one request on its way.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::{Credentials, Fault, FaultKind};
use ferry_storage::{
    BucketInfo, Delivery, ListPage, ListedEntry, ListedPart, ListedUpload, ObjectHead,
    ObjectOptions, ObjectStore, Payload, StoreError, StoredObject, StoredPart, UploadsMarker,
};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::contents::{Reply, Request};
use super::course::Operation;
use super::wire::{Call, MemoryStore};

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn put_object(
        &self,
        key: &str,
        options: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredObject, StoreError> {
        let call = Call::new(Operation::PutObject, key).with_options(options);
        let make = |body| Request::Put { key: key.to_owned(), options: options.clone(), body };
        match self.send(call, Some(payload), make).await? {
            Reply::Object(object) => Ok(object),
            other => unreachable!("{other:?}"),
        }
    }

    async fn initiate(&self, key: &str, options: &ObjectOptions) -> Result<String, StoreError> {
        let call = Call::new(Operation::Initiate, key).with_options(options);
        let request = Request::Initiate { key: key.to_owned(), options: options.clone() };
        match self.ask(call, request).await? {
            Reply::Initiated(id) => Ok(id),
            other => unreachable!("{other:?}"),
        }
    }

    async fn upload_part(
        &self,
        key: &str,
        upload_id: &str,
        number: u32,
        _: &ObjectOptions,
        payload: Payload,
    ) -> Result<StoredPart, StoreError> {
        let call = Call { number: Some(number), ..Call::new(Operation::UploadPart, key) }
            .of_upload(upload_id);
        let make =
            |body| Request::Part { key: key.to_owned(), id: upload_id.to_owned(), number, body };
        match self.send(call, Some(payload), make).await? {
            Reply::Part(part) => Ok(part),
            other => unreachable!("{other:?}"),
        }
    }

    async fn list_parts(
        &self,
        key: &str,
        upload_id: &str,
        marker: Option<u32>,
    ) -> Result<ListPage<ListedPart, u32>, StoreError> {
        let call = Call::new(Operation::ListParts, key).of_upload(upload_id);
        let (id, after) = (upload_id.to_owned(), marker.unwrap_or_default());
        match self.ask(call, Request::ListParts { key: key.to_owned(), id, after }).await? {
            Reply::Parts(page) => Ok(page),
            other => unreachable!("{other:?}"),
        }
    }

    async fn list_uploads(
        &self,
        prefix: &str,
        marker: Option<UploadsMarker>,
    ) -> Result<ListPage<ListedUpload, UploadsMarker>, StoreError> {
        let call = Call::new(Operation::ListUploads, prefix);
        let request = Request::ListUploads { prefix: prefix.to_owned(), after: marker };
        match self.ask(call, request).await? {
            Reply::Uploads(page) => Ok(page),
            other => unreachable!("{other:?}"),
        }
    }

    async fn list_objects(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<String>,
    ) -> Result<ListPage<ListedEntry, String>, StoreError> {
        let call = Call::new(Operation::ListObjects, prefix);
        let request = Request::ListObjects {
            prefix: prefix.to_owned(),
            delimiter: delimiter.map(str::to_owned),
            after: marker,
        };
        match self.ask(call, request).await? {
            Reply::Objects(page) => Ok(page),
            other => unreachable!("{other:?}"),
        }
    }

    async fn complete(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[(u32, String)],
        options: &ObjectOptions,
    ) -> Result<StoredObject, StoreError> {
        let call = Call { if_absent: options.if_absent, ..Call::new(Operation::Complete, key) }
            .of_upload(upload_id);
        let request = Request::Complete {
            key: key.to_owned(),
            id: upload_id.to_owned(),
            parts: parts.to_vec(),
            options: options.clone(),
        };
        match self.ask(call, request).await? {
            Reply::Object(object) => Ok(object),
            other => unreachable!("{other:?}"),
        }
    }

    async fn abort(&self, key: &str, upload_id: &str) -> Result<(), StoreError> {
        let call = Call::new(Operation::Abort, key).of_upload(upload_id);
        let request = Request::Abort { key: key.to_owned(), id: upload_id.to_owned() };
        self.ask(call, request).await.map(drop)
    }

    async fn delete_object(&self, key: &str, _: Option<&str>) -> Result<(), StoreError> {
        let request = Request::Delete { key: key.to_owned() };
        self.ask(Call::new(Operation::DeleteObject, key), request).await.map(drop)
    }

    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let call = Call::new(Operation::HeadObject, key);
        match self.ask(call, Request::Head { key: key.to_owned() }).await? {
            Reply::Head(head) => Ok(head),
            other => unreachable!("{other:?}"),
        }
    }

    async fn put_acl(&self, key: &str, _: &str) -> Result<(), StoreError> {
        let request = Request::PutAcl { key: key.to_owned() };
        self.ask(Call::new(Operation::PutAcl, key), request).await.map(drop)
    }

    async fn put_tagging(&self, key: &str, _: &[(String, String)]) -> Result<(), StoreError> {
        let request = Request::PutTagging { key: key.to_owned() };
        self.ask(Call::new(Operation::PutTagging, key), request).await.map(drop)
    }

    async fn get(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, StoreError> {
        let call = Call::new(Operation::GetObject, key);
        match self.ask(call, Request::Get { key: key.to_owned(), range }).await? {
            Reply::OtherRange => {
                let fault = Fault::new(FaultKind::UnknownAnswer).with_subject(key);
                Err(StoreError::new(fault, Delivery::Answered))
            }
            Reply::Bytes(bytes) => Ok(stream::once(async { Ok(bytes) }).boxed()),
            other => unreachable!("{other:?}"),
        }
    }

    async fn bucket_info(&self) -> Result<BucketInfo, StoreError> {
        match self.ask(Call::new(Operation::BucketInfo, ""), Request::BucketInfo).await? {
            Reply::Info(info) => Ok(info),
            other => unreachable!("{other:?}"),
        }
    }

    fn presign_get(&self, key: &str, _: Duration) -> Result<String, Fault> {
        Ok(self.object_url(key))
    }

    fn object_url(&self, key: &str) -> String {
        format!("https://bucket.store.example.com/{key}")
    }

    fn set_credentials(&self, credentials: Credentials) {
        *self.credentials.lock().expect("nobody panics") = credentials;
    }

    fn clock_offset(&self) -> i64 {
        -self.bucket.clock.skew()
    }
}
