//! A file's identity and the system's refusals.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use ferry_model::{Fault, FaultKind, SourceIdentity};

/// The identity of an open file.
pub(super) fn of_file(file: &File) -> io::Result<SourceIdentity> {
    of_opened(file, &file.metadata()?)
}

/// The identity of an open file whose metadata is at hand.
pub(super) fn of_opened(file: &File, metadata: &Metadata) -> io::Result<SourceIdentity> {
    #[cfg(windows)]
    return with_index(file, metadata);
    #[cfg(not(windows))]
    let _ = file;
    #[cfg(not(windows))]
    Ok(of_metadata(metadata))
}

/// The identity of what a walk met. No link is followed.
#[cfg(not(windows))]
pub(super) fn of_entry(_path: &Path, metadata: &Metadata) -> io::Result<SourceIdentity> {
    Ok(of_metadata(metadata))
}

/// The identity of what a walk met. No link is followed. Windows tells the file index only through
/// a handle.
#[cfg(windows)]
pub(super) fn of_entry(path: &Path, metadata: &Metadata) -> io::Result<SourceIdentity> {
    use std::os::windows::fs::OpenOptionsExt as _;

    use windows_sys::Win32::Storage::FileSystem::{
        FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
    };

    let file = std::fs::OpenOptions::new()
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)?;
    with_index(&file, metadata)
}

/// The device of a folder; `None` if it is not there. No link is followed.
#[cfg(unix)]
pub(super) fn device_of(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Some(folder.symlink_metadata().ok()?.dev())
}

/// The device of a folder; `None` if it is not there. No link is followed.
#[cfg(windows)]
pub(super) fn device_of(folder: &Path) -> Option<u64> {
    let metadata = folder.symlink_metadata().ok()?;
    Some(of_entry(folder, &metadata).ok()?.device)
}

#[cfg(unix)]
fn of_metadata(metadata: &Metadata) -> SourceIdentity {
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

#[cfg(windows)]
fn with_index(file: &File, metadata: &Metadata) -> io::Result<SourceIdentity> {
    let information = winapi_util::file::information(file)?;
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok());
    Ok(SourceIdentity {
        device: information.volume_serial_number(),
        file: information.file_index(),
        size: metadata.len(),
        modified_ns: modified.unwrap_or(0),
        changed_ns: changed_ns(file).unwrap_or(0),
    })
}

/// When anything of a file was last changed, nanoseconds since 1970: unlike the time of its last
/// modification, programs do not set it back. `None` where the file system keeps none, as FAT.
#[cfg(windows)]
#[expect(unsafe_code, reason = "no safe function tells it")]
fn changed_ns(file: &File) -> Option<i64> {
    use std::os::windows::io::AsRawHandle as _;

    use windows_sys::Win32::Storage::FileSystem::{
        FILE_BASIC_INFO, FileBasicInfo, GetFileInformationByHandleEx,
    };

    /// From 1601 to 1970, in steps of 100 ns.
    const EPOCH: i64 = 116_444_736_000_000_000;

    let mut told = FILE_BASIC_INFO::default();
    let size = u32::try_from(size_of_val(&told)).ok()?;
    // SAFETY: the handle is open for as long as `file` is borrowed, and `size` bytes of `told` are
    // there to be written.
    let answered = unsafe {
        GetFileInformationByHandleEx(
            file.as_raw_handle(),
            FileBasicInfo,
            (&raw mut told).cast(),
            size,
        )
    };
    let since_epoch = (answered != 0 && told.ChangeTime > 0).then(|| told.ChangeTime - EPOCH)?;
    since_epoch.checked_mul(100)
}

/// The fault that a system error on a source means.
pub(super) fn refused(error: &io::Error, name: &str) -> Fault {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FaultKind::SourceMissing,
        io::ErrorKind::PermissionDenied => FaultKind::SourceUnreadable,
        _ if is_no_device(error) => FaultKind::SourceNotRegular,
        _ if is_held(error) => FaultKind::SourceUnreadable,
        _ if is_out_of_handles(error) => FaultKind::TooManyOpenFiles,
        _ => FaultKind::SourceReadFailed,
    };
    Fault::new(kind).with_subject(name).with_detail(error.to_string())
}

/// Opening a socket file, or a device without a driver.
#[cfg(unix)]
fn is_no_device(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::NXIO)
}

/// What `NUL` and `CON` answer where a file is asked for its path, and what a link of another kind
/// than Windows follows (a socket, an alias of the store's apps) answers where it is opened.
#[cfg(windows)]
fn is_no_device(error: &io::Error) -> bool {
    use windows_sys::Win32::Foundation::{ERROR_CANT_ACCESS_FILE, ERROR_INVALID_FUNCTION};
    is_one_of(error, &[ERROR_INVALID_FUNCTION, ERROR_CANT_ACCESS_FILE])
}

/// Another program has the file, or a part of it, for itself.
#[cfg(unix)]
fn is_held(_error: &io::Error) -> bool {
    false
}

/// Another program has the file, or a part of it, for itself.
#[cfg(windows)]
fn is_held(error: &io::Error) -> bool {
    use windows_sys::Win32::Foundation::{ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION};
    is_one_of(error, &[ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION])
}

#[cfg(windows)]
fn is_one_of(error: &io::Error, codes: &[u32]) -> bool {
    let code = error.raw_os_error().and_then(|code| u32::try_from(code).ok());
    code.is_some_and(|code| codes.contains(&code))
}

/// This process, or this computer, has as many files open as it may.
#[cfg(unix)]
fn is_out_of_handles(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(windows)]
fn is_out_of_handles(error: &io::Error) -> bool {
    use windows_sys::Win32::Foundation::ERROR_TOO_MANY_OPEN_FILES;
    is_one_of(error, &[ERROR_TOO_MANY_OPEN_FILES])
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[cfg(unix)]
    #[test]
    fn too_many_open_files_are_no_fault_of_the_file() {
        use rustix::io::Errno;
        for errno in [Errno::MFILE, Errno::NFILE] {
            assert_eq!(refused(&errno.into(), "a.txt").kind, FaultKind::TooManyOpenFiles);
        }
    }

    #[cfg(windows)]
    #[test]
    fn what_windows_alone_refuses_has_its_kinds() {
        use windows_sys::Win32::Foundation::{
            ERROR_INVALID_FUNCTION, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION,
            ERROR_TOO_MANY_OPEN_FILES,
        };
        for (code, kind) in [
            (ERROR_SHARING_VIOLATION, FaultKind::SourceUnreadable),
            (ERROR_LOCK_VIOLATION, FaultKind::SourceUnreadable),
            (ERROR_INVALID_FUNCTION, FaultKind::SourceNotRegular),
            (ERROR_TOO_MANY_OPEN_FILES, FaultKind::TooManyOpenFiles),
        ] {
            let error = io::Error::from_raw_os_error(i32::try_from(code).expect("small"));
            assert_eq!(refused(&error, "a.txt").kind, kind, "{code}");
        }
    }
}
