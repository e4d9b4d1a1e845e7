//! The messages about transfers as rows: what the list shows, and what can be done with them.

use ferry_model::Place;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{BatchView, Problem, RowList, Words};

/// The state of a row, for its icon, colour and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RowState {
    /// Waits for its turn.
    Queued,
    /// Bytes are on their way.
    Uploading,
    /// All that is there of a file that still grows is sent.
    Growing,
    /// All bytes are there; the store merges, or its answer is compared.
    Verifying,
    /// Waits: the endpoint does not answer, or its profile is held.
    Waiting,
    /// A request failed and is tried again shortly.
    Retrying,
    /// Paused by the user.
    Paused,
    /// Stopped by a fault.
    Failed,
    /// An object of that name exists: the user chooses.
    Conflict,
    /// The file changed: the user chooses.
    SourceChanged,
    /// The file changed, and is uploaded once nothing has changed it for a while.
    Settling,
    /// The upload is being taken back on the store.
    Cancelling,
    /// Verified.
    Done,
    /// Left out: an object of that name was there.
    Skipped,
    /// Cancelled by the user.
    Cancelled,
}

/// One transfer as a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Row {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// The batch it came with.
    #[ts(type = "number")]
    pub batch: i64,
    /// The file's name.
    pub name: String,
    /// The folder it came from, as shown.
    pub folder: String,
    /// `oss://bucket/key` or `s3://bucket/key`.
    pub destination: String,
    /// The profile's name.
    pub profile: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// Bytes the store acknowledged: progress.
    #[ts(type = "number")]
    pub acked: u64,
    /// Bytes that left and are not acknowledged yet.
    #[ts(type = "number")]
    pub in_flight: u64,
    /// Whole percent acknowledged; 100 only once it is verified.
    pub percent: u8,
    /// Bytes a second, smoothed; 0 while nothing moves.
    #[ts(type = "number")]
    pub speed: u64,
    /// Seconds left; null while unknown.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    /// Its state.
    pub state: RowState,
    /// The filter, other than all, that shows it.
    pub group: Filter,
    /// What is offered for it, the likeliest first.
    pub actions: Vec<Action>,
    /// Parts acknowledged and parts in all; 0 of 0 for a single request.
    pub parts_done: u32,
    /// See `parts_done`.
    pub parts: u32,
    /// How often a request of it was tried again in this run.
    pub retries: u32,
    /// When it ended, milliseconds since 1970; null while it has not.
    #[ts(type = "number | null")]
    pub finished_ms: Option<i64>,
    /// Why it stopped or waits.
    pub problem: Option<Problem>,
    /// What it waits for that can be undone, and will look like; no action is offered meanwhile.
    pub pending: Option<Pending>,
    /// Whether it was cancelled because a newer version of its file took its place.
    pub replaced: bool,
    /// Whether it is done because an object with this very content was there: nothing was sent.
    pub already_there: bool,
    /// What stands on the store under its name, where that is in the way and was seen.
    pub there: Option<Side>,
    /// The file itself, where an object is in its way.
    pub here: Option<Side>,
}

/// A file or an object, as far as it helps to decide between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Side {
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// When it was changed last, milliseconds since 1970; null while unknown.
    #[ts(type = "number | null")]
    pub modified_ms: Option<i64>,
}

/// What is done to files once it can no longer be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Pending {
    /// The object on the store is replaced.
    Overwrite,
    /// The file is left out.
    Skip,
    /// The upload is taken back.
    Cancel,
    /// The row leaves the list.
    Remove,
}

/// Something that waits before it is carried out, and can be undone until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Undo {
    /// Takes it back.
    #[ts(type = "number")]
    pub number: i64,
    /// What is done in the end.
    pub action: Pending,
    /// To how many files.
    #[ts(type = "number")]
    pub files: u64,
    /// The file's name, where it is one.
    pub name: Option<String>,
}

