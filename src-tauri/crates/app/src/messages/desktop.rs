//! The messages about what Ferry does outside of its window.

use ferry_model::OnClose;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What Ferry does outside of its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct DesktopSettings {
    /// What closing the window does while files are on their way.
    pub on_close: OnClose,
    /// Whether there is an icon in the tray.
    pub tray: bool,
    /// Whether the computer is kept awake while bytes are on their way.
    pub keep_awake: bool,
    /// Whether the end of a batch is told outside of the window.
    pub notify_done: bool,
    /// Whether a batch that wants the user says so outside of the window.
    pub notify_needs: bool,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        Self {
            on_close: OnClose::Ask,
            tray: true,
            keep_awake: true,
            notify_done: true,
            notify_needs: true,
        }
    }
}

/// What the desktop around the window can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DesktopState {
    /// Whether it shows icons in a tray.
    pub tray: bool,
    /// Whether Ferry starts with the session; null where that cannot be set.
    pub opens_at_login: Option<bool>,
}

/// The answer to a window that is to close while files are on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CloseChoice {
    /// It stays open after all.
    Stay,
    /// Go on without a window.
    Background,
    /// Quit; the next start resumes.
    Quit,
    /// Go on without a window, and quit once nothing is left to do.
    QuitWhenDone,
}

impl CloseChoice {
    /// The setting that always chooses so; staying open is none.
    pub fn setting(self) -> Option<OnClose> {
        match self {
            Self::Stay => None,
            Self::Background => Some(OnClose::Background),
            Self::Quit => Some(OnClose::Quit),
            Self::QuitWhenDone => Some(OnClose::QuitWhenDone),
        }
    }
}

/// What was on the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Pasted {
    /// Files and folders.
    Files,
    /// A picture.
    Picture,
    /// Nothing that can be uploaded.
    Nothing,
}
