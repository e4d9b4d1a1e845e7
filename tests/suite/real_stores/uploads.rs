//! The `ferry` command: edge sizes, existing objects, kills.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use ferry_storage::ObjectStore as _;
use support::ferry::{Place, Ran};
use tokio::io::AsyncWriteExt as _;

use crate::{Ground, MIB, all_parts, all_uploads, random};

const PART: usize = 5 * MIB;

pub(crate) async fn edge_sizes_arrive(ground: &Ground<'_>) {
    let sizes = [
        0,
        1,
        PART - 1,
        PART,
        PART + 1,
        2 * PART - 1,
        2 * PART,
        2 * PART + 1,
        3 * PART - 1,
        3 * PART + 12_345,
        12 * PART,
    ];
    let place = Place::new().await;
    let files: Vec<(usize, PathBuf)> = sizes
        .into_iter()
        .map(|size| (size, place.write(format!("{size}.bin"), &random(size, size as u64))))
        .collect();
    let paths: Vec<&Path> = files.iter().map(|(_, path)| path.as_path()).collect();
    let mut expected = Vec::new();
    for integrity in ["standard", "strict"] {
        let options = ["--part-size", "5MiB", "--integrity", integrity];
        let ran =
            ground.store.put_all(&place, &paths, &ground.destination(integrity), &options).await;
        ran.assert_verified(sizes.len() as u64);
        assert_eq!(ran.number("sent_bytes"), sizes.iter().sum::<usize>() as u64, "{ran:?}");
        for (size, path) in &files {
            let key = format!("{integrity}/{size}.bin");
            let etag = ground
                .ferry()
                .head(&key)
                .await
                .expect("answers")
                .expect("is there")
                .etag
                .expect("has an ETag");
            let parts = etag.split_once('-').map(|(_, parts)| parts.to_owned());
            assert_eq!(
                parts,
                (*size > PART).then(|| size.div_ceil(PART).to_string()),
                "{key}: {etag}"
            );
            expected.push((key, path.clone()));
        }
    }
    // Another size of part, and a folder with everything in it.
    let file = place.write("seven.bin", &random(3 * 7 * MIB + 1, 7));
    ground
        .store
        .put_all(&place, &[&file], &ground.destination("seven/"), &["--part-size", "7MiB"])
        .await
        .assert_verified(1);
    expected.push(("seven/seven.bin".into(), file));
    ground.store.assert_holds(ground.bucket, &expected).await;
}

pub(crate) async fn a_piped_input_arrives_or_leaves_nothing(ground: &Ground<'_>) {
    let place = Place::new().await;
    let begin = |key: &str, integrity: &str| {
        let options = ["--part-size", "5MiB", "--integrity", integrity];
        ground.store.put(&place, &[Path::new("-")], &ground.destination(key), &options)
    };
    let mut expected = Vec::new();
    for integrity in ["standard", "strict"] {
        for size in [0, 9, PART + 1, 5 * PART + 12_345] {
            let (key, path) = (
                format!("{integrity}/{size}"),
                place.write(format!("{size}"), &random(size, size as u64)),
            );
            let mut put = begin(&key, integrity);
            put.stdin(std::fs::File::open(&path).expect("opens"));
            let ran = Ran::of(put).await;
            ran.assert_verified(1);
            assert_eq!(ran.number("bytes"), size as u64, "{ran:?}");
            expected.push((key, path));
        }
    }
    ground.store.assert_holds(ground.bucket, &expected).await;

    let mut put = begin("broken", "standard");
    put.stdin(Stdio::piped());
    let mut child = place.start(put);
    let mut input = child.stdin.take().expect("piped");
    input.write_all(&random(4 * PART, 4)).await.expect("it is read");
    let is_begun = async || {
        let uploads = all_uploads(&ground.ferry(), "broken").await.expect("answers");
        !uploads.is_empty()
    };
    while !is_begun().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pid = child.id().expect("runs").to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("kill runs").success());
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    assert_eq!((ran.code, &ran.lines("taken_back")[0]["open"]), (130, &false.into()), "{ran:?}");
    let left = all_uploads(&ground.ferry(), "broken").await.expect("answers");
    assert!(left.is_empty(), "{left:?}");
}

