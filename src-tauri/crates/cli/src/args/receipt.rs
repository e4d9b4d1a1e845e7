//! The grammar of `ferry history` and `ferry receipt`.

use clap::{Args, ValueEnum};
use ferry_app::ReceiptFormat;
use ferry_app::model::BatchId;

use super::Data;

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
        }
    }
}

fn batch(text: &str) -> Result<BatchId, String> {
    text.parse().map(BatchId).map_err(|_| format!("{text} is no number"))
}
