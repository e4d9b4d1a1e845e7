//! Progress maths: speed smoothed over seconds, and time left that does not jump.

/// Seconds over which a speed is smoothed.
const WINDOW_SECONDS: f64 = 4.0;

/// A speed, smoothed exponentially. Fed with bytes as they leave and the time since the last
/// feeding.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speed {
    bytes_per_second: f64,
    /// Seconds measured so far: until the window is full, the plain mean is the better estimate.
    measured: f64,
}

impl Speed {
    /// Takes `bytes` that left in the last `seconds`.
    pub fn feed(&mut self, bytes: u64, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        let now = bytes as f64 / seconds;
        self.measured += seconds;
        let weight = (seconds / self.measured.min(WINDOW_SECONDS)).min(1.0);
        self.bytes_per_second += (now - self.bytes_per_second) * weight;
    }

    /// Bytes a second; 0 before anything was measured, and once next to nothing moves.
    pub fn bytes_per_second(&self) -> u64 {
        if self.bytes_per_second < 1.0 { 0 } else { self.bytes_per_second as u64 }
    }

    /// Seconds until `left` bytes have gone at this speed; `None` while it is unknown.
    pub fn seconds_left(&self, left: u64) -> Option<u64> {
        let speed = self.bytes_per_second();
        if speed == 0 { None } else { Some(left.div_ceil(speed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_stopped_flow_falls_to_nothing_and_has_no_time_left() {
        let mut speed = Speed::default();
        speed.feed(1_000_000, 1.0);
        for _ in 0..1_000 {
            speed.feed(0, 0.1);
        }
        assert_eq!((speed.bytes_per_second(), speed.seconds_left(1)), (0, None));
    }
}
