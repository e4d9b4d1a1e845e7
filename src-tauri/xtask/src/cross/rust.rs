//! A Rust that compiles for another system: this machine's own, where `rustup target add` brought
//! the standard library for it, and else Debian's, whose packages hold the sources of that library.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::directory;
use crate::packages;
use crate::process::{Outcome, cargo, cargo_of, output};

/// A compiler, cargo, and the sources of the standard library. They are unpacked, not installed:
/// the machine's own stays the one that is found.
const DEBIAN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];

/// A Rust for one target.
#[derive(Debug)]
pub(super) struct Rust {
    target: &'static str,
    /// Where Debian's is unpacked, if it is that.
    unpacked: Option<PathBuf>,
    variables: Vec<(String, PathBuf)>,
}

impl Rust {
    /// One that compiles for `target`.
    ///
    /// # Errors
    /// Where this machine's own does not, and Debian's cannot be had.
    pub(super) fn of(target: &'static str) -> Outcome<Self> {
        let mut rust = Self { target, unpacked: None, variables: Vec::new() };
        if !own_library_is_there(target) {
            let folder = directory()?.join("debian/rust");
            packages::unpack(DEBIAN, &folder)?;
            rust.unpacked = Some(folder.join("usr"));
        }
        Ok(rust)
    }

    pub(super) fn target(&self) -> &'static str {
        self.target
    }

    /// Sets a variable for every cargo.
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<PathBuf>) {
        self.variables.push((name.into(), value.into()));
    }

    /// Makes a warning of ours an error.
    pub(super) fn refuses_warnings<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        match &self.unpacked {
            // The standard library is compiled as well, and has warnings of its own.
            Some(_) => cargo.arg("-Zwarnings").env("CARGO_BUILD_WARNINGS", "deny"),
            None => cargo.env("RUSTFLAGS", "-Dwarnings"),
        }
    }

    /// A cargo command for the target, in a target directory of its own.
    ///
    /// # Errors
    /// Where this program is in no target directory.
    pub(super) fn cargo(&self, command: &str) -> Outcome<Command> {
        let mut cargo = match &self.unpacked {
            None => cargo(&[command]),
            Some(folder) => unpacked_cargo(folder, command),
        };
        cargo.args(["--locked", "--target", self.target]).env("CARGO_TARGET_DIR", directory()?);
        cargo.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ok(cargo)
    }
}

fn unpacked_cargo(folder: &Path, command: &str) -> Command {
    let mut cargo = cargo_of(folder.join("bin/cargo"), &[command]);
    let libraries = [folder.join("lib/x86_64-linux-gnu"), folder.join("lib")];
    let libraries = libraries.map(|library| library.display().to_string()).join(":");
    cargo
        .arg("-Zbuild-std=std,panic_abort")
        .env("LD_LIBRARY_PATH", libraries)
        .env("RUSTC", folder.join("bin/rustc"))
        .env("RUSTDOC", folder.join("bin/rustdoc"))
        // The sources of the standard library compile with no other.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTUP_TOOLCHAIN");
    cargo
}

/// Whether this machine's own compiler has the standard library of the target.
fn own_library_is_there(target: &str) -> bool {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder =
        output(Command::new(compiler).args(["--print", "target-libdir", "--target", target]));
    folder.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}
