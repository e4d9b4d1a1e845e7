//! What asking the store again has found, and what the window has under way with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferry_model::receipt::{Account, Recheck, RecheckCounts};
use ferry_model::{BatchId, Fault};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

/// An object that was asked for again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecheckedFile {
    /// The transfer's number.
    pub id: i64,
    /// The file.
    pub source: String,
    /// The bucket.
    pub bucket: String,
    /// The object key.
    pub key: String,
    /// What became of it; `None` where the store refused to tell.
    pub outcome: Option<Recheck>,
    /// Bytes that were verified.
    pub size: u64,
    /// Bytes that are there now.
    pub size_now: Option<u64>,
    /// The ETag under which it was verified.
    pub etag: Option<String>,
    /// The ETag now.
    pub etag_now: Option<String>,
    /// The version that was verified.
    pub version_id: Option<String>,
    /// The version now.
    pub version_id_now: Option<String>,
    /// Why the store did not tell.
    pub fault: Option<Fault>,
}

/// What the window has under way with a receipt: one thing at a time.
#[derive(Debug, Default)]
pub(crate) struct ReceiptWork {
    pub(crate) recheck: Mutex<Option<Job>>,
    pub(crate) writing: Mutex<CancellationToken>,
}

/// Asking the store for a batch. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) batch: BatchId,
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) stop: CancellationToken,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// How far it has come.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) counts: RecheckCounts,
    /// The first that are not as they were verified.
    pub(crate) found: Vec<RecheckedFile>,
    pub(crate) ended: Option<Result<(), Fault>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
