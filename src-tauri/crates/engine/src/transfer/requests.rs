//! The effects that are one request each: PutObject, Initiate, Complete, Abort, and finding a lost
//! Initiate.

use ferry_model::checksum::{Checksums, Wanted};
use ferry_model::checksum_support::{Asked, may_mean_checksum};
use ferry_model::existing::MOST_DAMAGED;
use ferry_model::machine::LOOK_PAUSE;
use ferry_model::ownership::{Listed, lost_uploads};
use ferry_model::verdict::{Answer, Local, Maker, proof, verdict};
use ferry_model::{
    ChecksumSupport, EtagMeaning, Event, Fault, FaultKind, Integrity, Provider, Repeat, Verdict,
};
use ferry_storage::{Announce, ObjectOptions, StoreError, StoredObject, UploadsMarker, all_pages};

use crate::live::Activity;
use crate::lock::lock;
use crate::transfer::compare::OwnDamaged;

use crate::source::reading::{Range, Tells, payload};
use crate::source::unchanged_since;
use crate::transfer::attempts::{Failed, answered, unsent};
use crate::transfer::checksums::Asking;
use crate::transfer::task::Task;

impl Task {
    pub(crate) async fn put(&mut self) -> Result<Event, Failed> {
        let whole = self.range(0, self.row.size);
        let mut options = self.creation_options().await?;
        self.live.set_activity(Activity::Uploading);
        loop {
            let put = || self.put_once(&whole, &options);
            let (stored, sums) = match self.attempts.write(Repeat::UnlessDoubtful, put).await {
                Ok(answer) => answer,
                Err(Failed::Fault(fault)) if self.forget_checksums(&fault) => continue,
                Err(Failed::Fault(fault)) if self.forget_condition(&fault) => {
                    options = self.options();
                    continue;
                }
                Err(Failed::Fault(fault)) => return Ok(self.refused(fault)),
                Err(failed) => return Err(failed),
            };
            self.learn_refusal().await;
            let (said, sums) = self.prove(&whole, sums, &answer_of(&stored)).await?;
            match said {
                Verdict::Differs => {
                    if let Some(event) = self.put_differs().await? {
                        return Ok(event);
                    }
                    options = self.options();
                }
                agreed => {
                    let local = Local::from(&sums);
                    self.made.proof = proof(&local, &answer_of(&stored), self.row.integrity);
                    self.made.md5 = sums.md5;
                    self.made.request_id = stored.request_id.clone();
                    self.made.version_id = stored.version_id.clone();
                    self.remember(&[sums]);
                    self.live.set_acked(self.row.size);
                    let agrees = agreed == Verdict::Agrees;
                    if agrees {
                        self.row.etag = stored.etag.clone().or(self.row.etag.take());
                    }
                    return Ok(if agrees { Event::PutAgreed } else { Event::PutUnproven });
                }
            }
        }
    }

    /// A body arrived damaged: whose object is there now, and may another try replace it? `None` to
    /// try again.
    async fn put_differs(&mut self) -> Result<Option<Event>, Failed> {
        let key = self.row.key.clone();
        Ok(match self.head(&key).await? {
            Some(head) if self.is_ours(&head) => match self.own_differs(OwnDamaged::of(&head)) {
                Event::Inspected(_) => None,
                given_up => Some(given_up),
            },
            // Another client was quicker. Whether theirs may be replaced is the policy's affair.
            Some(_) => Some(Event::NameTaken),
            None => {
                self.own_damaged = None;
                self.damaged += 1;
                let mismatch = Fault::new(FaultKind::ChecksumMismatch);
                (self.damaged > MOST_DAMAGED)
                    .then(|| Event::Faulted(mismatch.with_subject(self.row.name.clone())))
            }
        })
    }

