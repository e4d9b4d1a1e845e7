//! The sink's process: started for each run, so that no run finds what another left.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::figures::Fields;
use crate::process::{Failure, Outcome, say};

/// The bucket that is there.
pub(super) const BUCKET: &str = "bench";

/// A running sink, ended with this value.
#[derive(Debug)]
pub(super) struct Sink {
    process: Child,
    /// `None` once it was told to end.
    orders: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    /// Its URL.
    pub(super) endpoint: String,
    /// The authority to trust, where it speaks TLS.
    pub(super) certificate: Option<PathBuf>,
}

impl Sink {
    /// # Errors
    /// Where it does not start.
    pub(super) fn start(
        program: &Path,
        options: &[&str],
        certificate: Option<PathBuf>,
    ) -> Outcome<Self> {
        let mut command = Command::new(program);
        command.args(["--bucket", BUCKET]).args(options);
        if let Some(certificate) = &certificate {
            command.arg("--tls").arg(certificate);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure(format!("the sink does not start: {error}")))?;
        let orders = process.stdin.take();
        let lines = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let mut sink = Self { process, orders, lines, endpoint: String::new(), certificate };
        let line = sink.line()?;
        sink.endpoint = match line.strip_prefix("listening ") {
            Some(endpoint) => endpoint.to_owned(),
            None => return Err(Failure(format!("the sink says `{line}`"))),
        };
        Ok(sink)
    }

    /// The endpoint without its scheme.
    pub(super) fn address(&self) -> &str {
        self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, address)| address)
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(length) if length > 0 => Ok(line.trim().to_owned()),
            Ok(_) => Err(Failure("the sink has ended".into())),
            Err(error) => Err(Failure(format!("the sink cannot be heard: {error}"))),
        }
    }

    /// What was asked of it since the last mark.
    ///
    /// # Errors
    /// Where it has ended.
    pub(super) fn counts(&mut self) -> Outcome<Fields> {
        self.order("counts")
    }

    /// Counts anew from here.
    ///
    /// # Errors
    /// Where it has ended.
    pub(super) fn mark(&mut self) -> Outcome {
        self.order("mark").map(drop)
    }

    fn order(&mut self, order: &str) -> Outcome<Fields> {
        if let Some(orders) = &mut self.orders {
            writeln!(orders, "{order}")
                .map_err(|error| Failure(format!("the sink does not listen: {error}")))?;
        }
        self.line().map(Fields)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It ends with its standard input.
        self.orders.take();
        if let Err(error) = self.process.wait() {
            say(format!("Bench: the sink may still run: {error}"));
        }
    }
}
