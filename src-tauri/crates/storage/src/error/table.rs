//! The error table: a store's code, or failing that its EC or status, as a kind. What a kind means
//! for retrying, whom it stops, and its words stand with [`FaultKind`].
//!
//! Sources: OSS "Error responses" and the pages on its EC values; S3 "Error responses"; the tables
//! of the vendors' SDKs; MinIO `cmd/api-errors.go`, Ceph `rgw_common.cc`, Cloudflare R2 "Error
//! codes", Huawei OBS "Error codes". `codes.tsv` beside this file lists them one by one for the
//! tests.

use ferry_model::FaultKind;

use FaultKind as K;

/// Codes by what they mean.
const CODES: &[(FaultKind, &[&str])] = &[
    // The store failed inside: the same request may succeed later.
    (
        K::ServerError,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "ServiceUnavailable",
            "XMinioServerNotInitialized",
            "XMinioBackendDown",
            "Busy",
        ],
    ),
    (
        K::Throttled,
        &[
            "ActiveRequestLimitExceeded",
            "BandwidthLimitExceeded",
            "CpuLimitExceeded",
            "DownloadTrafficRateLimitExceeded",
            "KMS.ThrottlingException",
            "MetaOperationQpsLimitExceeded",
            "PriorRequestNotComplete",
            "QpsLimitExceeded",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "ServerBusy",
            "SlowDown",
            "SlowDownRead",
            "SlowDownWrite",
            "Throttling",
            "ThrottlingException",
            "TooManyRequests",
            "TotalQpsLimitExceeded",
            "UploadTrafficRateLimitExceeded",
        ],
    ),
    (K::ObjectBusy, &["ConditionalRequestConflict", "OperationAborted"]),
    // The request did not arrive whole, or too slowly.
    (
        K::RequestTimeout,
        &[
            "BadRequest",
            "ClientDisconnect",
            "ClientDisconnected",
            "ConnectionClosedByRequester",
            "IncompleteBody",
            "RequestTimeout",
        ],
    ),
    // Keys and permissions.
    (
        K::ClockSkew,
        &["ExpiredRequest", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"],
    ),
    (K::BadSignature, &["SignatureDoesNotMatch"]),
    (
        K::BadAccessKey,
        &[
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "MissingAuthenticationToken",
            "Unauthorized",
            "UnauthorizedAccess",
            "UnrecognizedClientException",
        ],
    ),
    (
        K::TokenExpired,
        &[
            "AccessKeyIdAndSecurityTokenNotMatch",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidSecurityToken",
            "InvalidToken",
            "SecurityTokenExpired",
            "SecurityTokenNotSupported",
            "TokenRefreshRequired",
        ],
    ),
    (
        K::AccessDenied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AccessForbidden",
            "BucketNotBelongTo",
            "Forbidden",
            "NotEntitled",
            "RequestPayerDenied",
        ],
    ),
    (
        K::AccountSuspended,
        &[
            "AbnormalBucketOwnerStatus",
            "AccountProblem",
            "AllAccessDisabled",
            "BucketDisable",
            "DeregisterUserId",
            "FrozenUserId",
            "InArrearOrInsufficientBalance",
            "InDebt",
            "InDebtOverdue",
            "InvalidPayer",
            "NotSignedUp",
            "OptInRequired",
            "UbsmsInvalidBid",
            "UserDisable",
            "UserRestricted",
            "UserSuspended",
        ],
    ),
    (
        K::StoreFull,
        &[
            "InsufficientStorageSpace",
            "QuotaExceeded",
            "XMinioAdminBucketQuotaExceeded",
            "XMinioStorageFull",
        ],
    ),
    // The bucket, and where it is.
    (K::NoSuchBucket, &["NoSuchBucket"]),
    (K::InvalidBucketName, &["InvalidBucketName"]),
    (
        K::WrongEndpoint,
        &[
            "EndpointNotFound",
            "IncorrectEndpoint",
            "PermanentRedirect",
            "PublicEndpointForbidden",
            "Redirect",
            "TemporaryRedirect",
        ],
    ),
    (
        K::WrongRegion,
        &[
            "AuthorizationHeaderMalformed",
            "AuthorizationQueryParametersError",
            "IllegalLocationConstraintException",
            "InvalidLocationConstraint",
            "InvalidRegion",
        ],
    ),
    (
        K::AddressingRefused,
        &[
            "CnameDenied",
            "NonStandardHostForbidden",
            "PathStyleDomainForbidden",
            "SecondLevelDomainForbidden",
            "UserCnameInvalid",
            "VirtualHostDomainRequired",
        ],
    ),
    // The object.
    (K::NoSuchKey, &["NoSuchKey", "NoSuchVersion", "SymlinkTargetNotExist"]),
    (
        K::KeyInvalid,
        &[
            "InvalidObjectName",
            "InvalidURI",
            "KeyTooLong",
            "KeyTooLongError",
            "XMinioInvalidObjectName",
            "XMinioObjectExistsAsDirectory",
            "XMinioParentIsObject",
        ],
    ),
    (K::AlreadyExists, &["FileAlreadyExists", "ObjectAlreadyExists"]),
    (
        K::Immutable,
        &["FileImmutable", "ObjectLocked", "ObjectLockedByBucketPolicy", "XComplianceConflict"],
    ),
    (K::Archived, &["InvalidObjectState"]),
    (K::PreconditionFailed, &["PreconditionFailed"]),
    (K::TooLarge, &["EntityTooLarge"]),
    // The upload and its parts.
    (K::UploadGone, &["NoSuchUpload"]),
    (
        K::PartsRefused,
        &[
            "FilePartIntegrity",
            "FilePartInterity",
            "FilePartNotExist",
            "FilePartStale",
            "InvalidPart",
        ],
    ),
    (K::PartTooSmall, &["EntityTooSmall"]),
    (
        K::DigestRefused,
        &["BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"],
    ),
    // Options of the object.
    (
        K::OptionRefused,
        &[
            "AccessControlListNotSupported",
            "InvalidEncryptionAlgorithmError",
            "InvalidEncryptionRequest",
            "InvalidRetentionPeriod",
            "InvalidStorageClass",
            "InvalidTag",
            "InvalidTargetStorageClass",
            "MalformedACLError",
            "MetadataTooLarge",
            "ObjectLockConfigurationNotFoundError",
            "UnresolvableGrantByEmailAddress",
        ],
    ),
    // What the store does not do, or the request does wrong.
    (
        K::Unsupported,
        &["MethodNotAllowed", "NotImplemented", "OperationNotSupported", "UnsupportedOperation"],
    ),
    (
        K::InvalidRequest,
        &[
            "BucketAlreadyExists",
            "BucketAlreadyOwnedByYou",
            "BucketNotEmpty",
            "CredentialsNotSupported",
            "EmptyRequestBody",
            "IncompleteSignature",
            "InvalidArgument",
            "InvalidBucketState",
            "InvalidPartNumber",
            "InvalidPartOrder",
            "InvalidRange",
            "InvalidRequest",
            "MalformedXML",
            "MaxMessageLengthExceeded",
            "MissingArgument",
            "MissingContentLength",
            "MissingRequestBodyError",
            "MissingSecurityElement",
            "MissingSecurityHeader",
            "NoSuchTagSet",
            "ObjectNotAppendable",
            "PartAlreadyExist",
            "PartNotSequential",
            "PositionNotEqualToLength",
            "RequestHeaderSectionTooLarge",
            "UnexpectedContent",
            "XMinioInvalidResourceName",
            "XMinioRequestBodyParse",
        ],
    ),
    (K::CallbackFailed, &["CallbackFailed"]),
];

