//! The page: its packages and its build.

use std::fs::Metadata;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::process::{Failure, Outcome, answers, finish, npm, output, root, say};

/// The oldest Node that the UI's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Brings `ui/node_modules` and `ui/dist` up to date. Quick where nothing changed.
///
/// # Errors
/// Where Node is missing or too old, the packages cannot be had, or the page does not build.
pub(crate) fn prepare() -> Outcome {
    install_packages()?;
    let ui = root().join("ui");
    let messages = root().join("src-tauri/crates/text/messages");
    if newest(&ui)?.max(newest(&messages)?) <= modified(&ui.join("dist/index.html")) {
        say("UI: the build is current");
        return Ok(());
    }
    say("UI: building (npm run build)");
    finish(&mut npm(&["run", "--silent", "build"]))
}

/// Brings `ui/node_modules` to what the lock file says.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn install_packages() -> Outcome {
    node_is_new_enough()?;
    let ui = root().join("ui");
    let installed = modified(&ui.join("node_modules/.package-lock.json"));
    if installed.is_some() && modified(&ui.join("package-lock.json")) <= installed {
        say("UI packages: current");
        return Ok(());
    }
    say("UI packages: installing (npm ci)");
    // No package needs its install script; without them, none can do harm with one.
    finish(&mut npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))
}

fn node_is_new_enough() -> Outcome {
    let wanted = format!("Node {}.{} or newer, with npm, is needed", NODE.0, NODE.1);
    let version = output(Command::new("node").arg("--version"))
        .map_err(|_| Failure(format!("{wanted}: `node` was not found")))?;
    let mut numbers =
        version.trim().trim_start_matches('v').split('.').map(|number| number.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE {
        return Err(Failure(format!("{wanted}: this is {}", version.trim())));
    }
    if answers(&mut npm(&[])) {
        Ok(())
    } else {
        Err(Failure(format!("{wanted}: `npm` was not found")))
    }
}

/// The newest time among what the build reads. A folder counts too: its time changes when something
/// in it goes.
fn newest(top: &Path) -> Outcome<Option<SystemTime>> {
    let mut latest = None;
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| Failure(format!("{} cannot be read: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            if folder == top && (name == "node_modules" || name == "dist" || name == "tests") {
                continue;
            }
            latest = latest.max(time(entry.metadata()));
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(latest)
}

fn modified(path: &Path) -> Option<SystemTime> {
    time(std::fs::metadata(path))
}

fn time(metadata: std::io::Result<Metadata>) -> Option<SystemTime> {
    metadata.and_then(|metadata| metadata.modified()).ok()
}
