//! Endpoints that stores name, and those that would be a trap.

use ferry_model::{Credentials, Secret};
use http::HeaderMap;
use proptest::prelude::*;

use super::*;
use crate::error::answer::OnlyIfAbsent;

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "id".into(),
        access_key_secret: Secret::new("unrelated-secret"),
        security_token: None,
        expires_ms: None,
    }
}

/// What is offered when `own`, spoken to by `scheme`, answers with these fields and headers.
fn offered(
    provider: Provider,
    scheme: Scheme,
    own: &str,
    fields: &[(&str, &str)],
    headers: &[(&'static str, &str)],
) -> (Option<String>, Option<String>) {
    let credentials = credentials();
    let asked = Asked {
        provider,
        scheme,
        endpoint_host: own,
        bucket: "bkt",
        region: "us-east-1",
        key: Some("k"),
        only_if_absent: OnlyIfAbsent::NotAsked,
        permission: "",
        credentials: &credentials,
        signed: None,
    };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let head = Head { status: 301, headers: map, proxy: None };
    let document = ErrorDocument {
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    (endpoint(&asked, &head, &document), region(&asked, &head, &document))
}

const OSS: &str = "oss-cn-hangzhou.aliyuncs.com";
const AWS: &str = "s3.amazonaws.com";

#[test]
fn an_endpoint_of_the_same_provider_is_offered() {
    for (own, named, expected) in [
        (OSS, "oss-cn-shanghai.aliyuncs.com", "oss-cn-shanghai.aliyuncs.com"),
        (OSS, "OSS-cn-Shanghai.aliyuncs.com", "oss-cn-shanghai.aliyuncs.com"),
        (OSS, "bkt.oss-cn-shanghai.aliyuncs.com", "oss-cn-shanghai.aliyuncs.com"),
        (OSS, "https://bkt.oss-cn-shanghai.aliyuncs.com/k?x=1#y", "oss-cn-shanghai.aliyuncs.com"),
        (OSS, "https://oss-cn-shanghai.aliyuncs.com:443/", "oss-cn-shanghai.aliyuncs.com"),
        (OSS, "oss-cn-hzfinance.aliyuncs.com", "oss-cn-hzfinance.aliyuncs.com"),
        (OSS, "cn-beijing.oss.aliyuncs.com", "cn-beijing.oss.aliyuncs.com"),
        (
            "oss-cn-hangzhou-internal.aliyuncs.com",
            "oss-cn-shanghai-internal.aliyuncs.com",
            "oss-cn-shanghai-internal.aliyuncs.com",
        ),
        ("static.example.com", "oss-cn-shanghai.aliyuncs.com", "oss-cn-shanghai.aliyuncs.com"),
    ] {
        let got = offered(Provider::Oss, Scheme::Https, own, &[("Endpoint", named)], &[]);
        assert_eq!(got.0.as_deref(), Some(expected), "{own}: {named}");
    }
    for (own, named, expected) in [
        (AWS, "bkt.s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"),
        (AWS, "bkt.s3-us-west-2.amazonaws.com", "s3-us-west-2.amazonaws.com"),
        (AWS, "s3.dualstack.eu-west-1.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com"),
        (
            "s3.cn-north-1.amazonaws.com.cn",
            "bkt.s3.cn-northwest-1.amazonaws.com.cn",
            "s3.cn-northwest-1.amazonaws.com.cn",
        ),
        (
            "s3.oss-cn-hangzhou.aliyuncs.com",
            "bkt.oss-cn-shanghai.aliyuncs.com",
            "s3.oss-cn-shanghai.aliyuncs.com",
        ),
        (
            "s3.oss-cn-hangzhou.aliyuncs.com",
            "s3.oss-cn-shanghai.aliyuncs.com",
            "s3.oss-cn-shanghai.aliyuncs.com",
        ),
        (
            "fsn1.your-objectstorage.com",
            "nbg1.your-objectstorage.com",
            "nbg1.your-objectstorage.com",
        ),
        (
            "s3.us-west-004.backblazeb2.com",
            "s3.eu-central-003.backblazeb2.com",
            "s3.eu-central-003.backblazeb2.com",
        ),
        ("one.s3.example.com", "two.s3.example.com", "two.s3.example.com"),
    ] {
        let got = offered(Provider::S3, Scheme::Https, own, &[("Endpoint", named)], &[]);
        assert_eq!(got.0.as_deref(), Some(expected), "{own}: {named}");
        let by_location = offered(
            Provider::S3,
            Scheme::Https,
            own,
            &[],
            &[("location", &format!("https://{named}/k"))],
        );
        assert_eq!(by_location.0.as_deref(), Some(expected), "{own}: Location {named}");
    }
}

#[test]
fn traps_are_not_offered() {
    let (oss, s3) = (Provider::Oss, Provider::S3);
    for (provider, own, named) in [
        // Another domain, in every disguise.
        (oss, OSS, "evil.example"),
        (oss, OSS, "aliyuncs.com.evil.example"),
        (oss, OSS, "oss-cn-shanghai.aliyuncs.com.evil.example"),
        (oss, OSS, "evilaliyuncs.com"),
        (oss, OSS, "oss-cn-shanghai-aliyuncs.com"),
        (oss, OSS, "evil.example/.aliyuncs.com"),
        (oss, OSS, "evil.example#.aliyuncs.com"),
        (oss, OSS, "evil.example?.aliyuncs.com"),
        (oss, OSS, "evil.example\\.aliyuncs.com"),
        (oss, OSS, "https://evil.example/https://oss-cn-shanghai.aliyuncs.com"),
        (oss, OSS, "oss-cn-shanghai.аliyuncs.com"),
        // Credentials, ports, schemes.
        (oss, OSS, "user@oss-cn-shanghai.aliyuncs.com"),
        (oss, OSS, "https://user:pw@oss-cn-shanghai.aliyuncs.com/"),
        (oss, OSS, "https://oss-cn-shanghai.aliyuncs.com:pw@evil.example/"),
        (oss, OSS, "https://oss-cn-shanghai.aliyuncs.com:8443/"),
        (oss, OSS, "oss-cn-shanghai.aliyuncs.com:80"),
        (oss, OSS, "http://oss-cn-shanghai.aliyuncs.com/"),
        (oss, OSS, "ftp://oss-cn-shanghai.aliyuncs.com/"),
        (oss, OSS, "javascript://oss-cn-shanghai.aliyuncs.com/"),
        (oss, OSS, "//oss-cn-shanghai.aliyuncs.com/"),
        // Another customer's place at the same provider.
        (oss, OSS, "attacker.oss-cn-shanghai.aliyuncs.com"),
        (oss, OSS, "attacker.cn-shanghai.fc.aliyuncs.com"),
        (oss, OSS, "www.aliyuncs.com"),
        (oss, OSS, "oss-cn-shanghai-internal.aliyuncs.com"),
        (s3, AWS, "attacker.s3.eu-west-1.amazonaws.com"),
        (s3, AWS, "evil.execute-api.us-east-1.amazonaws.com"),
        (s3, AWS, "ec2-1-2-3-4.compute-1.amazonaws.com"),
        (s3, AWS, "s3.cn-north-1.amazonaws.com.cn"),
        (s3, AWS, "oss-cn-shanghai.aliyuncs.com"),
        (s3, "s3.example.com", "evil.example.com"),
        (s3, "s3.example.com", "evil.com"),
        (s3, "mine.duckdns.org", "evil.duckdns.org"),
        (s3, "nyc3.digitaloceanspaces.com", "evil.nyc3.digitaloceanspaces.com"),
        (s3, "nyc3.digitaloceanspaces.com", "fsn1.your-objectstorage.com"),
        (s3, "s3.example.com", "s3.eu-west-1.amazonaws.com"),
        // This computer, and the network around it.
        (oss, OSS, "169.254.169.254"),
        (oss, OSS, "localhost"),
        (s3, "10.0.0.1", "9.0.0.1"),
        (s3, AWS, "[::1]"),
        (s3, AWS, "0x7f000001"),
        // Nothing new, or nothing at all.
        (oss, OSS, OSS),
        (oss, OSS, ""),
        (oss, OSS, " "),
        (oss, OSS, "oss-cn-shanghai.aliyuncs.com\nevil"),
        (s3, "minio", "other"),
    ] {
        assert_eq!(
            offered(provider, Scheme::Https, own, &[("Endpoint", named)], &[]).0,
            None,
            "{own}: {named}"
        );
        if let Ok(value) = named.parse::<http::HeaderValue>() {
            let mut headers = HeaderMap::new();
            headers.insert("location", value);
            let text = headers["location"].to_str().unwrap_or_default().to_owned();
            assert_eq!(
                offered(provider, Scheme::Https, own, &[], &[("location", &text)]).0,
                None,
                "{own}: Location {named}"
            );
        }
    }
}

#[test]
fn http_is_offered_only_to_who_uses_it() {
    let location = [("location", "http://oss-cn-shanghai.aliyuncs.com/k")];
    assert_eq!(offered(Provider::Oss, Scheme::Https, OSS, &[], &location).0, None);
    assert_eq!(
        offered(Provider::Oss, Scheme::Http, OSS, &[], &location).0.as_deref(),
        Some("oss-cn-shanghai.aliyuncs.com")
    );
}

#[test]
fn a_region_gives_its_endpoint() {
    for (provider, own, named, endpoint, region) in [
        (Provider::S3, AWS, "eu-west-1", Some("s3.eu-west-1.amazonaws.com"), Some("eu-west-1")),
        (
            Provider::S3,
            "s3.dualstack.us-east-1.amazonaws.com",
            "eu-west-1",
            Some("s3.dualstack.eu-west-1.amazonaws.com"),
            Some("eu-west-1"),
        ),
        (Provider::S3, AWS, "cn-north-1", None, Some("cn-north-1")),
        (
            Provider::S3,
            "s3.oss-cn-hangzhou.aliyuncs.com",
            "oss-cn-beijing",
            Some("s3.oss-cn-beijing.aliyuncs.com"),
            Some("cn-beijing"),
        ),
        (Provider::S3, "minio.lan", "eu-west-1", None, Some("eu-west-1")),
        (Provider::S3, AWS, "us-east-1", None, None),
        (Provider::S3, AWS, "eu-west-1.evil.example/", None, None),
        (Provider::S3, AWS, "EU<script>", None, None),
        (Provider::S3, AWS, "", None, None),
        (Provider::S3, AWS, "a-region-that-is-far-too-long-to-be-any-real-one", None, None),
    ] {
        let expected = (endpoint.map(str::to_owned), region.map(str::to_owned));
        assert_eq!(
            offered(provider, Scheme::Https, own, &[("Region", named)], &[]),
            expected,
            "{own}: {named}"
        );
        if let Ok(value) = named.parse::<http::HeaderValue>() {
            let text = value.to_str().unwrap_or_default().to_owned();
            assert_eq!(
                offered(provider, Scheme::Https, own, &[], &[("x-amz-bucket-region", &text)]),
                expected,
                "{own}: {named}"
            );
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_named_stays_with_the_provider(named in "[a-z0-9.:/@#?-]{0,12}(oss-cn-|s3.)?[a-z0-9.:/@#?-]{0,12}(aliyuncs.com|amazonaws.com|example.com)?[a-z.:/@]{0,8}") {
        for (provider, own, domain) in [(Provider::Oss, OSS, ".aliyuncs.com"), (Provider::S3, AWS, ".amazonaws.com")] {
            if let (Some(host), _) = offered(provider, Scheme::Https, own, &[("Endpoint", &named)], &[]) {
                prop_assert!(host.ends_with(domain), "{host}");
                prop_assert!(host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')), "{host}");
                let read = hosts::read(&url::parse(&host).unwrap());
                prop_assert!(read.bucket.is_none() && (read.kind.is_oss() || read.kind == HostKind::Amazon || read.kind == HostKind::AmazonAccelerate));
            }
        }
    }
}
