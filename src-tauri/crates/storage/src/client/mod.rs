//! One HTTP client for the process: HTTP/1.1, no redirects, connections kept and reused, a watchdog
//! instead of a total timeout.

pub(crate) mod body;
mod connector;
mod watchdog;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ferry_model::{Fault, FaultKind};
use futures_util::stream::{BoxStream, StreamExt};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub(crate) use body::SendBody;
use connector::Connector;
use watchdog::Progress;

use crate::error::{Delivery, StoreError, transport};

/// How requests name their sender.
pub const USER_AGENT: &str = concat!("ferry/", env!("CARGO_PKG_VERSION"));

/// Most bytes of an answer's headers, and how much of a body is handed to the socket at once. As
/// the whole of it must have gone before more is taken, this over the idle timeout is also the
/// slowest speed that counts as moving: about 0.5 KiB a second.
const BUFFER: usize = 32 * 1024;

/// Timeouts and limits of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpOptions {
    /// For the TCP connection.
    pub connect_timeout: Duration,
    /// Without any progress: while connecting, while the peer takes the body, before the answer,
    /// and between pieces of the answer.
    pub idle_timeout: Duration,
    /// Instead of the idle timeout for the answer to Complete, which takes minutes for large
    /// objects.
    pub complete_timeout: Duration,
    /// How long an unused connection is kept.
    pub pool_idle_timeout: Duration,
    /// How many unused connections are kept for each host.
    pub max_idle_per_host: usize,
    /// Every connection goes there, whatever host was asked for; what is sent and which certificate
    /// is expected stay the host's. For tests that stand in for hosts which are not theirs.
    pub connect_to: Option<SocketAddr>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            complete_timeout: Duration::from_secs(10 * 60),
            pool_idle_timeout: Duration::from_secs(30),
            max_idle_per_host: 32,
            connect_to: None,
        }
    }
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timeouts {
    /// The idle timeout.
    Usual,
    /// The timeout of Complete.
    Merge,
}

/// The client. Cheap to clone; one for the process, so that all stores share its connections.
#[derive(Clone)]
pub struct HttpClient {
    inner: Client<Connector, SendBody>,
    options: HttpOptions,
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient").field("options", &self.options).finish_non_exhaustive()
    }
}

impl HttpClient {
    /// A client with these limits. Certificates are checked by the system's own verifier; if it
    /// cannot be had, https fails with [`FaultKind::TlsFailed`], never silently.
    pub fn new(options: HttpOptions) -> Self {
        let inner = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.pool_idle_timeout)
            .pool_max_idle_per_host(options.max_idle_per_host)
            .http1_max_buf_size(BUFFER)
            // Who calls decides whether to send again, also where the pool's connection was gone.
            .retry_canceled_requests(false)
            .build(connector::new(options.connect_timeout, options.connect_to));
        Self { inner, options }
    }

    fn answer_timeout(&self, timeouts: Timeouts) -> Duration {
        match timeouts {
            Timeouts::Usual => self.options.idle_timeout,
            Timeouts::Merge => self.options.complete_timeout,
        }
    }

    /// Sends a request once and waits for the head of its answer. Dropping the future closes the
    /// connection.
    pub(crate) async fn send(
        &self,
        request: http::Request<SendBody>,
        host: &str,
        timeouts: Timeouts,
    ) -> Result<http::Response<Incoming>, StoreError> {
        let progress = Arc::clone(request.body().progress());
        let limits = watchdog::Limits {
            idle: self.options.idle_timeout,
            answer: self.answer_timeout(timeouts),
        };
        let outcome = tokio::select! {
            biased;
            outcome = self.inner.request(request) => outcome.map_err(|error| transport::of_client(&error, host)),
            () = progress.stalled(limits) => Err(stalled(host, progress.delivery())),
        };
        outcome.map_err(|error| match progress.take_source_error() {
            Some(source) => StoreError {
                fault: Fault::new(FaultKind::SourceReadFailed).with_detail(source.to_string()),
                source_io: Some(source),
                ..error
            },
            None => error,
        })
    }

    /// The whole body of an answer, at most `limit` bytes, and at most the timeout of Complete in
    /// all: it must not drip for ever.
    pub(crate) async fn collect(
        &self,
        body: Incoming,
        limit: usize,
        host: &str,
        timeouts: Timeouts,
    ) -> Result<Bytes, StoreError> {
        let pieces = self.collect_pieces(body, limit, host, timeouts);
        let whole = tokio::time::timeout(
            self.options.complete_timeout.max(self.options.idle_timeout),
            pieces,
        )
        .await;
        whole.unwrap_or_else(|_| Err(stalled(host, Delivery::Perhaps)))
    }

    async fn collect_pieces(
        &self,
        mut body: Incoming,
        limit: usize,
        host: &str,
        timeouts: Timeouts,
    ) -> Result<Bytes, StoreError> {
        let mut whole = BytesMut::new();
        loop {
            match tokio::time::timeout(self.answer_timeout(timeouts), body.frame()).await {
                Err(_) => return Err(stalled(host, Delivery::Perhaps)),
                Ok(None) => return Ok(whole.freeze()),
                Ok(Some(Err(error))) => return Err(transport::of_body(&error, host)),
                Ok(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if whole.len() + data.len() > limit {
                        let fault = Fault::new(FaultKind::NotStore)
                            .with_subject(host)
                            .with_detail(format!("the answer is over {limit} bytes"));
                        return Err(StoreError::new(fault, Delivery::Perhaps));
                    }
                    whole.extend_from_slice(&data);
                }
            }
        }
    }

    /// The body of an answer as it comes, with the idle timeout between its pieces.
    pub(crate) fn stream(&self, body: Incoming) -> BoxStream<'static, std::io::Result<Bytes>> {
        let idle = self.options.idle_timeout;
        futures_util::stream::try_unfold(body, move |mut body| async move {
            loop {
                match tokio::time::timeout(idle, body.frame()).await {
                    Err(_) => {
                        return Err(std::io::Error::new(
                            std::io::ErrorKind::TimedOut,
                            "the store stopped sending",
                        ));
                    }
                    Ok(None) => return Ok(None),
                    Ok(Some(Err(error))) => return Err(std::io::Error::other(error)),
                    Ok(Some(Ok(frame))) => {
                        if let Ok(data) = frame.into_data() {
                            return Ok(Some((data, body)));
                        }
                    }
                }
            }
        })
        .boxed()
    }
}

fn stalled(host: &str, delivery: Delivery) -> StoreError {
    StoreError::new(Fault::new(FaultKind::Stalled).with_subject(host), delivery)
}

pub(crate) type SharedProgress = Arc<Progress>;
