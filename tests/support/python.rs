//! A Python with pinned packages, for clients that are not ours.

use std::collections::hash_map::DefaultHasher;
use std::fs::File;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The interpreter of a virtual environment that holds exactly these packages (`name==version`) and what they
/// need. It is made on first use and kept under cargo's target directory, one for each set of packages; test
/// processes that want the same one wait for each other.
///
/// # Panics
///
/// When `python3` is missing, or a package cannot be installed: with the output of the command that failed.
pub fn venv(packages: &[&str]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    packages.hash(&mut hasher);
    let home = target_directory().join("test-venv");
    let directory = home.join(format!("{:016x}", hasher.finish()));
    std::fs::create_dir_all(&home).expect("the target directory can be written");
    let lock = File::create(directory.with_extension("lock")).expect("the target directory can be written");
    lock.lock().expect("a lock file can be locked");
    let interpreter = interpreter(&directory);
    let finished = directory.join("finished");
    if !finished.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&directory));
        run(Command::new(&interpreter).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages));
        std::fs::write(&finished, packages.join("\n")).expect("the environment can be written");
    }
    interpreter
}

fn interpreter(directory: &Path) -> PathBuf {
    if cfg!(windows) { directory.join("Scripts").join("python.exe") } else { directory.join("bin").join("python") }
}

/// Cargo's target directory: the running test is `<target>/<profile>/deps/<name>`.
fn target_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its own file");
    test.ancestors()
        .find(|ancestor| ancestor.file_name().is_some_and(|name| name == "deps"))
        .and_then(|deps| deps.ancestors().nth(2))
        .map_or_else(std::env::temp_dir, Path::to_owned)
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
