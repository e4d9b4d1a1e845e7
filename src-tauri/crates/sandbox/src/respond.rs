//! Answers: what an operation says, and how that becomes an HTTP response of either dialect.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::stream;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::error::ApiError;
use crate::request::Dialect;
use crate::store::Reader;
use crate::xml::Document;

/// Bytes read from disk at a time.
const CHUNK: usize = 256 * 1024;
/// Chunks that may wait for the client.
const QUEUE: usize = 2;

/// The body of a response.
pub(crate) type OutBody = UnsyncBoxBody<Bytes, std::io::Error>;

/// What follows the headers.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    Empty,
    Text(String),
    /// An object's bytes, whose number is already in `Content-Length`.
    Data {
        reader: Reader,
        /// Bytes a second, at most.
        pace: Option<u64>,
    },
}

/// An answer before it takes its dialect's outer form.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ReplyBody,
    /// The code of the `<Error>`, for the ledger.
    pub(crate) code: Option<String>,
}

impl Reply {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: ReplyBody::Empty, code: None }
    }

    pub(crate) fn xml(document: Document) -> Self {
        let mut reply = Self::new(StatusCode::OK).header("content-type", "application/xml");
        reply.body = ReplyBody::Text(document.finish());
        reply
    }

    /// Adds a header; one whose value cannot stand in a header is left out.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()))
        {
            self.headers.insert(name, value);
        }
    }

    /// The `<Error>` document for `error`, or its form without a body for HEAD.
    pub(crate) fn error(error: &ApiError, frame: &Outer<'_>) -> Self {
        let text = error_document(error, frame);
        let mut reply = Self::new(error.status);
        reply.code = Some(error.code.clone());
        if let (Dialect::Oss, Some(ec)) = (frame.dialect, &error.ec) {
            reply.set("x-oss-ec", ec);
        }
        if *frame.method == Method::HEAD {
            if frame.dialect == Dialect::Oss {
                reply.set("x-oss-err", &BASE64_STANDARD.encode(text));
            }
            return reply;
        }
        reply.set("content-type", "application/xml");
        reply.body = ReplyBody::Text(text);
        reply
    }
}

/// What every answer to one request has in common.
#[derive(Debug)]
pub(crate) struct Outer<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) method: &'a Method,
    pub(crate) host: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) now: OffsetDateTime,
}

/// A fresh request id, in the form that both dialects can carry.
pub(crate) fn request_id() -> String {
    format!("{:024X}", fastrand::u128(..) >> 32)
}

fn error_document(error: &ApiError, frame: &Outer<'_>) -> String {
    let mut document = Document::new("Error", None);
    document
        .leaf("Code", &error.code)
        .leaf("Message", &error.message)
        .leaf("RequestId", frame.request_id)
        .leaf("HostId", frame.host);
    for (name, value) in &error.extra {
        document.leaf(name, value);
    }
    if let (Dialect::Oss, Some(ec)) = (frame.dialect, &error.ec) {
        document
            .leaf("EC", ec)
            .leaf("RecommendDoc", format!("https://api.aliyun.com/troubleshoot?q={ec}"));
    }
    document.finish()
}

/// Puts the outer form on: date, request id, length, body.
pub(crate) fn finish(mut reply: Reply, frame: &Outer<'_>) -> Response<OutBody> {
    let date = httpdate::fmt_http_date(frame.now.into());
    reply.set("date", &date);
    reply.set("server", "FerrySandbox");
    match frame.dialect {
        Dialect::Oss => {
            reply.set("x-oss-request-id", frame.request_id);
            reply.set("x-oss-server-time", "1");
        }
        Dialect::S3 => {
            reply.set("x-amz-request-id", frame.request_id);
            reply.set("x-amz-id-2", frame.request_id);
        }
    }
    bare(reply, frame.method)
}

/// The response without anything that the store adds.
pub(crate) fn bare(reply: Reply, method: &Method) -> Response<OutBody> {
    let mut headers = reply.headers;
    let body = match reply.body {
        ReplyBody::Empty => full(Bytes::new()),
        ReplyBody::Text(text) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
            full(text.into())
        }
        ReplyBody::Data { .. } if *method == Method::HEAD => full(Bytes::new()),
        ReplyBody::Data { reader, pace } => streamed(reader, pace),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = headers;
    response
}

fn full(data: Bytes) -> OutBody {
    Full::new(data).map_err(|never| match never {}).boxed_unsync()
}

/// Reads ahead on a thread of its own, a few chunks at most.
fn streamed(mut reader: Reader, pace: Option<u64>) -> OutBody {
    let (sender, receiver) = mpsc::channel(QUEUE);
    // Ten pieces a second flow evenly enough.
    let size =
        pace.map_or(CHUNK, |pace| usize::try_from(pace / 10).unwrap_or(CHUNK).clamp(1, CHUNK));
    tokio::task::spawn_blocking(move || {
        loop {
            let chunk = reader.next_chunk(size).transpose();
            let Some(chunk) = chunk else { break };
            let failed = chunk.is_err();
            if sender.blocking_send(chunk.map(Frame::data)).is_err() || failed {
                break;
            }
        }
    });
    let began = Instant::now();
    let frames = stream::unfold((receiver, 0_u64), move |(mut receiver, sent)| async move {
        let frame: Result<Frame<Bytes>, std::io::Error> = receiver.recv().await?;
        let sent = sent
            + frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, |data| data.len() as u64);
        if let Some(pace) = pace {
            tokio::time::sleep_until(began + Duration::from_secs_f64(sent as f64 / pace as f64))
                .await;
        }
        Some((frame, (receiver, sent)))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// The response, whose body breaks off after so many bytes.
#[cfg(feature = "testing")]
pub(crate) fn cut_after(response: Response<OutBody>, bytes: u64) -> Response<OutBody> {
    use hyper::body::Body as _;
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let frames = stream::unfold((body, Some(bytes)), |(mut body, left)| async move {
        let left = left?;
        let data = match body.frame().await {
            Some(Ok(frame)) if left > 0 => frame.into_data().unwrap_or_default(),
            _ => {
                // What was handed over goes out while the body is not ready.
                tokio::task::yield_now().await;
                let cut = std::io::Error::other("the answer breaks off here");
                return Some((Err(cut), (body, None)));
            }
        };
        let taken = data.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        Some((Ok(Frame::data(data.slice(..taken))), (body, Some(left - taken as u64))))
    });
    Response::from_parts(parts, StreamBody::new(frames).boxed_unsync())
}
