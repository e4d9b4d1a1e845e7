//! What follows from a failed request: the retry table.
//!
//! [`reaction`] is the only place that decides it. It looks at the kind of the fault, at how far
//! the request came, at what was tried before, and at whom the endpoint's health blames. The engine
//! executes the answer; it does not look at the kind itself.

use std::time::Duration;

use crate::fault::{Affects, Fault, FaultKind, Retry};

/// The longest wait a store can ask for by `Retry-After`.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How far a request came before it failed: whether its effect may have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing of it reached a store: repeating it is always safe.
    NotSent,
    /// The store may have carried it out: an Initiate or Complete must be reconciled, not repeated.
    Perhaps,
    /// The store answered for good: it did not carry it out, or ([`FaultKind::CallbackFailed`]) it
    /// did.
    Answered,
}

/// Whether a request of which no answer came may simply be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It has the same effect twice as once.
    Freely,
    /// Initiate and Complete: what became of it has to be asked first.
    UnlessDoubtful,
}

/// Whom a failure is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The item: others fare well, or a probe did.
    Item,
    /// The endpoint: others fare no better.
    Endpoint,
}

/// What one failed attempt was.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// What went wrong.
    pub fault: &'a Fault,
    /// How far the request came.
    pub delivery: Delivery,
    /// Whether it may be sent again without asking.
    pub repeat: Repeat,
    /// Whether only the clock was wrong and its offset is known now.
    pub sign_again: bool,
}

/// What was tried before for the same purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Attempts that count against the item, this one excluded.
    pub spent: u32,
    /// Failures in a row, counted or not: they set the length of the next wait.
    pub failures: u32,
    /// Whether the request was signed again for the clock already.
    pub signed_again: bool,
    /// Whether the key was replaced, or no other key could be had.
    pub key_replaced: bool,
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Sign and send again at once. Counts as no attempt.
    SignAgain,
    /// Ask for another key and send again; if there is none, ask the table again.
    ReplaceKey,
    /// Wait, then send again.
    Retry {
        /// At least this long.
        after: Duration,
        /// Whether the attempt counts.
        counts: Counts,
    },
    /// It may have taken effect: wait, then ask the store what became of it.
    AskStore {
        /// At least this long.
        after: Duration,
    },
    /// Every transfer of the profile waits until the user changes something.
    HoldProfile,
    /// The state machine decides: an answer it knows, or the item fails.
    Report,
}

/// Whether an attempt counts against the item's bounded tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It does.
    Yes,
    /// Others fared no better: it is not the item's failure.
    No,
}

/// Attempts of one request for one item, the first included, and the waits between them.
///
/// The vendors' own three attempts within 1.6 s are too few for an upload without a watcher
/// (alibabacloud-oss-go-sdk-v2 `oss/retry`).
pub const ATTEMPTS: u32 = 10;
/// Attempts to merge: a store may need minutes for a large object and answer 500 meanwhile.
pub const MERGE_ATTEMPTS: u32 = 20;
/// The ceiling of the first wait; it doubles with each failure. The vendors' SDKs begin with as much
/// (alibabacloud-oss-go-sdk-v2 `oss/retry`). A store that asks to slow down gets no longer one:
/// fewer requests side by side are what it asks for, see [`crate::concurrency`].
const BASE: Duration = Duration::from_millis(200);
/// The largest ceiling of a wait.
const CAP: Duration = Duration::from_secs(30);

/// What to do after `failure`, the `history.spent + 1`-th attempt, where `blame` says whether the
/// item or the endpoint failed. `random` (0 to 1) is the jitter.
pub fn reaction(failure: &Failure<'_>, history: &History, blame: Blame, random: f64) -> Reaction {
    let kind = failure.fault.kind;
    if failure.sign_again && !history.signed_again {
        return Reaction::SignAgain;
    }
    if asks_for_another_key(kind) && !history.key_replaced {
        return Reaction::ReplaceKey;
    }
    let after = backoff(failure.fault, history.failures, random);
    let doubtful =
        failure.delivery == Delivery::Perhaps && failure.repeat == Repeat::UnlessDoubtful;
    let most = if failure.repeat == Repeat::UnlessDoubtful { MERGE_ATTEMPTS } else { ATTEMPTS };
    let counts = match (kind.affects(), blame) {
        (Affects::Profile, _) => return Reaction::HoldProfile,
        (Affects::Computer | Affects::Volume, _) | (Affects::Endpoint, Blame::Endpoint) => {
            Counts::No
        }
        (Affects::Endpoint, Blame::Item) | (Affects::Item, _) => Counts::Yes,
    };
    let used_up = counts == Counts::Yes && history.spent + 1 >= most;
    let once = kind.retry() == Retry::Once && history.spent > 0;
    if kind.retry() == Retry::No || used_up || once {
        return Reaction::Report;
    }
    if doubtful {
        return Reaction::AskStore { after };
    }
    // A connection that broke says nothing about the next one.
    let at_once = kind == FaultKind::ConnectionLost && history.failures == 0;
    Reaction::Retry { after: if at_once { Duration::ZERO } else { after }, counts }
}

/// Whether another key may help: a token can end, and a key can be rotated, while files are sent.
fn asks_for_another_key(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::TokenExpired | FaultKind::BadAccessKey)
}

/// The wait after `failures` failures in a row. Full jitter: `random` of a ceiling that doubles.
/// What the store asks for by `Retry-After` is a minimum, itself at most [`LONGEST_RETRY_AFTER`].
pub fn backoff(fault: &Fault, failures: u32, random: f64) -> Duration {
    let doubled = BASE.saturating_mul(1u32.checked_shl(failures).unwrap_or(u32::MAX));
    let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 1.0 };
    let jittered = doubled.min(CAP).mul_f64(random);
    jittered.max(retry_after(fault))
}

/// What the store asked for, within its cap.
pub fn retry_after(fault: &Fault) -> Duration {
    let asked = fault.retry_after_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    asked.unwrap_or_default().min(LONGEST_RETRY_AFTER)
}

#[cfg(test)]
#[path = "reaction_tests.rs"]
mod tests;
