//! Files and folders that the program is started with: "Open with", a drop on its icon, or a
//! terminal. A second start hands them to the window that is open.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ferry_app::App;
use tauri::{AppHandle, Manager};

use crate::{drops, window};

/// The files and folders among a program's arguments, from `folder`. What is not there is no file.
pub(crate) fn paths(arguments: impl IntoIterator<Item = OsString>, folder: &Path) -> Vec<PathBuf> {
    // The first is the program itself.
    let paths = arguments.into_iter().skip(1).map(|argument| folder.join(argument));
    paths.filter(|path| path.symlink_metadata().is_ok()).collect()
}

/// Takes over what a second start was given.
pub(crate) fn second_start(handle: &AppHandle, arguments: Vec<String>, folder: &str) {
    window::bring_to_front(handle);
    let paths = paths(arguments.into_iter().map(OsString::from), Path::new(folder));
    let Some(app) = handle.try_state::<App>() else { return };
    add(handle, app.inner().clone(), paths);
}

/// Queues files and folders for the chosen profile.
pub(crate) fn add(handle: &AppHandle, app: App, paths: Vec<PathBuf>) {
    let Some(window) = window::the_window(handle).filter(|_| !paths.is_empty()) else { return };
    tauri::async_runtime::spawn(async move { drops::add(&window, &app, paths).await });
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
}
