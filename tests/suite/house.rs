//! The house's walls: which crate may import which, held against cargo's own view of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .other_options(vec!["--offline".into()])
        .exec()
        .expect("cargo describes the workspace")
}

/// What each member takes of the other members, and of crates that only one member may use; tests'
/// own dependencies aside.
fn imports(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let members = metadata.workspace_packages();
    members
        .iter()
        .map(|package| {
            let taken = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal);
            (package.name.to_string(), taken.map(|dependency| dependency.name.clone()).collect())
        })
        .collect()
}

#[test]
fn imports_go_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("ferry-model", &[][..]),
        ("ferry-storage", &["ferry-model"]),
        ("ferry-storage-fuzz", &["ferry-model", "ferry-storage"]),
        ("ferry-journal", &["ferry-model"]),
        ("ferry-vault", &["ferry-model"]),
        ("ferry-sandbox", &[]),
        ("ferry-engine", &["ferry-journal", "ferry-model", "ferry-storage", "ferry-vault"]),
        (
            "ferry-app",
            &[
                "ferry-engine",
                "ferry-journal",
                "ferry-model",
                "ferry-sandbox",
                "ferry-storage",
                "ferry-vault",
            ],
        ),
        ("ferry-cli", &["ferry-app"]),
        ("ferry-desktop", &["ferry-app"]),
        ("xtask", &[]),
        // What it compares with other people's work, it calls by itself: signers, stores, and
        // readers of other tools' settings.
        (
            "acceptance",
            &["ferry-app", "ferry-model", "ferry-sandbox", "ferry-storage", "ferry-vault"],
        ),
    ]);
    let metadata = workspace();
    let imports = imports(&metadata);
    for (package, taken) in &imports {
        let allowed = allowed.get(package.as_str()).unwrap_or_else(|| {
            panic!("{package} has no place in the house: name its imports here")
        });
        let ours: BTreeSet<&str> =
            taken.iter().map(String::as_str).filter(|name| imports.contains_key(*name)).collect();
        let extra: Vec<_> = ours.iter().filter(|name| !allowed.contains(name)).collect();
        assert!(extra.is_empty(), "{package} must not import {extra:?}");
    }
}

#[test]
fn each_outside_power_has_one_room() {
    let rooms: [(&str, &[&str]); 9] = [
        ("crc-fast", &["ferry-model", "ferry-sandbox"]),
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
        let users: Vec<&str> = imports
            .iter()
            .filter(|(_, taken)| taken.contains(power))
            .map(|(package, _)| package.as_str())
            .collect();
        let strangers: Vec<_> = users.iter().filter(|user| !owners.contains(user)).collect();
        assert!(strangers.is_empty(), "{power} belongs to {owners:?}, not {strangers:?}");
    }
}

#[test]
fn the_model_does_no_input_or_output() {
    let imports = imports(&workspace());
    let model: Vec<&str> = imports["ferry-model"].iter().map(String::as_str).collect();
    assert_eq!(model, ["crc-fast", "hex", "md-5", "serde", "unicode-normalization", "zeroize"]);
}

/// The files that look at a secret, and why each has to.
const LOOK_AT_SECRETS: [(&str, &str); 9] = [
    ("crates/storage/src/signing/key.rs", "derives keys from it"),
    ("crates/storage/src/signing/redact.rs", "takes it out of what stores repeat"),
    ("crates/storage/src/signing/oss_v1.rs", "signs with it, and sends the token"),
    ("crates/storage/src/signing/oss_v4.rs", "sends the token"),
    ("crates/storage/src/signing/sigv4.rs", "sends the token"),
    ("crates/vault/src/process/answer.rs", "refuses what cannot be a secret or a token"),
    ("crates/vault/src/secret_text.rs", "writes it into the keyring"),
    ("crates/app/src/practice.rs", "gives the practice bucket's own key to its server"),
    ("crates/cli/src/profile.rs", "moves keys from the environment into a new profile"),
];

/// Every Rust file below a folder, but for tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the workspace can be read") {
        let path = entry.expect("the workspace can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !matches!(name, "tests" | "target") {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

#[test]
fn secrets_are_looked_at_where_they_must_be_and_nowhere_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let looks = |path: &&PathBuf| {
        let text = std::fs::read_to_string(path).expect("the workspace can be read");
        // Unit tests stand at the end of their file.
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        code.lines().any(|line| {
            !line.trim_start().starts_with("//")
                && (line.contains(".expose()") || line.contains("::expose"))
        })
    };
    let found: BTreeSet<String> = files
        .iter()
        .filter(looks)
        .map(|path| {
            path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/")
        })
        .collect();
    let allowed: BTreeSet<String> =
        LOOK_AT_SECRETS.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert!(files.len() > 50, "only {} files were read", files.len());
    assert_eq!(
        found, allowed,
        "a file that looks at secrets needs a reason in LOOK_AT_SECRETS; one that no longer does leaves the list"
    );
}
