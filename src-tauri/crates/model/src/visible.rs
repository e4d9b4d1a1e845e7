//! Text from outside, with what cannot be seen made visible: it must not move a cursor, forge a
//! line, or read in another order than it is written.
//!
//! The window shows names by the same rule (`ui/src/text/visible.ts`); `ui/src/text/visible.json`
//! holds both to it.

use std::fmt::Write as _;

/// Characters that show nothing or change how their neighbours are shown, as ranges in order.
///
/// The zero-width joiner and the variation selectors stay: emoji are built with them.
const HIDDEN: &[(char, char)] = &[
    ('\u{0}', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200c}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e007f}'),
];

/// Whether a character shows nothing, or changes how its neighbours are shown.
pub fn is_hidden(c: char) -> bool {
    // The most frequent characters need no search.
    if (' '..='~').contains(&c) {
        return false;
    }
    let after = HIDDEN.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= HIDDEN[after - 1].1
}

/// The text with a stand-in for each hidden character: the control pictures `␀` to `␡`, and
/// `⟨U+202E⟩` for all others.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            _ if !is_hidden(c) => shown.push(c),
            code @ 0..0x20 => shown.extend(char::from_u32(0x2400 + code)),
            0x7f => shown.push('\u{2421}'),
            code => write!(shown, "\u{27e8}U+{code:04X}\u{27e9}").expect("a string takes all"),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Rule {
        hidden: Vec<(String, String)>,
        names: Vec<Name>,
    }

    #[derive(Deserialize)]
    struct Name {
        name: String,
        shown: String,
    }

    fn rule() -> Rule {
        let text = include_str!("../../../../ui/src/text/visible.json");
        serde_json::from_str(text).expect("the rule can be read")
    }

    #[test]
    fn every_character_is_hidden_or_not_as_in_the_window() {
        let rule = rule();
        let ranges: Vec<(u32, u32)> = rule
            .hidden
            .iter()
            .map(|(first, last)| {
                let code = |hex| u32::from_str_radix(hex, 16).expect("a code point");
                (code(first), code(last))
            })
            .collect();
        for c in '\u{0}'..=char::MAX {
            let code = u32::from(c);
            let expected = ranges.iter().any(|(first, last)| (*first..=*last).contains(&code));
            assert_eq!(is_hidden(c), expected, "U+{code:04X}");
        }
    }

    #[test]
    fn names_are_shown_as_in_the_window() {
        for Name { name, shown } in rule().names {
            assert_eq!(visible(&name), shown, "{name:?}");
        }
    }
}
