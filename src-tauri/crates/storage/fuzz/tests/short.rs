//! The short run: the whole corpus, then a fixed number of seeded changes of it. The long one is
//! `cargo xtask fuzz`.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ferry_storage_fuzz::{TARGETS, Target, corpus, mutate};

/// Changed inputs for each target.
const ROUNDS: usize = 2500;
/// The seed, unless `FUZZ_SEED` names another.
const SEED: u64 = 0xFE22;
/// Most bytes of the whole corpus.
const CORPUS_LIMIT: usize = 1 << 20;
/// Longer than this for [`LARGE`] bytes only what is not linear takes, on the slowest of machines.
const LONGEST_RUN: Duration = Duration::from_secs(20);
const LARGE: usize = 64 * 1024;

fn seed() -> u64 {
    std::env::var("FUZZ_SEED")
        .ok()
        .map_or(SEED, |text| text.parse().expect("FUZZ_SEED is a number"))
}

/// What failed, with the input as a file that `cargo xtask fuzz` takes.
fn failure(target: &Target, input: &[u8], kept: Option<&Path>) -> Option<String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).err()?;
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-failure", target.name));
    let file: PathBuf = match kept {
        Some(file) => file.to_owned(),
        None => {
            std::fs::write(&saved, input)
                .unwrap_or_else(|error| panic!("{}: {error}", saved.display()));
            saved
        }
    };
    Some(format!(
        "{}: {}\n  again by: cargo xtask fuzz {} --replay {}",
        target.name,
        shown(input),
        target.name,
        file.display()
    ))
}

fn shown(input: &[u8]) -> String {
    let text: String = input.escape_ascii().take(400).map(char::from).collect();
    format!("{} bytes: {text}", input.len())
}

/// All targets side by side; each gives what failed in it.
fn on_all(run: impl Fn(&Target) -> Vec<String> + Sync) {
    let failures: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = TARGETS.iter().map(|target| scope.spawn(|| run(target))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("failures are caught")).collect()
    });
    assert!(failures.is_empty(), "seed {}:\n{}", seed(), failures.join("\n"));
}

#[test]
fn the_corpus_breaks_no_rule() {
    on_all(|target| {
        corpus::inputs(target)
            .iter()
            .filter_map(|(file, input)| failure(target, input, Some(file)))
            .collect()
    });
}

#[test]
fn seeded_changes_break_no_rule() {
    on_all(|target| {
        let kept = corpus::inputs(target);
        let inputs: Vec<&[u8]> = kept.iter().map(|(_, input)| input.as_slice()).collect();
        let words = corpus::words(target.group);
        let mut random = fastrand::Rng::with_seed(seed());
        let mut changes = (0..ROUNDS).map(|_| mutate::changed(&mut random, &inputs, &words));
        changes.find_map(|input| failure(target, &input, None)).into_iter().collect()
    });
}

#[test]
fn time_grows_with_the_input_alone() {
    on_all(|target| {
        let kept = corpus::inputs(target);
        let longest = kept
            .iter()
            .map(|(_, input)| input.as_slice())
            .max_by_key(|input| input.len())
            .expect("a corpus");
        let words = corpus::words(target.group);
        let begins = longest[..longest.len() / 2].to_vec();
        let large =
            words.iter().map(|word| [begins.as_slice(), &word.repeat(LARGE / word.len())].concat());
        let slow = large.filter_map(|input| {
            let begin = Instant::now();
            let failed = failure(target, &input, None);
            let slow = (begin.elapsed() > LONGEST_RUN)
                .then(|| format!("{}: {:?} for {}", target.name, begin.elapsed(), shown(&input)));
            failed.or(slow)
        });
        slow.collect()
    });
}

#[test]
fn the_corpus_is_small_and_in_its_place() {
    let folder = corpus::directory();
    let mut expected: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for target in TARGETS {
        expected.entry(target.group).or_default().insert(target.name.to_owned());
    }
    let mut bytes = 0;
    for (group, names) in &expected {
        let found = std::fs::read_dir(folder.join(group)).expect("a folder for each group");
        let found: BTreeSet<String> = found
            .map(|entry| entry.expect("listed").file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(&found, names, "{group}: a folder for each target");
        assert!(!corpus::words(group).is_empty());
    }
    for target in TARGETS {
        let inputs = corpus::inputs(target);
        assert!(inputs.len() >= 5, "{}: {} inputs", target.name, inputs.len());
        let distinct: BTreeSet<&[u8]> = inputs.iter().map(|(_, input)| input.as_slice()).collect();
        assert_eq!(distinct.len(), inputs.len(), "{}: an input is kept twice", target.name);
        bytes += inputs.iter().map(|(_, input)| input.len()).sum::<usize>();
    }
    assert!(bytes <= CORPUS_LIMIT, "the corpus has {bytes} bytes");
    println!("{bytes} bytes in the corpus");
}
