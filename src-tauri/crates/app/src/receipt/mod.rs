//! Receipts: what became of what was dropped, file by file; and the batches of before.

mod export;
mod format;
mod mhl;
mod recheck;
mod window;

use ferry_journal::{BatchScope, ListedBatch, Receipt, ReceiptRow};
use ferry_model::receipt::{Account, Obstacle, has_object, obstacles};
use ferry_model::{BatchId, Fault, FaultKind, Proof, Standing, Tidied};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use export::{LeftOut, MissingDigests, ReceiptExport, ReceiptPiece, WhyLeftOut};

use crate::app::App;
use crate::report::BatchReport;

/// How a receipt is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ReceiptFormat {
    /// A table: RFC 4180, with a line of names.
    Csv,
    /// A JSON object for each file, a line each, the batch first.
    Json,
    /// What `sha256sum --check` reads.
    Sha256sum,
    /// What `md5sum --check` reads.
    Md5sum,
    /// An ASC Media Hash List.
    Mhl,
}

impl ReceiptFormat {
    /// Whether it lists digests, and so only files whose digest is known.
    pub fn lists_digests(self) -> bool {
        matches!(self, Self::Sha256sum | Self::Md5sum | Self::Mhl)
    }
}

/// A batch of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number.
    pub batch: i64,
    /// The first file or folder that was dropped; empty where that was not written down.
    pub name: String,
    /// How many files and folders were dropped.
    pub roots: u64,
    /// The profile's name; empty once it is deleted.
    pub profile: String,
    /// The prefix it went under.
    pub prefix: String,
    /// When it was added, in RFC 3339.
    pub created: String,
    /// When its last file ended, in RFC 3339, if it did.
    pub finished: Option<String>,
    /// Files that were dropped.
    pub files: u64,
    /// Those of them that are verified.
    pub verified: u64,
    /// Those that were left out, or cancelled.
    pub left_out: u64,
    /// Those that failed, or wait for a decision.
    pub failed: u64,
    /// Those that are not done yet.
    pub open: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes of what is verified.
    pub verified_bytes: u64,
    /// Whether the local files may be deleted: each one dropped is on the store, and verified.
    pub safe_to_delete: bool,
    /// Why not.
    pub because: Vec<Obstacle>,
}

/// A file of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptFile {
    /// The transfer's number.
    pub id: i64,
    /// The file.
    pub source: String,
    /// The bucket.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// How it stands.
    pub state: Standing,
    /// CRC-64/XZ of all bytes, as OSS writes it: a decimal number.
    pub crc64: Option<String>,
    /// MD5 of all bytes in hex, where it was computed.
    pub md5: Option<String>,
    /// SHA-256 of all bytes in hex, where it was computed.
    pub sha256: Option<String>,
    /// The object's ETag.
    pub etag: Option<String>,
    /// The object's version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// The store's id of the request that made the object.
    pub request_id: Option<String>,
    /// When the first request was made for it, in RFC 3339.
    pub started: Option<String>,
    /// When it ended, in RFC 3339.
    pub finished: Option<String>,
    /// Whether the file was saved anew after it was queued, and this is the later version.
    pub taken_anew: bool,
    /// What its being verified rests on; not known of what was uploaded before that was kept.
    pub verified_by: Option<Proof>,
    /// Milliseconds from the first request made for it to its end.
    pub took_ms: Option<i64>,
    /// What a watch did with the local file afterwards.
    pub afterwards: Option<Tidied>,
    /// Whether it was cancelled because a newer version of the file took its place.
    pub replaced: bool,
}

/// Milliseconds from the first request to the end; `None` where one is missing, or where the clock
/// was set back meanwhile.
pub(crate) fn took_ms(receipt: &Receipt) -> Option<i64> {
    let took = receipt.finished_ms?.checked_sub(receipt.started_ms?)?;
    (took >= 0).then_some(took)
}

