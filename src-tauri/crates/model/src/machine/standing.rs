//! Whether a transfer runs, rests or has ended.

use serde::{Deserialize, Serialize};

/// Whether a transfer runs, rests, or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// It runs, or waits for its turn.
    Active,
    /// The user paused it.
    Paused,
    /// A fault stopped it; a retry goes on from what the store has.
    Failed,
    /// Another object has that name; the user chooses.
    Conflict,
    /// The file is another than when it was queued; the user chooses.
    SourceChanged,
    /// As [`Self::SourceChanged`], and the user chose: it is uploaded once nothing has changed it
    /// for [`crate::source::QUIET`].
    UntilQuiet,
    /// The store's object agrees with the file.
    Done,
    /// Left out on purpose: an object of that name was there.
    Skipped,
    /// The user cancelled it.
    Cancelled,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 9] = [
        Self::Active,
        Self::Paused,
        Self::Failed,
        Self::Conflict,
        Self::SourceChanged,
        Self::UntilQuiet,
        Self::Done,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// How a list of transfers groups them, for its filters and counts.
    pub fn group(self) -> StandingGroup {
        match self {
            Self::Active => StandingGroup::Active,
            Self::Paused => StandingGroup::Paused,
            // A file that is waited for belongs here too: the decision may still be another.
            Self::Failed | Self::Conflict | Self::SourceChanged | Self::UntilQuiet => {
                StandingGroup::Attention
            }
            Self::Done | Self::Skipped | Self::Cancelled => StandingGroup::Ended,
        }
    }

    /// Whether nothing will ever happen again.
    pub fn has_ended(self) -> bool {
        self.group() == StandingGroup::Ended
    }

    /// Whether the moment is kept at which it came to stand so: it ended, or it failed.
    pub fn keeps_its_moment(self) -> bool {
        self.has_ended() || self == Self::Failed
    }

    /// Whether the file is another than when it was queued.
    pub fn has_changed_source(self) -> bool {
        matches!(self, Self::SourceChanged | Self::UntilQuiet)
    }

    /// Whether nothing happens until the user decides: it needs attention, and is not waited for.
    pub fn waits_for_user(self) -> bool {
        self.group() == StandingGroup::Attention && self != Self::UntilQuiet
    }
}

/// Standings as a list of transfers groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StandingGroup {
    /// It runs, or waits for its turn.
    Active,
    /// The user paused it.
    Paused,
    /// It needs attention: failed, name taken, file changed.
    Attention,
    /// It has ended: done, skipped, cancelled.
    Ended,
}
