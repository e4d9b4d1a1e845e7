//! A share of the lives of an instrument.
#![allow(missing_docs)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ferry_simulation::instrument::{Plan, live};
use ferry_simulation::world::Trace;

/// Lives in the tests; `cargo xtask simulate --instrument` runs as many as it is told.
const SEEDS: u64 = 500;

#[test]
fn the_store_holds_the_complete_versions_each_once() {
    let next = AtomicU64::new(0);
    let found = Mutex::new((Vec::new(), 0, 0, 0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= SEEDS {
                        break;
                    }
                    let outcome = live(&Plan::of(seed), Trace::default());
                    let mut found = found.lock().expect("no code panics while holding this lock");
                    found.0.extend(outcome.violation.map(|it| format!("seed {seed}: {it}")));
                    found.1 += outcome.versions;
                    found.2 += outcome.written;
                    found.3 += outcome.crashes;
                }
            });
        }
    });
    let (broken, versions, written, crashes) =
        found.into_inner().expect("no code panics while holding this lock");
    println!("{SEEDS} lives: {versions} complete versions, {written} written, {crashes} crashes");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(written > 1_000 && crashes > 500, "{written} objects, {crashes} crashes");
}
