//! The typed messages of the window: what it asks for, and what it is told. The only types with a
//! TypeScript twin.
//!
//! Byte counts are JavaScript numbers: exact up to 2^53, and one object ends at 48.8 TiB (below
//! 2^46).

mod batches;
mod desktop;
mod diagnostics;
mod drops;
mod imports;
mod links;
mod profile;
mod receipts;
mod selection;
mod words;

use ferry_model::{ExistingPolicy, Place};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use batches::{Batch, BatchPage, BatchState, BatchView, Work};
pub use desktop::{CloseChoice, DesktopSettings, DesktopState, Pasted};
pub use diagnostics::{
    AddressView, CheckupView, FiguresView, FindingView, OperationRow, RetryRow, StepOutcome,
    TimesView,
};
pub use drops::{DropAnswer, DropProblem, DropReview, LargestFile, ProblemFound};
pub use imports::{ImportCandidate, ImportFindings};
pub use links::{LinkFormat, LinkKind, LinkPreference, Links};
pub use profile::{
    EncryptionChoice, FieldProblem, FormReading, KeyInput, KeySourceChoice, NameValue, NetworkForm,
    OptionsForm, ProfileForm, ProfileView, SaveSecret, SavedProfile, SecretInput, SecretPlace,
    SecretsInput, TestOutcome,
};
pub use receipts::{ReceiptRow, ReceiptView, RecheckView, RecheckedRow, SavedFile};
pub use selection::{ActionCount, Selected};
pub use words::{PageTexts, Words};

/// What went wrong, ready to show and to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Problem {
    /// The kind, for code: [`ferry_model::FaultKind`] in camelCase. The window never matches on
    /// texts.
    pub kind: String,
    /// What happened.
    pub sentence: Words,
    /// What to do.
    pub hint: Words,
    /// The store's code, if any.
    pub code: Option<String>,
    /// OSS's EC, if any.
    pub ec: Option<String>,
    /// The store's request id, if any.
    pub request_id: Option<String>,
    /// All that is known, for the clipboard.
    pub report: String,
    /// The endpoint the store named instead, if any.
    pub suggested_endpoint: Option<String>,
}

/// The state of a row, for its icon, colour and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RowState {
    /// Waits for its turn.
    Queued,
    /// Bytes are on their way.
    Uploading,
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
    /// Those of them that another try may help.
    #[ts(type = "number")]
    pub retriable: u64,
    /// Verified.
    #[ts(type = "number")]
    pub done: u64,
    /// Skipped or cancelled.
    #[ts(type = "number")]
    pub ended_otherwise: u64,
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
    /// Only rows of this batch; null for all.
    #[ts(type = "number | null")]
    pub batch: Option<i64>,
    /// Which rows.
    pub filter: Filter,
    /// Only names or keys with this text in them; empty for all.
    pub text: String,
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

/// A line above the list that concerns more than one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Notice {
    /// An endpoint does not answer: transfers wait.
    Offline {
        /// The endpoint.
        endpoint: String,
        /// Why.
        problem: Problem,
        /// Seconds until the next try.
        next_try_seconds: u32,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// A profile is held until the user changes something.
    ProfileHeld {
        /// The profile.
        #[ts(type = "number")]
        profile: i64,
        /// Its name.
        name: String,
        /// Why.
        problem: Problem,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// This computer's clock is far off; signatures are made with the store's time meanwhile.
    ClockOff {
        /// Seconds it is behind the store's; negative if ahead.
        #[ts(type = "number")]
        seconds: i64,
    },
    /// A profile's STS token ends before its transfers are expected to.
    TokenEnds {
        /// The profile.
        #[ts(type = "number")]
        profile: i64,
        /// Its name.
        name: String,
        /// When, milliseconds since 1970.
        #[ts(type = "number")]
        ends_ms: i64,
    },
    /// Something failed that belongs to no row.
    Failed {
        /// Closes this notice.
        #[ts(type = "number")]
        id: u64,
        /// What happened.
        problem: Problem,
    },
    /// The queue on disk cannot be written: nothing new is started. It goes when it can be again.
    Journal {
        /// Why.
        problem: Problem,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// A disk or a network folder with queued files is not there: they wait for it.
    VolumeMissing {
        /// Which one, by one of its files.
        problem: Problem,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// Ferry ends by itself once nothing is left to do.
    QuitsWhenDone,
    /// Dropped folders are being looked through; nothing of them is queued yet.
    Surveying {
        /// Its number, for the answer.
        #[ts(type = "number")]
        id: u64,
        /// Files found so far.
        #[ts(type = "number")]
        files: u64,
    },
    /// A drop is asked about before anything of it is queued.
    Review {
        /// Its number, for the answer.
        #[ts(type = "number")]
        id: u64,
        /// What is known of it.
        review: DropReview,
    },
    /// Dropped folders are being read.
    Adding {
        /// Files found so far.
        #[ts(type = "number")]
        files: u64,
    },
    /// The queue on disk was damaged and set aside.
    Recovered {
        /// Closes this notice.
        #[ts(type = "number")]
        id: u64,
        /// What happened.
        text: Words,
    },
}

/// What an action is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Target {
    /// Every transfer.
    All,
    /// These.
    Ids {
        /// Their numbers.
        #[ts(type = "number[]")]
        ids: Vec<i64>,
    },
    /// Every transfer that fits, whether the window has it or not: see [`Viewport`].
    Matching {
        /// Only of this batch; null for all.
        #[ts(type = "number | null")]
        batch: Option<i64>,
        /// Which rows.
        filter: Filter,
        /// Only names or keys with this text in them; empty for all.
        text: String,
    },
}

/// What the next files shall be like, where that differs from their profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BatchForm {
    /// Put before every key.
    pub prefix: String,
    /// What happens when an object exists.
    #[ts(type = "\"ask\" | \"skip\" | \"overwrite\" | \"rename\" | \"skipIdentical\"")]
    pub existing: ExistingPolicy,
    /// What the objects shall be like.
    pub options: OptionsForm,
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

/// A speed limit as it is typed: the hours that have one of their own, and the rest of the day.
///
/// A rate is a number of MiB a second, or has a unit as `512 KiB/s`; empty for no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LimitForm {
    /// Hours of the day; they do not overlap.
    pub hours: Vec<LimitHours>,
    /// The rate at all other hours.
    pub otherwise: String,
}

/// Hours of each day with a rate of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LimitHours {
    /// When they begin, as `08:00`.
    pub from: String,
    /// When they end, as `19:00` or `24:00`; also after midnight.
    pub to: String,
    /// The rate.
    pub rate: String,
}