pub(crate) async fn existing_objects_are_treated_as_told(ground: &Ground<'_>) {
    let mut expected = Vec::new();
    let place = Place::new().await;
    for (kind, size) in [("small", 9), ("large", 6 * MIB)] {
        let first = place.write(format!("one/{kind}.tar"), &random(size, 1));
        let second = place.write(format!("two/{kind}.tar"), &random(size, 2));
        let options = ["--part-size", "5MiB", "--existing"];
        let destination = ground.destination("p/");
        let put = async |path: &Path, policy| {
            ground
                .store
                .put_all(&place, &[path], &destination, &[&options[..], &[policy]].concat())
                .await
        };
        let written = async |key: &str| {
            let head = ground.ferry().head(key).await.expect("answers").expect("is there");
            head.metadata.get("ferry-id").cloned().expect("is marked as Ferry's")
        };
        let (key, beside) = (format!("p/{kind}.tar"), format!("p/{kind} (2).tar"));

        put(&first, "ask").await.assert_verified(1);
        let mark = written(&key).await;
        let asked = put(&second, "ask").await;
        assert_eq!(
            (asked.code, &asked.unfinished()[0]["state"]),
            (1, &"conflict".into()),
            "{asked:?}"
        );
        let skipped = put(&second, "skip").await;
        assert_eq!(
            (skipped.code, skipped.number("skipped"), skipped.number("verified")),
            (0, 1, 0),
            "{skipped:?}"
        );
        for ran in [&asked, &skipped] {
            assert_eq!(ran.number("sent_bytes"), 0, "{ran:?}");
        }
        // The same content is verified where it is.
        let again = put(&first, "ask").await;
        again.assert_verified(1);
        assert_eq!(
            (again.number("sent_bytes"), written(&key).await),
            (0, mark.clone()),
            "{again:?}"
        );

        put(&second, "rename").await.assert_verified(1);
        assert_eq!(written(&key).await, mark);
        let beside_mark = written(&beside).await;
        put(&second, "overwrite").await.assert_verified(1);
        assert_ne!(written(&key).await, mark);
        assert_eq!(written(&beside).await, beside_mark);
        expected.extend([(key, second.clone()), (beside, second)]);
    }
    ground.store.assert_holds(ground.bucket, &expected).await;
}

pub(crate) async fn a_killed_upload_goes_on(ground: &Ground<'_>) {
    let place = Place::new().await;
    let file = place.write("large.bin", &random(6 * PART + 1, 8));
    let destination = ground.destination("照片/");
    let ferry = ground.ferry();
    let mut ids = Vec::new();
    for kill in 1..=3 {
        let options = ["--part-size", "5MiB", "--parallel", "2", "--limit", "6MiB/s"];
        let mut child = place.start(ground.store.put(&place, &[&file], &destination, &options));
        let parts = async || match all_uploads(&ferry, "").await.expect("lists").as_slice() {
            [upload] => (
                upload.upload_id.clone(),
                all_parts(&ferry, &upload.key, &upload.upload_id).await.expect("lists").len(),
            ),
            [] => (String::new(), 0),
            more => panic!("{more:?}"),
        };
        let id = loop {
            match parts().await {
                (id, there) if there >= kill => break id,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        child.start_kill().expect("kills");
        assert_eq!(
            child.wait().await.expect("ends").code(),
            None,
            "it ended before it could be killed"
        );
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let ran = ground.store.put_all(&place, &[&file], &destination, &["--part-size", "5MiB"]).await;
    ran.assert_verified(1);
    assert!(ran.number("resumed_bytes") >= 3 * PART as u64, "{ran:?}");
    assert_eq!(
        ran.number("resumed_bytes") + ran.number("sent_bytes"),
        6 * PART as u64 + 1,
        "{ran:?}"
    );
    ground.store.assert_holds(ground.bucket, &[("照片/large.bin".into(), file)]).await;
}

pub(crate) async fn a_cancelled_upload_leaves_nothing(ground: &Ground<'_>) {
    let place = Place::new().await;
    let file = place.write("large.bin", &random(4 * PART, 9));
    let destination = ground.destination("");
    let options = ["--part-size", "5MiB", "--parallel", "1", "--limit", "5MiB/s"];
    let mut child = place.start(ground.store.put(&place, &[&file], &destination, &options));
    let ferry = ground.ferry();
    let upload = async {
        while all_uploads(&ferry, "").await.expect("lists").is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), upload).await.expect("an upload begins");
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    let mut cancel = ground.store.ferry(&place);
    cancel.args(["cancel", "--all"]);
    let cancelled = Ran::of(cancel).await;
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    ground.store.assert_holds(ground.bucket, &[]).await;
}

pub(crate) async fn wrong_keys_stop_the_upload(ground: &Ground<'_>) {
    let place = Place::new().await;
    let (small, large) =
        (place.write("small.bin", b"small"), place.write("large.bin", &random(PART + 1, 1)));
    for (variable, kind) in
        [("AWS_SECRET_ACCESS_KEY", "badSignature"), ("AWS_ACCESS_KEY_ID", "badAccessKey")]
    {
        // What is looked at first is seen by a HEAD, what is not by the PUT or POST itself.
        for (path, existing) in
            [(&small, "ask"), (&small, "overwrite"), (&large, "ask"), (&large, "overwrite")]
        {
            let mut wrong = ground.store.put(
                &place,
                &[path],
                &ground.destination(kind),
                &["--existing", existing],
            );
            wrong.env(variable, "notthisone");
            let ran = Ran::of(wrong).await;
            assert_eq!(
                (ran.code, &ran.unfinished()[0]["fault"]["kind"]),
                (1, &kind.into()),
                "{existing} {path:?}: {ran:?}"
            );
        }
    }
    ground.store.assert_holds(ground.bucket, &[]).await;
}
