//! What is done with a file that was uploaded: moved or deleted, if it is what was uploaded.

use std::io;
use std::path::Path;

use ferry_model::{Fault, FaultKind, QueuedSource};

use super::Tidy;

/// Does it. `check` makes sure that the file is what its source says; it is called as late as can
/// be. Residue: a program that writes to the file between that look and the deletion loses what it
/// wrote; what it writes after a move is in the new place. Blocks on the disk.
///
/// # Errors
/// Those of `check`; [`FaultKind::AlreadyExists`]; [`FaultKind::FileNotWritten`].
pub(super) fn tidy(
    source: &QueuedSource,
    how: &Tidy,
    check: impl Fn() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let from = source.resolved.as_ref().unwrap_or(&source.path);
    let failed = |error: &io::Error| {
        let kind = match error.kind() {
            io::ErrorKind::AlreadyExists => FaultKind::AlreadyExists,
            io::ErrorKind::NotFound => FaultKind::SourceMissing,
            _ => FaultKind::FileNotWritten,
        };
        Fault::new(kind).with_subject(source.shown()).with_detail(error.to_string())
    };
    match how {
        Tidy::Delete => {
            check()?;
            std::fs::remove_file(from).map_err(|error| failed(&error))
        }
        Tidy::Move(to) => {
            check()?;
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            }
            check()?;
            rename(from, to).map_err(|error| failed(&error))
        }
    }
}

/// Renames where nothing stands at the new place.
#[cfg(target_os = "linux")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // File systems that do not know the flag, as NFS.
        Err(Errno::INVAL | Errno::NOSYS) => rename_after_look(from, to),
        outcome => Ok(outcome?),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    rename_after_look(from, to)
}

/// Residue: a file that comes to the new place between look and rename is replaced.
fn rename_after_look(from: &Path, to: &Path) -> io::Result<()> {
    match to.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::fs::rename(from, to),
        Err(error) => Err(error),
    }
}
