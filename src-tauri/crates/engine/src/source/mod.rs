//! The files that Ferry reads: found by a walk, opened without following a link that was not there
//! when they were queued, identified, and streamed.
//!
//! [`Files`] is the seam. [`DiskFiles`] is this computer's file system; [`MemoryFiles`] is one in
//! memory, for tests that change files at chosen moments; [`GeneratedFiles`] makes bytes as they
//! are read, for benchmarks.

mod beneath;
mod buffers;
mod disk;
mod generated;
mod identity;
mod local;
mod memory;
pub(crate) mod once;
mod patterns;
mod pieces;
pub(crate) mod reading;
pub(crate) mod settling;
mod tidy;
pub(crate) mod volumes;
mod walk;
mod writers;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use ferry_model::{Depth, Fault, FaultKind, Patterns, QueuedSource, SourceIdentity};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

pub use disk::DiskFiles;
pub use generated::GeneratedFiles;
pub use memory::{Change, MemoryFiles};
pub use patterns::check_patterns;

/// Sees the bytes of a range in order, where they are read.
pub type Tap = Box<dyn FnMut(&[u8]) + Send>;

/// A file that was found, or something that cannot be uploaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it is: the path that was added, and what lies below it.
    pub path: PathBuf,
    /// Where that leads, without a link; `None` where nothing could be resolved.
    pub resolved: Option<PathBuf>,
    /// The key's components below the prefix.
    pub components: Vec<String>,
    /// What it is, or why it cannot go.
    pub outcome: Result<SourceIdentity, Fault>,
}

impl Item {
    /// The item as the queue will know it.
    pub fn source(&self) -> QueuedSource {
        QueuedSource {
            path: self.path.clone(),
            resolved: self.resolved.clone(),
            identity: self.outcome.as_ref().ok().copied(),
        }
    }
}

/// The key's components of what lies below a folder.
pub(crate) fn components(below: &Path) -> impl Iterator<Item = String> + '_ {
    below.components().map(|name| name.as_os_str().to_string_lossy().into_owned())
}

/// A path to walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// As the user gave it.
    pub path: PathBuf,
    /// Where it led when it was walked for the same batch before. If it leads elsewhere now, a link
    /// came in between, and nothing below it is taken.
    pub led_to: Option<PathBuf>,
    /// Of a folder, only what stands at this path below it, if anything does.
    pub below: Option<PathBuf>,
}

/// What to walk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// The paths, in this order.
    pub roots: Vec<Root>,
    /// What of their contents goes.
    pub patterns: Patterns,
    /// Whether folders below them are walked.
    pub depth: Depth,
}

/// The file system, as the engine sees it. Where the work blocks, an implementation decides where
/// it runs: callers await it on their async threads.
#[async_trait]
pub trait Files: Debug + Send + Sync {
    /// Opens a regular file. No link is followed that was not there when it was queued; a FIFO does
    /// not hang.
    ///
    /// # Errors
    /// [`FaultKind::SourceBehindLink`], [`FaultKind::SourceMissing`],
    /// [`FaultKind::VolumeMissing`], [`FaultKind::SourceUnreadable`],
    /// [`FaultKind::SourceNotRegular`], [`FaultKind::EmptyFolder`],
    /// [`FaultKind::TooManyOpenFiles`], [`FaultKind::SourceReadFailed`].
    async fn open(&self, source: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault>;

    /// Reads a range that fits into memory: opens the file, reads, and looks at it again, in one
    /// go, as going from thread to thread for each costs more than a small file itself.
    ///
    /// # Errors
    /// Those of [`Self::open`] and of [`SourceFile::read`].
    async fn read_whole(&self, source: &QueuedSource, range: Range<u64>) -> Result<Whole, Fault> {
        let file = self.open(source).await?;
        let mut bytes = BytesMut::new();
        let mut pieces = file.read(range, Box::new(|_| {}));
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
        }
        let (opened, afterwards) = (file.identity(), file.identity_now().await?);
        Ok(Whole { bytes: bytes.freeze(), opened, afterwards })
    }

    /// Whether a folder stands at the source's path now.
    async fn is_folder(&self, source: &QueuedSource) -> bool;

