//! What concerns more than one file: a refused key, a store that is away, a full disk, a damaged
//! queue; and files that change while they go up.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ferry_sandbox::{Action, Credential, Operation, Rule};
use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::poll::until;
use support::small_disk::SmallDisk;
use support::window::{Row, Window};

use crate::{MIB, TURN, bytes, in_state, profile, row};

/// The text of a notice of this kind, once it is there.
fn notice(kind: &str) -> String {
    format!(
        "return document.querySelector('[data-testid=\"notice\"][data-kind=\"{kind}\"]')?.innerText"
    )
}

fn no_notice(kind: &str) -> String {
    format!("return document.querySelector('[data-kind=\"{kind}\"]') === null")
}

/// The text of a notice, once it has these words in it.
fn notice_with(kind: &str, words: &str) -> String {
    format!(
        "const text = document.querySelector('[data-testid=\"notice\"][data-kind=\"{kind}\"]')?.innerText; return text?.includes({words:?}) ? text : null"
    )
}

fn write_files(desktop: &Desktop, names: &str, count: u64, size: usize) -> Vec<PathBuf> {
    (1..=count)
        .map(|number| desktop.write(format!("files/{names} {number}.jpg"), &bytes(size, number)))
        .collect()
}

async fn drop_all(window: &Window<'_>, files: &[PathBuf]) {
    window.drop_files(&files.iter().map(PathBuf::as_path).collect::<Vec<&Path>>()).await;
}

fn all(rows: &[Row], count: usize, state: &str) -> bool {
    rows.len() == count && in_state(rows, state) == count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_one_notice_and_every_file_waits() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    profile(&window, &place, "Harbour").await;
    let good = Credential::clone(&place.key);
    let other = Credential::new(good.access_key_id.clone(), "another secret since today");
    place.sandbox.set_credentials(vec![other]);
    drop_all(&window, &write_files(&desktop, "港口", 9, 3_000)).await;

    let told = window.until("the notice", &notice_with("profileHeld", "9 files wait")).await;
    assert!(told.as_str().is_some_and(|text| text.contains("key rejected by “Harbour”")), "{told}");
    let rows = window.rows_until("nine that wait", |rows| all(rows, 9, "waiting")).await;
    assert!(rows.iter().all(|row| row.text.contains("Waiting")), "{rows:#?}");
    window.pictures("held").await;
    window.look("zh", "light").await;
    window.until("the notice in Chinese", &notice_with("profileHeld", "9 个文件正在等待")).await;
    window.rows_until("nine that wait", |rows| all(rows, 9, "waiting")).await;
    window.look("en", "light").await;

    // Still refused: it is held again, and nothing failed.
    let refused = place.sandbox.ledger().entries().len();
    window.click("notice-try-again").await;
    until("another try", || place.sandbox.ledger().entries().len() > refused).await;
    window.until("the notice again", &notice_with("profileHeld", "9 files wait")).await;
    window.rows_until("nine that wait", |rows| all(rows, 9, "waiting")).await;
    place.sandbox.set_credentials(vec![good]);
    window.click("notice-try-again").await;
    window.rows_until("the end of all", |rows| all(rows, 9, "done")).await;
    window.until("no notice", &no_notice("profileHeld")).await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_one_notice_and_can_be_tried_now() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    profile(&window, &place, "Harbour").await;
    let rule = || Rule::on(Operation::PutObject);
    place.sandbox.faults().add(rule(), Action::Reset);
    drop_all(&window, &write_files(&desktop, "a", 12, 3_000)).await;
    window.until("the notice", &notice_with("offline", "12 files wait.")).await;
    window.rows_until("twelve that wait", |rows| all(rows, 12, "waiting")).await;
    window.pictures("offline").await;
    // While it is away: a probe of its own could bring it back before the click.
    window.click("headline-try-now").await;
    place.sandbox.faults().clear();
    window.rows_until("the end of all", |rows| all(rows, 12, "done")).await;
    window.until("no notice", &no_notice("offline")).await;
    assert_eq!(window.run(&no_notice("trouble")).await, true, "the window was refused");
    window.quit().await;
}

/// The words of a full disk's notice, and those for the time left, which is then not told.
struct FullDisk {
    language: &'static str,
    theme: &'static str,
    is_full: &'static str,
    wait: &'static str,
    left: &'static str,
}

