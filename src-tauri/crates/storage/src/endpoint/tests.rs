//! What people type and paste, and what it means.

mod addresses;

use ferry_model::{Addressing, FaultKind, Language, Provider};
use proptest::prelude::*;

use super::*;

/// Typed, endpoint, region, bucket, prefix (empty: none), remarks by their first letters.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// Q(uery) S(ignature) O(bject) P(rovider) A(cceleration) I(nternal) H(ttp).
fn letters(remarks: &[Remark]) -> String {
    let letter = |remark: &Remark| match remark {
        Remark::QueryDropped => 'Q',
        Remark::SignatureDropped => 'S',
        Remark::ObjectNamed => 'O',
        Remark::OtherProvider(_) => 'P',
        Remark::OtherBucket(_) => 'B',
        Remark::NeedsAcceleration => 'A',
        Remark::InternalOnly => 'I',
        Remark::PlainHttp => 'H',
    };
    remarks.iter().map(letter).collect()
}

const HZ: &str = "https://oss-cn-hangzhou.aliyuncs.com";
const SH: &str = "https://oss-cn-shanghai.aliyuncs.com";

#[rustfmt::skip]
const OSS_ROWS: &[Row] = &[
    // A region, by id or as the console names it.
    ("cn-hangzhou", HZ, "cn-hangzhou", "", "", ""),
    (" oss-cn-beijing ", "https://oss-cn-beijing.aliyuncs.com", "cn-beijing", "", "", ""),
    ("CN-Hangzhou", HZ, "cn-hangzhou", "", "", ""),
    ("oss-cn-beijing-internal", "https://oss-cn-beijing-internal.aliyuncs.com", "cn-beijing", "", "", "I"),
    ("华东1（杭州）", HZ, "cn-hangzhou", "", "", ""),
    ("华东 1 (杭州)", HZ, "cn-hangzhou", "", "", ""),
    ("杭州", HZ, "cn-hangzhou", "", "", ""),
    ("China (Hangzhou)", HZ, "cn-hangzhou", "", "", ""),
    ("singapore", "https://oss-ap-southeast-1.aliyuncs.com", "ap-southeast-1", "", "", ""),
    ("cn-hangzhou-finance", "https://oss-cn-hzfinance.aliyuncs.com", "cn-hangzhou-finance", "", "", ""),
    ("rg-china-mainland", "https://oss-rg-china-mainland.aliyuncs.com", "rg-china-mainland", "", "", ""),
    ("cn-newplace-9", "https://oss-cn-newplace-9.aliyuncs.com", "cn-newplace-9", "", "", ""),
    // A host, as it stands in documents.
    ("oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("HTTPS://OSS-CN-HANGZHOU.ALIYUNCS.COM", HZ, "cn-hangzhou", "", "", ""),
    ("oss-cn-hangzhou.aliyuncs.com.", HZ, "cn-hangzhou", "", "", ""),
    ("HTTP://OSS-cn-hangzhou.aliyuncs.com:80/", "http://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", "", "H"),
    ("oss-cn-hangzhou.aliyuncs.com:443", HZ, "cn-hangzhou", "", "", ""),
    ("http://oss-cn-hangzhou.aliyuncs.com:443", "http://oss-cn-hangzhou.aliyuncs.com:443", "cn-hangzhou", "", "", "H"),
    ("oss-cn-shanghai-internal.aliyuncs.com", "https://oss-cn-shanghai-internal.aliyuncs.com", "cn-shanghai", "", "", "I"),
    ("vpc100-oss-cn-hangzhou.aliyuncs.com", "https://vpc100-oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", "", "I"),
    ("oss-cn-hzfinance.aliyuncs.com", "https://oss-cn-hzfinance.aliyuncs.com", "cn-hangzhou-finance", "", "", ""),
    ("oss-cn-hzjbp-b-internal.aliyuncs.com", "https://oss-cn-hzjbp-b-internal.aliyuncs.com", "cn-hangzhou-finance", "", "", "I"),
    ("oss-cn-shanghai-finance-1-pub.aliyuncs.com", "https://oss-cn-shanghai-finance-1-pub.aliyuncs.com", "cn-shanghai-finance-1", "", "", ""),
    ("oss-cn-shanghai-finance-1-pub-internal.aliyuncs.com", "https://oss-cn-shanghai-finance-1-pub-internal.aliyuncs.com", "cn-shanghai-finance-1", "", "", "I"),
    ("oss-cn-north-2-gov-1.aliyuncs.com", "https://oss-cn-north-2-gov-1.aliyuncs.com", "cn-north-2-gov-1", "", "", ""),
    ("b-1.cn-hangzhou.oss.aliyuncs.com", "https://cn-hangzhou.oss.aliyuncs.com", "cn-hangzhou", "b-1", "", ""),
    ("cn-shanghai-finance.oss.aliyuncs.com", "https://cn-shanghai-finance.oss.aliyuncs.com", "cn-shanghai-finance-1", "", "", ""),
    ("oss-accelerate.aliyuncs.com", "https://oss-accelerate.aliyuncs.com", "", "", "", "A"),
    ("bkt.oss-accelerate-overseas.aliyuncs.com", "https://oss-accelerate-overseas.aliyuncs.com", "", "bkt", "", "A"),
    ("s3.oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("bkt.s3.oss-cn-hangzhou-internal.aliyuncs.com", "https://oss-cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou", "bkt", "", "I"),
    ("bkt.cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", "https://cb-f8z7.cn-heyuan.oss-cloudbox.aliyuncs.com", "cn-heyuan", "bkt", "", ""),
    ("cb-f8z7.cn-heyuan.oss-cloudbox-control.aliyuncs.com", "https://cb-f8z7.cn-heyuan.oss-cloudbox-control.aliyuncs.com", "cn-heyuan", "", "", ""),
    // A bucket before the host or in the path, and what follows.
    ("https://my-bucket.oss-cn-shanghai.aliyuncs.com/a/b/", SH, "cn-shanghai", "my-bucket", "a/b/", ""),
    ("my-bucket.oss-cn-shanghai.aliyuncs.com/a/b", SH, "cn-shanghai", "my-bucket", "a/b", ""),
    ("oss-cn-shanghai.aliyuncs.com/my-bucket/%E7%85%A7/", SH, "cn-shanghai", "my-bucket", "照/", ""),
    ("https://my-bucket.oss-cn-shanghai.aliyuncs.com/a/照片.JPG", SH, "cn-shanghai", "my-bucket", "a/", "O"),
    ("https://my-bucket.oss-cn-shanghai.aliyuncs.com/release/v1.2", SH, "cn-shanghai", "my-bucket", "release/v1.2", ""),
    ("https://my-bucket.oss-cn-shanghai.aliyuncs.com/a/b?x-oss-process=image/resize,w_100", SH, "cn-shanghai", "my-bucket", "a/", "QO"),
    ("https://b-1.oss-cn-shanghai.aliyuncs.com/a/b.mp4?OSSAccessKeyId=LTAI&Expires=1&Signature=canary%3D&security-token=canary", SH, "cn-shanghai", "b-1", "a/", "SO"),
    ("https://b-1.oss-cn-shanghai.aliyuncs.com/top.mp4?x-oss-credential=id&x-oss-signature=canary", SH, "cn-shanghai", "b-1", "", "SO"),
    ("https://b-1.oss-cn-shanghai.aliyuncs.com/?Signature=canary#canary", SH, "cn-shanghai", "b-1", "", "S"),
    ("https://b-1.oss-cn-shanghai.aliyuncs.com/#top", SH, "cn-shanghai", "b-1", "", "Q"),
    ("oss://photos", "", "", "photos", "", ""),
    ("oss://photos/2026/a b/", "", "", "photos", "2026/a b/", ""),
    ("OSS：／／photos／2026/", "", "", "photos", "2026/", ""),
    ("“oss://photos/a/”，", "", "", "photos", "a/", ""),
    // What an object's name may hold stays.
    ("oss://photos/（一）：２０２６／👨\u{200d}👩/", "", "", "photos", "（一）：２０２６／👨\u{200d}👩/", ""),
    ("https：／／b-1.oss-cn-shanghai.aliyuncs.com／目录？/", SH, "cn-shanghai", "b-1", "目录？/", ""),
    ("https://b-1.oss-cn-shanghai.aliyuncs.com/a/b.mp4？Signature=canary", SH, "cn-shanghai", "b-1", "a/", "SO"),
    // The console's own addresses.
    ("oss.console.aliyun.com/bucket/oss-cn-hangzhou/photos/object", HZ, "cn-hangzhou", "photos", "", ""),
    ("https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/photos/object", HZ, "cn-hangzhou", "photos", "", ""),
    ("https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/photos/object?path=2026%2F%E7%85%A7%2F", HZ, "cn-hangzhou", "photos", "2026/照/", ""),
    ("https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/photos/object/upload", HZ, "cn-hangzhou", "photos", "", ""),
    ("https://oss.console.alibabacloud.com/bucket/oss-ap-southeast-1/photos/overview", "https://oss-ap-southeast-1.aliyuncs.com", "ap-southeast-1", "photos", "", ""),
    // What comes along with a copied text.
    ("\u{200b}oss-cn-hangzhou.aliyuncs.com\u{feff}", HZ, "cn-hangzhou", "", "", ""),
    ("oss-cn-\u{ad}hang\u{200d}zhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("\u{202a}oss-cn-hangzhou.aliyuncs.com\u{202c}", HZ, "cn-hangzhou", "", "", ""),
    ("\u{3000}oss-cn-hangzhou.aliyuncs.com\u{a0}\r\n", HZ, "cn-hangzhou", "", "", ""),
    ("ｏｓｓ－ｃｎ－ｈａｎｇｚｈｏｕ．ａｌｉｙｕｎｃｓ．ｃｏｍ", HZ, "cn-hangzhou", "", "", ""),
    ("https：//oss-cn-hangzhou。aliyuncs。com", HZ, "cn-hangzhou", "", "", ""),
    ("https:\\\\oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("https:/oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("“oss-cn-hangzhou.aliyuncs.com”", HZ, "cn-hangzhou", "", "", ""),
    ("<https://oss-cn-hangzhou.aliyuncs.com>", HZ, "cn-hangzhou", "", "", ""),
    ("'`oss-cn-hangzhou.aliyuncs.com`',", HZ, "cn-hangzhou", "", "", ""),
    ("Endpoint: oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("外网访问：oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    ("endpoint=https://oss-cn-hangzhou.aliyuncs.com", HZ, "cn-hangzhou", "", "", ""),
    // Domains of one's own, private installations, addresses.
    ("static.example.com/docs/a", "https://static.example.com", "", "", "docs/a", ""),
    ("图片.示例.中国", "https://xn--wcsw84d.xn--fsq092h.xn--fiqs8s", "", "", "", ""),
    ("https://Bücher.Example:8443/", "https://xn--bcher-kva.example:8443", "", "", "", ""),
    ("xn--bcher-kva.example", "https://xn--bcher-kva.example", "", "", "", ""),
    ("oss-cn-north-7-internal.ops.corp.example", "https://oss-cn-north-7-internal.ops.corp.example", "cn-north-7", "", "", ""),
    ("bkt.oss-cn-hangzhou-zw-d01.internet.cloud.example/a/", "https://oss-cn-hangzhou-zw-d01.internet.cloud.example", "cn-hangzhou-zw-d01", "bkt", "a/", ""),
    ("127.0.0.1:9000", "http://127.0.0.1:9000", "", "", "", ""),
    ("https://localhost:443/bkt", "https://localhost", "", "bkt", "", ""),
    ("[::1]:9000", "http://[::1]:9000", "", "", "", ""),
    ("::1", "http://[::1]", "", "", "", ""),
    ("http://[2001:DB8::1]/bkt/p/", "http://[2001:db8::1]", "", "bkt", "p/", "H"),
    ("192.0.2.10:8080", "https://192.0.2.10:8080", "", "", "", ""),
];

const R2: &str = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";

#[rustfmt::skip]
const S3_ROWS: &[Row] = &[
    ("us-east-1", "https://s3.amazonaws.com", "us-east-1", "", "", ""),
    ("eu-west-1", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "", "", ""),
    ("Europe (Ireland)", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "", "", ""),
    ("cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "", "", ""),
    ("s3.amazonaws.com", "https://s3.amazonaws.com", "us-east-1", "", "", ""),
    ("bucket.s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "bucket", "", ""),
    ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "my.dotted.bucket", "", ""),
    ("https://s3.eu-west-1.amazonaws.com/Old_Bucket/p/", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "Old_Bucket", "p/", ""),
    ("s3-us-west-2.amazonaws.com/bkt/p", "https://s3-us-west-2.amazonaws.com", "us-west-2", "bkt", "p", ""),
    ("s3.dualstack.us-west-2.amazonaws.com", "https://s3.dualstack.us-west-2.amazonaws.com", "us-west-2", "", "", ""),
    ("bkt.s3-fips.dualstack.us-gov-west-1.amazonaws.com", "https://s3-fips.dualstack.us-gov-west-1.amazonaws.com", "us-gov-west-1", "bkt", "", ""),
    ("bkt.s3-accelerate.amazonaws.com", "https://s3-accelerate.amazonaws.com", "", "bkt", "", "A"),
    ("bkt.s3-accelerate.dualstack.amazonaws.com", "https://s3-accelerate.dualstack.amazonaws.com", "", "bkt", "", "A"),
    ("http://bkt.s3-website-us-east-1.amazonaws.com", "http://s3.us-east-1.amazonaws.com", "us-east-1", "bkt", "", "H"),
    ("https://bkt.s3-website.eu-central-1.amazonaws.com/a/", "https://s3.eu-central-1.amazonaws.com", "eu-central-1", "bkt", "a/", ""),
    ("ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com", "https://s3-accesspoint.eu-west-1.amazonaws.com", "eu-west-1", "ap-123456789012", "", ""),
    ("https://bkt.s3.eu-west-1.amazonaws.com/a/b.txt?X-Amz-Credential=id&X-Amz-Signature=canary", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "bkt", "a/", "SO"),
    ("s3://my.bucket/backup/", "", "", "my.bucket", "backup/", ""),
    ("https://s3.console.aws.amazon.com/s3/buckets/bkt?region=eu-west-1&prefix=a/b/&showversions=false", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "bkt", "a/b/", ""),
    ("https://eu-west-1.console.aws.amazon.com/s3/object/bkt?region=eu-west-1&prefix=a/b+c.txt", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "bkt", "a/", ""),
    ("https://console.amazonaws.cn/s3/buckets/bkt?region=cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "bkt", "", ""),
    ("https://dash.cloudflare.com/0123456789abcdef0123456789abcdef/r2/default/buckets/bkt/settings", R2, "auto", "bkt", "", ""),
    ("https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/bkt", R2, "auto", "bkt", "", ""),
    ("bkt.0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", R2, "auto", "bkt", "", ""),
    ("0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com", "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com", "auto", "", "", ""),
    ("s3.us-west-004.backblazeb2.com", "https://s3.us-west-004.backblazeb2.com", "us-west-004", "", "", ""),
    ("bkt.s3.us-west-004.backblazeb2.com/p/", "https://s3.us-west-004.backblazeb2.com", "us-west-004", "bkt", "p/", ""),
    ("bkt-125.cos.ap-guangzhou.myqcloud.com", "https://cos.ap-guangzhou.myqcloud.com", "ap-guangzhou", "bkt-125", "", ""),
    ("tos-s3-cn-beijing.volces.com", "https://tos-s3-cn-beijing.volces.com", "cn-beijing", "", "", ""),
    ("nyc3.digitaloceanspaces.com", "https://nyc3.digitaloceanspaces.com", "nyc3", "", "", ""),
    ("storage.googleapis.com/bkt", "https://storage.googleapis.com", "auto", "bkt", "", ""),
    ("oss-cn-hangzhou.aliyuncs.com", "https://s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "", "", ""),
    ("bkt.oss.aliyuncs.com", "https://s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "bkt", "", ""),
    ("bkt.oss-cn-hangzhou-internal.aliyuncs.com", "https://s3.oss-cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou", "bkt", "", ""),
    ("vpc100-oss-cn-hangzhou.aliyuncs.com", "https://s3.oss-cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou", "", "", ""),
    ("s3.oss-cn-hangzhou.aliyuncs.com/bkt", "https://s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "bkt", "", ""),
    ("http://minio.lan:9000", "http://minio.lan:9000", "", "", "", "H"),
    ("host:9000", "https://host:9000", "", "", "", ""),
    ("https://s3.us-lab.example.com/bkt/p/", "https://s3.us-lab.example.com", "us-lab", "bkt", "p/", ""),
];

/// Typed for one provider, but another's.
#[rustfmt::skip]
const OTHER_ROWS: &[(Provider, Provider, Row)] = &[
    (Provider::Oss, Provider::S3, ("https://bkt.s3.eu-west-1.amazonaws.com/a/", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "bkt", "a/", "P")),
    (Provider::Oss, Provider::S3, ("0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", R2, "auto", "", "", "P")),
    (Provider::Oss, Provider::S3, ("cos.ap-guangzhou.myqcloud.com", "https://cos.ap-guangzhou.myqcloud.com", "ap-guangzhou", "", "", "P")),
    (Provider::Oss, Provider::S3, ("s3://bkt/a", "", "", "bkt", "a", "P")),
    (Provider::S3, Provider::Oss, ("oss://bkt", "", "", "bkt", "", "P")),
    (Provider::S3, Provider::Oss, ("https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/photos/object", HZ, "cn-hangzhou", "photos", "", "P")),
];

#[test]
fn what_is_typed_is_understood() {
    let own = |provider: Provider, rows: &'static [Row]| {
        rows.iter().map(move |row| (provider, provider, row))
    };
    let others = OTHER_ROWS.iter().map(|(chosen, meant, row)| (*chosen, *meant, row));
    for (chosen, meant, (typed, endpoint, region, bucket, prefix, remarks)) in
        own(Provider::Oss, OSS_ROWS).chain(own(Provider::S3, S3_ROWS)).chain(others)
    {
        let got = understand(typed, chosen).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let shown = [
            text(&got.endpoint),
            text(&got.region),
            text(&got.bucket),
            text(&got.prefix),
            letters(&got.remarks),
        ];
        assert_eq!(
            shown,
            [endpoint, region, bucket, prefix, remarks].map(|field| (*field).to_owned()),
            "{typed} for {chosen:?}"
        );
        assert_eq!(got.provider, meant, "{typed}");
        assert!(!format!("{got:?}").contains("canary"), "{got:?}");
        if let Some(endpoint) = got.endpoint {
            let again = understand(&endpoint, meant).unwrap();
            assert_eq!(
                (again.endpoint, again.kind),
                (Some(endpoint), got.kind),
                "{typed}: understanding is stable"
            );
        }
    }
}

#[test]
fn kinds_of_hosts() {
    use HostKind as H;
    for (typed, provider, kind) in [
        ("static.example.com", Provider::Oss, H::Custom),
        ("oss-cn-hangzhou-internal.aliyuncs.com", Provider::Oss, H::OssInternal),
        ("cn-hangzhou.oss.aliyuncs.com", Provider::Oss, H::OssDualStack),
        ("oss-accelerate.aliyuncs.com", Provider::Oss, H::OssAccelerate),
        ("cb-1.cn-heyuan.oss-cloudbox.aliyuncs.com", Provider::Oss, H::OssCloudBox),
        ("oss-cn-x.cloud.example.cn", Provider::Oss, H::OssPrivate),
        ("oss-cn-x.example", Provider::Oss, H::Custom),
        ("http://10.0.0.1", Provider::Oss, H::Address),
        ("s3.oss-cn-hangzhou.aliyuncs.com", Provider::Oss, H::OssPublic),
        ("s3.oss-cn-hangzhou.aliyuncs.com", Provider::S3, H::OssAsS3),
        ("www.aliyuncs.com", Provider::Oss, H::Custom),
        ("ec2.eu-west-1.amazonaws.com", Provider::S3, H::Custom),
        ("cos.ap-guangzhou.myqcloud.com", Provider::S3, H::Service),
        ("x.r2.cloudflarestorage.com", Provider::S3, H::R2),
        ("sub.localhost", Provider::S3, H::Loopback),
    ] {
        assert_eq!(understand(typed, provider).unwrap().kind, Some(kind), "{typed}");
    }
}

#[test]
fn odd_texts_are_refused_without_repeating_them() {
    for typed in [
        "",
        "  ",
        "\u{200b}",
        "ftp://host.example",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:canary@oss-cn-hangzhou.aliyuncs.com",
        "https://user：canary＠oss-cn-hangzhou.aliyuncs.com",
        "bucket@oss-cn-hangzhou.aliyuncs.com",
        "oss cn hangzhou.aliyuncs.com",
        "two.example.com three.example.com",
        "one.example.com\ntwo.example.com",
        "cn-this-is-longer-than-a-name-between-two-dots-of-a-host-is-allowed-to-be",
        "host..example",
        "-host.example",
        "host.example:0",
        "host.example:65536",
        "host.example:80x",
        "host.example:",
        "[::1",
        "[nonsense]:80",
        "127.1",
        "010.0.0.1",
        "0x7f.0.0.1.5",
        "1.2.3.4.5",
        "a.evil.com\\@good.example",
        "https://good.example%2eevil.com/",
        "xn--\u{202e}.example",
        "ex\u{0}ample.com",
        "https://oss.console.aliyun.com/overview",
        "https://s3.console.aws.amazon.com/s3/home",
        "s3.console.aws.amazon.com",
        "https://s3.console.aws.amazon.com.:443/s3/home",
        "https://s3.console.aws.amazon.com/s3/buckets/bkt?region=evil.example/",
        "https://s3.console.aws.amazon.com/s3/buckets/bkt?region=x%2Fy",
        "https://oss.console.aliyun.com/bucket/oss-evil.example%2f/photos/object",
        "https://dash.cloudflare.com/evil.example%2f/r2/default/buckets/bkt",
        "https://dash.cloudflare.com/evil.example/r2/default/buckets/bkt",
        "https://dash.cloudflare.com/x@evil.example%3a80%2f/r2/default/buckets/bkt",
        "https://b-1.oss-cn-hangzhou.aliyuncs.com/%ff%fe",
    ] {
        let fault = understand(typed, Provider::Oss).expect_err(typed);
        assert_eq!(fault.kind, FaultKind::InvalidEndpoint, "{typed}");
        assert!(!format!("{fault:?}").contains("canary"), "{fault:?}");
    }
}

#[test]
fn every_name_of_every_region_is_known() {
    for provider in [Provider::Oss, Provider::S3] {
        for region in regions::of(provider) {
            let got = understand(region.id, provider).unwrap();
            assert_eq!(got.region.as_deref(), Some(region.id));
            let hosts =
                region.public.into_iter().chain(region.internal_hosts()).chain(region.dual_stack);
            for host in hosts {
                let got = understand(host, provider).unwrap();
                assert_eq!(
                    (got.region.as_deref(), got.endpoint.as_deref()),
                    (Some(region.id), Some(format!("https://{host}").as_str()))
                );
                let in_front = understand(&format!("bkt.{host}"), provider).unwrap();
                assert_eq!(
                    (in_front.bucket.as_deref(), in_front.endpoint),
                    (Some("bkt"), got.endpoint),
                    "{host}"
                );
            }
            for accelerate in region.accelerate {
                assert!(
                    understand(accelerate, provider).unwrap().region.is_none(),
                    "{accelerate}: which region is never told"
                );
            }
            for name in [region.en, region.zh] {
                let by_name = regions::by_name(provider, name).expect(name);
                assert_eq!((by_name.id, by_name.en), (region.id, region.en), "{name}");
            }
        }
    }
    // What the vendor's own rule gives, but for the finance cloud, whose names are older than its
    // ids.
    for region in regions::OSS.iter().filter(|region| region.cloud != regions::Cloud::Finance) {
        assert_eq!(region.public, Some(format!("oss-{}.aliyuncs.com", region.id).as_str()));
        assert!(
            region
                .internal
                .is_none_or(|host| host == format!("oss-{}-internal.aliyuncs.com", region.id))
        );
        assert!(
            region.dual_stack.is_none_or(|host| host == format!("{}.oss.aliyuncs.com", region.id))
        );
    }
    let ids: std::collections::BTreeSet<_> = regions::OSS.iter().map(|region| region.id).collect();
    for id in "cn-hangzhou cn-shanghai cn-nanjing cn-fuzhou cn-qingdao cn-beijing cn-zhangjiakou cn-huhehaote cn-wulanchabu cn-shenzhen \
               cn-heyuan cn-guangzhou cn-chengdu cn-hongkong us-west-1 us-east-1 ap-northeast-1 ap-northeast-2 ap-southeast-1 ap-southeast-3 \
               ap-southeast-5 ap-southeast-6 ap-southeast-7 eu-central-1 eu-west-1 me-east-1"
        .split_whitespace()
    {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn regions_have_plain_ids() {
    for (text, id) in [
        ("oss-cn-hangzhou", "cn-hangzhou"),
        (" cn-hangzhou ", "cn-hangzhou"),
        ("oss-cn-hangzhou-internal", "cn-hangzhou"),
        ("cn-hangzhou-internal", "cn-hangzhou"),
        ("oss-cn-shanghai-finance-1-pub", "cn-shanghai-finance-1"),
        ("oss-cn-szfinance-internal", "cn-shenzhen-finance-1"),
        ("oss-cn-hzjbp-a-internal", "cn-hangzhou-finance"),
        ("oss-cn-newplace-9", "cn-newplace-9"),
        ("", ""),
    ] {
        assert_eq!(region_id(text), id);
    }
    assert_eq!(endpoint_of_region(Provider::Oss, "oss-cn-hangzhou"), HZ);
    for (typed, provider, region) in [
        ("oss-cn-hangzhou ", Provider::Oss, Some("cn-hangzhou")),
        ("ｃｎ－hangzhou", Provider::Oss, Some("cn-hangzhou")),
        ("杭州", Provider::Oss, Some("cn-hangzhou")),
        ("us-east-1", Provider::S3, Some("us-east-1")),
        ("oss-cn-hangzhou.aliyuncs.com", Provider::Oss, None),
        ("auto", Provider::S3, None),
        ("nowhere", Provider::Oss, None),
    ] {
        assert_eq!(region_typed(typed, provider).as_deref(), region, "{typed}");
    }
}

#[test]
fn remarks_speak_both_languages() {
    let all = [
        Remark::QueryDropped,
        Remark::SignatureDropped,
        Remark::ObjectNamed,
        Remark::OtherProvider(Provider::Oss),
        Remark::OtherProvider(Provider::S3),
        Remark::OtherBucket("photos".into()),
        Remark::NeedsAcceleration,
        Remark::InternalOnly,
        Remark::PlainHttp,
    ];
    for remark in all {
        let [en, zh] =
            [Language::En, Language::Zh].map(|language| remark.text().in_language(language));
        assert!(en.ends_with('.') && zh.ends_with('。') && !en.contains('。'), "{en} {zh}");
        assert!(zh.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count() > 6, "{zh}");
    }
}

proptest! {
    #[test]
    fn any_text_is_understood_or_refused(text in any::<String>(), s3 in any::<bool>()) {
        let provider = if s3 { Provider::S3 } else { Provider::Oss };
        if let Ok(Understood { endpoint: Some(endpoint), .. }) = understand(&text, provider) {
            let host = endpoint.split_once("://").unwrap().1;
            prop_assert!(host.is_ascii() && !host.contains(['/', '@', '?', '#', ' ', '\\', '%']), "{}", endpoint);
        }
    }

    #[test]
    fn likely_texts_are_understood_or_refused(text in "(https?|oss|s3|HTTP)?(://|:\\\\)?[a-z0-9.@:：／。%\u{200b}-]{0,20}(aliyuncs.com|console.aws.amazon.com|oss.console.aliyun.com)?[/?#=&a-z%]{0,20}") {
        for provider in [Provider::Oss, Provider::S3] {
            if let Ok(got) = understand(&text, provider)
                && let Some(endpoint) = &got.endpoint
            {
                prop_assert!(Address::new(got.provider, endpoint, None, Addressing::Auto).is_ok(), "{}", endpoint);
            }
        }
    }
}
