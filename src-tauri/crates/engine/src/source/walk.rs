//! Walks dropped paths: every regular file below them, and a reason for everything that is left
//! out.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use ferry_model::{Depth, Fault, FaultKind, source::shown};
use walkdir::{DirEntry, WalkDir};

use super::identity::{of_entry, refused};
use super::patterns::Filter;
use super::{Item, Root, Walk, components};

/// Items handed on together.
const ITEMS_AT_ONCE: usize = 1_000;

/// Gives the items of all roots to `take`, list by list; stops when it returns `false`. Blocks on
/// the disk.
pub(super) fn walk(walk: &Walk, take: &mut dyn FnMut(Vec<Item>) -> bool) -> Result<(), Fault> {
    let filter = Filter::new(&walk.patterns)?;
    for root in &walk.roots {
        let mut waiting = Vec::new();
        let mut open = true;
        walk_root(root, &filter, walk.depth, &mut |item| {
            waiting.push(item);
            if waiting.len() >= ITEMS_AT_ONCE {
                open = take(std::mem::take(&mut waiting));
            }
            open
        });
        // What one path brought shows at once, however long the next one takes.
        if !waiting.is_empty() {
            open = take(waiting);
        }
        if !open {
            break;
        }
    }
    Ok(())
}

fn walk_root(root: &Root, filter: &Filter, depth: Depth, take: &mut dyn FnMut(Item) -> bool) {
    let path = &root.path;
    let found = path.canonicalize().and_then(|resolved| {
        let metadata = resolved.symlink_metadata()?;
        Ok((resolved, metadata))
    });
    let outcome = match found {
        // Nothing is told of a folder of which only a part is asked for.
        Err(_) if root.below.is_some() => return,
        Ok((resolved, _)) if root.led_to.as_ref().is_some_and(|before| *before != resolved) => {
            Err((root.led_to.clone(), FaultKind::SourceBehindLink.into()))
        }
        Ok(found) => Ok(found),
        Err(error) => Err((beside(path), refused(&error, &shown(path)))),
    };
    match outcome {
        Ok((resolved, metadata)) if metadata.is_dir() && has_text_name(path) => {
            let components = if is_contents_only(path) { Vec::new() } else { own_name(path) };
            let folder = Folder { path, resolved: &resolved, components, filter, depth };
            match &root.below {
                None => folder.walk(take),
                Some(below) => folder.walk_below(below, take),
            }
        }
        Ok((resolved, metadata)) => {
            let outcome = outcome_of(&resolved, path, &metadata);
            let components = own_name(path);
            take(Item { path: path.clone(), resolved: Some(resolved), components, outcome });
        }
        Err((resolved, fault)) => {
            let outcome = Err(fault.with_subject(shown(path)));
            take(Item { path: path.clone(), resolved, components: own_name(path), outcome });
        }
    }
}

/// Where a path leads whose last component is not there.
fn beside(path: &Path) -> Option<PathBuf> {
    Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
}

/// A folder that was dropped.
struct Folder<'a> {
    path: &'a Path,
    resolved: &'a Path,
    components: Vec<String>,
    filter: &'a Filter,
    depth: Depth,
}

