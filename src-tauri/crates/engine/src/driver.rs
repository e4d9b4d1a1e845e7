//! One transfer, driven: asks the machine for the next effect, executes it, feeds the outcome back,
//! writes it down.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferry_journal::{BatchRow, Durability, JournalError, PartRow, RowState, TransferRow};
use ferry_model::{
    Effect, Event, Fault, FaultKind, Integrity, PartPlan, Phase, Profile, Provider, Standing,
    Transfer,
};
use ferry_storage::{ObjectOptions, ObjectStore};
use tokio_util::sync::CancellationToken;

use crate::attempt::Attempts;
use crate::checksum::Md5Wanted;
use crate::context::{Context, EngineEvent};
use crate::live::{Activity, Live};
use crate::options::{Own, needed_integrity, request_options, wants_digest};
use crate::reading::Range;

/// How often one run of a transfer may go back on its way before it is given up: doubts, refused
/// parts, vanished uploads.
const MOST_TURNS: u32 = 8;

/// How a run of a transfer ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ended {
    /// At rest, or for good.
    Rested(Standing, Option<Fault>),
    /// Stopped from outside; the row says how far it came.
    Interrupted,
    /// The key has ended: the row stays as it is, and goes on with its upload id once its profile
    /// has a new one.
    NeedsKey(Fault),
}

pub(crate) struct Driver {
    pub(crate) context: Arc<Context>,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) attempts: Attempts,
    pub(crate) live: Arc<Live>,
    pub(crate) profile: Profile,
    pub(crate) row: TransferRow,
    pub(crate) machine: Transfer,
    /// Parts the store acknowledged, by number, with what was computed here.
    pub(crate) parts: BTreeMap<u32, PartRow>,
    /// Whether what the store already had was counted as resumed in this run.
    pub(crate) counted: bool,
    /// What the batch wishes of its objects, and how they are named.
    pub(crate) batch: Arc<BatchRow>,
    /// The file's SHA-256 in hex, once computed.
    pub(crate) sha256: Option<String>,
    turns: u32,
}

impl Driver {
    pub(crate) async fn new(
        context: Arc<Context>,
        mut row: TransferRow,
        profile: Profile,
        live: Arc<Live>,
    ) -> Result<Self, Fault> {
        let store = context.store(&profile, &row.bucket).await?;
        let breaker = context.breaker(&profile.endpoint);
        let parts = context.journal.parts(row.id).await.map_err(|error| error.fault())?;
        let connections = context.connections(&profile);
        let attempts = Attempts {
            context: Arc::clone(&context),
            breaker,
            live: Arc::clone(&live),
            profile: profile.id,
            connections,
        };
        let batch = context.batch(row.batch).await?;
        let machine = row.transfer();
        // A batch that is put again may have other wishes than when its rows were written.
        row.integrity = needed_integrity(row.integrity, profile.provider, &batch.options);
        let parts = parts.into_iter().map(|part| (part.number, part)).collect();
        Ok(Self {
            context,
            store,
            attempts,
            live,
            profile,
            row,
            machine,
            parts,
            counted: false,
            batch,
            sha256: None,
            turns: 0,
        })
    }

