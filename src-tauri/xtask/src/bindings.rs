//! The TypeScript twins of the window's messages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::prepare::{self, Purpose};
use crate::process::{Failure, Outcome, cargo, output, root, say, target_directory};

/// Writes them into the UI's sources, and takes away those whose type is gone.
///
/// # Errors
/// Where the messages do not compile or the files cannot be written.
pub(crate) fn write() -> Outcome {
    prepare::machine(Purpose::Window)?;
    let folder = committed();
    let fresh = generate()?;
    let failed = |error| Failure(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let old = read(&folder)?;
    for gone in old.keys().filter(|name| !fresh.contains_key(*name)) {
        std::fs::remove_file(folder.join(gone)).map_err(failed)?;
    }
    for (name, text) in fresh.iter().filter(|(name, text)| old.get(*name) != Some(text)) {
        std::fs::write(folder.join(name), text).map_err(failed)?;
        say(format!("Bindings: wrote {name}"));
    }
    say(format!("Bindings: {} files are current", fresh.len()));
    Ok(())
}

/// Compares those in the repository with the messages as they are.
///
/// # Errors
/// Where one differs, is missing, or has no type any more.
pub(crate) fn check() -> Outcome {
    let (fresh, old) = (generate()?, read(&committed())?);
    let names: BTreeSet<&String> = fresh.keys().chain(old.keys()).collect();
    let stale: Vec<&str> = names
        .into_iter()
        .filter(|name| fresh.get(*name) != old.get(*name))
        .map(String::as_str)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure(format!(
        "ui/src/bindings is not what the messages say ({}): run `cargo xtask bindings`",
        stale.join(", ")
    )))
}

fn committed() -> PathBuf {
    root().join("ui/src/bindings")
}

/// File name and text of each. They are written by tests that ts-rs adds, whose names hold
/// `export_bindings`.
fn generate() -> Outcome<BTreeMap<String, String>> {
    let folder = target_directory()?.join("tmp/bindings-now");
    // What an earlier run left would hide a type that is gone.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Failure(format!("{} cannot be removed: {error}", folder.display())))?;
    }
    let mut command = cargo(&["test", "--quiet", "--workspace", "--lib", "export_bindings"]);
    output(command.env("TS_RS_EXPORT_DIR", &folder))?;
    read(&folder)
}

fn read(folder: &Path) -> Outcome<BTreeMap<String, String>> {
    let unreadable = |error| Failure(format!("{} cannot be read: {error}", folder.display()));
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "ts") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).map_err(unreadable)?);
        }
    }
    if files.is_empty() {
        Err(Failure(format!("{} holds no bindings", folder.display())))
    } else {
        Ok(files)
    }
}
