//! What a benchmark of a bucket says: the figures of its two phases, and what follows from them.
//!
//! Each piece of advice names the figure and the threshold it is over, so that it can be judged.

use ferry_text::{Text, message};
use serde::Serialize;

use crate::concurrency::{Chosen, MOST_PARALLEL};
use crate::limited_by::BUSY;
use crate::{LimitedBy, Waits};

/// Shares of all requests that took no longer, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Requests that were counted.
    pub count: u64,
    /// Half of them.
    pub p50_ms: f64,
    /// 95 of 100.
    pub p95_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
}

/// What a benchmark sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BenchPhase {
    /// Large files, in parts.
    Large,
    /// Many small files, one request each.
    Small,
}

/// What one phase measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhaseFigures {
    /// Which phase.
    pub phase: BenchPhase,
    /// Objects that were verified.
    pub objects: u64,
    /// Objects that were not: failed, or not done when the time was up.
    pub unfinished: u64,
    /// Bytes that the store acknowledged.
    pub acked_bytes: u64,
    /// How long it took.
    pub seconds: f64,
    /// Requests tried again.
    pub retries: u64,
    /// Answered requests with a body, from their begin to their answer.
    pub requests: Percentiles,
    /// Of the same requests, what was left once the network had taken their last byte,
    /// without throttling that the store tells of.
    pub answers: Percentiles,
    /// Requests side by side at the end.
    pub parallel: usize,
    /// Why so many.
    pub chosen: Chosen,
    /// What requests waited for.
    pub waits: Waits,
}

/// What a piece of advice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// The phase was too short to tell much.
    TooShort,
    /// Objects were not stored.
    Unfinished,
    /// Answers take long.
    SlowAnswers,
    /// Some requests take far longer than most.
    UnevenRequests,
    /// Many requests had to be tried again.
    Retries,
    /// The store held requests back.
    Throttled,
    /// The network takes no more.
    NetworkFull,
    /// This computer is busy.
    ComputerBusy,
    /// The speed limit that was set.
    SpeedLimit,
    /// Automatic concurrency went as high as it goes.
    Ceiling,
}

/// What to think of a figure, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The phase it follows from.
    pub phase: BenchPhase,
    /// What it is about.
    pub kind: AdviceKind,
    /// A sentence with the figure and its threshold.
    #[serde(flatten)]
    pub text: Text,
}

/// A phase that took less than this many seconds says little: connections are made in it, and the
/// number of requests side by side is still looked for.
const SHORT_SECONDS: f64 = 3.0;
/// Answers of small requests that are slower than this, in milliseconds, are slow: a store in the
/// same country needs a tenth of it.
const SLOW_ANSWER_MS: f64 = 500.0;
/// The slowest hundredth may take so many times as long as half of the requests do.
const UNEVEN: f64 = 5.0;
/// Fewer requests than this have no slowest hundredth.
const ENOUGH_REQUESTS: u64 = 100;
/// Shares of requests, and of all waiting, from which on something is worth a word.
const MANY_RETRIES: f64 = 0.01;
const MUCH_THROTTLING: f64 = 0.05;
const MOST_WAITING: f64 = 0.5;

impl PhaseFigures {
    /// Bytes a second that the store acknowledged.
    pub fn bytes_per_second(&self) -> f64 {
        self.acked_bytes as f64 / self.seconds.max(0.001)
    }

    /// Verified objects a second.
    pub fn objects_per_second(&self) -> f64 {
        self.objects as f64 / self.seconds.max(0.001)
    }

    /// What limits the phase.
    pub fn limited_by(&self) -> Option<LimitedBy> {
        self.waits.limited_by()
    }

    /// What follows from the figures; nothing where none is over its threshold.
    pub fn advice(&self) -> Vec<Advice> {
        let found = [
            self.unfinished(),
            self.too_short(),
            self.slow_answers(),
            self.uneven(),
            self.many_retries(),
            self.throttled(),
            self.limits(),
            self.at_ceiling(),
        ];
        found
            .into_iter()
            .flatten()
            .map(|(kind, text)| Advice { phase: self.phase, kind, text })
            .collect()
    }

