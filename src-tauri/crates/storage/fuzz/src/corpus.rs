//! The kept inputs and words.

use std::path::{Path, PathBuf};

use crate::Target;

/// The folder of all groups.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs kept for a target, with their files, by name.
///
/// # Panics
/// Where one cannot be read: the corpus is part of the sources.
pub fn inputs(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = directory().join(target.group).join(target.name);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let bytes =
            std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file, bytes)
    };
    files.into_iter().map(read).collect()
}

/// The words of a group, from a dictionary in libFuzzer's form: a line is `"word"`, with `\xNN`,
/// `\\` and `\"`, or a comment after `#`.
///
/// # Panics
/// Where the file or a line of it cannot be read.
pub fn words(group: &str) -> Vec<Vec<u8>> {
    let file = directory().join(format!("{group}.dict"));
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| word(line).unwrap_or_else(|| panic!("{}: `{line}` is no word", file.display())))
        .collect()
}

fn word(line: &str) -> Option<Vec<u8>> {
    let mut rest = line.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let mut bytes = Vec::new();
    while let [first, tail @ ..] = rest {
        let (byte, after) = match (first, tail) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                (u8::from_str_radix(std::str::from_utf8(&[*high, *low]).ok()?, 16).ok()?, after)
            }
            (b'\\', [escaped @ (b'\\' | b'"'), after @ ..]) => (*escaped, after),
            (b'\\' | b'"', _) => return None,
            (plain, after) => (*plain, after),
        };
        bytes.push(byte);
        rest = after;
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_libfuzzer_does() {
        for (line, bytes) in [
            (r#""<Error>""#, Some(b"<Error>".as_slice())),
            (r#""a\"b\\c\x00\xEf""#, Some(b"a\"b\\c\0\xef")),
            (r#""""#, None),
            (r#""a"b""#, None),
            (r#""\n""#, None),
            (r#""\x1""#, None),
            ("word", None),
        ] {
            assert_eq!(word(line).as_deref(), bytes, "{line}");
        }
    }
}
