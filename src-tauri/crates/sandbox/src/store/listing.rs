//! Pages of objects and of uploads, with prefix and delimiter, straight from the index.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::{Bucket, Object, Upload, read};

/// Which objects, and from where on.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectQuery {
    pub(crate) prefix: String,
    /// Empty for none.
    pub(crate) delimiter: String,
    /// Only what sorts after this key, or after this common prefix.
    pub(crate) after: String,
    pub(crate) limit: usize,
}

/// One page of objects.
#[derive(Debug, Default)]
pub(crate) struct ObjectPage {
    pub(crate) objects: Vec<Arc<Object>>,
    pub(crate) prefixes: Vec<String>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

/// Which uploads, and from where on.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadQuery {
    pub(crate) prefix: String,
    pub(crate) delimiter: String,
    pub(crate) key_marker: String,
    pub(crate) upload_id_marker: String,
    pub(crate) limit: usize,
}

/// One page of uploads.
#[derive(Debug, Default)]
pub(crate) struct UploadPage {
    pub(crate) uploads: Vec<Arc<Upload>>,
    pub(crate) prefixes: Vec<String>,
    /// Key and upload id where the next page begins, if there is one.
    pub(crate) next: Option<(String, String)>,
}

impl Bucket {
    /// One page of objects. Walks only what it shows: a common prefix is stepped over in one move.
    pub(crate) fn list_objects(&self, query: &ObjectQuery) -> ObjectPage {
        let objects = read(&self.objects);
        let mut page = ObjectPage::default();
        let mut last = query.after.clone();
        let mut from = start(&query.prefix, &query.delimiter, &query.after);
        while let Some((key, object)) = next_in(&objects, &from, &query.prefix) {
            if page.objects.len() + page.prefixes.len() >= query.limit {
                page.next = Some(last);
                break;
            }
            match common_prefix(key, &query.prefix, &query.delimiter) {
                Some(prefix) => {
                    from = Bound::Excluded(past(&prefix));
                    last.clone_from(&prefix);
                    page.prefixes.push(prefix);
                }
                None => {
                    from = Bound::Excluded(key.clone());
                    last.clone_from(key);
                    page.objects.push(Arc::clone(object));
                }
            }
        }
        page
    }

    /// One page of uploads, by key and then by time of Initiate.
    pub(crate) fn list_uploads(&self, query: &UploadQuery) -> UploadPage {
        let uploads = read(&self.uploads);
        let mut page = UploadPage::default();
        for ((key, upload_id), upload) in uploads.iter() {
            let after_marker = *key > query.key_marker
                || (*key == query.key_marker
                    && !query.upload_id_marker.is_empty()
                    && *upload_id > query.upload_id_marker);
            if !key.starts_with(&query.prefix) || !after_marker {
                continue;
            }
            let prefix = common_prefix(key, &query.prefix, &query.delimiter);
            let known = prefix.as_ref().is_some_and(|prefix| {
                *prefix == query.key_marker || page.prefixes.last() == Some(prefix)
            });
            if known {
                continue;
            }
            if page.uploads.len() + page.prefixes.len() >= query.limit {
                let shown = page.uploads.last().map(|upload| &upload.record);
                let prefixed = page.prefixes.last().cloned().unwrap_or_default();
                page.next = Some(match shown {
                    Some(record) if record.key > prefixed => {
                        (record.key.clone(), record.upload_id.clone())
                    }
                    _ => (prefixed, String::new()),
                });
                break;
            }
            match prefix {
                Some(prefix) => page.prefixes.push(prefix),
                None => page.uploads.push(Arc::clone(upload)),
            }
        }
        page
    }
}

/// Where the walk begins: after the marker, past it when it is a common prefix, at the prefix
/// otherwise.
fn start(prefix: &str, delimiter: &str, after: &str) -> Bound<String> {
    if after < prefix || after.is_empty() {
        return Bound::Included(prefix.to_owned());
    }
    if !delimiter.is_empty() && common_prefix(after, prefix, delimiter).as_deref() == Some(after) {
        return Bound::Excluded(past(after));
    }
    Bound::Excluded(after.to_owned())
}

/// A string above every key that begins with `prefix`: keys are at most 1024 bytes, this adds as
/// many of the highest character.
fn past(prefix: &str) -> String {
    let mut text = prefix.to_owned();
    text.extend(std::iter::repeat_n(char::MAX, 256));
    text
}

fn next_in<'a>(
    objects: &'a BTreeMap<String, Arc<Object>>,
    from: &Bound<String>,
    prefix: &str,
) -> Option<(&'a String, &'a Arc<Object>)> {
    objects
        .range::<String, _>((from.as_ref(), Bound::Unbounded))
        .next()
        .filter(|(key, _)| key.starts_with(prefix))
}

