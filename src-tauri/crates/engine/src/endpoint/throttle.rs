//! The speed limits: a bucket of bytes for all transfers together and one for those of each profile,
//! changeable while bytes flow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_model::ProfileId;
use tokio::time::Instant;

use crate::lock::lock;

/// Most bytes of a step while there is a limit.
const STEP: usize = 64 * 1024;
/// Least bytes of a step: many of fewer would cost more than they even out.
const LEAST_STEP: usize = 4 * 1024;
/// Steps a second while they are neither.
const STEPS: u64 = 16;
/// A pause earns at most the bytes of this time, or a resumed transfer would overshoot visibly.
const BURST: Duration = Duration::from_millis(50);

/// The limit of all transfers, and within it those of profiles.
#[derive(Debug)]
pub(crate) struct Throttles {
    all: Arc<Throttle>,
    profiles: Mutex<BTreeMap<ProfileId, Arc<Throttle>>>,
}

impl Throttles {
    /// With a limit of all transfers, in bytes a second; 0 for none.
    pub(crate) fn new(all: u64) -> Self {
        Self { all: Arc::new(Throttle::new(all, None)), profiles: Mutex::default() }
    }

    /// What a profile's bytes wait for. It stays the same one, so that a limit reaches what is under
    /// way.
    pub(crate) fn of(&self, profile: ProfileId) -> Arc<Throttle> {
        let mut profiles = lock(&self.profiles);
        let throttle = profiles
            .entry(profile)
            .or_insert_with(|| Arc::new(Throttle::new(0, Some(Arc::clone(&self.all)))));
        Arc::clone(throttle)
    }

    /// Sets the limits, in bytes a second; 0 for none, as for profiles that are not named.
    pub(crate) fn set_rates(&self, all: u64, profiles: &BTreeMap<ProfileId, u64>) {
        self.all.set_rate(all);
        for id in profiles.keys() {
            self.of(*id);
        }
        for (id, throttle) in lock(&self.profiles).iter() {
            throttle.set_rate(profiles.get(id).copied().unwrap_or(0));
        }
    }
}

/// Hands out bytes at a given rate. Cheap when there is no limit.
#[derive(Debug)]
pub(crate) struct Throttle {
    state: Mutex<State>,
    /// The limit that holds as well.
    outer: Option<Arc<Throttle>>,
}

#[derive(Debug)]
struct State {
    /// Bytes a second; 0 for no limit.
    rate: u64,
    /// When the bytes granted so far will all have been paid for.
    paid_until: Instant,
}

impl Throttle {
    fn new(rate: u64, outer: Option<Arc<Self>>) -> Self {
        Self { state: Mutex::new(State { rate, paid_until: Instant::now() }), outer }
    }

    /// Sets the rate, in bytes a second; 0 lifts the limit. Holds from the next grant on.
    fn set_rate(&self, rate: u64) {
        let mut state = lock(&self.state);
        // Settings are applied whole: a new language must not forgive what has yet to be paid.
        if state.rate == rate {
            return;
        }
        state.rate = rate;
        state.paid_until = Instant::now();
    }

    /// How many of `bytes` are asked for at once: a limit is kept in small steps.
    pub(crate) fn step(&self, bytes: usize) -> usize {
        let rate = lock(&self.state).rate;
        let step = usize::try_from(rate / STEPS).unwrap_or(usize::MAX);
        let own = if rate == 0 { bytes } else { bytes.min(step.clamp(LEAST_STEP, STEP)) };
        self.outer.as_ref().map_or(own, |outer| outer.step(own))
    }

    /// Waits until `bytes` may leave. Dropping the future gives up the place, not bytes that were
    /// already paid.
    pub(crate) async fn take(&self, bytes: u64) {
        self.take_own(bytes).await;
        // Only once they could leave here: what waits here takes nothing from other profiles.
        if let Some(outer) = &self.outer {
            outer.take_own(bytes).await;
        }
    }

