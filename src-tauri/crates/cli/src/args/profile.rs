//! The grammar of `ferry profile`.

use clap::{Args, Subcommand};
use ferry_app::messages::KeySourceChoice;
use ferry_app::model::profile::PlainHttp;
use ferry_app::model::{Addressing, KeyForm, LimitSchedule, Provider, SignVersion};

use super::upload::{UploadArguments, one_of};
use super::{Data, NetworkArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Add a profile. Its keys come from OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and
    /// OSS_SESSION_TOKEN (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN for s3)
    /// and go to the system's keyring.
    Add(Box<AddArguments>),
    /// Take over a profile that another tool has: ossutil, aliyun, aws, rclone. Without a name it
    /// shows what there is.
    Import(ImportArguments),
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
        network: NetworkArguments,
        #[command(flatten)]
        data: Data,
    },
}

impl ProfileCommand {
    /// Whether it does nothing but show something.
    pub(crate) fn only_shows(&self) -> bool {
        match self {
            Self::List { .. } => true,
            Self::Import(import) => import.candidate.is_none(),
            Self::Add(_) | Self::Remove { .. } | Self::Test { .. } => false,
        }
    }
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
    /// Where its keys are kept: in the system's keyring, or in the environment of each run
    #[arg(long, value_name = "keyring|environment", value_parser = key_source)]
    pub(crate) keys: Option<KeySourceChoice>,
    /// A command that prints its keys as JSON (credential_process), run anew before they end
    #[arg(long, value_name = "COMMAND", conflicts_with = "keys")]
    pub(crate) key_command: Option<String>,
    /// Signature version for oss (v4 or v1)
    #[arg(long, default_value = "v4", value_name = "v4|v1")]
    pub(crate) sign: SignVersion,
    /// How the bucket stands in the URL
    #[arg(long, default_value = "auto", value_name = "auto|virtual|path|cname")]
    pub(crate) addressing: Addressing,
    /// Unencrypted http to hosts other than this computer
    #[arg(long, default_value = "refuse", value_name = "allow|refuse")]
    pub(crate) plain_http: PlainHttp,
    /// Whether names are composed (NFC) or used as the file system has them
    #[arg(long, default_value = "nfc", value_name = "nfc|as-is")]
    pub(crate) key_form: KeyForm,
    /// For a connection to stand [default: as the settings say, at first 10]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) connect_timeout: Option<u32>,
    /// Without any progress, until a request counts as stalled [default: as the settings say, at
    /// first 60]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) idle_timeout: Option<u32>,
    /// Most requests with a body side by side; 0 for Ferry's own limit alone
    #[arg(long, value_name = "N")]
    pub(crate) connections: Option<u32>,
    /// Most bytes a second of the profile's transfers together, within other limits: as 10MiB/s or
    /// off; by the hour, as 08:00-19:00=2MiB/s,off, of which the last holds otherwise
    #[arg(long, default_value = "off", value_name = "RATE")]
    pub(crate) limit: LimitSchedule,
    /// Custom domain of public links, as https://img.example.com
    #[arg(long, default_value = "", value_name = "URL")]
    pub(crate) link_domain: String,
    /// Hosts that are reached without the proxy, separated by commas, as NO_PROXY has them
    #[arg(long, default_value = "", value_name = "HOSTS", requires = "proxy")]
    pub(crate) direct_hosts: String,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) upload: UploadArguments,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// What to take over: its name, or TOOL:NAME where two tools have one of that name
    #[arg(value_name = "NAME", conflicts_with_all = ["list", "json"])]
    pub(crate) candidate: Option<String>,
    /// Show what there is; nothing is stored
    #[arg(long)]
    pub(crate) list: bool,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// The new profile's name [default: its name there]
    #[arg(long = "as", value_name = "NAME", requires = "candidate")]
    pub(crate) name: Option<String>,
    /// The bucket [default: as there]
    #[arg(long, value_name = "B", requires = "candidate")]
    pub(crate) bucket: Option<String>,
    /// The store's address [default: as there]
    #[arg(long, value_name = "URL", requires = "candidate")]
    pub(crate) endpoint: Option<String>,
    /// The bucket's region [default: as there]
    #[arg(long, value_name = "ID", requires = "candidate")]
    pub(crate) region: Option<String>,
    /// Put before every key [default: as there]
    #[arg(long, value_name = "P", requires = "candidate")]
    pub(crate) prefix: Option<String>,
    /// Do not ask before the key is stored
    #[arg(long, requires = "candidate")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) data: Data,
}

fn key_source(text: &str) -> Result<KeySourceChoice, String> {
    one_of(
        text,
        &[("keyring", KeySourceChoice::Keyring), ("environment", KeySourceChoice::Environment)],
    )
}
