//! The gate of one endpoint: requests pass while it is well and wait while it is offline. What
//! "well" means is [`ferry_model::health`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_model::Fault;
use ferry_model::health::{Health, Permission, Reached, Request, RequestId};
use ferry_model::reaction::Blame;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::lock::lock;

/// What the window and the command line say while an endpoint is offline.
#[derive(Debug, Clone, PartialEq)]
pub struct Offline {
    /// The last failure.
    pub fault: Fault,
    /// When it went offline.
    pub since: Instant,
    /// When the next probe goes out.
    pub next_try: Instant,
    /// Whether this endpoint ever answered in this run.
    pub reached_before: Reached,
}

#[derive(Debug)]
pub(crate) struct Gate {
    health: Mutex<Health>,
    changed: Notify,
    /// Requests that wait before they ask again are to ask now.
    hurry: Notify,
    /// The health's time 0.
    began: Instant,
}

/// The right to send one request. Dropping it without a report frees the place of a probe.
#[must_use]
#[derive(Debug)]
pub(crate) struct Passed<'a> {
    gate: &'a Gate,
    request: RequestId,
}

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        if lock(&self.gate.health).given_up(self.request) {
            self.gate.changed.notify_waiters();
        }
    }
}

impl Gate {
    fn new() -> Self {
        Self {
            health: Mutex::default(),
            changed: Notify::new(),
            hurry: Notify::new(),
            began: Instant::now(),
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Returns when the request may go out: at once while the endpoint is well; while it is
    /// offline, for one caller at a time after `probe` (a request without a body) was answered.
    ///
    /// # Cancellation
    /// Dropping the future frees the place of a probe.
    pub(crate) async fn pass<Probe>(
        &self,
        request: RequestId,
        probe: impl Fn() -> Probe,
    ) -> Passed<'_>
    where
        Probe: Future<Output = Result<(), Fault>>,
    {
        loop {
            let changed = self.changed.notified();
            let permission = lock(&self.health).permission(request, self.now());
            match permission {
                Permission::Send => return Passed { gate: self, request },
                Permission::Probe => {
                    let passed = Passed { gate: self, request };
                    match probe().await {
                        Ok(()) => {
                            lock(&self.health).probe_answered();
                            return passed;
                        }
                        Err(fault) => lock(&self.health).probe_failed(&fault, self.now()),
                    }
                    drop(passed);
                    self.changed.notify_waiters();
                }
                Permission::Wait(until) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = tokio::time::sleep_until(self.began + until) => {}
                },
            }
        }
    }

    /// A request was answered. Says whether the endpoint was offline until now.
    pub(crate) fn answered(&self, request: &Request<'_>) -> bool {
        let came_back = lock(&self.health).answered(request, self.now());
        if came_back {
            tracing::info!("an endpoint is online again");
        }
        // An answered read may end the prober's turn without ending the outage.
        self.changed.notify_waiters();
        came_back
    }

    /// A request failed in a way that may be the endpoint's. `asked` says whether the store
    /// answered a request without a body about its key since. Says whom it counts against.
    pub(crate) fn failed(&self, request: &Request<'_>, asked: bool, fault: &Fault) -> Blame {
        let mut health = lock(&self.health);
        let was_offline = health.outage().is_some();
        let blame = health.failed(request, asked, fault, self.now());
        let is_offline = health.outage().is_some();
        drop(health);
        if is_offline && !was_offline {
            tracing::info!(%fault, "an endpoint is offline");
        }
        self.changed.notify_waiters();
        blame
    }

    /// A transfer to this key ended.
    pub(crate) fn left(&self, key: &str) {
        lock(&self.health).left(key);
    }

    /// Probes at once, if it is offline.
    pub(crate) fn probe_now(&self) {
        lock(&self.health).try_now(self.now());
        self.changed.notify_waiters();
    }

    /// Tries at once: the user pressed "try now". It also ends the waits of single requests, those
    /// that the store asked for too.
    pub(crate) fn try_now(&self) {
        self.probe_now();
        self.hurry.notify_waiters();
    }

    /// Waits so long, or until the user wants another try.
    pub(crate) async fn rest(&self, time: Duration) {
        tokio::select! {
            biased;
            () = self.hurry.notified() => {}
            () = tokio::time::sleep(time) => {}
        }
    }

    /// Whether it is offline. Asked before each request, so it copies nothing.
    pub(crate) fn is_offline(&self) -> bool {
        lock(&self.health).outage().is_some()
    }

    pub(crate) fn offline(&self) -> Option<Offline> {
        let health = lock(&self.health);
        let outage = health.outage()?;
        Some(Offline {
            fault: outage.fault.clone(),
            since: self.began + outage.since,
            next_try: self.began + outage.next_try,
            reached_before: health.reached(),
        })
    }
}

/// The gates of all endpoints that were used in this run.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    gates: Mutex<BTreeMap<String, Arc<Gate>>>,
}

