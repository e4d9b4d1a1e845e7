//! What a user can do, as use-cases, and the typed messages of the window.
//!
//! May import: `ferry-engine`, `ferry-journal`, `ferry-model`, `ferry-sandbox`, `ferry-storage`,
//! `ferry-vault`. Shell and command line call only this crate; it knows neither of them.
//!
//! Invariants:
//! - no message that leaves this crate holds a secret; secrets come in by [`messages::SecretInput`]
//!   and go to the keyring only;
//! - the window is told a snapshot first, then changes, at most four a second, for the rows it
//!   shows;
//! - paths come from the shell's own drop event, its native dialogs, the clipboard, or the command
//!   line's arguments, never from the window.
//!
//! # Cancellation
//! Dropping the future of any use-case takes back nothing that it wrote or handed to the engine,
//! and leaves out what would have followed: a profile may be saved without its key, and of a file
//! that was being written there is a `.part`. What only reads changes nothing.

mod actions;
mod app;
mod audit;
mod audit_log;
mod batches;
mod bench;
mod calendar;
mod checkup;
mod commands;
mod connection_test;
mod damage;
mod data_dir;
mod details;
mod diagnostics;
mod doctor;
mod drag;
mod drop_zones;
mod drops;
pub mod environment;
mod files;
mod folders;
mod form;
mod history;
mod hooks;
mod hourly;
pub mod import;
mod imports;
mod interfaces;
mod limits;
mod links;
pub mod messages;
mod metrics;
mod needs;
mod network;
mod network_changes;
mod notices;
mod pace;
mod pasted;
mod pending;
mod pending_drop;
mod picked_folders;
mod piped;
mod practice;
mod presence;
mod problem;
mod process_use;
mod profiles;
mod progress;
mod publish;
mod publisher;
mod put;
mod receipt;
mod recheck_job;
mod recover;
mod report;
mod rows;
mod run_rules;
mod settings;
mod sorted;
mod standby;
mod start;
mod targets;
mod today;
mod update_offer;
mod updates;
mod waiting;
mod watch_form;
mod watches;
mod watching;

pub use app::App;
pub use bench::{Bench, BenchPlan, BenchRequest, BenchRun, Cleanup};
pub use checkup::Checkup;
pub use damage::QueueDamage;
pub use data_dir::default_data_dir;
pub use diagnostics::{Figures, RecentLog};
pub use drop_zones::PagePoint;
pub use hooks::{HookReport, HookRun};
pub use metrics::MetricsServer;
pub use network::network;
pub use piped::{PipedEnd, PipedPut};
pub use presence::{News, Presence, PresenceWatch, Told};
pub use process_use::ProcessUse;
pub use progress::{ProgressWatch, RunProgress};
pub use publisher::Sink;
pub use put::{AdHocConnection, OptionChanges, PutConnection, PutProgress, PutRequest, Reading};
pub use receipt::{
    HistoryEntry, LeftOut, MissingDigests, ReceiptExport, ReceiptFile, ReceiptFormat, ReceiptPiece,
    WhyLeftOut,
};
pub use recheck_job::RecheckedFile;
pub use recover::{FoundUploads, ResumedUploads};
pub use report::{BatchReport, QueueItem, WaitsFor};
pub use start::{Host, Keyring, OpenOptions};
pub use update_offer::{ReadyUpdate, UpdateSource};
pub use watches::WatchTrial;

pub use ferry_engine::{FoundUpload, Offline, RunTotals};
pub use ferry_model as model;
pub use ferry_sandbox as sandbox;
pub use ferry_storage::DesktopProxies;
pub use ferry_vault::process::program_of;
