//! The typed messages of the window: what it asks for, and what it is told. They have TypeScript
//! twins, and so have the choices of the model that stand in them.
//!
//! Byte counts are JavaScript numbers: exact up to 2^53, and one object ends at 48.8 TiB (below
//! 2^46).

mod batches;
mod desktop;
mod details;
mod diagnostics;
mod drops;
mod folders;
mod imports;
mod links;
mod lists;
mod notices;
mod options;
mod profile;
mod queue;
mod receipts;
mod selection;
mod settings;
mod watches;
mod words;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use batches::{Batch, BatchPage, BatchState, BatchView, Work};
pub use desktop::{CloseChoice, DesktopSettings, DesktopState, Pasted};
pub use details::{ChecksumRow, Details, PartsView, RetriedRow};
pub use diagnostics::{
    AddressView, CheckupView, FiguresView, FindingView, OperationRow, RetryRow, StepOutcome,
    TimesView,
};
pub use drops::{
    DropAnswer, DropProblem, DropReview, DropZone, ExistingFiles, ExistingKnown, LargestFile,
    ProblemFound,
};
pub use folders::FolderList;
pub use imports::{ImportCandidate, ImportFindings};
pub use links::{LinkFormat, LinkKind, LinkPreference, Links};
pub use lists::{Cause, Held, HeldProfile, RowList, RowRange, Target};
pub use notices::{Notice, StandbyReason, UpdateStep};
pub use options::{BatchForm, EncryptionChoice, NameValue, OptionsForm};
pub use profile::{
    FieldProblem, FormReading, KeyInput, KeySourceChoice, NetworkForm, ProfileForm, ProfileView,
    SaveSecret, SavedProfile, SecretInput, SecretPlace, SecretsInput, TestOutcome,
};
pub use queue::{
    Action, Filter, LastError, MoveTo, Page, Pending, Row, RowState, Side, Sort, Today, Totals,
    Undo, Viewport,
};
pub use receipts::{ReceiptRow, ReceiptView, RecheckView, RecheckedRow, SavedFile};
pub use selection::{ActionCount, Selected};
pub use settings::{
    AuditForm, Density, HookForm, LimitForm, LimitHours, LogLevel, Settings, Theme,
};
pub use watches::{
    DepthChoice, GrowingChoice, ThenChoice, WatchActivity, WatchFolder, WatchForm, WatchLine,
};
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
        /// What needs the user, by cause.
        needs: Vec<Cause>,
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
        /// What needs the user, by cause.
        needs: Vec<Cause>,
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
    /// The watched folders, as they are now; at most once a second.
    Watches {
        /// See `Snapshot`.
        #[ts(type = "number")]
        seq: u64,
        /// The watches, in the order they were made.
        watches: Vec<WatchLine>,
    },
    /// Files are being dragged over the window (count), or no longer (0).
    Dragging {
        /// See `Snapshot`.
        #[ts(type = "number")]
        seq: u64,
        /// How many files and folders.
        count: u32,
        /// The destination in the sidebar that they are held over.
        #[ts(type = "number | null")]
        target: Option<i64>,
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
