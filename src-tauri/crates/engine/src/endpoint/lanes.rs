//! Requests side by side: for each profile a number for the parts of large files and one for small
//! files. A profile whose store is slow, throttles or is offline keeps its own permits and no other
//! profile's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ferry_model::checksum_support::Tried;
use ferry_model::concurrency::{Bounds, Chosen, Concurrency, Parallel, Round};
use ferry_model::plan::MIB;
use ferry_model::{Affects, Fault, Profile, ProfileId, Retry};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::lock::lock;

/// A file up to this many bytes is small: its lane sends it in one request, at the usual part size.
pub(crate) const SMALL_LIMIT: u64 = ferry_model::plan::DEFAULT_PART_SIZE;

/// Bytes of parts that may be under way for each profile, in MiB: what a pause, a crash or a lost
/// network costs at most.
const BYTES_UNDER_WAY: usize = 512;
/// Of them, those kept for bodies that are sent again: first tries never hold up a file's last part.
const KEPT_FOR_RETRIES: usize = 64;
/// A part counts for no more, in MiB: eight of any size may be under way.
const MOST_OF_A_PART: u32 = 56;

/// Which lane a request belongs to. Small files keep flowing beside a huge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lane {
    Small,
    Large,
}

impl Lane {
    /// The lane of a file of so many bytes.
    pub(crate) fn of(size: u64) -> Self {
        if size <= SMALL_LIMIT { Self::Small } else { Self::Large }
    }

    fn bounds(self) -> Bounds {
        match self {
            Self::Small => Bounds::SMALL,
            Self::Large => Bounds::LARGE,
        }
    }
}

/// The permits of one lane. Their number may change while requests are under way.
#[derive(Debug)]
struct Permits {
    permits: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    concurrency: Concurrency,
    /// What happened since the number was last thought about.
    round: Round,
    began: Instant,
    in_flight: usize,
    /// Permits there are.
    number: usize,
    /// Permits to take away once their holders give them back.
    surplus: usize,
}

impl State {
    fn begin_round(&mut self) {
        (self.round, self.began) = (Round::default(), Instant::now());
    }
}

impl Permits {
    fn new(parallel: Parallel, lane: Lane) -> Self {
        let concurrency = Concurrency::new(parallel, lane.bounds());
        let number = concurrency.allowed();
        let state = State {
            concurrency,
            round: Round::default(),
            began: Instant::now(),
            in_flight: 0,
            number,
            surplus: 0,
        };
        Self { permits: Semaphore::new(number), state: Mutex::new(state) }
    }

    async fn acquire(&self) -> Permit<'_> {
        let free = self.permits.try_acquire().ok();
        let permit = match free {
            Some(permit) => permit,
            None => {
                lock(&self.state).round.full = true;
                self.permits.acquire().await.expect("the semaphore is never closed")
            }
        };
        let mut state = lock(&self.state);
        if state.in_flight == 0 {
            // Time in which there was nothing to do says nothing.
            state.begin_round();
        }
        state.in_flight += 1;
        drop(state);
        Permit { permits: self, inner: Some(permit) }
    }

    /// Counts something in this round, and thinks about the number at its end.
    fn count(&self, count: impl FnOnce(&mut Round)) {
        let mut state = lock(&self.state);
        count(&mut state.round);
        let (time, round) = (state.began.elapsed(), state.round);
        if !state.concurrency.is_over(time, round.answered + round.refused) {
            return;
        }
        let changed = state.concurrency.observe(&Round { time, ..round });
        state.begin_round();
        if changed {
            self.resize(&mut state);
        }
    }

    fn set(&self, parallel: Parallel, lane: Lane) {
        let mut state = lock(&self.state);
        state.concurrency = Concurrency::new(parallel, lane.bounds());
        state.begin_round();
        self.resize(&mut state);
    }

    /// Makes the permits as many as are allowed; requests under way finish first.
    fn resize(&self, state: &mut State) {
        let allowed = state.concurrency.allowed();
        if allowed >= state.number {
            let more = allowed - state.number;
            let kept = more.min(state.surplus);
            state.surplus -= kept;
            self.permits.add_permits(more - kept);
        } else {
            let fewer = state.number - allowed;
            state.surplus += fewer - self.permits.forget_permits(fewer);
        }
        state.number = allowed;
    }
}

/// The right to one request. Dropping it gives it back.
#[must_use]
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    inner: Option<SemaphorePermit<'a>>,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.permits.state);
        state.in_flight -= 1;
        if state.surplus > 0 {
            state.surplus -= 1;
            if let Some(permit) = self.inner.take() {
                permit.forget();
            }
        }
    }
}

/// The bytes of one profile's parts that may be under way, in MiB.
#[derive(Debug)]
struct Budget {
    all: Semaphore,
    first_tries: Semaphore,
}

/// Bytes of a part under way. Dropping it gives them back.
#[must_use]
#[derive(Debug)]
pub(crate) struct UnderWay<'a> {
    _first: Option<SemaphorePermit<'a>>,
    _all: SemaphorePermit<'a>,
}

