//! What a typed or pasted endpoint means.

use ferry_model::{Fault, Provider};

use super::hosts::{self, Host, HostKind};
use super::paste::{self, Named, Pasted, Remark};
use super::regions::{
    self, endpoint_of_region, internal_endpoint_of_region, looks_like_region, region_id,
};
use super::url::{self, Scheme};
use crate::percent::{self, Plus};

/// What a typed endpoint means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// Whose dialect to speak there. The one that was chosen, unless the address cannot be that
    /// provider's.
    pub provider: Provider,
    /// Scheme, host and non-default port, without bucket or path:
    /// `https://oss-cn-hangzhou.aliyuncs.com`. `None` where the text names a bucket only, as
    /// `oss://bucket/prefix` does.
    pub endpoint: Option<String>,
    /// The region id, if the text tells it. With [`HostKind::Custom`] and [`HostKind::OssPrivate`]
    /// it is a guess.
    pub region: Option<String>,
    /// The bucket, if it stood before the host or in the path.
    pub bucket: Option<String>,
    /// The rest of the path: a prefix, as typed.
    pub prefix: Option<String>,
    /// What kind of host it is. [`HostKind::Custom`] with OSS suggests addressing by custom domain.
    pub kind: Option<HostKind>,
    /// What the user should know about it.
    pub remarks: Vec<Remark>,
}

/// Understands an endpoint, a region alone or by its name in a console, a URL pasted from anywhere,
/// a console's own address, and `oss://bucket/prefix`.
///
/// Without a scheme https is meant, except for loopback. A native OSS host typed for S3 becomes its
/// S3-compatible sibling, and the other way round; an address that only speaks S3 makes the
/// provider S3.
///
/// # Errors
/// [`ferry_model::FaultKind::InvalidEndpoint`] with the reason as message, and nothing of the text.
pub fn understand(text: &str, provider: Provider) -> Result<Understood, Fault> {
    if let Some(named) = paste::named(text) {
        return of_named(named?, provider);
    }
    let Pasted { text, remarks } = paste::clean(text);
    if let Some(region) = region_typed(&text, provider) {
        return Ok(of_region(&region, &text, provider));
    }
    of_url(&text, provider, remarks)
}

/// A console's address or a bucket's: endpoint and region as far as they are told.
fn of_named(named: Named, chosen: Provider) -> Result<Understood, Fault> {
    let provider = named.provider.unwrap_or(chosen);
    if named.region.as_deref().is_some_and(|region| !regions::is_id(region)) {
        return Err(url::invalid("the region in it is none"));
    }
    let endpoint = match (&named.host, &named.region) {
        (Some(host), _) => Some(format!("https://{host}")),
        (None, Some(region)) => Some(endpoint_of_region(provider, region)),
        (None, None) => None,
    };
    let parts = endpoint.as_deref().map(url::parse).transpose()?;
    let mut remarks = Vec::new();
    if provider != chosen {
        remarks.push(Remark::OtherProvider(provider));
    }
    Ok(Understood {
        provider,
        endpoint: parts
            .as_ref()
            .map(|parts| format!("{}://{}", parts.scheme.word(), parts.authority())),
        region: named.region,
        bucket: named.bucket,
        prefix: named.prefix,
        kind: parts.map(|parts| hosts::read(&parts).kind),
        remarks,
    })
}

/// The region that a text alone names: by its id, or by its name in a console.
pub fn region_typed(text: &str, provider: Provider) -> Option<String> {
    let text = paste::clean(text).text;
    let lower = text.trim().to_ascii_lowercase();
    let id = match provider {
        Provider::Oss => region_id(&lower),
        Provider::S3 => lower.as_str(),
    };
    if regions::find(provider, id).is_some() || looks_like_region(id) {
        return Some(id.to_owned());
    }
    regions::by_name(provider, &text).map(|region| region.id.to_owned())
}

