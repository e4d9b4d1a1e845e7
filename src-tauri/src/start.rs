//! From the first line of the program to a window: the queue is opened, then shown; or the reason
//! why it cannot be is told.

use std::time::{Duration, Instant};

use ferry_app::messages::Problem;
use ferry_app::model::{Fault, FaultKind, message};
use ferry_app::{App, Host, Keyring, OpenOptions};
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

use crate::speech::Speech;
use crate::{arguments, commands, connection, desktop_proxies, logging, presence, updates, window};

/// How long a queue may be busy before that is told, and the time between two looks.
const BUSY: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Whether a window can be shown at all. Without this check GTK ends the process with a panic.
pub(crate) fn display_is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The queue on its way to be open.
pub(crate) struct Opening(JoinHandle<Result<App, Fault>>);

/// Begins to open the queue: it is open when the toolkit is there. In a second start it is busy,
/// and that start ends without it.
pub(crate) fn open_queue() -> Opening {
    Opening(tauri::async_runtime::spawn(open()))
}

async fn open() -> Result<App, Fault> {
    let options = OpenOptions {
        data_dir: None,
        host: Host::Window,
        desktop_proxies: desktop_proxies::of_this_desktop(),
        keyring: Keyring::System,
        updates: updates::source(),
    };
    App::open(options).await
}

impl Opening {
    async fn ended(self) -> Result<App, Fault> {
        let mut opened = match self.0.await {
            Ok(opened) => opened,
            Err(error) => Err(Fault::new(FaultKind::Internal).with_detail(error.to_string())),
        };
        // A second start of the same moment may hold it until it learns that it is the second.
        let deadline = Instant::now() + BUSY;
        while opened.as_ref().is_err_and(|fault| fault.kind == FaultKind::JournalBusy)
            && Instant::now() < deadline
        {
            tokio::time::sleep(LOOK_AGAIN).await;
            opened = open().await;
        }
        opened
    }
}

/// Waits for the queue aside, so that the system's event loop runs meanwhile, and then opens the
/// window.
pub(crate) fn begin(handle: &AppHandle, opening: Opening) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        match opening.ended().await {
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
