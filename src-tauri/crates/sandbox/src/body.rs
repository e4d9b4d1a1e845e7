//! A request's body on its way to disk: read once, hashed, checked and written in the same pass.

mod plan;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::chunked::Decoder;
use crate::digest::{BodyDigest, Summary};
use crate::error::ApiError;
use crate::sign::Verified;
use crate::store::{Blob, Store};
use crate::ticket::Ticket;
pub(crate) use plan::BodyPlan;
use plan::{Framing, too_large};

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
