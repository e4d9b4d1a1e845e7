//! A life as planned from its seed: what the world is like, and what happens in it.

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
    /// The life of a seed.
    pub fn of(seed: u64) -> Self {
        let random = &mut fastrand::Rng::with_seed(seed);
        let mut options = Options::random(random);
        let count = random.usize(4..18);
        let mut steps = vec![Step { after_ms: 0, act: add(random, &options) }];
        // In a third of the lives a file is written to while its first bytes are read: left to
        // chance, hardly any change would meet a file with some parts sent and some not.
        if random.u8(..3) == 0 {
            let edit = Edit::ALL[random.usize(..Edit::CONTENTS)];
            let act = Act::EditLater(random.usize(..16), edit, random.u64(1..60));
            steps.push(Step { after_ms: 0, act });
        }
        for _ in 0..count {
            // Short ones meet requests under way; long ones let things come to rest.
            let longest = [20, 300, 3_000, 60_000][random.usize(..4)];
            steps.push(Step { after_ms: random.u64(0..longest), act: act(random, &options) });
        }
        // From a source of its own, so that everything else of a seed stays as it was.
        let random = &mut fastrand::Rng::with_seed(!seed);
        for step in &mut steps {
            if let Act::Outage(_, _, reach, _) = &mut step.act
                && random.u8(..3) == 0
            {
                *reach = Reach::Writes;
            }
        }
        // Likewise at the end, where they move no step that a regression leaves out.
        for _ in 0..random.usize(..6) {
            let longest = [20, 300, 3_000, 60_000][random.usize(..4)];
            steps.push(Step { after_ms: random.u64(0..longest), act: late_act(random) });
        }
        if random.u8(..3) == 0 {
            options.parallel = Parallel::Automatic;
        }
        let random = &mut fastrand::Rng::with_seed(seed.rotate_left(32));
        for _ in 0..random.usize(..8) {
            let longest = [20, 3_000, 7_000, 12_000, 60_000][random.usize(..5)];
            let act = undo_act(random);
            steps.push(Step { after_ms: random.u64(0..longest), act });
        }
        Self { seed, options, steps }
    }

    /// The same life without the steps at these places.
    #[must_use]
    pub fn without(&self, dropped: &[usize]) -> Self {
        let kept = self.steps.iter().enumerate().filter(|(at, _)| !dropped.contains(at));
        Self { steps: kept.map(|(_, step)| step.clone()).collect(), ..self.clone() }
    }
}

impl Options {
    fn random(random: &mut fastrand::Rng) -> Self {
        let provider = if random.u8(..4) == 0 { Provider::S3 } else { Provider::Oss };
        let mut faults = Vec::new();
        // A third of the worlds have a network without single faults: what goes wrong there is
        // what the steps say.
        if random.u8(..3) > 0 {
            for fault in Fault::ALL {
                if random.u8(..4) == 0 {
                    faults.push((fault, [5, 20, 80, 200][random.usize(..4)]));
                }
            }
        }
        Self {
            provider,
            complete_again: [Again::Refused, Again::Repeated][random.usize(..2)],
            page: [1_000, 2, 3][random.usize(..3)],
            integrity: [Integrity::Standard, Integrity::Standard, Integrity::Strict]
                [random.usize(..3)],
            profiles: random.usize(1..=2),
            parallel: Parallel::Fixed(random.u32(1..=6)),
            faults,
            latency_ms: [1, 20, 200, 2_000][random.usize(..4)],
            cursed: [Cursed::None, Cursed::None, Cursed::None, Cursed::Refused, Cursed::Failing]
                [random.usize(..5)],
        }
    }
}

/// Bytes of a part: as few as the service takes.
pub fn part_size(provider: Provider) -> u64 {
    ferry_model::PartLimits::of(provider).min_part_size
}

fn policy(random: &mut fastrand::Rng) -> ExistingPolicy {
    [
        ExistingPolicy::Ask,
        ExistingPolicy::Skip,
        ExistingPolicy::Overwrite,
        ExistingPolicy::Rename,
        ExistingPolicy::SkipIdentical,
    ][random.usize(..5)]
}

