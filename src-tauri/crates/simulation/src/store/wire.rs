//! The way of a request over a network that loses, delays and repeats.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ferry_model::{Credentials, Fault, FaultKind, Provider};
use ferry_storage::endpoint::Scheme;
use ferry_storage::error::answer::OnlyIfAbsent;
use ferry_storage::error::{Asked, Head, classify};
use ferry_storage::{Delivery, IfAbsent, ObjectOptions, Payload, StoreError};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::bucket::MemoryBucket;
use super::contents::{Body, Health, OWNER, Refusal, Reply, Request};
use super::course::{Ask, Course, Fate, Operation};
use super::ledger::{Ending, Entry};

/// How long a client waits for an answer to Complete.
const LONGEST_MERGE: Duration = Duration::from_secs(600);

/// A client of a bucket.
#[derive(Debug)]
pub struct MemoryStore {
    pub(super) bucket: Arc<MemoryBucket>,
    idle: Duration,
    pub(super) credentials: Mutex<Credentials>,
}

impl MemoryStore {
    pub(super) fn new(bucket: Arc<MemoryBucket>, credentials: Credentials, idle: Duration) -> Self {
        Self { bucket, idle, credentials: Mutex::new(credentials) }
    }
}

/// A request on its way. Dropped before its end, it may be carried out all the same.
struct Flight<'a> {
    store: &'a MemoryStore,
    index: usize,
    course: Course,
    /// While it was received and not yet carried out.
    received: Option<Request>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.received.take()
            && self.course.outlives
        {
            let _ = self.carry_out(request);
        }
    }
}

impl Flight<'_> {
    fn carry_out(&self, request: Request) -> Result<Reply, Refusal> {
        let bucket = &self.store.bucket;
        let mut state = bucket.state();
        let outcome = state.contents.serve(request, bucket.clock.true_time());
        state.ledger.at(self.index).carried_out |= outcome.is_ok();
        outcome
    }
}

/// What a call brings.
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    pub(super) key: &'a str,
    pub(super) upload_id: Option<&'a str>,
    pub(super) number: Option<u32>,
    pub(super) owner: Option<String>,
    pub(super) if_absent: IfAbsent,
}

impl<'a> Call<'a> {
    pub(super) fn new(operation: Operation, key: &'a str) -> Self {
        Self {
            operation,
            key,
            upload_id: None,
            number: None,
            owner: None,
            if_absent: IfAbsent::Replace,
        }
    }

    pub(super) fn with_options(mut self, options: &ObjectOptions) -> Self {
        self.owner =
            options.metadata.iter().find(|(name, _)| name == OWNER).map(|(_, id)| id.clone());
        self.if_absent = options.if_absent;
        self
    }

    pub(super) fn of_upload(self, id: &'a str) -> Self {
        Self { upload_id: Some(id), ..self }
    }
}

fn lost(text: &str) -> StoreError {
    StoreError::new(Fault::new(FaultKind::ConnectionLost).with_detail(text), Delivery::Perhaps)
}

impl MemoryStore {
    fn provider(&self) -> Provider {
        self.bucket.service.provider
    }

    /// Makes a request.
    pub(super) async fn send(
        &self,
        call: Call<'_>,
        payload: Option<Payload>,
        make: impl FnOnce(Body) -> Request,
    ) -> Result<Reply, StoreError> {
        let (index, course) = self.depart(&call, payload.as_ref().map_or(0, |body| body.len));
        if index >= self.bucket.state().most_requests {
            std::future::pending::<()>().await;
        }
        let outcome = self.travel(&call, index, course, payload, make).await;
        {
            let now = self.bucket.clock.elapsed();
            let mut state = self.bucket.state();
            let entry = state.ledger.at(index);
            entry.ended = Some(now);
            entry.ending = if outcome.is_ok() { Ending::Succeeded } else { Ending::Failed };
        }
        self.bucket.fuse.moment().await;
        outcome
    }

