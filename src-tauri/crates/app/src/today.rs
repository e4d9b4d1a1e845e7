//! What the line below the window tells of the local day: what was verified, and what failed last.

use std::time::Duration;

use ferry_journal::Journal;
use ferry_model::Fault;
use jiff::Zoned;
use tokio::time::Instant;

use crate::messages::{LastError, Today};
use crate::waiting::SHARE;

/// The day as it was counted last.
pub(crate) struct OfToday {
    told: Today,
    /// Whether rows may have changed since.
    is_stale: bool,
    /// When it is old enough to be counted again.
    old_at: Instant,
    /// When the day ends.
    ends_at: Instant,
}

impl OfToday {
    pub(crate) fn new(now: Instant) -> Self {
        Self { told: Today::default(), is_stale: true, old_at: now, ends_at: now }
    }

    pub(crate) fn told(&self) -> Today {
        self.told.clone()
    }

    /// Counts what was verified today, unless that is young, or no row `changed` since. Returns when
    /// to do so again although nothing happens: another day begins, or what happened was not
    /// counted.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn refresh(
        &mut self,
        journal: &Journal,
        changed: bool,
    ) -> Result<Instant, Fault> {
        let began = Instant::now();
        self.is_stale |= changed || began >= self.ends_at;
        if !self.is_stale {
            return Ok(self.ends_at);
        }
        if began < self.old_at {
            return Ok(self.old_at);
        }
        let (begins_ms, left) = day(&Zoned::now());
        let verified = journal.verified_since(begins_ms).await.map_err(|error| error.fault())?;
        let failed = journal.last_failure().await.map_err(|error| error.fault())?;
        self.told = Today {
            verified: verified.files,
            verified_bytes: verified.bytes,
            last_error: failed.map(|failed| LastError {
                name: failed.name,
                problem: failed.fault.map(Into::into),
                at_ms: failed.at_ms,
            }),
        };
        self.is_stale = false;
        self.old_at = Instant::now() + began.elapsed() * SHARE;
        self.ends_at = began + left;
        Ok(self.ends_at)
    }
}

/// When the day of a moment began, in milliseconds since 1970, and how long it lasts yet.
fn day(now: &Zoned) -> (i64, Duration) {
    let begins = now.start_of_day().unwrap_or_else(|_| now.clone());
    let ends = now.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    let left = ends.map_or(FALLBACK, |ends| ends.duration_since(now).unsigned_abs());
    (begins.timestamp().as_millisecond(), left)
}

/// Where a calendar has no tomorrow, it is looked again soon.
const FALLBACK: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_local_one_and_as_long_as_its_clock_makes_it() {
        for (now, begins, left_minutes) in [
            ("2026-11-30T18:30:00+08:00[Asia/Shanghai]", "2026-11-29T16:00:00Z", 330),
            ("2026-11-30T00:00:00+08:00[Asia/Shanghai]", "2026-11-29T16:00:00Z", 1_440),
            // The clock is set back at 3 in the morning.
            ("2026-10-25T00:30:00+02:00[Europe/Berlin]", "2026-10-24T22:00:00Z", 1_470),
        ] {
            let now: Zoned = now.parse().expect("a moment");
            let begins: jiff::Timestamp = begins.parse().expect("a moment");
            let left = Duration::from_secs(left_minutes * 60);
            assert_eq!(day(&now), (begins.as_millisecond(), left), "{now}");
        }
    }
}
