//! Commands that destroy or skip something wait before they are carried out, and can be undone
//! until then.
//!
//! While a command waits, the rows that it is for are neither run nor changed. To undo it is to
//! drop it: the rows are what they were, and go on from there. Who types a command, on the command
//! line, has said what is meant: there it is carried out at once. Whatever ends the program drops
//! what waits.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::command::TransferCommand;
use crate::machine::{PhaseName, Standing};
use crate::profile::ExistingPolicy;

/// How long a command can be undone.
pub const UNDO: Duration = Duration::from_secs(8);

/// A command that waits: it destroys or skips something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deferred {
    /// The object on the store is replaced.
    Replace,
    /// The same, unless it is the file already.
    ReplaceDiffering,
    /// The file is left out.
    Skip,
    /// What the store holds of the upload is taken back.
    Cancel,
    /// The same, and the row leaves the list.
    Remove,
}

impl Deferred {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Replace, Self::ReplaceDiffering, Self::Skip, Self::Cancel, Self::Remove];

    /// What is carried out in the end.
    pub fn command(self) -> TransferCommand {
        match self {
            Self::Replace => TransferCommand::Decide(ExistingPolicy::Overwrite),
            Self::ReplaceDiffering => TransferCommand::Decide(ExistingPolicy::SkipIdentical),
            Self::Skip => TransferCommand::Decide(ExistingPolicy::Skip),
            Self::Cancel => TransferCommand::Cancel,
            Self::Remove => TransferCommand::Remove,
        }
    }

    /// Whether it is for a transfer in this state. Why one stopped makes no difference to any of
    /// them.
    pub fn is_for(self, phase: PhaseName, standing: Standing) -> bool {
        self.command().allowed(phase, standing, None)
    }

    /// How a transfer of this standing will stand, as far as a list shows it before.
    pub fn becomes(self, standing: Standing) -> Standing {
        match self {
            Self::Replace | Self::ReplaceDiffering => Standing::Active,
            Self::Skip => Standing::Skipped,
            // What has ended is removed as it is; the list keeps it until then.
            Self::Cancel | Self::Remove if !standing.has_ended() => Standing::Cancelled,
            Self::Cancel | Self::Remove => standing,
        }
    }

    /// Every state it is for.
    pub fn states(self) -> impl Iterator<Item = (PhaseName, Standing)> {
        let all = PhaseName::ALL.into_iter();
        all.flat_map(|phase| Standing::ALL.map(|standing| (phase, standing)))
            .filter(move |(phase, standing)| self.is_for(*phase, *standing))
    }
}

impl TransferCommand {
    /// The command as one that waits; `None` for one that destroys nothing.
    pub fn deferred(self) -> Option<Deferred> {
        Deferred::ALL.into_iter().find(|deferred| deferred.command() == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultKind;

    #[test]
    fn what_destroys_or_skips_waits_and_nothing_else_does() {
        use TransferCommand as C;
        for (command, deferred) in [
            (C::Pause, None),
            (C::Resume, None),
            (C::Retry, None),
            (C::StartOver, None),
            (C::WaitUntilQuiet, None),
            (C::Decide(ExistingPolicy::Overwrite), Some(Deferred::Replace)),
            (C::Decide(ExistingPolicy::SkipIdentical), Some(Deferred::ReplaceDiffering)),
            (C::Decide(ExistingPolicy::Skip), Some(Deferred::Skip)),
            (C::Decide(ExistingPolicy::Rename), None),
            (C::Decide(ExistingPolicy::Ask), None),
            (C::Cancel, Some(Deferred::Cancel)),
            (C::Remove, Some(Deferred::Remove)),
        ] {
            assert_eq!(command.deferred(), deferred, "{command:?}");
        }
    }

    #[test]
    fn the_reason_a_transfer_stopped_does_not_decide_what_waits() {
        for deferred in Deferred::ALL {
            for phase in PhaseName::ALL {
                for standing in Standing::ALL {
                    let plain = deferred.is_for(phase, standing);
                    for fault in FaultKind::ALL {
                        let command = deferred.command();
                        let allowed = command.allowed(phase, standing, Some(*fault));
                        assert_eq!(allowed, plain, "{deferred:?} {phase:?} {standing:?} {fault:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_that_waits_for_a_command_still_needs_the_user() {
        for deferred in Deferred::ALL {
            for (phase, standing) in deferred.states() {
                let becomes = deferred.becomes(standing);
                assert!(!becomes.waits_for_user(), "{deferred:?} {phase:?} {standing:?}");
                assert!(becomes == standing || !standing.has_ended(), "{deferred:?} {standing:?}");
            }
        }
    }

    #[test]
    fn what_is_taken_back_already_is_left_alone() {
        for deferred in Deferred::ALL {
            let states: Vec<_> = deferred.states().collect();
            assert!(!states.is_empty(), "{deferred:?}");
            let taken_back = |(phase, standing): &(PhaseName, Standing)| {
                *standing == Standing::Active && phase.takes_back()
            };
            assert!(!states.iter().any(taken_back), "{deferred:?}");
        }
    }
}
