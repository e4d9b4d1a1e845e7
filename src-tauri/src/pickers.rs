//! The native dialogs that choose what to upload, and where a file goes that is saved. What they
//! return goes to the app; of paths, the page learns only how those of a watch and of what was
//! written are shown.

use std::path::PathBuf;

use ferry_app::model::message;
use tauri::{State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

use crate::speech::Speech;

/// Asks for files; none where the dialog was closed.
pub(crate) async fn files(window: &WebviewWindow, speech: &State<'_, Speech>) -> Vec<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    dialog(window, &speech.say(&message::pick_files()))
        .pick_files(|paths| drop(answer.send(paths)));
    paths(chosen).await
}

/// Asks for folders; none where the dialog was closed.
pub(crate) async fn folders(window: &WebviewWindow, speech: &State<'_, Speech>) -> Vec<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    dialog(window, &speech.say(&message::pick_folders()))
        .pick_folders(|paths| drop(answer.send(paths)));
    paths(chosen).await
}

/// Asks for one folder; none where the dialog was closed.
pub(crate) async fn folder(window: &WebviewWindow, title: &str) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    dialog(window, title).pick_folder(|path| drop(answer.send(path)));
    chosen.await.ok().flatten()?.into_path().ok()
}

/// Asks where a new file goes; none where the dialog was closed.
pub(crate) async fn new_file(window: &WebviewWindow, title: &str, name: &str) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    dialog(window, title).set_file_name(name).save_file(|path| drop(answer.send(path)));
    chosen.await.ok().flatten()?.into_path().ok()
}

fn dialog(window: &WebviewWindow, title: &str) -> FileDialogBuilder<tauri::Wry> {
    window.dialog().file().set_title(title).set_parent(window)
}

async fn paths(chosen: oneshot::Receiver<Option<Vec<FilePath>>>) -> Vec<PathBuf> {
    let chosen = chosen.await.ok().flatten().unwrap_or_default();
    chosen.into_iter().filter_map(|path| path.into_path().ok()).collect()
}
