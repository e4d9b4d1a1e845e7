//! Each operation by itself: objects in one request and in parts, lists, conditions.

use std::time::{Duration, SystemTime};

use ferry_model::FaultKind;
use ferry_storage::{EtagMeaning, IfAbsent, ObjectOptions, ObjectStore as _, Store};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::habits::Answer;
use crate::{Ground, MIB, all_parts, all_uploads, payload, random, read, refused};

/// More than any server lists on one page.
const MANY: u32 = 1_003;
/// Requests side by side where there are many.
const SIDE_BY_SIDE: usize = 16;

pub(crate) async fn objects_go_and_come_back(ground: &Ground<'_>) {
    let ferry = ground.ferry();
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
        assert_eq!((stored.etag.as_deref(), stored.etag_meaning), (Some(md5), EtagMeaning::Md5));
        assert!(stored.request_id.is_some());
        let head = ferry.head(&key).await.expect("answers").expect("is there");
        assert_eq!(
            (head.size, head.etag, head.etag_meaning),
            (size as u64, stored.etag, EtagMeaning::Md5)
        );
        assert_eq!(head.metadata.get("ferry-id").map(String::as_str), Some("照片 1"));
        let age = SystemTime::now()
            .duration_since(head.last_modified.expect("is dated"))
            .unwrap_or_default();
        assert!(age < Duration::from_secs(60), "{age:?}");
        assert_eq!(read(&ferry, &key, None).await.expect("gives"), bytes);
    }
    for (range, part) in [((0, 0), "0"), ((3, 5), "345"), ((9, 9), "9"), ((8, 99), "89")] {
        assert_eq!(
            read(&ferry, "10.txt", Some(range)).await.expect("gives"),
            part.as_bytes(),
            "{range:?}"
        );
    }
    assert_eq!(
        refused("beyond the end", read(&ferry, "10.txt", Some((10, 11))).await).kind(),
        FaultKind::InvalidRequest
    );
    assert_eq!(
        refused("nothing", read(&ferry, "nothing", None).await).kind(),
        FaultKind::NoSuchKey
    );
    let info = ferry.bucket_info().await.expect("answers");
    assert_eq!(info.region.as_deref(), Some(ground.habits.region));
}

pub(crate) async fn parts_make_an_object(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let parts = [random(5 * MIB, 1), random(5 * MIB + 1, 2), random(1, 3)];
    let id = ferry.initiate("a/b.bin", &ObjectOptions::default()).await.expect("begins");
    assert_eq!(all_parts(&ferry, "a/b.bin", &id).await.expect("lists"), []);
    // In any order, and one of them twice: the last one counts.
    let replaced = ferry
        .upload_part("a/b.bin", &id, 2, &ObjectOptions::default(), payload(&random(5 * MIB, 9)))
        .await
        .expect("stores");
    let mut etags = Vec::new();
    for number in [3, 1, 2] {
        let part = ferry
            .upload_part(
                "a/b.bin",
                &id,
                number,
                &ObjectOptions::default(),
                payload(&parts[number as usize - 1]),
            )
            .await
            .expect("stores");
        assert_eq!(part.etag_meaning, EtagMeaning::Md5);
        etags.push((number, part.etag));
    }
    etags.sort();
    let listed = all_parts(&ferry, "a/b.bin", &id).await.expect("lists");
    let mut listed: Vec<_> =
        listed.into_iter().map(|part| (part.number, part.etag, part.size)).collect();
    let sent: Vec<_> = etags
        .iter()
        .zip(&parts)
        .map(|((number, etag), part)| (*number, etag.clone(), part.len() as u64))
        .collect();
    if ground.habits.lists_replaced_parts && listed[1].1 == replaced.etag {
        listed[1] = sent[1].clone();
    }
    assert_eq!(listed, sent);
    let uploads = all_uploads(&ferry, "a/b").await.expect("lists");
    assert_eq!(
        uploads.iter().map(|upload| (&*upload.key, &upload.upload_id)).collect::<Vec<_>>(),
        [("a/b.bin", &id)]
    );
    let age = SystemTime::now()
        .duration_since(uploads[0].initiated.expect("is dated"))
        .unwrap_or_default();
    assert!(age < Duration::from_secs(60), "{age:?}");

    assert_eq!(
        ferry.head("a/b.bin").await.expect("answers"),
        None,
        "nothing is there before Complete"
    );
    let stored =
        ferry.complete("a/b.bin", &id, &etags, &ObjectOptions::default()).await.expect("merges");
    let head = ferry.head("a/b.bin").await.expect("answers").expect("is there");
    let etag = head.etag.expect("has an ETag");
    assert!(etag.ends_with("-3") && head.etag_meaning == EtagMeaning::Md5, "{etag}");
    assert_eq!(head.size, parts.iter().map(Vec::len).sum::<usize>() as u64);
    assert_eq!(stored.etag, ground.habits.complete_tells_etag.then_some(etag));
    assert_eq!(read(&ferry, "a/b.bin", None).await.expect("gives"), parts.concat());
    let seam = 5 * MIB as u64;
    assert_eq!(
        read(&ferry, "a/b.bin", Some((seam - 1, seam))).await.expect("gives"),
        [parts[0][5 * MIB - 1], parts[1][0]]
    );
    assert_eq!(all_uploads(&ferry, "").await.expect("lists"), []);

    let again = ferry.complete("a/b.bin", &id, &etags, &ObjectOptions::default()).await;
    assert_eq!(Answer::of(again), ground.habits.complete_again);
    assert_eq!(
        read(&ferry, "a/b.bin", None).await.expect("gives"),
        parts.concat(),
        "after a second Complete"
    );
}

