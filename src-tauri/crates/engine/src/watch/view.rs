//! How a watch is, for those who show it.

use ferry_model::Fault;

/// What a watch does now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WatchActivity {
    /// It looks at the whole folder.
    #[default]
    Looking,
    /// It waits for changes.
    Watching,
    /// It waits for its hours.
    Closed {
        /// Minutes until they begin.
        minutes: u16,
    },
    /// It waits for its folder.
    Away,
}

/// A watch as it is now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WatchView {
    /// What it does.
    pub activity: WatchActivity,
    /// Files that are new or changed and not queued yet.
    pub waiting: usize,
    /// Files that it queued in this run.
    pub queued: u64,
    /// The last one, by its name.
    pub last: Option<String>,
    /// When it was queued, milliseconds since 1970.
    pub last_ms: Option<i64>,
    /// Files that cannot be taken, at the last look at the whole folder.
    pub refused: u64,
    /// Why the watch, or a file of it, cannot go on.
    pub fault: Option<Fault>,
    /// Why the system tells of no changes: the folder is looked at from time to time.
    pub no_hints: Option<Fault>,
}
