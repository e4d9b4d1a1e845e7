//! What is asked of the user where a profile is held.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fault::FaultKind;

/// What lets a held profile go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum HeldAction {
    /// Another AccessKey, or its secret alone.
    EnterKey,
    /// Another try with what is there: it was put right elsewhere.
    TryAgain,
    /// A look at the profile: bucket, endpoint, the command that prints its key.
    EditProfile,
}

/// What is offered where this holds a profile, the likeliest to help first.
pub fn offered_for_held(kind: FaultKind) -> &'static [HeldAction] {
    use HeldAction::{EditProfile, EnterKey, TryAgain};
    match kind {
        FaultKind::KeyringLocked => &[TryAgain],
        // A command runs outside, and is written down in the profile.
        FaultKind::CredentialProcessFailed => &[TryAgain, EditProfile],
        // Without a keyring, a key can be kept until Ferry ends.
        FaultKind::KeyringAbsent => &[EnterKey, TryAgain],
        kind if kind.key_trouble().is_some() => &[EnterKey, TryAgain],
        _ => &[EditProfile, TryAgain],
    }
}

/// Whether this holds every profile for the same cause: one answer is for all of them.
pub fn holds_all_alike(kind: FaultKind) -> bool {
    kind == FaultKind::KeyringLocked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Affects;

    #[test]
    fn whatever_holds_a_profile_can_be_tried_again() {
        let holding = FaultKind::ALL.iter().filter(|kind| kind.affects() == Affects::Profile);
        for kind in holding {
            let offered = offered_for_held(*kind);
            assert!(offered.contains(&HeldAction::TryAgain), "{kind:?}");
            let asks_for_key = offered.first() == Some(&HeldAction::EnterKey);
            let is_of_key = kind.key_trouble().is_some() || *kind == FaultKind::KeyringAbsent;
            let is_outside = *kind == FaultKind::CredentialProcessFailed;
            assert_eq!(asks_for_key, is_of_key && !is_outside, "{kind:?}");
        }
    }
}
