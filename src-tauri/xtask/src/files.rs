//! Files and folders, where what the system refuses ends a task.

use std::path::Path;

use crate::process::{Failure, Outcome};

/// The text of a file.
///
/// # Errors
/// Where it cannot be read, or is no text.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// The bytes of a file.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn read_bytes(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// Makes a folder, or takes away what is in it.
///
/// # Errors
/// Where the system refuses.
pub(crate) fn empty(folder: &Path) -> Outcome {
    let removed = if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) };
    removed
        .and_then(|()| std::fs::create_dir_all(folder))
        .map_err(|error| Failure(format!("{} cannot be made anew: {error}", folder.display())))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("{} cannot be read: {error}", path.display()))
}
