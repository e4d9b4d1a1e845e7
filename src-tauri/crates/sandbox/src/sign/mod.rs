//! Who asks, and is it true: the three signatures in their header and presigned forms.
//!
//! Written from the vendors' documentation and SDKs, and from nothing of `ferry-storage`.

mod oss_v1;
mod oss_v4;
mod s3_v4;
mod scope;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::address::Resource;
use crate::config::Credential;
use crate::error::ApiError;
use crate::request::{Dialect, Request};

pub(crate) use s3_v4::ChunkSigning;

/// How far a request's clock may be from the server's, in seconds.
const SKEW_SECONDS: i64 = 15 * 60;
/// The longest life of a presigned V4 or SigV4 URL, in seconds.
const LONGEST_EXPIRY_SECONDS: i64 = 7 * 24 * 3600;

/// The form in which a request was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureKind {
    /// Not signed at all.
    None,
    /// OSS V1, `Authorization: OSS …`.
    OssV1,
    /// OSS V1 in the query.
    OssV1Presigned,
    /// OSS V4, `Authorization: OSS4-HMAC-SHA256 …`.
    OssV4,
    /// OSS V4 in the query.
    OssV4Presigned,
    /// S3 SigV4, `Authorization: AWS4-HMAC-SHA256 …`.
    S3V4,
    /// S3 SigV4 in the query.
    S3V4Presigned,
}

impl SignatureKind {
    /// The form of `request`, from its own words.
    pub(crate) fn of(request: &Request) -> Self {
        let authorization = request.header("authorization").unwrap_or("");
        let query = &request.query;
        if authorization.starts_with("OSS4-HMAC-SHA256") {
            Self::OssV4
        } else if authorization.starts_with("OSS ") {
            Self::OssV1
        } else if authorization.starts_with("AWS4-HMAC-SHA256") {
            Self::S3V4
        } else if query.has("x-oss-signature-version") || query.has("x-oss-signature") {
            Self::OssV4Presigned
        } else if query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature") {
            Self::S3V4Presigned
        } else if query.has("OSSAccessKeyId") && query.has("Signature") {
            Self::OssV1Presigned
        } else {
            Self::None
        }
    }

    /// The dialect that a request of this form speaks.
    pub(crate) fn dialect(self, request: &Request) -> Dialect {
        match self {
            Self::OssV1 | Self::OssV1Presigned | Self::OssV4 | Self::OssV4Presigned => Dialect::Oss,
            Self::S3V4 | Self::S3V4Presigned => Dialect::S3,
            Self::None => {
                let amazon = request.headers.keys().any(|name| name.as_str().starts_with("x-amz-"));
                if amazon { Dialect::S3 } else { Dialect::Oss }
            }
        }
    }
}

/// What a verifier must know beside the request.
#[derive(Debug)]
pub(crate) struct Verifier<'a> {
    pub(crate) credentials: &'a [Credential],
    pub(crate) region: &'a str,
    pub(crate) now: OffsetDateTime,
}

/// What a true signature proves, beyond being true.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    /// For `STREAMING-AWS4-…` bodies: what the chunks are signed with.
    pub(crate) chunks: Option<ChunkSigning>,
}

