//! The house's walls: which crate may import which, held against cargo's own view of the workspace.

#[path = "house/cycles.rs"]
mod cycles;
#[path = "house/fault_rows.rs"]
mod fault_rows;
#[path = "house/lengths.rs"]
mod lengths;

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
        ("ferry-text", &[][..]),
        ("ferry-model", &["ferry-text"]),
        ("ferry-storage", &["ferry-model"]),
        ("ferry-storage-fuzz", &["ferry-model", "ferry-storage"]),
        ("ferry-journal", &["ferry-model"]),
        ("ferry-vault", &["ferry-model"]),
        ("bench-sink", &[]),
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
        (
            "ferry-simulation",
            &["ferry-engine", "ferry-journal", "ferry-model", "ferry-storage", "ferry-vault"],
        ),
        ("ferry-cli", &["ferry-app"]),
        ("ferry-desktop", &["ferry-app"]),
        ("web-host", &["ferry-app"]),
        ("xtask", &[]),
        // What it compares with other people's work, it calls by itself: signers, stores, and
        // readers of other tools' settings. What dies at a point is an engine over its seams, and
        // what a kill leaves is read from the queue.
        (
            "acceptance",
            &[
                "ferry-app",
                "ferry-engine",
                "ferry-journal",
                "ferry-model",
                "ferry-sandbox",
                "ferry-simulation",
                "ferry-storage",
                "ferry-vault",
            ],
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
    let rooms: [(&str, &[&str]); 10] = [
        ("axum", &["web-host"]),
        ("crc-fast", &["ferry-model", "ferry-sandbox"]),
        ("fluent-bundle", &["ferry-text"]),
        ("reqwest", &["ferry-storage"]),
        ("quick-xml", &["ferry-storage", "ferry-sandbox"]),
        ("rusqlite", &["ferry-journal"]),
        ("keyring-core", &["ferry-vault"]),
        ("tauri", &["ferry-desktop"]),
        ("ts-rs", &["ferry-app", "ferry-model"]),
        ("clap", &["ferry-cli"]),
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
    let taken = [
        "crc-fast",
        "ferry-text",
        "hdrhistogram",
        "hex",
        "md-5",
        "serde",
        "ts-rs",
        "unicode-normalization",
        "zeroize",
    ];
    assert_eq!(model, taken);
    let text: Vec<&str> = imports["ferry-text"].iter().map(String::as_str).collect();
    assert_eq!(text, ["fluent-bundle", "serde", "unic-langid"]);
}

/// The features that a program's own build, without the rest of the workspace, gives the sandbox.
fn sandbox_features(program: &str) -> Vec<String> {
    let tree = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", program, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}:{f}", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&tree.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("ferry-sandbox "));
    let line = line.unwrap_or_else(|| panic!("{program} has no sandbox: {tree:?}"));
    let (_, features) = line.rsplit_once(':').expect("a format of two");
    features.trim_end_matches(" (*)").split(',').map(str::to_owned).collect()
}

#[test]
fn the_desktop_has_no_fault_script_ledger_or_callback_client() {
    assert_eq!(sandbox_features("ferry-cli"), ["testing"]);
    assert_eq!(sandbox_features("ferry-desktop"), [""]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/sandbox/src");
    let text = std::fs::read_to_string(root.join("lib.rs")).expect("the workspace can be read");
    let lines: Vec<&str> = text.lines().collect();
    for module in ["callback", "faults", "ledger", "play", "refusal", "script"] {
        let declared = format!("mod {module};");
        let at = lines.iter().position(|line| *line == declared);
        let at = at.unwrap_or_else(|| panic!("{declared} is not declared"));
        assert_eq!(lines[at - 1], "#[cfg(feature = \"testing\")]", "{declared}");
    }
}

/// The files that look at a secret, and why each has to.
const LOOK_AT_SECRETS: [(&str, &str); 11] = [
    ("crates/storage/src/signing/key.rs", "derives keys from it"),
    ("crates/storage/src/signing/redact.rs", "takes it out of what stores repeat"),
    ("crates/storage/src/signing/oss_v1.rs", "signs with it, and sends the token"),
    ("crates/storage/src/signing/oss_v4.rs", "sends the token"),
    ("crates/storage/src/signing/sigv4.rs", "sends the token"),
    ("crates/storage/src/client/proxy.rs", "signs in at a proxy with its password"),
    ("crates/vault/src/process/answer.rs", "refuses what cannot be a secret or a token"),
    ("crates/vault/src/secret_text.rs", "writes it into the keyring"),
    ("crates/app/src/import/mod.rs", "refuses a key that cannot be sent in a header"),
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

/// Every file below a folder that ends so, but for what is built or installed there.
fn files_ending(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the workspace can be read") {
        let path = entry.expect("the workspace can be read").path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            files_ending(&path, endings, found);
        } else if ending.is_some_and(|ending| endings.contains(&ending)) {
            found.push(path);
        }
    }
}

