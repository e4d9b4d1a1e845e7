//! One run of one contender against a sink of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::contender::{Contender, Place, command};
use super::figures::{Fields, Run};
use super::rows::{Row, Transport};
use super::sink::Sink;
use super::tools::Tools;
use crate::process::{Failure, Outcome, output};

/// # Errors
/// Where the contender fails, or less arrives than there is.
pub(super) fn once(
    contender: Contender,
    row: &Row,
    tools: &Tools,
    (path, scratch): (&Path, &Path),
) -> Outcome<Run> {
    empty(scratch)?;
    let certificate = match row.transport {
        Transport::Tcp => None,
        Transport::Tls => Some(scratch.join("authority.pem")),
    };
    let mut sink = Sink::start(&tools.sink, row.options, certificate)?;
    let place =
        Place { sink: &sink, payload: row.payload, path, scratch, connections: row.connections };
    let call = command(contender, tools, place);
    sink.mark()?;
    let meter = metered(&call, tools, &log_of(scratch))?;
    let run = Run::of(&meter, &sink.counts()?);
    if meter.number("code") != 0 {
        return Err(Failure("it failed".into()));
    }
    if run.bytes < row.payload.bytes() {
        let missing = row.payload.bytes() - run.bytes;
        return Err(Failure(format!("{missing} bytes did not arrive")));
    }
    Ok(run)
}

/// Where what a contender prints goes.
pub(super) fn log_of(scratch: &Path) -> PathBuf {
    scratch.with_extension("log")
}

/// Runs a command below the meter, with its output in `log`.
///
/// # Errors
/// Where it does not start.
pub(super) fn metered(call: &Command, tools: &Tools, log: &Path) -> Outcome<Fields> {
    let mut meter = Command::new(&tools.meter);
    meter.arg(log).arg(call.get_program()).args(call.get_args());
    for (name, value) in call.get_envs() {
        match value {
            Some(value) => meter.env(name, value),
            None => meter.env_remove(name),
        };
    }
    output(&mut meter).map(Fields)
}

/// Without this program's own input and output.
pub(super) fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// An empty folder.
///
/// # Errors
/// Where the disk does not let go of what is in it.
pub(super) fn empty(folder: &Path) -> Outcome {
    let unusable = |error| Failure(format!("{} cannot be used: {error}", folder.display()));
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(unusable)?;
    }
    std::fs::create_dir_all(folder).map_err(unusable)
}
