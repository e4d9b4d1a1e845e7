//! A request's body on its way to disk: read once, hashed, checked and written in the same pass.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::chunked::Decoder;
use crate::config::{ChecksumPolicy, StoreLimits};
use crate::digest::{BodyDigest, ChecksumKind, Sha256Need, Summary};
use crate::error::ApiError;
use crate::request::{Dialect, Request};
use crate::sign::Verified;
use crate::store::{Blob, Store};
use crate::ticket::Ticket;

/// Bodies up to this length are gathered first and handled in one go, in bytes.
const SMALL: u64 = 64 * 1024;
/// Pieces of a body that may wait for the disk.
const QUEUE: usize = 8;
/// Most that is read and thrown away so that a refusal can be delivered in order, in bytes.
const DRAIN_LIMIT: u64 = 16 * 1024 * 1024;

/// Why an operation did not come to a good end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It is refused, and the client hears why.
    Api(ApiError),
    /// The connection ends without an answer: the client is gone, or a fault says so.
    Cut,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Api(error.into())
    }
}

/// The body as it comes off the connection, counted.
pub(crate) struct Inbound {
    body: Incoming,
    ticket: Arc<Ticket>,
    /// The connection is cut after this many bytes.
    cut_after: Option<u64>,
    /// Its first byte arrives as another.
    damaged: bool,
    /// Bytes a second, at most.
    pace: Option<u64>,
    /// When the first byte came.
    began: Option<Instant>,
    received: u64,
    /// How long the next piece may take.
    idle: Duration,
    /// A piece took longer: no other is waited for.
    stalled: bool,
}

impl Inbound {
    pub(crate) fn new(body: Incoming, ticket: Arc<Ticket>, idle: Duration) -> Self {
        Self {
            body,
            ticket,
            cut_after: None,
            damaged: false,
            pace: None,
            began: None,
            received: 0,
            idle,
            stalled: false,
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn cut_after(&mut self, bytes: u64) {
        self.cut_after = Some(bytes);
    }

    #[cfg(feature = "testing")]
    pub(crate) fn damage(&mut self) {
        self.damaged = true;
    }

    pub(crate) fn pace(&mut self, bytes_per_second: u64) {
        let slowest = self.pace.map_or(bytes_per_second, |pace| pace.min(bytes_per_second));
        self.pace = Some(slowest.max(1));
    }

    /// Honours the limit that the client itself set.
    pub(crate) fn limit_traffic(&mut self, bits_per_second: u64) {
        self.ticket.limited(bits_per_second);
        self.pace(bits_per_second / 8);
    }

    /// The bytes a second to which this request is held.
    pub(crate) fn paced(&self) -> Option<u64> {
        self.pace
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        if self.stalled {
            return Err(Failure::Cut);
        }
        loop {
            let Ok(next) = tokio::time::timeout(self.idle, self.body.frame()).await else {
                self.stalled = true;
                return Err(ApiError::new("RequestTimeout").into());
            };
            let Some(frame) = next else { return Ok(None) };
            // An error here is the client's: it went away or broke the framing.
            let Ok(data) = frame.map_err(|_| Failure::Cut)?.into_data() else {
                continue;
            };
            let length = data.len() as u64;
            self.received += length;
            self.ticket.received(length);
            if self.cut_after.is_some_and(|limit| self.received >= limit) {
                return Err(Failure::Cut);
            }
            if let Some(pace) = self.pace {
                let began = *self.began.get_or_insert_with(Instant::now);
                tokio::time::sleep_until(
                    began + Duration::from_secs_f64(self.received as f64 / pace as f64),
                )
                .await;
            }
            if self.damaged && !data.is_empty() {
                self.damaged = false;
                let mut bytes = data.to_vec();
                bytes[0] ^= 1;
                return Ok(Some(bytes.into()));
            }
            return Ok(Some(data));
        }
    }

    /// Whether all of it has been read.
    pub(crate) fn is_read(&self) -> bool {
        self.body.is_end_stream()
    }

    /// Reads to the end and keeps nothing.
    pub(crate) async fn read_out(&mut self) -> Result<(), Failure> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// Reads a little of what is left, so that a client in the middle of sending hears the refusal.
    pub(crate) async fn drain(&mut self) {
        let mut left = DRAIN_LIMIT;
        while let Ok(Some(data)) = self.next().await {
            left = left.saturating_sub(data.len() as u64);
            if left == 0 {
                break;
            }
        }
    }

    /// A small body, whole, its S3 payload hash and Content-MD5 checked.
    pub(crate) async fn text(&mut self, plan: &BodyPlan, limit: usize) -> Result<String, Failure> {
        let mut digest = BodyDigest::new(plan.sha256_need(), None);
        let mut out = Vec::new();
        while let Some(data) = self.next().await? {
            digest.update(&data);
            out.extend_from_slice(&data);
            if out.len() > limit {
                return Err(ApiError::new("MalformedXML").message("The body is too large.").into());
            }
        }
        plan.check(&digest.finish(), &[])?;
        String::from_utf8(out).map_err(|_| ApiError::new("MalformedXML").into())
    }
}

/// How a body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Plain,
    AwsChunked,
}

/// What a body must turn out to be.
#[derive(Debug)]
pub(crate) struct BodyPlan {
    dialect: Dialect,
    framing: Framing,
    /// Bytes, without framing. `None` when OSS gets a body of unknown length.
    length: Option<u64>,
    /// Most bytes that are taken.
    largest: u64,
    sha256: Option<[u8; 32]>,
    md5: Option<[u8; 16]>,
    checksum: Option<ChecksumKind>,
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

