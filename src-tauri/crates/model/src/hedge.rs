//! Whether the last parts of a file are sent a second time: one slow connection must not hold up a
//! file whose other parts are long there.
//!
//! Stores take a part twice, and keep the last. Which answer comes first counts; what was sent twice
//! stays under a fiftieth of the file.

use std::time::Duration;

/// The tail is so much of a file's parts, at most: one in so many.
const TAIL: usize = 20;
/// Bytes sent twice are at most one in so many.
const SENT_TWICE: u64 = 50;
/// A part is slow after so many times as long as the others took.
const SLOW: u32 = 3;
/// Fewer finished parts say nothing of how long one takes.
const ENOUGH: usize = 8;
/// No part is slow before.
const LEAST_DELAY: Duration = Duration::from_secs(1);

/// A part under way for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// Its number.
    pub number: u32,
    /// Its bytes.
    pub len: u64,
    /// Since when.
    pub time: Duration,
}

/// How far an upload is, once its last part has begun.
#[derive(Debug, Clone, Copy)]
pub struct Tail<'a> {
    /// Parts of the file.
    pub parts: usize,
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes that were sent twice by now.
    pub sent_twice: u64,
    /// How long finished parts of this run took, in any order.
    pub took: &'a [Duration],
    /// Parts without an answer that were not sent twice.
    pub under_way: &'a [UnderWay],
}

/// What to do about the slowest part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hedge {
    /// Send this part a second time.
    Send(u32),
    /// Ask again after this time.
    Wait(Duration),
    /// Nothing more of this file will be sent twice, until a part ends.
    Nothing,
}

impl Tail<'_> {
    /// What to do now.
    pub fn hedge(&self) -> Hedge {
        let Some(slowest) = self.under_way.iter().max_by_key(|part| part.time) else {
            return Hedge::Nothing;
        };
        let in_tail = self.under_way.len() <= (self.parts / TAIL).max(1);
        let affordable = (self.sent_twice + slowest.len) * SENT_TWICE <= self.bytes;
        if self.took.len() < ENOUGH || !in_tail || !affordable {
            return Hedge::Nothing;
        }
        let mut took = self.took.to_vec();
        took.sort_unstable();
        let slow = (took[took.len() / 2] * SLOW).max(LEAST_DELAY);
        match slow.checked_sub(slowest.time).filter(|left| !left.is_zero()) {
            Some(left) => Hedge::Wait(left),
            None => Hedge::Send(slowest.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn under_way(number: u32, seconds: u64) -> UnderWay {
        UnderWay { number, len: MIB, time: Duration::from_secs(seconds) }
    }

    #[test]
    fn the_slowest_of_the_last_parts_is_sent_twice_within_the_budget() {
        let two_seconds = [Duration::from_secs(2); 20];
        let last = [under_way(7, 5), under_way(9, 6)];
        let tail = Tail {
            parts: 100,
            bytes: 100 * MIB,
            sent_twice: 0,
            took: &two_seconds,
            under_way: &last,
        };
        assert_eq!(tail.hedge(), Hedge::Send(9));
        let early = [under_way(9, 4)];
        assert_eq!(
            Tail { under_way: &early, ..tail }.hedge(),
            Hedge::Wait(Duration::from_secs(2)),
            "three times as long as the others"
        );
        let quick = [Duration::from_millis(1); 20];
        let just_begun = [UnderWay { time: Duration::ZERO, ..early[0] }];
        assert_eq!(
            Tail { took: &quick, under_way: &just_begun, ..tail }.hedge(),
            Hedge::Wait(LEAST_DELAY)
        );
        for (tail, why) in [
            (Tail { under_way: &[], ..tail }, "nothing is under way"),
            (Tail { took: &two_seconds[..7], ..tail }, "too few have ended"),
            (Tail { parts: 39, ..tail }, "two of 39 are no tail"),
            (Tail { sent_twice: 2 * MIB, ..tail }, "the budget is used up"),
            (Tail { bytes: 49 * MIB, ..tail }, "one part is more than a fiftieth"),
        ] {
            assert_eq!(tail.hedge(), Hedge::Nothing, "{why}");
        }
    }
}
