//! The lock file, which decides what is built everywhere.

use crate::process::{Outcome, cargo, output};

/// Whether Cargo.lock holds what the manifests ask for.
///
/// # Errors
/// Where cargo would have to change it.
pub(crate) fn check() -> Outcome {
    output(&mut cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]))?;
    output(&mut cargo(&["tree", "--locked", "--workspace", "--depth", "0"])).map(drop)
}
