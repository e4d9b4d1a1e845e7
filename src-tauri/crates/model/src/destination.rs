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
    /// [`FaultKind::InvalidInput`] without such a scheme, [`FaultKind::InvalidBucketName`] for a name outside the rules.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (provider, rest) = if let Some(rest) = text.strip_prefix("oss://") {
            (Provider::Oss, rest)
        } else if let Some(rest) = text.strip_prefix("s3://") {
            (Provider::S3, rest)
        } else {
            return Err(Fault::new(FaultKind::InvalidInput).about(text).saying("a destination begins with oss:// or s3://"));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        check_bucket(provider, bucket)?;
        Ok(Self { provider, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

/// Checks a bucket name: 3 to 63 of `[a-z0-9-]`, beginning and ending with a letter or digit; S3 also allows `.`.
///
/// # Errors
/// [`FaultKind::InvalidBucketName`].
pub fn check_bucket(provider: Provider, bucket: &str) -> Result<(), Fault> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (c == '.' && provider == Provider::S3);
    let fits = (3..=63).contains(&bucket.len())
        && bucket.chars().all(inner)
        && edge(bucket.chars().next())
        && edge(bucket.chars().last())
        && !bucket.contains("..");
    if fits { Ok(()) } else { Err(Fault::new(FaultKind::InvalidBucketName).about(bucket)) }
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
            assert_eq!((read.provider, read.bucket.as_str(), read.prefix.as_str()), (provider, bucket, prefix), "{text}");
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
            ("s3://-abc/", FaultKind::InvalidBucketName),
        ] {
            assert_eq!(Destination::parse(text).expect_err(text).kind, kind, "{text}");
        }
    }
}