    fn unfinished(&self) -> Option<(AdviceKind, Text)> {
        let (open, all) = (self.unfinished, self.unfinished + self.objects);
        (open > 0).then(|| (AdviceKind::Unfinished, message::advice_unfinished(open, all)))
    }

    fn too_short(&self) -> Option<(AdviceKind, Text)> {
        (self.seconds < SHORT_SECONDS).then(|| {
            let option = match self.phase {
                BenchPhase::Large => "--size",
                BenchPhase::Small => "--files",
            };
            let (seconds, least) = (format!("{:.1}", self.seconds), whole(SHORT_SECONDS));
            (AdviceKind::TooShort, message::advice_too_short(seconds, least, option))
        })
    }

    /// Of small requests alone: behind a part's last byte, much of the part is still on its way.
    fn slow_answers(&self) -> Option<(AdviceKind, Text)> {
        let p95 = self.answers.p95_ms;
        (self.phase == BenchPhase::Small && p95 > SLOW_ANSWER_MS).then(|| {
            let text = message::advice_slow_answers(whole(p95), whole(SLOW_ANSWER_MS));
            (AdviceKind::SlowAnswers, text)
        })
    }

    fn uneven(&self) -> Option<(AdviceKind, Text)> {
        let Percentiles { count, p50_ms, p99_ms, .. } = self.requests;
        let times = p99_ms / p50_ms.max(0.001);
        (count >= ENOUGH_REQUESTS && times > UNEVEN).then(|| {
            (AdviceKind::UnevenRequests, message::advice_uneven(whole(times), whole(UNEVEN)))
        })
    }

    fn many_retries(&self) -> Option<(AdviceKind, Text)> {
        let all = self.requests.count + self.retries;
        let share = self.retries as f64 / (all as f64).max(1.0);
        (share > MANY_RETRIES).then(|| {
            let text = message::advice_retries(percent(share), percent(MANY_RETRIES));
            (AdviceKind::Retries, text)
        })
    }

    fn throttled(&self) -> Option<(AdviceKind, Text)> {
        let share = self.share_of_waits(self.waits.slow_down);
        (share > MUCH_THROTTLING).then(|| {
            let text = message::advice_throttled(percent(share), percent(MUCH_THROTTLING));
            (AdviceKind::Throttled, text)
        })
    }

    fn limits(&self) -> Option<(AdviceKind, Text)> {
        let most = percent(MOST_WAITING);
        match self.limited_by()? {
            LimitedBy::Network if self.share_of_waits(self.waits.send) > MOST_WAITING => {
                let share = percent(self.share_of_waits(self.waits.send));
                Some((AdviceKind::NetworkFull, message::advice_network_full(share, most)))
            }
            LimitedBy::Computer => {
                let share = percent(self.waits.processor / self.waits.processors.max(0.001));
                let text = message::advice_computer_busy(share, percent(BUSY));
                Some((AdviceKind::ComputerBusy, text))
            }
            LimitedBy::Limit if self.share_of_waits(self.waits.limit) > MOST_WAITING => {
                let share = percent(self.share_of_waits(self.waits.limit));
                Some((AdviceKind::SpeedLimit, message::advice_speed_limit(share, most)))
            }
            _ => None,
        }
    }

    fn at_ceiling(&self) -> Option<(AdviceKind, Text)> {
        let number = self.parallel;
        let more = number < MOST_PARALLEL as usize;
        (self.chosen == Chosen::Ceiling && more)
            .then(|| (AdviceKind::Ceiling, message::advice_ceiling(number, MOST_PARALLEL)))
    }

    fn share_of_waits(&self, seconds: f64) -> f64 {
        seconds / self.waits.all().max(0.001)
    }
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm(phase: BenchPhase) -> PhaseFigures {
        let usual = Percentiles { count: 500, p50_ms: 40.0, p95_ms: 60.0, p99_ms: 90.0 };
        PhaseFigures {
            phase,
            objects: 500,
            unfinished: 0,
            acked_bytes: 500 << 14,
            seconds: 5.0,
            retries: 0,
            requests: usual,
            answers: usual,
            parallel: 32,
            chosen: Chosen::Best,
            waits: Waits {
                answer: 10.0,
                send: 4.0,
                processors: 10.0,
                processor: 1.0,
                ..Waits::default()
            },
        }
    }

