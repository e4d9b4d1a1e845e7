//! A file system in memory, in which files change at chosen moments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::source::{NearestFolder, shown, volume_is_missing};
use ferry_model::{Depth, Fault, FaultKind, QueuedSource, SourceIdentity};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::patterns::Filter;
use super::walk::{is_contents_only, own_name};
use super::{Files, FolderIdentity, Item, Root, SourceFile, Tap, Tidy, Walk, components};

/// Links followed on one path before it counts as a loop.
const MOST_LINKS: u32 = 40;
/// Bytes of a piece.
const PIECE: u64 = 256 * 1024;
/// The device that is mounted at `/`.
const ROOT_DEVICE: u64 = 1;
/// One tick of the clock: each change gets a time of its own.
const TICK_NS: i64 = 1_000_000;

/// Something that happens to a file. Folders on the way are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Written over in place: the same inode with other bytes.
    Write(PathBuf, Bytes),
    /// Written over in place, and the old modification time set again.
    WriteQuietly(PathBuf, Bytes),
    /// Another file takes its place, as programs that save by renaming do.
    Replace(PathBuf, Bytes),
    /// Bytes are added at its end.
    Append(PathBuf, Bytes),
    /// Its first bytes are written over, as a recorder completes its header.
    WriteHead(PathBuf, Bytes),
    /// Cut off, or filled up with zeros.
    Resize(PathBuf, usize),
    /// Modified just now, with the same bytes.
    Touch(PathBuf),
    /// Gone, with all that is below it.
    Remove(PathBuf),
    /// Moved, with all that is below it.
    Rename(PathBuf, PathBuf),
    /// A link takes its place.
    Link(PathBuf, PathBuf),
    /// A folder, if there is none yet.
    Folder(PathBuf),
    /// A FIFO, a device or a socket takes its place.
    Special(PathBuf),
    /// May not be read any more.
    Forbid(PathBuf),
    /// May be read again.
    Allow(PathBuf),
    /// A program opens it for writing.
    BeginWriting(PathBuf),
    /// No program has it open for writing any more.
    EndWriting(PathBuf),
    /// A volume is mounted in this folder: the one that was unmounted there, or an empty one. The
    /// system gives it a number that none had before.
    Mount(PathBuf),
    /// The volume in this folder is gone with all that is on it; the folder stays.
    Unmount(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Folder,
    File(u64),
    Link(PathBuf),
    Special,
}

#[derive(Debug, Clone, Default)]
struct Inode {
    device: u64,
    bytes: Bytes,
    modified_ns: i64,
    changed_ns: i64,
    forbidden: bool,
}

#[derive(Debug, Default)]
struct Disk {
    nodes: BTreeMap<PathBuf, Node>,
    inodes: BTreeMap<u64, Inode>,
    ticks: i64,
    /// Accesses so far.
    steps: u64,
    changes: BTreeMap<u64, Vec<Change>>,
    failures: BTreeMap<u64, FaultKind>,
    /// Devices by the folder they are mounted in.
    mounts: BTreeMap<PathBuf, u64>,
    /// Devices that were mounted so far.
    devices: u64,
    /// What was in a folder when its volume was unmounted.
    unmounted: BTreeMap<PathBuf, BTreeMap<PathBuf, Node>>,
    /// Inodes that a program has open for writing.
    written_to: BTreeSet<u64>,
    piece: Option<u64>,
}

/// A file system in memory: deterministic, shared by its clones, and inline: nothing it does waits.
///
/// Each open, each piece read and each look at an identity is a step. [`MemoryFiles::at_step`]
/// changes files just before one, [`MemoryFiles::fail_step`] makes one fail.
///
/// ```
/// use bytes::Bytes;
/// use ferry_engine::{Change, MemoryFiles};
///
/// let files = MemoryFiles::new();
/// files.apply(Change::Write("/photos/a.jpg".into(), Bytes::from_static(b"first")));
/// files.at_step(3, Change::Append("/photos/a.jpg".into(), Bytes::from_static(b"more")));
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(Arc<Mutex<Disk>>);

impl MemoryFiles {
    /// An empty file system.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads in pieces of `bytes` from now on: smaller ones make more moments.
    pub fn set_piece(&self, bytes: u64) {
        self.lock().piece = Some(bytes.max(1));
    }

    /// Changes something now.
    pub fn apply(&self, change: Change) {
        self.lock().apply(change);
    }

    /// Changes something just before the step of this number, counted from 1.
    pub fn at_step(&self, step: u64, change: Change) {
        self.lock().changes.entry(step).or_default().push(change);
    }

    /// Lets the step of this number fail, counted from 1.
    pub fn fail_step(&self, step: u64, kind: FaultKind) {
        self.lock().failures.insert(step, kind);
    }

