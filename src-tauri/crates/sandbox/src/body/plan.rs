//! What a request's headers say of its body, and whether it turned out so.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::config::{ChecksumPolicy, StoreLimits};
use crate::digest::{ChecksumKind, Sha256Need, Summary};
use crate::error::ApiError;
use crate::request::{Dialect, Request};

/// How a body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Plain,
    AwsChunked,
}

/// What a body must turn out to be.
#[derive(Debug)]
pub(crate) struct BodyPlan {
    dialect: Dialect,
    pub(super) framing: Framing,
    /// Bytes, without framing. `None` when OSS gets a body of unknown length.
    pub(super) length: Option<u64>,
    /// Most bytes that are taken.
    pub(super) largest: u64,
    sha256: Option<[u8; 32]>,
    md5: Option<[u8; 16]>,
    pub(super) checksum: Option<ChecksumKind>,
    /// Base64, when it came in a header. A trailer's is known only at the end.
    checksum_value: Option<String>,
    /// What a trailer will bring, where trailers are looked at.
    trailer: Trailer,
}

/// The checksum after a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trailer {
    /// Read over.
    Ignored,
    /// As `x-amz-trailer` announced it, or none.
    Announced(Option<ChecksumKind>),
}

impl BodyPlan {
    /// Reads the headers that say what the body is.
    ///
    /// # Errors
    ///
    /// `MissingContentLength`, `EntityTooLarge`, `InvalidDigest`, and OSS's refusal of
    /// `aws-chunked`.
    pub(crate) fn read(
        request: &Request,
        dialect: Dialect,
        policy: ChecksumPolicy,
        limits: &StoreLimits,
    ) -> Result<Self, ApiError> {
        let payload = request.header("x-amz-content-sha256").unwrap_or("");
        let framing = framing(request, dialect, payload)?;
        let length = length(request, dialect, framing)?;
        if length.is_some_and(|length| length > limits.largest_put) {
            return Err(too_large(limits.largest_put));
        }
        let trailer = match (policy, dialect) {
            (ChecksumPolicy::Answer | ChecksumPolicy::Demand, Dialect::S3) => {
                Trailer::Announced(announced_trailer(request))
            }
            _ => Trailer::Ignored,
        };
        let (checksum, checksum_value) = match trailer {
            Trailer::Announced(announced) => announced_checksum(request, announced),
            Trailer::Ignored => (None, None),
        };
        Ok(Self {
            dialect,
            framing,
            length,
            largest: limits.largest_put,
            sha256: (dialect == Dialect::S3 && payload.len() == 64)
                .then(|| hex::decode(payload).ok().and_then(|bytes| bytes.try_into().ok()))
                .flatten(),
            md5: content_md5(request)?,
            checksum,
            checksum_value,
            trailer,
        })
    }

    /// Whether the request has a checksum of this kind, or will have.
    pub(crate) fn has_checksum(&self, kind: ChecksumKind) -> bool {
        self.checksum == Some(kind)
    }

    /// Asks for this checksum when the request announces none of its own.
    pub(crate) fn or_checksum(mut self, kind: Option<ChecksumKind>) -> Self {
        self.checksum = self.checksum.or(kind);
        self
    }

    pub(super) fn sha256_need(&self) -> Sha256Need {
        match self.sha256 {
            Some(_) => Sha256Need::Wanted,
            None => Sha256Need::Unwanted,
        }
    }

    pub(super) fn check(
        &self,
        summary: &Summary,
        trailers: &[(String, String)],
    ) -> Result<(), ApiError> {
        if self.length.is_some_and(|length| length != summary.size) {
            return Err(ApiError::new("IncompleteBody"));
        }
        if self.sha256.is_some() && self.sha256 != summary.sha256 {
            return Err(ApiError::new("XAmzContentSHA256Mismatch"));
        }
        if let Some(md5) = self.md5
            && md5 != summary.md5
        {
            let code = match self.dialect {
                Dialect::Oss => "InvalidDigest",
                Dialect::S3 => "BadDigest",
            };
            return Err(ApiError::new(code)
                .with("ExpectedDigest", BASE64_STANDARD.encode(md5))
                .with("CalculatedDigest", BASE64_STANDARD.encode(summary.md5)));
        }
        self.check_trailers(trailers)?;
        let Some((kind, computed)) = &summary.checksum else {
            return Ok(());
        };
        let in_trailer =
            trailers.iter().find(|(name, _)| name == kind.header()).map(|(_, value)| value);
        match self.checksum_value.as_ref().or(in_trailer) {
            Some(claimed) if claimed != computed => Err(ApiError::new("BadDigest").message(
                format!("The {} you specified did not match the calculated checksum.", kind.name()),
            )),
            _ => Ok(()),
        }
    }
}

