//! From the first line of `setup` to a window: the queue is opened, then shown; or the reason why
//! it cannot be is told.

use ferry_app::messages::Problem;
use ferry_app::model::message;
use ferry_app::{App, Host, Keyring, OpenOptions};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

use crate::speech::Speech;
use crate::{arguments, commands, connection, desktop_proxies, logging, presence, window};

/// Whether a window can be shown at all. Without this check GTK ends the process with a panic.
pub(crate) fn display_is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Opens the queue aside, so that the system's event loop runs meanwhile, and then the window.
pub(crate) fn begin(handle: &AppHandle) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let options = OpenOptions {
            data_dir: None,
            host: Host::Window,
            desktop_proxies: desktop_proxies::of_this_desktop(),
            keyring: Keyring::System,
        };
        match App::open(options).await {
            Ok(app) => {
                presence::start(&handle, &app).await;
                handle.manage(app.clone());
                follow_connection(&handle, app.clone());
                logging::keep_in(app.data_dir().to_owned());
                // Before the page can say it: what is shown until then has the same colour.
                let settings = app.settings().await.ok();
                let theme = settings.as_ref().map(|settings| settings.theme);
                window::follow_theme(&handle, theme.unwrap_or_default());
                logging::follow(settings.map(|settings| settings.log).unwrap_or_default());
                if let Err(error) = show(&handle, app).await {
                    let text = message::window_not_opened(error.to_string());
                    let text = handle.state::<Speech>().say(&text);
                    return refuse(&handle, text);
                }
                arguments::queue_is_open(&handle);
            }
            Err(fault) => {
                let text = handle.state::<Speech>().tell(&Problem::from(&fault));
                refuse(&handle, text);
            }
        }
    });
}

/// Tells the app of the computer's connection, by the thread that hears of its changes.
fn follow_connection(handle: &AppHandle, app: App) {
    if let Err(error) = handle.run_on_main_thread(move || connection::follow(app)) {
        tracing::warn!(%error, "the connection is not listened to");
    }
}

/// Opens the window. Started quietly, Ferry stays in the tray, or minimised where there is none.
async fn show(handle: &AppHandle, app: App) -> tauri::Result<()> {
    let quietly = std::env::args().any(|argument| argument == arguments::BACKGROUND);
    if !quietly {
        return window::open(handle, app);
    }
    // Nobody else reads the queue's numbers meanwhile.
    let following = handle.clone();
    app.subscribe(Box::new(move |update| commands::follow_settings(&following, &update))).await;
    if presence::tray_comes(handle).await {
        return Ok(());
    }
    window::open(handle, app)?;
    window::the_window(handle).map_or(Ok(()), |window| window.minimize())
}

/// Says why there will be no window, on standard error and in a native message, and ends with 1.
fn refuse(handle: &AppHandle, text: String) {
    eprintln!("{text}");
    let ending = handle.clone();
    let message = handle.dialog().message(text).title("Ferry").kind(MessageDialogKind::Error);
    message.buttons(handle.state::<Speech>().close()).show(move |_| ending.exit(1));
}
