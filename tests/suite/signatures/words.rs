//! What random requests are made of.

use ferry_model::Addressing;

/// Pieces of keys and values.
pub(crate) const PLAIN: &[&str] =
    &["a", "photo", "IMG_0001", "x-y", "report.final", "2026", ".hidden", "v1.tar.gz", "Z", "0"];
pub(crate) const MARKS: &[&str] = &[
    " ", "  ", "+", "%", "&", "=", "#", "?", ":", ";", ",", "@", "!", "$", "'", "\"", "(", ")",
    "*", "<", ">", "[", "]", "{", "}", "|", "^", "`", "\\", "~", "-", "_", ".", "%20", "%2F",
    "%2f", "%25", "%zz", "%%", "&amp;", "a=b&c=d",
];
pub(crate) const SLASHES: &[&str] =
    &["/", "//", "///", "/./", "/../", "..", "./", "../", "/.", "/..", "~/", "/~"];
pub(crate) const WIDE: &[&str] = &[
    "照片",
    "目录/",
    "ünï",
    "e\u{301}",
    "n\u{303}\u{323}",
    "한국",
    "नमस्ते",
    "مرحبا",
    "שלום",
    "😀",
    "👩\u{200d}👩\u{200d}👧",
    "🇨🇳",
    "𠀋",
    "𝒳",
    "ﬁ",
    "\u{212b}",
    "\u{3000}",
    "\u{a0}",
    "\u{200b}",
    "\u{feff}",
    "\u{2028}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{e000}",
    "\u{d7ff}",
    "\u{10000}",
    "\u{10ffff}",
];
pub(crate) const CONTROLS: &[&str] =
    &["\t", "\n", "\r\n", "\u{1}", "\u{1b}", "\u{1f}", "\u{7f}", "\u{85}", "\0"];

/// An endpoint, how Ferry is told to address it, and what that comes to.
pub(crate) type Place = (&'static str, Addressing, &'static str);

/// Every form of an OSS address: public, internal, dual-stack, accelerate, own domains, addresses,
/// other ports.
pub(crate) const OSS_PLACES: &[Place] = &[
    ("https://oss-cn-hangzhou.aliyuncs.com", Addressing::Auto, "virtual"),
    ("https://oss-cn-hangzhou-internal.aliyuncs.com", Addressing::Virtual, "virtual"),
    ("https://cn-beijing.oss.aliyuncs.com", Addressing::Auto, "virtual"),
    ("https://oss-accelerate.aliyuncs.com", Addressing::Virtual, "virtual"),
    ("http://oss.example.com:8080", Addressing::Virtual, "virtual"),
    ("https://oss-ap-southeast-1.aliyuncs.com:8443", Addressing::Auto, "virtual"),
    ("https://oss-cn-shanghai.aliyuncs.com", Addressing::Path, "path"),
    ("https://storage.example.com:8443", Addressing::Path, "path"),
    ("http://127.0.0.1:9000", Addressing::Auto, "path"),
    ("https://10.1.2.3", Addressing::Virtual, "path"),
    ("http://[::1]:9000", Addressing::Auto, "path"),
    ("https://static.example.com", Addressing::Cname, "cname"),
    ("http://cdn.example.org:8080", Addressing::Cname, "cname"),
];

pub(crate) const CLOUD_BOXES: &[(&str, &str)] = &[
    ("cb-f8z7yvzgwfkl9q0h", "https://cb-f8z7yvzgwfkl9q0h.cn-hangzhou.oss-cloudbox.aliyuncs.com"),
    ("cb-123", "https://cb-123.cn-shenzhen.oss-cloudbox-control.aliyuncs.com"),
];

/// Every form of an S3 address; default ports written out must not be signed.
pub(crate) const S3_PLACES: &[Place] = &[
    ("https://s3.us-east-1.amazonaws.com", Addressing::Auto, "virtual"),
    ("https://S3.EU-Central-1.AmazonAWS.com", Addressing::Virtual, "virtual"),
    ("https://s3.oss-cn-hangzhou.aliyuncs.com", Addressing::Auto, "virtual"),
    ("https://s3.example.com:443", Addressing::Virtual, "virtual"),
    ("http://s3.example.com:443", Addressing::Virtual, "virtual"),
    ("http://s3.example.com:80", Addressing::Auto, "path"),
    ("https://s3.example.com:80", Addressing::Auto, "path"),
    ("https://minio.example.com:9000", Addressing::Auto, "path"),
    ("http://127.0.0.1:9000", Addressing::Auto, "path"),
    ("https://192.168.1.10", Addressing::Virtual, "path"),
    ("http://[::1]:8333", Addressing::Path, "path"),
    ("http://[fd00::a]", Addressing::Path, "path"),
    ("http://localhost:8333", Addressing::Auto, "path"),
];

