//! `ferry`: the same use-cases without a window, for servers, scripts and tests.
//!
//! May import: `ferry-app`. Everything it does is a use-case there; here are only arguments, output
//! and exit codes.
//!
//! Exit codes: `exit.rs`.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod bench;
mod block;
mod damage;
mod doctor;
mod exit;
mod import;
mod link;
mod metrics;
mod output;
mod piped;
mod profile;
mod progress;
mod put;
mod queue;
mod receipt;
mod recover;
mod run;
mod sandbox;
mod save_profile;
mod screen;
mod signals;
mod text;
mod watch;

use std::process::ExitCode;

use ferry_app::model::{Fault, message};
use ferry_app::{App, Host, Keyring, OpenOptions, RecentLog};
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

use crate::args::{Arguments, Command, WatchCommand};
pub(crate) use crate::exit::Exit;
use crate::output::{Output, last_words};
use crate::signals::Signals;

/// What every command is given.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) out: Output,
    pub(crate) signals: Signals,
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            last_words(&error.to_string());
            return Exit::Failed.into();
        }
    };
    let begun = {
        let _inside = runtime.enter();
        Signals::install()
            .and_then(|signals| Ok(Session { out: Output::start(signals.clone())?, signals }))
    };
    let exit = match begun {
        Ok(session) => runtime.block_on(run_command(&session)),
        Err(error) => {
            last_words(&error.to_string());
            Exit::Failed
        }
    };
    // What still reads a file or asks the keyring must not hold the process.
    runtime.shutdown_background();
    exit.into()
}

async fn run_command(session: &Session) -> Exit {
    let Session { out, .. } = session;
    let exit = match Arguments::read() {
        Ok(arguments) => {
            log_to(out);
            let shows = arguments.command.only_shows();
            let exit = match execute(arguments.command, session).await {
                Ok(exit) => exit,
                Err(fault) => {
                    out.complain(&fault).await;
                    Exit::Failed
                }
            };
            if shows && out.is_closed() { Exit::ReaderLeft } else { exit }
        }
        Err(error) => {
            out.grammar(&error).await;
            if error.exit_code() == 0 { Exit::Fine } else { Exit::Usage }
        }
    };
    match out.failure() {
        None => exit,
        Some(error) => {
            out.tell(&message::output_not_written(error)).await;
            if exit == Exit::Fine { Exit::Failed } else { exit }
        }
    }
}

/// Logs go to stderr when `FERRY_LOG` asks for them, as `FERRY_LOG=ferry_engine=debug`.
fn log_to(out: &Output) {
    let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("FERRY_LOG") else { return };
    let out = out.clone();
    let writer = (move || out.log()).and(|| RecentLog);
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer).init();
}

async fn execute(command: Command, session: &Session) -> Result<Exit, Fault> {
    match command {
        Command::Put(arguments) if arguments.reads_input() => piped::put(*arguments, session).await,
        Command::Put(arguments) => put::put(*arguments, session).await,
        Command::Resume(arguments) => queue::resume(arguments, session).await,
        Command::Retry(arguments) => queue::retry(arguments, session).await,
        Command::Cancel(arguments) => queue::cancel(arguments, session).await,
        Command::Recover(arguments) => recover::recover(*arguments, session).await,
        Command::Sandbox(arguments) => sandbox::sandbox(arguments, session).await,
        Command::Bench(arguments) => bench::bench(*arguments, session).await,
        Command::Watch(command @ WatchCommand::Run(_)) => watch::watch(command, session).await,
        // These have nothing to tidy up.
        Command::Pause(arguments) => until_signal(queue::pause(arguments, session), session).await,
        Command::Queue(arguments) => until_signal(queue::queue(arguments, session), session).await,
        Command::Link(arguments) => until_signal(link::link(arguments, session), session).await,
        Command::History(arguments) => {
            until_signal(receipt::history(arguments, session), session).await
        }
        Command::Receipt(arguments) => {
            until_signal(receipt::receipt(arguments, session), session).await
        }
        Command::Metrics(arguments) => {
            until_signal(metrics::metrics(arguments, session), session).await
        }
        Command::Doctor(arguments) => {
            until_signal(doctor::doctor(arguments, session), session).await
        }
        Command::Watch(command) => until_signal(watch::watch(command, session), session).await,
        Command::Profile(command) => {
            until_signal(profile::profile(command, session), session).await
        }
    }
}

async fn until_signal(
    work: impl Future<Output = Result<Exit, Fault>>,
    session: &Session,
) -> Result<Exit, Fault> {
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = session.signals.received() => Ok(Exit::Interrupted),
    }
}

/// Opens the queue for the command line.
pub(crate) async fn open(data_dir: Option<std::path::PathBuf>) -> Result<App, Fault> {
    open_as(Host::CommandLine, data_dir).await
}

/// Opens the queue for a command that only reads: it works while a window or a put runs.
pub(crate) async fn open_reading(data_dir: Option<std::path::PathBuf>) -> Result<App, Fault> {
    open_as(Host::Reader, data_dir).await
}

async fn open_as(host: Host, data_dir: Option<std::path::PathBuf>) -> Result<App, Fault> {
    let options = OpenOptions {
        data_dir,
        host,
        desktop_proxies: None,
        keyring: Keyring::System,
        updates: None,
    };
    App::open(options).await
}
