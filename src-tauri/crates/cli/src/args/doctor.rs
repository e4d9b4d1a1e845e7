//! The grammar of `ferry doctor`.

use std::path::PathBuf;

use clap::Args;

use super::{Data, NetworkArguments};

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Its name [default: the default profile]
    #[arg(value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// One JSON object on stdout
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write what support asks for into this file: versions, settings, figures, the log, and
    /// what was found; no key and no secret
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) data: Data,
}
