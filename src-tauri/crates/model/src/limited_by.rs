//! What an upload is limited by: one verdict from what its requests wait for.
//!
//! Requests overlap, so times are summed over all of them; it is their shares that count.

use std::time::Duration;

use ferry_text::{Text, message};
use serde::Serialize;

/// What limits an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// The network does not take bytes faster.
    Network,
    /// The files are not read faster.
    Disk,
    /// The store asks to slow down, or takes its time to answer.
    Store,
    /// The speed limit that the user set.
    Limit,
    /// The processor is busy.
    Computer,
}

impl LimitedBy {
    /// What is told of it.
    pub fn text(self) -> Text {
        match self {
            Self::Network => message::limited_by_network(),
            Self::Disk => message::limited_by_disk(),
            Self::Store => message::limited_by_store(),
            Self::Limit => message::limited_by_limit(),
            Self::Computer => message::limited_by_computer(),
        }
    }
}

/// What requests with a body waited for, in seconds of all requests together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Waits {
    /// For bytes of files.
    pub disk: f64,
    /// For the speed limit.
    pub limit: f64,
    /// For the network to take bytes.
    pub send: f64,
    /// For the answer, once all bytes had left.
    pub answer: f64,
    /// After the store had asked to slow down, or had failed.
    pub slow_down: f64,
    /// The processor's time, and how much of it there was: wall time by processors.
    pub processor: f64,
    /// See [`Self::processor`].
    pub processors: f64,
}

/// The processor limits from this share of all its time on.
pub(crate) const BUSY: f64 = 0.85;
/// Less than this many seconds of waits says nothing.
const TOO_FEW: f64 = 0.5;

impl Waits {
    /// The waits since an earlier moment.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            disk: self.disk - earlier.disk,
            limit: self.limit - earlier.limit,
            send: self.send - earlier.send,
            answer: self.answer - earlier.answer,
            slow_down: self.slow_down - earlier.slow_down,
            processor: self.processor - earlier.processor,
            processors: self.processors - earlier.processors,
        }
    }

    /// All that was waited for, in seconds of all requests together.
    pub fn all(&self) -> f64 {
        self.disk + self.limit + self.send + self.answer + self.slow_down
    }

    /// The verdict; `None` where hardly anything waited.
    ///
    /// A busy processor makes everything else wait too, so it is looked at first. A long way to the
    /// store counts as the store's, as nothing tells it from slow answers.
    pub fn limited_by(&self) -> Option<LimitedBy> {
        if self.processors > 0.0 && self.processor >= self.processors * BUSY {
            return Some(LimitedBy::Computer);
        }
        let shares = [
            (LimitedBy::Network, self.send),
            (LimitedBy::Disk, self.disk),
            (LimitedBy::Store, self.answer + self.slow_down),
            (LimitedBy::Limit, self.limit),
        ];
        if self.all() < TOO_FEW {
            return None;
        }
        shares.into_iter().max_by(|one, other| one.1.total_cmp(&other.1)).map(|(what, _)| what)
    }
}

/// A verdict is about the last one or two of these.
const SPAN: Duration = Duration::from_secs(5);
/// Another verdict has to hold this long before it is told: a text that flickers tells nothing.
const HOLDS: Duration = Duration::from_secs(3);

/// What limits a run of late, fit to be shown: it changes seldom. Times are since it began.
#[derive(Debug, Clone, Copy)]
pub struct RecentVerdict {
    /// What requests had waited for when this span began, and when the one before did.
    waits: [Waits; 2],
    span: Duration,
    shown: Option<LimitedBy>,
    /// What would be shown instead, and since when.
    next: Option<LimitedBy>,
    since: Duration,
}

impl RecentVerdict {
    /// From this moment on, when requests had waited for so much.
    pub fn new(waits: Waits) -> Self {
        let zero = Duration::ZERO;
        Self { waits: [waits; 2], span: zero, shown: None, next: None, since: zero }
    }

