//! `cargo xtask bundle`: packages for Linux, with the window and the command line, and the command
//! line alone.

mod contents;
mod glibc;
mod portable;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::packages;
use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, finish, root, say, target_directory};

use contents::Contents;

/// Most bytes of a deb package.
const MOST: u64 = 15 << 20;

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As they are given to people.
    Release,
    /// Quickly, to look at the packages.
    Debug,
}

impl Build {
    fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Debug => "debug",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["--release"],
            Self::Debug => &[],
        }
    }
}

/// Builds the programs, packs them with Tauri's own tool and as an archive, and looks the packages
/// over.
///
/// # Errors
/// On another system than Linux, where building fails, or where a package has a fault or is too
/// large.
pub(crate) fn run(build: Build) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure("packages are built on Linux so far".to_owned()));
    }
    prepare::machine(Purpose::Packages)?;
    let programs = target_directory()?.join(build.folder());
    // One after the other: the command line's sandbox has parts for tests, which the window's is
    // built without.
    for package in ["ferry-cli", "ferry-desktop"] {
        say(format!("Packages: building {package} (an optimised build takes its time)"));
        finish(cargo(&["build", "--package", package, "--bins"]).args(build.arguments()))?;
    }
    say("Packages: man pages and completions");
    let contents = Contents::make(&programs)?;
    say("Packages: deb and rpm");
    let made = packed(build, &programs, &contents)?;
    let archive = portable::make(&programs.join("ferry"), &contents)?;
    for path in made.iter().chain([&archive]) {
        say(format!("{}: {:.1} MB", path.display(), size(path)? as f64 / 1e6));
    }
    look_over(build, &made)
}

/// The deb and the rpm package.
fn packed(build: Build, programs: &Path, contents: &Contents) -> Outcome<Vec<PathBuf>> {
    let folder = programs.join("bundle");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Failure(format!("{} cannot be removed: {error}", folder.display())))?;
    }
    let newest = glibc::newest(&[programs.join("ferry"), programs.join("ferry-desktop")])?;
    let mut tool = Command::new(root().join("ui/node_modules/.bin/tauri"));
    tool.args(["bundle", "--bundles", "deb,rpm", "--config", &contents.configuration(newest)]);
    if build == Build::Debug {
        tool.arg("--debug");
    }
    finish(tool.current_dir(root()))?;
    let mut made = Vec::new();
    for kind in ["deb", "rpm"] {
        let found = std::fs::read_dir(folder.join(kind)).into_iter().flatten().flatten();
        let mut found = found.map(|entry| entry.path());
        let package = found.find(|path| path.extension().is_some_and(|it| it == kind));
        made.push(package.ok_or_else(|| Failure(format!("no {kind} package was made")))?);
    }
    Ok(made)
}

/// Whether the packages are whole and small enough.
fn look_over(build: Build, packages: &[PathBuf]) -> Outcome {
    packages::install(packages::TO_LOOK_OVER)?;
    for package in packages.iter().filter(|path| path.extension().is_some_and(|it| it == "deb")) {
        if build == Build::Release && size(package)? > MOST {
            return Err(Failure(format!("{} is over {MOST} bytes", package.display())));
        }
        say("Packages: lintian");
        // Debian's own packages are built another way, and need none of what these tags ask for.
        finish(Command::new("lintian").args(["--allow-root", "--fail-on", "error"]).arg(package))?;
    }
    Ok(())
}

fn size(path: &Path) -> Outcome<u64> {
    let found = std::fs::metadata(path);
    found
        .map(|found| found.len())
        .map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))
}
