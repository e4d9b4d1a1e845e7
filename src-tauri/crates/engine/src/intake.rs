//! Takes dropped paths in: walks them and writes what is found to the journal, one commit a batch
//! of rows.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ferry_journal::{NewTransfer, QueuedRow, SourcePath, TransferRow};
use ferry_model::template::composed;
use ferry_model::{
    BatchId, BatchOptions, Day, ExistingPolicy, Fault, FaultKind, Integrity, KeyForm, KeyParts,
    KeyTemplate, Patterns, Phase, Profile, SourceIdentity, Standing, SurveyProblem, TransferId,
    key,
};

use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use crate::events::EngineEvent;
use crate::options::needed_integrity;
use crate::shared::Shared;
use crate::source::reading::Range;
use crate::source::{Files, Item, Root, Walk};
use crate::transfer::prepare::MOST_NAMES;

/// Rows written in one commit.
const ROWS_A_COMMIT: usize = 1_000;

/// Files named by their content in one commit.
const HASHED_A_COMMIT: usize = 8;

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
    /// What of the folders' contents goes.
    pub patterns: Patterns,
    /// What happens when an object exists.
    pub existing: ExistingPolicy,
    /// How much is checked.
    pub integrity: Integrity,
    /// Wanted bytes of a part, or [`ferry_model::plan::AUTOMATIC`]; raised where the service needs
    /// more.
    pub part_size: u64,
    /// How files become keys.
    pub template: KeyTemplate,
    /// Whether names are composed first. The prefix stays as it was typed.
    pub form: KeyForm,
    /// The day the template speaks of: that of the batch, so that the same put finds the same keys
    /// again tomorrow.
    pub day: Day,
    /// What the batch's objects shall be like.
    pub options: BatchOptions,
    /// What becomes of files that cannot go.
    pub problem_files: ProblemFiles,
}

/// What becomes of files that cannot go: [`ferry_model::SurveyProblem::keeps_out`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProblemFiles {
    /// Each becomes a row that says why.
    #[default]
    List,
    /// They are left out: the user knows of them and wants the others only.
    LeaveOut,
}

impl Intake {
    /// The key of an item. Reads the file where the template wants its hash.
    pub(crate) async fn key(&self, files: &Arc<dyn Files>, item: &Item) -> Result<String, Fault> {
        let components: Vec<String> = match self.form {
            KeyForm::Nfc => item.components.iter().map(|component| composed(component)).collect(),
            KeyForm::AsIs => item.components.clone(),
        };
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        let hash8 = match &item.outcome {
            Ok(identity) if self.template.wants_hash() => {
                hash8(Arc::clone(files), item, identity.size).await?
            }
            _ => String::new(),
        };
        Ok(self.template.key(&KeyParts {
            prefix: &self.prefix,
            components: &components,
            day: self.day,
            hash8: &hash8,
        }))
    }
}

async fn hash8(files: Arc<dyn Files>, item: &Item, len: u64) -> Result<String, Fault> {
    let digest = Range::of(files, item.source(), 0, len).sha256().await?;
    Ok(hex::encode(&digest[..4]))
}

/// What an intake found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntakeReport {
    /// Rows that are new.
    pub added: u64,
    /// Of them, those that cannot go and say why.
    pub refused: u64,
    /// Rows that the batch had already.
    pub known: u64,
}

/// How many files an intake, or a survey, has found so far.
#[derive(Debug, Clone, Default)]
pub struct IntakeProgress(Arc<AtomicU64>);

impl IntakeProgress {
    pub(crate) fn add(&self, files: usize) {
        self.0.fetch_add(files as u64, Ordering::Relaxed);
    }

