//! Runs seeds, makes failing lives as short as they fail, and knows those that once failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::world::{Outcome, Plan, Trace, Violation, live};

/// A life that once failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// What it showed.
    pub name: &'static str,
    /// Its seed.
    pub seed: u64,
    /// The steps of the seed's plan that it does without.
    pub without: Vec<usize>,
}

/// Rows of `regressions.tsv`: name, seed, and steps left out (`-` for none).
pub fn regressions() -> Vec<Regression> {
    let rows = include_str!("../regressions.tsv").lines();
    rows.filter(|row| !row.is_empty() && !row.starts_with('#')).map(regression).collect()
}

fn regression(row: &'static str) -> Regression {
    let fields: Vec<&str> = row.split('\t').collect();
    let [name, seed, without] = fields[..] else { panic!("three fields: {row}") };
    Regression {
        name,
        seed: seed.parse().unwrap_or_else(|_| panic!("a seed: {row}")),
        without: steps(without).unwrap_or_else(|| panic!("steps: {row}")),
    }
}

/// Reads numbers of steps: `3,4,7`, or `-` for none.
pub fn steps(text: &str) -> Option<Vec<usize>> {
    match text {
        "-" => Some(Vec::new()),
        _ => text.split(',').map(|number| number.parse().ok()).collect(),
    }
}

/// Lives a plan; a panic of the world or of what runs in it counts as a violation.
pub fn run(plan: &Plan, trace: Trace) -> Outcome {
    let outcome = catch_unwind(AssertUnwindSafe(|| live(plan, trace)));
    outcome.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Outcome {
            trace: Trace::default(),
            violation: Some(Violation {
                invariant: "panic",
                what: text.unwrap_or_else(|| "without words".to_owned()),
            }),
            requests: 0,
            done: 0,
            crashes: 0,
        }
    })
}

/// Calls `live` with each of so many seeds, on every core.
pub fn each_seed(seeds: u64, live: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let one = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                break;
            }
            live(seed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(one);
        }
    });
}

/// The steps that a failing life can do without: it still breaks the same invariant.
pub fn shrink(plan: &Plan, invariant: &str) -> Vec<usize> {
    let mut dropped = Vec::new();
    // From the end, and once more: a step may be needless only without another.
    for _ in 0..2 {
        for step in (0..plan.steps.len()).rev() {
            if dropped.contains(&step) {
                continue;
            }
            let mut tried = dropped.clone();
            tried.push(step);
            let outcome = run(&plan.without(&tried), Trace::default());
            if outcome.violation.is_some_and(|violation| violation.invariant == invariant) {
                dropped = tried;
            }
        }
    }
    dropped.sort_unstable();
    dropped
}
