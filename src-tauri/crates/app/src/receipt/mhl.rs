//! Media Hash Lists, version 2.0 of the American Society of Cinematographers: what film crews check
//! copies with (<https://github.com/ascmitc/mhl-specification>).
//!
//! A list names files below one folder, so the folder is the nearest that has them all above it.

use std::path::{Component, Path, PathBuf};

/// The folder that a list's paths stand below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Root(Option<PathBuf>);

impl Root {
    /// Widens it so that this file is below it.
    pub(super) fn take_in(&mut self, file: &Path) {
        let Some(folder) = file.parent() else { return };
        self.0 = Some(match &self.0 {
            None => folder.to_owned(),
            Some(root) => {
                let both = root.components().zip(folder.components());
                both.take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
            }
        });
    }

    /// The folder; empty where no file was taken in.
    pub(super) fn folder(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// A file's path below it, as lists write it; `None` for one that no list can name.
    pub(super) fn path_of(&self, file: &Path) -> Option<String> {
        let below = file.strip_prefix(self.folder()).ok()?;
        let names = below.components().map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        let path = names.collect::<Option<Vec<_>>>()?.join("/");
        (!path.is_empty() && path.chars().all(is_character)).then_some(path)
    }
}

/// A file in a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Its path below the root.
    pub(super) path: &'a str,
    /// Bytes.
    pub(super) size: u64,
    /// MD5 in hex.
    pub(super) md5: &'a str,
    /// When that was computed, in RFC 3339.
    pub(super) hashed: &'a str,
}

/// What a list begins with.
pub(super) fn head(created: &str, host: &str, comment: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <hashlist version=\"2.0\" xmlns=\"urn:ASC:MHL:v2.0\">\n\
         \x20 <creatorinfo>\n\
         \x20   <creationdate>{}</creationdate>\n\
         \x20   <hostname>{}</hostname>\n\
         \x20   <tool version=\"{}\">ferry</tool>\n\
         \x20   <comment>{}</comment>\n\
         \x20 </creatorinfo>\n\
         \x20 <processinfo>\n\
         \x20   <process>transfer</process>\n\
         \x20 </processinfo>",
        escaped(created),
        escaped(host),
        env!("CARGO_PKG_VERSION"),
        escaped(comment),
    )
}

/// What stands before the first entry.
pub(super) const BEFORE_ENTRIES: &str = "  <hashes>";
/// What stands behind the last.
pub(super) const AFTER_ENTRIES: &str = "  </hashes>";
/// What a list ends with.
pub(super) const TAIL: &str = "</hashlist>";

/// A file's lines.
pub(super) fn entry(entry: &Entry<'_>) -> String {
    format!(
        "    <hash>\n\
         \x20     <path size=\"{}\">{}</path>\n\
         \x20     <md5 action=\"original\" hashdate=\"{}\">{}</md5>\n\
         \x20   </hash>",
        entry.size,
        escaped(entry.path),
        escaped(entry.hashed),
        escaped(entry.md5),
    )
}

/// Whether XML 1.0 can hold a character (2.2). A carriage return would be read as a line feed.
fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|character| is_character(*character)) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_nearest_folder_above_all_files() {
        let root = |files: &[&str]| {
            let mut root = Root::default();
            files.iter().for_each(|file| root.take_in(Path::new(file)));
            root
        };
        for (files, folder) in [
            (&["/a/b/c.mov"][..], "/a/b"),
            (&["/a/b/c.mov", "/a/b/d/e.mov"], "/a/b"),
            (&["/a/b/c.mov", "/a/bb/e.mov"], "/a"),
            (&["/a/c.mov", "/b/e.mov"], "/"),
            (&[], ""),
        ] {
            assert_eq!(root(files).folder(), Path::new(folder), "{files:?}");
        }
        let root = root(&["/a/b/c.mov", "/a/d.mov"]);
        for (file, path) in [
            ("/a/b/c <1>.mov", Some("b/c <1>.mov")),
            ("/a", None),
            ("/c/d.mov", None),
            ("/a/b\u{1}.mov", None),
            ("/a/b\r.mov", None),
        ] {
            assert_eq!(root.path_of(Path::new(file)).as_deref(), path, "{file:?}");
        }
    }

    #[test]
    fn names_are_escaped() {
        let line = Entry { path: "a/<&>\".mov", size: 3, md5: "00ff", hashed: "now" };
        let text = entry(&line);
        assert!(text.contains(r#"<path size="3">a/&lt;&amp;&gt;&quot;.mov</path>"#), "{text}");
    }
}
