//! Failures without an answer: what the connection's error means.

use std::error::Error;
use std::io;

use ferry_model::{Fault, FaultKind};
use hyper_util::client::legacy;

use super::{Delivery, StoreError};

/// The failure behind an error of the client. `host` is what could not be reached.
pub(crate) fn of_client(error: &legacy::Error, host: &str) -> StoreError {
    let causes = causes(error);
    let deepest = causes.last().cloned().unwrap_or_else(|| error.to_string());
    // The client gives a request back that it never began to write: the pool's connection was gone.
    if any(error, |cause| {
        cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
    }) {
        return StoreError::before_sending(
            Fault::new(FaultKind::ConnectionLost).with_subject(host).with_detail(causes.join(": ")),
        );
    }
    if error.is_connect() {
        let tls = any(error, |cause| cause.is::<rustls::Error>());
        let kind = if tls { FaultKind::TlsFailed } else { FaultKind::Unreachable };
        return StoreError::before_sending(
            Fault::new(kind).with_subject(host).with_detail(deepest),
        );
    }
    if any(error, |cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse))
    {
        return StoreError::new(
            Fault::new(FaultKind::NotStore).with_subject(host).with_detail(causes.join(": ")),
            Delivery::Perhaps,
        );
    }
    StoreError::new(
        Fault::new(FaultKind::ConnectionLost).with_subject(host).with_detail(causes.join(": ")),
        Delivery::Perhaps,
    )
}

/// The failure behind an error while an answer's body was read.
pub(crate) fn of_body(error: &hyper::Error, host: &str) -> StoreError {
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
/// or body.
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
