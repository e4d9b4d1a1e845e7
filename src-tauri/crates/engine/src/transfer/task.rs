//! The task of one transfer: asks the machine for the next effect, executes it, feeds the outcome
//! back, writes it down.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_journal::{BatchRow, Durability, PartRow, Receipt, RowState, TransferRow};
use ferry_model::existing::{self, Guard};
use ferry_model::{
    Affects, Effect, Event, Fault, FaultKind, Growth, PartPlan, Phase, Profile, Standing, Transfer,
};
use ferry_storage::{ObjectOptions, ObjectStore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::attempts::{Attempts, Failed};
use crate::endpoint::checksums::KnownChecksums;
use crate::endpoint::lanes::Lane;
use crate::events::EngineEvent;
use crate::live::{Activity, Flight, Live};
use crate::objects::Turn;
use crate::options::{Own, needed_integrity, request_options, wants_digest};
use crate::shared::Shared;
use crate::source::once::{Once, OnceFiles, is_once, unreadable};
use crate::source::reading::{Range, ReadAhead};
use crate::source::{Files, MayChange};
use crate::transfer::checksums::Asking;
use crate::transfer::compare::OwnDamaged;
use crate::waits::{HeldBack, RequestClock};

/// How a run of a transfer ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ended {
    /// At rest, or for good.
    Rested,
    /// Stopped from outside; the row says how far it came.
    Interrupted,
    /// Its profile waits for the user: the row stays as it is, and goes on with its upload id.
    Held(Box<Fault>),
}

/// When this run meant to begin an upload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Intent {
    /// The clock's offset that was known then.
    pub(crate) offset: i64,
    /// By the monotonic clock.
    pub(crate) at: Instant,
}

/// One transfer under way.
pub(crate) struct Task {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) attempts: Attempts,
    pub(crate) live: Arc<Live>,
    pub(crate) profile: Profile,
    pub(crate) row: TransferRow,
    pub(crate) machine: Transfer,
    /// Parts the store acknowledged, by number, with what was computed here.
    pub(crate) parts: BTreeMap<u32, PartRow>,
    /// The whole file, if it is small and was just looked at: for its first request.
    pub(crate) ahead: Mutex<Option<ReadAhead>>,
    /// The whole file's CRC-64/NVME, where it was computed.
    pub(crate) crc64_nvme: Option<u64>,
    /// What is known of the checksums that the store answers with.
    pub(crate) checksums: Arc<KnownChecksums>,
    /// How this run's requests speak of them.
    pub(crate) asking: Asking,
    /// Whether what the store already had was counted as resumed in this run.
    pub(crate) counted: bool,
    /// What the batch asks of its objects, and how they are named.
    pub(crate) batch: Arc<BatchRow>,
    /// The file's SHA-256 in hex, once computed.
    pub(crate) sha256: Option<String>,
    /// An object of this transfer's own that disagrees with the file: the next try replaces it.
    pub(crate) own_damaged: Option<OwnDamaged>,
    /// Whether an object with this very content was there, so that nothing had to be sent.
    pub(crate) already_there: bool,
    /// Bodies and merges of this run that the store's answer disagreed with.
    pub(crate) damaged: u32,
    /// How often each part was acknowledged in this run, and then missing from the list.
    pub(crate) lost: BTreeMap<u32, u32>,
    /// How this run dated its intent to begin an upload.
    pub(crate) intent: Option<Intent>,
    /// Its source, where that can be read only once.
    pub(crate) once: Option<Arc<Once>>,
    /// [`Growth::Growing`] while parts of it may be other bytes than the complete file's.
    pub(crate) growth: Growth,
    /// What the answer to Put or Complete tells a receipt.
    pub(crate) made: Receipt,
    /// No other transfer of its object runs, where that matters.
    pub(crate) _turn: Option<Turn>,
}

