//! Runs a command and says what it took: `bench-meter LOG COMMAND…`.
//!
//! A program of its own, so that the system's figures for ended children are those of this command
//! alone. Prints a line of figures; what the command prints goes to LOG. Ends as the command does.

use std::fs::File;
use std::process::{Child, Command, ExitCode};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A command that takes longer hangs, and is killed.
const LONGEST: Duration = Duration::from_secs(600);

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(log), Some(program)) = (arguments.next(), arguments.next()) else {
        eprintln!("bench-meter LOG COMMAND…");
        return ExitCode::FAILURE;
    };
    let mut command = Command::new(program);
    command.args(arguments);
    match run(&mut command, &log) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-meter: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &mut Command, log: &std::ffi::OsStr) -> std::io::Result<String> {
    let log = File::create(log)?;
    command.stdin(std::process::Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let _ended = watch(&child);
    let status = child.wait()?;
    let wall = begin.elapsed();
    let code = status.code().unwrap_or(-1);
    Ok(format!("code={code} wall_us={} {}", wall.as_micros(), usage()?))
}

/// Kills the child once it took too long, unless what is returned is dropped before.
fn watch(child: &Child) -> mpsc::Sender<()> {
    let (ended, wait) = mpsc::channel();
    let id = child.id();
    std::thread::spawn(move || {
        if wait.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
            kill(id);
        }
    });
    ended
}

#[cfg(unix)]
fn kill(id: u32) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    if let Ok(id) = i32::try_from(id) {
        // It may have ended by itself in the same moment.
        let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn kill(_: u32) {}

#[cfg(unix)]
fn usage() -> std::io::Result<String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    Ok(format!(
        "user_us={} system_us={} peak_kib={}",
        usage.user_time().num_microseconds(),
        usage.system_time().num_microseconds(),
        usage.max_rss() / unit
    ))
}

#[cfg(not(unix))]
fn usage() -> std::io::Result<String> {
    Err(std::io::Error::other("this system's figures for ended processes are not read"))
}