impl Budget {
    fn new() -> Self {
        let first_tries = Semaphore::new(BYTES_UNDER_WAY - KEPT_FOR_RETRIES);
        Self { all: Semaphore::new(BYTES_UNDER_WAY), first_tries }
    }

    /// Waits until so many bytes may be under way.
    async fn take(&self, bytes: u64, tried: Tried) -> UnderWay<'_> {
        let mib = bytes.div_ceil(MIB).clamp(1, MOST_OF_A_PART.into());
        let mib = u32::try_from(mib).expect("is a few dozen");
        let first = match tried {
            Tried::First => Some(self.first_tries.acquire_many(mib).await),
            Tried::Failed => None,
        };
        let closed = "the semaphore is never closed";
        let first = first.map(|permit| permit.expect(closed));
        UnderWay { _first: first, _all: self.all.acquire_many(mib).await.expect(closed) }
    }
}

/// The requests of one profile.
#[derive(Debug)]
pub(crate) struct ProfileLanes {
    small: Permits,
    large: Permits,
    budget: Budget,
    /// The profile's own limit of connections, whatever they are for.
    connections: Option<(u32, Semaphore)>,
}

impl ProfileLanes {
    fn new(parallel: Parallel, connections: u32) -> Self {
        Self {
            small: Permits::new(parallel, Lane::Small),
            large: Permits::new(parallel, Lane::Large),
            budget: Budget::new(),
            connections: (connections > 0)
                .then(|| (connections, Semaphore::new(connections as usize))),
        }
    }

    /// Waits for a turn in the lane. Dropping the permit gives it back.
    pub(crate) async fn acquire(&self, lane: Lane) -> Permit<'_> {
        self.lane(lane).acquire().await
    }

    /// Waits until a part of so many bytes may be under way, where the number of requests is
    /// automatic: who chose a number gets it. Lock order: lane, then bytes.
    pub(crate) async fn bytes(&self, bytes: u64, tried: Tried) -> Option<UnderWay<'_>> {
        if lock(&self.large.state).concurrency.is_fixed() {
            return None;
        }
        Some(self.budget.take(bytes, tried).await)
    }

    /// Waits for one of the profile's connections, if it limits them. Lock order: connection, then
    /// lane.
    pub(crate) async fn connection(&self) -> Option<SemaphorePermit<'_>> {
        let (_, connections) = self.connections.as_ref()?;
        Some(connections.acquire().await.expect("the semaphore is never closed"))
    }

    /// The most requests that can become allowed in the lane while its number is set as it is.
    pub(crate) fn ceiling(&self, lane: Lane) -> usize {
        lock(&self.lane(lane).state).concurrency.ceiling()
    }

    /// Bytes a second that each request of the lane moved of late, if that is known.
    pub(crate) fn bytes_each(&self, lane: Lane) -> Option<f64> {
        lock(&self.lane(lane).state).concurrency.bytes_each()
    }

    /// Bytes of a request left.
    pub(crate) fn sent(&self, lane: Lane, bytes: u64) {
        self.lane(lane).count(|round| round.bytes += bytes);
    }

    /// A request was answered well.
    pub(crate) fn answered(&self, lane: Lane) {
        self.lane(lane).count(|round| round.answered += 1);
    }

    /// A request failed. It counts where the store asked to slow down, or did not answer.
    pub(crate) fn failed(&self, lane: Lane, fault: &Fault) {
        let kind = fault.kind;
        if kind.retry() == Retry::SlowDown || kind.affects() == Affects::Endpoint {
            self.lane(lane).count(|round| round.refused += 1);
        }
    }

    fn lane(&self, lane: Lane) -> &Permits {
        match lane {
            Lane::Small => &self.small,
            Lane::Large => &self.large,
        }
    }

    fn set(&self, parallel: Parallel) {
        for lane in [Lane::Small, Lane::Large] {
            self.lane(lane).set(parallel, lane);
        }
    }
}

/// The requests of all profiles.
#[derive(Debug)]
pub(crate) struct Lanes {
    state: Mutex<LanesState>,
}

#[derive(Debug)]
struct LanesState {
    parallel: Parallel,
    profiles: BTreeMap<ProfileId, Arc<ProfileLanes>>,
}

impl Lanes {
    pub(crate) fn new(parallel: Parallel) -> Self {
        Self { state: Mutex::new(LanesState { parallel, profiles: BTreeMap::new() }) }
    }

    /// The profile's lanes. After its limit of connections changed, requests under way finish
    /// beside the new ones.
    pub(crate) fn of(&self, profile: &Profile) -> Arc<ProfileLanes> {
        let mut state = lock(&self.state);
        let (parallel, wanted) = (state.parallel, profile.limits.connections);
        let made = || Arc::new(ProfileLanes::new(parallel, wanted));
        let lanes = state.profiles.entry(profile.id).or_insert_with(made);
        if lanes.connections.as_ref().map_or(0, |(limit, _)| *limit) != wanted {
            *lanes = made();
        }
        Arc::clone(lanes)
    }

