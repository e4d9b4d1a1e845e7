//! `cargo xtask reproducible`: whether the last commit gives the same `ferry` from two folders.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{empty, read_bytes};
use crate::process::{Failure, Outcome, cargo, finish, output, root, say, target_directory};

/// Two folders of unlike names and depths.
const PLACES: [&str; 2] = ["first", "second/in-a-folder-of-another-depth"];

/// Builds `ferry` from two clones of the repository, each into a target directory of its own, and
/// compares the programs. Both stay where they are, to be looked at.
///
/// # Errors
/// Where building fails, or where the programs differ.
pub(crate) fn run() -> Outcome {
    let folder = target_directory()?.join("reproducible");
    empty(&folder)?;
    let mut programs = Vec::new();
    for place in PLACES {
        programs.push(build(&folder.join(place))?);
    }
    let [first, second] = [read_bytes(&programs[0])?, read_bytes(&programs[1])?];
    if let Some(difference) = difference(&first, &second) {
        let paths: Vec<_> = programs.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure(format!("{} differ: {difference}", paths.join(" and "))));
    }
    let sum = output(Command::new("sha256sum").arg(&programs[0]))?;
    let sum = sum.split_whitespace().next().unwrap_or_default();
    say(format!("Reproducible: both are {} bytes, SHA-256 {sum}", first.len()));
    Ok(())
}

/// Takes the paths of this computer out of what is built: where the sources are, where cargo keeps
/// those of other crates, and where it builds.
pub(crate) fn without_paths(build: &mut Command, source: &Path, target: &Path) {
    let mut paths = vec![(source.to_path_buf(), "/ferry"), (target.to_path_buf(), "/target")];
    paths.extend(cargo_home().map(|home| (home, "/cargo")));
    let flag = |name: &str, (path, instead): &(PathBuf, &str)| {
        format!("{name}={}={instead}", path.display())
    };
    // The last that fits counts, and the target directory is often below the sources.
    let rust: Vec<_> = paths.iter().map(|it| flag("--remap-path-prefix", it)).collect();
    build.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f"));
    if !cfg!(windows) {
        let c: Vec<_> = paths.iter().map(|it| flag("-ffile-prefix-map", it)).collect();
        build.env("CFLAGS", c.join(" "));
    }
}

fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

fn build(source: &Path) -> Outcome<PathBuf> {
    say(format!("Reproducible: building ferry in {}", source.display()));
    finish(Command::new("git").args(["clone", "--quiet"]).arg(root()).arg(source))?;
    let target = source.join("target");
    let arguments = ["build", "--release", "--locked", "--package", "ferry-cli", "--bin", "ferry"];
    let mut build = cargo(&arguments);
    build.current_dir(source).env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
    without_paths(&mut build, source, &target);
    finish(&mut build)?;
    Ok(target.join("release/ferry").with_extension(std::env::consts::EXE_EXTENSION))
}

/// In what two programs differ.
fn difference(first: &[u8], second: &[u8]) -> Option<String> {
    if first.len() != second.len() {
        return Some(format!("{} bytes and {} bytes", first.len(), second.len()));
    }
    let mut differing = (0..first.len()).filter(|&at| first[at] != second[at]);
    let at = differing.next()?;
    Some(format!("{} of {} bytes, from {at:#x} on", differing.count() + 1, first.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told() {
        assert_eq!(difference(b"same", b"same"), None);
        assert_eq!(difference(b"long", b"longer").as_deref(), Some("4 bytes and 6 bytes"));
        let told = difference(b"0123456789", b"01x345y789");
        assert_eq!(told.as_deref(), Some("2 of 10 bytes, from 0x2 on"));
    }

    #[test]
    fn nothing_that_is_built_names_this_computer() {
        let mut build = Command::new("cargo");
        without_paths(&mut build, Path::new("/home/me/ferry"), Path::new("/home/me/ferry/target"));
        let of = |name: &str| {
            let found = build.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value);
            found.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let rust = of("CARGO_ENCODED_RUSTFLAGS");
        let first = "--remap-path-prefix=/home/me/ferry=/ferry\u{1f}\
                     --remap-path-prefix=/home/me/ferry/target=/target";
        assert!(rust.starts_with(first), "{rust}");
        assert_eq!(of("CFLAGS").is_empty(), cfg!(windows));
    }
}
