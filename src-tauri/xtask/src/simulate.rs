//! `cargo xtask simulate`: whole lives of a queue, by their seeds, over a store in memory.

use std::process::Command;

use crate::process::{Outcome, cargo, finish, say, target_directory};

/// Builds the simulation with optimisations and lets it run.
///
/// # Errors
/// Where it cannot be built, or an invariant does not hold in some life.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    say("Simulation: building (optimised)");
    finish(&mut cargo(&["build", "--profile", "simulate", "--package", "ferry-simulation"]))?;
    let program = target_directory()?
        .join("simulate")
        .join("ferry-simulate")
        .with_extension(std::env::consts::EXE_EXTENSION);
    finish(Command::new(program).args(arguments))
}
