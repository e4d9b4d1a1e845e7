//! The grammar of `ferry recover`.

use std::path::PathBuf;

use clap::Args;
use ferry_app::model::Destination;

use super::TransferArguments;

#[derive(Debug, Args)]
#[command(after_help = WHOSE)]
pub(crate) struct RecoverArguments {
    /// Where the lost put was going: oss://BUCKET/[PREFIX] or s3://BUCKET/[PREFIX]
    #[arg(value_parser = destination)]
    pub(crate) destination: Destination,
    /// The files and folders of that put
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only show what is there and what can be done about it [default]
    #[arg(long, group = "action")]
    pub(crate) list: bool,
    /// Go on with the uploads that are ours, and wait for their end
    #[arg(long, group = "action")]
    pub(crate) resume: bool,
    /// Abort the uploads that are ours, and of the others those named by --upload
    #[arg(long, group = "action")]
    pub(crate) abort: bool,
    /// Only this upload; may be given several times
    #[arg(long = "upload", value_name = "UPLOAD-ID")]
    pub(crate) uploads: Vec<String>,
    #[command(flatten)]
    pub(crate) transfer: TransferArguments,
}

const WHOSE: &str = "An upload is ours where a file given here has its key and the checksum of \
every part agrees with
that file, which is read for it. Give the options of the lost put that make keys. Another Ferry
that sends the same file to the same key now cannot be told from a lost queue: look at the age.";

fn destination(text: &str) -> Result<Destination, String> {
    Destination::parse(text).map_err(|fault| fault.to_string())
}
