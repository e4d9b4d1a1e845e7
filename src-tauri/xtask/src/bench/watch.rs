//! The row `watch`: an instrument that writes a thousand files a second, a watch of very many files
//! that rests, and a recording that is uploaded while it grows. Linux tells what a process takes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::contender::{KEY, REGION};
use super::measure::{empty, quiet};
use super::sink::{BUCKET, Sink};
use super::tools::Tools;
use crate::process::{Failure, Outcome};

/// Files that are written a second.
const A_SECOND: usize = 1_000;
/// Bytes of a file.
const SIZE: usize = 512;
/// How soon after the last one all are verified.
const SOON: Duration = Duration::from_secs(30);
/// Memory, in MiB.
const MEMORY: f64 = 100.0;
/// The share of a core that a resting watch takes, in per cent.
const RESTING: f64 = 0.5;
/// How long a resting watch is looked at, once what came before has settled.
const LOOK: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_secs(15);
/// Between two looks at what has arrived.
const POLL: Duration = Duration::from_millis(100);
/// Bytes a second of a recording, and of the link that it goes over.
const RECORDED: usize = 50_000_000;
const LINK: &str = "100000000";
/// How soon after its last byte a recording is verified.
const RECORDING_SOON: Duration = Duration::from_secs(3);
/// A recording is written by steps of so many a second.
const STEPS: u32 = 20;
/// The longest that anything may take.
const DEADLINE: Duration = Duration::from_secs(1_800);
/// Ticks of a second in `/proc`.
const TICKS: f64 = 100.0;

/// # Errors
/// Where ferry does not run, or files do not arrive.
pub(super) fn section(is_quick: bool, (tools, folder): (&Tools, &Path)) -> Outcome<String> {
    let (seconds, files, mib) = if is_quick { (10, 20_000, 256) } else { (60, 200_000, 2_048) };
    let scratch = folder.join("scratch").join("watch");
    let burst = burst(seconds, tools, &scratch)?;
    let rest = rest(files, tools, &scratch)?;
    let growing = growing(mib << 20, tools, &scratch)?;
    empty(&scratch)?;
    Ok(format!("### watch: files that keep coming\n\n{burst}{rest}{growing}"))
}

