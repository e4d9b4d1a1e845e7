//! The window as a person meets it: a real page under WebKitGTK, a real keyring, a real drag.
//! Pictures of each state are kept in `artifacts/window`.
#![cfg(target_os = "linux")]

#[path = "window/accessible.rs"]
mod accessible;
#[path = "window/closing.rs"]
mod closing;
#[path = "window/crashed_page.rs"]
mod crashed_page;
#[path = "window/desktop.rs"]
mod desktop;
#[path = "window/first_paint.rs"]
mod first_paint;
#[path = "window/hostile.rs"]
mod hostile;
#[path = "window/limits.rs"]
mod limits;
#[path = "window/notices.rs"]
mod notices;
#[path = "window/options.rs"]
mod options;
#[path = "window/pickers.rs"]
mod pickers;
#[path = "window/profiles.rs"]
mod profiles;
#[path = "window/proxies.rs"]
mod proxies;
#[path = "window/secrets.rs"]
mod secrets;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ferry_sandbox::{Operation, Outcome};
use serde_json::Value;
use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::read_back::{Bucket, Reader, assert_bucket, assert_same};
use support::window::{Row, Window};
use tokio::sync::Mutex;

/// One window at a time: two would take the processor, and the look of a hand, from each other.
static TURN: Mutex<()> = Mutex::const_new(());

const MIB: usize = 1024 * 1024;

fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes
}

fn in_state(rows: &[Row], state: &str) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

fn row<'a>(rows: &'a [Row], name: &str) -> &'a Row {
    rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name} in {rows:#?}"))
}

/// Opens the form of a new profile and fills it in, the endpoint by pasting a whole URL.
async fn fill_in(window: &Window<'_>, place: &Place, name: &str, secret: &str) {
    window.click("profile-menu").await;
    window.click("profile-new").await;
    window.type_into("field-name", name).await;
    window
        .type_into("field-endpoint", &format!("{}/{BUCKET}/inbox/2026/", place.sandbox.endpoint()))
        .await;
    let bucket = format!(
        "return document.querySelector('[data-testid=\"field-bucket\"]').value === '{BUCKET}'"
    );
    window.until("the bucket out of the pasted URL", &bucket).await;
    window.type_into("field-region", place.sandbox.region()).await;
    window.type_into("field-accessKeyId", &place.key.access_key_id).await;
    window.type_into("field-accessKeySecret", secret).await;
}

/// Makes a profile: saved, it is the one that files go to.
async fn profile(window: &Window<'_>, place: &Place, name: &str) {
    fill_in(window, place, name, &place.key.access_key_secret).await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    window.until("the saved profile to be chosen", &is_chosen(name)).await;
}

fn is_chosen(name: &str) -> String {
    format!(
        "return document.querySelector('[data-testid=\"destination\"]').innerText.includes({name:?})"
    )
}

async fn choose_profile(window: &Window<'_>, name: &str) {
    let chosen = is_chosen(name);
    if window.run(&chosen).await == Value::Bool(true) {
        return;
    }
    let click = format!(
        "const found = [...document.querySelectorAll('[data-testid=\"profile-item\"]')].find((each) => each.innerText.includes({name:?}));
         found?.click(); return found !== undefined"
    );
    window.until("the profile in the sidebar", &click).await;
    window.until("the chosen profile", &chosen).await;
}

