//! The commands of the window: those that every host passes on to the app alike, and those that
//! take the window's own channel and dialogs. What fails is a [`Problem`].

use ferry_app::App;
use ferry_app::messages::*;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State, WebviewWindow};

use crate::speech::Speech;
use crate::{pickers, window};

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
fn follow_settings(handle: &AppHandle, update: &Update) {
    if let Update::Snapshot { settings, .. } | Update::Setup { settings, .. } = update {
        handle.state::<Speech>().follow(&settings.language);
        window::follow_theme(handle, &settings.theme);
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

// Last: what Tauri makes of each command is known only below it.
ferry_app::window_commands!(commands);
