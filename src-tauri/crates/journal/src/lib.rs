//! The only SQL: profiles without secrets, batches, transfers, their parts, settings.
//!
//! May import: `ferry-model` and what it takes to keep rows on a disk. It knows no store, no
//! keyring, no clock: times come in as milliseconds since 1970 from the caller.
//!
//! Invariants:
//! - one thread owns the one connection, and an operating-system lock on the folder keeps every
//!   other process out ([`Journal::open`]);
//! - an acknowledged [`Durability::Full`] write outlives a power cut, an acknowledged
//!   [`Durability::Normal`] write outlives this process;
//! - a write is whole or absent, whatever else was committed together with it;
//! - the schema knows only states of the machine in `ferry-model`: nothing "half under way" can be
//!   read back;
//! - rows are untrusted input: one that does not decode is left out, logged and counted
//!   ([`Journal::unreadable_rows`]), never a panic;
//! - a damaged file is kept beside a fresh one and reported ([`Journal::recovery_notice`]), never a
//!   silently empty queue.

mod actor;
mod batches;
mod error;
mod folder;
mod handle;
mod lock;
mod open;
mod page;
mod parts;
mod profiles;
mod queue;
mod row;
mod runnable;
mod schema;
mod settings;
mod source_path;
mod totals;
mod values;

#[cfg(test)]
mod tests;

pub use actor::Durability;
pub use batches::{BatchRow, NewBatch};
pub use error::JournalError;
pub use handle::Journal;
pub use open::Recovery;
pub use page::{Filter, Page, StateGroup};
pub use parts::PartRow;
pub use queue::{QueuedRow, Selection, StandingRow};
pub use row::{NewTransfer, RowState, TransferRow};
pub use runnable::{Lane, RunnableQuery, Scope};
pub use source_path::SourcePath;
pub use totals::Totals;