    /// Runs until the transfer rests, ends, or `stop` is cancelled.
    ///
    /// # Errors
    /// Only the journal's: every other failure is a state of the transfer.
    ///
    /// # Cancellation
    /// `stop` drops the requests under way at once. An event that already happened is still
    /// written.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<Ended, JournalError> {
        self.live.set_acked(self.acked_bytes());
        while let Some(effect) = self.machine.effect() {
            self.live.set_activity(activity(effect));
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(Ended::Interrupted),
                event = self.execute(effect) => event,
            };
            if let Event::Faulted(fault) = &event
                && needs_key(fault)
            {
                // With a client of before the profile changed, it only has to begin again with the
                // one of now.
                let current =
                    self.context.is_current(self.profile.id, &self.row.bucket, &self.store);
                return Ok(if current {
                    Ended::NeedsKey(fault.clone())
                } else {
                    Ended::Interrupted
                });
            }
            self.take(effect, event).await?;
        }
        Ok(Ended::Rested(self.machine.standing, self.machine.fault.clone()))
    }

    /// Feeds the event to the machine and writes the outcome, before anything follows from it.
    async fn take(&mut self, effect: Effect, event: Event) -> Result<(), JournalError> {
        let before = self.machine.clone();
        tracing::debug!(id = %self.row.id, ?effect, ?event, "transfer");
        if matches!(event, Event::Doubt | Event::PartsRefused | Event::UploadGone) {
            self.turns += 1;
        }
        let stuck = match &event {
            Event::NameTaken => {
                Fault::new(FaultKind::AlreadyExists).with_subject(self.row.key.clone())
            }
            Event::SourceChanged => {
                Fault::new(FaultKind::SourceChanged).with_subject(self.row.name.clone())
            }
            _ => Fault::new(FaultKind::Internal).with_detail(format!("{event:?} led nowhere")),
        };
        self.machine.on(event);
        if self.machine == before {
            // An event that leads nowhere would come again at once, for ever.
            self.machine.on(Event::Faulted(stuck));
        }
        if self.turns > MOST_TURNS
            && self.machine.standing == Standing::Active
            && before.phase != Phase::Aborting
        {
            self.machine.on(Event::Faulted(
                Fault::new(FaultKind::UnknownAnswer)
                    .with_detail("the store keeps contradicting itself"),
            ));
        }
        if self.machine.phase == Phase::Fresh && before.phase != Phase::Fresh {
            self.forget_upload().await?;
        }
        if self.machine.phase == Phase::Creating && before.phase == Phase::Fresh {
            self.row.intent_ms = Some(self.context.now_ms());
        }
        if self.machine != before {
            self.save(durability(&before, &self.machine)).await?;
            self.context.emit(EngineEvent::Row(self.row.id));
        }
        Ok(())
    }

    async fn forget_upload(&mut self) -> Result<(), JournalError> {
        self.parts.clear();
        self.row.crc64 = None;
        self.row.etag = None;
        self.live.set_acked(0);
        self.context.journal.forget_parts(self.row.id).await
    }

    async fn save(&mut self, durability: Durability) -> Result<(), JournalError> {
        let machine = &self.machine;
        let state = RowState {
            phase: machine.phase,
            standing: machine.standing,
            upload_id: machine.upload_id.clone(),
            fault: machine.fault.clone(),
            key: Some(self.row.key.clone()),
            size: Some(self.row.size),
            identity: self.row.identity,
            part_size: Some(self.row.part_size),
            crc64: self.row.crc64,
            etag: self.row.etag.clone(),
            intent_ms: self.row.intent_ms,
            ..RowState::of(machine)
        };
        self.context.journal.record(self.row.id, state, durability).await
    }

    async fn execute(&mut self, effect: Effect) -> Event {
        match effect {
            Effect::Prepare => self.prepare().await,
            Effect::Put => self.put().await,
            Effect::Initiate => self.initiate().await,
            Effect::FindUpload => self.find_upload().await,
            Effect::ListParts => self.list_parts().await,
            Effect::SendParts => self.send_parts().await,
            Effect::Complete => self.complete().await,
            Effect::Verify => self.verify().await,
            Effect::Inspect => self.inspect().await,
            Effect::Abort => self.abort().await,
        }
    }

    pub(crate) fn plan(&self) -> PartPlan {
        PartPlan::resumed(self.row.size, self.row.part_size)
    }

    pub(crate) fn acked_bytes(&self) -> u64 {
        self.parts.values().map(|part| part.size).sum()
    }

    /// MD5 is computed where it will be compared: S3 has no other checksum here, strict profiles
    /// send it.
    pub(crate) fn md5(&self) -> Md5Wanted {
        match (self.profile.provider, self.row.integrity) {
            (Provider::Oss, Integrity::Standard) => Md5Wanted::No,
            _ => Md5Wanted::Yes,
        }
    }

    /// The whole file, or a piece of it, as it was when it was queued.
    pub(crate) fn range(&self, offset: u64, len: u64) -> Result<Range, Fault> {
        let identity = self.row.identity.ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("a transfer without its source's identity")
        })?;
        Ok(Range { path: self.row.source.0.clone(), identity, offset, len })
    }

    pub(crate) fn options(&self) -> ObjectOptions {
        let own = Own {
            ferry_id: &self.row.ferry_id,
            sha256: self.sha256.as_deref(),
            existing: self.row.existing,
        };
        request_options(&self.batch.options, own)
    }

    /// The options of the request that creates the object or its upload: with the file's digest,
    /// where the batch wishes it.
    pub(crate) async fn creation_options(&mut self) -> Result<ObjectOptions, Fault> {
        if wants_digest(&self.batch.options) && self.sha256.is_none() {
            self.live.set_activity(Activity::Preparing);
            let digest = self.range(0, self.row.size)?.sha256().await?;
            self.sha256 = Some(hex::encode(digest));
        }
        Ok(self.options())
    }
}

/// Whether a transfer waits for another key, instead of failing for want of one.
pub(crate) fn needs_key(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::TokenExpired | FaultKind::CredentialProcessFailed)
}

/// What a failure means to the machine.
pub(crate) fn event_of(fault: Fault) -> Event {
    match fault.kind {
        FaultKind::SourceChanged => Event::SourceChanged,
        FaultKind::UploadGone => Event::UploadGone,
        FaultKind::PartsRefused => Event::PartsRefused,
        FaultKind::AlreadyExists | FaultKind::PreconditionFailed => Event::NameTaken,
        _ => Event::Faulted(fault),
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

/// Upload ids, Complete intents and ends outlive a power cut; what the store can tell again need
/// not.
fn durability(before: &Transfer, after: &Transfer) -> Durability {
    let precious = before.upload_id != after.upload_id
        || matches!(
            after.phase,
            Phase::Creating | Phase::Completing | Phase::Aborting | Phase::Settled
        )
        || before.standing != after.standing;
    if precious { Durability::Full } else { Durability::Normal }
}
