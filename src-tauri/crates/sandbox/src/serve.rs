//! One request from head to answer: read, addressed, verified, served, with the scripted faults in
//! between.

use std::sync::Arc;

use http::Response;
use hyper::body::Incoming;

use crate::address::{self, Resource};
use crate::body::{Failure, Inbound};
use crate::config::{Hosts, Verification};
use crate::context::Context;
use crate::error::ApiError;
#[cfg(feature = "testing")]
use crate::ledger::{Entry, Outcome};
use crate::operation::Operation;
#[cfg(feature = "testing")]
use crate::ops;
use crate::ops::Call;
use crate::request::{Dialect, Request};
use crate::respond::{self, OutBody, Outer, Reply};
use crate::sign::{SignatureKind, Verified, Verifier};
use crate::ticket::Ticket;
use crate::wire::ResetSwitch;

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub(crate) struct ConnectionCut;

/// Where a request came in.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    #[cfg(feature = "testing")]
    pub(crate) connection: u64,
    pub(crate) reset: ResetSwitch,
}

/// What is known of a request before anything is done about it.
pub(crate) struct Arrival {
    pub(crate) request: Request,
    pub(crate) target: Resource,
    kind: SignatureKind,
    pub(crate) dialect: Dialect,
    pub(crate) operation: Operation,
}

/// Serves one request.
///
/// # Cancellation
///
/// Dropped when the client goes away or the server stops: what was not yet committed leaves
/// nothing.
pub(crate) async fn serve(
    context: Arc<Context>,
    #[cfg_attr(not(feature = "testing"), expect(unused_variables))] line: Line,
    request: http::Request<Incoming>,
) -> Result<Response<OutBody>, ConnectionCut> {
    let (parts, body) = request.into_parts();
    let (method, expects) = (parts.method.clone(), parts.headers.contains_key("expect"));
    let request_id = respond::request_id();
    let arrival = Request::read(parts).and_then(|request| arrive(&context, request));
    let host =
        arrival.as_ref().map_or_else(|_| String::new(), |arrival| arrival.request.host.clone());
    let outer = Outer {
        dialect: arrival.as_ref().map_or(Dialect::Oss, |arrival| arrival.dialect),
        method: &method,
        host: &host,
        request_id: &request_id,
        now: context.store.now(),
    };
    let arrival = match arrival {
        Ok(arrival) => arrival,
        Err(error) => return Ok(respond::finish(Reply::error(&error, &outer), &outer)),
    };
    #[cfg(feature = "testing")]
    let ticket = context.ledger.begin(entry(&arrival, line.connection));
    #[cfg(not(feature = "testing"))]
    let ticket = Ticket;
    let ticket = Arc::new(ticket);
    let mut inbound = Inbound::new(body, Arc::clone(&ticket), context.config.limits.idle);
    let scene = Scene {
        context,
        outer,
        #[cfg(feature = "testing")]
        line,
        ticket,
        expects,
    };
    #[cfg(feature = "testing")]
    if let Some(action) = scene.fault(&arrival) {
        return scene.play(action, arrival, &mut inbound).await;
    }
    scene.serve(arrival, &mut inbound).await
}

fn arrive(context: &Context, request: Request) -> Result<Arrival, ApiError> {
    let config = &context.config;
    if config.hosts == Hosts::Loopback && !address::is_ours(&request.host, &config.cnames) {
        return Err(ApiError::new("AccessDenied")
            .message("The sandbox answers to loopback names only.")
            .with("Host", &request.host));
    }
    let kind = SignatureKind::of(&request);
    let target = address::resolve(&request.host, &request.raw_path, &config.cnames, |name| {
        context.store.has_bucket(name)
    })?;
    Ok(Arrival {
        dialect: kind.dialect(&request),
        operation: Operation::of(&request, &target),
        request,
        target,
        kind,
    })
}

#[cfg(feature = "testing")]
pub(crate) fn part_number(request: &Request) -> Option<u32> {
    request.query.get("partNumber").and_then(|text| text.parse().ok())
}

#[cfg(feature = "testing")]
fn entry(arrival: &Arrival, connection: u64) -> Entry {
    let secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        name == "authorization"
            || name.ends_with("security-token")
            || name.ends_with("signature")
            || name.ends_with("credential")
            || name.ends_with("accesskeyid")
    };
    let request = &arrival.request;
    Entry {
        number: 0,
        connection,
        operation: arrival.operation,
        dialect: arrival.dialect,
        signature: arrival.kind,
        bucket: arrival.target.bucket.clone(),
        key: arrival.target.key.clone(),
        upload_id: request.query.get("uploadId").map(str::to_owned),
        part: part_number(request),
        headers: request
            .headers
            .iter()
            .filter(|(name, _)| !secret(name.as_str()))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        query: request
            .query
            .pairs()
            .filter(|(name, _)| !secret(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        misplaced: ops::misplaced(arrival.operation, arrival.dialect, &request.headers),
        traffic_limit: None,
        body_bytes: 0,
        faulted: false,
        outcome: Outcome::InProgress,
    }
}

/// Everything around the operation itself.
pub(crate) struct Scene<'a> {
    pub(crate) context: Arc<Context>,
    pub(crate) outer: Outer<'a>,
    #[cfg(feature = "testing")]
    pub(crate) line: Line,
    pub(crate) ticket: Arc<Ticket>,
    expects: bool,
}

impl Scene<'_> {
    /// As the service would.
    pub(crate) async fn serve(
        &self,
        arrival: Arrival,
        inbound: &mut Inbound,
    ) -> Result<Response<OutBody>, ConnectionCut> {
        self.perform(arrival, inbound).await.and_then(|reply| self.answer(reply))
    }

    /// Verifies and serves. A refusal is an answer too.
    pub(crate) async fn perform(
        &self,
        arrival: Arrival,
        inbound: &mut Inbound,
    ) -> Result<Reply, ConnectionCut> {
        let outcome = match self.verify(&arrival) {
            Err(error) => Err(error.into()),
            Ok(verified) => {
                let mut call = Call {
                    context: Arc::clone(&self.context),
                    request: arrival.request,
                    target: arrival.target,
                    dialect: arrival.dialect,
                    operation: arrival.operation,
                    verified,
                    #[cfg(feature = "testing")]
                    request_id: self.outer.request_id.to_owned(),
                };
                call.run(inbound).await
            }
        };
        match outcome {
            Ok(reply) => Ok(reply),
            Err(Failure::Cut) => Err(ConnectionCut),
            Err(Failure::Api(error)) => {
                // A client that waits for leave to send must not be given it only to be refused.
                if !self.expects {
                    inbound.drain().await;
                }
                let reply = Reply::error(&error, &self.outer);
                // What is left of the body would be read as the next request.
                Ok(if inbound.is_read() { reply } else { reply.header("connection", "close") })
            }
        }
    }

    fn verify(&self, arrival: &Arrival) -> Result<Verified, ApiError> {
        let config = &self.context.config;
        if config.verification == Verification::Off {
            return Ok(Verified::default());
        }
        let credentials = self.context.credentials();
        let verifier =
            Verifier { credentials: &credentials, region: &config.region, now: self.outer.now };
        verifier.verify(&arrival.request, &arrival.target, arrival.kind)
    }

    pub(crate) fn answer(&self, reply: Reply) -> Result<Response<OutBody>, ConnectionCut> {
        self.ticket.answered(reply.status.as_u16(), reply.code.clone());
        Ok(respond::finish(reply, &self.outer))
    }
}