pub(crate) const REGIONS: &[&str] = &[
    "cn-hangzhou",
    "cn-beijing",
    "ap-southeast-1",
    "us-west-1",
    "eu-central-1",
    "us-east-1",
    "auto",
    "cn-shanghai-finance-1",
];

pub(crate) const METHODS: &[&str] = &["GET", "PUT", "POST", "HEAD", "DELETE"];

/// Query names that OSS V1 does not sign, and V4 and S3 do like any other.
pub(crate) const PLAIN_NAMES: &[&str] = &[
    "max-parts",
    "part-number-marker",
    "encoding-type",
    "prefix",
    "delimiter",
    "marker",
    "key-marker",
    "upload-id-marker",
    "max-uploads",
    "max-keys",
    "list-type",
    "start-after",
    "fetch-owner",
    "Uploads",
    "ACL",
    "uploadid",
    "PartNumber",
    "x-id",
];

/// S3's own, where the other side names none.
pub(crate) const S3_NAMES: &[&str] = &[
    "uploads",
    "uploadId",
    "partNumber",
    "acl",
    "versionId",
    "versions",
    "location",
    "tagging",
    "policy",
    "response-content-type",
    "response-content-disposition",
    "response-cache-control",
    "response-expires",
    "continuation-token",
];

/// Set by the signature itself when it stands in the query; `security-token` by V1's.
pub(crate) const SET_BY_PRESIGN: &[&str] = &["security-token", "x-oss-security-token"];

pub(crate) const OSS_HEADERS: &[(&str, &[&str])] = &[
    (
        "Content-Type",
        &["text/plain", "application/octet-stream", "text/html; charset=utf-8", "image/jpeg"],
    ),
    ("x-oss-storage-class", &["Standard", "IA", "Archive"]),
    ("x-oss-object-acl", &["private", "public-read", "default"]),
    ("X-OSS-Forbid-Overwrite", &["true", "false"]),
    ("x-oss-server-side-encryption", &["AES256", "KMS"]),
    ("x-oss-traffic-limit", &["819200"]),
    ("x-oss-callback", &["eyJjYWxsYmFja1VybCI6Imh0dHA6Ly9leGFtcGxlLmNvbSJ9"]),
    ("x-oss-tagging", &["a=1&b=%E7%85%A7", "k%20ey=v%2Bal"]),
    ("x-oss-request-payer", &["requester"]),
];

pub(crate) const S3_HEADERS: &[(&str, &[&str])] = &[
    (
        "Content-Type",
        &["text/plain", "application/octet-stream", "text/html; charset=utf-8", "image/jpeg"],
    ),
    ("x-amz-storage-class", &["STANDARD", "STANDARD_IA", "GLACIER"]),
    ("X-Amz-Acl", &["private", "public-read"]),
    ("x-amz-server-side-encryption", &["AES256", "aws:kms"]),
    ("x-amz-tagging", &["a=1&b=%E7%85%A7"]),
    ("x-amz-checksum-crc64nvme", &["AAAAAAAAAAA="]),
    ("x-amz-request-payer", &["requester"]),
];

/// Neither the service's own nor signed unasked by OSS; S3 signs them all.
pub(crate) const OTHER_HEADERS: &[(&str, &[&str])] = &[
    ("Range", &["bytes=0-99", "bytes=5-"]),
    ("If-None-Match", &["*", "\"5D41402ABC4B2A76B9719D911017C592\""]),
    ("If-Modified-Since", &["Thu, 15 Jan 2026 08:30:45 GMT"]),
    ("Cache-Control", &["no-cache", "max-age=60,  public"]),
    ("Content-Disposition", &["attachment; filename=\"a b.txt\"", "inline"]),
    ("Content-Language", &["zh-CN"]),
    ("Expires", &["Thu, 15 Jan 2026 08:30:45 GMT"]),
    ("Referer", &["https://example.com/?a=b"]),
];

/// What a transport or a proxy sets: S3 signs none of them.
pub(crate) const TRANSPORT_HEADERS: &[(&str, &[&str])] = &[
    ("User-Agent", &["ferry/1"]),
    ("Connection", &["keep-alive"]),
    ("Expect", &["100-continue"]),
    ("Transfer-Encoding", &["chunked"]),
    ("TE", &["trailers"]),
    ("Trailer", &["Expires"]),
    ("Upgrade", &["h2c"]),
    ("Keep-Alive", &["timeout=5"]),
    ("Proxy-Authorization", &["Basic eDp5"]),
    ("X-Amzn-Trace-Id", &["Root=1-67891233-abcdef012345678912345678"]),
    ("traceparent", &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]),
];
