//! Queues the files of a watch that are complete.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ferry_journal::{BatchLabel, NewBatch, NewWatchFile, Selection, SourcePath};
use ferry_model::plan::growing_from;
use ferry_model::{
    BatchId, Fault, FaultKind, GrowingFiles, Growth, KnownFile, KnownState, QueuedSource,
    SourceIdentity, TransferCommand, TransferId,
};
use tokio::time::Instant;

use super::candidates::Candidate;
use super::{WatchActivity, Watching};
use crate::events::EngineEvent;
use crate::intake::{Intake, new_row};
use crate::lock::lock;
use crate::options::wants_digest;
use crate::source::{Item, components};

/// Files that are queued in one commit.
const FILES_A_COMMIT: usize = 1_000;
/// Time between two looks at a file that a program still has open, or whose marker is missing.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

impl Watching {
    /// Queues what is complete.
    pub(super) async fn queue_complete(&mut self) {
        loop {
            let due = self.candidates.due(Instant::now(), FILES_A_COMMIT);
            let all = due.len() < FILES_A_COMMIT;
            let complete = self.complete(due).await;
            if !complete.is_empty()
                && let Err(fault) = self.queue(complete).await
            {
                tracing::warn!(%fault, "files of a watch could not be queued");
                return self.show(WatchActivity::Watching, Some(fault));
            }
            if all {
                break;
            }
        }
        self.show_activity(WatchActivity::Watching);
    }

    /// Queues files that still grow, where the watch sends those, and nothing is known of them yet.
    /// They stay candidates until they are complete.
    pub(super) async fn queue_growing(&mut self) {
        let waits = self.watch.settings.growing == GrowingFiles::Wait;
        // The object's first request would have to tell the SHA-256 of all of it.
        if waits || wants_digest(&self.intake.options) {
            return;
        }
        let least = growing_from(self.intake.part_size);
        let growing = self.candidates.take_growing(least, FILES_A_COMMIT);
        if !growing.is_empty()
            && let Err(fault) = self.begin_growing(growing).await
        {
            tracing::warn!(%fault, "files that grow could not be queued");
        }
    }

    async fn begin_growing(&mut self, growing: Vec<Candidate>) -> Result<(), Fault> {
        let intake = self.intake_of_today().await?;
        let paths = growing.iter().map(|candidate| candidate.path.to_path_buf()).collect();
        let journal = &self.engine.shared.journal;
        let known = journal.known_files(self.watch.id, paths).await;
        let known = known.map_err(|error| error.fault())?;
        let mut wanted = Vec::with_capacity(growing.len());
        for Candidate { path, identity, .. } in growing {
            if !known.contains_key(&*path) {
                let item = self.item(&path, identity);
                let key = intake.key(&self.engine.shared.files, &item).await?;
                wanted.push((item, identity, key));
            }
        }
        let rows = self.rows(&intake, wanted, Growth::Growing).await?;
        self.enqueue(rows).await
    }

    /// Those of these files that are complete; the others are looked at again later.
    async fn complete(&mut self, due: Vec<Candidate>) -> Vec<(Item, SourceIdentity)> {
        let mut quiet = Vec::with_capacity(due.len());
        for candidate in due {
            match self.identity_now(&candidate.path).await {
                Ok(now) if now.unchanged_since(&candidate.identity) => quiet.push(candidate),
                Ok(now) => self.candidates.see(&candidate.path, now, Instant::now()),
                // It is gone, or no file any more: the next look tells what is there now.
                Err(fault) if is_gone(fault.kind) => {
                    self.candidates.remove(&candidate.path);
                }
                Err(_) => self.candidates.look_again(&candidate.path, Instant::now() + LOOK_AGAIN),
            }
        }
        let identities: Vec<SourceIdentity> = quiet.iter().map(|file| file.identity).collect();
        let written_to = match identities.as_slice() {
            [] => BTreeSet::new(),
            files => self.engine.shared.files.written_to(files).await,
        };
        let mut complete = Vec::with_capacity(quiet.len());
        for candidate in quiet {
            let is_complete = !written_to.contains(&candidate.identity.file)
                && self.is_complete(&candidate).await;
            if is_complete {
                self.candidates.remove(&candidate.path);
                complete.push((self.item(&candidate.path, candidate.identity), candidate.identity));
            } else {
                self.candidates.look_again(&candidate.path, Instant::now() + LOOK_AGAIN);
            }
        }
        complete
    }

    /// Whether a file that is as it was seen counts as complete.
    async fn is_complete(&self, candidate: &Candidate) -> bool {
        let settings = &self.watch.settings;
        let markers = settings.completion.markers(&candidate.path);
        if markers.is_empty() {
            return candidate.quiet_for(Instant::now()) >= settings.quiet();
        }
        for marker in markers {
            if self.is_there(&marker).await {
                return true;
            }
        }
        false
    }

