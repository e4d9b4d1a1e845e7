//! The queue and a put's outcome, for the command line.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ferry_engine::{Activity, JournalTrouble};
use ferry_journal::{Filter, Selection, StateGroup, Totals, TransferRow};
use ferry_model::{BatchId, Fault, FaultKind, Profile, ProfileId, Standing, TransferId};
use serde::Serialize;

use crate::app::App;
use crate::messages::RowState;
use crate::rows::{Surroundings, row, waits};

/// How a batch stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchReport {
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes the store acknowledged.
    pub acked_bytes: u64,
    /// Verified.
    pub verified: u64,
    /// Left out, or cancelled.
    pub skipped: u64,
    /// Failed, in conflict, or changed on disk.
    pub failed: u64,
    /// Paused, or waiting for a network or a key.
    pub waiting: u64,
    /// Bytes of what is verified.
    pub verified_bytes: u64,
}

impl BatchReport {
    pub(crate) fn of(sums: &Totals) -> Self {
        Self {
            files: sums.files,
            bytes: sums.bytes,
            acked_bytes: sums.acked_bytes,
            verified: sums.done,
            skipped: sums.ended_otherwise(),
            failed: sums.wait_for_user(),
            waiting: sums.open() - sums.wait_for_user(),
            verified_bytes: sums.done_bytes,
        }
    }
}

/// What a transfer waits for that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WaitsFor {
    /// Its next try, shortly.
    Retry,
    /// The endpoint, which does not answer.
    Endpoint,
    /// Its profile: a key, a permission, something the user has to set right.
    Profile,
}

/// One transfer as `ferry queue` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueItem {
    /// Its number.
    pub id: i64,
    /// The state's word.
    pub state: RowState,
    /// The file.
    pub source: String,
    /// Where it goes.
    pub destination: String,
    /// Bytes.
    pub size: u64,
    /// Bytes the store acknowledged.
    pub acked: u64,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WaitsFor>,
    /// Whole percent acknowledged; 100 only once it is verified.
    pub percent: u8,
    /// Why it stopped or waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

impl App {
    /// How a batch stands.
    ///
    /// # Errors
    /// The journal's.
    pub async fn batch_report(&self, batch: Option<BatchId>) -> Result<BatchReport, Fault> {
        let sums = self.inner.journal.totals(batch).await.map_err(|error| error.fault())?;
        Ok(BatchReport::of(&sums))
    }

    /// How these transfers stand.
    ///
    /// # Errors
    /// The journal's.
    pub async fn report_of(&self, ids: &[TransferId]) -> Result<BatchReport, Fault> {
        let rows = self.inner.journal.transfers(ids).await.map_err(|error| error.fault())?;
        let mut report = BatchReport::default();
        for row in rows {
            report.files += 1;
            report.bytes += row.size;
            report.acked_bytes += row.acked_bytes;
            match row.standing {
                Standing::Done => {
                    report.verified += 1;
                    report.verified_bytes += row.size;
                }
                ended if ended.has_ended() => report.skipped += 1,
                resting if resting.waits_for_user() => report.failed += 1,
                _ => report.waiting += 1,
            }
        }
        Ok(report)
    }

    /// Some transfers of the queue, oldest first: of one state, or all.
    ///
    /// # Errors
    /// The journal's.
    pub async fn queue(
        &self,
        state: Option<RowState>,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<QueueItem>, Fault> {
        let state = state.map(|state| StateGroup::Only(standing_of(state)));
        let page = self
            .inner
            .journal
            .page(Filter { state, ..Filter::default() }, offset, limit)
            .await
            .map_err(|error| error.fault())?;
        self.items(page.rows).await
    }

    /// The batches of the queue, as they are taken.
    ///
    /// # Errors
    /// The journal's.
    pub async fn ranked_batches(&self) -> Result<Vec<BatchId>, Fault> {
        self.inner.journal.ranked_batches().await.map_err(|error| error.fault())
    }

    /// Some transfers of a batch, as they are taken, of one state or all; and how many there are to
    /// go through, those included that cannot be read.
    ///
    /// # Errors
    /// The journal's.
    pub async fn queue_of(
        &self,
        batch: BatchId,
        state: Option<RowState>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<QueueItem>, u64), Fault> {
        let state = state.map(|state| StateGroup::Only(standing_of(state)));
        let filter = Filter { batch: Some(batch), state, ..Filter::default() };
        let page = self.inner.journal.page(filter, offset, limit).await;
        let page = page.map_err(|error| error.fault())?;
        Ok((self.items(page.rows).await?, page.total))
    }

    /// These transfers.
    ///
    /// # Errors
    /// The journal's.
    pub async fn items_of(&self, ids: &[TransferId]) -> Result<Vec<QueueItem>, Fault> {
        let rows = self.inner.journal.transfers(ids).await.map_err(|error| error.fault())?;
        self.items(rows).await
    }

    /// The transfers of a batch that are neither verified nor left out, with their reasons.
    ///
    /// # Errors
    /// The journal's.
    pub async fn unfinished(&self, batch: BatchId) -> Result<Vec<QueueItem>, Fault> {
        self.items_standing(batch, |standing| !standing.has_ended()).await
    }

    /// The transfers of a batch that stand as `wanted` says.
    async fn items_standing(
        &self,
        batch: BatchId,
        wanted: impl Fn(Standing) -> bool,
    ) -> Result<Vec<QueueItem>, Fault> {
        let standings = self
            .inner
            .journal
            .standings(Selection::Batch(batch))
            .await
            .map_err(|error| error.fault())?;
        let ids: Vec<TransferId> = standings
            .into_iter()
            .filter(|(_, _, standing)| wanted(*standing))
            .map(|(id, ..)| id)
            .collect();
        self.items_of(&ids).await
    }

    /// The verified transfers of a batch whose callback failed, with what the store said.
    ///
    /// # Errors
    /// The journal's.
    pub async fn remarks(&self, batch: BatchId) -> Result<Vec<QueueItem>, Fault> {
        let row = self.inner.journal.batch(batch).await.map_err(|error| error.fault())?;
        // Only a batch that calls back has any, and reading 300,000 rows for nothing takes its
        // time.
        if row.is_none_or(|row| row.options.callback.is_none()) {
            return Ok(Vec::new());
        }
        let items = self.items_standing(batch, |standing| standing == Standing::Done).await?;
        Ok(items
            .into_iter()
            .filter(|item| {
                item.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::CallbackFailed)
            })
            .collect())
    }