/// Every object that a profile of [`fill_in`] makes out of these files.
fn objects(files: &[(&str, &Path)]) -> Vec<(String, PathBuf)> {
    files.iter().map(|(key, path)| (format!("inbox/2026/{key}"), path.to_path_buf())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_dragged_onto_the_window_arrive() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let film = desktop.write("files/会议 录像 2026.mp4", &bytes(34 * MIB + 17, 1));
    let disk = desktop.write("files/disk+image 100%.img", &bytes(26 * MIB, 2));
    let note = desktop.write("files/note #1.txt", b"small");
    let first = desktop.write("files/照片 2026/港口 a.jpg", &bytes(300_000, 3));
    let second = desktop.write("files/照片 2026/子 目录/empty.txt", b"");
    let folder = desktop.path("files/照片 2026");
    let dragged: Vec<&Path> = vec![&film, &disk, &note, &folder];

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    let chosen = window.see("destination").await;
    assert!(chosen.as_str().is_some_and(|text| text.contains("Practice bucket")), "{chosen}");
    window.see("empty").await;
    window.pictures("empty").await;
    window.click("settings").await;
    window.see("settings-dialog").await;
    window.picture("settings-en-light-1100x720").await;
    window.click("settings-close").await;

    dragging_pictures(&window, &dragged).await;
    // A minute for all: on a busy computer, each step in the window takes seconds. Progress goes by
    // whole parts, and parts of 8 MiB side by side would move no bar for half of that.
    window.part_size("1").await;
    window.pace("2", "1").await;
    window.drop_files(&dragged).await;

    let wanted =
        ["会议 录像 2026.mp4", "disk+image 100%.img", "note #1.txt", "港口 a.jpg", "empty.txt"];
    let rows = window.rows_until("a row for each file", |rows| rows.len() == wanted.len()).await;
    assert!(wanted.iter().all(|name| rows.iter().any(|row| row.name == *name)), "{rows:#?}");
    let film_at = |rows: &[Row]| row(rows, "会议 录像 2026.mp4").percent;
    let rows = window.rows_until("a bar that moves", |rows| film_at(rows) > 0).await;
    let before = film_at(&rows);
    window.rows_until("a bar that moves on", |rows| film_at(rows) > before).await;
    // Slowly enough that some parts are left after the pictures.
    window.pace("2", "0.5").await;
    window.pictures("uploading").await;

    window.click("pause-all").await;
    let paused = |rows: &[Row]| {
        rows.iter().all(|row| row.state == "paused" || row.state == "done")
            && in_state(rows, "paused") > 0
    };
    let rows = window.rows_until("a pause", paused).await;
    let stood = film_at(&rows);
    assert!(stood > 0, "a pause keeps what the store has acknowledged: {rows:#?}");
    window.pictures("paused").await;
    assert_eq!(film_at(&window.rows().await), stood, "a paused row moves");
    window.quit().await;

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    let rows =
        window.rows_until("the queue of the last run", |rows| rows.len() == wanted.len()).await;
    assert!(paused(&rows) && film_at(&rows) == stood, "{stood}: {rows:#?}");
    window.pace("8", "").await;
    window.click("resume-all").await;
    window.rows_until("the end of all", |rows| in_state(rows, "done") == wanted.len()).await;
    window.pictures("done").await;

    let files = [
        ("会议 录像 2026.mp4", film.as_path()),
        ("disk+image 100%.img", &disk),
        ("note #1.txt", &note),
        ("照片 2026/港口 a.jpg", &first),
        ("照片 2026/子 目录/empty.txt", &second),
    ];
    let expected: Vec<_> = files.map(|(key, path)| (key.to_owned(), path.to_owned())).into();
    assert_bucket(&practice(&window).await, Reader::Oss2, &expected).await;
    window.quit().await;
}

/// Files held over the window, and taken away again, in both languages and themes.
async fn dragging_pictures(window: &Window<'_>, dragged: &[&Path]) {
    for (language, theme) in [("zh", "dark"), ("zh", "light"), ("en", "dark"), ("en", "light")] {
        window.look(language, theme).await;
        window.resize(1280, 900).await;
        let drag = window.hold(dragged).await;
        window.picture(&format!("dragging-{language}-{theme}-1280x900")).await;
        drag.leave();
        window.see_no("drag-over").await;
    }
    window.resize(1100, 720).await;
}

/// The practice bucket, by the address in its form and the key in the keyring.
async fn practice(window: &Window<'_>) -> Bucket {
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.see("profile-dialog").await;
    let endpoint =
        window.run("return document.querySelector('[data-testid=\"field-endpoint\"]').value").await;
    window.click("profile-cancel").await;
    let secrets = window.session.secrets(window.desktop);
    let [secret] = &secrets[..] else { panic!("{} secrets in the keyring", secrets.len()) };
    let secret: Value = serde_json::from_str(secret).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Bucket {
        endpoint: text(&endpoint),
        name: "practice".to_owned(),
        key_id: text(&secret["id"]),
        secret: text(&secret["secret"]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_it_sends_nothing_twice() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    profile(&window, &place, "Harbour").await;
    window.pace("4", "8").await;
    let film = desktop.write("files/大 文件.bin", &bytes(60 * MIB + 3, 11));
    let plan = desktop.write("files/plan.bin", &bytes(20 * MIB, 12));
    window.drop_files(&[&film, &plan]).await;
    let acknowledged = || {
        let entries = place.sandbox.ledger().entries();
        let parts = entries.into_iter().filter(|entry| entry.operation == Operation::UploadPart);
        parts
            .filter(|entry| matches!(entry.outcome, Outcome::Answered { status: 200, .. }))
            .map(|entry| (entry.upload_id, entry.part))
            .collect::<Vec<_>>()
    };
    while acknowledged().len() < 2 {
        window.rows_until("acknowledged parts", |rows| in_state(rows, "done") < 2).await;
    }
    window.kill().await;
    let before = acknowledged().len();
    assert!(before < 10, "everything had arrived already: {before} parts");

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    let rows = window.rows_until("the queue of the killed run", |rows| rows.len() == 2).await;
    assert!(
        ["大 文件.bin", "plan.bin"].iter().all(|name| rows.iter().any(|row| row.name == *name)),
        "{rows:#?}"
    );
    window.pace("8", "").await;
    window.rows_until("the end of all", |rows| in_state(rows, "done") == 2).await;
    let mut tries = HashMap::new();
    acknowledged().into_iter().for_each(|part| *tries.entry(part).or_insert(0) += 1);
    assert!(
        tries.values().all(|count| *count == 1),
        "acknowledged parts were sent again: {tries:?}"
    );
    assert_eq!(tries.len(), 8 + 3, "{tries:?}");
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
    assert_same(&place, Reader::Oss2, &objects(&[("大 文件.bin", &film), ("plan.bin", &plan)]))
        .await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_a_key_lasts_for_the_run() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::None).await;
    let secret = &place.key.access_key_secret;
    fill_in(&window, &place, "No keyring", secret).await;
    window.click("profile-save").await;
    window.see("profile-this-run").await;
    let answer = window.see("profile-answer").await;
    assert!(
        answer.as_str().is_some_and(
            |text| text.contains("keyring") && text.contains("never writes it to a file")
        ),
        "{answer}"
    );
    window.nothing_is_cut("no keyring").await;
    window.picture("form-no-keyring-en-1100x720").await;
    window.click("profile-this-run").await;
    window.see_no("profile-dialog").await;
    choose_profile(&window, "No keyring").await;
    let file = desktop.write("files/a b.txt", b"for this run");
    window.drop_files(&[&file]).await;
    window.rows_until("the file", |rows| in_state(rows, "done") == 1).await;
    assert_same(&place, Reader::Oss2, &objects(&[("a b.txt", &file)])).await;
    window.quit().await;
    assert_eq!(desktop.files_with(secret.as_bytes()), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_dropped_on_a_destination_of_the_sidebar_go_there() {
    const MIDDLE: &str = r#"
        const items = [...document.querySelectorAll('[data-testid="profile-item"]')];
        const box = items.find((item) => item.innerText.includes("Practice")).getBoundingClientRect();
        const { width, height } = document.documentElement.getBoundingClientRect();
        return [(box.left + box.width / 2) / width, (box.top + box.height / 2) / height];"#;
    const TARGET: &str = r#"
        const target = document.querySelector('[data-testid="profile-item"].target');
        return target !== null && target.innerText.includes("Practice");"#;
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    profile(&window, &place, "Harbour").await;
    let file = desktop.write("files/aside.txt", b"to the other one");
    let middle = window.run(MIDDLE).await;
    let share = |index: usize| middle[index].as_f64().expect("a number");
    let drag = window.hold_at(&[&file], (share(0), share(1))).await;
    window.until("the destination below the files", TARGET).await;
    window.picture("dragging-over-a-destination-en").await;
    drag.drop_here();
    window.see_no("drag-over").await;
    window.click("view-history").await;
    let rows = window.rows_until("the file", |rows| in_state(rows, "done") == 1).await;
    assert!(row(&rows, "aside.txt").text.contains("oss://practice/"), "{rows:#?}");
    let entries = place.sandbox.ledger().entries();
    assert!(entries.iter().all(|entry| entry.operation != Operation::PutObject), "{entries:#?}");
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_is_one_notice_and_all_goes_on_once_it_is_open() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    profile(&window, &place, "Harbour").await;
    window.quit().await;

    let window = Window::open(&desktop, Keyring::Locked).await;
    let files =
        ["a.txt", "b.txt"].map(|name| desktop.write(format!("files/{name}"), b"locked out"));
    window.drop_files(&files.each_ref().map(PathBuf::as_path)).await;
    let held = "return document.querySelector('[data-testid=\"notice\"][data-kind=\"profileHeld\"]')?.innerText";
    let told = window.until("the locked keyring", held).await;
    assert!(told.as_str().is_some_and(|text| text.contains("keyring is locked")), "{told}");
    window.rows_until("files that wait", |rows| in_state(rows, "waiting") == 2).await;
    window.picture("keyring-locked-en-1100x720").await;
    desktop.unlock(&window.session);
    window.click("notice-try-again").await;
    window.rows_until("both files", |rows| in_state(rows, "done") == 2).await;
    let objects = objects(&[("a.txt", &files[0]), ("b.txt", &files[1])]);
    assert_same(&place, Reader::Oss2, &objects).await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_hands_its_files_to_the_open_window() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    let letter = desktop.write("files/信 letter.txt", b"to whom it may concern");
    let missing = desktop.path("files/nobody.txt");
    assert_eq!(desktop.start_again(&window.session, &[&letter, &missing]), Some(0));
    window
        .rows_until("the letter", |rows| {
            rows.len() == 1 && row(rows, "信 letter.txt").state == "done"
        })
        .await;
    window.quit().await;
}
