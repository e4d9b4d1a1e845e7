//! `cargo xtask bundle`: packages for Linux.

use std::path::Path;
use std::process::Command;

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, finish, root, say, target_directory};

/// Builds the deb and rpm packages with Tauri's own tool, which builds the page first.
///
/// # Errors
/// On another system than Linux, or where building fails.
pub(crate) fn run() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure("packages are built on Linux so far".to_owned()));
    }
    prepare::machine(Purpose::Packages)?;
    let tool = root().join("ui/node_modules/.bin/tauri");
    say("Packages: building the command line (an optimised build takes its time)");
    finish(&mut cargo(&["build", "--release", "--package", "ferry-cli"]))?;
    say("Packages: building the window, then deb and rpm");
    let command_line = target_directory()?.join("release/ferry");
    finish(
        Command::new(tool)
            .args(["build", "--bundles", "deb,rpm", "--config", &with_command_line(&command_line)])
            .current_dir(root()),
    )
}

/// What is laid over tauri.conf.json, so that the packages hold the command line too.
fn with_command_line(program: &Path) -> String {
    let program = program.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    let files = format!(r#"{{"files":{{"/usr/bin/ferry":"{program}"}}}}"#);
    format!(r#"{{"bundle":{{"linux":{{"deb":{files},"rpm":{files}}}}}}}"#)
}
