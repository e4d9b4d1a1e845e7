//! What `ferry put` and `ferry recover` share.

use std::path::PathBuf;

use clap::Args;
use ferry_app::App;
use ferry_app::model::concurrency::{MOST_PARALLEL, Parallel};
use ferry_app::model::schedule::LimitSchedule;
use ferry_app::model::source::DEFAULT_EXCLUDES;
use ferry_app::model::{Addressing, Fault, Network, Patterns, SignVersion};

use super::{Data, ProgressArguments, ServeArguments, UploadArguments, WaitArguments};

/// Where files go to, which of them, what their objects shall be like, and how the command runs.
#[derive(Debug, Args)]
pub(crate) struct TransferArguments {
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) chosen: ChosenFiles,
    #[command(flatten)]
    pub(crate) pace: PaceArguments,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) progress: ProgressArguments,
    #[command(flatten)]
    pub(crate) serve: ServeArguments,
    #[command(flatten)]
    pub(crate) upload: UploadArguments,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whose address and keys.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectionArguments {
    /// Address and keys of this profile; without one, from the options and the environment
    #[arg(long, value_name = "NAME", conflicts_with_all = ["endpoint", "region", "sign", "addressing"])]
    pub(crate) profile: Option<String>,
    /// The store's address, as https://oss-cn-hangzhou.aliyuncs.com
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The bucket's region, as cn-hangzhou
    #[arg(long, value_name = "ID")]
    pub(crate) region: Option<String>,
    /// Signature version for oss:// (v4 or v1)
    #[arg(long, default_value = "v4", value_name = "v4|v1")]
    pub(crate) sign: SignVersion,
    /// How the bucket stands in the URL
    #[arg(long, default_value = "auto", value_name = "auto|virtual|path|cname")]
    pub(crate) addressing: Addressing,
}

/// Which way stores are reached.
#[derive(Debug, Default, Args)]
pub(crate) struct NetworkArguments {
    /// Go through this proxy, as http://user@proxy.example.com:3128 (http, https, socks5, socks5h;
    /// its password from FERRY_PROXY_PASSWORD); `none` goes through none, `system` does as the
    /// environment and the system say [default: the profile's, else system]
    #[arg(long, value_name = "URL|none|system", help_heading = NETWORK)]
    proxy: Option<String>,
    /// Trust the certificate authorities in this PEM file beside the system's
    #[arg(long = "ca", value_name = "FILE", help_heading = NETWORK)]
    ca_file: Option<PathBuf>,
}

const NETWORK: &str = "Network";

impl NetworkArguments {
    /// What they say.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`](ferry_app::model::FaultKind::ProxyInvalid) for a proxy that
    /// cannot be read.
    pub(crate) fn network(&self) -> Result<Network, Fault> {
        ferry_app::network(self.proxy.as_deref(), self.ca_file.as_deref())
    }
}

/// What of the folders' contents is meant.
#[derive(Debug, Args)]
pub(crate) struct ChosenFiles {
    /// Of folders, only files that match, as *.jpg or raw/*; may be given several times
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,
    /// Of folders, leave out files and folders that match; may be given several times, and then
    /// replaces the default; "" leaves out nothing
    #[arg(long, value_name = "PATTERN", default_values = DEFAULT_EXCLUDES)]
    exclude: Vec<String>,
}

impl ChosenFiles {
    /// The patterns.
    pub(crate) fn patterns(&self) -> Patterns {
        Patterns { include: given(&self.include), exclude: given(&self.exclude) }
    }
}

/// The patterns of an option that may be given several times; "" is none.
pub(super) fn given(patterns: &[String]) -> Vec<String> {
    patterns.iter().filter(|pattern| !pattern.is_empty()).cloned().collect()
}

/// How fast.
#[derive(Debug, Clone, Args)]
pub(crate) struct PaceArguments {
    /// Requests side by side for large files' parts, and as many for small files: auto, or a number
    /// up to 256
    #[arg(long, value_name = "auto|N", value_parser = parse_parallel)]
    pub(crate) parallel: Option<Parallel>,
    /// Most bytes a second, as 10MiB/s or off; by the hour, as 08:00-19:00=2MiB/s,off, of which the
    /// last holds otherwise
    #[arg(long, value_name = "RATE")]
    pub(crate) limit: Option<LimitSchedule>,
}

impl PaceArguments {
    /// Sets the pace of this process: as the arguments say, and as the settings do elsewhere.
    pub(crate) fn set(&self, app: &App) {
        app.set_pace_of_this_run(self.parallel, self.limit.clone());
    }
}

fn parse_parallel(text: &str) -> Result<Parallel, String> {
    match text.parse() {
        _ if text == "auto" => Ok(Parallel::Automatic),
        Ok(number) if (1..=MOST_PARALLEL).contains(&number) => Ok(Parallel::Fixed(number)),
        _ => Err(format!("neither auto nor a number from 1 to {MOST_PARALLEL}")),
    }
}
