//! The desktop around the window, behind one trait: what differs between systems differs below it,
//! and what Ferry wants of a desktop is tested over one that writes down what it is told.
//!
//! Nothing of it is needed: where a part is missing, its function says so or does nothing, and
//! files go up all the same.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod system;
mod tray;

use std::path::PathBuf;

use async_trait::async_trait;

pub(crate) use system::System;

/// What Ferry wants of a desktop.
#[async_trait]
pub(crate) trait Desktop: Send + Sync {
    /// Whether Ferry's icon stands in a tray that the user sees. Without a tray, `false`.
    async fn has_tray(&self) -> bool;

    /// Whether the desktop could show an icon in a tray.
    async fn knows_trays(&self) -> bool;

    /// Shows this in the tray, or takes the icon away. Without the library for it, nothing.
    async fn show_tray(&self, tray: Option<Tray>);

    /// Whether the user looks at the window: it has the focus.
    fn is_looked_at(&self) -> bool;

    /// Takes the window out of sight.
    fn put_away(&self, place: Place);

    /// Shows a notification; a click on it brings the window to the front. Without a service for
    /// it, nothing.
    async fn notify(&self, notification: Notification);

    /// Keeps the computer awake for this reason, or lets it sleep again. Without a service for it,
    /// nothing.
    async fn keep_awake(&self, reason: Option<String>);

    /// Shows how far it is on the window's button in the taskbar or dock. Without one, nothing.
    fn show_progress(&self, progress: Option<Progress>);

    /// Whether Ferry starts with the session; `None` where that cannot be set.
    fn opens_at_login(&self) -> Option<bool>;

    /// Makes Ferry start with the session, or not.
    ///
    /// # Errors
    /// The system's words.
    fn set_opens_at_login(&self, opens: bool) -> Result<(), String>;

    /// Shows a file in the file manager; its folder where the file is gone.
    ///
    /// # Errors
    /// The system's words.
    async fn show_in_folder(&self, path: PathBuf) -> Result<(), String>;

    /// Shows a page in the browser.
    ///
    /// # Errors
    /// The system's words.
    async fn open_page(&self, address: String) -> Result<(), String>;

    /// What is on the clipboard. Where it does not answer, nothing.
    async fn clipboard(&self) -> Clipboard;
}

/// Where a window goes that is out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Away altogether: the icon in the tray brings it back.
    Tray,
    /// The taskbar: it is minimised.
    Taskbar,
}

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tray {
    /// How it stands, in a line: the menu's first, which does nothing.
    pub(crate) line: String,
    /// The same where the pointer rests on the icon.
    pub(crate) tooltip: String,
    /// A few words beside the icon, where systems have room for them.
    pub(crate) title: Option<String>,
    /// The menu: shows the window.
    pub(crate) show: String,
    /// Pauses everything.
    pub(crate) pause: String,
    /// Whether anything can be paused.
    pub(crate) can_pause: bool,
    /// Resumes everything.
    pub(crate) resume: String,
    /// Whether anything can be resumed.
    pub(crate) can_resume: bool,
    /// Quits.
    pub(crate) quit: String,
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    /// In a few words.
    pub(crate) title: String,
    /// In a sentence.
    pub(crate) body: String,
    /// What a click on it does, for those who are read to.
    pub(crate) open: String,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Percent.
    pub(crate) percent: u8,
    /// Whether nothing moves.
    pub(crate) waits: bool,
}

/// What is on the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clipboard {
    /// Files and folders.
    Files(Vec<PathBuf>),
    /// A picture, as PNG.
    Picture(Vec<u8>),
    /// Neither.
    Nothing,
}