    /// Walks the roots: every regular file below them, and a reason for everything that cannot go.
    /// In each folder the files come first, then its folders one after the other, by name.
    ///
    /// A dropped folder's own name begins its files' keys, unless the path ends in `/` (or is `.`):
    /// then its contents go directly under the prefix, as rsync users expect. A link that was
    /// dropped itself is followed; links inside folders are left out with a reason.
    ///
    /// An error ends the walk: a pattern that cannot be understood, or a bug.
    fn walk(&self, walk: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>>;

    /// The folder that a path leads to, links followed; `None` if none is there. Files that stand
    /// on no disk have no folder.
    async fn folder(&self, _path: &Path) -> Option<FolderIdentity> {
        None
    }

    /// The numbers of those of these files that a program has open for writing, as far as the
    /// system tells.
    async fn written_to(&self, _files: &[SourceIdentity]) -> BTreeSet<u64> {
        BTreeSet::new()
    }

    /// Moves or deletes a file that is what its source says. Nothing is replaced.
    ///
    /// # Errors
    /// Those of [`Self::open`]; [`FaultKind::SourceChanged`]; [`FaultKind::AlreadyExists`] where
    /// something stands at the new place; [`FaultKind::FileNotWritten`] where the system refuses.
    async fn tidy(&self, source: &QueuedSource, _how: &Tidy) -> Result<(), Fault> {
        Err(Fault::new(FaultKind::FileNotWritten).with_subject(source.shown()))
    }
}

/// A folder on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderIdentity {
    /// Its device.
    pub device: u64,
    /// Its number there.
    pub file: u64,
    /// Whether a volume is mounted in it.
    pub is_mount_point: bool,
}

/// What is done with a file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tidy {
    /// It is moved to this path on the same volume. Folders on the way are made.
    Move(PathBuf),
    /// It is deleted.
    Delete,
}

/// A range in memory, and what its file was when it was opened and after it was read.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The bytes.
    pub bytes: Bytes,
    /// The file when it was opened.
    pub opened: SourceIdentity,
    /// The file after the last byte was read.
    pub afterwards: SourceIdentity,
}

/// An open file.
#[async_trait]
pub trait SourceFile: Send + Sync {
    /// What it was when it was opened.
    fn identity(&self) -> SourceIdentity;

    /// What it is now.
    ///
    /// # Errors
    /// [`FaultKind::SourceReadFailed`].
    async fn identity_now(&self) -> Result<SourceIdentity, Fault>;

    /// Reads a range in pieces, a few at most ahead of the reader. `tap` sees each piece
    /// first.
    ///
    /// A file that is too short for the range, or longer than it was when the range reaches its
    /// end, ends the stream with [`FaultKind::SourceChanged`].
    fn read(&self, range: Range<u64>, tap: Tap) -> BoxStream<'static, Result<Bytes, Fault>>;
}

/// Opens a source and makes sure that it is what was queued, but for what may change.
///
/// # Errors
/// Those of [`Files::open`]; [`FaultKind::SourceChanged`].
pub(crate) async fn open_checked(
    files: &dyn Files,
    source: &QueuedSource,
    may: MayChange,
) -> Result<Box<dyn SourceFile>, Fault> {
    let file = files.open(source).await?;
    check(source, may, &file.identity())?;
    Ok(file)
}

/// Makes sure that the file at the source's path is what was queued.
///
/// # Errors
/// Those of [`Files::open`]; [`FaultKind::SourceChanged`].
pub(crate) async fn unchanged_since(files: &dyn Files, source: &QueuedSource) -> Result<(), Fault> {
    open_checked(files, source, MayChange::Nothing).await.map(|_| ())
}

/// What of a file may be another than when it was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MayChange {
    /// Nothing.
    Nothing,
    /// Everything but which file it is: it grows, and is compared once it is complete.
    Contents,
}

/// The one comparison of what a file is with what was queued.
fn check(source: &QueuedSource, may: MayChange, now: &SourceIdentity) -> Result<(), Fault> {
    let queued = source.identity.ok_or_else(|| {
        Fault::new(FaultKind::Internal).with_detail("a transfer without its source's identity")
    })?;
    let same = match may {
        MayChange::Nothing => now.unchanged_since(&queued),
        MayChange::Contents => now.is_same_file(&queued),
    };
    if same {
        Ok(())
    } else {
        Err(Fault::new(FaultKind::SourceChanged).with_subject(source.shown()))
    }
}
