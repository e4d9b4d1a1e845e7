//! What `ferry put` uploads is what another client reads back: edge sizes, odd names, both
//! dialects, both signatures.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use support::ferry::{BUCKET, Place, Ran};
use support::read_back::{Reader, assert_same};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// A file with bytes that differ from place to place, quickly made.
fn made(path: PathBuf, size: u64) -> PathBuf {
    let mut block = vec![0u8; usize::try_from(size.min(MIB)).expect("fits")];
    fastrand::Rng::with_seed(size).fill(&mut block);
    let mut file = std::fs::File::create(&path).expect("makes");
    let mut left = size;
    let mut number = 0u64;
    while left > 0 {
        let len = usize::try_from(left.min(block.len() as u64)).expect("fits");
        // No two blocks alike: a part in the wrong place must show.
        let stamp = number.to_le_bytes();
        let stamped = len.min(8);
        block[..stamped].copy_from_slice(&stamp[..stamped]);
        file.write_all(&block[..len]).expect("writes");
        left -= len as u64;
        number += 1;
    }
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn l10_edge_sizes_arrive_byte_for_byte() {
    for (scheme, reader, part) in [("oss", Reader::Oss2, 256 * KIB), ("s3", Reader::Boto3, 5 * MIB)]
    {
        let place = Place::new().await;
        let sizes = [0, 1, part - 1, part, part + 1, 2 * part - 1, 2 * part, 3 * part + 1];
        let files: Vec<(String, PathBuf)> = sizes
            .iter()
            .map(|size| {
                (format!("sizes/{size}.bin"), made(place.path(format!("{size}.bin")), *size))
            })
            .collect();
        let paths: Vec<&std::path::Path> = files.iter().map(|(_, path)| path.as_path()).collect();
        let part_size = format!("{part}");
        let ran = place
            .put_all(&paths, &format!("{scheme}://{BUCKET}/sizes/"), &["--part-size", &part_size])
            .await;
        ran.assert_verified(sizes.len() as u64);
        assert_eq!(ran.number("sent_bytes"), sizes.iter().sum::<u64>());
        assert_same(&place, reader, &files).await;
        assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l11_ten_thousand_parts_and_one_byte_more() {
    let place = Place::new().await;
    let part = 100 * KIB;
    let files: Vec<(String, PathBuf)> = [part * 10_000, part * 10_000 + 1]
        .into_iter()
        .map(|size| {
            let path = place.path(format!("{size}.bin"));
            let mut file = std::fs::File::create(&path).expect("makes");
            file.set_len(size).expect("sparse");
            for at in [0, part * 4_999 + 7, size - 3] {
                file.seek(SeekFrom::Start(at)).expect("seeks");
                file.write_all(b"mark"[..3].as_ref()).expect("writes");
            }
            (format!("{size}.bin"), path)
        })
        .collect();
    for (key, path) in &files {
        let ran =
            place.put_all(&[path], &format!("oss://{BUCKET}/"), &["--part-size", "100KiB"]).await;
        ran.assert_verified(1);
        let object = place.sandbox.object(BUCKET, key).expect("is there");
        assert_eq!(object.size, std::fs::metadata(path).expect("is there").len());
    }
    assert_same(&place, Reader::Boto3, &files).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_gibibyte_arrives_byte_for_byte() {
    let place = Place::new().await;
    let path = made(place.path("video.mov"), 1024 * MIB);
    let ran = place.put_all(&[&path], &format!("oss://{BUCKET}/"), &[]).await;
    ran.assert_verified(1);
    assert_eq!(ran.number("sent_bytes"), 1024 * MIB);
    assert_same(&place, Reader::Oss2, &[("video.mov".into(), path)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn l8_two_thousand_small_files_with_odd_names_arrive() {
    for (scheme, reader) in [("oss", Reader::Boto3), ("s3", Reader::Oss2)] {
        let place = Place::new().await;
        let names = [
            "照片", "a b", "c+d", "100%25", "e&f=g;h", "😀🚢", "quo'te\"", "#hash?", "~tilde",
            "ünï",
        ];
        let mut files = Vec::new();
        for number in 0..2_000u32 {
            let name =
                format!("树/{}/{} {number}.txt", number % 37, names[number as usize % names.len()]);
            let bytes = format!("{number}:{name}").repeat(number as usize % 50);
            files.push((format!("in//x/{name}"), place.write(&name, bytes.as_bytes())));
        }
        let ran =
            place.put_all(&[&place.path("树")], &format!("{scheme}://{BUCKET}/in//x/"), &[]).await;
        ran.assert_verified(2_000);
        assert_same(&place, reader, &files).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_prefixes_go_on_the_wire_as_given_or_are_refused() {
    for scheme in ["oss", "s3"] {
        let place = Place::new().await;
        let file = place.write("x.txt", b"dots");
        for prefix in ["d//e/", "%2e%2e/", ".../", "f+g/?h#/"] {
            let ran = place.put_all(&[&file], &format!("{scheme}://{BUCKET}/{prefix}"), &[]).await;
            ran.assert_verified(1);
            assert_eq!(ran.stderr.contains("without a name"), prefix.contains("//"), "{ran:?}");
            let key = format!("{prefix}x.txt");
            assert!(place.sandbox.object(BUCKET, &key).is_some(), "{scheme}: {key}");
        }
        let requests = place.sandbox.ledger().total();
        for prefix in ["a/../b/", "./c/", "d/."] {
            let ran = place.put_all(&[&file], &format!("{scheme}://{BUCKET}/{prefix}"), &[]).await;
            let fault = &ran.unfinished()[0]["fault"];
            assert_eq!((ran.code, &fault["kind"]), (1, &"keyInvalid".into()), "{prefix}: {ran:?}");
        }
        assert_eq!(place.sandbox.ledger().total(), requests, "{scheme}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signature_v1_and_strict_integrity_work_alike() {
    let place = Place::new().await;
    let large = made(place.path("large.bin"), 3 * MIB + 5);
    let small = place.write("small.txt", "小".as_bytes());
    for (at, options) in
        [&["--sign", "v1"][..], &["--integrity", "strict"], &["--addressing", "path"]]
            .into_iter()
            .enumerate()
    {
        let options: Vec<&str> = options.iter().copied().chain(["--part-size", "1MiB"]).collect();
        place
            .put_all(&[&large, &small], &format!("oss://{BUCKET}/{at}/"), &options)
            .await
            .assert_verified(2);
    }
    let strict = place
        .put_all(
            &[&large, &small],
            &format!("s3://{BUCKET}/s3/"),
            &["--integrity", "strict", "--part-size", "5MiB"],
        )
        .await;
    strict.assert_verified(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_holds() {
    let place = Place::new().await;
    let file = made(place.path("limited.bin"), 4 * MIB);
    let ran = place
        .put_all(
            &[&file],
            &format!("oss://{BUCKET}/"),
            &["--limit", "2MiB/s", "--part-size", "1MiB"],
        )
        .await;
    ran.assert_verified(1);
    // A bound from below only: a slow machine may take longer, no machine may be faster.
    let seconds = ran.summary()["seconds"].as_f64().expect("a number");
    assert!(seconds > 1.5, "4 MiB at 2 MiB/s took {seconds} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_a_profile_holds_for_its_files_and_no_others() {
    let place = Place::new().await;
    let file = made(place.path("limited.bin"), 4 * MIB);
    // By two halves of the day: it holds whatever the clock shows.
    let hours = "00:00-12:00=2MiB/s,2MiB/s";
    for (name, limit) in [("slow", hours), ("fast", "off")] {
        let options = ["--limit", limit, "--keys", "environment"];
        let added = place.add_profile(name, "oss", &options).await;
        assert_eq!((added.code, added.stderr.as_str()), (0, ""), "{added:#?}");
    }
    let seconds = async |profile: &str| {
        let mut put = place.ferry();
        put.arg("put").arg(&file).arg(format!("oss://{BUCKET}/{profile}/"));
        put.args(["--profile", profile, "--json", "--part-size", "1MiB"]);
        let ran = Ran::of(put).await;
        ran.assert_verified(1);
        ran.summary()["seconds"].as_f64().expect("a number")
    };
    // Bounds from below only where time is measured: a slow machine may take longer.
    let (slow, fast) = (seconds("slow").await, seconds("fast").await);
    assert!(slow > 1.5, "4 MiB at 2 MiB/s took {slow} s");
    assert!(fast < slow, "without a limit it took {fast} s, with one {slow} s");
    let refused = place.add_profile("never", "oss", &["--limit", "08:00-19:00=2MiB/s"]).await;
    assert_eq!(refused.code, 2, "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn h4_s2_a_wrong_clock_stops_nothing_and_is_told() {
    for (scheme, reader) in [("oss", Reader::Oss2), ("s3", Reader::Boto3)] {
        let place = Place::new().await;
        place.sandbox.set_clock_offset(3 * 3600);
        let (small, large) =
            (made(place.path("small.bin"), 10), made(place.path("large.bin"), 11 * MIB));
        let options = ["--part-size", "5MiB"];
        let ran =
            place.put_all(&[&small, &large], &format!("{scheme}://{BUCKET}/"), &options).await;
        ran.assert_verified(2);
        assert_eq!(
            ran.stderr.matches("This computer's clock is 3 hours slow.").count(),
            1,
            "{scheme}: {ran:#?}"
        );

        place.sandbox.set_clock_offset(0);
        assert_same(
            &place,
            reader,
            &[("small.bin".into(), small.clone()), ("large.bin".into(), large)],
        )
        .await;
        place.sandbox.set_clock_offset(-4 * 60);
        let other = made(place.path("other.bin"), 11);
        let quiet = place.put_all(&[&other], &format!("{scheme}://{BUCKET}/"), &options).await;
        quiet.assert_verified(1);
        assert!(!quiet.stderr.contains("clock"), "four minutes are nobody's trouble: {quiet:#?}");
    }
}