    fn depart(&self, call: &Call<'_>, size: u64) -> (usize, Course) {
        let mut state = self.bucket.state();
        let state = &mut *state;
        let at = self.bucket.clock.elapsed();
        let ask = Ask { operation: call.operation, key: call.key, size, now: at };
        let course = state.script.course(&ask);
        let name = call.upload_id.map(|id| (call.key.to_owned(), id.to_owned()));
        let upload = name.as_ref().and_then(|name| state.contents.uploads().get(name));
        let entry = Entry {
            at,
            ended: None,
            operation: call.operation,
            key: call.key.to_owned(),
            upload_id: call.upload_id.map(str::to_owned),
            number: call.number,
            owner: call
                .owner
                .clone()
                .or_else(|| upload.and_then(|upload| upload.owner().map(str::to_owned))),
            received: 0,
            fate: course.fate,
            carried_out: false,
            ending: Ending::Open,
            health: Health::Sound,
        };
        (state.ledger.add(entry), course)
    }

    async fn travel(
        &self,
        call: &Call<'_>,
        index: usize,
        course: Course,
        payload: Option<Payload>,
        make: impl FnOnce(Body) -> Request,
    ) -> Result<Reply, StoreError> {
        self.bucket.fuse.moment().await;
        tokio::time::sleep(course.there).await;
        if course.fate == Fate::Unreachable {
            return Err(StoreError::before_sending(
                Fault::new(FaultKind::Unreachable).with_detail("connection refused"),
            ));
        }
        let mut body = self.receive(index, course, payload).await?;
        match course.fate {
            Fate::Reset(_) => return Err(lost("reset in the request")),
            Fate::Silent => return self.silence(call).await,
            Fate::Foreign => {
                tokio::time::sleep(course.back).await;
                return Err(StoreError::new(
                    Fault::new(FaultKind::NotStore).with_detail("a login page"),
                    Delivery::Perhaps,
                ));
            }
            Fate::Refused(status, code, after) => {
                tokio::time::sleep(course.back).await;
                return Err(self.refused(call, Refusal { status, code }, after));
            }
            _ => {}
        }
        if let Some(refusal) = self.key_ended() {
            tokio::time::sleep(course.back).await;
            return Err(self.refused(call, refusal, None));
        }
        if course.fate == Fate::Damaged {
            self.damage(index, &mut body);
        }
        let mut flight = Flight { store: self, index, course, received: Some(make(body)) };
        // Its own time inside the store: who goes away now may still have its effect.
        tokio::time::sleep(course.back / 2).await;
        let Some(request) = flight.received.take() else { unreachable!("it was put there") };
        if let Some(wait) = self.postponed(call, course, index, &request) {
            return Err(wait);
        }
        let outcome = flight.carry_out(request);
        if course.fate == Fate::Dropped {
            self.drop_part(call, index);
        }
        self.bucket.fuse.moment().await;
        tokio::time::sleep(course.back / 2).await;
        match (course.fate, outcome) {
            (Fate::AnswerLost, _) => Err(lost("reset before the answer")),
            (Fate::DoneButSilent, _) => self.silence(call).await,
            (Fate::DoneButRefused(status, code), Ok(_)) => {
                Err(self.refused(call, Refusal { status, code }, None))
            }
            (_, Err(refusal)) => Err(self.refused(call, refusal, None)),
            (_, Ok(reply)) => Ok(reply),
        }
    }

    async fn receive(
        &self,
        index: usize,
        course: Course,
        payload: Option<Payload>,
    ) -> Result<Body, StoreError> {
        let mut body = Body { bytes: Bytes::new(), announced_md5: None, health: Health::Sound };
        let Some(mut payload) = payload else { return Ok(body) };
        body.announced_md5 = payload.content_md5;
        let mut received = BytesMut::new();
        while let Some(piece) = payload.stream.next().await {
            let piece = piece.map_err(|error| StoreError {
                source_io: Some(io::Error::new(error.kind(), error.to_string())),
                ..StoreError::new(
                    Fault::new(FaultKind::SourceReadFailed).with_detail(error.to_string()),
                    Delivery::Perhaps,
                )
            })?;
            received.extend_from_slice(&piece);
            self.bucket.state().ledger.at(index).received = received.len() as u64;
            if let Fate::Reset(after) = course.fate
                && received.len() as u64 >= after
            {
                return Err(lost("reset in the body"));
            }
            tokio::time::sleep(course.piece).await;
        }
        if received.len() as u64 != payload.len {
            let short = Fault::new(FaultKind::SourceReadFailed)
                .with_detail("the body has another length than announced");
            return Err(StoreError::new(short, Delivery::Perhaps));
        }
        body.bytes = received.freeze();
        Ok(body)
    }

