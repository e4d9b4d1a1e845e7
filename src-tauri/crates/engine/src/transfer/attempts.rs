//! The one retry loop. What follows from a failure is [`ferry_model::reaction`]; here it is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_model::health::{Access, Request, RequestId};
use ferry_model::reaction::{Blame, Counts, Failure, History, Reaction, backoff, reaction};
use ferry_model::source::VOLUME_LOOK;
use ferry_model::{
    Affects, Credentials, Delivery, Event, Fault, FaultKind, ProfileId, Repeat, Transfer,
};
use ferry_storage::{ObjectStore, RetryNow, StoreError};

use crate::endpoint::gate::Gate;
use crate::endpoint::lanes::{Lane, ProfileLanes};
use crate::events::EngineEvent;
use crate::live::Live;
use crate::lock::lock;
use crate::shared::Shared;
use crate::under_way::Retried;
use crate::waits::{Wait, WaitClock};

/// Why an effect brought no event of its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failed {
    /// It may have taken effect: the store has to be asked.
    Doubtful,
    /// The profile waits for the user, or it changed and the transfer has to begin again with the
    /// client of now; the transfer stays as it is.
    Held(Fault),
    /// This computer lacks something, or the file's volume is missing: no fault of the file, which
    /// is tried again once that has passed.
    Lacking(Fault),
    /// The machine decides what the fault means.
    Fault(Fault),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        match fault.kind.affects() {
            Affects::Computer | Affects::Volume => Self::Lacking(fault),
            Affects::Item | Affects::Profile | Affects::Endpoint => Self::Fault(fault),
        }
    }
}

impl Failed {
    /// What the machine is told; `Err` where the profile is held instead.
    pub(crate) fn event(self, machine: &Transfer) -> Result<Event, Fault> {
        match self {
            Self::Doubtful => Ok(Event::Doubt),
            Self::Held(fault) => Err(fault),
            Self::Fault(fault) | Self::Lacking(fault) => Ok(machine.event_of(fault)),
        }
    }
}

/// An answer, and the credentials its request was signed with.
type Tried<T> = (Result<T, StoreError>, Option<Credentials>);

/// What one transfer needs to try requests.
pub(crate) struct Attempts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) lanes: Arc<ProfileLanes>,
    /// The lane that the transfer's requests belong to.
    pub(crate) lane: Lane,
    pub(crate) live: Arc<Live>,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) profile: ProfileId,
    /// The key that failures are counted for.
    pub(crate) key: String,
    /// What was tried of the request that is asked about after each doubt: Put, Initiate, Complete.
    pub(crate) doubted: Mutex<History>,
    /// Whether a request without a body was answered after a failure that is not reported yet: that
    /// failure is the item's, unless those of many others fail as well.
    pub(crate) asked: AtomicBool,
}

