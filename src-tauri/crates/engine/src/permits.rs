//! Requests side by side: one budget for large files' parts and one for small files, for the whole
//! process.

use std::sync::Mutex;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Which lane a request belongs to. Small files keep flowing beside a huge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
