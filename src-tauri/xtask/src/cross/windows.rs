//! `cargo xtask windows`: Ferry for Windows, compiled on Linux by mingw-w64 and run by Wine.

use super::rust::Rust;
use super::wine::Wine;
use super::{check, directory};
use crate::packages;
use crate::process::{Failure, Outcome, finish, follow, say};
use crate::test::{Counts, conclude, libtest};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The C compiler and linker, and the headers and libraries of Windows.
const TO_COMPILE: &[&str] =
    &["gcc-mingw-w64-x86-64-posix", "g++-mingw-w64-x86-64-posix", "mingw-w64-x86-64-dev"];

const C_COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// The crates whose own tests run under Wine.
const CRATES: &[&str] = &[
    "ferry-text",
    "ferry-model",
    "ferry-storage",
    "ferry-journal",
    "ferry-vault",
    "ferry-engine",
    "ferry-app",
    "ferry-sandbox",
    "ferry-cli",
];

/// The acceptance suites that ask nothing of the system that only Unix has, and `on_windows`, which
/// asks for what only Windows has.
const SUITES: &[&str] = &["on_windows", "existing", "recover", "torture"];

/// Tests of what Windows does and Wine does not. They run where `cargo xtask test` runs on Windows.
const NOT_UNDER_WINE: &[&str] = &[
    // Wine's file systems are Unix's: a name has to be text.
    "names_that_are_no_text_are_left_out_and_named",
    // It tells a file's final path without the dots and spaces at the end.
    "names_that_end_with_a_dot_or_a_space_arrive",
    // Nor does it tell one of more than 260 characters.
    "paths_longer_than_windows_once_took_are_read",
    // It tells nothing of changes in folders below the one that is watched.
    "watch::hints::tests::the_systems_back_end_tells_of_changes",
    // Its sockets end where Windows resets them.
    "fault_proxy::tests::down_refuses_and_up_accepts_on_the_same_port",
    "fault_proxy::tests::a_reset_comes_after_so_many_bytes_of_either_direction",
];

/// Checks all crates, and their tests, for Windows.
///
/// # Errors
/// Where something does not compile, or what compiles it cannot be had.
pub(crate) fn check_all() -> Outcome {
    check(&rust()?)
}

/// Builds `ferry.exe`.
///
/// # Errors
/// As [`check_all`].
pub(crate) fn build() -> Outcome {
    say("Windows: building ferry.exe");
    finish(rust()?.cargo("build")?.args(["--package", "ferry-cli"]))?;
    let program = directory()?.join(TARGET).join("debug/ferry.exe");
    let bytes = std::fs::metadata(&program).map_or(0, |found| found.len());
    say(format!("Windows: {} ({} MiB)", program.display(), bytes >> 20));
    Ok(())
}

/// Runs the tests of the crates and the acceptance suites under Wine, or those whose names hold
/// `filter`.
///
/// # Errors
/// Where a test failed, or could not be built or run.
pub(crate) fn test(filter: &[String]) -> Outcome {
    let rust = rust()?;
    let wine = Wine::prepare(&directory()?.join("wine"), C_COMPILER)?;
    let crates = CRATES.iter().flat_map(|name| ["--package", name]);
    let suites = SUITES.iter().flat_map(|name| ["--test", name]);
    let wanted: Vec<&str> =
        crates.chain(["--package", "acceptance", "--lib", "--bins"]).chain(suites).collect();
    say("Windows: building the programs and their tests");
    finish(rust.cargo("build")?.args(&wanted))?;
    say("Windows: running the tests under Wine");
    let mut counts = Counts::default();
    let mut tests = rust.cargo("test")?;
    tests.args(&wanted).arg("--no-fail-fast").arg("--").args(filter);
    tests.args(NOT_UNDER_WINE.iter().flat_map(|name| ["--skip", name]));
    // The message types write their TypeScript twins when tested, and not into the UI's sources.
    tests.env("TS_RS_EXPORT_DIR", directory()?.join("bindings"));
    let outcome = follow(wine.runs(&mut tests, TARGET), |line| {
        counts.add(libtest(line).unwrap_or_default());
    });
    let failures: Vec<String> = outcome.err().into_iter().map(|Failure(reason)| reason).collect();
    conclude(counts, &failures)
}

fn rust() -> Outcome<Rust> {
    if !cfg!(target_os = "linux") {
        return Err(Failure(
            "this compiles for Windows on Linux; elsewhere there is `cargo xtask test`".to_owned(),
        ));
    }
    packages::install(&[packages::TO_BUILD, TO_COMPILE].concat())?;
    Rust::of(TARGET)
}
