//! The grammar of `ferry bench`.

use std::time::Duration;

use clap::{Args, value_parser};
use ferry_app::BenchPlan;
use ferry_app::model::size::parse_bytes;

use super::{
    ConnectionArguments, Data, NetworkArguments, PaceArguments, ProgressArguments, WaitArguments,
};

#[derive(Debug, Args)]
#[command(after_help = COSTS)]
pub(crate) struct BenchArguments {
    /// The bucket: a profile's name, or oss://BUCKET/[PREFIX] or s3://BUCKET/[PREFIX]
    #[arg(value_name = "PROFILE|DESTINATION")]
    pub(crate) bucket: String,
    /// Bytes of the large files together, each of about 64MiB; 16MiB to 1TiB
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE", default_value = "128MiB")]
    size: u64,
    /// Small files; up to 100000
    #[arg(long, value_name = "N", default_value_t = BenchPlan::default().files)]
    files: u64,
    /// Bytes of a small file; up to 8MiB
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE", default_value = "16KiB")]
    file_size: u64,
    /// Seconds after which a phase ends, done or not
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    seconds: u64,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) pace: PaceArguments,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) progress: ProgressArguments,
    #[command(flatten)]
    pub(crate) data: Data,
    /// JSON on stdout, one object a line; the last one has the figures
    #[arg(long)]
    pub(crate) json: bool,
}

impl BenchArguments {
    /// What is sent.
    pub(crate) fn plan(&self) -> BenchPlan {
        BenchPlan { size: self.size, files: self.files, file_size: self.file_size }
    }

    /// How long a phase may take.
    pub(crate) fn most_time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

const COSTS: &str = "It uploads generated files below a prefix of their own and deletes them \
again, also when it is
interrupted. That costs traffic and requests, and takes the rights to upload and to delete. Your
queue is left alone. Objects are made without the profile's callback, ACL, tags and storage class.";
