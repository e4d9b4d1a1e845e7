//! Other systems from here: what compiles for them, and what runs there of the tests.

pub(crate) mod macos;
mod rust;
pub(crate) mod windows;
mod wine;

use std::path::PathBuf;
use std::time::Instant;

use crate::process::{Outcome, finish, say, target_directory};
use crate::ui;

use rust::Rust;

/// Everything that is compiled for another system: programs, libraries, tests and examples, of all
/// members of the workspace.
const ALL: &[&str] = &["--workspace", "--all-targets", "--keep-going"];

/// Where that lies: other compilers than this machine's own work there.
fn directory() -> Outcome<PathBuf> {
    Ok(target_directory()?.join("cross"))
}

/// Checks all of the workspace for the system that `rust` compiles for. A warning is an error.
fn check(rust: &Rust) -> Outcome {
    // The shell does not compile without its page.
    ui::prepare()?;
    say(format!("Rust: checking all crates and their tests for {}", rust.target()));
    let begun = Instant::now();
    finish(rust.refuses_warnings(rust.cargo("check")?.args(ALL)))?;
    say(format!("Rust: clean for {} after {} s", rust.target(), begun.elapsed().as_secs()));
    Ok(())
}