/// How high the rows of files are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Density {
    /// 28 pixels.
    #[default]
    Compact,
    /// 40 pixels.
    Comfortable,
}

/// What is written to the log file: Ferry's own lines of this level, and of those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// Errors and warnings.
    #[default]
    Warnings,
    /// What Ferry does.
    Info,
    /// Each request.
    Debug,
}

/// The window's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Settings {
    /// `system`, or the code of a language ([`ferry_model::Language::code`]).
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// How high the rows of files are.
    pub density: Density,
    /// Requests side by side; none for automatic.
    pub parallel: Option<u32>,
    /// Mebibytes of a part, and of the largest file that goes by one request; none for automatic.
    pub part_size: Option<u32>,
    /// Days that finished batches are kept with their receipts; none for ever.
    pub history_days: Option<u32>,
    /// What is written to the log file.
    pub log: LogLevel,
    /// How fast all transfers together may be.
    pub limit: LimitForm,
    /// How links are written.
    pub links: LinkPreference,
    /// Files and folders that are left out of folders that are added: see
    /// [`ferry_model::Patterns`].
    pub exclude: Vec<String>,
    /// How stores are reached whose profiles do not say it.
    pub network: NetworkForm,
    /// What Ferry does outside of its window.
    pub desktop: DesktopSettings,
}

/// What the window is told. The first message after `subscribe` is a snapshot; then changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Update {
    /// Everything the window shows.
    Snapshot {
        /// Counts up by one with each message; a gap means: subscribe again.
        #[ts(type = "number")]
        seq: u64,
        /// The profiles in order.
        profiles: Vec<ProfileView>,
        /// The profile that drops go to.
        #[ts(type = "number | null")]
        chosen_profile: Option<i64>,
        /// The settings.
        settings: Box<Settings>,
        /// The most requests side by side that they take.
        most_parallel: u32,
        /// The rows shown.
        page: Page,
        /// The batches shown.
        batches: BatchPage,
        /// What is being uploaded now; null while nothing is.
        work: Option<Work>,
        /// The sums.
        totals: Totals,
        /// The lines above the list.
        notices: Vec<Notice>,
        /// What actions would meet in the selection.
        selected: Selected,
        /// What was done last and can be undone; null where nothing can.
        undo: Option<Undo>,
    },
    /// The rows shown, as they are now; at most four a second, and each page that was asked for.
    Rows {
        /// See `Snapshot`.
        #[ts(type = "number")]
        seq: u64,
        /// The whole page where rows came, went or moved; else null.
        page: Option<Page>,
        /// The rows that changed (empty with a page).
        rows: Vec<Row>,
        /// The batches shown, where any of them changed; else null.
        batches: Option<BatchPage>,
        /// What is being uploaded now; null while nothing is.
        work: Option<Work>,
        /// The sums.
        totals: Totals,
        /// The lines above the list.
        notices: Vec<Notice>,
        /// What actions would meet in the selection.
        selected: Selected,
        /// What was done last and can be undone; null where nothing can.
        undo: Option<Undo>,
    },
    /// Profiles, the chosen one, or settings changed.
    Setup {
        /// See `Snapshot`.
        #[ts(type = "number")]
        seq: u64,
        /// The profiles in order.
        profiles: Vec<ProfileView>,
        /// The profile that drops go to.
        #[ts(type = "number | null")]
        chosen_profile: Option<i64>,
        /// The settings.
        settings: Box<Settings>,
    },
    /// Files are being dragged over the window (count), or no longer (0).
    Dragging {
        /// See `Snapshot`.
        #[ts(type = "number")]
        seq: u64,
        /// How many files and folders.
        count: u32,
    },
    /// The window is to close while files are on their way: what shall become of them?
    CloseAsked {
        /// See `Snapshot`.
        #[ts(type = "number")]
        seq: u64,
        /// Whether Ferry can go on in the tray; without one, the window is minimised.
        tray: bool,
    },
}
