//! The error table (OSS and S3: "Error responses", and the tables of the vendors' SDKs): a store's code, or failing that its status, as a kind.

use ferry_model::FaultKind;

use FaultKind as K;

/// A code and what it means.
type Row = (&'static str, FaultKind);

const ROWS: &[Row] = &[
    // The store failed inside, or two writers met: the same request may succeed later.
    ("InternalError", K::ServerError),
    ("ServiceUnavailable", K::ServerError),
    ("OperationAborted", K::ServerError),
    ("ConditionalRequestConflict", K::ServerError),
    // It asks for fewer requests.
    ("ActiveRequestLimitExceeded", K::Throttled),
    ("CpuLimitExceeded", K::Throttled),
    ("DownloadTrafficRateLimitExceeded", K::Throttled),
    ("MetaOperationQpsLimitExceeded", K::Throttled),
    ("QpsLimitExceeded", K::Throttled),
    ("RequestLimitExceeded", K::Throttled),
    ("ServerBusy", K::Throttled),
    ("SlowDown", K::Throttled),
    ("Throttling", K::Throttled),
    ("ThrottlingException", K::Throttled),
    ("TooManyRequests", K::Throttled),
    ("TotalQpsLimitExceeded", K::Throttled),
    ("UploadTrafficRateLimitExceeded", K::Throttled),
    // The request did not arrive whole.
    ("RequestTimeout", K::RequestTimeout),
    ("IncompleteBody", K::RequestTimeout),
    ("BadRequest", K::RequestTimeout),
    // Keys and permissions.
    ("RequestTimeTooSkewed", K::ClockSkew),
    ("SignatureDoesNotMatch", K::BadSignature),
    ("InvalidAccessKeyId", K::BadAccessKey),
    ("InvalidSecurityToken", K::TokenExpired),
    ("AccessKeyIdAndSecurityTokenNotMatch", K::TokenExpired),
    ("SecurityTokenExpired", K::TokenExpired),
    ("SecurityTokenNotSupported", K::TokenExpired),
    ("ExpiredToken", K::TokenExpired),
    ("InvalidToken", K::TokenExpired),
    ("TokenRefreshRequired", K::TokenExpired),
    ("AccessDenied", K::AccessDenied),
    ("AccessForbidden", K::AccessDenied),
    ("InDebt", K::AccountSuspended),
    ("InDebtOverdue", K::AccountSuspended),
    ("BucketDisable", K::AccountSuspended),
    ("UserDisable", K::AccountSuspended),
    ("AbnormalBucketOwnerStatus", K::AccountSuspended),
    ("AccountProblem", K::AccountSuspended),
    ("AllAccessDisabled", K::AccountSuspended),
    ("NotSignedUp", K::AccountSuspended),
    // The bucket, and where it is.
    ("NoSuchBucket", K::NoSuchBucket),
    ("InvalidBucketName", K::InvalidBucketName),
    ("PermanentRedirect", K::WrongEndpoint),
    ("TemporaryRedirect", K::WrongEndpoint),
    ("Redirect", K::WrongEndpoint),
    ("AuthorizationHeaderMalformed", K::WrongRegion),
    ("AuthorizationQueryParametersError", K::WrongRegion),
    ("IllegalLocationConstraintException", K::WrongRegion),
    ("InvalidRegion", K::WrongRegion),
    // The object.
    ("NoSuchKey", K::NoSuchKey),
    ("SymlinkTargetNotExist", K::NoSuchKey),
    ("InvalidObjectName", K::KeyInvalid),
    ("KeyTooLong", K::KeyInvalid),
    ("KeyTooLongError", K::KeyInvalid),
    ("InvalidURI", K::KeyInvalid),
    ("FileAlreadyExists", K::AlreadyExists),
    ("ObjectAlreadyExists", K::AlreadyExists),
    ("FileImmutable", K::Immutable),
    ("ObjectLocked", K::Immutable),
    ("InvalidObjectState", K::Archived),
    ("PreconditionFailed", K::PreconditionFailed),
    ("EntityTooLarge", K::TooLarge),
    // The upload and its parts.
    ("NoSuchUpload", K::UploadGone),
    ("InvalidPart", K::PartsRefused),
    ("FilePartNotExist", K::PartsRefused),
    ("FilePartStale", K::PartsRefused),
    ("FilePartInterity", K::PartsRefused),
    ("FilePartIntegrity", K::PartsRefused),
    ("EntityTooSmall", K::PartTooSmall),
    ("InvalidDigest", K::DigestRefused),
    ("BadDigest", K::DigestRefused),
    ("XAmzContentSHA256Mismatch", K::DigestRefused),
    ("XAmzContentChecksumMismatch", K::DigestRefused),
    // What the store does not do, or the request does wrong.
    ("NotImplemented", K::Unsupported),
    ("MethodNotAllowed", K::Unsupported),
    ("InvalidPartOrder", K::InvalidRequest),
    ("InvalidArgument", K::InvalidRequest),
    ("InvalidRequest", K::InvalidRequest),
    ("InvalidRange", K::InvalidRequest),
    ("PartNotSequential", K::InvalidRequest),
    ("PartAlreadyExist", K::InvalidRequest),
    ("ObjectNotAppendable", K::InvalidRequest),
    ("PositionNotEqualToLength", K::InvalidRequest),
    ("BucketAlreadyExists", K::InvalidRequest),
    ("MissingContentLength", K::InvalidRequest),
    ("MalformedXML", K::InvalidRequest),
    ("CallbackFailed", K::CallbackFailed),
];

/// EC value of OSS that says: there is no such bucket. HEAD has no code, only this.
const NO_SUCH_BUCKET_EC: &str = "0015-00000101";

/// EC values of OSS that say: the region in the signature is not the bucket's (query form, header form).
const WRONG_REGION_EC: &[&str] = &["0002-00000226", "0002-00000228"];

/// The kind of an answer with this status, code and EC.
///
/// A known code decides. Otherwise the status does; a success status with an unknown code (S3 answers Complete so) counts as a
/// failure inside the store.
pub fn kind_of(status: u16, code: Option<&str>, ec: Option<&str>) -> FaultKind {
    if ec.is_some_and(|ec| WRONG_REGION_EC.contains(&ec)) {
        return K::WrongRegion;
    }
    let known = code.and_then(|code| ROWS.iter().find(|(known, _)| *known == code)).map(|(_, kind)| *kind);
    if known.is_none() && ec == Some(NO_SUCH_BUCKET_EC) {
        return K::NoSuchBucket;
    }
    known.unwrap_or_else(|| kind_of_status(status, code))
}

fn kind_of_status(status: u16, code: Option<&str>) -> FaultKind {
    match status {
        200..=299 if code.is_some() => K::ServerError,
        301 | 302 | 303 | 307 | 308 => K::WrongEndpoint,
        400 | 411 | 416 | 431 => K::InvalidRequest,
        401 => K::BadAccessKey,
        403 | 451 => K::AccessDenied,
        405 | 417 | 501 | 505 => K::Unsupported,
        407 | 511 => K::NotStore,
        408 => K::RequestTimeout,
        412 => K::PreconditionFailed,
        413 => K::TooLarge,
        414 => K::KeyInvalid,
        429 => K::Throttled,
        500..=599 => K::ServerError,
        _ => K::UnknownAnswer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_row() {
        for (index, (code, _)) in ROWS.iter().enumerate() {
            assert!(ROWS[index + 1..].iter().all(|(other, _)| other != code), "{code} twice");
        }
    }

    /// What the services document, status and code as they come.
    #[test]
    fn every_documented_code_has_its_kind() {
        for (status, codes, kind) in [
            (500, "InternalError", K::ServerError),
            (503, "ServiceUnavailable", K::ServerError),
            (503, "UploadTrafficRateLimitExceeded DownloadTrafficRateLimitExceeded", K::Throttled),
            (503, "TotalQpsLimitExceeded MetaOperationQpsLimitExceeded ActiveRequestLimitExceeded CpuLimitExceeded", K::Throttled),
            (503, "QpsLimitExceeded ServerBusy SlowDown", K::Throttled),
            (400, "RequestTimeout BadRequest", K::RequestTimeout),
            (403, "RequestTimeTooSkewed", K::ClockSkew),
            (403, "SignatureDoesNotMatch", K::BadSignature),
            (403, "InvalidAccessKeyId", K::BadAccessKey),
            (403, "InvalidSecurityToken AccessKeyIdAndSecurityTokenNotMatch SecurityTokenExpired", K::TokenExpired),
            (403, "AccessDenied", K::AccessDenied),
            (403, "InDebt InDebtOverdue BucketDisable UserDisable AbnormalBucketOwnerStatus", K::AccountSuspended),
            (404, "NoSuchBucket", K::NoSuchBucket),
            (404, "NoSuchKey SymlinkTargetNotExist", K::NoSuchKey),
            (404, "NoSuchUpload", K::UploadGone),
            (400, "InvalidPart FilePartNotExist FilePartStale FilePartInterity", K::PartsRefused),
            (400, "InvalidPartOrder InvalidArgument PartNotSequential MalformedXML", K::InvalidRequest),
            (400, "EntityTooSmall", K::PartTooSmall),
            (400, "EntityTooLarge", K::TooLarge),
            (409, "PartAlreadyExist ObjectNotAppendable PositionNotEqualToLength BucketAlreadyExists", K::InvalidRequest),
            (400, "InvalidDigest BadDigest", K::DigestRefused),
            (409, "FileAlreadyExists", K::AlreadyExists),
            (400, "ObjectAlreadyExists", K::AlreadyExists),
            (409, "FileImmutable", K::Immutable),
            (412, "PreconditionFailed", K::PreconditionFailed),
            (400, "InvalidObjectName KeyTooLong KeyTooLongError", K::KeyInvalid),
            (400, "InvalidBucketName", K::InvalidBucketName),
            (411, "MissingContentLength", K::InvalidRequest),
            (403, "InvalidObjectState", K::Archived),
            (400, "NotImplemented", K::Unsupported),
            (501, "NotImplemented", K::Unsupported),
            (203, "CallbackFailed", K::CallbackFailed),
            (301, "PermanentRedirect", K::WrongEndpoint),
            (400, "AuthorizationHeaderMalformed", K::WrongRegion),
        ] {
            for code in codes.split(' ') {
                assert_eq!(kind_of(status, Some(code), None), kind, "{status} {code}");
            }
        }
        for ec in WRONG_REGION_EC {
            assert_eq!(kind_of(400, Some("InvalidArgument"), Some(ec)), K::WrongRegion);
        }
    }

    #[test]
    fn unknown_codes_go_by_their_status() {
        for (status, kind) in [
            (200, K::ServerError),
            (307, K::WrongEndpoint),
            (400, K::InvalidRequest),
            (401, K::BadAccessKey),
            (403, K::AccessDenied),
            (404, K::UnknownAnswer),
            (408, K::RequestTimeout),
            (409, K::UnknownAnswer),
            (429, K::Throttled),
            (500, K::ServerError),
            (501, K::Unsupported),
            (599, K::ServerError),
            (999, K::UnknownAnswer),
        ] {
            assert_eq!(kind_of(status, Some("SomethingNew"), None), kind, "{status}");
        }
    }
}