fn of_region(region: &str, typed: &str, provider: Provider) -> Understood {
    let inside =
        provider == Provider::Oss && typed.trim().to_ascii_lowercase().ends_with("-internal");
    let endpoint = if inside {
        internal_endpoint_of_region(region)
    } else {
        endpoint_of_region(provider, region)
    };
    let kind = match provider {
        Provider::Oss if inside || endpoint.contains("-internal.") => HostKind::OssInternal,
        Provider::Oss => HostKind::OssPublic,
        Provider::S3 => HostKind::Amazon,
    };
    Understood {
        provider,
        endpoint: Some(endpoint),
        region: Some(region.to_owned()),
        bucket: None,
        prefix: None,
        kind: Some(kind),
        remarks: host_remarks(kind),
    }
}

fn of_url(text: &str, chosen: Provider, mut remarks: Vec<Remark>) -> Result<Understood, Fault> {
    let parts = url::parse(text)?;
    let mut host = hosts::read(&parts);
    let provider = if host.kind.is_s3_only() { Provider::S3 } else { chosen };
    if provider != chosen {
        remarks.push(Remark::OtherProvider(provider));
    }
    match (provider, host.kind) {
        (Provider::S3, HostKind::OssPublic | HostKind::OssInternal) => {
            host.name = s3_sibling(&host);
            host.kind = HostKind::OssAsS3;
        }
        (Provider::Oss, HostKind::OssAsS3) => {
            host.name = host.name.strip_prefix("s3.").unwrap_or(&host.name).to_owned();
            host.kind = if host.name.contains("-internal.") {
                HostKind::OssInternal
            } else {
                HostKind::OssPublic
            };
        }
        _ => {}
    }
    remarks.extend(host_remarks(host.kind));
    if parts.scheme == Scheme::Http && !parts.is_loopback() {
        remarks.push(Remark::PlainHttp);
    }
    let path = percent::decode(&parts.path, Plus::Literal)
        .ok_or_else(|| url::invalid("its path is no UTF-8"))?;
    // A custom domain is bound to one bucket on OSS, so its path is none.
    let bound =
        host.bucket.is_some() || (provider == Provider::Oss && host.kind == HostKind::Custom);
    let (bucket, path) = match (bound, path.split_once('/')) {
        (true, _) => (host.bucket, path),
        (false, Some((bucket, rest))) => (Some(bucket.to_owned()), rest.to_owned()),
        (false, None) => (Some(path), String::new()),
    };
    let was_signed = remarks
        .iter()
        .any(|remark| matches!(remark, Remark::QueryDropped | Remark::SignatureDropped));
    let prefix = folder(&path, was_signed).to_owned();
    if prefix != path {
        remarks.push(Remark::ObjectNamed);
    }
    let bare = url::Parts { host: host.name, path: String::new(), ..parts };
    Ok(Understood {
        provider,
        endpoint: Some(format!("{}://{}", bare.scheme.word(), bare.authority())),
        region: host.region,
        bucket: bucket.filter(|bucket| !bucket.is_empty()),
        prefix: Some(prefix).filter(|prefix| !prefix.is_empty()),
        kind: Some(host.kind),
        remarks,
    })
}

/// The S3-compatible sibling of a native OSS host. Names of older times (`oss`, `vpc100-oss-…`)
/// have none of their own: that of their region is meant.
fn s3_sibling(host: &Host) -> String {
    let region = host.region.as_deref().unwrap_or_default();
    let native = match host.kind {
        _ if host.name.starts_with("oss-") => format!("https://{}", host.name),
        HostKind::OssInternal => internal_endpoint_of_region(region),
        _ => endpoint_of_region(Provider::Oss, region),
    };
    native.replacen("https://", "s3.", 1)
}

/// The folder of a path that names an object: one whose last part has the ending of a known kind of
/// file, or that came with a query. Any other path is taken as it stands.
fn folder(path: &str, with_query: bool) -> &str {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let (folder, name) = path.split_at(at);
    let is_object =
        !name.is_empty() && (with_query || mime_guess::from_path(name).first_raw().is_some());
    if is_object { folder } else { path }
}

fn host_remarks(kind: HostKind) -> Vec<Remark> {
    match kind {
        HostKind::OssAccelerate | HostKind::AmazonAccelerate => vec![Remark::NeedsAcceleration],
        HostKind::OssInternal => vec![Remark::InternalOnly],
        _ => Vec::new(),
    }
}
