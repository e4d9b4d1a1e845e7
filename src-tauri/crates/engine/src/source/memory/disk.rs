//! The tree of files in memory, its links, its mounted volumes, and what each access meets.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use ferry_model::source::{NearestFolder, shown, volume_is_missing};
use ferry_model::{Depth, Fault, FaultKind, QueuedSource, SourceIdentity};

use super::change::Change;
use crate::source::patterns::Filter;
use crate::source::walk::{is_contents_only, own_name};
use crate::source::{Item, Root, components};

/// Links followed on one path before it counts as a loop.
const MOST_LINKS: u32 = 40;
/// The device that is mounted at `/`.
const ROOT_DEVICE: u64 = 1;
/// One tick of the clock: each change gets a time of its own.
const TICK_NS: i64 = 1_000_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Folder,
    File(u64),
    Link(PathBuf),
    Special,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    device: u64,
    pub(super) bytes: Bytes,
    modified_ns: i64,
    changed_ns: i64,
    forbidden: bool,
}

#[derive(Debug, Default)]
pub(super) struct Disk {
    pub(super) nodes: BTreeMap<PathBuf, Node>,
    pub(super) inodes: BTreeMap<u64, Inode>,
    /// Changes so far.
    pub(super) ticks: i64,
    /// Accesses so far.
    pub(super) steps: u64,
    pub(super) changes: BTreeMap<u64, Vec<Change>>,
    pub(super) failures: BTreeMap<u64, FaultKind>,
    /// Devices by the folder they are mounted in.
    pub(super) mounts: BTreeMap<PathBuf, u64>,
    /// Devices that were mounted so far.
    devices: u64,
    /// What was in a folder when its volume was unmounted.
    unmounted: BTreeMap<PathBuf, BTreeMap<PathBuf, Node>>,
    /// Inodes that a program has open for writing.
    pub(super) written_to: BTreeSet<u64>,
    pub(super) piece: Option<u64>,
}

impl Disk {
    /// What stands at a path and below it: paths are in the order of their components.
    pub(super) fn from(&self, path: &Path) -> impl Iterator<Item = (&PathBuf, &Node)> {
        let rest = self.nodes.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        rest.take_while(move |(known, _)| known.starts_with(path))
    }

    /// Counts a step: what is due before it happens, then it may fail.
    pub(super) fn step(&mut self) -> Result<(), FaultKind> {
        self.steps += 1;
        for change in self.changes.remove(&self.steps).unwrap_or_default() {
            self.apply(change);
        }
        self.failures.remove(&self.steps).map_or(Ok(()), Err)
    }

    pub(super) fn apply(&mut self, change: Change) {
        self.ticks += 1;
        let now = self.ticks * TICK_NS;
        match change {
            Change::Write(path, bytes) => {
                let inode = self.inode(&path);
                *inode = Inode { bytes, modified_ns: now, changed_ns: now, ..inode.clone() };
            }
            Change::WriteQuietly(path, bytes) => {
                let inode = self.inode(&path);
                (inode.bytes, inode.changed_ns) = (bytes, now);
            }
            Change::WriteHead(path, bytes) => {
                let inode = self.inode(&path);
                let mut all = inode.bytes.to_vec();
                let len = bytes.len().min(all.len());
                all[..len].copy_from_slice(&bytes[..len]);
                (inode.bytes, inode.modified_ns, inode.changed_ns) = (all.into(), now, now);
            }
            Change::Replace(path, bytes) => {
                self.remove(&path);
                let inode = self.inode(&path);
                *inode = Inode {
                    bytes,
                    modified_ns: now,
                    changed_ns: now,
                    forbidden: false,
                    ..inode.clone()
                };
            }
            Change::Append(path, more) => {
                let inode = self.inode(&path);
                inode.bytes = [&inode.bytes[..], &more[..]].concat().into();
                (inode.modified_ns, inode.changed_ns) = (now, now);
            }
            Change::Resize(path, len) => {
                let inode = self.inode(&path);
                let mut bytes = inode.bytes.to_vec();
                bytes.resize(len, 0);
                inode.bytes = bytes.into();
                (inode.modified_ns, inode.changed_ns) = (now, now);
            }
            Change::Touch(path) => {
                let inode = self.inode(&path);
                (inode.modified_ns, inode.changed_ns) = (now, now);
            }
            Change::Remove(path) => self.remove(&path),
            Change::Rename(from, to) => self.rename(&from, &to, now),
            Change::Link(path, target) => self.place(&path, Node::Link(target)),
            Change::Folder(path) => self.make_folders(&path),
            Change::Special(path) => self.place(&path, Node::Special),
            Change::Forbid(path) => {
                let inode = self.inode(&path);
                (inode.forbidden, inode.changed_ns) = (true, now);
            }
            Change::Allow(path) => {
                let inode = self.inode(&path);
                (inode.forbidden, inode.changed_ns) = (false, now);
            }
            Change::BeginWriting(path) => self.set_written_to(&path, true),
            Change::EndWriting(path) => self.set_written_to(&path, false),
            Change::Mount(path) => self.mount(path),
            Change::Unmount(path) => {
                self.mounts.remove(&path);
                let below = |known: &Path| known != path && known.starts_with(&path);
                let gone = self.nodes.extract_if(.., |known, _| below(known)).collect();
                self.unmounted.insert(path, gone);
            }
        }
    }

