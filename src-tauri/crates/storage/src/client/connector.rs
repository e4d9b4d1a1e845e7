//! TCP and TLS.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower_service::Service;

pub(super) type Connector = HttpsConnector<Tcp>;

/// Most bytes that wait unsent in the system. Without a bound a whole part could lie there, and a
/// slow network would look like a peer that does not answer. What is on its way is not counted, so
/// fast networks with long ways are not slowed.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

/// A connector for http and https, HTTP/1.1 only, TLS 1.2 or newer, certificates checked by the
/// system's verifier. With `instead`, every connection goes there.
pub(super) fn new(connect_timeout: Duration, instead: Option<SocketAddr>) -> Connector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    // A peer that vanished without a word is noticed also on an idle connection.
    tcp.set_keepalive(Some(Duration::from_secs(30)));
    let tls = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(ring::default_provider()).unwrap_or_else(|error| {
        tracing::warn!(%error, "the system's certificate verifier is not usable: every certificate will be refused");
        HttpsConnectorBuilder::new().with_tls_config(trusting_nobody())
    });
    tls.https_or_http().enable_http1().wrap_connector(Tcp {
        tcp,
        instead: instead.map(|address| {
            Uri::try_from(format!("http://{address}")).expect("an address is an authority")
        }),
    })
}

/// Refuses every certificate: failing is better than not checking.
fn trusting_nobody() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

/// TCP connections that hand on what they are given soon.
#[derive(Clone)]
pub(super) struct Tcp {
    tcp: HttpConnector,
    instead: Option<Uri>,
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = <HttpConnector as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.tcp.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.tcp.call(self.instead.clone().unwrap_or(uri));
        Box::pin(async move {
            let stream = connecting.await?;
            keep_little_unsent(stream.inner());
            Ok(stream)
        })
    }
}

#[cfg(target_os = "linux")]
fn keep_little_unsent(stream: &TcpStream) {
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(%error, "the unsent bytes cannot be bounded");
    }
}

/// Elsewhere the system's own, smaller buffers have to do.
#[cfg(not(target_os = "linux"))]
fn keep_little_unsent(_: &TcpStream) {}
