//! Takes back what a phase made: the objects and uploads of its own keys, and no others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ferry_journal::TransferRow;
use ferry_model::reaction::{Blame, Failure, History, Reaction, reaction};
use ferry_model::{Affects, BatchId, Fault, FaultKind, Profile, Repeat, Standing};
use ferry_storage::{
    ListPage, ListedUpload, ObjectStore, RetryNow, StoreError, UploadsMarker, all_pages,
};
use tokio::task::JoinSet;

use crate::app::App;

/// Deletions side by side.
const PARALLEL: usize = 32;
/// How long cleaning may take in all.
const MOST_TIME: Duration = Duration::from_secs(120);
/// A store may still carry out what it had received whole when its connection was closed: what was
/// under way is looked at again after this time.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// What became of what was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cleanup {
    /// Objects that were deleted.
    pub deleted: u64,
    /// Uploads that were aborted.
    pub aborted: u64,
    /// Keys that may still hold an object or an upload.
    pub left: BTreeSet<String>,
    /// Why something is left.
    pub fault: Option<Fault>,
}

/// What is known so far.
#[derive(Debug, Default)]
struct Known {
    deleted: BTreeSet<String>,
    aborted: u64,
    left: BTreeSet<String>,
    fault: Option<Fault>,
}

/// What is known so far, shared by the deletions that run side by side.
#[derive(Debug, Default)]
struct Progress(Mutex<Known>);

impl Progress {
    fn update(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn failed(&self, fault: Fault) {
        self.update(|known| known.fault = Some(fault));
    }

    fn told(&self) -> Cleanup {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Cleanup {
            deleted: known.deleted.len() as u64,
            aborted: known.aborted,
            // What failed on the way and went well in the end is nobody's trouble.
            fault: known.fault.clone().filter(|_| !known.left.is_empty()),
            left: known.left.clone(),
        }
    }
}

/// Deletes what a batch below `prefix` made.
pub(super) async fn clean(app: &App, profile: &Profile, batch: BatchId, prefix: &str) -> Cleanup {
    let rows = app.inner.journal.batch_transfers(batch).await.map_err(|error| error.fault());
    let made = match rows {
        Ok(rows) => rows.into_iter().filter(|row| row.key.starts_with(prefix)).collect::<Vec<_>>(),
        Err(fault) => return Cleanup { fault: Some(fault), ..Cleanup::default() },
    };
    let progress = Arc::new(Progress::default());
    progress.update(|known| known.left.extend(made.iter().map(|row| row.key.clone())));
    let Some(bucket) = made.first().map(|row| row.bucket.clone()) else {
        return Cleanup::default();
    };
    let cleaned = async {
        let store = app.inner.engine.store(profile, &bucket).await?;
        take_back(&store, prefix, made, &progress).await;
        Ok::<_, Fault>(())
    };
    match tokio::time::timeout(MOST_TIME, cleaned).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => progress.failed(fault),
        Err(_) => progress.update(|known| {
            known.fault.get_or_insert(Fault::new(FaultKind::Stalled));
        }),
    }
    progress.told()
}

async fn take_back(
    store: &Arc<dyn ObjectStore>,
    prefix: &str,
    rows: Vec<TransferRow>,
    progress: &Arc<Progress>,
) {
    let unsure: Vec<TransferRow> =
        rows.iter().filter(|row| row.standing != Standing::Done).cloned().collect();
    let Some(stuck) = abort_uploads(store, prefix, &rows, progress).await else { return };
    delete_objects(store, rows, &stuck, progress).await;
    if unsure.is_empty() {
        return;
    }
    tokio::time::sleep(SECOND_LOOK).await;
    let Some(stuck) = abort_uploads(store, prefix, &unsure, progress).await else { return };
    progress.update(|known| known.left.extend(unsure.iter().map(|row| row.key.clone())));
    delete_objects(store, unsure, &stuck, progress).await;
}

