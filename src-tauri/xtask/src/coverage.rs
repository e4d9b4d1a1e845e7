//! `cargo xtask coverage`: which share of each crate's lines its own tests run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::read;
use crate::packages;
use crate::process::{Failure, Outcome, finish, output, root, say, target_directory};
use crate::tools::cargo_tool;

/// Where the crates are, below the root.
const CRATES: &str = "src-tauri/crates";
/// Files of tests alone do not count. Tests at the end of other files do: the report does not tell
/// them apart.
const TESTS: &str = r"(/tests/|tests?\.rs$|/xtask/)";

/// Lines of a crate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Lines {
    all: u64,
    run: u64,
}

/// Builds the crates so that they count, runs the tests in their folders, and prints a line for
/// each crate. The report by lines stays in the target directory, in the form of lcov.
///
/// # Errors
/// Where the tools cannot be had, or a test fails.
pub(crate) fn run() -> Outcome {
    let tool = cargo_tool("cargo-llvm-cov", "0.9.1")?;
    let target = target_directory()?.join("coverage");
    let report = target.join("lines.lcov");
    std::fs::create_dir_all(&target)
        .map_err(|error| Failure(format!("{} cannot be made: {error}", target.display())))?;
    let mut cover = Command::new(tool);
    cover.arg("llvm-cov").args(["--lcov", "--ignore-filename-regex", TESTS, "--output-path"]);
    cover.arg(&report).current_dir(root()).env("CARGO_TARGET_DIR", &target);
    cover.env("TS_RS_EXPORT_DIR", target.join("bindings"));
    for name in crates()? {
        cover.args(["--package", &format!("ferry-{name}")]);
    }
    for (variable, program) in llvm()? {
        cover.env(variable, program);
    }
    say("Coverage: building the crates and running their tests");
    finish(&mut cover)?;
    for (name, lines) in by_crate(&read(&report)?, root()) {
        let share = lines.run as f64 * 100.0 / lines.all.max(1) as f64;
        println!("{name:12} {share:5.1} % of {} lines", lines.all);
    }
    say(format!("Coverage: line by line in {}", report.display()));
    Ok(())
}

fn crates() -> Outcome<Vec<String>> {
    let folder = root().join(CRATES);
    let found = std::fs::read_dir(&folder)
        .map_err(|error| Failure(format!("{} cannot be read: {error}", folder.display())))?;
    Ok(found.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Debian's tools of the LLVM that this Rust was built with, where rustup did not bring them.
fn llvm() -> Outcome<Vec<(&'static str, PathBuf)>> {
    let verbose = output(Command::new("rustc").arg("-vV"))?;
    let host = verbose.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let brought = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/llvm-cov");
    if brought.with_extension(std::env::consts::EXE_EXTENSION).exists() {
        return Ok(Vec::new());
    }
    let major = verbose.lines().find_map(|line| line.strip_prefix("LLVM version: "));
    let major = major.and_then(|version| version.split('.').next()).unwrap_or_default();
    packages::install(&[&format!("llvm-{major}")])?;
    let program = |name| PathBuf::from(format!("/usr/bin/{name}-{major}"));
    Ok(vec![("LLVM_COV", program("llvm-cov")), ("LLVM_PROFDATA", program("llvm-profdata"))])
}

/// The sums by the folders of the crates.
fn by_crate(lcov: &str, root: &Path) -> BTreeMap<String, Lines> {
    let folder = root.join(CRATES);
    let mut crates: BTreeMap<String, Lines> = BTreeMap::new();
    let mut current = None;
    for line in lcov.lines() {
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        if let Some(file) = line.strip_prefix("SF:") {
            let below = Path::new(file).strip_prefix(&folder).ok();
            let name = below.and_then(|below| below.components().next());
            current = name.map(|name| name.as_os_str().to_string_lossy().into_owned());
        } else if let Some(name) = &current {
            let lines = crates.entry(name.clone()).or_default();
            if let Some(all) = line.strip_prefix("LF:") {
                lines.all += number(all);
            } else if let Some(run) = line.strip_prefix("LH:") {
                lines.run += number(run);
            }
        }
    }
    crates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_for_the_crate_whose_folder_holds_them() {
        let lcov = "SF:/ferry/src-tauri/crates/model/src/a.rs\nDA:1,1\nLF:10\nLH:9\nend_of_record\n\
                    SF:/ferry/src-tauri/crates/model/src/b/c.rs\nLF:5\nLH:0\nend_of_record\n\
                    SF:/elsewhere/lib.rs\nLF:100\nLH:100\nend_of_record\n\
                    SF:/ferry/src-tauri/crates/text/src/lib.rs\nLF:1\nLH:1\nend_of_record\n";
        let sums: Vec<_> = by_crate(lcov, Path::new("/ferry")).into_iter().collect();
        let expected = [
            ("model".to_owned(), Lines { all: 15, run: 9 }),
            ("text".to_owned(), Lines { all: 1, run: 1 }),
        ];
        assert_eq!(sums, expected);
    }
}
