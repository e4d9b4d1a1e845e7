//! What packages hold beside the programs, as far as it stands in the sources. `cargo xtask bundle`
//! has lintian look at the packages themselves.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(source(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_entry_in_shops_is_valid_and_of_this_program() {
    let name = "src-tauri/linux/dev.ferry.uploader.metainfo.xml";
    let told = Command::new("appstreamcli")
        .args(["validate", "--no-net", "--no-color"])
        .arg(source(name))
        .output()
        .expect("`cargo xtask test` installs appstream");
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success() && !said.contains("W:") && !said.contains("E:"), "{said}");

    let entry = read(name);
    let config: Value = serde_json::from_str(&read("tauri.conf.json")).expect("is JSON");
    let of_config = |name: &str| config[name].as_str().expect("is text");
    for part in [
        format!("<id>{}</id>", of_config("identifier")),
        // Tauri's tool calls the entry in menus after the product.
        format!(
            r#"<launchable type="desktop-id">{}.desktop</launchable>"#,
            of_config("productName")
        ),
        "<binary>ferry-desktop</binary>".to_owned(),
        "<binary>ferry</binary>".to_owned(),
    ] {
        assert!(entry.contains(&part), "{part}");
    }
    let count = |text: &str| entry.matches(text).count();
    for element in ["summary", "p", "li"] {
        let english = count(&format!("<{element}>"));
        let chinese = count(&format!("<{element} xml:lang=\"zh_CN\">"));
        assert!(english > 0 && english == chinese, "each <{element}> stands in both languages");
    }
}

#[test]
fn the_newest_release_in_shops_is_the_version_of_this_program() {
    let entry = read("src-tauri/linux/dev.ferry.uploader.metainfo.xml");
    let newest = entry.split_once("<release version=\"").expect("a release").1;
    assert_eq!(newest.split('"').next(), Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_size_of_the_icon_is_packed_as_it_is_named() {
    let config: Value = serde_json::from_str(&read("tauri.conf.json")).expect("is JSON");
    let icons = config["bundle"]["icon"].as_array().expect("a list");
    let mut sizes = Vec::new();
    for icon in icons.iter().filter_map(Value::as_str).filter(|name| name.ends_with(".png")) {
        let bytes = std::fs::read(source(icon)).unwrap_or_else(|error| panic!("{icon}: {error}"));
        // Of the first chunk of a PNG: width and height.
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four"));
        let (width, height) = (number(16), number(20));
        assert_eq!(width, height, "{icon}");
        sizes.push(width);
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [32, 48, 64, 128, 256, 512]);
}
