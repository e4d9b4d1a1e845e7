//! A page of the objects in a bucket.

use ferry_storage::{ListPage, ListedEntry, ListedObject};

/// At most `limit` rows of `objects`, given by key in order with their sizes: those below `prefix`
/// and after the row that `after` names. Keys that go on with a delimiter are one row, up to it.
pub(super) fn page<'a>(
    objects: impl Iterator<Item = (&'a str, u64)>,
    prefix: &str,
    delimiter: Option<&str>,
    after: Option<String>,
    limit: usize,
) -> ListPage<ListedEntry, String> {
    let mut rows: Vec<ListedEntry> = Vec::new();
    let mut last = after;
    for (key, size) in objects {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let at = delimiter.and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
        let name = &key[..prefix.len() + at.unwrap_or(rest.len())];
        if last.as_deref().is_some_and(|last| name <= last) {
            continue;
        }
        if rows.len() == limit {
            return ListPage { rows, next: last };
        }
        rows.push(match at {
            Some(_) => ListedEntry::CommonPrefix(name.to_owned()),
            None => ListedEntry::Object(ListedObject { key: name.to_owned(), size }),
        });
        last = Some(name.to_owned());
    }
    ListPage { rows, next: None }
}
