//! Places under cargo's target directory where foreign packages are installed once and kept.

use std::collections::hash_map::DefaultHasher;
use std::fs::File;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The directory in `home` that holds exactly these packages, filled by `install` on first use.
/// Test processes that want the same one wait for each other, and one that died over it is begun
/// anew.
///
/// # Panics
///
/// When the target directory cannot be written.
pub(crate) fn once(home: &str, packages: &[&str], install: impl FnOnce(&Path)) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    packages.hash(&mut hasher);
    let home = target_directory().join(home);
    let directory = home.join(format!("{:016x}", hasher.finish()));
    std::fs::create_dir_all(&home).expect("the target directory can be written");
    let lock = File::create(directory.with_extension("lock"))
        .expect("the target directory can be written");
    lock.lock().expect("a lock file can be locked");
    let finished = directory.join("finished");
    if !finished.exists() {
        install(&directory);
        std::fs::write(&finished, packages.join("\n"))
            .expect("the target directory can be written");
    }
    directory
}

/// Cargo's target directory: the running test is `<target>/<profile>/deps/<name>`.
fn target_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its own file");
    test.ancestors()
        .find(|ancestor| ancestor.file_name().is_some_and(|name| name == "deps"))
        .and_then(|deps| deps.ancestors().nth(2))
        .map_or_else(std::env::temp_dir, Path::to_owned)
}

/// Runs a command to its end.
///
/// # Panics
///
/// When it cannot be run or fails: with all that it said.
pub(crate) fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
