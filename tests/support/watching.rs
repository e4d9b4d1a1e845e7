//! A watched folder, and the `ferry watch run` that looks at it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Child;

use crate::ferry::{Place, Ran};

/// A place with a profile `lab`, and a folder to watch.
///
/// # Panics
/// When they cannot be made.
pub async fn place() -> (Place, PathBuf) {
    let place = Place::new().await;
    let added =
        place.add_profile("lab", "oss", &["--keys", "environment", "--prefix", "lab/"]).await;
    assert_eq!(added.code, 0, "{added:#?}");
    let folder = place.path("in");
    std::fs::create_dir(&folder).expect("makes");
    (place, folder)
}

/// Adds a watch that waits a second for quiet.
///
/// # Panics
/// When `ferry` refuses it.
pub async fn watch(place: &Place, folder: &Path, options: &[&str]) -> Value {
    let folder = folder.to_str().expect("text");
    let fixed = ["watch", "add", folder, "--profile", "lab", "--quiet", "1s", "--json"];
    let ran = place.run(fixed.iter().chain(options)).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    serde_json::from_str(&ran.stdout).expect("one object")
}

/// `ferry watch run`, until it is dropped.
pub fn run(place: &Place) -> Child {
    let mut command = place.ferry();
    command.args(["watch", "run", "--json"]);
    place.start(command)
}

/// Ends it as a system does.
///
/// # Panics
/// When it does not end.
pub async fn stop(child: Child) -> Ran {
    let process = child.id().expect("runs").to_string();
    let sent = std::process::Command::new("kill").args(["-TERM", &process]).status();
    assert!(sent.expect("kill runs").success());
    Ran::from(child.wait_with_output().await.expect("ends"))
}