    fn set_written_to(&mut self, path: &Path, open: bool) {
        if let Some(Node::File(number)) = self.nodes.get(path) {
            let number = *number;
            if open {
                self.written_to.insert(number)
            } else {
                self.written_to.remove(&number)
            };
        }
    }

    fn mount(&mut self, path: PathBuf) {
        self.make_folders(&path);
        self.devices += 1;
        let device = ROOT_DEVICE + self.devices;
        for (known, node) in self.unmounted.remove(&path).unwrap_or_default() {
            if let Node::File(number) = node
                && let Some(inode) = self.inodes.get_mut(&number)
            {
                inode.device = device;
            }
            self.nodes.insert(known, node);
        }
        self.mounts.insert(path, device);
    }

    pub(super) fn device_of(&self, path: &Path) -> u64 {
        path.ancestors().find_map(|it| self.mounts.get(it)).copied().unwrap_or(ROOT_DEVICE)
    }

    /// The inode of the file at this very path, made if there is none.
    fn inode(&mut self, path: &Path) -> &mut Inode {
        let number = match self.nodes.get(path) {
            Some(Node::File(number)) => *number,
            _ => {
                let number = self.inodes.len() as u64 + 1;
                self.place(path, Node::File(number));
                number
            }
        };
        let device = self.device_of(path);
        self.inodes.entry(number).or_insert_with(|| Inode { device, ..Inode::default() })
    }

    fn place(&mut self, path: &Path, node: Node) {
        self.remove(path);
        if let Some(folder) = path.parent() {
            self.make_folders(folder);
        }
        self.nodes.insert(path.to_owned(), node);
    }

    fn make_folders(&mut self, path: &Path) {
        for folder in path.ancestors().filter(|folder| folder.file_name().is_some()) {
            self.nodes.entry(folder.to_owned()).or_insert(Node::Folder);
        }
    }

    /// An inode outlives its last name: who has the file open reads on.
    fn remove(&mut self, path: &Path) {
        let gone: Vec<PathBuf> = self.from(path).map(|(known, _)| known.clone()).collect();
        for known in gone {
            self.nodes.remove(&known);
        }
    }

    fn rename(&mut self, from: &Path, to: &Path, now: i64) {
        let moved: Vec<(PathBuf, Node)> = self
            .nodes
            .iter()
            .filter_map(|(path, node)| {
                let below = path.strip_prefix(from).ok()?;
                let whole = if below.as_os_str().is_empty() { to.into() } else { to.join(below) };
                Some((whole, node.clone()))
            })
            .collect();
        self.remove(from);
        self.remove(to);
        if let Some(folder) = to.parent() {
            self.make_folders(folder);
        }
        // Renaming changes the renamed inode itself, not those in a renamed folder.
        if let [(_, Node::File(inode))] = moved.as_slice()
            && let Some(inode) = self.inodes.get_mut(inode)
        {
            inode.changed_ns = now;
        }
        self.nodes.extend(moved);
    }

