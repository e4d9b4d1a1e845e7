//! Which files a release consists of.

use std::collections::BTreeMap;
use std::path::Path;

use crate::process::{Failure, Outcome};

/// The list of sums.
pub(super) const SUMS: &str = "SHA256SUMS";
/// What minisign puts behind the name of what it signed.
pub(super) const SIGNATURE: &str = "minisig";

/// The archives of `ferry` alone.
pub(super) fn archives(version: &str) -> Vec<String> {
    let mut archives = Vec::new();
    for (system, extension) in [("linux", "tar.gz"), ("macos", "tar.gz"), ("windows", "zip")] {
        for processor in ["x86_64", "aarch64"] {
            archives.push(format!("ferry-{version}-{processor}-{system}.{extension}"));
        }
    }
    archives
}

/// The packages of the window, as Tauri's tool names them; all but the AppImages hold the command
/// line as well.
pub(super) fn packages(version: &str) -> Vec<String> {
    vec![
        format!("Ferry_{version}_amd64.deb"),
        format!("Ferry_{version}_arm64.deb"),
        format!("Ferry_{version}_amd64.AppImage"),
        format!("Ferry_{version}_aarch64.AppImage"),
        format!("Ferry-{version}-1.x86_64.rpm"),
        format!("Ferry-{version}-1.aarch64.rpm"),
        format!("Ferry_{version}_x64.dmg"),
        format!("Ferry_{version}_aarch64.dmg"),
        format!("Ferry_{version}_x64-setup.exe"),
        format!("Ferry_{version}_arm64-setup.exe"),
        format!("Ferry_{version}_x64_en-US.msi"),
        format!("Ferry_{version}_arm64_en-US.msi"),
        format!("Ferry_{version}_x64.app.tar.gz"),
        format!("Ferry_{version}_aarch64.app.tar.gz"),
    ]
}

/// What Ferry installs over itself, by the name under which Tauri's updater looks for it. On Linux
/// package managers do that.
pub(super) fn updates(version: &str) -> Vec<(&'static str, String)> {
    vec![
        ("darwin-x86_64-app", format!("Ferry_{version}_x64.app.tar.gz")),
        ("darwin-aarch64-app", format!("Ferry_{version}_aarch64.app.tar.gz")),
        ("windows-x86_64-nsis", format!("Ferry_{version}_x64-setup.exe")),
        ("windows-aarch64-nsis", format!("Ferry_{version}_arm64-setup.exe")),
        ("windows-x86_64-msi", format!("Ferry_{version}_x64_en-US.msi")),
        ("windows-aarch64-msi", format!("Ferry_{version}_arm64_en-US.msi")),
    ]
}

/// What is inside, for those who look for weaknesses: CycloneDX, a file for each part.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bill {
    /// The crates of `ferry`: of the archives, and of every package but the AppImages.
    CommandLine,
    /// The crates of the window: of every package.
    Window,
    /// The npm packages of the page, which the window holds.
    Page,
}

impl Bill {
    pub(super) const ALL: [Self; 3] = [Self::CommandLine, Self::Window, Self::Page];

    pub(super) fn file(self, version: &str) -> String {
        let part = match self {
            Self::CommandLine => "ferry",
            Self::Window => "ferry-desktop",
            Self::Page => "ferry-page",
        };
        format!("{part}-{version}.cdx.json")
    }
}

/// What is signed: the archives, which no package manager vouches for, what Ferry installs over
/// itself, and the sums of all.
pub(super) fn signed(version: &str) -> Vec<String> {
    let updates = updates(version).into_iter().map(|(_, name)| name);
    archives(version).into_iter().chain(updates).chain([SUMS.to_owned()]).collect()
}

/// Every file.
pub(super) fn expected(version: &str) -> Vec<String> {
    let mut all = archives(version);
    all.extend(packages(version));
    all.extend(Bill::ALL.map(|bill| bill.file(version)));
    all.push(SUMS.to_owned());
    all.extend(signed(version).into_iter().map(|name| format!("{name}.{SIGNATURE}")));
    all.sort();
    all
}

/// The files of a folder, with their bytes.
pub(super) fn found_in(folder: &Path) -> Outcome<BTreeMap<String, u64>> {
    let broken = |error| Failure(format!("{} cannot be read: {error}", folder.display()));
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let size = entry.metadata().map_err(broken)?.len();
        found.insert(entry.file_name().to_string_lossy().into_owned(), size);
    }
    Ok(found)
}

/// What is missing, too much, or empty.
pub(super) fn faults(expected: &[String], found: &BTreeMap<String, u64>) -> Vec<String> {
    let missing = expected.iter().filter(|name| !found.contains_key(*name));
    let missing = missing.map(|name| format!("{name} is missing"));
    let unknown = found.keys().filter(|name| !expected.contains(name));
    let unknown = unknown.map(|name| format!("{name} belongs to no release"));
    let empty = found.iter().filter(|(_, size)| **size == 0);
    let empty = empty.map(|(name, _)| format!("{name} is empty"));
    missing.chain(unknown).chain(empty).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_too_much_or_empty_is_named() {
        let expected = expected("1.2.3");
        let whole: BTreeMap<String, u64> = expected.iter().map(|name| (name.clone(), 1)).collect();
        assert_eq!(faults(&expected, &whole), [""; 0]);

        let mut other = whole.clone();
        other.remove("Ferry_1.2.3_amd64.deb");
        other.insert("Ferry_1.2.2_amd64.deb".to_owned(), 1);
        other.insert("ferry-1.2.3-aarch64-linux.tar.gz".to_owned(), 0);
        assert_eq!(
            faults(&expected, &other),
            [
                "Ferry_1.2.3_amd64.deb is missing",
                "Ferry_1.2.2_amd64.deb belongs to no release",
                "ferry-1.2.3-aarch64-linux.tar.gz is empty",
            ]
        );
    }

    #[test]
    fn both_programs_and_the_page_say_what_is_in_them() {
        let bills = Bill::ALL.map(|bill| bill.file("1.2.3"));
        let expected = expected("1.2.3");
        assert!(bills.iter().all(|bill| expected.contains(bill)));
        assert_eq!(expected.iter().filter(|name| name.ends_with(".cdx.json")).count(), 3);
    }

    #[test]
    fn every_signature_is_expected_beside_what_it_signs() {
        let expected = expected("1.2.3");
        for name in signed("1.2.3") {
            assert!(expected.contains(&name), "{name}");
            assert!(expected.contains(&format!("{name}.minisig")), "{name}");
        }
        let mut once = expected.clone();
        once.dedup();
        assert_eq!(once, expected);
    }

    #[test]
    fn what_ferry_installs_over_itself_is_a_package() {
        let packages = packages("1.2.3");
        for (target, name) in updates("1.2.3") {
            assert!(packages.contains(&name), "{target}: {name}");
        }
    }
}
