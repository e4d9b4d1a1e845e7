//! A lost queue is found again on the server: its unfinished uploads, compared with local files.

use ferry_engine::FoundUpload;
use ferry_model::{BatchId, Fault, TransferId};

use crate::app::App;
use crate::put::{PlannedPut, PutRequest};

/// What was found on the server for a put whose queue is lost.
#[derive(Debug, Clone)]
pub struct FoundUploads {
    planned: PlannedPut,
    /// Every unfinished upload below the put's prefix.
    pub uploads: Vec<FoundUpload>,
}

/// Transfers that go on with uploads that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumedUploads {
    /// The batch they belong to, by which the same put finds them.
    pub batch: BatchId,
    /// Whether nothing else fills that batch: it can be finished with them.
    pub own_batch: bool,
    /// Their numbers.
    pub ids: Vec<TransferId>,
}

impl App {
    /// The unfinished uploads below the prefix of a put, and whose they are: of what the put would
    /// take in, nothing is queued, and nothing on the server changes.
    ///
    /// # Errors
    /// What is wrong with address or keys; the store's; the journal's.
    ///
    /// # Cancellation
    /// Dropping the future changes nothing.
    pub async fn find_uploads(&self, request: PutRequest) -> Result<FoundUploads, Fault> {
        let planned = self.plan_put(request).await?;
        let engine = &self.inner.engine;
        let day_at = crate::form::day_at;
        let uploads = engine.find_uploads(&planned.intake, planned.known, day_at).await?;
        Ok(FoundUploads { planned, uploads })
    }

    /// Queues these of the uploads that were found, and lets them run; see [`App::idle`]. Those
    /// that are not ours are left out.
    ///
    /// # Errors
    /// The journal's.
    pub async fn resume_uploads(
        &self,
        found: &FoundUploads,
        uploads: &[&FoundUpload],
    ) -> Result<ResumedUploads, Fault> {
        let PlannedPut { known, new_batch, intake } = found.planned.clone();
        let batch = match known {
            Some(batch) => batch,
            None => self.add_batch(new_batch).await?,
        };
        let intake = ferry_engine::Intake { batch, ..intake };
        let ids = self.inner.engine.adopt_uploads(&intake, uploads).await?;
        self.run_only(Some(ids.clone())).await;
        Ok(ResumedUploads { batch, own_batch: known.is_none(), ids })
    }

    /// Aborts one of the uploads that were found.
    ///
    /// # Errors
    /// The store's.
    pub async fn abort_upload(
        &self,
        found: &FoundUploads,
        upload: &FoundUpload,
    ) -> Result<(), Fault> {
        let intake = &found.planned.intake;
        self.inner.engine.abort_upload(&intake.profile, &intake.bucket, upload).await
    }
}
