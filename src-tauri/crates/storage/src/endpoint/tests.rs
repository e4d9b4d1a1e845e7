//! What people type, and what it means.

use ferry_model::{Addressing, FaultKind, Provider};
use proptest::prelude::*;

use super::*;

/// Typed, endpoint, region, bucket, prefix (empty: none).
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const OSS_ROWS: &[Row] = &[
    ("cn-hangzhou", "https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", ""),
    (" oss-cn-beijing ", "https://oss-cn-beijing.aliyuncs.com", "cn-beijing", "", ""),
    ("oss-cn-beijing-internal", "https://oss-cn-beijing-internal.aliyuncs.com", "cn-beijing", "", ""),
    ("oss-cn-hangzhou.aliyuncs.com", "https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", ""),
    ("HTTP://OSS-cn-hangzhou.aliyuncs.com:80/", "http://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", ""),
    ("https://my-bucket.oss-cn-shanghai.aliyuncs.com/a/b/", "https://oss-cn-shanghai.aliyuncs.com", "cn-shanghai", "my-bucket", "a/b/"),
    ("oss-cn-shanghai.aliyuncs.com/my-bucket/%E7%85%A7/", "https://oss-cn-shanghai.aliyuncs.com", "cn-shanghai", "my-bucket", "照/"),
    ("oss-cn-shanghai-internal.aliyuncs.com", "https://oss-cn-shanghai-internal.aliyuncs.com", "cn-shanghai", "", ""),
    ("b-1.cn-hangzhou.oss.aliyuncs.com", "https://cn-hangzhou.oss.aliyuncs.com", "cn-hangzhou", "b-1", ""),
    ("oss-accelerate.aliyuncs.com", "https://oss-accelerate.aliyuncs.com", "", "", ""),
    ("bkt.oss-accelerate-overseas.aliyuncs.com", "https://oss-accelerate-overseas.aliyuncs.com", "", "bkt", ""),
    ("s3.oss-cn-hangzhou.aliyuncs.com", "https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", ""),
    ("bkt.cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", "https://cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", "cn-heyuan", "bkt", ""),
    ("static.example.com/docs/a", "https://static.example.com", "", "", "docs/a"),
    ("127.0.0.1:9000", "http://127.0.0.1:9000", "", "", ""),
    ("https://localhost:443/bkt", "https://localhost", "", "bkt", ""),
    ("[::1]:9000", "http://[::1]:9000", "", "", ""),
    ("192.0.2.10:8080", "https://192.0.2.10:8080", "", "", ""),
];

