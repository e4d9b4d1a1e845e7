//! A file system in memory, in which files change at chosen moments.

mod change;
mod disk;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::{Fault, FaultKind, QueuedSource, SourceIdentity};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::patterns::Filter;
use super::{Files, FolderIdentity, Item, SourceFile, Tap, Tidy, Walk};

pub use change::Change;
use disk::{Disk, Node};

/// Bytes of a piece.
const PIECE: u64 = 256 * 1024;

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

    /// How many changes were made so far.
    pub fn changes(&self) -> u64 {
        self.lock().ticks.unsigned_abs()
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
