//! `ferry-simulate`: lives by their seeds.
//!
//! `--seeds N [--from S]` runs many and prints those that fail, as short as they fail.
//! `--seed S [--without STEPS] [--trace]` runs one. `--hashes` prints each seed's trace as a
//! number. With `--instrument`, the lives are those of an instrument that writes into a watched
//! folder; `--files N` adds so many files to each.
#![allow(clippy::print_stdout, reason = "it is what it is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ferry_simulation::instrument;
use ferry_simulation::run::{run, shrink, steps};
use ferry_simulation::world::{Outcome, Plan, Trace};

/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(60);
/// A look at what is under way comes each time this has passed.
const LOOK: Duration = Duration::from_millis(20);
/// A life that is under way at more looks than this goes round in circles without waiting. Looks
/// are counted, not seconds: a process that is stopped or gets no turn looks at nothing.
const LONGEST_LIFE: u64 = 6_000;
/// So many files more may take one look more.
const FILES_A_LOOK: u64 = 5;

#[derive(Debug, Clone)]
struct Asked {
    seeds: u64,
    from: u64,
    one: Option<u64>,
    without: Vec<usize>,
    trace: bool,
    hashes: bool,
    /// How many failing lives are made short.
    shrunk: usize,
    instrument: bool,
    /// Files of an instrument that come in bursts.
    files: usize,
}

fn asked() -> Option<Asked> {
    let mut asked = Asked {
        seeds: 1_000,
        from: 0,
        one: None,
        without: Vec::new(),
        trace: false,
        hashes: false,
        shrunk: 8,
        instrument: false,
        files: 0,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next()?.parse::<u64>().ok();
        match argument.as_str() {
            "--seeds" => asked.seeds = number()?,
            "--from" => asked.from = number()?,
            "--seed" => asked.one = Some(number()?),
            "--shrink" => asked.shrunk = usize::try_from(number()?).ok()?,
            "--without" => asked.without = steps(&arguments.next()?)?,
            "--trace" => asked.trace = true,
            "--hashes" => asked.hashes = true,
            "--instrument" => asked.instrument = true,
            "--files" => asked.files = usize::try_from(number()?).ok()?,
            _ => return None,
        }
    }
    Some(asked)
}

