//! The command line's grammar.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ferry_app::messages::RowState;
use ferry_app::model::{Addressing, Destination, ExistingPolicy, Integrity, Provider, SignVersion, TransferId, size};

/// Upload files to Alibaba Cloud OSS and S3-compatible stores: verified, resumable, without a window.
#[derive(Debug, Parser)]
#[command(name = "ferry", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload files and folders. Run again with the same paths and destination, it goes on where it was.
    Put(PutArguments),
    /// Show the queue.
    Queue(QueueArguments),
    /// Go on with paused and interrupted transfers, and wait for their end.
    Resume(Selected),
    /// Pause transfers.
    Pause(Selected),
    /// Cancel transfers and abort their uploads on the store.
    Cancel(Selected),
    /// Try failed transfers again, and wait for their end.
    Retry(Selected),
    /// Keep bucket profiles.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Run an OSS and S3 server on a folder, for trying and testing.
    Sandbox(SandboxArguments),
}

/// Where the queue is.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// Folder of queue and settings [default: FERRY_DATA_DIR, else the system's place]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PutArguments {
    /// Files and folders. `folder` keeps its name in the keys, `folder/` uploads what is in it.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// oss://BUCKET/[PREFIX] or s3://BUCKET/[PREFIX]
    #[arg(value_name = "DESTINATION", value_parser = Destination::parse)]
    pub(crate) destination: Destination,
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
    /// Bytes of a part, as 8MiB; raised where the service needs more
    #[arg(long, value_parser = size::parse_bytes, value_name = "SIZE")]
    pub(crate) part_size: Option<u64>,
    /// Requests side by side for large files' parts, and as many for small files
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) parallel: Option<u32>,
    /// What happens when an object of that name exists [default: the profile's, else ask]
    #[arg(long, value_name = "ask|skip|overwrite|rename")]
    pub(crate) existing: Option<ExistingPolicy>,
    /// How much is checked [default: the profile's, else standard]
    #[arg(long, value_name = "standard|strict")]
    pub(crate) integrity: Option<Integrity>,
    /// Most bytes a second, as 10MiB/s
    #[arg(long, value_parser = size::parse_bytes, value_name = "RATE")]
    pub(crate) limit: Option<u64>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QueueArguments {
    /// Only transfers of this state: queued, paused, failed, conflict, sourceChanged, done, skipped, cancelled
    #[arg(long, value_parser = state, value_name = "S")]
    pub(crate) state: Option<RowState>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Selected {
    /// Numbers from `ferry queue`
    #[arg(required_unless_present = "all", value_name = "ID")]
    pub(crate) ids: Vec<TransferId>,
    /// All transfers that are not finished
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Add a profile. Its keys come from OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN (AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN for s3) and go to the system's keyring.
    Add(AddArguments),
    /// List the profiles.
    List {
        #[command(flatten)]
        data: Data,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Remove a profile and its keys.
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// Begin and take back an upload under a profile's prefix.
    Test {
        /// Its name [default: the default profile]
        name: Option<String>,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// The profile's name
    pub(crate) name: String,
    /// Whose dialect the store speaks
    #[arg(long, value_name = "oss|s3")]
    pub(crate) provider: Provider,
    /// The store's address, or a URL copied from the console
    #[arg(long, default_value = "", value_name = "URL")]
    pub(crate) endpoint: String,
    /// The bucket's region, as cn-hangzhou
    #[arg(long, default_value = "", value_name = "ID")]
    pub(crate) region: String,
    /// The bucket
    #[arg(long, default_value = "", value_name = "B")]
    pub(crate) bucket: String,
    /// Put before every key
    #[arg(long, default_value = "", value_name = "P")]
    pub(crate) prefix: String,
    /// The window opens with this profile
    #[arg(long)]
    pub(crate) default: bool,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxArguments {
    /// The folder behind it
    #[arg(long, value_name = "DIR")]
    pub(crate) root: PathBuf,
    /// Where it listens; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// A bucket to have; may be given several times [default: sandbox]
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Vec<String>,
    /// The AccessKey id it accepts [default: a fresh one]
    #[arg(long, value_name = "ID", requires = "access_key_secret")]
    pub(crate) access_key_id: Option<String>,
    /// The secret to it
    #[arg(long, value_name = "S", requires = "access_key_id")]
    pub(crate) access_key_secret: Option<String>,
    /// Accept any signature
    #[arg(long)]
    pub(crate) no_verify: bool,
}

fn state(text: &str) -> Result<RowState, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| "one of queued, paused, failed, conflict, sourceChanged, done, skipped, cancelled".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_holds() {
        Arguments::command().debug_assert();
        let parsed = Arguments::try_parse_from(["ferry", "put", "a", "b c", "oss://photos/x/", "--limit", "10MiB/s", "--sign", "v1"]);
        let Ok(Arguments { command: Command::Put(put) }) = parsed else { panic!("{parsed:?}") };
        assert_eq!((put.paths.len(), put.limit, put.sign), (2, Some(10 << 20), SignVersion::V1));
        for wrong in [
            &["ferry", "put", "a"][..],
            &["ferry", "put", "a", "http://x/"],
            &["ferry", "put", "a", "oss://photos/", "--existing", "maybe"],
            &["ferry", "resume"],
            &["ferry", "queue", "--state", "odd"],
        ] {
            let error = Arguments::try_parse_from(wrong).expect_err("refused");
            assert_eq!(error.exit_code(), 2, "{wrong:?}");
        }
    }
}
