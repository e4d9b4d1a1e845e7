//! The row `queue`: how fast files are walked and written to the journal, and what memory they
//! take.
//!
//! The sink answers no request while this is measured, so that nothing but the intake goes on.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::contender::{Contender, Place, command};
use super::measure::{empty, quiet};
use super::payload::Payload;
use super::sink::Sink;
use super::tools::Tools;
use crate::process::{Failure, Outcome};

/// Longer than any intake.
const SILENT: &[&str] = &["--latency-ms", "600000"];
/// Files a second.
const LEAST_RATE: f64 = 50_000.0;
/// MiB of memory beside what one file takes.
const MOST_GROWTH: f64 = 100.0 * 1e6 / 1_048_576.0;

/// One intake.
#[derive(Debug, Clone, Copy)]
struct Intake {
    /// Files a second.
    rate: f64,
    peak_mib: f64,
}

/// # Errors
/// Where Ferry ends before all files are queued.
pub(super) fn section(
    payload: Payload,
    rounds: u32,
    (tools, folder): (&Tools, &Path),
) -> Outcome<String> {
    let single = once(Payload::Files(1, 0), (tools, folder))?;
    let mut text = format!("### queue: {}; nothing is sent\n\n", payload.label());
    for _ in 0..rounds {
        let all = once(payload, (tools, folder))?;
        let growth = all.peak_mib - single.peak_mib;
        let word = |reached: bool| if reached { "reached" } else { "missed" };
        text.push_str(&format!(
            "- {:.0} files/s (goal: {LEAST_RATE:.0}, {}); {:.0} MiB at the most, {growth:.0} MiB \
             more than with one file (goal: {MOST_GROWTH:.0} MiB, {})\n",
            all.rate,
            word(all.rate >= LEAST_RATE),
            all.peak_mib,
            word(growth < MOST_GROWTH),
        ));
    }
    Ok(text)
}

fn once(payload: Payload, (tools, folder): (&Tools, &Path)) -> Outcome<Intake> {
    let Payload::Files(count, _) = payload else {
        return Err(Failure("one file is no queue".into()));
    };
    let path = payload.prepared(&folder.join("data"))?;
    let scratch = folder.join("scratch").join("queue");
    empty(&scratch)?;
    let sink = Sink::start(&tools.sink, SILENT, None)?;
    let place = Place { sink: &sink, payload, path: &path, scratch: &scratch, connections: 1 };
    let mut call = command(Contender::Ferry, tools, place);
    let lost = |error| Failure(format!("ferry does not run: {error}"));
    let begin = Instant::now();
    let mut child = quiet(&mut call).stdout(Stdio::piped()).spawn().map_err(lost)?;
    let intake = followed(&mut child, u64::from(count), begin);
    child.kill().and_then(|()| child.wait()).map_err(lost)?;
    intake
}

/// Reads its progress until all files are queued.
fn followed(child: &mut Child, count: u64, begin: Instant) -> Outcome<Intake> {
    let lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
    let mut seen = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some(files) = files_in(&line) else { continue };
        seen.push((begin.elapsed(), files));
        if files >= count {
            let peak_mib = peak_mib(child.id())?;
            return Ok(Intake { rate: rate(&seen, count), peak_mib });
        }
    }
    Err(Failure(format!("ferry ended with {seen:?} of {count} files queued")))
}

/// Progress comes in steps: the last line before the end says more than the one after it.
fn rate(seen: &[(Duration, u64)], count: u64) -> f64 {
    let before = seen.iter().rev().find(|(_, files)| *files > 0 && *files < count);
    let (time, files) = before.or(seen.last()).copied().unwrap_or((Duration::MAX, 0));
    files as f64 / time.as_secs_f64()
}

/// The number of files in a line of progress.
fn files_in(line: &str) -> Option<u64> {
    if !line.contains("\"type\":\"progress\"") {
        return None;
    }
    let (_, after) = line.split_once("\"files\":")?;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The most memory that a running process had, as Linux tells it.
fn peak_mib(process: u32) -> Outcome<f64> {
    let file = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&file)
        .map_err(|error| Failure(format!("{file} cannot be read: {error}")))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).ok_or_else(|| Failure(format!("{file} does not say VmHWM")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read() {
        let line = r#"{"acked_bytes":0,"bytes":6,"failed":0,"files":300,"type":"progress"}"#;
        assert_eq!(files_in(line), Some(300));
        assert_eq!(files_in(r#"{"files":300,"type":"summary"}"#), None);
    }

    #[test]
    fn the_rate_is_that_of_the_last_step_before_the_end() {
        let at = |seconds, files| (Duration::from_secs(seconds), files);
        assert_eq!(rate(&[at(1, 40), at(2, 90), at(3, 100)], 100), 45.0);
        assert_eq!(rate(&[at(2, 100)], 100), 50.0);
        assert_eq!(rate(&[at(1, 0), at(2, 100)], 100), 50.0);
    }
}