/// Aborts the uploads of these rows. Gives the keys of those that could not be; `None` where the
/// store does not answer at all, so that nothing else makes sense.
async fn abort_uploads(
    store: &Arc<dyn ObjectStore>,
    prefix: &str,
    rows: &[TransferRow],
    progress: &Progress,
) -> Option<BTreeSet<String>> {
    let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let known = rows.iter().filter(|row| row.standing != Standing::Done);
    let mut uploads: BTreeSet<(String, String)> = known
        .filter_map(|row| Some((row.key.clone(), row.phase.upload_id()?.to_string())))
        .collect();
    match list_uploads(store, prefix).await {
        Ok(listed) => uploads.extend(
            listed
                .into_iter()
                .filter(|upload| keys.contains(upload.key.as_str()))
                .map(|upload| (upload.key, upload.upload_id)),
        ),
        Err(fault) => {
            let is_silent = fault.status.is_none() && fault.kind.affects() == Affects::Endpoint;
            progress.failed(fault);
            if is_silent {
                return None;
            }
            // Who may not list them still knows those that it began.
        }
    }
    let mut stuck = BTreeSet::new();
    for (key, id) in uploads {
        match persist(|| store.abort(&key, &id)).await {
            Ok(()) => progress.update(|known| known.aborted += 1),
            Err(fault) if fault.kind == FaultKind::UploadGone => {}
            Err(fault) => {
                progress.failed(fault);
                stuck.insert(key);
            }
        }
    }
    Some(stuck)
}

async fn list_uploads(
    store: &Arc<dyn ObjectStore>,
    prefix: &str,
) -> Result<Vec<ListedUpload>, Fault> {
    all_pages(|marker: Option<UploadsMarker>| async move {
        let page: ListPage<_, _> = persist(|| store.list_uploads(prefix, marker.clone())).await?;
        Ok::<_, Fault>(page)
    })
    .await
}

/// Deletes the objects of these rows, several side by side. A key whose upload is stuck stays among
/// those that are left.
async fn delete_objects(
    store: &Arc<dyn ObjectStore>,
    rows: Vec<TransferRow>,
    stuck: &BTreeSet<String>,
    progress: &Arc<Progress>,
) {
    let mut rows = rows.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < PARALLEL
            && let Some(row) = rows.next()
        {
            let (store, progress) = (Arc::clone(store), Arc::clone(progress));
            let is_stuck = stuck.contains(&row.key);
            running.spawn(async move {
                match delete(&*store, &row).await {
                    Ok(found) => progress.update(|known| {
                        if !is_stuck {
                            known.left.remove(&row.key);
                        }
                        if found == Found::Something {
                            known.deleted.insert(row.key);
                        }
                    }),
                    Err(fault) => progress.failed(fault),
                }
            });
        }
        if running.join_next().await.is_none() {
            return;
        }
    }
}

/// Whether there was anything to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Something,
    Nothing,
}

/// Deletes the version that was made: without one, a bucket that keeps versions would keep it. Of
/// what is not known to be done, the store is asked.
async fn delete(store: &dyn ObjectStore, row: &TransferRow) -> Result<Found, Fault> {
    let version = match row.standing {
        Standing::Done => row.receipt.version_id.clone(),
        _ => match persist(|| store.head(&row.key)).await {
            Ok(Some(head)) => head.version_id,
            Ok(None) => return Ok(Found::Nothing),
            // Who may not read may still delete.
            Err(_) => None,
        },
    };
    persist(|| store.delete_object(&row.key, version.as_deref())).await?;
    Ok(Found::Something)
}

/// Makes a call until it goes well, as the model's table of retries says.
async fn persist<T, Answer>(mut call: impl FnMut() -> Answer) -> Result<T, Fault>
where
    Answer: Future<Output = Result<T, StoreError>>,
{
    let mut history = History::default();
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let failure = Failure {
            fault: &error.fault,
            delivery: error.delivery,
            repeat: Repeat::Freely,
            sign_again: error.retry_now == RetryNow::Once,
        };
        match reaction(&failure, &history, Blame::Item, fastrand::f64()) {
            Reaction::SignAgain => history.signed_again = true,
            Reaction::ReplaceKey => history.key_replaced = true,
            Reaction::Retry { after, .. } => {
                history.failures = history.failures.saturating_add(1);
                history.spent += 1;
                tokio::time::sleep(after).await;
            }
            Reaction::AskStore { .. } | Reaction::HoldProfile | Reaction::Report => {
                return Err(error.fault);
            }
        }
    }
}
