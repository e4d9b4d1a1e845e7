//! "Verify again": asks the store for each object of a batch, and compares.

use ferry_engine::{Rechecked, stops_recheck};
use ferry_journal::ReceiptRow;
use ferry_model::receipt::{RecheckCounts, has_object};
use ferry_model::{BatchId, Fault, FaultKind, Profile};
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::app::App;
use crate::recheck_job::RecheckedFile;

/// Objects that are asked for side by side.
const SIDE_BY_SIDE: usize = 16;
/// Files read at once.
const PAGE: u64 = 1_000;

fn rechecked(row: &ReceiptRow, told: Result<Rechecked, Fault>) -> RecheckedFile {
    let (outcome, now, fault) = match told {
        Ok(told) => (Some(told.outcome), told.now, None),
        Err(fault) => (None, None, Some(fault)),
    };
    RecheckedFile {
        id: row.id.0,
        source: row.source.as_path().display().to_string(),
        bucket: row.bucket.clone(),
        key: row.key.clone(),
        outcome,
        size: row.size,
        size_now: now.as_ref().map(|head| head.size),
        etag: row.etag.clone(),
        etag_now: now.as_ref().and_then(|head| head.etag.clone()),
        version_id: row.receipt.version_id.clone(),
        version_id_now: now.and_then(|head| head.version_id),
        fault,
    }
}

impl App {
    /// The profile that a batch went to, ready to be used.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchBatch`]; [`FaultKind::NoSuchProfile`] once it is deleted; the journal's.
    pub async fn profile_of_batch(&self, batch: BatchId) -> Result<Profile, Fault> {
        let journal = &self.inner.journal;
        let row = journal.batch(batch).await.map_err(|error| error.fault())?;
        let row = row
            .ok_or_else(|| Fault::new(FaultKind::NoSuchBatch).with_subject(batch.0.to_string()))?;
        let profile = journal.profile(row.profile).await.map_err(|error| error.fault())?;
        let profile = profile.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        self.prepare_profile(&profile).await
    }

    /// Asks the store for the object of each file of a batch that was uploaded, and compares it
    /// with what was verified. `tell` hears of each, in the order of the receipt. While the endpoint
    /// does not answer, it waits ([`App::offline`]).
    ///
    /// # Errors
    /// Those of [`App::profile_of_batch`]; the keyring's; what holds the whole profile; the
    /// journal's.
    ///
    /// # Cancellation
    /// Dropping the future changes nothing.
    pub async fn recheck(
        &self,
        batch: BatchId,
        mut tell: impl FnMut(RecheckedFile),
    ) -> Result<RecheckCounts, Fault> {
        let profile = &self.profile_of_batch(batch).await?;
        let (engine, journal) = (&self.inner.engine, &self.inner.journal);
        let mut counts = RecheckCounts::default();
        let mut offset = 0;
        loop {
            let page = journal.receipt_page(batch, offset, PAGE).await;
            let page = page.map_err(|error| error.fault())?;
            let rows: Vec<ReceiptRow> =
                page.rows.into_iter().filter(|row| has_object(row.standing)).collect();
            let asked = stream::iter(rows).map(|row| async move {
                let told = engine.recheck(profile, &row).await;
                (row, told)
            });
            let mut told = asked.buffered(SIDE_BY_SIDE);
            while let Some((row, told)) = told.next().await {
                if let Err(fault) = &told
                    && stops_recheck(fault)
                {
                    return Err(fault.clone());
                }
                let file = rechecked(&row, told);
                counts.add(file.outcome);
                tell(file);
            }
            offset += PAGE;
            if offset >= page.total {
                return Ok(counts);
            }
        }
    }
}
