//! The environment variables that hold secrets: keys, as the vendors' own tools name them, and the
//! password for a proxy.

use ferry_model::Provider;

/// Names of an id, a secret and a token. They are taken from one row or not at all: keys of two
/// tools are never mixed.
pub type Names = [&'static str; 3];

/// ossutil's and the OSS SDKs', then those of the Alibaba Cloud CLI and the other SDKs.
const OSS: &[Names] = &[
    ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"],
    [
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ],
];
const S3: &[Names] = &[["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]];

/// The names for a service, in the order in which they are asked.
pub fn names(provider: Provider) -> &'static [Names] {
    match provider {
        Provider::Oss => OSS,
        Provider::S3 => S3,
    }
}

/// Holds the password for the proxy at which a user signs in.
pub const PROXY_PASSWORD: &str = "FERRY_PROXY_PASSWORD";

/// Every name.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    [OSS, S3].into_iter().flatten().flatten().copied().chain([PROXY_PASSWORD])
}
