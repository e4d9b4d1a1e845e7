//! The one window: how it opens, what it may show, and how it looks.

use std::sync::Mutex;

use ferry_app::App;
use ferry_app::messages::{PageTexts, Theme as Setting};
use tauri::utils::config::Color;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Theme, Url, WebviewWindow, WebviewWindowBuilder, WindowEvent};

use crate::drops::Drops;

/// The window's label: the only one that capabilities name.
pub(crate) const LABEL: &str = "main";

/// Opens the window as `tauri.conf.json` describes it, in the theme of the settings and the colour
/// of its page.
///
/// It is visible from the start: WebKitGTK paints nothing into a window that was made hidden and
/// shown later, until it is resized.
///
/// # Errors
/// Where the system refuses a window or a web view.
pub(crate) fn open(handle: &AppHandle, app: App) -> tauri::Result<()> {
    let config = handle.config();
    let described = config
        .app
        .windows
        .iter()
        .find(|window| window.label == LABEL)
        .ok_or(tauri::Error::WindowNotFound)?;
    let dev_url = config.build.dev_url.clone().filter(|_| tauri::is_dev());
    let theme = chosen_theme(handle);
    let mut builder = WebviewWindowBuilder::from_config(handle, described)?
        .theme(theme)
        .initialization_script(PageTexts::script());
    if let Some(theme) = theme {
        // The page sets it as well, once it has been told the settings: too late for its first
        // paint.
        let script = format!("document.documentElement.dataset.theme = \"{theme}\"");
        builder = builder.background_color(background(theme)).initialization_script(script);
    }
    let window = builder
        .on_navigation(move |url| is_own_page(url, dev_url.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    paint_background(&window);
    // Elsewhere, what becomes of a page whose process ends is the system's affair.
    #[cfg(target_os = "linux")]
    report(crate::reload::after_crashes(&window), "watch the page");
    let (drops, events) = (Drops::on(&window, app), window.clone());
    window.on_window_event(move |event| on_event(&events, &drops, event));
    Ok(())
}

/// The window, while it is there.
pub(crate) fn the_window(handle: &AppHandle) -> Option<WebviewWindow> {
    handle.get_webview_window(LABEL)
}

/// Shows the window above the others, as after a second start. Where Ferry went on without one, it
/// is opened.
pub(crate) fn bring_to_front(handle: &AppHandle) {
    let Some(window) = the_window(handle) else {
        let Some(app) = handle.try_state::<App>() else { return };
        return report(open(handle, App::clone(&app)), "open the window");
    };
    report(window.unminimize(), "unminimise the window");
    report(window.show(), "show the window");
    report(window.set_focus(), "focus the window");
}

/// The theme of the settings; `None` for the system's.
#[derive(Debug, Default)]
pub(crate) struct Chosen(Mutex<Option<Theme>>);

fn chosen_theme(manager: &impl Manager<tauri::Wry>) -> Option<Theme> {
    *manager.state::<Chosen>().0.lock().expect("no code panics with this lock")
}

/// Makes the window, also one that is opened later, and its page follow the theme of the settings.
pub(crate) fn follow_theme(handle: &AppHandle, setting: Setting) {
    let theme = theme_of(setting);
    *handle.state::<Chosen>().0.lock().expect("no code panics with this lock") = theme;
    // The app's: on Linux the toolkit takes no notice of a new window's own.
    handle.set_theme(theme);
    let Some(window) = the_window(handle) else { return };
    report(window.set_theme(theme), "set the theme");
    paint_background(&window);
}

/// The theme that a setting names; `None` for the system's.
fn theme_of(setting: Setting) -> Option<Theme> {
    match setting {
        Setting::System => None,
        Setting::Light => Some(Theme::Light),
        Setting::Dark => Some(Theme::Dark),
    }
}

/// The colour behind the page, as in its own `--bg`, so that nothing flashes before it is painted
/// and while the window is resized.
fn paint_background(window: &WebviewWindow) {
    // What a window says of its theme comes after what it was told.
    let theme = chosen_theme(window).or_else(|| window.theme().ok());
    let colour = background(theme.unwrap_or(Theme::Light));
    report(window.set_background_color(Some(colour)), "colour the window");
}

fn background(theme: Theme) -> Color {
    match theme {
        Theme::Dark => Color(0x1b, 0x1b, 0x1e, 0xff),
        _ => Color(0xff, 0xff, 0xff, 0xff),
    }
}

/// Whether the window may go to `url`: the pages compiled in, or the development server's.
fn is_own_page(url: &Url, dev_url: Option<&Url>) -> bool {
    let compiled_in = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // The form of the same origin on Windows.
        "http" | "https" => {
            cfg!(windows) && url.host_str() == Some("tauri.localhost") && url.port().is_none()
        }
        _ => false,
    };
    compiled_in || dev_url.is_some_and(|dev| dev.origin() == url.origin())
}

fn on_event(window: &WebviewWindow, drops: &Drops, event: &WindowEvent) {
    match event {
        WindowEvent::DragDrop(drag) => drops.take(window, drag),
        WindowEvent::ThemeChanged(_) => paint_background(window),
        _ => {}
    }
}

/// What the window system refuses is worth a line, not an end.
fn report(result: tauri::Result<()>, what: &str) {
    if let Err(error) = result {
        tracing::warn!(%error, "could not {what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_on_its_own_pages() {
        let dev: Url = "http://localhost:5173".parse().expect("a URL");
        let cases = [
            ("tauri://localhost", None, true),
            ("tauri://localhost/index.html#queue", None, true),
            ("tauri://localhost.evil.example/", None, false),
            ("tauri://evil/", None, false),
            ("http://tauri.evil/", None, false),
            ("http://tauri.localhost:8080/", None, false),
            ("https://example.com/", None, false),
            ("file:///etc/passwd", None, false),
            ("data:text/html,<script>1</script>", None, false),
            ("javascript:alert(1)", None, false),
            ("about:blank", None, false),
            ("ipc://localhost/act", None, false),
            ("http://localhost:5173/", None, false),
            ("http://localhost:5173/", Some(&dev), true),
            ("http://localhost:5174/", Some(&dev), false),
        ];
        for (url, dev, allowed) in cases {
            assert_eq!(is_own_page(&url.parse().expect("a URL"), dev), allowed, "{url}");
        }
    }
}
