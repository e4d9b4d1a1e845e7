//! The effects that are one request each: PutObject, Initiate, Complete, Abort, and finding a lost
//! Initiate.

use std::time::{Duration, UNIX_EPOCH};

use ferry_model::{Event, Fault, FaultKind, Integrity, Provider, Repeat};
use ferry_storage::{
    EtagMeaning, ObjectOptions, StoreError, StoredObject, UploadsMarker, all_pages,
};

use crate::checksum::{Checksums, same_etag};
use crate::endpoint::lanes::Lane;
use crate::live::{Activity, Flight};
use crate::queue::scheduler::SMALL_LIMIT;
use crate::reading::{Range, blocking, payload};
use crate::source;
use crate::transfer::attempts::Failed;
use crate::transfer::attempts::{answered, unsent};
use crate::transfer::task::Task;

/// How much earlier than our intent the store may date an upload of ours, after correction by the
/// clock offset: whole seconds are rounded, and the offset itself is only known to a second.
const DATING: Duration = Duration::from_secs(3);

impl Task {
    pub(crate) async fn put(&mut self) -> Result<Event, Failed> {
        let whole = self.range(0, self.row.size)?;
        let options = self.creation_options().await?;
        self.live.set_activity(Activity::Uploading);
        let put = || self.put_once(&whole, &options);
        let (stored, sums) = self.attempts.run(Repeat::UnlessDoubtful, put).await?;
        self.remember(&[sums]);
        self.live.set_acked(self.row.size);
        Ok(if self.proven(&stored, &sums) { Event::PutAgreed } else { Event::PutUnproven })
    }

    async fn put_once(
        &self,
        whole: &Range,
        options: &ObjectOptions,
    ) -> Result<(StoredObject, Checksums), StoreError> {
        // IntakeReport for each try: what waits for its endpoint holds no permit.
        let lane = if self.row.size <= SMALL_LIMIT { Lane::Small } else { Lane::Large };
        let _permit = self.attempts.lanes.acquire(lane).await;
        let content_md5 = self.content_md5(whole).await?;
        let flight = Flight::new(&self.live);
        let (payload, outcome) = payload(
            whole.clone(),
            self.md5(),
            content_md5,
            std::sync::Arc::clone(&self.shared.throttle),
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

    pub(crate) async fn initiate(&mut self) -> Result<Event, Failed> {
        let key = self.row.key.clone();
        let options = self.creation_options().await?;
        let request = || self.store.initiate(&key, &options);
        Ok(Event::Initiated(self.attempts.run(Repeat::UnlessDoubtful, request).await?))
    }

    /// Was the Initiate of which no answer came carried out? Exactly one empty upload of this key,
    /// begun since our intent, is ours.
    pub(crate) async fn find_upload(&mut self) -> Result<Event, Failed> {
        let key = self.row.key.clone();
        // Each page has its own tries.
        let (attempts, store) = (&self.attempts, &self.store);
        let prefix = key.as_str();
        let listed = all_pages(|marker: Option<UploadsMarker>| async move {
            attempts.run(Repeat::Freely, || store.list_uploads(prefix, marker.clone())).await
        })
        .await?;
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
        let [upload] = ours.as_slice() else { return Ok(Event::UploadFound(None)) };
        let id = upload.upload_id.clone();
        match self.all_parts(&key, &id).await {
            Ok(parts) if parts.is_empty() => Ok(Event::UploadFound(Some(id))),
            Ok(_) => Ok(Event::UploadFound(None)),
            Err(Failed::Fault(fault)) if fault.kind == FaultKind::UploadGone => {
                Ok(Event::UploadFound(None))
            }
            Err(failed) => Err(failed),
        }
    }

    pub(crate) async fn complete(&mut self) -> Result<Event, Failed> {
        let upload_id = self.upload_id()?;
        let (path, queued) = (self.row.source.0.clone(), self.row.identity);
        let (_, now) = blocking(move || source::open(&path)).await?;
        if Some(now) != queued {
            return Ok(Event::SourceChanged);
        }
        let parts: Vec<(u32, String)> =
            self.parts.values().map(|part| (part.number, part.etag.clone())).collect();
        let key = self.row.key.clone();
        let options = self.options();
        let request = || self.store.complete(&key, &upload_id, &parts, &options);
        self.attempts.run(Repeat::UnlessDoubtful, request).await?;
        Ok(Event::Completed)
    }

    pub(crate) async fn abort(&mut self) -> Result<Event, Failed> {
        let upload_id = self.upload_id()?;
        let key = self.row.key.clone();
        self.attempts.run(Repeat::Freely, || self.store.abort(&key, &upload_id)).await?;
        Ok(Event::Aborted)
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
