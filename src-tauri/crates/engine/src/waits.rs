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
    /// The store, which held the request back and says so in its answer. It was waited for while
    /// bytes were sent, or as the answer.
    Throttled,
    /// The same, where the request itself asked for a limit.
    TrafficLimit,
}

/// The sums of this run.
#[derive(Debug)]
pub(crate) struct WaitTimes {
    microseconds: [AtomicU64; 7],
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
        let (disk, limit) = (seconds(Wait::Disk), seconds(Wait::Limit));
        let mut send = seconds(Wait::Send);
        // Those under way have waited for the rest, but are not answered yet.
        let mut answer = (seconds(Wait::Whole) - disk - limit - send).max(0.0);
        // What a store holds back it does not read: some of that time was waited for the network.
        let mut take = |held_back: f64| {
            let of_answer = held_back.min(answer);
            let of_send = (held_back - of_answer).min(send);
            (answer, send) = (answer - of_answer, send - of_send);
            of_answer + of_send
        };
        let throttled = take(seconds(Wait::Throttled));
        let by_traffic_limit = take(seconds(Wait::TrafficLimit));
        Waits {
            disk,
            limit: limit + by_traffic_limit,
            send,
            answer,
            slow_down: seconds(Wait::SlowDown) + throttled,
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

/// How long a store says that it held a request back.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HeldBack {
    pub(crate) time: Duration,
    /// Whether the request asked for a limit itself.
    pub(crate) by_traffic_limit: bool,
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

    /// The request is over. Where it was answered well, after the store had held it back for so
    /// long, its time counts among the latencies.
    pub(crate) fn over(self, held_back: Option<HeldBack>, latencies: &Latencies) {
        let whole = self.began.elapsed();
        self.times.add(Wait::Whole, whole);
        if let Some(HeldBack { time, by_traffic_limit }) = held_back {
            let wait = if by_traffic_limit { Wait::TrafficLimit } else { Wait::Throttled };
            // A server can say anything, but held nothing back for longer than it took.
            self.times.add(wait, time.min(whole));
            let own = Duration::from_micros(self.own.load(Ordering::Relaxed));
            latencies.record(whole, whole.saturating_sub(own).saturating_sub(time));
        }
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::LimitedBy;

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
        let latencies = Latencies::default();
        request.over(Some(HeldBack::default()), &latencies);
        let sums = times.sums();
        assert_eq!((sums.disk, sums.limit, sums.send, sums.answer), (1.0, 2.0, 3.0, 4.0));
        let [whole, answer] = [latencies.whole(), latencies.answer()].map(|it| it.p50_ms);
        assert!((9_900.0..=10_100.0).contains(&whole), "{whole}");
        assert!((3_960.0..=4_040.0).contains(&answer), "{answer}");

        // A failure is no latency: how long a store takes to refuse says nothing of its answers.
        RequestClock::start(&times).over(None, &latencies);
        assert_eq!(latencies.whole().count, 1);
    }

    /// The sums after one request: 3 s until its bytes had left, 4 s for its answer.
    async fn held_back(time: u64, by_traffic_limit: bool) -> Waits {
        let times = Arc::new(WaitTimes::new());
        let request = RequestClock::start(&times);
        let mut clock = request.waits();
        tokio::time::advance(Duration::from_secs(3)).await;
        clock.waited(Wait::Send);
        tokio::time::advance(Duration::from_secs(4)).await;
        let time = Duration::from_secs(time);
        request.over(Some(HeldBack { time, by_traffic_limit }), &Latencies::default());
        times.sums()
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_store_holds_back_is_its_throttling_and_counts_once() {
        for (time, by_traffic_limit, [limit, send, answer, slow_down], verdict) in [
            (0, false, [0.0, 3.0, 4.0, 0.0], LimitedBy::Store),
            (2, false, [0.0, 3.0, 2.0, 2.0], LimitedBy::Store),
            // It did not read either.
            (6, false, [0.0, 1.0, 0.0, 6.0], LimitedBy::Store),
            (60, false, [0.0, 0.0, 0.0, 7.0], LimitedBy::Store),
            (6, true, [6.0, 1.0, 0.0, 0.0], LimitedBy::Limit),
        ] {
            let sums = held_back(time, by_traffic_limit).await;
            let found = [sums.limit, sums.send, sums.answer, sums.slow_down];
            assert_eq!(found, [limit, send, answer, slow_down], "{time} {by_traffic_limit}");
            assert_eq!(sums.limited_by(), Some(verdict), "{time} {by_traffic_limit}");
        }
    }
}
