//! What the system tells of changes below a watched folder: hints where to look, and nothing more.
//! A hint that is lost, doubled or late changes no outcome: the next look at the whole folder finds
//! what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ferry_model::{Depth, Fault, FaultKind};
use notify::event::{EventKind, Flag};
use notify::{RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use crate::lock::lock;

/// Paths that are remembered; with more, the whole folder is looked at.
const MOST_PATHS: usize = 10_000;

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// At nothing.
    Nothing,
    /// At these paths.
    Paths(BTreeSet<PathBuf>),
    /// At the whole folder.
    Everything,
}

/// Hints that wait to be followed; clones share them.
#[derive(Debug, Clone)]
pub struct Hints(Arc<Waiting>);

#[derive(Debug)]
struct Waiting {
    look: Mutex<Look>,
    came: Notify,
}

impl Default for Hints {
    fn default() -> Self {
        Self(Arc::new(Waiting { look: Mutex::new(Look::Nothing), came: Notify::new() }))
    }
}

impl Hints {
    /// Something may have changed at these paths.
    pub fn changed(&self, changed: impl IntoIterator<Item = PathBuf>) {
        let mut look = lock(&self.0.look);
        let paths = match &mut *look {
            Look::Everything => return,
            Look::Paths(paths) => paths,
            Look::Nothing => {
                *look = Look::Paths(BTreeSet::new());
                let Look::Paths(paths) = &mut *look else { return };
                paths
            }
        };
        paths.extend(changed);
        if paths.len() > MOST_PATHS {
            *look = Look::Everything;
        }
        drop(look);
        self.0.came.notify_one();
    }

    /// Anything may have changed: hints were lost, or could not be had.
    pub fn lost(&self) {
        *lock(&self.0.look) = Look::Everything;
        self.0.came.notify_one();
    }

    /// Returns once a hint has come.
    pub(crate) async fn came(&self) {
        self.0.came.notified().await;
    }

    /// Where to look now.
    pub(crate) fn take(&self) -> Look {
        std::mem::replace(&mut lock(&self.0.look), Look::Nothing)
    }
}

/// The system tells of changes until this is dropped.
#[derive(Debug)]
pub(crate) struct Subscription {
    _watcher: notify::RecommendedWatcher,
}

/// Makes the system tell of changes below a folder. Blocks for as long as it takes to list its
/// folders.
///
/// # Errors
/// [`FaultKind::WatchLimit`] where the system watches no more folders for this user,
/// [`FaultKind::FolderMissing`] for everything else: the whole folder is looked at from time to
/// time all the same.
pub(crate) fn subscribe(folder: &Path, depth: Depth, hints: &Hints) -> Result<Subscription, Fault> {
    let told = hints.clone();
    let handler = move |event: notify::Result<notify::Event>| match event {
        Ok(event) if event.attrs.flag() == Some(Flag::Rescan) => told.lost(),
        // Reading a file changes nothing.
        Ok(event) if matches!(event.kind, EventKind::Access(access) if !closes(access)) => {}
        Ok(event) => told.changed(event.paths),
        Err(error) => {
            tracing::debug!(%error, "hints of changes were lost");
            told.lost();
        }
    };
    let fault = |error: notify::Error| {
        let kind = match error.kind {
            notify::ErrorKind::MaxFilesWatch => FaultKind::WatchLimit,
            _ => FaultKind::FolderMissing,
        };
        let name = ferry_model::source::shown(folder);
        Fault::new(kind).with_subject(name).with_detail(error.to_string())
    };
    let mut watcher = notify::recommended_watcher(handler).map_err(fault)?;
    let mode = match depth {
        Depth::Subfolders => RecursiveMode::Recursive,
        Depth::FolderOnly => RecursiveMode::NonRecursive,
    };
    watcher.watch(folder, mode).map_err(fault)?;
    Ok(Subscription { _watcher: watcher })
}

/// Whether a program closed a file that it had written to.
fn closes(access: notify::event::AccessKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    matches!(access, AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_hints_are_one() {
        let hints = Hints::default();
        assert_eq!(hints.take(), Look::Nothing);
        hints.changed([PathBuf::from("/a"), PathBuf::from("/b")]);
        hints.changed([PathBuf::from("/a")]);
        let paths = ["/a", "/b"].map(PathBuf::from);
        assert_eq!(hints.take(), Look::Paths(paths.into()));
        assert_eq!(hints.take(), Look::Nothing);
        hints.changed((0..=MOST_PATHS).map(|number| PathBuf::from(format!("/{number}"))));
        assert_eq!(hints.take(), Look::Everything);
        hints.lost();
        hints.changed([PathBuf::from("/a")]);
        assert_eq!(hints.take(), Look::Everything);
    }
}
