//! Pinned packages for Node, for clients that are not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installed::{once, run};

/// The `node_modules` that holds exactly these packages (`name@version`) and what they need: a
/// CommonJS script finds them through `NODE_PATH`. It is made on first use and kept under cargo's
/// target directory, one for each set of packages; test processes that want the same one wait for
/// each other.
///
/// # Panics
///
/// When `npm` is missing, or a package cannot be installed: with the output of the command that
/// failed.
pub fn modules(packages: &[&str]) -> PathBuf {
    let directory = once("test-node", packages, |directory| {
        empty(directory);
        // Its own package.json keeps npm from looking for one further up.
        std::fs::write(directory.join("package.json"), r#"{ "private": true }"#)
            .expect("the target directory can be written");
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        run(Command::new(npm)
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(packages)
            .current_dir(directory));
    });
    directory.join("node_modules")
}

fn empty(directory: &Path) {
    if directory.exists() {
        std::fs::remove_dir_all(directory).expect("the target directory can be written");
    }
    std::fs::create_dir_all(directory).expect("the target directory can be written");
}
