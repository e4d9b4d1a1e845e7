//! The window's own settings.

use ferry_app::App;
use ferry_app::messages::{Problem, Settings};
use tauri::State;

/// Keeps the settings.
#[tauri::command]
pub(crate) async fn set_settings(
    app: State<'_, App>,
    settings: Settings,
    proxy_password: String,
) -> Result<(), Problem> {
    app.set_settings(settings, proxy_password).await
}