    /// Files found so far.
    pub fn files(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Walks and enqueues. Rows become runnable with the commit that holds them, while the walk goes
/// on. Also returns the rows of folders that stand for nothing any more.
///
/// # Errors
/// Only the journal's: what is wrong with a path becomes a row of its own.
pub(crate) async fn add_paths(
    shared: &Shared,
    intake: Intake,
    progress: IntakeProgress,
    queue_changed: impl Fn(),
) -> Result<(IntakeReport, Vec<TransferId>), Fault> {
    let mut known = Known::read(shared, intake.batch, &intake.paths).await?;
    // The same path twice is taken once.
    let mut met = HashSet::new();
    let paths = intake.paths.iter().filter(|path| met.insert(path.as_os_str()));
    let roots = paths
        .map(|path| Root {
            path: path.clone(),
            led_to: known.led_to.get(path).cloned(),
            below: None,
        })
        .collect();
    let mut found =
        shared.files.walk(Walk { roots, patterns: intake.patterns.clone(), ..Walk::default() });
    let mut taken = IntakeReport::default();
    // Hashing takes as long as reading: what is named shows, and goes, while the next files are
    // read.
    let step = if intake.template.wants_hash() { HASHED_A_COMMIT } else { ROWS_A_COMMIT };
    // While one list of rows is committed, the next is made.
    let (made, mut waiting) = mpsc::channel(1);
    let making = async {
        // Its end ends the other.
        let made = made;
        while let Some(items) = found.next().await {
            let mut items = VecDeque::from(items?);
            while !items.is_empty() {
                let items: Vec<Item> = items.drain(..step.min(items.len())).collect();
                progress.add(items.len());
                let rows = new_rows(shared, &intake, &mut known, &mut taken, items).await?;
                if made.send(rows).await.is_err() {
                    // A commit failed for good: it says why.
                    return Ok(());
                }
            }
        }
        Ok::<(), Fault>(())
    };
    let writing = async move {
        while let Some(rows) = waiting.recv().await {
            enqueue(shared, rows).await?;
            queue_changed();
        }
        Ok(())
    };
    let (made, written) = tokio::join!(making, writing);
    written.and(made)?;
    let folders = folders_among(shared, known.unseen()).await?;
    Ok((taken, folders))
}

/// The rows of found files that the batch has not, or has under another state of the file.
async fn new_rows(
    shared: &Shared,
    intake: &Intake,
    known: &mut Known,
    taken: &mut IntakeReport,
    items: Vec<Item>,
) -> Result<Vec<NewTransfer>, Fault> {
    let mut rows = Vec::with_capacity(items.len());
    let mut again = Vec::new();
    for item in items {
        let (item, key) = match intake.key(&shared.files, &item).await {
            Ok(key) => (item, key),
            // Listed under its plain key, with the reason.
            Err(fault) => {
                let components: Vec<_> = item.components.iter().map(String::as_str).collect();
                let key = key::join(&intake.prefix, &components);
                (Item { outcome: Err(fault), ..item }, key)
            }
        };
        if let Some(id) = known.find(&item.path, &key) {
            again.push((id, item, key));
            continue;
        }
        let first = known.claim(&key);
        rows.push(new_row(shared, intake, item, key, first));
    }
    let known_before = again.len() as u64;
    let anew = begin_anew(shared, intake, known, again).await?;
    taken.known += known_before - anew.len() as u64;
    rows.extend(anew);
    if intake.problem_files == ProblemFiles::LeaveOut {
        rows.retain(|row| row.fault.as_ref().is_none_or(|fault| !keeps_out(fault)));
    }
    taken.refused += rows.iter().filter(|row| row.fault.is_some()).count() as u64;
    taken.added += rows.len() as u64;
    Ok(rows)
}

fn keeps_out(fault: &Fault) -> bool {
    SurveyProblem::of(fault.kind).is_some_and(SurveyProblem::keeps_out)
}

async fn enqueue(shared: &Shared, rows: Vec<NewTransfer>) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Arc<[NewTransfer]> = rows.into();
    let write = |journal: ferry_journal::Journal| {
        let rows = Arc::clone(&rows);
        async move { journal.enqueue(rows).await }
    };
    shared.durable.write(write).await?;
    shared.events.emit(EngineEvent::Rows);
    Ok(())
}

/// What a batch holds already.
struct Known {
    hasher: RandomState,
    /// How many rows claim a key.
    keys: HashMap<u64, u32>,
    /// The rows of a file: its key as it is now, its number, and whether this walk met it.
    files: HashMap<u64, Vec<(String, TransferId, Met)>>,
    /// Where the paths led that are added again, as far as the rows below them tell.
    led_to: HashMap<PathBuf, PathBuf>,
}

/// Where `path` led when `source`, which is it or lies below it, led to `resolved`.
fn root_of(path: &Path, source: &Path, resolved: &Path) -> Option<PathBuf> {
    let below = source.strip_prefix(path).ok()?;
    let root = resolved.ancestors().nth(below.components().count())?;
    (resolved.strip_prefix(root) == Ok(below)).then(|| root.to_owned())
}

/// Whether a walk met a known row's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    Yes,
    NotYet,
}

impl Known {
    async fn read(shared: &Shared, batch: BatchId, paths: &[PathBuf]) -> Result<Self, Fault> {
        let queued = shared.journal.queued_in(batch).await.map_err(|error| error.fault())?;
        let paths: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let mut known = Self {
            hasher: RandomState::new(),
            keys: HashMap::new(),
            files: HashMap::with_capacity(queued.len()),
            led_to: HashMap::new(),
        };
        for QueuedRow { id, source, resolved, key } in queued {
            if let Some(resolved) = &resolved {
                for path in source.as_path().ancestors().filter(|path| paths.contains(path)) {
                    if let Some(root) = root_of(path, source.as_path(), resolved.as_path()) {
                        known.led_to.entry(path.to_owned()).or_insert(root);
                    }
                }
            }
            known.claim(&key);
            known.files.entry(known.hasher.hash_one(source.as_path())).or_default().push((
                key,
                id,
                Met::NotYet,
            ));
        }
        Ok(known)
    }

