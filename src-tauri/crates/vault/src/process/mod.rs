//! Keys from a command that the user named: `credential_process`, as the AWS tools, ossutil and the
//! Alibaba Cloud CLI have it.
//!
//! Invariants:
//! - no shell runs unless the line names one; the words reach the program as they are;
//! - what the command prints is read within a size and a time, is wiped after use, and is never
//!   quoted;
//! - of the command line only the program's name is shown or logged: the rest may hold a password;
//! - a command that is given up is killed, with everything it started (on Unix: in its process
//!   group).
//!
//! A command that asks on its terminal gets no answer: it runs in the background, and without
//! input.

mod answer;
mod child;
mod error;
mod source;
mod words;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use ferry_model::Credentials;
use tokio::time::Instant;

pub use answer::end_ms;
pub use error::{ProcessCause, ProcessError};
pub use source::ProcessSource;

use words::Quoting;

/// How long a command may take: one that asks the user to confirm on a phone takes half a minute.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Runs a credential command once and reads the key it prints; `now_ms` is the time, in
/// milliseconds since 1970. Most callers want [`ProcessSource`].
///
/// # Errors
/// Any [`ProcessError`]; none of them shows what the command printed to its standard output.
///
/// # Cancellation
/// Dropping the future kills the command.
pub async fn run(command: &str, now_ms: i64) -> Result<Credentials, ProcessError> {
    run_within(command, now_ms, TIME_LIMIT).await
}

async fn run_within(
    command: &str,
    now_ms: i64,
    limit: Duration,
) -> Result<Credentials, ProcessError> {
    let begun = Instant::now();
    let outcome = async {
        let words = words::split(command, Quoting::HERE).map_err(ProcessCause::NotACommand)?;
        let text = child::output(&words, limit).await?;
        let waited = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        answer::read(&text, now_ms.saturating_add(waited))
    };
    outcome.await.map_err(|cause| ProcessError { program: program_of(command), cause })
}

/// A command line in words, without a shell: nothing is expanded. The first is the program.
///
/// # Errors
/// What is wrong with the line, quoting nothing of it.
pub fn split_words(command: &str) -> Result<Vec<String>, &'static str> {
    words::split(command, Quoting::HERE)
}

/// Takes the variables that hold keys out of a command's environment: they are none of its
/// business.
pub fn without_keys(command: &mut tokio::process::Command) {
    for name in crate::variables::all() {
        command.env_remove(name);
    }
}

/// The file name of a command's program; empty if the line is no command.
pub fn program_of(command: &str) -> String {
    let words = words::split(command, Quoting::HERE).unwrap_or_default();
    words
        .first()
        .and_then(|program| Path::new(program).file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
