//! Writes the pages of `docs` that are made from the program: the command line's options, the list
//! of faults in each language, the table and the picture of the state machine.
//! `cargo xtask docs` runs it: `reference DOCS TO`.
//!
//! What stands before the line [`MARK`] in the page of `DOCS` is written by people, and kept.

#[allow(dead_code, unused_imports, reason = "of the grammar, only its description is used here")]
#[path = "../../src/args/mod.rs"]
mod args;
mod commands;
#[path = "../../src/exit.rs"]
mod exit;
mod faults;
mod machine;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use ferry_app::model::Language;

/// Ends what people wrote in a page.
const MARK: &str = "<!-- What follows is written by `cargo xtask docs`. -->\n";

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [docs, to] = folders.as_slice() else { return Err("from where, and to where?".into()) };
    let mut pages = vec![
        ("en/src/reference/commands.md".to_owned(), commands::page(args::Arguments::command())),
        ("en/src/contributing/machine.md".to_owned(), machine::tables()),
    ];
    // A language may have its messages before it has a book.
    for language in Language::ALL.iter().filter(|language| docs.join(language.tag()).is_dir()) {
        let page = format!("{}/src/reference/errors.md", language.tag());
        pages.push((page, faults::page(*language)));
    }
    for (page, text) in pages {
        let old = docs.join(&page);
        let old = std::fs::read_to_string(&old)
            .map_err(|error| format!("{} cannot be read: {error}", old.display()))?;
        let (by_people, _) =
            old.split_once(MARK).ok_or_else(|| format!("{page} lacks the line {MARK}"))?;
        write(&to.join(page), &format!("{by_people}{MARK}\n{}\n", text.trim_end()))?;
    }
    write(&to.join("en/src/contributing/machine.svg"), &machine::picture()?)?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
    Ok(std::fs::write(path, text)?)
}
