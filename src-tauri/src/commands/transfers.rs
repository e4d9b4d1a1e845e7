//! Watching the queue and acting on it.

use ferry_app::App;
use ferry_app::messages::{
    Action, BatchForm, FieldProblem, LinkFormat, LinkKind, Links, Problem, Target, Update, Viewport,
};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State, WebviewWindow};

use crate::speech::Speech;
use crate::{pickers, window};

/// Sends the state of everything and then its changes into `channel`; a second call replaces the
/// first.
#[tauri::command]
pub(crate) async fn subscribe(
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

/// Says which rows the page shows.
#[tauri::command]
pub(crate) async fn set_viewport(app: State<'_, App>, viewport: Viewport) -> Result<(), Problem> {
    app.set_viewport(viewport).await;
    Ok(())
}

/// Says which transfers the user selected, under a number that the answer in the updates carries.
#[tauri::command]
pub(crate) async fn select(
    app: State<'_, App>,
    number: u32,
    target: Target,
) -> Result<(), Problem> {
    app.select(number, target).await;
    Ok(())
}

/// Does something with transfers.
#[tauri::command]
pub(crate) async fn act(
    app: State<'_, App>,
    action: Action,
    target: Target,
) -> Result<(), Problem> {
    app.act(action, target).await
}

/// Lets the user choose files in a native dialog and queues them.
#[tauri::command]
pub(crate) async fn pick_files(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
) -> Result<(), Problem> {
    match pickers::files(&window, &speech).await {
        chosen if chosen.is_empty() => Ok(()),
        chosen => app.add_paths(chosen).await,
    }
}

/// Lets the user choose folders in a native dialog and queues what is in them.
#[tauri::command]
pub(crate) async fn pick_folder(
    app: State<'_, App>,
    speech: State<'_, Speech>,
    window: WebviewWindow,
) -> Result<(), Problem> {
    match pickers::folders(&window, &speech).await {
        chosen if chosen.is_empty() => Ok(()),
        chosen => app.add_paths(chosen).await,
    }
}

/// Says what files added from now on shall be like, dropped or chosen; nothing ends it.
#[tauri::command]
pub(crate) async fn stage_batch(
    app: State<'_, App>,
    form: Option<BatchForm>,
) -> Result<Vec<FieldProblem>, Problem> {
    app.stage_batch(form).await
}

/// Makes links to what was uploaded.
#[tauri::command]
pub(crate) async fn make_links(
    app: State<'_, App>,
    target: Target,
    kind: LinkKind,
    format: LinkFormat,
) -> Result<Links, Problem> {
    app.make_links(target, kind, format).await
}

/// Asks endpoints that do not answer at once.
#[tauri::command]
pub(crate) async fn try_now(app: State<'_, App>) -> Result<(), Problem> {
    app.try_now();
    Ok(())
}

/// Closes a line above the list.
#[tauri::command]
pub(crate) async fn dismiss_notice(app: State<'_, App>, id: u64) -> Result<(), Problem> {
    app.dismiss_notice(id).await;
    Ok(())
}
