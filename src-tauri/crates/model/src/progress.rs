//! Progress maths, computed here once and only shown elsewhere: how far bytes have come, percent,
//! speed smoothed over seconds, and time left that does not jump.

/// Seconds over which a speed is smoothed.
const WINDOW_SECONDS: f64 = 4.0;
/// Seconds without a byte after which nothing moves: a faded speed would only be a ghost.
const STILL_SECONDS: f64 = 3.0;
/// A time left is shown anew once it differs by a tenth of what is shown.
const TIME_LEFT_STEPS: u64 = 10;

/// How far the bytes of a file, or of several, have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    size: u64,
    acked: u64,
    in_flight: u64,
}

impl Progress {
    /// Of `size` bytes the store acknowledged `acked`, and `in_flight` more have left.
    pub fn new(size: u64, acked: u64, in_flight: u64) -> Self {
        let acked = acked.min(size);
        Self { size, acked, in_flight: in_flight.min(size - acked) }
    }

    /// Bytes in all.
    pub fn size(self) -> u64 {
        self.size
    }

    /// Bytes the store acknowledged. Only these are progress: they are never sent again.
    pub fn acked(self) -> u64 {
        self.acked
    }

    /// Bytes that left and are not acknowledged yet.
    pub fn in_flight(self) -> u64 {
        self.in_flight
    }

    /// Bytes that have yet to leave.
    pub fn unsent(self) -> u64 {
        self.size - self.acked - self.in_flight
    }

    /// Whole percent acknowledged, rounded down; 100 only for what is `verified`.
    pub fn percent(self, verified: bool) -> u8 {
        if verified {
            return 100;
        }
        let percent = (u128::from(self.acked) * 100).checked_div(u128::from(self.size));
        u8::try_from(percent.unwrap_or(0)).map_or(99, |percent| percent.min(99))
    }
}

/// A speed, smoothed exponentially. Fed with bytes as they leave and the time since the last
/// feeding.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speed {
    bytes_per_second: f64,
    /// Seconds measured so far: until the window is full, the plain mean is the better estimate.
    measured: f64,
    /// Seconds since the last byte.
    still: f64,
}

impl Speed {
    /// Takes `bytes` that left in the last `seconds`.
    pub fn feed(&mut self, bytes: u64, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        self.still = if bytes == 0 { self.still + seconds } else { 0.0 };
        if self.still >= STILL_SECONDS {
            *self = Self { still: self.still, ..Self::default() };
            return;
        }
        let now = bytes as f64 / seconds;
        self.measured += seconds;
        let weight = (seconds / self.measured.min(WINDOW_SECONDS)).min(1.0);
        self.bytes_per_second += (now - self.bytes_per_second) * weight;
    }

    /// Bytes a second; 0 before anything was measured, and once nothing moves.
    pub fn bytes_per_second(&self) -> u64 {
        if self.bytes_per_second < 1.0 { 0 } else { self.bytes_per_second as u64 }
    }

    /// Its share of `whole` bytes a second, of speeds that come to `all`.
    #[must_use]
    pub fn share(self, whole: u64, all: u64) -> Self {
        Self { bytes_per_second: share(whole, self.bytes_per_second(), all) as f64, ..self }
    }

    /// Seconds until `left` bytes have gone at this speed; `None` while it is unknown.
    pub fn seconds_left(&self, left: u64) -> Option<u64> {
        let speed = self.bytes_per_second();
        if speed == 0 { None } else { Some(left.div_ceil(speed)) }
    }
}

/// What of `whole` falls to a part, of parts that come to `all`: what is shown of the parts comes
/// to what is shown of the whole then.
pub fn share(whole: u64, part: u64, all: u64) -> u64 {
    let share = (u128::from(whole) * u128::from(part)).checked_div(u128::from(all));
    u64::try_from(share.unwrap_or_default()).unwrap_or(u64::MAX)
}

/// A time left as it is shown: it stays until the estimate has moved by a tenth.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeLeft(Option<u64>);

impl TimeLeft {
    /// The seconds to show for a new estimate.
    pub fn show(&mut self, estimate: Option<u64>) -> Option<u64> {
        self.0 = match (self.0, estimate) {
            (Some(shown), Some(now))
                if shown.abs_diff(now).saturating_mul(TIME_LEFT_STEPS) < shown =>
            {
                Some(shown)
            }
            (_, now) => now,
        };
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_to_the_whole_and_nothing_is_shared_out_among_none() {
        let parts = [3, 5, 0, 2];
        let shares = parts.map(|part| share(40, part, parts.iter().sum()));
        assert_eq!(shares, [12, 20, 0, 8]);
        assert_eq!((share(40, 0, 0), share(u64::MAX, 1, 1)), (0, u64::MAX));
        let mut speed = Speed::default();
        speed.feed(3_000, 1.0);
        assert_eq!(speed.share(2_000, 6_000).bytes_per_second(), 1_000);
    }

    #[test]
    fn only_what_is_verified_is_whole() {
        for (size, acked, verified, expected) in [
            (0, 0, false, 0),
            (0, 0, true, 100),
            (1_000, 0, false, 0),
            (1_000, 619, false, 61),
            (1_000, 1_000, false, 99),
            (1_000, 1_000, true, 100),
            (u64::MAX, u64::MAX / 2, false, 49),
        ] {
            let progress = Progress::new(size, acked, 0);
            assert_eq!(progress.percent(verified), expected, "{acked} of {size}");
        }
    }

    #[test]
    fn bytes_are_counted_once_whatever_is_told_of_them() {
        let told_twice = Progress::new(100, 80, 40);
        assert_eq!((told_twice.acked(), told_twice.in_flight(), told_twice.unsent()), (80, 20, 0));
        assert_eq!(Progress::new(100, 140, 1).acked(), 100);
        assert_eq!(Progress::new(100, 10, 20).unsent(), 70);
    }

    #[test]
    fn a_steady_flow_is_its_own_speed_from_the_first_second() {
        let mut speed = Speed::default();
        for _ in 0..30 {
            speed.feed(100, 0.1);
            assert!((999..=1001).contains(&speed.bytes_per_second()));
        }
        assert_eq!(speed.seconds_left(2_000).map(|s| (1..=3).contains(&s)), Some(true));
    }

    #[test]
    fn a_stopped_flow_has_no_speed_and_no_time_left_after_three_seconds() {
        let mut speed = Speed::default();
        speed.feed(1_000_000_000, 1.0);
        for _ in 0..11 {
            speed.feed(0, 0.25);
        }
        assert!(speed.bytes_per_second() > 0, "a pause of a moment is none");
        speed.feed(0, 0.25);
        assert_eq!((speed.bytes_per_second(), speed.seconds_left(1)), (0, None));
        speed.feed(500, 0.5);
        assert_eq!(speed.bytes_per_second(), 1_000, "it begins anew, without its past");
    }

    #[test]
    fn a_time_left_moves_by_tenths() {
        let mut left = TimeLeft::default();
        let told = [Some(100), Some(95), Some(104), Some(91), Some(90), Some(88), Some(9), Some(8)]
            .map(|estimate| left.show(estimate));
        let shown =
            [Some(100), Some(100), Some(100), Some(100), Some(90), Some(90), Some(9), Some(8)];
        assert_eq!(told, shown);
        assert_eq!([left.show(None), left.show(Some(7))], [None, Some(7)]);
    }
}