fn common_prefix(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(prefix)?;
    let at = rest.find(delimiter)?;
    Some(key[..prefix.len() + at + delimiter.len()].to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::DataPolicy;
    use crate::digest::{BodyDigest, Sha256Need};
    use crate::store::{Meta, ObjectDraft, Overwrite, Store, UploadRecord};

    const KEYS: &[&str] = &[
        "a",
        "a/",
        "a/1",
        "a/2/x",
        "a/2/y",
        "a/\u{10ffff}",
        "a0",
        "b//c",
        "b/c",
        "照/片",
        "照/片/1",
        "\u{10ffff}",
        "z",
    ];

    fn filled(root: &std::path::Path) -> (Store, Arc<Bucket>) {
        let (alive, _) = tokio::sync::mpsc::channel(1);
        let store = Store::open(root.to_owned(), DataPolicy::Keep, 0, alive).unwrap();
        store.create_bucket("bucket").unwrap();
        let bucket = store.bucket("bucket").unwrap();
        for key in KEYS {
            let draft = ObjectDraft {
                key: (*key).to_owned(),
                meta: Meta::default(),
                overwrite: Overwrite::Allowed,
            };
            let summary = BodyDigest::new(Sha256Need::Unwanted, None).finish();
            bucket.put(&store, draft, store.blob().unwrap(), &summary).unwrap();
            for _ in 0..2 {
                let record = UploadRecord {
                    key: (*key).to_owned(),
                    upload_id: String::new(),
                    initiated: store.now(),
                    dialect: crate::Dialect::Oss,
                    meta: Meta::default(),
                    checksum: None,
                };
                bucket.initiate(&store, record).unwrap();
            }
        }
        (store, bucket)
    }

    /// What all pages together must show: keys and common prefixes, by a walk over everything.
    fn expected(prefix: &str, delimiter: &str) -> (Vec<String>, BTreeSet<String>) {
        let mut keys = Vec::new();
        let mut prefixes = BTreeSet::new();
        let all: BTreeSet<&str> =
            KEYS.iter().copied().filter(|key| key.starts_with(prefix)).collect();
        for key in all {
            let rest = &key[prefix.len()..];
            match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                Some(at) => {
                    prefixes.insert(key[..prefix.len() + at + delimiter.len()].to_owned());
                }
                None => keys.push(key.to_owned()),
            }
        }
        (keys, prefixes)
    }

    #[test]
    fn pages_of_any_size_show_everything_once() {
        let root = tempfile::tempdir().unwrap();
        let (_store, bucket) = filled(root.path());
        for (prefix, delimiter) in [
            ("", ""),
            ("", "/"),
            ("a/", "/"),
            ("a/", ""),
            ("b/", "/"),
            ("照", "/"),
            ("none", "/"),
            ("", "2/"),
        ] {
            for limit in 1..=KEYS.len() {
                let (mut keys, mut prefixes, mut after) = (Vec::new(), Vec::new(), String::new());
                // Bounded, so that a marker which does not advance fails instead of going round.
                for _ in 0..=KEYS.len() {
                    let query = ObjectQuery {
                        prefix: prefix.to_owned(),
                        delimiter: delimiter.to_owned(),
                        after,
                        limit,
                    };
                    let page = bucket.list_objects(&query);
                    assert!(page.objects.len() + page.prefixes.len() <= limit);
                    keys.extend(page.objects.iter().map(|object| object.record.key.clone()));
                    prefixes.extend(page.prefixes);
                    match page.next {
                        Some(next) => after = next,
                        None => break,
                    }
                }
                let (wanted_keys, wanted_prefixes) = expected(prefix, delimiter);
                assert_eq!(keys, wanted_keys, "{prefix} {delimiter} {limit}");
                assert_eq!(
                    prefixes,
                    wanted_prefixes.into_iter().collect::<Vec<_>>(),
                    "{prefix} {delimiter} {limit}"
                );
            }
        }
    }

    #[test]
    fn pages_of_uploads_show_everything_once() {
        let root = tempfile::tempdir().unwrap();
        let (_store, bucket) = filled(root.path());
        for (prefix, delimiter) in [("", ""), ("", "/"), ("a/", "/"), ("照", "")] {
            for limit in 1..=5 {
                let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
                let (mut key_marker, mut upload_id_marker) = (String::new(), String::new());
                loop {
                    let query = UploadQuery {
                        prefix: prefix.to_owned(),
                        delimiter: delimiter.to_owned(),
                        key_marker,
                        upload_id_marker,
                        limit,
                    };
                    let page = bucket.list_uploads(&query);
                    keys.extend(page.uploads.iter().map(|upload| upload.record.key.clone()));
                    prefixes.extend(page.prefixes);
                    match page.next {
                        Some(next) => (key_marker, upload_id_marker) = next,
                        None => break,
                    }
                }
                let (wanted_keys, wanted_prefixes) = expected(prefix, delimiter);
                let twice: Vec<_> =
                    wanted_keys.iter().flat_map(|key| [key.clone(), key.clone()]).collect();
                assert_eq!(keys, twice, "{prefix} {delimiter} {limit}");
                assert_eq!(
                    prefixes,
                    wanted_prefixes.into_iter().collect::<Vec<_>>(),
                    "{prefix} {delimiter} {limit}"
                );
            }
        }
    }
}
