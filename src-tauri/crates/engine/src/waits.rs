//! What requests wait for, summed over all of them: it tells what limits an upload.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ferry_model::Waits;
use tokio::time::Instant;

use crate::latency::Latencies;

/// What a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Bytes of the file.
    Disk,
    /// The speed limit.
    Limit,
    /// The network, to take bytes.
    Send,
    /// Everything from its begin to its answer.
    Whole,
    /// Another try, after the store had asked to slow down or had failed.
    SlowDown,
}

/// The sums of this run.
#[derive(Debug)]
pub(crate) struct WaitTimes {
    microseconds: [AtomicU64; 5],
    began: Instant,
    /// Asked for once: the window reads the sums four times a second, and Linux reads files for it.
    processors: usize,
}

impl WaitTimes {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { microseconds: Default::default(), began: Instant::now(), processors }
    }

    pub(crate) fn add(&self, wait: Wait, time: Duration) {
        self.microseconds[wait as usize].fetch_add(microseconds(time), Ordering::Relaxed);
    }

    /// The sums until now.
    pub(crate) fn sums(&self) -> Waits {
        let seconds =
            |wait: Wait| self.microseconds[wait as usize].load(Ordering::Relaxed) as f64 / 1e6;
        let (disk, limit, send) = (seconds(Wait::Disk), seconds(Wait::Limit), seconds(Wait::Send));
        Waits {
            disk,
            limit,
            send,
            // Those under way have waited for the rest, but are not answered yet.
            answer: (seconds(Wait::Whole) - disk - limit - send).max(0.0),
            slow_down: seconds(Wait::SlowDown),
            processor: processor_seconds(),
            processors: self.began.elapsed().as_secs_f64() * self.processors as f64,
        }
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The processor's time that this process used; 0 where the system does not tell.
#[cfg(unix)]
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn processor_seconds() -> f64 {
    0.0
}

/// The time of one wait after the other.
#[derive(Debug)]
pub(crate) struct WaitClock {
    times: Arc<WaitTimes>,
    /// What the request waited for but its answer, in microseconds.
    own: Arc<AtomicU64>,
    since: Instant,
}

impl WaitClock {
    pub(crate) fn start(times: &Arc<WaitTimes>) -> Self {
        Self { times: Arc::clone(times), own: Arc::default(), since: Instant::now() }
    }

    /// What went by since the last call was this wait.
    pub(crate) fn waited(&mut self, wait: Wait) {
        let now = Instant::now();
        let time = now - self.since;
        self.times.add(wait, time);
        self.own.fetch_add(microseconds(time), Ordering::Relaxed);
        self.since = now;
    }
}

/// The time of one request with a body, from its begin to its answer.
#[derive(Debug)]
pub(crate) struct RequestClock {
    times: Arc<WaitTimes>,
    own: Arc<AtomicU64>,
    began: Instant,
}

impl RequestClock {
    pub(crate) fn start(times: &Arc<WaitTimes>) -> Self {
        Self { times: Arc::clone(times), own: Arc::default(), began: Instant::now() }
    }

    /// The clock of what this request waits for, while its body is sent.
    pub(crate) fn waits(&self) -> WaitClock {
        let (times, own) = (Arc::clone(&self.times), Arc::clone(&self.own));
        WaitClock { times, own, since: Instant::now() }
    }

    /// The request is over; where it was answered well, its time counts among the latencies.
    pub(crate) fn over<T, E>(self, answer: &Result<T, E>, latencies: &Latencies) {
        let whole = self.began.elapsed();
        self.times.add(Wait::Whole, whole);
        if answer.is_ok() {
            let own = Duration::from_micros(self.own.load(Ordering::Relaxed));
            latencies.record(whole, whole.saturating_sub(own));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_answer_is_what_is_left_of_a_request() {
        let times = Arc::new(WaitTimes::new());
        let request = RequestClock::start(&times);
        let mut clock = request.waits();
        for (wait, seconds) in [(Wait::Disk, 1), (Wait::Limit, 2), (Wait::Send, 3)] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            clock.waited(wait);
        }
        assert_eq!(times.sums().answer, 0.0, "it is not answered yet");
        tokio::time::advance(Duration::from_secs(4)).await;
        let latencies = Latencies::new();
        request.over(&Ok::<_, ()>(()), &latencies);
        let sums = times.sums();
        assert_eq!((sums.disk, sums.limit, sums.send, sums.answer), (1.0, 2.0, 3.0, 4.0));
        let [whole, answer] = [latencies.whole(), latencies.answer()].map(|it| it.p50_ms);
        assert!((9_900.0..=10_100.0).contains(&whole), "{whole}");
        assert!((3_960.0..=4_040.0).contains(&answer), "{answer}");

        // A failure is no latency: how long a store takes to refuse says nothing of its answers.
        RequestClock::start(&times).over(&Err::<(), _>(()), &latencies);
        assert_eq!(latencies.whole().count, 1);
    }
}
