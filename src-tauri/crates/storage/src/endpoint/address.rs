//! The address of a request: scheme, host, and a path that is built by hand so that every key
//! arrives as it is.

use ferry_model::destination::{check_bucket, fits_in_host};
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
    /// [`FaultKind::InvalidEndpoint`] and [`FaultKind::InvalidBucketName`], the latter also for a
    /// name that no host can hold where the bucket must stand before the host.
    pub fn new(
        provider: Provider,
        endpoint: &str,
        bucket: Option<&str>,
        addressing: Addressing,
    ) -> Result<Self, Fault> {
        let parts = url::parse(endpoint)?;
        if !parts.path.is_empty() {
            return Err(url::invalid(
                "it must end with the host; bucket and prefix have fields of their own",
            ));
        }
        let host = hosts::read(&parts);
        if let Some(bucket) = bucket {
            // Behind OSS's S3 side stand OSS's buckets.
            check_bucket(
                if host.kind == HostKind::OssAsS3 { Provider::Oss } else { provider },
                bucket,
            )?;
        }
        let style = style(provider, addressing, &parts, &host, bucket);
        if let Some(bucket) =
            bucket.filter(|bucket| style == Style::Virtual && !fits_in_host(bucket))
        {
            let why = "no host name can hold this bucket's name: address it by path";
            return Err(Fault::new(FaultKind::InvalidBucketName)
                .with_subject(bucket)
                .with_detail(why));
        }
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

fn style(
    provider: Provider,
    addressing: Addressing,
    parts: &Parts,
    host: &hosts::Host,
    bucket: Option<&str>,
) -> Style {
    match addressing {
        Addressing::Cname => Style::Cname,
        Addressing::Path => Style::Path,
        // A name cannot stand before an IP address.
        Addressing::Virtual if parts.is_address() => Style::Path,
        Addressing::Virtual => Style::Virtual,
        Addressing::Auto => match host.kind {
            HostKind::Loopback | HostKind::Address => Style::Path,
            _ if bucket.is_some_and(|bucket| !fits_in_host(bucket)) => Style::Path,
            HostKind::Service => host.service.map_or(Style::Path, |service| service.style),
            HostKind::R2 => Style::Path,
            HostKind::Custom if provider == Provider::S3 => Style::Path,
            // One wildcard in a certificate covers one label only.
            HostKind::Amazon if bucket.is_some_and(|bucket| bucket.contains('.')) => Style::Path,
            _ => Style::Virtual,
        },
    }
}
