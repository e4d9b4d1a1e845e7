//! What a request that stored an object answers when OSS's client wants a server told. Without the
//! feature `testing` no server is called, and the answer says so.

use super::Call;
#[cfg(feature = "testing")]
use super::Operation;
#[cfg(feature = "testing")]
use crate::callback::{Callback, Facts};
use crate::error::ApiError;
use crate::request::Dialect;
use crate::respond::Reply;
#[cfg(feature = "testing")]
use crate::respond::ReplyBody;
use crate::store::Object;

/// A callback that is not made.
#[cfg(not(feature = "testing"))]
pub(super) struct Callback;

#[cfg(not(feature = "testing"))]
impl Callback {
    fn read(request: &crate::request::Request) -> Result<Option<Self>, ApiError> {
        let wanted = request.header("x-oss-callback").is_some() || request.query.has("callback");
        Ok(wanted.then_some(Self))
    }
}

impl Call {
    /// The callback that OSS's client wants.
    pub(super) fn callback(&self) -> Result<Option<Callback>, ApiError> {
        match self.dialect {
            Dialect::Oss => Callback::read(&self.request),
            Dialect::S3 => Ok(None),
        }
    }

    /// The answer to a request that stored `object`: `reply`, or what the user's server says when
    /// it is to be called.
    ///
    /// # Errors
    ///
    /// `CallbackFailed`; the object stays.
    #[cfg(feature = "testing")]
    pub(super) async fn called_back(
        &self,
        callback: Option<Callback>,
        object: &Object,
        mut reply: Reply,
    ) -> Result<Reply, ApiError> {
        let Some(callback) = callback else { return Ok(reply) };
        let etag = object.etag(Dialect::Oss);
        let facts = Facts {
            bucket: self.target.bucket.as_deref().unwrap_or(""),
            key: &object.record.key,
            etag: etag.trim_matches('"'),
            size: object.record.size,
            crc64: object.record.crc64,
            mime_type: object
                .record
                .meta
                .headers
                .get("content-type")
                .map_or("application/octet-stream", String::as_str),
            operation: if self.operation == Operation::Complete {
                "CompleteMultipartUpload"
            } else {
                "PutObject"
            },
            request_id: &self.request_id,
        };
        let answer = callback.send(&facts, self.context.config.limits.callback).await?;
        reply.set("content-type", "application/json");
        reply.body = ReplyBody::Text(answer);
        Ok(reply)
    }

    /// The answer to a request that stored an object: `reply`, unless a server is to be called.
    ///
    /// # Errors
    ///
    /// `CallbackFailed`; the object stays.
    #[cfg(not(feature = "testing"))]
    pub(super) async fn called_back(
        &self,
        callback: Option<Callback>,
        _object: &Object,
        reply: Reply,
    ) -> Result<Reply, ApiError> {
        match callback {
            None => Ok(reply),
            Some(Callback) => Err(ApiError::new("CallbackFailed")
                .message("The practice bucket calls nobody back.")
                .ec("0007-00000201")),
        }
    }
}
