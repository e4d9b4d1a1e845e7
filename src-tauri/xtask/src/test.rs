//! `cargo xtask test`: every test, with one line at the end that says how they went.

use std::path::Path;

use crate::pages;
use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, follow, npm, say, target_directory, timed};

/// How many tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// Runs the Rust tests, then the UI's, then the page's. All parts run even where one fails. With `filter`, the Rust
/// tests that match it alone.
///
/// # Errors
/// Where a test failed, or could not be built or run.
pub(crate) fn run(filter: &[String]) -> Outcome {
    prepare::machine(Purpose::Tests)?;
    prepare::programs(Purpose::Tests)?;
    let mut counts = Counts::default();
    let mut failures = Vec::new();
    let mut part = |outcome: Outcome| failures.extend(outcome.err().map(|Failure(reason)| reason));

    part(timed("Rust: running the tests", || rust(filter, &mut counts)));
    if filter.is_empty() {
        part(timed("UI: running the tests (npm test)", || {
            follow(&mut npm(&["run", "--silent", "test"]), |line| {
                counts.add(vitest(line).unwrap_or_default())
            })
        }));
        if pages::HERE {
            part(timed("Pages: running the tests (npm run pages)", || {
                let mut tests = pages::tests()?;
                follow(&mut tests, |line| counts.add(playwright(line).unwrap_or_default()))
            }));
        } else {
            say("Pages: not tested, as their pictures are of the Chromium and the fonts of Debian");
        }
    }
    conclude(counts, &failures)
}

fn rust(filter: &[String], counts: &mut Counts) -> Outcome {
    let scratch = target_directory()?.join("tmp/bindings");
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(filter).env("TS_RS_EXPORT_DIR", away_from_the_sources(&scratch)?);
    follow(&mut command, |line| counts.add(libtest(line).unwrap_or_default()))
}

/// The message types write their TypeScript twins when tested: into `scratch`, or each run would
/// touch the UI's sources.
fn away_from_the_sources(scratch: &Path) -> Outcome<&Path> {
    std::fs::create_dir_all(scratch)
        .map_err(|error| Failure(format!("{} cannot be made: {error}", scratch.display())))?;
    Ok(scratch)
}

/// Says how they went.
///
/// # Errors
/// Where a test failed, or a part of them did not come to its end.
pub(crate) fn conclude(counts: Counts, failures: &[String]) -> Outcome {
    for failure in failures {
        say(format!("FAILED: {failure}"));
    }
    let ignored =
        if counts.ignored == 0 { String::new() } else { format!(", {} ignored", counts.ignored) };
    say(format!("Tests: {} passed, {} failed{ignored}", counts.passed, counts.failed));
    match failures.len() {
        0 if counts.failed == 0 => Ok(()),
        _ => Err(Failure("not every test passed".to_owned())),
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
pub(crate) fn libtest(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    Some(counted(numbers.split(';')))
}

/// Reads ` Tests  1 failed | 11 passed (12)`.
fn vitest(line: &str) -> Option<Counts> {
    let plain = without_colours(line);
    let numbers = plain.trim_start().strip_prefix("Tests ")?.split('(').next()?;
    Some(counted(numbers.split('|')))
}

/// Reads `  3 passed (12.3s)`, and the lines of that form for those that failed, were flaky or did
/// not run.
fn playwright(line: &str) -> Option<Counts> {
    let plain = without_colours(line);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let outcome = match words.as_slice() {
        [number, outcome] => Some((number, outcome)),
        [number, outcome, time] if time.starts_with('(') && time.ends_with(')') => {
            Some((number, outcome))
        }
        [number, "did", "not", "run"] => Some((number, &"failed")),
        _ => None,
    };
    let (number, outcome) = outcome?;
    number.parse::<u64>().ok()?;
    Some(counted([format!("{number} {outcome}").as_str()].into_iter()))
}

fn counted<'a>(parts: impl Iterator<Item = &'a str>) -> Counts {
    let mut counts = Counts::default();
    for part in parts {
        let mut words = part.split_whitespace();
        let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
        let number = number.parse().unwrap_or(0);
        match what {
            "passed" => counts.passed += number,
            "failed" | "flaky" => counts.failed += number,
            "ignored" | "skipped" | "todo" => counts.ignored += number,
            _ => {}
        }
    }
    counts
}

/// `line` without terminal sequences such as `ESC [ 32 m`.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once(|end: char| end.is_ascii_alphabetic()).map_or("", |(_, tail)| tail);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read() {
        let counts = |passed, failed, ignored| Some(Counts { passed, failed, ignored });
        let rust = [
            (
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s",
                counts(3, 0, 1),
            ),
            (
                "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
                counts(3, 2, 0),
            ),
            ("test machine::tests::pause ... ok", None),
        ];
        for (line, expected) in rust {
            assert_eq!(libtest(line), expected, "{line}");
        }
        let ui = [
            ("      Tests  12 passed (12)", counts(12, 0, 0)),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m\u{1b}[22m | 11 passed (12)",
                counts(11, 1, 0),
            ),
            ("      Tests  11 passed | 1 skipped (12)", counts(11, 0, 1)),
            (" Test Files  3 passed (3)", None),
        ];
        for (line, expected) in ui {
            assert_eq!(vitest(line), expected, "{line}");
        }
        let pages = [
            ("\u{1b}[32m  31 passed\u{1b}[39m\u{1b}[2m (48.2s)\u{1b}[22m", counts(31, 0, 0)),
            ("  2 failed", counts(0, 2, 0)),
            ("  1 did not run", counts(0, 1, 0)),
            ("  1 flaky", counts(0, 1, 0)),
            ("  ✓  3 tests/empty.spec.ts:6:1 › invites (1.2s)", None),
            ("Running 31 tests using 2 workers", None),
        ];
        for (line, expected) in pages {
            assert_eq!(playwright(line), expected, "{line}");
        }
    }

    #[test]
    fn one_failure_of_any_kind_fails_the_whole() {
        assert!(conclude(Counts { passed: 3, failed: 0, ignored: 0 }, &[]).is_ok());
        assert!(conclude(Counts { passed: 3, failed: 1, ignored: 0 }, &[]).is_err());
        assert!(conclude(Counts::default(), &["it did not compile".to_owned()]).is_err());
    }
}
