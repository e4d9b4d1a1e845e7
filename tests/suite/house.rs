//! The house's walls: which crate may import which, held against cargo's own view of the workspace.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .other_options(vec!["--offline".into()])
        .exec()
        .expect("cargo describes the workspace")
}

/// What each member takes of the other members, and of crates that only one member may use; tests' own dependencies aside.
fn imports(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let members = metadata.workspace_packages();
    members
        .iter()
        .map(|package| {
            let taken = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
            (package.name.to_string(), taken.map(|dependency| dependency.name.clone()).collect())
        })
        .collect()
}

#[test]
fn imports_go_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("ferry-model", &[][..]),
        ("ferry-storage", &["ferry-model"]),
        ("ferry-journal", &["ferry-model"]),
        ("ferry-vault", &["ferry-model"]),
        ("ferry-sandbox", &[]),
        ("ferry-engine", &["ferry-journal", "ferry-model", "ferry-storage", "ferry-vault"]),
        ("ferry-app", &["ferry-engine", "ferry-journal", "ferry-model", "ferry-sandbox", "ferry-storage", "ferry-vault"]),
        ("ferry-cli", &["ferry-app"]),
        ("ferry-desktop", &["ferry-app"]),
        ("xtask", &[]),
        ("acceptance", &["ferry-model", "ferry-sandbox", "ferry-storage"]),
    ]);
    let metadata = workspace();
    let imports = imports(&metadata);
    for (package, taken) in &imports {
        let allowed = allowed.get(package.as_str()).unwrap_or_else(|| panic!("{package} has no place in the house: name its imports here"));
        let ours: BTreeSet<&str> = taken.iter().map(String::as_str).filter(|name| imports.contains_key(*name)).collect();
        let extra: Vec<_> = ours.iter().filter(|name| !allowed.contains(name)).collect();
        assert!(extra.is_empty(), "{package} must not import {extra:?}");
    }
}

#[test]
fn each_outside_power_has_one_room() {
    let rooms: [(&str, &[&str]); 8] = [
        ("hyper-rustls", &["ferry-storage"]),
        ("quick-xml", &["ferry-storage", "ferry-sandbox"]),
        ("rusqlite", &["ferry-journal"]),
        ("keyring-core", &["ferry-vault"]),
        ("tauri", &["ferry-desktop"]),
        ("ts-rs", &["ferry-app"]),
        ("clap", &["ferry-cli"]),
        ("axum", &["ferry-sandbox"]),
    ];
    let imports = imports(&workspace());
    for (power, owners) in rooms {
        let users: Vec<&str> = imports.iter().filter(|(_, taken)| taken.contains(power)).map(|(package, _)| package.as_str()).collect();
        let strangers: Vec<_> = users.iter().filter(|user| !owners.contains(user)).collect();
        assert!(strangers.is_empty(), "{power} belongs to {owners:?}, not {strangers:?}");
    }
}

#[test]
fn the_model_does_no_input_or_output() {
    let imports = imports(&workspace());
    let model: Vec<&str> = imports["ferry-model"].iter().map(String::as_str).collect();
    assert_eq!(model, ["serde", "zeroize"]);
}
