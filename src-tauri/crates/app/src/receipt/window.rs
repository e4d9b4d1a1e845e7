//! Receipts as the window shows them, and what it does with them: "Verify again", and files.

use std::path::Path;
use std::sync::{Arc, Mutex};

use ferry_model::receipt::{Recheck, obstacles, safety};
use ferry_model::{BatchId, Fault};

use super::{HistoryEntry, MissingDigests, ReceiptExport, ReceiptFile, ReceiptFormat, WhyLeftOut};
use crate::app::App;
use crate::files::NewFile;
use crate::messages::{Problem, ReceiptRow, ReceiptView, RecheckView, RecheckedRow, SavedFile};
use crate::recheck_job::{Job, State, lock};
use crate::rows::state_at_rest;

/// Objects that are shown one by one; the others are counted.
const SHOWN: usize = 500;

impl From<ReceiptFile> for ReceiptRow {
    fn from(file: ReceiptFile) -> Self {
        Self {
            id: file.id,
            source: file.source,
            key: file.key,
            size: file.size,
            state: state_at_rest(file.state),
            crc64: file.crc64,
            etag: file.etag,
            version_id: file.version_id,
            request_id: file.request_id,
            started: file.started,
            finished: file.finished,
            took_ms: file.took_ms,
            verified_by: file.verified_by,
            replaced: file.replaced,
        }
    }
}

fn view(entry: HistoryEntry, offset: u64, files: Vec<ReceiptFile>) -> ReceiptView {
    ReceiptView {
        batch: entry.batch,
        name: entry.name,
        roots: entry.roots,
        profile: entry.profile,
        prefix: entry.prefix,
        created: entry.created,
        finished: entry.finished,
        files: entry.files,
        verified: entry.verified,
        left_out: entry.left_out,
        failed: entry.failed,
        open: entry.open,
        bytes: entry.bytes,
        safe_to_delete: entry.safe_to_delete,
        safety: safety(&entry.because).into(),
        offset,
        rows: files.into_iter().map(ReceiptRow::from).collect(),
    }
}

fn recheck_view(state: &State, waits: Option<Fault>) -> RecheckView {
    let failed = state.ended.as_ref().and_then(|ended| ended.as_ref().err()).cloned();
    let ended_well = matches!(state.ended, Some(Ok(())));
    let because = obstacles(&state.account, Some(&state.counts));
    let found = state.found.iter().map(|file| RecheckedRow {
        id: file.id,
        key: file.key.clone(),
        text: match (&file.outcome, &file.fault) {
            (Some(outcome), _) => outcome.text().into(),
            (None, Some(fault)) => fault.sentence().into(),
            (None, None) => Recheck::Unproven.text().into(),
        },
    });
    RecheckView {
        total: state.account.verified,
        asked: state.counts.asked(),
        same: state.counts.same,
        ended: state.ended.is_some(),
        problem: failed.or(waits).map(Problem::from),
        found: found.collect(),
        more: state.counts.unlike().saturating_sub(state.found.len() as u64),
        safety: ended_well.then(|| safety(&because).into()),
        safe_to_delete: ended_well && because.is_empty(),
    }
}

impl App {
    /// What became of a batch, and `limit` of its files from `offset` on.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::NoSuchBatch`]; the journal's.
    pub async fn read_receipt(
        &self,
        batch: i64,
        offset: u32,
        limit: u32,
    ) -> Result<ReceiptView, Problem> {
        let entry = self.receipt(BatchId(batch)).await?;
        let offset = u64::from(offset);
        let (_, files) = self.receipt_files(BatchId(batch), offset, limit.into()).await?;
        Ok(view(entry, offset, files))
    }