/// D1 in the window: a disk that is full and has room again.
async fn a_full_disk(words: FullDisk) {
    const FILES: usize = 60;
    let FullDisk { language, theme, is_full, wait, left } = words;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let disk = SmallDisk::mount(desktop.data_dir(), 16);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look(language, theme).await;
    profile(&window, &place, "Harbour").await;
    window.pace("2", "0.2").await;
    drop_all(&window, &write_files(&desktop, "a", FILES as u64, 20_000)).await;
    let some = "return /[1-9]/.test(document.querySelector('[data-testid=\"status\"]').innerText)";
    window.until("some verified files", some).await;
    // All were taken in: that would wait for room as well, and say so in a line of its own.
    window.until("all rows", &no_notice("adding")).await;
    disk.fill();
    let first_sight = "const notice = document.querySelector('[data-kind=\"journal\"]')?.innerText;
         return notice && [notice, document.querySelector('[data-testid=\"totals\"]').innerText]";
    let told = window.until("the notice", first_sight).await;
    let [notice, totals] = [&told[0], &told[1]].map(|text| text.as_str().expect("a text"));
    assert!(notice.contains(is_full) && notice.contains(wait), "{notice}");
    assert!(!totals.contains(left), "nothing moves, and still: {totals}");
    let notices = "return document.querySelectorAll('[data-testid=\"notice\"]').length === 1";
    window.until("a single notice", notices).await;
    // What is under way ends; nothing more is begun, because its outcome could not be kept.
    let stored = || place.sandbox.objects(BUCKET).len();
    let number = notice.split_once(is_full).and_then(|(_, rest)| {
        rest.split(|c: char| !c.is_ascii_digit()).find_map(|number| number.parse().ok())
    });
    let number: usize = number.unwrap_or_else(|| panic!("no number in {notice}"));
    // One was verified at least, and what was under way may have come since.
    assert!((FILES - stored()..FILES).contains(&number), "{number} wait, {} came", stored());
    window.nothing_is_cut("full-disk").await;
    window.picture(&format!("full-disk-{language}-{theme}-1100x720")).await;

    let before = stored();
    disk.free();
    let freed = Instant::now();
    while stored() <= before {
        assert!(freed.elapsed() < Duration::from_secs(5), "it does not go on by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    window.until("no notice", &no_notice("journal")).await;
    window.pace("8", "").await;
    // The line below tells bytes too, in which any number may stand.
    until("all objects", || stored() == FILES).await;
    let all_done =
        "return document.querySelector('[data-testid=\"status\"]').innerText.includes('60')";
    window.until("all done", all_done).await;
    window.click("view-history").await;
    window.rows_until("no other state", |rows| in_state(rows, "done") == rows.len()).await;
    let puts = place.sandbox.ledger().count(Operation::PutObject);
    assert_eq!(puts, FILES as u64, "something was sent twice");
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_one_notice_that_goes_by_itself() {
    let _turn = TURN.lock().await;
    for theme in ["light", "dark"] {
        let (is_full, wait, left) = ("is full", "files wait", " left");
        a_full_disk(FullDisk { language: "en", theme, is_full, wait, left }).await;
        let (is_full, wait, left) = ("磁盘已满", "个文件正在等待", "剩余");
        a_full_disk(FullDisk { language: "zh", theme, is_full, wait, left }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_queue_is_told_until_it_was_read() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    profile(&window, &place, "Harbour").await;
    drop_all(&window, &write_files(&desktop, "a", 60, 300)).await;
    let done = "return document.querySelector('[data-testid=\"status\"]').innerText.includes('60')";
    window.until("all rows", done).await;
    window.click("view-history").await;
    window
        .rows_until("the end of what is shown", |rows| {
            !rows.is_empty() && in_state(rows, "done") == rows.len()
        })
        .await;
    window.quit().await;
    let file = desktop.data_dir().join("ferry.db");
    let mut queue = std::fs::read(&file).expect("reads");
    let middle = queue.len() * 2 / 3 / 4096 * 4096;
    queue[middle..middle + 4 * 4096].fill(0);
    std::fs::write(&file, &queue).expect("writes");

    for read in [false, true] {
        let window = Window::open(&desktop, Keyring::Unlocked).await;
        let told = window.until("the notice", &notice("recovered")).await;
        let words = told.as_str().expect("a text");
        assert!(words.contains("damaged") || words.contains("已损坏"), "{words}");
        assert!(words.contains("corrupt-1"), "{words}");
        if read {
            window.pictures("recovered").await;
            window.click("notice-dismiss").await;
            window.until("no notice", &no_notice("recovered")).await;
        }
        window.quit().await;
    }
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("view-history").await;
    window.rows_until("the rows that were kept", |rows| !rows.is_empty()).await;
    assert_eq!(window.run(&no_notice("recovered")).await, true);
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_uploaded_anew_or_left_out() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    profile(&window, &place, "Instrument").await;
    window.pace("2", "4").await;
    let files: Vec<PathBuf> = (1..=2)
        .map(|number| desktop.write(format!("files/run {number}.dat"), &bytes(30 * MIB, number)))
        .collect();
    drop_all(&window, &files).await;
    let under_way = |rows: &[Row]| rows.len() == 2 && rows.iter().all(|row| row.percent > 0);
    window.rows_until("both under way", under_way).await;
    for (number, file) in (3..).zip(&files) {
        std::fs::write(file, bytes(31 * MIB, number)).expect("writes");
    }
    window.rows_until("two changed files", |rows| all(rows, 2, "sourceChanged")).await;
    window.pictures("changed").await;
    window.pace("8", "").await;
    window.decide("run 2.dat", "waitUntilQuiet").await;
    window.rows_until("one that settles", |rows| row(rows, "run 2.dat").state == "settling").await;
    window.picture("settling-en-light-1100x720").await;
    window.decide("run 1.dat", "skip").await;
    window.rows_until("a skipped file", |rows| row(rows, "run 1.dat").state == "skipped").await;
    // By itself, once the file was quiet.
    window.rows_until("the new version", |rows| row(rows, "run 2.dat").state == "done").await;
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
    assert!(place.sandbox.read_object(BUCKET, "inbox/2026/run 1.dat").is_err());
    let sent = place.sandbox.read_object(BUCKET, "inbox/2026/run 2.dat").expect("is there");
    assert!(sent == bytes(31 * MIB, 4), "the object is not the new version");
    window.quit().await;
}
