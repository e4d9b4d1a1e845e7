//! The three signatures, as pure functions from a description of the request to the headers or
//! query to add.
//!
//! Nothing here knows HTTP types, clocks or sockets: the same description gives the same signature,
//! so each rule is checked against the vendors' own vectors. Nothing outside this module looks at a
//! secret.

pub mod compare;
pub mod key;
pub mod oss_v1;
pub mod oss_v4;
pub mod redact;
pub mod sigv4;

use std::collections::BTreeMap;
use std::time::SystemTime;

use time::OffsetDateTime;
use time::macros::format_description;

pub use key::{KeyCache, SigningKey};

use crate::percent;

/// The hash value of a body that is not signed.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What is going to be sent, as far as signatures look at it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The bucket, also where the host or nothing in the URL names it; `None` at service level.
    pub bucket: Option<&'a str>,
    /// The object key, raw; `None` at bucket level.
    pub key: Option<&'a str>,
    /// The path on the wire, already percent-encoded. Only S3 signs it; OSS signs bucket and key.
    pub path: &'a str,
    /// The query, raw, in any order. An empty value is a flag.
    pub query: &'a [(String, String)],
    /// The headers so far, names in any case. S3 needs `host` among them.
    pub headers: &'a [(String, String)],
}

/// Where a V4 signature is valid.
#[derive(Debug, Clone, Copy)]
pub struct CredentialScope<'a> {
    /// The region id, as `cn-hangzhou`; for a CloudBox its id.
    pub region: &'a str,
    /// The product: `oss`, `oss-cloudbox` or `s3`.
    pub product: &'a str,
}

/// What a signature adds, and how it was made.
#[derive(Clone)]
pub struct Signed {
    /// Headers to add to the request.
    pub headers: Vec<(String, String)>,
    /// Query parameters to add (presigned URLs only).
    pub query: Vec<(String, String)>,
    /// The `Authorization` header, also among [`Self::headers`].
    pub authorization: Option<String>,
    /// The signature alone.
    pub signature: String,
    /// The text that was signed.
    pub string_to_sign: String,
    /// The canonical request whose hash is in the text (V4 and S3).
    pub canonical_request: Option<String>,
}

impl std::fmt::Debug for Signed {
    /// Headers, query and texts hold the session token and the signature, so none of them is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").finish_non_exhaustive()
    }
}

/// The second a signature is made in, in the spellings the signatures want.
#[derive(Debug, Clone)]
pub struct SigningTime {
    /// `20260115`.
    pub date: String,
    /// `20260115T083045Z`.
    pub stamp: String,
    /// `Thu, 15 Jan 2026 08:30:45 GMT`.
    pub http: String,
    /// Seconds since 1970.
    pub epoch: i64,
}

impl SigningTime {
    /// The last second that has a spelling, since 1970: no store would accept a signature beyond
    /// the year 9999 anyway.
    pub const LATEST: i64 = time::macros::datetime!(9999-12-31 23:59:59 UTC).unix_timestamp();
}

impl From<SystemTime> for SigningTime {
    fn from(now: SystemTime) -> Self {
        let epoch = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs());
        let epoch = i64::try_from(epoch).unwrap_or(i64::MAX).min(Self::LATEST);
        let utc = OffsetDateTime::from_unix_timestamp(epoch).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let stamp = utc
            .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
            .expect("a date of four-digit year has all these components");
        let seconds = u64::try_from(epoch).unwrap_or_default();
        Self {
            date: stamp[..8].to_owned(),
            http: httpdate::fmt_http_date(
                SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds),
            ),
            stamp,
            epoch,
        }
    }
}

impl SigningTime {
    /// `2026-01-15T08:30:45Z`.
    pub fn rfc3339(&self) -> String {
        let (date, time) = (&self.stamp[..8], &self.stamp[9..15]);
        format!(
            "{}-{}-{}T{}:{}:{}Z",
            &date[..4],
            &date[4..6],
            &date[6..],
            &time[..2],
            &time[2..4],
            &time[4..]
        )
    }
}

/// How a flag (a name without a value) is written in a canonical query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flags {
    /// `uploads`, as OSS wants it.
    Bare,
    /// `uploads=`, as S3 wants it.
    WithEquals,
}

/// The query of a canonical request: names and values encoded, then sorted by their encoded bytes.
fn canonical_query<'a>(pairs: impl Iterator<Item = &'a (String, String)>, flags: Flags) -> String {
    let mut encoded: Vec<(String, String)> =
        pairs.map(|(name, value)| (percent::encode(name), percent::encode(value))).collect();
    encoded.sort();
    let pair = |(name, value): (String, String)| match (value.is_empty(), flags) {
        (true, Flags::Bare) => name,
        (true, Flags::WithEquals) | (false, _) => format!("{name}={value}"),
    };
    encoded.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Headers by lower-case name, repeated ones joined by a comma; `tidy` is done to each value
/// before.
fn by_name<'a>(
    headers: impl Iterator<Item = &'a (String, String)>,
    tidy: fn(&str) -> String,
) -> BTreeMap<String, String> {
    let mut map = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = tidy(value);
        map.entry(name.to_ascii_lowercase())
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    map
}

/// A value without the blanks that are no part of it (RFC 9110, 5.5). A wide space at its end is
/// one, and arrives.
fn trimmed(value: &str) -> String {
    value.trim_matches([' ', '\t']).to_owned()
}

/// `name:value` lines, each with its line end.
fn header_lines<'a>(headers: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    headers.map(|(name, value)| format!("{name}:{value}\n")).collect()
}

fn owned(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_at_the_edges() {
        let at =
            |epoch: u64| SigningTime::from(SystemTime::UNIX_EPOCH + Duration::from_secs(epoch));
        assert_eq!(at(1_798_761_599).stamp, "20261231T235959Z");
        assert_eq!(at(1_798_761_599).rfc3339(), "2026-12-31T23:59:59Z");
        assert_eq!(at(1_768_465_845).http, "Thu, 15 Jan 2026 08:30:45 GMT");
        assert_eq!(at(0).date, "19700101");
        assert_eq!(at(300_000_000_000).date, "99991231", "far times are clamped, not a panic");
        assert_eq!(SigningTime::from(SystemTime::UNIX_EPOCH - Duration::from_secs(5)).epoch, 0);
    }
}
