//! One request from head to answer: read, addressed, verified, served, with the scripted faults in
//! between.

use std::sync::Arc;

use http::{Method, Response, StatusCode};
use hyper::body::Incoming;

use crate::address::{self, Target};
use crate::body::{Failure, Inbound};
use crate::config::{Hosts, Verification};
use crate::error::ApiError;
use crate::faults::{Action, Probe};
use crate::ledger::{Entry, Outcome, Ticket};
use crate::ops::{self, Call, Operation};
use crate::request::{Dialect, Request};
use crate::respond::{self, OutBody, Outer, Reply, ReplyBody};
use crate::server::Context;
use crate::sign::{SignatureKind, Verified, Verifier};
use crate::wire::ResetSwitch;

/// What a proxy says instead of the store.
const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Welcome</h1></body></html>\n";

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub(crate) struct ConnectionCut;

/// Where a request came in.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) connection: u64,
    pub(crate) reset: ResetSwitch,
}

/// What is known of a request before anything is done about it.
struct Arrival {
    request: Request,
    target: Target,
    kind: SignatureKind,
    dialect: Dialect,
    operation: Operation,
}

/// Serves one request.
///
/// # Cancellation
///
/// Dropped when the client goes away or the server stops: what was not yet committed leaves
/// nothing.
pub(crate) async fn serve(
    context: Arc<Context>,
    line: Line,
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
    let ticket = Arc::new(context.ledger.begin(entry(&arrival, line.connection)));
    let mut inbound = Inbound::new(body, Arc::clone(&ticket), context.config.limits.idle);
    let action = context.faults.pick(&Probe {
        operation: arrival.operation,
        bucket: arrival.target.bucket.as_deref(),
        key: arrival.target.key.as_deref(),
        part: part_number(&arrival.request),
    });
    if action.is_some() {
        ticket.faulted();
    }
    let scene = Scene { context, outer, line, ticket, expects };
    scene.play(action, arrival, &mut inbound).await
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

fn part_number(request: &Request) -> Option<u32> {
    request.query.get("partNumber").and_then(|text| text.parse().ok())
}

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
struct Scene<'a> {
    context: Arc<Context>,
    outer: Outer<'a>,
    line: Line,
    ticket: Arc<Ticket>,
    expects: bool,
}

impl Scene<'_> {
    async fn play(
        self,
        action: Option<Action>,
        arrival: Arrival,
        inbound: &mut Inbound,
    ) -> Result<Response<OutBody>, ConnectionCut> {
        match action {
            None => self.perform(arrival, inbound).await.and_then(|reply| self.answer(reply)),
            Some(Action::Delay(time)) => {
                tokio::time::sleep(time).await;
                self.perform(arrival, inbound).await.and_then(|reply| self.answer(reply))
            }
            Some(Action::Slow(pace)) => {
                inbound.pace(pace);
                self.perform(arrival, inbound).await.and_then(|reply| self.answer(reply))
            }
            Some(Action::DamageBody) => {
                inbound.damage();
                self.perform(arrival, inbound).await.and_then(|reply| self.answer(reply))
            }
            Some(Action::LosePart) => {
                let lost = LostPart::of(&arrival);
                let reply = self.perform(arrival, inbound).await?;
                lost.forget(&self.context);
                self.answer(reply)
            }
            Some(Action::CorruptCrc) => {
                let reply = self.perform(arrival, inbound).await?;
                self.answer(with_wrong_crc(reply))
            }
            Some(Action::CorruptEtag) => {
                let reply = self.perform(arrival, inbound).await?;
                self.answer(with_wrong_etag(reply))
            }
            Some(Action::EffectThenReset) => {
                self.perform(arrival, inbound).await?;
                self.reset()
            }
            Some(Action::EffectThenStall) => {
                self.perform(arrival, inbound).await?;
                std::future::pending().await
            }
            Some(Action::EffectThenStatus { status, code }) => {
                self.perform(arrival, inbound).await?;
                self.answer(self.refusal(status, &code))
            }
            Some(action) => self.play_without_effect(action, inbound).await,
        }
    }

    /// The actions under which nothing is done.
    async fn play_without_effect(
        self,
        action: Action,
        inbound: &mut Inbound,
    ) -> Result<Response<OutBody>, ConnectionCut> {
        match &action {
            Action::Reset | Action::ResetAfterBody(0) => return self.reset(),
            Action::StopReading => std::future::pending().await,
            Action::ResetAfterBody(bytes) => inbound.cut_after(*bytes),
            Action::EarlyStatus { status, code } => {
                return self.answer(self.refusal(*status, code).header("connection", "close"));
            }
            _ => {}
        }
        let read = inbound.read_out().await;
        if matches!(action, Action::ResetAfterBody(_)) {
            return self.reset();
        }
        read.map_err(|_| ConnectionCut)?;
        match action {
            Action::Status { status, code } => self.answer(self.refusal(status, &code)),
            Action::RetryAfter { status, code, seconds } => {
                let reply = self.refusal(status, &code);
                self.answer(reply.header("retry-after", &seconds.to_string()))
            }
            Action::OkWithError { code } => {
                let mut reply = self.refusal(200, &code);
                if let ReplyBody::Text(text) = &mut reply.body {
                    // Space keeps the connection warm while S3 works, and the declaration then
                    // comes late.
                    text.insert_str(0, "\n\n   \n");
                }
                self.answer(reply)
            }
            Action::Refuse(refusal) => {
                let mut reply = Reply::error(&refusal.error(), &self.outer);
                refusal.headers().for_each(|(name, value)| reply.set(name, value));
                self.answer(reply)
            }
            Action::Redirect(location) => {
                let reply = Reply::new(StatusCode::TEMPORARY_REDIRECT);
                self.answer(reply.header("location", &location))
            }
            Action::Html200 => {
                let mut reply = Reply::new(StatusCode::OK).header("content-type", "text/html");
                reply.body = ReplyBody::Text(HTML.to_owned());
                Ok(self.answer_bare(reply))
            }
            Action::Empty200 => Ok(self.answer_bare(Reply::new(StatusCode::OK))),
            _ => std::future::pending().await,
        }
    }

    /// Verifies and serves. A refusal is an answer too.
    async fn perform(
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

    fn refusal(&self, status: u16, code: &str) -> Reply {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Reply::error(&ApiError::scripted(status, code), &self.outer)
    }

    fn answer(&self, reply: Reply) -> Result<Response<OutBody>, ConnectionCut> {
        self.ticket.answered(reply.status.as_u16(), reply.code.clone());
        Ok(respond::finish(reply, &self.outer))
    }

    fn answer_bare(&self, reply: Reply) -> Response<OutBody> {
        self.ticket.answered(reply.status.as_u16(), None);
        respond::bare(reply, &Method::GET)
    }

    fn reset(&self) -> Result<Response<OutBody>, ConnectionCut> {
        self.line.reset.set();
        Err(ConnectionCut)
    }
}

