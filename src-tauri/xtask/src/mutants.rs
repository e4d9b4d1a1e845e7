//! `cargo xtask mutants`: changes of `ferry-model`, one at a time, each of which its tests have to
//! notice.

use std::process::Command;

use crate::process::{Outcome, finish, root, say, target_directory};
use crate::tools::cargo_tool;

/// Makes each change and runs the tests of the crate. `arguments` go to cargo-mutants: `--file
/// PATTERN` for some of the files. The list of what nobody noticed stays in the target directory.
///
/// # Errors
/// Where the tool cannot be had, or nobody noticed a change.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let tool = cargo_tool("cargo-mutants", "27.1.0")?;
    let place = target_directory()?;
    say(format!(
        "Mutants: of ferry-model; what they come to is in {}/mutants.out",
        place.display()
    ));
    let mut mutants = Command::new(tool);
    mutants.args(["mutants", "--package", "ferry-model", "--no-shuffle", "--output"]);
    mutants.arg(&place).current_dir(root());
    // Beside the target directory of this program: its copy of the sources has one of its own.
    finish(mutants.env_remove("CARGO_TARGET_DIR").args(arguments))
}
