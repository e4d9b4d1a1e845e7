//! The file on disk: opened so that nothing hangs, identified, and read only where a part is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use ferry_model::{Fault, FaultKind, SourceIdentity};

/// Opens a regular file for reading and identifies it. A FIFO does not hang, a device or socket is
/// refused.
///
/// Blocks on the disk: call it off the async threads.
///
/// # Errors
/// [`FaultKind::SourceMissing`], [`FaultKind::SourceUnreadable`], [`FaultKind::SourceNotRegular`],
/// [`FaultKind::EmptyFolder`].
pub(crate) fn open(path: &Path) -> Result<(File, SourceIdentity), Fault> {
    let name = shown(path);
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Without O_NONBLOCK, opening a FIFO waits for a writer; regular files do not heed it.
        options.custom_flags(NONBLOCK);
    }
    let file = options.open(path).map_err(|error| refused(&error, &name))?;
    let metadata = file.metadata().map_err(|error| refused(&error, &name))?;
    if metadata.is_dir() {
        return Err(Fault::new(FaultKind::EmptyFolder).with_subject(name));
    }
    if !metadata.is_file() {
        return Err(Fault::new(FaultKind::SourceNotRegular).with_subject(name));
    }
    Ok((file, identity(&metadata)))
}

#[cfg(all(unix, any(target_os = "linux", target_os = "android")))]
const NONBLOCK: i32 = 0o4000;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NONBLOCK: i32 = 0x0004;

/// The identity in a file's metadata.
#[cfg(unix)]
pub(crate) fn identity(metadata: &std::fs::Metadata) -> SourceIdentity {
    use std::os::unix::fs::MetadataExt as _;
    let nanoseconds =
        |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    SourceIdentity {
        device: metadata.dev(),
        file: metadata.ino(),
        size: metadata.size(),
        modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// The identity in a file's metadata. Windows tells the file index only through an open handle;
/// size and both times stand for it.
#[cfg(not(unix))]
pub(crate) fn identity(metadata: &std::fs::Metadata) -> SourceIdentity {
    let nanoseconds = |time: io::Result<std::time::SystemTime>| {
        time.ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_nanos()).ok())
            .unwrap_or(0)
    };
    SourceIdentity {
        device: 0,
        file: 0,
        size: metadata.len(),
        modified_ns: nanoseconds(metadata.modified()),
        changed_ns: nanoseconds(metadata.created()),
    }
}

/// The fault that a system error on a source means.
pub(crate) fn refused(error: &io::Error, name: &str) -> Fault {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FaultKind::SourceMissing,
        io::ErrorKind::PermissionDenied => FaultKind::SourceUnreadable,
        // Opening a socket file, or a device without a driver.
        _ if error.raw_os_error() == Some(6) => FaultKind::SourceNotRegular,
        _ => FaultKind::SourceReadFailed,
    };
    Fault::new(kind).with_subject(name).with_detail(error.to_string())
}

/// A path's last component for people.
pub(crate) fn shown(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Reads exactly `len` bytes from `offset`, in pieces of at most `piece` bytes, each given to
/// `take`; stops when `take` returns `false`. At the end of the file's declared size, one byte more
/// than declared is an error: the file grew.
///
/// Blocks on the disk.
///
/// # Errors
/// Read errors; `UnexpectedEof` when the file is shorter than the range; `InvalidData` when it is
/// longer than `whole`.
pub(crate) fn read_range(
    file: &mut File,
    range: std::ops::Range<u64>,
    whole: u64,
    piece: usize,
    mut take: impl FnMut(bytes::Bytes) -> bool,
) -> io::Result<()> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut left = range.end - range.start;
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(piece);
        let mut buffer = bytes::BytesMut::zeroed(want);
        file.read_exact(&mut buffer)?;
        left -= want as u64;
        if !take(buffer.freeze()) {
            return Ok(());
        }
    }
    if range.end == whole && file.read(&mut [0u8; 1])? != 0 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is longer than when it was queued",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn special_files_are_refused_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .expect("mkfifo runs")
                .success()
        );
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("binds");
        for (path, kind) in [
            (fifo.as_path(), FaultKind::SourceNotRegular),
            (socket.as_path(), FaultKind::SourceNotRegular),
            (Path::new("/dev/zero"), FaultKind::SourceNotRegular),
            (folder.path(), FaultKind::EmptyFolder),
            (Path::new("/nowhere/at/all"), FaultKind::SourceMissing),
        ] {
            assert_eq!(open(path).expect_err("refused").kind, kind, "{}", path.display());
        }
    }

    #[test]
    fn the_systems_refusals_have_their_kinds() {
        for (error, kind) in [
            (io::ErrorKind::PermissionDenied, FaultKind::SourceUnreadable),
            (io::ErrorKind::NotFound, FaultKind::SourceMissing),
            (io::ErrorKind::NotADirectory, FaultKind::SourceMissing),
            (io::ErrorKind::StaleNetworkFileHandle, FaultKind::SourceReadFailed),
        ] {
            assert_eq!(refused(&error.into(), "a.txt").kind, kind, "{error:?}");
        }
    }

    #[test]
    fn a_range_is_read_exactly_or_not_at_all() {
        let mut made = tempfile::NamedTempFile::new().expect("a file");
        made.write_all(b"0123456789").expect("writes");
        let (mut file, identity) = open(made.path()).expect("opens");
        assert_eq!(identity.size, 10);
        let mut read = |range, whole| {
            let mut bytes = Vec::new();
            read_range(&mut file, range, whole, 4, |piece| {
                bytes.extend_from_slice(&piece);
                true
            })
            .map(|()| bytes)
        };
        assert_eq!(read(0..10, 10).expect("whole"), b"0123456789");
        assert_eq!(read(3..9, 10).expect("inner"), b"345678");
        assert_eq!(read(0..11, 11).expect_err("short").kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read(0..9, 9).expect_err("long").kind(), io::ErrorKind::InvalidData);
    }
}
