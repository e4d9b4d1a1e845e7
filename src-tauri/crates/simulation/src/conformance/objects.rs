//! Objects in one request: what goes in, what comes out, what is refused.

use std::io;

use bytes::Bytes;
use ferry_model::FaultKind;
use ferry_model::checksum::same_etag;
use ferry_storage::{EtagMeaning, IfAbsent, ObjectOptions, Payload};
use futures_util::{StreamExt as _, stream};

use super::habits::{Answer, Etags};
use super::{Ground, MIB, all_parts, all_uploads, payload, random, read, refused};

pub(crate) async fn objects_go_and_come_back(ground: &Ground) {
    let ferry = &*ground.store;
    let options = ObjectOptions {
        metadata: vec![("Ferry-Id".into(), "照片 1".into())],
        ..ObjectOptions::default()
    };
    for (size, md5) in
        [(0, "d41d8cd98f00b204e9800998ecf8427e"), (10, "781e5e245d69b566979b86e28d23f2c7")]
    {
        let (key, bytes) = (format!("{size}.txt"), &b"0123456789"[..size]);
        assert_eq!(ferry.head(&key).await.expect("answers"), None, "{key} before it is stored");
        let stored = ferry.put_object(&key, &options, payload(bytes)).await.expect("stores");
        let etag = stored.etag.as_deref().expect("has an ETag");
        assert!(same_etag(etag, md5), "{etag}");
        assert_eq!(
            (etag == md5, stored.etag_meaning),
            (ground.habits.etags == Etags::LowerCase, EtagMeaning::Md5)
        );
        assert_eq!(stored.crc64, ground.habits.crc64.of(bytes));
        assert!(stored.request_id.is_some());
        let head = ferry.head(&key).await.expect("answers").expect("is there");
        assert_eq!(
            (head.size, head.etag, head.etag_meaning, head.crc64),
            (size as u64, stored.etag, EtagMeaning::Md5, stored.crc64)
        );
        assert_eq!(head.metadata.get("ferry-id").map(String::as_str), Some("照片 1"));
        ground.assert_recent(head.last_modified.expect("is dated"));
        assert_eq!(read(ferry, &key, None).await.expect("gives"), bytes);
    }
    for (range, part) in [((0, 0), "0"), ((3, 5), "345"), ((9, 9), "9"), ((8, 99), "89")] {
        assert_eq!(
            read(ferry, "10.txt", Some(range)).await.expect("gives"),
            part.as_bytes(),
            "{range:?}"
        );
    }
    assert_eq!(
        refused("beyond the end", read(ferry, "10.txt", Some((10, 11))).await).kind(),
        ground.habits.beyond_the_end
    );
    assert_eq!(refused("nothing", read(ferry, "nothing", None).await).kind(), FaultKind::NoSuchKey);
    let info = ferry.bucket_info().await.expect("answers");
    assert_eq!(info.region.as_deref(), Some(ground.habits.region));
}

pub(crate) async fn only_if_absent_replaces_nothing(ground: &Ground) {
    let ferry = &*ground.store;
    let replace = ObjectOptions::default();
    let careful = ObjectOptions { if_absent: IfAbsent::OnlyIfAbsent, ..ObjectOptions::default() };
    ferry.put_object("put", &careful, payload(b"first")).await.expect("the name is free");
    assert_eq!(
        refused("put", ferry.put_object("put", &careful, payload(b"second")).await).kind(),
        FaultKind::AlreadyExists
    );
    assert_eq!(read(ferry, "put", None).await.expect("gives"), b"first");
    ferry.put_object("put", &replace, payload(b"third")).await.expect("replaces");
    assert_eq!(read(ferry, "put", None).await.expect("gives"), b"third");

    let begin = async |key: &str, options, bytes| {
        let id = ferry.initiate(key, options).await.expect("begins");
        let part = ferry
            .upload_part(key, &id, 1, &ObjectOptions::default(), payload(bytes))
            .await
            .expect("stores");
        (id, [(1, part.etag)])
    };
    let (id, parts) = begin("parts", &careful, b"first").await;
    ferry.complete("parts", &id, &parts, &careful).await.expect("the name is free");
    let begun = ferry.initiate("parts", &careful).await;
    if let Ok(id) = &begun {
        ferry.abort("parts", id).await.expect("aborts");
    }
    assert_eq!(Answer::of(begun), ground.habits.initiate_if_absent);
    let (id, parts) = begin("parts", &replace, b"second").await;
    let answer = Answer::of(ferry.complete("parts", &id, &parts, &careful).await);
    assert_eq!(answer, ground.habits.complete_if_absent);
    if answer != Answer::Taken {
        assert_eq!(read(ferry, "parts", None).await.expect("gives"), b"first");
        // The refused upload is still open: the user's "overwrite" sends nothing again.
        ferry.complete("parts", &id, &parts, &replace).await.expect("replaces");
    }
    assert_eq!(read(ferry, "parts", None).await.expect("gives"), b"second");
    assert_eq!(all_uploads(ferry, "").await.expect("lists"), []);
}

pub(crate) async fn a_deleted_object_is_gone(ground: &Ground) {
    let ferry = &*ground.store;
    let options = ObjectOptions::default();
    for key in ["gone", "gone/too", "照片 1+2.jpg"] {
        ferry.put_object(key, &options, payload(b"bytes")).await.expect("stores");
    }
    ferry.delete_object("gone", None).await.expect("deletes");
    assert_eq!(ferry.head("gone").await.expect("answers"), None);
    assert_eq!(read(ferry, "gone/too", None).await.expect("is another object"), b"bytes");
    ferry.delete_object("gone", None).await.expect("what is gone is gone");
    ferry.delete_object("照片 1+2.jpg", None).await.expect("deletes");
    assert_eq!(ferry.head("照片 1+2.jpg").await.expect("answers"), None);
    // An upload under way is no object.
    let id = ferry.initiate("upload", &options).await.expect("begins");
    ferry.delete_object("upload", None).await.expect("there is none");
    assert_eq!(all_uploads(ferry, "upload").await.expect("lists").len(), 1);
    ferry.abort("upload", &id).await.expect("aborts");
}

pub(crate) async fn other_bytes_than_announced_are_refused(ground: &Ground) {
    let ferry = &*ground.store;
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
    assert_eq!(all_parts(ferry, "parts", &id).await.expect("lists"), []);
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
        let cut =
            Payload { len: 2 * MIB as u64, content_md5: None, crc64_nvme: None, stream: pieces };
        let error = refused(what, ferry.put_object(what, &options, cut).await);
        assert_eq!(error.kind(), FaultKind::SourceReadFailed, "{what}: {error:?}");
    }
    for (what, pieces) in [("early", early()), ("broken", broken())] {
        let cut =
            Payload { len: 2 * MIB as u64, content_md5: None, crc64_nvme: None, stream: pieces };
        let error =
            refused(what, ferry.upload_part("parts", &id, 2, &ObjectOptions::default(), cut).await);
        assert_eq!(error.kind(), FaultKind::SourceReadFailed, "{what}: {error:?}");
        assert_eq!(ferry.head(what).await.expect("answers"), None, "half of it was kept");
    }
    assert_eq!(all_parts(ferry, "parts", &id).await.expect("lists").len(), 1);
    ferry.abort("parts", &id).await.expect("aborts");
    assert_eq!(all_uploads(ferry, "").await.expect("lists"), []);
    assert_eq!(read(ferry, "put", None).await.expect("gives"), b"hello");
}
