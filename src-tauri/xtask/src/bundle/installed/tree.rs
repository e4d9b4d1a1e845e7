//! Trees of bare systems, made by debootstrap and kept below the target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::files::empty;
use crate::process::{Failure, Outcome, finish, output, say, target_directory};

/// A system that the package is installed into.
#[derive(Debug)]
pub(super) struct Source {
    /// As people call it.
    pub(super) name: &'static str,
    /// As its archive calls it.
    pub(super) suite: &'static str,
    /// Debootstrap's script, which also knows the archive: the suite may be newer than debootstrap.
    script: &'static str,
    keyring: Keyring,
}

/// What its archive is signed with.
#[derive(Debug)]
enum Keyring {
    /// A package of this system.
    Debian,
    /// A file of a package that other distributions have under various names or not at all.
    Ubuntu,
}

/// The oldest Debian and the Ubuntu that the package is meant for.
pub(super) const SYSTEMS: &[Source] = &[
    Source { name: "Debian 12", suite: "bookworm", script: "sid", keyring: Keyring::Debian },
    Source { name: "Ubuntu 24.04", suite: "noble", script: "gutsy", keyring: Keyring::Ubuntu },
];

/// Where Ubuntu's keys are installed.
const UBUNTU_KEYRING: &str = "usr/share/keyrings/ubuntu-archive-keyring.gpg";
/// The package that has them, with its SHA-256: it is what the archive's signatures rest on.
const UBUNTU_KEYS: (&str, &str) = (
    concat!(
        "http://archive.ubuntu.com/ubuntu/pool/main/u/ubuntu-keyring/",
        "ubuntu-keyring_2023.11.28.1_all.deb"
    ),
    "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8",
);

/// An older tree is made anew: packages that depend on each other are fetched for what is in it.
const STAYS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A copy of a system's bare tree, to be thrown away.
///
/// # Errors
/// Where the tree cannot be made or copied.
pub(super) fn copy(system: &Source) -> Outcome<PathBuf> {
    let bare = bare(system)?;
    let copy = folder()?.join(format!("{}-copy", system.suite));
    remove(&copy)?;
    finish(Command::new("cp").args(["-a", "--reflink=auto"]).arg(bare).arg(&copy))?;
    Ok(copy)
}

/// Where packages that were fetched for a system are kept for the next run.
///
/// # Errors
/// Where the folder cannot be made.
pub(super) fn archives(suite: &str) -> Outcome<PathBuf> {
    let archives = folder()?.join(format!("{suite}-archives"));
    std::fs::create_dir_all(&archives)
        .map_err(|error| Failure(format!("{} cannot be made: {error}", archives.display())))?;
    Ok(archives)
}

/// Removes a folder, where it is there. Mounts in it would be emptied as well: there are none, as
/// they end with their namespace.
///
/// # Errors
/// Where the system refuses.
pub(super) fn remove(folder: &Path) -> Outcome {
    finish(Command::new("rm").args(["-rf", "--one-file-system"]).arg(folder))
}

fn folder() -> Outcome<PathBuf> {
    Ok(target_directory()?.join("systems"))
}

/// The tree of a system with nothing but what every system has.
fn bare(system: &Source) -> Outcome<PathBuf> {
    let tree = folder()?.join(system.suite);
    // Written last.
    let stamp = folder()?.join(format!("{}.made", system.suite));
    let age = std::fs::metadata(&stamp).and_then(|it| it.modified()).ok();
    if age.is_some_and(|made| made.elapsed().is_ok_and(|age| age < STAYS)) {
        return Ok(tree);
    }
    say(format!("{}: making a bare tree (debootstrap)", system.name));
    drop(std::fs::remove_file(&stamp));
    empty(&tree)?;
    let mut debootstrap = Command::new("debootstrap");
    debootstrap.arg("--variant=minbase").arg("--keyring").arg(keyring(&system.keyring)?);
    // Without a mirror, the script's own.
    debootstrap.arg(system.suite).arg(&tree).args(["", system.script]);
    finish(debootstrap.stdout(Stdio::null()))?;
    std::fs::write(&stamp, "")
        .map_err(|error| Failure(format!("{} cannot be written: {error}", stamp.display())))?;
    Ok(tree)
}

fn keyring(keyring: &Keyring) -> Outcome<PathBuf> {
    match keyring {
        Keyring::Debian => Ok("/usr/share/keyrings/debian-archive-keyring.gpg".into()),
        Keyring::Ubuntu => ubuntu_keyring(),
    }
}

fn ubuntu_keyring() -> Outcome<PathBuf> {
    let installed = Path::new("/").join(UBUNTU_KEYRING);
    if installed.exists() {
        return Ok(installed);
    }
    let (address, sum) = UBUNTU_KEYS;
    let folder = folder()?.join("ubuntu-keyring");
    empty(&folder)?;
    let package = folder.join("keys.deb");
    // Debootstrap fetches with it as well.
    finish(Command::new("wget").args(["-q", "-O"]).arg(&package).arg(address))?;
    let found = output(Command::new("sha256sum").arg(&package))?;
    if !found.starts_with(sum) {
        return Err(Failure(format!("{address} has another SHA-256 than {sum}: {found}")));
    }
    finish(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&folder))?;
    Ok(folder.join(UBUNTU_KEYRING))
}