    async fn take_own(&self, bytes: u64) {
        let wait_until = {
            let mut state = lock(&self.state);
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
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::task::JoinHandle;

    use super::*;

    const MIB: u64 = 1024 * 1024;

    /// Requests that send all they may, and what has left of them.
    struct Requests {
        left: Arc<AtomicU64>,
        tasks: Vec<JoinHandle<()>>,
    }

    impl Requests {
        fn start(throttle: &Arc<Throttle>, number: usize) -> Self {
            let left = Arc::new(AtomicU64::new(0));
            let tasks = (0..number).map(|_| {
                let (throttle, left) = (Arc::clone(throttle), Arc::clone(&left));
                tokio::spawn(async move {
                    loop {
                        let bytes = throttle.step(256 * 1024) as u64;
                        throttle.take(bytes).await;
                        left.fetch_add(bytes, Ordering::Relaxed);
                    }
                })
            });
            Self { tasks: tasks.collect(), left }
        }

        /// Bytes a second since the last question.
        fn rate(&self, span: Duration) -> f64 {
            self.left.swap(0, Ordering::Relaxed) as f64 / span.as_secs_f64()
        }
    }

    impl Drop for Requests {
        fn drop(&mut self) {
            self.tasks.iter().for_each(JoinHandle::abort);
        }
    }

    const SPAN: Duration = Duration::from_secs(5);

    #[track_caller]
    fn assert_near(rate: f64, wanted: u64, what: &str) {
        let share = rate / wanted as f64;
        assert!((0.98..=1.02).contains(&share), "{what}: {share} of {wanted} B/s");
    }

    #[tokio::test(start_paused = true)]
    async fn many_requests_together_keep_the_limit_within_two_per_cent_of_five_seconds() {
        for rate in [256 * 1024, MIB, 50 * MIB, 1 << 30] {
            for (all, profile) in [(rate, 0), (0, rate), (rate, rate), (2 * rate, rate)] {
                let throttles = Throttles::new(all);
                throttles.set_rates(all, &BTreeMap::from([(ProfileId(1), profile)]));
                let requests = Requests::start(&throttles.of(ProfileId(1)), 16);
                for span in 1..4 {
                    requests.rate(SPAN);
                    tokio::time::sleep(SPAN).await;
                    assert_near(requests.rate(SPAN), rate, &format!("{all} {profile} {span}"));
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_profile_keeps_its_limit_within_that_of_all_and_leaves_the_rest_to_others() {
        let throttles = Throttles::new(8 * MIB);
        let (slow, fast) = (ProfileId(1), ProfileId(2));
        let slow_requests = Requests::start(&throttles.of(slow), 16);
        let fast_requests = Requests::start(&throttles.of(fast), 16);
        let limited = |rate| BTreeMap::from([(slow, rate)]);
        for (all, rates, slow_rate, fast_rate) in [
            (8 * MIB, limited(MIB), MIB, 7 * MIB),
            // It changes while bytes flow.
            (8 * MIB, limited(2 * MIB), 2 * MIB, 6 * MIB),
            (4 * MIB, limited(2 * MIB), 2 * MIB, 2 * MIB),
            (4 * MIB, limited(MIB), MIB, 3 * MIB),
            (4 * MIB, BTreeMap::new(), 2 * MIB, 2 * MIB),
        ] {
            throttles.set_rates(all, &rates);
            // What waits by the old rates leaves first.
            tokio::time::sleep(SPAN).await;
            slow_requests.rate(SPAN);
            fast_requests.rate(SPAN);
            tokio::time::sleep(SPAN).await;
            assert_near(slow_requests.rate(SPAN), slow_rate, &format!("slow, {all} {rates:?}"));
            assert_near(fast_requests.rate(SPAN), fast_rate, &format!("fast, {all} {rates:?}"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_leave_at_the_rate_and_freely_without_one() {
        let throttles = Throttles::new(1_000);
        let throttle = throttles.of(ProfileId(1));
        let begin = Instant::now();
        for _ in 0..100 {
            throttle.take(100).await;
        }
        let took = begin.elapsed().as_secs_f64();
        assert!((9.8..=10.0).contains(&took), "10,000 bytes at 1,000 a second took {took} s");
        throttles.set_rates(1_000, &BTreeMap::new());
        let begin = Instant::now();
        throttle.take(1).await;
        assert!(
            begin.elapsed() >= Duration::from_millis(90),
            "the same rate again must not forgive a debt"
        );
        throttles.set_rates(0, &BTreeMap::new());
        let begin = Instant::now();
        throttle.take(u64::MAX).await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
        assert_eq!(throttle.step(256 * 1024), 256 * 1024, "pieces stay whole");
    }
}
