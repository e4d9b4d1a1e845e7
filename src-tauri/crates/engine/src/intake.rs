//! Takes dropped paths in: walks them and writes what is found to the journal, one commit a batch of rows.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ferry_journal::{NewTransfer, SourcePath, TransferRow};
use ferry_model::{BatchId, ExistingPolicy, Fault, FaultKind, Integrity, Profile, SourceIdentity, Standing, TransferId, key};

use crate::context::{Context, EngineEvent};
use crate::walk::{Item, walk};

/// Rows written in one commit.
const ROWS_A_COMMIT: usize = 1_000;

/// What to take in, and where it goes.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The batch the rows belong to.
    pub batch: BatchId,
    /// Under which profile.
    pub profile: Profile,
    /// Into which bucket.
    pub bucket: String,
    /// Put before every key.
    pub prefix: String,
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// What happens when an object exists.
    pub existing: ExistingPolicy,
    /// How much is checked.
    pub integrity: Integrity,
    /// Wanted bytes of a part; raised where the service needs more.
    pub part_size: u64,
}

/// What an intake found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows that are new.
    pub added: u64,
    /// Of them, those that cannot go and say why.
    pub refused: u64,
    /// Rows that the batch had already.
    pub known: u64,
}

/// How many files an intake has found so far.
#[derive(Debug, Clone, Default)]
pub struct IntakeProgress(Arc<AtomicU64>);

impl IntakeProgress {
    /// Files found so far.
    pub fn files(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Walks and enqueues. Rows become runnable with the commit that holds them, while the walk goes on.
///
/// # Errors
/// Only the journal's: what is wrong with a path becomes a row of its own.
pub(crate) async fn take_in(context: &Context, intake: Intake, progress: IntakeProgress, rows_came: impl Fn()) -> Result<Taken, Fault> {
    let queued = context.journal.queued_in(intake.batch).await.map_err(|error| error.fault())?;
    let hasher = RandomState::new();
    let mut keys: HashSet<u64> = HashSet::with_capacity(queued.len());
    let mut known: HashMap<u64, TransferId> = HashMap::with_capacity(queued.len());
    for (source, key, id) in &queued {
        keys.insert(hasher.hash_one(key));
        known.insert(hasher.hash_one((source.as_path(), key)), *id);
    }
    drop(queued);
    let (items, mut found) = tokio::sync::mpsc::channel::<Vec<Item>>(4);
    let paths = intake.paths.clone();
    let walking = tokio::task::spawn_blocking(move || walk_all(&paths, &items));
    let mut taken = Taken::default();
    while let Some(items) = found.recv().await {
        let mut rows = Vec::with_capacity(items.len());
        let mut again = Vec::new();
        for item in items {
            progress.0.fetch_add(1, Ordering::Relaxed);
            let key = key::join(&intake.prefix, &item.components.iter().map(String::as_str).collect::<Vec<_>>());
            if let Some(id) = known.get(&hasher.hash_one((item.path.as_path(), &key))) {
                again.push((*id, item, key));
                continue;
            }
            let first = keys.insert(hasher.hash_one(&key));
            rows.push(new_row(context, &intake, item, key, first));
        }
        let known_before = again.len() as u64;
        let anew = begin_anew(context, &intake, again).await?;
        taken.known += known_before - anew.len() as u64;
        rows.extend(anew);
        taken.refused += rows.iter().filter(|row| row.fault.is_some()).count() as u64;
        taken.added += rows.len() as u64;
        if !rows.is_empty() {
            context.journal.enqueue(rows).await.map_err(|error| error.fault())?;
            context.tell(EngineEvent::Rows);
            rows_came();
        }
    }
    walking.await.map_err(|error| Fault::new(FaultKind::Internal).saying(error.to_string()))?;
    Ok(taken)
}

/// Of files that the batch had already: those that ended, but not as this file. Verified before and changed since, skipped or
/// cancelled before and asked for again: their rows make way for new ones.
async fn begin_anew(context: &Context, intake: &Intake, again: Vec<(TransferId, Item, String)>) -> Result<Vec<NewTransfer>, Fault> {
    let ids: Vec<TransferId> = again.iter().map(|(id, ..)| *id).collect();
    let standing = context.journal.transfers(&ids).await.map_err(|error| error.fault())?;
    let standing: HashMap<TransferId, TransferRow> = standing.into_iter().map(|row| (row.id, row)).collect();
    let mut ended = Vec::new();
    let mut rows = Vec::new();
    for (id, item, key) in again {
        let Some(row) = standing.get(&id) else { continue };
        let same = item.outcome.as_ref().is_ok_and(|identity| Some(*identity) == row.identity);
        if row.standing.has_ended() && !(same && row.standing == Standing::Done) {
            ended.push(id);
            rows.push(new_row(context, intake, item, key, true));
        }
    }
    if !ended.is_empty() {
        context.journal.remove(&ended).await.map_err(|error| error.fault())?;
    }
    Ok(rows)
}

fn walk_all(paths: &[PathBuf], items: &tokio::sync::mpsc::Sender<Vec<Item>>) {
    let mut waiting = Vec::new();
    for path in paths {
        let mut open = true;
        walk(path, &mut |item| {
            waiting.push(item);
            if waiting.len() >= ROWS_A_COMMIT {
                open = items.blocking_send(std::mem::take(&mut waiting)).is_ok();
            }
            open
        });
        // What one path brought shows at once, however long the next one takes.
        if !waiting.is_empty() && items.blocking_send(std::mem::take(&mut waiting)).is_err() {
            return;
        }
    }
}

fn new_row(context: &Context, intake: &Intake, item: Item, key: String, first: bool) -> NewTransfer {
    let name = item.components.last().cloned().unwrap_or_else(|| item.path.display().to_string());
    let checked = item.outcome.and_then(|identity| {
        key::check(intake.profile.provider, &key)?;
        if first { Ok(identity) } else { Err(Fault::new(FaultKind::KeyCollision).about(key.clone())) }
    });
    let (identity, fault): (Option<SourceIdentity>, Option<Fault>) = match checked {
        Ok(identity) => (Some(identity), None),
        Err(fault) => (None, Some(fault)),
    };
    NewTransfer {
        batch: intake.batch,
        profile: intake.profile.id,
        bucket: intake.bucket.clone(),
        key,
        source: SourcePath::from(item.path),
        name,
        size: identity.map_or(0, |identity| identity.size),
        identity,
        part_size: intake.part_size,
        existing: intake.existing,
        integrity: intake.integrity,
        ferry_id: context.fresh_id(),
        created_ms: context.now_ms(),
        standing: if fault.is_some() { Standing::Failed } else { Standing::Active },
        fault,
    }
}
