//! The effects on parts: what the store has of them, and sending the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ferry_journal::PartRow;
use ferry_model::{Event, Fault, FaultKind, PartRange, Provider};
use ferry_storage::{EtagMeaning, ListedPart, ObjectOptions, StoreError, StoredPart};
use futures_util::{StreamExt as _, stream};

use crate::attempt::{Repeat, answered, unsent};
use crate::checksum::{Checksums, same_etag};
use crate::driver::{Driver, event_of};
use crate::live::Flight;
use crate::permits::Lane;
use crate::reading::payload;
use crate::requests::settle;

/// Transport failures of one part in a row after which a request without a body asks whether the
/// store would answer at all: some stores refuse early and close, which looks like a broken
/// connection.
const FAILURES_TO_ASK: u32 = 2;

impl Driver {
    /// Server state is the truth: parts it lacks are forgotten here, parts it has and the journal
    /// does not are read again and adopted if they agree.
    pub(crate) async fn list_parts(&mut self) -> Event {
        let Some(upload_id) = self.machine.upload_id.clone() else { return Event::UploadGone };
        let key = self.row.key.clone();
        let listed = match self
            .attempts
            .run(Repeat::Freely, || self.store.list_parts(&key, &upload_id))
            .await
        {
            Ok(listed) => listed,
            Err(error) => return event_of(error.fault),
        };
        match self.reconcile(listed).await {
            Ok(()) => Event::PartsListed,
            Err(fault) => event_of(fault),
        }
    }