    /// Requests that the profile's lane may have side by side now.
    pub(crate) fn allowed(&self, profile: ProfileId, lane: Lane) -> usize {
        let state = lock(&self.state);
        match state.profiles.get(&profile) {
            Some(lanes) => lock(&lanes.lane(lane).state).number,
            None => Concurrency::new(state.parallel, lane.bounds()).allowed(),
        }
    }

    /// Requests that the profile's lane may have side by side now, and why so many.
    pub(crate) fn chosen(&self, profile: ProfileId, lane: Lane) -> (usize, Chosen) {
        let state = lock(&self.state);
        let now = |concurrency: &Concurrency| (concurrency.allowed(), concurrency.chosen());
        match state.profiles.get(&profile) {
            Some(lanes) => now(&lock(&lanes.lane(lane).state).concurrency),
            None => now(&Concurrency::new(state.parallel, lane.bounds())),
        }
    }

    /// Requests under way, of all profiles and lanes.
    pub(crate) fn in_flight(&self) -> usize {
        let state = lock(&self.state);
        let lanes = state.profiles.values().flat_map(|lanes| [&lanes.small, &lanes.large]);
        lanes.map(|permits| lock(&permits.state).in_flight).sum()
    }

    /// Sets the number of requests side by side in each lane; those under way finish first.
    pub(crate) fn set_parallel(&self, parallel: Parallel) {
        let mut state = lock(&self.state);
        if state.parallel == parallel {
            // Settings are applied whole: a new language must not forget what was learnt.
            return;
        }
        state.parallel = parallel;
        for lanes in state.profiles.values() {
            lanes.set(parallel);
        }
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::FaultKind;

    use super::*;

    #[tokio::test]
    async fn fewer_permits_take_hold_as_requests_end() {
        let permits = Permits::new(Parallel::Fixed(4), Lane::Large);
        let held = [permits.acquire().await, permits.acquire().await, permits.acquire().await];
        permits.set(Parallel::Fixed(2), Lane::Large);
        assert_eq!(permits.permits.available_permits(), 0);
        drop(held);
        assert_eq!(permits.permits.available_permits(), 2);
        permits.set(Parallel::Fixed(5), Lane::Large);
        assert_eq!(permits.permits.available_permits(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn more_are_allowed_while_all_are_used_and_more_moves() {
        let lanes = ProfileLanes::new(Parallel::Automatic, 0);
        let mut held = Vec::new();
        for _ in 0..Bounds::SMALL.start {
            held.push(lanes.acquire(Lane::Small).await);
        }
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(50), async {
            drop(lanes.acquire(Lane::Small).await);
        });
        assert!(waiting.await.is_err(), "all are under way");
        for _ in 0..Bounds::SMALL.start {
            lanes.sent(Lane::Small, 8_192);
            lanes.answered(Lane::Small);
        }
        assert_eq!(lanes.small.permits.available_permits(), Bounds::SMALL.start);
        assert_eq!(lanes.large.permits.available_permits(), Bounds::LARGE.start);
    }

    #[tokio::test(start_paused = true)]
    async fn parts_have_so_many_bytes_under_way_and_retries_some_of_their_own() {
        let lanes = ProfileLanes::new(Parallel::Automatic, 0);
        let soon = std::time::Duration::from_millis(50);
        let mut held = Vec::new();
        for _ in 0..7 {
            held.push(lanes.bytes(32 * MIB, Tried::First).await);
        }
        for _ in 0..4 {
            held.push(lanes.bytes(5 * 1024 * MIB, Tried::First).await);
        }
        let one = tokio::time::timeout(soon, lanes.bytes(1, Tried::First));
        assert!(one.await.is_err(), "the rest is for what is sent again");
        held.push(lanes.bytes(32 * MIB, Tried::Failed).await);
        held.push(lanes.bytes(32 * MIB, Tried::Failed).await);
        let none = tokio::time::timeout(soon, lanes.bytes(1, Tried::Failed));
        assert!(none.await.is_err(), "all bytes are under way");
        drop(held);
        let again = tokio::time::timeout(soon, lanes.bytes(MIB, Tried::First));
        assert!(again.await.is_ok_and(|bytes| bytes.is_some()));
        let chosen = ProfileLanes::new(Parallel::Fixed(32), 0);
        assert!(chosen.bytes(MIB, Tried::First).await.is_none(), "a chosen number is kept");
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_the_number_can_mend_lowers_it() {
        for (kind, lowers) in [
            (FaultKind::Throttled, true),
            (FaultKind::TooManyOpenFiles, true),
            (FaultKind::ConnectionLost, true),
            (FaultKind::AccessDenied, false),
        ] {
            let lanes = ProfileLanes::new(Parallel::Fixed(8), 0);
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
            for _ in 0..8 {
                lanes.failed(Lane::Large, &Fault::new(kind));
            }
            assert_eq!(lanes.large.permits.available_permits() < 8, lowers, "{kind:?}");
        }
    }
}
