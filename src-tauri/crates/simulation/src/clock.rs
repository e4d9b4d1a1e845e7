//! The world's time: it goes on over crashes, and the computer's own clock may be off.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferry_storage::Clock;
use tokio::time::Instant;

/// When every world begins: 2026-01-01, in seconds after 1970.
const BEGINNING: u64 = 1_767_225_600;

/// Time that lasts longer than a runtime, which has a paused clock of its own.
#[derive(Debug, Default)]
pub struct WorldClock {
    lived: Mutex<Lived>,
    /// Seconds that the computer's clock is ahead.
    skew: AtomicI64,
}

#[derive(Debug, Default)]
struct Lived {
    before: Duration,
    since: Option<Instant>,
}

impl WorldClock {
    /// A runtime begins: call it inside.
    pub fn begin(&self) {
        self.lock().since = Some(Instant::now());
    }

    /// The runtime ends: call it inside.
    pub fn end(&self) {
        let mut lived = self.lock();
        if let Some(since) = lived.since.take() {
            lived.before += since.elapsed();
        }
    }

    /// Since the world began.
    pub fn elapsed(&self) -> Duration {
        let lived = self.lock();
        lived.before + lived.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// The true time, which the stores keep.
    pub fn true_time(&self) -> SystemTime {
        Self::time_at(self.elapsed())
    }

    /// The true time so long after the world began.
    pub fn time_at(elapsed: Duration) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(BEGINNING) + elapsed
    }

    /// Seconds that the computer's clock is ahead of the true time.
    pub fn skew(&self) -> i64 {
        self.skew.load(Ordering::Relaxed)
    }

    /// Sets the computer's clock.
    pub fn set_skew(&self, seconds: i64) {
        self.skew.store(seconds, Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Lived> {
        self.lived.lock().expect("no code panics while holding this lock")
    }
}

impl Clock for WorldClock {
    fn now(&self) -> SystemTime {
        let by = Duration::from_secs(self.skew().unsigned_abs());
        if self.skew() < 0 { self.true_time() - by } else { self.true_time() + by }
    }
}
