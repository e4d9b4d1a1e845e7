//! What was measured, and what follows from several measurements.

use std::time::Duration;

/// `name=number` with spaces between, as the meter and the sink say it.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) String);

impl Fields {
    /// Nought where it is missing.
    pub(super) fn number(&self, name: &str) -> u64 {
        let pairs = self.0.split_whitespace().filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(known, _)| *known == name);
        found.next().and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
    }

    pub(super) fn time(&self, name: &str) -> Duration {
        Duration::from_micros(self.number(name))
    }
}

/// One run of one contender.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub(super) wall: Duration,
    /// User and system time together.
    pub(super) cpu: Duration,
    pub(super) peak_mib: f64,
    pub(super) requests: u64,
    pub(super) connections: u64,
    /// Bytes of bodies that arrived.
    pub(super) bytes: u64,
    /// What the sink spent on it.
    pub(super) sink_cpu: Duration,
}

impl Run {
    pub(super) fn of(meter: &Fields, sink: &Fields) -> Self {
        Self {
            wall: meter.time("wall_us"),
            cpu: meter.time("user_us") + meter.time("system_us"),
            peak_mib: meter.number("peak_kib") as f64 / 1024.0,
            requests: sink.number("requests"),
            connections: sink.number("connections"),
            bytes: sink.number("bytes"),
            sink_cpu: sink.time("cpu_us"),
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// Seconds from start to end.
    Wall,
    /// Seconds of user and system time.
    Cpu,
    /// MiB of memory at the most.
    Peak,
}

impl Figure {
    pub(super) fn of(self, run: &Run) -> f64 {
        match self {
            Self::Wall => run.wall.as_secs_f64(),
            Self::Cpu => run.cpu.as_secs_f64(),
            Self::Peak => run.peak_mib,
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Cpu => "CPU",
            Self::Peak => "peak memory",
        }
    }
}

/// The least, the middle and the most of several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(super) fn of(runs: &[Run], figure: Figure) -> Option<Self> {
        let mut values: Vec<f64> = runs.iter().map(|run| figure.of(run)).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            0 => (values.get(middle.checked_sub(1)?)? + values.get(middle)?) / 2.0,
            _ => *values.get(middle)?,
        };
        Some(Self { min: *values.first()?, median, max: *values.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        let fields = Fields("code=0 wall_us=1500 peak_kib=2048".into());
        assert_eq!(fields.time("wall_us"), Duration::from_micros(1500));
        assert_eq!(fields.number("kib"), 0);
        let run = Run::of(&fields, &Fields("requests=7".into()));
        assert_eq!((run.peak_mib, run.requests), (2.0, 7));
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        let runs: Vec<Run> = [4, 1, 3, 2]
            .map(|seconds| Run { wall: Duration::from_secs(seconds), ..Run::default() })
            .into();
        let spread = |runs: &[Run]| Spread::of(runs, Figure::Wall);
        assert_eq!(spread(&runs), Some(Spread { min: 1.0, median: 2.5, max: 4.0 }));
        assert_eq!(spread(&runs[..3]), Some(Spread { min: 1.0, median: 3.0, max: 4.0 }));
        assert_eq!(spread(&[]), None);
    }
}
