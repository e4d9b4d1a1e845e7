//! Addresses of buckets and objects.

use ferry_model::{Addressing, FaultKind, Provider};
use proptest::prelude::*;

use super::{HZ, R2};
use crate::endpoint::Address;

#[test]
fn addresses_in_every_style() {
    let url = |provider, endpoint, bucket, addressing, key| {
        Address::new(provider, endpoint, Some(bucket), addressing)
            .map(|address| address.url(key, &[]))
    };
    use Addressing::{Auto, Cname, Path, Virtual};
    let (oss, s3) = (Provider::Oss, Provider::S3);
    for (got, expected) in [
        (
            url(oss, HZ, "bkt", Auto, Some("a/../b")),
            "https://bkt.oss-cn-hangzhou.aliyuncs.com/a/../b",
        ),
        (url(oss, HZ, "bkt", Path, Some("k")), "https://oss-cn-hangzhou.aliyuncs.com/bkt/k"),
        (url(oss, "http://127.0.0.1:9000", "bkt", Auto, None), "http://127.0.0.1:9000/bkt/"),
        (url(s3, "http://127.0.0.1:9000", "bkt", Auto, None), "http://127.0.0.1:9000/bkt"),
        (url(oss, "http://[::1]:9000", "bkt", Virtual, Some("k")), "http://[::1]:9000/bkt/k"),
        (
            url(oss, "https://static.example.com", "bkt", Cname, Some("k")),
            "https://static.example.com/k",
        ),
        (
            url(oss, "https://static.example.com", "bkt", Auto, Some("k")),
            "https://bkt.static.example.com/k",
        ),
        (
            url(oss, "https://图片.example", "bkt", Cname, Some("照")),
            "https://xn--wcsw84d.example/%E7%85%A7",
        ),
        (
            url(oss, "https://oss-cn-x.cloud.example", "bkt", Auto, Some("k")),
            "https://bkt.oss-cn-x.cloud.example/k",
        ),
        (
            url(s3, "https://minio.example.com", "bkt", Auto, Some("k")),
            "https://minio.example.com/bkt/k",
        ),
        (
            url(s3, "https://s3.amazonaws.com", "bkt", Auto, Some("k")),
            "https://bkt.s3.amazonaws.com/k",
        ),
        (
            url(s3, "https://s3.amazonaws.com", "b.k.t", Auto, Some("k")),
            "https://s3.amazonaws.com/b.k.t/k",
        ),
        (
            url(s3, "https://s3.amazonaws.com", "Old_Bucket", Auto, Some("k")),
            "https://s3.amazonaws.com/Old_Bucket/k",
        ),
        (
            url(s3, R2, "bkt", Auto, Some("k")),
            "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/bkt/k",
        ),
        (
            url(s3, "https://cos.ap-guangzhou.myqcloud.com", "bkt-125", Auto, Some("k")),
            "https://bkt-125.cos.ap-guangzhou.myqcloud.com/k",
        ),
        (
            url(s3, "https://s3.us-west-004.backblazeb2.com", "bkt", Auto, Some("k")),
            "https://s3.us-west-004.backblazeb2.com/bkt/k",
        ),
        (
            url(s3, "https://s3.oss-cn-hangzhou.aliyuncs.com", "bkt", Auto, Some("k")),
            "https://bkt.s3.oss-cn-hangzhou.aliyuncs.com/k",
        ),
        (
            url(s3, "http://localhost:9000", "bkt", Virtual, Some("k")),
            "http://bkt.localhost:9000/k",
        ),
    ] {
        assert_eq!(got.unwrap(), expected);
    }
    for (provider, endpoint, bucket, addressing) in [
        (s3, "https://s3.amazonaws.com", "Old_Bucket", Virtual),
        (s3, "https://s3.oss-cn-hangzhou.aliyuncs.com", "Old_Bucket", Auto),
        (s3, "https://s3.oss-cn-hangzhou.aliyuncs.com", "b.k.t", Auto),
        (oss, HZ, "b.k.t", Auto),
    ] {
        let refused = Address::new(provider, endpoint, Some(bucket), addressing)
            .map(|_| ())
            .expect_err(bucket);
        assert_eq!(refused.kind, FaultKind::InvalidBucketName, "{endpoint} {bucket}");
    }
}

proptest! {
    #[test]
    fn a_bucket_stays_within_its_host(bucket in ".{0,70}") {
        if let Ok(address) = Address::new(Provider::Oss, HZ, Some(&bucket), Addressing::Auto) {
            prop_assert!(address.host().ends_with(".oss-cn-hangzhou.aliyuncs.com"));
            prop_assert_eq!(address.host().matches('.').count(), 3);
        }
    }

    #[test]
    fn an_s3_bucket_bends_neither_host_nor_path(bucket in "[a-zA-Z0-9._:/@%-]{0,70}") {
        if let Ok(address) = Address::new(Provider::S3, "https://s3.amazonaws.com", Some(&bucket), Addressing::Auto) {
            let url = address.url(Some("k"), &[]);
            prop_assert!(url == format!("https://{bucket}.s3.amazonaws.com/k") || url == format!("https://s3.amazonaws.com/{bucket}/k"), "{}", url);
            prop_assert!(!bucket.contains(['/', ':', '@', '%']));
        }
    }
}