/// Beginnings of codes that all mean the same: those of the key services, which S3 passes on.
const PREFIXES: &[(FaultKind, &str)] = &[
    (K::EncryptionKeyRefused, "KMS"),
    (K::EncryptionKeyRefused, "Kms"),
    (K::EncryptionKeyRefused, "XMinioKMS"),
];

/// EC values of OSS that say more than the code beside them: the region in the signature is not the
/// bucket's (query form, header form), a traffic limit is out of range or given twice.
const FINER_EC: &[(FaultKind, &[&str])] = &[
    (K::WrongRegion, &["0002-00000226", "0002-00000228"]),
    (K::OptionRefused, &["0004-00000501", "0004-00000502"]),
];

/// EC values of OSS for answers without a code, which a HEAD's can be.
const EC: &[(FaultKind, &[&str])] = &[
    (K::NoSuchBucket, &["0015-00000101"]),
    (K::NoSuchKey, &["0026-00000001"]),
    (K::AlreadyExists, &["0026-00000002"]),
    (K::UploadGone, &["0042-00000203"]),
    (K::BadAccessKey, &["0002-00000902"]),
    (K::BadSignature, &["0002-00000040", "0002-00000201", "0002-00000429"]),
    (K::ClockSkew, &["0002-00000504"]),
];

fn among(rows: &[(FaultKind, &[&str])], word: &str) -> Option<FaultKind> {
    rows.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind)
}

/// The kind of an answer with this status, code and EC.
///
/// A known code decides, but for the few EC values that are finer. Without a known code the EC
/// does, then the status; a success status with an unknown code (S3 answers Complete so) counts as
/// a failure inside the store.
pub fn kind_of(status: u16, code: Option<&str>, ec: Option<&str>) -> FaultKind {
    let by_code = || {
        let code = code?;
        among(CODES, code).or_else(|| {
            PREFIXES.iter().find(|(_, prefix)| code.starts_with(prefix)).map(|(kind, _)| *kind)
        })
    };
    ec.and_then(|ec| among(FINER_EC, ec))
        .or_else(by_code)
        .or_else(|| ec.and_then(|ec| among(EC, ec)))
        .unwrap_or_else(|| kind_of_status(status, code))
}

