//! A life as planned from its seed: what the world is like, and what happens in it.

mod random;

use std::time::Duration;

use ferry_model::concurrency::Parallel;
use ferry_model::{ExistingPolicy, Integrity, Place, Provider};

use crate::store::{Again, Fate, Operation};

/// What a world is like.
#[derive(Debug, Clone)]
pub struct Options {
    /// The stores' dialect.
    pub provider: Provider,
    /// What the stores say to a second Complete.
    pub complete_again: Again,
    /// Rows of a page of the stores' lists.
    pub page: usize,
    /// How much is checked.
    pub integrity: Integrity,
    /// Profiles, each with a bucket of its own.
    pub profiles: usize,
    /// Requests side by side.
    pub parallel: Parallel,
    /// Faults by name, and how many of a thousand requests meet each.
    pub faults: Vec<(Fault, u32)>,
    /// The longest way there or back, in milliseconds.
    pub latency_ms: u64,
    /// Whether the requests of one file are refused for good.
    pub cursed: Cursed,
}

/// Whether one file can never succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursed {
    /// None.
    None,
    /// The first one is refused.
    Refused,
    /// The first one is answered with failures inside the store.
    Failing,
}

/// What may happen to a single request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the Fate of that name")]
pub enum Fault {
    Unreachable,
    ServerError,
    Throttled,
    Reset,
    AnswerLost,
    DoneButRefused,
    Late,
    Silent,
    DoneButSilent,
    Foreign,
    Damaged,
    Dropped,
    Merging,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Unreachable,
        Self::ServerError,
        Self::Throttled,
        Self::Reset,
        Self::AnswerLost,
        Self::DoneButRefused,
        Self::Late,
        Self::Silent,
        Self::DoneButSilent,
        Self::Foreign,
        Self::Damaged,
        Self::Dropped,
        Self::Merging,
    ];

    /// What it comes to for a request with a body of this size.
    pub fn fate(self, random: &mut fastrand::Rng, size: u64) -> Fate {
        match self {
            Self::Unreachable => Fate::Unreachable,
            Self::ServerError => {
                let answers = [(500, "InternalError"), (503, "ServiceUnavailable"), (502, "")];
                let (status, code) = answers[random.usize(..answers.len())];
                Fate::Refused(status, code, None)
            }
            Self::Throttled => {
                let answers = [(503, "SlowDown"), (429, "TooManyRequests")];
                let (status, code) = answers[random.usize(..answers.len())];
                Fate::Refused(status, code, random.bool().then(|| random.u32(0..30)))
            }
            Self::Reset => Fate::Reset(random.u64(0..=size)),
            Self::AnswerLost => Fate::AnswerLost,
            Self::DoneButRefused => Fate::DoneButRefused(500, "InternalError"),
            Self::Late => Fate::Late(Duration::from_millis(random.u64(1..3_000))),
            Self::Silent => Fate::Silent,
            Self::DoneButSilent => Fate::DoneButSilent,
            Self::Foreign => Fate::Foreign,
            Self::Damaged => Fate::Damaged,
            Self::Dropped => Fate::Dropped,
            Self::Merging => Fate::Merging(Duration::from_secs(random.u64(5..400))),
        }
    }
}

/// What a file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Written over in place by as many bytes.
    Rewrite,
    /// Written over in place, the modification time set back.
    RewriteQuietly,
    /// Replaced by another file of another size.
    Replace,
    /// Longer.
    Append,
    /// Shorter.
    Truncate,
    /// The same bytes, saved again.
    Touch,
    /// Gone.
    Remove,
    /// A link to a secret.
    LinkToSecret,
    /// Unreadable.
    Forbid,
    /// Readable again.
    Allow,
}

impl Edit {
    /// How many of [`Self::ALL`], from its first, change what a file holds.
    const CONTENTS: usize = 5;

    const ALL: [Self; 10] = [
        Self::Rewrite,
        Self::RewriteQuietly,
        Self::Replace,
        Self::Append,
        Self::Truncate,
        Self::Touch,
        Self::Remove,
        Self::LinkToSecret,
        Self::Forbid,
        Self::Allow,
    ];
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the TransferCommand of that name")]
pub enum UserCommand {
    Pause,
    Resume,
    Retry,
    StartOver,
    WaitUntilQuiet,
    Cancel,
    Remove,
    Decide(ExistingPolicy),
}

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// All of them.
    All,
    /// One, counted around.
    One(usize),
}