    /// How many steps were made so far.
    pub fn steps(&self) -> u64 {
        self.lock().steps
    }

    /// The bytes that stand at a path now, links followed.
    pub fn bytes(&self, path: &Path) -> Option<Bytes> {
        let disk = self.lock();
        let resolved = disk.resolve(path).ok()?;
        match disk.nodes.get(&resolved) {
            Some(Node::File(inode)) => Some(disk.inodes.get(inode)?.bytes.clone()),
            _ => None,
        }
    }

    /// The files that stand below a path now, links among them.
    pub fn paths_below(&self, folder: &Path) -> Vec<PathBuf> {
        let disk = self.lock();
        let is_file = |(_, node): &(&PathBuf, &Node)| matches!(node, Node::File(_) | Node::Link(_));
        disk.from(folder).filter(is_file).map(|(path, _)| path.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().expect("no code panics while holding this lock")
    }
}

impl Disk {
    /// What stands at a path and below it: paths are in the order of their components.
    fn from(&self, path: &Path) -> impl Iterator<Item = (&PathBuf, &Node)> {
        let rest = self.nodes.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        rest.take_while(move |(known, _)| known.starts_with(path))
    }

    /// Counts a step: what is due before it happens, then it may fail.
    fn step(&mut self) -> Result<(), FaultKind> {
        self.steps += 1;
        for change in self.changes.remove(&self.steps).unwrap_or_default() {
            self.apply(change);
        }
        self.failures.remove(&self.steps).map_or(Ok(()), Err)
    }

