//! What each fate does to a request: what its caller hears, and what the bucket holds then.
#![allow(missing_docs)]

use std::sync::Arc;
use std::time::Duration;

use ferry_model::{Credentials, FaultKind, Provider, Secret};
use ferry_simulation::clock::WorldClock;
use ferry_simulation::store::{Ask, Course, Fate, MemoryBucket, Operation, Script, Service};
use ferry_storage::{Delivery, ObjectOptions, ObjectStore as _, Payload, StoreError};

/// The first request of an operation meets this; everything else is carried out.
struct Once(Operation, Option<Fate>);

impl Script for Once {
    fn course(&mut self, ask: &Ask<'_>) -> Course {
        let fate = if ask.operation == self.0 { self.1.take() } else { None };
        Course { fate: fate.unwrap_or(Fate::Plain), ..Course::PLAIN }
    }
}

fn bucket(operation: Operation, fate: Fate) -> Arc<MemoryBucket> {
    let clock = Arc::new(WorldClock::default());
    clock.begin();
    let script = Box::new(Once(operation, Some(fate)));
    MemoryBucket::new(Service::of(Provider::Oss), clock, Arc::default(), script)
}

fn keys() -> Credentials {
    Credentials {
        access_key_id: "id".into(),
        access_key_secret: Secret::new("secret"),
        security_token: None,
        expires_ms: None,
    }
}

fn hello() -> Payload {
    Payload::from_bytes(bytes::Bytes::from_static(b"hello"))
}

fn heard<T>(outcome: Result<T, StoreError>) -> Option<(FaultKind, Delivery)> {
    outcome.err().map(|error| (error.kind(), error.delivery))
}

#[tokio::test(start_paused = true)]
async fn each_fate_of_a_put() {
    use FaultKind as K;
    let perhaps = |kind| Some((kind, Delivery::Perhaps));
    let answered = |kind| Some((kind, Delivery::Answered));
    // What is heard, and how many objects there are at once and a minute later.
    for (fate, expected, at_once, later) in [
        (Fate::Plain, None, 1, 1),
        (Fate::Unreachable, Some((K::Unreachable, Delivery::NotSent)), 0, 0),
        (Fate::Refused(403, "AccessDenied", None), answered(K::AccessDenied), 0, 0),
        (Fate::Refused(503, "SlowDown", Some(7)), answered(K::Throttled), 0, 0),
        (Fate::Refused(500, "InternalError", None), perhaps(K::ServerError), 0, 0),
        (Fate::Reset(0), perhaps(K::ConnectionLost), 0, 0),
        (Fate::AnswerLost, perhaps(K::ConnectionLost), 1, 1),
        (Fate::DoneButRefused(500, "InternalError"), perhaps(K::ServerError), 1, 1),
        (Fate::Late(Duration::from_secs(5)), perhaps(K::ConnectionLost), 0, 1),
        (Fate::Silent, perhaps(K::Stalled), 0, 0),
        (Fate::DoneButSilent, perhaps(K::Stalled), 1, 1),
        (Fate::Foreign, perhaps(K::NotStore), 0, 0),
        (Fate::Damaged, None, 1, 1),
    ] {
        let bucket = bucket(Operation::PutObject, fate);
        let store = bucket.client(keys(), Duration::from_secs(30));
        let outcome = store.put_object("k", &ObjectOptions::default(), hello()).await;
        let objects = || bucket.state().contents.objects().len();
        assert_eq!((heard(outcome), objects()), (expected, at_once), "{fate:?}");
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(objects(), later, "{fate:?}");
        let whole = bucket.state().contents.object("k").is_none_or(|it| *it.bytes == *b"hello");
        assert_eq!(whole, fate != Fate::Damaged, "{fate:?}");
        let received = bucket.state().ledger.entries()[0].received;
        assert_eq!(received, if fate == Fate::Unreachable { 0 } else { 5 }, "{fate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_merge_answers_with_failures_until_it_is_done() {
    let bucket = bucket(Operation::Complete, Fate::Merging(Duration::from_secs(90)));
    let store = bucket.client(keys(), Duration::from_secs(30));
    let options = ObjectOptions::default();
    let id = store.initiate("k", &options).await.expect("begins");
    let part = store.upload_part("k", &id, 1, &options, hello()).await.expect("stores");
    let mut kinds = Vec::new();
    for _ in 0..4 {
        let parts = [(1, part.etag.clone())];
        kinds.push(heard(store.complete("k", &id, &parts, &options).await).map(|heard| heard.0));
        tokio::time::sleep(Duration::from_secs(40)).await;
    }
    use FaultKind::{ServerError, UploadGone};
    let expected = [ServerError, ServerError, ServerError, UploadGone].map(Some);
    assert_eq!(kinds, expected);
    assert_eq!(bucket.state().contents.objects()["k"].len(), 1, "it was merged once");
}

#[tokio::test(start_paused = true)]
async fn a_part_may_be_acknowledged_and_not_kept() {
    let bucket = bucket(Operation::UploadPart, Fate::Dropped);
    let store = bucket.client(keys(), Duration::from_secs(30));
    let options = ObjectOptions::default();
    let id = store.initiate("k", &options).await.expect("begins");
    let part = store.upload_part("k", &id, 1, &options, hello()).await.expect("stores");
    assert_eq!(store.list_parts("k", &id, None).await.expect("lists").rows, []);
    let refused = store.complete("k", &id, &[(1, part.etag)], &options).await;
    assert_eq!(heard(refused), Some((FaultKind::PartsRefused, Delivery::Answered)));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_ended_is_refused_until_there_is_another() {
    let bucket = bucket(Operation::GetObject, Fate::Plain);
    let store = bucket.client(keys(), Duration::from_secs(30));
    bucket.state().ended_keys.insert("id".into());
    assert_eq!(heard(store.head("k").await), Some((FaultKind::TokenExpired, Delivery::Answered)));
    store.set_credentials(Credentials { access_key_id: "other".into(), ..keys() });
    assert_eq!(store.head("k").await.expect("answers"), None);
}
