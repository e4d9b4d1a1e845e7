//! What an object shall be like: said on the request that takes it, and there when another client
//! looks.

use ferry_model::{Encryption, ObjectHeader};
use ferry_storage::{EtagMeaning, ObjectOptions, ObjectStore as _};
use serde_json::json;

use crate::habits::Answer;
use crate::{Ground, payload, read};

pub(crate) async fn options_are_kept(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let text = |text: &str| Some(text.to_owned());
    let options = ObjectOptions {
        headers: [
            (ObjectHeader::ContentType, "text/plain; charset=utf-8"),
            (ObjectHeader::CacheControl, "max-age=60, no-transform"),
            (ObjectHeader::ContentDisposition, "attachment; filename=\"a b.txt\""),
            (ObjectHeader::ContentEncoding, "identity"),
        ]
        .into(),
        metadata: vec![("author".into(), "alice".into()), ("title".into(), "照片 + 100%".into())],
        storage_class: text("STANDARD"),
        acl: text("private"),
        expires: text("Thu, 15 Jan 2037 08:30:45 GMT"),
        tagging: vec![("team".into(), "a b+c=/照".into()), ("empty".into(), String::new())],
        ..ObjectOptions::default()
    };
    ferry.put_object("put.html", &options, payload(b"options")).await.expect("stores");
    let id = ferry.initiate("parts.html", &options).await.expect("begins");
    let part = ferry
        .upload_part("parts.html", &id, 1, &ObjectOptions::default(), payload(b"options"))
        .await
        .expect("stores");
    ferry.complete("parts.html", &id, &[(1, part.etag)], &options).await.expect("merges");
    for key in ["put.html", "parts.html"] {
        let seen = ground.store.describe(ground.bucket, key).await;
        let fields = [
            "ContentType",
            "CacheControl",
            "ContentDisposition",
            "ContentEncoding",
            "ExpiresString",
            "ContentLength",
        ];
        let seen_fields: Vec<_> = fields.iter().map(|field| &seen[field]).collect();
        let expected = [
            json!("text/plain; charset=utf-8"),
            json!("max-age=60, no-transform"),
            json!("attachment; filename=\"a b.txt\""),
            json!("identity"),
            json!("Thu, 15 Jan 2037 08:30:45 GMT"),
            json!(7),
        ];
        assert_eq!(seen_fields, expected.iter().collect::<Vec<_>>(), "{key}: {seen}");
        assert_eq!(
            seen["Metadata"],
            json!({ "author": "alice", "title": "%E7%85%A7%E7%89%87%20%2B%20100%25" }),
            "{key}"
        );
        let tagged = key == "put.html" || ground.habits.parts_keep_tags;
        assert_eq!(
            seen["Tags"],
            if tagged { json!({ "team": "a b+c=/照", "empty": "" }) } else { json!({}) },
            "{key}"
        );
        let read = ferry.head(key).await.expect("answers").expect("is there").metadata;
        assert_eq!(read["title"], "照片 + 100%", "{key}");
    }
    // Without an option the type follows from the name.
    for (key, kind) in [("照片.JPG", "image/jpeg"), ("none", "application/octet-stream")] {
        ferry.put_object(key, &ObjectOptions::default(), payload(b"x")).await.expect("stores");
        assert_eq!(ground.store.describe(ground.bucket, key).await["ContentType"], kind);
    }
}

pub(crate) async fn options_are_kept_or_refused_aloud(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let class =
        ObjectOptions { storage_class: Some("STANDARD_IA".into()), ..ObjectOptions::default() };
    assert_eq!(
        Answer::of(ferry.put_object("class", &class, payload(b"x")).await),
        ground.habits.other_class
    );
    if ground.habits.other_class == Answer::Taken {
        assert_eq!(
            ground.store.describe(ground.bucket, "class").await["StorageClass"],
            "STANDARD_IA"
        );
    }
    let own = ObjectOptions { encryption: Encryption::Aes256, ..ObjectOptions::default() };
    assert_eq!(
        Answer::of(ferry.put_object("own", &own, payload(b"x")).await),
        ground.habits.own_encryption
    );
    if ground.habits.own_encryption == Answer::Taken {
        assert_eq!(read(&ferry, "own", None).await.expect("gives"), b"x");
    }
    let Some(id) = ground.habits.service_key else { return };
    let encrypted = ObjectOptions {
        encryption: Encryption::Kms { key_id: id.into() },
        ..ObjectOptions::default()
    };
    ferry.put_object("put", &encrypted, payload(b"x")).await.expect("stores");
    let upload = ferry.initiate("parts", &encrypted).await.expect("begins");
    let part = ferry
        .upload_part("parts", &upload, 1, &ObjectOptions::default(), payload(b"x"))
        .await
        .expect("stores");
    ferry.complete("parts", &upload, &[(1, part.etag)], &encrypted).await.expect("merges");
    for key in ["put", "parts"] {
        let seen = ground.store.describe(ground.bucket, key).await;
        assert_eq!(
            (&seen["ServerSideEncryption"], &seen["SSEKMSKeyId"]),
            (&json!("aws:kms"), &json!(id)),
            "{key}: {seen}"
        );
        // What the ETag of encrypted bytes says is the store's secret.
        assert_eq!(
            ferry.head(key).await.expect("answers").expect("is there").etag_meaning,
            EtagMeaning::Opaque,
            "{key}"
        );
        assert_eq!(read(&ferry, key, None).await.expect("gives"), b"x", "{key}");
    }
}
