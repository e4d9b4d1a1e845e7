//! Bad input gets a clear answer, on that file or profile only; the rest goes on.
//!
//! Most of it is made by rights, pipes and links of Unix; `on_windows` has what Windows knows.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::small_disk::SmallDisk;

fn kinds(ran: &Ran) -> Vec<String> {
    let mut kinds: Vec<String> = ran
        .unfinished()
        .iter()
        .map(|item: &Value| item["fault"]["kind"].as_str().unwrap_or("none").to_owned())
        .collect();
    kinds.sort();
    kinds
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_file_says_why_and_the_good_ones_go() {
    let place = Place::new().await;
    let good = place.write("drop/good.txt", b"good");
    let pipe = place.path("drop/pipe");
    assert!(
        std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success()
    );
    let empty = place.path("empty folder");
    std::fs::create_dir(&empty).expect("makes");
    let missing = place.path("missing.txt");
    let huge = place.path("huge.bin");
    let file = std::fs::File::create(&huge).expect("makes");
    // Some file systems end at 16 TiB; where the file can be made, it is over the service's limit.
    let too_large = file.set_len(49 << 40).is_ok();
    let mut paths = vec![
        good.as_path(),
        pipe.as_path(),
        empty.as_path(),
        missing.as_path(),
        std::path::Path::new("/dev/zero"),
    ];
    let mut expected = vec!["emptyFolder", "sourceMissing", "sourceNotRegular", "sourceNotRegular"];
    if too_large {
        paths.push(&huge);
        expected.push("tooLarge");
    }
    let ran = place.put_all(&paths, &format!("oss://{BUCKET}/"), &[]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.number("verified"), 1, "{ran:?}");
    assert_eq!(kinds(&ran), expected, "{ran:?}");
    assert_eq!(place.sandbox.read_object(BUCKET, "good.txt").expect("is there"), b"good");
}

#[tokio::test(flavor = "multi_thread")]
async fn l9_keys_that_cannot_be_are_refused_before_any_request() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    for prefix in ["/lead/", "\\lead\\", &"x".repeat(1024)] {
        let ran = place.put_all(&[&file], &format!("oss://{BUCKET}/{prefix}"), &[]).await;
        assert_eq!((ran.code, kinds(&ran)), (1, vec!["keyInvalid".to_owned()]), "{ran:?}");
    }
    assert_eq!(place.sandbox.ledger().total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_key_bucket_and_address_are_told_apart() {
    let place = Place::new().await;
    let files: Vec<_> = (0..40).map(|n| place.write(format!("many/{n}.txt"), b"x")).collect();
    let many = place.path("many");
    let destination = format!("oss://{BUCKET}/");

    let mut wrong_secret = place.put(&[&many], &destination, &[]);
    wrong_secret.env("OSS_ACCESS_KEY_SECRET", "wrong");
    let ran = Ran::of(wrong_secret).await;
    assert_eq!(ran.code, 1);
    assert!(kinds(&ran).contains(&"badSignature".to_owned()), "{ran:?}");
    // The profile is held: forty files do not fail one by one.
    let asked = place.sandbox.ledger().total();
    assert!(asked <= 16, "{asked} requests with a wrong key for {} files", files.len());

    // S3's HEAD answers without a code; the reason is found all the same.
    let mut on_s3 = place.put(&[&files[0]], &format!("s3://{BUCKET}/"), &[]);
    on_s3.env("AWS_SECRET_ACCESS_KEY", "wrong");
    assert_eq!(kinds(&Ran::of(on_s3).await), ["badSignature"]);

    let mut wrong_id = place.put(&[&many], &destination, &[]);
    wrong_id.env("OSS_ACCESS_KEY_ID", "nobody");
    assert!(kinds(&Ran::of(wrong_id).await).contains(&"badAccessKey".to_owned()));

    let ran = place.put_all(&[&many], "oss://no-such-bucket/", &[]).await;
    assert!(kinds(&ran).contains(&"noSuchBucket".to_owned()), "{ran:?}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port");
    let mut nobody = place.ferry();
    nobody.arg("put").arg(&many).arg(&destination).args([
        "--region",
        REGION,
        "--json",
        "--wait",
        "2s",
        "--endpoint",
        &format!("http://{closed}"),
    ]);
    let ran = Ran::of(nobody).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("cannot be reached"), "{ran:?}");
    assert_eq!(ran.number("files"), 40, "nothing queued is lost: {ran:?}");

    // With the right key all of it goes, under the same command.
    place.put_all(&[&many], &destination, &[]).await.assert_verified(40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_url_is_understood() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let mut pasted = place.ferry();
    let endpoint = format!("{}/{BUCKET}/some/folder/", place.sandbox.endpoint());
    pasted.arg("put").arg(&file).arg(format!("oss://{BUCKET}/")).args([
        "--region",
        "oss-cn-hangzhou",
        "--json",
        "--endpoint",
        &endpoint,
    ]);
    Ran::of(pasted).await.assert_verified(1);
    assert!(place.sandbox.object(BUCKET, "a.txt").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_and_missing_keys_have_their_exit_codes() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    assert_eq!(place.run(["put", "only-a-path"]).await.code, 2);
    assert_eq!(place.run(["put", "a", "http://bucket/"]).await.code, 2);
    let mut keyless = place.put(&[&file], &format!("oss://{BUCKET}/"), &[]);
    keyless.env_remove("OSS_ACCESS_KEY_SECRET");
    let ran = Ran::of(keyless).await;
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("No AccessKey"), "{ran:?}");
    let mut chinese = place.put(&[&file], "oss://no-such-bucket/", &[]);
    chinese.env("LC_ALL", "zh_CN.UTF-8").env_remove("OSS_ACCESS_KEY_SECRET");
    assert!(Ran::of(chinese).await.stderr.contains("尚未保存 AccessKey"));
}

/// L6. Root may read everything, so the command runs as another user there.
#[tokio::test(flavor = "multi_thread")]
async fn l6_an_unreadable_file_is_named() {
    const NOBODY: u32 = 65_534;
    let place = Place::new().await;
    let file = place.write("locked.txt", b"x");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).expect("sets");
    let mut put = place.put(&[&file], &format!("oss://{BUCKET}/"), &[]);
    let status = std::fs::read_to_string("/proc/self/status").expect("reads");
    if status.contains("\nUid:\t0\t") {
        // Where it can reach the program and its own data.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(place.path(""), open).expect("sets");
        let program = place.path("ferry");
        std::fs::copy(support::ferry::program("ferry"), &program).expect("copies");
        let data = place.path("nobody's data");
        std::fs::create_dir(&data).expect("makes");
        std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).expect("gives away");
        let mut as_nobody = tokio::process::Command::new(program);
        as_nobody.args(put.as_std().get_args()).uid(NOBODY).gid(NOBODY);
        as_nobody.env("FERRY_DATA_DIR", data).env("HOME", place.path(""));
        for (name, value) in put.as_std().get_envs() {
            if let Some(value) = value.filter(|_| name != "FERRY_DATA_DIR" && name != "HOME") {
                as_nobody.env(name, value);
            }
        }
        put = as_nobody;
    }
    assert_eq!(kinds(&Ran::of(put).await), ["sourceUnreadable"]);
}

