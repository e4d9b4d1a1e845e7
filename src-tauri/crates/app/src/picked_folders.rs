//! The folders that the user picked for a new watch: their paths do not come from the page.

use std::path::PathBuf;

use crate::messages::WatchFolder;

/// What was picked last, by what it is for.
#[derive(Debug, Default)]
pub(crate) struct PickedFolders {
    watched: Option<PathBuf>,
    archive: Option<PathBuf>,
}

impl PickedFolders {
    /// Keeps a folder; returns how it is shown.
    pub(crate) fn keep(&mut self, which: WatchFolder, path: PathBuf) -> String {
        let shown = path.display().to_string();
        *self.place(which) = Some(path);
        shown
    }

    /// The folder that the page shows so.
    pub(crate) fn shown_as(&mut self, which: WatchFolder, shown: &str) -> Option<PathBuf> {
        self.place(which).clone().filter(|path| path.display().to_string() == shown)
    }

    fn place(&mut self, which: WatchFolder) -> &mut Option<PathBuf> {
        match which {
            WatchFolder::Watched => &mut self.watched,
            WatchFolder::Archive => &mut self.archive,
        }
    }
}
