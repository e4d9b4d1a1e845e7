//! Which files other programs have open for writing, as far as the system tells.

use std::collections::BTreeSet;

use ferry_model::SourceIdentity;

/// The numbers of those of these files that a program has open for writing. Linux tells it of the
/// programs of the same user, and the superuser of all. Blocks for some milliseconds.
#[cfg(target_os = "linux")]
pub(super) fn written_to(files: &[SourceIdentity]) -> BTreeSet<u64> {
    let wanted: BTreeSet<(u64, u64)> = files.iter().map(|file| (file.device, file.file)).collect();
    let mut found = BTreeSet::new();
    let Ok(processes) = std::fs::read_dir("/proc") else { return found };
    for process in processes.flatten() {
        let is_process = process
            .file_name()
            .to_str()
            .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
        if is_process {
            add_those_of(&process.path(), &wanted, &mut found);
        }
    }
    found
}

/// Adds the files that one process has open for writing. One that may not be asked, or that ended
/// meanwhile, adds none.
#[cfg(target_os = "linux")]
fn add_those_of(
    process: &std::path::Path,
    wanted: &BTreeSet<(u64, u64)>,
    found: &mut BTreeSet<u64>,
) {
    use std::os::unix::fs::MetadataExt as _;

    let Ok(open) = std::fs::read_dir(process.join("fd")) else { return };
    for descriptor in open.flatten() {
        let Ok(metadata) = std::fs::metadata(descriptor.path()) else { continue };
        if !metadata.is_file() || !wanted.contains(&(metadata.dev(), metadata.ino())) {
            continue;
        }
        let information = process.join("fdinfo").join(descriptor.file_name());
        let Ok(text) = std::fs::read_to_string(information) else { continue };
        if is_for_writing(&text) {
            found.insert(metadata.ino());
        }
    }
}

/// Reads the flags of an open file, in octal: the last two bits tell reading from writing.
#[cfg(target_os = "linux")]
fn is_for_writing(information: &str) -> bool {
    let flags = information.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u64::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| flags & 3 != 0)
}

/// Elsewhere a program that writes is noticed by what it changes alone; on Windows it mostly keeps
/// others from opening the file.
#[cfg(not(target_os = "linux"))]
pub(super) fn written_to(_: &[SourceIdentity]) -> BTreeSet<u64> {
    BTreeSet::new()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::source::identity::of_file;

    #[test]
    fn a_file_that_is_open_for_writing_is_told_from_one_that_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let written = std::fs::File::create(&path).expect("makes");
        let identity = of_file(&written).expect("looks");
        assert_eq!(written_to(&[identity]), BTreeSet::from([identity.file]));
        drop(written);
        let read = std::fs::File::open(&path).expect("opens");
        assert_eq!(written_to(&[identity]), BTreeSet::new());
        drop(read);
        assert!(is_for_writing("pos:\t0\nflags:\t0100001\n"));
        assert!(is_for_writing("flags:\t0102002\n") && !is_for_writing("flags:\t0100000\n"));
    }
}
