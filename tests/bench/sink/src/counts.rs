//! What was asked of the store since the last mark.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Counts that every connection adds to.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) requests: AtomicU64,
    /// Requests that carry an object's bytes. Their numbers decide their fates, so a mark leaves
    /// them.
    pub(crate) uploads: AtomicU64,
    pub(crate) connections: AtomicU64,
    pub(crate) bytes: AtomicU64,
    /// Bytes of the bodies that arrived whole and were kept.
    pub(crate) stored: AtomicU64,
    pub(crate) unavailable: AtomicU64,
    pub(crate) resets: AtomicU64,
    mark: Mutex<Mark>,
}

#[derive(Debug)]
struct Mark {
    at: Instant,
    cpu: Duration,
    /// When the first byte of a body arrived, after the mark.
    first_byte: Option<Duration>,
}

impl Counts {
    pub(crate) fn new() -> Self {
        Self {
            requests: AtomicU64::new(0),
            uploads: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            stored: AtomicU64::new(0),
            unavailable: AtomicU64::new(0),
            resets: AtomicU64::new(0),
            mark: Mutex::new(Mark { at: Instant::now(), cpu: cpu_time(), first_byte: None }),
        }
    }

    fn marked(&self) -> std::sync::MutexGuard<'_, Mark> {
        self.mark.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Sets everything to nought.
    pub(crate) fn mark(&self) {
        for count in [
            &self.requests,
            &self.connections,
            &self.bytes,
            &self.stored,
            &self.unavailable,
            &self.resets,
        ] {
            count.store(0, Ordering::Relaxed);
        }
        *self.marked() = Mark { at: Instant::now(), cpu: cpu_time(), first_byte: None };
    }

    /// Adds bytes of a body that have arrived.
    pub(crate) fn add_bytes(&self, bytes: u64) {
        if self.bytes.fetch_add(bytes, Ordering::Relaxed) == 0 {
            let mut mark = self.marked();
            mark.first_byte = Some(mark.at.elapsed());
        }
    }

    /// Everything on a line.
    pub(crate) fn line(&self) -> String {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mark = self.marked();
        format!(
            "requests={} connections={} bytes={} stored={} unavailable={} resets={} \
             first_byte_us={} cpu_us={}",
            read(&self.requests),
            read(&self.connections),
            read(&self.bytes),
            read(&self.stored),
            read(&self.unavailable),
            read(&self.resets),
            mark.first_byte.unwrap_or_default().as_micros(),
            cpu_time().saturating_sub(mark.cpu).as_micros(),
        )
    }
}

#[cfg(unix)]
fn cpu_time() -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Duration::ZERO };
    let spent = usage.user_time() + usage.system_time();
    Duration::from_micros(u64::try_from(spent.num_microseconds()).unwrap_or(0))
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    Duration::ZERO
}
