//! `ferry metrics`, and `--metrics` of the commands that run transfers.

use std::net::SocketAddr;

use clap::Args;
use ferry_app::model::hook::Hook;

use super::Data;

/// What is printed.
#[derive(Debug, Args)]
pub(crate) struct MetricsArguments {
    #[command(flatten)]
    pub(crate) data: Data,
}

/// What is told of a run while it goes on: metrics, and hooks.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServeArguments {
    /// Serve Prometheus metrics at http://ADDRESS/metrics while the command runs, as
    /// 127.0.0.1:9633; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", value_parser = address, help_heading = METRICS)]
    pub(crate) metrics: Option<SocketAddr>,
    /// Serve them at an address that other computers reach: there is no password
    #[arg(long, requires = "metrics", help_heading = METRICS)]
    pub(crate) metrics_public: bool,
    /// Call a command or an address when something ends: EVENT=URL or EVENT=COMMAND, where EVENT is
    /// verified, failed or batch. It gets JSON as the body of a POST, or on its standard input. No
    /// shell runs. May be given several times
    #[arg(long = "hook", value_name = "EVENT=TARGET")]
    pub(crate) hooks: Vec<Hook>,
}

const METRICS: &str = "Metrics";

impl ServeArguments {
    /// Whether other computers reach them without `--metrics-public`.
    pub(crate) fn is_too_wide(&self) -> bool {
        !self.metrics_public && self.metrics.is_some_and(|address| !address.ip().is_loopback())
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "it is an address with a port, as 127.0.0.1:9633".to_owned())
}
