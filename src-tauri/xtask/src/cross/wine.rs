//! Runs Windows programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::packages;
use crate::process::{Failure, Outcome, finish, say};

/// Wine. The second is what its programs for setting up a prefix are called by.
const PACKAGES: &[&str] = &["wine64", "wine"];

/// The program itself: what stands on PATH asks for a Wine of 32 bits as well.
const PROGRAM: &str = "/usr/lib/wine/wine64";

/// What Rust's standard library takes its random numbers from. Wine has it from version 9 on.
const RANDOM: (&str, &str) = ("bcryptprimitives", include_str!("bcryptprimitives.c"));

/// A Wine with a prefix (a drive `C:` and a registry) of its own.
#[derive(Debug)]
pub(super) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Installs Wine and makes the prefix, if they are not there; `compiler` compiles C for it.
    ///
    /// # Errors
    /// Where one of them fails.
    pub(super) fn prepare(prefix: &Path, compiler: &str) -> Outcome<Self> {
        packages::install(PACKAGES)?;
        let wine = Self { prefix: prefix.to_path_buf() };
        let system = prefix.join("drive_c/windows/system32");
        if !system.join("kernel32.dll").exists() {
            say("Wine: making a prefix");
            let cannot = |error| Failure(format!("{} cannot be made: {error}", prefix.display()));
            std::fs::create_dir_all(prefix).map_err(cannot)?;
            finish(wine.command().args(["wineboot", "--init"]))?;
        }
        let (name, source) = RANDOM;
        let library = system.join(name).with_extension("dll");
        if !library.exists() {
            let file = prefix.join(name).with_extension("c");
            let cannot = |error| Failure(format!("{} cannot be written: {error}", file.display()));
            std::fs::write(&file, source).map_err(cannot)?;
            let mut compiler = Command::new(compiler);
            compiler.args(["-O2", "-shared", "-o"]).arg(&library).arg(&file);
            finish(compiler.arg("-ladvapi32"))?;
        }
        Ok(wine)
    }

    /// Lets a cargo command run the target's programs by it.
    pub(super) fn runs<'a>(&self, cargo: &'a mut Command, target: &str) -> &'a mut Command {
        let target = target.to_uppercase().replace('-', "_");
        self.environment(cargo).env(format!("CARGO_TARGET_{target}_RUNNER"), PROGRAM)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        self.environment(&mut command);
        command
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            // Nothing asks for .NET or a browser, and no window is shown.
            .env("WINEDLLOVERRIDES", "mscoree=;mshtml=")
            .env_remove("DISPLAY")
    }
}
