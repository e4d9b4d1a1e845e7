//! Lists: a page of each, and where the next one begins.

use std::collections::BTreeMap;

use http::Method;

use super::call::{Call, Content};
use super::operations::of_upload;
use super::{ListedEntry, ListedObject, ListedPart, ListedUpload, Store};
use crate::error::StoreError;
use crate::pages::{ListPage, UploadsMarker};
use crate::xml::documents::{ObjectRow, PartRow, UploadRow};
use crate::xml::{ObjectsPage, PAGE_LIMIT, PartsPage, UploadsPage};

impl Store {
    /// ListParts.
    pub(super) async fn parts_page(
        &self,
        key: &str,
        upload_id: &str,
        marker: Option<u32>,
    ) -> Result<ListPage<ListedPart, u32>, StoreError> {
        let mut call =
            self.with_encoding(of_upload(Method::GET, key, upload_id)?.with("max-parts", "1000"));
        call.limit = PAGE_LIMIT;
        if let Some(marker) = marker {
            call = call.with("part-number-marker", marker.to_string());
        }
        let (head, page) = self.document(&call, Content::nothing(), PartsPage::read).await?;
        let last = page.parts.last().map(|part| part.number);
        let listed = |part: PartRow| ListedPart {
            number: part.number,
            size: part.size,
            etag: part.etag,
            crc64: part.crc64,
            crc64_nvme: part.crc64_nvme,
        };
        // By number, each once.
        let parts: BTreeMap<u32, ListedPart> =
            page.parts.into_iter().map(|part| (part.number, listed(part))).collect();
        let next = match (page.truncated, page.next_marker.or(last)) {
            (false, _) => None,
            (true, Some(next)) if next > marker.unwrap_or(0) => Some(next),
            (true, _) => {
                let why = "the list of parts does not go on";
                return Err(self.told(&call, StoreError::not_store(why, &head)));
            }
        };
        Ok(ListPage { rows: parts.into_values().collect(), next })
    }

    /// ListMultipartUploads.
    pub(super) async fn uploads_page(
        &self,
        prefix: &str,
        marker: Option<UploadsMarker>,
    ) -> Result<ListPage<ListedUpload, UploadsMarker>, StoreError> {
        let mut call = self.with_encoding(
            Call::new(Method::GET, None).with("uploads", "").with("max-uploads", "1000"),
        );
        call.limit = PAGE_LIMIT;
        if !prefix.is_empty() {
            call = call.with("prefix", prefix);
        }
        let marker = marker.unwrap_or_default();
        if !marker.key.is_empty() {
            call = call.with("key-marker", marker.key.clone());
        }
        // Without an id the store would go on after all uploads of that key; SeaweedFS pages by ids
        // alone.
        if !marker.upload_id.is_empty() {
            call = call.with("upload-id-marker", marker.upload_id.clone());
        }
        let (head, page) = self.document(&call, Content::nothing(), UploadsPage::read).await?;
        let listed = |row: UploadRow| ListedUpload {
            key: row.key,
            upload_id: row.upload_id,
            initiated: row.initiated,
        };
        let rows = page.uploads.into_iter().map(listed).collect();
        if !page.truncated {
            return Ok(ListPage { rows, next: None });
        }
        let next =
            UploadsMarker { key: page.next_key_marker, upload_id: page.next_upload_id_marker };
        if next == UploadsMarker::default() || next == marker {
            let why = "the list of uploads does not go on";
            return Err(self.told(&call, StoreError::not_store(why, &head)));
        }
        Ok(ListPage { rows, next: Some(next) })
    }

    /// ListObjects, version 2.
    pub(super) async fn objects_page(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<String>,
    ) -> Result<ListPage<ListedEntry, String>, StoreError> {
        let mut call = self.with_encoding(
            Call::new(Method::GET, None).with("list-type", "2").with("max-keys", "1000"),
        );
        call.limit = PAGE_LIMIT;
        if !prefix.is_empty() {
            call = call.with("prefix", prefix);
        }
        if let Some(delimiter) = delimiter {
            call = call.with("delimiter", delimiter);
        }
        if let Some(marker) = &marker {
            call = call.with("continuation-token", marker.clone());
        }
        let (head, page) = self.document(&call, Content::nothing(), ObjectsPage::read).await?;
        let listed =
            |row: ObjectRow| ListedEntry::Object(ListedObject { key: row.key, size: row.size });
        let objects = page.objects.into_iter().map(listed);
        let rows =
            objects.chain(page.prefixes.into_iter().map(ListedEntry::CommonPrefix)).collect();
        if !page.truncated {
            return Ok(ListPage { rows, next: None });
        }
        if page.next_token.is_empty() || Some(&page.next_token) == marker.as_ref() {
            let why = "the list of objects does not go on";
            return Err(self.told(&call, StoreError::not_store(why, &head)));
        }
        Ok(ListPage { rows, next: Some(page.next_token) })
    }
}
