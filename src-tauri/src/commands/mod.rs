//! The commands of the window, one file a feature. Each decodes, calls the app, and encodes; what
//! fails is a [`Problem`].
//!
//! [`Problem`]: ferry_app::messages::Problem

mod profiles;
mod settings;
mod transfers;

/// Lists the commands once, for the handler and for the test that compares them with the access
/// list.
macro_rules! commands {
    ($($feature:ident :: $name:ident),+ $(,)?) => {
        /// Answers the page's requests.
        pub(crate) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($feature::$name),+]
        }

        /// The names of all commands.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

commands![
    transfers::subscribe,
    transfers::set_viewport,
    transfers::select,
    transfers::act,
    transfers::pick_files,
    transfers::pick_folder,
    transfers::stage_batch,
    transfers::make_links,
    transfers::try_now,
    transfers::dismiss_notice,
    profiles::choose_profile,
    profiles::read_profile_form,
    profiles::save_profile,
    profiles::duplicate_profile,
    profiles::delete_profile,
    profiles::test_profile,
    profiles::release_profile,
    profiles::find_imports,
    settings::set_settings,
];
