//! Which devices hold files that open without a wait for another computer or program, once the
//! system has them in memory. On any other a file system may take seconds for the smallest thing,
//! and is asked only on threads for blocking work.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::Mutex;

use crate::lock::lock;

/// Devices ([`ferry_model::SourceIdentity::device`]) that were found to be so.
static LOCAL: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

/// The file systems, by the magic numbers of `linux/magic.h` and of their own sources.
#[cfg(target_os = "linux")]
const FILE_SYSTEMS: [u64; 9] = [
    0xef53,      // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x9123_683e, // Btrfs
    0x0102_1994, // tmpfs
    0xf2f5_2010, // F2FS
    0x2fc1_2fc1, // ZFS
    0x4d44,      // FAT
    0x2011_bab0, // exFAT
    0x7366_746e, // NTFS (ntfs3)
];

/// Whether a device is known to be local.
pub(super) fn is_local(device: u64) -> bool {
    lock(&LOCAL).contains(&device)
}

/// Learns from an open file what its device is.
#[cfg(target_os = "linux")]
pub(super) fn learn(file: &File, device: u64) {
    let local = || {
        let found = rustix::fs::fstatfs(file).ok();
        found.and_then(|found| u64::try_from(found.f_type).ok())
    };
    if !is_local(device) && local().is_some_and(|kind| FILE_SYSTEMS.contains(&kind)) {
        trust(device);
    }
}

#[cfg(target_os = "linux")]
pub(super) fn trust(device: u64) {
    lock(&LOCAL).insert(device);
}

/// Only Linux opens files without a wait.
#[cfg(not(target_os = "linux"))]
pub(super) fn learn(_: &File, _: u64) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn only_file_systems_of_this_computer_are_local() {
        for (path, local) in [("/dev/shm", true), ("/proc/version", false)] {
            let file = File::open(path).expect(path);
            let device = file.metadata().expect(path).dev();
            learn(&file, device);
            assert_eq!(is_local(device), local, "{path}");
        }
    }
}