    #[test]
    fn speeds_are_of_what_the_store_has() {
        let figures =
            PhaseFigures { acked_bytes: 50 << 20, seconds: 2.0, ..calm(BenchPhase::Small) };
        assert_eq!(figures.bytes_per_second(), f64::from(25 << 20));
        assert_eq!(figures.objects_per_second(), 250.0);
        let none = PhaseFigures { acked_bytes: 0, objects: 0, seconds: 0.0, ..figures };
        assert_eq!((none.bytes_per_second(), none.objects_per_second()), (0.0, 0.0));
    }

    #[test]
    fn each_figure_over_its_threshold_has_a_sentence_with_both() {
        use AdviceKind as Kind;
        let (small, large) = (calm(BenchPhase::Small), calm(BenchPhase::Large));
        let waits = small.waits;
        let answers = |p95_ms| Percentiles { p95_ms, ..small.answers };
        let requests = |count, p99_ms| Percentiles { count, p99_ms, ..small.requests };
        let cases: Vec<(PhaseFigures, &[Kind], &str)> = vec![
            (small, &[], ""),
            (large, &[], ""),
            (PhaseFigures { answers: answers(500.0), ..small }, &[], ""),
            (
                PhaseFigures { answers: answers(850.0), ..small },
                &[Kind::SlowAnswers],
                "p95 of answers is 850 ms, over 500 ms",
            ),
            // Of parts it says nothing.
            (PhaseFigures { answers: answers(850.0), ..large }, &[], ""),
            (
                PhaseFigures { requests: requests(100, 240.0), ..small },
                &[Kind::UnevenRequests],
                "p99 of requests is 6 times p50, over 5 times",
            ),
            (PhaseFigures { requests: requests(99, 240.0), ..small }, &[], ""),
            (
                PhaseFigures { retries: 10, ..small },
                &[Kind::Retries],
                "2.0 % of requests were tried again, over 1.0 %",
            ),
            (PhaseFigures { retries: 5, ..small }, &[], ""),
            (
                PhaseFigures { waits: Waits { slow_down: 6.0, ..waits }, ..small },
                &[Kind::Throttled],
                "30 % of the waiting was throttling by the store, over 5.0 %",
            ),
            (
                PhaseFigures { waits: Waits { send: 30.0, ..waits }, ..large },
                &[Kind::NetworkFull],
                "75 % of the waiting was for the network to take bytes, over 50 %",
            ),
            (
                PhaseFigures { waits: Waits { processor: 9.0, ..waits }, ..large },
                &[Kind::ComputerBusy],
                "The processor was busy for 90 % of the time, from 85 % on",
            ),
            (
                PhaseFigures { waits: Waits { limit: 86.0, ..waits }, ..large },
                &[Kind::SpeedLimit],
                "86 % of the waiting was for your speed limit, over 50 %",
            ),
            (
                PhaseFigures { seconds: 0.8, ..large },
                &[Kind::TooShort],
                "It took 0.8 s, under 3 s: more (--size)",
            ),
            (
                PhaseFigures { unfinished: 3, ..small },
                &[Kind::Unfinished],
                "3 of 503 objects were not stored, over 0",
            ),
            (
                PhaseFigures { parallel: 128, chosen: Chosen::Ceiling, ..large },
                &[Kind::Ceiling],
                "128 requests went side by side",
            ),
            // More than that cannot be asked for.
            (PhaseFigures { parallel: 256, chosen: Chosen::Ceiling, ..small }, &[], ""),
        ];
        for (figures, kinds, sentence) in cases {
            let advice = figures.advice();
            let found: Vec<Kind> = advice.iter().map(|advice| advice.kind).collect();
            assert_eq!(found, kinds, "{figures:?}");
            for advice in advice {
                assert!(advice.text.to_string().contains(sentence), "{sentence}: {}", advice.text);
            }
        }
    }
}
