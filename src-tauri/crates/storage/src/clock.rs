//! Wall time, injected, so that signatures can be tested at a fixed second.

use std::fmt::Debug;
use std::time::SystemTime;

/// By how much a clock must be off for the user to be told, in seconds. Stores refuse requests beyond 15 minutes.
pub const WORTH_TELLING: u64 = 5 * 60;

/// Whether the user should be told that this computer's clock is off. `offset` as [`crate::ObjectStore::clock_offset`] has it.
pub fn is_worth_telling(offset: i64) -> bool {
    offset.unsigned_abs() > WORTH_TELLING
}

/// Where the time of a signature comes from.
pub trait Clock: Send + Sync + Debug {
    /// The computer's wall time, uncorrected.
    fn now(&self) -> SystemTime;
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
