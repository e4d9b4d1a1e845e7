//! Wall time, injected, so that signatures can be tested at a fixed second.

use std::fmt::Debug;
use std::time::SystemTime;

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
