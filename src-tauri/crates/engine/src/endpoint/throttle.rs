//! The speed limit: one bucket of bytes for the whole process, changeable while bytes flow.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Most bytes of a step while there is a limit.
const STEP: usize = 64 * 1024;
/// Least bytes of a step: many of fewer would cost more than they even out.
const LEAST_STEP: usize = 4 * 1024;
/// Steps a second while they are neither.
const STEPS: u64 = 16;
/// A pause earns at most the bytes of this time, or a resumed transfer would overshoot visibly.
const BURST: Duration = Duration::from_millis(50);

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

    /// How many of `bytes` are asked for at once: a limit is kept in small steps.
    pub(crate) fn step(&self, bytes: usize) -> usize {
        let state = self.state.lock().expect("no code panics while holding this lock");
        let step = usize::try_from(state.rate / STEPS).unwrap_or(usize::MAX);
        if state.rate == 0 { bytes } else { bytes.min(step.clamp(LEAST_STEP, STEP)) }
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
            let floor = now.checked_sub(BURST).unwrap_or(now);
            let start = state.paid_until.max(floor);
            state.paid_until = start + Duration::from_secs_f64(bytes as f64 / state.rate as f64);
            start
        };
        tokio::time::sleep_until(wait_until).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_requests_together_keep_the_limit_within_two_per_cent_of_five_seconds() {
        for rate in [256 * 1024, 1024 * 1024, 50 * 1024 * 1024, 1 << 30] {
            let (throttle, left) = (Arc::new(Throttle::new(rate)), Arc::new(AtomicU64::new(0)));
            let requests: Vec<_> = (0..16)
                .map(|_| {
                    let (throttle, left) = (Arc::clone(&throttle), Arc::clone(&left));
                    tokio::spawn(async move {
                        loop {
                            let bytes = throttle.step(256 * 1024) as u64;
                            throttle.take(bytes).await;
                            left.fetch_add(bytes, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            for seconds in 1..4 {
                left.store(0, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_secs(5)).await;
                let share = left.load(Ordering::Relaxed) as f64 / (rate * 5) as f64;
                assert!((0.98..=1.02).contains(&share), "{rate} B/s, span {seconds}: {share}");
            }
            requests.iter().for_each(tokio::task::JoinHandle::abort);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_leave_at_the_rate_and_freely_without_one() {
        let throttle = Throttle::new(1_000);
        let begin = Instant::now();
        for _ in 0..100 {
            throttle.take(100).await;
        }
        let took = begin.elapsed().as_secs_f64();
        assert!((9.8..=10.0).contains(&took), "10,000 bytes at 1,000 a second took {took} s");
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
