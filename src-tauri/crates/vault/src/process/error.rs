//! What can go wrong with a credential command, without a word of the key it may have printed.

use ferry_model::{Fault, FaultKind};

/// Why a credential command gave no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{program}: {cause}")]
pub struct ProcessError {
    /// The program's file name; the rest of the command line may hold secrets, so it is never
    /// shown.
    pub program: String,
    /// What happened.
    pub cause: ProcessCause,
}

/// What happened to a credential command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessCause {
    /// The line as typed is no command.
    #[error("{0}")]
    NotACommand(&'static str),
    /// The program could not be started; the system's words.
    #[error("it could not be started: {0}")]
    NotStarted(String),
    /// Reading from it failed; the system's words.
    #[error("it could not be read from: {0}")]
    Unreadable(String),
    /// It ended with another code than 0.
    #[error("it ended with {status}{}", after_colon(.said))]
    Failed {
        /// How it ended.
        status: String,
        /// The end of what it wrote to its standard error, short, with all that looks like a key
        /// left out.
        said: String,
    },
    /// It did not end in time, and was killed with all it had started.
    #[error("it did not answer within {0} seconds")]
    TimedOut(u64),
    /// It wrote more than any key takes, and was killed.
    #[error("it wrote more than {0} bytes")]
    TooMuch(usize),
    /// What it wrote is none of the forms that are known.
    #[error("{0}")]
    BadAnswer(&'static str),
    /// The key it gave has ended already.
    #[error("the key it gave had already ended, at {0}")]
    Ended(String),
    /// It gave the key again that the store had refused.
    #[error("it gave the same key again that the store had refused")]
    SameAgain,
}

fn after_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl ProcessError {
    /// The fault that shows this to a person.
    pub fn fault(&self) -> Fault {
        let fault =
            Fault::new(FaultKind::CredentialProcessFailed).with_detail(self.cause.to_string());
        if self.program.is_empty() { fault } else { fault.with_subject(self.program.clone()) }
    }
}
