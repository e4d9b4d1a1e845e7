//! What a watch does with a file once it is verified: moves or deletes it, if it is what was
//! verified.

use ferry_journal::Untidied;
use ferry_model::{Afterwards, FaultKind, QueuedSource, Tidied, TransferId};

use super::Watching;
use crate::lock::lock;
use crate::source::Tidy;

/// Files that are read at once.
const AT_ONCE: usize = 500;

impl Watching {
    /// Deals with every verified file that an earlier run left.
    pub(super) async fn tidy_all(&mut self) {
        if self.watch.settings.afterwards == Afterwards::Keep {
            return;
        }
        loop {
            match self.engine.shared.journal.untidied(self.watch.id, None, AT_ONCE).await {
                Ok(files) if files.is_empty() => return,
                Ok(files) => self.tidy(files).await,
                Err(error) => {
                    tracing::warn!(%error, "verified files of a watch cannot be listed");
                    return;
                }
            }
        }
    }

    /// Deals with the files whose transfers ended since.
    pub(super) async fn tidy_ended(&mut self) {
        let Some(outcomes) = &mut self.outcomes else { return };
        let ended: Vec<TransferId> = std::iter::from_fn(|| outcomes.try_recv().ok()).collect();
        for ids in ended.chunks(AT_ONCE) {
            let of_these = Some(ids.to_vec());
            match self.engine.shared.journal.untidied(self.watch.id, of_these, AT_ONCE).await {
                Ok(files) => self.tidy(files).await,
                Err(error) => {
                    tracing::warn!(%error, "verified files of a watch cannot be listed");
                }
            }
        }
    }

    /// Each file is dealt with once: one that changed since is taken again as a new one, and one
    /// that cannot be moved or deleted stays, with a notice.
    async fn tidy(&self, files: Vec<Untidied>) {
        for Untidied { source, known } in files {
            let path = source.0.clone();
            let below = path.strip_prefix(&self.watch.folder).unwrap_or(&path);
            let how = match &self.watch.settings.afterwards {
                Afterwards::Keep => return,
                Afterwards::Delete => Tidy::Delete,
                Afterwards::Move { folder } => Tidy::Move(folder.join(below)),
            };
            let queued = QueuedSource {
                resolved: Some(self.watch.resolved.join(below)),
                path: path.clone(),
                identity: Some(known.identity),
            };
            let tidied = match self.engine.shared.files.tidy(&queued, &how).await {
                Ok(()) => {
                    tracing::info!(path = %path.display(), ?how, "tidied a verified file");
                    done(&how)
                }
                Err(fault) => {
                    tracing::warn!(%fault, path = %path.display(), "a verified file stays");
                    let expected =
                        matches!(fault.kind, FaultKind::SourceChanged | FaultKind::SourceMissing);
                    let because = fault.kind;
                    if !expected {
                        lock(&self.view).fault = Some(fault);
                    }
                    Tidied::Stays { because }
                }
            };
            let write = |journal: ferry_journal::Journal| {
                let (source, tidied) = (source.clone(), tidied.clone());
                async move { journal.set_tidied(self.watch.id, source, tidied).await }
            };
            if let Err(fault) = self.engine.shared.durable.write(write).await {
                tracing::warn!(%fault, "what was tidied could not be written down");
            }
        }
    }
}

/// What a receipt tells of it.
fn done(how: &Tidy) -> Tidied {
    match how {
        Tidy::Move(to) => Tidied::Moved { to: to.display().to_string() },
        Tidy::Delete => Tidied::Deleted,
    }
}
