//! What happens to a request that a scripted fault picks.

use std::sync::Arc;

use http::{Method, Response, StatusCode};

use crate::body::Inbound;
use crate::digest::ChecksumKind;
use crate::error::ApiError;
use crate::faults::{Action, Probe};
use crate::request::Dialect;
use crate::respond::{self, OutBody, Reply, ReplyBody};
use crate::serve::{Arrival, ConnectionCut, Scene, part_number};
use crate::store::Upload;

/// What a proxy says instead of the store.
const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Welcome</h1></body></html>\n";

impl Scene<'_> {
    /// The fault that picks this request.
    pub(crate) fn fault(&self, arrival: &Arrival) -> Option<Action> {
        let action = self.context.faults.pick(&Probe {
            operation: arrival.operation,
            bucket: arrival.target.bucket.as_deref(),
            key: arrival.target.key.as_deref(),
            part: part_number(&arrival.request),
        });
        if action.is_some() {
            self.ticket.faulted();
        }
        action
    }

    /// The open upload and the part's number that an UploadPart names.
    fn part_of(&self, arrival: &Arrival) -> Option<(Arc<Upload>, u32)> {
        let bucket = self.context.store.bucket(arrival.target.bucket.as_deref()?).ok()?;
        let id = arrival.request.query.get("uploadId")?;
        let upload = bucket.upload(arrival.target.key.as_deref()?, id).ok()?;
        Some((upload, part_number(&arrival.request)?))
    }

    /// Serves a request under a fault.
    pub(crate) async fn play(
        self,
        action: Action,
        arrival: Arrival,
        inbound: &mut Inbound,
    ) -> Result<Response<OutBody>, ConnectionCut> {
        match action {
            Action::Delay(time) => {
                tokio::time::sleep(time).await;
                self.serve(arrival, inbound).await
            }
            Action::Slow(pace) => {
                inbound.pace(pace);
                self.serve(arrival, inbound).await
            }
            Action::DamageBody => {
                inbound.damage();
                self.serve(arrival, inbound).await
            }
            Action::CorruptCrc => {
                let reply = self.perform(arrival, inbound).await?;
                self.answer(with_wrong_crc(reply))
            }
            Action::CorruptEtag => {
                let reply = self.perform(arrival, inbound).await?;
                self.answer(with_wrong_etag(reply))
            }
            Action::EffectThenReset => {
                self.perform(arrival, inbound).await?;
                self.reset()
            }
            Action::EffectThenStall => {
                self.perform(arrival, inbound).await?;
                std::future::pending().await
            }
            Action::EffectThenStatus { status, code } => {
                self.perform(arrival, inbound).await?;
                self.answer(self.refusal(status, &code))
            }
            Action::DelayAnswer(time) => {
                let reply = self.perform(arrival, inbound).await?;
                tokio::time::sleep(time).await;
                self.answer(reply)
            }
            Action::Throttle(time) => {
                let oss = arrival.dialect == Dialect::Oss;
                let mut reply = self.perform(arrival, inbound).await?;
                tokio::time::sleep(time).await;
                if oss {
                    reply.set("x-oss-qos-delay-time", &time.as_millis().to_string());
                }
                self.answer(reply)
            }
            Action::TruncateAnswer(bytes) => {
                let reply = self.perform(arrival, inbound).await?;
                self.answer(reply).map(|response| respond::cut_after(response, bytes))
            }
            Action::OversizeAnswer(bytes) => {
                let mut reply = self.perform(arrival, inbound).await?;
                let padding = " ".repeat(bytes);
                match &mut reply.body {
                    ReplyBody::Text(text) => text.push_str(&padding),
                    body => *body = ReplyBody::Text(padding),
                }
                self.answer(reply)
            }
            Action::WrongBody(text) => {
                let mut reply = self.perform(arrival, inbound).await?;
                reply.body = ReplyBody::Text(text);
                self.answer(reply)
            }
            Action::DropPart => {
                let part = self.part_of(&arrival);
                let reply = self.perform(arrival, inbound).await?;
                if let (true, Some((upload, number))) = (reply.status.is_success(), part) {
                    upload.forget_part(number);
                }
                self.answer(reply)
            }
            action => self.play_without_effect(action, inbound).await,
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

    fn refusal(&self, status: u16, code: &str) -> Reply {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Reply::error(&ApiError::scripted(status, code), &self.outer)
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
    if let ReplyBody::Text(text) = &mut reply.body {
        for element in ChecksumKind::ALL.map(ChecksumKind::element) {
            let (begin, end) = (format!("<{element}>"), format!("</{element}>"));
            if let Some((head, rest)) = text.split_once(&begin)
                && let Some((value, tail)) = rest.split_once(&end)
            {
                *text = format!("{head}{begin}{}{end}{tail}", swapped(value));
            }
        }
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
