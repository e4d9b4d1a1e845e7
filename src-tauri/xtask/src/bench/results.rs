//! `tests/bench/RESULTS.md`: what a whole run measured, when, and on which machine.

use std::process::Command;

use crate::process::{Failure, Outcome, output, root, say};

/// What is said of the moment and the machine, before the measurement adds to the load.
///
/// # Errors
/// Where the system has no `date`, or this is no checkout.
pub(super) fn heading(rounds: u32) -> Outcome<String> {
    let date = output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]))?;
    let commit =
        output(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root()))?;
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    Ok(format!(
        "# Results\n\nWritten by `cargo xtask bench`; README.md says how to read it.\n\n\
         - {}, Ferry at {}, {rounds} rounds\n\
         - {}, {cores} cores, {} of memory, Linux {}\n\
         - load before it began: {}\n",
        date.trim(),
        commit.trim(),
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| "a processor".into()),
        memory(),
        read("/proc/sys/kernel/osrelease"),
        read("/proc/loadavg").split(' ').next().unwrap_or("unknown"),
    ))
}

/// Writes the file.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(heading: &str, sections: &[String]) -> Outcome {
    let file = root().join("tests/bench/RESULTS.md");
    let text = format!("{heading}\n{}", sections.join("\n"));
    std::fs::write(&file, text)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", file.display())))?;
    say("Bench: tests/bench/RESULTS.md is written");
    Ok(())
}

/// Empty where there is none.
fn read(file: &str) -> String {
    std::fs::read_to_string(file).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// The value behind a name and a colon.
fn field(file: &str, name: &str) -> Option<String> {
    let text = read(file);
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn memory() -> String {
    let kib = field("/proc/meminfo", "MemTotal")
        .and_then(|value| value.trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.map_or_else(|| "unknown".into(), |kib| format!("{:.0} GiB", kib / f64::from(1 << 20)))
}
