//! The circuit breaker of one endpoint: after repeated transport failures transfers wait, and one
//! probe at a time tries again.

use std::sync::Mutex;
use std::time::Duration;

use ferry_model::Fault;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Failures in a row that open the breaker.
const FAILURES_TO_OPEN: u32 = 4;
/// First wait before a probe; doubled with each failed probe.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest wait between two probes.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What the window and the command line say while the breaker is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Offline {
    /// The last failure.
    pub fault: Fault,
    /// When it opened.
    pub since: Instant,
    /// When the next probe goes out.
    pub next_try: Instant,
    /// Whether this endpoint ever answered in this run.
    pub reached_before: Reached,
}

/// Whether an endpoint answered in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// At least once.
    Yes,
    /// Not yet: most likely its address is wrong.
    Never,
}

/// Whether an answer ended an absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CameBack {
    Yes,
    No,
}

#[derive(Debug)]
pub(crate) struct Breaker {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    failures: u32,
    open: Option<Open>,
    reached: Reached,
}

#[derive(Debug)]
struct Open {
    fault: Fault,
    since: Instant,
    next_try: Instant,
    wait: Duration,
    probing: Option<Instant>,
}

/// The right to send one request. For a probe, dropping it frees the place for the next.
#[must_use]
#[derive(Debug)]
pub(crate) struct Pass<'a>(Option<&'a Breaker>);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.0 {
            breaker.probe_is_over();
        }
    }
}

/// A probe that takes longer than this no longer keeps the others from trying.
const PROBE_LEASE: Duration = Duration::from_secs(90);

impl Breaker {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State { failures: 0, open: None, reached: Reached::Never }),
            changed: Notify::new(),
        }
    }

    /// Returns when a request may go out: at once while closed; while open, one caller at a time as
    /// the probe.
    ///
    /// The probe's place is free again when the returned pass is dropped, whatever became of its
    /// request.
    pub(crate) async fn pass(&self) -> Pass<'_> {
        loop {
            let changed = self.changed.notified();
            let wait_until = {
                let mut state = self.lock();
                let Some(open) = &mut state.open else { return Pass(None) };
                let now = Instant::now();
                let leased = open.probing.is_some_and(|since| now < since + PROBE_LEASE);
                if !leased && now >= open.next_try {
                    open.probing = Some(now);
                    return Pass(Some(self));
                }
                if leased { now + PROBE_LEASE } else { open.next_try }
            };
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep_until(wait_until) => {}
            }
        }
    }

    fn probe_is_over(&self) {
        if let Some(open) = &mut self.lock().open
            && open.probing.take().is_some()
        {
            self.changed.notify_waiters();
        }
    }

    /// The endpoint answered, whatever it said.
    pub(crate) fn answered(&self) -> CameBack {
        let mut state = self.lock();
        state.failures = 0;
        state.reached = Reached::Yes;
        if state.open.take().is_none() {
            return CameBack::No;
        }
        drop(state);
        self.changed.notify_waiters();
        CameBack::Yes
    }

    /// A request failed without an answer. Says whether the breaker is open now.
    pub(crate) fn failed(&self, fault: &Fault) -> bool {
        let mut state = self.lock();
        state.failures += 1;
        let opens = state.failures >= FAILURES_TO_OPEN;
        let now = Instant::now();
        match &mut state.open {
            Some(open) => {
                // Requests that were under way when it opened are no probes: they must not lengthen
                // the wait.
                if open.probing.take().is_some() {
                    open.wait = (open.wait * 2).min(LONGEST_WAIT);
                    open.next_try = now + open.wait;
                }
                open.fault = fault.clone();
            }
            None if opens => {
                state.open = Some(Open {
                    fault: fault.clone(),
                    since: now,
                    next_try: now + FIRST_WAIT,
                    wait: FIRST_WAIT,
                    probing: None,
                });
            }
            None => return false,
        }
        drop(state);
        self.changed.notify_waiters();
        true
    }

    /// Tries at once: the user pressed "try now", or the network came back.
    pub(crate) fn try_now(&self) {
        if let Some(open) = &mut self.lock().open {
            open.next_try = Instant::now();
            open.wait = FIRST_WAIT;
            open.probing = None;
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn offline(&self) -> Option<Offline> {
        let state = self.lock();
        let open = state.open.as_ref()?;
        Some(Offline {
            fault: open.fault.clone(),
            since: open.since,
            next_try: open.next_try,
            reached_before: state.reached,
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while holding this lock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ferry_model::FaultKind;

    use super::*;

    fn fault() -> Fault {
        Fault::new(FaultKind::Unreachable)
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_probes_one_at_a_time_and_closes_for_all() {
        let breaker = Arc::new(Breaker::new());
        for _ in 1..FAILURES_TO_OPEN {
            assert!(!breaker.failed(&fault()));
            drop(breaker.pass().await);
        }
        assert!(breaker.failed(&fault()));
        let begin = Instant::now();
        let _probe = breaker.pass().await;
        assert_eq!(begin.elapsed(), FIRST_WAIT);

        let waiting = tokio::spawn({
            let breaker = Arc::clone(&breaker);
            async move {
                drop(breaker.pass().await);
                begin.elapsed()
            }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!waiting.is_finished(), "a second probe went out beside the first");
        breaker.answered();
        assert_eq!(waiting.await.expect("no panic"), Duration::from_secs(6));
        assert_eq!(breaker.offline(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_frees_its_place() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES_TO_OPEN {
            breaker.failed(&fault());
        }
        drop(breaker.pass().await);
        let begin = Instant::now();
        drop(breaker.pass().await);
        assert_eq!(begin.elapsed(), Duration::ZERO, "the next one waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn failed_probes_wait_longer_up_to_the_cap() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES_TO_OPEN {
            breaker.failed(&fault());
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            let begin = Instant::now();
            let _probe = breaker.pass().await;
            waits.push(begin.elapsed().as_secs());
            breaker.failed(&fault());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    }
}