pub(crate) async fn an_upload_that_ended_is_gone(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let options = ObjectOptions::default();
    for ending in ["aborted", "completed"] {
        let id = ferry.initiate(ending, &options).await.expect("begins");
        let part = ferry
            .upload_part(ending, &id, 1, &ObjectOptions::default(), payload(b"1"))
            .await
            .expect("stores");
        match ending {
            "aborted" => ferry.abort(ending, &id).await.expect("aborts"),
            _ => drop(
                ferry
                    .complete(ending, &id, &[(1, part.etag.clone())], &options)
                    .await
                    .expect("merges"),
            ),
        }
        let part = refused(
            "a part",
            ferry.upload_part(ending, &id, 2, &ObjectOptions::default(), payload(b"2")).await,
        );
        assert_eq!(part.kind(), FaultKind::UploadGone, "a part after it was {ending}: {part:?}");
        let list = refused("a list", all_parts(&ferry, ending, &id).await);
        assert_eq!(list.kind(), FaultKind::UploadGone, "a list after it was {ending}: {list:?}");
        assert_eq!(
            Answer::of(ferry.abort(ending, &id).await),
            ground.habits.abort_again,
            "abort after it was {ending}"
        );
        assert_eq!(ferry.head(ending).await.expect("answers").is_some(), ending == "completed");
    }
    let id = ferry.initiate("aborted", &options).await.expect("begins");
    ferry.abort("aborted", &id).await.expect("aborts");
    let complete = ferry
        .complete("aborted", &id, &[(1, "c4ca4238a0b923820dcc509a6f75849b".into())], &options)
        .await;
    assert_eq!(
        refused("complete after abort", complete).kind(),
        ground.habits.complete_after_abort
    );
    assert_eq!(all_uploads(&ferry, "").await.expect("lists"), []);
}

pub(crate) async fn lists_go_on_past_their_first_page(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let options = ObjectOptions::default();
    // Most of them of one key, so that a page ends in the midst of it.
    let keys: Vec<String> = (0..MANY)
        .map(|n| if n < 20 { format!("many/{n:02} ü") } else { "many/one & the same".to_owned() })
        .collect();
    let begin = |key: &String| {
        let (ferry, options, key) = (&ferry, &options, key.clone());
        async move { ferry.initiate(&key, options).await.map(|id| (key, id)) }
    };
    let mut begun: Vec<(String, String)> = stream::iter(&keys)
        .map(begin)
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await
        .expect("all begin");
    let (other, last) =
        (ferry.initiate("other", &options).await.expect("begins"), begun[7].clone());
    let listed = async |prefix| {
        let listed = all_uploads(&ferry, prefix).await.expect("lists");
        let mut listed: Vec<_> =
            listed.into_iter().map(|upload| (upload.key, upload.upload_id)).collect();
        listed.sort();
        listed
    };
    begun.sort();
    assert_eq!(listed("many/").await, begun);
    assert_eq!(listed("other").await, [("other".to_owned(), other)]);

    let (key, id) = &last;
    let send = |number: u32| {
        let ferry = &ferry;
        async move {
            ferry
                .upload_part(
                    key,
                    id,
                    number,
                    &ObjectOptions::default(),
                    payload(&number.to_le_bytes()),
                )
                .await
                .map(|part| (number, part.etag))
        }
    };
    let mut sent: Vec<(u32, String)> = stream::iter(1..=MANY)
        .map(send)
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await
        .expect("all are stored");
    sent.sort();
    let listed = all_parts(&ferry, key, id).await.expect("lists");
    assert_eq!(listed.into_iter().map(|part| (part.number, part.etag)).collect::<Vec<_>>(), sent);
    assert_eq!(
        refused("small parts", ferry.complete(key, id, &sent, &options).await).kind(),
        FaultKind::PartTooSmall
    );
    abort_all(&ferry).await;
    assert_eq!(all_uploads(&ferry, "").await.expect("lists"), []);
}

async fn abort_all(ferry: &Store) {
    let open = all_uploads(ferry, "").await.expect("lists");
    let abort = |upload: ferry_storage::ListedUpload| async move {
        ferry.abort(&upload.key, &upload.upload_id).await
    };
    let aborted: Result<Vec<()>, _> =
        stream::iter(open).map(abort).buffer_unordered(SIDE_BY_SIDE).try_collect().await;
    aborted.expect("all are aborted");
}

pub(crate) async fn only_if_absent_replaces_nothing(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let replace = ObjectOptions::default();
    let careful = ObjectOptions { if_absent: IfAbsent::OnlyIfAbsent, ..ObjectOptions::default() };
    ferry.put_object("put", &careful, payload(b"first")).await.expect("the name is free");
    assert_eq!(
        refused("put", ferry.put_object("put", &careful, payload(b"second")).await).kind(),
        FaultKind::AlreadyExists
    );
    assert_eq!(read(&ferry, "put", None).await.expect("gives"), b"first");
    ferry.put_object("put", &replace, payload(b"third")).await.expect("replaces");
    assert_eq!(read(&ferry, "put", None).await.expect("gives"), b"third");

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
    let (id, parts) = begin("parts", &careful, b"second").await;
    let answer = Answer::of(ferry.complete("parts", &id, &parts, &careful).await);
    assert_eq!(answer, ground.habits.complete_if_absent);
    if answer != Answer::Taken {
        assert_eq!(read(&ferry, "parts", None).await.expect("gives"), b"first");
        // The refused upload is still open: the user's "overwrite" sends nothing again.
        ferry.complete("parts", &id, &parts, &replace).await.expect("replaces");
    }
    assert_eq!(read(&ferry, "parts", None).await.expect("gives"), b"second");
    assert_eq!(all_uploads(&ferry, "").await.expect("lists"), []);
}
