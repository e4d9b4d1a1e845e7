//! Services that speak S3, as data: by their host one knows the region and how they want buckets
//! addressed. Never a limit: hosts that are not listed are addressed by path, as MinIO and its like
//! want it.

use super::address::Style;

/// A service that speaks S3.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// Its hosts: `{}` stands for the region.
    pub pattern: &'static str,
    /// The region to sign for where the host tells none.
    pub region: Option<&'static str>,
    /// How it wants buckets addressed.
    pub style: Style,
}

const fn service(pattern: &'static str, style: Style) -> Service {
    Service { pattern, region: None, style }
}

const fn regionless(pattern: &'static str, region: &'static str) -> Service {
    Service { pattern, region: Some(region), style: Style::Path }
}

/// The services. Those that are addressed by virtual host refuse buckets in the path.
pub const SERVICES: &[Service] = &[
    service("cos.{}.myqcloud.com", Style::Virtual),
    service("obs.{}.myhuaweicloud.com", Style::Virtual),
    service("tos-s3-{}.volces.com", Style::Virtual),
    service("ks3-{}.ksyuncs.com", Style::Virtual),
    service("s3.{}.bcebos.com", Style::Path),
    service("s3.{}.qiniucs.com", Style::Path),
    service("s3-{}.qiniucs.com", Style::Path),
    service("s3.{}.jdcloud-oss.com", Style::Path),
    service("s3.{}.backblazeb2.com", Style::Path),
    service("s3.{}.wasabisys.com", Style::Path),
    regionless("s3.wasabisys.com", "us-east-1"),
    service("{}.digitaloceanspaces.com", Style::Path),
    service("{}.your-objectstorage.com", Style::Path),
    service("{}.linodeobjects.com", Style::Path),
    service("{}.vultrobjects.com", Style::Path),
    service("s3.{}.scw.cloud", Style::Path),
    service("s3.{}.io.cloud.ovh.net", Style::Path),
    service("s3.{}.perf.cloud.ovh.net", Style::Path),
    regionless("storage.googleapis.com", "auto"),
    regionless("fly.storage.tigris.dev", "auto"),
    regionless("t3.storage.dev", "auto"),
    regionless("gateway.storjshare.io", "us-east-1"),
];

/// A host that is a service's.
#[derive(Debug)]
pub(super) struct Match<'a> {
    pub(super) service: &'static Service,
    pub(super) region: Option<&'a str>,
    /// The labels before the service's own: a bucket.
    pub(super) bucket: Vec<&'a str>,
}

/// The service that a host belongs to.
pub(super) fn read(host: &str) -> Option<Match<'_>> {
    let labels: Vec<&str> = host.split('.').collect();
    SERVICES.iter().find_map(|service| {
        let pattern: Vec<&str> = service.pattern.split('.').collect();
        let (bucket, own) = labels.split_at(labels.len().checked_sub(pattern.len())?);
        let mut region = service.region;
        for (expected, label) in pattern.iter().zip(own) {
            match expected.split_once("{}") {
                None if expected == label => {}
                Some((before, after)) => {
                    let found = label.strip_prefix(before)?.strip_suffix(after)?;
                    region = Some(found).filter(|found| !found.is_empty() && *found != "s3");
                    region?;
                }
                None => return None,
            }
        }
        Some(Match { service, region, bucket: bucket.to_vec() })
    })
}