impl Gates {
    pub(crate) fn of(&self, endpoint: &str) -> Arc<Gate> {
        let mut gates = lock(&self.gates);
        Arc::clone(gates.entry(endpoint.to_owned()).or_insert_with(|| Arc::new(Gate::new())))
    }

    /// The endpoints that are offline.
    pub(crate) fn offline(&self) -> Vec<(String, Offline)> {
        let gates = lock(&self.gates);
        gates
            .iter()
            .filter_map(|(endpoint, gate)| Some((endpoint.clone(), gate.offline()?)))
            .collect()
    }

    pub(crate) fn try_now(&self) {
        for gate in lock(&self.gates).values() {
            gate.try_now();
        }
    }

    pub(crate) fn probe_now(&self) {
        for gate in lock(&self.gates).values() {
            gate.probe_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::FaultKind;
    use ferry_model::health::{Access, FAILURES_TO_OPEN, FIRST_WAIT};

    use super::*;

    fn fault() -> Fault {
        Fault::new(FaultKind::Unreachable)
    }

    async fn well() -> Result<(), Fault> {
        Ok(())
    }

    fn write(id: RequestId, key: &str) -> Request<'_> {
        Request { id, key, access: Access::Write }
    }

    fn offline() -> Arc<Gate> {
        let gate = Gate::new();
        for transfer in 0..FAILURES_TO_OPEN {
            gate.failed(&write(transfer.into(), &transfer.to_string()), false, &fault());
        }
        Arc::new(gate)
    }

    #[tokio::test(start_paused = true)]
    async fn one_probes_and_its_success_lets_all_go_on() {
        let gate = offline();
        let begin = Instant::now();
        let prober = gate.pass(1, well).await;
        assert_eq!(begin.elapsed(), FIRST_WAIT);
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move {
                drop(gate.pass(2, well).await);
                begin.elapsed()
            }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!waiting.is_finished(), "a second request went out beside the prober's");
        assert!(gate.answered(&write(1, "1")));
        drop(prober);
        assert_eq!(waiting.await.expect("no panic"), Duration::from_secs(6));
        assert_eq!(gate.offline(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_prober_that_is_stopped_frees_its_place() {
        let gate = offline();
        let silent = gate.pass(1, std::future::pending::<Result<(), Fault>>);
        assert!(tokio::time::timeout(Duration::from_secs(3), silent).await.is_err());
        let begin = Instant::now();
        drop(gate.pass(2, well).await);
        assert_eq!(begin.elapsed(), Duration::ZERO, "the next one waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn try_now_probes_at_once() {
        let gate = offline();
        gate.try_now();
        let begin = Instant::now();
        drop(gate.pass(1, well).await);
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_prober_whose_read_is_answered_frees_its_place() {
        let gate = offline();
        let begin = Instant::now();
        let prober = gate.pass(1, well).await;
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move {
                drop(gate.pass(2, well).await);
                begin.elapsed()
            }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let read = Request { id: 1, key: "1", access: Access::Read };
        assert!(!gate.answered(&read), "its writes are not answered yet");
        drop(prober);
        assert_eq!(waiting.await.expect("no panic"), FIRST_WAIT + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn try_now_ends_the_wait_of_a_single_request() {
        let gate = Arc::new(Gate::new());
        let begin = Instant::now();
        let resting = Arc::clone(&gate);
        let rest = tokio::spawn(async move { resting.rest(Duration::from_secs(3_600)).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        gate.probe_now();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!rest.is_finished(), "only the user ends it");
        gate.try_now();
        rest.await.expect("no panic");
        assert_eq!(begin.elapsed(), Duration::from_secs(2));
    }
}
