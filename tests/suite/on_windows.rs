//! What only Windows has: its long paths and reserved names, files that another program holds, the
//! file index, the Credential Manager.

#![cfg(windows)]

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ferry_sandbox::{Action, Operation, Rule};
use support::ferry::{BUCKET, Place, Ran, without_keys};
use support::poll::until;

const MIB: u64 = 1024 * 1024;

fn random(size: u64, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(size).expect("fits")];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes
}

/// A path that Windows takes as it stands: without it, a name such as `aux` is a device, and a
/// point or a space at the end is cut off.
fn verbatim(path: &Path) -> PathBuf {
    let resolved = path.parent().expect("it is below a folder").canonicalize().expect("is there");
    let path = resolved.join(path.file_name().expect("it has a name"));
    assert!(path.as_os_str().to_string_lossy().starts_with(r"\\?\"), "{}", path.display());
    path
}

fn assert_object(place: &Place, key: &str, bytes: &[u8]) {
    let read =
        place.sandbox.read_object(BUCKET, key).unwrap_or_else(|error| panic!("{key}: {error}"));
    assert!(read == bytes, "{key} differs");
}

fn destination(prefix: &str) -> String {
    format!("oss://{BUCKET}/{prefix}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_arrives_verified_with_slashes_in_its_keys() {
    for scheme in ["oss", "s3"] {
        let place = Place::new().await;
        let files = [
            ("照片/a b.txt", random(10, 1)),
            ("照片/子 文件夹/c+d%20#.bin", random(11 * MIB + 1, 2)),
            ("照片/子 文件夹/empty", Vec::new()),
        ];
        for (name, bytes) in &files {
            place.write(name, bytes);
        }
        let to = format!("{scheme}://{BUCKET}/in/");
        let ran = place.put_all(&[&place.path("照片")], &to, &["--part-size", "5MiB"]).await;
        ran.assert_verified(3);
        for (name, bytes) in &files {
            assert_object(&place, &format!("in/{name}"), bytes);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_put_goes_on_with_the_same_upload() {
    let place = Place::new().await;
    let bytes = random(4 * MIB + 7, 3);
    let file = place.write("video.bin", &bytes);
    let options = ["--part-size", "1MiB", "--parallel", "1"];
    let stalled =
        place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    let mut child = place.start(place.put(&[&file], &destination(""), &options));
    until("the third part", || place.sandbox.ledger().count(Operation::UploadPart) == 3).await;
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    place.sandbox.faults().remove(stalled);
    let ran = place.put_all(&[&file], &destination(""), &options).await;
    ran.assert_verified(1);
    assert_eq!(ran.number("resumed_bytes"), 2 * MIB, "{ran:#?}");
    assert_eq!(place.sandbox.ledger().count(Operation::Initiate), 1);
    assert_object(&place, "video.bin", &bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_waits_for_no_lock_and_harms_nothing() {
    let place = Place::new().await;
    let file = place.write("a.bin", &random(MIB, 4));
    let stalled = place.sandbox.faults().add(Rule::on(Operation::PutObject), Action::Stall);
    let child = place.start(place.put(&[&file], &destination(""), &[]));
    until("a request", || place.sandbox.ledger().in_flight() > 0).await;
    let second = place.put_all(&[&file], &destination(""), &[]).await;
    assert_ne!(second.code, 0, "{second:#?}");
    assert!(second.stderr.contains("Another Ferry"), "{second:#?}");
    place.sandbox.faults().remove(stalled);
    drop(child);
    place.put_all(&[&file], &destination(""), &[]).await.assert_verified(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_longer_than_windows_once_took_are_read() {
    let place = Place::new().await;
    // As a key, 740 bytes of the 1,023 that a store takes; as a path, more than 260 characters.
    let name = "长".repeat(40);
    let mut folder = place.path("deep");
    for _ in 0..6 {
        folder.push(&name);
    }
    let file = folder.join("end.txt");
    assert!(file.to_string_lossy().encode_utf16().count() > 260);
    std::fs::create_dir_all(&folder).expect("makes");
    std::fs::write(&file, b"at the end").expect("writes");
    // As a folder's content, and by its own path.
    place.put_all(&[&place.path("deep")], &destination("in/"), &[]).await.assert_verified(1);
    assert_object(&place, &format!("in/deep/{}/end.txt", [&*name; 6].join("/")), b"at the end");
    place.put_all(&[&file], &destination("by/"), &[]).await.assert_verified(1);
    assert_object(&place, "by/end.txt", b"at the end");
}

/// Writes files that hold their own names, puts their folder, and finds each.
async fn all_arrive(place: &Place, names: &[&str]) {
    place.write("names/plain.txt", b"plain");
    for name in names {
        let path = verbatim(&place.path("names").join(name));
        std::fs::write(&path, name).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let ran = place.put_all(&[&place.path("names")], &destination(""), &[]).await;
    ran.assert_verified(names.len() as u64 + 1);
    for name in names {
        assert_object(place, &format!("names/{name}"), name.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_the_names_of_devices_arrive_and_devices_do_not() {
    let place = Place::new().await;
    all_arrive(&place, &["aux", "con.txt", "NUL", "com1.log"]).await;
    let by_itself = verbatim(&place.path("names").join("aux"));
    place.put_all(&[&by_itself], &destination("one/"), &[]).await.assert_verified(1);
    assert_object(&place, "one/aux", b"aux");

    let requests = place.sandbox.ledger().total();
    let ran = place.put_all(&[Path::new("NUL")], &destination(""), &[]).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    // Of a device, some systems tell not even what it is.
    let kind = &ran.unfinished()[0]["fault"]["kind"];
    assert!(["sourceNotRegular", "sourceReadFailed"].iter().any(|it| kind == it), "{ran:#?}");
    assert_eq!(place.sandbox.ledger().total(), requests, "nothing of a device is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_end_with_a_dot_or_a_space_arrive() {
    all_arrive(&Place::new().await, &["dot.", "space "]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_no_text_are_left_out_and_named() {
    use std::os::windows::ffi::OsStringExt as _;

    let place = Place::new().await;
    place.write("odd/good.txt", b"good");
    let lone = OsString::from_wide(&[u16::from(b'a'), 0xd800, u16::from(b'b')]);
    std::fs::write(place.path("odd").join(lone), b"odd").expect("writes");
    let ran = place.put_all(&[&place.path("odd")], &destination(""), &[]).await;
    assert_eq!((ran.code, ran.number("verified")), (1, 1), "{ran:#?}");
    assert_eq!(ran.unfinished()[0]["fault"]["kind"], "nameNotUnicode", "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_program_holds_is_said_to_be_held_and_goes_once_it_is_free() {
    let place = Place::new().await;
    let file = place.write("held.txt", b"held");
    let holder =
        OpenOptions::new().read(true).write(true).share_mode(0).open(&file).expect("is free");
    let ran = place.put_all(&[&file], &destination(""), &[]).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert_eq!(ran.unfinished()[0]["fault"]["kind"], "sourceUnreadable", "{ran:#?}");
    drop(holder);
    place.put_all(&[&file], &destination(""), &[]).await.assert_verified(1);
    assert_object(&place, "held.txt", b"held");
}

/// Leaves a put half done, with two parts of four on the store.
async fn half_done(place: &Place, file: &Path) {
    let stalled =
        place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(3), Action::Stall);
    let options = ["--part-size", "1MiB", "--parallel", "1"];
    let mut child = place.start(place.put(&[file], &destination(""), &options));
    until("the third part", || place.sandbox.ledger().count(Operation::UploadPart) == 3).await;
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
    place.sandbox.faults().remove(stalled);
}

/// The change is told, and nothing of the new file joins the old one's parts; asked again, all of
/// it is sent.
async fn goes_as_it_is_now(place: &Place, file: &Path, bytes: &[u8]) {
    let put = async || place.put_all(&[file], &destination(""), &["--part-size", "1MiB"]).await;
    let told = put().await;
    assert_eq!(told.code, 1, "{told:#?}");
    assert_eq!(told.unfinished()[0]["state"], "sourceChanged", "{told:#?}");
    let again = put().await;
    again.assert_verified(1);
    assert_eq!(again.number("resumed_bytes"), 0, "{again:#?}");
    assert_object(place, "a.bin", bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_in_its_place_is_known_by_its_index() {
    let place = Place::new().await;
    let (old, new) = (random(4 * MIB, 5), random(4 * MIB, 6));
    let file = place.write("a.bin", &old);
    half_done(&place, &file).await;
    // Of the same size and time: only the index tells them apart.
    let modified = file.metadata().and_then(|metadata| metadata.modified()).expect("has a time");
    let other = place.write("b.bin", &new);
    let opened = File::options().write(true).open(&other).expect("opens");
    opened.set_modified(modified).expect("sets the time");
    drop(opened);
    std::fs::rename(&other, &file).expect("replaces");
    assert_eq!(file.metadata().and_then(|it| it.modified()).expect("has a time"), modified);
    goes_as_it_is_now(&place, &file, &new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_under_the_old_time_are_known_by_the_time_of_the_change() {
    let place = Place::new().await;
    let (old, new) = (random(4 * MIB, 7), random(4 * MIB, 8));
    let file = place.write("a.bin", &old);
    let modified = file.metadata().and_then(|metadata| metadata.modified()).expect("has a time");
    half_done(&place, &file).await;
    // The same file, of the same size.
    let mut opened = File::options().write(true).open(&file).expect("opens");
    opened.write_all(&new).expect("writes");
    opened.set_modified(modified).expect("sets the time");
    drop(opened);
    assert_eq!(file.metadata().and_then(|it| it.modified()).expect("has a time"), modified);
    goes_as_it_is_now(&place, &file, &new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profiles_keys_live_in_the_credential_manager_only() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"by profile");
    let name = format!("工作 {}", std::process::id());
    let added = place.add_profile(&name, "oss", &[]).await;
    assert_eq!(added.code, 0, "{added:#?}");
    let to = destination("in/");
    Ran::of(place.put_with_profile(&name, &[&file], &to, &[])).await.assert_verified(1);
    assert_object(&place, "in/a.txt", b"by profile");
    for part in [&place.key.access_key_id, &place.key.access_key_secret] {
        let found = files_with(&place.path("data"), part.as_bytes());
        assert!(found.is_empty(), "a part of the key is in {found:?}");
    }

    let removed = place.run(["profile", "remove", name.as_str()]).await;
    assert_eq!(removed.code, 0, "{removed:#?}");
    let mut gone = place.ferry();
    gone.args(["profile", "test", name.as_str()]);
    without_keys(&mut gone);
    assert_ne!(Ran::of(gone).await.code, 0);
}

/// The files below a folder that hold these bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("reads").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if std::fs::read(&path).is_ok_and(|it| it.windows(bytes.len()).any(|w| w == bytes)) {
            found.push(path);
        }
    }
    found
}