    /// Whether the store may have refused a request for the checksum it spoke of: this run's
    /// requests speak of none from now on.
    fn forget_checksums(&mut self, fault: &Fault) -> bool {
        let asked = self.support() != ChecksumSupport::Never;
        let refused = asked && may_mean_checksum(fault.kind);
        if refused {
            self.asking = Asking::Refused;
        }
        refused
    }

    /// Holds an answer against what was computed. Where the store was believed to answer with
    /// CRC-64/NVME and does not, the range is read again for the MD5 that its ETag may be.
    pub(crate) async fn prove(
        &self,
        range: &Range,
        sums: Checksums,
        answer: &Answer<'_>,
    ) -> Result<(Verdict, Checksums), Fault> {
        let said = verdict(&Local::from(&sums), answer, self.row.integrity);
        let by_md5 = self.profile.provider == Provider::S3
            && answer.etag_meaning == EtagMeaning::Md5
            && sums.md5.is_none();
        if said != Verdict::Unknown || !by_md5 {
            return Ok((said, sums));
        }
        let again = range.clone().checksums(Wanted::WithBoth).await?;
        if again.crc64 != sums.crc64 {
            // Not the bytes that were sent.
            return Ok((Verdict::Differs, sums));
        }
        Ok((verdict(&Local::from(&again), answer, self.row.integrity), again))
    }

    /// Whether the store refused a request for its condition on our damaged object, because it
    /// knows no such condition: it is sent without one, as the service allows no better.
    fn forget_condition(&mut self, fault: &Fault) -> bool {
        let refused = fault.kind == FaultKind::Unsupported
            && self.own_damaged.as_mut().is_some_and(|own| own.etag.take().is_some());
        if refused && self.asking == Asking::Refused {
            // It was not the checksum.
            self.asking = Asking::AsKnown;
        }
        refused
    }

    /// What a refused PutObject or Complete means.
    fn refused(&self, fault: Fault) -> Event {
        match fault.kind {
            // The object that was to be replaced is gone.
            FaultKind::NoSuchKey if self.own_damaged.is_some() => Event::NameTaken,
            FaultKind::AlreadyExists => {
                self.shared.batches.met_object(self.row.batch);
                self.machine.event_of(fault)
            }
            _ => self.machine.event_of(fault),
        }
    }

    async fn put_once(
        &self,
        whole: &Range,
        options: &ObjectOptions,
    ) -> Result<(StoredObject, Checksums), StoreError> {
        // Taken for each try: what waits for its endpoint holds no permit.
        let lane = self.attempts.lane;
        let _permit = self.attempts.lanes.acquire(lane).await;
        let asked = self.support().asks(Asked::Value);
        let time = self.time_request();
        let flight = self.flight(lane, &time);
        let ahead = lock(&self.ahead).take();
        let (payload, outcome) = payload(
            whole.clone(),
            ahead,
            self.wanted(),
            self.tells(asked),
            self.shared.throttles.of(self.row.profile),
            flight,
        )
        .await
        .map_err(unsent)?;
        let answer = self.store.put_object(&self.row.key, options, payload).await;
        let told = answer.as_ref().ok().map(|stored| stored.throttled);
        time.over(told.map(|time| self.held_back(time)), self.shared.tally.latencies(lane));
        let answer = answer.map_err(|error| self.damaged_on_its_way(error, asked));
        let (stored, sums) = settle(answer, &outcome)?;
        self.learn(asked, stored.crc64_nvme).await;
        Ok((stored, sums))
    }

    /// A body that the store refused for the CRC which its request told: it arrived damaged, as one
    /// does whose answer tells another.
    pub(crate) fn damaged_on_its_way(&self, mut error: StoreError, asked: Asked) -> StoreError {
        let by_value = asked.carries_value() && self.row.integrity == Integrity::Standard;
        if by_value && error.kind() == FaultKind::DigestRefused {
            error.fault.kind = FaultKind::ChecksumMismatch;
        }
        error
    }

