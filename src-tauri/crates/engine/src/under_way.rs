//! What is remembered in memory of a transfer under way, for those who look at it closely: which of
//! its parts are under way, and why requests of it were tried again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use ferry_model::part_map::PartActivity;
use ferry_model::{Fault, TransferId};

use crate::lock::lock;

/// The most retries of a transfer that are remembered one by one, the last of them.
const RETRIES_KEPT: usize = 20;
/// Of how many transfers that no longer run the retries are remembered.
const TRANSFERS_KEPT: usize = 64;

/// A request that was tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct Retried {
    /// When it failed, milliseconds since 1970.
    pub at_ms: i64,
    /// The part that it was for.
    pub part: Option<u32>,
    /// Why.
    pub fault: Fault,
}

/// The requests of a transfer that were tried again, since Ferry was started.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RetryLog {
    /// How many.
    pub count: u64,
    /// The last of them, the oldest first.
    pub last: VecDeque<Retried>,
}

impl RetryLog {
    pub(crate) fn push(&mut self, retried: Retried) {
        self.count += 1;
        if self.last.len() == RETRIES_KEPT {
            self.last.pop_front();
        }
        self.last.push_back(retried);
    }
}

/// The retry logs of transfers that no longer run, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct PastLogs(Mutex<VecDeque<(TransferId, RetryLog)>>);

impl PastLogs {
    /// Remembers one for a while; one without a retry is not worth a place.
    pub(crate) fn keep(&self, id: TransferId, log: RetryLog) {
        if log.count == 0 {
            return;
        }
        let mut logs = lock(&self.0);
        logs.retain(|(other, _)| *other != id);
        if logs.len() == TRANSFERS_KEPT {
            logs.pop_front();
        }
        logs.push_back((id, log));
    }

    pub(crate) fn of(&self, id: TransferId) -> Option<RetryLog> {
        let logs = lock(&self.0);
        logs.iter().find(|(other, _)| *other == id).map(|(_, log)| log.clone())
    }
}

/// The parts under way. A part may have two requests: each has a number.
#[derive(Debug, Default)]
pub(crate) struct PartStates(Mutex<States>);

#[derive(Debug, Default)]
struct States {
    requests: u64,
    under_way: BTreeMap<(u32, u64), Option<PartActivity>>,
}

impl PartStates {
    /// A part is to be sent. It is under way from [`PartWatch::moves`] on, until the watch is
    /// dropped.
    pub(crate) fn watch(&self, part: u32) -> PartWatch<'_> {
        let mut states = lock(&self.0);
        states.requests += 1;
        let at = (part, states.requests);
        states.under_way.insert(at, None);
        PartWatch { states: self, at }
    }

    pub(crate) fn view(&self) -> Vec<(u32, PartActivity)> {
        let states = lock(&self.0);
        let moving = |(at, activity): (&(u32, u64), &Option<PartActivity>)| {
            activity.map(|activity| (at.0, activity))
        };
        states.under_way.iter().filter_map(moving).collect()
    }
}

/// One of the requests of a part.
#[derive(Debug)]
pub(crate) struct PartWatch<'a> {
    states: &'a PartStates,
    at: (u32, u64),
}

impl PartWatch<'_> {
    /// A try of it begins.
    pub(crate) fn moves(&self) {
        self.set(PartActivity::InFlight);
    }

    /// A try of it failed.
    pub(crate) fn failed(&self) {
        self.set(PartActivity::Retrying);
    }

    fn set(&self, activity: PartActivity) {
        lock(&self.states.0).under_way.insert(self.at, Some(activity));
    }
}

impl Drop for PartWatch<'_> {
    fn drop(&mut self) {
        lock(&self.states.0).under_way.remove(&self.at);
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::FaultKind;
    use ferry_model::part_map::PartActivity::{InFlight, Retrying};

    use super::*;

    fn log(retries: i64) -> RetryLog {
        let mut log = RetryLog::default();
        for at_ms in 1..=retries {
            log.push(Retried { at_ms, part: None, fault: Fault::new(FaultKind::Stalled) });
        }
        log
    }

    #[test]
    fn a_log_counts_all_retries_and_keeps_the_last() {
        for (retries, kept, first) in
            [(0, 0, None), (1, 1, Some(1)), (20, 20, Some(1)), (53, 20, Some(34))]
        {
            let log = log(retries);
            let oldest = log.last.front().map(|retried| retried.at_ms);
            assert_eq!((log.count as i64, log.last.len(), oldest), (retries, kept, first));
        }
    }

    #[test]
    fn the_logs_of_a_few_transfers_outlive_their_run() {
        let past = PastLogs::default();
        past.keep(TransferId(7), log(0));
        assert_eq!(past.of(TransferId(7)), None);
        for id in 1..=TRANSFERS_KEPT as i64 {
            past.keep(TransferId(id), log(1));
        }
        // It ran again, and so is not the oldest any more.
        past.keep(TransferId(1), log(3));
        past.keep(TransferId(1_000), log(1));
        let count = |id| past.of(TransferId(id)).map(|log| log.count);
        assert_eq!([count(1), count(2), count(3), count(1_000)], [Some(3), None, Some(1), Some(1)]);
    }

    #[test]
    fn a_part_is_under_way_from_its_first_try_until_its_request_is_over() {
        let states = PartStates::default();
        let (first, second) = (states.watch(4), states.watch(4));
        assert_eq!(states.view(), [], "they wait for their turn");
        first.moves();
        assert_eq!(states.view(), [(4, InFlight)]);
        first.failed();
        second.moves();
        assert_eq!(states.view(), [(4, Retrying), (4, InFlight)]);
        first.moves();
        drop(second);
        assert_eq!(states.view(), [(4, InFlight)]);
        drop(first);
        assert_eq!(states.view(), []);
    }
}
