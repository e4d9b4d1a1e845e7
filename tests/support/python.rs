//! A Python with pinned packages, for clients that are not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installed::{once, run};

/// The interpreter of a virtual environment that holds exactly these packages (`name==version`) and
/// what they need. It is made on first use and kept under cargo's target directory, one for each
/// set of packages; test processes that want the same one wait for each other.
///
/// # Panics
///
/// When `python3` is missing, or a package cannot be installed: with the output of the command that
/// failed.
pub fn venv(packages: &[&str]) -> PathBuf {
    let directory = once("test-venv", packages, |directory| {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(directory));
        run(Command::new(interpreter(directory))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(packages));
    });
    interpreter(&directory)
}

fn interpreter(directory: &Path) -> PathBuf {
    if cfg!(windows) {
        directory.join("Scripts").join("python.exe")
    } else {
        directory.join("bin").join("python")
    }
}
