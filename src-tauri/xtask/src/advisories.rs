//! Known weaknesses of what Ferry is built from, where their lists can be had.

use crate::process::{Failure, Outcome, finish, npm, output, say};
use crate::tools::tool;

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
    // Whether the list can be had is asked apart, so that its absence is not taken for a weakness.
    if let Err(Failure(reason)) = output(tool("cargo-deny")?.args(["fetch", "db"])) {
        let why = reason.lines().next().unwrap_or_default();
        say(format!("Advisories for crates: skipped, the list cannot be had: {why}"));
        return Ok(());
    }
    finish(tool("cargo-deny")?.args(["check", "--disable-fetch", "advisories"]))
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
