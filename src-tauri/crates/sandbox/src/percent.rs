//! Percent-encoding as the signatures define it: unreserved is `A-Za-z0-9-_.~`, all else `%XX` of
//! the UTF-8 bytes. Decoding happens exactly once and tidies nothing (as the vendors' SDKs encode).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const ESCAPED_BUT_SLASH: &AsciiSet = &ESCAPED.remove(b'/');

/// What a literal `+` means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Itself, as in a path.
    Literal,
    /// A space, as in a query.
    Space,
}

/// Encodes a query name or value: `/` is escaped too.
pub(crate) fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, ESCAPED).to_string()
}

/// Encodes a path: `/` stays.
pub(crate) fn encode_path(bytes: &[u8]) -> String {
    percent_encode(bytes, ESCAPED_BUT_SLASH).to_string()
}

/// Decodes once. `None` when an escape is cut or not hexadecimal, or the result is not UTF-8.
pub(crate) fn decode(text: &str, plus: Plus) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                let high = char::from(*bytes.get(at + 1)?).to_digit(16)?;
                let low = char::from(*bytes.get(at + 2)?).to_digit(16)?;
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            b'+' if plus == Plus::Space => {
                out.push(b' ');
                at += 1;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once_and_tidies_nothing() {
        for (wire, key) in [
            ("a//b/../c/./d/", "a//b/../c/./d/"),
            ("a%2Bb+c", "a+b+c"),
            ("c%2520d%25", "c%20d%"),
            ("%E7%85%A7", "照"),
            ("%F0%9F%98%80", "😀"),
        ] {
            assert_eq!(decode(wire, Plus::Literal).as_deref(), Some(key));
        }
        assert_eq!(decode("a+b", Plus::Space).as_deref(), Some("a b"));
        for broken in ["%", "%4", "%zz", "%FF"] {
            assert_eq!(decode(broken, Plus::Literal), None, "{broken}");
        }
    }

    #[test]
    fn encodes_all_but_unreserved() {
        assert_eq!(encode("a/b c+~".as_bytes()), "a%2Fb%20c%2B~");
        assert_eq!(encode_path("/a/照".as_bytes()), "/a/%E7%85%A7");
    }
}
