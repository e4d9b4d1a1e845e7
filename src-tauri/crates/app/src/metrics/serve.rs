//! The metrics over HTTP, for as long as a command runs.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ferry_model::{Fault, FaultKind};
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::App;

/// Connections at a time: a collector has one.
const CONNECTIONS: usize = 8;
/// How long a request may take to come, and its answer to be taken.
const LONGEST: Duration = Duration::from_secs(10);
/// What the text is.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Metrics that are served until it is dropped.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    _stop: DropGuard,
}

impl MetricsServer {
    /// Where it listens: with the port that the system chose, where none was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl App {
    /// Serves [`App::metrics`] as `GET /metrics`, without a password: who may reach the address may
    /// read them. They tell names of profiles, and no keys, paths or secrets.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for an address that cannot be listened on.
    pub async fn serve_metrics(&self, address: SocketAddr) -> Result<MetricsServer, Fault> {
        let refused = |error: std::io::Error| {
            let fault = Fault::new(FaultKind::InvalidInput).with_subject(address.to_string());
            fault.with_detail(error.to_string())
        };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept(self.clone(), listener)));
        Ok(MetricsServer { address, _stop: stop.drop_guard() })
    }
}

async fn accept(app: App, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((connection, _)) => {
                let app = app.clone();
                tokio::spawn(async move {
                    let _place = place;
                    // Who stays longer than that is no collector.
                    let _ = tokio::time::timeout(LONGEST, serve(app, connection)).await;
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection for metrics was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(app: App, connection: TcpStream) {
    let is_near = connection.local_addr().is_ok_and(|address| address.ip().is_loopback());
    let answer = service_fn(move |request: Request<hyper::body::Incoming>| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(answer(&app, &request, is_near).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST)
        .keep_alive(false)
        .serve_connection(TokioIo::new(connection), answer)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection for metrics ended");
    }
}

async fn answer<Body>(app: &App, request: &Request<Body>, is_near: bool) -> Response<Full<Bytes>> {
    let status = match request.method() {
        &Method::GET | &Method::HEAD if request.uri().path() == "/metrics" => StatusCode::OK,
        &Method::GET | &Method::HEAD => StatusCode::NOT_FOUND,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    };
    // A page in a browser of this computer must not read it under a name of its own.
    let status =
        if is_near && !names_this_computer(request) { StatusCode::FORBIDDEN } else { status };
    let (status, text) = match status {
        StatusCode::OK => match app.metrics().await {
            Ok(text) => (status, text),
            Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{fault}\n")),
        },
        status => (status, format!("{status}: this is GET /metrics\n")),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

/// Whether the request's host is an address or `localhost`, not a name from a foreign DNS zone.
fn names_this_computer<Body>(request: &Request<Body>) -> bool {
    let Some(host) = request.headers().get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|c| c.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computers_own_names_are_taken() {
        for (host, taken) in [
            ("127.0.0.1:9100", true),
            ("localhost:9100", true),
            ("[::1]:9100", true),
            ("127.0.0.1", true),
            ("rebound.example:9100", false),
            ("localhost.example", false),
            ("", false),
        ] {
            let request = Request::builder().header(HOST, host).body(()).expect("a request");
            assert_eq!(names_this_computer(&request), taken, "{host}");
        }
    }
}
