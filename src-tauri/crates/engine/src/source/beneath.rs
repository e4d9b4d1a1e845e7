//! Opens a path of which no part may be a link.

use std::fs::File;
use std::io;
use std::path::Path;

/// Why a path was not opened.
#[derive(Debug)]
pub(super) enum Refused {
    /// A part of it is a link.
    Link,
    /// Anything else, in the system's words.
    Error(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Error(error)
    }
}

/// Opens a file for reading by its absolute path, following no link on the whole of it. A FIFO does
/// not hang. Blocks on the disk.
#[cfg(unix)]
pub(super) fn open(path: &Path) -> Result<File, Refused> {
    unix::open(path)
}

/// The same for a file that the system has in memory with every folder on its way: it does not
/// block on the disk. `None` for every other, and for whatever is refused.
#[cfg(target_os = "linux")]
pub(super) fn open_from_memory(path: &Path) -> Option<File> {
    unix::open_from_memory(path)
}

/// Only Linux can.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_from_memory(_: &Path) -> Option<File> {
    None
}

/// Opens a file for reading by its absolute path. A link at its end is opened itself and refused;
/// the folders on the way are resolved before and after, since Windows opens no path folder by
/// folder here. Blocks on the disk.
#[cfg(windows)]
pub(super) fn open(path: &Path) -> Result<File, Refused> {
    use std::fs::OpenOptions;
    use std::os::windows::fs::OpenOptionsExt as _;

    use windows_sys::Win32::Storage::FileSystem::{
        FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    };

    let is_straight = || {
        let straight = std::fs::canonicalize(path)? == path;
        if straight { Ok(()) } else { Err(Refused::Link) }
    };
    is_straight()?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)?;
    if file.metadata()?.is_symlink() {
        return Err(Refused::Link);
    }
    is_straight()?;
    Ok(file)
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::{Component, Path};
    #[cfg(target_os = "linux")]
    use std::sync::OnceLock;

    use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
    use rustix::io::Errno;

    use super::Refused;

    /// Without NONBLOCK, opening a FIFO waits for a writer; regular files do not heed it.
    const FILE: OFlags = OFlags::RDONLY
        .union(OFlags::NONBLOCK)
        .union(OFlags::NOCTTY)
        .union(OFlags::NOFOLLOW)
        .union(OFlags::CLOEXEC);

    pub(super) fn open(path: &Path) -> Result<File, Refused> {
        #[cfg(target_os = "linux")]
        if let Some(opened) = at_once(path) {
            return opened;
        }
        one_by_one(path)
    }

    /// The kernel refuses links by itself. `None` where it cannot: before Linux 5.6, or in a
    /// sandbox that does not know the call.
    #[cfg(target_os = "linux")]
    fn at_once(path: &Path) -> Option<Result<File, Refused>> {
        use rustix::fs::{ResolveFlags, openat2};

        let below = path.strip_prefix("/").ok().filter(|below| !below.as_os_str().is_empty())?;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let root = match root() {
            Ok(root) => root,
            Err(error) => return Some(Err(error)),
        };
        loop {
            return match openat2(root, below, FILE, Mode::empty(), resolve) {
                Ok(file) => Some(Ok(File::from(file))),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(Errno::NOSYS | Errno::PERM) => None,
                Err(Errno::LOOP) => Some(Err(Refused::Link)),
                Err(error) => Some(Err(Refused::Error(error.into()))),
            };
        }
    }

    /// `RESOLVE_CACHED` is of Linux 5.12.
    #[cfg(target_os = "linux")]
    pub(super) fn open_from_memory(path: &Path) -> Option<File> {
        use rustix::fs::{ResolveFlags, openat2};

        let below = path.strip_prefix("/").ok().filter(|below| !below.as_os_str().is_empty())?;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::CACHED;
        openat2(root().ok()?, below, FILE, Mode::empty(), resolve).ok().map(File::from)
    }

    /// Opens folder after folder, each by its name in the one before.
    pub(super) fn one_by_one(path: &Path) -> Result<File, Refused> {
        let mut names = Vec::new();
        for component in path.components() {
            match component {
                Component::RootDir => {}
                Component::Normal(name) => names.push(name),
                // A resolved path has neither, and `..` could lead out.
                Component::CurDir | Component::ParentDir | Component::Prefix(_) => {
                    return Err(Refused::Error(Errno::INVAL.into()));
                }
            }
        }
        let mut folder = open_root()?;
        let Some((file, folders)) = names.split_last() else {
            return Ok(File::from(folder));
        };
        for name in folders {
            folder = open_in(&folder, name, folder_flags())?;
        }
        Ok(File::from(open_in(&folder, file, FILE)?))
    }

    /// The root, kept open: every small file would open it again.
    #[cfg(target_os = "linux")]
    fn root() -> Result<&'static OwnedFd, Refused> {
        static ROOT: OnceLock<OwnedFd> = OnceLock::new();
        match ROOT.get() {
            Some(root) => Ok(root),
            None => {
                let opened = open_root()?;
                Ok(ROOT.get_or_init(|| opened))
            }
        }
    }

    fn open_root() -> Result<OwnedFd, Refused> {
        let root = rustix::fs::open("/", folder_flags(), Mode::empty());
        root.map_err(|error| Refused::Error(error.into()))
    }

    /// On Linux, passing through a folder takes no right to list it.
    fn folder_flags() -> OFlags {
        #[cfg(target_os = "linux")]
        let access = OFlags::PATH;
        #[cfg(not(target_os = "linux"))]
        let access = OFlags::RDONLY;
        access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
    }

    fn open_in(folder: &OwnedFd, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Refused> {
        loop {
            match openat(folder, name, flags, Mode::empty()) {
                Ok(opened) => return Ok(opened),
                Err(Errno::INTR) => {}
                // Systems differ in how they refuse a link.
                Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK) if is_link(folder, name) => {
                    return Err(Refused::Link);
                }
                Err(error) => return Err(Refused::Error(io::Error::from(error))),
            }
        }
    }

    fn is_link(folder: impl AsFd, name: &OsStr) -> bool {
        statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn no_link_anywhere_on_the_path_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("resolves");
        std::fs::create_dir_all(root.join("a/b")).expect("makes");
        std::fs::write(root.join("a/b/file"), b"here").expect("writes");
        symlink(root.join("a"), root.join("link")).expect("links");
        symlink("b", root.join("a/beside")).expect("links");
        symlink("file", root.join("a/b/last")).expect("links");
        for open in [super::open, unix::one_by_one] {
            let mut bytes = Vec::new();
            let mut file = open(&root.join("a/b/file")).expect("opens");
            file.read_to_end(&mut bytes).expect("reads");
            assert_eq!(bytes, b"here");
            for path in ["link/b/file", "a/beside/file", "a/b/last", "link"] {
                let refused = open(&root.join(path)).expect_err(path);
                assert!(matches!(refused, Refused::Link), "{path}: {refused:?}");
            }
            for (path, kind) in [
                ("a/none/file", io::ErrorKind::NotFound),
                ("a/b/none", io::ErrorKind::NotFound),
                ("a/b/file/x", io::ErrorKind::NotADirectory),
            ] {
                let refused = open(&root.join(path)).expect_err(path);
                let Refused::Error(error) = refused else { panic!("{path}: {refused:?}") };
                assert_eq!(error.kind(), kind, "{path}");
            }
            assert!(open(Path::new("/")).is_ok_and(|file| file.metadata().is_ok()));
        }
        // What leads out is refused, not resolved.
        assert!(unix::one_by_one(&root.join("a/../a/b/file")).is_err());
    }
}