const S3_ROWS: &[Row] = &[
    ("us-east-1", "https://s3.amazonaws.com", "us-east-1", "", ""),
    ("eu-west-1", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "", ""),
    ("cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "", ""),
    ("s3.amazonaws.com", "https://s3.amazonaws.com", "us-east-1", "", ""),
    ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "my.dotted.bucket", ""),
    ("s3-us-west-2.amazonaws.com/bkt/p", "https://s3-us-west-2.amazonaws.com", "us-west-2", "bkt", "p"),
    ("s3.dualstack.us-west-2.amazonaws.com", "https://s3.dualstack.us-west-2.amazonaws.com", "us-west-2", "", ""),
    ("bkt.s3-accelerate.amazonaws.com", "https://s3-accelerate.amazonaws.com", "", "bkt", ""),
    ("https://accountid.r2.cloudflarestorage.com/bkt", "https://accountid.r2.cloudflarestorage.com", "auto", "bkt", ""),
    ("s3.us-west-004.backblazeb2.com", "https://s3.us-west-004.backblazeb2.com", "us-west-004", "", ""),
    ("oss-cn-hangzhou.aliyuncs.com", "https://s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", ""),
    ("bkt.oss.aliyuncs.com", "https://s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "bkt", ""),
    ("http://minio.lan:9000", "http://minio.lan:9000", "", "", ""),
];

#[test]
fn what_is_typed_is_understood() {
    for (provider, rows) in [(Provider::Oss, OSS_ROWS), (Provider::S3, S3_ROWS)] {
        for (typed, endpoint, region, bucket, prefix) in rows {
            let got = understand(typed, provider).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
            let shown = (
                got.endpoint.as_str(),
                got.region.as_deref().unwrap_or_default(),
                got.bucket.as_deref().unwrap_or_default(),
                got.prefix.as_deref().unwrap_or_default(),
            );
            assert_eq!(shown, (*endpoint, *region, *bucket, *prefix), "{typed} for {provider:?}");
            let again = understand(&got.endpoint, provider).unwrap();
            assert_eq!((again.endpoint, again.kind), (got.endpoint, got.kind), "{typed}: understanding is stable");
        }
    }
}

#[test]
fn kinds_of_hosts() {
    let kind = |typed| understand(typed, Provider::Oss).unwrap().kind;
    assert_eq!(kind("static.example.com"), HostKind::Custom);
    assert_eq!(kind("oss-cn-hangzhou-internal.aliyuncs.com"), HostKind::OssInternal);
    assert_eq!(kind("oss-accelerate.aliyuncs.com"), HostKind::OssAccelerate);
    assert_eq!(kind("http://10.0.0.1"), HostKind::Address);
    assert_eq!(kind("s3.oss-cn-hangzhou.aliyuncs.com"), HostKind::OssPublic);
    assert_eq!(understand("s3.oss-cn-hangzhou.aliyuncs.com", Provider::S3).unwrap().kind, HostKind::OssAsS3);
}

#[test]
fn odd_texts_are_refused_without_repeating_them() {
    for typed in [
        "",
        "  ",
        "oss://bucket/key",
        "ftp://host.example",
        "https://",
        "https://user:canary@oss-cn-hangzhou.aliyuncs.com",
        "bucket@oss-cn-hangzhou.aliyuncs.com",
        "oss cn hangzhou.aliyuncs.com",
        "cn-this-is-longer-than-a-name-between-two-dots-of-a-host-is-allowed-to-be",
        "https://host.example/key?Signature=canary",
        "https://host.example?canary",
        "host.example#canary",
        "host..example",
        "-host.example",
        "host.example:0",
        "host.example:65536",
        "host.example:80x",
        "[::1",
        "[nonsense]:80",
        "127.1",
        "1.2.3.4.5",
        "a.evil.com\\@good.example",
        "主机.example",
        "host.example:",
    ] {
        let fault = understand(typed, Provider::Oss).expect_err(typed);
        assert_eq!(fault.kind, FaultKind::InvalidEndpoint, "{typed}");
        assert!(!format!("{fault:?}").contains("canary"), "{fault:?}");
    }
}

#[test]
fn regions_have_plain_ids() {
    assert_eq!(region_id("oss-cn-hangzhou"), "cn-hangzhou");
    assert_eq!(region_id("cn-hangzhou"), "cn-hangzhou");
    assert_eq!(endpoint_of_region(Provider::Oss, "oss-cn-hangzhou"), "https://oss-cn-hangzhou.aliyuncs.com");
    for provider in [Provider::Oss, Provider::S3] {
        for region in regions::of(provider) {
            let got = understand(region.id, provider).unwrap();
            assert_eq!(got.region.as_deref(), Some(region.id));
            assert_eq!(understand(&got.endpoint, provider).unwrap().region.as_deref(), Some(region.id));
        }
    }
}

#[test]
fn addresses_in_every_style() {
    let url = |provider, endpoint, bucket, addressing, key| {
        Address::new(provider, endpoint, Some(bucket), addressing).map(|address| address.url(key, &[]))
    };
    let (oss, s3) = (Provider::Oss, Provider::S3);
    for (got, expected) in [
        (
            url(oss, "https://oss-cn-hangzhou.aliyuncs.com", "bkt", Addressing::Auto, Some("a/../b")),
            "https://bkt.oss-cn-hangzhou.aliyuncs.com/a/../b",
        ),
        (url(oss, "http://127.0.0.1:9000", "bkt", Addressing::Auto, None), "http://127.0.0.1:9000/bkt/"),
        (url(s3, "http://127.0.0.1:9000", "bkt", Addressing::Auto, None), "http://127.0.0.1:9000/bkt"),
        (url(oss, "http://[::1]:9000", "bkt", Addressing::Virtual, Some("k")), "http://[::1]:9000/bkt/k"),
        (url(oss, "https://static.example.com", "bkt", Addressing::Cname, Some("k")), "https://static.example.com/k"),
        (url(oss, "https://static.example.com", "bkt", Addressing::Auto, Some("k")), "https://bkt.static.example.com/k"),
        (url(s3, "https://minio.example.com", "bkt", Addressing::Auto, Some("k")), "https://minio.example.com/bkt/k"),
        (url(s3, "https://s3.amazonaws.com", "bkt", Addressing::Auto, Some("k")), "https://bkt.s3.amazonaws.com/k"),
        (url(s3, "https://s3.amazonaws.com", "b.k.t", Addressing::Auto, Some("k")), "https://s3.amazonaws.com/b.k.t/k"),
        (
            url(s3, "https://s3.oss-cn-hangzhou.aliyuncs.com", "bkt", Addressing::Auto, Some("k")),
            "https://bkt.s3.oss-cn-hangzhou.aliyuncs.com/k",
        ),
        (url(s3, "http://localhost:9000", "bkt", Addressing::Virtual, Some("k")), "http://bkt.localhost:9000/k"),
    ] {
        assert_eq!(got.unwrap(), expected);
    }
}

#[test]
fn bucket_names_cannot_bend_the_host() {
    for name in ["", "ab", "-abc", "abc-", "a.evil.com/", "a b c", "a@b", "ABC", "a_b", "桶桶桶", "a/b", "a:b", "abc?x"] {
        assert_eq!(check_bucket_name(Provider::Oss, name).expect_err(name).kind, FaultKind::InvalidBucketName);
    }
    for name in ["a..b", ".abc", "a/b", "a@b", "abc#"] {
        assert!(check_bucket_name(Provider::S3, name).is_err(), "{name}");
    }
    assert!(check_bucket_name(Provider::Oss, "example-bucket-1").is_ok());
    assert!(check_bucket_name(Provider::S3, "my.Bucket_1").is_ok());
}

proptest! {
    #[test]
    fn any_text_is_understood_or_refused(text in any::<String>(), s3 in any::<bool>()) {
        let provider = if s3 { Provider::S3 } else { Provider::Oss };
        if let Ok(understood) = understand(&text, provider) {
            let host = understood.endpoint.split_once("://").unwrap().1;
            prop_assert!(!host.contains(['/', '@', '?', '#', ' ']), "{}", understood.endpoint);
        }
    }

    #[test]
    fn a_bucket_stays_within_its_host(bucket in ".{0,70}") {
        if let Ok(address) = Address::new(Provider::Oss, "https://oss-cn-hangzhou.aliyuncs.com", Some(&bucket), Addressing::Auto) {
            prop_assert!(address.host().ends_with(".oss-cn-hangzhou.aliyuncs.com"));
            prop_assert_eq!(address.host().matches('.').count(), 3);
        }
    }
}