impl Folder<'_> {
    fn walk(&self, take: &mut dyn FnMut(Item) -> bool) {
        if !self.walk_from(self.resolved, take) {
            let fault = Fault::new(FaultKind::EmptyFolder).with_subject(shown(self.path));
            take(Item {
                path: self.path.to_owned(),
                resolved: Some(self.resolved.to_owned()),
                components: self.components.clone(),
                outcome: Err(fault),
            });
        }
    }

    /// Walks what stands at a path below the folder, unless it, or a folder on the way to it, is a
    /// link or left out.
    fn walk_below(&self, below: &Path, take: &mut dyn FnMut(Item) -> bool) {
        let from = self.resolved.join(below);
        let above = below.ancestors().filter(|part| !part.as_os_str().is_empty());
        for part in above {
            let is_link = |path: &Path| {
                path.symlink_metadata().is_ok_and(|metadata| metadata.file_type().is_symlink())
            };
            if self.filter.leaves_out(part) || is_link(&self.resolved.join(part)) {
                return;
            }
        }
        let is_deeper = below.components().count() > 1;
        let is_in_place = from.starts_with(self.resolved)
            && below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !is_in_place || (self.depth == Depth::FolderOnly && is_deeper) {
            return;
        }
        if from.symlink_metadata().is_ok() {
            self.walk_from(&from, take);
        }
    }

    /// Walks from the folder or from something below it; whether there was anything.
    fn walk_from(&self, from: &Path, take: &mut dyn FnMut(Item) -> bool) -> bool {
        let mut found = false;
        // Files before folders keeps a folder's files together.
        let order = |one: &DirEntry, other: &DirEntry| {
            let key = |entry: &DirEntry| entry.file_type().is_dir();
            key(one).cmp(&key(other)).then_with(|| one.file_name().cmp(other.file_name()))
        };
        let most = match self.depth {
            Depth::Subfolders => usize::MAX,
            Depth::FolderOnly => usize::from(from == self.resolved),
        };
        let mut entries =
            WalkDir::new(from).follow_root_links(false).max_depth(most).sort_by(order).into_iter();
        while let Some(entry) = entries.next() {
            let item = match entry {
                Ok(entry) if entry.depth() == 0 && entry.file_type().is_dir() => continue,
                Ok(entry) => {
                    let is_folder = entry.file_type().is_dir();
                    let below = self.below(entry.path());
                    let left_out = if is_folder {
                        self.filter.leaves_out(below)
                    } else {
                        !self.filter.takes(below)
                    };
                    if is_folder && (left_out || !has_text_name(below)) {
                        entries.skip_current_dir();
                    }
                    if left_out || (is_folder && has_text_name(below)) {
                        continue;
                    }
                    self.item(&entry)
                }
                Err(error) => self.unreadable(error),
            };
            found = true;
            if !take(item) {
                break;
            }
        }
        found
    }

    fn below<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.resolved).unwrap_or(path)
    }

    fn item(&self, entry: &DirEntry) -> Item {
        let path = self.dropped(entry.path());
        let outcome = match entry.metadata() {
            Ok(metadata) => outcome_of(entry.path(), &path, &metadata),
            Err(error) => Err(refused(&error.into(), &shown(&path))),
        };
        self.at(path, entry.path(), outcome)
    }

    fn unreadable(&self, error: walkdir::Error) -> Item {
        let resolved = error.path().unwrap_or(self.resolved).to_owned();
        let path = self.dropped(&resolved);
        let error = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
        let outcome = Err(refused(&error, &shown(&path)));
        self.at(path, &resolved, outcome)
    }

    /// The path as the user would write it.
    fn dropped(&self, resolved: &Path) -> PathBuf {
        let below = self.below(resolved);
        // Joining nothing would add a `/` at the end.
        if below.as_os_str().is_empty() { self.path.to_owned() } else { self.path.join(below) }
    }

    fn at(
        &self,
        path: PathBuf,
        resolved: &Path,
        outcome: Result<ferry_model::SourceIdentity, Fault>,
    ) -> Item {
        let below = self.below(resolved);
        let components = self.components.iter().cloned().chain(components(below)).collect();
        Item { path, resolved: Some(resolved.to_owned()), components, outcome }
    }
}

fn outcome_of(
    resolved: &Path,
    path: &Path,
    metadata: &Metadata,
) -> Result<ferry_model::SourceIdentity, Fault> {
    let fault = |kind| Err(Fault::new(kind).with_subject(shown(path)));
    if !has_text_name(path) {
        fault(FaultKind::NameNotUnicode)
    } else if metadata.file_type().is_symlink() {
        fault(FaultKind::SourceIsLink)
    } else if metadata.is_file() {
        of_entry(resolved, metadata).map_err(|error| refused(&error, &shown(path)))
    } else {
        fault(FaultKind::SourceNotRegular)
    }
}

/// Whether a folder's contents go directly under the prefix: its path ends in `/`, or has no name.
pub(super) fn is_contents_only(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    let ends_in_separator =
        last.is_some_and(|last| *last == b'/' || (cfg!(windows) && *last == b'\\'));
    ends_in_separator || path.file_name().is_none()
}

