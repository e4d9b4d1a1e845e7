//! `oss://bucket/prefix` and `s3://bucket/prefix`.

use crate::fault::{Fault, FaultKind};
use crate::profile::Provider;

/// A destination as typed on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Which dialect the scheme names.
    pub provider: Provider,
    /// The bucket.
    pub bucket: String,
    /// Everything after the first `/`, as it stands: no decoding, no tidying.
    pub prefix: String,
}

impl Destination {
    /// Reads `oss://BUCKET/[PREFIX]` or `s3://BUCKET/[PREFIX]`.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] without such a scheme, [`FaultKind::InvalidBucketName`] for a
    /// name outside the rules.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (provider, rest) = if let Some(rest) = text.strip_prefix("oss://") {
            (Provider::Oss, rest)
        } else if let Some(rest) = text.strip_prefix("s3://") {
            (Provider::S3, rest)
        } else {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject(text)
                .with_detail("a destination begins with oss:// or s3://"));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        check_bucket(provider, bucket)?;
        Ok(Self { provider, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

/// Checks a bucket name, the one rule for all of Ferry. Nothing that passes can bend a host or a
/// path.
///
/// OSS ("Bucket naming conventions"): 3 to 63 of `[a-z0-9-]`, beginning and ending with a letter or
/// digit. S3 ("General purpose bucket naming rules") also allows `.`, but no two in a row and no
/// name in the form of an IP address. Buckets made in us-east-1 before March 2018, and some
/// S3-compatible stores, also have capitals and `_`, and up to 255 characters: an uploader meets
/// such buckets, so they pass; but no host name can hold them ([`fits_in_host`]), so they are
/// addressed by path.
///
/// # Errors
/// [`FaultKind::InvalidBucketName`].
pub fn check_bucket(provider: Provider, bucket: &str) -> Result<(), Fault> {
    let fits = match provider {
        Provider::Oss => fits_in_host(bucket) && !bucket.contains('.'),
        Provider::S3 => fits_in_host(bucket) || is_legacy(bucket),
    };
    if fits { Ok(()) } else { Err(Fault::new(FaultKind::InvalidBucketName).with_subject(bucket)) }
}

/// Whether a bucket's name can stand before a host: 3 to 63 of `[a-z0-9.-]`, each label beginning
/// and ending with a letter or digit, and no IP address.
pub fn fits_in_host(bucket: &str) -> bool {
    let edge = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let label = |label: &str| {
        let bytes = label.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|byte| edge(Some(byte)) || *byte == b'-')
    };
    (3..=63).contains(&bucket.len())
        && bucket.split('.').all(label)
        && bucket.parse::<std::net::Ipv4Addr>().is_err()
}

fn is_legacy(bucket: &str) -> bool {
    let bytes = bucket.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    (3..=255).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && edge(bytes.first())
        && edge(bytes.last())
        && !bucket.contains("..")
        && bucket.parse::<std::net::Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read_as_they_stand() {
        let cases = [
            ("oss://photos", Provider::Oss, "photos", ""),
            ("oss://photos/", Provider::Oss, "photos", ""),
            ("s3://my.bucket/a//b/../c ", Provider::S3, "my.bucket", "a//b/../c "),
            ("oss://photos/目录/%20", Provider::Oss, "photos", "目录/%20"),
        ];
        for (text, provider, bucket, prefix) in cases {
            let read = Destination::parse(text).expect(text);
            assert_eq!(
                (read.provider, read.bucket.as_str(), read.prefix.as_str()),
                (provider, bucket, prefix),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_destination_is_refused() {
        for (text, kind) in [
            ("http://x/y", FaultKind::InvalidInput),
            ("photos/x", FaultKind::InvalidInput),
            ("oss://", FaultKind::InvalidBucketName),
            ("oss://AB", FaultKind::InvalidBucketName),
            ("oss://my.bucket/", FaultKind::InvalidBucketName),
            ("oss://a@evil.com/", FaultKind::InvalidBucketName),
            ("oss://My-Bucket/", FaultKind::InvalidBucketName),
            ("s3://192.168.5.4/", FaultKind::InvalidBucketName),
            ("s3://-abc/", FaultKind::InvalidBucketName),
        ] {
            assert_eq!(Destination::parse(text).expect_err(text).kind, kind, "{text}");
        }
    }

    #[test]
    fn one_rule_for_bucket_names() {
        // Name, for OSS, for S3, in a host.
        let long = "a".repeat(63);
        let longer = "a".repeat(64);
        for (name, oss, s3, host) in [
            ("example-bucket-1", true, true, true),
            ("123", true, true, true),
            (long.as_str(), true, true, true),
            (longer.as_str(), false, true, false),
            (&"a".repeat(256), false, false, false),
            ("ab", false, false, false),
            ("", false, false, false),
            ("my.dotted.bucket", false, true, true),
            ("my..bucket", false, false, false),
            ("my.-bucket", false, true, false),
            ("My.Bucket_1", false, true, false),
            ("under_score", false, true, false),
            ("-abc", false, false, false),
            ("abc-", false, false, false),
            ("_abc", false, false, false),
            (".abc", false, false, false),
            ("192.168.5.4", false, false, false),
            ("a.evil.com/", false, false, false),
            ("a b c", false, false, false),
            ("a@b", false, false, false),
            ("a:80", false, false, false),
            ("abc?x", false, false, false),
            ("abc#", false, false, false),
            ("a%2eb", false, false, false),
            ("桶桶桶", false, false, false),
            ("abc\n", false, false, false),
        ] {
            let got = (
                check_bucket(Provider::Oss, name).is_ok(),
                check_bucket(Provider::S3, name).is_ok(),
                fits_in_host(name),
            );
            assert_eq!(got, (oss, s3, host), "{name:?}");
        }
    }
}
