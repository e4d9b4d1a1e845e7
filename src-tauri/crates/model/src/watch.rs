//! Watched folders: what is watched, when a file of it is complete, what is new, and what becomes
//! of a file that is verified.
//!
//! What the system tells of changes is a hint to look, and decides nothing: what a file is now,
//! held against what the journal knows of it, does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::profile::{ExistingPolicy, Naming, ProfileId};
use crate::source::{Patterns, SourceIdentity};
use crate::timetable::Timetable;
use crate::{Fault, FaultKind, TransferId};

/// The number of a watch; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WatchId(pub i64);

/// Names of files that programs are still writing, or keep for themselves: never taken, whatever
/// the patterns of a watch are. The file goes once it has its own name.
pub const TEMPORARY_NAMES: [&str; 8] = [
    "*.part",
    "*.partial",
    "*.filepart",
    "*.crdownload",
    "*.download",
    "*.tmp",
    "~$*",
    ".~lock.*#",
];

/// How long a file has to stay as it is before it is taken, in seconds, unless a watch says
/// otherwise.
pub const QUIET_SECONDS: u32 = 10;
/// Minutes between two looks at the whole folder, unless a watch says otherwise.
pub const RESCAN_MINUTES: u32 = 10;
/// A look at the whole folder takes at most this share of the time.
const SCAN_SHARE: u32 = 200;

/// Which folders are watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Depth {
    /// The folder and all that is below it.
    #[default]
    Subfolders,
    /// The folder alone.
    FolderOnly,
}

/// What else than quiet makes a file complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Completion {
    /// Nothing else.
    #[default]
    Quiet,
    /// A file beside it of the same name with this ending, as `.done`: then it need not be quiet,
    /// and without it it is not complete. The marker itself is not taken.
    Marker {
        /// The ending, with its dot.
        ending: String,
    },
}

impl Completion {
    /// The paths of which one makes a file complete: `a.raw.done` and `a.done` for `a.raw`. Empty
    /// where no marker is wanted.
    pub fn markers(&self, path: &Path) -> Vec<PathBuf> {
        let Self::Marker { ending } = self else { return Vec::new() };
        let with_ending = |name: &std::ffi::OsStr| {
            let mut name = name.to_owned();
            name.push(ending);
            path.with_file_name(name)
        };
        let mut markers: Vec<PathBuf> =
            [path.file_name(), path.file_stem()].into_iter().flatten().map(with_ending).collect();
        markers.dedup();
        markers
    }

    /// Whether a file is a marker itself.
    pub fn is_marker(&self, path: &Path) -> bool {
        match self {
            Self::Quiet => false,
            Self::Marker { ending } => {
                path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ending))
            }
        }
    }
}

/// What is done with a file while something still writes to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GrowingFiles {
    /// It waits until it is complete.
    #[default]
    Wait,
    /// Once it was seen to grow, whole parts of what is there are sent. When it is complete, all of
    /// it is read once more, and what has changed meanwhile is sent again.
    Send,
}

/// Whether a file of a watch was complete when it was queued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Growth {
    /// It was.
    #[default]
    Whole,
    /// It was not, and still is not.
    Growing,
    /// It was not, and is now: as its identity says.
    Grown,
}

/// What becomes of a file that is verified and has not changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Afterwards {
    /// It stays where it is.
    #[default]
    Keep,
    /// It is moved below a folder of the same volume, by its path below the watched folder.
    Move {
        /// The folder, absolute.
        folder: PathBuf,
    },
    /// It is deleted.
    Delete,
}

/// What became of the local file once it was verified, where a watch does something with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Tidied {
    /// It was moved.
    Moved {
        /// Where to.
        to: String,
    },
    /// It was deleted.
    Deleted,
    /// It stays where it was: it had changed since, or the system refused.
    Stays {
        /// Why.
        because: FaultKind,
    },
}

/// Which of the files that wait go first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TakeOrder {
    /// Those that were modified first.
    #[default]
    OldestFirst,
    /// Those that were modified last.
    NewestFirst,
}

/// Whether a watch looks for files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WatchState {
    /// It does.
    #[default]
    Running,
    /// It does not, until it is resumed.
    Paused,
}

/// What a watch does. Absent fields have their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WatchSettings {
    /// Put before every key.
    pub prefix: String,
    /// How files become keys.
    pub naming: Naming,
    /// Which folders are watched.
    pub depth: Depth,
    /// What of their contents goes.
    pub patterns: Patterns,
    /// What happens when an object exists.
    pub existing: ExistingPolicy,
    /// How long a file has to stay as it is, in seconds.
    pub quiet_seconds: u32,
    /// What else makes a file complete.
    pub completion: Completion,
    /// What is done with files that still grow.
    pub growing: GrowingFiles,
    /// What becomes of verified files.
    pub afterwards: Afterwards,
    /// Which of the files that wait go first.
    pub order: TakeOrder,
    /// Minutes between two looks at the whole folder.
    pub rescan_minutes: u32,
    /// When files are taken.
    pub hours: Timetable,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            naming: Naming::default(),
            depth: Depth::default(),
            patterns: Patterns::default(),
            existing: ExistingPolicy::SkipIdentical,
            quiet_seconds: QUIET_SECONDS,
            completion: Completion::default(),
            growing: GrowingFiles::default(),
            afterwards: Afterwards::default(),
            order: TakeOrder::default(),
            rescan_minutes: RESCAN_MINUTES,
            hours: Timetable::default(),
        }
    }
}

