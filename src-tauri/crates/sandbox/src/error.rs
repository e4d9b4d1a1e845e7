//! What a request is refused with: status, code, sentence and extras, and the one table behind them
//! (OSS: "Error responses"; S3: "Error responses").

use std::borrow::Cow;

use http::StatusCode;

/// A refusal, on its way to becoming an `<Error>` document.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    /// OSS's own finer code, where it is known.
    pub(crate) ec: Option<String>,
    /// Further elements of the document, in order.
    pub(crate) extra: Vec<(Cow<'static, str>, String)>,
}

/// One row: code, status, sentence, EC ("" where unknown).
type Row = (&'static str, u16, &'static str, &'static str);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("AccessDenied", 403, "You have no right to access this object because of bucket acl.", "0003-00000001"),
    ("AuthorizationHeaderMalformed", 400, "The authorization header you provided is malformed.", ""),
    ("AuthorizationQueryParametersError", 400, "The query parameters of the signature are not as required.", ""),
    ("BadDigest", 400, "The Content-MD5 or checksum value that you specified did not match what the server received.", ""),
    ("BadRequest", 400, "The request is not valid.", ""),
    ("BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket succeeded and you already own it.", ""),
    ("BucketNotEmpty", 409, "The bucket you tried to delete is not empty.", "0015-00000301"),
    ("CallbackFailed", 203, "The callback failed.", ""),
    ("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size.", "0017-00000401"),
    ("EntityTooSmall", 400, "Your proposed upload smaller than the minimum allowed size.", "0042-00000213"),
    ("ExpiredToken", 400, "The provided token has expired.", ""),
    ("FileAlreadyExists", 409, "The object you specified already exists and can not be overwritten.", "0026-00000002"),
    ("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header.", ""),
    ("InternalError", 500, "We encountered an internal error. Please try again.", ""),
    ("InvalidAccessKeyId", 403, "The OSS Access Key Id you provided does not exist in our records.", "0002-00000902"),
    ("InvalidArgument", 400, "Invalid argument.", ""),
    ("InvalidBucketName", 400, "The specified bucket is not valid.", "0015-00000001"),
    ("InvalidDigest", 400, "The Content-MD5 you specified was invalid.", "0016-00000503"),
    ("InvalidEncryptionAlgorithmError", 400, "The encryption request you specified is not valid. Supported values: AES256, SM4 or KMS.", ""),
    ("InvalidObjectName", 400, "The specified object is not valid.", "0016-00000002"),
    ("InvalidPart", 400, "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.", "0042-00000205"),
    ("InvalidPartOrder", 400, "The list of parts was not in ascending order. Parts list must specified in order by part number.", "0042-00000209"),
    ("InvalidRange", 416, "The requested range cannot be satisfied.", ""),
    ("InvalidRequest", 400, "The request is not valid.", ""),
    ("InvalidSecurityToken", 403, "The security token you provided is invalid.", "0002-00000069"),
    ("InvalidStorageClass", 400, "The storage class you specified is not valid.", ""),
    ("InvalidToken", 400, "The provided token is malformed or otherwise not valid.", ""),
    ("InvalidURI", 400, "Couldn't parse the specified URI.", ""),
    ("KeyTooLongError", 400, "Your key is too long.", ""),
    ("MalformedACLError", 400, "The ACL that you provided was not well formed or did not validate against our published schema.", ""),
    ("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published schema.", "0042-00000101"),
    ("MethodNotAllowed", 405, "The specified method is not allowed against this resource.", ""),
    ("MissingContentLength", 411, "You must provide the Content-Length HTTP header.", ""),
    ("MissingSecurityHeader", 400, "Your request was missing a required header.", ""),
    ("NoSuchBucket", 404, "The specified bucket does not exist.", "0015-00000101"),
    ("NoSuchKey", 404, "The specified key does not exist.", "0026-00000001"),
    ("NoSuchUpload", 404, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", "0042-00000203"),
    ("NotImplemented", 501, "A header or query you provided implies functionality that is not implemented.", ""),
    ("PermanentRedirect", 301, "The bucket you are attempting to access must be addressed using the specified endpoint.", ""),
    ("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold.", ""),
    ("QpsLimitExceeded", 503, "Please reduce your request rate.", ""),
    ("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.", "0002-00000504"),
    ("RequestTimeout", 400, "Your socket connection to the server was not read from or written to within the timeout period.", ""),
    ("SecurityTokenExpired", 403, "The security token you provided has expired.", "0002-00000007"),
    ("ServiceUnavailable", 503, "Please reduce your request rate.", ""),
    ("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method.", "0002-00000001"),
    ("SlowDown", 503, "Please reduce your request rate.", ""),
    ("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.", ""),
];

impl ApiError {
    /// The refusal with this code, as the table has it. An unknown code becomes a 400 that says its
    /// own name.
    pub(crate) fn new(code: &str) -> Self {
        let row = TABLE.iter().find(|row| row.0 == code);
        let (status, message, ec) = row.map_or((400, code, ""), |row| (row.1, row.2, row.3));
        Self {
            status: StatusCode::from_u16(status).expect("the table holds valid statuses"),
            code: code.to_owned(),
            message: message.to_owned(),
            ec: (!ec.is_empty()).then(|| ec.to_owned()),
            extra: Vec::new(),
        }
    }

    /// A refusal with a scripted status: the sentence comes from the table when the code is known.
    pub(crate) fn scripted(status: StatusCode, code: &str) -> Self {
        Self { status, ..Self::new(code) }
    }

    /// `InvalidArgument` about one named argument.
    pub(crate) fn argument(name: &str, value: &str, message: &str) -> Self {
        Self::new("InvalidArgument")
            .message(message)
            .with("ArgumentName", name)
            .with("ArgumentValue", value)
    }

    /// `InternalError` with what went wrong inside, for the log of the client.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::warn!(%cause, "the sandbox failed a request");
        Self::new("InternalError").message(format!("The sandbox could not do that: {cause}"))
    }

    #[must_use]
    pub(crate) fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    #[must_use]
    pub(crate) fn ec(mut self, ec: &str) -> Self {
        self.ec = Some(ec.to_owned());
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.extra.push((Cow::Borrowed(name), value.into()));
        self
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_unique() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn unknown_codes_keep_their_name() {
        let error = ApiError::scripted(StatusCode::BAD_GATEWAY, "CpuLimitExceeded");
        assert_eq!((error.status.as_u16(), error.code.as_str()), (502, "CpuLimitExceeded"));
    }
}
