//! A share of the lives of an instrument.
#![allow(missing_docs)]

use std::sync::Mutex;

use ferry_simulation::instrument::{Plan, live};
use ferry_simulation::run::each_seed;
use ferry_simulation::world::Trace;

/// Lives in the tests; `cargo xtask simulate --instrument` runs as many as it is told.
const SEEDS: u64 = 500;
/// Lives that failed once: an upload stopped after its file, changed once more, was told complete.
const FAILED_ONCE: [u64; 1] = [718_077];
/// Lives with many files, and how many; `--files` makes them larger.
const LARGE: (u64, usize) = (4, 1_500);

#[test]
fn the_store_holds_the_complete_versions_each_once() {
    let found = Mutex::new((Vec::new(), 0, 0, 0, 0));
    each_seed(SEEDS, |seed| {
        let outcome = live(&Plan::of(seed), Trace::default());
        let mut found = found.lock().expect("no code panics while holding this lock");
        found.0.extend(outcome.violation.map(|it| format!("seed {seed}: {it}")));
        found.1 += outcome.versions;
        found.2 += outcome.written;
        found.3 += outcome.crashes;
        found.4 += outcome.grown;
    });
    let (broken, versions, written, crashes, grown) =
        found.into_inner().expect("no code panics while holding this lock");
    println!(
        "{SEEDS} lives: {versions} complete versions, {written} written, {grown} begun while \
         they grew, {crashes} crashes"
    );
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(written > 1_000 && crashes > 500, "{written} objects, {crashes} crashes");
    // Only what is known at the end of a life counts, and a path is begun early once.
    assert!(grown > 25, "{grown} files were begun while they grew");
}

#[test]
fn lives_that_failed_once() {
    for seed in FAILED_ONCE {
        assert_eq!(live(&Plan::of(seed), Trace::default()).violation, None, "seed {seed}");
    }
}

#[test]
fn very_many_files_are_on_the_store_each_once() {
    let (seeds, files) = LARGE;
    each_seed(seeds, |seed| {
        let outcome = live(&Plan::large(seed, files), Trace::default());
        assert_eq!(outcome.violation, None, "seed {seed}");
        // Some are written again or removed in the plan before they are complete.
        assert!(outcome.written > files * 9 / 10, "seed {seed}: {} written", outcome.written);
    });
}
