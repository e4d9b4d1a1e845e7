//! How many requests of one kind run side by side towards one store.
//!
//! A fixed number, or automatic: more while more move faster, fewer where fewer do as well, and
//! fewer where the store asks to slow down or connections break. It never stops trying: a network
//! changes while a long upload runs.
//!
//! Pure: what happened in a round comes from the caller, and times are lengths of rounds.

use std::time::Duration;

use ferry_text::{Text, message};
use serde::Serialize;

/// Most requests side by side that a user may ask for.
pub const MOST_PARALLEL: u32 = 256;

/// How many requests run side by side, as the user says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parallel {
    /// As many as move the most.
    #[default]
    Automatic,
    /// So many; fewer only while the store asks to slow down.
    Fixed(u32),
}

impl Parallel {
    /// A number within bounds, or automatic where there is none.
    pub fn bounded(number: Option<u32>) -> Self {
        number.map_or(Self::Automatic, |number| Self::Fixed(number.clamp(1, MOST_PARALLEL)))
    }

    /// The number, if it is fixed.
    pub fn fixed(self) -> Option<u32> {
        match self {
            Self::Automatic => None,
            Self::Fixed(number) => Some(number),
        }
    }
}

/// Between what an automatic number moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The number at first.
    pub start: usize,
    /// Never fewer, but for stores that ask to slow down.
    pub floor: usize,
    /// Never more.
    pub ceiling: usize,
    /// Bytes a second that each request has to move, or no more are added: what many slow ones
    /// send is lost with each that breaks. 0 where requests are short.
    pub slowest: f64,
    /// A round with as many answers as requests side by side ends after this time.
    pub shortest_round: Duration,
    /// Every round ends after this time.
    pub longest_round: Duration,
}

impl Bounds {
    /// Small files, one request each: most of their time is latency.
    pub const SMALL: Self = Self {
        start: 16,
        floor: 4,
        ceiling: 256,
        slowest: 0.0,
        shortest_round: Duration::from_millis(20),
        longest_round: Duration::from_secs(5),
    };
    /// Parts of large files: each may take minutes, but moves bytes all the time.
    pub const LARGE: Self = Self {
        start: 8,
        floor: 4,
        ceiling: 128,
        slowest: 128.0 * 1024.0,
        shortest_round: Duration::from_millis(100),
        longest_round: Duration::from_millis(500),
    };
}

/// What an answered request counts beside its bytes, in bytes: of many empty files, the answers
/// are what moves.
const ANSWER_WEIGHT: f64 = 16.0 * 1024.0;
/// By how much more must move for twice as many requests to be worth it.
const GROWTH: f64 = 1.2;
/// A trial with more requests, by this factor, is worth it from this gain on.
const MORE: f64 = 1.25;
const GAIN: f64 = 1.04;
/// A trial with fewer requests, by this factor, is worth it up to this loss.
const FEWER: f64 = 0.875;
const LOSS: f64 = 0.99;
/// Rounds between two trials of which the first was not worth it.
const PAUSE: u32 = 6;
/// Share of refused requests from which on fewer are sent. Below it, faults are accidents.
const MANY_REFUSED: f64 = 0.1;
/// A single one is an accident too, unless none was answered of late.
const SEVERAL: f64 = 1.9;
/// How much the newest round counts in the rate that trials are compared with.
const NEWEST: f64 = 0.3;

/// What happened in a round.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Round {
    /// How long it took.
    pub time: Duration,
    /// Bytes that left.
    pub bytes: u64,
    /// Requests that were answered well.
    pub answered: u32,
    /// Requests that the store asked to slow down, and those whose connection failed.
    pub refused: u32,
    /// Whether a request had to wait because all that are allowed were under way.
    pub full: bool,
}

impl Round {
    /// What moved a second.
    fn rate(&self) -> f64 {
        (self.bytes as f64 + f64::from(self.answered) * ANSWER_WEIGHT) / self.seconds()
    }

    fn seconds(&self) -> f64 {
        self.time.as_secs_f64().max(0.001)
    }
}

/// Why so many requests run side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// The user said so.
    Fixed,
    /// As many as at first: there was no need, or no time, for another number.
    Start,
    /// Twice as many moved more each time; it was not over.
    Growing,
    /// Both more and fewer were tried, or were about to be: none moved more.
    Best,
    /// It is the most that is tried.
    Ceiling,
    /// The store asked to slow down, or connections broke.
    SlowedDown,
}

