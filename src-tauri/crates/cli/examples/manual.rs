//! Writes what packages hold beside `ferry`: its man pages and the completions of shells.
//! `cargo xtask bundle` runs it: `manual FOLDER`.

#[allow(dead_code, unused_imports, reason = "of the grammar, only its description is used here")]
#[path = "../src/args/mod.rs"]
mod args;
#[allow(dead_code, reason = "of the exit codes, only their description is used here")]
#[path = "../src/exit.rs"]
mod exit;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate_to};

/// The shells whose completions are installed, each with its folder.
const SHELLS: [(Shell, &str); 3] =
    [(Shell::Bash, "bash"), (Shell::Zsh, "zsh"), (Shell::Fish, "fish")];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("where to?")?;
    write(&args::Arguments::command(), &folder)
}

/// Writes `man/ferry.1`, one page for each command below it, and `SHELL/…`.
fn write(command: &Command, folder: &Path) -> Result<(), Box<dyn Error>> {
    let pages = folder.join("man");
    std::fs::create_dir_all(&pages)?;
    clap_mangen::generate_to(command.clone(), &pages)?;
    for (shell, name) in SHELLS {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        generate_to(shell, &mut command.clone(), "ferry", &folder)?;
    }
    Ok(())
}
