//! A refusal that a test writes itself: any status and code, with the elements and headers that go
//! with it.

use std::borrow::Cow;

use http::StatusCode;

use crate::error::ApiError;

/// An error answer, put together by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    code: String,
    message: Option<String>,
    ec: Option<String>,
    elements: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Refusal {
    /// One with this HTTP status (100 to 999) and code. Its sentence and EC are the usual ones
    /// where the code is known.
    pub fn new(status: u16, code: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: None,
            ec: None,
            elements: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// OSS's answer at an endpoint that is not the bucket's: 403 AccessDenied, with the right one.
    pub fn other_endpoint(endpoint: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied")
            .message(ELSEWHERE)
            .ec("0003-00001403")
            .element("Endpoint", endpoint)
    }

    /// S3's answer at an endpoint that is not the bucket's: 301 PermanentRedirect, with the right
    /// one and its region.
    pub fn permanent_redirect(endpoint: impl Into<String>, region: impl Into<String>) -> Self {
        Self::new(301, "PermanentRedirect")
            .message(ELSEWHERE)
            .element("Endpoint", endpoint)
            .header("x-amz-bucket-region", region)
    }

    /// S3's answer to a signature made for another region: 400 AuthorizationHeaderMalformed, with
    /// the right one.
    pub fn wrong_region(region: impl Into<String>) -> Self {
        let region = region.into();
        Self::new(400, "AuthorizationHeaderMalformed")
            .message(format!(
                "The authorization header is malformed; the region is wrong; expecting '{region}'"
            ))
            .element("Region", &region)
            .header("x-amz-bucket-region", &region)
    }

    /// With this sentence.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// With this EC, which only OSS's dialect shows.
    #[must_use]
    pub fn ec(mut self, ec: impl Into<String>) -> Self {
        self.ec = Some(ec.into());
        self
    }

    /// With one more element in the `<Error>`; its name is written as it is.
    #[must_use]
    pub fn element(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.elements.push((name.into(), value.into()));
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn error(&self) -> ApiError {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let known = ApiError::scripted(status, &self.code);
        ApiError {
            message: self.message.clone().unwrap_or(known.message),
            ec: self.ec.clone().or(known.ec),
            extra: self
                .elements
                .iter()
                .map(|(name, value)| (Cow::Owned(name.clone()), value.clone()))
                .collect(),
            ..known
        }
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Both services say it so.
const ELSEWHERE: &str = "The bucket you are attempting to access must be addressed using the specified endpoint. \
                         Please send all future requests to this endpoint.";