impl Task {
    /// # Errors
    /// The vault's, the journal's, and those of an address that cannot be used.
    pub(crate) async fn new(
        shared: Arc<Shared>,
        mut row: TransferRow,
        profile: Profile,
        live: Arc<Live>,
        turn: Option<Turn>,
    ) -> Result<Self, Failed> {
        let once = shared.inputs.of(&row.ferry_id);
        if once.is_none() && is_once(row.source.as_path()) && !row.phase.takes_back() {
            return Err(unreadable().with_detail("its command has ended").into());
        }
        let store = shared.clients.store(&profile, &row.bucket, shared.clock.now_ms()).await;
        let store = store.map_err(of_profile)?;
        let checksums = shared.checksums.of(&shared.journal, &profile).await;
        // Parts are of an upload: most small files never have one.
        let parts = match row.phase.upload_id() {
            Some(_) => shared.journal.parts(row.id).await.map_err(|error| error.fault())?,
            None => Vec::new(),
        };
        let attempts = Attempts {
            gate: shared.gates.of(&profile.endpoint),
            lanes: shared.lanes.of(&profile),
            lane: Lane::of(row.size),
            live: Arc::clone(&live),
            store: Arc::clone(&store),
            profile: profile.id,
            key: row.key.clone(),
            doubted: Mutex::default(),
            asked: AtomicBool::new(false),
            shared: Arc::clone(&shared),
        };
        let batch = shared.batches.get(&shared.journal, row.batch).await?;
        let growth = match batch.watch {
            Some(_) => growth_of(&shared, &row).await?,
            None => Growth::Whole,
        };
        let machine = row.transfer();
        // A batch that is put again may have other options than when its rows were written.
        row.integrity = needed_integrity(row.integrity, profile.provider, &batch.options);
        let parts = parts.into_iter().map(|part| (part.number, part)).collect();
        let task = Self {
            shared,
            store,
            attempts,
            live,
            profile,
            row,
            machine,
            parts,
            ahead: Mutex::default(),
            crc64_nvme: None,
            checksums,
            asking: Asking::AsKnown,
            counted: false,
            batch,
            sha256: None,
            own_damaged: None,
            already_there: false,
            damaged: 0,
            lost: BTreeMap::new(),
            intent: None,
            once,
            growth,
            made: Receipt::default(),
            _turn: turn,
        };
        task.tell_client();
        Ok(task)
    }

