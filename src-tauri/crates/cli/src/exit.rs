//! The exit codes, which scripts rely on.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All verified, or done.
    Fine,
    /// Something failed or waits.
    Failed,
    /// The arguments cannot be understood.
    Usage,
    /// Stopped by a signal; the same command goes on.
    Interrupted,
    /// The reader of the list is gone: as a shell tells of a program that SIGPIPE ended.
    ReaderLeft,
}

impl Exit {
    /// Every one, in the order of their codes.
    pub(crate) const ALL: [Self; 5] =
        [Self::Fine, Self::Failed, Self::Usage, Self::Interrupted, Self::ReaderLeft];

    /// What the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Interrupted => 130,
            Self::ReaderLeft => 141,
        }
    }

    /// What it means, for the help.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Fine => "everything that was asked for is done, and every upload verified",
            Self::Failed => "something failed or waits, each with its reason, or output was lost",
            Self::Usage => "the arguments cannot be understood",
            Self::Interrupted => "a signal ended it; the same command goes on where it was",
            Self::ReaderLeft => "the reader of a list left",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// All codes, as the help ends with them.
pub(crate) fn help() -> String {
    let lines = Exit::ALL.map(|exit| format!("  {:<5}{}", exit.code(), exit.meaning()));
    format!("Exit codes:\n{}", lines.join("\n"))
}
