//! CRC-64/NVME: told by the servers that know it, read over by the others, and learnt by Ferry.

use std::path::Path;

use ferry_journal::Journal;
use ferry_model::{ChecksumSupport, checksum};
use ferry_storage::{Announce, ObjectOptions, ObjectStore as _, Payload};
use support::ferry::Place;

use crate::habits::Nvme;
use crate::{Ground, MIB, all_parts, payload, random, refused};

fn crc(bytes: &[u8]) -> Option<u64> {
    checksum::of(bytes).crc64_nvme
}

fn with_value(bytes: &[u8], crc64_nvme: Option<u64>) -> Payload {
    Payload { crc64_nvme, ..payload(bytes) }
}

pub(crate) async fn crc64_nvme_is_told_or_read_over(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    ferry.ask_for_checksums(Announce::Crc64Nvme);
    let told = |bytes: &[u8]| crc(bytes).filter(|_| ground.habits.nvme == Nvme::Told);
    let options = ObjectOptions::default();

    let small = random(77, 1);
    let put = ferry.put_object("small", &options, with_value(&small, crc(&small))).await;
    assert_eq!(put.expect("stored").crc64_nvme, told(&small));
    let head = ferry.head("small").await.expect("answers").expect("is there");
    assert_eq!(head.crc64_nvme, told(&small));
    let wrong = ferry.put_object("wrong", &options, with_value(&small, Some(1))).await;
    match ground.habits.nvme {
        Nvme::Told => {
            refused("another value", wrong);
            assert_eq!(ferry.head("wrong").await.expect("answers"), None);
        }
        Nvme::ReadOver => assert_eq!(wrong.expect("stored").crc64_nvme, None),
    }

    // Announced: with the value or without, each part is told, and so is the whole.
    let parts = [random(5 * MIB, 2), random(5 * MIB + 1, 3), random(9, 4)];
    let announced = ObjectOptions { announce: Announce::Crc64Nvme, ..ObjectOptions::default() };
    let upload = ferry.initiate("large", &announced).await.expect("begins");
    let mut etags = Vec::new();
    for (number, bytes) in (1..).zip(&parts) {
        let value = crc(bytes).filter(|_| number == 2);
        let body = with_value(bytes, value);
        let part = ferry.upload_part("large", &upload, number, &options, body).await;
        let part = part.expect("is taken");
        assert_eq!(part.crc64_nvme, told(bytes), "part {number}");
        etags.push((number, part.etag));
    }
    for (part, bytes) in
        all_parts(&ferry, "large", &upload).await.expect("lists").iter().zip(&parts)
    {
        // Not every store that tells it lists it. None lists another.
        assert!([None, told(bytes)].contains(&part.crc64_nvme), "part {}", part.number);
    }
    let merged = ferry.complete("large", &upload, &etags, &options).await.expect("merges");
    assert_eq!(merged.crc64_nvme, told(&parts.concat()));
    let head = ferry.head("large").await.expect("answers").expect("is there");
    assert_eq!(head.crc64_nvme, told(&parts.concat()));
}

/// What is known after `ferry put`.
async fn support(place: &Place) -> ChecksumSupport {
    let journal = Journal::open_reading(&place.path("data")).await.expect("opens");
    let profiles = journal.profiles().await.expect("reads");
    let [profile] = profiles.as_slice() else { panic!("{profiles:?}") };
    let support = journal.checksum_support(profile.id).await.expect("reads");
    journal.close().await;
    support
}

pub(crate) async fn what_the_server_answers_is_learnt(ground: &Ground<'_>) {
    let place = Place::new().await;
    let mut expected = Vec::new();
    for (turn, learnt) in [
        ("first", ground.habits.learnt_of_a_put),
        ("second", ground.habits.learnt_of_parts),
        ("third", ground.habits.learnt_of_parts),
    ] {
        let size = if turn == "first" { 77 } else { 12 * MIB };
        let file = place.write(format!("{turn}.bin"), &random(size, size as u64));
        let paths: [&Path; 1] = [&file];
        let options = ["--part-size", "5MiB"];
        let destination = ground.destination("learnt/");
        ground.store.put_all(&place, &paths, &destination, &options).await.assert_verified(1);
        assert_eq!(support(&place).await, learnt, "{turn}");
        expected.push((format!("learnt/{turn}.bin"), file));
    }
    ground.store.assert_holds(ground.bucket, &expected).await;
}
