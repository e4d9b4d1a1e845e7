//! What is dragged over the window and dropped on it, in the order in which the system tells it.

use std::path::PathBuf;

use ferry_app::App;
use tauri::{AppHandle, DragDropEvent, Manager, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::speech::Speech;

/// Takes the system's drag events, on its own thread, and never waits there.
pub(crate) struct Drops(UnboundedSender<Drag>);

/// What the app is told of a drag.
#[derive(Debug, PartialEq, Eq)]
enum Drag {
    /// So many files and folders are above the window; none when they left.
    Hovers(u32),
    /// These were let go.
    Dropped(Vec<PathBuf>),
}

impl Drops {
    /// Starts the task that passes drags on, one after the other: a drag that has left must not be
    /// told before it came.
    pub(crate) fn on(window: &WebviewWindow, app: App) -> Self {
        let (sender, drags) = mpsc::unbounded_channel();
        tauri::async_runtime::spawn(pass_on(window.clone(), app, drags));
        Self(sender)
    }

    /// Takes one event.
    pub(crate) fn take(&self, event: &DragDropEvent) {
        let Some(drag) = drag(event) else { return };
        if self.0.send(drag).is_err() {
            tracing::debug!("a drag at the very end");
        }
    }
}

fn drag(event: &DragDropEvent) -> Option<Drag> {
    match event {
        DragDropEvent::Enter { paths, .. } => {
            Some(Drag::Hovers(u32::try_from(paths.len()).unwrap_or(u32::MAX)))
        }
        DragDropEvent::Leave => Some(Drag::Hovers(0)),
        DragDropEvent::Drop { paths, .. } => Some(Drag::Dropped(paths.clone())),
        _ => None,
    }
}

async fn pass_on(window: WebviewWindow, app: App, mut drags: UnboundedReceiver<Drag>) {
    while let Some(drag) = drags.recv().await {
        match drag {
            Drag::Hovers(count) => app.dragging(count).await,
            Drag::Dropped(paths) => {
                app.dragging(0).await;
                if app.takes_drops() {
                    add(window.app_handle(), &app, paths).await;
                }
            }
        }
    }
}

/// Queues what came from outside of the page: so a refusal of all of it is told by a native
/// message.
pub(crate) async fn add(handle: &AppHandle, app: &App, paths: Vec<PathBuf>) {
    if let Err(problem) = app.add_paths(paths).await {
        let speech = handle.state::<Speech>();
        let mut message = handle.dialog().message(speech.tell(&problem)).title("Ferry");
        if let Some(window) = handle.webview_windows().values().next() {
            message = message.parent(window);
        }
        message.kind(MessageDialogKind::Warning).buttons(speech.close()).show(|_| {});
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_is_told_when_it_comes_leaves_and_lets_go() {
        let paths = || vec![PathBuf::from("/a b"), PathBuf::from("/文件")];
        let position = tauri::PhysicalPosition::new(1.0, 1.0);
        let cases = [
            (DragDropEvent::Enter { paths: paths(), position }, Some(Drag::Hovers(2))),
            (DragDropEvent::Over { position }, None),
            (DragDropEvent::Leave, Some(Drag::Hovers(0))),
            (DragDropEvent::Drop { paths: paths(), position }, Some(Drag::Dropped(paths()))),
        ];
        for (event, expected) in cases {
            assert_eq!(drag(&event), expected, "{event:?}");
        }
    }
}