    /// The numbers of all transfers that have not ended, or of these as far as they exist.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for a number that is not there; the journal's.
    pub async fn open_ids(&self, ids: Option<&[TransferId]>) -> Result<Vec<TransferId>, Fault> {
        let selection = ids.map_or(Selection::Open, |ids| Selection::Ids(ids.to_vec()));
        let standings =
            self.inner.journal.standings(selection).await.map_err(|error| error.fault())?;
        let found: Vec<TransferId> = standings.into_iter().map(|(id, ..)| id).collect();
        let known: BTreeSet<TransferId> = found.iter().copied().collect();
        if let Some(missing) = ids.unwrap_or_default().iter().find(|id| !known.contains(id)) {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject(missing.to_string())
                .with_detail("no transfer has this number"));
        }
        Ok(found)
    }

    /// The profiles that these transfers use.
    ///
    /// # Errors
    /// The journal's.
    pub async fn profiles_of(&self, ids: &[TransferId]) -> Result<Vec<Profile>, Fault> {
        let rows = self.inner.journal.transfers(ids).await.map_err(|error| error.fault())?;
        let used: std::collections::HashSet<ProfileId> =
            rows.into_iter().map(|row| row.profile).collect();
        let profiles = self.inner.journal.profiles().await.map_err(|error| error.fault())?;
        Ok(profiles.into_iter().filter(|profile| used.contains(&profile.id)).collect())
    }

    async fn items(&self, rows: Vec<TransferRow>) -> Result<Vec<QueueItem>, Fault> {
        let profiles = self.inner.journal.profiles().await.map_err(|error| error.fault())?;
        let (engine, holds) = (&self.inner.engine, self.inner.engine.holds());
        let profiles = profiles.into_iter().map(|profile| (profile.id, profile)).collect();
        let around = Surroundings {
            live: engine.all_live().into_iter().collect(),
            waits: waits(&holds, &engine.offline(), &profiles),
            profiles,
            ..Surroundings::default()
        };
        Ok(rows.iter().map(|transfer| item(transfer, &around, &holds)).collect())
    }

    /// The transfers whose last request failed and is tried again shortly, with the reason.
    pub fn retrying(&self) -> HashMap<TransferId, Fault> {
        let live = self.inner.engine.all_live().into_iter();
        live.filter(|(_, live)| live.activity == Activity::Retrying)
            .filter_map(|(id, live)| Some((id, live.fault?)))
            .collect()
    }

    /// What keeps the queue from being written now; it is tried again by itself.
    pub fn journal_trouble(&self) -> Option<JournalTrouble> {
        self.inner.engine.journal_trouble()
    }
}

fn item(
    transfer: &TransferRow,
    around: &Surroundings,
    holds: &BTreeMap<ProfileId, Fault>,
) -> QueueItem {
    let shown = row(transfer, around);
    let live = around.live.get(&transfer.id);
    let (waits_for, reason) = match shown.state {
        RowState::Retrying => (Some(WaitsFor::Retry), live.and_then(|live| live.fault.as_ref())),
        RowState::Waiting => {
            let held = holds.contains_key(&transfer.profile);
            let waits_for = if held { WaitsFor::Profile } else { WaitsFor::Endpoint };
            (Some(waits_for), around.waits.get(&transfer.profile))
        }
        _ => (None, None),
    };
    QueueItem {
        id: shown.id,
        state: shown.state,
        source: transfer.source.as_path().display().to_string(),
        destination: shown.destination,
        size: shown.size,
        acked: shown.acked,
        percent: shown.percent,
        waits_for,
        fault: reason.or(transfer.fault.as_ref()).cloned(),
    }
}

/// The standing that a state's word asks for. The finer states exist only while something runs.
fn standing_of(state: RowState) -> Standing {
    match state {
        RowState::Queued
        | RowState::Uploading
        | RowState::Growing
        | RowState::Verifying
        | RowState::Waiting
        | RowState::Retrying
        | RowState::Cancelling => Standing::Active,
        RowState::Paused => Standing::Paused,
        RowState::Failed => Standing::Failed,
        RowState::Conflict => Standing::Conflict,
        RowState::SourceChanged => Standing::SourceChanged,
        RowState::Settling => Standing::UntilQuiet,
        RowState::Done => Standing::Done,
        RowState::Skipped => Standing::Skipped,
        RowState::Cancelled => Standing::Cancelled,
    }
}