    async fn reconcile(&mut self, listed: Vec<ListedPart>) -> Result<(), Fault> {
        let listed: BTreeMap<u32, ListedPart> =
            listed.into_iter().map(|part| (part.number, part)).collect();
        let mut known = std::mem::take(&mut self.parts);
        for range in self.plan().parts() {
            let local = known.remove(&range.number);
            let Some(theirs) = listed.get(&range.number).filter(|theirs| theirs.size == range.len)
            else {
                if local.is_some() {
                    self.context
                        .journal
                        .forget_part(self.row.id, range.number)
                        .await
                        .map_err(|error| error.fault())?;
                }
                continue;
            };
            match local {
                Some(local) if same_etag(&local.etag, &theirs.etag) => {
                    self.parts.insert(range.number, local);
                }
                _ => self.adopt(range, theirs).await?,
            }
        }
        let acked = self.acked_bytes();
        self.live.set_acked(acked);
        if !self.counted {
            self.counted = true;
            self.context.tally.resumed.fetch_add(acked, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Takes over a part that the store acknowledged but the journal does not know, if the file's
    /// bytes agree with it.
    async fn adopt(&mut self, range: PartRange, theirs: &ListedPart) -> Result<(), Fault> {
        let sums =
            self.range(range.offset, range.len)?.checksums(crate::checksum::Md5Wanted::Yes).await?;
        let agrees = match theirs.crc64 {
            Some(crc64) => crc64 == sums.crc64,
            None => sums.md5.is_some_and(|md5| same_etag(&theirs.etag, &hex::encode(md5))),
        };
        if agrees {
            self.keep(PartRow {
                number: range.number,
                size: range.len,
                etag: theirs.etag.clone(),
                crc64: Some(sums.crc64),
                md5: sums.md5,
            })
            .await?;
        }
        Ok(())
    }

    async fn keep(&mut self, part: PartRow) -> Result<(), Fault> {
        self.context
            .journal
            .record_part(self.row.id, part.clone())
            .await
            .map_err(|error| error.fault())?;
        self.parts.insert(part.number, part);
        Ok(())
    }

    /// Sends every part the store lacks, several side by side, in order.
    ///
    /// # Cancellation
    /// Dropping the future drops the parts under way; those acknowledged before stay.
    pub(crate) async fn send_parts(&mut self) -> Event {
        let Some(upload_id) = self.machine.upload_id.clone() else { return Event::UploadGone };
        let missing: Vec<PartRange> =
            self.plan().parts().filter(|range| !self.parts.contains_key(&range.number)).collect();
        let sent = {
            let this = &*self;
            let mut sending = stream::iter(missing)
                .map(|range| this.send_part(&upload_id, range))
                .buffer_unordered(this.context.permits.parallel());
            let mut sent = Vec::new();
            let mut failed = None;
            while let Some(outcome) = sending.next().await {
                match outcome {
                    Ok(part) => sent.push(part),
                    Err(fault) => {
                        failed = Some(fault);
                        break;
                    }
                }
            }
            (sent, failed)
        };
        let (sent, failed) = sent;
        self.parts.extend(sent.into_iter().map(|part| (part.number, part)));
        if let Some(fault) = failed {
            return event_of(fault);
        }
        match self.whole() {
            Some(sums) => {
                self.remember(&sums);
                Event::PartsSent
            }
            None => Event::Faulted(
                Fault::new(FaultKind::Internal).with_detail("a part without its checksum"),
            ),
        }
    }

    fn whole(&self) -> Option<Vec<Checksums>> {
        self.parts
            .values()
            .map(|part| Some(Checksums { len: part.size, crc64: part.crc64?, md5: part.md5 }))
            .collect()
    }

    async fn send_part(&self, upload_id: &str, range: PartRange) -> Result<PartRow, Fault> {
        let failures = AtomicU32::new(0);
        let options = self.options();
        let sent = self
            .attempts
            .run(Repeat::Freely, || self.send_part_or_ask(upload_id, range, &options, &failures))
            .await;
        let part = sent.map_err(|error| error.fault)?;
        // Acknowledged by the store: written down before anything else, so that a kill from here on
        // does not send it again.
        self.context
            .journal
            .record_part(self.row.id, part.clone())
            .await
            .map_err(|error| error.fault())?;
        self.live.add_acked(part.size);
        Ok(part)
    }

    async fn send_part_or_ask(
        &self,
        upload_id: &str,
        range: PartRange,
        options: &ObjectOptions,
        failures: &AtomicU32,
    ) -> Result<PartRow, StoreError> {
        let outcome = self.send_part_once(upload_id, range, options).await;
        if let Err(error) = &outcome
            && matches!(error.fault.kind, FaultKind::ConnectionLost | FaultKind::Stalled)
            && failures.fetch_add(1, Ordering::Relaxed) % FAILURES_TO_ASK == FAILURES_TO_ASK - 1
        {
            // Its refusal, if it is one, says what the broken connection could not.
            self.store.list_parts(&self.row.key, upload_id).await?;
            // It answers: what fails is this part, and that counts against its own tries.
            self.attempts.answered();
        }
        outcome
    }

    async fn send_part_once(
        &self,
        upload_id: &str,
        range: PartRange,
        options: &ObjectOptions,
    ) -> Result<PartRow, StoreError> {
        // IntakeReport for each try: what waits for its endpoint holds no permit.
        let _permit = self.context.permits.acquire(Lane::Large).await;
        let bytes = self.range(range.offset, range.len).map_err(unsent)?;
        let content_md5 = self.content_md5(&bytes).await?;
        let flight = Flight::new(&self.live);
        let (payload, outcome) =
            payload(bytes, self.md5(), content_md5, Arc::clone(&self.context.throttle), flight)
                .await
                .map_err(unsent)?;
        let answer =
            self.store.upload_part(&self.row.key, upload_id, range.number, options, payload).await;
        let (stored, sums) = settle(answer, &outcome)?;
        self.check_part(range, &stored, &sums)?;
        Ok(PartRow {
            number: range.number,
            size: range.len,
            etag: stored.etag,
            crc64: Some(sums.crc64),
            md5: sums.md5,
        })
    }

    fn check_part(
        &self,
        range: PartRange,
        stored: &StoredPart,
        sums: &Checksums,
    ) -> Result<(), StoreError> {
        let by_md5 = |md5: [u8; 16]| same_etag(&stored.etag, &hex::encode(md5));
        let agrees = match (stored.crc64, sums.md5) {
            (Some(crc64), _) => crc64 == sums.crc64,
            (None, Some(md5))
                if stored.etag_meaning == EtagMeaning::Md5
                    && self.profile.provider == Provider::S3 =>
            {
                by_md5(md5)
            }
            // Nothing to compare yet: the whole object's checksum has the last word.
            _ => true,
        };
        if agrees {
            return Ok(());
        }
        let what = format!("part {}", range.number);
        Err(answered(
            Fault::new(FaultKind::ChecksumMismatch)
                .with_subject(self.row.name.clone())
                .with_detail(what),
        ))
    }
}
