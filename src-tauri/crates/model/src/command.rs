//! What a user may do with a transfer, and when: one table for the engine, the window and the
//! command line.

use crate::fault::FaultKind;
use crate::machine::{PhaseName, Standing};
use crate::profile::ExistingPolicy;

/// A command for transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferCommand {
    /// Stop; what is acknowledged stays.
    Pause,
    /// Go on with what is paused.
    Resume,
    /// Try again what failed; of a file that changed on disk this means [`Self::StartOver`].
    Retry,
    /// Upload a file that changed on disk as it is now: with its size unchanged, only parts that
    /// differ are sent again; otherwise the old upload is aborted and a new one begins.
    StartOver,
    /// Upload a file that changed on disk as [`Self::StartOver`] does, once nothing has changed it
    /// for [`crate::source::QUIET`].
    WaitUntilQuiet,
    /// Take the upload back on the store.
    Cancel,
    /// Take the row off the list; one with something open on the store is cancelled first.
    Remove,
    /// An object is in the way: decide by this policy, then go on. To skip also leaves out a file
    /// that changed on disk.
    Decide(ExistingPolicy),
}

impl TransferCommand {
    /// Every command that can be given, the likeliest first.
    pub const ALL: &'static [Self] = &[
        Self::Pause,
        Self::Resume,
        Self::Retry,
        Self::StartOver,
        Self::WaitUntilQuiet,
        Self::Decide(ExistingPolicy::Overwrite),
        Self::Decide(ExistingPolicy::Skip),
        Self::Decide(ExistingPolicy::Rename),
        Self::Cancel,
        Self::Remove,
    ];

    /// Whether the command applies to a transfer in this state. `fault` is why it stopped.
    pub fn allowed(self, phase: PhaseName, standing: Standing, fault: Option<FaultKind>) -> bool {
        let withdraws = standing == Standing::Active && phase.takes_back();
        match self {
            // What is being taken back cannot be paused: it would leave an upload open that the
            // user believes gone.
            Self::Pause => standing == Standing::Active && !withdraws,
            Self::Resume => standing == Standing::Paused,
            Self::Retry => match standing {
                Standing::Failed => !is_refused_for_good(phase, fault),
                standing => standing == Standing::SourceChanged,
            },
            Self::StartOver => standing.has_changed_source(),
            Self::WaitUntilQuiet => standing == Standing::SourceChanged,
            Self::Cancel => !standing.has_ended() && !withdraws,
            Self::Remove => !withdraws,
            // To ask is no decision.
            Self::Decide(ExistingPolicy::Ask) => false,
            Self::Decide(ExistingPolicy::Skip) => {
                standing == Standing::Conflict || standing.has_changed_source()
            }
            Self::Decide(_) => standing == Standing::Conflict,
        }
    }
}

/// What is offered for all files that stand so and wait for the user, the likeliest to help first.
pub fn offered_for_all(standing: Standing) -> &'static [TransferCommand] {
    use TransferCommand::{Decide, Remove, Retry, StartOver, WaitUntilQuiet};
    match standing {
        Standing::Conflict => &[
            Decide(ExistingPolicy::Rename),
            Decide(ExistingPolicy::Overwrite),
            Decide(ExistingPolicy::Skip),
        ],
        Standing::SourceChanged | Standing::UntilQuiet => {
            &[StartOver, WaitUntilQuiet, Decide(ExistingPolicy::Skip)]
        }
        Standing::Failed => &[Retry, Remove],
        _ => &[],
    }
}

/// Whether a row may leave the list at once: it has ended, or never asked anything of the store.
pub fn is_removable(phase: PhaseName, standing: Standing) -> bool {
    standing.has_ended() || phase == PhaseName::Fresh
}

/// Whether taking the row off the list gives up work: it runs, rests on purpose, or the store holds
/// something of it.
pub fn is_unfinished(phase: PhaseName, standing: Standing) -> bool {
    matches!(standing, Standing::Active | Standing::Paused) || !is_removable(phase, standing)
}

