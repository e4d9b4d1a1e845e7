//! The effects that are one request each: PutObject, Initiate, Complete, Abort, and finding a lost
//! Initiate.

use std::time::{Duration, UNIX_EPOCH};

use ferry_model::{Event, Fault, FaultKind, Integrity, Provider};
use ferry_storage::{Delivery, EtagMeaning, ObjectOptions, StoreError, StoredObject};

use crate::attempt::{Repeat, answered, unsent};
use crate::checksum::{Checksums, same_etag};
use crate::driver::{Driver, event_of};
use crate::live::{Activity, Flight};
use crate::permits::Lane;
use crate::reading::{Range, blocking, payload};
use crate::scheduler::SMALL_LIMIT;
use crate::source;

/// How much earlier than our intent the store may date an upload of ours, after correction by the
/// clock offset: whole seconds are rounded, and the offset itself is only known to a second.
const DATING: Duration = Duration::from_secs(3);

impl Driver {
    pub(crate) async fn put(&mut self) -> Event {
        let whole = match self.range(0, self.row.size) {
            Ok(range) => range,
            Err(fault) => return event_of(fault),
        };
        let options = match self.creation_options().await {
            Ok(options) => options,
            Err(fault) => return event_of(fault),
        };
        self.live.set_activity(Activity::Uploading);
        match self.attempts.run(Repeat::Freely, || self.put_once(&whole, &options)).await {
            Ok((stored, sums)) => {
                self.remember(&[sums]);
                self.live.set_acked(self.row.size);
                if self.proven(&stored, &sums) { Event::PutAgreed } else { Event::PutUnproven }
            }
            Err(error) if error.fault.kind == FaultKind::CallbackFailed => {
                Event::CallbackFailed(error.fault)
            }
            Err(error) => event_of(error.fault),
        }
    }

    async fn put_once(
        &self,
        whole: &Range,
        options: &ObjectOptions,
    ) -> Result<(StoredObject, Checksums), StoreError> {
        // IntakeReport for each try: what waits for its endpoint holds no permit.
        let lane = if self.row.size <= SMALL_LIMIT { Lane::Small } else { Lane::Large };
        let _permit = self.context.permits.acquire(lane).await;
        let content_md5 = self.content_md5(whole).await?;
        let flight = Flight::new(&self.live);
        let (payload, outcome) = payload(
            whole.clone(),
            self.md5(),
            content_md5,
            std::sync::Arc::clone(&self.context.throttle),
            flight,
        )
        .await
        .map_err(unsent)?;
        let answer = self.store.put_object(&self.row.key, options, payload).await;
        let (stored, sums) = settle(answer, &outcome)?;
        let differs = match (stored.crc64, &stored.etag, sums.md5) {
            (Some(crc64), _, _) => crc64 != sums.crc64,
            (None, Some(etag), Some(md5)) if stored.etag_meaning == EtagMeaning::Md5 => {
                !same_etag(etag, &hex::encode(md5))
            }
            _ => false,
        };
        if differs {
            Err(answered(
                Fault::new(FaultKind::ChecksumMismatch).with_subject(self.row.name.clone()),
            ))
        } else {
            Ok((stored, sums))
        }
    }

    /// Whether the answer to a PutObject held a checksum that agreed: a differing one never comes
    /// this far.
    fn proven(&self, stored: &StoredObject, sums: &Checksums) -> bool {
        let by_etag =
            stored.etag.is_some() && sums.md5.is_some() && stored.etag_meaning == EtagMeaning::Md5;
        match self.profile.provider {
            Provider::Oss => stored.crc64.is_some(),
            Provider::S3 => stored.crc64.is_some() || by_etag,
        }
    }

    /// Content-MD5 of a range, under a strict profile. It has to go before the body, so the range
    /// is read once more for it.
    pub(crate) async fn content_md5(&self, range: &Range) -> Result<Option<[u8; 16]>, StoreError> {
        match self.row.integrity {
            Integrity::Standard => Ok(None),
            Integrity::Strict => Ok(range.clone().checksums(self.md5()).await.map_err(unsent)?.md5),
        }
    }

