//! Takes secrets, tokens and signatures out of texts that are kept or shown. It stands here because
//! it has to look at them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ferry_model::Credentials;

use crate::percent;

/// What stands for what was taken out.
const MASK: &str = "…";

/// Names whose values are never shown, wherever they come from: in headers, queries and XML alike.
const NAMES: &[&str] = &[
    "x-oss-security-token",
    "x-amz-security-token",
    "security-token",
    "x-oss-signature",
    "x-amz-signature",
    "signature",
    "authorization",
];

/// `text` without the secret, the token and the signature (if one is given) in any encoding a store
/// may repeat them in, and without the values of names that always hold such things.
pub fn redact(text: &str, credentials: &Credentials, signature: Option<&str>) -> String {
    let secrets = [Some(&credentials.access_key_secret), credentials.security_token.as_ref()];
    let mut clean = text.to_owned();
    for secret in secrets.into_iter().flatten().map(|secret| secret.expose()).chain(signature) {
        for spelling in spellings(secret) {
            clean = clean.replace(&spelling, MASK);
        }
    }
    without_named(&clean)
}

/// A secret as it may come back: itself, percent-encoded in both cases, as a form has it, in base64
/// and in hex.
fn spellings(secret: &str) -> Vec<String> {
    if secret.is_empty() {
        return Vec::new();
    }
    let encoded = percent::encode(secret);
    let hexed = hex::encode(secret);
    let spaced: Vec<String> = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    let mut all = vec![
        secret.to_owned(),
        lower_escapes(&encoded),
        encoded.replace("%20", "+"),
        encoded,
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hexed.to_uppercase(),
        spaced.join(" ").to_lowercase(),
        spaced.join(" "),
        hexed,
    ];
    all.dedup();
    all
}

/// `%2f` for `%2F`.
fn lower_escapes(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (escape, rest) = piece.split_at(piece.len().min(2));
        lower.push('%');
        lower.push_str(&escape.to_lowercase());
        lower.push_str(rest);
    }
    lower
}

fn without_named(text: &str) -> String {
    // ASCII only, so that places in it are places in the text.
    let lower = text.to_ascii_lowercase();
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match value_at(&lower, at) {
            Some((begin, end)) => {
                clean.push_str(&text[at..begin]);
                clean.push_str(MASK);
                at = end;
            }
            None => {
                let next = text[at..].chars().next().map_or(1, char::len_utf8);
                clean.push_str(&text[at..at + next]);
                at += next;
            }
        }
    }
    clean
}

/// Where the value of a name that begins at `at` begins and ends. A name stands alone, and `=`,
/// `:`, or one of them percent-encoded follows.
fn value_at(lower: &str, at: usize) -> Option<(usize, usize)> {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if at > 0 && is_inner(lower.as_bytes()[at - 1]) {
        return None;
    }
    let name = NAMES.iter().find(|name| lower[at..].starts_with(**name))?;
    let after = &lower[at + name.len()..];
    let separator = ["=", ":", "%3d", "%3a", "\":", "\" :"]
        .iter()
        .find(|separator| after.starts_with(**separator))?;
    let mut begin = at + name.len() + separator.len();
    begin += lower[begin..].len() - lower[begin..].trim_start_matches([' ', '"', '\'']).len();
    let value = &lower[begin..];
    // A header's value goes to the end of its line; a query's ends sooner.
    let ends: &[char] = if *name == "authorization" {
        &['\n', '\r', '<']
    } else {
        &['\n', '\r', '<', '&', ',', ';', '"', '\'', ' ', '\t']
    };
    let length = value.find(ends).unwrap_or(value.len());
    (length > 0).then_some((begin, begin + length))
}

#[cfg(test)]
mod tests {
    use ferry_model::Secret;
    use proptest::prelude::*;

    use super::*;

    fn credentials(secret: &str, token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: "LTAI-1".into(),
            access_key_secret: Secret::new(secret),
            security_token: token.map(Secret::new),
            expires_ms: None,
        }
    }

    #[test]
    fn values_of_telling_names_are_taken_out() {
        let credentials = credentials("unrelated", None);
        for (text, clean) in [
            ("x-oss-security-token:CAIS+abc/=\n/bkt/k", "x-oss-security-token:…\n/bkt/k"),
            ("X-Amz-Security-Token=abc&X-Amz-Date=1", "X-Amz-Security-Token=…&X-Amz-Date=1"),
            (
                "Credential=id/20260115/x, SignedHeaders=host, Signature=abc123",
                "Credential=id/20260115/x, SignedHeaders=host, Signature=…",
            ),
            ("Authorization: OSS id:sig=\nHost: x", "Authorization: …\nHost: x"),
            (
                "https://h/k?OSSAccessKeyId=id&Expires=1&Signature=a%2Bb",
                "https://h/k?OSSAccessKeyId=id&Expires=1&Signature=…",
            ),
            ("{\"signature\": \"abc\"}", "{\"signature\": \"…\"}"),
            (
                "SignatureDoesNotMatch: check your signature, please",
                "SignatureDoesNotMatch: check your signature, please",
            ),
            (
                "x-oss-signature-version=OSS4-HMAC-SHA256",
                "x-oss-signature-version=OSS4-HMAC-SHA256",
            ),
            ("照片 signature=照片&x", "照片 signature=…&x"),
        ] {
            assert_eq!(redact(text, &credentials, None), clean);
        }
    }

    #[test]
    fn secrets_are_found_in_every_spelling() {
        let secret = "a b+c/d=";
        let credentials = credentials("s3cr3t+/=", Some(secret));
        for text in [
            "a b+c/d=".to_owned(),
            "a%20b%2Bc%2Fd%3D".to_owned(),
            "a%20b%2bc%2fd%3d".to_owned(),
            "a+b%2Bc%2Fd%3D".to_owned(),
            STANDARD.encode(secret),
            hex::encode(secret),
            hex::encode_upper(secret),
            "61 20 62 2B 63 2F 64 3D".to_owned(),
        ] {
            assert_eq!(redact(&format!("<{text}>"), &credentials, None), "<…>", "{text}");
        }
        assert_eq!(redact("sig 12345 s3cr3t+/=", &credentials, Some("12345")), "sig … …");
    }

    proptest! {
        #[test]
        fn nothing_secret_stays(before in ".{0,20}", secret in "[!-~]{6,30}", after in ".{0,20}") {
            let credentials = credentials(&secret, None);
            let clean = redact(&format!("{before}{secret}{after}"), &credentials, None);
            prop_assert!(!clean.contains(&secret));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), marks in "(signature|authorization)?[=:%3d \"'照&\n]{0,30}") {
            let credentials = credentials("unrelated", None);
            redact(&text, &credentials, Some(""));
            redact(&marks, &credentials, None);
        }
    }
}