/// A file's name below a folder, with `/` on every system.
fn name_below(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).expect("below it").to_string_lossy().replace('\\', "/")
}

/// The code of a file without its modules of unit tests, wherever they stand in it. As rustfmt
/// writes it, such a module ends with a brace at the beginning of a line.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let module = lines.peek().filter(|next| next.contains("mod ") && !next.starts_with(' '));
        match (line, module) {
            ("#[cfg(test)]" | "#[cfg(all(test, unix))]", Some(module)) => {
                let declared_only = module.ends_with(';');
                lines.next();
                while !declared_only && lines.next().is_some_and(|line| line != "}") {}
            }
            _ => {
                code.push_str(line);
                code.push('\n');
            }
        }
    }
    code
}

#[test]
fn code_behind_tests_is_code() {
    let text = "a\n#[cfg(test)]\nmod tests;\nb\n#[cfg(test)]\nmod tests {\n    c\n}\nd\n#[cfg(test)]\nuse e;\n";
    assert_eq!(without_tests(text), "a\nb\nd\n#[cfg(test)]\nuse e;\n");
}

#[test]
fn secrets_are_looked_at_where_they_must_be_and_nowhere_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let looks = |path: &&PathBuf| {
        let text = std::fs::read_to_string(path).expect("the workspace can be read");
        without_tests(&text).lines().any(|line| {
            !line.trim_start().starts_with("//")
                && (line.contains(".expose()") || line.contains("::expose"))
        })
    };
    let found: BTreeSet<String> =
        files.iter().filter(looks).map(|path| name_below(&root, path)).collect();
    let allowed: BTreeSet<String> =
        LOOK_AT_SECRETS.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert!(files.len() > 50, "only {} files were read", files.len());
    assert_eq!(
        found, allowed,
        "a file that looks at secrets needs a reason in LOOK_AT_SECRETS; one that no longer does leaves the list"
    );
}

/// The files that know Chinese words, though they say none: consoles write them before an address,
/// and name regions; objects are named so.
const KNOW_CHINESE: [&str; 4] = [
    "crates/simulation/src/conformance/lists.rs",
    "crates/simulation/src/conformance/objects.rs",
    "crates/storage/src/endpoint/paste.rs",
    "crates/storage/src/endpoint/regions.rs",
];

#[test]
fn what_is_said_in_chinese_is_said_by_the_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.retain(|path| !path.to_string_lossy().ends_with("_tests.rs"));
    let says = |path: &&PathBuf| {
        let text = std::fs::read_to_string(path).expect("the workspace can be read");
        let code = without_tests(&text);
        let mut lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.any(|line| line.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
    };
    let found: BTreeSet<String> =
        files.iter().filter(says).map(|path| name_below(&root, path)).collect();
    let allowed: BTreeSet<String> = KNOW_CHINESE.map(str::to_owned).into();
    assert_eq!(found, allowed, "a text is a message of crates/text/messages");
}

/// The entry in the menus of Linux desktops as packages hold it.
#[cfg(target_os = "linux")]
#[test]
fn the_entry_in_menus_takes_files_and_is_well_formed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let config = std::fs::read_to_string(root.join("tauri.conf.json")).expect("is there");
    let template = "src-tauri/linux/ferry.desktop";
    assert_eq!(config.matches(template).count(), 2, "deb and rpm have the same entry");
    let entry = std::fs::read_to_string(root.join(template)).expect("is there");
    let entry: String = entry
        .lines()
        .filter(|line| !line.starts_with("{{#if") && !line.starts_with("{{/if"))
        .map(|line| format!("{line}\n"))
        .collect();
    let filled = [
        ("{{name}}", "Ferry"),
        ("{{comment}}", "Uploads"),
        ("{{exec}}", "ferry-desktop"),
        ("{{icon}}", "ferry-desktop"),
        ("{{categories}}", "Utility;"),
    ];
    let entry = filled.iter().fold(entry, |entry, (name, value)| entry.replace(name, value));
    assert!(entry.contains("\nExec=ferry-desktop %F\n") && !entry.contains("{{"), "{entry}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ferry.desktop");
    std::fs::write(&file, &entry).expect("writes");
    let told = std::process::Command::new("desktop-file-validate").arg(&file).output();
    let told = told.expect("`cargo xtask test` installs desktop-file-utils");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}
