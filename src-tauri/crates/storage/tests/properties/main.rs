//! Rules that hold for any name and any query: what is signed, what is sent, and what a server
//! reads are one thing.
//!
//! The server here is written for these tests alone and shares nothing with the crate: it takes a
//! request target apart as the services' documents say (OSS: "Signature version 4", S3:
//! "Authenticating requests"), decoding once.

mod links;
mod signatures;

use std::time::{Duration, SystemTime};

use ferry_model::{Credentials, Secret};
use proptest::prelude::*;

/// 2026-01-15T08:30:45Z.
const NOW: u64 = 1_768_465_845;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn credentials(secret: &str, token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: "LTAI-example".into(),
        access_key_secret: Secret::new(secret),
        security_token: token.map(Secret::new),
        expires_ms: None,
    }
}

/// Any text that is not empty, the odd ones often.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>().prop_filter("not empty", |text| !text.is_empty()),
        3 => "[ a-c%+&=#?/.~:@!$'()*,;\"<>\\\\|^`{}\\[\\]照é\u{301}😀𠀋\u{0}\t\n\u{7f}\u{feff}]{1,12}",
        2 => "(a|/|\\.|\\.\\.|//|%2[fF]|%2e|%25|%|\\+| ){1,8}",
        1 => Just("e\u{301}/\u{212b}/\u{1f468}\u{200d}\u{1f469}/\u{10ffff}\u{ffff}\u{d7ff}\u{e000}".to_owned()),
    ]
}

/// What a file system lets a file or folder be called.
fn file_name() -> impl Strategy<Value = String> {
    name().prop_map(|text| text.replace(['/', '\0'], "_"))
}

/// Names not empty, as an empty name is no parameter; some twice, some alike; a value empty for a
/// flag.
fn query() -> impl Strategy<Value = Vec<(String, String)>> {
    let known = prop_oneof![
        Just("uploads"),
        Just("uploadId"),
        Just("partNumber"),
        Just("prefix"),
        Just("acl"),
        Just("x-oss-process")
    ];
    let parameter = prop_oneof![name(), known.prop_map(str::to_owned), "[abAB %=-]{1,2}"];
    proptest::collection::vec((parameter, prop_oneof![Just(String::new()), name()]), 0..6)
}

/// Percent-decoding by hand, once; `None` for what no client should send.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => u8::try_from(16 * digit(rest.next()?)? + digit(rest.next()?)?).ok()?,
            // A form's space or an escape to come: servers differ on them.
            b'+' => return None,
            other => other,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

/// The pairs of a query string, decoded.
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| Some((decoded(name)?, decoded(value)?)))
        .collect()
}

/// Whether all of it may stand in a request line: visible ASCII.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x21..0x7f).contains(&byte))
}
