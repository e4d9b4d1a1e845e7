//! Requests side by side: a budget for large files' parts and one for small files, for each
//! profile. A profile whose store is slow, throttles or is away keeps its own permits and no other
//! profile's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_model::health::Concurrency;
use ferry_model::{Fault, Profile, ProfileId};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::lock::lock;

/// A file up to this many bytes is small: its lane sends it in one request, at the usual part size.
pub(crate) const SMALL_LIMIT: u64 = ferry_model::plan::DEFAULT_PART_SIZE;

/// Which lane a request belongs to. Small files keep flowing beside a huge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lane {
    Small,
    Large,
}

/// The permits of both lanes. The number may change while requests are under way.
#[derive(Debug)]
pub(crate) struct Permits {
    small: Semaphore,
    large: Semaphore,
    size: Mutex<Size>,
}

#[derive(Debug)]
struct Size {
    now: usize,
    /// Permits to take away once their holders give them back.
    surplus: [usize; 2],
}

impl Permits {
    pub(crate) fn new(parallel: usize) -> Self {
        Self {
            small: Semaphore::new(parallel),
            large: Semaphore::new(parallel),
            size: Mutex::new(Size { now: parallel, surplus: [0, 0] }),
        }
    }

    /// Waits for a turn in the lane. Dropping the permit gives it back.
    pub(crate) async fn acquire(&self, lane: Lane) -> Permit<'_> {
        let permit = self.lane(lane).acquire().await.expect("the semaphores are never closed");
        Permit { permits: self, lane, inner: Some(permit) }
    }

    /// Sets the number of requests side by side in each lane; those under way finish first.
    pub(crate) fn resize(&self, parallel: usize) {
        let mut size = self.size.lock().expect("no code panics while holding this lock");
        let parallel = parallel.max(1);
        for (at, lane) in [Lane::Small, Lane::Large].into_iter().enumerate() {
            if parallel >= size.now {
                let more = parallel - size.now;
                let kept = more.min(size.surplus[at]);
                size.surplus[at] -= kept;
                self.lane(lane).add_permits(more - kept);
            } else {
                let fewer = size.now - parallel;
                let gone = self.lane(lane).forget_permits(fewer);
                size.surplus[at] += fewer - gone;
            }
        }
        size.now = parallel;
    }

    pub(crate) fn parallel(&self) -> usize {
        self.size.lock().expect("no code panics while holding this lock").now
    }

    fn lane(&self, lane: Lane) -> &Semaphore {
        match lane {
            Lane::Small => &self.small,
            Lane::Large => &self.large,
        }
    }
}

/// The right to one request.
#[must_use]
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    lane: Lane,
    inner: Option<SemaphorePermit<'a>>,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut size = self.permits.size.lock().expect("no code panics while holding this lock");
        let surplus = &mut size.surplus[self.lane as usize];
        if *surplus > 0 {
            *surplus -= 1;
            if let Some(permit) = self.inner.take() {
                permit.forget();
            }
        }
    }
}

/// The requests of one profile.
#[derive(Debug)]
pub(crate) struct ProfileLanes {
    permits: Permits,
    concurrency: Mutex<Concurrency>,
    began: Instant,
    /// The profile's own limit of connections, whatever they are for.
    connections: Option<(u32, Semaphore)>,
}

impl ProfileLanes {
    fn new(most: usize, connections: u32) -> Self {
        Self {
            permits: Permits::new(most),
            concurrency: Mutex::new(Concurrency::new(most)),
            began: Instant::now(),
            connections: (connections > 0)
                .then(|| (connections, Semaphore::new(connections as usize))),
        }
    }

    /// Waits for a turn in the lane. Dropping the permit gives it back.
    pub(crate) async fn acquire(&self, lane: Lane) -> Permit<'_> {
        self.permits.acquire(lane).await
    }

    /// Waits for one of the profile's connections, if it limits them. Lock order: connection, then
    /// lane.
    pub(crate) async fn connection(&self) -> Option<SemaphorePermit<'_>> {
        let (_, connections) = self.connections.as_ref()?;
        Some(connections.acquire().await.expect("the semaphore is never closed"))
    }

    /// Requests side by side in each lane now.
    pub(crate) fn parallel(&self) -> usize {
        self.permits.parallel()
    }

    /// A request failed; throttling lowers the number of requests side by side.
    pub(crate) fn failed(&self, fault: &Fault) {
        self.adjust(|concurrency, now| concurrency.failed(fault, now));
    }

    /// A request succeeded; after throttling the number rises again.
    pub(crate) fn succeeded(&self) {
        self.adjust(|concurrency, _| concurrency.succeeded());
    }

    fn adjust(&self, change: impl FnOnce(&mut Concurrency, Duration) -> bool) {
        let mut concurrency = lock(&self.concurrency);
        if change(&mut concurrency, self.began.elapsed()) {
            self.permits.resize(concurrency.allowed());
        }
    }

    fn set_most(&self, most: usize) {
        let mut concurrency = lock(&self.concurrency);
        concurrency.set_most(most);
        self.permits.resize(concurrency.allowed());
    }
}

/// The requests of all profiles.
#[derive(Debug)]
pub(crate) struct Lanes {
    state: Mutex<LanesState>,
}

#[derive(Debug)]
struct LanesState {
    most: usize,
    profiles: BTreeMap<ProfileId, Arc<ProfileLanes>>,
}

impl Lanes {
    pub(crate) fn new(most: usize) -> Self {
        Self { state: Mutex::new(LanesState { most, profiles: BTreeMap::new() }) }
    }

    /// The profile's lanes. After its limit of connections changed, requests under way finish
    /// beside the new ones.
    pub(crate) fn of(&self, profile: &Profile) -> Arc<ProfileLanes> {
        let mut state = lock(&self.state);
        let (most, wanted) = (state.most, profile.limits.connections);
        let made = || Arc::new(ProfileLanes::new(most, wanted));
        let lanes = state.profiles.entry(profile.id).or_insert_with(made);
        if lanes.connections.as_ref().map_or(0, |(limit, _)| *limit) != wanted {
            *lanes = made();
        }
        Arc::clone(lanes)
    }

    /// Requests side by side at most, in each lane of each profile.
    pub(crate) fn most(&self) -> usize {
        lock(&self.state).most
    }

    /// Sets the most; those under way finish first.
    pub(crate) fn set_most(&self, most: usize) {
        let mut state = lock(&self.state);
        state.most = most.max(1);
        for lanes in state.profiles.values() {
            lanes.set_most(state.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fewer_permits_take_hold_as_requests_end() {
        let permits = Permits::new(4);
        let held = [
            permits.acquire(Lane::Large).await,
            permits.acquire(Lane::Large).await,
            permits.acquire(Lane::Large).await,
        ];
        permits.resize(2);
        assert_eq!(permits.large.available_permits(), 0);
        drop(held);
        assert_eq!((permits.large.available_permits(), permits.small.available_permits()), (2, 2));
        permits.resize(5);
        assert_eq!((permits.large.available_permits(), permits.small.available_permits()), (5, 5));
    }
}
