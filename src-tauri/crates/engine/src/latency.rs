//! How long requests with a body took.

use std::sync::Mutex;
use std::time::Duration;

use ferry_model::bench::Percentiles;
use ferry_model::times::Times;

use crate::lock::lock;

/// The times of the answered requests of one lane.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    /// From a request's begin to its answer.
    whole: Mutex<Times>,
    /// Of that, what was left once its bytes had been read and taken by the network, without the
    /// time for which the store says that it held the request back.
    answer: Mutex<Times>,
}

impl Latencies {
    /// A request was answered.
    pub(crate) fn record(&self, whole: Duration, answer: Duration) {
        lock(&self.whole).record(whole);
        lock(&self.answer).record(answer);
    }

    /// From a request's begin to its answer.
    pub(crate) fn whole(&self) -> Percentiles {
        lock(&self.whole).percentiles()
    }

    /// From the moment at which the network had taken a request's last byte to its answer, without
    /// throttling that the store tells of.
    pub(crate) fn answer(&self) -> Percentiles {
        lock(&self.answer).percentiles()
    }
}
