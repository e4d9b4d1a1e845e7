//! Whether the deb and the rpm package hold the same files.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::process::{Failure, Outcome, output, say};

/// A file of a package: its mode as `ls` shows it, its length in bytes, and where it is installed.
type Entry = (String, u64, String);

/// Compares what the packages install.
///
/// # Errors
/// Where one cannot be read, or has a file that the other has not, or has otherwise.
pub(super) fn compare(deb: &Path, rpm: &Path) -> Outcome {
    let of_deb = of_deb(&output(Command::new("dpkg-deb").arg("--contents").arg(deb))?);
    let format = "[%{FILEMODES:perms} %{FILESIZES} %{FILENAMES}\\n]";
    let query = ["--query", "--package", "--nosignature", "--queryformat", format];
    let of_rpm = of_rpm(&output(Command::new("rpm").args(query).arg(rpm))?);
    if let Some(difference) = difference(&of_deb, &of_rpm) {
        return Err(Failure(format!("the packages hold different files: {difference}")));
    }
    say(format!("Packages: deb and rpm hold the same {} files", of_deb.len()));
    Ok(())
}

/// Reads lines such as `-rwxr-xr-x root/root 1234 2026-01-02 03:04 ./usr/bin/ferry`.
fn of_deb(lines: &str) -> BTreeSet<Entry> {
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let mode = words.next()?;
        let size = words.nth(1)?.parse().ok()?;
        let path = words.nth(2)?.strip_prefix('.')?;
        Some((mode.to_owned(), size, path.to_owned()))
    };
    lines.lines().filter_map(entry).filter(is_file).collect()
}

/// Reads lines such as `-rwxr-xr-x 1234 /usr/bin/ferry`.
fn of_rpm(lines: &str) -> BTreeSet<Entry> {
    let entry = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let mode = words.next()?.to_owned();
        Some((mode, words.next()?.parse().ok()?, words.next()?.to_owned()))
    };
    lines.lines().filter_map(entry).filter(is_file).collect()
}

/// Folders are listed as each kind of package sees fit.
fn is_file((mode, ..): &Entry) -> bool {
    !mode.starts_with('d')
}

/// What one of them has and the other has not.
fn difference(deb: &BTreeSet<Entry>, rpm: &BTreeSet<Entry>) -> Option<String> {
    if deb.is_empty() {
        return Some("none are in the deb".to_owned());
    }
    let line = |name: &str, (mode, size, path): &Entry| format!("{name}: {mode} {size} {path}");
    let in_deb = deb.difference(rpm).map(|entry| line("deb", entry));
    let in_rpm = rpm.difference(deb).map(|entry| line("rpm", entry));
    let lines: Vec<_> = in_deb.chain(in_rpm).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB: &str = "drwxr-xr-x root/root         0 2026-01-02 03:04 ./usr/\n\
                       -rwxr-xr-x root/root      1234 2026-01-02 03:04 ./usr/bin/ferry\n";

    #[test]
    fn the_same_files_are_the_same_in_both_forms() {
        let rpm = of_rpm("-rwxr-xr-x 1234 /usr/bin/ferry\n");
        assert_eq!(rpm.len(), 1);
        assert_eq!(difference(&of_deb(DEB), &rpm), None);
    }

    #[test]
    fn a_file_that_one_lacks_or_has_otherwise_is_told() {
        let rpm = of_rpm("-rwxr-xr-x 1235 /usr/bin/ferry\n-rw-r--r-- 1 /usr/x\n");
        let told = difference(&of_deb(DEB), &rpm);
        let wanted = "deb: -rwxr-xr-x 1234 /usr/bin/ferry; rpm: -rw-r--r-- 1 /usr/x; \
                      rpm: -rwxr-xr-x 1235 /usr/bin/ferry";
        assert_eq!(told.as_deref(), Some(wanted));
        assert!(difference(&BTreeSet::new(), &BTreeSet::new()).is_some());
    }
}
