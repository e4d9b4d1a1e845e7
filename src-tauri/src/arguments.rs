//! Files and folders that the program is started with: "Open with", a drop on its icon, or a
//! terminal. A second start hands them to the window that is open.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ferry_app::App;
use tauri::{AppHandle, Manager};

use crate::{drops, window};

/// Starts without a window: at login, into the tray.
pub(crate) const BACKGROUND: &str = "--background";

/// The files and folders among a program's arguments, from `folder`. What is not there is no file.
pub(crate) fn paths(arguments: impl IntoIterator<Item = OsString>, folder: &Path) -> Vec<PathBuf> {
    // The first is the program itself.
    let paths = arguments.into_iter().skip(1).map(|argument| folder.join(argument));
    paths.filter(|path| path.symlink_metadata().is_ok()).collect()
}

/// What came before the queue was open, until it is.
#[derive(Debug)]
pub(crate) struct Early(Mutex<Option<Vec<PathBuf>>>);

impl Default for Early {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Early {
    /// Keeps these until the queue is open; gives them back where it is.
    fn keep(&self, paths: Vec<PathBuf>) -> Option<Vec<PathBuf>> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(early) => {
                early.extend(paths);
                None
            }
            None => Some(paths),
        }
    }

    /// The queue is open: what was kept.
    fn open(&self) -> Vec<PathBuf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

/// Takes over what a second start was given.
pub(crate) fn second_start(handle: &AppHandle, arguments: Vec<String>, folder: &str) {
    let quietly = arguments.iter().any(|argument| argument == BACKGROUND);
    let paths = paths(arguments.into_iter().map(OsString::from), Path::new(folder));
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        if !quietly {
            window::bring_to_front(&handle);
        }
        add(&handle, paths);
    });
}

/// Queues files and folders for the chosen profile, as soon as there is a queue.
pub(crate) fn add(handle: &AppHandle, paths: Vec<PathBuf>) {
    let Some(paths) = handle.state::<Early>().keep(paths).filter(|paths| !paths.is_empty()) else {
        return;
    };
    let Some(app) = handle.try_state::<App>() else { return };
    let (handle, app) = (handle.clone(), App::clone(&app));
    tauri::async_runtime::spawn(async move { drops::add(&handle, &app, paths).await });
}

/// The queue is open: what this program was started with, and what came since, is queued.
pub(crate) fn queue_is_open(handle: &AppHandle) {
    let folder = std::env::current_dir().unwrap_or_default();
    let mut all = paths(std::env::args_os(), &folder);
    all.extend(handle.state::<Early>().open());
    add(handle, all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_is_a_file_and_the_folder_is_that_of_the_start() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let given = ["ferry-desktop", "Cargo.toml", "--flag", "/no/such/file", "icons"];
        let found = paths(given.map(OsString::from), folder);
        assert_eq!(found, [folder.join("Cargo.toml"), folder.join("icons")]);
    }

    #[test]
    fn what_comes_before_the_queue_is_open_waits_for_it() {
        let early = Early::default();
        let path = |name: &str| vec![PathBuf::from(name)];
        assert_eq!(early.keep(path("/a")), None);
        assert_eq!(early.keep(path("/b")), None);
        assert_eq!(early.open(), [path("/a"), path("/b")].concat());
        assert_eq!(early.keep(path("/c")), Some(path("/c")), "from then on it is queued at once");
        assert_eq!(early.open(), Vec::<PathBuf>::new());
    }
}
