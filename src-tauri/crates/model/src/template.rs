//! Key templates: how a file's place and name become its object's key.

use unicode_normalization::UnicodeNormalization as _;

use crate::fault::{Fault, FaultKind};

/// What a profile has unless the user wrote another: the prefix, the folders below what was
/// dropped, the name.
pub const DEFAULT_TEMPLATE: &str = "{prefix}{dir}{name}";

/// A day of the user's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// As 2026.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// What is filled in.
#[derive(Debug, Clone, Copy)]
pub struct KeyParts<'a> {
    /// The profile's or the destination's prefix.
    pub prefix: &'a str,
    /// The path below what was dropped; the last component is the file's name.
    pub components: &'a [&'a str],
    /// The day the batch was made, in local time.
    pub day: Day,
    /// The first eight hex digits of the file's SHA-256; empty where the template has no `{hash8}`.
    pub hash8: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Prefix,
    Dir,
    Name,
    Stem,
    Ext,
    Year,
    Month,
    Day,
    Hash8,
}

/// The names a template may hold, with the field each stands for.
const FIELDS: &[(&str, Piece)] = &[
    ("prefix", Piece::Prefix),
    ("dir", Piece::Dir),
    ("name", Piece::Name),
    ("stem", Piece::Stem),
    ("ext", Piece::Ext),
    ("yyyy", Piece::Year),
    ("mm", Piece::Month),
    ("dd", Piece::Day),
    ("hash8", Piece::Hash8),
];

/// A template that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplate(Vec<Piece>);

impl Default for KeyTemplate {
    fn default() -> Self {
        Self(vec![Piece::Prefix, Piece::Dir, Piece::Name])
    }
}

impl KeyTemplate {
    /// Reads a template. `{{` and `}}` stand for the braces themselves; an empty text is
    /// [`DEFAULT_TEMPLATE`].
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for an unknown field, an open brace, or a template that would
    /// give every file the same key.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let wrong =
            |why: String| Fault::new(FaultKind::InvalidInput).with_subject(text).with_detail(why);
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let tail = &rest[at..];
            if let Some(after) = tail.strip_prefix("{{").or_else(|| tail.strip_prefix("}}")) {
                plain.push_str(&tail[..1]);
                rest = after;
                continue;
            }
            let field = tail.strip_prefix('{').and_then(|tail| tail.split_once('}'));
            let Some((name, after)) = field else {
                return Err(wrong(
                    "a brace stands alone; write {{ or }} for the sign itself".into(),
                ));
            };
            let Some((_, piece)) = FIELDS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<String> =
                    FIELDS.iter().map(|(name, _)| format!("{{{name}}}")).collect();
                return Err(wrong(format!("{{{name}}} is none of {}", known.join(" "))));
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece.clone());
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Name | Piece::Stem | Piece::Hash8)) {
            return Err(wrong(
                "without {name}, {stem} or {hash8} every file would get the same key".into(),
            ));
        }
        Ok(Self(pieces))
    }

    /// Whether it holds `{hash8}`: each file is then read once before it is queued.
    pub fn wants_hash(&self) -> bool {
        self.0.contains(&Piece::Hash8)
    }

    /// Whether the day the batch was made stands in every key.
    pub fn tells_day(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Year | Piece::Month | Piece::Day))
    }

    /// Whether every key begins with the prefix.
    pub fn begins_with_prefix(&self) -> bool {
        self.0.first() == Some(&Piece::Prefix)
    }

    /// The key of one file.
    pub fn key(&self, parts: &KeyParts<'_>) -> String {
        let (name, folders) =
            parts.components.split_last().map_or(("", &[][..]), |(name, folders)| (*name, folders));
        let (stem, ext) = split_extension(name);
        let mut key = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => key.push_str(text),
                Piece::Prefix => {
                    key.push_str(parts.prefix);
                    if !parts.prefix.is_empty() && !parts.prefix.ends_with('/') {
                        key.push('/');
                    }
                }
                Piece::Dir => folders.iter().for_each(|folder| {
                    key.push_str(folder);
                    key.push('/');
                }),
                Piece::Name => key.push_str(name),
                Piece::Stem => key.push_str(stem),
                Piece::Ext => key.push_str(ext),
                Piece::Year => key.push_str(&format!("{:04}", parts.day.year)),
                Piece::Month => key.push_str(&format!("{:02}", parts.day.month)),
                Piece::Day => key.push_str(&format!("{:02}", parts.day.day)),
                Piece::Hash8 => key.push_str(parts.hash8),
            }
        }
        key
    }
}

/// Name and extension with its dot. A leading dot is no extension.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// A name in Unicode's composed form (NFC), as every other system writes it: macOS hands out names
/// decomposed, and `é` of two characters is another key than `é` of one.
pub fn composed(name: &str) -> String {
    name.nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(template: &str, prefix: &str, components: &[&str]) -> String {
        let day = Day { year: 2026, month: 3, day: 9 };
        KeyTemplate::parse(template).expect(template).key(&KeyParts {
            prefix,
            components,
            day,
            hash8: "0a1b2c3d",
        })
    }

    #[test]
    fn fields_are_filled_in() {
        for (template, prefix, components, expected) in [
            ("", "p", &["a", "b.txt"][..], "p/a/b.txt"),
            (DEFAULT_TEMPLATE, "p/", &["b.txt"], "p/b.txt"),
            (DEFAULT_TEMPLATE, "", &["a", "b"], "a/b"),
            ("{prefix}{yyyy}/{mm}/{dd}/{name}", "p//", &["x", "b.txt"], "p//2026/03/09/b.txt"),
            ("{stem}-{hash8}{ext}", "p", &["照片.tar.gz"], "照片.tar-0a1b2c3d.gz"),
            ("{stem}{ext}", "", &[".env"], ".env"),
            ("{{{name}}}", "", &["n"], "{n}"),
        ] {
            assert_eq!(key(template, prefix, components), expected, "{template}");
        }
    }

    #[test]
    fn a_template_that_cannot_work_is_refused() {
        for text in
            ["{nam}", "{name", "name}", "{prefix}{dir}", "fixed.bin", "{}{name}", "{yyyy}/{ext}"]
        {
            assert_eq!(
                KeyTemplate::parse(text).expect_err(text).kind,
                FaultKind::InvalidInput,
                "{text}"
            );
        }
    }

    #[test]
    fn names_are_composed() {
        assert_eq!(composed("e\u{301}te\u{301}"), "été");
        assert_eq!(composed("照片"), "照片");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_the_default_is_join(text in ".*", prefix in "[a-z/]{0,6}", names in prop::collection::vec("[^/]{1,8}", 1..4)) {
            let _ = KeyTemplate::parse(&text);
            let components: Vec<&str> = names.iter().map(String::as_str).collect();
            prop_assert_eq!(key("", &prefix, &components), crate::key::join(&prefix, &components));
        }
    }
}
