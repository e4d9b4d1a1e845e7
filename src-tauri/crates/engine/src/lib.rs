//! Executes the model's effects: takes dropped paths in, schedules transfers, reads files, computes
//! checksums, throttles, waits while an endpoint is away, and recovers what an interruption left.
//!
//! May import: `ferry-model`, `ferry-storage`, `ferry-journal`, `ferry-vault`. Knows no window and
//! no command line.
//!
//! Invariants:
//! - a transfer is driven by at most one [`driver`](Engine) at a time, and every event is in the
//!   journal before its consequence starts;
//! - requests side by side are bounded for the whole process, memory by requests times a fixed
//!   buffer, whatever the queue's length;
//! - wall time comes from the injected [`ferry_storage::Clock`], waiting from tokio's clock,
//!   randomness from the injected seed;
//! - what stops one transfer stops no other; what a profile's keys or address make fail holds that
//!   profile; what the network makes fail waits.

mod attempt;
mod breaker;
mod checksum;
mod commands;
mod compare;
mod context;
mod driver;
mod engine;
mod intake;
mod keys;
mod live;
mod options;
mod parts;
mod permits;
mod prepare;
mod reading;
mod requests;
mod scheduler;
mod source;
mod throttle;
mod walk;

pub use breaker::{Offline, Reached};
pub use commands::TransferCommand;
pub use context::{Connect, EngineEvent, store_config, vault_entry};
pub use engine::{Engine, EngineParts, RunTotals};
pub use intake::{Intake, IntakeProgress, IntakeReport};
pub use keys::Environment;
pub use live::{Activity, LiveView};
pub use options::{FERRY_ID, SHA256};