    pub(crate) async fn initiate(&mut self) -> Event {
        let key = self.row.key.clone();
        let options = match self.creation_options().await {
            Ok(options) => options,
            Err(fault) => return event_of(fault),
        };
        let request = || self.store.initiate(&key, &options);
        match self.attempts.run(Repeat::UnlessDoubtful, request).await {
            Ok(upload_id) => Event::Initiated(upload_id),
            Err(error) if error.delivery == Delivery::Perhaps => Event::Doubt,
            Err(error) if error.fault.kind == FaultKind::AlreadyExists => Event::Occupied,
            Err(error) => event_of(error.fault),
        }
    }

    /// Was the Initiate of which no answer came carried out? Exactly one empty upload of this key,
    /// begun since our intent, is ours.
    pub(crate) async fn find_upload(&mut self) -> Event {
        let key = self.row.key.clone();
        let request = || self.store.list_uploads(&key);
        let listed = match self.attempts.run(Repeat::Freely, request).await {
            Ok(listed) => listed,
            Err(error) => return event_of(error.fault),
        };
        let offset_ms = self.store.clock_offset().saturating_mul(1_000);
        let intent_ms = self.row.intent_ms.unwrap_or(i64::MAX).saturating_add(offset_ms);
        let since = UNIX_EPOCH + Duration::from_millis(u64::try_from(intent_ms).unwrap_or(0));
        let earliest = since.checked_sub(DATING).unwrap_or(since);
        let ours: Vec<_> = listed
            .into_iter()
            .filter(|upload| {
                upload.key == key && upload.initiated.is_some_and(|begun| begun >= earliest)
            })
            .collect();
        let [upload] = ours.as_slice() else { return Event::UploadFound(None) };
        let id = upload.upload_id.clone();
        match self.attempts.run(Repeat::Freely, || self.store.list_parts(&key, &id)).await {
            Ok(parts) if parts.is_empty() => Event::UploadFound(Some(id)),
            Ok(_) => Event::UploadFound(None),
            Err(error) if error.fault.kind == FaultKind::UploadGone => Event::UploadFound(None),
            Err(error) => event_of(error.fault),
        }
    }

    pub(crate) async fn complete(&mut self) -> Event {
        let Some(upload_id) = self.machine.upload_id.clone() else { return Event::UploadGone };
        let (path, queued) = (self.row.source.0.clone(), self.row.identity);
        match blocking(move || source::open(&path)).await {
            Ok((_, identity)) if Some(identity) == queued => {}
            Ok(_) => return Event::SourceChanged,
            Err(fault) => return event_of(fault),
        }
        let parts: Vec<(u32, String)> =
            self.parts.values().map(|part| (part.number, part.etag.clone())).collect();
        let key = self.row.key.clone();
        let options = self.options();
        let request = || self.store.complete(&key, &upload_id, &parts, &options);
        match self.attempts.run(Repeat::UnlessDoubtful, request).await {
            Ok(_) => Event::Completed,
            Err(error) if error.fault.kind == FaultKind::CallbackFailed => {
                Event::CallbackFailed(error.fault)
            }
            Err(error) if error.delivery == Delivery::Perhaps => Event::Doubt,
            Err(error) => event_of(error.fault),
        }
    }

    pub(crate) async fn abort(&mut self) -> Event {
        let Some(upload_id) = self.machine.upload_id.clone() else { return Event::UploadGone };
        let key = self.row.key.clone();
        match self.attempts.run(Repeat::Freely, || self.store.abort(&key, &upload_id)).await {
            Ok(()) => Event::Aborted,
            Err(error) => event_of(error.fault),
        }
    }
}

/// An answer together with what was read for it. Why reading failed counts more than what the
/// transport made of it.
pub(crate) fn settle<T>(
    answer: Result<T, StoreError>,
    outcome: &crate::reading::Outcome,
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
