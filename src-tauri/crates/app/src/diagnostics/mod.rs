//! What an expert or support looks at: how requests, journal and process fare in this run, and all
//! of it in one file without a secret.

mod export;
mod recent_log;
mod view;

use ferry_engine::OperationFigures;
use ferry_model::FaultKind;
use ferry_model::bench::Percentiles;
use serde::Serialize;

pub use recent_log::RecentLog;

use crate::app::App;
use crate::process_use::ProcessUse;

/// How this run fares. Its cost does not grow with what it counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// The requests of each operation.
    pub operations: Vec<OperationFigures>,
    /// Requests that ended, a second, over the last ten.
    pub requests_a_second: f64,
    /// Bytes that the network took, a second, over the last ten.
    pub bytes_a_second: f64,
    /// Requests under way.
    pub connections: usize,
    /// How often a request was tried again, by what went wrong, the most frequent first.
    pub retries: Vec<(FaultKind, u64)>,
    /// Commits of the queue's file.
    pub commits: Percentiles,
    /// What the process takes.
    pub process: ProcessUse,
    /// Seconds that this computer's clock is behind its stores'; negative if ahead.
    pub clock_offset_seconds: i64,
}

impl App {
    /// How this run fares.
    pub fn figures(&self) -> Figures {
        let engine = &self.inner.engine;
        let requests = engine.figures();
        Figures {
            operations: requests.operations,
            requests_a_second: requests.requests_a_second,
            bytes_a_second: requests.bytes_a_second,
            connections: requests.under_way,
            retries: requests.retries,
            commits: self.inner.journal.commit_times(),
            process: self.inner.process.measure(),
            clock_offset_seconds: engine.clock_offset(),
        }
    }
}
