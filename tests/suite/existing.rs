//! Existing objects: asked about, skipped, replaced, or kept beside; and never replaced unasked.

use support::ferry::{BUCKET, Place};

#[tokio::test(flavor = "multi_thread")]
async fn policies_do_what_they_say() {
    for scheme in ["oss", "s3"] {
        for large in [false, true] {
            let place = Place::new().await;
            let bytes = |letter: u8| vec![letter; if large { 6 << 20 } else { 9 }];
            let first = place.write("one/name.tar", &bytes(b'a'));
            let second = place.write("two/name.tar", &bytes(b'b'));
            let destination = format!("{scheme}://{BUCKET}/p/");
            let options = ["--part-size", "5MiB", "--existing"];
            let put = async |path, policy| {
                place.put_all(&[path], &destination, &[&options[..], &[policy]].concat()).await
            };
            put(first.as_path(), "ask").await.assert_verified(1);

            let asked = put(second.as_path(), "ask").await;
            assert_eq!(asked.code, 1, "{asked:?}");
            assert_eq!(asked.unfinished()[0]["state"], "conflict", "{asked:?}");

            let skipped = put(second.as_path(), "skip").await;
            assert_eq!(
                (skipped.code, skipped.number("skipped"), skipped.number("verified")),
                (0, 1, 0),
                "{skipped:?}"
            );
            assert_eq!(
                place.sandbox.read_object(BUCKET, "p/name.tar").expect("is there"),
                bytes(b'a')
            );

            put(second.as_path(), "rename").await.assert_verified(1);
            assert_eq!(
                place.sandbox.read_object(BUCKET, "p/name (2).tar").expect("is there"),
                bytes(b'b')
            );
            assert_eq!(
                place.sandbox.read_object(BUCKET, "p/name.tar").expect("is there"),
                bytes(b'a')
            );

            put(second.as_path(), "overwrite").await.assert_verified(1);
            assert_eq!(
                place.sandbox.read_object(BUCKET, "p/name.tar").expect("is there"),
                bytes(b'b')
            );

            // The same content needs no question: it is verified where it is.
            let again = put(second.as_path(), "ask").await;
            again.assert_verified(1);
            assert_eq!(place.sandbox.object(BUCKET, "p/name.tar").expect("is there").versions, 2);
            assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_decided_by_asking_again() {
    let place = Place::new().await;
    let first = place.write("one/a.txt", b"first");
    let second = place.write("two/a.txt", b"second");
    let destination = format!("oss://{BUCKET}/");
    place.put_all(&[&first], &destination, &[]).await.assert_verified(1);
    assert_eq!(place.put_all(&[&second], &destination, &[]).await.code, 1);
    place.put_all(&[&second], &destination, &["--existing", "overwrite"]).await.assert_verified(1);
    assert_eq!(place.sandbox.read_object(BUCKET, "a.txt").expect("is there"), b"second");
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_files_keep_their_names_when_the_same_command_runs_again() {
    let place = Place::new().await;
    let destination = format!("oss://{BUCKET}/");
    for n in 0..3 {
        let first = place.write(format!("first/{n}.txt"), b"first");
        place.put_all(&[&first], &destination, &[]).await.assert_verified(1);
        place.write(format!("second/{n}.txt"), b"second");
    }
    // One file that cannot go keeps the batch unfinished.
    let missing = place.path("missing.txt");
    let folder = place.path("second/");
    let folder = std::path::PathBuf::from(format!("{}/", folder.display()));
    let put =
        async || place.put_all(&[&folder, &missing], &destination, &["--existing", "rename"]).await;
    assert_eq!(put().await.number("verified"), 3);
    assert_eq!(put().await.number("verified"), 3);
    std::fs::write(&missing, b"found").expect("writes");
    put().await.assert_verified(4);
    let keys: Vec<String> =
        place.sandbox.objects(BUCKET).into_iter().map(|object| object.key).collect();
    assert_eq!(
        keys,
        ["0 (2).txt", "0.txt", "1 (2).txt", "1.txt", "2 (2).txt", "2.txt", "missing.txt"]
    );
}
