//! The data folder: made private, and refused where another user could have a hand in it.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::JournalError;

/// An error of the file system, in the journal's terms.
pub(crate) fn broken(error: io::Error) -> JournalError {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return JournalError::Full;
    }
    JournalError::Broken(error.to_string())
}

fn refused(dir: &Path, why: &str) -> JournalError {
    JournalError::Broken(format!("the folder {} {why}", dir.display()))
}

/// How a file of the data folder is opened: to read and to write, made where it is missing,
/// readable by its owner only.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes `dir` where it is missing, checks it, and returns it without links in its path.
pub(crate) fn prepare(dir: &Path) -> Result<PathBuf, JournalError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir).map_err(|error| match broken(error) {
        JournalError::Broken(why) => refused(dir, &format!("cannot be made: {why}")),
        full => full,
    })?;
    let checked = check(dir)?;
    #[cfg(unix)]
    check_owner(dir)?;
    Ok(checked)
}

/// Checks a folder that is only read, and returns it without links in its path.
pub(crate) fn check(dir: &Path) -> Result<PathBuf, JournalError> {
    let found = dir.symlink_metadata().map_err(broken)?;
    if found.is_symlink() {
        return Err(refused(dir, "is a link"));
    }
    if !found.is_dir() {
        return Err(refused(dir, "is no folder"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if found.permissions().mode() & 0o022 != 0 {
            return Err(refused(
                dir,
                "may be written by other users: take that right away (chmod go-w), or choose another",
            ));
        }
    }
    dir.canonicalize().map_err(broken)
}

/// The owner has to be this process's user: another one could put files of their own in place of
/// ours.
#[cfg(unix)]
fn check_owner(dir: &Path) -> Result<(), JournalError> {
    use std::os::unix::fs::MetadataExt;

    let found = dir.symlink_metadata().map_err(broken)?;
    // Whom a new file belongs to is whom this process is.
    let probe = tempfile_in(dir)?;
    let mine = probe.metadata().map_err(broken)?.uid();
    if found.uid() == mine { Ok(()) } else { Err(refused(dir, "belongs to another user")) }
}

/// A file that is already unlinked when it is returned.
#[cfg(unix)]
fn tempfile_in(dir: &Path) -> Result<std::fs::File, JournalError> {
    let path = dir.join(format!("ferry.probe-{}", std::process::id()));
    // Left over by a process of the same number that was killed between the next two lines.
    if path.symlink_metadata().is_ok() {
        std::fs::remove_file(&path).map_err(broken)?;
    }
    let file = std::fs::File::create_new(&path).map_err(broken)?;
    std::fs::remove_file(&path).map_err(broken)?;
    Ok(file)
}

/// Most bytes that a probe writes: more than one commit of the queue takes.
const PROBE: usize = 256 << 10;

/// Writes some pages into the folder, waits until they are on the disk, and removes them.
pub(crate) fn probe(dir: &Path) -> Result<(), JournalError> {
    let path = dir.join(format!("ferry.room-{}", std::process::id()));
    refuse_link(&path)?;
    let outcome = std::fs::File::create(&path).and_then(|mut file| {
        io::Write::write_all(&mut file, &vec![0; PROBE])?;
        file.sync_all()
    });
    let removed = match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    outcome.and(removed).map_err(|error| JournalError::of_write(&error))
}

/// Refuses a file that is a link: nothing of ours ever is.
pub(crate) fn refuse_link(path: &Path) -> Result<(), JournalError> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => {
            Err(JournalError::Broken(format!("{} is a link", path.display())))
        }
        _ => Ok(()),
    }
}