/// D1.
#[tokio::test(flavor = "multi_thread")]
async fn d1_a_full_disk_is_a_sentence_and_loses_nothing() {
    let place = Place::new().await;
    let disk = SmallDisk::mount(place.path("small disk"), 1);
    for n in 0..8_000 {
        place.write(format!("many/{n}.txt"), b"x");
    }
    let mut full = place.put(&[&place.path("many")], &format!("oss://{BUCKET}/"), &[]);
    full.env("FERRY_DATA_DIR", disk.path().join("data")).args(["--wait", "1s"]);
    let ran = Ran::of(full).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("disk that holds Ferry's list of uploads is full"), "{ran:?}");
    assert_eq!(ran.summary()["fault"]["kind"], "diskFull");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_not_sent_by_asking_again() {
    let place = Place::new().await;
    let one = place.write("one/same.txt", b"one");
    let two = place.write("two/same.txt", b"two");
    let secret = place.write("secret.txt", b"not to be followed");
    place.write("tree/a.txt", b"a");
    std::os::unix::fs::symlink(&secret, place.path("tree/link.txt")).expect("links");
    let tree = place.path("tree");
    for _ in 0..2 {
        let ran = place
            .put_all(
                &[&one, &two, &tree],
                &format!("oss://{BUCKET}/"),
                &["--existing", "overwrite"],
            )
            .await;
        assert_eq!((ran.code, kinds(&ran)), (1, vec!["keyCollision".to_owned()]), "{ran:?}");
        assert_eq!((ran.number("verified"), ran.number("skipped")), (2, 1), "{ran:?}");
        assert_eq!(place.sandbox.read_object(BUCKET, "same.txt").expect("is there"), b"one");
        assert!(place.sandbox.object(BUCKET, "tree/link.txt").is_none());
    }
    let queue = place.run(["queue", "--state", "skipped"]).await;
    assert!(queue.stdout.contains("links are not followed"), "{queue:?}");
    // A link that is left out by rule is no failure.
    let alone = place.put_all(&[&tree], &format!("oss://{BUCKET}/alone/"), &[]).await;
    assert_eq!(
        (alone.code, alone.number("verified"), alone.number("skipped")),
        (0, 1, 1),
        "{alone:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_that_was_filled_ends_well() {
    let place = Place::new().await;
    let folder = place.path("later");
    std::fs::create_dir(&folder).expect("makes");
    let put = async || place.put_all(&[&folder], &format!("oss://{BUCKET}/"), &[]).await;
    assert_eq!(kinds(&put().await), ["emptyFolder"]);
    place.write("later/now.txt", b"now");
    put().await.assert_verified(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_its_contents_are_two_things() {
    let place = Place::new().await;
    place.write("d/a.txt", b"a");
    let destination = format!("oss://{BUCKET}/");
    let mut inside = place.put(&[std::path::Path::new(".")], &destination, &[]);
    inside.current_dir(place.path("d"));
    Ran::of(inside).await.assert_verified(1);
    place.put_all(&[&place.path("d")], &destination, &[]).await.assert_verified(1);
    // The same file twice is one file.
    place
        .put_all(&[&place.path("d"), &place.path("d")], &format!("oss://{BUCKET}/twice/"), &[])
        .await
        .assert_verified(1);
    let keys: Vec<String> =
        place.sandbox.objects(BUCKET).into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["a.txt", "d/a.txt", "twice/d/a.txt"]);
}