    async fn silence<T>(&self, call: &Call<'_>) -> Result<T, StoreError> {
        let wait = match call.operation {
            Operation::Complete => LONGEST_MERGE.max(self.idle),
            _ => self.idle,
        };
        tokio::time::sleep(wait).await;
        Err(StoreError::new(
            Fault::new(FaultKind::Stalled).with_detail("no answer came"),
            Delivery::Perhaps,
        ))
    }

    /// What is carried out later, or is under way already.
    fn postponed(
        &self,
        call: &Call<'_>,
        course: Course,
        index: usize,
        request: &Request,
    ) -> Option<StoreError> {
        let mut state = self.bucket.state();
        let due = |after| (self.bucket.clock.elapsed() + after, index);
        let merging = call.operation == Operation::Complete
            && call.upload_id.is_some_and(|id| state.merging.contains(id));
        match course.fate {
            _ if merging => {
                Some(self.refused(call, Refusal { status: 500, code: "InternalError" }, None))
            }
            Fate::Late(after) => {
                state.late.insert(due(after), request.clone());
                Some(lost("reset; carried out later"))
            }
            Fate::Merging(takes) if call.operation == Operation::Complete => {
                state.merging.extend(call.upload_id.map(str::to_owned));
                state.late.insert(due(takes), request.clone());
                Some(self.refused(call, Refusal { status: 500, code: "InternalError" }, None))
            }
            _ => None,
        }
    }

    fn key_ended(&self) -> Option<Refusal> {
        let key = self.credentials.lock().expect("nobody panics").access_key_id.clone();
        let ended = self.bucket.state().ended_keys.contains(&key);
        ended.then_some(match self.provider() {
            Provider::Oss => Refusal { status: 403, code: "SecurityTokenExpired" },
            Provider::S3 => Refusal { status: 400, code: "ExpiredToken" },
        })
    }

    fn damage(&self, index: usize, body: &mut Body) {
        let mut bytes = body.bytes.to_vec();
        if let Some(byte) = bytes.last_mut() {
            *byte ^= 1;
            body.bytes = bytes.into();
            body.health = Health::Damaged;
            // The store computes Content-MD5 over what it keeps, but sees the damage only there.
            self.bucket.state().ledger.at(index).health = Health::Damaged;
        }
    }

    fn drop_part(&self, call: &Call<'_>, index: usize) {
        if let (Some(id), Some(number)) = (call.upload_id, call.number) {
            let mut state = self.bucket.state();
            state.contents.lose_part(call.key, id, number);
            state.ledger.at(index).health = Health::Damaged;
        }
    }

    /// The error that the wire makes of an answer.
    fn refused(&self, call: &Call<'_>, refusal: Refusal, after: Option<u32>) -> StoreError {
        let credentials = self.credentials.lock().expect("nobody panics").clone();
        let asked = Asked {
            provider: self.provider(),
            scheme: Scheme::Https,
            endpoint_host: "store.example.com",
            bucket: "bucket",
            region: "",
            key: Some(call.key),
            only_if_absent: match call.if_absent {
                IfAbsent::OnlyIfAbsent => OnlyIfAbsent::Asked,
                IfAbsent::Replace => OnlyIfAbsent::NotAsked,
            },
            permission: "",
            credentials: &credentials,
            signed: None,
        };
        let mut headers = HeaderMap::new();
        let mark = match self.provider() {
            Provider::Oss => "x-oss-request-id",
            Provider::S3 => "x-amz-request-id",
        };
        headers.insert(HeaderName::from_static(mark), HeaderValue::from_static("0123456789"));
        if let Some(seconds) = after {
            headers.insert(HeaderName::from_static("retry-after"), HeaderValue::from(seconds));
        }
        // HEAD has no body; only OSS tells the code in a header.
        let bare = call.operation == Operation::HeadObject && self.provider() == Provider::S3;
        let body = match bare {
            true => String::new(),
            false => format!("<Error><Code>{}</Code></Error>", refusal.code),
        };
        classify(&asked, &Head { status: refusal.status, headers, proxy: None }, body.as_bytes())
    }

    pub(super) async fn ask(&self, call: Call<'_>, request: Request) -> Result<Reply, StoreError> {
        self.send(call, None, |_| request).await
    }
}
