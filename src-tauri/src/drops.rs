//! What is dragged over the window and dropped on it, in the order in which the system tells it.

use std::path::PathBuf;

use ferry_app::messages::Problem;
use ferry_app::{App, PagePoint};
use tauri::{AppHandle, DragDropEvent, Manager, PhysicalPosition, PhysicalSize, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::speech::Speech;

/// Takes the system's drag events, on its own thread, and never waits there.
pub(crate) struct Drops(UnboundedSender<Drag>);

/// What the app is told of a drag.
#[derive(Debug, PartialEq)]
enum Drag {
    /// So many files and folders are above the window; none when they left.
    Hovers(u32),
    /// They are above this place now.
    Over(PagePoint),
    /// These were let go there.
    Dropped(Vec<PathBuf>, PagePoint),
}

impl Drops {
    /// Starts the task that passes drags on, one after the other: a drag that has left must not be
    /// told before it came.
    pub(crate) fn on(window: &WebviewWindow, app: App) -> Self {
        let (sender, drags) = mpsc::unbounded_channel();
        tauri::async_runtime::spawn(pass_on(window.clone(), app, drags));
        Self(sender)
    }

    /// Takes one event of the window.
    pub(crate) fn take(&self, window: &WebviewWindow, event: &DragDropEvent) {
        let size = window.inner_size().unwrap_or_default();
        // Windows tells places in physical pixels, the other systems in logical ones.
        let scale = if cfg!(windows) { 1.0 } else { window.scale_factor().unwrap_or(1.0) };
        let Some(drag) = drag(event, |place| point(place, size, scale)) else { return };
        if self.0.send(drag).is_err() {
            tracing::debug!("a drag at the very end");
        }
    }
}

fn drag(
    event: &DragDropEvent,
    point: impl Fn(&PhysicalPosition<f64>) -> PagePoint,
) -> Option<Drag> {
    match event {
        DragDropEvent::Enter { paths, .. } => {
            Some(Drag::Hovers(u32::try_from(paths.len()).unwrap_or(u32::MAX)))
        }
        DragDropEvent::Over { position } => Some(Drag::Over(point(position))),
        DragDropEvent::Leave => Some(Drag::Hovers(0)),
        DragDropEvent::Drop { paths, position } => {
            Some(Drag::Dropped(paths.clone(), point(position)))
        }
        _ => None,
    }
}

/// A place in the window as one in the page. `scale` is that of the place's pixels to those of the
/// size.
fn point(place: &PhysicalPosition<f64>, size: PhysicalSize<u32>, scale: f64) -> PagePoint {
    let share = |at: f64, whole: u32| at * scale / f64::from(whole.max(1));
    PagePoint { x: share(place.x, size.width), y: share(place.y, size.height) }
}

async fn pass_on(window: WebviewWindow, app: App, mut drags: UnboundedReceiver<Drag>) {
    while let Some(drag) = drags.recv().await {
        match drag {
            Drag::Hovers(count) => app.dragging(count).await,
            Drag::Over(place) => app.dragged_to(place).await,
            Drag::Dropped(paths, place) => {
                if let Err(problem) = app.drop_paths(paths, place).await {
                    refuse(window.app_handle(), &problem);
                }
            }
        }
    }
}

/// Queues what came from outside of the page: so a refusal of all of it is told by a native
/// message.
pub(crate) async fn add(handle: &AppHandle, app: &App, paths: Vec<PathBuf>) {
    if let Err(problem) = app.add_paths(paths).await {
        refuse(handle, &problem);
    }
}

fn refuse(handle: &AppHandle, problem: &Problem) {
    let speech = handle.state::<Speech>();
    let mut message = handle.dialog().message(speech.tell(problem)).title("Ferry");
    if let Some(window) = handle.webview_windows().values().next() {
        message = message.parent(window);
    }
    message.kind(MessageDialogKind::Warning).buttons(speech.close()).show(|_| {});
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_is_told_when_it_comes_leaves_and_lets_go() {
        let paths = || vec![PathBuf::from("/a b"), PathBuf::from("/文件")];
        let position = PhysicalPosition::new(110.0, 180.0);
        let place = |place: &PhysicalPosition<f64>| point(place, PhysicalSize::new(2200, 720), 2.0);
        let there = PagePoint { x: 0.1, y: 0.5 };
        let cases = [
            (DragDropEvent::Enter { paths: paths(), position }, Some(Drag::Hovers(2))),
            (DragDropEvent::Over { position }, Some(Drag::Over(there))),
            (DragDropEvent::Leave, Some(Drag::Hovers(0))),
            (DragDropEvent::Drop { paths: paths(), position }, Some(Drag::Dropped(paths(), there))),
        ];
        for (event, expected) in cases {
            assert_eq!(drag(&event, place), expected, "{event:?}");
        }
    }
}
