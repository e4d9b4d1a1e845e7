//! `cargo xtask release`: what a release's workflow asks before anything is published.

mod assets;
mod manifests;
mod sums;

use std::path::Path;

use crate::files::read;
use crate::process::{Failure, Outcome, cargo, output, root, say};

/// The key that archives and sums are signed by; the secret half is not in the sources.
const PUBLIC_KEY: &str = ".github/minisign.pub";

/// The version of the workspace.
///
/// # Errors
/// Where cargo cannot tell.
pub(crate) fn version() -> Outcome<String> {
    let described = output(&mut cargo(&["pkgid", "--package", "ferry-cli"]))?;
    let version = described.trim().rsplit(['#', '@']).next().unwrap_or_default();
    Ok(version.to_owned())
}

/// Whether a tag names the workspace's version, and the list of changes has it with a date.
///
/// # Errors
/// Where it does not: nothing is released then.
pub(crate) fn check_tag(tag: &str) -> Outcome {
    let version = version()?;
    let changes = read(&root().join("CHANGELOG.md"))?;
    tag_fits(tag, &version, &changes)?;
    say(format!("Release: {tag} is version {version}, and the list of changes has it"));
    Ok(())
}

/// Writes `SHA256SUMS` over what is in a folder.
///
/// # Errors
/// Where a file cannot be read or written.
pub(crate) fn sum_up(folder: &str) -> Outcome {
    sums::write(Path::new(folder))
}

/// Whether a folder holds what a release consists of, and nothing else: every file, none of them
/// empty, each with its sum, and the signatures of [`PUBLIC_KEY`].
///
/// # Errors
/// What is missing, or wrong.
pub(crate) fn check(folder: &str) -> Outcome {
    let (folder, key) = (Path::new(folder), root().join(PUBLIC_KEY));
    if !key.exists() {
        return Err(Failure(format!(
            "{PUBLIC_KEY} is missing: make a pair of keys with `minisign -G`, and keep the other half out of the sources"
        )));
    }
    let version = version()?;
    let found = assets::found_in(folder)?;
    let faults = assets::faults(&assets::expected(&version), &found);
    if !faults.is_empty() {
        return Err(Failure(format!("the release is not whole:\n{}", faults.join("\n"))));
    }
    sums::check(folder)?;
    for signed in assets::signed(&version) {
        sums::check_signature(&folder.join(&signed), &key)?;
    }
    say(format!("Release: all {} files of {version} are there, and right", found.len()));
    Ok(())
}

/// Writes the manifests of winget, Homebrew and the AUR, with the sums of a release's files, which
/// are at `https://github.com/REPOSITORY/releases`.
///
/// # Errors
/// Where a sum is missing, or a file cannot be written.
pub(crate) fn write_manifests(folder: &str, repository: &str, to: &str) -> Outcome {
    let sums = sums::read(Path::new(folder))?;
    for (name, text) in manifests::all(&version()?, repository, &sums)? {
        let path = Path::new(to).join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written = made.and_then(|()| std::fs::write(&path, text));
        written
            .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
        say(format!("Release: {}", path.display()));
    }
    Ok(())
}

fn tag_fits(tag: &str, version: &str, changes: &str) -> Outcome {
    if tag.strip_prefix('v') != Some(version) {
        return Err(Failure(format!("the tag {tag} is not of version {version}")));
    }
    let heading = format!("## {version} (");
    let Some(line) = changes.lines().find(|line| line.starts_with(&heading)) else {
        return Err(Failure(format!("the list of changes has no heading `{heading}DATE)`")));
    };
    let date = line[heading.len()..].trim_end_matches(')');
    let is_date = date.len() == 10
        && date.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_date {
        Ok(())
    } else {
        Err(Failure(format!("`{line}` has no date: it would say of a release that it is none")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_the_version_or_nothing_is_released() {
        let changes = "# Changelog\n\n## 1.2.0 (unreleased)\n\n## 1.1.0 (2026-11-30)\n\n- x\n";
        for (tag, version, fits) in [
            ("v1.1.0", "1.1.0", true),
            ("1.1.0", "1.1.0", false),
            ("v1.1.1", "1.1.0", false),
            ("v1.1.0-rc.1", "1.1.0", false),
            ("v1.2.0", "1.2.0", false),
            ("v1.3.0", "1.3.0", false),
            ("v1.1", "1.1", false),
        ] {
            assert_eq!(tag_fits(tag, version, changes).is_ok(), fits, "{tag} of {version}");
        }
    }
}
