//! Executes the model's effects: queues the files of paths that are added, of watched folders, and
//! what is piped in; schedules transfers, reads files, computes checksums, throttles, waits while
//! an endpoint is offline, and goes on with what an interruption left. It also finds the uploads of
//! a lost queue on the store, and checks again whether an object is still what was uploaded.
//!
//! May import: `ferry-model`, `ferry-storage`, `ferry-journal`, `ferry-vault`. Knows no window and
//! no command line.
//!
//! Invariants:
//! - a transfer is run by at most one task at a time, and every event is in the journal before its
//!   consequence starts;
//! - requests side by side are bounded for each profile, small files and parts of large ones apart,
//!   and so are the bytes of the parts under way; a request reads its file through a few buffers of
//!   a fixed size, and of a piped input a few parts are in memory, so that memory follows neither
//!   the size of a file nor the length of the queue;
//! - wall time comes from the injected [`ferry_storage::Clock`], waiting from tokio's clock,
//!   randomness from the injected seed;
//! - a command that can be undone is in the journal before anything follows from it, and is carried
//!   out only by the run that took it;
//! - what stops one transfer stops no other; what a profile's keys or address make fail holds that
//!   profile; what the network makes fail waits.
//!
//! # Cancellation
//! Dropping the future of any call stops no transfer and takes back nothing that the journal has; a
//! request of its own is dropped, and what the store did with it is unknown. A call that changes
//! rows may have changed some of them, and what it made runnable starts with the queue's next
//! change. These are to be awaited: [`Engine::set_standby`], or what runs may go on;
//! [`Engine::add_input`], or its transfer may wait for an input that is not read;
//! [`Engine::give`] and [`Engine::undo`], or their transfers may wait until the next start.

mod commands;
mod deferred;
mod durable;
mod endpoint;
mod engine;
mod events;
mod figures;
mod intake;
mod latency;
mod live;
mod lock;
mod objects;
mod options;
mod outcomes;
mod piped;
mod queue;
mod recheck;
mod recover;
mod shared;
mod source;
mod survey;
mod transfer;
mod under_way;
mod waiting;
mod waits;
mod watch;

pub use durable::JournalTrouble;
pub use endpoint::clients::{Connect, Reach, proxy_entry, store_config, vault_entry};
pub use endpoint::credentials::Environment;
pub use endpoint::gate::Offline;
pub use endpoint::measured::{OperationFigures, OperationTimes, StoreOperation};
pub use engine::{Engine, EngineParts};
pub use events::EngineEvent;
pub use ferry_model::command::TransferCommand;
pub use ferry_model::health::Reached;
pub use figures::{RequestFigures, RunFigures, RunTotals};
pub use intake::{Intake, IntakeProgress, IntakeReport, ProblemFiles};
pub use live::{Activity, CloseView, Ended, LiveView};
pub use options::{FERRY_ID, SHA256};
pub use recheck::{FileDigests, Rechecked, stops_recheck};
pub use recover::FoundUpload;
pub use source::volumes::MissingVolume;
pub use source::{
    Change, DiskFiles, Files, FolderIdentity, GeneratedFiles, Item, MemoryFiles, Root, SourceFile,
    Tap, Tidy, Walk, check_patterns,
};
pub use survey::{Surveyed, SurveyedKeys};
pub use under_way::{Retried, RetryLog};
pub use watch::{
    HintSource, Hints, LocalClock, LocalMoment, RunningWatch, WatchActivity, WatchParts, WatchView,
};
