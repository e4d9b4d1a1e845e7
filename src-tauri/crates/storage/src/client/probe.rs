//! The way to an address, step by step, each by itself: for finding out which one fails. Transfers
//! go the same way in one.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ferry_model::{Fault, FaultKind};
use http::Method;
use tokio::net::{TcpStream, lookup_host};

use super::{HttpClient, Outgoing, SendBody, SharedProgress, Timeouts};
use crate::error::StoreError;
use crate::error::answer::Head;

/// Where proxies listen that speak SOCKS, unless their address says otherwise.
const SOCKS_PORT: u16 = 1_080;

/// The first server on the way to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstServer {
    /// The proxy, as `http://proxy.example.com:3128`; `None` for the store itself.
    pub proxy: Option<String>,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// An answer to a request without a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    /// The status.
    pub status: u16,
    /// What the answer says of the time, in seconds since 1970, if it is a store's.
    pub date: Option<i64>,
    /// Whether a store answered, by its request id.
    pub is_stores: bool,
    /// How long it took, with the connection.
    pub took: Duration,
}

impl HttpClient {
    /// Which server requests to a URL go to first.
    ///
    /// # Errors
    /// [`FaultKind::ProxyInvalid`], [`FaultKind::InvalidEndpoint`].
    pub async fn first_server(&self, url: &str) -> Result<FirstServer, Fault> {
        let target = parse(url)?;
        let proxy = self.proxies.proxy_for(&target).await?;
        let server = match &proxy {
            Some(proxy) => parse(&proxy.server)?,
            None => target,
        };
        let port = server.port_or_known_default().unwrap_or(SOCKS_PORT);
        // An address of version 6 stands in brackets there.
        let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        Ok(FirstServer { proxy: proxy.map(|proxy| proxy.server), host, port })
    }

    /// The addresses of a name, and how long it took to learn them.
    ///
    /// # Errors
    /// [`FaultKind::Unreachable`] with what the system says.
    pub async fn resolve(&self, server: &FirstServer) -> Result<(Vec<IpAddr>, Duration), Fault> {
        let began = Instant::now();
        let looking = lookup_host((server.host.as_str(), server.port));
        let found = match tokio::time::timeout(self.options.connect_timeout, looking).await {
            Ok(Ok(found)) => found.map(|address| address.ip()).collect::<Vec<_>>(),
            Ok(Err(error)) => return Err(unreachable(server, &error.to_string())),
            Err(_) => return Err(unreachable(server, "the name server does not answer")),
        };
        if found.is_empty() {
            return Err(unreachable(server, "the name has no address"));
        }
        Ok((found, began.elapsed()))
    }

    /// How long the first of these addresses took that takes a connection, and which it was.
    ///
    /// # Errors
    /// [`FaultKind::Unreachable`] or [`FaultKind::ProxyUnreachable`], with what the system says of
    /// the last one.
    pub async fn try_connect(
        &self,
        server: &FirstServer,
        addresses: &[IpAddr],
    ) -> Result<(IpAddr, Duration), Fault> {
        let mut last = "there is no address".to_owned();
        for address in addresses {
            let began = Instant::now();
            let connecting = TcpStream::connect(SocketAddr::new(*address, server.port));
            match tokio::time::timeout(self.options.connect_timeout, connecting).await {
                Ok(Ok(_)) => return Ok((*address, began.elapsed())),
                Ok(Err(error)) => last = format!("{address}: {error}"),
                Err(_) => last = format!("{address}: no answer"),
            }
        }
        Err(unreachable(server, &last))
    }

    /// Asks for a URL without a signature, by the way that transfers go: whatever the store says of
    /// it, it is there.
    ///
    /// # Errors
    /// Those of the way: TLS, the proxy, the connection.
    pub async fn knock(&self, url: &str) -> Result<Knock, StoreError> {
        let target = parse(url).map_err(StoreError::before_sending)?;
        let host = target.host_str().unwrap_or_default().to_owned();
        let began = Instant::now();
        let body = SendBody::bytes(Bytes::new());
        let progress = SharedProgress::clone(body.progress());
        let mut request = reqwest::Request::new(Method::GET, target);
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let answer = self.send(Outgoing { request, progress }, &host, Timeouts::Usual).await?;
        let (parts, _) = answer.response.into_parts();
        let head =
            Head { status: parts.status.as_u16(), headers: parts.headers, proxy: answer.proxy };
        let is_stores = head.request_id().is_some();
        let refused = |kind| {
            let mut fault = Fault::new(kind).with_subject(head.proxy.clone().unwrap_or_default());
            fault.status = Some(head.status);
            StoreError::before_sending(fault)
        };
        match (head.status, &head.proxy) {
            (407, _) => Err(refused(FaultKind::ProxySignIn)),
            (401 | 403, Some(_)) if !is_stores => Err(refused(FaultKind::ProxyRefused)),
            _ => Ok(Knock {
                status: head.status,
                date: head.date().filter(|_| is_stores),
                is_stores,
                took: began.elapsed(),
            }),
        }
    }
}

fn parse(url: &str) -> Result<reqwest::Url, Fault> {
    reqwest::Url::parse(url).map_err(|error| {
        Fault::new(FaultKind::InvalidEndpoint).with_subject(url).with_detail(error.to_string())
    })
}

fn unreachable(server: &FirstServer, why: &str) -> Fault {
    let (kind, subject) = match &server.proxy {
        Some(proxy) => (FaultKind::ProxyUnreachable, proxy.as_str()),
        None => (FaultKind::Unreachable, server.host.as_str()),
    };
    Fault::new(kind).with_subject(subject).with_detail(why)
}
