//! One HTTP client for the process: HTTP/1.1, no redirects, connections kept and reused, a watchdog
//! instead of a total timeout.

mod addresses;
pub(crate) mod body;
mod desktop;
mod fetch;
mod pace;
mod post;
mod probe;
mod proxy;
mod trust;
#[cfg(target_os = "linux")]
mod unsent;
mod watchdog;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ferry_model::{Fault, FaultKind, Network, Secret};
use futures_util::stream::{BoxStream, StreamExt};
use http_body_util::BodyExt;

use addresses::{Addresses, CONNECT_TIMEOUT};
pub(crate) use body::SendBody;
pub use desktop::DesktopProxies;
use pace::Paces;
pub use probe::{FirstServer, Knock};
use proxy::{Proxies, Proxy};
use trust::Authorities;
use watchdog::Progress;

use crate::error::{Delivery, StoreError, transport};

/// How requests name their sender.
pub const USER_AGENT: &str = concat!("ferry/", env!("CARGO_PKG_VERSION"));

/// How long a connection is silent before its peer is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long the network may be silent on sent bytes, at least.
const USER_TIMEOUT: Duration = Duration::from_secs(60);

/// Timeouts and limits of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpOptions {
    /// For a connection: name, TCP, a proxy's consent and TLS.
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
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            complete_timeout: Duration::from_secs(10 * 60),
            pool_idle_timeout: Duration::from_secs(30),
            max_idle_per_host: 512,
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

/// The client. Cheap to clone; one for the process, so that stores share its connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    shared: Arc<Shared>,
    proxies: Arc<Proxies>,
    authorities: Authorities,
    desktop: Option<DesktopProxies>,
    options: HttpOptions,
}

/// What all stores share.
#[derive(Debug, Default)]
struct Shared {
    clients: Mutex<BTreeMap<Route, reqwest::Client>>,
    addresses: Addresses,
    paces: Paces,
}

/// What connections have to have in common to be kept for each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    proxy: Option<Proxy>,
    authorities: Authorities,
    /// How long sent bytes may be unacknowledged: a socket's own.
    user_timeout: Duration,
}

/// A request on its way out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) request: reqwest::Request,
    pub(crate) progress: SharedProgress,
}

/// The head of an answer, with its body to come.
pub(crate) struct Answer {
    pub(crate) response: http::Response<reqwest::Body>,
    /// The proxy that could have answered in the store's place.
    pub(crate) proxy: Option<String>,
}

impl HttpClient {
    /// A client with these limits, over the proxies of the environment and the system.
    /// Certificates are checked by the system's own verifier; if it cannot be had, https fails with
    /// [`FaultKind::TlsFailed`], never silently.
    pub fn new(options: HttpOptions) -> Self {
        Self {
            shared: Arc::default(),
            proxies: Arc::new(Proxies::of_system(None)),
            authorities: Authorities::default(),
            desktop: None,
            options,
        }
    }

    /// The same client, which asks the desktop where the environment names no proxy.
    #[must_use]
    pub fn asking(self, desktop: DesktopProxies) -> Self {
        let proxies = Arc::new(Proxies::of_system(Some(&desktop)));
        Self { proxies, desktop: Some(desktop), ..self }
    }

    /// The same client with other timeouts: they belong to a request, not to a connection.
    #[must_use]
    pub fn with_timeouts(&self, connect: Duration, idle: Duration) -> Self {
        let options = HttpOptions { connect_timeout: connect, idle_timeout: idle, ..self.options };
        Self { options, ..self.clone() }
    }

    /// The same client over a profile's network.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`] for a proxy whose address cannot be read,
    /// [`FaultKind::CaFileUnusable`].
    pub fn over(&self, network: &Network, password: Option<&Secret>) -> Result<Self, Fault> {
        Ok(Self {
            proxies: Arc::new(Proxies::of(network, password, self.desktop.as_ref())?),
            authorities: Authorities::of_file(&network.ca_file)?,
            ..self.clone()
        })
    }

