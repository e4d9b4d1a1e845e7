//! The row `window`: what the real window costs under a screen of its own. The measuring is
//! `tests/bench/window`, which stands on what the tests of the window share.

use std::process::Command;

use super::tools::Build;
use crate::prepare::{self, Purpose};
use crate::process::{Outcome, cargo, finish, output, say, target_directory};

/// # Errors
/// Where something does not build, or the window does not come up.
pub(super) fn section(quick: bool, rounds: u32, build: Build) -> Outcome<String> {
    if build == Build::Missing {
        prepare::machine(Purpose::Tests)?;
        say("Bench: building the window, its measure and a bare window (optimised)");
        let what = ["build", "--release", "--workspace", "--bins", "--example", "bare-window"];
        finish(&mut cargo(&what))?;
    }
    let mut measure = Command::new(target_directory()?.join("release").join("bench-window"));
    measure.args(["--rounds", &rounds.to_string()]);
    if quick {
        measure.args(["--files", "20000", "--rows", "30000"]);
    }
    output(&mut measure)
}
