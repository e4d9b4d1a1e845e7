//! How a command shows how far it is.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ProgressArguments {
    /// How progress is shown on stderr; with --json it is on stdout instead
    #[arg(long, value_enum, value_name = "HOW", default_value = "auto")]
    pub(crate) progress: ProgressChoice,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressChoice {
    /// A block of lines on a terminal, as `plain` elsewhere
    Auto,
    /// A line now and then, for logs and pipes
    Plain,
    /// Not at all: faults and the summary only
    None,
}