    /// What a request's headers tell of its body: Content-MD5 under a strict profile, CRC-64/NVME
    /// where it is asked for so.
    pub(crate) fn tells(&self, asked: Asked) -> Tells {
        match (self.row.integrity, asked.carries_value()) {
            (Integrity::Standard, false) => Tells::Nothing,
            (Integrity::Standard, true) => Tells::Nvme,
            (Integrity::Strict, false) => Tells::Md5,
            (Integrity::Strict, true) => Tells::Both,
        }
    }

    pub(crate) async fn initiate(&mut self) -> Result<Event, Failed> {
        let key = self.row.key.clone();
        let mut options = self.creation_options().await?;
        loop {
            let asked = self.support().asks(Asked::Announced);
            options.announce = match asked {
                Asked::Nothing => Announce::Nothing,
                _ => Announce::Crc64Nvme,
            };
            let request = || self.store.initiate(&key, &options);
            match self.attempts.write(Repeat::UnlessDoubtful, request).await {
                Ok(id) => {
                    self.learn_refusal().await;
                    if asked == Asked::Announced {
                        self.asking = Asking::Announced;
                    }
                    return Ok(Event::Initiated(id));
                }
                Err(Failed::Fault(fault)) if self.forget_checksums(&fault) => {}
                Err(failed) => return Err(failed),
            }
        }
    }

    /// Was the Initiate of which no answer came carried out? [`lost_uploads`] says by which upload,
    /// if that is empty.
    pub(crate) async fn find_upload(&mut self) -> Result<Event, Failed> {
        let mut looks = self.machine.looks();
        loop {
            looks -= 1;
            let found = self.look_for_upload().await?;
            if found.is_some() || looks == 0 {
                return Ok(Event::UploadFound(found));
            }
            self.attempts.pause(LOOK_PAUSE).await;
        }
    }

    async fn look_for_upload(&self) -> Result<Option<String>, Failed> {
        let key = self.row.key.clone();
        // Each page has its own tries.
        let (attempts, store) = (&self.attempts, &self.store);
        let prefix = key.as_str();
        let listed = all_pages(|marker: Option<UploadsMarker>| async move {
            attempts.read(|| store.list_uploads(prefix, marker.clone())).await
        })
        .await?;
        let intent_ms = self.intent_by_store_ms();
        let ids: Vec<String> = listed.iter().map(|upload| upload.upload_id.clone()).collect();
        let taken = self.shared.journal.uploads_of_others(self.row.id, &ids).await;
        let taken = taken.map_err(|error| error.fault())?;
        let rows = listed.iter().map(|upload| Listed {
            key: &upload.key,
            id: &upload.upload_id,
            begun: upload.initiated,
        });
        // Others of this object that do not know either what became of their Initiate.
        let (journal, row) = (&self.shared.journal, &self.row);
        let others = journal.others_that_begin_upload(row.id, &row.bucket, &row.key).await;
        let others = others.map_err(|error| error.fault())?;
        let mut found = None;
        for id in lost_uploads(rows, &key, intent_ms, &taken, others + 1) {
            if !self.is_empty(&key, id).await? {
                continue;
            }
            if others == 0 {
                found = Some(id.to_owned());
            } else {
                // Its object would carry the other transfer's id. There is nothing in it to lose.
                self.abort_if_there(&key, id).await?;
            }
        }
        Ok(found)
    }

    /// Whether an upload is there and has no parts.
    async fn is_empty(&self, key: &str, id: &str) -> Result<bool, Failed> {
        match self.all_parts(key, id).await {
            Ok(parts) => Ok(parts.is_empty()),
            Err(Failed::Fault(fault)) if fault.kind == FaultKind::UploadGone => Ok(false),
            Err(failed) => Err(failed),
        }
    }

    async fn abort_if_there(&self, key: &str, id: &str) -> Result<(), Failed> {
        match self.attempts.write(Repeat::Freely, || self.store.abort(key, id)).await {
            Err(Failed::Fault(fault)) if fault.kind == FaultKind::UploadGone => Ok(()),
            done => done,
        }
    }

