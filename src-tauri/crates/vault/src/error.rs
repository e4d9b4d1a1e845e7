//! What can go wrong with a keyring, without a word of what is in it.

use ferry_model::{Fault, FaultKind};

/// Why the keyring did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is locked, and was not unlocked.
    #[error("the keyring is locked")]
    Locked,
    /// There is no keyring here.
    #[error("there is no keyring")]
    Absent,
    /// The system refuses this program the keyring.
    #[error("the system refuses access to the keyring")]
    Denied,
    /// No answer in time: most likely it shows a prompt without an answer. What was asked is not
    /// carried out, whatever happens to the prompt.
    #[error("the keyring did not answer in time")]
    TimedOut,
    /// The keyring began what it was asked and did not answer in time. Most likely it shows a
    /// prompt: once the user answers that, it is carried out.
    #[error("the keyring did not answer in time and may still do what it was asked")]
    InDoubt,
    /// It failed, or holds something that is not ours. The text names what, and holds nothing of an
    /// entry's content.
    #[error("the keyring failed: {0}")]
    Broken(String),
}

impl VaultError {
    /// The fault that shows this to a person.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Locked => Fault::new(FaultKind::KeyringLocked),
            Self::TimedOut | Self::InDoubt | Self::Denied => {
                Fault::new(FaultKind::KeyringLocked).with_detail(self.to_string())
            }
            Self::Absent => Fault::new(FaultKind::KeyringAbsent),
            // The key cannot be had from it; what helps is the same as without one: type it again.
            Self::Broken(_) => Fault::new(FaultKind::KeyringAbsent).with_detail(self.to_string()),
        }
    }
}
