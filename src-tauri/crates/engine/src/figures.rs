//! What was counted and timed in this run.

use std::sync::atomic::Ordering;

use ferry_model::bench::Percentiles;
use ferry_model::concurrency::Chosen;
use ferry_model::{Fault, FaultKind, ProfileId, Waits};

use crate::endpoint::lanes::Lane;
use crate::endpoint::measured::{OperationFigures, OperationTimes};
use crate::engine::Engine;
use crate::live::Ended;
use crate::lock::lock;

/// Sums of this run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RunTotals {
    /// Bytes the transport took, repeats included.
    pub sent_bytes: u64,
    /// Bytes the store had from an earlier run and that were not sent again.
    pub resumed_bytes: u64,
    /// Requests tried again.
    pub retries: u64,
    /// What requests waited for.
    pub waits: Waits,
    /// Requests with a body that are under way now.
    pub in_flight: usize,
    /// Events that the state machine has no row for: bugs. Nothing is lost by one, its transfer
    /// fails.
    pub unexpected_events: u64,
}

/// How the requests of one lane went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestFigures {
    /// Answered requests with a body, from their begin to their answer.
    pub requests: Percentiles,
    /// Of the same requests, what was left once the network had taken their last byte,
    /// without throttling that the store tells of.
    pub answers: Percentiles,
    /// Requests that may go side by side now.
    pub parallel: usize,
    /// Why so many.
    pub chosen: Chosen,
}

/// How all requests of this run went.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigures {
    /// Those of each operation that was used.
    pub operations: Vec<OperationFigures>,
    /// Requests that ended, a second, over the last ten.
    pub requests_a_second: f64,
    /// Bytes that the transport took, a second, over the last ten.
    pub bytes_a_second: f64,
    /// Requests under way.
    pub under_way: usize,
    /// Requests tried again, by what went wrong, the most frequent first.
    pub retries: Vec<(FaultKind, u64)>,
}

impl Engine {
    /// Sums of this run.
    pub fn run_totals(&self) -> RunTotals {
        let tally = &self.shared.tally;
        RunTotals {
            sent_bytes: tally.sent.load(Ordering::Relaxed),
            resumed_bytes: tally.resumed.load(Ordering::Relaxed),
            retries: tally.retries.load(Ordering::Relaxed),
            waits: tally.waits.sums(),
            in_flight: self.shared.lanes.in_flight(),
            unexpected_events: tally.unexpected.load(Ordering::Relaxed),
        }
    }

    /// How all requests of this run went. Its cost does not grow with their number.
    pub fn figures(&self) -> RunFigures {
        let (requests, tally) = (&self.shared.clients.requests, &self.shared.tally);
        RunFigures {
            operations: requests.figures(),
            requests_a_second: requests.a_second(),
            bytes_a_second: tally.sent_a_second(),
            under_way: requests.under_way(),
            retries: tally.retries_by_kind(),
        }
    }

    /// How long the requests of each operation took in this run. Its cost does not grow with their
    /// number.
    pub fn request_times(&self) -> Vec<OperationTimes> {
        self.shared.clients.requests.times()
    }

    /// How transfers ended in this run, or came to rest.
    pub fn ended(&self) -> Ended {
        self.shared.tally.ended()
    }

    /// Why a request was tried again, the last time in this run.
    pub fn last_retry(&self) -> Option<Fault> {
        lock(&self.shared.tally.last_retry).clone()
    }

    /// How the requests of a profile went that sent small files, in this run. Latencies are of all
    /// profiles.
    pub fn small_requests(&self, profile: ProfileId) -> RequestFigures {
        self.requests(profile, Lane::Small)
    }

    /// As [`Engine::small_requests`], of those that sent the parts of large files.
    pub fn large_requests(&self, profile: ProfileId) -> RequestFigures {
        self.requests(profile, Lane::Large)
    }

    fn requests(&self, profile: ProfileId, lane: Lane) -> RequestFigures {
        let (parallel, chosen) = self.shared.lanes.chosen(profile, lane);
        let latencies = self.shared.tally.latencies(lane);
        let (requests, answers) = (latencies.whole(), latencies.answer());
        RequestFigures { requests, answers, parallel, chosen }
    }
}