    /// Runs until the transfer rests, ends, or `stop` is cancelled.
    ///
    /// # Errors
    /// Only the journal's: every other failure is a state of the transfer.
    ///
    /// # Cancellation
    /// `stop` drops the requests under way at once. An event that already happened is still
    /// written, unless the disk refuses it: the store can tell it again.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<Ended, Fault> {
        self.live.set_acked(self.acked_bytes());
        let mut lacking = 0;
        let mut volume = None;
        while let Some(effect) = self.machine.effect() {
            self.live.set_activity(activity(effect));
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(Ended::Interrupted),
                outcome = self.execute(effect) => outcome,
            };
            if let Err(Failed::Lacking(fault)) = &outcome {
                if fault.kind.affects() == Affects::Volume && volume.is_none() {
                    let queued = self.row.identity;
                    volume = queued.map(|queued| self.shared.volumes.wait(queued.device, fault));
                }
                let wait = async {
                    match volume {
                        Some(_) => self.attempts.wait_for_volume(fault).await,
                        // Fewer at once, and later.
                        None => self.attempts.wait_for_computer(fault, lacking).await,
                    }
                };
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(Ended::Interrupted),
                    () = wait => {}
                }
                lacking += 1;
                continue;
            }
            lacking = 0;
            if volume.take().is_some() {
                // What else is on the volume may run.
                self.shared.wake.notify_one();
            }
            let event = match outcome.or_else(|failed| failed.event(&self.machine)) {
                Ok(event) => event,
                Err(fault) => {
                    // With a client of before the profile changed, it only has to begin again with
                    // the one of now.
                    let clients = &self.shared.clients;
                    let current = clients.is_current(self.profile.id, &self.store);
                    return Ok(if current {
                        Ended::Held(Box::new(fault))
                    } else {
                        Ended::Interrupted
                    });
                }
            };
            if !self.take(effect, event, &stop).await? {
                return Ok(Ended::Interrupted);
            }
        }
        Ok(Ended::Rested)
    }

    /// Feeds the event to the machine and writes the outcome, before anything follows from it. Says
    /// whether it was written.
    async fn take(
        &mut self,
        effect: Effect,
        event: Event,
        stop: &CancellationToken,
    ) -> Result<bool, Fault> {
        let before = self.machine.clone();
        self.already_there |= event == Event::AlreadyThere;
        tracing::debug!(id = %self.row.id, ?effect, ?event, "transfer");
        if let Err(unexpected) = self.machine.on(event) {
            self.shared.tally.count_unexpected();
            tracing::error!(id = %self.row.id, ?effect, %unexpected, "an event without a row");
            let fault = Fault::new(FaultKind::Internal).with_detail(unexpected.to_string());
            // It would come again at once, for ever.
            self.machine.on(Event::Faulted(fault)).expect("whatever runs can fail");
        }
        if self.machine.phase == Phase::Fresh && before.phase != Phase::Fresh {
            // Its part rows go with the row's new phase.
            self.parts.clear();
            self.row.crc64 = None;
            self.row.etag = None;
            self.crc64_nvme = None;
            self.made = Receipt::default();
            self.live.set_acked(0);
        }
        if self.machine.phase == Phase::Creating && before.phase == Phase::Fresh {
            // By the store's clock, which is not set meanwhile.
            let offset = self.store.clock_offset();
            self.intent = Some(Intent { offset, at: Instant::now() });
            let offset_ms = offset.saturating_mul(1_000);
            self.row.intent_ms = Some(self.shared.clock.now_ms().saturating_add(offset_ms));
        }
        if self.machine == before {
            return Ok(true);
        }
        let durability = match self.machine.must_be_durable(&before) {
            true => Durability::Full,
            false => Durability::Normal,
        };
        let saved = tokio::select! {
            biased;
            saved = self.save(durability) => saved.map(|()| true)?,
            () = stop.cancelled() => false,
        };
        if saved {
            self.count_end(before.standing);
        }
        self.shared.events.emit(EngineEvent::Row(self.row.id));
        Ok(saved)
    }

    /// Counts how it ended or came to rest, if that is new.
    fn count_end(&self, before: Standing) {
        let (tally, now) = (&self.shared.tally, self.machine.standing);
        if now != before && (now.has_ended() || now.waits_for_user()) {
            self.shared.outcomes.emit(self.row.id);
        }
        match &self.machine.fault {
            _ if now == before => {}
            _ if now == Standing::Done && !self.already_there => tally.count_upload(self.row.size),
            Some(fault) if now.waits_for_user() => tally.count_failure(fault.kind),
            _ => {}
        }
    }

    pub(crate) async fn save(&self, durability: Durability) -> Result<(), Fault> {
        let state = RowState {
            key: Some(self.row.key.clone()),
            size: Some(self.row.size),
            identity: self.row.identity,
            taken_anew: Some(self.row.taken_anew),
            part_size: Some(self.row.part_size),
            crc64: self.row.crc64,
            etag: self.row.etag.clone(),
            intent_ms: self.row.intent_ms,
            there: self
                .row
                .there
                .filter(|_| self.machine.standing != Standing::Done || self.already_there),
            receipt: self.receipt(),
            ..RowState::of(&self.machine)
        };
        let id = self.row.id;
        let write = |journal: ferry_journal::Journal| {
            let state = state.clone();
            async move { journal.record(id, state, durability).await }
        };
        self.shared.durable.write(write).await
    }

    /// What is known here of what a receipt tells. The journal keeps the first start.
    fn receipt(&self) -> Receipt {
        let now = self.shared.clock.now_ms();
        let mut sha256 = [0; 32];
        let known = self.sha256.as_deref().map(|text| hex::decode_to_slice(text, &mut sha256));
        Receipt {
            sha256: matches!(known, Some(Ok(()))).then_some(sha256),
            crc64_nvme: self.crc64_nvme,
            started_ms: Some(now),
            finished_ms: self.machine.standing.keeps_its_moment().then_some(now),
            ..self.made.clone()
        }
    }

    async fn execute(&mut self, effect: Effect) -> Result<Event, Failed> {
        match effect {
            Effect::Prepare if self.once.is_some() => self.prepare_once().await,
            Effect::Prepare if self.growth == Growth::Growing => self.prepare_growing().await,
            Effect::Prepare => self.prepare().await,
            Effect::Put => self.put().await,
            Effect::Initiate => self.initiate().await,
            Effect::FindUpload => self.find_upload().await,
            Effect::ListParts => self.list_parts().await,
            Effect::SendParts if self.is_piped() => self.send_piped().await,
            Effect::SendParts if self.growth == Growth::Growing => self.send_growing().await,
            Effect::SendParts => self.send_parts().await,
            Effect::Complete => self.complete().await,
            Effect::Verify => self.verify().await,
            Effect::Inspect => self.inspect().await,
            Effect::Abort => self.abort().await,
        }
    }

    /// The upload id of the phase.
    pub(crate) fn upload_id(&self) -> Result<String, Failed> {
        let id = self.machine.phase.upload_id().map(str::to_owned);
        id.ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("an effect without its upload id").into()
        })
    }

    pub(crate) fn plan(&self) -> PartPlan {
        PartPlan::resumed(self.row.size, self.row.part_size)
    }

    pub(crate) fn acked_bytes(&self) -> u64 {
        self.parts.values().map(|part| part.size).sum()
    }

    /// Where its source is.
    pub(crate) fn files(&self) -> Arc<dyn Files> {
        match &self.once {
            Some(once) => Arc::new(OnceFiles(Arc::clone(once))),
            None => Arc::clone(&self.shared.files),
        }
    }

    /// The whole file, or a piece of it, as it was when it was queued; of one that grows, as it is.
    pub(crate) fn range(&self, offset: u64, len: u64) -> Range {
        let may_change = match self.growth {
            Growth::Growing => MayChange::Contents,
            Growth::Whole | Growth::Grown => MayChange::Nothing,
        };
        let range = Range::of(self.files(), self.row.queued_source(), offset, len);
        Range { may_change, ..range }
    }

    /// Times a request from its begin to its answer.
    pub(crate) fn time_request(&self) -> RequestClock {
        RequestClock::start(&self.shared.tally.waits)
    }

    /// What the store says of a request's time: it keeps to the traffic limit that this batch asks
    /// for, and tells of it as of its own throttling.
    pub(crate) fn held_back(&self, time: Duration) -> HeldBack {
        HeldBack { time, by_traffic_limit: self.batch.options.traffic_limit > 0 }
    }

    /// Counts the bytes of a request of this lane, and what it waits for.
    pub(crate) fn flight(&self, lane: Lane, clock: &RequestClock) -> Flight {
        Flight::new(&self.live, &self.attempts.lanes, lane, clock.waits())
    }

    pub(crate) fn options(&self) -> ObjectOptions {
        let own = Own {
            ferry_id: &self.row.ferry_id,
            sha256: self.sha256.as_deref(),
            // What arrived damaged is ours to replace, under every policy.
            guard: match self.own_damaged {
                Some(_) => Guard::Replace,
                None => existing::guard(self.row.existing),
            },
            if_match: self.own_damaged.as_ref().and_then(|own| own.etag.as_deref()),
        };
        request_options(&self.batch.options, own)
    }

    /// The options of the request that creates the object or its upload: with the file's digest,
    /// where the batch asks for it.
    pub(crate) async fn creation_options(&mut self) -> Result<ObjectOptions, Fault> {
        if wants_digest(&self.batch.options) && self.sha256.is_none() {
            self.live.set_activity(Activity::Preparing);
            let digest = self.range(0, self.row.size).sha256().await?;
            self.sha256 = Some(hex::encode(digest));
        }
        Ok(self.options())
    }
}

/// Whether parts of a watch's file were, or will be, sent while it grows, and are not yet compared
/// with what it became: the row has that identity only afterwards.
async fn growth_of(shared: &Shared, row: &TransferRow) -> Result<Growth, Fault> {
    let growth = shared.journal.growth(row.id).await.map_err(|error| error.fault())?;
    Ok(match growth {
        (Growth::Whole, _) => Growth::Whole,
        (Growth::Grown, identity) if identity == row.identity => Growth::Whole,
        _ => Growth::Growing,
    })
}

/// What failed before a transfer had a client: the profile's fault holds the profile.
pub(crate) fn of_profile(fault: Fault) -> Failed {
    match fault.kind.affects() {
        Affects::Profile => Failed::Held(fault),
        _ => fault.into(),
    }
}

fn activity(effect: Effect) -> Activity {
    match effect {
        Effect::Prepare | Effect::Initiate | Effect::FindUpload | Effect::ListParts => {
            Activity::Preparing
        }
        Effect::Put | Effect::SendParts => Activity::Uploading,
        Effect::Complete | Effect::Verify | Effect::Inspect => Activity::Verifying,
        Effect::Abort => Activity::Cancelling,
    }
}