    async fn identity_now(&self, path: &Path) -> Result<SourceIdentity, Fault> {
        Ok(self.engine.shared.files.open(&self.source(path)).await?.identity())
    }

    /// A file of the folder as a walk would give it.
    fn item(&self, path: &Path, identity: SourceIdentity) -> Item {
        let QueuedSource { path, resolved, .. } = self.source(path);
        let components =
            components(path.strip_prefix(&self.watch.folder).unwrap_or(&path)).collect();
        Item { path, resolved, components, outcome: Ok(identity) }
    }

    /// What stands at a path of the folder, whatever it is.
    fn source(&self, path: &Path) -> QueuedSource {
        let below = path.strip_prefix(&self.watch.folder).ok();
        let resolved = below.map(|below| self.watch.resolved.join(below));
        QueuedSource { path: path.to_owned(), resolved, identity: None }
    }

    /// Whether a file, or what cannot be told, stands at a path of the folder.
    pub(super) async fn is_there(&self, path: &Path) -> bool {
        match self.engine.shared.files.open(&self.source(path)).await {
            Ok(_) => true,
            Err(fault) => !is_gone(fault.kind),
        }
    }

    /// Queues files, with what they replace.
    async fn queue(&mut self, files: Vec<(Item, SourceIdentity)>) -> Result<(), Fault> {
        let intake = self.intake_of_today().await?;
        let before = self.known_before(&files).await?;
        let mut wanted = Vec::with_capacity(files.len());
        let mut superseded = Vec::new();
        for (item, identity) in files {
            let key = intake.key(&self.engine.shared.files, &item).await?;
            match self.what_it_was(&before, &item, &identity, &key).await? {
                WasBefore::This => continue,
                WasBefore::Begun => {
                    self.set_grown(&item.path, identity).await?;
                    continue;
                }
                WasBefore::Other(open) => superseded.extend(open),
            }
            wanted.push((item, identity, key));
        }
        let rows = self.rows(&intake, wanted, Growth::Whole).await?;
        if rows.is_empty() {
            return Ok(());
        }
        if !superseded.is_empty() {
            let replaced = |journal: ferry_journal::Journal| {
                let ids = superseded.clone();
                async move { journal.mark_replaced(&ids).await }
            };
            self.engine.shared.durable.write(replaced).await?;
            let old = Selection::Ids(superseded);
            self.engine.apply(TransferCommand::Cancel, old).await?;
        }
        self.enqueue(rows).await
    }

    /// A file whose upload was begun while it grew is complete: the upload learns of it at its next
    /// look.
    async fn set_grown(&self, path: &Path, identity: SourceIdentity) -> Result<(), Fault> {
        let write = |journal: ferry_journal::Journal| {
            let source = SourcePath::from(path.to_owned());
            async move { journal.set_grown(self.watch.id, source, identity).await }
        };
        self.engine.shared.durable.write(write).await
    }

    /// Uploads that were begun while their files grew, and stopped because these changed once more,
    /// start over with the complete files. One may stop long after its file was told complete: it
    /// had waited for its store.
    pub(super) async fn start_grown_over(&self) {
        let stopped = self.engine.shared.journal.grown_since_they_stopped(self.watch.id).await;
        let begun = match stopped {
            Ok(stopped) if stopped.is_empty() => return,
            Ok(stopped) => {
                let stopped = Selection::Ids(stopped);
                self.engine.apply(TransferCommand::StartOver, stopped).await.map(drop)
            }
            Err(error) => Err(error.fault()),
        };
        if let Err(fault) = begun {
            tracing::warn!(%fault, "files that changed while they grew could not start over");
        }
    }

    /// Writes rows down and shows them.
    async fn enqueue(&self, rows: Vec<NewWatchFile>) -> Result<(), Fault> {
        let Some(last) = rows.last().map(|row| row.transfer.name.clone()) else { return Ok(()) };
        let shared = &self.engine.shared;
        let rows: Arc<[NewWatchFile]> = rows.into();
        let write = |journal: ferry_journal::Journal| {
            let rows = Arc::clone(&rows);
            async move { journal.enqueue_of_watch(self.watch.id, rows).await }
        };
        shared.durable.write(write).await?;
        shared.events.emit(EngineEvent::Rows);
        self.engine.scheduler.grew();
        let mut view = lock(&self.view);
        view.queued += rows.len() as u64;
        (view.last, view.last_ms) = (Some(last), Some(shared.clock.now_ms()));
        drop(view);
        shared.events.emit(EngineEvent::Watches);
        Ok(())
    }

