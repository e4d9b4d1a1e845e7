//! Bucket profiles.

use ferry_app::App;
use ferry_app::messages::{
    FormReading, ImportFindings, KeyInput, Problem, ProfileForm, SaveSecret, SavedProfile,
    TestOutcome,
};
use tauri::State;

/// Chooses the profile that drops go to.
#[tauri::command]
pub(crate) async fn choose_profile(app: State<'_, App>, id: i64) -> Result<(), Problem> {
    app.choose_profile(id).await
}

/// Says what a form means, and what is wrong with it.
#[tauri::command]
pub(crate) async fn read_profile_form(
    app: State<'_, App>,
    form: ProfileForm,
) -> Result<FormReading, Problem> {
    Ok(app.read_profile_form(form).await)
}

/// Keeps a profile: a new one, which is then chosen, without `id`. Without `key` the one it has
/// stays.
#[tauri::command]
pub(crate) async fn save_profile(
    app: State<'_, App>,
    id: Option<i64>,
    form: ProfileForm,
    key: Option<KeyInput>,
    place: SaveSecret,
) -> Result<SavedProfile, Problem> {
    app.save_and_choose_profile(id, form, key, place).await
}

/// Copies a profile and its secret; returns the copy's number.
#[tauri::command]
pub(crate) async fn duplicate_profile(app: State<'_, App>, id: i64) -> Result<i64, Problem> {
    app.duplicate_profile(id).await
}

/// Deletes a profile and its secret.
#[tauri::command]
pub(crate) async fn delete_profile(app: State<'_, App>, id: i64) -> Result<(), Problem> {
    app.delete_profile(id).await
}

/// Tries a write under the prefix and takes it back. Without `key` the one of profile `id` is used.
#[tauri::command]
pub(crate) async fn test_profile(
    app: State<'_, App>,
    id: Option<i64>,
    form: ProfileForm,
    key: Option<KeyInput>,
) -> Result<TestOutcome, Problem> {
    app.test_profile(id, form, key).await
}

/// Lets a held profile try again with the keys it has.
#[tauri::command]
pub(crate) async fn release_profile(app: State<'_, App>, id: i64) -> Result<(), Problem> {
    app.release_profile(id);
    Ok(())
}

/// Looks for keys that other tools keep, because the user asked to.
#[tauri::command]
pub(crate) async fn find_imports(app: State<'_, App>) -> Result<ImportFindings, Problem> {
    Ok(app.find_imports().await)
}