    fn apply(&mut self, change: Change) {
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

    fn device_of(&self, path: &Path) -> u64 {
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
    fn resolve(&self, path: &Path) -> Result<PathBuf, FaultKind> {
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

    fn identity(&self, number: u64) -> SourceIdentity {
        let inode = self.inodes.get(&number).cloned().unwrap_or_default();
        SourceIdentity {
            device: inode.device,
            file: number,
            size: inode.bytes.len() as u64,
            modified_ns: inode.modified_ns,
            changed_ns: inode.changed_ns,
        }
    }

    fn open_source(&mut self, source: &QueuedSource) -> Result<u64, FaultKind> {
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

    fn read(&mut self, number: u64, offset: u64, len: u64, end: u64) -> Result<Bytes, FaultKind> {
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

    fn walk(&self, root: &Root, filter: &Filter, depth: Depth) -> Vec<Item> {
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

#[async_trait]
impl Files for MemoryFiles {
    async fn open(&self, source: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault> {
        let mut disk = self.lock();
        let name = source.shown();
        let number =
            disk.open_source(source).map_err(|kind| Fault::new(kind).with_subject(name.clone()))?;
        let identity = disk.identity(number);
        Ok(Box::new(Opened { files: self.clone(), number, identity, name }))
    }

    async fn is_folder(&self, source: &QueuedSource) -> bool {
        let disk = self.lock();
        let resolved = disk.resolve(&source.path);
        resolved.is_ok_and(|resolved| disk.nodes.get(&resolved) == Some(&Node::Folder))
    }

    fn walk(&self, walk: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>> {
        let filter = match Filter::new(&walk.patterns) {
            Ok(filter) => filter,
            Err(fault) => return stream::iter([Err(fault)]).boxed(),
        };
        let files = self.clone();
        // Each root is walked when its turn comes, so that changes fall between them.
        let depth = walk.depth;
        stream::iter(walk.roots)
            .map(move |root| Ok(files.lock().walk(&root, &filter, depth)))
            .boxed()
    }

    async fn folder(&self, path: &Path) -> Option<FolderIdentity> {
        let disk = self.lock();
        let resolved = disk.resolve(path).ok()?;
        let is_folder = disk.nodes.get(&resolved) == Some(&Node::Folder);
        // A mount point has another number while something is mounted in it.
        let device = disk.device_of(&resolved);
        let is_mount_point = disk.mounts.contains_key(&resolved);
        is_folder.then_some(FolderIdentity { device, file: device, is_mount_point })
    }

    async fn written_to(&self, files: &[SourceIdentity]) -> BTreeSet<u64> {
        let disk = self.lock();
        files.iter().map(|file| file.file).filter(|file| disk.written_to.contains(file)).collect()
    }

    async fn tidy(&self, source: &QueuedSource, how: &Tidy) -> Result<(), Fault> {
        let mut disk = self.lock();
        let fault = |kind| Fault::new(kind).with_subject(source.shown());
        let number = disk.open_source(source).map_err(fault)?;
        super::check(source, super::MayChange::Nothing, &disk.identity(number))?;
        let path = source.resolved.clone().unwrap_or_else(|| source.path.clone());
        let change = match how {
            Tidy::Delete => Change::Remove(path),
            Tidy::Move(to) if disk.nodes.contains_key(to) => {
                return Err(fault(FaultKind::AlreadyExists));
            }
            Tidy::Move(to) => Change::Rename(path, to.clone()),
        };
        disk.apply(change);
        Ok(())
    }
}

#[derive(Debug)]
struct Opened {
    files: MemoryFiles,
    number: u64,
    identity: SourceIdentity,
    name: String,
}

#[async_trait]
impl SourceFile for Opened {
    fn identity(&self) -> SourceIdentity {
        self.identity
    }

    async fn identity_now(&self) -> Result<SourceIdentity, Fault> {
        let mut disk = self.files.lock();
        disk.step().map_err(|kind| Fault::new(kind).with_subject(self.name.clone()))?;
        Ok(disk.identity(self.number))
    }

    fn read(&self, range: Range<u64>, tap: Tap) -> BoxStream<'static, Result<Bytes, Fault>> {
        let (files, number, name) = (self.files.clone(), self.number, self.name.clone());
        let size = self.identity.size;
        stream::unfold((range, tap), move |(mut range, mut tap)| {
            let mut disk = files.lock();
            let len = (range.end - range.start).min(disk.piece.unwrap_or(PIECE));
            let piece = (len > 0).then(|| disk.read(number, range.start, len, size));
            drop(disk);
            let name = name.clone();
            async move {
                match piece? {
                    Ok(piece) => {
                        tap(&piece);
                        range.start += piece.len() as u64;
                        Some((Ok(piece), (range, tap)))
                    }
                    Err(kind) => {
                        range.start = range.end;
                        Some((Err(Fault::new(kind).with_subject(name)), (range, tap)))
                    }
                }
            }
        })
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn source(path: &str) -> QueuedSource {
        QueuedSource { path: path.into(), resolved: Some(path.into()), identity: None }
    }

    #[test]
    fn it_answers_inline_and_changes_when_it_is_told_to() {
        let files = MemoryFiles::new();
        files.apply(Change::Write("/a/b".into(), Bytes::from_static(b"first")));
        files.set_piece(2);
        let file = files.open(&source("/a/b")).now_or_never().expect("inline").expect("opens");
        // Step 1 was the open; the second piece is step 3.
        files.at_step(3, Change::WriteQuietly("/a/b".into(), Bytes::from_static(b"other")));
        let pieces: Vec<_> =
            file.read(0..5, Box::new(|_| ())).collect::<Vec<_>>().now_or_never().expect("inline");
        let bytes: Vec<u8> =
            pieces.into_iter().flat_map(|piece| piece.expect("reads").to_vec()).collect();
        assert_eq!(bytes, b"fiher", "this is what has to be noticed");
        let now = file.identity_now().now_or_never().expect("inline").expect("is there");
        assert_eq!(now.modified_ns, file.identity().modified_ns);
        assert!(!now.unchanged_since(&file.identity()));
        files.fail_step(files.steps() + 1, FaultKind::TooManyOpenFiles);
        let failed = files.open(&source("/a/b")).now_or_never().expect("inline");
        assert_eq!(failed.err().map(|fault| fault.kind), Some(FaultKind::TooManyOpenFiles));
    }

    #[test]
    fn it_refuses_what_a_disk_refuses() {
        let files = MemoryFiles::new();
        files.apply(Change::Write("/a/b".into(), Bytes::from_static(b"x")));
        files.apply(Change::Link("/link".into(), "a".into()));
        files.apply(Change::Special("/fifo".into()));
        files.apply(Change::Link("/loop".into(), "/loop".into()));
        let open = |path: &str| {
            let opened = files.open(&source(path)).now_or_never().expect("inline");
            opened.map(|file| file.identity().file).map_err(|fault| fault.kind)
        };
        assert_eq!(open("/a/b"), Ok(1));
        assert_eq!(open("/link/b"), Err(FaultKind::SourceBehindLink));
        assert_eq!(open("/fifo"), Err(FaultKind::SourceNotRegular));
        assert_eq!(open("/a"), Err(FaultKind::EmptyFolder));
        assert_eq!(open("/none"), Err(FaultKind::SourceMissing));
        assert_eq!(files.bytes(Path::new("/link/b")).as_deref(), Some(&b"x"[..]));
        assert_eq!(files.bytes(Path::new("/loop")), None);
        files.apply(Change::Rename("/a".into(), "/c".into()));
        assert_eq!((open("/a/b"), open("/c/b")), (Err(FaultKind::SourceMissing), Ok(1)));
        files.apply(Change::Forbid("/c/b".into()));
        assert_eq!(open("/c/b"), Err(FaultKind::SourceUnreadable));
    }
}