fn main() -> ExitCode {
    let Some(asked) = asked() else {
        println!(
            "[--instrument [--files N]] --seeds N [--from S] [--shrink N] [--hashes] | \
             --seed S [--without 1,2] [--trace]"
        );
        return ExitCode::from(2);
    };
    let holds = match asked.one {
        Some(seed) if asked.instrument => one_instrument(seed, &asked),
        Some(seed) => one(seed, &asked),
        None => many(&asked),
    };
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(seed: u64, asked: &Asked) -> bool {
    let plan = Plan::of(seed).without(&asked.without);
    describe(&plan);
    let trace = if asked.trace { Trace::kept() } else { Trace::default() };
    let outcome = run(&plan, trace);
    for line in outcome.trace.lines() {
        println!("{line}");
    }
    println!(
        "seed {seed}: {:016x}, {} requests, {} done, {} ends of the program",
        outcome.trace.hash(),
        outcome.requests,
        outcome.done,
        outcome.crashes
    );
    let holds = outcome.violation.is_none();
    match outcome.violation {
        Some(violation) => println!("BROKEN {violation}"),
        None => println!("everything holds"),
    }
    holds
}

fn one_instrument(seed: u64, asked: &Asked) -> bool {
    let plan = instrument::Plan::large(seed, asked.files);
    println!("{plan:?}");
    let outcome =
        instrument::live(&plan, if asked.trace { Trace::kept() } else { Trace::default() });
    for line in outcome.trace.lines() {
        println!("{line}");
    }
    println!(
        "seed {seed}: {} complete versions, {} written, {} begun while they grew, {} crashes",
        outcome.versions, outcome.written, outcome.grown, outcome.crashes
    );
    match &outcome.violation {
        Some(violation) => println!("BROKEN {violation}"),
        None => println!("everything holds"),
    }
    outcome.violation.is_none()
}

/// One life of many; its violation is shown at once.
fn lived(seed: u64, asked: &Asked) -> Outcome {
    if !asked.instrument {
        return run(&Plan::of(seed), Trace::default());
    }
    let outcome = instrument::live(&instrument::Plan::large(seed, asked.files), Trace::default());
    Outcome {
        trace: outcome.trace,
        violation: outcome.violation,
        requests: outcome.written,
        done: outcome.versions,
        crashes: outcome.crashes,
    }
}

fn describe(plan: &Plan) {
    println!("{:?}", plan.options);
    for step in &plan.steps {
        println!("  after {} ms: {:?}", step.after_ms, step.act);
    }
}

#[derive(Debug, Default)]
struct Sums {
    requests: usize,
    done: usize,
    crashes: usize,
    broken: BTreeMap<&'static str, Vec<u64>>,
    hashes: BTreeMap<u64, u64>,
}

fn many(asked: &Asked) -> bool {
    // A broken invariant is told once, with its seed; a panic's own words would drown it.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let next = AtomicU64::new(asked.from);
    let end = asked.from + asked.seeds;
    let sums = Mutex::new(Sums::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let under_way: Vec<Mutex<Option<u64>>> = (0..threads).map(|_| Mutex::new(None)).collect();
    let ended = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for place in &under_way {
            let (next, sums, ended) = (&next, &sums, &ended);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    *lock(place) = Some(seed);
                    let outcome = lived(seed, asked);
                    *lock(place) = None;
                    let mut sums = lock(sums);
                    sums.requests += outcome.requests;
                    sums.done += outcome.done;
                    sums.crashes += outcome.crashes;
                    if asked.hashes {
                        sums.hashes.insert(seed, outcome.trace.hash());
                    }
                    if let Some(violation) = outcome.violation {
                        if !asked.hashes {
                            println!("seed {seed}: BROKEN {violation}");
                        }
                        sums.broken.entry(violation.invariant).or_default().push(seed);
                    }
                }
                ended.fetch_add(1, Ordering::Relaxed);
            });
        }
        let mut told = Instant::now();
        let longest = LONGEST_LIFE + asked.files as u64 / FILES_A_LOOK;
        let mut seen = vec![(None, 0); threads];
        while ended.load(Ordering::Relaxed) < threads {
            std::thread::sleep(LOOK);
            if told.elapsed() >= PROGRESS && !asked.hashes {
                told = Instant::now();
                // The last ones drawn may be under way.
                let begun_seeds = next.load(Ordering::Relaxed).min(end) - asked.from;
                let rate = begun_seeds as f64 / begun.elapsed().as_secs_f64();
                println!("{begun_seeds} of {} seeds, {rate:.1} a second", asked.seeds);
            }
            for (place, (before, looks)) in under_way.iter().zip(&mut seen) {
                let seed = *lock(place);
                *looks = if seed == *before { *looks + 1 } else { 0 };
                *before = seed;
                if let Some(seed) = seed.filter(|_| *looks > longest) {
                    println!("seed {seed}: BROKEN I6: it goes round in circles");
                    std::process::exit(1);
                }
            }
        }
    });
    let sums = sums.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    for (seed, hash) in &sums.hashes {
        println!("{seed} {hash:016x}");
    }
    if !asked.hashes {
        tell(asked, &sums, begun);
    }
    sums.broken.is_empty() || asked.hashes
}

fn tell(asked: &Asked, sums: &Sums, begun: Instant) {
    let mut left = asked.shrunk;
    for (invariant, seeds) in &sums.broken {
        let Some(shown) = seeds.iter().min().filter(|_| left > 0 && !asked.instrument) else {
            continue;
        };
        left -= 1;
        let plan = Plan::of(*shown);
        let dropped = shrink(&plan, invariant);
        let numbers: Vec<String> = dropped.iter().map(usize::to_string).collect();
        let numbers = if numbers.is_empty() { "-".to_owned() } else { numbers.join(",") };
        println!("\n{invariant} in {} seeds; shortest of the first:", seeds.len());
        println!("--seed {shown} --without {numbers}");
        let short = plan.without(&dropped);
        describe(&short);
        if let Some(violation) = run(&short, Trace::default()).violation {
            println!("{violation}");
        }
    }
    println!(
        "{} seeds in {:.1} s: {} requests, {} files done, {} ends of the program, {} broken",
        asked.seeds,
        begun.elapsed().as_secs_f64(),
        sums.requests,
        sums.done,
        sums.crashes,
        sums.broken.values().map(Vec::len).sum::<usize>()
    );
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