    /// Where a path leads.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, FaultKind> {
        let mut links = 0;
        let mut left: Vec<PathBuf> = parts(path);
        let mut resolved = PathBuf::from("/");
        while let Some(part) = left.pop() {
            if part == Path::new("..") {
                resolved.pop();
                continue;
            }
            let next = resolved.join(&part);
            match self.nodes.get(&next) {
                None => return Err(FaultKind::SourceMissing),
                Some(Node::Link(target)) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(FaultKind::SourceReadFailed);
                    }
                    if target.has_root() {
                        resolved = PathBuf::from("/");
                    }
                    left.extend(parts(target));
                }
                Some(Node::Folder) => resolved = next,
                Some(Node::File(_) | Node::Special) if left.is_empty() => resolved = next,
                Some(Node::File(_) | Node::Special) => return Err(FaultKind::SourceMissing),
            }
        }
        Ok(resolved)
    }

    /// The file at a path on which no link may stand.
    fn open(&self, path: &Path) -> Result<u64, FaultKind> {
        let on_the_way: Vec<&Path> =
            path.ancestors().filter(|it| it.file_name().is_some()).collect();
        let behind = on_the_way.iter().any(|it| matches!(self.nodes.get(*it), Some(Node::Link(_))));
        if behind {
            return Err(FaultKind::SourceBehindLink);
        }
        match self.nodes.get(path) {
            None | Some(Node::Link(_)) => Err(FaultKind::SourceMissing),
            Some(Node::Folder) => Err(FaultKind::EmptyFolder),
            Some(Node::Special) => Err(FaultKind::SourceNotRegular),
            Some(Node::File(number)) => match self.inodes.get(number) {
                Some(inode) if !inode.forbidden => Ok(*number),
                _ => Err(FaultKind::SourceUnreadable),
            },
        }
    }

    pub(super) fn identity(&self, number: u64) -> SourceIdentity {
        let inode = self.inodes.get(&number).cloned().unwrap_or_default();
        SourceIdentity {
            device: inode.device,
            file: number,
            size: inode.bytes.len() as u64,
            modified_ns: inode.modified_ns,
            changed_ns: inode.changed_ns,
        }
    }

    pub(super) fn open_source(&mut self, source: &QueuedSource) -> Result<u64, FaultKind> {
        let opened = self.open_by_path(source);
        if opened == Err(FaultKind::SourceMissing)
            && let Some(queued) = &source.identity
        {
            let path = source.resolved.as_ref().unwrap_or(&source.path);
            if volume_is_missing(queued, self.nearest_folder(path)) {
                return Err(FaultKind::VolumeMissing);
            }
        }
        opened
    }

    fn nearest_folder(&self, path: &Path) -> Option<NearestFolder> {
        let there = path.ancestors().skip(1).find(|it| self.nodes.contains_key(*it));
        let folder = there.unwrap_or(Path::new("/"));
        Some(NearestFolder {
            device: self.device_of(folder),
            is_own: path.parent() == Some(folder),
            is_in_use: self.mounts.contains_key(folder)
                || self.from(folder).any(|(it, _)| it != folder),
        })
    }

    fn open_by_path(&mut self, source: &QueuedSource) -> Result<u64, FaultKind> {
        self.step()?;
        if let Some(resolved) = &source.resolved {
            return self.open(resolved);
        }
        let resolved = self.resolve(&source.path)?;
        let number = self.open(&resolved)?;
        let same = source.identity.is_some_and(|it| it.is_same_file(&self.identity(number)));
        if same || resolved == source.path { Ok(number) } else { Err(FaultKind::SourceBehindLink) }
    }

    pub(super) fn read(
        &mut self,
        number: u64,
        offset: u64,
        len: u64,
        end: u64,
    ) -> Result<Bytes, FaultKind> {
        self.step()?;
        let inode = self.inodes.get(&number).ok_or(FaultKind::SourceReadFailed)?;
        let size = inode.bytes.len() as u64;
        if offset + len > size || (offset + len == end && size > end) {
            return Err(FaultKind::SourceChanged);
        }
        let range = usize::try_from(offset).ok().zip(usize::try_from(offset + len).ok());
        let (start, stop) = range.ok_or(FaultKind::SourceReadFailed)?;
        Ok(inode.bytes.slice(start..stop))
    }

    pub(super) fn walk(&self, root: &Root, filter: &Filter, depth: Depth) -> Vec<Item> {
        let fault = |resolved, kind| {
            let outcome = Err(Fault::new(kind).with_subject(shown(&root.path)));
            vec![Item {
                path: root.path.clone(),
                resolved,
                components: own_name(&root.path),
                outcome,
            }]
        };
        let resolved = match self.resolve(&root.path) {
            Ok(resolved) => resolved,
            Err(_) if root.below.is_some() => return Vec::new(),
            Err(kind) => return fault(None, kind),
        };
        if root.led_to.as_ref().is_some_and(|before| *before != resolved) {
            return fault(root.led_to.clone(), FaultKind::SourceBehindLink);
        }
        if !matches!(self.nodes.get(&resolved), Some(Node::Folder)) {
            let components = own_name(&root.path);
            return vec![self.item(root.path.clone(), resolved, components)];
        }
        let own = if is_contents_only(&root.path) { Vec::new() } else { own_name(&root.path) };
        let mut found = Vec::new();
        match &root.below {
            None => self.walk_folder(&resolved, &resolved, filter, depth, &mut found),
            Some(below) => self.walk_below(&resolved, below, filter, depth, &mut found),
        }
        if found.is_empty() && root.below.is_none() {
            return fault(Some(resolved), FaultKind::EmptyFolder);
        }
        let item = |path: PathBuf| {
            let below = path.strip_prefix(&resolved).unwrap_or(&path).to_owned();
            let components = own.iter().cloned().chain(components(&below)).collect();
            self.item(root.path.join(&below), path, components)
        };
        found.into_iter().map(item).collect()
    }

    fn walk_below(
        &self,
        root: &Path,
        below: &Path,
        filter: &Filter,
        depth: Depth,
        found: &mut Vec<PathBuf>,
    ) {
        let parts = || below.ancestors().filter(|part| !part.as_os_str().is_empty());
        let is_link = |part: &Path| matches!(self.nodes.get(&root.join(part)), Some(Node::Link(_)));
        let too_deep = depth == Depth::FolderOnly && below.components().count() > 1;
        if too_deep || parts().any(|part| filter.leaves_out(part) || is_link(part)) {
            return;
        }
        let path = root.join(below);
        match self.nodes.get(&path) {
            None => {}
            Some(Node::Folder) if depth == Depth::FolderOnly => {}
            Some(Node::Folder) => self.walk_folder(root, &path, filter, depth, found),
            Some(_) if filter.takes(below) => found.push(path),
            Some(_) => {}
        }
    }

    fn walk_folder(
        &self,
        root: &Path,
        folder: &Path,
        filter: &Filter,
        depth: Depth,
        found: &mut Vec<PathBuf>,
    ) {
        let children = || self.from(folder).filter(|(path, _)| path.parent() == Some(folder));
        let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
        let files = children()
            .filter(|(path, node)| **node != Node::Folder && filter.takes(&below(path)))
            .map(|(path, _)| path.clone());
        found.extend(files);
        if depth == Depth::FolderOnly {
            return;
        }
        for (path, _) in children()
            .filter(|(path, node)| **node == Node::Folder && !filter.leaves_out(&below(path)))
        {
            self.walk_folder(root, path, filter, depth, found);
        }
    }

    fn item(&self, path: PathBuf, resolved: PathBuf, components: Vec<String>) -> Item {
        let fault = |kind| Err(Fault::new(kind).with_subject(shown(&path)));
        let outcome = match self.nodes.get(&resolved) {
            Some(Node::File(number)) => Ok(self.identity(*number)),
            Some(Node::Link(_)) => fault(FaultKind::SourceIsLink),
            Some(Node::Special) => fault(FaultKind::SourceNotRegular),
            Some(Node::Folder) | None => fault(FaultKind::SourceMissing),
        };
        Item { path, resolved: Some(resolved), components, outcome }
    }
}

/// A path's components, the last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    path.components()
        .rev()
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| PathBuf::from(part.as_os_str()))
        .collect()
}
