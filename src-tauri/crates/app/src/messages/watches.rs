//! The messages about watched folders.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// What a watch does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "type")]
#[ts(export)]
pub enum WatchActivity {
    /// It looks at the whole folder.
    Looking,
    /// It waits for changes.
    Watching,
    /// It waits for its hours.
    Closed {
        /// Minutes until they begin.
        minutes: u16,
    },
    /// Its folder is not there.
    Away,
    /// The user paused it.
    Paused,
    /// Another process runs it, or none.
    Elsewhere,
}

impl From<ferry_engine::WatchActivity> for WatchActivity {
    fn from(activity: ferry_engine::WatchActivity) -> Self {
        use ferry_engine::WatchActivity as A;
        match activity {
            A::Looking => Self::Looking,
            A::Watching => Self::Watching,
            A::Closed { minutes } => Self::Closed { minutes },
            A::Away => Self::Away,
        }
    }
}

/// One watched folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WatchLine {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// The folder.
    pub folder: String,
    /// Its last component.
    pub name: String,
    /// The profile its files go to.
    #[ts(type = "number")]
    pub profile: i64,
    /// The profile's name; empty once it is deleted.
    pub profile_name: String,
    /// Where the files go, as `oss://bucket/prefix`; empty once the profile is deleted.
    pub destination: String,
    /// What it does.
    pub activity: WatchActivity,
    /// How long a file has to stay as it is, in seconds.
    pub quiet_seconds: u32,
    /// The ending of the file that makes another one complete; empty where none is wanted.
    pub marker: String,
    /// When files are taken, as it is typed.
    pub hours: String,
    /// Files that are new or changed and not queued yet.
    #[ts(type = "number")]
    pub waiting: u64,
    /// Files that it queued, in any run, and that are still known.
    #[ts(type = "number")]
    pub known: u64,
    /// Files that it queued in this run.
    #[ts(type = "number")]
    pub queued: u64,
    /// Files that cannot be taken.
    #[ts(type = "number")]
    pub refused: u64,
    /// The name of the file that was queued last, in this run.
    pub last: Option<String>,
    /// When that was, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub last_ms: Option<i64>,
    /// Why the watch, or a file of it, cannot go on.
    pub problem: Option<Problem>,
    /// Why the system tells of no changes: the folder is looked at from time to time.
    pub no_hints: Option<Problem>,
}

/// Which folder of a watch the user picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum WatchFolder {
    /// The one that is watched.
    Watched,
    /// The one that verified files are moved to.
    Archive,
}

/// What becomes of a verified file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ThenChoice {
    /// It stays where it is.
    #[default]
    Keep,
    /// It is moved to a folder.
    Move,
    /// It is deleted.
    Delete,
}

/// Which folders are watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum DepthChoice {
    /// The folder and all that is below it.
    #[default]
    Subfolders,
    /// The folder alone.
    FolderOnly,
}

/// What is done with files that still grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum GrowingChoice {
    /// They wait until they are complete.
    #[default]
    Wait,
    /// Whole parts of them are sent meanwhile.
    Send,
}

/// A new watch, as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WatchForm {
    /// The folder as it was shown once it was picked. The host has its path; this only says which.
    pub folder: String,
    /// The profile its files go to.
    #[ts(type = "number")]
    pub profile: i64,
    /// Put before every key.
    pub prefix: String,
    /// How long a file has to stay as it is, in seconds.
    pub quiet: String,
    /// The ending of the file that makes another one complete; empty where none is wanted.
    pub marker: String,
    /// Which folders are watched.
    pub depth: DepthChoice,
    /// What is done with files that still grow.
    pub growing: GrowingChoice,
    /// Only what matches one of these goes; separated by commas.
    pub include: String,
    /// What matches one of these stays; separated by commas.
    pub exclude: String,
    /// What becomes of verified files.
    pub then: ThenChoice,
    /// The folder that they are moved to, as `folder`.
    pub move_to: String,
    /// When files are taken; empty for always.
    pub hours: String,
}
