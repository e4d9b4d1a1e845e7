//! What a host name says: whose service it is, which region, and whether a bucket stands before it.

use super::regions::{looks_like_region, of_dual_stack, region_id};
use super::services::{self, Service};
use super::url::Parts;

/// What kind of host an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// A region's public OSS endpoint.
    OssPublic,
    /// A region's OSS endpoint inside Alibaba Cloud: unreachable from elsewhere.
    OssInternal,
    /// A region's IPv4 and IPv6 OSS endpoint, `cn-hangzhou.oss.aliyuncs.com`.
    OssDualStack,
    /// OSS transfer acceleration: must be enabled on the bucket, and the region typed by hand.
    OssAccelerate,
    /// A CloudBox.
    OssCloudBox,
    /// The S3-compatible side of OSS, `s3.oss-cn-hangzhou.aliyuncs.com`.
    OssAsS3,
    /// A private OSS installation: a host of another domain that begins as OSS's do,
    /// `oss-cn-….example.gov.cn`.
    OssPrivate,
    /// Amazon S3.
    Amazon,
    /// Amazon S3 transfer acceleration.
    AmazonAccelerate,
    /// Cloudflare R2.
    R2,
    /// Another service that speaks S3, as [`services::SERVICES`] lists them.
    Service,
    /// This computer.
    Loopback,
    /// An IP address.
    Address,
    /// Any other host: another service, a private installation, or a custom domain bound to a
    /// bucket.
    Custom,
}

impl HostKind {
    /// Whether the host speaks S3 and nothing else.
    pub fn is_s3_only(self) -> bool {
        matches!(self, Self::Amazon | Self::AmazonAccelerate | Self::R2 | Self::Service)
    }

    /// Whether the host is one of OSS's own in Alibaba Cloud, for OSS's own protocol.
    pub fn is_oss(self) -> bool {
        matches!(
            self,
            Self::OssPublic
                | Self::OssInternal
                | Self::OssDualStack
                | Self::OssAccelerate
                | Self::OssCloudBox
        )
    }
}

/// What was read from a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The host without the bucket.
    pub name: String,
    /// The kind.
    pub kind: HostKind,
    /// The region id, if the name tells. With [`HostKind::Custom`] and [`HostKind::OssPrivate`] it
    /// is a guess.
    pub region: Option<String>,
    /// The bucket before the endpoint, if there is one.
    pub bucket: Option<String>,
    /// The CloudBox id, which takes the region's place in V4 scopes.
    pub cloud_box: Option<String>,
    /// The listed service it belongs to ([`HostKind::Service`] only).
    pub service: Option<&'static Service>,
}

impl Host {
    fn new(name: impl Into<String>, kind: HostKind, region: Option<&str>, bucket: &[&str]) -> Self {
        Self {
            name: name.into(),
            kind,
            region: region.map(str::to_owned),
            bucket: (!bucket.is_empty()).then(|| bucket.join(".")),
            cloud_box: None,
            service: None,
        }
    }
}

/// Reads a host name.
pub fn read(parts: &Parts) -> Host {
    let host = parts.host.as_str();
    if parts.is_loopback() {
        return Host::new(host, HostKind::Loopback, None, &[]);
    }
    if parts.is_address() {
        return Host::new(host, HostKind::Address, None, &[]);
    }
    let read = host
        .strip_suffix(".aliyuncs.com")
        .and_then(read_aliyun)
        .or_else(|| {
            host.strip_suffix(".amazonaws.com").and_then(|rest| read_amazon(rest, "amazonaws.com"))
        })
        .or_else(|| {
            host.strip_suffix(".amazonaws.com.cn")
                .and_then(|rest| read_amazon(rest, "amazonaws.com.cn"))
        })
        .or_else(|| host.strip_suffix(".r2.cloudflarestorage.com").map(read_r2))
        .or_else(|| read_service(host))
        .or_else(|| read_private_oss(host));
    read.unwrap_or_else(|| Host::new(host, HostKind::Custom, region_of_other(host), &[]))
}

