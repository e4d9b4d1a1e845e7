//! What the shell writes to standard error, and keeps in memory for an export of diagnostics.

use ferry_app::RecentLog;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

/// Warnings and errors go to standard error; `FERRY_LOG` asks for more, in the form of `tracing`'s
/// filters. Ferry's own lines are kept from a little below.
pub(crate) fn start() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("FERRY_LOG")
        .from_env_lossy();
    let told = fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    let ours = Targets::new().with_target("ferry", LevelFilter::INFO);
    let kept = fmt::layer().with_ansi(false).with_writer(|| RecentLog).with_filter(ours);
    if let Err(error) = tracing_subscriber::registry().with(told).with(kept).try_init() {
        eprintln!("Logging is off: {error}");
    }
}
