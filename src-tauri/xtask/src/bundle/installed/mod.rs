//! `cargo xtask bundle test`: the deb package, installed into bare systems and used there.
//!
//! The systems are trees of files below the target directory. Each run works on a copy, in
//! namespaces of its own: mounts and processes end with it, whatever becomes of the run.

mod before;
mod desktop;
mod steps;
mod system;
mod tree;
mod upgrade;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Build;
use crate::files::empty;
use crate::packages;
use crate::process::{Failure, Outcome, finish, output, say, target_directory};

use system::System;
use tree::{SYSTEMS, Source};

/// What stands outside of the systems: what makes them, and a screen with a mouse. None of it is
/// installed in them, so that the window has there what its package asks for and nothing else.
const TO_TEST_PACKAGES: &[&str] = &[
    "debootstrap",
    "debian-archive-keyring",
    "xvfb",
    "openbox",
    "xdotool",
    "imagemagick",
    "python3-gi",
    "gir1.2-gtk-3.0",
];

/// What the user has that no removal may touch: the queue with profiles and settings, and the
/// keyring.
const QUEUE: &str = "/.local/share/ferry/ferry.db";
const KEYRING: &str = "/.local/share/keyrings/login.keyring";

/// Where mounts are seen by nothing else, and all processes end with the first.
const NAMESPACES: [&str; 5] = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/// Installs, uses, upgrades and removes the package in each system, or in the one of this name.
/// Pictures and logs are put into `installed` beside the packages.
///
/// # Errors
/// Where there is no package or no right to do it, and where a step shows a fault.
pub(crate) fn run(build: Build, before: Option<&str>, only: Option<&str>) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure("deb packages are tested on Linux".to_owned()));
    }
    root_can_unshare()?;
    let programs = target_directory()?.join(build.folder());
    let package = deb(&programs.join("packages"))?;
    packages::install(TO_TEST_PACKAGES)?;
    let folder = programs.join("installed");
    empty(&folder)?;
    let before = before::repacked(before.map_or(package.as_path(), Path::new), &folder)?;
    let chosen: Vec<_> =
        SYSTEMS.iter().filter(|system| only.is_none_or(|name| name == system.suite)).collect();
    if chosen.is_empty() {
        let known: Vec<_> = SYSTEMS.iter().map(|system| system.suite).collect();
        return Err(Failure(format!("no such system: {}", known.join(", "))));
    }
    for system in &chosen {
        in_namespaces(system, &package, &before, &folder)?;
    }
    let names: Vec<_> = chosen.iter().map(|system| system.name).collect();
    say(format!("Installed: all steps passed on {}", names.join(" and ")));
    Ok(())
}

/// Whether trees of other systems can be made and entered here.
fn root_can_unshare() -> Outcome {
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        let own = std::env::current_exe().unwrap_or_default();
        return Err(Failure(format!(
            "only root can make and enter trees of other systems. Run this line:\n\
             sudo {} bundle test",
            own.display()
        )));
    }
    let mut tried = Command::new("unshare");
    output(tried.args(NAMESPACES).arg("true")).map(drop).map_err(|Failure(reason)| {
        Failure(format!("this machine gives no namespaces of its own: {reason}"))
    })
}

/// Starts this program once more, where its mounts are seen by nothing else and where what it
/// starts ends with it.
fn in_namespaces(system: &Source, package: &Path, before: &Path, folder: &Path) -> Outcome {
    let copy = tree::copy(system)?;
    let own = std::env::current_exe()
        .map_err(|error| Failure(format!("where this program is cannot be told: {error}")))?;
    let mut inside = Command::new("unshare");
    inside.args(NAMESPACES).arg(own).args(["bundle", "test", "inside", system.suite]);
    inside.args([copy.as_path(), package, before, folder]);
    let outcome = finish(&mut inside);
    tree::remove(&copy)?;
    outcome.map_err(|_| {
        let logs = folder.join(system.suite);
        Failure(format!("a step failed on {}; logs: {}", system.name, logs.display()))
    })
}

/// The steps, within the namespaces that [`run`] made.
///
/// # Errors
/// The first step that shows a fault.
pub(crate) fn inside(arguments: &[&str]) -> Outcome {
    let [suite, root, package, before, folder] = arguments else {
        return Err(Failure("`bundle test` calls this".to_owned()));
    };
    let source = SYSTEMS.iter().find(|system| system.suite == *suite);
    let source = source.ok_or_else(|| Failure(format!("no such system: {suite}")))?;
    let logs = Path::new(folder).join(suite);
    let system = System::enter(source, Path::new(root), &logs)?;
    let new = system.take(Path::new(package), "ferry.deb")?;
    let old = system.take(Path::new(before), "before.deb")?;

    steps::install(&system, &new)?;
    desktop::drag_in(&system, None, "bare")?;
    steps::tools(&system)?;
    steps::words(&system)?;
    steps::remove(&system, &[QUEUE])?;
    upgrade::run(&system, &old, &new)?;
    steps::remove(&system, &[QUEUE, KEYRING])
}

/// The package that `cargo xtask bundle` made.
fn deb(folder: &Path) -> Outcome<PathBuf> {
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = found.map(|entry| entry.path());
    let package = found.find(|path| path.extension().is_some_and(|it| it == "deb"));
    package.ok_or_else(|| {
        Failure(format!("no deb package is in {}: `cargo xtask bundle` makes it", folder.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_package_says_what_makes_one() {
        let Err(Failure(reason)) = deb(Path::new("/nowhere")) else { panic!("nothing is there") };
        assert!(reason.contains("`cargo xtask bundle` makes it"), "{reason}");
    }
}
