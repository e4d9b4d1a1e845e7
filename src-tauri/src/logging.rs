//! What the shell writes to standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Warnings and errors go to standard error; `FERRY_LOG` asks for more, in the form of `tracing`'s
/// filters.
pub(crate) fn start() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("FERRY_LOG")
        .from_env_lossy();
    let installed =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    if let Err(error) = installed {
        eprintln!("Logging is off: {error}");
    }
}
