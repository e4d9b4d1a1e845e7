//! Wall time, injected, so that signatures can be tested at a fixed second.

use std::fmt::Debug;
use std::time::SystemTime;

use crate::signing::SigningTime;

/// By how much a clock must be off for the user to be told, in seconds. Stores refuse requests
/// beyond 15 minutes.
pub const WORTH_TELLING: u64 = 5 * 60;

/// Whether the user should be told that this computer's clock is off. `offset` as
/// [`crate::ObjectStore::clock_offset`] has it.
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

/// Seconds that a store's clock, `server` seconds after 1970 in its own count, is ahead of this
/// computer's.
///
/// Both are taken as within the years 1970 to 9999, outside of which no signature has a date: so
/// the result is bounded as well.
pub fn offset(server: i64, now: SystemTime) -> i64 {
    server.clamp(0, SigningTime::LATEST) - SigningTime::from(now).epoch
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_clock_is_too_far_off() {
        let now = |epoch: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(epoch);
        for (server, epoch, ahead) in [
            (1_768_465_845, 1_768_465_800, 45),
            (1_768_465_800, 1_768_465_845, -45),
            (i64::MAX, 0, SigningTime::LATEST),
            // Of the year 11476: no system's clock goes on for ever.
            (i64::MIN, 300_000_000_000, -SigningTime::LATEST),
        ] {
            assert_eq!(offset(server, now(epoch)), ahead, "{server} {epoch}");
        }
    }
}