impl Chosen {
    /// What is told of it.
    pub fn text(self) -> Text {
        match self {
            Self::Fixed => message::chosen_fixed(),
            Self::Start => message::chosen_start(),
            Self::Growing => message::chosen_growing(),
            Self::Best => message::chosen_best(),
            Self::Ceiling => message::chosen_ceiling(),
            Self::SlowedDown => message::chosen_slowed_down(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Direction {
    More,
    Fewer,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Twice as many after each round that moved more than the one before.
    Grow {
        /// The rate before the last doubling, and the number it was reached with.
        rate: f64,
        number: f64,
        /// Rounds that may yet bring no more: new connections take time.
        tries: u32,
    },
    /// The number stays, until the next trial.
    Hold { rate: Option<f64>, rounds: u32 },
    /// A trial: worth it, or back to `number`, which moved `rate`.
    Trial { direction: Direction, number: f64, rate: f64, tries: u32 },
}

/// The number of requests side by side in one lane.
#[derive(Debug, Clone)]
pub struct Concurrency {
    bounds: Bounds,
    fixed: bool,
    number: f64,
    phase: Phase,
    next_trial: Direction,
    /// Requests of late, the older ones counted less: refused, and all.
    refused: f64,
    finished: f64,
    bytes_each: Option<f64>,
}

impl Concurrency {
    /// The number at first. `bounds` are those of an automatic number.
    pub fn new(parallel: Parallel, bounds: Bounds) -> Self {
        let (bounds, fixed) = match parallel {
            Parallel::Automatic => (bounds, false),
            Parallel::Fixed(number) => {
                let number = (number as usize).max(1);
                (Bounds { start: number, floor: 1, ceiling: number, ..bounds }, true)
            }
        };
        let number = bounds.start as f64;
        Self {
            bounds,
            fixed,
            number,
            phase: Phase::Grow { rate: 0.0, number, tries: 1 },
            next_trial: Direction::Fewer,
            refused: 0.0,
            finished: 0.0,
            bytes_each: None,
        }
    }

    /// Requests side by side now.
    pub fn allowed(&self) -> usize {
        (self.number.round() as usize).clamp(1, self.bounds.ceiling)
    }

    /// Whether the user chose the number.
    pub fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// Why so many are allowed now.
    pub fn chosen(&self) -> Chosen {
        let allowed = self.allowed();
        match self.phase {
            _ if self.fixed && allowed == self.bounds.ceiling => Chosen::Fixed,
            _ if self.fixed => Chosen::SlowedDown,
            Phase::Hold { rate: None, .. } => Chosen::SlowedDown,
            _ if allowed == self.bounds.ceiling => Chosen::Ceiling,
            Phase::Grow { .. } if allowed == self.bounds.start => Chosen::Start,
            Phase::Grow { .. } => Chosen::Growing,
            Phase::Hold { .. } | Phase::Trial { .. } => Chosen::Best,
        }
    }

    /// The most that can become allowed.
    pub fn ceiling(&self) -> usize {
        self.bounds.ceiling
    }

    /// Bytes a second that each request moved of late, while all that are allowed were under way.
    pub fn bytes_each(&self) -> Option<f64> {
        self.bytes_each
    }

    /// Whether a round is over after so long, with so many finished requests.
    pub fn is_over(&self, time: Duration, finished: u32) -> bool {
        let all = finished as usize >= self.allowed();
        time >= self.bounds.longest_round || (all && time >= self.bounds.shortest_round)
    }

    /// Takes in a round. Says whether another number is allowed from now on.
    pub fn observe(&mut self, round: &Round) -> bool {
        let before = self.allowed();
        if round.full {
            let each = round.bytes as f64 / round.seconds() / before as f64;
            let smoothed = |old: f64| old + (each - old) * NEWEST;
            self.bytes_each = Some(self.bytes_each.map_or(each, smoothed));
        }
        if !self.slow_down(round) {
            if self.fixed {
                self.number = (self.number * MORE).max(self.number + 1.0);
                self.number = self.number.min(self.bounds.ceiling as f64);
            } else if round.full {
                self.adapt(round);
            }
        }
        self.allowed() != before
    }

    /// Fewer, by half of the share that was refused, if that is more than accidents.
    fn slow_down(&mut self, round: &Round) -> bool {
        self.refused = self.refused / 2.0 + f64::from(round.refused);
        self.finished = self.finished / 2.0 + f64::from(round.refused + round.answered);
        if round.refused == 0 {
            return false;
        }
        let none_answered = self.refused >= self.finished;
        let share = |refused: f64, finished: f64| {
            if refused >= SEVERAL || none_answered { refused / finished } else { 0.0 }
        };
        let now = share(round.refused.into(), (round.refused + round.answered).into());
        let share = now.max(share(self.refused, self.finished));
        if share < MANY_REFUSED {
            return false;
        }
        self.number = (self.number * (1.0 - share / 2.0)).max(1.0);
        (self.refused, self.finished) = (0.0, 0.0);
        self.next_trial = Direction::More;
        self.phase = Phase::Hold { rate: None, rounds: PAUSE };
        true
    }

    fn adapt(&mut self, round: &Round) {
        let rate = round.rate();
        match self.phase {
            Phase::Grow { rate: before, number, tries } => {
                if rate >= before * GROWTH {
                    self.grow(rate, round);
                } else if tries > 0 {
                    self.phase = Phase::Grow { rate: before, number, tries: tries - 1 };
                } else {
                    if rate < before * GAIN {
                        self.number = number;
                    }
                    self.hold(rate.max(before), PAUSE, Direction::Fewer);
                }
            }
            Phase::Hold { rate: before, rounds } => {
                let rate = before.map_or(rate, |old| old + (rate - old) * NEWEST);
                match rounds.checked_sub(1) {
                    Some(rounds) => self.phase = Phase::Hold { rate: Some(rate), rounds },
                    None => self.try_out(rate, round),
                }
            }
            Phase::Trial { direction: Direction::More, number, rate: before, tries } => {
                if rate >= before * GROWTH {
                    self.grow(rate, round);
                } else if rate >= before * GAIN {
                    self.hold(rate, 1, Direction::More);
                } else if tries > 0 {
                    let tries = tries - 1;
                    let direction = Direction::More;
                    self.phase = Phase::Trial { direction, number, rate: before, tries };
                } else {
                    self.number = number;
                    self.hold(before, PAUSE, Direction::Fewer);
                }
            }
            Phase::Trial { direction: Direction::Fewer, number, rate: before, tries } => {
                if tries > 0 {
                    // What was under way is in this round too.
                    let tries = tries - 1;
                    let direction = Direction::Fewer;
                    self.phase = Phase::Trial { direction, number, rate: before, tries };
                } else if rate >= before * LOSS {
                    self.hold(before, 1, Direction::Fewer);
                } else {
                    self.number = number;
                    self.hold(before, PAUSE, Direction::More);
                }
            }
        }
    }

    fn grow(&mut self, rate: f64, round: &Round) {
        let number = self.number;
        self.number = (number * 2.0).min(self.most(round)).max(number);
        if self.number > number {
            self.phase = Phase::Grow { rate, number, tries: 1 };
        } else {
            self.hold(rate, PAUSE, Direction::Fewer);
        }
    }

    fn hold(&mut self, rate: f64, rounds: u32, next_trial: Direction) {
        self.phase = Phase::Hold { rate: Some(rate), rounds };
        self.next_trial = next_trial;
    }

    /// Begins the next trial, in the other direction where one is at its end.
    fn try_out(&mut self, rate: f64, round: &Round) {
        let number = self.number;
        let more = (number * MORE).max(number + 1.0).min(self.most(round));
        let fewer = (number * FEWER).min(number - 1.0).max(self.bounds.floor as f64);
        let direction = match self.next_trial {
            Direction::More if more > number => Direction::More,
            Direction::Fewer if fewer < number => Direction::Fewer,
            Direction::More if fewer < number => Direction::Fewer,
            Direction::Fewer if more > number => Direction::More,
            _ => return self.hold(rate, PAUSE, self.next_trial),
        };
        self.number = if direction == Direction::More { more } else { fewer };
        self.phase = Phase::Trial { direction, number, rate, tries: 1 };
    }

    /// The most at which each request still moves enough.
    fn most(&self, round: &Round) -> f64 {
        let ceiling = self.bounds.ceiling as f64;
        if self.bounds.slowest == 0.0 {
            return ceiling;
        }
        let bytes = round.bytes as f64 / round.seconds();
        (bytes / self.bounds.slowest).clamp(self.bounds.floor as f64, ceiling)
    }
}

#[cfg(test)]
#[path = "concurrency_tests.rs"]
mod tests;
