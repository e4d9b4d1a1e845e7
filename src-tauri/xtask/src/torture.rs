//! `cargo xtask torture`: the sweeps of which the tests run a share, at length.

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, say};

/// One sweep: tests, and how often they repeat themselves unless told otherwise.
#[derive(Debug)]
struct Sweep {
    name: &'static str,
    package: &'static str,
    /// The test program; none for a crate's own tests.
    program: Option<&'static str>,
    /// Part of the tests' names.
    filter: &'static str,
    runs: u64,
}

const SWEEPS: [Sweep; 9] = [
    Sweep {
        name: "kill",
        package: "acceptance",
        program: Some("torture"),
        filter: "kills_on_",
        runs: 1_000,
    },
    Sweep {
        name: "points",
        package: "acceptance",
        program: Some("torture_points"),
        filter: "every_point_",
        runs: 3,
    },
    Sweep {
        name: "failures",
        package: "ferry-engine",
        program: Some("failures"),
        filter: "each_step_",
        runs: 1,
    },
    Sweep {
        name: "cells",
        package: "ferry-engine",
        program: Some("fault_table"),
        filter: "every_operation_meets_every_fault",
        runs: 1,
    },
    Sweep {
        name: "sources",
        package: "ferry-engine",
        program: Some("sources"),
        filter: "a_file_that_changes_at_any_moment",
        runs: 2_000,
    },
    Sweep {
        name: "links",
        package: "ferry-engine",
        program: Some("sources"),
        filter: "a_link_swapped_in_at_any_moment",
        runs: 500,
    },
    Sweep {
        name: "racer",
        package: "ferry-engine",
        program: Some("sources"),
        filter: "a_racer_who_swaps_links",
        runs: 500,
    },
    Sweep {
        name: "bodies",
        package: "ferry-engine",
        program: Some("damage"),
        filter: "heal_in_the_same_run",
        runs: 1,
    },
    Sweep {
        name: "databases",
        package: "ferry-journal",
        program: None,
        filter: "no_damage_makes_a_silently_shorter_queue",
        runs: 2_000,
    },
];

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    /// All, without one.
    name: Option<String>,
    runs: Option<u64>,
    seed: Option<u64>,
}

/// Runs the sweeps, each to its end even where one fails, and prints the lines with their figures.
///
/// # Errors
/// Where an argument is not understood, something does not build, or a sweep found a violation;
/// what it said of it is printed.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let request = read(arguments)?;
    prepare::machine(Purpose::Tests)?;
    prepare::programs(Purpose::Tests)?;
    let mut failed = Vec::new();
    for sweep in SWEEPS.iter().filter(|sweep| is_asked_for(sweep, &request)) {
        if let Err(Failure(reason)) = one(sweep, &request) {
            say(format!("FAILED: {}: {reason}", sweep.name));
            failed.push(sweep.name);
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        names => Err(Failure(format!("these sweeps failed: {}", names.join(", ")))),
    }
}

fn read(arguments: &[&str]) -> Outcome<Request> {
    let mut request = Request::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || {
            let number = rest.next().and_then(|text| text.parse().ok());
            number.map(Some).ok_or_else(|| Failure(format!("{argument} takes a number")))
        };
        match *argument {
            "--runs" => request.runs = number()?,
            "--seed" => request.seed = number()?,
            name if SWEEPS.iter().any(|sweep| sweep.name == name) && request.name.is_none() => {
                request.name = Some(name.to_owned());
            }
            odd => {
                let names = SWEEPS.map(|sweep| sweep.name).join(", ");
                return Err(Failure(format!("no sweep is called {odd}; there are {names}")));
            }
        }
    }
    Ok(request)
}

fn is_asked_for(sweep: &Sweep, request: &Request) -> bool {
    request.name.as_ref().is_none_or(|name| name == sweep.name)
}

fn one(sweep: &Sweep, request: &Request) -> Outcome {
    // The whole workspace, as when it was built: another choice would build it again.
    let mut command = cargo(&["test", "--workspace", "--quiet"]);
    match sweep.program {
        Some(program) => command.args(["--test", program]),
        None => command.args(["--lib"]),
    };
    command.args([sweep.filter, "--", "--nocapture"]);
    command.env("FERRY_RUNS", request.runs.unwrap_or(sweep.runs).to_string());
    request.seed.map(|seed| command.env("FERRY_SEED", seed.to_string()));
    let not_started = |error| Failure(format!("its tests cannot be started: {error}"));
    let output = command.output().map_err(not_started)?;
    let (told, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let figures: Vec<&str> = told.lines().filter_map(figures).collect();
    figures.iter().for_each(say);
    if !output.status.success() {
        return Err(Failure(format!("{}\n{told}{complaint}", output.status)));
    }
    if figures.is_empty() {
        return Err(Failure(format!("no test of {} ran", sweep.package)));
    }
    Ok(())
}

/// The line of a sweep, which may stand behind what the test program itself says.
fn figures(line: &str) -> Option<&str> {
    line.find("sweep ").map(|at| &line[at..]).filter(|line| line.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_understood() {
        let request = read(&["kill", "--runs", "7", "--seed", "9"]).expect("understood");
        let kill = Some("kill".to_owned());
        assert_eq!(request, Request { name: kill, runs: Some(7), seed: Some(9) });
        let all = read(&[]).expect("understood");
        assert!(SWEEPS.iter().all(|sweep| is_asked_for(sweep, &all)));
        let asked = SWEEPS.iter().filter(|sweep| is_asked_for(sweep, &request));
        assert_eq!(asked.count(), 1);
        for odd in [&["nobody"][..], &["kill", "points"], &["--runs"], &["--seed", "x"]] {
            assert!(read(odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn lines_of_sweeps_are_found() {
        assert_eq!(figures("test a ... sweep kill: kills=3"), Some("sweep kill: kills=3"));
        assert_eq!(figures("test sweep ... ok"), None);
    }
}
