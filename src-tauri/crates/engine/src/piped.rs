//! Transfers of what can be read only once: queued as a row like any other, while their input is
//! this process's.

use std::path::PathBuf;
use std::sync::Arc;

use ferry_model::{Fault, FaultKind, PartLimits, StreamPlan, TransferId};
use tokio::io::AsyncRead;

use crate::engine::Engine;
use crate::events::EngineEvent;
use crate::intake::{Intake, new_row};
use crate::source::Item;
use crate::source::once::{NAME, Once};

impl Engine {
    /// Queues what is read from `input` as the one transfer of its batch, to become the object of
    /// this key; of the intake, paths and what makes keys of them count for nothing. Reading begins
    /// at once, and goes as far ahead as a few parts.
    ///
    /// What the store acknowledged of it cannot be sent again: a transfer that fails, or is
    /// interrupted, is to be cancelled.
    ///
    /// # Errors
    /// [`FaultKind::KeyInvalid`]; the journal's.
    pub async fn add_input(
        &self,
        intake: &Intake,
        key: &str,
        input: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<TransferId, Fault> {
        let provider = intake.profile.provider;
        let once = Once::new(StreamPlan::new(intake.part_size, PartLimits::of(provider)));
        let item = Item {
            path: PathBuf::from(NAME),
            resolved: None,
            components: vec![NAME.to_owned()],
            outcome: Ok(once.identity()),
        };
        let row = new_row(&self.shared, intake, item, key.to_owned(), true);
        if let Some(fault) = row.fault {
            return Err(fault);
        }
        // Known before its row is: that may run at once.
        self.shared.inputs.add(&row.ferry_id, Arc::clone(&once));
        let rows: Arc<[_]> = vec![row].into();
        let write = |journal: ferry_journal::Journal| {
            let rows = Arc::clone(&rows);
            async move { journal.enqueue(rows).await }
        };
        self.shared.durable.write(write).await?;
        let rows = self.shared.journal.batch_transfers(intake.batch).await;
        let row = rows.map_err(|error| error.fault())?.pop();
        let row = row.ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("a transfer that was queued is missing")
        })?;
        tokio::spawn(once.read_from(input));
        self.shared.events.emit(EngineEvent::Rows);
        self.scheduler.grew();
        Ok(row.id)
    }

    /// Reads no more of the input of a transfer that has ended.
    ///
    /// # Errors
    /// The journal's.
    pub async fn close_input(&self, id: TransferId) -> Result<(), Fault> {
        let row = self.shared.journal.transfer(id).await.map_err(|error| error.fault())?;
        if let Some(row) = row {
            self.shared.inputs.close(&row.ferry_id);
        }
        Ok(())
    }
}
