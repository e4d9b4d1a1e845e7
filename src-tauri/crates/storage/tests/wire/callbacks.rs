//! Uploads that ask OSS to call the application's server back: the object is there whatever that
//! server says.

use ferry_model::{FaultKind, Provider};
use ferry_storage::{
    Delivery, EtagMeaning, ObjectOptions, ObjectStore, Payload, Store, StoreError, StoredObject,
};

use crate::server::{Server, Step, answer, text};
use crate::store;

const MD5: &str = "ETag: \"5D41402ABC4B2A76B9719D911017C592\"";
const ID: &str = "x-oss-request-id: R";
const FAILED: &str = "<Error><Code>CallbackFailed</Code><Message>Error status : 502.</Message><EC>0007-00000203</EC></Error>";

fn asking() -> ObjectOptions {
    ObjectOptions {
        callback: Some("e30=".into()),
        callback_var: Some("e30=".into()),
        ..ObjectOptions::default()
    }
}

/// PutObject, then Complete.
async fn both(store: &Store, options: &ObjectOptions) -> [Result<StoredObject, StoreError>; 2] {
    [
        store.put_object("k", options, Payload::from_bytes("hello".into())).await,
        store.complete("k", "U", &[(1, "E".into())], options).await,
    ]
}

async fn with(steps: Vec<Step>, options: &ObjectOptions) -> [Result<StoredObject, StoreError>; 2] {
    let server = Server::start(steps).await;
    both(&store(Provider::Oss, &server.endpoint), options).await
}

#[tokio::test]
async fn a_failed_callback_leaves_the_object_there() {
    for body in [FAILED, "", "{\"error\": 1}", "<html>502</html>"] {
        let steps = vec![answer(203, &[ID, MD5, "x-oss-hash-crc64ecma: 42"], body)];
        for got in with(steps, &asking()).await {
            let error = got.expect_err("203");
            assert_eq!(
                (error.kind(), error.delivery),
                (FaultKind::CallbackFailed, Delivery::Answered),
                "{body}"
            );
            assert_eq!(error.fault.request_id.as_deref(), Some("R"));
            let stored = error.stored.expect("the object's headers");
            assert_eq!(
                (stored.etag.as_deref(), stored.crc64),
                (Some("5D41402ABC4B2A76B9719D911017C592"), Some(42))
            );
        }
    }
    // Where the headers are missing, the code alone still says that the object is there.
    for got in with(vec![answer(203, &[], FAILED)], &asking()).await {
        let error = got.expect_err("203");
        assert_eq!(
            (error.kind(), error.fault.ec.as_deref()),
            (FaultKind::CallbackFailed, Some("0007-00000203"))
        );
        assert_eq!(error.stored.map(|stored| (stored.etag, stored.crc64)), Some((None, None)));
    }
}

#[tokio::test]
async fn what_no_store_marked_is_no_callback_s_failure() {
    for body in ["<html>Please log in</html>", "{}"] {
        for got in with(vec![answer(203, &[MD5], body)], &asking()).await {
            let error = got.expect_err("203");
            assert_eq!(
                (error.kind(), error.delivery),
                (FaultKind::NotStore, Delivery::Perhaps),
                "{body}"
            );
            assert!(error.stored.is_none());
        }
    }
    for got in with(vec![answer(200, &[MD5], "{\"from\":\"anybody\"}")], &asking()).await {
        assert_eq!(got.expect_err("no mark").kind(), FaultKind::NotStore);
    }
}

#[tokio::test]
async fn the_application_s_answer_may_be_anything() {
    let huge = "x".repeat(2 << 20);
    for body in [
        "{\"from\":\"the application\"}",
        "",
        "OK",
        "<html>fine</html>",
        "<Error><Code>AccessDenied</Code><Message>the application's own</Message></Error>",
        "<CompleteMultipartUploadResult><ETag>\"other\"</ETag></CompleteMultipartUploadResult>",
        "\u{feff}照片",
        huge.as_str(),
    ] {
        let steps = vec![answer(
            200,
            &[ID, MD5, "x-oss-hash-crc64ecma: 42", "Content-Type: text/html"],
            body,
        )];
        for got in with(steps, &asking()).await {
            let stored = got.unwrap_or_else(|error| panic!("{:.40}: {error:?}", body));
            assert_eq!(
                (stored.etag.as_deref(), stored.crc64),
                (Some("5D41402ABC4B2A76B9719D911017C592"), Some(42))
            );
        }
    }
    // The headers of the object are not always sent with it, and the application may be cut off.
    let cut = text(200, &[ID], "{}").replace("Content-Length: 2", "Content-Length: 20");
    for steps in [vec![answer(200, &[ID], "{}")], vec![Step::AnswerEarly(5, cut)]] {
        for got in with(steps, &asking()).await {
            let stored = got.expect("stored");
            assert_eq!(
                (stored.etag, stored.crc64, stored.etag_meaning),
                (None, None, EtagMeaning::Opaque)
            );
        }
    }
}

#[tokio::test]
async fn without_a_callback_nothing_of_this_holds() {
    let [put, complete] =
        with(vec![answer(200, &[ID, MD5], "{\"from\":\"nobody\"}")], &ObjectOptions::default())
            .await;
    assert!(put.is_ok(), "a body that nobody asked for does not matter beside the store's mark");
    assert_eq!(complete.expect_err("no document").kind(), FaultKind::NotStore);
    let [put, _] = with(vec![answer(203, &[ID, MD5], "")], &ObjectOptions::default()).await;
    assert!(put.is_ok(), "a proxy may say 203 for 200");
}
