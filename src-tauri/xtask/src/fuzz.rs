//! `cargo xtask fuzz`: the long run of the fuzz targets, guided by what code each input reaches
//! (libFuzzer).
//!
//! The stable compiler is enough: its LLVM passes instrument the program, and libFuzzer itself
//! comes as C++ in a crate.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::packages;
use crate::process::{Failure, Outcome, cargo, finish, output, root, say, target_directory};

const PACKAGE: &str = "ferry-storage-fuzz";
const CORPUS: &str = "src-tauri/crates/storage/fuzz/corpus";
/// Seconds for each target, unless others are asked for.
const SECONDS: u64 = 60;

/// Most finds of one search that join a target's corpus, the shortest first: the rest is found
/// again.
const MOST_KEPT: usize = 50;

/// Counters at each edge, a table of them, and the operands of comparisons: what libFuzzer learns
/// from.
const INSTRUMENTATION: &str = "-Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Bounds that no input may make a target cross: bytes of an input, seconds and MiB for one.
const BOUNDS: [&str; 4] =
    ["-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-malloc_limit_mb=256"];

/// What becomes of inputs that reach something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Findings {
    /// They stay in the target directory, and are begun with the next time.
    Leave,
    /// The fewest that reach it all join the corpus.
    Keep,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    /// Names of targets; none for all.
    targets: Vec<String>,
    seconds: u64,
    findings: Findings,
    /// One input to run instead.
    replay: Option<PathBuf>,
}

/// A target, by its folder in the corpus.
#[derive(Debug)]
struct Target {
    name: String,
    corpus: PathBuf,
    words: PathBuf,
}

/// Builds the program and runs each target for its time, all of them even where one fails.
///
/// # Errors
/// Where an argument is not understood, the program cannot be built, or a target failed; each
/// failure is printed with its input.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let arguments = read(arguments)?;
    let targets = chosen(targets()?, &arguments)?;
    packages::install(&["build-essential"])?;
    let place = target_directory()?.join("fuzz");
    let program = build(&place)?;
    if let (Some(input), Some(target)) = (&arguments.replay, targets.first()) {
        return finish(Command::new(program).arg(input).env("FUZZ_TARGET", &target.name));
    }
    let mut failed = Vec::new();
    for target in &targets {
        if let Err(Failure(reason)) = search(&program, target, &place, &arguments) {
            say(format!("FAILED: {}: {reason}", target.name));
            failed.push(target.name.as_str());
        }
    }
    if failed.is_empty() {
        say(format!("Fuzz: {} targets, nothing found", targets.len()));
        return Ok(());
    }
    Err(Failure(format!("these targets failed: {}", failed.join(", "))))
}

fn read(given: &[&str]) -> Outcome<Arguments> {
    let mut arguments = Arguments {
        targets: Vec::new(),
        seconds: SECONDS,
        findings: Findings::Leave,
        replay: None,
    };
    let mut rest = given.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--keep" => arguments.findings = Findings::Keep,
            "--seconds" => {
                let seconds =
                    rest.next().and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0);
                arguments.seconds = seconds
                    .ok_or_else(|| Failure("--seconds takes a number of seconds".to_owned()))?;
            }
            "--replay" => {
                let file =
                    rest.next().ok_or_else(|| Failure("--replay takes a file".to_owned()))?;
                arguments.replay = Some(
                    std::path::absolute(file)
                        .map_err(|error| Failure(format!("{file}: {error}")))?,
                );
            }
            option if option.starts_with('-') => {
                return Err(Failure(format!("fuzz has no option {option}")));
            }
            name => arguments.targets.push(name.to_owned()),
        }
    }
    if arguments.replay.is_some() && arguments.targets.len() != 1 {
        return Err(Failure("--replay takes one target before it".to_owned()));
    }
    Ok(arguments)
}

/// All targets, by group and name. A test of theirs holds that each has its folder.
fn targets() -> Outcome<Vec<Target>> {
    let mut targets = Vec::new();
    for group in folders(&root().join(CORPUS))? {
        let words = group.with_extension("dict");
        for corpus in folders(&group)? {
            let name = corpus.file_name().unwrap_or_default().to_string_lossy().into_owned();
            targets.push(Target { name, corpus, words: words.clone() });
        }
    }
    Ok(targets)
}

