//! What was stored: sizes, sums and metadata, never bytes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::crc64;

/// What is known of a body, or of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) size: u64,
    pub(crate) crc64: u64,
    /// Without quotes. An MD5 in upper case where the body was small enough for one.
    pub(crate) etag: String,
    /// `x-amz-checksum-…` as the client gave it. It is repeated, not verified.
    pub(crate) checksum: Option<(String, String)>,
}

/// An object that can be asked for.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) summary: Summary,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) modified: SystemTime,
}

/// An upload in parts that is not complete.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) initiated: SystemTime,
    pub(crate) parts: BTreeMap<u32, Summary>,
}

/// Why a Complete is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSuchUpload,
    InvalidPart,
}

/// Everything that was stored in the one bucket.
#[derive(Debug, Default)]
pub(crate) struct Store {
    contents: Mutex<Contents>,
    uploads_begun: AtomicU64,
}

#[derive(Debug, Default)]
struct Contents {
    objects: std::collections::HashMap<String, Object>,
    uploads: BTreeMap<String, Upload>,
}

impl Store {
    fn contents(&self) -> std::sync::MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn put(&self, key: &str, summary: Summary, headers: Vec<(String, String)>) {
        let object = Object { summary, headers, modified: SystemTime::now() };
        self.contents().objects.insert(key.to_owned(), object);
    }

    pub(crate) fn object(&self, key: &str) -> Option<Object> {
        self.contents().objects.get(key).cloned()
    }

    pub(crate) fn delete(&self, key: &str) {
        self.contents().objects.remove(key);
    }

    /// Begins an upload and returns its id.
    pub(crate) fn initiate(&self, key: &str, headers: Vec<(String, String)>) -> String {
        let number = self.uploads_begun.fetch_add(1, Ordering::Relaxed);
        let id = format!("{number:032X}");
        let upload = Upload {
            key: key.to_owned(),
            headers,
            initiated: SystemTime::now(),
            parts: BTreeMap::new(),
        };
        self.contents().uploads.insert(id.clone(), upload);
        id
    }

    /// Returns whether there is such an upload.
    pub(crate) fn put_part(&self, id: &str, number: u32, summary: Summary) -> bool {
        let mut contents = self.contents();
        let Some(upload) = contents.uploads.get_mut(id) else { return false };
        upload.parts.insert(number, summary);
        true
    }

    pub(crate) fn upload(&self, id: &str) -> Option<Upload> {
        self.contents().uploads.get(id).cloned()
    }

    /// Those whose key begins so, with their ids.
    pub(crate) fn uploads(&self, prefix: &str) -> Vec<(String, Upload)> {
        let contents = self.contents();
        let found = contents.uploads.iter().filter(|(_, upload)| upload.key.starts_with(prefix));
        found.map(|(id, upload)| (id.clone(), upload.clone())).collect()
    }

    pub(crate) fn abort(&self, id: &str) -> bool {
        self.contents().uploads.remove(id).is_some()
    }

    /// Makes an object of the named parts, in their order.
    pub(crate) fn complete(&self, id: &str, claimed: &[(u32, String)]) -> Result<Summary, Refusal> {
        let mut contents = self.contents();
        let upload = contents.uploads.get(id).ok_or(Refusal::NoSuchUpload)?;
        let mut whole = Summary::default();
        for (number, etag) in claimed {
            let part = upload.parts.get(number).ok_or(Refusal::InvalidPart)?;
            if !part.etag.eq_ignore_ascii_case(etag) {
                return Err(Refusal::InvalidPart);
            }
            whole.crc64 = crc64::combine(whole.crc64, part.crc64, part.size);
            whole.size += part.size;
        }
        whole.etag = format!("{:016X}-{}", whole.crc64, claimed.len());
        let upload = contents.uploads.remove(id).ok_or(Refusal::NoSuchUpload)?;
        let object =
            Object { summary: whole.clone(), headers: upload.headers, modified: SystemTime::now() };
        contents.objects.insert(upload.key, object);
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(bytes: &[u8], etag: &str) -> Summary {
        let mut digest = crc64fast::Digest::new();
        digest.write(bytes);
        let size = bytes.len() as u64;
        Summary { size, crc64: digest.sum64(), etag: etag.into(), checksum: None }
    }

    #[test]
    fn an_object_of_parts_has_the_sum_of_its_bytes() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n / 3) as u8).collect();
        let store = Store::default();
        let id = store.initiate("a", vec![]);
        assert!(store.put_part(&id, 2, summary(&bytes[100_000..], "B")));
        assert!(store.put_part(&id, 1, summary(b"overwritten", "X")));
        assert!(store.put_part(&id, 1, summary(&bytes[..100_000], "A")));
        let whole = store.complete(&id, &[(1, "a".into()), (2, "b".into())]);
        let whole = whole.expect("both parts are there");
        let expected = summary(&bytes, "");
        assert_eq!((whole.size, whole.crc64), (expected.size, expected.crc64));
        assert_eq!(store.object("a").expect("it is stored").summary, whole);
        assert_eq!(store.complete(&id, &[]), Err(Refusal::NoSuchUpload));
    }

    #[test]
    fn parts_that_are_not_there_are_no_part_of_an_object() {
        let store = Store::default();
        let id = store.initiate("a", vec![]);
        store.put_part(&id, 1, summary(b"x", "A"));
        assert_eq!(store.complete(&id, &[(2, "A".into())]), Err(Refusal::InvalidPart));
        assert_eq!(store.complete(&id, &[(1, "B".into())]), Err(Refusal::InvalidPart));
        assert!(store.upload(&id).is_some());
        assert!(store.object("a").is_none());
    }
}
