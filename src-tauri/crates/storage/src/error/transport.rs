//! Failures without an answer: what the connection's error means.

use std::error::Error;
use std::io;

use ferry_model::{Fault, FaultKind};

use super::{Delivery, StoreError};

/// The certificate is signed by no trusted authority.
#[derive(Debug, thiserror::Error)]
#[error("it was issued by {issuer}")]
pub(crate) struct Untrusted {
    /// The issuer's name.
    pub(crate) issuer: String,
}

/// The failure behind an error of the client. `host` is what could not be reached, `proxy` what
/// stands in between.
pub(crate) fn of_client(error: &reqwest::Error, host: &str, proxy: Option<&str>) -> StoreError {
    let causes = causes(error);
    let is = |test: fn(&hyper::Error) -> bool| {
        any(error, |cause| cause.downcast_ref::<hyper::Error>().is_some_and(test))
    };
    let fault = |kind| Fault::new(kind).with_subject(host).with_detail(causes.join(": "));
    // The client gives a request back that it never began to write: the pool's connection was gone.
    if is(hyper::Error::is_canceled) {
        return StoreError::before_sending(fault(FaultKind::ConnectionLost));
    }
    if error.is_connect() {
        let deepest = causes.last().cloned().unwrap_or_else(|| error.to_string());
        let tls = tls_failure(error);
        let deepest = tls.as_ref().map_or(deepest, |(_, why)| why.clone());
        let (kind, subject) = match (tls, proxy) {
            (Some((kind, _)), _) => (kind, host),
            (None, Some(proxy)) => match proxy_kind(&causes) {
                FaultKind::Unreachable => (FaultKind::Unreachable, host),
                kind => (kind, proxy),
            },
            (None, None) => (FaultKind::Unreachable, host),
        };
        return StoreError::before_sending(
            Fault::new(kind).with_subject(subject).with_detail(deepest),
        );
    }
    if is(hyper::Error::is_parse) {
        return StoreError::new(fault(FaultKind::NotStore), Delivery::Perhaps);
    }
    StoreError::new(fault(FaultKind::ConnectionLost), Delivery::Perhaps)
}

/// What of TLS failed and why, if that is what failed.
fn tls_failure(error: &reqwest::Error) -> Option<(FaultKind, String)> {
    let found = walk(error).into_iter().find_map(|cause| cause.downcast_ref::<rustls::Error>())?;
    let untrusted = match found {
        rustls::Error::Other(other) => other.0.downcast_ref::<Untrusted>(),
        _ => None,
    };
    Some(match untrusted {
        Some(untrusted) => (FaultKind::CertificateUntrusted, untrusted.to_string()),
        None => (FaultKind::TlsFailed, found.to_string()),
    })
}

/// What a proxy did. The HTTP client tells it in words only: hyper-util 0.1's `TunnelError` and
/// `SocksError`. The tests with real proxies hold them.
const PROXY_WORDS: &[(&str, FaultKind)] = &[
    ("tunnel error: proxy authorization required", FaultKind::ProxySignIn),
    ("tunnel error: unsuccessful", FaultKind::ProxyRefused),
    ("tunnel error: unexpected end of file", FaultKind::ProxyBroke),
    ("tunnel error: io error", FaultKind::ProxyBroke),
    ("tunnel error: proxy response headers too long", FaultKind::ProxyBroke),
    ("SOCKS error: credentials not accepted", FaultKind::ProxySignIn),
    ("SOCKS error: server does not support user/pass", FaultKind::ProxySignIn),
    ("SOCKS error: server implements authentication", FaultKind::ProxySignIn),
    ("SOCKS error: connection not allowed", FaultKind::ProxyRefused),
    ("SOCKS error: general server failure", FaultKind::Unreachable),
    ("SOCKS error: network unreachable", FaultKind::Unreachable),
    ("SOCKS error: host unreachable", FaultKind::Unreachable),
    ("SOCKS error: connection refused", FaultKind::Unreachable),
    ("SOCKS error: ttl expired", FaultKind::Unreachable),
    ("SOCKS error: io error", FaultKind::ProxyBroke),
    ("SOCKS error: failed parsing", FaultKind::ProxyBroke),
    ("error resolving for socks proxy", FaultKind::Unreachable),
];

/// The proxy's part in a connection that does not stand: by default it could not be reached.
fn proxy_kind(causes: &[String]) -> FaultKind {
    PROXY_WORDS
        .iter()
        .find(|(words, _)| causes.iter().any(|cause| cause.contains(words)))
        .map_or(FaultKind::ProxyUnreachable, |(_, kind)| *kind)
}

/// The failure behind an error while an answer's body was read.
pub(crate) fn of_body(error: &reqwest::Error, host: &str) -> StoreError {
    StoreError::new(
        Fault::new(FaultKind::ConnectionLost)
            .with_subject(host)
            .with_detail(causes(error).join(": ")),
        Delivery::Perhaps,
    )
}

/// The chain of errors. `io::Error` hides the error it wraps from `source`, so that is looked for
/// as well.
fn any(error: &(dyn Error + 'static), test: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
    walk(error).into_iter().any(test)
}

fn walk<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut chain = Vec::new();
    let mut next = Some(error);
    // The bound is for errors that would name themselves as their source.
    while let Some(cause) = next.filter(|_| chain.len() < 16) {
        chain.push(cause);
        let wrapped: Option<&'a (dyn Error + 'static)> =
            match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(inner) => Some(inner),
                None => cause.source(),
            };
        next = wrapped;
    }
    chain
}

/// What each error of the chain says, without repeating itself. hyper's errors hold no URL, header
/// or body; reqwest's were given without their URL.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for cause in walk(error) {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    texts
}
