//! Bucket profiles.

use ferry_app::App;
use ferry_app::messages::{
    FormReading, ImportFindings, Problem, ProfileForm, SaveSecret, SavedProfile, SecretsInput,
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

/// Keeps a profile: a new one, which is then chosen, without `id`. Secrets that were left
/// empty stay as they are.
#[tauri::command]
pub(crate) async fn save_profile(
    app: State<'_, App>,
    id: Option<i64>,
    form: ProfileForm,
    secrets: SecretsInput,
    place: SaveSecret,
) -> Result<SavedProfile, Problem> {
    app.save_and_choose_profile(id, form, secrets, place).await
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

/// Tries a write under the prefix and takes it back. Secrets that were left empty are those of
/// profile `id`.
#[tauri::command]
pub(crate) async fn test_profile(
    app: State<'_, App>,
    id: Option<i64>,
    form: ProfileForm,
    secrets: SecretsInput,
) -> Result<TestOutcome, Problem> {
    app.test_profile(id, form, secrets).await
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
