//! Walks dropped paths: every regular file below them, and a reason for everything that is left
//! out.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use ferry_model::{Fault, FaultKind, SourceIdentity};

use crate::source::{identity, refused, shown};

/// A file that was found, or something that cannot be uploaded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The key's components below the prefix.
    pub(crate) components: Vec<String>,
    /// What it is, or why it cannot go.
    pub(crate) outcome: Result<SourceIdentity, Fault>,
}

/// Walks `path` and gives each item to `take`, folders in order of their names; stops when `take`
/// returns `false`.
///
/// A dropped folder's own name begins its files' keys, unless the path ends in `/` (or is `.`):
/// then its contents go directly under the prefix, as rsync users expect. A link that was dropped
/// itself is followed; links inside folders are left out with a reason.
///
/// Blocks on the disk.
pub(crate) fn walk(path: &Path, take: &mut dyn FnMut(Item) -> bool) {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let components = own_name(path);
            take(Item {
                path: path.to_owned(),
                components,
                outcome: Err(refused(&error, &shown(path))),
            });
            return;
        }
    };
    if !metadata.is_dir() || !has_text_name(path) {
        take(item(path.to_owned(), own_name(path), &metadata));
        return;
    }
    let contents_only = ends_in_separator(path) || path.file_name().is_none();
    let root = if contents_only { Vec::new() } else { own_name(path) };
    walk_folder(path.to_owned(), root, take);
}

fn walk_folder(root: PathBuf, components: Vec<String>, take: &mut dyn FnMut(Item) -> bool) {
    let mut files = 0u64;
    let mut folders = VecDeque::from([(root.clone(), components.clone())]);
    while let Some((folder, components)) = folders.pop_front() {
        let entries = match sorted_entries(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                files += 1;
                let outcome = Err(refused(&error, &shown(&folder)));
                if !take(Item { path: folder, components, outcome }) {
                    return;
                }
                continue;
            }
        };
        // Depth first keeps a folder's files together: what was found goes before the folders that
        // wait already.
        let mut below = Vec::new();
        for path in entries {
            let components: Vec<String> =
                components.iter().cloned().chain(own_name(&path)).collect();
            match std::fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() && has_text_name(&path) => {
                    below.push((path, components))
                }
                Ok(metadata) => {
                    files += 1;
                    if !take(item(path, components, &metadata)) {
                        return;
                    }
                }
                Err(error) => {
                    files += 1;
                    let outcome = Err(refused(&error, &shown(&path)));
                    if !take(Item { path, components, outcome }) {
                        return;
                    }
                }
            }
        }
        for next in below.into_iter().rev() {
            folders.push_front(next);
        }
    }
    if files == 0 {
        let outcome = Err(Fault::new(FaultKind::EmptyFolder).with_subject(shown(&root)));
        take(Item { path: root, components, outcome });
    }
}

fn sorted_entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}

fn item(path: PathBuf, components: Vec<String>, metadata: &std::fs::Metadata) -> Item {
    let outcome = if !has_text_name(&path) {
        Err(Fault::new(FaultKind::NameNotUnicode).with_subject(shown(&path)))
    } else if metadata.file_type().is_symlink() {
        Err(Fault::new(FaultKind::SourceIsLink).with_subject(shown(&path)))
    } else if metadata.is_file() {
        Ok(identity(metadata))
    } else {
        Err(Fault::new(FaultKind::SourceNotRegular).with_subject(shown(&path)))
    };
    Item { path, components, outcome }
}

/// Whether the last component is text: nothing below a folder without such a name can have a true
/// key.
fn has_text_name(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_str().is_some())
}

/// The last component as a key's component; bytes that are no text are replaced, and the item is
/// refused elsewhere.
fn own_name(path: &Path) -> Vec<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).into_iter().collect()
}

fn ends_in_separator(path: &Path) -> bool {
    path.as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|last| *last == b'/' || (cfg!(windows) && *last == b'\\'))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn walked(path: &Path) -> Vec<(String, Option<FaultKind>)> {
        let mut items = Vec::new();
        walk(path, &mut |item| {
            items.push((item.components.join("/"), item.outcome.err().map(|fault| fault.kind)));
            true
        });
        items
    }

    #[test]
    fn a_tree_keeps_its_structure_and_names_what_it_leaves_out() {
        let root = tempfile::tempdir().expect("a folder");
        let photos = root.path().join("照片 2026");
        fs::create_dir_all(photos.join("b/empty")).expect("makes");
        fs::write(photos.join("z.jpg"), b"z").expect("writes");
        fs::write(photos.join("b/a+%.txt"), b"a").expect("writes");
        std::os::unix::fs::symlink("/etc/passwd", photos.join("b/link")).expect("links");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(photos.join("pipe"))
                .status()
                .expect("runs")
                .success()
        );
        let expected = [
            ("照片 2026/pipe", Some(FaultKind::SourceNotRegular)),
            ("照片 2026/z.jpg", None),
            ("照片 2026/b/a+%.txt", None),
            ("照片 2026/b/link", Some(FaultKind::SourceIsLink)),
        ];
        assert_eq!(walked(&photos), expected.map(|(key, fault)| (key.to_owned(), fault)));

        let contents = walked(&photos.join("b/"));
        assert_eq!(contents[0], ("a+%.txt".to_owned(), None));
        let one = walked(&photos.join("z.jpg"));
        assert_eq!(one, [("z.jpg".to_owned(), None)]);
        assert_eq!(
            walked(&photos.join("b/empty")),
            [("empty".to_owned(), Some(FaultKind::EmptyFolder))]
        );
        assert_eq!(
            walked(&photos.join("gone")),
            [("gone".to_owned(), Some(FaultKind::SourceMissing))]
        );
    }

    #[test]
    fn a_name_that_is_no_text_is_named_not_dropped() {
        use std::os::unix::ffi::OsStrExt as _;
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"bad\xff.bin")), b"x")
            .expect("writes");
        let folder = root.path().join(std::ffi::OsStr::from_bytes(b"bad\xfe"));
        fs::create_dir(&folder).expect("makes");
        fs::write(folder.join("good.txt"), b"x").expect("writes");
        let refused: Vec<_> = walked(root.path()).into_iter().map(|item| item.1).collect();
        assert_eq!(refused, [Some(FaultKind::NameNotUnicode); 2]);
        assert_eq!(walked(&folder).pop().and_then(|item| item.1), Some(FaultKind::NameNotUnicode));
    }
}
