//! The desktop as it is.

use std::path::PathBuf;

use async_trait::async_trait;
use tauri::AppHandle;
use tauri::window::{ProgressBarState, ProgressBarStatus};
use tauri_plugin_autostart::ManagerExt as _;
use tokio::sync::Mutex;

#[cfg(not(target_os = "linux"))]
use super::elsewhere::Native;
#[cfg(target_os = "linux")]
use super::linux::Native;
use super::tray::{self, Shown};
use super::{Clipboard, Desktop, Notification, Place, Progress, Tray};
use crate::window;

/// The desktop that Ferry's window stands on.
pub(crate) struct System {
    handle: AppHandle,
    native: Native,
    tray: Mutex<Option<Shown>>,
}

impl System {
    pub(crate) fn new(handle: &AppHandle) -> Self {
        let clicked = handle.clone();
        let native = Native::new(move || window::bring_to_front(&clicked));
        Self { handle: handle.clone(), native, tray: Mutex::default() }
    }
}

/// What the system refuses is worth a line: files go up all the same.
fn report<E: std::fmt::Display>(result: Result<(), E>, what: &str) {
    if let Err(error) = result {
        tracing::warn!(%error, "could not {what}");
    }
}

#[async_trait]
impl Desktop for System {
    async fn has_tray(&self) -> bool {
        self.tray.lock().await.is_some() && self.native.knows_trays().await
    }

    async fn knows_trays(&self) -> bool {
        self.native.knows_trays().await
    }

    async fn show_tray(&self, tray: Option<Tray>) {
        let mut shown = self.tray.lock().await;
        match (tray, shown.as_mut()) {
            (Some(tray), Some(shown)) => report(shown.tell(tray), "change the icon in the tray"),
            (Some(tray), None) if self.native.has_tray_library() => {
                match Shown::new(&self.handle, tray) {
                    Ok(icon) => *shown = Some(icon),
                    Err(error) => tracing::warn!(%error, "there is no icon in the tray"),
                }
            }
            (Some(_), None) => tracing::debug!("no library for an icon in the tray"),
            (None, Some(_)) => {
                *shown = None;
                tray::remove(&self.handle);
            }
            (None, None) => {}
        }
    }

    fn is_looked_at(&self) -> bool {
        let window = window::the_window(&self.handle);
        window.is_some_and(|window| window.is_focused().unwrap_or_default())
    }

    fn put_away(&self, place: Place) {
        let Some(window) = window::the_window(&self.handle) else { return };
        match place {
            Place::Tray => report(window.hide(), "hide the window"),
            Place::Taskbar => report(window.minimize(), "minimise the window"),
        }
    }

    async fn notify(&self, notification: Notification) {
        report(self.native.notify(notification).await, "show a notification");
    }

    async fn keep_awake(&self, reason: Option<String>) {
        self.native.keep_awake(reason).await;
    }

    fn show_progress(&self, progress: Option<Progress>) {
        let Some(window) = window::the_window(&self.handle) else { return };
        let status = match progress {
            None => ProgressBarStatus::None,
            Some(Progress { waits: true, .. }) => ProgressBarStatus::Paused,
            Some(_) => ProgressBarStatus::Normal,
        };
        let percent = progress.map(|progress| u64::from(progress.percent));
        let state = ProgressBarState { status: Some(status), progress: percent };
        report(window.set_progress_bar(state), "show the progress");
    }

    fn opens_at_login(&self) -> Option<bool> {
        self.handle.autolaunch().is_enabled().ok()
    }

    fn set_opens_at_login(&self, opens: bool) -> Result<(), String> {
        let set = self.handle.autolaunch();
        let set = if opens { set.enable() } else { set.disable() };
        set.map_err(|error| error.to_string())
    }

    async fn show_in_folder(&self, path: PathBuf) -> Result<(), String> {
        let show = move || {
            // A picture that was pasted is gone once it is verified; its folder is not.
            let there = path.ancestors().find(|path| path.symlink_metadata().is_ok());
            let there = there.unwrap_or(&path);
            let shown = tauri_plugin_opener::reveal_item_in_dir(there);
            shown.or_else(|_| {
                let folder = if there.is_dir() { there } else { there.parent().unwrap_or(there) };
                tauri_plugin_opener::open_path(folder, None::<&str>)
            })
        };
        let shown = tokio::task::spawn_blocking(show).await.map_err(|error| error.to_string())?;
        shown.map_err(|error| error.to_string())
    }

    async fn open_page(&self, address: String) -> Result<(), String> {
        let open = move || tauri_plugin_opener::open_url(address, None::<&str>);
        let opened = tokio::task::spawn_blocking(open).await.map_err(|error| error.to_string())?;
        opened.map_err(|error| error.to_string())
    }

    async fn clipboard(&self) -> Clipboard {
        self.native.clipboard(&self.handle).await
    }
}
