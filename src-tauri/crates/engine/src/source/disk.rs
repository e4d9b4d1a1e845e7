//! This computer's file system.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use ferry_model::source::{NearestFolder, volume_is_missing};
use ferry_model::{Fault, FaultKind, QueuedSource, SourceIdentity};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::mpsc;

use super::beneath::{self, Refused};
use super::identity::{device_of, of_entry, of_file, of_opened, refused};
use super::pieces::{self, Pieces, read_from_disk, read_from_memory};
use super::{
    Files, FolderIdentity, Item, SourceFile, Tap, Tidy, Walk, Whole, local, tidy, walk, writers,
};

/// Lists of found files that may wait for the journal.
const LISTS_WAITING: usize = 4;

/// This computer's file system. Its work runs on tokio's threads for blocking work.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskFiles;

#[async_trait]
impl Files for DiskFiles {
    async fn open(&self, source: &QueuedSource) -> Result<Box<dyn SourceFile>, Fault> {
        if let Some(opened) = open_from_memory(source) {
            return Ok(Box::new(opened));
        }
        let source = source.clone();
        let opened = blocking(move || open(&source)).await?;
        Ok(Box::new(opened))
    }

    async fn read_whole(&self, source: &QueuedSource, range: Range<u64>) -> Result<Whole, Fault> {
        // A thread for each small file costs more than all the rest of it.
        let opened = open_from_memory(source);
        let whole = opened.and_then(|file| file.whole(range.clone(), read_from_memory).ok());
        if let Some(whole) = whole.flatten() {
            return Ok(whole);
        }
        let source = source.clone();
        blocking(move || match open(&source)?.whole(range, read_from_disk)? {
            Some(whole) => Ok(whole),
            None => Err(Fault::new(FaultKind::Internal).with_detail("a disk that does not wait")),
        })
        .await
    }

    async fn is_folder(&self, source: &QueuedSource) -> bool {
        let path = source.path.clone();
        blocking(move || Ok(path.is_dir())).await.unwrap_or(false)
    }

    async fn folder(&self, path: &Path) -> Option<FolderIdentity> {
        let path = path.to_owned();
        blocking(move || Ok(folder_at(&path))).await.unwrap_or(None)
    }

    async fn written_to(&self, files: &[SourceIdentity]) -> BTreeSet<u64> {
        let files = files.to_vec();
        blocking(move || Ok(writers::written_to(&files))).await.unwrap_or_default()
    }

    async fn tidy(&self, source: &QueuedSource, how: &Tidy) -> Result<(), Fault> {
        let (source, how) = (source.clone(), how.clone());
        blocking(move || {
            tidy::tidy(&source, &how, || {
                super::check(&source, super::MayChange::Nothing, &open(&source)?.identity)
            })
        })
        .await
    }

    fn walk(&self, walk: Walk) -> BoxStream<'static, Result<Vec<Item>, Fault>> {
        let (lists, waiting) = mpsc::channel(LISTS_WAITING);
        let walking = tokio::task::spawn_blocking(move || {
            let taken = walk::walk(&walk, &mut |items| lists.blocking_send(Ok(items)).is_ok());
            if let Err(fault) = taken {
                // A receiver that is gone needs no reason.
                let _ = lists.blocking_send(Err(fault));
            }
        });
        stream::unfold((waiting, Some(walking)), |(mut waiting, walking)| async move {
            if let Some(list) = waiting.recv().await {
                return Some((list, (waiting, walking)));
            }
            let panic = walking?.await.err()?;
            Some((Err(abnormal(&panic)), (waiting, None)))
        })
        .boxed()
    }
}

/// The folder that a path leads to. Blocks on the disk.
fn folder_at(path: &Path) -> Option<FolderIdentity> {
    let resolved = path.canonicalize().ok()?;
    let metadata = resolved.symlink_metadata().ok().filter(std::fs::Metadata::is_dir)?;
    let identity = of_entry(&resolved, &metadata).ok()?;
    let above = resolved.parent().and_then(device_of);
    Some(FolderIdentity {
        device: identity.device,
        file: identity.file,
        is_mount_point: above != Some(identity.device),
    })
}

fn abnormal(error: &tokio::task::JoinError) -> Fault {
    Fault::new(FaultKind::Internal).with_detail(error.to_string())
}

/// Runs disk work off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(abnormal(&error)),
    }
}

/// An open file of this computer.
#[derive(Debug)]
struct Opened {
    file: Arc<File>,
    identity: SourceIdentity,
    name: String,
}

impl Opened {
    /// Reads a range at once, and looks at the file again; `None` where `read` would wait.
    fn whole(
        &self,
        range: Range<u64>,
        read: impl Fn(&File, &mut [u8], u64) -> io::Result<Option<usize>>,
    ) -> Result<Option<Whole>, Fault> {
        let Self { file, identity, name } = self;
        let Some(bytes) = pieces::read_whole(file, name, identity.size, range, read)? else {
            return Ok(None);
        };
        let afterwards = of_file(file).map_err(|error| refused(&error, name))?;
        Ok(Some(Whole { bytes, opened: *identity, afterwards }))
    }
}