impl WatchSettings {
    /// What of the folder goes: the watch's patterns, without temporary names.
    pub fn taken(&self) -> Patterns {
        let mut patterns = self.patterns.clone();
        patterns.exclude.extend(TEMPORARY_NAMES.map(str::to_owned));
        patterns
    }

    /// How long a file has to stay as it is.
    pub fn quiet(&self) -> Duration {
        Duration::from_secs(self.quiet_seconds.into())
    }

    /// How long after a look at the whole folder, which took `scan`, the next one is due.
    pub fn rescan_after(&self, scan: Duration) -> Duration {
        let wanted = Duration::from_secs(u64::from(self.rescan_minutes.max(1)) * 60);
        wanted.max(scan * SCAN_SHARE)
    }

    /// Makes sure that a watch of this folder can do what the settings say.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`], whose subject names the field.
    pub fn check(&self, folder: &Path) -> Result<(), Fault> {
        let wrong = |field: &str, why: &str| {
            Err(Fault::new(FaultKind::InvalidInput).with_subject(field).with_detail(why))
        };
        if !folder.is_absolute() {
            return wrong("folder", "the path is not absolute");
        }
        if let Completion::Marker { ending } = &self.completion
            && (!ending.starts_with('.') || ending.len() < 2 || ending.contains(['/', '\\']))
        {
            return wrong("marker", "give an ending, as .done");
        }
        if let Afterwards::Move { folder: target } = &self.afterwards {
            if !target.is_absolute() {
                return wrong("moveTo", "the path is not absolute");
            }
            // What is moved would be met again, and what is watched must not be its own archive.
            if target.starts_with(folder) || folder.starts_with(target) {
                return wrong("moveTo", "neither folder may lie in the other");
            }
        }
        if self.growing == GrowingFiles::Send && self.naming.tells_content() {
            return wrong("growing", "a key with {hash8} is known once the file is complete");
        }
        if self.existing == ExistingPolicy::Ask {
            return wrong("existing", "there is no person to ask: choose another policy");
        }
        Ok(())
    }
}

/// A watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Its number; 0 before it is stored.
    pub id: WatchId,
    /// Where its files go.
    pub profile: ProfileId,
    /// The folder, absolute.
    pub folder: PathBuf,
    /// Where it led when the watch was made. If it leads elsewhere now, nothing below it is taken.
    pub resolved: PathBuf,
    /// Whether it looks for files.
    pub state: WatchState,
    /// What it does.
    pub settings: WatchSettings,
}

/// What became of a file of a watch, as far as the journal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KnownState {
    /// Its transfer has not ended.
    Open,
    /// It is verified.
    Verified,
    /// Its transfer ended otherwise, or was taken off the list: the user does not want it.
    Dismissed,
}

/// A file of a watch that was queued before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// What it was when it was queued, or taken anew.
    pub identity: SourceIdentity,
    /// The object's key.
    pub key: String,
    /// Its transfer, while that is on the list.
    pub transfer: Option<TransferId>,
    /// What became of it.
    pub state: KnownState,
    /// Whether it was complete when it was queued.
    pub growth: Growth,
}

impl KnownFile {
    /// Whether its upload, which began while it grew, goes on with what the file is now.
    pub fn goes_on_with(&self, found: &SourceIdentity) -> bool {
        self.state == KnownState::Open
            && self.growth != Growth::Whole
            && self.identity.is_same_file(found)
    }

    /// Whether a file found at its path is the one that was queued, with the bytes it had then, and
    /// nothing is to be done about it. One that was begun while it grew has to be told complete.
    pub fn is(&self, found: &SourceIdentity) -> bool {
        self.growth != Growth::Growing && found.unchanged_since(&self.identity)
    }

    /// Whether a file found at another path may be this one, renamed: that moves no time but the
    /// inode's.
    pub fn may_be_renamed_to(&self, found: &SourceIdentity) -> bool {
        let renamed = SourceIdentity { changed_ns: self.identity.changed_ns, ..*found };
        renamed == self.identity
    }

    /// Whether a renamed file need not go again: it is verified, under the key that it has under
    /// its new name.
    pub fn covers(&self, key: &str) -> bool {
        self.state == KnownState::Verified && self.key == key
    }
}

/// What came of a day of a watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchDay {
    /// The watch's number; it may be removed.
    pub watch: WatchId,
    /// The folder's name.
    pub name: String,
    /// The local day, as 2026-11-30.
    pub day: String,
    /// Files that were verified.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that wait for the user.
    pub failures: u64,
    /// When the first file was verified, milliseconds since 1970.
    pub first_ms: Option<i64>,
    /// When the last one was, milliseconds since 1970.
    pub last_ms: Option<i64>,
}

/// Whether something may be done with the local file once it is verified: only if it is what was
/// verified.
pub fn may_be_tidied(verified: &KnownFile, now: &SourceIdentity) -> bool {
    verified.state == KnownState::Verified && verified.is(now)
}

#[cfg(test)]
mod tests;