    /// The client whose connections go this way.
    fn client(&self, proxy: Option<&Proxy>) -> Result<reqwest::Client, Fault> {
        let route = Route {
            proxy: proxy.cloned(),
            authorities: self.authorities.clone(),
            user_timeout: self.options.idle_timeout.max(USER_TIMEOUT),
        };
        let mut clients = self.shared.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&route) {
            return Ok(client.clone());
        }
        let client = self.build(&route)?;
        clients.insert(route, client.clone());
        Ok(client)
    }

    fn build(&self, route: &Route) -> Result<reqwest::Client, Fault> {
        let tls = route
            .authorities
            .tls()
            .map_err(|error| Fault::new(FaultKind::TlsFailed).with_detail(error.to_string()))?;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // Who calls decides whether to send again.
            .retry(reqwest::retry::never())
            .dns_resolver(self.shared.addresses.clone())
            .connector_layer(self.shared.addresses.clone())
            .tcp_nodelay(true)
            // A peer that vanished without a word is noticed also on an idle connection.
            .tcp_keepalive(KEEPALIVE)
            .tcp_keepalive_interval(KEEPALIVE / 3)
            .tcp_keepalive_retries(3)
            .pool_idle_timeout(self.options.pool_idle_timeout)
            .pool_max_idle_per_host(self.options.max_idle_per_host);
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let builder = builder.tcp_user_timeout(route.user_timeout);
        let builder = match &route.proxy {
            Some(proxy) => builder.proxy(proxy.for_client().map_err(unusable_proxy)?),
            None => builder,
        };
        builder.build().map_err(unusable_proxy)
    }

    fn answer_timeout(&self, timeouts: Timeouts) -> Duration {
        match timeouts {
            Timeouts::Usual => self.options.idle_timeout,
            Timeouts::Merge => self.options.complete_timeout,
        }
    }

    /// How long a body may be on its way, as far as is known of its host.
    fn on_its_way(&self, host: &str, length: u64) -> Duration {
        match self.shared.paces.expected(host, length) {
            Some(known) => known.min(self.options.complete_timeout),
            None => pace::slowest(length, self.options.idle_timeout),
        }
    }

    /// Sends a request once and waits for the head of its answer. Dropping the future closes the
    /// connection.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        host: &str,
        timeouts: Timeouts,
    ) -> Result<Answer, StoreError> {
        let Outgoing { request, progress } = outgoing;
        let target = request.url().clone();
        let proxy = self.proxies.proxy_for(&target).await.map_err(StoreError::before_sending)?;
        let speaker = proxy.as_ref().filter(|proxy| proxy.answers_for(&target));
        let speaker = speaker.map(|proxy| proxy.server.clone());
        let client = self.client(proxy.as_ref()).map_err(StoreError::before_sending)?;
        let length = progress.length();
        let limits = watchdog::RequestTimeouts {
            idle: self.options.idle_timeout,
            answer: self.answer_timeout(timeouts),
            on_its_way: self.on_its_way(host, length),
        };
        let sending = CONNECT_TIMEOUT.scope(self.options.connect_timeout, client.execute(request));
        let outcome = tokio::select! {
            biased;
            outcome = sending => match outcome {
                Ok(answer) => Ok(Answer { response: answer.into(), proxy: speaker }),
                Err(error) => {
                    let server = proxy.as_ref().map(|proxy| proxy.server.as_str());
                    Err(transport::of_client(&error.without_url(), host, server))
                }
            },
            () = progress.stalled(limits) => {
                if let Some(waited) = progress.whole_body_since() {
                    self.shared.paces.unanswered(host, length, waited);
                }
                Err(stalled(host, progress.delivery()))
            }
        };
        let outcome = match (outcome, &proxy) {
            (Err(error), Some(proxy)) if error.kind() == FaultKind::ProxyRefused => {
                Err(why_refused(error, proxy, &target).await)
            }
            (outcome, _) => outcome,
        };
        if outcome.is_ok()
            && let Some(took) = progress.whole_body_since()
        {
            self.shared.paces.answered(host, length, took);
        }
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
        body: reqwest::Body,
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
        mut body: reqwest::Body,
        limit: usize,
        host: &str,
        timeouts: Timeouts,
    ) -> Result<Bytes, StoreError> {
        let mut whole = BytesMut::new();
        loop {
            match tokio::time::timeout(self.answer_timeout(timeouts), body.frame()).await {
                Err(_) => return Err(stalled(host, Delivery::Perhaps)),
                Ok(None) => return Ok(whole.freeze()),
                Ok(Some(Err(error))) => {
                    return Err(transport::of_body(&error.without_url(), host));
                }
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
    pub(crate) fn stream(&self, body: reqwest::Body) -> BoxStream<'static, std::io::Result<Bytes>> {
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
                    Ok(Some(Err(error))) => {
                        return Err(std::io::Error::other(error.without_url()));
                    }
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

/// Whether a file holds certificate authorities; no file does.
///
/// # Errors
/// [`FaultKind::CaFileUnusable`].
pub fn check_ca_file(path: &str) -> Result<(), Fault> {
    Authorities::of_file(path).map(|_| ())
}

fn unusable_proxy(error: reqwest::Error) -> Fault {
    Fault::new(FaultKind::ProxyInvalid).with_detail(error.without_url().to_string())
}

/// A proxy that cannot reach the store itself is like a network that cannot: that passes.
async fn why_refused(error: StoreError, proxy: &Proxy, target: &reqwest::Url) -> StoreError {
    let (Some(host), Some(port)) = (target.host_str(), target.port_or_known_default()) else {
        return error;
    };
    let status = proxy.status_of_connect(host, port).await;
    let kind = match status {
        Some(500..) => FaultKind::Unreachable,
        Some(401 | 407) => FaultKind::ProxySignIn,
        _ => return StoreError { fault: Fault { status, ..error.fault }, ..error },
    };
    let subject = match kind {
        FaultKind::Unreachable => host,
        _ => proxy.server.as_str(),
    };
    let detail = format!("the proxy {} answers {}", proxy.server, status.unwrap_or_default());
    let mut fault = Fault::new(kind).with_subject(subject).with_detail(detail);
    fault.status = status;
    StoreError::before_sending(fault)
}

fn stalled(host: &str, delivery: Delivery) -> StoreError {
    StoreError::new(Fault::new(FaultKind::Stalled).with_subject(host), delivery)
}

pub(crate) type SharedProgress = Arc<Progress>;