/// What only another add can change: sending it after all would follow a link, replace another file
/// of the same batch, or meet the same rule again.
fn is_refused_for_good(phase: PhaseName, fault: Option<FaultKind>) -> bool {
    match fault {
        Some(
            FaultKind::KeyCollision
            | FaultKind::KeyInvalid
            | FaultKind::NameNotUnicode
            | FaultKind::SourceIsLink
            | FaultKind::TooLarge,
        ) => phase == PhaseName::Fresh,
        // Numbers of profiles are never used again.
        Some(FaultKind::NoSuchProfile) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(phase: PhaseName, standing: Standing, fault: Option<FaultKind>) -> String {
        let name = |command: &TransferCommand| match command {
            TransferCommand::Pause => "pause",
            TransferCommand::Resume => "resume",
            TransferCommand::Retry => "retry",
            TransferCommand::StartOver => "startOver",
            TransferCommand::WaitUntilQuiet => "wait",
            TransferCommand::Cancel => "cancel",
            TransferCommand::Remove => "remove",
            TransferCommand::Decide(ExistingPolicy::Overwrite) => "overwrite",
            TransferCommand::Decide(ExistingPolicy::Skip) => "skip",
            TransferCommand::Decide(ExistingPolicy::Rename) => "rename",
            TransferCommand::Decide(_) => "decide",
        };
        let allowed: Vec<&str> = TransferCommand::ALL
            .iter()
            .filter(|command| command.allowed(phase, standing, fault))
            .map(name)
            .collect();
        allowed.join(" ")
    }

    #[test]
    fn each_state_allows_what_helps_it() {
        use FaultKind as F;
        use PhaseName::{
            Aborting, Completing, Contested, Fresh, Putting, Sending, Settled, Withdrawing,
        };
        use Standing::{
            Active, Cancelled, Conflict, Done, Failed, Paused, Skipped, SourceChanged, UntilQuiet,
        };
        for (phase, standing, fault, expected) in [
            (Fresh, Active, None, "pause cancel remove"),
            (Sending, Active, None, "pause cancel remove"),
            (Completing, Active, None, "pause cancel remove"),
            (Aborting, Active, None, ""),
            (Withdrawing, Active, None, ""),
            (Fresh, Paused, None, "resume cancel remove"),
            (Sending, Paused, None, "resume cancel remove"),
            (Sending, Failed, Some(F::SourceMissing), "retry cancel remove"),
            (Putting, Failed, Some(F::AccessDenied), "retry cancel remove"),
            (Aborting, Failed, Some(F::AccessDenied), "retry cancel remove"),
            (Fresh, Failed, Some(F::SourceUnreadable), "retry cancel remove"),
            (Fresh, Failed, Some(F::KeyCollision), "cancel remove"),
            (Fresh, Failed, Some(F::KeyInvalid), "cancel remove"),
            (Fresh, Failed, Some(F::NameNotUnicode), "cancel remove"),
            (Fresh, Failed, Some(F::SourceIsLink), "cancel remove"),
            (Fresh, Failed, Some(F::TooLarge), "cancel remove"),
            (Sending, Failed, Some(F::SourceIsLink), "retry cancel remove"),
            (Sending, Failed, Some(F::NoSuchProfile), "cancel remove"),
            (Fresh, Conflict, Some(F::AlreadyExists), "overwrite skip rename cancel remove"),
            (Contested, Conflict, Some(F::AlreadyExists), "overwrite skip rename cancel remove"),
            (
                Sending,
                SourceChanged,
                Some(F::SourceChanged),
                "retry startOver wait skip cancel remove",
            ),
            (
                Fresh,
                SourceChanged,
                Some(F::SourceBehindLink),
                "retry startOver wait skip cancel remove",
            ),
            (Sending, UntilQuiet, Some(F::SourceChanged), "startOver skip cancel remove"),
            (Settled, Done, None, "remove"),
            (Settled, Done, Some(F::CallbackFailed), "remove"),
            (Settled, Skipped, None, "remove"),
            (Settled, Cancelled, None, "remove"),
        ] {
            assert_eq!(names(phase, standing, fault), expected, "{phase:?} {standing:?} {fault:?}");
        }
    }

    #[test]
    fn asking_is_no_decision() {
        let ask = TransferCommand::Decide(ExistingPolicy::Ask);
        assert!(!ask.allowed(PhaseName::Fresh, Standing::Conflict, None));
    }

    #[test]
    fn only_what_left_nothing_behind_goes_at_once() {
        for (phase, standing, removable, unfinished) in [
            (PhaseName::Settled, Standing::Done, true, false),
            (PhaseName::Settled, Standing::Cancelled, true, false),
            (PhaseName::Fresh, Standing::Active, true, true),
            (PhaseName::Fresh, Standing::Paused, true, true),
            (PhaseName::Fresh, Standing::Failed, true, false),
            (PhaseName::Fresh, Standing::Conflict, true, false),
            (PhaseName::Sending, Standing::Failed, false, true),
            (PhaseName::Contested, Standing::Conflict, false, true),
            (PhaseName::Aborting, Standing::Active, false, true),
        ] {
            let found = (is_removable(phase, standing), is_unfinished(phase, standing));
            assert_eq!(found, (removable, unfinished), "{phase:?} {standing:?}");
        }
    }
}
