//! Percent-encoding as the signatures want it (OSS and S3: "canonical request"): everything but
//! `A-Za-z0-9-_.~` becomes `%XX` of its UTF-8 bytes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Encodes a query name or value.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// Encodes a path: as [`encode`], but `/` stays.
pub fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// What a `+` stands for in an encoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plus {
    /// Itself, as in a path.
    Literal,
    /// A space, as in `encoding-type=url` answers.
    Space,
}

/// Decodes, or `None` if the result is no UTF-8.
pub fn decode(text: &str, plus: Plus) -> Option<String> {
    let spaced = match plus {
        Plus::Literal => text.to_owned(),
        Plus::Space => text.replace('+', " "),
    };
    percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
}

/// The pairs as a query string, without the `?`: a name alone where the value is empty.
pub fn query_string(pairs: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| match value.as_str() {
        "" => encode(name),
        value => format!("{}={}", encode(name), encode(value)),
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("a-z_.~/ +%照"), "a-z_.~%2F%20%2B%25%E7%85%A7");
        assert_eq!(encode_path("a//b/../c/./%2e+?#😀"), "a//b/../c/./%252e%2B%3F%23%F0%9F%98%80");
        assert_eq!(decode("oss%2Ftest+%2B.avi", Plus::Space).as_deref(), Some("oss/test +.avi"));
        assert_eq!(decode("a+b", Plus::Literal).as_deref(), Some("a+b"));
        assert_eq!(decode("%ff", Plus::Literal), None);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let (query, path) = (encode(&text), encode_path(&text));
            prop_assert_eq!(decode(&query, Plus::Space), Some(text.clone()));
            prop_assert_eq!(decode(&path, Plus::Literal), Some(text));
            let safe = |c: char| c.is_ascii_alphanumeric() || "-_.~%".contains(c);
            prop_assert!(query.chars().all(safe));
            prop_assert!(path.chars().all(|c| safe(c) || c == '/'));
        }

        #[test]
        fn any_query_comes_back(pairs in proptest::collection::vec((any::<String>(), any::<String>()), 0..6)) {
            let wire = query_string(&pairs);
            let back: Vec<(String, String)> = wire
                .split('&')
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name, Plus::Literal).unwrap(), decode(value, Plus::Literal).unwrap()))
                .collect();
            if !pairs.is_empty() {
                prop_assert_eq!(back, pairs);
            }
        }
    }
}
