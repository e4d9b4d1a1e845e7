//! The other addresses of a bucket: a region has more than one endpoint.

use ferry_model::Provider;
use ferry_model::doctor::AddressKind;

use super::hosts::{self, HostKind};
use super::regions::region_id;
use super::url;

/// The addresses that a bucket at this endpoint has, this one first. `region` is what the profile
/// says. An endpoint of a service whose addresses are not known stands alone.
pub fn siblings(provider: Provider, endpoint: &str, region: &str) -> Vec<(AddressKind, String)> {
    let own = |kind| (kind, endpoint.to_owned());
    let Ok(parts) = url::parse(endpoint) else { return vec![own(AddressKind::Own)] };
    let host = hosts::read(&parts);
    let region = match region.trim() {
        "" => host.region.clone().unwrap_or_default(),
        typed => region_id(typed).to_owned(),
    };
    let hosts = match (provider, host.kind) {
        (Provider::Oss, kind) if kind.is_oss() && kind != HostKind::OssCloudBox => vec![
            (AddressKind::Public, format!("oss-{region}.aliyuncs.com")),
            (AddressKind::Internal, format!("oss-{region}-internal.aliyuncs.com")),
            (AddressKind::Accelerate, "oss-accelerate.aliyuncs.com".to_owned()),
        ],
        // Inside its network a bucket has the same address.
        (Provider::S3, HostKind::Amazon | HostKind::AmazonAccelerate) => vec![
            (AddressKind::Public, format!("s3.{region}.amazonaws.com")),
            (AddressKind::Accelerate, "s3-accelerate.amazonaws.com".to_owned()),
        ],
        _ => return vec![own(AddressKind::Own)],
    };
    let kind = match host.kind {
        HostKind::OssInternal => AddressKind::Internal,
        HostKind::OssAccelerate | HostKind::AmazonAccelerate => AddressKind::Accelerate,
        _ => AddressKind::Public,
    };
    let scheme = parts.scheme.word();
    let port = parts.port.map(|port| format!(":{port}")).unwrap_or_default();
    let mut found = vec![own(kind)];
    for (other, name) in hosts {
        if !region.is_empty() && !found.iter().any(|(known, _)| *known == other) {
            found.push((other, format!("{scheme}://{name}{port}")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_a_public_an_internal_and_an_accelerated_address() {
        let shown = |provider, endpoint: &str, region: &str| {
            let found = siblings(provider, endpoint, region).into_iter();
            found.map(|(kind, endpoint)| format!("{kind:?} {endpoint}")).collect::<Vec<_>>()
        };
        let (public, internal, fast) = (
            "https://oss-cn-hangzhou.aliyuncs.com",
            "https://oss-cn-hangzhou-internal.aliyuncs.com",
            "https://oss-accelerate.aliyuncs.com",
        );
        let [at_public, inside, accelerated] =
            [("Public", public), ("Internal", internal), ("Accelerate", fast)]
                .map(|(kind, endpoint)| format!("{kind} {endpoint}"));
        for (endpoint, region, expected) in [
            (public, "", [&at_public, &inside, &accelerated]),
            (internal, "cn-hangzhou", [&inside, &at_public, &accelerated]),
            (fast, "oss-cn-hangzhou", [&accelerated, &at_public, &inside]),
        ] {
            let found = shown(Provider::Oss, endpoint, region);
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{endpoint}");
        }
        // Without a region nothing can be said of the others.
        assert_eq!(shown(Provider::Oss, fast, ""), [format!("Accelerate {fast}")]);
        assert_eq!(
            shown(Provider::Oss, "http://oss-cn-hangzhou.aliyuncs.com:8080", "")[1],
            "Internal http://oss-cn-hangzhou-internal.aliyuncs.com:8080"
        );
        assert_eq!(
            shown(Provider::S3, "https://s3.eu-west-1.amazonaws.com", ""),
            [
                "Public https://s3.eu-west-1.amazonaws.com",
                "Accelerate https://s3-accelerate.amazonaws.com"
            ]
        );
        for endpoint in ["http://127.0.0.1:9000", "https://minio.lan", "https://cos.lan:1"] {
            assert_eq!(shown(Provider::S3, endpoint, "us-east-1"), [format!("Own {endpoint}")]);
        }
    }
}
