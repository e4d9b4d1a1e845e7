//! What every task needs first.

use crate::process::{Outcome, cargo, finish, say};
use crate::{packages, ui};

/// What is prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building and opening the window.
    Window,
    /// Packing it.
    Packages,
    /// Running the tests as well.
    Tests,
}

/// Installs what is missing and builds the page, which the shell embeds.
///
/// # Errors
/// Where one of them fails; the reason says what the user can do.
pub(crate) fn machine(purpose: Purpose) -> Outcome {
    match purpose {
        Purpose::Window => packages::install(packages::TO_BUILD)?,
        Purpose::Packages => {
            packages::install(&[packages::TO_BUILD, packages::TO_BUNDLE].concat())?;
        }
        Purpose::Tests => packages::install(&[packages::TO_BUILD, packages::TO_TEST].concat())?,
    }
    ui::prepare()
}

/// Builds the programs, the window's and the command line's.
///
/// # Errors
/// Where something does not compile.
pub(crate) fn programs(purpose: Purpose) -> Outcome {
    say("Rust: building (the first time takes some minutes)");
    // Always the whole workspace: another choice of packages would turn on other features of what
    // they share, and build it again. With the tests' own dependencies that happens once, so tests
    // and programs are then built in one go.
    match purpose {
        Purpose::Window | Purpose::Packages => {
            finish(&mut cargo(&["build", "--workspace", "--bins"]))
        }
        Purpose::Tests => {
            finish(&mut cargo(&["build", "--workspace", "--bins", "--lib", "--tests"]))
        }
    }
}
