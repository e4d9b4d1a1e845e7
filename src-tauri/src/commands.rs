//! The commands of the window: those that every host passes on to the app alike, and those that
//! take the window's own channel and dialogs. What fails is a [`Problem`].

use std::sync::Arc;

use ferry_app::messages::*;
use ferry_app::model::{Fault, FaultKind, WatchId, message};
use ferry_app::{App, MissingDigests, ReceiptFormat};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State, WebviewWindow};

use crate::desktop::Clipboard;
use crate::integration::Integration;
use crate::speech::Speech;
use crate::{ending, logging, pickers, presence, window};

/// Makes each command of the list one of Tauri's.
macro_rules! commands {
    (
        $app:ident,
        of_host { $($own:ident),+ }
        $(
            $(#[$documented:meta])*
            $name:ident($($argument:ident: $taken:ty),*) -> $answer:ty { $($body:tt)* }
        )+
    ) => {
        $(
            $(#[$documented])*
            #[tauri::command]
            async fn $name(
                $app: State<'_, App>,
                $($argument: $taken),*
            ) -> Result<$answer, Problem> {
                $($body)*
            }
        )+

        /// Answers the page's requests.
        pub(crate) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($own,)+ $($name),+]
        }

        /// The names of all commands, to compare them with the access list.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$(stringify!($own),)+ $(stringify!($name)),+];
    };
}

/// Sends the state of everything and then its changes into `channel`; a second call replaces the
/// first.
#[tauri::command]
async fn subscribe(
    app: State<'_, App>,
    handle: AppHandle,
    channel: Channel<Update>,
) -> Result<(), Problem> {
    app.subscribe(Box::new(move |update| {
        follow_settings(&handle, &update);
        if let Err(error) = channel.send(update) {
            tracing::debug!(%error, "the page is gone");
        }
    }))
    .await;
    Ok(())
}

/// The window's frame and the native dialogs follow the same settings as the page.
pub(crate) fn follow_settings(handle: &AppHandle, update: &Update) {
    if let Update::Snapshot { settings, .. } | Update::Setup { settings, .. } = update {
        handle.state::<Speech>().follow(&settings.language);
        window::follow_theme(handle, settings.theme);
        logging::follow(settings.log);
        if let Some(desktop) = handle.try_state::<presence::Settings>() {
            desktop.follow(settings.desktop);
        }
    }
}

/// Lets the user choose files in a native dialog and queues them.
#[tauri::command]
async fn pick_files(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
) -> Result<(), Problem> {
    app.add_paths(pickers::files(&window, &speech).await).await
}

/// Lets the user choose folders in a native dialog and queues what is in them.
#[tauri::command]
async fn pick_folder(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
) -> Result<(), Problem> {
    app.add_paths(pickers::folders(&window, &speech).await).await
}

/// Lets the user choose a folder for a new watch in a native dialog; how it is shown, or nothing
/// where the dialog was closed.
#[tauri::command]
async fn pick_watch_folder(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
    which: WatchFolder,
) -> Result<Option<String>, Problem> {
    let title = speech.say(&match which {
        WatchFolder::Watched => message::pick_watch_folder(),
        WatchFolder::Archive => message::pick_archive_folder(),
    });
    let picked = pickers::folder(&window, &title).await;
    Ok(picked.map(|path| app.keep_picked(which, path)))
}

/// Queues the files, or the picture, on the clipboard.
#[tauri::command]
async fn paste(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    integration: State<'_, Arc<Integration>>,
) -> Result<Pasted, Problem> {
    match integration.desktop().clipboard().await {
        Clipboard::Files(files) => app.add_paths(files).await.map(|()| Pasted::Files),
        Clipboard::Picture(png) => {
            app.add_picture(png, speech.language()).await.map(|()| Pasted::Picture)
        }
        Clipboard::Nothing => Ok(Pasted::Nothing),
    }
}

/// Shows a transfer's file in the file manager.
#[tauri::command]
async fn show_in_folder(
    app: State<'_, App>,
    integration: State<'_, Arc<Integration>>,
    id: i64,
) -> Result<(), Problem> {
    let path = app.source_of(id).await?;
    integration.desktop().show_in_folder(path).await.map_err(refused)
}

/// Shows the folder of queue, settings and log in the file manager.
#[tauri::command]
async fn show_data_folder(
    app: State<'_, App>,
    integration: State<'_, Arc<Integration>>,
) -> Result<(), Problem> {
    integration.desktop().show_in_folder(app.database()).await.map_err(refused)
}

/// Answers what shall become of the files on their way, because the window is to close.
#[tauri::command]
async fn answer_close(
    app: State<'_, App>,
    handle: AppHandle,
    choice: CloseChoice,
    remember: bool,
) -> Result<(), Problem> {
    presence::answer_close(&handle, &app, choice, remember).await
}

/// Takes back that Ferry quits once nothing is left to do.
#[tauri::command]
async fn stay_open(app: State<'_, App>, handle: AppHandle) -> Result<(), Problem> {
    presence::stay_open(&handle, &app).await;
    Ok(())
}

/// Says what the desktop can do.
#[tauri::command]
async fn desktop_state(integration: State<'_, Arc<Integration>>) -> Result<DesktopState, Problem> {
    let desktop = integration.desktop();
    let tray = desktop.knows_trays().await;
    Ok(DesktopState { tray, opens_at_login: desktop.opens_at_login() })
}

/// Makes Ferry start with the session, or not.
#[tauri::command]
async fn set_opens_at_login(
    integration: State<'_, Arc<Integration>>,
    opens: bool,
) -> Result<(), Problem> {
    integration.desktop().set_opens_at_login(opens).map_err(refused)
}

/// Opens the page of the newer version in the browser.
#[tauri::command]
async fn open_release_page(
    app: State<'_, App>,
    integration: State<'_, Arc<Integration>>,
) -> Result<(), Problem> {
    match app.release_page() {
        Some(page) => integration.desktop().open_page(page).await.map_err(refused),
        None => Ok(()),
    }
}

/// Quits, and begins again with the newer version that was fetched.
#[tauri::command]
async fn restart_to_update(handle: AppHandle) -> Result<(), Problem> {
    ending::restart(&handle);
    Ok(())
}

/// What the system would not do, in its own words.
fn refused(words: String) -> Problem {
    Problem::from(Fault::new(FaultKind::DesktopRefused).with_detail(words))
}

/// Lets the user choose a file in a native dialog and writes a receipt into it. Nothing where the
/// dialog was closed, or the writing was ended.
#[tauri::command]
async fn save_receipt(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
    batch: i64,
    format: ReceiptFormat,
    read_files: bool,
) -> Result<Option<SavedFile>, Problem> {
    let name = app.receipt_file_name(batch, format).await?;
    let title = speech.say(&message::save_receipt_as());
    match pickers::new_file(&window, &title, &name).await {
        Some(path) => {
            app.write_receipt(batch, format, MissingDigests::asked(read_files), &path).await
        }
        None => Ok(None),
    }
}

/// Lets the user choose a file in a native dialog and writes diagnostics into it; its path, or
/// nothing where the dialog was closed.
#[tauri::command]
async fn save_diagnostics(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
) -> Result<Option<String>, Problem> {
    let title = speech.say(&message::save_diagnostics_as());
    match pickers::new_file(&window, &title, "ferry-diagnostics.json").await {
        Some(path) => {
            app.write_diagnostics(&path).await?;
            Ok(Some(path.display().to_string()))
        }
        None => Ok(None),
    }
}

// Last: what Tauri makes of each command is known only below it.
ferry_app::window_commands!(commands);
