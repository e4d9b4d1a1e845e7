//! Compiles the window's configuration and its access list into the shell.

use tauri_build::{AppManifest, Attributes};

fn main() {
    // The built page is embedded: a new one must find its way into the next build.
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    // Once an app manifest exists, every command that no capability names is refused.
    let manifest = AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml");
    let attributes = Attributes::new()
        .app_manifest(manifest)
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json");
    tauri_build::try_build(attributes)
        .expect("tauri.conf.json, capabilities and permissions agree");
}
