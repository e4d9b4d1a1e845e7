//! Every case of the vendors' own signatures, checksums and documents. Another directory can be
//! named by `SIGNING_VECTORS_DIR`.

mod checksums;
mod documents;
mod oss;
mod s3;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use ferry_model::{Credentials, Secret};
use ferry_storage::percent::{Plus, decode};
use serde_json::Value;

fn directory() -> PathBuf {
    match std::env::var_os("SIGNING_VECTORS_DIR") {
        Some(directory) => directory.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors"),
    }
}

/// A file's document; `None` if the directory has no such file.
fn load(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(directory().join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")))
}

fn cases(name: &str) -> Vec<Value> {
    load(name)
        .map_or_else(Vec::new, |document| document["cases"].as_array().expect("cases").clone())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {value}"))
}

fn credentials(id: &Value, secret: &Value, token: &Value) -> Credentials {
    Credentials {
        access_key_id: id.as_str().expect("id").to_owned(),
        access_key_secret: Secret::new(secret.as_str().expect("secret")),
        security_token: token.as_str().map(Secret::new),
        expires_ms: None,
    }
}

/// `2026-01-15T08:30:45Z`.
fn time_of(value: &Value) -> SystemTime {
    let parsed = time::OffsetDateTime::parse(
        text(value, "time"),
        &time::format_description::well_known::Rfc3339,
    )
    .expect("time");
    SystemTime::UNIX_EPOCH + Duration::from_secs(parsed.unix_timestamp().unsigned_abs())
}

/// A URL as scheme and host, decoded path, and its query as a set of decoded pairs.
fn taken_apart(url: &str) -> (String, String, BTreeMap<String, Vec<String>>) {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let slash = address[8..].find('/').map_or(address.len(), |at| at + 8);
    let mut pairs = BTreeMap::<String, Vec<String>>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text| decode(text, Plus::Literal).expect("UTF-8");
        pairs.entry(decoded(name)).or_default().push(decoded(value));
    }
    let path = if slash == address.len() {
        "/".to_owned()
    } else {
        decode(&address[slash..], Plus::Literal).expect("UTF-8")
    };
    (address[..slash].to_owned(), path, pairs)
}

#[test]
fn vectors_are_there() {
    let files = [
        "oss_v1_header.json",
        "oss_v1_presign.json",
        "oss_v4_header.json",
        "oss_v4_presign.json",
        "s3_sigv4_header.json",
        "s3_sigv4_presign.json",
        "crc64.json",
        "md5_etag.json",
        "xml_expected.json",
    ];
    let found: Vec<_> =
        files.into_iter().filter_map(|name| Some((name, count(&load(name)?)))).collect();
    assert!(found.iter().any(|(_, cases)| *cases > 0), "no case in {}", directory().display());
    let is_own = std::env::var_os("SIGNING_VECTORS_DIR").is_none();
    assert!(!is_own || found.len() == files.len(), "only {found:?} in {}", directory().display());
    println!("{found:?}");
}

/// How many cases a file has: the members of the lists, or of the list by name, at its top.
fn count(document: &Value) -> usize {
    let members = |value: &Value| {
        value
            .as_array()
            .map_or(0, Vec::len)
            .max(value["oss_initiate_result.xml"].is_object().into())
    };
    document.as_object().map_or(0, |fields| fields.values().map(members).sum())
}