impl Verifier<'_> {
    /// Checks the signature of `request`.
    ///
    /// # Errors
    ///
    /// `AccessDenied` when unsigned or expired, `InvalidAccessKeyId`, `RequestTimeTooSkewed`,
    /// `SignatureDoesNotMatch` with the StringToSign, token and region errors in the dialect's
    /// words.
    pub(crate) fn verify(
        &self,
        request: &Request,
        target: &Resource,
        kind: SignatureKind,
    ) -> Result<Verified, ApiError> {
        match kind {
            SignatureKind::None => Err(ApiError::new("AccessDenied")),
            SignatureKind::OssV1 => oss_v1::header(self, request, target),
            SignatureKind::OssV1Presigned => oss_v1::presigned(self, request, target),
            SignatureKind::OssV4 => oss_v4::header(self, request, target),
            SignatureKind::OssV4Presigned => oss_v4::presigned(self, request, target),
            SignatureKind::S3V4 => s3_v4::header(self, request),
            SignatureKind::S3V4Presigned => s3_v4::presigned(self, request),
        }
    }

    fn credential(&self, access_key_id: &str) -> Result<&Credential, ApiError> {
        self.credentials
            .iter()
            .find(|credential| credential.access_key_id == access_key_id)
            .ok_or_else(|| {
                ApiError::new("InvalidAccessKeyId").with("OSSAccessKeyId", access_key_id)
            })
    }

    /// Compares the token that came with the one the key needs, which must still live.
    ///
    /// # Errors
    ///
    /// `InvalidSecurityToken` and `SecurityTokenExpired` on OSS, `InvalidToken` and `ExpiredToken`
    /// on S3.
    fn check_token(
        &self,
        credential: &Credential,
        presented: Option<&str>,
        dialect: Dialect,
    ) -> Result<(), ApiError> {
        let (unknown, dead) = match dialect {
            Dialect::Oss => ("InvalidSecurityToken", "SecurityTokenExpired"),
            Dialect::S3 => ("InvalidToken", "ExpiredToken"),
        };
        if credential.security_token.as_deref() != presented {
            return Err(ApiError::new(unknown));
        }
        let is_dead = credential.expires.is_some_and(|at| OffsetDateTime::from(at) <= self.now);
        if presented.is_some() && is_dead { Err(ApiError::new(dead)) } else { Ok(()) }
    }

    /// Refuses a request signed too far from now.
    fn check_skew(&self, signed_at: OffsetDateTime) -> Result<(), ApiError> {
        if (self.now - signed_at).whole_seconds().abs() <= SKEW_SECONDS {
            return Ok(());
        }
        Err(ApiError::new("RequestTimeTooSkewed")
            .with("MaxAllowedSkewMilliseconds", (SKEW_SECONDS * 1000).to_string())
            .with("RequestTime", crate::xml::timestamp(signed_at))
            .with("ServerTime", crate::xml::timestamp(self.now)))
    }

    /// Refuses a presigned URL outside its life.
    fn check_life(
        &self,
        signed_at: OffsetDateTime,
        expires: Option<&str>,
        refusal: impl Fn(&str) -> ApiError,
    ) -> Result<(), ApiError> {
        let seconds = expires
            .and_then(|text| text.parse::<i64>().ok())
            .filter(|seconds| (1..=LONGEST_EXPIRY_SECONDS).contains(seconds))
            .ok_or_else(|| refusal("The expiry must be between 1 and 604800 seconds."))?;
        let age = (self.now - signed_at).whole_seconds();
        if age > seconds {
            return Err(ApiError::new("AccessDenied").message("Request has expired."));
        }
        if age < -SKEW_SECONDS {
            return Err(ApiError::new("AccessDenied").message("Request is not yet valid."));
        }
        Ok(())
    }
}

/// The refusal of a signature, with all that its sender needs to find the difference.
fn mismatch(access_key_id: &str, provided: &str, string_to_sign: &[u8]) -> ApiError {
    let bytes: Vec<String> = string_to_sign.iter().map(|byte| format!("{byte:02X}")).collect();
    ApiError::new("SignatureDoesNotMatch")
        .with("OSSAccessKeyId", access_key_id)
        .with("SignatureProvided", provided)
        .with("StringToSign", String::from_utf8_lossy(string_to_sign))
        .with("StringToSignBytes", bytes.join(" "))
}

/// Equality that takes as long for a wrong byte at the start as for one at the end.
fn same(expected: &[u8], provided: &[u8]) -> bool {
    expected.len() == provided.len()
        && expected.iter().zip(provided).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

fn sha256_hex(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_token_must_be_the_right_one_and_alive() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let key = Credential::new("AK", "secret");
        let sts = key.clone().with_token("token");
        let at = |seconds: u64| {
            sts.clone().expiring(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        };
        for (credential, presented, oss, s3) in [
            (key.clone(), None, "", ""),
            (key.clone().expiring(SystemTime::UNIX_EPOCH), None, "", ""),
            (key.clone(), Some("token"), "InvalidSecurityToken", "InvalidToken"),
            (sts.clone(), None, "InvalidSecurityToken", "InvalidToken"),
            (sts.clone(), Some("other"), "InvalidSecurityToken", "InvalidToken"),
            (sts.clone(), Some("token"), "", ""),
            (at(1_000_001), Some("token"), "", ""),
            (at(1_000_000), Some("token"), "SecurityTokenExpired", "ExpiredToken"),
            (at(999_999), Some("token"), "SecurityTokenExpired", "ExpiredToken"),
            // A token that is not the right one tells nothing about the right one's life.
            (at(999_999), Some("other"), "InvalidSecurityToken", "InvalidToken"),
        ] {
            let verifier = Verifier { credentials: &[], region: "r", now: now.into() };
            for (dialect, code) in [(Dialect::Oss, oss), (Dialect::S3, s3)] {
                let found = verifier
                    .check_token(&credential, presented, dialect)
                    .err()
                    .map(|error| error.code);
                assert_eq!(found.as_deref().unwrap_or(""), code, "{credential:?} {presented:?}");
            }
        }
    }
}