/// Opens a file that the system has in memory, on a device of this computer: it does not block.
/// `None` for every other, and for what is refused: [`open`] tells why.
fn open_from_memory(source: &QueuedSource) -> Option<Opened> {
    let queued = source.identity.filter(|queued| local::is_local(queued.device))?;
    let file = beneath::open_from_memory(source.resolved.as_ref()?)?;
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let (identity, name) = (of_opened(&file, &metadata).ok()?, source.shown());
    // Whether it changed since is for others to say.
    queued.is_same_file(&identity).then(|| Opened { file: Arc::new(file), identity, name })
}

/// Opens a regular file and identifies it. Blocks on the disk.
fn open(source: &QueuedSource) -> Result<Opened, Fault> {
    open_by_path(source).map_err(|fault| {
        let gone = matches!(fault.kind, FaultKind::SourceMissing | FaultKind::SourceReadFailed);
        if gone && volume_missing(source) {
            Fault { kind: FaultKind::VolumeMissing, ..fault }
        } else {
            fault
        }
    })
}

fn volume_missing(source: &QueuedSource) -> bool {
    let Some(queued) = &source.identity else { return false };
    let path = source.resolved.as_ref().unwrap_or(&source.path);
    volume_is_missing(queued, nearest_folder(path))
}

/// The nearest folder on a path that is there.
fn nearest_folder(path: &Path) -> Option<NearestFolder> {
    let mut folders = path.ancestors().skip(1);
    let (folder, device) = folders.find_map(|it| Some((it, device_of(it)?)))?;
    let is_mount_point = folder.parent().is_none_or(|above| device_of(above) != Some(device));
    let holds_something = || folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    Some(NearestFolder {
        device,
        is_own: path.parent() == Some(folder),
        is_in_use: is_mount_point || holds_something(),
    })
}

fn open_by_path(source: &QueuedSource) -> Result<Opened, Fault> {
    let name = source.shown();
    let behind_link = || Fault::new(FaultKind::SourceBehindLink).with_subject(name.clone());
    let open = |path: &Path| {
        beneath::open(path).map_err(|refusal| match refusal {
            Refused::Link => behind_link(),
            Refused::Error(error) => refused(&error, &name),
        })
    };
    let read = |error: io::Error| refused(&error, &name);
    let (file, passed_links) = match &source.resolved {
        Some(resolved) => (open(resolved)?, false),
        None => {
            let resolved = source.path.canonicalize().map_err(read)?;
            (open(&resolved)?, resolved != source.path)
        }
    };
    let metadata = file.metadata().map_err(read)?;
    if metadata.is_dir() {
        return Err(Fault::new(FaultKind::EmptyFolder).with_subject(name));
    }
    if !metadata.is_file() {
        return Err(Fault::new(FaultKind::SourceNotRegular).with_subject(name));
    }
    let identity = of_opened(&file, &metadata).map_err(read)?;
    local::learn(&file, identity.device);
    // It is not known which links were on the way when it was queued: that they lead to the very
    // same file is proof enough.
    let same = source.identity.is_some_and(|queued| queued.is_same_file(&identity));
    if passed_links && !same {
        return Err(behind_link());
    }
    Ok(Opened { file: Arc::new(file), identity, name })
}

#[async_trait]
impl SourceFile for Opened {
    fn identity(&self) -> SourceIdentity {
        self.identity
    }

    async fn identity_now(&self) -> Result<SourceIdentity, Fault> {
        let (file, name) = (Arc::clone(&self.file), self.name.clone());
        blocking(move || of_file(&file).map_err(|error| refused(&error, &name))).await
    }

    fn read(&self, range: Range<u64>, tap: Tap) -> BoxStream<'static, Result<Bytes, Fault>> {
        let (file, name) = (Arc::clone(&self.file), self.name.clone());
        let pieces = Pieces { file, name, size: self.identity.size, range, tap };
        pieces.stream()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[tokio::test]
    async fn a_file_is_moved_or_deleted_only_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("resolves").join("a");
        let to = path.with_file_name("sent").join("sub/a");
        std::fs::write(&path, b"first").expect("writes");
        let identity = open(&source(&path)).expect("opens").identity;
        let queued = QueuedSource { identity: Some(identity), ..source(&path) };
        let tidy =
            async |how: &Tidy| DiskFiles.tidy(&queued, how).await.map_err(|fault| fault.kind);
        std::fs::write(&path, b"second").expect("writes");
        assert_eq!(tidy(&Tidy::Delete).await, Err(FaultKind::SourceChanged));
        assert_eq!(tidy(&Tidy::Move(to.clone())).await, Err(FaultKind::SourceChanged));
        assert!(path.exists() && !to.exists());