    /// The intake with the batch of today.
    async fn intake_of_today(&self) -> Result<Intake, Fault> {
        let day = (self.local)(&self.watch.settings.hours).day;
        let id = self.watch.id;
        let batch = NewBatch {
            profile: self.watch.profile,
            fingerprint: self.batch_name(day),
            created_ms: self.engine.shared.clock.now_ms(),
            options: self.intake.options.clone(),
            naming: self.watch.settings.naming.clone(),
            label: BatchLabel {
                name: ferry_model::source::shown(&self.watch.folder),
                roots: 1,
                prefix: self.intake.prefix.clone(),
            },
        };
        let write = |journal: ferry_journal::Journal| {
            let batch = batch.clone();
            async move { journal.batch_of_watch(id, batch).await }
        };
        let batch: BatchId = self.engine.shared.durable.write(write).await?;
        Ok(Intake { batch, day, ..self.intake.clone() })
    }

    /// What the journal knows of these files: by their paths, and by their numbers.
    async fn known_before(&self, files: &[(Item, SourceIdentity)]) -> Result<Known, Fault> {
        let journal = &self.engine.shared.journal;
        let paths = files.iter().map(|(item, _)| item.path.clone()).collect();
        let by_path = journal.known_files(self.watch.id, paths).await;
        let by_path = by_path.map_err(|error| error.fault())?;
        let new = files.iter().filter(|(item, _)| !by_path.contains_key(&item.path));
        let numbers = new.map(|(_, identity)| identity.file).collect();
        let by_number = journal.files_of_numbers(self.watch.id, numbers).await;
        let mut renamed: HashMap<u64, Vec<(PathBuf, KnownFile)>> = HashMap::new();
        for (path, known) in by_number.map_err(|error| error.fault())? {
            renamed.entry(known.identity.file).or_default().push((path, known));
        }
        Ok(Known { by_path, renamed })
    }

    /// Whether a file is what the journal knows, under its path or an earlier one.
    async fn what_it_was(
        &self,
        before: &Known,
        item: &Item,
        identity: &SourceIdentity,
        key: &str,
    ) -> Result<WasBefore, Fault> {
        if let Some(known) = before.by_path.get(&item.path) {
            if known.is(identity) {
                return Ok(WasBefore::This);
            }
            if known.goes_on_with(identity) {
                return Ok(WasBefore::Begun);
            }
            let open = known.transfer.filter(|_| known.state == KnownState::Open);
            return Ok(WasBefore::Other(open));
        }
        for (path, known) in before.renamed.get(&identity.file).into_iter().flatten() {
            if !known.may_be_renamed_to(identity) || self.is_there(path).await {
                continue;
            }
            if known.covers(key) {
                let rename = |journal: ferry_journal::Journal| {
                    let (from, to) = (path.clone(), item.path.clone());
                    async move { journal.rename_known_file(self.watch.id, from, to, *identity).await }
                };
                self.engine.shared.durable.write(rename).await?;
                return Ok(WasBefore::This);
            }
            if known.state == KnownState::Open {
                return Ok(WasBefore::Other(known.transfer));
            }
        }
        Ok(WasBefore::Other(None))
    }

    /// The rows of files. One whose key is that of another file that is there is refused.
    async fn rows(
        &self,
        intake: &Intake,
        files: Vec<(Item, SourceIdentity, String)>,
        growth: Growth,
    ) -> Result<Vec<NewWatchFile>, Fault> {
        let journal = &self.engine.shared.journal;
        let keys = files.iter().map(|(.., key)| key.clone()).collect();
        let known = journal.files_of_keys(self.watch.id, keys).await;
        let mut claimed: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for (path, known) in known.map_err(|error| error.fault())? {
            claimed.entry(known.key).or_default().push(path);
        }
        let mut rows = Vec::with_capacity(files.len());
        for (item, identity, key) in files {
            let mut first = true;
            for other in claimed.get(&key).into_iter().flatten() {
                first &= *other == item.path || !self.is_there(other).await;
            }
            claimed.entry(key.clone()).or_default().push(item.path.clone());
            let transfer = new_row(&self.engine.shared, intake, item, key, first);
            rows.push(NewWatchFile { transfer, identity, growth });
        }
        Ok(rows)
    }
}

/// What the journal knows of files.
struct Known {
    by_path: HashMap<PathBuf, KnownFile>,
    /// Those under other paths, by the numbers of their files.
    renamed: HashMap<u64, Vec<(PathBuf, KnownFile)>>,
}

/// What a file was before.
enum WasBefore {
    /// What it is now: there is nothing to do.
    This,
    /// The same file while it grew; its transfer goes on.
    Begun,
    /// Something else, or not known; with its transfer, where that has not ended.
    Other(Option<TransferId>),
}

/// Whether nothing that could be taken stands at a path.
fn is_gone(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::SourceMissing
            | FaultKind::SourceBehindLink
            | FaultKind::SourceNotRegular
            | FaultKind::EmptyFolder
    )
}