impl Attempts {
    /// [`Self::run`] for a HEAD or a listing.
    pub(crate) async fn read<T, Answer>(&self, request: impl FnMut() -> Answer) -> Result<T, Failed>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        self.run(Access::Read, Repeat::Freely, None, request).await
    }

    /// [`Self::run`] for every other request.
    pub(crate) async fn write<T, Answer>(
        &self,
        repeat: Repeat,
        request: impl FnMut() -> Answer,
    ) -> Result<T, Failed>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        self.run(Access::Write, repeat, None, request).await
    }

    /// [`Self::run`] for a part.
    pub(crate) async fn write_part<T, Answer>(
        &self,
        part: u32,
        request: impl FnMut() -> Answer,
    ) -> Result<T, Failed>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        self.run(Access::Write, Repeat::Freely, Some(part), request).await
    }

    /// Calls `request` until it succeeds or its failure is final. While the endpoint is offline the
    /// call waits, and what failed meanwhile counts against no limit.
    ///
    /// # Errors
    /// [`Failed`].
    ///
    /// # Cancellation
    /// Dropping the future drops the request under way; what the store did with it is then unknown.
    async fn run<T, Answer>(
        &self,
        access: Access,
        repeat: Repeat,
        part: Option<u32>,
        mut request: impl FnMut() -> Answer,
    ) -> Result<T, Failed>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        let _request = self.live.request();
        let asker = Request { id: self.shared.random.request_id(), key: &self.key, access };
        let mut history = match repeat {
            Repeat::Freely => History::default(),
            Repeat::UnlessDoubtful => *lock(&self.doubted),
        };
        if history.failures > 0 {
            // What became of it was asked, and answered.
            self.asked.store(true, Ordering::Relaxed);
        }
        let outcome = loop {
            let passed = tokio::select! {
                biased;
                passed = self.pass(asker.id) => passed,
                // It would wait for ever for what the user has put right: another proxy, say.
                () = self.shared.clients.replaced(self.profile, &self.store) => {
                    return Err(Failed::Held(Fault::new(FaultKind::Unreachable)));
                }
            };
            let (answer, signed_with) = self.once(&asker, &mut request).await?;
            let error = match answer {
                Ok(value) => break Ok(value),
                Err(error) => error,
            };
            let blame = self.report(&asker, &error);
            drop(passed);
            let reaction = self.react(&error, repeat, &mut history, blame, signed_with).await?;
            match reaction {
                Reaction::SignAgain | Reaction::ReplaceKey => {}
                Reaction::Retry { after, counts } => {
                    history.failures = history.failures.saturating_add(1);
                    history.spent += u32::from(counts == Counts::Yes);
                    self.retrying(part, &error.fault);
                    self.rest_after(&error.fault, after).await;
                }
                Reaction::AskStore { after } => {
                    history.failures = history.failures.saturating_add(1);
                    history.spent += u32::from(blame == Blame::Item);
                    *lock(&self.doubted) = history;
                    self.retrying(part, &error.fault);
                    self.rest_after(&error.fault, after).await;
                    return Err(Failed::Doubtful);
                }
                Reaction::HoldProfile => return Err(Failed::Held(error.fault)),
                Reaction::Report => break Err(error.fault.into()),
            }
        };
        if repeat == Repeat::UnlessDoubtful {
            *lock(&self.doubted) = History::default();
            self.asked.store(false, Ordering::Relaxed);
        }
        outcome
    }

    fn retrying(&self, part: Option<u32>, fault: &Fault) {
        let at_ms = self.shared.clock.now_ms();
        self.live.retrying(Retried { at_ms, part, fault: fault.clone() });
    }

    /// Asks the table. Another key is fetched here, because what follows depends on whether there
    /// is one.
    async fn react(
        &self,
        error: &StoreError,
        repeat: Repeat,
        history: &mut History,
        blame: Blame,
        signed_with: Option<Credentials>,
    ) -> Result<Reaction, Failed> {
        let failure = Failure {
            fault: &error.fault,
            delivery: error.delivery,
            repeat,
            sign_again: error.retry_now == RetryNow::Once,
        };
        let random = self.shared.random.fraction();
        let mut reacted = reaction(&failure, history, blame, random);
        if reacted == Reaction::ReplaceKey {
            history.key_replaced = true;
            let (clients, now_ms) = (&self.shared.clients, self.shared.clock.now_ms());
            let replaced = clients.replace(self.profile, signed_with.as_ref(), now_ms).await;
            if !replaced.map_err(Failed::Held)? {
                reacted = reaction(&failure, history, blame, random);
            }
        }
        if reacted == Reaction::SignAgain {
            history.signed_again = true;
        }
        Ok(reacted)
    }

    /// Waits until the endpoint may be asked. Its probe is a HEAD of a key beside the transfer's
    /// own: one key that the store always fails on must not make it look offline to all others.
    async fn pass(&self, id: RequestId) -> crate::endpoint::gate::Passed<'_> {
        let waiting = self.gate.is_offline().then(|| self.wait());
        let probe = || async {
            let beside = format!("{}.ferry-probe", self.key);
            match self.store.head(&beside).await {
                Err(error) if error.fault.kind.affects() == Affects::Endpoint => Err(error.fault),
                _ => Ok(()),
            }
        };
        let passed = self.gate.pass(id, probe).await;
        drop(waiting);
        passed
    }

    /// Waits after this computer lacked something for the `times`-th time in a row.
    pub(crate) async fn wait_for_computer(&self, fault: &Fault, times: u32) {
        self.lanes.failed(self.lane, fault);
        self.retrying(None, fault);
        let _request = self.live.request();
        self.rest(backoff(fault, times, self.shared.random.fraction())).await;
    }

    /// Waits before the volume that holds the file is looked for again.
    pub(crate) async fn wait_for_volume(&self, fault: &Fault) {
        self.retrying(None, fault);
        self.wait_elsewhere(VOLUME_LOOK).await;
    }

    /// Waits for something else than the store, without a slot.
    pub(crate) async fn wait_elsewhere(&self, time: Duration) {
        let _request = self.live.request();
        let _waiting = (self.wait(), self.live.wait_elsewhere());
        tokio::time::sleep(time).await;
    }

    /// Waits before the store is asked again.
    pub(crate) async fn pause(&self, time: Duration) {
        let _request = self.live.request();
        let _waiting = self.wait();
        // Not for the user to cut short: an answer may be on its way to the store.
        tokio::time::sleep(time).await;
    }

    /// Waits after a failure of a request. It counts as a wait for the store if that answered.
    async fn rest_after(&self, fault: &Fault, time: Duration) {
        let mut clock = WaitClock::start(&self.shared.tally.waits);
        self.rest(time).await;
        if fault.status.is_some() {
            clock.waited(Wait::SlowDown);
        }
    }

    async fn rest(&self, time: Duration) {
        let _waiting = self.wait();
        self.gate.rest(time).await;
    }

    /// Counts this request as waiting: its transfer may take no slot meanwhile.
    fn wait(&self) -> impl Drop + '_ {
        let waiting = self.live.wait();
        self.shared.wake.notify_one();
        waiting
    }

    /// One try, and the credentials it was signed with: known only once its turn has come, which
    /// may be long after it was asked for.
    async fn once<T, Answer>(
        &self,
        asker: &Request<'_>,
        request: &mut impl FnMut() -> Answer,
    ) -> Result<Tried<T>, Failed>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        // Lock order: connection, then lane.
        let _connection = self.lanes.connection().await;
        let clients = &self.shared.clients;
        let now_ms = self.shared.clock.now_ms();
        clients.refresh_if_expiring(self.profile, now_ms).await.map_err(Failed::Held)?;
        let signed_with = clients.credentials.current(self.profile);
        let answer = request().await;
        if answer.is_ok() {
            self.answered(asker);
            self.lanes.answered(self.lane);
            self.live.went_well();
        }
        Ok((answer, signed_with))
    }

    /// Tells the endpoint's gate. Says whom the failure counts against.
    fn report(&self, asker: &Request<'_>, error: &StoreError) -> Blame {
        let was_offline = self.gate.is_offline();
        if !was_offline {
            self.lanes.failed(self.lane, &error.fault);
        }
        if error.fault.kind.affects() == Affects::Endpoint {
            let asked = self.asked.swap(false, Ordering::Relaxed);
            let blame = self.gate.failed(asker, asked, &error.fault);
            if !was_offline && self.gate.is_offline() {
                self.shared.events.emit(EngineEvent::Endpoints);
                // The others need not wait behind it.
                self.shared.wake.notify_one();
            }
            return blame;
        }
        if error.delivery == Delivery::Answered {
            self.answered(asker);
        }
        Blame::Item
    }

    /// The store answered a read, asked out of turn after requests about this key failed: what
    /// fails next is the item's, unless others fare no better.
    pub(crate) fn answered_read(&self) {
        self.asked.store(true, Ordering::Relaxed);
        let id = self.shared.random.request_id();
        self.answered(&Request { id, key: &self.key, access: Access::Read });
    }

    /// The endpoint answers; if it was offline, what waited for it may run again.
    fn answered(&self, request: &Request<'_>) {
        if self.gate.answered(request) {
            self.shared.events.emit(EngineEvent::Endpoints);
            self.shared.wake.notify_one();
        }
    }
}

/// A failure that is ours, not the wire's: nothing was sent.
pub(crate) fn unsent(fault: Fault) -> StoreError {
    StoreError::before_sending(fault)
}

/// A failure found by looking at an answer.
pub(crate) fn answered(fault: Fault) -> StoreError {
    StoreError::new(fault, Delivery::Answered)
}
