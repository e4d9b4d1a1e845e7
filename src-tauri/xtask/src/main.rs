//! The project's own tasks: `cargo xtask run | test | check | serve | pages | bindings | docs |
//! bundle | release | reproducible | bench | coverage | mutants | fuzz | simulate | torture |
//! windows | macos`.
//!
//! It may import the standard library only, so that the first `cargo xtask run` on a fresh machine
//! starts within seconds. Each task installs what it misses by itself and says what it does, one
//! line a step.

mod advisories;
mod bench;
mod bindings;
mod bundle;
mod check;
mod coverage;
mod cross;
mod docs;
mod files;
mod fuzz;
mod licences;
mod lock;
mod mutants;
mod packages;
mod pages;
mod prepare;
mod process;
mod release;
mod reproducible;
mod run;
mod simulate;
mod test;
mod tools;
mod torture;
mod ui;

use std::process::ExitCode;

use process::{Failure, Outcome};

const USAGE: &str = "\
cargo xtask run [-- ARGUMENTS]    prepares this machine, builds, and opens the window
            run --prepare-only    everything but opening it
cargo xtask test [-- FILTER]      runs every test; with a filter, the Rust tests that match it
cargo xtask check                 format, lints, types, generated files, licences, advisories
cargo xtask serve                 opens the page in a browser, over the real app
cargo xtask pages [ARGUMENTS]     the tests of the page in a browser; ARGUMENTS go to Playwright:
            --update-snapshots    makes the pictures anew; a word runs the tests with it in their names
cargo xtask bindings              writes the TypeScript twins of the window's messages
cargo xtask docs                  writes the pages of docs that are made from the program, and builds the site
cargo xtask bundle                builds this system's packages, and an archive of `ferry`; [--debug] packs
            [--appimage]          programs that are built quickly, to look at the packages; on Linux an
                                  AppImage as well, whose tools are fetched
            test [SUITE]          installs, uses, upgrades and removes the deb in bare trees of Debian and
                                  Ubuntu, as root; [--debug] one that was built quickly; [--from FILE.deb]
                                  upgrades from that one, else from the same files under a lower version
cargo xtask release tag TAG       whether TAG names this version; sums FOLDER writes the sums of its files;
            bills FOLDER          writes what is inside the programs and the page;
            check FOLDER          whether a release is whole; manifests FOLDER OWNER/NAME TO
                                  writes what winget, Homebrew and the AUR are told
cargo xtask reproducible          whether the last commit gives the same `ferry` from two folders
cargo xtask bench [ROW…]          measures Ferry beside its peers and a raw bound; [--quick],
            [--rounds N]          3 rounds by default; [--only NAME,NAME] of those who are measured;
            [--built]             with what was built last
cargo xtask torture [SWEEP]       kills, failures, changes and damage at length, of which the tests run a
            [--runs N] [--seed S]  share: a line of figures for each sweep
cargo xtask coverage              which share of each crate's lines its own tests run
cargo xtask mutants [-- ARGUMENTS] changes of the model, one at a time, that its tests have to notice;
            ARGUMENTS go to cargo-mutants
cargo xtask fuzz [TARGET…]        feeds what reads a store's answers with odd ones: 60 s for each target,
            [--seconds N]         or N; [--keep] takes what reaches new code into the corpus;
            TARGET --replay FILE  runs one input again
cargo xtask simulate [--seeds N]  lives that many whole lives of a queue, 1,000 by default, with faults
            [--from S]            and crashes, and checks what must always hold; from that seed;
            --seed S [--trace]    one life; [--without STEPS] leaves steps of it out
cargo xtask windows               compiles all crates and their tests for Windows; `build` makes ferry.exe;
            test [-- FILTER]      runs the tests of the crates, and acceptance suites, under Wine
cargo xtask macos                 compiles all crates and their tests for macOS";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(reason)) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome {
    let (own, passed_on) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    match own.as_slice() {
        ["run"] => run::open(passed_on),
        ["run", "--prepare-only"] => run::prepare_only(),
        ["test"] => test::run(passed_on),
        ["check"] => check::run(),
        ["serve"] => pages::serve(),
        ["pages", rest @ ..] => pages::run(rest),
        ["bindings"] => bindings::write(),
        ["docs"] => docs::write(),
        ["bundle", "test", "inside", rest @ ..] => bundle::inside_a_system(rest),
        ["bundle", "test", rest @ ..] => bundle::test(rest),
        ["bundle", rest @ ..] => bundle::run(rest),
        ["release", "tag", tag] => release::check_tag(tag),
        ["release", "bills", folder] => release::write_bills(folder),
        ["release", "sums", folder] => release::sum_up(folder),
        ["release", "check", folder] => release::check(folder),
        ["release", "manifests", folder, repository, to] => {
            release::write_manifests(folder, repository, to)
        }
        ["reproducible"] => reproducible::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["coverage"] => coverage::run(),
        ["mutants"] => mutants::run(passed_on),
        ["torture", rest @ ..] => torture::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["simulate", rest @ ..] => simulate::run(rest),
        ["windows"] | ["windows", "check"] => cross::windows::check_all(),
        ["windows", "build"] => cross::windows::build(),
        ["windows", "test"] => cross::windows::test(passed_on),
        ["macos"] | ["macos", "check"] => cross::macos::check_all(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Failure(format!("what is to be done?\n{USAGE}"))),
    }
}
