//! `put` of what can be read only once, as standard input: one object, which cannot be resumed. What
//! is not verified in the end is taken back.

use std::path::PathBuf;
use std::time::Duration;

use ferry_engine::TransferCommand;
use ferry_journal::{RunnableScope, Selection, TransferRow};
use ferry_model::{BatchId, Fault, FaultKind, FileDigest, Standing, TransferId};
use tokio::io::AsyncRead;

use crate::app::App;
use crate::put::PutRequest;

/// What finds the batches again whose command ended before it could take anything back.
const FINGERPRINT: &str = "input";
/// How long taking back may take before the user is told what may be left.
const MOST_TIME: Duration = Duration::from_secs(15);

/// A put of an input, under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipedPut {
    /// Its batch.
    pub batch: BatchId,
    /// The one transfer of that.
    pub transfer: TransferId,
}

/// What became of such a put.
#[derive(Debug, Clone, PartialEq)]
pub enum PipedEnd {
    /// It is verified, or was left out.
    Kept,
    /// Nothing of it is open on the store.
    TakenBack,
    /// Something of it may be: the store did not answer in time. The next start of Ferry asks
    /// again.
    Open {
        /// The upload that may be open; `None` where no answer told its id.
        upload_id: Option<String>,
        /// Its key.
        key: String,
        /// Why it is not known to be gone.
        fault: Option<Box<Fault>>,
    },
}

impl App {
    /// Queues and runs a put of `input`; the prefix of the request's destination is the key of its
    /// object. [`App::end_piped`] has to follow, however it ends.
    ///
    /// # Errors
    /// What is wrong with key, address or keys; [`FaultKind::InvalidInput`] for options that have
    /// to be known before the first byte; the journal's.
    pub async fn put_piped(
        &self,
        request: PutRequest,
        input: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<PipedPut, Fault> {
        let key = request.destination.prefix.clone();
        let planned =
            self.plan_put(PutRequest { paths: vec![PathBuf::from("-")], ..request }).await?;
        if planned.intake.options.digest != FileDigest::None {
            let why =
                "what can be read only once has no digest before its first byte: --sha256=off";
            let fault = Fault::new(FaultKind::InvalidInput).with_subject("--sha256");
            return Err(fault.with_detail(why));
        }
        let mut scope = self.take_back_lost_inputs().await?;
        let mut new_batch = planned.new_batch;
        new_batch.fingerprint = FINGERPRINT.to_owned();
        let batch = self.add_batch(new_batch).await?;
        let intake = ferry_engine::Intake { batch, ..planned.intake };
        let transfer = self.inner.engine.add_input(&intake, &key, input).await?;
        scope.push(transfer);
        self.inner.engine.set_scope(RunnableScope::Ids(scope)).await;
        self.finish_batch(batch).await?;
        Ok(PipedPut { batch, transfer })
    }

    /// Takes back what is not verified, and waits a while for the store to say so.
    ///
    /// # Errors
    /// The journal's.
    pub async fn end_piped(&self, put: PipedPut) -> Result<PipedEnd, Fault> {
        let engine = &self.inner.engine;
        let before = self.piped_row(put).await?;
        if matches!(before.standing, Standing::Done | Standing::Skipped) {
            engine.close_input(put.transfer).await?;
            return Ok(PipedEnd::Kept);
        }
        engine.apply(TransferCommand::Cancel, Selection::Ids(vec![put.transfer])).await?;
        engine.close_input(put.transfer).await?;
        // Told below, by the row.
        let _ = tokio::time::timeout(MOST_TIME, engine.idle()).await;
        let last_retry = engine.live(put.transfer).and_then(|live| live.fault);
        let row = self.piped_row(put).await?;
        Ok(match row.standing {
            Standing::Cancelled => PipedEnd::TakenBack,
            // A Complete that was under way was carried out, and its object agrees.
            Standing::Done => PipedEnd::Kept,
            _ => PipedEnd::Open {
                upload_id: row.phase.upload_id().map(str::to_owned),
                key: row.key,
                fault: row.fault.or(last_retry).map(Box::new),
            },
        })
    }

    async fn piped_row(&self, put: PipedPut) -> Result<TransferRow, Fault> {
        let row = self.inner.journal.transfer(put.transfer).await;
        row.map_err(|error| error.fault())?.ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("a transfer without its row")
        })
    }

    /// Cancels what commands left that were killed: their input is gone. Returns their transfers,
    /// which have to run to be taken back.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn take_back_lost_inputs(&self) -> Result<Vec<TransferId>, Fault> {
        let journal = &self.inner.journal;
        let lost = journal.open_batch(FINGERPRINT).await.map_err(|error| error.fault())?;
        let Some(batch) = lost else { return Ok(Vec::new()) };
        journal.end_intake(batch).await.map_err(|error| error.fault())?;
        let rows = journal.batch_transfers(batch).await.map_err(|error| error.fault())?;
        let ids: Vec<TransferId> =
            rows.iter().filter(|row| !row.standing.has_ended()).map(|row| row.id).collect();
        let selection = Selection::Ids(ids.clone());
        self.inner.engine.apply(TransferCommand::Cancel, selection).await?;
        Ok(ids)
    }
}
