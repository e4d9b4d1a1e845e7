//! `cargo xtask bundle`: this system's packages of the window with the command line, and the
//! command line alone.

mod app_archive;
mod contents;
mod glibc;
mod installed;
mod listing;
mod portable;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::empty;
use crate::packages;
use crate::prepare::{self, Purpose};
use crate::process::{
    Failure, Outcome, answers, cargo, finish, output, root, say, target_directory,
};
use crate::reproducible::without_paths;

use contents::Contents;

/// Most bytes of a deb package.
const MOST: u64 = 15_000_000;

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
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
}

/// A kind of package that Tauri's own tool makes of the window, and the end of its file's name.
type Kind = (&'static str, &'static str);

/// Those of this system.
const KINDS: &[Kind] = if cfg!(windows) {
    &[("nsis", "exe"), ("msi", "msi")]
} else if cfg!(target_os = "macos") {
    &[("dmg", "dmg")]
} else {
    &[("deb", "deb"), ("rpm", "rpm")]
};

/// Made where it is asked for: Tauri's tool fetches what makes it from where that is published.
const APPIMAGE: Kind = ("appimage", "AppImage");

/// Builds the programs, packs them with Tauri's own tool and as an archive, and looks the packages
/// over. They are put into one folder, `packages` beside the programs.
///
/// # Errors
/// Where an argument is unknown, building fails, or a package has a fault or is too large.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let (build, kinds) = asked(arguments)?;
    prepare::machine(Purpose::Packages)?;
    if kinds.contains(&APPIMAGE) {
        packages::install(packages::TO_MAKE_AN_APPIMAGE)?;
    }
    let programs = target_directory()?.join(build.folder());
    match build {
        Build::Release => optimised()?,
        Build::Debug => {
            // As every other task builds them, so that most of it is there already.
            finish(&mut cargo(&["build", "--workspace", "--bins", "--example", "manual"]))?;
        }
    }
    say("Packages: man pages and completions");
    let contents = Contents::make(&programs)?;
    let packages = programs.join("packages");
    empty(&packages)?;
    let mut made = packed(build, &kinds, &programs, &contents)?;
    made.push(portable::make(&programs, &contents)?);
    for path in &mut made {
        let place = packages.join(path.file_name().unwrap_or_default());
        std::fs::copy(&*path, &place)
            .map_err(|error| Failure(format!("{} cannot be copied: {error}", path.display())))?;
        say(format!("{}: {:.1} MB", place.display(), size(&place)? as f64 / 1e6));
        *path = place;
    }
    look_over(build, &made)
}

/// How the programs are built, and what is made of them.
fn asked(arguments: &[&str]) -> Outcome<(Build, Vec<Kind>)> {
    let (mut build, mut kinds) = (Build::Release, KINDS.to_vec());
    for argument in arguments {
        match *argument {
            "--debug" => build = Build::Debug,
            "--appimage" if cfg!(target_os = "linux") => kinds.push(APPIMAGE),
            other => return Err(Failure(format!("no packages are made with `{other}` here"))),
        }
    }
    Ok((build, kinds))
}

/// Installs the deb package into bare systems and uses it there.
///
/// # Errors
/// Where arguments are not understood, and as [`installed::run`].
pub(crate) fn test(arguments: &[&str]) -> Outcome {
    let (mut build, mut before, mut only) = (Build::Release, None, None);
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match *argument {
            "--debug" => build = Build::Debug,
            "--from" => {
                let file = left.next().ok_or_else(|| Failure("--from takes a file".to_owned()))?;
                before = Some(*file);
            }
            suite if !suite.starts_with('-') => only = Some(suite),
            other => return Err(Failure(format!("`bundle test` knows no {other}"))),
        }
    }
    installed::run(build, before, only)
}

/// The part of [`test()`] that runs in namespaces of its own.
///
/// # Errors
/// As [`installed::inside`].
pub(crate) fn inside_a_system(arguments: &[&str]) -> Outcome {
    installed::inside(arguments)
}

/// Builds the programs as they are given to people.
fn optimised() -> Outcome {
    let builder = builder();
    let target = target_directory()?;
    // One after the other: the command line's sandbox has parts for tests, which the window's is
    // built without.
    for (package, more) in [("ferry-cli", &["--example", "manual"][..]), ("ferry-desktop", &[])] {
        say(format!("Packages: building {package} (an optimised build takes its time)"));
        let arguments = ["--release", "--locked", "--package", package, "--bins"];
        let mut build = cargo(builder);
        without_paths(build.args(arguments).args(more), root(), &target);
        finish(&mut build)?;
    }
    Ok(())
}

