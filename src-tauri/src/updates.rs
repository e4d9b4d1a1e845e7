//! Where this build's newer versions are, and how one is installed: by Tauri's updater, of which
//! the page gets nothing, from what the app fetched.

use std::path::Path;

use ferry_app::{App, ReadyUpdate, UpdateSource};
use tauri::AppHandle;
use tauri::utils::config::BundleType;
use tauri::utils::platform::bundle_type;
use tauri_plugin_updater::UpdaterExt as _;

/// What was said while this was built; nothing, and no setting, where nothing was.
pub(crate) fn source() -> Option<UpdateSource> {
    let executable = std::env::current_exe().unwrap_or_default();
    let is_image = std::env::var_os("APPIMAGE").is_some();
    let targets = match installed_by(bundle_type(), &executable, is_image) {
        Some(kind) => targets(kind),
        None => Vec::new(),
    };
    UpdateSource::of_build(option_env!("FERRY_UPDATES"), option_env!("FERRY_UPDATES_KEY"), targets)
}

/// The kind of package that is put in this one's place. What a package manager installed it has to
/// replace, and what was only built is in no package.
fn installed_by(
    bundle: Option<BundleType>,
    executable: &Path,
    is_image: bool,
) -> Option<&'static str> {
    match bundle? {
        BundleType::AppImage if is_image => Some("appimage"),
        BundleType::Msi => Some("msi"),
        BundleType::Nsis => Some("nsis"),
        BundleType::App if executable.parent()?.ends_with("Contents/MacOS") => Some("app"),
        _ => None,
    }
}

/// What packages of this kind are called in the list of releases, the best first.
fn targets(kind: &str) -> Vec<String> {
    let target = tauri_plugin_updater::target();
    target.map_or_else(Vec::new, |target| vec![format!("{target}-{kind}"), target])
}

/// Installs what the user wanted, now that Ferry ends. On Windows the installer goes on by itself,
/// and the process ends here.
pub(crate) async fn install(handle: &AppHandle, app: &App, restarts: bool) {
    let (Some(ready), Some(source)) = (app.ready_update(), app.update_source()) else { return };
    let (handle, source) = (handle.clone(), source.clone());
    let installing =
        tokio::task::spawn_blocking(move || put_in_place(&handle, &source, &ready, restarts));
    match installing.await {
        Ok(Ok(())) => tracing::info!("the newer version is installed"),
        Ok(Err(error)) => tracing::error!(%error, "the newer version was not installed"),
        Err(error) => tracing::error!(%error, "the newer version was not installed"),
    }
}

fn put_in_place(
    handle: &AppHandle,
    source: &UpdateSource,
    ready: &ReadyUpdate,
    restarts: bool,
) -> tauri_plugin_updater::Result<()> {
    let updater = handle
        .updater_builder()
        .endpoints(vec![source.place().parse()?])?
        .pubkey(source.key())
        .build()?;
    // It compares the versions and checks the signature once more, whose version has to be there.
    match updater.restore_update(ready.manifest.clone())? {
        Some(update) => update.restart_after_install(restarts).install(&ready.package),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_updater_is_configured_so_that_nothing_passes_by_the_configuration_alone() {
        // Without a configuration that it can read, Tauri opens no window.
        let config = crate::context().config().plugins.0["updater"].clone();
        let config: tauri_plugin_updater::Config =
            serde_json::from_value(config).expect("the updater can read it");
        assert_eq!((config.pubkey.as_str(), config.endpoints.len()), ("", 0));
        assert!(config.require_signed_version && !config.allow_downgrades);
        assert!(!config.dangerous_insecure_transport_protocol);
    }

    #[test]
    fn what_a_package_manager_installed_is_left_to_it() {
        let app = Path::new("/Applications/Ferry.app/Contents/MacOS/ferry-desktop");
        let built = Path::new("/src/target/debug/ferry-desktop");
        for (bundle, executable, expected) in [
            (Some(BundleType::Deb), built, None),
            (Some(BundleType::Rpm), built, None),
            (Some(BundleType::App), app, Some("app")),
            (Some(BundleType::App), built, None),
            (Some(BundleType::Msi), built, Some("msi")),
            (Some(BundleType::Nsis), built, Some("nsis")),
            (None, app, None),
        ] {
            assert_eq!(installed_by(bundle.clone(), executable, false), expected, "{bundle:?}");
        }
        let image = |is_image| installed_by(Some(BundleType::AppImage), built, is_image);
        assert_eq!((image(true), image(false)), (Some("appimage"), None));
        let targets = targets("nsis");
        assert!(
            targets[0].ends_with("-nsis") && targets[0].starts_with(&targets[1]),
            "{targets:?}"
        );
    }
}
