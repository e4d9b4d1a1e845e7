//! How a sandbox is set up: where it keeps its data, whom it knows and how strict it is.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// One access key that the sandbox accepts.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The public half, as it appears in requests.
    pub access_key_id: String,
    /// The secret half, which only signs.
    pub access_key_secret: String,
    /// When set, requests with this key must carry exactly this STS token; when not, they must
    /// carry none.
    pub security_token: Option<String>,
    /// When the token dies, by the sandbox's own clock; without a token it has no meaning. `None`
    /// for never.
    pub expires: Option<SystemTime>,
}

impl Credential {
    /// A long-lived key with the given halves.
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            access_key_secret: access_key_secret.into(),
            security_token: None,
            expires: None,
        }
    }

    /// A fresh random key. It guards a practice bucket on loopback, so a good spread is enough; it
    /// is not meant to protect anything from an adversary.
    pub fn generate() -> Self {
        Self::new(format!("sandbox{}", random_text(17)), random_text(30))
    }

    /// The same key, valid only together with `token`.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.security_token = Some(token.into());
        self
    }

    /// The same key, whose token is dead from `at` on.
    #[must_use]
    pub fn expiring(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("access_key_id", &self.access_key_id)
            .field("access_key_secret", &"***")
            .field("security_token", &self.security_token.as_ref().map(|_| "***"))
            .field("expires", &self.expires)
            .finish()
    }
}

fn random_text(length: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(length).collect()
}

/// Whether signatures are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Every request must be signed by a known key, in time, over exactly what arrived.
    Strict,
    /// Signatures only tell the dialect; anybody may do anything. Unsigned requests count as OSS
    /// unless they carry an `x-amz-*` header.
    Off,
}

/// What becomes of the bytes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataPolicy {
    /// They are written to disk. Runs of zeros become holes, so sparse files stay sparse.
    Keep,
    /// They are hashed, counted and forgotten. Reading such an object back is refused. For
    /// measurements and for tests with objects larger than the disk.
    Discard,
}

/// What the sandbox does with S3's own checksum headers (`x-amz-checksum-*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumPolicy {
    /// They are verified, kept and answered, as AWS does.
    Answer,
    /// As `Answer`, but a part has to carry its own, where its upload announced one, as MinIO wants
    /// it.
    Demand,
    /// They are read over, as some S3-compatible stores do.
    Ignore,
    /// A request that would store something is refused when it has one.
    Refuse,
}

/// Whether a bucket says that it keeps versions. Only the newest can be read either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// It was never turned on: no answer names a version.
    Off,
    /// Answers that make or show an object name its version.
    Enabled,
}

/// Which host names the sandbox answers to. IP addresses, `localhost`, names below it and the
/// custom domains are always among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hosts {
    /// No others: a page that had its own name point at loopback gets nothing.
    Loopback,
    /// Any name, for tests that stand in for real services.
    Any,
}

/// Sizes and counts at which the services refuse. The defaults are those of the real services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimits {
    /// Largest body of PutObject and UploadPart, in bytes.
    pub largest_put: u64,
    /// Smallest part, but for the last, when Complete is signed for OSS, in bytes.
    pub smallest_part_oss: u64,
    /// Smallest part, but for the last, when Complete is signed for S3, in bytes.
    pub smallest_part_s3: u64,
    /// Most rows in one page of any listing.
    pub page: usize,
    /// How long the server of an upload callback may take to answer.
    pub callback: Duration,
    /// How long a connection may bring nothing: of a request's head, or between two pieces of its
    /// body.
    pub idle: Duration,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            largest_put: 5 * 1024 * 1024 * 1024,
            smallest_part_oss: 100 * 1024,
            smallest_part_s3: 5 * 1024 * 1024,
            page: 1000,
            callback: Duration::from_secs(5),
            idle: Duration::from_secs(20),
        }
    }
}

/// How a sandbox starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// The directory that holds everything. It is created when absent, and held by one process at a
    /// time.
    pub root: PathBuf,
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The region that V4 and SigV4 scopes must name, such as `cn-hangzhou`.
    pub region: String,
    /// Buckets that exist from the start, beside those already on disk.
    pub buckets: Vec<String>,
    /// The keys that are accepted.
    pub credentials: Vec<Credential>,
    /// Whether signatures are checked.
    pub verification: Verification,
    /// Custom domains: host name (without port) to the bucket behind it.
    pub cnames: BTreeMap<String, String>,
    /// The host names that are answered to.
    pub hosts: Hosts,
    /// Seconds by which the server's clock is ahead of the machine's; negative is behind.
    pub clock_offset_seconds: i64,
    /// What becomes of bodies.
    pub data: DataPolicy,
    /// What becomes of `x-amz-checksum-*`.
    pub checksums: ChecksumPolicy,
    /// Whether answers name the version of an object.
    pub versioning: Versioning,
    /// Sizes at which requests are refused.
    pub limits: StoreLimits,
}

impl Config {
    /// A strict sandbox over `root` on a free loopback port, with one generated key, region
    /// `cn-hangzhou` and the bucket `practice`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: "cn-hangzhou".to_owned(),
            buckets: vec!["practice".to_owned()],
            credentials: vec![Credential::generate()],
            verification: Verification::Strict,
            cnames: BTreeMap::new(),
            hosts: Hosts::Loopback,
            clock_offset_seconds: 0,
            data: DataPolicy::Keep,
            checksums: ChecksumPolicy::Answer,
            versioning: Versioning::Off,
            limits: StoreLimits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_credential_shows_no_secret() {
        let credential = Credential::new("AKID", "top-secret").with_token("token-value");
        let text = format!("{credential:?}");
        assert!(text.contains("AKID"));
        assert!(!text.contains("top-secret"));
        assert!(!text.contains("token-value"));
    }

    #[test]
    fn generated_credentials_differ() {
        assert_ne!(Credential::generate(), Credential::generate());
    }
}
