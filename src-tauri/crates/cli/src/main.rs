//! `ferry`: the same use-cases without a window, for servers, scripts and tests.
//!
//! May import: `ferry-app`. Everything it does is a use-case there; here are only arguments, output
//! and exit codes.
//!
//! Exit codes: 0 all verified, 1 something failed or waits (listed with reasons), 2 usage, 130
//! interrupted and resumable.

mod args;
mod damage;
mod import;
mod link;
mod output;
mod profile;
mod put;
mod queue;
mod run;
mod sandbox;

use std::process::ExitCode;

use clap::Parser as _;
use ferry_app::model::Fault;
use ferry_app::{App, Host, OpenOptions};

use crate::args::{Arguments, Command};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All verified, or done.
    Fine,
    /// Something failed or waits.
    Failed,
    /// Stopped by a signal; the same command goes on.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Interrupted => Self::from(130),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ferry: {error}");
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(execute(arguments));
    // What still reads a file or asks the keyring must not hold the process.
    runtime.shutdown_background();
    match exit {
        Ok(exit) => exit.into(),
        Err(fault) => {
            output::complain(&fault);
            Exit::Failed.into()
        }
    }
}

/// Logs go to stderr when `FERRY_LOG` asks for them, as `FERRY_LOG=ferry_engine=debug`.
fn log_to_stderr() {
    let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("FERRY_LOG") else { return };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn execute(arguments: Arguments) -> Result<Exit, Fault> {
    match arguments.command {
        Command::Put(arguments) => put::put(*arguments).await,
        Command::Queue(arguments) => queue::queue(arguments).await,
        Command::Resume(arguments) => queue::resume(arguments).await,
        Command::Retry(arguments) => queue::retry(arguments).await,
        Command::Pause(arguments) => queue::pause(arguments).await,
        Command::Cancel(arguments) => queue::cancel(arguments).await,
        Command::Link(arguments) => link::link(arguments).await,
        Command::Profile(command) => profile::profile(command).await,
        Command::Sandbox(arguments) => sandbox::sandbox(arguments).await,
    }
}

/// Opens the queue for the command line.
pub(crate) async fn open(data_dir: Option<std::path::PathBuf>) -> Result<App, Fault> {
    App::open(OpenOptions { data_dir, host: Host::CommandLine }).await
}

/// Opens the queue for a command that only reads: it works while a window or a put runs.
pub(crate) async fn open_reading(data_dir: Option<std::path::PathBuf>) -> Result<App, Fault> {
    App::open(OpenOptions { data_dir, host: Host::Reader }).await
}
