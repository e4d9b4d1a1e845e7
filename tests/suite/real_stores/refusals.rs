//! What a store refuses, and whether Ferry says so: keys, clocks, buckets.

use std::sync::Arc;

use ferry_model::FaultKind;
use ferry_storage::{
    ObjectOptions, ObjectStore as _, RetryNow, Store, StoreError, SystemClock, sign_again,
};
use support::stores::{KEY_ID, SECRET};

use crate::habits::Answer;
use crate::{Ground, payload, read, refused};

const OPERATIONS: &[&str] = &[
    "put",
    "initiate",
    "part",
    "list parts",
    "list uploads",
    "complete",
    "abort",
    "head",
    "get",
    "bucket info",
];

/// One operation on a key or on the bucket.
async fn perform(
    ferry: &Store,
    operation: &str,
    key: &str,
    upload_id: &str,
) -> Result<(), StoreError> {
    let options = ObjectOptions::default();
    match operation {
        "put" => ferry.put_object(key, &options, payload(b"x")).await.map(drop),
        "initiate" => ferry.initiate(key, &options).await.map(drop),
        "part" => ferry
            .upload_part(key, upload_id, 1, &ObjectOptions::default(), payload(b"x"))
            .await
            .map(drop),
        "list parts" => ferry.list_parts(key, upload_id, None).await.map(drop),
        "list uploads" => ferry.list_uploads("", None).await.map(drop),
        "complete" => ferry
            .complete(key, upload_id, &[(1, "9dd4e461268c8034f5c8564e155c67a6".into())], &options)
            .await
            .map(drop),
        "abort" => ferry.abort(key, upload_id).await,
        "head" => ferry.head(key).await.map(drop),
        "get" => ferry.get(key, None).await.map(drop),
        "bucket info" => ferry.bucket_info().await.map(drop),
        other => panic!("{other} is no operation"),
    }
}

pub(crate) async fn wrong_keys_are_named(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    ferry.put_object("there", &ObjectOptions::default(), payload(b"there")).await.expect("stores");
    let id = ferry.initiate("there", &ObjectOptions::default()).await.expect("begins");
    for (key_id, secret, kind) in [
        (KEY_ID, "wrong", FaultKind::BadSignature),
        ("NOBODYSKEYID", SECRET, FaultKind::BadAccessKey),
    ] {
        let stranger =
            ground.store.bucket_with(ground.bucket, key_id, secret, Arc::new(SystemClock));
        for key in ["there", "absent ü"] {
            for operation in OPERATIONS {
                let error = refused(operation, perform(&stranger, operation, key, &id).await);
                assert_eq!(
                    (error.kind(), error.fault.status),
                    (kind, Some(403)),
                    "{operation} {key}: {error:?}"
                );
            }
        }
    }
    assert_eq!(read(&ferry, "there", None).await.expect("gives"), b"there");
    ferry.abort("there", &id).await.expect("was left alone");
}

pub(crate) async fn a_wrong_clock_is_corrected(ground: &Ground<'_>) {
    for minutes in [-20_i64, 20] {
        // The first answer teaches the clock, and the caller signs again.
        let ferry = ground.ferry_at(minutes * 60);
        let asked = sign_again(|| ferry.head("absent")).await;
        assert_eq!(asked.expect("goes with the store's time"), None);
        assert!(
            ferry.clock_offset().abs_diff(-minutes * 60) <= 5,
            "{} s for {minutes} minutes",
            ferry.clock_offset()
        );
        ferry
            .put_object("later", &ObjectOptions::default(), payload(b"x"))
            .await
            .expect("the offset is known by now");

        // A stream can be read once: the caller is told to come again, and then it goes.
        let ferry = ground.ferry_at(minutes * 60);
        let error = refused(
            "a stream",
            ferry.put_object("stream", &ObjectOptions::default(), payload(b"x")).await,
        );
        assert_eq!(
            (error.kind(), error.retry_now),
            (FaultKind::ClockSkew, RetryNow::Once),
            "{error:?}"
        );
        ferry
            .put_object("stream", &ObjectOptions::default(), payload(b"x"))
            .await
            .expect("the offset is known by now");

        for operation in ["list uploads", "bucket info", "head", "get", "initiate"] {
            let ferry = ground.ferry_at(minutes * 60);
            let outcome = sign_again(|| perform(&ferry, operation, "stream", "")).await;
            assert!(
                outcome.is_ok(),
                "{operation} with a clock off by {minutes} minutes: {outcome:?}"
            );
        }
    }
}

pub(crate) async fn a_bucket_that_is_not_there_is_named(ground: &Ground<'_>) {
    // Each in a bucket of its own: an answer to one must not help the others.
    for operation in OPERATIONS {
        let ferry = ground.store.bucket(&format!("nobody-made-{}", operation.replace(' ', "-")));
        let outcome = perform(&ferry, operation, "a key", "2~upload").await;
        let habit = ground.habits.without_a_bucket.iter().find(|(name, _)| name == operation);
        let expected =
            habit.map_or(Answer::Refused(FaultKind::NoSuchBucket), |(_, answer)| *answer);
        assert_eq!(Answer::of(outcome), expected, "{operation}");
    }
}