/// What builds: where it is installed, the one that writes the list of crates into the programs,
/// which tools that look for weaknesses read.
fn builder() -> &'static [&'static str] {
    if answers(&mut cargo(&["auditable"])) {
        return &["auditable", "build"];
    }
    say("Packages: without cargo-auditable, the programs hold no list of their crates");
    &["build"]
}

/// The packages of this system, as Tauri's tool leaves them.
fn packed(
    build: Build,
    kinds: &[Kind],
    programs: &Path,
    contents: &Contents,
) -> Outcome<Vec<PathBuf>> {
    let mut names: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).collect();
    if cfg!(target_os = "macos") {
        // What `app_archive` packs.
        names.push("app");
    }
    say(format!("Packages: {}", names.join(", ")));
    let folder = programs.join("bundle");
    empty(&folder)?;
    let tool = if cfg!(windows) { "tauri.cmd" } else { "tauri" };
    let mut tool = Command::new(root().join("ui/node_modules/.bin").join(tool));
    tool.args(["bundle", "--bundles", &names.join(",")]);
    let configuration = if cfg!(target_os = "linux") {
        let newest = glibc::newest(&[programs.join("ferry"), programs.join("ferry-desktop")])?;
        contents.configuration(build, newest)
    } else {
        contents::beside_the_window(programs, &host()?)?
    };
    tool.args(["--config", &configuration]);
    if build == Build::Debug {
        tool.arg("--debug");
    }
    finish(tool.current_dir(root()))?;
    let mut made = Vec::new();
    for (kind, end) in kinds {
        let found = std::fs::read_dir(folder.join(kind)).into_iter().flatten().flatten();
        let mut found = found.map(|entry| entry.path());
        let package = found.find(|path| path.extension().is_some_and(|it| it == *end));
        let package = package.ok_or_else(|| Failure(format!("no {kind} package was made")))?;
        if *kind == "deb" && build == Build::Release {
            compress(&package, &folder.join("unpacked"))?;
        }
        made.push(package);
    }
    if cfg!(target_os = "macos") {
        made.push(app_archive::make(&folder)?);
    }
    Ok(made)
}

/// What Rust calls this system, as Tauri's tool asks it.
fn host() -> Outcome<String> {
    let told = output(Command::new("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned);
    host.ok_or_else(|| Failure("rustc does not say what this system is".to_owned()))
}

/// Packs a deb package anew, as small as every dpkg can read it: Tauri's tool knows gzip alone.
fn compress(package: &Path, unpacked: &Path) -> Outcome {
    say("Packages: compressing the deb");
    empty(unpacked)?;
    finish(Command::new("dpkg-deb").arg("--raw-extract").arg(package).arg(unpacked))?;
    let how = ["--root-owner-group", "-Zxz", "-z9", "--build"];
    finish(Command::new("dpkg-deb").args(how).arg(unpacked).arg(package))
}

/// Whether the packages are whole and small enough.
fn look_over(build: Build, packages: &[PathBuf]) -> Outcome {
    let of_kind = |kind| packages.iter().find(|path| path.extension().is_some_and(|it| it == kind));
    let (Some(deb), Some(rpm)) = (of_kind("deb"), of_kind("rpm")) else { return Ok(()) };
    packages::install(packages::TO_LOOK_OVER)?;
    if build == Build::Release && size(deb)? > MOST {
        return Err(Failure(format!("{} is over {MOST} bytes", deb.display())));
    }
    listing::compare(deb, rpm)?;
    say("Packages: lintian");
    finish(Command::new("lintian").args(["--allow-root", "--fail-on", "error"]).arg(deb))
}

fn size(path: &Path) -> Outcome<u64> {
    let found = std::fs::metadata(path);
    found
        .map(|found| found.len())
        .map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appimage_is_made_where_it_is_asked_for() {
        assert_eq!(asked(&[]).expect("is fine"), (Build::Release, KINDS.to_vec()));
        assert_eq!(asked(&["--debug"]).expect("is fine"), (Build::Debug, KINDS.to_vec()));
        let with = asked(&["--debug", "--appimage"]).map(|(_, kinds)| kinds);
        if cfg!(target_os = "linux") {
            assert_eq!(with.expect("is fine"), [KINDS, &[APPIMAGE]].concat());
        } else {
            assert!(with.is_err());
        }
        assert!(asked(&["--snap"]).is_err());
    }

    #[test]
    fn rust_says_what_this_system_is() {
        let host = host().expect("says");
        assert!(host.contains(std::env::consts::ARCH) && !host.contains(char::is_whitespace));
    }
}
