//! Times and rates kept at a fixed cost: histograms whose size does not grow with what they count,
//! and what came in during the last seconds.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::bench::Percentiles;

/// Times are counted in microseconds up to this one, with two digits that are right: some 30 KiB a
/// histogram.
const LONGEST: Duration = Duration::from_secs(3_600);
const DIGITS: u8 = 2;

/// How long things took, as percentiles: a sum hides the slow ones, and it is those that a user
/// waits for.
#[derive(Debug, Clone)]
pub struct Times {
    counted: Histogram<u64>,
    sum: Duration,
}

/// How many things took no longer than so long.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets {
    /// By upper bound in seconds, ascending: all that took no longer, those of the lower bounds
    /// included.
    pub up_to: Vec<(f64, u64)>,
    /// All.
    pub count: u64,
    /// Seconds that they took together.
    pub sum_seconds: f64,
}

/// Upper bounds of [`Buckets`], in seconds: what requests to a store take, from the nearest one to
/// a large part on a slow link.
const BOUNDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

impl Default for Times {
    fn default() -> Self {
        let longest = microseconds(LONGEST);
        let counted = Histogram::new_with_max(longest, DIGITS).expect("the bounds are sound");
        Self { counted, sum: Duration::ZERO }
    }
}

impl Times {
    /// One more took so long; beyond an hour, an hour.
    pub fn record(&mut self, time: Duration) {
        self.counted.saturating_record(microseconds(time));
        self.sum = self.sum.saturating_add(time.min(LONGEST));
    }

    /// What was recorded, in buckets with fixed bounds. A time within a hundredth of a bound may
    /// stand on its other side.
    pub fn buckets(&self) -> Buckets {
        let mut up_to: Vec<(f64, u64)> = BOUNDS.iter().map(|bound| (*bound, 0)).collect();
        for step in self.counted.iter_recorded() {
            let seconds = step.value_iterated_to() as f64 / 1e6;
            let first = BOUNDS.partition_point(|bound| *bound < seconds);
            for (_, count) in &mut up_to[first..] {
                *count += step.count_since_last_iteration();
            }
        }
        Buckets { up_to, count: self.counted.len(), sum_seconds: self.sum.as_secs_f64() }
    }

    /// What was recorded.
    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile| self.counted.value_at_quantile(quantile) as f64 / 1_000.0;
        Percentiles {
            count: self.counted.len(),
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
        }
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Seconds that a rate is an average of.
const WINDOW: u64 = 10;

/// How much came in a second of late. Times are since any moment that stays the same.
#[derive(Debug, Clone, Default)]
pub struct Rate {
    /// By second: which one, and how much.
    seconds: [(u64, u64); WINDOW as usize + 1],
}

impl Rate {
    /// So much came in.
    pub fn add(&mut self, now: Duration, amount: u64) {
        let second = now.as_secs();
        let place = &mut self.seconds[(second % (WINDOW + 1)) as usize];
        if place.0 != second {
            *place = (second, 0);
        }
        place.1 = place.1.saturating_add(amount);
    }

    /// How much a second, over the last ten seconds; over as many as there were at first.
    pub fn a_second(&self, now: Duration) -> f64 {
        let second = now.as_secs();
        let recent = |(at, _): &&(u64, u64)| second.saturating_sub(*at) <= WINDOW && *at <= second;
        let sum: u64 = self.seconds.iter().filter(recent).map(|(_, amount)| *amount).sum();
        sum as f64 / now.as_secs_f64().clamp(1.0, WINDOW as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_times_within_a_hundredth() {
        let mut times = Times::default();
        assert_eq!(times.percentiles(), Percentiles::default());
        for ms in 1..=1_000 {
            times.record(Duration::from_millis(ms));
        }
        let told = times.percentiles();
        assert_eq!(told.count, 1_000);
        for (told, true_value) in [(told.p50_ms, 500.0), (told.p95_ms, 950.0), (told.p99_ms, 990.0)]
        {
            assert!((told - true_value).abs() <= true_value * 0.01, "{told} for {true_value}");
        }
        // A time that no one believes is the longest there is, and no panic.
        times.record(Duration::MAX);
        assert_eq!(times.percentiles().count, 1_001);
    }

    #[test]
    fn buckets_hold_all_that_took_no_longer() {
        let mut times = Times::default();
        assert_eq!(times.buckets().up_to.len(), BOUNDS.len());
        for ms in [1, 7, 40, 40, 900, 2_000, 400_000] {
            times.record(Duration::from_millis(ms));
        }
        let told = times.buckets();
        for (bound, count) in
            [(0.005, 1), (0.01, 2), (0.025, 2), (0.05, 4), (1.0, 5), (2.5, 6), (300.0, 6)]
        {
            assert!(told.up_to.contains(&(bound, count)), "{bound}: {told:?}");
        }
        assert_eq!((told.count, told.sum_seconds), (7, 402.988));
        assert!(told.up_to.is_sorted_by_key(|(_, count)| *count));
    }

    #[test]
    fn a_rate_is_that_of_the_last_seconds() {
        let at = Duration::from_secs_f64;
        let mut rate = Rate::default();
        assert_eq!(rate.a_second(at(0.0)), 0.0);
        rate.add(at(0.2), 6);
        assert_eq!(rate.a_second(at(0.5)), 6.0, "no time went by");
        rate.add(at(1.9), 6);
        assert_eq!(rate.a_second(at(3.0)), 4.0);
        for second in 2..40 {
            rate.add(at(f64::from(second)), 5);
        }
        assert!((rate.a_second(at(39.9)) - 5.0).abs() <= 0.5, "{}", rate.a_second(at(39.9)));
        assert_eq!(rate.a_second(at(60.0)), 0.0, "nothing came of late");
        // A whole round later, the same places hold nothing of before.
        rate.add(at(90.0), 10);
        assert_eq!(rate.a_second(at(90.0)), 1.0);
    }
}
