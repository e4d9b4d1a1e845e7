//! What a host name says: whose service it is, which region, and whether a bucket stands before it.

use super::regions::{looks_like_region, region_id};
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
    /// Amazon S3.
    Amazon,
    /// Amazon S3 transfer acceleration.
    AmazonAccelerate,
    /// This computer.
    Loopback,
    /// An IP address.
    Address,
    /// Any other host: another service, a private installation, or a custom domain bound to a bucket.
    Custom,
}

/// What was read from a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The host without the bucket.
    pub name: String,
    /// The kind.
    pub kind: HostKind,
    /// The region id, if the name tells.
    pub region: Option<String>,
    /// The bucket before the endpoint, if there is one.
    pub bucket: Option<String>,
    /// The CloudBox id, which takes the region's place in V4 scopes.
    pub cloud_box: Option<String>,
}

impl Host {
    fn new(name: impl Into<String>, kind: HostKind, region: Option<&str>, bucket: &[&str]) -> Self {
        Self {
            name: name.into(),
            kind,
            region: region.map(str::to_owned),
            bucket: (!bucket.is_empty()).then(|| bucket.join(".")),
            cloud_box: None,
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
        .or_else(|| host.strip_suffix(".amazonaws.com").and_then(|rest| read_amazon(rest, "amazonaws.com")))
        .or_else(|| host.strip_suffix(".amazonaws.com.cn").and_then(|rest| read_amazon(rest, "amazonaws.com.cn")));
    read.unwrap_or_else(|| Host::new(host, HostKind::Custom, region_of_other(host).as_deref(), &[]))
}

/// The labels before `.aliyuncs.com`, read from the end.
fn read_aliyun(rest: &str) -> Option<Host> {
    let labels: Vec<&str> = rest.split('.').collect();
    let (last, before) = labels.split_last()?;
    let named = |labels: &[&str]| format!("{}.aliyuncs.com", labels.join("."));
    match (*last, before) {
        ("oss-cloudbox" | "oss-cloudbox-control", [bucket @ .., id, region]) if id.starts_with("cb-") => {
            let mut host = Host::new(named(&[id, region, last]), HostKind::OssCloudBox, Some(region), bucket);
            host.cloud_box = Some((*id).to_owned());
            Some(host)
        }
        ("oss", [bucket @ .., region]) if looks_like_region(region) => {
            Some(Host::new(named(&[region, last]), HostKind::OssDualStack, Some(region), bucket))
        }
        ("oss-accelerate" | "oss-accelerate-overseas", bucket) => Some(Host::new(named(&[last]), HostKind::OssAccelerate, None, bucket)),
        ("oss", bucket) => Some(Host::new(named(&[last]), HostKind::OssPublic, Some("cn-hangzhou"), bucket)),
        (label, before) if label.starts_with("oss-") => {
            let region = region_id(label);
            let region = region.strip_suffix("-pub").unwrap_or(region);
            if let Some(("s3", bucket)) = before.split_last().map(|(last, bucket)| (*last, bucket)) {
                return Some(Host::new(named(&["s3", label]), HostKind::OssAsS3, Some(region), bucket));
            }
            let kind = if label.ends_with("-internal") { HostKind::OssInternal } else { HostKind::OssPublic };
            Some(Host::new(named(&[label]), kind, Some(region), before))
        }
        _ => None,
    }
}

/// The labels before `.amazonaws.com`: `[bucket.]s3[-fips|-accelerate][.dualstack][.region]`.
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
    match (*first, tail, dashed) {
        ("s3-accelerate", [], _) => Some(Host::new(name, HostKind::AmazonAccelerate, None, bucket)),
        ("s3", [], _) => Some(Host::new(name, HostKind::Amazon, Some("us-east-1"), bucket)),
        ("s3" | "s3-fips", [region], _) => Some(Host::new(name, HostKind::Amazon, Some(region), bucket)),
        (_, [], Some(region)) => Some(Host::new(name, HostKind::Amazon, Some(region), bucket)),
        _ => None,
    }
}

/// The region in the name of another service, where the custom is known: R2 says `auto`, many say `s3.<region>.…`.
fn region_of_other(host: &str) -> Option<String> {
    if host.ends_with(".r2.cloudflarestorage.com") {
        return Some("auto".to_owned());
    }
    let labels: Vec<&str> = host.split('.').collect();
    let after = |word: &str| labels.iter().position(|label| *label == word).and_then(|at| labels.get(at + 1)).copied();
    let candidate = after("s3").or_else(|| after("cos"))?;
    looks_like_region(candidate).then(|| candidate.to_owned())
}
