//! What is measured: for each row a payload, a store's behaviour, who sends it, and what is to be
//! reached.

use super::contender::Contender;
use super::figures::Figure;
use super::payload::Payload;

use Contender::{Bound, Ferry, S5cmd};

/// What Ferry's figure is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Against {
    /// The same figure of another one.
    Contender(Contender),
    /// The least of all peers.
    BestPeer,
    /// A figure by itself.
    Itself,
}

/// Ferry's median figure is at most this many times the other's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Goal {
    pub(super) figure: Figure,
    pub(super) most: f64,
    pub(super) against: Against,
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
    pub(super) contenders: &'static [Contender],
    /// How many connections the bound opens.
    pub(super) connections: u32,
    pub(super) goals: &'static [Goal],
}

const LARGE: Payload = Payload::File(4 << 30);
const QUICK_LARGE: Payload = Payload::File(1 << 30);
const SMALL: Payload = Payload::Files(5_000, 8 << 10);

/// All of them, in the order of their running.
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "large",
        payload: LARGE,
        quick: QUICK_LARGE,
        store: "answers at once",
        options: &[],
        contenders: &[Ferry, Bound, S5cmd],
        connections: 4,
        goals: &[
            Goal { figure: Figure::Cpu, most: 1.3, against: Against::Contender(Bound) },
            Goal { figure: Figure::Peak, most: 48.0, against: Against::Itself },
        ],
    },
    Row {
        name: "small",
        payload: SMALL,
        quick: SMALL,
        store: "answers at once",
        options: &[],
        contenders: &[Ferry, Bound, S5cmd],
        connections: 8,
        goals: &[Goal { figure: Figure::Wall, most: 0.9, against: Against::BestPeer }],
    },
    Row {
        name: "small-50ms",
        payload: SMALL,
        quick: SMALL,
        store: "answers after 50 ms",
        options: &["--latency-ms", "50"],
        contenders: &[Ferry, Bound, S5cmd],
        connections: 256,
        goals: &[Goal { figure: Figure::Wall, most: 0.7, against: Against::Contender(S5cmd) }],
    },
];
