//! Object keys: how a file's path becomes one, and which are refused before any request.

use ferry_text::{Text, message};

use crate::fault::{Fault, FaultKind};
use crate::profile::Provider;

/// Most bytes of an OSS key.
pub const OSS_KEY_BYTES: usize = 1023;
/// Most bytes of an S3 key.
pub const S3_KEY_BYTES: usize = 1024;

/// The key of a file: the prefix as it stands, then the path's components below what was dropped,
/// joined by `/`.
///
/// A prefix that does not end in `/` gets none added where it is empty; otherwise one is added, as
/// users of the peers expect a folder: `photos` + `a.jpg` is `photos/a.jpg`.
pub fn join(prefix: &str, components: &[&str]) -> String {
    let tail = components.join("/");
    if prefix.is_empty() || prefix.ends_with('/') {
        format!("{prefix}{tail}")
    } else {
        format!("{prefix}/{tail}")
    }
}

/// Checks a key against the service's rules.
///
/// # Errors
/// [`FaultKind::KeyInvalid`]: empty, too long in bytes, or beginning with `/` or `\`. S3 itself
/// allows such a beginning, but what lands there can hardly be found again with any tool, so both
/// are refused. So is a segment `.` or `..`: URL types, browsers, curl and several stores rewrite
/// it, so such an object could be uploaded but never linked to.
pub fn check(provider: Provider, key: &str) -> Result<(), Fault> {
    let limit = match provider {
        Provider::Oss => OSS_KEY_BYTES,
        // One limit for both keeps a tree movable between stores; S3's extra byte is given away.
        Provider::S3 => S3_KEY_BYTES.min(OSS_KEY_BYTES),
    };
    let why = if key.is_empty() {
        "it is empty".to_owned()
    } else if key.len() > limit {
        format!("it has {} bytes; {limit} are allowed", key.len())
    } else if key.starts_with(['/', '\\']) {
        "it begins with / or \\".to_owned()
    } else if key.split('/').any(|segment| matches!(segment, "." | "..")) {
        "it has a folder or name that is . or .., which no link can hold".to_owned()
    } else {
        return Ok(());
    };
    let shown: String = if key.chars().count() > 80 {
        key.chars().take(77).chain("…".chars()).collect()
    } else {
        key.to_owned()
    };
    Err(Fault::new(FaultKind::KeyInvalid).with_subject(shown).with_detail(why))
}

/// What to know about a prefix or a template, though nothing is wrong with it.
pub fn remark(text: &str) -> Option<Text> {
    text.contains("//").then(|| message::remark_two_slashes(text))
}

/// The folder that holds two folders and all between them, without a `/` at its end; empty where
/// that is the bucket. Folders end with `/`; the bucket's own is empty.
pub fn common_folder<'a>(first: &'a str, last: &str) -> &'a str {
    let alike = first.bytes().zip(last.bytes()).take_while(|(one, other)| one == other).count();
    let end = first.as_bytes()[..alike].iter().rposition(|byte| *byte == b'/');
    end.map_or("", |end| &first[..end])
}

/// The `n`-th other name for a key whose name is taken: `a/b.tar` becomes `a/b (2).tar`. A leading
/// dot is no extension.
pub fn renamed(key: &str, n: u32) -> String {
    let (folder, name) = key.rfind('/').map_or(("", key), |at| key.split_at(at + 1));
    match name.rfind('.') {
        Some(dot) if dot > 0 => format!("{folder}{} ({n}){}", &name[..dot], &name[dot..]),
        _ => format!("{folder}{name} ({n})"),
    }
}

/// The key that was taken when this name was given by [`renamed`], if it can be one of that kind.
pub fn before_renaming(key: &str) -> Option<String> {
    let open = key.rfind(" (")?;
    let (digits, tail) = key[open + 2..].split_once(')')?;
    let n: u32 = digits.parse().ok().filter(|n| *n >= 2)?;
    let original = format!("{}{tail}", &key[..open]);
    (renamed(&original, n) == key).then_some(original)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_join_and_rename() {
        assert_eq!(join("", &["a", "b.txt"]), "a/b.txt");
        assert_eq!(join("p", &["b.txt"]), "p/b.txt");
        assert_eq!(join("p//", &["b.txt"]), "p//b.txt");
        for (key, other) in [
            ("a/b.txt", "a/b (2).txt"),
            ("b", "b (2)"),
            ("a.b/.env", "a.b/.env (2)"),
            ("x.tar.gz", "x.tar (2).gz"),
        ] {
            assert_eq!(renamed(key, 2), other);
            assert_eq!(before_renaming(other).as_deref(), Some(key));
        }
        for key in ["b.txt", "a (1).txt", "a (x).txt", "a (2)b.txt", "a (2", "a (02).txt"] {
            assert_eq!(before_renaming(key), None, "{key}");
        }
    }

    #[test]
    fn folders_have_another_in_common() {
        for (first, last, common) in [
            ("a/b/", "a/b/", "a/b"),
            ("a/b/", "a/bc/", "a"),
            ("a/", "a/b/", "a"),
            ("", "a/", ""),
            ("", "", ""),
            // They begin with the same byte, and are no folder inside another.
            ("照片/", "照相/", ""),
            ("照片/一/", "照片/丁/", "照片"),
        ] {
            assert_eq!(common_folder(first, last), common, "{first} {last}");
        }
    }

    #[test]
    fn limits_count_bytes_not_characters() {
        assert!(check(Provider::Oss, &"a".repeat(1023)).is_ok());
        assert!(check(Provider::Oss, &"a".repeat(1024)).is_err());
        assert!(check(Provider::Oss, &"影".repeat(341)).is_ok());
        assert!(check(Provider::Oss, &"影".repeat(342)).is_err());
        for key in ["", "/a", "\\a", ".", "a/..", "./a", "a/../b"] {
            assert_eq!(check(Provider::S3, key).expect_err("refused").kind, FaultKind::KeyInvalid);
        }
        assert_eq!((remark("a/b/").is_some(), remark("a//b/").is_some()), (false, true));
        for key in ["a//b", "...", "a/.b/b.", "a/%2e%2e/b"] {
            assert!(check(Provider::S3, key).is_ok(), "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_renamed_key_stays_in_its_folder_and_differs(key in "\\PC{1,40}", n in 2u32..99) {
            let other = renamed(&key, n);
            prop_assert_ne!(&other, &key);
            prop_assert_eq!(other.rfind('/'), key.rfind('/'));
        }
    }
}