    fn sha256_need(&self) -> Sha256Need {
        match self.sha256 {
            Some(_) => Sha256Need::Wanted,
            None => Sha256Need::Unwanted,
        }
    }

    fn check(&self, summary: &Summary, trailers: &[(String, String)]) -> Result<(), ApiError> {
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

fn too_large(largest: u64) -> ApiError {
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

/// Where a body goes: off with the framing, into the hashes, onto the disk.
struct Sink {
    plan: BodyPlan,
    decoder: Option<Decoder>,
    digest: BodyDigest,
    blob: Blob,
}

impl Sink {
    fn new(store: &Store, plan: BodyPlan, verified: &Verified) -> std::io::Result<Self> {
        Ok(Self {
            decoder: (plan.framing == Framing::AwsChunked)
                .then(|| Decoder::new(verified.chunks.clone())),
            digest: BodyDigest::new(plan.sha256_need(), plan.checksum),
            blob: store.blob()?,
            plan,
        })
    }

    fn take(&mut self, data: &[u8]) -> Result<(), ApiError> {
        let Self { plan, decoder, digest, blob } = self;
        let mut write = |data: &[u8]| -> Result<(), ApiError> {
            digest.update(data);
            if digest.size() > plan.largest {
                return Err(too_large(plan.largest));
            }
            Ok(blob.write(data)?)
        };
        match decoder {
            Some(decoder) => decoder.feed(data, &mut write),
            None => write(data),
        }
    }

    fn finish(self) -> Result<(Blob, Summary), ApiError> {
        let trailers = match self.decoder {
            Some(decoder) => decoder.finish()?,
            None => Vec::new(),
        };
        let summary = self.digest.finish();
        self.plan.check(&summary, &trailers)?;
        Ok((self.blob, summary))
    }
}

/// A piece of a body on its way to the thread that writes it.
enum Piece {
    Data(Bytes),
    End,
}

/// Streams the body to disk and gives what it became to `finish`, on the same thread that wrote it.
///
/// # Cancellation
///
/// Dropped on its way, or cut by the client, the body leaves nothing and `finish` is not called.
pub(crate) async fn receive<T: Send + 'static>(
    inbound: &mut Inbound,
    store: &Arc<Store>,
    plan: BodyPlan,
    verified: Verified,
    finish: impl FnOnce(Blob, Summary) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, Failure> {
    let store = Arc::clone(store);
    if plan.framing == Framing::Plain && plan.length.is_some_and(|length| length <= SMALL) {
        let mut pieces = Vec::new();
        while let Some(data) = inbound.next().await? {
            pieces.push(data);
        }
        return blocking(move || {
            let mut sink = Sink::new(&store, plan, &verified)?;
            for data in &pieces {
                sink.take(data)?;
            }
            let (blob, summary) = sink.finish()?;
            Ok(finish(blob, summary)?)
        })
        .await;
    }
    let (sender, mut receiver) = mpsc::channel::<Piece>(QUEUE);
    let writing = tokio::task::spawn_blocking(move || -> Result<T, Failure> {
        let mut sink = Sink::new(&store, plan, &verified)?;
        loop {
            match receiver.blocking_recv() {
                Some(Piece::Data(data)) => sink.take(&data)?,
                Some(Piece::End) => break,
                None => return Err(Failure::Cut),
            }
        }
        let (blob, summary) = sink.finish()?;
        Ok(finish(blob, summary)?)
    });
    loop {
        let piece = match inbound.next().await? {
            Some(data) => Piece::Data(data),
            None => Piece::End,
        };
        let ended = matches!(piece, Piece::End);
        // The writer hangs up early only to report an error.
        if sender.send(piece).await.is_err() || ended {
            break;
        }
    }
    joined(writing.await)
}

/// Runs what touches the disk off the threads that serve connections.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    joined(tokio::task::spawn_blocking(work).await)
}

fn joined<T>(outcome: Result<Result<T, Failure>, tokio::task::JoinError>) -> Result<T, Failure> {
    outcome.unwrap_or_else(|error| Err(ApiError::internal(error).into()))
}
