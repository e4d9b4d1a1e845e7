//! The row `resume`: a file, `kill -9` at half of it, and the same command again.

use std::path::Path;
use std::time::Duration;

use super::contender::{Contender, Place, command};
use super::figures::Fields;
use super::measure::{empty, log_of, metered, quiet};
use super::payload::Payload;
use super::sink::Sink;
use super::tools::Tools;
use crate::process::{Failure, Outcome};

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(5);
/// The first byte comes within this.
const FIRST_BYTE: Duration = Duration::from_secs(1);

/// What one kill came to.
#[derive(Debug)]
struct Resumed {
    size: u64,
    /// At the kill: bytes that had arrived, and those of them in whole parts.
    before: (u64, u64),
    /// What the second run sent.
    sent: u64,
    first_byte: Duration,
}

impl Resumed {
    /// A line for people.
    fn line(&self) -> String {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let (arrived, stored) = self.before;
        let rest = self.size - stored.min(self.size);
        let in_flight = arrived.saturating_sub(stored);
        let word = |reached: bool| if reached { "reached" } else { "missed" };
        format!(
            "- killed with {:.0} of {:.0} MiB in whole parts and {:.0} MiB in flight; the second \
             run sent {:.0} MiB, {:.0} MiB of it again (goal: those in flight at most, {}), the \
             first byte after {:.0} ms (goal: {} ms, {})",
            mib(stored),
            mib(self.size),
            mib(in_flight),
            mib(self.sent),
            mib(self.sent.saturating_sub(rest)),
            word(self.sent <= rest + in_flight),
            self.first_byte.as_secs_f64() * 1e3,
            FIRST_BYTE.as_millis(),
            word(self.first_byte <= FIRST_BYTE),
        )
    }
}

/// # Errors
/// Where a run ends before it is killed, or the second fails.
pub(super) fn section(
    payload: Payload,
    rounds: u32,
    (tools, folder): (&Tools, &Path),
) -> Outcome<String> {
    let path = payload.prepared(&folder.join("data"))?;
    let scratch = folder.join("scratch").join("resume");
    let mut text = format!("### resume: {}; kill -9 at half\n\n", payload.label());
    for _ in 0..rounds {
        let resumed = once(payload, tools, (&path, &scratch))?;
        text.push_str(&resumed.line());
        text.push('\n');
    }
    Ok(text)
}

fn once(payload: Payload, tools: &Tools, (path, scratch): (&Path, &Path)) -> Outcome<Resumed> {
    empty(scratch)?;
    let mut sink = Sink::start(&tools.sink, &[], None)?;
    let call = |sink: &Sink| {
        let place = Place { sink, payload, path, scratch, connections: 1 };
        command(Contender::Ferry, tools, place)
    };
    let half = killed_at_half(quiet(&mut call(&sink)), payload, &mut sink)?;
    let again = call(&sink);
    sink.mark()?;
    let log = log_of(scratch);
    let meter = metered(&again, tools, &log)?;
    if meter.number("code") != 0 {
        return Err(Failure(format!("the second run failed: see {}", log.display())));
    }
    let counts = sink.counts()?;
    Ok(Resumed {
        size: payload.bytes(),
        before: (half.number("bytes"), half.number("stored")),
        sent: counts.number("bytes"),
        first_byte: counts.time("first_byte_us"),
    })
}

fn killed_at_half(
    command: &mut std::process::Command,
    payload: Payload,
    sink: &mut Sink,
) -> Outcome<Fields> {
    let lost = |error: std::io::Error| Failure(format!("ferry does not run: {error}"));
    let mut child = command.spawn().map_err(lost)?;
    while sink.counts()?.number("stored") < payload.bytes() / 2 {
        if child.try_wait().map_err(lost)?.is_some() {
            return Err(Failure("the first run ended before it could be killed".into()));
        }
        std::thread::sleep(LOOK);
    }
    child.kill().map_err(lost)?;
    child.wait().map_err(lost)?;
    // What was on its way is read to its end before it is counted.
    std::thread::sleep(LOOK * 20);
    sink.counts()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_again_is_counted() {
        let mut resumed = Resumed {
            size: 100 << 20,
            before: (60 << 20, 52 << 20),
            sent: 56 << 20,
            first_byte: Duration::from_millis(1500),
        };
        let line = resumed.line();
        assert!(line.contains("56 MiB, 8 MiB of it again"), "{line}");
        assert!(line.contains("at most, reached") && line.contains("1000 ms, missed"), "{line}");
        resumed.sent += 1;
        assert!(resumed.line().contains("at most, missed"));
    }
}