    /// When this transfer last meant to begin an upload, in the store's time.
    fn intent_by_store_ms(&self) -> i64 {
        let offset = self.store.clock_offset();
        match self.intent {
            // The clock was off before, and that is known only now; or it was set since. What it
            // says now is right, and so is the time that went by.
            Some(intent) if intent.offset != offset => {
                let now_ms = self.shared.clock.now_ms();
                let ago = i64::try_from(intent.at.elapsed().as_millis()).unwrap_or(i64::MAX);
                now_ms.saturating_add(offset.saturating_mul(1_000)).saturating_sub(ago)
            }
            // Not by the time that went by: it stands still while the computer sleeps.
            _ => self.row.intent_ms.unwrap_or(i64::MAX),
        }
    }

    pub(crate) async fn complete(&mut self) -> Result<Event, Failed> {
        let upload_id = self.upload_id()?;
        unchanged_since(&*self.files(), &self.row.queued_source()).await?;
        let parts: Vec<(u32, String)> =
            self.parts.values().map(|part| (part.number, part.etag.clone())).collect();
        let key = self.row.key.clone();
        loop {
            let options = self.options();
            let request = || self.store.complete(&key, &upload_id, &parts, &options);
            return match self.attempts.write(Repeat::UnlessDoubtful, request).await {
                Ok(stored) => Ok(self.merged(&stored)),
                Err(Failed::Fault(fault)) if self.forget_condition(&fault) => continue,
                Err(Failed::Fault(fault)) => Ok(self.refused(fault)),
                Err(failed) => Err(failed),
            };
        }
    }

    /// Complete's own answer. Only its CRC counts here: nothing in it tells reliably whether its
    /// ETag is an MD5, and HEAD is asked next.
    fn merged(&mut self, stored: &StoredObject) -> Event {
        self.made.request_id = stored.request_id.clone();
        self.made.version_id = stored.version_id.clone();
        let answer = Answer { etag: None, ..answer_of(stored) };
        if verdict(&self.local(), &answer, self.row.integrity) != Verdict::Differs {
            return Event::Completed;
        }
        match self.own_differs(OwnDamaged { etag: stored.etag.clone() }) {
            Event::Inspected(_) => Event::MergedDamaged,
            given_up => given_up,
        }
    }

    pub(crate) async fn abort(&mut self) -> Result<Event, Failed> {
        let upload_id = self.upload_id()?;
        let key = self.row.key.clone();
        self.attempts.write(Repeat::Freely, || self.store.abort(&key, &upload_id)).await?;
        Ok(Event::Aborted)
    }
}

/// What the answer to a PutObject or a Complete tells. It names no size, and it is its checksum
/// that proves it, not who asked.
fn answer_of(stored: &StoredObject) -> Answer<'_> {
    Answer {
        size: None,
        crc64: stored.crc64,
        crc64_nvme: stored.crc64_nvme,
        etag: stored.etag.as_deref(),
        etag_meaning: stored.etag_meaning,
        maker: Maker::Anybody,
    }
}

/// An answer together with what was read for it. Why reading failed counts more than what the
/// transport made of it.
pub(crate) fn settle<T>(
    answer: Result<T, StoreError>,
    outcome: &crate::source::reading::Outcome,
) -> Result<(T, Checksums), StoreError> {
    match (answer, outcome.get()) {
        (Err(_), Some(Err(fault))) | (Ok(_), Some(Err(fault))) => Err(unsent(fault)),
        (Err(error), _) => Err(error),
        (Ok(value), Some(Ok(sums))) => Ok((value, sums)),
        (Ok(_), None) => Err(answered(
            Fault::new(FaultKind::UnknownAnswer)
                .with_detail("the store answered before it had read everything"),
        )),
    }
}
