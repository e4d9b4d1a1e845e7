//! A share of the lives, and that they are the same each time.
#![allow(missing_docs)]

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ferry_simulation::run::{each_seed, regressions, run};
use ferry_simulation::world::{Plan, Trace};

/// Lives in the tests; `cargo xtask simulate` runs as many as it is told.
const SEEDS: u64 = 1_000;

#[test]
fn the_same_seed_gives_the_same_trace_in_two_processes() {
    let hashes = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferry-simulate"));
        command.args(["--hashes", "--seeds", "40"]);
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("it prints text")
    };
    let (one, other) = (hashes(), hashes());
    assert_eq!(one.lines().count(), 40, "{one}");
    let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None);
}

#[test]
fn whatever_happens_the_invariants_hold() {
    let (lived, broken) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    each_seed(SEEDS, |seed| {
        lived.fetch_add(1, Ordering::Relaxed);
        if let Some(violation) = run(&Plan::of(seed), Trace::default()).violation {
            let told = format!("seed {seed}: {violation}");
            broken.lock().expect("no code panics while holding this lock").push(told);
        }
    });
    let broken = broken.into_inner().expect("no code panics while holding this lock");
    assert!(lived.into_inner() >= SEEDS);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn lives_that_failed_once() {
    for row in regressions() {
        let plan = Plan::of(row.seed).without(&row.without);
        assert_eq!(run(&plan, Trace::default()).violation, None, "{}", row.name);
    }
}