/// A moment as it is written in a receipt.
pub(crate) fn moment(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(time) => time.to_string(),
        Err(_) => String::new(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl HistoryEntry {
    /// What was dropped, and what became of it.
    pub fn account(&self) -> Account {
        Account {
            files: self.files,
            verified: self.verified,
            left_out: self.left_out,
            failed: self.failed,
            open: self.open,
            is_adding: self.because.contains(&Obstacle::Adding),
        }
    }
}

fn entry(batch: ListedBatch, profile: String) -> HistoryEntry {
    let report = BatchReport::of(&batch.totals);
    let account = Account {
        files: report.files,
        verified: report.verified,
        left_out: report.skipped,
        failed: report.failed,
        open: report.waiting,
        is_adding: batch.is_intake_open,
    };
    let because = obstacles(&account, None);
    HistoryEntry {
        batch: batch.id.0,
        profile,
        created: moment(batch.created_ms),
        finished: batch.finished_ms.map(moment),
        files: report.files,
        verified: report.verified,
        left_out: report.skipped,
        failed: report.failed,
        open: report.waiting,
        bytes: report.bytes,
        verified_bytes: report.verified_bytes,
        safe_to_delete: because.is_empty(),
        because,
        name: batch.label.name,
        roots: batch.label.roots,
        prefix: batch.label.prefix,
    }
}

/// What a receipt tells of a file.
pub(crate) fn file(row: &ReceiptRow) -> ReceiptFile {
    // What is not verified has no sums to show: those of an earlier try say nothing.
    let done = has_object(row.standing);
    let row = row.clone();
    let receipt = row.receipt;
    let took_ms = took_ms(&receipt);
    ReceiptFile {
        id: row.id.0,
        source: row.source.as_path().display().to_string(),
        bucket: row.bucket,
        key: row.key,
        size: row.size,
        state: row.standing,
        crc64: row.crc64.filter(|_| done).map(|sum| sum.to_string()),
        md5: receipt.md5.filter(|_| done).map(|sum| hex(&sum)),
        sha256: receipt.sha256.filter(|_| done).map(|sum| hex(&sum)),
        etag: row.etag.filter(|_| done),
        version_id: receipt.version_id.filter(|_| done),
        request_id: receipt.request_id.filter(|_| done),
        started: receipt.started_ms.map(moment),
        finished: receipt.finished_ms.filter(|_| row.standing.has_ended()).map(moment),
        taken_anew: row.taken_anew,
        verified_by: receipt.proof.filter(|_| done),
        took_ms,
        afterwards: receipt.afterwards,
        replaced: row.standing == Standing::Cancelled && receipt.replaced,
    }
}

impl App {
    /// Batches, those with work left first, the newest first; and how many there are.
    ///
    /// # Errors
    /// The journal's.
    pub async fn history(
        &self,
        offset: u64,
        limit: u64,
    ) -> Result<(u64, Vec<HistoryEntry>), Fault> {
        let journal = &self.inner.journal;
        let page = journal.batches(BatchScope::All, offset, limit).await;
        let page = page.map_err(|error| error.fault())?;
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        let name = |batch: &ListedBatch| {
            let profile = profiles.iter().find(|profile| profile.id == batch.profile);
            profile.map(|profile| profile.name.clone()).unwrap_or_default()
        };
        let entries = page.batches.into_iter().map(|batch| {
            let profile = name(&batch);
            entry(batch, profile)
        });
        Ok((page.total, entries.collect()))
    }

    /// What became of a batch.
    ///
    /// # Errors
    /// [`FaultKind::NoSuchBatch`]; the journal's.
    pub async fn receipt(&self, batch: BatchId) -> Result<HistoryEntry, Fault> {
        let journal = &self.inner.journal;
        let found = journal.batches(BatchScope::One(batch), 0, 1).await;
        let found = found.map_err(|error| error.fault())?.batches.into_iter().next();
        let missing = || Fault::new(FaultKind::NoSuchBatch).with_subject(batch.0.to_string());
        let found = found.ok_or_else(missing)?;
        let profile = journal.profile(found.profile).await.map_err(|error| error.fault())?;
        Ok(entry(found, profile.map(|profile| profile.name).unwrap_or_default()))
    }

    /// Files of a batch in the order they were dropped, `limit` from `offset` on, and how many
    /// there are, also those that were taken off the list.
    ///
    /// # Errors
    /// The journal's.
    pub async fn receipt_files(
        &self,
        batch: BatchId,
        offset: u64,
        limit: u64,
    ) -> Result<(u64, Vec<ReceiptFile>), Fault> {
        let page = self.inner.journal.receipt_page(batch, offset, limit).await;
        let page = page.map_err(|error| error.fault())?;
        Ok((page.total, page.rows.iter().map(file).collect()))
    }
}
