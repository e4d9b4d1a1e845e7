//! The address of a request: scheme, host, and a path that is built by hand so that every key arrives as it is.

use ferry_model::{Addressing, Fault, FaultKind, Provider};

use super::hosts::{self, HostKind};
use super::url::{self, Parts, Scheme};
use crate::percent;

/// Where the bucket stands in the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Before the host.
    Virtual,
    /// First in the path.
    Path,
    /// Nowhere: the host is bound to it.
    Cname,
}

/// An endpoint with a bucket.
#[derive(Debug, Clone)]
pub struct Address {
    provider: Provider,
    parts: Parts,
    bucket: Option<String>,
    style: Style,
    host: hosts::Host,
}

impl Address {
    /// The address of `bucket` at `endpoint`; without a bucket, of the service itself.
    ///
    /// # Errors
    /// [`FaultKind::InvalidEndpoint`] and [`FaultKind::InvalidBucketName`].
    pub fn new(provider: Provider, endpoint: &str, bucket: Option<&str>, addressing: Addressing) -> Result<Self, Fault> {
        let parts = url::parse(endpoint)?;
        if !parts.path.is_empty() {
            return Err(url::invalid("it must end with the host; bucket and prefix have fields of their own"));
        }
        if let Some(bucket) = bucket {
            check_bucket_name(provider, bucket)?;
        }
        let host = hosts::read(&parts);
        let style = style(provider, addressing, &parts, host.kind, bucket);
        Ok(Self { provider, parts, bucket: bucket.map(str::to_owned), style, host })
    }

    /// http or https.
    pub fn scheme(&self) -> Scheme {
        self.parts.scheme
    }

    /// Whether requests stay on this computer.
    pub fn is_loopback(&self) -> bool {
        self.parts.is_loopback()
    }

    /// Where the bucket stands.
    pub fn style(&self) -> Style {
        self.style
    }

    /// What the host's name tells.
    pub fn endpoint_host(&self) -> &hosts::Host {
        &self.host
    }

    /// The `Host` header.
    pub fn host(&self) -> String {
        match (&self.bucket, self.style) {
            (Some(bucket), Style::Virtual) => format!("{bucket}.{}", self.parts.authority()),
            _ => self.parts.authority(),
        }
    }

    /// The encoded path of an object, or of the bucket.
    pub fn path(&self, key: Option<&str>) -> String {
        let key_path = key.map(percent::encode_path);
        match (&self.bucket, self.style) {
            (Some(bucket), Style::Path) => match (key_path, self.provider) {
                (Some(path), _) => format!("/{bucket}/{path}"),
                (None, Provider::Oss) => format!("/{bucket}/"),
                (None, Provider::S3) => format!("/{bucket}"),
            },
            _ => format!("/{}", key_path.unwrap_or_default()),
        }
    }

    /// The whole URL.
    pub fn url(&self, key: Option<&str>, query: &[(String, String)]) -> String {
        let query = match query {
            [] => String::new(),
            pairs => format!("?{}", percent::query_string(pairs)),
        };
        format!("{}://{}{}{query}", self.parts.scheme.word(), self.host(), self.path(key))
    }
}

fn style(provider: Provider, addressing: Addressing, parts: &Parts, kind: HostKind, bucket: Option<&str>) -> Style {
    match addressing {
        Addressing::Cname => Style::Cname,
        Addressing::Path => Style::Path,
        // A name cannot stand before an IP address.
        Addressing::Virtual if parts.is_address() => Style::Path,
        Addressing::Virtual => Style::Virtual,
        Addressing::Auto => match kind {
            HostKind::Loopback | HostKind::Address => Style::Path,
            HostKind::Custom if provider == Provider::S3 => Style::Path,
            // One wildcard in a certificate covers one label only.
            HostKind::Amazon if bucket.is_some_and(|bucket| bucket.contains('.')) => Style::Path,
            _ => Style::Virtual,
        },
    }
}

/// Checks a bucket name, which becomes part of a host: nothing may slip in there.
///
/// # Errors
/// [`FaultKind::InvalidBucketName`] about the name. OSS: 3 to 63 of `a-z0-9-`, a letter or digit at both ends. S3 stores also have
/// dots, underscores and capitals.
pub fn check_bucket_name(provider: Provider, name: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| match provider {
        Provider::Oss => byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-',
        Provider::S3 => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'),
    };
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    let fine = (3..=63).contains(&bytes.len())
        && bytes.iter().copied().all(allowed)
        && ends(bytes.first())
        && ends(bytes.last())
        && !name.contains("..");
    if fine { Ok(()) } else { Err(Fault::new(FaultKind::InvalidBucketName).about(name)) }
}
