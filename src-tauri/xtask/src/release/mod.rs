//! `cargo xtask release`: what a release's workflow asks before anything is published.

mod assets;
mod bills;
mod changes;
mod crates;
mod manifests;
mod sums;
mod updates;

use std::path::Path;

use crate::files::read;
use crate::process::{Failure, Outcome, cargo, output, root, say};
use changes::Changes;

/// The key that archives and sums are signed by; the secret half is not in the sources.
const PUBLIC_KEY: &str = ".github/minisign.pub";

/// What shops for programs say of Ferry, with its releases.
const ENTRY: &str = "src-tauri/linux/dev.ferry.uploader.metainfo.xml";

/// The version of the workspace.
///
/// # Errors
/// Where cargo cannot tell.
pub(crate) fn version() -> Outcome<String> {
    let described = output(&mut cargo(&["pkgid", "--package", "ferry-cli"]))?;
    let version = described.trim().rsplit(['#', '@']).next().unwrap_or_default();
    Ok(version.to_owned())
}

/// Whether a tag names the workspace's version, and the list of changes and the entry in shops have
/// it with the same day.
///
/// # Errors
/// Where it does not: nothing is released then.
pub(crate) fn check_tag(tag: &str) -> Outcome {
    let version = version()?;
    let (changes, entry) = (read(&root().join("CHANGELOG.md"))?, read(&root().join(ENTRY))?);
    tag_fits(tag, &version, &changes, &entry)?;
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

/// Writes what is inside the programs and the page, a file for each.
///
/// # Errors
/// Where cargo-cyclonedx or npm fails, or a file cannot be written.
pub(crate) fn write_bills(folder: &str) -> Outcome {
    bills::write(Path::new(folder))
}

/// Whether a folder holds what a release consists of, and nothing else: every file, none of them
/// empty, each with its sum, the signatures of [`PUBLIC_KEY`], and in Linux's `ferry` the list of
/// its crates.
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
    for archive in assets::archives(&version).iter().filter(|name| name.contains("-linux.")) {
        crates::check(&folder.join(archive))?;
    }
    say(format!("Release: all {} files of {version} are there, and right", found.len()));
    Ok(())
}

/// Writes the manifests of winget, Homebrew and the AUR, with the sums of a release's files, which
/// are at `https://github.com/REPOSITORY/releases`, and what Ferry itself is told of the release.
///
/// # Errors
/// Where a sum, a signature or the changes are missing, or a file cannot be written.
pub(crate) fn write_manifests(folder: &str, repository: &str, to: &str) -> Outcome {
    let (folder, version) = (Path::new(folder), version()?);
    let sums = sums::read(folder)?;
    let changes = Changes::of(&version, &read(&root().join("CHANGELOG.md"))?)?;
    let signatures = updates::signatures(folder, &version)?;
    let mut all = manifests::all(&version, repository, &sums)?;
    let latest = updates::latest(&version, repository, &changes, &signatures)?;
    all.push((updates::LATEST.to_owned(), latest));
    for (name, text) in all {
        let path = Path::new(to).join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written = made.and_then(|()| std::fs::write(&path, text));
        written
            .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
        say(format!("Release: {}", path.display()));
    }
    Ok(())
}

fn tag_fits(tag: &str, version: &str, changes: &str, entry: &str) -> Outcome {
    if tag.strip_prefix('v') != Some(version) {
        return Err(Failure(format!("the tag {tag} is not of version {version}")));
    }
    let day = Changes::of(version, changes)?.date;
    let release = format!("<release version=\"{version}\" date=\"{day}\"");
    let newest = entry.find("<release ").map(|at| &entry[at..]);
    if newest.is_some_and(|newest| newest.starts_with(&release)) {
        return Ok(());
    }
    Err(Failure(format!("the newest release in {ENTRY} is not `{release} />`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGES: &str = "# Changelog\n\n## [Unreleased]\n\n- y\n\n## [1.2.0] - soon\n\n\
                           ## [1.1.0] - 2026-11-30\n\n- x\n\n## [1.0.0] - 2026-10-01\n\n\
                           ## 0.9.0 (2026-09-01)\n";

    fn entry(version: &str, day: &str) -> String {
        format!(
            "<releases>\n<release version=\"{version}\" date=\"{day}\" />\n\
             <release version=\"1.0.0\" date=\"2026-10-01\" />\n</releases>"
        )
    }

    #[test]
    fn a_tag_is_of_the_version_or_nothing_is_released() {
        for (tag, version, fits) in [
            ("v1.1.0", "1.1.0", true),
            ("1.1.0", "1.1.0", false),
            ("v1.1.1", "1.1.0", false),
            ("v1.1.0-rc.1", "1.1.0", false),
            ("v1.2.0", "1.2.0", false),
            ("v1.3.0", "1.3.0", false),
            ("v1.1", "1.1", false),
            ("v0.9.0", "0.9.0", false),
            ("vUnreleased", "Unreleased", false),
        ] {
            let told = tag_fits(tag, version, CHANGES, &entry(version, "2026-11-30"));
            assert_eq!(told.is_ok(), fits, "{tag} of {version}");
        }
    }

    #[test]
    fn shops_are_told_of_the_same_version_and_day() {
        for (version, day, fits) in [
            ("1.1.0", "2026-11-30", true),
            ("1.1.0", "2026-11-29", false),
            ("1.0.9", "2026-11-30", false),
        ] {
            let told = tag_fits("v1.1.0", "1.1.0", CHANGES, &entry(version, day));
            assert_eq!(told.is_ok(), fits, "{version} of {day}");
        }
        // It is there, but another is newer.
        assert!(tag_fits("v1.0.0", "1.0.0", CHANGES, &entry("1.1.0", "2026-11-30")).is_err());
        assert!(tag_fits("v1.1.0", "1.1.0", CHANGES, "").is_err(), "no release at all");
    }
}