fn folders(parent: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(listed(parent)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn files(parent: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(listed(parent)?.into_iter().filter(|path| path.is_file()).collect())
}

fn listed(parent: &Path) -> Outcome<Vec<PathBuf>> {
    let entries =
        fs::read_dir(parent).map_err(|error| Failure(format!("{}: {error}", parent.display())))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn chosen(all: Vec<Target>, arguments: &Arguments) -> Outcome<Vec<Target>> {
    if let Some(unknown) =
        arguments.targets.iter().find(|name| all.iter().all(|target| target.name != **name))
    {
        let names: Vec<&str> = all.iter().map(|target| target.name.as_str()).collect();
        return Err(Failure(format!(
            "no target is called {unknown}; there are {}",
            names.join(", ")
        )));
    }
    Ok(all
        .into_iter()
        .filter(|target| arguments.targets.is_empty() || arguments.targets.contains(&target.name))
        .collect())
}

/// Builds the program that libFuzzer drives, in a directory of its own: everything in it is
/// instrumented.
fn build(place: &Path) -> Outcome<PathBuf> {
    say("Fuzz: building the targets with instrumentation");
    let version = output(
        Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV"),
    )?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure("rustc does not say what machine this is".to_owned()))?;
    let directory = place.join("build");
    // A target that is named keeps the flags from build scripts and procedural macros, which could
    // not be linked with them.
    let mut command = cargo(&[
        "build",
        "--quiet",
        "--package",
        PACKAGE,
        "--features",
        "libfuzzer",
        "--target",
        host,
        "--target-dir",
    ]);
    command.arg(&directory).env("RUSTFLAGS", INSTRUMENTATION).env_remove("CARGO_ENCODED_RUSTFLAGS");
    // Fast, but with the checks of arithmetic that only unoptimised programs have.
    finish(command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "2").env("CARGO_INCREMENTAL", "0"))?;
    Ok(directory
        .join(host)
        .join("debug")
        .join(PACKAGE)
        .with_extension(std::env::consts::EXE_EXTENSION))
}

/// Runs one target for its time.
fn search(program: &Path, target: &Target, place: &Path, arguments: &Arguments) -> Outcome {
    let name = &target.name;
    let (found, crashes) = (place.join("found").join(name), place.join("crashes"));
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder)
            .map_err(|error| Failure(format!("{}: {error}", folder.display())))?;
    }
    let log = place.join(format!("{name}.log"));
    let mut command = Command::new(program);
    command
        .env("FUZZ_TARGET", name)
        .args([&found, &target.corpus])
        .args(BOUNDS)
        .arg("-print_final_stats=1");
    command
        .arg(format!("-max_total_time={}", arguments.seconds))
        .arg(format!("-dict={}", target.words.display()));
    command.arg(format!("-artifact_prefix={}/{name}-", crashes.display()));
    let outcome = logged(&mut command, &log);
    let text = fs::read(&log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    if let Err(Failure(reason)) = outcome {
        let why = complaint(&text).unwrap_or(reason);
        let again = written(&text)
            .map(|input| format!("\n    again by: cargo xtask fuzz {name} --replay {input}"));
        return Err(Failure(format!(
            "{why}{}\n    all it said: {}",
            again.unwrap_or_default(),
            log.display()
        )));
    }
    let kept = match arguments.findings {
        Findings::Leave => String::new(),
        Findings::Keep => format!(
            ", {} of its finds joined the corpus",
            keep(program, target, &found, place, &log)?
        ),
    };
    say(format!(
        "Fuzz: {name}: {} inputs in {} s{kept}",
        stat(&text, "number_of_executed_units").unwrap_or("some"),
        arguments.seconds
    ));
    Ok(())
}

/// Takes the fewest finds that reach all that the corpus does not into it, and says how many those
/// are.
fn keep(program: &Path, target: &Target, found: &Path, place: &Path, log: &Path) -> Outcome<usize> {
    let odd = |error: std::io::Error| Failure(format!("the corpus cannot be merged: {error}"));
    let merged = place.join("merged");
    if merged.exists() {
        fs::remove_dir_all(&merged).map_err(odd)?;
    }
    fs::create_dir_all(&merged).map_err(odd)?;
    // With the inputs of the whole group: what makes XML's parser stumble is not kept for each
    // document anew.
    let mut known = BTreeSet::new();
    for folder in folders(target.corpus.parent().unwrap_or(&target.corpus))? {
        for (number, file) in files(&folder)?.into_iter().enumerate() {
            let name =
                format!("{}-{number}", folder.file_name().unwrap_or_default().to_string_lossy());
            fs::copy(file, merged.join(&name)).map_err(odd)?;
            known.insert(merged.join(name));
        }
    }
    let mut command = Command::new(program);
    // Which code is reached counts, not how often: a tenth of the files for almost the same use.
    command
        .env("FUZZ_TARGET", &target.name)
        .args(["-set_cover_merge=1", "-use_counters=0"])
        .args(BOUNDS);
    logged(command.args([&merged, found]), log)?;
    let mut new: Vec<PathBuf> =
        files(&merged)?.into_iter().filter(|file| !known.contains(file)).collect();
    new.sort_by_key(|file| fs::metadata(file).map_or(u64::MAX, |facts| facts.len()));
    new.truncate(MOST_KEPT);
    for file in &new {
        fs::copy(file, target.corpus.join(file.file_name().unwrap_or_default())).map_err(odd)?;
    }
    Ok(new.len())
}

