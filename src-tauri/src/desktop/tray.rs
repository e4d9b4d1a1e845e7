//! The icon in the tray, and its menu.

use ferry_app::App;
use ferry_app::messages::{Action, Target};
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

use super::Tray;
use crate::window;

const ID: &str = "ferry";

/// The icon that is shown.
pub(super) struct Shown {
    icon: tauri::tray::TrayIcon,
    line: MenuItem<Wry>,
    show: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    resume: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    told: Tray,
}

impl Shown {
    /// Puts the icon into the tray.
    ///
    /// # Errors
    /// Where the system refuses it.
    pub(super) fn new(handle: &AppHandle, tray: Tray) -> tauri::Result<Self> {
        let item = |id: &str, text: &str, enabled| {
            MenuItem::with_id(handle, id, text, enabled, None::<&str>)
        };
        let line = item("tray-line", &tray.line, false)?;
        let show = item("tray-show", &tray.show, true)?;
        let pause = item("tray-pause", &tray.pause, tray.can_pause)?;
        let resume = item("tray-resume", &tray.resume, tray.can_resume)?;
        let quit = item("tray-quit", &tray.quit, true)?;
        let separator = || PredefinedMenuItem::separator(handle);
        let (first, second) = (separator()?, separator()?);
        let menu =
            Menu::with_items(handle, &[&line, &first, &show, &pause, &resume, &second, &quit])?;
        let mut builder = TrayIconBuilder::with_id(ID)
            .menu(&menu)
            .tooltip(&tray.tooltip)
            .show_menu_on_left_click(!cfg!(windows))
            .on_menu_event(picked)
            .on_tray_icon_event(|icon, event| {
                if let TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                } = event
                    && cfg!(windows)
                {
                    window::bring_to_front(icon.app_handle());
                }
            });
        if let Some(icon) = handle.default_window_icon() {
            builder = builder.icon(icon.clone());
        }
        if let Some(title) = &tray.title {
            builder = builder.title(title);
        }
        let icon = builder.build(handle)?;
        Ok(Self { icon, line, show, pause, resume, quit, told: tray })
    }

    /// Shows what changed.
    ///
    /// # Errors
    /// Where the system refuses it.
    pub(super) fn tell(&mut self, tray: Tray) -> tauri::Result<()> {
        let told = &self.told;
        for (item, before, now) in [
            (&self.line, &told.line, &tray.line),
            (&self.show, &told.show, &tray.show),
            (&self.pause, &told.pause, &tray.pause),
            (&self.resume, &told.resume, &tray.resume),
            (&self.quit, &told.quit, &tray.quit),
        ] {
            if before != now {
                item.set_text(now)?;
            }
        }
        if told.can_pause != tray.can_pause {
            self.pause.set_enabled(tray.can_pause)?;
        }
        if told.can_resume != tray.can_resume {
            self.resume.set_enabled(tray.can_resume)?;
        }
        if told.tooltip != tray.tooltip {
            self.icon.set_tooltip(Some(&tray.tooltip))?;
        }
        if told.title != tray.title {
            self.icon.set_title(tray.title.as_deref())?;
        }
        self.told = tray;
        Ok(())
    }
}

/// Takes the icon away.
pub(super) fn remove(handle: &AppHandle) {
    drop(handle.remove_tray_by_id(ID));
}

/// Does what was picked in the menu, never on the system's own thread.
fn picked(handle: &AppHandle, event: MenuEvent) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let action = match event.id().as_ref() {
            "tray-show" => return window::bring_to_front(&handle),
            "tray-quit" => return handle.exit(0),
            "tray-pause" => Action::Pause,
            "tray-resume" => Action::Resume,
            _ => return,
        };
        let Some(app) = handle.try_state::<App>() else { return };
        if let Err(problem) = app.act(action, Target::All).await {
            tracing::warn!(report = problem.report, "the tray's menu could not {action:?}");
        }
    });
}
