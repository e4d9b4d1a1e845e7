//! What the page may reach, read from the access list that is compiled in and from the
//! configuration.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tauri::ipc::{Origin, RuntimeAuthority};

use crate::{commands, context, window};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Commands of Tauri itself and of the plugins in use that a page would love to have.
const FOREIGN: &[&str] = &[
    "plugin:dialog|open",
    "plugin:dialog|save",
    "plugin:dialog|message",
    "plugin:event|listen",
    "plugin:event|emit",
    "plugin:window|close",
    "plugin:webview|create_webview_window",
    "plugin:path|resolve_directory",
    "plugin:resources|close",
    "plugin:fs|read_file",
    "plugin:shell|execute",
    "plugin:http|fetch",
    "plugin:updater|check",
    "plugin:updater|download",
    "plugin:updater|install",
    "plugin:updater|download_and_install",
];

fn granted(authority: &RuntimeAuthority, command: &str, label: &str, origin: &Origin) -> bool {
    authority.resolve_access(command, label, label, origin).is_some()
}

#[test]
fn each_command_is_granted_to_the_window_and_to_nobody_else() {
    let mut context = context();
    let authority = context.runtime_authority_mut();
    let remote = Origin::Remote { url: "https://example.com/".parse().expect("a URL") };
    for command in commands::NAMES {
        assert!(
            granted(authority, command, window::LABEL, &Origin::Local),
            "{command} is not in src-tauri/permissions"
        );
        assert!(
            !granted(authority, command, "another", &Origin::Local),
            "{command} is open to an unlisted window"
        );
        assert!(
            !granted(authority, command, window::LABEL, &remote),
            "{command} is open to a remote page"
        );
    }
}

#[test]
fn nothing_but_our_own_commands_is_granted() {
    let mut context = context();
    let authority = context.runtime_authority_mut();
    for command in FOREIGN {
        assert!(
            !granted(authority, command, window::LABEL, &Origin::Local),
            "{command} is granted"
        );
    }
}

#[test]
fn the_permissions_name_no_command_that_is_gone() {
    let known: Vec<String> = commands::NAMES.iter().map(|name| format!("\"{name}\"")).collect();
    for file in files(&Path::new(ROOT).join("src-tauri/permissions")) {
        let text = std::fs::read_to_string(&file).expect("a permission file");
        let listed = text.split("commands.allow").nth(1).expect("a permission allows commands");
        for quoted in listed.split('"').skip(1).step_by(2).map(|name| format!("\"{name}\"")) {
            assert!(known.contains(&quoted), "{quoted} in {} is not a command", file.display());
        }
    }
}

#[test]
fn the_configuration_stays_strict() {
    let config = json(&Path::new(ROOT).join("tauri.conf.json"));
    let security = &config["app"]["security"];
    let csp = security["csp"].as_object().expect("the CSP is a map");
    assert_eq!(csp["default-src"], "'none'");
    for (directive, sources) in csp {
        let sources = sources.as_str().expect("sources are one string");
        assert!(!sources.contains("unsafe-") && !sources.contains('*'), "{directive}: {sources}");
        let local = sources
            .split(' ')
            .all(|source| matches!(source, "'none'" | "'self'" | "ipc:" | "http://ipc.localhost"));
        assert!(local, "{directive} reaches out: {sources}");
    }
    assert!(
        security.get("devCsp").is_none()
            && security.get("dangerousDisableAssetCspModification").is_none()
    );
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["assetProtocol"]["enable"], false);
    assert_eq!(config["app"]["withGlobalTauri"], false);
    assert!(
        security["capabilities"].as_array().is_some_and(|listed| !listed.is_empty()),
        "capabilities are listed one by one"
    );
    assert!(config.get("version").is_none(), "the version comes from Cargo.toml");
}

#[test]
fn capabilities_name_windows_and_nothing_remote() {
    for file in files(&Path::new(ROOT).join("src-tauri/capabilities")) {
        let capability = json(&file);
        assert!(
            capability.get("remote").is_none(),
            "{} grants something to remote pages",
            file.display()
        );
        assert!(capability.get("webviews").is_none());
        let windows = capability["windows"].as_array().expect("windows are listed");
        assert!(
            windows.iter().all(|label| label.as_str().is_some_and(|label| !label.contains('*'))),
            "{windows:?}"
        );
        for permission in capability["permissions"].as_array().expect("permissions are listed") {
            let permission = permission.as_str().expect("a permission without scopes");
            let foreign =
                ["fs:", "http:", "shell:", "sql:", "dialog:", "opener:", "process:", "updater:"];
            assert!(!foreign.iter().any(|plugin| permission.starts_with(plugin)), "{permission}");
        }
    }
}

#[test]
fn no_plugin_that_opens_the_machine_is_a_dependency() {
    let manifest = std::fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).expect("Cargo.toml");
    for plugin in ["fs", "http", "shell", "sql", "process", "upload", "websocket"] {
        assert!(!manifest.contains(&format!("tauri-plugin-{plugin}")), "tauri-plugin-{plugin}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

fn json(file: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("JSON")
}
