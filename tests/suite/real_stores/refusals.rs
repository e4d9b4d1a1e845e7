//! What a store refuses, and whether Ferry says so: keys, clocks, buckets, parts, digests.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use ferry_model::FaultKind;
use ferry_storage::{
    ObjectOptions, ObjectStore as _, Payload, RetryNow, Store, StoreError, SystemClock, sign_again,
};
use futures_util::{StreamExt as _, stream};
use support::stores::{KEY_ID, SECRET};

use crate::habits::Answer;
use crate::{Ground, MIB, all_parts, all_uploads, payload, random, read, refused};

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
        "list parts" => all_parts(ferry, key, upload_id).await.map(drop),
        "list uploads" => all_uploads(ferry, "").await.map(drop),
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
        // The caller is told to sign again, and then it goes.
        let ferry = ground.ferry_at(minutes * 60);
        let answer = sign_again(|| ferry.head("absent")).await;
        assert_eq!(answer.expect("is signed again"), None);
        assert!(
            ferry.clock_offset().abs_diff(-minutes * 60) <= 5,
            "{} s for {minutes} minutes",
            ferry.clock_offset()
        );
        ferry
            .put_object("later", &ObjectOptions::default(), payload(b"x"))
            .await
            .expect("the offset is known by now");

        // A stream can be read once: the caller brings another.
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

pub(crate) async fn parts_that_do_not_fit_are_refused(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let options = ObjectOptions::default();
    let (large, small) = (random(5 * MIB, 1), random(5 * MIB - 1, 2));
    let id = ferry.initiate("x", &options).await.expect("begins");
    let mut etags = Vec::new();
    for (number, bytes) in [(1, &large), (2, &small), (3, &large)] {
        etags.push((
            number,
            ferry
                .upload_part("x", &id, number, &ObjectOptions::default(), payload(bytes))
                .await
                .expect("stores")
                .etag,
        ));
    }
    let [first, second, third] = etags.try_into().expect("three parts");
    let other = "0123456789abcdef0123456789abcdef".to_owned();
    for (what, parts, kind) in [
        ("a wrong ETag", vec![(1, other)], FaultKind::PartsRefused),
        (
            "a part that was not sent",
            vec![first.clone(), (4, third.1.clone())],
            FaultKind::PartsRefused,
        ),
        (
            "two ETags exchanged",
            vec![(1, second.1.clone()), (2, first.1.clone())],
            FaultKind::PartsRefused,
        ),
        (
            "a small part before the last",
            vec![first.clone(), second.clone(), third.clone()],
            FaultKind::PartTooSmall,
        ),
        ("the wrong order", vec![third.clone(), first.clone()], ground.habits.parts_out_of_order),
        ("no parts", Vec::new(), ground.habits.no_parts),
    ] {
        let error = refused(what, ferry.complete("x", &id, &parts, &options).await);
        assert_eq!(error.kind(), kind, "{what}: {error:?}");
        assert_eq!(ferry.head("x").await.expect("answers"), None, "{what} made an object");
    }
    // None of it harmed the upload: with the small part in the midst left out or replaced, it can
    // be completed.
    let left_out = ferry.complete("x", &id, &[first.clone(), third.clone()], &options).await;
    assert_eq!(Answer::of(left_out), ground.habits.part_left_out);
    let mut whole = [&large[..], &large].concat();
    if ground.habits.part_left_out != Answer::Taken {
        let second = ferry
            .upload_part("x", &id, 2, &ObjectOptions::default(), payload(&large))
            .await
            .expect("stores")
            .etag;
        ferry.complete("x", &id, &[first, (2, second), third], &options).await.expect("merges");
        whole.extend_from_slice(&large);
    }
    assert_eq!(read(&ferry, "x", None).await.expect("gives"), whole);
}

pub(crate) async fn other_bytes_than_announced_are_refused(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let options = ObjectOptions::default();
    let digest = |md5| Payload { content_md5: Some(md5), ..payload(b"hello") };
    let right = [
        0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76, 0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5,
        0x92,
    ];
    let id = ferry.initiate("parts", &options).await.expect("begins");
    assert_eq!(
        refused("put", ferry.put_object("put", &options, digest([7; 16])).await).kind(),
        FaultKind::DigestRefused
    );
    assert_eq!(
        refused(
            "part",
            ferry.upload_part("parts", &id, 1, &ObjectOptions::default(), digest([7; 16])).await
        )
        .kind(),
        FaultKind::DigestRefused
    );
    assert_eq!(ferry.head("put").await.expect("answers"), None);
    assert_eq!(all_parts(&ferry, "parts", &id).await.expect("lists"), []);
    ferry.put_object("put", &options, digest(right)).await.expect("the digest is right");
    ferry
        .upload_part("parts", &id, 1, &ObjectOptions::default(), digest(right))
        .await
        .expect("the digest is right");

    // A source that ends early, or breaks, leaves nothing behind.
    let half = || Ok(Bytes::from(random(MIB, 1)));
    let early = || stream::iter([half()]).boxed();
    let broken = || stream::iter([half(), Err(io::Error::other("the disk broke"))]).boxed();
    for (what, pieces) in [("early", early()), ("broken", broken())] {
        let cut = Payload { len: 2 * MIB as u64, content_md5: None, stream: pieces };
        let error = refused(what, ferry.put_object(what, &options, cut).await);
        assert_eq!(error.kind(), FaultKind::SourceReadFailed, "{what}: {error:?}");
    }
    for (what, pieces) in [("early", early()), ("broken", broken())] {
        let cut = Payload { len: 2 * MIB as u64, content_md5: None, stream: pieces };
        let error =
            refused(what, ferry.upload_part("parts", &id, 2, &ObjectOptions::default(), cut).await);
        assert_eq!(error.kind(), FaultKind::SourceReadFailed, "{what}: {error:?}");
        assert_eq!(ferry.head(what).await.expect("answers"), None, "half of it was kept");
    }
    assert_eq!(all_parts(&ferry, "parts", &id).await.expect("lists").len(), 1);
    ferry.abort("parts", &id).await.expect("aborts");
    ground.store.assert_holds(ground.bucket, &[("put".into(), hello())]).await;
}

fn hello() -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("ferry-hello-{}", std::process::id()));
    std::fs::write(&path, b"hello").expect("writes");
    path
}