/// Whether the last component is text: nothing below a folder without such a name can have a true
/// key.
pub(super) fn has_text_name(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_str().is_some())
}

/// The last component as a key's component; bytes that are no text are replaced, and the item is
/// refused elsewhere.
pub(super) fn own_name(path: &Path) -> Vec<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).into_iter().collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use ferry_model::Patterns;

    use super::*;

    fn items(roots: Vec<Root>, patterns: Patterns) -> Vec<Item> {
        let mut items = Vec::new();
        let walked = walk(&Walk { roots, patterns, depth: Depth::Subfolders }, &mut |list| {
            items.extend(list);
            true
        });
        walked.expect("the patterns are understood");
        items
    }

    fn walked(path: &Path) -> Vec<(String, Option<FaultKind>)> {
        let root = Root { path: path.to_owned(), led_to: None, below: None };
        let key =
            |item: Item| (item.components.join("/"), item.outcome.err().map(|fault| fault.kind));
        items(vec![root], Patterns::default()).into_iter().map(key).collect()
    }

    #[test]
    fn a_tree_keeps_its_structure_and_names_what_it_leaves_out() {
        let root = tempfile::tempdir().expect("a folder");
        let photos = root.path().join("照片 2026");
        fs::create_dir_all(photos.join("b/empty")).expect("makes");
        fs::create_dir_all(photos.join("a")).expect("makes");
        fs::write(photos.join("z.jpg"), b"z").expect("writes");
        fs::write(photos.join("b/a+%.txt"), b"a").expect("writes");
        fs::write(photos.join("a/last"), b"a").expect("writes");
        symlink("/etc/passwd", photos.join("b/link")).expect("links");
        let made = std::process::Command::new("mkfifo").arg(photos.join("pipe")).status();
        assert!(made.expect("runs").success());
        let expected = [
            ("照片 2026/pipe", Some(FaultKind::SourceNotRegular)),
            ("照片 2026/z.jpg", None),
            ("照片 2026/a/last", None),
            ("照片 2026/b/a+%.txt", None),
            ("照片 2026/b/link", Some(FaultKind::SourceIsLink)),
        ];
        assert_eq!(walked(&photos), expected.map(|(key, fault)| (key.to_owned(), fault)));

        let contents = walked(&photos.join("b/"));
        assert_eq!(contents[0], ("a+%.txt".to_owned(), None));
        let one = walked(&photos.join("z.jpg"));
        assert_eq!(one, [("z.jpg".to_owned(), None)]);
        let empty = [("empty".to_owned(), Some(FaultKind::EmptyFolder))];
        assert_eq!(walked(&photos.join("b/empty")), empty);
        let gone = [("gone".to_owned(), Some(FaultKind::SourceMissing))];
        assert_eq!(walked(&photos.join("gone")), gone);
    }

    #[test]
    fn l8_a_name_that_is_no_text_is_named_not_dropped() {
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

    #[test]
    fn a_dropped_link_is_resolved_and_one_that_leads_elsewhere_now_is_not_walked() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().canonicalize().expect("resolves");
        fs::create_dir_all(real.join("first/in")).expect("makes");
        fs::write(real.join("first/in/a"), b"1").expect("writes");
        fs::create_dir(real.join("second")).expect("makes");
        fs::write(real.join("second/b"), b"2").expect("writes");
        let link = folder.path().join("link");
        symlink(real.join("first"), &link).expect("links");
        let found = items(
            vec![Root { path: link.clone(), led_to: None, below: None }],
            Patterns::default(),
        );
        let [item] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(item.path, link.join("in/a"));
        assert_eq!(item.resolved, Some(real.join("first/in/a")));
        assert_eq!(item.components, ["link", "in", "a"]);

        fs::remove_file(&link).expect("removes");
        symlink(real.join("second"), &link).expect("links");
        let root = Root { path: link.clone(), led_to: Some(real.join("first")), below: None };
        let found = items(vec![root], Patterns::default());
        let [item] = found.as_slice() else { panic!("{found:?}") };
        let kind = item.outcome.as_ref().expect_err("refused").kind;
        assert_eq!((&item.path, kind), (&link, FaultKind::SourceBehindLink));
    }

    #[test]
    fn what_systems_leave_behind_stays_unless_it_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a.txt", ".DS_Store", "sub/Thumbs.db", "sub/~$b.docx", "sub/b.docx"] {
            let path = folder.path().join("tree").join(name);
            fs::create_dir_all(path.parent().expect("has one")).expect("makes");
            fs::write(path, b"x").expect("writes");
        }
        let tree = folder.path().join("tree/");
        let keys = |patterns| {
            let root = Root { path: tree.clone(), led_to: None, below: None };
            let found = items(vec![root], patterns);
            found.into_iter().map(|item| item.components.join("/")).collect::<Vec<_>>()
        };
        assert_eq!(keys(Patterns::default()), ["a.txt", "sub/b.docx"]);
        let all = Patterns { include: vec![], exclude: vec![] };
        assert_eq!(keys(all).len(), 5);
        let sub = Patterns { include: vec!["*.docx".into()], ..Patterns::default() };
        assert_eq!(keys(sub), ["sub/b.docx"]);
        let without = Patterns { include: vec![], exclude: vec!["sub".into()] };
        assert_eq!(keys(without), [".DS_Store", "a.txt"]);
        let itself = walked(&folder.path().join("tree/.DS_Store"));
        assert_eq!(itself, [(".DS_Store".to_owned(), None)], "what is added by itself goes");
    }

    #[test]
    fn of_a_folder_a_part_is_walked_as_the_whole_would_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().canonicalize().expect("resolves");
        fs::create_dir_all(real.join("in/sub/deep")).expect("makes");
        fs::create_dir_all(real.join("elsewhere")).expect("makes");
        for name in ["in/a", "in/sub/b", "in/sub/deep/c", "in/sub/d.part", "elsewhere/secret"] {
            fs::write(real.join(name), b"x").expect("writes");
        }
        symlink(real.join("elsewhere"), real.join("in/link")).expect("links");
        let patterns = Patterns { include: vec![], exclude: vec!["*.part".into(), "deep".into()] };
        let keys = |below: &str, depth| {
            let root = Root {
                path: real.join("in/"),
                led_to: Some(real.join("in")),
                below: Some(below.into()),
            };
            let mut keys = Vec::new();
            let asked = Walk { roots: vec![root], patterns: patterns.clone(), depth };
            walk(&asked, &mut |items| {
                keys.extend(items.into_iter().map(|item| item.components.join("/")));
                true
            })
            .expect("the patterns are understood");
            keys
        };
        let table: [(&str, &[&str], &[&str]); 9] = [
            ("a", &["a"], &["a"]),
            ("sub", &["sub/b"], &[]),
            ("sub/b", &["sub/b"], &[]),
            ("sub/d.part", &[], &[]),
            ("sub/deep/c", &[], &[]),
            ("none", &[], &[]),
            ("link", &[], &[]),
            ("link/secret", &[], &[]),
            ("../elsewhere/secret", &[], &[]),
        ];
        for (below, whole, flat) in table {
            assert_eq!(keys(below, Depth::Subfolders), whole, "{below}");
            assert_eq!(keys(below, Depth::FolderOnly), flat, "{below}");
        }
        let all = Walk {
            roots: vec![Root { path: real.join("in/"), led_to: None, below: None }],
            patterns,
            depth: Depth::FolderOnly,
        };
        let mut found = Vec::new();
        walk(&all, &mut |items| {
            found.extend(items.into_iter().map(|item| item.components.join("/")));
            true
        })
        .expect("the patterns are understood");
        assert_eq!(found, ["a", "link"]);
    }

    #[test]
    fn a_walk_stops_when_nobody_takes_more() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a"), b"x").expect("writes");
        let root = Root { path: folder.path().to_owned(), led_to: None, below: None };
        let walk_twice = Walk { roots: vec![root.clone(), root], ..Walk::default() };
        let mut lists = 0;
        walk(&walk_twice, &mut |_| {
            lists += 1;
            false
        })
        .expect("the patterns are understood");
        assert_eq!(lists, 1);
    }
}