/// The labels before `.aliyuncs.com`, read from the end.
fn read_aliyun(rest: &str) -> Option<Host> {
    let labels: Vec<&str> = rest.split('.').collect();
    let (last, before) = labels.split_last()?;
    let named = |labels: &[&str]| format!("{}.aliyuncs.com", labels.join("."));
    match (*last, before) {
        ("oss-cloudbox" | "oss-cloudbox-control", [bucket @ .., id, region])
            if id.starts_with("cb-") =>
        {
            let mut host =
                Host::new(named(&[id, region, last]), HostKind::OssCloudBox, Some(region), bucket);
            host.cloud_box = Some((*id).to_owned());
            Some(host)
        }
        ("oss", [bucket @ .., region]) if looks_like_region(region) => {
            let name = named(&[region, last]);
            let id = of_dual_stack(&name).unwrap_or(region);
            Some(Host::new(name, HostKind::OssDualStack, Some(id), bucket))
        }
        ("oss-accelerate" | "oss-accelerate-overseas", bucket) => {
            Some(Host::new(named(&[last]), HostKind::OssAccelerate, None, bucket))
        }
        ("oss", bucket) => {
            Some(Host::new(named(&[last]), HostKind::OssPublic, Some("cn-hangzhou"), bucket))
        }
        (label, before) if label.starts_with("oss-") => {
            let region = region_id(label);
            if let Some(("s3", bucket)) = before.split_last().map(|(last, bucket)| (*last, bucket))
            {
                return Some(Host::new(
                    named(&["s3", label]),
                    HostKind::OssAsS3,
                    Some(region),
                    bucket,
                ));
            }
            let kind = if label.ends_with("-internal") {
                HostKind::OssInternal
            } else {
                HostKind::OssPublic
            };
            Some(Host::new(named(&[label]), kind, Some(region), before))
        }
        // `vpc100-oss-cn-hangzhou`, the internal names of older networks.
        (label, bucket) if label.starts_with("vpc") => {
            let region = label
                .split_once("-oss-")
                .map(|(_, region)| region)
                .filter(|region| looks_like_region(region))?;
            Some(Host::new(named(&[label]), HostKind::OssInternal, Some(region), bucket))
        }
        _ => None,
    }
}

/// The labels before `.amazonaws.com`:
/// `[bucket.]s3[-fips|-accelerate|-website|…][.dualstack][.region]`. A website's host takes no
/// uploads; its bucket and region are those of the endpoint beside it.
fn read_amazon(rest: &str, domain: &str) -> Option<Host> {
    let labels: Vec<&str> = rest.split('.').collect();
    let at = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
    let (bucket, service) = labels.split_at(at);
    let (first, tail) = service.split_first()?;
    let name = format!("{}.{domain}", service.join("."));
    let tail = match tail {
        ["dualstack", tail @ ..] => tail,
        tail => tail,
    };
    let dashed = first.strip_prefix("s3-").filter(|region| looks_like_region(region));
    let website = first.strip_prefix("s3-website");
    match (*first, tail, dashed) {
        ("s3-accelerate", [], _) => Some(Host::new(name, HostKind::AmazonAccelerate, None, bucket)),
        ("s3", [], _) => Some(Host::new(name, HostKind::Amazon, Some("us-east-1"), bucket)),
        ("s3" | "s3-fips" | "s3-accesspoint" | "s3-accesspoint-fips", [region], _) => {
            Some(Host::new(name, HostKind::Amazon, Some(region), bucket))
        }
        (_, [], Some(region)) => Some(Host::new(name, HostKind::Amazon, Some(region), bucket)),
        (_, tail, _) if website.is_some() => {
            let region = website
                .and_then(|rest| rest.strip_prefix('-'))
                .or_else(|| tail.first().copied())?;
            Some(Host::new(format!("s3.{region}.{domain}"), HostKind::Amazon, Some(region), bucket))
        }
        _ => None,
    }
}

/// Whether a text is a Cloudflare account's id: 32 hex digits.
pub(super) fn is_r2_account(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The labels before `.r2.cloudflarestorage.com`: `[bucket.]account[.jurisdiction]`.
fn read_r2(rest: &str) -> Host {
    let labels: Vec<&str> = rest.split('.').collect();
    let (bucket, own) =
        labels.split_at(labels.iter().rposition(|label| is_r2_account(label)).unwrap_or(0));
    Host::new(
        format!("{}.r2.cloudflarestorage.com", own.join(".")),
        HostKind::R2,
        Some("auto"),
        bucket,
    )
}

fn read_service(host: &str) -> Option<Host> {
    let found = services::read(host)?;
    let own = host.split('.').skip(found.bucket.len()).collect::<Vec<_>>().join(".");
    let mut read = Host::new(own, HostKind::Service, found.region, &found.bucket);
    read.service = Some(found.service);
    Some(read)
}

/// `[bucket.]oss-<region>.<a private domain>`.
fn read_private_oss(host: &str) -> Option<Host> {
    let labels: Vec<&str> = host.split('.').collect();
    let at = labels
        .iter()
        .position(|label| label.strip_prefix("oss-").is_some_and(looks_like_region))?;
    let (bucket, own) = labels.split_at(at);
    // A domain of two labels or more must follow, and one bucket at most come before.
    (own.len() >= 3 && bucket.len() <= 1).then(|| {
        Host::new(
            own.join("."),
            HostKind::OssPrivate,
            own.first().map(|label| region_id(label)),
            bucket,
        )
    })
}

/// The region in the name of another service: many say `s3.<region>.…`.
fn region_of_other(host: &str) -> Option<&str> {
    let labels: Vec<&str> = host.split('.').collect();
    let candidate = labels
        .iter()
        .position(|label| *label == "s3")
        .and_then(|at| labels.get(at + 1))
        .copied()?;
    looks_like_region(candidate).then_some(candidate)
}
