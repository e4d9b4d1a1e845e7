//! Looks at a watched folder, or at some paths below it, and holds what is there against what the
//! journal knows.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use ferry_journal::Selection;
use ferry_model::{Fault, FaultKind, KnownFile, KnownState, SourceIdentity, TransferCommand};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::{WatchActivity, Watching};
use crate::lock::lock;
use crate::source::{Root, Walk};

/// Known files that are read at once.
const KNOWN_AT_ONCE: usize = 1_000;

/// What a look found beside files.
#[derive(Debug, Default)]
struct Found {
    /// Why the folder itself cannot be looked at.
    folder: Option<Fault>,
    /// Files that cannot be taken, and why the first of them cannot.
    refused: u64,
    /// Where they are: what is below is not known to be gone.
    unread: Vec<PathBuf>,
    fault: Option<Fault>,
    /// Whether the whole folder was read.
    ended: bool,
}

impl Watching {
    /// Looks at the whole folder, and forgets the files that are gone.
    pub(super) async fn look_at_everything(&mut self) {
        self.show_activity(WatchActivity::Looking);
        let begun = Instant::now();
        let hasher = RandomState::new();
        let mut met = HashSet::new();
        let found = self.look_through(None, |path| {
            met.insert(hasher.hash_one(path));
        });
        let mut found = found.await;
        if found.ended && met.is_empty() && found.folder.is_none() {
            found.folder = self.missing_volume().await;
        }
        let now = Instant::now();
        self.rescan_at = now + self.watch.settings.rescan_after(now - begun);
        if found.ended && found.folder.is_none() {
            let unread = std::mem::take(&mut found.unread);
            let is_met = |path: &Path| {
                met.contains(&hasher.hash_one(path))
                    || unread.iter().any(|above| path.starts_with(above))
            };
            // A file of such a name would be a new one.
            if let Err(fault) = self.forget_known(None, |path, _| !is_met(path)).await {
                found.fault = Some(fault);
            }
        }
        lock(&self.view).refused = found.refused;
        let activity =
            if found.folder.is_some() { WatchActivity::Away } else { WatchActivity::Watching };
        self.show(activity, found.folder.or(found.fault));
    }

    /// Looks at paths that may have changed.
    pub(super) async fn look_at_paths(&mut self, paths: &BTreeSet<PathBuf>) {
        let completion = &self.watch.settings.completion;
        if paths.iter().any(|path| completion.is_marker(path)) {
            self.candidates.look_at_all(Instant::now());
        }
        // The system tells paths as they were subscribed to, or as they lead.
        let (folder, resolved) = (&self.watch.folder, &self.watch.resolved);
        let below = |path: &PathBuf| {
            let below = path.strip_prefix(folder).or_else(|_| path.strip_prefix(resolved));
            below.ok().map(Path::to_path_buf)
        };
        let below: BTreeSet<PathBuf> = paths.iter().filter_map(below).collect();
        if below.contains(Path::new("")) {
            return self.look_at_everything().await;
        }
        let mut gone: BTreeSet<PathBuf> =
            below.iter().map(|below| self.watch.folder.join(below)).collect();
        let found = self.look_through(Some(below), |path| {
            gone.remove(path);
        });
        let mut found = found.await;
        if found.ended && found.fault.is_none() && !gone.is_empty() {
            found.fault = self.forget_unsent(gone).await.err();
        }
        self.show(WatchActivity::Watching, found.folder.or(found.fault));
    }

    /// Walks, and gives each path that was met to `meet`.
    async fn look_through(
        &mut self,
        below: Option<BTreeSet<PathBuf>>,
        mut meet: impl FnMut(&Path),
    ) -> Found {
        let mut found = Found::default();
        // With a separator at its end, the folder's own name stands in no key.
        let path = self.watch.folder.join("");
        let root =
            |below| Root { path: path.clone(), led_to: Some(self.watch.resolved.clone()), below };
        let roots = match below {
            None => vec![root(None)],
            Some(paths) => paths.into_iter().map(|path| root(Some(path))).collect(),
        };
        let (patterns, depth) = (self.watch.settings.taken(), self.watch.settings.depth);
        let files = std::sync::Arc::clone(&self.engine.shared.files);
        let mut walk = files.walk(Walk { roots, patterns, depth });
        while let Some(items) = walk.next().await {
            let items = match items {
                Ok(items) => items,
                Err(fault) => return Found { fault: Some(fault), ..found },
            };
            let mut taken = Vec::with_capacity(items.len());
            for item in items {
                match &item.outcome {
                    Ok(identity) => {
                        meet(&item.path);
                        let identity = *identity;
                        taken.push((item.path, identity));
                    }
                    Err(fault) if item.path.as_os_str() == path.as_os_str() => {
                        let is_empty = fault.kind == FaultKind::EmptyFolder;
                        found.folder = (!is_empty).then(|| fault.clone());
                    }
                    // What is left out by rule needs no notice.
                    Err(fault) if is_left_out(fault.kind) => {}
                    Err(fault) => {
                        found.refused += 1;
                        found.fault.get_or_insert_with(|| fault.clone());
                        found.unread.push(item.path);
                    }
                }
            }
            if let Err(fault) = self.compare(taken).await {
                return Found { fault: Some(fault), ..found };
            }
        }
        Found { ended: true, ..found }
    }

