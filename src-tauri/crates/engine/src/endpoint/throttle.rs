//! The speed limit: one bucket of bytes for the whole process, changeable while bytes flow.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Hands out bytes at a given rate. Cheap when there is no limit.
#[derive(Debug)]
pub(crate) struct Throttle {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Bytes a second; 0 for no limit.
    rate: u64,
    /// When the bytes granted so far will all have been paid for.
    paid_until: Instant,
}

impl Throttle {
    pub(crate) fn new(rate: u64) -> Self {
        Self { state: Mutex::new(State { rate, paid_until: Instant::now() }) }
    }

    /// Sets the rate, in bytes a second; 0 lifts the limit. Holds from the next grant on.
    pub(crate) fn set_rate(&self, rate: u64) {
        let mut state = self.state.lock().expect("no code panics while holding this lock");
        // Settings are applied whole: a new language must not forgive what has yet to be paid.
        if state.rate == rate {
            return;
        }
        state.rate = rate;
        state.paid_until = Instant::now();
    }

    /// Waits until `bytes` may leave. Dropping the future gives up the place, not bytes that were
    /// already paid.
    pub(crate) async fn take(&self, bytes: u64) {
        let wait_until = {
            let mut state = self.state.lock().expect("no code panics while holding this lock");
            if state.rate == 0 {
                return;
            }
            let now = Instant::now();
            // A pause earns at most a tenth of a second of burst, or a resumed transfer would
            // overshoot visibly.
            let floor = now.checked_sub(Duration::from_millis(100)).unwrap_or(now);
            let start = state.paid_until.max(floor);
            state.paid_until = start + Duration::from_secs_f64(bytes as f64 / state.rate as f64);
            start
        };
        tokio::time::sleep_until(wait_until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bytes_leave_at_the_rate_and_freely_without_one() {
        let throttle = Throttle::new(1_000);
        let begin = Instant::now();
        for _ in 0..100 {
            throttle.take(100).await;
        }
        let took = begin.elapsed().as_secs_f64();
        assert!((9.7..=10.1).contains(&took), "10,000 bytes at 1,000 a second took {took} s");
        throttle.set_rate(1_000);
        let begin = Instant::now();
        throttle.take(1).await;
        assert!(
            begin.elapsed() >= Duration::from_millis(90),
            "the same rate again must not forgive a debt"
        );
        throttle.set_rate(0);
        let begin = Instant::now();
        throttle.take(u64::MAX).await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }
}
