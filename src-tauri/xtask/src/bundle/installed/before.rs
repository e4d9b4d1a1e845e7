//! The version before the package, as long as none is given: its own files under a lower version.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::tree::remove;
use crate::files::read;
use crate::process::{Failure, Outcome, finish};

/// Where the repacked package has a file that the new one lacks: an upgrade takes it away.
pub(super) const MARK: &str = "usr/share/doc/ferry/version-before";

/// A package with the same files under a lower version, to be upgraded from.
///
/// # Errors
/// Where it cannot be unpacked or packed.
pub(super) fn repacked(package: &Path, folder: &Path) -> Outcome<PathBuf> {
    let unpacked = folder.join("before");
    finish(Command::new("dpkg-deb").arg("--raw-extract").arg(package).arg(&unpacked))?;
    let control = unpacked.join("DEBIAN/control");
    let text = read(&control)?;
    let lower = lower_version(&text);
    std::fs::write(&control, lower)
        .and_then(|()| std::fs::write(unpacked.join(MARK), "before\n"))
        .map_err(|error| Failure(format!("{} cannot be written: {error}", unpacked.display())))?;
    let to = folder.join("before.deb");
    // It is installed once: not worth compressing.
    let how = ["--root-owner-group", "-Znone", "--build"];
    finish(Command::new("dpkg-deb").args(how).arg(&unpacked).arg(&to).stdout(Stdio::null()))?;
    remove(&unpacked)?;
    Ok(to)
}

/// Debian's order puts what ends in `~` and more before what ends there.
fn lower_version(control: &str) -> String {
    let lines = control.lines().map(|line| match line.strip_prefix("Version:") {
        Some(version) => format!("Version: {}~before\n", version.trim()),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_before_is_lower() {
        let control = "Package: ferry\nVersion: 1.2.0\nDescription: x\n Version: y\n";
        let lower = "Package: ferry\nVersion: 1.2.0~before\nDescription: x\n Version: y\n";
        assert_eq!(lower_version(control), lower);
    }
}
