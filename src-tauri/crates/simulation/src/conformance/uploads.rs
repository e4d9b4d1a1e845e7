//! Objects in parts: what is merged, what is over, what is refused.

use ferry_model::FaultKind;
use ferry_storage::{EtagMeaning, ObjectOptions};

use super::habits::Answer;
use super::{Ground, MIB, all_parts, all_uploads, payload, random, read, refused};

pub(crate) async fn parts_make_an_object(ground: &Ground) {
    let ferry = &*ground.store;
    let parts = [random(5 * MIB, 1), random(5 * MIB + 1, 2), random(1, 3)];
    let id = ferry.initiate("a/b.bin", &ObjectOptions::default()).await.expect("begins");
    assert_eq!(all_parts(ferry, "a/b.bin", &id).await.expect("lists"), []);
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
        assert_eq!(part.crc64, ground.habits.crc64.of(&parts[number as usize - 1]));
        etags.push((number, part.etag));
    }
    etags.sort();
    let listed = all_parts(ferry, "a/b.bin", &id).await.expect("lists");
    for part in &listed {
        let bytes = &parts[part.number as usize - 1];
        assert_eq!(part.crc64, ground.habits.crc64.of(bytes), "part {}", part.number);
    }
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
    let uploads = all_uploads(ferry, "a/b").await.expect("lists");
    assert_eq!(
        uploads.iter().map(|upload| (&*upload.key, &upload.upload_id)).collect::<Vec<_>>(),
        [("a/b.bin", &id)]
    );
    ground.assert_recent(uploads[0].initiated.expect("is dated"));

    assert_eq!(
        ferry.head("a/b.bin").await.expect("answers"),
        None,
        "nothing is there before Complete"
    );
    let stored =
        ferry.complete("a/b.bin", &id, &etags, &ObjectOptions::default()).await.expect("merges");
    let head = ferry.head("a/b.bin").await.expect("answers").expect("is there");
    let etag = head.etag.expect("has an ETag");
    assert!(etag.ends_with("-3") && head.etag_meaning == ground.habits.merged_etag, "{etag}");
    assert_eq!(head.size, parts.iter().map(Vec::len).sum::<usize>() as u64);
    assert_eq!(head.crc64, ground.habits.crc64.of(&parts.concat()));
    assert_eq!(stored.crc64, head.crc64);
    assert_eq!(stored.etag, ground.habits.complete_tells_etag.then_some(etag));
    assert_eq!(read(ferry, "a/b.bin", None).await.expect("gives"), parts.concat());
    let seam = 5 * MIB as u64;
    assert_eq!(
        read(ferry, "a/b.bin", Some((seam - 1, seam))).await.expect("gives"),
        [parts[0][5 * MIB - 1], parts[1][0]]
    );
    assert_eq!(all_uploads(ferry, "").await.expect("lists"), []);

    let again = ferry.complete("a/b.bin", &id, &etags, &ObjectOptions::default()).await;
    assert_eq!(Answer::of(again), ground.habits.complete_again);
    assert_eq!(
        read(ferry, "a/b.bin", None).await.expect("gives"),
        parts.concat(),
        "after a second Complete"
    );
}

pub(crate) async fn an_upload_that_ended_is_gone(ground: &Ground) {
    let ferry = &*ground.store;
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
        let list = refused("a list", all_parts(ferry, ending, &id).await);
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
    assert_eq!(all_uploads(ferry, "").await.expect("lists"), []);
}

pub(crate) async fn parts_that_do_not_fit_are_refused(ground: &Ground) {
    let ferry = &*ground.store;
    let options = ObjectOptions::default();
    let least = ground.habits.smallest_part;
    let (large, small) = (random(least, 1), random(least - 1, 2));
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
    assert_eq!(read(ferry, "x", None).await.expect("gives"), whole);
}
