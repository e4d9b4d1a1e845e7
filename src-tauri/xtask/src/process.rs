//! Starting other programs, and saying so.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Why a task ended early, as a sentence.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// What a step of a task comes to.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Says what is done, on a line of its own.
pub(crate) fn say(text: impl AsRef<str>) {
    println!("==> {}", text.as_ref());
}

/// Says what is done, does it, and says how long it took.
pub(crate) fn timed<T>(text: impl AsRef<str>, step: impl FnOnce() -> T) -> T {
    say(text);
    let begun = Instant::now();
    let outcome = step();
    println!("    ({} s)", begun.elapsed().as_secs());
    outcome
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("xtask is two folders below the root")
}

/// Where cargo puts what it builds: this program is in its `debug` folder.
pub(crate) fn target_directory() -> Outcome<PathBuf> {
    let own = std::env::current_exe()
        .map_err(|error| Failure(format!("where this program is cannot be told: {error}")))?;
    let target = own.ancestors().nth(2).map(Path::to_path_buf);
    target.ok_or_else(|| Failure(format!("{} is not in a target directory", own.display())))
}

/// A program that cargo builds for this machine without `--release`.
pub(crate) fn built(name: &str) -> Outcome<PathBuf> {
    Ok(target_directory()?.join("debug").join(name).with_extension(std::env::consts::EXE_EXTENSION))
}

/// The cargo that runs this task, at the repository's root, as if it were called by hand.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    cargo_of(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// Another cargo, in the same way.
pub(crate) fn cargo_of(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    // ring looks at what `cargo run` tells this program about itself: with it, ring and all that
    // stands on it would be built anew, and once more by the next cargo that is called by hand.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// npm in the UI's folder.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(root().join("ui"));
    command
}

/// Runs to the end with this program's own output.
///
/// # Errors
/// Where the program cannot be started or does not end with 0.
pub(crate) fn finish(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{}` failed ({status})", shown(command))))
    }
}

/// Runs to the end and returns what was written to standard output.
///
/// # Errors
/// As [`finish`], with what was written to standard error.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure(format!("`{}` failed ({}): {}", shown(command), output.status, complaint.trim())))
}

/// Runs to the end, passes each line of standard output on and shows it to `line` as well.
///
/// # Errors
/// As [`finish`].
pub(crate) fn follow(command: &mut Command, mut line: impl FnMut(&str)) -> Outcome {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let lines = BufReader::new(child.stdout.take().expect("standard output is piped"));
    for read in lines.split(b'\n') {
        let read = read.map_err(|error| {
            Failure(format!("the output of `{}` broke off: {error}", shown(command)))
        })?;
        let text = String::from_utf8_lossy(&read);
        println!("{text}");
        line(&text);
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{}` failed ({status})", shown(command))))
    }
}

/// Whether a program is there and answers to `--version`.
pub(crate) fn answers(program: &mut Command) -> bool {
    program
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure(format!("`{}` does not start: {error}", command.get_program().to_string_lossy()))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