fn logged(command: &mut Command, log: &Path) -> Outcome {
    let unwritable = |error| Failure(format!("{}: {error}", log.display()));
    let file = File::create(log).map_err(unwritable)?;
    finish(command.stderr(file.try_clone().map_err(unwritable)?).stdout(file).stdin(Stdio::null()))
}

/// Why libFuzzer stopped: what the panic says, or its own summary.
fn complaint(log: &str) -> Option<String> {
    let panicked = log
        .lines()
        .skip_while(|line| !line.contains(" panicked at "))
        .take(4)
        .take_while(|line| !line.starts_with("stack "));
    let panicked: Vec<&str> =
        panicked.filter(|line| !line.starts_with("note: ") && !line.starts_with("==")).collect();
    let summary = || log.lines().find(|line| line.starts_with("SUMMARY: ")).map(str::to_owned);
    if panicked.is_empty() { summary() } else { Some(panicked.join(" ").trim().to_owned()) }
}

/// The input that it stopped at.
fn written(log: &str) -> Option<&str> {
    log.lines()
        .find_map(|line| line.split_once("Test unit written to "))
        .map(|(_, file)| file.trim())
}

fn stat<'a>(log: &'a str, name: &str) -> Option<&'a str> {
    log.lines()
        .find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_understood() {
        let arguments = read(&["etag", "--seconds", "5", "--keep"]).expect("understood");
        let etag = vec!["etag".to_owned()];
        assert_eq!(
            arguments,
            Arguments { targets: etag, seconds: 5, findings: Findings::Keep, replay: None }
        );
        assert_eq!(
            read(&[]).expect("understood"),
            Arguments {
                targets: vec![],
                seconds: SECONDS,
                findings: Findings::Leave,
                replay: None
            }
        );
        assert!(
            read(&["etag", "--replay", "a"])
                .expect("understood")
                .replay
                .is_some_and(|file| file.is_absolute())
        );
        for odd in [
            &["--seconds"][..],
            &["--seconds", "0"],
            &["--seconds", "x"],
            &["--replay", "f"],
            &["a", "b", "--replay", "f"],
            &["--fast"],
        ] {
            assert!(read(odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn every_target_is_found_by_its_folder() {
        let all = targets().expect("a corpus");
        assert!(
            all.iter().any(|target| target.name == "etag")
                && all.iter().all(|target| target.words.is_file()),
            "{all:?}"
        );
        let arguments = |name: &str| Arguments {
            targets: vec![name.to_owned()],
            ..read(&[]).expect("nothing is asked for")
        };
        assert_eq!(
            chosen(targets().expect("a corpus"), &arguments("etag")).expect("known").len(),
            1
        );
        assert!(chosen(all, &arguments("tag")).expect_err("unknown").0.contains("etag"));
    }

    #[test]
    fn reasons_are_taken_from_the_log() {
        let log = "#2 INITED\n\nthread '<unnamed>' (1) panicked at src/lib.rs:3:75:\nthe rule\nstack backtrace:\n 1: x\n\
            ==6482== ERROR: libFuzzer: deadly signal\nSUMMARY: libFuzzer: deadly signal\nartifact_prefix='/t/'; Test unit written to /t/crash-1\n";
        assert_eq!(
            complaint(log).as_deref(),
            Some("thread '<unnamed>' (1) panicked at src/lib.rs:3:75: the rule")
        );
        assert_eq!(written(log), Some("/t/crash-1"));
        assert_eq!(
            complaint("SUMMARY: libFuzzer: timeout\n").as_deref(),
            Some("SUMMARY: libFuzzer: timeout")
        );
        assert_eq!((complaint(""), written("")), (None, None));
        assert_eq!(
            stat("x\nstat::number_of_executed_units: 1234\n", "number_of_executed_units"),
            Some("1234")
        );
    }
}