/// Sums over the whole queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Totals {
    /// Files in the list.
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
    /// Bytes a second; 0 while nothing moves.
    #[ts(type = "number")]
    pub speed: u64,
    /// Seconds until what can run has gone; null while unknown, and while nothing moves.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    /// What limits the speed of late, as "your network"; null while unknown, and while nothing
    /// moves.
    pub limited_by: Option<Words>,
    /// Queued, uploading, verifying, waiting or retrying.
    #[ts(type = "number")]
    pub active: u64,
    /// Paused.
    #[ts(type = "number")]
    pub paused: u64,
    /// Failed, in conflict, or with a changed source: those that want the user.
    #[ts(type = "number")]
    pub attention: u64,
    /// Those of them whose name is taken on the store.
    #[ts(type = "number")]
    pub conflict: u64,
    /// Those of them whose file changed.
    #[ts(type = "number")]
    pub changed: u64,
    /// Those of them that failed.
    #[ts(type = "number")]
    pub failed: u64,
    /// What the user is asked about: those files, and each profile that is held.
    #[ts(type = "number")]
    pub needs: u64,
    /// Verified.
    #[ts(type = "number")]
    pub done: u64,
    /// Skipped or cancelled.
    #[ts(type = "number")]
    pub ended_otherwise: u64,
    /// Of the day.
    pub today: Today,
}

/// What the line below the window tells of the local day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Today {
    /// Files verified today, also those that are off the list.
    #[ts(type = "number")]
    pub verified: u64,
    /// Their bytes.
    #[ts(type = "number")]
    pub verified_bytes: u64,
    /// The file that failed last, of those that still are; null where none is.
    pub last_error: Option<LastError>,
}

/// The file that failed last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LastError {
    /// Its name.
    pub name: String,
    /// Why; null where that is not known.
    pub problem: Option<Problem>,
    /// When, milliseconds since 1970.
    #[ts(type = "number")]
    pub at_ms: i64,
}

/// Which rows the list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Queued, uploading, verifying, waiting, retrying.
    Active,
    /// Paused.
    Paused,
    /// Failed, conflict, source changed.
    Attention,
    /// Of these, those whose name is taken on the store.
    Conflict,
    /// Of these, those whose file changed, also where it is waited for.
    Changed,
    /// Of these, those that failed.
    Failed,
    /// Verified, skipped, cancelled.
    Ended,
    /// All but what is verified.
    Unverified,
}

/// What the rows of the list are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Sort {
    /// A batch as it is taken; of all rows, the newest first.
    #[default]
    Queue,
    /// The file's name; digits count as numbers.
    Name,
    /// The file's bytes.
    Size,
    /// What it is doing, or how it ended.
    State,
    /// When it ended.
    Time,
}

/// The part of the queue that the window shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Viewport {
    /// Which rows.
    pub list: RowList,
    /// What the rows are sorted by.
    pub sort: Sort,
    /// Whether the order is turned round; nothing in the queue's own.
    pub descending: bool,
    /// Rows before the first shown.
    pub offset: u32,
    /// Rows shown, at most 500.
    pub limit: u32,
    /// Which batches.
    pub batches: BatchView,
    /// Batches before the first shown.
    pub batch_offset: u32,
    /// Batches shown, at most 500.
    pub batch_limit: u32,
}

/// One page of rows, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Page {
    /// The viewport it answers.
    pub viewport: Viewport,
    /// Rows that fit the filter, in all.
    #[ts(type = "number")]
    pub total: u64,
    /// The rows from `viewport.offset`, in the viewport's order.
    pub rows: Vec<Row>,
}

/// What can be done with transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Action {
    /// Stop within 300 ms; what is acknowledged stays.
    Pause,
    /// Go on.
    Resume,
    /// Try again what failed.
    Retry,
    /// Take the upload back on the store.
    Cancel,
    /// Take ended rows off the list; running ones are cancelled first.
    Remove,
    /// Conflict: replace the object.
    Overwrite,
    /// Conflict: leave the object.
    Skip,
    /// Conflict: upload under another name.
    Rename,
    /// Source changed: upload the file as it is now.
    StartOver,
    /// Source changed: upload the file once nothing has changed it for a while.
    WaitUntilQuiet,
}

/// Where files or a batch are moved in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MoveTo {
    /// Before all others.
    Top,
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// Behind all others.
    Bottom,
}

impl MoveTo {
    /// The model's word for it.
    pub fn place(self) -> Place {
        match self {
            Self::Top => Place::Top,
            Self::Up => Place::Up,
            Self::Down => Place::Down,
            Self::Bottom => Place::Bottom,
        }
    }
}
