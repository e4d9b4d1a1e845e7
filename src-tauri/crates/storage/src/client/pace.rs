//! How fast bodies go to each host, so that the end of one which is still on its way is not taken
//! for a peer that does not answer.
//!
//! The last bytes of a body lie in the system's buffers, or in a proxy's, and no library tells how
//! many. How long whole bodies took before does.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Smaller bodies tell the latency, not the speed.
const TELLING: u64 = 16 * 1024;

/// Bytes that the slowest network moves within the idle timeout: 1 KiB/s where that is 60 s.
const SLOWEST: f64 = 60.0 * 1024.0;
/// The longest that a host of which nothing is known may take, in idle timeouts.
const MOST_TIMEOUTS: f64 = 10.0;

/// Bytes a second, by host.
#[derive(Debug, Default)]
pub(super) struct Paces(Mutex<BTreeMap<String, f64>>);

impl Paces {
    /// A body of `length` bytes was answered after `took`.
    pub(super) fn answered(&self, host: &str, length: u64, took: Duration) {
        self.learn(host, length, took);
    }

    /// A body of `length` bytes was not answered within `waited`: it may still be on its way.
    pub(super) fn unanswered(&self, host: &str, length: u64, waited: Duration) {
        self.learn(host, length, waited * 2);
    }

    /// How long a body of `length` bytes may be on its way; `None` if nothing is known of the host.
    pub(super) fn expected(&self, host: &str, length: u64) -> Option<Duration> {
        let paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        paces.get(host).map(|pace| time(length, *pace))
    }

    fn learn(&self, host: &str, length: u64, took: Duration) {
        if length < TELLING || took.is_zero() {
            return;
        }
        let pace = length as f64 / took.as_secs_f64();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned(), pace);
    }
}

/// How long a body of `length` bytes may be on its way to a host of which nothing is known: until
/// the first answer, a slow network is likelier than a store that is silent.
pub(super) fn slowest(length: u64, idle: Duration) -> Duration {
    idle.mul_f64((length as f64 / SLOWEST).min(MOST_TIMEOUTS))
}

fn time(length: u64, pace: f64) -> Duration {
    Duration::try_from_secs_f64(length as f64 / pace).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const PART: u64 = 64 * 1024;

    #[test]
    fn a_body_that_was_not_answered_has_twice_the_time_next() {
        let paces = Paces::default();
        let seconds = |host, length| paces.expected(host, length).map(|time| time.as_secs());
        assert_eq!(seconds("a", PART), None, "nothing is known");
        assert_eq!(slowest(30 * 1024, MINUTE).as_secs(), 30);
        assert_eq!(slowest(8 << 20, MINUTE).as_secs(), 600);
        paces.unanswered("a", PART, MINUTE);
        assert_eq!(seconds("a", PART), Some(120));
        assert_eq!(seconds("a", PART / 2), Some(60), "half of it needs half the time");
        assert_eq!(seconds("b", PART), None, "another host");
        paces.answered("a", PART, Duration::from_secs(1));
        assert_eq!(seconds("a", PART), Some(1), "as fast as the last one");
        paces.unanswered("a", 100, MINUTE);
        assert_eq!(seconds("a", PART), Some(1), "too small to tell");
    }
}
