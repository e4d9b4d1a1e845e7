//! The messages about how this run fares, and what the endpoint doctor found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Words;

/// How this run fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FiguresView {
    /// The requests of each operation that was used.
    pub operations: Vec<OperationRow>,
    /// Requests that ended, a second, over the last ten.
    pub requests_a_second: f64,
    /// Bytes that the network took, a second, over the last ten.
    pub bytes_a_second: f64,
    /// Requests under way.
    pub connections: u32,
    /// How often a request was tried again, by cause, the most frequent first.
    pub retries: Vec<RetryRow>,
    /// Commits of the queue's file.
    pub commits: TimesView,
    /// Share of one processor, in percent; above 100 with several.
    pub processor_percent: f64,
    /// Bytes of memory.
    #[ts(type = "number")]
    pub memory: u64,
}

/// How long things took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TimesView {
    /// How many were counted.
    #[ts(type = "number")]
    pub count: u64,
    /// Half of them took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
}

/// The requests of one operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OperationRow {
    /// Its name, as the services have it.
    pub name: String,
    /// Those that were answered.
    pub times: TimesView,
    /// Those that failed, or were refused.
    #[ts(type = "number")]
    pub failed: u64,
}

/// Requests that were tried again for one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RetryRow {
    /// The cause, in a sentence.
    pub cause: Words,
    /// How often.
    #[ts(type = "number")]
    pub count: u64,
}

/// What the endpoint doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckupView {
    /// The profile.
    #[ts(type = "number")]
    pub profile: i64,
    /// When, milliseconds since 1970.
    #[ts(type = "number")]
    pub at_ms: i64,
    /// Whether there is nothing to mend.
    pub is_well: bool,
    /// Its addresses, the one it uses first.
    pub addresses: Vec<AddressView>,
    /// What to do, in a sentence.
    pub advice: Words,
    /// The endpoint that is advised, where that is another one.
    pub advised_endpoint: Option<String>,
}

/// What was found about one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AddressView {
    /// Which address, in a word or two.
    pub kind: Words,
    /// The endpoint.
    pub endpoint: String,
    /// Whether the profile uses it.
    pub is_current: bool,
    /// What was found, step by step.
    pub findings: Vec<FindingView>,
}

/// How a step of the doctor went, for its icon and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum StepOutcome {
    /// Well.
    Passed,
    /// Well enough, but there is something to mend.
    Warned,
    /// Not at all.
    Failed,
    /// It was not tried.
    Skipped,
}

/// What was found at one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingView {
    /// Which step, in a word or two.
    pub step: Words,
    /// How it went.
    pub outcome: StepOutcome,
    /// What was found, in a sentence.
    pub sentence: Words,
    /// What to do, where there is something.
    pub hint: Option<Words>,
}
