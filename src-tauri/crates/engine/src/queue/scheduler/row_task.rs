//! The task of one row, from its slot to the state that it rests in.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ferry_journal::{Durability, RowState, TransferRow};
use ferry_model::{Event, Fault, FaultKind, Profile, ProfileId, TransferId};
use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::{Running, Scheduler};
use crate::endpoint::lanes::Lane;
use crate::events::EngineEvent;
use crate::live::Live;
use crate::lock::lock;
use crate::objects::{ObjectName, Turn};
use crate::transfer::attempts::Failed;
use crate::transfer::task::{Ended, Task};

/// How long a profile whose credential command failed is held before the command is run again.
const COMMAND_PAUSE: Duration = Duration::from_secs(60);

/// The profile changed while a transfer waited: it begins again with what the profile says now.
struct ProfileChanged;

impl Scheduler {
    pub(super) fn spawn(self: &Arc<Self>, row: TransferRow, lane: Lane) {
        let (id, profile) = (row.id, row.profile);
        let stop = self.stop.child_token();
        let mut running = lock(&self.running);
        if running.contains_key(&id) {
            return;
        }
        let live = Arc::new(Live::new(Arc::clone(&self.shared.tally)));
        let task = tokio::spawn({
            let (scheduler, live, stop) = (Arc::clone(self), Arc::clone(&live), stop.clone());
            async move { scheduler.drive(row, live, stop).await }
        });
        running.insert(id, Running { lane, profile, live, stop, task: Some(task) });
    }

    async fn drive(self: Arc<Self>, row: TransferRow, live: Arc<Live>, stop: CancellationToken) {
        let (id, profile) = (row.id, row.profile);
        // What a panic may leave half changed is the task's own, and goes with it.
        let run = AssertUnwindSafe(self.run_row(row, live, stop)).catch_unwind();
        let ended = match run.await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::error!(%id, "a transfer's task panicked");
                let fault =
                    Fault::new(FaultKind::Internal).with_detail("a transfer's task panicked");
                self.fail_row(id, fault).await
            }
        };
        self.shared.registry.leave(id);
        lock(&self.running).remove(&id);
        match ended {
            Ok(Ended::Held(fault)) => {
                self.hold(profile, (*fault).clone());
                self.queue_changed.store(true, Ordering::SeqCst);
                if self.shared.clients.credentials.by_command(profile) {
                    self.ask_again_later(profile, *fault);
                }
            }
            // Stopped from outside: it may be runnable again already.
            Ok(Ended::Interrupted) => self.queue_changed.store(true, Ordering::SeqCst),
            Ok(Ended::Rested) => {}
            // The row is as it was written last: the store is asked what came after that.
            Err(fault) => {
                self.shared.durable.fails(&fault);
                self.queue_changed.store(true, Ordering::SeqCst);
            }
        }
        self.shared.events.emit(EngineEvent::Row(id));
        self.wake_up();
    }

    async fn run_row(
        &self,
        row: TransferRow,
        live: Arc<Live>,
        stop: CancellationToken,
    ) -> Result<Ended, Fault> {
        let id = row.id;
        let profile = self.shared.journal.profile(row.profile).await;
        let Some(profile) = profile.map_err(|error| error.fault())? else {
            return self.fail_row(id, Fault::new(FaultKind::NoSuchProfile)).await;
        };
        lock(&self.endpoints).insert(profile.id, profile.endpoint.clone());
        let turn = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Ended::Interrupted),
            turn = self.turn(&row, &profile, &live) => turn?,
        };
        let Ok(turn) = turn else { return Ok(Ended::Interrupted) };
        self.shared.registry.enter(id, Arc::clone(&live));
        self.shared.events.emit(EngineEvent::Row(id));
        let (gate, key) = (self.shared.gates.of(&profile.endpoint), row.key.clone());
        let task = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Ended::Interrupted),
            task = Task::new(Arc::clone(&self.shared), row, profile, live, turn) => task,
        };
        let ended = match task {
            Ok(task) => task.run(stop).await,
            Err(Failed::Held(fault)) => Ok(Ended::Held(Box::new(fault))),
            Err(Failed::Doubtful) => Ok(Ended::Interrupted),
            // It begins again when that has passed.
            Err(Failed::Lacking(fault)) => Err(fault),
            Err(Failed::Fault(fault)) => self.fail_row(id, fault).await,
        };
        gate.left(&key);
        ended
    }

    /// Waits until no other transfer of this object runs, if it may not run beside one. It takes no
    /// slot meanwhile. [`ProfileChanged`] where the profile says something else after the wait.
    async fn turn(
        &self,
        row: &TransferRow,
        profile: &Profile,
        live: &Live,
    ) -> Result<Result<Option<Turn>, ProfileChanged>, Fault> {
        if !row.phase.claims_object() {
            return Ok(Ok(None));
        }
        let object = ObjectName::of(row, profile);
        if let Some(turn) = self.shared.objects.try_turn(object.clone()) {
            return Ok(Ok(Some(turn)));
        }
        let _request = live.request();
        let _waiting = (live.wait(), live.wait_elsewhere());
        self.shared.wake.notify_one();
        let turn = self.shared.objects.turn(object).await;
        // That may have taken hours.
        let current = self.shared.journal.profile(profile.id).await;
        let same = current.map_err(|error| error.fault())?.as_ref() == Some(profile);
        Ok(if same { Ok(Some(turn)) } else { Err(ProfileChanged) })
    }

    async fn fail_row(&self, id: TransferId, fault: Fault) -> Result<Ended, Fault> {
        let row = self.shared.journal.transfer(id).await.map_err(|error| error.fault())?;
        let Some(row) = row else { return Ok(Ended::Interrupted) };
        let mut machine = row.transfer();
        if machine.on(Event::Faulted(fault)).is_err() {
            return Ok(Ended::Interrupted);
        }
        let state = RowState::of(&machine);
        let write = |journal: ferry_journal::Journal| {
            let state = state.clone();
            async move { journal.record(id, state, Durability::Full).await }
        };
        self.shared.durable.try_write(write).await?;
        self.shared.outcomes.emit(id);
        Ok(Ended::Rested)
    }

    /// A command that gave no credentials now may give some later: nobody may be there to press a
    /// button.
    fn ask_again_later(self: &Arc<Self>, profile: ProfileId, reason: Fault) {
        let scheduler = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = scheduler.stop.cancelled() => return,
                () = tokio::time::sleep(COMMAND_PAUSE) => {}
            }
            scheduler.shared.holds.release_from(profile, &reason);
            scheduler.reschedule();
        });
    }

    /// Holds a profile: its other transfers stop where they are and wait, instead of failing one by
    /// one.
    fn hold(&self, profile: ProfileId, fault: Fault) {
        self.shared.holds.hold(profile, fault);
        let running = lock(&self.running);
        for entry in running.values().filter(|entry| entry.profile == profile) {
            entry.stop.cancel();
        }
    }
}