impl BodyPlan {
    /// A checksum that comes unannounced was not computed here, so it must not seem to have been
    /// verified; nor may one that was promised stay away.
    fn check_trailers(&self, trailers: &[(String, String)]) -> Result<(), ApiError> {
        let Trailer::Announced(announced) = self.trailer else { return Ok(()) };
        let came: Vec<_> =
            trailers.iter().filter_map(|(name, _)| ChecksumKind::of_header(name)).collect();
        let wanted = announced.filter(|_| self.framing == Framing::AwsChunked);
        if came == Vec::from_iter(wanted) {
            return Ok(());
        }
        Err(ApiError::new("MalformedTrailerError")
            .message("The checksum trailers are not those that x-amz-trailer announces."))
    }
}

fn framing(request: &Request, dialect: Dialect, payload: &str) -> Result<Framing, ApiError> {
    let encoded = request
        .header("content-encoding")
        .is_some_and(|value| value.split(',').any(|name| name.trim() == "aws-chunked"));
    let streaming = payload.starts_with("STREAMING-");
    if dialect == Dialect::Oss && (encoded || streaming) {
        return Err(ApiError::argument(
            "Content-Encoding",
            "aws-chunked",
            "aws-chunked encoding is not supported with the specified x-oss-content-sha256 value.",
        ));
    }
    match payload {
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Ok(Framing::AwsChunked),
        _ if streaming => Err(ApiError::new("NotImplemented")
            .message(format!("The payload form {payload} is not supported."))),
        _ => Ok(Framing::Plain),
    }
}

/// The declared length of the data.
///
/// OSS takes `Transfer-Encoding: chunked` in place of a length, and its first Python SDK sends
/// empty bodies so. S3 takes it only around `aws-chunked`, whose own length is in a header.
fn length(request: &Request, dialect: Dialect, framing: Framing) -> Result<Option<u64>, ApiError> {
    let missing = || ApiError::new("MissingContentLength");
    let number = |name: &str| request.header(name).map(|text| text.parse().map_err(|_| missing()));
    if framing == Framing::AwsChunked {
        return number("x-amz-decoded-content-length").transpose()?.map(Some).ok_or_else(missing);
    }
    let unknown = request.headers.contains_key("transfer-encoding");
    match (number("content-length").transpose()?, dialect) {
        (Some(length), _) => Ok(Some(length)),
        (None, Dialect::Oss) if unknown => Ok(None),
        (None, Dialect::S3) if unknown => {
            Err(ApiError::new("NotImplemented").with("Header", "Transfer-Encoding"))
        }
        (None, _) => Err(missing()),
    }
}

pub(super) fn too_large(largest: u64) -> ApiError {
    ApiError::new("EntityTooLarge").with("MaxSizeAllowed", largest.to_string())
}

fn content_md5(request: &Request) -> Result<Option<[u8; 16]>, ApiError> {
    let Some(text) = request.header("content-md5") else {
        return Ok(None);
    };
    BASE64_STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .map(Some)
        .ok_or_else(|| ApiError::new("InvalidDigest").with("Content-MD5", text))
}

/// The checksum that a trailer will bring.
fn announced_trailer(request: &Request) -> Option<ChecksumKind> {
    let names = request.header("x-amz-trailer")?;
    names.split(',').find_map(|name| ChecksumKind::of_header(name.trim()))
}

/// The S3 checksum in the headers, or the one that a trailer will bring.
fn announced_checksum(
    request: &Request,
    trailer: Option<ChecksumKind>,
) -> (Option<ChecksumKind>, Option<String>) {
    let in_header = ChecksumKind::ALL
        .into_iter()
        .find_map(|kind| request.header(kind.header()).map(|value| (kind, value)));
    if let Some((kind, value)) = in_header {
        return (Some(kind), Some(value.to_owned()));
    }
    (trailer, None)
}
