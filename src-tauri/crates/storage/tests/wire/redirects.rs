//! A redirect is an answer, never a way: nothing of a request reaches the host it names.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use ferry_model::Provider;
use ferry_storage::{ObjectOptions, ObjectStore, Payload, Store, StoreError};

use crate::server::{Server, answer};
use crate::store;

type Performed<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;
type Operation = (&'static str, fn(&Store) -> Performed<'_>);

/// Longer than a client sends before it looks at an answer.
const BODY: usize = 300_000;

fn body() -> Payload {
    Payload::from_bytes(Bytes::from(vec![7; BODY]))
}

macro_rules! operation {
    ($name:literal, $store:ident => $call:expr) => {
        ($name, |$store: &Store| Box::pin(async move { $call.await.map(drop) }))
    };
}

/// Every request that Ferry makes.
const OPERATIONS: &[Operation] = &[
    operation!("put", store => store.put_object("k", &ObjectOptions::default(), body())),
    operation!("initiate", store => store.initiate("k", &ObjectOptions::default())),
    operation!("part", store => store.upload_part("k", "U", 1, &ObjectOptions::default(), body())),
    operation!("list parts", store => store.list_parts("k", "U", None)),
    operation!("list uploads", store => store.list_uploads("", None)),
    operation!("list objects", store => store.list_objects("", None, None)),
    operation!("complete", store => store.complete("k", "U", &[(1, "E".into())], &ObjectOptions::default())),
    operation!("abort", store => store.abort("k", "U")),
    operation!("delete", store => store.delete_object("k", None)),
    operation!("head", store => store.head("k")),
    operation!("get", store => store.get("k", None)),
    operation!("bucket info", store => store.bucket_info()),
];

#[tokio::test]
async fn n13_nothing_follows_a_redirect() {
    // Would take anything, and counts who comes.
    let other = Server::start(vec![answer(200, &["ETag: \"E\"", "x-oss-request-id: R"], "")]).await;
    let location = format!("Location: {}/bkt/k", other.endpoint);
    for provider in [Provider::Oss, Provider::S3] {
        for status in [301, 302, 303, 307, 308] {
            for mark in ["X-Nothing: 1", "x-oss-request-id: R", "x-amz-bucket-region: eu-west-1"] {
                let server = Server::start(vec![answer(status, &[&location, mark], "")]).await;
                let store = store(provider, &server.endpoint);
                for (name, perform) in OPERATIONS {
                    let before = server.seen().len();
                    let error = perform(&store).await.expect_err(name);
                    let what = format!("{name} {provider:?} {status} {mark}: {error:?}");
                    assert_eq!(error.fault.status, Some(status), "{what}");
                    assert_eq!(server.seen().len(), before + 1, "{what}");
                    assert_eq!(other.connections(), 0, "{what}");
                }
            }
        }
    }
    assert_eq!(other.seen().len(), 0);
}

/// The listener that counts does count: what is sent to it is seen.
#[tokio::test]
async fn the_other_host_would_have_been_seen() {
    let other = Server::start(vec![answer(200, &["ETag: \"E\"", "x-oss-request-id: R"], "")]).await;
    let store = store(Provider::Oss, &other.endpoint);
    store.put_object("k", &ObjectOptions::default(), body()).await.expect("put");
    let seen = other.seen();
    assert_eq!((other.connections(), seen[0].body.len()), (1, BODY));
    assert!(seen[0].header("authorization").is_some() && seen[0].head.contains("canary+token"));
}
