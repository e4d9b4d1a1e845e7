//! The grammar of `ferry history` and `ferry receipt`.

use clap::error::ErrorKind;
use clap::{Args, ValueEnum};
use ferry_app::ReceiptFormat;
use ferry_app::model::BatchId;

use super::{Data, NetworkArguments};

#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// At most so many batches
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: u64,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArguments {
    /// A number from `ferry history`
    #[arg(value_parser = batch, value_name = "BATCH")]
    pub(crate) batch: BatchId,
    /// How it is written
    #[arg(long, value_enum, default_value_t = FormatChoice::Text)]
    pub(crate) format: FormatChoice,
    /// For lists of digests: read the local files whose digest was not computed while they were
    /// uploaded. Those that changed since are left out
    #[arg(long)]
    pub(crate) read_files: bool,
    /// Ask the store for each object, and tell those that are gone or no longer what was verified
    #[arg(long, conflicts_with = "read_files")]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) data: Data,
}

/// How a receipt is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatChoice {
    /// For people
    Text,
    /// A table
    Csv,
    /// One JSON object a line, the batch first
    Json,
    /// For sha256sum --check: the files whose SHA-256 was computed
    Sha256sum,
    /// For md5sum --check: the files whose MD5 was computed
    Md5sum,
    /// An ASC Media Hash List of the files whose MD5 was computed
    Mhl,
}

impl FormatChoice {
    /// The format for programs, unless it is for people.
    pub(crate) fn for_programs(self) -> Option<ReceiptFormat> {
        match self {
            Self::Text => None,
            Self::Csv => Some(ReceiptFormat::Csv),
            Self::Json => Some(ReceiptFormat::Json),
            Self::Sha256sum => Some(ReceiptFormat::Sha256sum),
            Self::Md5sum => Some(ReceiptFormat::Md5sum),
            Self::Mhl => Some(ReceiptFormat::Mhl),
        }
    }
}

impl ReceiptArguments {
    /// What cannot be asked for together.
    pub(super) fn check(&self) -> Result<(), (ErrorKind, String)> {
        let for_people_or_json = matches!(self.format, FormatChoice::Text | FormatChoice::Json);
        if self.verify && !for_people_or_json {
            let why = "--verify tells its results as text or as JSON".to_owned();
            return Err((ErrorKind::ArgumentConflict, why));
        }
        let lists_digests = self.format.for_programs().is_some_and(ReceiptFormat::lists_digests);
        if self.read_files && !lists_digests {
            let why = "--read-files is for sha256sum, md5sum and mhl".to_owned();
            return Err((ErrorKind::ArgumentConflict, why));
        }
        Ok(())
    }
}

fn batch(text: &str) -> Result<BatchId, String> {
    text.parse().map(BatchId).map_err(|_| format!("{text} is no number"))
}
