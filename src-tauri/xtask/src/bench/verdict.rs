//! What the figures of a row say: ratios, and which goals are reached.

use super::contender::Contender;
use super::figures::{Figure, Run, Spread};
use super::rows::{Against, Goal, Row};

/// The runs of one contender; none where it failed.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) contender: Contender,
    pub(super) runs: Vec<Run>,
    pub(super) failed: bool,
}

/// A goal held against what was measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) goal: Goal,
    /// Whom the goal is about in the end.
    pub(super) other: Option<Contender>,
    /// `None` where a figure is missing.
    pub(super) reached: Option<f64>,
}

impl Verdict {
    /// A line for people.
    pub(super) fn line(&self) -> String {
        let Goal { figure, most, against } = self.goal;
        let label = figure.label();
        let (unit, other) = match (against, self.other) {
            (Against::Itself, _) if figure == Figure::Peak => (" MiB", String::new()),
            (Against::Itself, _) => (" s", String::new()),
            (Against::Link(_), _) => ("x", " the link's time".into()),
            (_, Some(other)) => ("x", format!(" {}", other.name())),
            (_, None) => ("x", " the best peer".into()),
        };
        let Some(reached) = self.reached else {
            return format!("{label}: not measured (goal: {most:.2}{unit}{other})");
        };
        let word = if reached <= most { "reached" } else { "missed" };
        format!("{label}: {reached:.2}{unit}{other} (goal: {most:.2}{unit}, {word})")
    }
}

/// The middle of a contender's figures.
pub(super) fn median(series: &[Series], contender: Contender, figure: Figure) -> Option<f64> {
    let found = series.iter().find(|series| series.contender == contender)?;
    Spread::of(&found.runs, figure).map(|spread| spread.median)
}

/// The peer with the least.
pub(super) fn best_peer(series: &[Series], figure: Figure) -> Option<Contender> {
    let peers = series.iter().map(|series| series.contender).filter(|peer| peer.is_peer());
    let measured = peers.filter_map(|peer| Some((peer, median(series, peer, figure)?)));
    measured.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(peer, _)| peer)
}

/// Holds each goal of a row against the figures of its first contender.
pub(super) fn judged(row: &Row, series: &[Series]) -> Vec<Verdict> {
    let judge = |goal: &Goal| {
        let subject = row.contenders.first();
        let own = subject.and_then(|subject| median(series, *subject, goal.figure));
        let other = match goal.against {
            Against::Contender(other) => Some(other),
            Against::BestPeer => best_peer(series, goal.figure),
            Against::Link(_) | Against::Itself => None,
        };
        let theirs = match goal.against {
            Against::Link(rate) => Some(row.payload.bytes() as f64 / rate as f64),
            Against::Itself => Some(1.0),
            _ => other.and_then(|other| median(series, other, goal.figure)),
        };
        let reached = own.zip(theirs).map(|(own, theirs)| own / theirs);
        Verdict { goal: *goal, other, reached }
    };
    row.goals.iter().map(judge).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::payload::Payload;
    use super::super::rows::ROWS;
    use super::*;

    fn series(contender: Contender, seconds: u64) -> Series {
        let run = Run { wall: Duration::from_secs(seconds), peak_mib: 40.0, ..Run::default() };
        Series { contender, runs: vec![run], failed: false }
    }

    const GOALS: &[Goal] = &[
        Goal { figure: Figure::Wall, most: 0.4, against: Against::BestPeer },
        Goal { figure: Figure::Wall, most: 1.6, against: Against::Contender(Contender::Bound) },
        Goal { figure: Figure::Wall, most: 1.05, against: Against::Link(1 << 29) },
        Goal { figure: Figure::Peak, most: 48.0, against: Against::Itself },
    ];

    fn row() -> Row {
        Row { goals: GOALS, payload: Payload::File(1 << 30), ..ROWS[0] }
    }

    #[test]
    fn goals_are_held_against_the_others() {
        let measured =
            [series(Contender::Ferry, 3), series(Contender::Bound, 2), series(Contender::S5cmd, 6)];
        let lines: Vec<String> = judged(&row(), &measured).iter().map(Verdict::line).collect();
        assert_eq!(
            lines,
            [
                "wall: 0.50x s5cmd (goal: 0.40x, missed)",
                "wall: 1.50x bound (goal: 1.60x, reached)",
                "wall: 1.50x the link's time (goal: 1.05x, missed)",
                "peak memory: 40.00 MiB (goal: 48.00 MiB, reached)",
            ]
        );
    }

    #[test]
    fn what_was_not_measured_is_not_reached() {
        let failed = Series { contender: Contender::S5cmd, runs: vec![], failed: true };
        let measured = [series(Contender::Ferry, 3), failed];
        let verdicts = judged(&row(), &measured);
        assert_eq!(verdicts[0].line(), "wall: not measured (goal: 0.40x the best peer)");
    }
}
