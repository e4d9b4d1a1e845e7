//! Retrying as a value: whether and when, from the fault alone.

use std::time::Duration;

use ferry_model::{Fault, Retry};

/// The longest wait a store can ask for by `Retry-After`.
pub const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// How much larger the first wait is when the store asks for fewer requests.
const SLOW_DOWN: u32 = 8;

/// How often, how long and in what steps something is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Most time from the first attempt to the start of the last.
    pub wall: Duration,
    /// The ceiling of the first wait; it doubles with each attempt.
    pub base: Duration,
    /// The largest ceiling of a wait.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    /// 10 attempts within 15 minutes, waits up to 0.5 s doubling to 30 s. The vendors' own three
    /// attempts within 1.6 s are too few for an upload nobody watches (alibabacloud-oss-go-sdk-v2
    /// `oss/retry`).
    fn default() -> Self {
        Self {
            attempts: 10,
            wall: Duration::from_secs(15 * 60),
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after `attempt` (1 for the first) failed with `fault`, `elapsed` after the
    /// first began; `None` to give up.
    ///
    /// Full jitter: `random` (0 to 1) of the ceiling. A store that asks for fewer requests gets a
    /// larger ceiling; what it asks for by `Retry-After` is a minimum, itself at most
    /// [`LONGEST_ASKED`].
    pub fn delay(
        &self,
        fault: &Fault,
        attempt: u32,
        elapsed: Duration,
        random: f64,
    ) -> Option<Duration> {
        let base = match fault.kind.retry() {
            Retry::No => return None,
            Retry::Once if attempt > 1 => return None,
            Retry::Once | Retry::Backoff => self.base,
            Retry::SlowDown => self.base.saturating_mul(SLOW_DOWN),
        };
        if attempt >= self.attempts {
            return None;
        }
        let doubled =
            base.saturating_mul(1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 1.0 };
        let jittered = doubled.min(self.cap.max(base)).mul_f64(random);
        let asked = fault.retry_after_seconds.map_or(Duration::ZERO, |seconds| {
            Duration::from_secs(seconds.into()).min(LONGEST_ASKED)
        });
        let wait = jittered.max(asked);
        (elapsed.saturating_add(wait) <= self.wall).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::FaultKind;
    use proptest::prelude::*;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        attempts: 5,
        wall: Duration::from_secs(600),
        base: Duration::from_secs(1),
        cap: Duration::from_secs(6),
    };

    #[test]
    fn waits_double_up_to_the_cap_and_end() {
        let fault = Fault::new(FaultKind::ServerError);
        let waits: Vec<_> = (1..=5)
            .map(|attempt| {
                POLICY.delay(&fault, attempt, Duration::ZERO, 1.0).map(|wait| wait.as_secs())
            })
            .collect();
        assert_eq!(waits, [Some(1), Some(2), Some(4), Some(6), None]);
        assert_eq!(
            POLICY.delay(&fault, 1, Duration::ZERO, 0.0),
            Some(Duration::ZERO),
            "full jitter begins at nothing"
        );
        assert_eq!(
            POLICY.delay(&fault, 2, Duration::from_secs(599), 1.0),
            None,
            "no wait beyond the wall"
        );
    }

    #[test]
    fn a_store_that_asks_for_less_waits_longer_and_is_obeyed() {
        let mut fault = Fault::new(FaultKind::Throttled);
        assert_eq!(POLICY.delay(&fault, 1, Duration::ZERO, 1.0), Some(Duration::from_secs(8)));
        fault.retry_after_seconds = Some(17);
        assert_eq!(POLICY.delay(&fault, 1, Duration::ZERO, 0.1), Some(Duration::from_secs(17)));
        fault.retry_after_seconds = Some(u32::MAX);
        assert_eq!(POLICY.delay(&fault, 1, Duration::ZERO, 0.1), Some(LONGEST_ASKED));
    }

    #[test]
    fn what_may_be_an_accident_is_tried_once_more() {
        let fault = Fault::new(FaultKind::DigestRefused);
        let waits: Vec<_> = (1..=3)
            .map(|attempt| POLICY.delay(&fault, attempt, Duration::ZERO, 1.0).is_some())
            .collect();
        assert_eq!(waits, [true, false, false]);
    }

    proptest! {
        #[test]
        fn waits_stay_within_bounds(kind in 0..FaultKind::ALL.len(), attempt: u32, elapsed in 0u64..2000, random: f64, asked: Option<u32>) {
            let mut fault = Fault::new(FaultKind::ALL[kind]);
            fault.retry_after_seconds = asked;
            let elapsed = Duration::from_secs(elapsed);
            if let Some(wait) = POLICY.delay(&fault, attempt, elapsed, random) {
                prop_assert!(fault.kind.retry() != Retry::No && attempt < POLICY.attempts);
                prop_assert!(elapsed + wait <= POLICY.wall);
                prop_assert!(wait <= LONGEST_ASKED.max(POLICY.base * SLOW_DOWN));
            }
        }
    }
}
