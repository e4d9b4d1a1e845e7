//! How long requests with a body took, as percentiles: a sum hides the slow ones, and it is those
//! that a user waits for.

use std::sync::Mutex;
use std::time::Duration;

use ferry_model::bench::Percentiles;
use hdrhistogram::Histogram;

use crate::lock::lock;

/// Times are counted in microseconds up to this one, with two digits that are right: some 40 KiB a
/// histogram.
const LONGEST: Duration = Duration::from_secs(3_600);
const DIGITS: u8 = 2;

/// The times of the answered requests of one lane.
#[derive(Debug)]
pub(crate) struct Latencies {
    /// From a request's begin to its answer.
    whole: Mutex<Histogram<u64>>,
    /// Of that, what was left once its bytes had been read and taken by the network, without the
    /// time for which the store says that it held the request back.
    answer: Mutex<Histogram<u64>>,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        let empty = || {
            let longest = microseconds(LONGEST);
            Mutex::new(Histogram::new_with_max(longest, DIGITS).expect("the bounds are sound"))
        };
        Self { whole: empty(), answer: empty() }
    }

    /// A request was answered.
    pub(crate) fn record(&self, whole: Duration, answer: Duration) {
        lock(&self.whole).saturating_record(microseconds(whole));
        lock(&self.answer).saturating_record(microseconds(answer));
    }

    /// From a request's begin to its answer.
    pub(crate) fn whole(&self) -> Percentiles {
        percentiles(&lock(&self.whole))
    }

    /// From the moment at which the network had taken a request's last byte to its answer, without
    /// throttling that the store tells of.
    pub(crate) fn answer(&self) -> Percentiles {
        percentiles(&lock(&self.answer))
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    Percentiles { count: histogram.len(), p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_times_within_a_hundredth() {
        let latencies = Latencies::new();
        assert_eq!(latencies.whole(), Percentiles::default());
        for ms in 1..=1_000 {
            latencies.record(Duration::from_millis(ms), Duration::from_millis(ms / 10));
        }
        let whole = latencies.whole();
        assert_eq!(whole.count, 1_000);
        for (told, true_value) in
            [(whole.p50_ms, 500.0), (whole.p95_ms, 950.0), (whole.p99_ms, 990.0)]
        {
            assert!((told - true_value).abs() <= true_value * 0.01, "{told} for {true_value}");
        }
        let answer = latencies.answer();
        assert!((answer.p95_ms - 95.0).abs() <= 1.0, "{answer:?}");
        // A time that no one believes is the longest there is, and no panic.
        latencies.record(Duration::MAX, Duration::MAX);
        assert_eq!(latencies.whole().count, 1_001);
    }
}
