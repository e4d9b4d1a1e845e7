//! `cargo xtask run`: from a fresh machine to the open window.

use std::process::Command;

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, built, finish, say};

/// Prepares, builds and opens the window; returns when it is closed.
///
/// # Errors
/// Where preparing fails, no screen is there, or the window ends with an error.
pub(crate) fn open(arguments: &[String]) -> Outcome {
    prepare_only()?;
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(Failure("everything is built, but there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned()));
    }
    say("Ferry: opening the window");
    finish(Command::new(built("ferry-desktop")?).args(arguments))
}

/// Prepares and builds.
///
/// # Errors
/// As [`open`].
pub(crate) fn prepare_only() -> Outcome {
    prepare::machine(Purpose::Window)?;
    prepare::programs(Purpose::Window)
}
