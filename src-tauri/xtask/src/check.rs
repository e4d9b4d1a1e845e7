//! `cargo xtask check`: what holds without running the program.

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, finish, npm, say, timed};
use crate::tools::tool;
use crate::{advisories, bindings, docs, licences, lock};

/// One check: fine, or what it found.
type Check = fn() -> Outcome;

/// Runs every check, even where one fails.
///
/// # Errors
/// Where one found something; the reasons are listed at the end.
pub(crate) fn run() -> Outcome {
    // The same preparation as for the tests: one visit to apt, and the shell does not compile
    // without its page.
    prepare::machine(Purpose::Tests)?;
    let checks: [(&str, Check); 16] = [
        ("Cargo.lock is current", lock::check),
        ("Rust: format", || finish(&mut cargo(&["fmt", "--all", "--check"]))),
        ("Rust: clippy", || {
            finish(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        }),
        // The whole workspace has it with them.
        ("Rust: clippy of the sandbox without its parts for tests", || {
            finish(&mut cargo(&["clippy", "--package", "ferry-sandbox", "--", "-D", "warnings"]))
        }),
        ("Rust: documentation", || {
            let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
            finish(doc.env("RUSTDOCFLAGS", "--deny warnings"))
        }),
        ("UI: lint", || finish(&mut npm(&["run", "--silent", "lint"]))),
        ("UI: types", || finish(&mut npm(&["run", "--silent", "check"]))),
        ("Bindings are current", bindings::check),
        ("Docs are current, and their links lead somewhere", docs::check),
        ("Licences, bans and sources of crates", || {
            let mut deny = tool("cargo-deny")?;
            finish(deny.args(["--offline", "check", "licenses", "bans", "sources"]))
        }),
        ("Licences of npm packages", licences::check),
        ("Dependencies are used", || finish(&mut tool("cargo-shear")?)),
        ("Spelling", || finish(tool("typos")?.args(["--format", "brief"]))),
        ("Workflows", || {
            let mut zizmor = tool("zizmor")?;
            finish(zizmor.args(["--offline", "--quiet", "--persona=pedantic", ".github/workflows"]))
        }),
        ("Imports go one way", || {
            finish(&mut cargo(&["test", "--quiet", "--package", "acceptance", "--test", "house"]))
        }),
        ("Advisories", advisories::check),
    ];
    let mut found = Vec::new();
    for (name, check) in checks {
        if let Err(Failure(reason)) = timed(name, check) {
            say(format!("FAILED: {name}: {reason}"));
            found.push(name);
        }
    }
    if found.is_empty() {
        say("Check: all clean");
        return Ok(());
    }
    Err(Failure(format!("check failed: {}", found.join(", "))))
}
