//! The health of one endpoint: its circuit breaker, online, offline or probing.
//!
//! An outage of the endpoint is told from the fault of one item by how others fare: while requests
//! of others succeed, a failure is the item's. While nothing succeeds the endpoint is *offline*:
//! its transfers wait, spend no attempts, and one probe at a time asks whether it is back. A probe
//! is a request without a body; after it answered, one transfer sends its own request, and only its
//! success lets the others go on.
//!
//! A request that reads and is answered says nothing about those that write: a firewall, a full
//! store or a link too slow for bodies answers every HEAD. While the writes of many keys fail, only
//! a write that succeeds ends the outage.
//!
//! Pure: times are given by the caller as the time since some start of its own.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::fault::{Affects, Fault};
use crate::reaction::{Blame, retry_after};

/// Whether an endpoint answered in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// At least once.
    Yes,
    /// Not yet: most likely its address is wrong.
    Never,
}

/// Failures in a row, without a success between them, after which the endpoint is offline.
pub const FAILURES_TO_OPEN: u32 = 4;
/// Keys whose requests failed since the last success, from which on it is no item's fault whatever
/// a probe says: many files do not go bad at once.
pub const MANY_ITEMS: usize = 3;
/// Wait before the first probe; it doubles with each probe that fails.
pub const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest wait between two probes. The endpoint is noticed within this time of its return.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A probe that takes longer than this no longer keeps the others from trying.
pub const PROBE_LEASE: Duration = Duration::from_secs(90);
/// Outcomes that the failure rate is taken over.
const WINDOW: usize = 20;
/// Outcomes older than this say nothing about now.
const WINDOW_TIME: Duration = Duration::from_secs(30);

/// What a request does to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// HEAD and listings: it changes nothing and carries no body.
    Read,
    /// Everything else.
    Write,
}

/// One request with all its attempts, as the caller numbers them.
pub type RequestId = u64;

/// A request, as the endpoint's health knows it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its number.
    pub id: RequestId,
    /// The key that its failures are counted for.
    pub key: &'a str,
    /// What it does to the store.
    pub access: Access,
}

/// The right to send, or until when to wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Send.
    Send,
    /// Ask first with a request without a body, and report how it went.
    Probe,
    /// Wait until this time, or until something changes.
    Wait(Duration),
}

/// What is known while an endpoint is offline.
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    /// The last failure.
    pub fault: Fault,
    /// Since when.
    pub since: Duration,
    /// When the next probe goes out.
    pub next_try: Duration,
    wait: Duration,
    /// Which request probes, and since when.
    probing: Option<(RequestId, Duration)>,
    /// Whether the probe was answered: the prober's own request is under way.
    probe_answered: bool,
}

/// The health of one endpoint.
#[derive(Debug, Clone)]
pub struct Health {
    outcomes: VecDeque<(Duration, Outcome)>,
    /// Keys whose requests failed since the last success, and whether a write did: several
    /// transfers may be of one.
    failing: BTreeMap<String, Access>,
    failures_in_a_row: u32,
    outage: Option<Outage>,
    reached: Reached,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Answered,
    Failed,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            outcomes: VecDeque::new(),
            failing: BTreeMap::new(),
            failures_in_a_row: 0,
            outage: None,
            reached: Reached::Never,
        }
    }
}

impl Health {
    /// Whether this request may go out.
    pub fn permission(&mut self, request: RequestId, now: Duration) -> Permission {
        let Some(outage) = &mut self.outage else { return Permission::Send };
        match outage.probing {
            Some((prober, _)) if prober == request && outage.probe_answered => Permission::Send,
            Some((prober, since)) if prober != request && now < since + PROBE_LEASE => {
                Permission::Wait(since + PROBE_LEASE)
            }
            _ if now < outage.next_try => Permission::Wait(outage.next_try),
            _ => {
                outage.probing = Some((request, now));
                outage.probe_answered = false;
                Permission::Probe
            }
        }
    }

    /// The probe was answered, whatever the answer was: the prober sends its own request now.
    pub fn probe_answered(&mut self) {
        self.reached = Reached::Yes;
        if let Some(outage) = &mut self.outage {
            outage.probe_answered = true;
        }
    }

    /// The probe failed as the requests before it did.
    pub fn probe_failed(&mut self, fault: &Fault, now: Duration) {
        if let Some(outage) = &mut self.outage {
            outage.fail(fault, now);
        }
    }

