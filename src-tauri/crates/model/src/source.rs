//! What makes a file the same file, where a queued file is, and which files of a folder go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A file's identity when it was queued. A change of any field means that the bytes may be other
/// bytes.
///
/// Residue: a program that writes through a memory map can change bytes without moving either time,
/// and two writes within one tick of the file system's clock (up to 4 ms, 2 s on FAT) can look like
/// one; the checksum of the whole object is then the only witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceIdentity {
    /// Device, or volume serial number.
    pub device: u64,
    /// Inode, or file index.
    pub file: u64,
    /// Bytes.
    pub size: u64,
    /// Last modification, nanoseconds since 1970.
    pub modified_ns: i64,
    /// Last change of the inode, nanoseconds since 1970; 0 where the system has none.
    pub changed_ns: i64,
}

impl SourceIdentity {
    /// Whether the file is the one that was queued, with the bytes it had then.
    ///
    /// A volume that is unplugged and comes back may have another device number; the time of the
    /// inode's last change, which no program sets, then tells the file from a copy of it.
    pub fn unchanged_since(&self, queued: &Self) -> bool {
        self == queued
            || (self.changed_ns != 0 && Self { device: queued.device, ..*self } == *queued)
    }

    /// Whether this is a later state of the same file, with more bytes: something still writes to
    /// it.
    pub fn has_grown_since(&self, before: &Self) -> bool {
        self.is_same_file(before) && self.size > before.size
    }

    /// Whether this is the same file of the same disk, changed or not.
    pub fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.file) == (other.device, other.file)
    }
}

/// The nearest folder on a queued file's path that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearestFolder {
    /// Its device.
    pub device: u64,
    /// Whether it is the file's own folder.
    pub is_own: bool,
    /// Whether a volume is mounted in it, or anything is in it.
    pub is_in_use: bool,
}

/// Whether the volume of a queued file is missing, rather than the file. `nearest` is `None` if no
/// part of the path is there.
///
/// A volume may come back under another number, without the file. The mount point of one that is
/// not there is an empty folder, or none. Residue: where the file was alone in a folder of such a
/// volume, it looks missing until another file of it was opened.
pub fn volume_is_missing(queued: &SourceIdentity, nearest: Option<NearestFolder>) -> bool {
    nearest.is_none_or(|nearest| {
        nearest.device != queued.device && !(nearest.is_own && nearest.is_in_use)
    })
}

/// Time between two looks at a volume that is missing.
pub const VOLUME_LOOK: Duration = Duration::from_secs(3);

/// How long a file that was changing has to stay as it is before it is uploaded.
pub const QUIET: Duration = Duration::from_secs(10);

/// Whether a file that was changing is quiet: unchanged for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quiet {
    /// What it was last, and since when.
    seen: Option<(SourceIdentity, Duration)>,
}

impl Quiet {
    /// Takes what the file is at `now`, on any clock that does not go back; `None` while it cannot
    /// be opened. Whether it has been as it is for `quiet`.
    pub fn observe(
        &mut self,
        identity: Option<SourceIdentity>,
        now: Duration,
        quiet: Duration,
    ) -> bool {
        if let (Some((seen, since)), Some(identity)) = (self.seen, identity)
            && identity.unchanged_since(&seen)
        {
            return now.saturating_sub(since) >= quiet;
        }
        self.seen = identity.map(|identity| (identity, now));
        false
    }
}

/// A file as the queue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedSource {
    /// The path as the user gave it, or below what the user gave.
    pub path: PathBuf,
    /// Where that path led when it was queued: absolute, and no part of it a link. A link on it now
    /// was not there then, and is not followed. `None` in rows of versions that did not keep it,
    /// and where there was nothing to resolve.
    pub resolved: Option<PathBuf>,
    /// What the file was when it was queued, or taken anew.
    pub identity: Option<SourceIdentity>,
}

impl QueuedSource {
    /// The path's last component for people.
    pub fn shown(&self) -> String {
        shown(&self.path)
    }
}

/// A path's last component for people.
pub fn shown(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// What systems and programs leave in folders, and users do not mean to upload: Finder's and
/// Explorer's own files, and the owner files of open Office documents.
pub const DEFAULT_EXCLUDES: [&str; 3] = [".DS_Store", "Thumbs.db", "~$*"];

/// Which files of a folder go. A pattern without `/` is held against each name at any depth; one
/// with `/`, against the path below the folder that was added. `*` and `?` do not match `/`, `**`
/// does; letter case does not count. What was added by itself goes, whatever its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patterns {
    /// If there is any, only files that match one go.
    pub include: Vec<String>,
    /// Files and folders that match one are left out, also if they are included.
    pub exclude: Vec<String>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self { include: Vec::new(), exclude: DEFAULT_EXCLUDES.map(str::to_owned).to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_on_a_volume_that_came_back_under_another_number() {
        let queued = SourceIdentity { device: 1, file: 2, size: 3, modified_ns: 4, changed_ns: 5 };
        let moved = SourceIdentity { device: 9, ..queued };
        assert!(queued.unchanged_since(&queued) && moved.unchanged_since(&queued));
        for other in [
            SourceIdentity { file: 7, ..moved },
            SourceIdentity { size: 7, ..moved },
            SourceIdentity { modified_ns: 7, ..moved },
            SourceIdentity { changed_ns: 7, ..moved },
            SourceIdentity { changed_ns: 7, ..queued },
        ] {
            assert!(!other.unchanged_since(&queued), "{other:?}");
        }
        // Where the system keeps no such time, a copy cannot be told from the file.
        let timeless = SourceIdentity { changed_ns: 0, ..queued };
        assert!(!SourceIdentity { device: 9, ..timeless }.unchanged_since(&timeless));
    }

    #[test]
    fn a_volume_is_missing_where_its_path_ends_on_another_one() {
        let queued = SourceIdentity { device: 8, file: 2, size: 3, modified_ns: 4, changed_ns: 5 };
        let table = [
            ("only the file is gone", 8, true, true, false),
            ("its folder is gone too", 8, false, true, false),
            ("its mount point is an empty folder", 1, true, false, true),
            ("its mount point is below", 1, false, true, true),
            ("it came back as 9", 9, true, true, false),
        ];
        for (what, device, is_own, is_in_use, missing) in table {
            let nearest = NearestFolder { device, is_own, is_in_use };
            assert_eq!(volume_is_missing(&queued, Some(nearest)), missing, "{what}");
        }
        assert!(volume_is_missing(&queued, None), "no drive of that letter");
    }

    #[test]
    fn a_file_is_quiet_once_nothing_changed_it_for_long_enough() {
        let identity =
            |size| SourceIdentity { device: 1, file: 2, size, modified_ns: 3, changed_ns: 4 };
        let mut quiet = Quiet::default();
        for (seconds, size, expected) in [
            (0, Some(1), false),
            (9, Some(1), false),
            // It grew, and later could not be opened: each starts anew.
            (11, Some(2), false),
            (15, None, false),
            (16, Some(2), false),
            (25, Some(2), false),
            (26, Some(2), true),
            (40, Some(2), true),
        ] {
            let now = Duration::from_secs(seconds);
            let found = quiet.observe(size.map(identity), now, QUIET);
            assert_eq!(found, expected, "after {seconds} s");
        }
    }
}
