//! The window's app for macOS in an archive, as Tauri's updater puts it in an older one's place.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, finish};
use crate::release::version;

/// Packs the app that Tauri's tool left among its bundles.
///
/// # Errors
/// Where tar fails.
pub(super) fn make(bundles: &Path) -> Outcome<PathBuf> {
    let folder = bundles.join("macos");
    let processor = if cfg!(target_arch = "aarch64") { "aarch64" } else { "x64" };
    let archive = folder.join(format!("Ferry_{}_{processor}.app.tar.gz", version()?));
    let mut tar = Command::new("tar");
    // Without what only the Finder knows of files, which would be files of their own.
    tar.env("COPYFILE_DISABLE", "1").arg("-czf").arg(&archive).arg("-C");
    finish(tar.args([&folder, Path::new("Ferry.app")]))?;
    Ok(archive)
}