    /// Holds files against what the journal knows: what is new or changed becomes a candidate.
    async fn compare(&mut self, files: Vec<(PathBuf, SourceIdentity)>) -> Result<(), Fault> {
        let completion = &self.watch.settings.completion;
        let files: Vec<_> =
            files.into_iter().filter(|(path, _)| !completion.is_marker(path)).collect();
        let paths = files.iter().map(|(path, _)| path.clone()).collect();
        let journal = &self.engine.shared.journal;
        let known = journal.known_files(self.watch.id, paths).await;
        let known = known.map_err(|error| error.fault())?;
        let now = Instant::now();
        for (path, identity) in files {
            if known.get(&path).is_some_and(|known| known.is(&identity)) {
                self.candidates.remove(&path);
            } else {
                self.candidates.see(&path, identity, now);
            }
        }
        Ok(())
    }

    /// The folder is empty: whether that is because the volume with its files is not there.
    async fn missing_volume(&self) -> Option<Fault> {
        let journal = &self.engine.shared.journal;
        let known = journal.known_files_after(self.watch.id, None, 1).await.ok()?;
        let (path, known) = known.into_iter().next()?;
        let folder = self.folder?;
        (known.identity.device != folder.device && !folder.is_mount_point).then(|| {
            Fault::new(FaultKind::VolumeMissing).with_subject(ferry_model::source::shown(&path))
        })
    }

    /// Forgets the files at these paths, or in folders that stood there, that are gone before they
    /// were uploaded. What was uploaded is known until the next whole look: a file that only got
    /// another name is known by it.
    async fn forget_unsent(&self, gone: BTreeSet<PathBuf>) -> Result<(), Fault> {
        let is_unsent = |known: &KnownFile| known.state == KnownState::Open;
        let journal = &self.engine.shared.journal;
        let gone: Vec<PathBuf> = gone.into_iter().collect();
        let folders = journal.folders_of_known_files(self.watch.id, gone.clone()).await;
        for folder in folders.map_err(|error| error.fault())? {
            self.forget_known(Some(&folder), |_, known| is_unsent(known)).await?;
        }
        let known = journal.known_files(self.watch.id, gone).await;
        let known = known.map_err(|error| error.fault())?;
        self.forget(known.into_iter().filter(|(_, known)| is_unsent(known))).await
    }

    /// Forgets known files of which this is so: all, or those below a folder.
    async fn forget_known(
        &self,
        below: Option<&Path>,
        is_so: impl Fn(&Path, &KnownFile) -> bool,
    ) -> Result<(), Fault> {
        let is_below = |path: &Path| below.is_none_or(|folder| path.starts_with(folder));
        // With a separator at its end, a folder stands right before what is below it.
        let mut after = below.map(|folder| folder.join(""));
        loop {
            let journal = &self.engine.shared.journal;
            let known = journal.known_files_after(self.watch.id, after, KNOWN_AT_ONCE).await;
            let known = known.map_err(|error| error.fault())?;
            let Some((last, _)) = known.last() else { return Ok(()) };
            let ends = !is_below(last);
            after = Some(last.clone());
            let meant = known.into_iter().filter(|(path, _)| is_below(path));
            self.forget(meant.filter(|(path, known)| is_so(path, known))).await?;
            if ends {
                return Ok(());
            }
        }
    }

    /// Forgets files that are gone. What of them was not uploaded never can be, so their transfers
    /// are cancelled.
    async fn forget(&self, files: impl Iterator<Item = (PathBuf, KnownFile)>) -> Result<(), Fault> {
        let (mut gone, mut open) = (Vec::new(), Vec::new());
        for (path, known) in files {
            if known.state == KnownState::Open {
                // It may have come back since.
                if self.is_there(&path).await {
                    continue;
                }
                open.extend(known.transfer);
            }
            gone.push(path);
        }
        if !open.is_empty() {
            tracing::info!(files = open.len(), "files of a watch went before they were uploaded");
            self.engine.apply(TransferCommand::Cancel, Selection::Ids(open)).await?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        let forget = |journal: ferry_journal::Journal| {
            let gone = gone.clone();
            async move { journal.forget_files(self.watch.id, gone).await }
        };
        self.engine.shared.durable.write(forget).await
    }
}

/// Links and what is no file are no files of a watch.
fn is_left_out(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::SourceIsLink | FaultKind::SourceNotRegular | FaultKind::EmptyFolder)
}
