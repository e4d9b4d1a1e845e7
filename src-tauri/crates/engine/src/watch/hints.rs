//! What the system tells of changes below a watched folder: hints where to look, and nothing more.
//! A hint that is lost, doubled or late changes no outcome: the next look at the whole folder finds
//! what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ferry_model::{Depth, Fault, FaultKind};
use notify::RecursiveMode;
use notify::event::{EventKind, Flag};
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
    let watcher = subscribe_by(notify::Config::default(), folder, depth, hints)?;
    Ok(Subscription { _watcher: watcher })
}

/// The same by any back end of `notify`.
fn subscribe_by<W: notify::Watcher>(
    config: notify::Config,
    folder: &Path,
    depth: Depth,
    hints: &Hints,
) -> Result<W, Fault> {
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
    let mut watcher = W::new(handler, config).map_err(fault)?;
    let mode = match depth {
        Depth::Subfolders => RecursiveMode::Recursive,
        Depth::FolderOnly => RecursiveMode::NonRecursive,
    };
    watcher.watch(folder, mode).map_err(fault)?;
    Ok(watcher)
}

/// Whether a program closed a file that it had written to.
fn closes(access: notify::event::AccessKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    matches!(access, AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Each change of files and folders leads to a hint where it happened, or everywhere.
    async fn changes_are_told_by<W: notify::Watcher>(config: notify::Config) {
        let home = tempfile::tempdir().expect("a folder");
        let at = |name: &str| home.path().join(name);
        std::fs::create_dir(at("run")).expect("a folder");
        std::fs::write(at("run/a.raw"), b"1").expect("writes");
        let hints = Hints::default();
        let _watcher: W =
            subscribe_by(config, home.path(), Depth::Subfolders, &hints).expect("watches");
        let changes: [(&str, &dyn Fn() -> std::io::Result<()>); 5] = [
            ("b.raw", &|| std::fs::write(at("b.raw"), b"new")),
            ("run/a.raw", &|| std::fs::write(at("run/a.raw"), b"longer")),
            ("run/c.raw", &|| std::fs::rename(at("b.raw"), at("run/c.raw"))),
            ("later/d.raw", &|| {
                std::fs::create_dir(at("later"))?;
                std::fs::write(at("later/d.raw"), b"new")
            }),
            ("run/c.raw", &|| std::fs::remove_file(at("run/c.raw"))),
        ];
        for (name, change) in changes {
            change().expect("the file system works");
            let told = async {
                loop {
                    hints.came().await;
                    match hints.take() {
                        Look::Everything => return,
                        // A new folder is looked through.
                        Look::Paths(paths)
                            if paths.iter().any(|path| at(name).starts_with(path)) =>
                        {
                            return;
                        }
                        Look::Paths(_) | Look::Nothing => {}
                    }
                }
            };
            let told = tokio::time::timeout(Duration::from_secs(20), told).await;
            assert!(told.is_ok(), "nothing was told of {name}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_systems_back_end_tells_of_changes() {
        changes_are_told_by::<notify::RecommendedWatcher>(notify::Config::default()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_polling_back_end_tells_of_changes() {
        let often = notify::Config::default().with_poll_interval(Duration::from_millis(50));
        changes_are_told_by::<notify::PollWatcher>(often.with_compare_contents(true)).await;
    }

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
