//! Lives drawn from a seed.

use ferry_model::concurrency::Parallel;
use ferry_model::{ExistingPolicy, Integrity, Place, Provider};

use super::{
    Act, Cursed, Edit, Fault, NewFile, Options, Outage, Plan, Reach, Rows, Step, UserCommand,
    part_size,
};
use crate::store::Again;

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
