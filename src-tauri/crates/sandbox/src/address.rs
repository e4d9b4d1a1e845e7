//! Which bucket and which key a request means: path style, virtual host, or a custom domain.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::error::ApiError;
use crate::percent::{self, Plus};

/// What a request is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resource {
    /// `None` for the service itself.
    pub(crate) bucket: Option<String>,
    /// `None` for the bucket itself.
    pub(crate) key: Option<String>,
}

impl Resource {
    /// The resource that OSS signs: `/`, `/bucket/` or `/bucket/key`, whatever the addressing.
    pub(crate) fn resource(&self) -> String {
        match (&self.bucket, &self.key) {
            (None, _) => "/".to_owned(),
            (Some(bucket), None) => format!("/{bucket}/"),
            (Some(bucket), Some(key)) => format!("/{bucket}/{key}"),
        }
    }
}

/// Tells bucket and key from host and raw path.
///
/// A custom domain wins over a virtual host, a virtual host over path style. A host counts as
/// virtual when it ends in `.localhost` or when its first label is a bucket that exists.
///
/// # Errors
///
/// `InvalidURI` when the path does not decode to UTF-8.
pub(crate) fn resolve(
    host: &str,
    raw_path: &str,
    cnames: &BTreeMap<String, String>,
    exists: impl Fn(&str) -> bool,
) -> Result<Resource, ApiError> {
    let path = raw_path.strip_prefix('/').unwrap_or(raw_path);
    if let Some(bucket) = bucket_of_host(host, cnames, exists) {
        return Ok(Resource { bucket: Some(bucket), key: decoded(path)? });
    }
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    Ok(Resource { bucket: decoded(bucket)?, key: decoded(key)? })
}

/// Whether a host is this computer by its name or address, or one of the custom domains. A name
/// of another owner may point here too (DNS rebinding), and a browser then sends its page's
/// requests.
pub(crate) fn is_ours(host: &str, cnames: &BTreeMap<String, String>) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().is_some_and(|name| name.parse::<IpAddr>().is_ok());
    }
    let name = host.split(':').next().unwrap_or("").to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok()
        || cnames.contains_key(&name)
}

fn decoded(text: &str) -> Result<Option<String>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    percent::decode(text, Plus::Literal).map(Some).ok_or_else(|| ApiError::new("InvalidURI"))
}

fn bucket_of_host(
    host: &str,
    cnames: &BTreeMap<String, String>,
    exists: impl Fn(&str) -> bool,
) -> Option<String> {
    if host.starts_with('[') {
        return None;
    }
    let name = host.split(':').next().unwrap_or("").to_ascii_lowercase();
    if let Some(bucket) = cnames.get(&name) {
        return Some(bucket.clone());
    }
    if name.parse::<IpAddr>().is_ok() {
        return None;
    }
    let (first, _) = name.split_once('.')?;
    match name.strip_suffix(".localhost") {
        // A bucket's name may hold dots, so all that stands before `.localhost` is tried first.
        Some(whole) if exists(whole) => Some(whole.to_owned()),
        Some(_) => Some(first.to_owned()),
        None => exists(first).then(|| first.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_ours() {
        let cnames = BTreeMap::from([("static.example.com".to_owned(), "site".to_owned())]);
        for (host, ours) in [
            ("127.0.0.1:9000", true),
            ("[::1]:9000", true),
            ("localhost", true),
            ("bucket.LOCALHOST:80", true),
            ("Static.example.com:9000", true),
            ("evil.example:9000", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("notlocalhost", false),
            ("[evil.example]", false),
            ("", false),
        ] {
            assert_eq!(is_ours(host, &cnames), ours, "{host}");
        }
    }

    #[test]
    fn every_form_finds_bucket_and_key() {
        let cnames = BTreeMap::from([("static.example.com".to_owned(), "site".to_owned())]);
        for (host, path, bucket, key) in [
            ("127.0.0.1:9000", "/", None, None),
            ("127.0.0.1:9000", "/known", Some("known"), None),
            ("127.0.0.1:9000", "/known/", Some("known"), None),
            ("127.0.0.1:9000", "/known/a//b/../c/./d/", Some("known"), Some("a//b/../c/./d/")),
            ("localhost:9000", "/known/a%2Bb+c", Some("known"), Some("a+b+c")),
            ("[::1]:9000", "/known/k", Some("known"), Some("k")),
            ("fresh.localhost:9000", "/k", Some("fresh"), Some("k")),
            ("known.oss.localhost:9000", "/k", Some("known"), Some("k")),
            ("absent.oss.localhost:9000", "/k", Some("absent"), Some("k")),
            ("known.oss-cn-hangzhou.aliyuncs.com", "/%E7%85%A7", Some("known"), Some("照")),
            ("oss-cn-hangzhou.aliyuncs.com", "/known/k", Some("known"), Some("k")),
            ("Static.Example.com:80", "/docs/a", Some("site"), Some("docs/a")),
            ("known.localhost", "//a", Some("known"), Some("/a")),
        ] {
            let target = resolve(host, path, &cnames, |name| name == "known").unwrap();
            assert_eq!(
                (target.bucket.as_deref(), target.key.as_deref()),
                (bucket, key),
                "{host} {path}"
            );
        }
        assert!(resolve("127.0.0.1", "/b/%FF", &cnames, |_| false).is_err());
    }
}