        let identity = open(&source(&path)).expect("opens").identity;
        let queued = QueuedSource { identity: Some(identity), ..source(&path) };
        let tidy =
            async |how: &Tidy| DiskFiles.tidy(&queued, how).await.map_err(|fault| fault.kind);
        std::fs::create_dir_all(&to).expect("makes");
        assert_eq!(tidy(&Tidy::Move(to.clone())).await, Err(FaultKind::AlreadyExists));
        std::fs::remove_dir(&to).expect("removes");
        assert_eq!(tidy(&Tidy::Move(to.clone())).await, Ok(()));
        assert!(!path.exists() && to.exists());
        assert_eq!(tidy(&Tidy::Delete).await, Err(FaultKind::SourceMissing));
        let moved = QueuedSource {
            identity: Some(open(&source(&to)).expect("opens").identity),
            ..source(&to)
        };
        DiskFiles.tidy(&moved, &Tidy::Delete).await.expect("deletes");
        assert!(!to.exists());
    }

    fn source(path: &Path) -> QueuedSource {
        let resolved = path.canonicalize().ok();
        QueuedSource { path: path.to_owned(), resolved, identity: None }
    }

    #[test]
    fn l5_special_files_are_refused_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.expect("mkfifo runs").success());
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("binds");
        for (path, kind) in [
            (fifo.as_path(), FaultKind::SourceNotRegular),
            (socket.as_path(), FaultKind::SourceNotRegular),
            (Path::new("/dev/zero"), FaultKind::SourceNotRegular),
            (folder.path(), FaultKind::EmptyFolder),
            (Path::new("/nowhere/at/all"), FaultKind::SourceMissing),
        ] {
            assert_eq!(open(&source(path)).expect_err("refused").kind, kind, "{}", path.display());
        }
    }

    #[test]
    fn a_row_that_kept_no_resolved_path_follows_links_to_its_own_file_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("resolves");
        std::fs::create_dir(root.join("chosen")).expect("makes");
        std::fs::write(root.join("chosen/a"), b"chosen").expect("writes");
        symlink(root.join("chosen"), root.join("link")).expect("links");
        let path = root.join("link/a");
        let identity = open(&source(&path)).expect("opens").identity;
        let old = QueuedSource { path, resolved: None, identity: Some(identity) };
        assert_eq!(open(&old).expect("the very same file").identity, identity);
        let straight = QueuedSource { path: root.join("chosen/a"), ..old.clone() };
        assert!(open(&straight).is_ok());

        std::fs::create_dir(root.join("other")).expect("makes");
        std::fs::write(root.join("other/a"), b"secret").expect("writes");
        std::fs::remove_file(root.join("link")).expect("removes");
        symlink(root.join("other"), root.join("link")).expect("links");
        assert_eq!(open(&old).expect_err("another file").kind, FaultKind::SourceBehindLink);
        let nameless = QueuedSource { identity: None, ..old };
        assert_eq!(open(&nameless).expect_err("unknown").kind, FaultKind::SourceBehindLink);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_is_in_memory_is_read_without_a_wait_and_is_looked_at_as_closely() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).expect("a folder on a disk");
        let root = folder.path().canonicalize().expect("resolves");
        let path = root.join("file");
        std::fs::write(&path, b"content").expect("writes");
        let queued = |path: &Path| {
            let nameless = source(path);
            let identity = open(&nameless).expect("opens").identity;
            QueuedSource { identity: Some(identity), ..nameless }
        };
        let file = queued(&path);
        let identity = file.identity.expect("is known");
        local::trust(identity.device);
        let whole = |source: &QueuedSource| {
            open_from_memory(source).map(|it| it.whole(0..7, read_from_memory))
        };
        let read = whole(&file).expect("is in memory").expect("reads").expect("does not wait");
        assert_eq!((&read.bytes[..], read.opened), (&b"content"[..], identity));
        assert_eq!(DiskFiles.read_whole(&file, 0..7).await.expect("reads").bytes, read.bytes);

        let elsewhere = SourceIdentity { device: u64::MAX, ..identity };
        let elsewhere = QueuedSource { identity: Some(elsewhere), ..file.clone() };
        assert!(open_from_memory(&elsewhere).is_none(), "another device may take its time");
        std::fs::write(&path, b"content and more").expect("writes");
        let grown = whole(&file).expect("the same file").expect("reads").expect("does not wait");
        assert_eq!(grown.opened.size, 16, "the caller compares");

        std::fs::create_dir(root.join("folder")).expect("makes");
        std::fs::write(root.join("folder/file"), b"chosen!").expect("writes");
        let below = queued(&root.join("folder/file"));
        std::fs::rename(root.join("folder"), root.join("moved")).expect("moves");
        symlink(root.join("moved"), root.join("folder")).expect("links");
        assert!(open_from_memory(&below).is_none(), "a link came in between");
        let refused = DiskFiles.read_whole(&below, 0..7).await.expect_err("refused");
        assert_eq!(refused.kind, FaultKind::SourceBehindLink);
    }
}