fn file(random: &mut fastrand::Rng, provider: Provider) -> NewFile {
    let part = part_size(provider);
    let edge = |random: &mut fastrand::Rng, parts: u64| part * parts + random.u64(0..3) - 1;
    let size = match (random.u8(..8), provider) {
        (0, _) => 0,
        (1..=3, _) => random.u64(1..5_000),
        // Large parts cost time: one file in twelve.
        (_, Provider::S3) if random.u8(..6) > 0 => random.u64(1..50_000),
        (_, Provider::S3) => part + random.u64(1..1_000),
        (4, Provider::Oss) => edge(random, 1),
        (5, Provider::Oss) => {
            let parts = random.u64(2..5);
            edge(random, parts)
        }
        (_, Provider::Oss) => random.u64(part + 1..8 * part),
    };
    NewFile { size, content: random.u64(..) }
}

fn add(random: &mut fastrand::Rng, options: &Options) -> Act {
    let count = [1, 2, 4, 9][random.usize(..4)];
    Act::Add {
        profile: random.usize(..options.profiles),
        files: (0..count).map(|_| file(random, options.provider)).collect(),
        existing: policy(random),
        folder: random.bool(),
    }
}

fn rows(random: &mut fastrand::Rng) -> Rows {
    if random.u8(..3) == 0 { Rows::All } else { Rows::One(random.usize(..16)) }
}

fn user_command(random: &mut fastrand::Rng) -> UserCommand {
    match random.u8(..10) {
        0..=2 => UserCommand::Pause,
        3..=5 => UserCommand::Resume,
        6..=7 => UserCommand::Retry,
        8 => UserCommand::Cancel,
        _ => UserCommand::Decide(policy(random)),
    }
}

fn act(random: &mut fastrand::Rng, options: &Options) -> Act {
    let profile = random.usize(..options.profiles);
    let edit = Edit::ALL[random.usize(..Edit::ALL.len())];
    match random.u8(..100) {
        0..=14 => add(random, options),
        15..=18 => Act::AddAgain(random.usize(..8)),
        19..=43 => Act::UserCommand(user_command(random), rows(random)),
        44..=49 => Act::Edit(random.usize(..16), edit),
        50..=56 => Act::EditLater(random.usize(..16), edit, random.u64(1..40)),
        57..=62 => Act::Crash,
        63..=75 => Act::CrashAt(random.u64(1..60)),
        76..=78 => Act::Restart,
        79..=80 => Act::Clock(random.i64(-90_000..90_000)),
        81..=86 => Act::Outage(
            profile,
            Outage::ALL[random.usize(..Outage::ALL.len())],
            Reach::All,
            [5, 90, 900, 7_200][random.usize(..4)],
        ),
        87..=88 => Act::KeyEnds(profile),
        89..=91 => Act::NewKey(profile),
        92..=94 => Act::Stranger(random.usize(..16)),
        95..=96 => Act::Expire(random.usize(..4)),
        97..=98 => Act::LosePart(random.usize(..4)),
        _ => Act::Parallel(Parallel::Fixed(random.u32(1..8))),
    }
}

/// What is done in a window, and what comes between.
fn undo_act(random: &mut fastrand::Rng) -> Act {
    let user_command = match random.u8(..8) {
        0..=1 => UserCommand::Cancel,
        2..=3 => UserCommand::Remove,
        4 => UserCommand::Decide(ExistingPolicy::Overwrite),
        5 => UserCommand::Decide(ExistingPolicy::SkipIdentical),
        _ => UserCommand::Decide(ExistingPolicy::Skip),
    };
    match random.u8(..20) {
        0..=8 => Act::Give(user_command, rows(random)),
        9..=12 => Act::Undo,
        13 => Act::Crash,
        14..=15 => Act::CrashAt(random.u64(1..20)),
        16 => Act::Restart,
        17 => Act::UserCommand(
            [UserCommand::Pause, UserCommand::Resume, UserCommand::Retry][random.usize(..3)],
            Rows::All,
        ),
        18 => Act::Move(Place::ALL[random.usize(..4)], rows(random)),
        _ => Act::AddAgain(random.usize(..8)),
    }
}

fn late_act(random: &mut fastrand::Rng) -> Act {
    let edit = Edit::ALL[random.usize(..Edit::CONTENTS)];
    match random.u8(..12) {
        0..=1 => Act::TryNow,
        2..=4 => Act::Unplug(random.usize(..8)),
        5..=6 => Act::Plug(random.usize(..8)),
        7 => Act::EditLater(random.usize(..16), edit, random.u64(1..40)),
        8 => Act::UserCommand(UserCommand::StartOver, rows(random)),
        9..=10 => Act::UserCommand(UserCommand::WaitUntilQuiet, rows(random)),
        _ => Act::UserCommand(UserCommand::Remove, rows(random)),
    }
}