fn kind_of_status(status: u16, code: Option<&str>) -> FaultKind {
    match status {
        200..=299 if code.is_some() => K::ServerError,
        301 | 302 | 303 | 307 | 308 => K::WrongEndpoint,
        400 | 411 | 416 | 422 | 431 => K::InvalidRequest,
        401 => K::BadAccessKey,
        402 => K::AccountSuspended,
        403 | 451 => K::AccessDenied,
        405 | 415 | 417 | 501 | 505 => K::Unsupported,
        407 | 511 => K::NotStore,
        408 | 499 => K::RequestTimeout,
        412 => K::PreconditionFailed,
        413 => K::TooLarge,
        414 => K::KeyInvalid,
        423 => K::Immutable,
        429 => K::Throttled,
        507 => K::StoreFull,
        500..=599 => K::ServerError,
        _ => K::UnknownAnswer,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Source, status, code, kind, retry, scope.
    fn documented() -> Vec<[&'static str; 6]> {
        let rows = include_str!("codes.tsv")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        rows.map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            fields.try_into().unwrap_or_else(|fields| panic!("six fields: {fields:?}"))
        })
        .collect()
    }

    #[test]
    fn every_documented_code_has_its_kind() {
        let rows = documented();
        assert!(rows.len() > 180, "{} rows", rows.len());
        for [source, status, code, kind, retry, affects] in rows {
            let got = kind_of(status.parse().unwrap(), Some(code), None);
            let shown =
                (format!("{got:?}"), format!("{:?}", got.retry()), format!("{:?}", got.affects()));
            assert_eq!(
                (shown.0.as_str(), shown.1.as_str(), shown.2.as_str()),
                (kind, retry, affects),
                "{source}: {status} {code}"
            );
        }
    }

    #[test]
    fn every_code_is_documented_once() {
        let known: Vec<&str> = CODES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        let distinct: BTreeSet<&str> = known.iter().copied().collect();
        assert_eq!(known.len(), distinct.len(), "a code stands twice");
        let documented: BTreeSet<&str> = documented().into_iter().map(|row| row[2]).collect();
        assert_eq!(
            distinct.difference(&documented).collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "in the table, but in no documentation"
        );
        let unlisted: Vec<_> = documented
            .difference(&distinct)
            .filter(|code| !code.starts_with("KMS") && !code.starts_with("XMinioKMS"))
            .collect();
        assert_eq!(unlisted, Vec::<&&str>::new(), "documented, but known by status only");
    }

    #[test]
    fn an_ec_decides_where_it_is_finer_or_alone() {
        for (status, code, ec, kind) in [
            (400, Some("InvalidArgument"), "0002-00000226", K::WrongRegion),
            (400, Some("InvalidArgument"), "0002-00000228", K::WrongRegion),
            (400, Some("InvalidArgument"), "0004-00000501", K::OptionRefused),
            (400, Some("InvalidArgument"), "0017-00000220", K::InvalidRequest),
            (403, Some("AccessDenied"), "0002-00000504", K::AccessDenied),
            (404, None, "0015-00000101", K::NoSuchBucket),
            (404, None, "0026-00000001", K::NoSuchKey),
            (404, None, "0042-00000203", K::UploadGone),
            (403, None, "0002-00000902", K::BadAccessKey),
            (403, None, "0002-00000040", K::BadSignature),
            (403, None, "0002-00000504", K::ClockSkew),
            (409, Some("SomethingNew"), "0026-00000002", K::AlreadyExists),
            (404, None, "9999-00000000", K::UnknownAnswer),
        ] {
            assert_eq!(kind_of(status, code, Some(ec)), kind, "{status} {code:?} {ec}");
        }
    }

    #[test]
    fn unknown_codes_go_by_their_status() {
        for (status, kind) in [
            (200, K::ServerError),
            (301, K::WrongEndpoint),
            (304, K::UnknownAnswer),
            (307, K::WrongEndpoint),
            (400, K::InvalidRequest),
            (401, K::BadAccessKey),
            (402, K::AccountSuspended),
            (403, K::AccessDenied),
            (404, K::UnknownAnswer),
            (405, K::Unsupported),
            (407, K::NotStore),
            (408, K::RequestTimeout),
            (409, K::UnknownAnswer),
            (411, K::InvalidRequest),
            (412, K::PreconditionFailed),
            (413, K::TooLarge),
            (414, K::KeyInvalid),
            (423, K::Immutable),
            (429, K::Throttled),
            (499, K::RequestTimeout),
            (500, K::ServerError),
            (501, K::Unsupported),
            (502, K::ServerError),
            (503, K::ServerError),
            (504, K::ServerError),
            (507, K::StoreFull),
            (511, K::NotStore),
            (599, K::ServerError),
            (999, K::UnknownAnswer),
        ] {
            assert_eq!(kind_of(status, Some("SomethingNew"), None), kind, "{status}");
        }
    }
}
