//! What is measured: for each row a payload, a store's behaviour, who sends it, and what is to be
//! reached.

use super::contender::Contender;
use super::figures::Figure;
use super::payload::Payload;

use Contender::{
    AliOss, AlibabaV2, Boto3, Bound, BoundMd5, Ferry, FerryStrict, ObjectStore, Opendal, Oss2,
    Rclone, S5cmd, TransferManager,
};
use Figure::{Cpu, Peak, Wall};

/// What a row's first contender is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Against {
    /// The same figure of another one.
    Contender(Contender),
    /// The least of all peers.
    BestPeer,
    /// The time that a link of so many bytes a second takes for the payload.
    Link(u64),
    /// A figure by itself.
    Itself,
}

/// The first contender's median figure is at most this many times the other's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Goal {
    pub(super) figure: Figure,
    pub(super) most: f64,
    pub(super) against: Against,
}

/// What the sink speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Tcp,
    Tls,
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) payload: Payload,
    /// The same in `--quick`.
    pub(super) quick: Payload,
    /// How the store behaves, in words.
    pub(super) store: &'static str,
    /// The sink's options for it.
    pub(super) options: &'static [&'static str],
    pub(super) transport: Transport,
    /// The first is the one that the goals are about.
    pub(super) contenders: &'static [Contender],
    /// How many connections the bound opens.
    pub(super) connections: u32,
    pub(super) goals: &'static [Goal],
}

impl Row {
    /// Those of the row that its goals take, and a bound.
    pub(super) fn needed(&self, contender: Contender) -> bool {
        let named = |goal: &Goal| match goal.against {
            Against::Contender(other) => other == contender,
            Against::BestPeer => matches!(contender, TransferManager | Opendal | ObjectStore),
            Against::Link(_) | Against::Itself => false,
        };
        self.contenders.first() == Some(&contender)
            || contender.is_bound()
            || self.goals.iter().any(named)
    }
}

const LARGE: Payload = Payload::File(4 << 30);
const QUICK_LARGE: Payload = Payload::File(1 << 30);
const SMALL: Payload = Payload::Files(5_000, 8 << 10);
const QUICK_SMALL: Payload = Payload::Files(1_000, 8 << 10);

/// Bytes a second of the slow link, as its sink is told.
const LINK: u64 = 200_000_000;

const FAULTS: &[&str] = &["--unavailable", "0.01", "--resets", "0.005", "--seed", "7"];

const EVERYBODY: &[Contender] = &[
    Ferry,
    Bound,
    TransferManager,
    ObjectStore,
    Opendal,
    S5cmd,
    Rclone,
    Boto3,
    Oss2,
    AlibabaV2,
    AliOss,
];

/// Those whose figures under faults or over a slow link say something.
const FEW: &[Contender] = &[Ferry, Bound, TransferManager, ObjectStore, Opendal, S5cmd, Rclone];

/// The bound neither retries nor resumes.
const WITH_RETRIES: &[Contender] = &[Ferry, TransferManager, ObjectStore, Opendal, S5cmd, Rclone];

const fn goal(figure: Figure, most: f64, against: Against) -> Goal {
    Goal { figure, most, against }
}

/// All of them, in the order of their running.
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "large",
        payload: LARGE,
        quick: QUICK_LARGE,
        store: "answers at once",
        options: &[],
        transport: Transport::Tcp,
        contenders: EVERYBODY,
        connections: 8,
        goals: &[
            goal(Wall, 0.65, Against::Contender(TransferManager)),
            goal(Cpu, 0.65, Against::Contender(TransferManager)),
            goal(Cpu, 1.3, Against::Contender(Bound)),
            goal(Peak, 48.0, Against::Itself),
        ],
    },
    Row {
        name: "large-tls",
        payload: LARGE,
        quick: QUICK_LARGE,
        store: "speaks TLS and answers at once",
        options: &[],
        transport: Transport::Tls,
        contenders: &[Ferry, TransferManager, ObjectStore, Opendal, S5cmd, Rclone, Boto3],
        connections: 8,
        goals: &[goal(Wall, 0.9, Against::BestPeer)],
    },
    Row {
        name: "large-strict",
        payload: LARGE,
        quick: QUICK_LARGE,
        store: "answers at once; the bound has an MD5 in each head as well",
        options: &[],
        transport: Transport::Tcp,
        contenders: &[FerryStrict, BoundMd5],
        connections: 8,
        goals: &[goal(Wall, 1.1, Against::Contender(BoundMd5))],
    },
    Row {
        name: "small",
        payload: SMALL,
        quick: QUICK_SMALL,
        store: "answers at once",
        options: &[],
        transport: Transport::Tcp,
        contenders: EVERYBODY,
        connections: 8,
        goals: &[goal(Wall, 0.9, Against::Contender(ObjectStore))],
    },
    Row {
        name: "small-50ms",
        payload: SMALL,
        quick: QUICK_SMALL,
        store: "answers after 50 ms",
        options: &["--latency-ms", "50"],
        transport: Transport::Tcp,
        contenders: FEW,
        connections: 256,
        goals: &[goal(Wall, 0.7, Against::Contender(S5cmd))],
    },
    Row {
        name: "large-50ms",
        payload: LARGE,
        quick: QUICK_LARGE,
        store: "answers after 50 ms",
        options: &["--latency-ms", "50"],
        transport: Transport::Tcp,
        contenders: FEW,
        connections: 8,
        goals: &[
            goal(Wall, 0.8, Against::Contender(TransferManager)),
            goal(Peak, 96.0, Against::Itself),
        ],
    },
    Row {
        name: "large-faults",
        payload: LARGE,
        quick: QUICK_LARGE,
        store: "answers 1 % with 503 and resets 0.5 %",
        options: FAULTS,
        transport: Transport::Tcp,
        contenders: WITH_RETRIES,
        connections: 8,
        goals: &[goal(Wall, 0.8, Against::Contender(TransferManager))],
    },
    Row {
        name: "small-faults",
        payload: SMALL,
        quick: QUICK_SMALL,
        store: "answers 1 % with 503 and resets 0.5 %",
        options: FAULTS,
        transport: Transport::Tcp,
        contenders: WITH_RETRIES,
        connections: 8,
        goals: &[goal(Wall, 1.3, Against::Contender(ObjectStore))],
    },
    Row {
        name: "link",
        payload: QUICK_LARGE,
        quick: QUICK_LARGE,
        store: "takes 25 MB/s of a connection and 200 MB/s in all",
        options: &["--connection-rate", "25000000", "--total-rate", "200000000"],
        transport: Transport::Tcp,
        contenders: FEW,
        connections: 8,
        // 95 % of the link.
        goals: &[goal(Wall, 1.0 / 0.95, Against::Link(LINK))],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_about_those_who_are_measured() {
        for row in ROWS {
            for goal in row.goals {
                if let Against::Contender(other) = goal.against {
                    assert!(row.contenders.contains(&other), "{}: {other:?}", row.name);
                    assert!(row.needed(other), "{}: {other:?}", row.name);
                }
                if let Against::Link(rate) = goal.against {
                    let rate = rate.to_string();
                    assert!(row.options.contains(&rate.as_str()), "{}", row.name);
                }
            }
        }
    }
}
