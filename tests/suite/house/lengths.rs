//! A file is about one thing, and is read in one go.

use std::path::Path;

use crate::{files_ending, name_below};

/// Lines of a file, at most.
const MOST_LINES: usize = 500;

/// What `cargo xtask bindings` writes.
const GENERATED: &str = "ui/src/bindings/";

#[test]
fn files_are_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["src-tauri", "tests", "ui/src", "ui/tests"] {
        files_ending(&root.join(folder), &["rs", "ts", "svelte"], &mut files);
    }
    let mut long = Vec::new();
    for path in &files {
        let name = name_below(&root, path);
        let text = std::fs::read_to_string(path).expect("the workspace can be read");
        let lines = text.lines().count();
        if lines > MOST_LINES && !name.starts_with(GENERATED) {
            long.push((lines, name));
        }
    }
    assert!(files.len() > 500, "only {} files were read", files.len());
    assert!(long.is_empty(), "split these, each by its second subject: {long:#?}");
}
