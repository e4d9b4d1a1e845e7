//! The messages about batches: what one drop, or one `ferry put`, brought; and about all that is
//! being uploaded now.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Action, Words};

/// Which batches the window lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchView {
    /// Those with work left, and those that ended within a day.
    #[default]
    Now,
    /// Those that ended.
    Done,
}

/// How a batch stands, for its icon and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BatchState {
    /// Something of it is uploaded, or has its turn soon.
    Running,
    /// All that could run waits: the endpoint does not answer, or the profile is held.
    Waiting,
    /// Paused by the user, and nothing else is left.
    Paused,
    /// What is left needs the user.
    Attention,
    /// Nothing is left.
    Done,
}

/// One batch as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Batch {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// The first file or folder that was dropped; empty where that was not written down.
    pub name: String,
    /// How many files and folders were dropped; 0 where that was not written down.
    #[ts(type = "number")]
    pub roots: u64,
    /// The profile it goes to; it may be deleted.
    #[ts(type = "number")]
    pub profile: i64,
    /// The profile's name; empty once it is deleted.
    pub profile_name: String,
    /// The prefix it went under.
    pub prefix: String,
    /// How it stands.
    pub state: BatchState,
    /// Whether its files are still being looked for.
    pub adding: bool,
    /// Files.
    #[ts(type = "number")]
    pub files: u64,
    /// Their bytes, without those that were left out.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes the store acknowledged of them.
    #[ts(type = "number")]
    pub acked: u64,
    /// Bytes that left and are not acknowledged yet.
    #[ts(type = "number")]
    pub in_flight: u64,
    /// Whole percent acknowledged; 100 only once nothing is left to do.
    pub percent: u8,
    /// Bytes a second; 0 while nothing of it moves.
    #[ts(type = "number")]
    pub speed: u64,
    /// Seconds until what can run of it has gone; null while unknown, and while nothing moves.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    /// Files that are verified.
    #[ts(type = "number")]
    pub done: u64,
    /// Files that are uploaded, or wait for their turn.
    #[ts(type = "number")]
    pub active: u64,
    /// Files that are paused.
    #[ts(type = "number")]
    pub paused: u64,
    /// Files that want the user.
    #[ts(type = "number")]
    pub attention: u64,
    /// Files that were left out or cancelled.
    #[ts(type = "number")]
    pub ended_otherwise: u64,
    /// When it was added, milliseconds since 1970.
    #[ts(type = "number")]
    pub created_ms: i64,
    /// When its last file ended, milliseconds since 1970; null while anything is left.
    #[ts(type = "number | null")]
    pub finished_ms: Option<i64>,
    /// What its one button does; null where it has none.
    pub action: Option<Action>,
}

/// Some batches, in order: first those with work left, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchPage {
    /// Which batches.
    pub view: BatchView,
    /// Batches before the first.
    pub offset: u32,
    /// Batches there are.
    #[ts(type = "number")]
    pub total: u64,
    /// Those that have work left, in all.
    #[ts(type = "number")]
    pub open: u64,
    /// The batches.
    pub batches: Vec<Batch>,
}

/// All that is being uploaded now: the batches that were seen with anything active since nothing
/// was.
/// What is paused, needs the user or was left out is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Work {
    /// Files.
    #[ts(type = "number")]
    pub files: u64,
    /// Files that are verified.
    #[ts(type = "number")]
    pub done: u64,
    /// Bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes the store acknowledged.
    #[ts(type = "number")]
    pub acked: u64,
    /// Bytes that left and are not acknowledged yet.
    #[ts(type = "number")]
    pub in_flight: u64,
    /// Whole percent acknowledged; never 100.
    pub percent: u8,
    /// Bytes a second; 0 while nothing moves.
    #[ts(type = "number")]
    pub speed: u64,
    /// Files verified a second; 0 below one.
    #[ts(type = "number")]
    pub files_per_second: u64,
    /// Seconds until what can run has gone; null while unknown, and while nothing moves.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    /// What limits the speed of late, as "your network"; null while unknown, and while nothing
    /// moves.
    pub limited_by: Option<Words>,
    /// Requests with a body that are under way.
    pub requests: u32,
    /// The names of the profiles it goes to, as far as the listed batches tell.
    pub profiles: Vec<String>,
}