    /// What is shown, now that requests have waited for so much.
    pub fn feed(&mut self, now: Duration, waits: &Waits) -> Option<LimitedBy> {
        let [before, current] = self.waits;
        if now.saturating_sub(self.span) >= SPAN {
            self.waits = [current, *waits];
            self.span = now;
        }
        let verdict = waits.since(&before).limited_by();
        if verdict != self.next {
            (self.next, self.since) = (verdict, now);
        }
        if now.saturating_sub(self.since) >= HOLDS {
            self.shown = self.next;
        }
        self.shown
    }

    /// Nothing moves: what limited before says nothing of what moves next.
    pub fn rest(&mut self, now: Duration, waits: &Waits) {
        *self = Self { span: now, since: now, ..Self::new(*waits) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdicts shown of a run that waits, second by second, for the network or the disk.
    fn shown(seconds: &str) -> Vec<Option<LimitedBy>> {
        let (mut waits, mut verdict) = (Waits::default(), RecentVerdict::new(Waits::default()));
        let mut told = Vec::new();
        for (second, wait) in (1..).zip(seconds.chars()) {
            match wait {
                'n' => waits.send += 1.0,
                'd' => waits.disk += 3.0,
                _ => {}
            }
            told.push(verdict.feed(Duration::from_secs(second), &waits));
        }
        told
    }

    #[test]
    fn a_verdict_is_shown_once_it_has_held_and_goes_when_it_is_old() {
        use LimitedBy::{Disk, Network};
        assert_eq!(shown("nnn"), [None; 3], "it has not held");
        assert_eq!(shown("nnnn").last(), Some(&Some(Network)));
        assert_eq!(shown("nnnnnnnndnn"), shown("nnnnnnnnnnn"), "one second is no change");
        assert_eq!(shown("nnnnnnnnddddddd").last(), Some(&Some(Disk)));
        let mut told = shown("nnnnnnnnnnnnddddddddddnnnnnnnnnnddddddddddnnnnnnnn");
        told.dedup();
        assert!(told.len() <= 6, "it flickers: {told:?}");
        let ended = shown("nnnnnnnnnn................");
        assert_eq!(ended.last(), Some(&None), "hardly anything waits any more");
    }

    #[test]
    fn what_rested_begins_anew() {
        let waits = |send| Waits { send, ..Waits::default() };
        let mut verdict = RecentVerdict::new(waits(50.0));
        for second in 1..=6u32 {
            verdict.feed(Duration::from_secs(second.into()), &waits(50.0 + f64::from(second)));
        }
        assert_eq!(verdict.shown, Some(LimitedBy::Network));
        verdict.rest(Duration::from_secs(7), &waits(57.0));
        assert_eq!(verdict.feed(Duration::from_secs(60), &waits(57.1)), None);
        assert_eq!(verdict.feed(Duration::from_secs(64), &waits(57.2)), None, "nothing waits");
    }

    #[test]
    fn the_longest_wait_is_the_verdict_unless_the_processor_is_busy() {
        let waits = Waits { processors: 20.0, ..Waits::default() };
        for (waits, expected) in [
            (waits, None),
            (Waits { send: 0.2, ..waits }, None),
            (Waits { send: 9.0, disk: 1.0, answer: 3.0, ..waits }, Some(LimitedBy::Network)),
            (Waits { send: 1.0, disk: 9.0, ..waits }, Some(LimitedBy::Disk)),
            (Waits { send: 4.0, answer: 3.0, slow_down: 3.0, ..waits }, Some(LimitedBy::Store)),
            (Waits { send: 1.0, limit: 9.0, ..waits }, Some(LimitedBy::Limit)),
            (Waits { send: 9.0, processor: 18.0, ..waits }, Some(LimitedBy::Computer)),
        ] {
            assert_eq!(waits.limited_by(), expected, "{waits:?}");
        }
    }

    #[test]
    fn waits_are_counted_since_a_moment() {
        let earlier = Waits { send: 100.0, disk: 1.0, ..Waits::default() };
        let now = Waits { send: 101.0, disk: 9.0, ..earlier };
        assert_eq!(now.limited_by(), Some(LimitedBy::Network));
        assert_eq!(now.since(&earlier).limited_by(), Some(LimitedBy::Disk));
    }
}
