//! How fast bodies may be read: one connection's, and all together.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Bytes that may pass at once after a pause, as time.
const BURST: Duration = Duration::from_millis(20);

/// A rate that is shared by whoever asks it.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u64,
    /// When what has passed so far would have passed at this rate.
    due: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: u64) -> Self {
        Self { rate, due: Mutex::new(Instant::now()) }
    }

    /// How long to wait after `bytes` more have passed.
    pub(crate) fn wait(&self, bytes: usize, now: Instant) -> Duration {
        let mut due = self.due.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        *due = (*due).max(earliest) + Duration::from_secs_f64(bytes as f64 / self.rate as f64);
        due.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_their_time() {
        let pace = Pace::new(1000);
        let now = Instant::now();
        pace.wait(20, now);
        let second = pace.wait(500, now);
        let third = pace.wait(500, now);
        assert!((third - second).abs_diff(Duration::from_millis(500)) < Duration::from_millis(1));
        // A pause is not saved up.
        let later = now + Duration::from_secs(60);
        assert!(pace.wait(100, later) >= Duration::from_millis(79));
    }
}
