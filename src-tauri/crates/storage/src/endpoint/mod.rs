//! Endpoints: understanding what was typed or pasted, and the addresses of requests.

pub mod address;
pub mod hosts;
pub mod regions;
pub mod url;

pub use address::{Address, Style, check_bucket_name};
pub use hosts::HostKind;
pub use regions::{Region, endpoint_of_region, region_id};
pub use url::Scheme;

use ferry_model::{Fault, Provider};

use crate::percent::{self, Plus};
use regions::looks_like_region;

/// What a typed endpoint means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// Scheme, host and non-default port, without bucket or path: `https://oss-cn-hangzhou.aliyuncs.com`.
    pub endpoint: String,
    /// The region id, if the host tells it.
    pub region: Option<String>,
    /// The bucket, if it stood before the host or in the path.
    pub bucket: Option<String>,
    /// The rest of the path: a prefix, as typed.
    pub prefix: Option<String>,
    /// What kind of host it is. [`HostKind::Custom`] with OSS suggests addressing by custom domain.
    pub kind: HostKind,
}

/// Understands an endpoint, a region alone, or a URL pasted from a console.
///
/// Without a scheme https is meant, except for loopback. A native OSS host typed for S3 becomes its S3-compatible sibling, and the
/// other way round.
///
/// # Errors
/// [`ferry_model::FaultKind::InvalidEndpoint`] with the reason as message.
pub fn understand(text: &str, provider: Provider) -> Result<Understood, Fault> {
    let word = text.trim();
    let lower = word.to_ascii_lowercase();
    if is_region(provider, &lower) {
        let region = match provider {
            Provider::Oss => region_id(&lower),
            Provider::S3 => lower.as_str(),
        };
        return Ok(Understood {
            endpoint: if lower.ends_with("-internal") && provider == Provider::Oss {
                format!("https://oss-{region}-internal.aliyuncs.com")
            } else {
                endpoint_of_region(provider, region)
            },
            region: Some(region.to_owned()),
            bucket: None,
            prefix: None,
            kind: match provider {
                Provider::Oss if lower.ends_with("-internal") => HostKind::OssInternal,
                Provider::Oss => HostKind::OssPublic,
                Provider::S3 => HostKind::Amazon,
            },
        });
    }
    let parts = url::parse(word)?;
    let mut host = hosts::read(&parts);
    match (provider, host.kind) {
        (Provider::S3, HostKind::OssPublic | HostKind::OssInternal) => {
            // The oldest endpoint names no region, and has no S3-compatible sibling under its own name.
            host.name =
                if host.name == "oss.aliyuncs.com" { "s3.oss-cn-hangzhou.aliyuncs.com".into() } else { format!("s3.{}", host.name) };
            host.kind = HostKind::OssAsS3;
        }
        (Provider::Oss, HostKind::OssAsS3) => {
            host.name = host.name.trim_start_matches("s3.").to_owned();
            host.kind = if host.name.contains("-internal.") { HostKind::OssInternal } else { HostKind::OssPublic };
        }
        _ => {}
    }
    let path = percent::decode(&parts.path, Plus::Literal).ok_or_else(|| url::invalid("its path is no UTF-8"))?;
    let bound = host.bucket.is_some() || (provider == Provider::Oss && host.kind == HostKind::Custom);
    let (bucket, prefix) = match (bound, path.split_once('/')) {
        (true, _) => (host.bucket, path),
        (false, Some((bucket, prefix))) => (Some(bucket.to_owned()), prefix.to_owned()),
        (false, None) => (Some(path), String::new()),
    };
    let bare = url::Parts { host: host.name, path: String::new(), ..parts };
    Ok(Understood {
        endpoint: format!("{}://{}", bare.scheme.word(), bare.authority()),
        region: host.region,
        bucket: bucket.filter(|bucket| !bucket.is_empty()),
        prefix: Some(prefix).filter(|prefix| !prefix.is_empty()),
        kind: host.kind,
    })
}

fn is_region(provider: Provider, word: &str) -> bool {
    let id = match provider {
        Provider::Oss => region_id(word),
        Provider::S3 => word,
    };
    regions::of(provider).iter().any(|region| region.id == id) || looks_like_region(id)
}

#[cfg(test)]
mod tests;