    /// The request was stopped: if it was the prober, the next one may probe. Says whether it was.
    pub fn given_up(&mut self, request: RequestId) -> bool {
        let Some(outage) = &mut self.outage else { return false };
        let probed = outage.probing.is_some_and(|(prober, _)| prober == request);
        if probed {
            outage.probing = None;
            outage.probe_answered = false;
        }
        probed
    }

    /// A request was answered, well or with a refusal that is the request's own. Says whether the
    /// endpoint was offline until now and is no longer.
    pub fn answered(&mut self, request: &Request<'_>, now: Duration) -> bool {
        if request.access == Access::Read {
            self.failing.retain(|_, failed| *failed == Access::Write);
            if self.many_fail() {
                self.given_up(request.id);
                return false;
            }
        } else {
            self.failing.clear();
        }
        self.remember(now, Outcome::Answered);
        self.failures_in_a_row = 0;
        self.reached = Reached::Yes;
        self.outage.take().is_some()
    }

    /// A request failed in a way that may be the endpoint's. `asked` says whether the store
    /// answered a request without a body about this key since its last failure. Says whom it counts
    /// against.
    pub fn failed(
        &mut self,
        request: &Request<'_>,
        asked: bool,
        fault: &Fault,
        now: Duration,
    ) -> Blame {
        debug_assert_eq!(fault.kind.affects(), Affects::Endpoint);
        self.remember(now, Outcome::Failed);
        let failed = self.failing.entry(request.key.to_owned()).or_insert(request.access);
        *failed = request.access.max(*failed);
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        let probed = self.probed_by(request.id);
        let well = match &mut self.outage {
            Some(outage) if probed => {
                outage.fail(fault, now);
                true
            }
            // Requests that were under way when it went offline are no probes: they must not
            // lengthen the wait.
            Some(outage) => {
                outage.fault = fault.clone();
                false
            }
            None if self.failures_in_a_row >= FAILURES_TO_OPEN => {
                self.outage = Some(Outage::new(fault, now));
                false
            }
            None => self.others_fare_well(now),
        };
        if (well || asked) && !self.many_fail() { Blame::Item } else { Blame::Endpoint }
    }

    /// A transfer to this key ended: its failures say nothing about the endpoint any more.
    pub fn left(&mut self, key: &str) {
        self.failing.remove(key);
    }

    /// Probes at once: the user pressed "try now".
    pub fn try_now(&mut self, now: Duration) {
        if let Some(outage) = &mut self.outage {
            outage.next_try = now;
            outage.wait = FIRST_WAIT;
            outage.probing = None;
            outage.probe_answered = false;
        }
    }

    /// What is known while the endpoint is offline.
    pub fn outage(&self) -> Option<&Outage> {
        self.outage.as_ref()
    }

    /// Whether the endpoint answered in this run.
    pub fn reached(&self) -> Reached {
        self.reached
    }

    /// Whether this request is the prober's own, after its probe was answered.
    fn probed_by(&self, request: RequestId) -> bool {
        self.outage.as_ref().is_some_and(|outage| {
            outage.probe_answered && outage.probing.is_some_and(|(prober, _)| prober == request)
        })
    }

    /// Whether requests about more keys failed than one file's fault explains.
    fn many_fail(&self) -> bool {
        self.failing.len() >= MANY_ITEMS
    }

    /// Whether at least half of the recent requests were answered.
    fn others_fare_well(&self, now: Duration) -> bool {
        let recent = self.outcomes.iter().filter(|(at, _)| *at + WINDOW_TIME >= now);
        let (mut answered, mut failed) = (0, 0);
        for (_, outcome) in recent {
            match outcome {
                Outcome::Answered => answered += 1,
                Outcome::Failed => failed += 1,
            }
        }
        answered > 0 && answered >= failed
    }

    fn remember(&mut self, now: Duration, outcome: Outcome) {
        if self.outcomes.len() == WINDOW {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((now, outcome));
    }
}

impl Outage {
    fn new(fault: &Fault, now: Duration) -> Self {
        Self {
            fault: fault.clone(),
            since: now,
            next_try: now + FIRST_WAIT.max(retry_after(fault)),
            wait: FIRST_WAIT,
            probing: None,
            probe_answered: false,
        }
    }

    fn fail(&mut self, fault: &Fault, now: Duration) {
        self.fault = fault.clone();
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        self.next_try = now + self.wait.max(retry_after(fault));
        self.probing = None;
        self.probe_answered = false;
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