fn word(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

/// Files that come while the watch runs.
fn burst(seconds: usize, tools: &Tools, scratch: &Path) -> Outcome<String> {
    let mut watch = Watch::begin(tools, scratch, &[], &[])?;
    for second in 0..seconds {
        let begun = Instant::now();
        write(&watch.folder.join(second.to_string()), A_SECOND)?;
        std::thread::sleep(Duration::from_secs(1).saturating_sub(begun.elapsed()));
    }
    let last = Instant::now();
    watch.until_stored(seconds * A_SECOND)?;
    let (after, peak) = (last.elapsed(), watch.memory("VmHWM")?);
    Ok(format!(
        "- {A_SECOND} files a second for {seconds} s: all verified {:.1} s after the last (goal: \
         {} s, {}), at most {peak:.0} MiB (goal: {MEMORY} MiB, {})\n",
        after.as_secs_f64(),
        SOON.as_secs(),
        word(after <= SOON),
        word(peak <= MEMORY),
    ))
}

/// Files that were there before, once they are all uploaded.
fn rest(files: usize, tools: &Tools, scratch: &Path) -> Outcome<String> {
    empty(scratch)?;
    for group in 0..files / A_SECOND {
        write(&scratch.join("in").join(group.to_string()), A_SECOND)?;
    }
    let begun = Instant::now();
    let mut watch = Watch::begin(tools, scratch, &[], &[])?;
    watch.until_stored(files)?;
    let took = begun.elapsed();
    let peak = watch.memory("VmHWM")?;
    std::thread::sleep(SETTLE);
    let before = watch.cpu_seconds()?;
    std::thread::sleep(LOOK);
    let share = (watch.cpu_seconds()? - before) / LOOK.as_secs_f64() * 100.0;
    let resident = watch.memory("VmRSS")?;
    Ok(format!(
        "- {files} files that were there: all verified after {:.0} s, at most {peak:.0} MiB (goal: \
         {MEMORY} MiB, {}); at rest {share:.2} % of a core (goal: {RESTING} %, {}) and \
         {resident:.0} MiB\n",
        took.as_secs_f64(),
        word(peak <= MEMORY),
        word(share <= RESTING),
    ))
}

/// A recording that is uploaded while it grows; beside it, the same one uploaded when it is
/// complete.
fn growing(bytes: usize, tools: &Tools, scratch: &Path) -> Outcome<String> {
    let link = ["--total-rate", LINK];
    let quiet = ["--quiet", "1s"];
    empty(scratch)?;
    let mut watch = Watch::begin(tools, scratch, &link, &[&quiet[..], &["--growing"]].concat())?;
    record(&watch.folder, bytes)?;
    let last = Instant::now();
    watch.until_verified(tools)?;
    let after = last.elapsed();
    let sent = watch.sink.counts()?.number("bytes");
    drop(watch);
    // Its row and its object are gone, the file is there.
    let data = scratch.join("data");
    empty(&data)?;
    let begun = Instant::now();
    let watch = Watch::begin(tools, scratch, &link, &quiet)?;
    watch.until_verified(tools)?;
    let whole = begun.elapsed();
    let mib = bytes >> 20;
    Ok(format!(
        "- a recording of {mib} MiB at {} MB/s, over a link of twice that: verified {:.1} s after its \
         last byte (goal: {} s, {}; begun when it is complete: {:.1} s), {:.3} x its bytes sent\n",
        RECORDED / 1_000_000,
        after.as_secs_f64(),
        RECORDING_SOON.as_secs(),
        word(after <= RECORDING_SOON),
        whole.as_secs_f64(),
        sent as f64 / bytes as f64,
    ))
}

/// Writes a file as it is recorded.
fn record(folder: &Path, bytes: usize) -> Outcome {
    let path = folder.join("recording.raw");
    let failed = |error| Failure(format!("{} cannot be written: {error}", path.display()));
    let mut file = std::fs::File::create(&path).map_err(failed)?;
    let (step, begun) = (RECORDED / STEPS as usize, Instant::now());
    let mut left = bytes;
    for number in 0u32.. {
        let now = step.min(left);
        if now == 0 {
            break;
        }
        let mut content = vec![b'x'; now];
        content[..4].copy_from_slice(&number.to_be_bytes());
        file.write_all(&content).map_err(failed)?;
        left -= now;
        let due = Duration::from_secs(1) * (number + 1) / STEPS;
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    Ok(())
}

/// Writes files of which no two are the same.
fn write(folder: &Path, files: usize) -> Outcome {
    let failed = |error| Failure(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    for number in 0..files {
        let path = folder.join(format!("{number}.dat"));
        let mut bytes = format!("{} ", path.display()).into_bytes();
        bytes.resize(SIZE, b'x');
        std::fs::write(path, bytes).map_err(failed)?;
    }
    Ok(())
}

/// A running `ferry watch run` of one folder; it is ended with this value.
struct Watch {
    process: Child,
    sink: Sink,
    folder: PathBuf,
    data: PathBuf,
}

impl Watch {
    fn begin(tools: &Tools, scratch: &Path, link: &[&str], options: &[&str]) -> Outcome<Self> {
        let folder = scratch.join("in");
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure(format!("{} cannot be used: {error}", folder.display())))?;
        let sink = Sink::start(&tools.sink, link, None)?;
        let data = scratch.join("data");
        let ferry = |arguments: &[&str]| {
            let mut command = Command::new(&tools.ferry);
            command.args(arguments).arg("--data-dir").arg(&data);
            command.env("OSS_ACCESS_KEY_ID", KEY.0).env("OSS_ACCESS_KEY_SECRET", KEY.1);
            command.env("HOME", scratch);
            command
        };
        let ran = |arguments: &[&str]| match quiet(&mut ferry(arguments)).status() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(Failure(format!("ferry {} failed", arguments.join(" ")))),
        };
        let place = ["--endpoint", &sink.endpoint, "--region", REGION, "--bucket", BUCKET];
        let how = ["--addressing", "path", "--keys", "environment", "--provider", "oss"];
        ran(&[&["profile", "add", "bench"][..], &place, &how].concat())?;
        let watched = folder.display().to_string();
        ran(&[&["watch", "add", &watched, "--profile", "bench"], options].concat())?;
        let process = quiet(&mut ferry(&["watch", "run"]))
            .spawn()
            .map_err(|error| Failure(format!("ferry does not run: {error}")))?;
        Ok(Self { process, sink, folder, data })
    }

    fn until_stored(&mut self, files: usize) -> Outcome {
        let begun = Instant::now();
        while self.sink.counts()?.number("stored") < (files * SIZE) as u64 {
            if begun.elapsed() > DEADLINE {
                return Err(Failure(format!("{files} files did not arrive")));
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Waits until the one file is verified, as the queue says.
    fn until_verified(&self, tools: &Tools) -> Outcome {
        let begun = Instant::now();
        loop {
            let mut queue = Command::new(&tools.ferry);
            queue.args(["queue", "--state", "done", "--data-dir"]).arg(&self.data);
            let listed = queue.output();
            let listed = listed.map_err(|error| Failure(format!("ferry does not run: {error}")))?;
            if String::from_utf8_lossy(&listed.stdout).contains("recording.raw") {
                return Ok(());
            }
            if begun.elapsed() > DEADLINE {
                return Err(Failure("the recording was never verified".into()));
            }
            std::thread::sleep(POLL);
        }
    }

    fn proc(&self, file: &str) -> Outcome<String> {
        let path = format!("/proc/{}/{file}", self.process.id());
        std::fs::read_to_string(&path).map_err(|error| Failure(format!("{path}: {error}")))
    }

    /// A line of the process's status, in MiB.
    fn memory(&self, name: &str) -> Outcome<f64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| Failure(format!("no {name}")))
    }

    /// User and system time so far.
    fn cpu_seconds(&self) -> Outcome<f64> {
        cpu_seconds(&self.proc("stat")?).ok_or_else(|| Failure("no times in /proc".into()))
    }
}

/// The sum of the fields 14 and 15; the second one, a name in brackets, may hold spaces.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<f64>);
    Some((times.next()?.ok()? + times.next()?.ok()?) / TICKS)
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[cfg(test)]
#[test]
fn times_stand_behind_a_name_with_spaces() {
    let stat = "17 (a (b) c) S 1 17 17 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 4 0 100 0 0";
    assert_eq!(cpu_seconds(stat), Some(4.0));
}
