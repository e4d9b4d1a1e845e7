//! `cargo xtask macos`: Ferry for macOS, checked on Linux with Zig as C compiler. It is not linked:
//! Apple's frameworks are on a Mac only.

use std::path::{Path, PathBuf};

use super::rust::Rust;
use super::{check, directory};
use crate::packages;
use crate::process::{Failure, Outcome};
use crate::tools;

const TARGET: &str = "x86_64-apple-darwin";

/// The C compiler: it brings the C headers of macOS.
const ZIG: &[&str] = &["ziglang==0.17.1"];

/// Calls Zig's compiler as a build script calls Apple's, and leaves out what it does not know: it
/// has one SDK, its own, and the target by its own name.
const WRAPPER: &str = r#"#!/usr/bin/env bash
set -euo pipefail
arguments=()
skip=
for argument in "$@"; do
    if [[ -n "$skip" ]]; then skip=; continue; fi
    case "$argument" in
        -arch | -isysroot | -target) skip=1 ;;
        -mmacosx-version-min=* | --target=* | -isysroot*) ;;
        *) arguments+=("$argument") ;;
    esac
done
"#;

/// Checks all crates, and their tests, for macOS.
///
/// # Errors
/// Where something does not compile, or what compiles it cannot be had.
pub(crate) fn check_all() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err(Failure("this compiles for macOS on Linux".to_owned()));
    }
    packages::install(packages::TO_BUILD)?;
    let mut rust = Rust::of(TARGET)?;
    let zig = directory()?.join("zig");
    let python = tools::environment(&zig, ZIG)?;
    let name = TARGET.replace('-', "_");
    rust.set(format!("CC_{name}"), wrapper(&zig, &python, "cc", "-target x86_64-macos")?);
    rust.set(format!("CXX_{name}"), wrapper(&zig, &python, "c++", "-target x86_64-macos")?);
    rust.set(format!("AR_{name}"), wrapper(&zig, &python, "ar", "")?);
    // Or Apple's tool would be asked where its SDK lies.
    rust.set("SDKROOT", "/");
    check(&rust)
}

/// A program that build scripts call.
fn wrapper(folder: &Path, python: &Path, tool: &str, target: &str) -> Outcome<PathBuf> {
    let path = folder.join(tool);
    let call =
        format!("exec '{}' -m ziglang {tool} {target} \"${{arguments[@]}}\"\n", python.display());
    let cannot = |error| Failure(format!("{} cannot be written: {error}", path.display()));
    std::fs::write(&path, format!("{WRAPPER}{call}")).map_err(cannot)?;
    make_executable(&path).map_err(cannot)?;
    Ok(path)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
