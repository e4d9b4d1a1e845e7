//! The documentation: pages that are made from the program, and the site.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::files::read;
use crate::packages;
use crate::process::{Failure, Outcome, built, cargo, finish, root, say, target_directory};
use crate::tools::tool;

/// The books, each with its folder in the site.
const BOOKS: [(&str, &str); 2] = [("en", ""), ("zh-CN", "zh-CN")];
/// Pictures that the tests of the page compare: the guide shows these, so they are never stale.
const PICTURES: &str = "ui/tests/pictures";

/// Writes the pages that are made from the program, and builds the site.
///
/// # Errors
/// Where the program does not compile, a page cannot be written, or a link leads nowhere.
pub(crate) fn write() -> Outcome {
    packages::install(packages::TO_BUILD)?;
    for (name, text) in generate()? {
        let path = committed().join(&name);
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            store(&path, text)?;
            say(format!("Docs: wrote {name}"));
        }
    }
    let site = build_site()?;
    say(format!("Docs: open {}", site.join("index.html").display()));
    Ok(())
}

/// Compares the pages in the repository with the program as it is, and builds the site.
///
/// # Errors
/// Where a page differs or is missing, or a link leads nowhere.
pub(crate) fn check() -> Outcome {
    let is_stale = |name: &String, text: &String| {
        std::fs::read_to_string(committed().join(name)).ok().as_ref() != Some(text)
    };
    let fresh = generate()?;
    let stale: Vec<&str> = fresh
        .iter()
        .filter(|(name, text)| is_stale(name, text))
        .map(|(name, _)| name.as_str())
        .collect();
    if !stale.is_empty() {
        return Err(Failure(format!(
            "docs is not what the program says ({}): run `cargo xtask docs`",
            stale.join(", ")
        )));
    }
    build_site().map(drop)
}

fn committed() -> PathBuf {
    root().join("docs")
}

/// Name below `docs` and text of each page that is made from the program.
fn generate() -> Outcome<BTreeMap<String, String>> {
    // All of the workspace, as the tests build it: nothing is built for this alone.
    finish(&mut cargo(&["build", "--quiet", "--workspace", "--example", "reference"]))?;
    let folder = empty(target_directory()?.join("tmp/docs-now"))?;
    let program = built(&format!("examples{}reference", std::path::MAIN_SEPARATOR))?;
    finish(std::process::Command::new(program).arg(committed()).arg(&folder))?;
    files(&folder)?
        .into_iter()
        .map(|name| Ok((slashes(&name), read(&folder.join(&name))?)))
        .collect()
}

/// Both books as one site; its folder.
fn build_site() -> Outcome<PathBuf> {
    let (staged, site) =
        (empty(target_directory()?.join("tmp/docs-staged"))?, target_directory()?.join("docs"));
    for (book, below) in BOOKS {
        for name in files(&committed().join(book))? {
            let from = committed().join(book).join(&name);
            let to = staged.join(book).join(&name);
            if name.extension().is_some_and(|extension| extension == "md") {
                let text = linked(&read(&from)?, &|target| follow(target, book, &from, &staged))?;
                store(&to, text)?;
            } else {
                copy(&from, &to)?;
            }
        }
        // The first one empties the whole site.
        finish(
            tool("mdbook")?.arg("build").arg(staged.join(book)).arg("-d").arg(site.join(below)),
        )?;
    }
    Ok(site)
}

/// Where a link of a page leads in the site. What lies outside of the book is brought into it, or
/// is the other book's.
fn follow(target: &str, book: &str, page: &Path, staged: &Path) -> Outcome<String> {
    let (path, place) = target.split_once('#').map_or((target, None), |(a, b)| (a, Some(b)));
    let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
    if is_elsewhere || path.is_empty() {
        return Ok(target.to_owned());
    }
    let folder = page.parent().unwrap_or(page);
    let found = resolved(&folder.join(path));
    let broken = || Failure(format!("{}: {target} leads nowhere", page.display()));
    if !found.is_file() {
        return Err(broken());
    }
    let sources = committed().join(book).join("src");
    if found.starts_with(&sources) {
        return Ok(target.to_owned());
    }
    // Back to the beginning of the book.
    let depth = folder.strip_prefix(&sources).map_err(|_| broken())?.components().count();
    let up = "../".repeat(depth);
    if let Ok(picture) = found.strip_prefix(root().join(PICTURES)) {
        let name = slashes(picture);
        copy(&found, &staged.join(book).join("src/pictures").join(picture))?;
        return Ok(format!("{up}pictures/{name}"));
    }
    for (other, below) in BOOKS {
        let Ok(page) = found.strip_prefix(committed().join(other).join("src")) else { continue };
        let page = if page.ends_with("README.md") {
            page.with_file_name("index.html")
        } else {
            page.with_extension("html")
        };
        let (_, own) = BOOKS.iter().find(|(name, _)| *name == book).ok_or_else(broken)?;
        let up = format!("{up}{}", if own.is_empty() { "" } else { "../" });
        let below = if below.is_empty() { String::new() } else { format!("{below}/") };
        let place = place.map(|place| format!("#{place}")).unwrap_or_default();
        return Ok(format!("{up}{below}{}{place}", slashes(&page)));
    }
    Err(Failure(format!("{}: {target} is no part of the site", page.display())))
}

/// The text with each link as `follow` says. A link is what stands in `](…)`.
fn linked(text: &str, follow: &dyn Fn(&str) -> Outcome<String>) -> Outcome<String> {
    let mut shown = String::with_capacity(text.len());
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        is_code ^= line.trim_start().starts_with("```");
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("](").filter(|_| !is_code) {
            let Some((target, after)) = after.split_once(')') else { break };
            shown.push_str(&format!("{before}]({})", follow(target)?));
            rest = after;
        }
        shown.push_str(rest);
    }
    Ok(shown)
}

/// A path without `.` and `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(found.pop()),
            Component::CurDir => {}
            part => found.push(part),
        }
    }
    found
}

/// A folder with nothing in it.
fn empty(folder: PathBuf) -> Outcome<PathBuf> {
    let failed = |error| Failure(format!("{} cannot be emptied: {error}", folder.display()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    std::fs::create_dir_all(&folder).map_err(failed)?;
    Ok(folder)
}

/// The names of all files below a folder.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let at = folder.join(&below);
        let unreadable = |error| Failure(format!("{} cannot be read: {error}", at.display()));
        for entry in std::fs::read_dir(&at).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = below.join(entry.file_name());
            if entry.path().is_dir() { folders.push(name) } else { found.push(name) }
        }
    }
    found.sort();
    Ok(found)
}

fn store(path: &Path, text: String) -> Outcome {
    let failed = |error| Failure(format!("{} cannot be written: {error}", path.display()));
    std::fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
    std::fs::write(path, text).map_err(failed)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    let failed = |error| Failure(format!("{} cannot be written: {error}", to.display()));
    std::fs::create_dir_all(to.parent().unwrap_or(to)).map_err(failed)?;
    std::fs::copy(from, to).map(drop).map_err(failed)
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_but_not_in_code() {
        let text = "[a](b.md) and ![c](../d.png)\n```\n[e](f)\n```\n[g](h";
        let shown = linked(text, &|target| Ok(format!("<{target}>")));
        let expected = "[a](<b.md>) and ![c](<../d.png>)\n```\n[e](f)\n```\n[g](h";
        assert_eq!(shown.ok().as_deref(), Some(expected));
    }

    #[test]
    fn paths_are_resolved() {
        assert_eq!(resolved(Path::new("/a/b/../c/./d")), Path::new("/a/c/d"));
    }
}
