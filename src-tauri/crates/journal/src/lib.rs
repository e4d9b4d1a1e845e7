//! The only SQL: profiles without secrets, batches, transfers, their parts and receipts, commands
//! that wait, watches with the files they know and what came of each day, settings.
//!
//! May import: `ferry-model` and what it takes to keep rows on a disk. It knows no store, no
//! keyring, no wall clock: times come in as milliseconds since 1970 from the caller.
//!
//! Invariants:
//! - one thread (or the caller's, [`Journal::inline`]) owns the one connection that writes, and an
//!   operating-system lock on the folder keeps every other writer out ([`Journal::open`]);
//!   [`Journal::open_reading`] reads beside it;
//! - an acknowledged [`Durability::Full`] write outlives a power cut, an acknowledged
//!   [`Durability::Normal`] write outlives this process;
//! - a write is whole or absent, whatever else was committed together with it;
//! - the schema knows only states of the machine in `ferry-model`: nothing "half under way" can be
//!   read back;
//! - a command that waits is written down before anything follows from it, and the transfers it is
//!   for are neither run nor changed by another ([`DeferredCommand`]);
//! - rows are untrusted input: one that does not decode is left out, logged and counted
//!   ([`Journal::unreadable_rows`]), never a panic;
//! - a damaged file is kept, what is readable of it is in a new one, and a person is told
//!   ([`Journal::recovery_notice`]): never a silently shorter queue;
//! - a write that fails leaves nothing half done, and the same handle works again once the cause is
//!   gone ([`Journal::probe_write`]).
//!
//! # Cancellation
//! Dropping the future of any call, once it was polled, takes back nothing: what was asked is still
//! carried out, in order. Only a journal that is still being opened is closed again.

mod actor;
mod attention;
mod batch_list;
mod batches;
mod connect;
mod deferred;
mod error;
mod failure;
mod folder;
mod growing_files;
mod handle;
mod lock;
mod log;
mod names;
mod open;
mod opened;
mod other_uploads;
mod page;
mod part;
mod parts;
mod profiles;
mod progress;
mod prune;
mod queue;
mod rank;
mod read_profiles;
mod receipts;
mod recovery;
mod removal;
mod row;
mod runnable;
mod salvage;
mod schema;
mod seal;
mod session;
mod settings;
mod snapshot;
mod sorted;
mod source_path;
mod today;
mod totals;
mod unreadable;
mod unreadable_transfers;
mod values;
mod view;
mod watch_days;
mod watch_files;
mod watches;

#[cfg(test)]
mod tests;

/// The version of the SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

pub use actor::{Durability, FaultHook, Operation, OperationKind};
pub use attention::{Attention, AttentionLine, ConflictFolders};
pub use batch_list::{BatchPage, BatchScope, ListedBatch};
pub use batches::{BatchEnd, BatchLabel, BatchRow, NewBatch};
pub use deferred::{DeferredCommand, Found};
pub use error::JournalError;
pub use handle::Journal;
pub use names::FILE;
pub use page::{Filter, Order, RowPage, StateGroup};
pub use part::{Between, Part};
pub use parts::PartRow;
pub use progress::TransferProgress;
pub use queue::{Adopted, QueuedRow, Selection, StandingRow};
pub use receipts::{ReceiptPage, ReceiptRow};
pub use recovery::{Recovery, Salvaged};
pub use row::{NewTransfer, Receipt, RowState, TransferRow};
pub use runnable::{Lane, Runnable, RunnableQuery, RunnableScope};
pub use snapshot::Snapshot;
pub use sorted::SortKey;
pub use source_path::SourcePath;
pub use today::{LastFailure, Verified};
pub use totals::{FoundLine, Totals};
pub use view::{Backlog, Listed, StateCount, View, ViewQuery};
pub use watch_files::{NewWatchFile, Untidied};
