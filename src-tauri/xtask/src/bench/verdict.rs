//! What the figures of a row say: ratios, and which goals are reached.

use super::contender::Contender;
use super::figures::{Figure, Run, Spread};
use super::rows::{Against, Goal};

/// The runs of one contender; none where it failed.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) contender: Contender,
    pub(super) runs: Vec<Run>,
    /// Why a run is missing.
    pub(super) failure: Option<String>,
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
            (_, Some(other)) => ("x", format!(" {}", other.name())),
            (_, None) => ("x", " the best peer".into()),
        };
        let Some(reached) = self.reached else {
            return format!("{label}: not measured (goal: {most}{unit}{other})");
        };
        let word = if reached <= most { "reached" } else { "missed" };
        format!("{label}: {reached:.2}{unit}{other} (goal: {most}{unit}, {word})")
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

/// Holds each goal against the figures.
pub(super) fn judged(goals: &[Goal], series: &[Series]) -> Vec<Verdict> {
    let judge = |goal: &Goal| {
        let own = median(series, Contender::Ferry, goal.figure);
        let other = match goal.against {
            Against::Contender(other) => Some(other),
            Against::BestPeer => best_peer(series, goal.figure),
            Against::Itself => None,
        };
        let reached = match (goal.against, other) {
            (Against::Itself, _) => own,
            (_, Some(other)) => {
                let theirs = median(series, other, goal.figure);
                own.zip(theirs).map(|(own, theirs)| own / theirs)
            }
            (_, None) => None,
        };
        Verdict { goal: *goal, other, reached }
    };
    goals.iter().map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn series(contender: Contender, seconds: u64) -> Series {
        let run = Run { wall: Duration::from_secs(seconds), peak_mib: 40.0, ..Run::default() };
        Series { contender, runs: vec![run], failure: None }
    }

    fn goal(figure: Figure, most: f64, against: Against) -> Goal {
        Goal { figure, most, against }
    }

    #[test]
    fn goals_are_held_against_the_others() {
        let measured =
            [series(Contender::Ferry, 3), series(Contender::Bound, 2), series(Contender::S5cmd, 6)];
        let goals = [
            goal(Figure::Wall, 0.4, Against::BestPeer),
            goal(Figure::Wall, 1.6, Against::Contender(Contender::Bound)),
            goal(Figure::Peak, 48.0, Against::Itself),
        ];
        let lines: Vec<String> = judged(&goals, &measured).iter().map(Verdict::line).collect();
        assert_eq!(
            lines,
            [
                "wall: 0.50x s5cmd (goal: 0.4x, missed)",
                "wall: 1.50x bound (goal: 1.6x, reached)",
                "peak memory: 40.00 MiB (goal: 48 MiB, reached)",
            ]
        );
    }

    #[test]
    fn what_was_not_measured_is_not_reached() {
        let failed = Series { contender: Contender::S5cmd, runs: vec![], failure: None };
        let measured = [series(Contender::Ferry, 3), failed];
        let verdicts = judged(&[goal(Figure::Wall, 0.9, Against::BestPeer)], &measured);
        assert_eq!(verdicts[0].line(), "wall: not measured (goal: 0.9x the best peer)");
    }
}
