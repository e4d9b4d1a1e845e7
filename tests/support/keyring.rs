//! A session with a keyring of its own, for commands that have their keys there.

use std::os::unix::fs::PermissionsExt as _;

use tokio::process::Command;

use crate::ferry::{Place, Ran, program, without_keys};

/// Runs `script` in a session of its own with an unlocked keyring. `$FERRY` is the program; the
/// keys are in `$KEY_ID` and `$SECRET`, and not where Ferry looks for them.
pub async fn in_session(place: &Place, script: &str) -> Ran {
    let ferry = place.ferry();
    let unlock = "printf password | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1";
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "bash", "-ec", &format!("{unlock}\n{script}")]);
    for (name, value) in ferry.as_std().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    without_keys(&mut command);
    command.env_remove("DISPLAY");
    for (name, folder) in [
        ("XDG_DATA_HOME", "xdg-data"),
        ("XDG_CONFIG_HOME", "xdg-config"),
        ("XDG_RUNTIME_DIR", "xdg-run"),
    ] {
        std::fs::create_dir_all(place.path(folder)).expect("makes");
        command.env(name, place.path(folder));
    }
    let private = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(place.path("xdg-run"), private).expect("sets");
    command
        .env("FERRY", program("ferry"))
        .env("KEY_ID", &place.key.access_key_id)
        .env("SECRET", &place.key.access_key_secret)
        .env("ENDPOINT", place.sandbox.endpoint())
        .kill_on_drop(true);
    Ran::of(command).await
}