    /// Whether this is the first row that claims the key.
    fn claim(&mut self, key: &str) -> bool {
        let claims = self.keys.entry(self.hasher.hash_one(key)).or_default();
        *claims += 1;
        *claims == 1
    }

    /// The row of this file under this key, or under the name that "rename" gave it.
    fn find(&mut self, path: &Path, key: &str) -> Option<TransferId> {
        let rows = self.files.get_mut(&self.hasher.hash_one(path))?;
        let at = rows.iter().position(|(known, ..)| known == key);
        let at = at.or_else(|| {
            rows.iter()
                .position(|(known, ..)| (2..MOST_NAMES).any(|n| key::renamed(key, n) == *known))
        })?;
        let (_, id, met) = &mut rows[at];
        *met = Met::Yes;
        Some(*id)
    }

    /// Rows whose file the walk did not meet.
    fn unseen(&self) -> Vec<TransferId> {
        self.files
            .values()
            .flatten()
            .filter(|(_, _, met)| *met == Met::NotYet)
            .map(|(_, id, _)| *id)
            .collect()
    }

    fn has_one_claim(&self, key: &str) -> bool {
        self.keys.get(&self.hasher.hash_one(key)).is_none_or(|claims| *claims <= 1)
    }
}

/// A folder that was empty or unreadable had a row of its own. Once its files are met, nothing ever
/// could end that row: it is to go. It may be running just now, if it was tried again: whoever
/// removes it has to stop it first.
async fn folders_among(shared: &Shared, unseen: Vec<TransferId>) -> Result<Vec<TransferId>, Fault> {
    let mut folders = Vec::new();
    for ids in unseen.chunks(ROWS_A_COMMIT) {
        let rows = shared.journal.transfers(ids).await.map_err(|error| error.fault())?;
        for row in rows {
            let untouched = !row.standing.has_ended() && row.phase == Phase::Fresh;
            if untouched && shared.files.is_folder(&row.queued_source()).await {
                folders.push(row.id);
            }
        }
    }
    Ok(folders)
}

/// Of files that the batch had already: those that ended, but not as this file. Verified before and
/// changed since, skipped or cancelled before and asked for again: their rows make way for new
/// ones.
async fn begin_anew(
    shared: &Shared,
    intake: &Intake,
    known: &Known,
    again: Vec<(TransferId, Item, String)>,
) -> Result<Vec<NewTransfer>, Fault> {
    let ids: Vec<TransferId> = again.iter().map(|(id, ..)| *id).collect();
    let standing = shared.journal.transfers(&ids).await.map_err(|error| error.fault())?;
    let standing: HashMap<TransferId, TransferRow> =
        standing.into_iter().map(|row| (row.id, row)).collect();
    let mut ended = Vec::new();
    let mut rows = Vec::new();
    for (id, item, key) in again {
        let Some(row) = standing.get(&id) else { continue };
        let found = item.outcome.as_ref().ok().zip(row.identity);
        let same = found.is_some_and(|(found, queued)| found.unchanged_since(&queued));
        if row.standing.has_ended() && !(same && row.standing == Standing::Done) {
            ended.push(id);
            let first = known.has_one_claim(&key);
            rows.push(new_row(shared, intake, item, key, first));
        }
    }
    if !ended.is_empty() {
        shared.journal.forget(&ended).await.map_err(|error| error.fault())?;
    }
    Ok(rows)
}

pub(crate) fn new_row(
    shared: &Shared,
    intake: &Intake,
    item: Item,
    key: String,
    first: bool,
) -> NewTransfer {
    let name = item.components.last().cloned().unwrap_or_else(|| item.path.display().to_string());
    let checked = item.outcome.and_then(|identity| {
        key::check(intake.profile.provider, &key)?;
        if first {
            Ok(identity)
        } else {
            Err(Fault::new(FaultKind::KeyCollision).with_subject(key.clone()))
        }
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
        resolved: item.resolved.map(SourcePath::from),
        name,
        size: identity.map_or(0, |identity| identity.size),
        identity,
        part_size: intake.part_size,
        existing: intake.existing,
        integrity: needed_integrity(intake.integrity, intake.profile.provider, &intake.options),
        ferry_id: shared.random.object_id(),
        created_ms: shared.clock.now_ms(),
        standing: match fault.as_ref().map(|fault| fault.kind) {
            None => Standing::Active,
            // Left out by rule, like an object that is there already: listed with the reason, but
            // nothing failed.
            Some(FaultKind::SourceIsLink) => Standing::Skipped,
            Some(FaultKind::SourceBehindLink) => Standing::SourceChanged,
            Some(_) => Standing::Failed,
        },
        fault,
    }
}
