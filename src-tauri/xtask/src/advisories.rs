//! Known weaknesses of what Ferry is built from, where their lists can be had.

use std::process::Command;

use crate::process::{Failure, Outcome, answers, cargo, finish, npm, say};

/// Asks the tools that know. Where one or its list is missing, a line says so and the check goes
/// on.
///
/// # Errors
/// Where a weakness is known.
pub(crate) fn check() -> Outcome {
    let (rust, ui) = (crates(), packages());
    rust.and(ui)
}

fn crates() -> Outcome {
    if answers(&mut Command::new("cargo-deny")) {
        return finish(&mut cargo(&["deny", "--all-features", "check", "advisories"]));
    }
    if answers(&mut Command::new("cargo-audit")) {
        return finish(&mut cargo(&["audit"]));
    }
    say("Advisories for crates: skipped, neither cargo-deny nor cargo-audit is installed");
    Ok(())
}

/// Only what reaches the user: the tools of the UI's build stay on the machine that builds.
fn packages() -> Outcome {
    let mut audit = npm(&["audit", "--omit=dev", "--audit-level=moderate", "--json"]);
    let Ok(answer) = audit.output() else {
        say("Advisories for npm packages: skipped, npm does not start");
        return Ok(());
    };
    let report = String::from_utf8_lossy(&answer.stdout);
    // A report has this field; an answer about a registry that gives none, or no answer, has not.
    if !report.contains("\"auditReportVersion\"") {
        say("Advisories for npm packages: skipped, the registry gives no report");
        return Ok(());
    }
    if answer.status.success() {
        return Ok(());
    }
    Err(Failure("npm knows weaknesses of packages that ship with the page: see `npm audit --omit=dev` in ui".to_owned()))
}