/// A new file: bytes are made from the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewFile {
    /// How many bytes.
    pub size: u64,
    /// Of what content.
    pub content: u64,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Files are made and added, in a folder or one by one.
    Add {
        /// Under which profile, counted around.
        profile: usize,
        /// The files.
        files: Vec<NewFile>,
        /// What happens to existing objects.
        existing: ExistingPolicy,
        /// Whether they are added as one folder.
        folder: bool,
    },
    /// An earlier add is done again, counted around.
    AddAgain(usize),
    /// The user wants something, at once.
    UserCommand(UserCommand, Rows),
    /// The user wants something, in a window: what destroys or skips something waits.
    Give(UserCommand, Rows),
    /// The user takes back what waits and was given last.
    Undo,
    /// The user moves files within their batches.
    Move(Place, Rows),
    /// A file changes now, counted around.
    Edit(usize, Edit),
    /// A file changes after so many looks at files.
    EditLater(usize, Edit, u64),
    /// The program dies.
    Crash,
    /// The program dies at the so-manieth moment of a request.
    CrashAt(u64),
    /// The program ends in order and starts again.
    Restart,
    /// The computer's clock is set, in seconds ahead.
    Clock(i64),
    /// For so many seconds, requests of a profile's store meet this.
    Outage(usize, Outage, Reach, u64),
    /// The profile's key ends.
    KeyEnds(usize),
    /// The profile has a new key.
    NewKey(usize),
    /// Another client writes an object under a row's key.
    Stranger(usize),
    /// The store drops an open upload.
    Expire(usize),
    /// The store loses a part.
    LosePart(usize),
    /// Another number of requests side by side.
    Parallel(Parallel),
    /// The user asks the endpoints that are away again, now.
    TryNow,
    /// The volume of an add is unplugged, counted around.
    Unplug(usize),
    /// It is plugged in again, under another number.
    Plug(usize),
}

/// How a store is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Outage {
    Unreachable,
    InternalError,
    Unavailable,
    TooMany,
    Resets,
    Silence,
    Foreign,
}

impl Outage {
    const ALL: [Self; 7] = [
        Self::Unreachable,
        Self::InternalError,
        Self::Unavailable,
        Self::TooMany,
        Self::Resets,
        Self::Silence,
        Self::Foreign,
    ];

    /// What a request meets meanwhile.
    pub fn fate(self) -> Fate {
        match self {
            Self::Unreachable => Fate::Unreachable,
            Self::InternalError => Fate::Refused(500, "InternalError", None),
            Self::Unavailable => Fate::Refused(503, "ServiceUnavailable", None),
            Self::TooMany => Fate::Refused(429, "TooManyRequests", Some(5)),
            Self::Resets => Fate::Reset(0),
            Self::Silence => Fate::Silent,
            Self::Foreign => Fate::Foreign,
        }
    }
}

/// Which requests an outage meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// Those that write: a firewall, a full store or a link too slow for bodies answers the others.
    Writes,
}

impl Reach {
    /// Whether a request of this operation meets it.
    pub fn meets(self, operation: Operation) -> bool {
        match self {
            Self::All => true,
            Self::Writes => operation.writes(),
        }
    }
}

/// One step of a life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How long after the one before, in milliseconds.
    pub after_ms: u64,
    /// What happens.
    pub act: Act,
}

/// A whole life.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// What the world is like.
    pub options: Options,
    /// What happens.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The same life without the steps at these places.
    #[must_use]
    pub fn without(&self, dropped: &[usize]) -> Self {
        let kept = self.steps.iter().enumerate().filter(|(at, _)| !dropped.contains(at));
        Self { steps: kept.map(|(_, step)| step.clone()).collect(), ..self.clone() }
    }
}

/// Bytes of a part: as few as the service takes.
pub fn part_size(provider: Provider) -> u64 {
    ferry_model::PartLimits::of(provider).min_part_size
}
