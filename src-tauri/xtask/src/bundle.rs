//! `cargo xtask bundle`: packages for Linux.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, finish, npm, root, say, target_directory};

/// Tauri's packaging tool. It is not among the UI's packages: only packaging needs it, and it is large.
const TOOL: &str = "@tauri-apps/cli@2.12.5";

/// Builds the deb and rpm packages with Tauri's own tool, which builds the page first.
///
/// # Errors
/// On another system than Linux, or where building fails.
pub(crate) fn run() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure("packages are built on Linux so far".to_owned()));
    }
    prepare::machine(Purpose::Window)?;
    let tool = tool()?;
    say("Packages: building the command line (an optimised build takes its time)");
    finish(&mut cargo(&["build", "--release", "--package", "ferry-cli"]))?;
    say("Packages: building the window, then deb and rpm");
    let command_line = target_directory()?.join("release/ferry");
    finish(Command::new(tool).args(["build", "--bundles", "deb,rpm", "--config", &with_command_line(&command_line)]).current_dir(root()))
}

/// What is laid over tauri.conf.json, so that the packages hold the command line too.
fn with_command_line(program: &Path) -> String {
    let program = program.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    let files = format!(r#"{{"files":{{"/usr/bin/ferry":"{program}"}}}}"#);
    format!(r#"{{"bundle":{{"linux":{{"deb":{files},"rpm":{files}}}}}}}"#)
}

/// The tool, in a folder of its own beside what cargo builds; installed once a version.
fn tool() -> Outcome<PathBuf> {
    let folder = target_directory()?.join("tools").join(TOOL.replace(['@', '/'], "-"));
    let tool = folder.join("node_modules/.bin/tauri");
    if !tool.exists() {
        say(format!("Packages: installing {TOOL}"));
        std::fs::create_dir_all(&folder).map_err(|error| Failure(format!("{} cannot be made: {error}", folder.display())))?;
        let mut install = npm(&["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]);
        finish(install.arg(&folder).arg(TOOL))?;
    }
    Ok(tool)
}