    /// Begins to ask the store for each object of a batch; what was begun before ends. See
    /// [`App::read_recheck`].
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::NoSuchBatch`]; the journal's.
    pub async fn begin_recheck(&self, batch: i64) -> Result<(), Problem> {
        let batch = BatchId(batch);
        let account = self.receipt(batch).await?.account();
        let (counts, found) = Default::default();
        let state = Arc::new(Mutex::new(State { account, counts, found, ended: None }));
        let stop = self.inner.publisher.stop.child_token();
        let job = Job { batch, state: Arc::clone(&state), stop: stop.clone() };
        *lock(&self.inner.receipt_work.recheck) = Some(job);
        let app = self.clone();
        tokio::spawn(async move {
            let told = Arc::clone(&state);
            let asking = app.recheck(batch, move |file| {
                let mut state = lock(&told);
                state.counts.add(file.outcome);
                let unlike = file.outcome != Some(Recheck::Same);
                if unlike && state.found.len() < SHOWN {
                    state.found.push(file);
                }
            });
            tokio::select! {
                () = stop.cancelled() => {}
                ended = asking => lock(&state).ended = Some(ended.map(drop)),
            }
        });
        Ok(())
    }

    /// How far asking for a batch's objects has come; nothing where it was not begun.
    pub fn read_recheck(&self, batch: i64) -> Option<RecheckView> {
        let recheck = lock(&self.inner.receipt_work.recheck);
        let job = recheck.as_ref().filter(|job| job.batch == BatchId(batch))?;
        let state = lock(&job.state);
        let waits = || {
            self.offline()
                .into_iter()
                .next()
                .map(|(endpoint, outage)| outage.fault.with_subject(endpoint))
        };
        Some(recheck_view(&state, if state.ended.is_none() { waits() } else { None }))
    }

    /// Ends what the window began with a receipt: asking the store, and writing a file.
    pub fn end_receipt_work(&self) {
        *lock(&self.inner.receipt_work.recheck) = None;
        lock(&self.inner.receipt_work.writing).cancel();
    }

    /// The name that is offered for a receipt's file.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::NoSuchBatch`]; the journal's.
    pub async fn receipt_file_name(
        &self,
        batch: i64,
        format: ReceiptFormat,
    ) -> Result<String, Problem> {
        let entry = self.receipt(BatchId(batch)).await?;
        let ending = match format {
            ReceiptFormat::Csv => "csv",
            ReceiptFormat::Json => "jsonl",
            ReceiptFormat::Sha256sum => "sha256",
            ReceiptFormat::Md5sum => "md5",
            ReceiptFormat::Mhl => "mhl",
        };
        // What no file system takes, in the name that was dropped.
        let name: String = entry
            .name
            .chars()
            .map(|it| if it.is_control() || r#"/\:*?"<>|"#.contains(it) { '_' } else { it })
            .take(60)
            .collect();
        Ok(format!("ferry-{}-{}.{ending}", entry.batch, name.trim()))
    }

    /// Writes a receipt into a file that the user chose. `None` where [`App::end_receipt_work`]
    /// ended it: then there is no file.
    ///
    /// # Errors
    /// [`ferry_model::FaultKind::FileNotWritten`]; the journal's.
    pub async fn write_receipt(
        &self,
        batch: i64,
        format: ReceiptFormat,
        missing: MissingDigests,
        path: &Path,
    ) -> Result<Option<SavedFile>, Problem> {
        let stop = self.inner.publisher.stop.child_token();
        std::mem::replace(&mut *lock(&self.inner.receipt_work.writing), stop.clone()).cancel();
        let export = self.export_receipt(BatchId(batch), format, missing).await?;
        let mut file = NewFile::begin(path).await?;
        let written = tokio::select! {
            () = stop.cancelled() => Ok(None),
            written = write(export, &mut file) => written.map(Some),
        };
        match written {
            Ok(Some((left_out, why))) => {
                file.end().await?;
                let path = path.display().to_string();
                let because = why.map(|why| why.text().into());
                Ok(Some(SavedFile { path, left_out, because }))
            }
            Ok(None) => {
                file.give_up().await;
                Ok(None)
            }
            Err(fault) => {
                file.give_up().await;
                Err(fault.into())
            }
        }
    }
}

/// How many uploaded files have no lines, and why the first has none.
async fn write(
    mut export: ReceiptExport,
    file: &mut NewFile,
) -> Result<(u64, Option<WhyLeftOut>), Fault> {
    let (mut left_out, mut why) = (0, None);
    while let Some(piece) = export.next().await? {
        if !piece.text.is_empty() {
            file.write(piece.text.as_bytes()).await?;
            file.write(b"\n").await?;
        }
        left_out += piece.left_out.len() as u64;
        why = why.or_else(|| piece.left_out.into_iter().next().map(|file| file.why));
    }
    Ok((left_out, why))
}