/// Which part a request stores.
struct LostPart {
    bucket: String,
    key: String,
    upload_id: String,
    number: u32,
}

impl LostPart {
    fn of(arrival: &Arrival) -> Self {
        Self {
            bucket: arrival.target.bucket.clone().unwrap_or_default(),
            key: arrival.target.key.clone().unwrap_or_default(),
            upload_id: arrival.request.query.get("uploadId").unwrap_or_default().to_owned(),
            number: part_number(&arrival.request).unwrap_or_default(),
        }
    }

    fn forget(&self, context: &Context) {
        let upload = context
            .store
            .bucket(&self.bucket)
            .and_then(|bucket| bucket.upload(&self.key, &self.upload_id));
        // A refused part, or an upload that is over, has nothing to lose.
        if let Ok(upload) = upload {
            upload.lose_part(self.number);
        }
    }
}

fn with_wrong_crc(mut reply: Reply) -> Reply {
    let names: Vec<String> = reply
        .headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name == "x-oss-hash-crc64ecma" || name.starts_with("x-amz-checksum-"))
        .collect();
    for name in names {
        let value = reply.headers.get(&name).and_then(|value| value.to_str().ok()).unwrap_or("");
        let wrong = match value.parse::<u64>() {
            Ok(number) => number.wrapping_add(1).to_string(),
            Err(_) => swapped(value),
        };
        reply.set(&name, &wrong);
    }
    reply
}

fn with_wrong_etag(mut reply: Reply) -> Reply {
    let etag = reply.headers.get("etag").and_then(|value| value.to_str().ok());
    if let Some(wrong) = etag.map(|etag| format!("\"{}\"", swapped(etag.trim_matches('"')))) {
        reply.set("etag", &wrong);
    }
    if let ReplyBody::Text(text) = &mut reply.body
        && let Some((head, rest)) = text.split_once("<ETag>&quot;")
        && let Some((etag, tail)) = rest.split_once("&quot;</ETag>")
    {
        *text = format!("{head}<ETag>&quot;{}&quot;</ETag>{tail}", swapped(etag));
    }
    reply
}

/// The same text with another first character of the same kind.
fn swapped(text: &str) -> String {
    let mut rest = text.chars();
    let first = match rest.next() {
        Some('0') => '1',
        Some(_) => '0',
        None => return String::new(),
    };
    std::iter::once(first).chain(rest).collect()
}
