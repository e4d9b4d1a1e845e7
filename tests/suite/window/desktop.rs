//! What Ferry does outside of its window: notifications, sleep, the clipboard, the file manager, its
//! place on the screen, starts at login.

use std::path::{Path, PathBuf};
use std::process::Command;

use ferry_sandbox::Credential;
use serde_json::Value;
use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::poll::until;
use support::services::Services;
use support::window::{Row, Window};

use crate::{MIB, TURN, bytes, in_state, profile, row};

fn title(said: &Value) -> &str {
    said["title"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn news_comes_while_the_user_looks_elsewhere_and_sleep_waits_for_uploads() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let session = desktop.log_in(Keyring::Unlocked);
    let names = ["notifications", "screensaver", "login"];
    let services = Services::start(&session, &desktop, &names);
    let window = Window::open_in(&desktop, session).await;
    window.look("en", "light").await;
    profile(&window, &place, "R&D <b>").await;
    window.pace("2", "2").await;
    let film = desktop.write("files/a 片.bin", &bytes(40 * MIB, 1));
    window.drop_files(&[&film]).await;
    window.rows_until("a file on its way", |rows| in_state(rows, "uploading") > 0).await;
    let awake = services.until("screensaver", "sleep held", |said| said["inhibited"].is_u64());
    assert_eq!(awake["reason"], "Files are being uploaded");
    services.until("login", "sleep held", |said| said["what"] == "idle" && said["mode"] == "block");
    desktop.minimise(&window.id);
    let good = Credential::clone(&place.key);
    let other = Credential::new(good.access_key_id.clone(), "another secret since today");
    place.sandbox.set_credentials(vec![other]);
    let needs = |said: &Value| title(said) == "“a 片.bin” needs you";
    let news = services.until("notifications", "a batch that needs you", needs);
    let told = news["body"].as_str().unwrap_or_default();
    assert!(
        told.starts_with("“R&amp;D &lt;b&gt;” is paused. ") && told.contains("secret"),
        "{told}"
    );
    let let_go = |said: &Value| said["released"] == awake["inhibited"];
    services.until("screensaver", "sleep let go", let_go);
    services.until("login", "sleep let go", |said| said["released"] == true);
    window.session.click_on_notification(&desktop, &news["number"]);
    desktop.until_shown(&window.id, true);

    // Who looks at the window is told there.
    place.sandbox.set_credentials(vec![good]);
    window.pace("8", "").await;
    window.click("notice-try-again").await;
    window.rows_until("the end of all", |rows| in_state(rows, "done") == 1).await;
    window.pace("1", "2").await;
    let next = desktop.write("files/c.bin", &bytes(8 * MIB, 3));
    window.drop_files(&[&next]).await;
    window.rows_until("a file on its way", |rows| in_state(rows, "uploading") == 1).await;
    assert_eq!(services.said_by("notifications").len(), 1, "{:?}", services.said());
    desktop.minimise(&window.id);
    let done = |said: &Value| title(said) == "“c.bin” is uploaded";
    let news = services.until("notifications", "the end of a batch", done);
    assert_eq!(news["body"], "1 file verified, in R&amp;D &lt;b&gt;.");

    // Off by its setting.
    assert_eq!(desktop.start_again(&window.session, &[]), Some(0));
    desktop.until_shown(&window.id, true);
    window.click("settings").await;
    window.click("settings-desktop").await;
    window.bring("notify-done").await;
    window.click("notify-done").await;
    window.bring("keep-awake").await;
    window.click("keep-awake").await;
    window.click("settings-close").await;
    let before = services.said().len();
    let last = desktop.write("files/d.bin", &bytes(8 * MIB, 4));
    window.drop_files(&[&last]).await;
    window.rows_until("a file on its way", |rows| in_state(rows, "uploading") == 1).await;
    desktop.minimise(&window.id);
    let stored = || place.sandbox.read_object(BUCKET, "inbox/2026/d.bin").is_ok();
    until("the last file", stored).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(services.said().len(), before, "{:?}", services.said());
    window.quit().await;
}

/// Puts something on the clipboard; whoever does it serves it until the next one does.
fn copy(desktop: &Desktop, kind: &str, file: &Path) {
    let copied = desktop
        .tool("xclip")
        .args(["-selection", "clipboard", "-t", kind, "-i"])
        .arg(file)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(copied.is_ok_and(|status| status.success()), "xclip: `cargo xtask test` installs it");
}

fn pasted_files(desktop: &Desktop) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(desktop.data_dir().join("pasted"));
    folder.map(|folder| folder.flatten().map(|file| file.path()).collect()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_pictures_are_pasted() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let session = desktop.log_in(Keyring::Unlocked);
    let services = Services::start(&session, &desktop, &["files"]);
    let window = Window::open_in(&desktop, session).await;
    window.look("en", "light").await;
    profile(&window, &place, "Harbour").await;
    desktop.press(&window.id, "ctrl+v");
    let nothing =
        "return document.querySelector('[data-kind=\"trouble\"]')?.innerText.includes('clipboard')";
    window.until("that there is nothing", nothing).await;
    window.click("notice-dismiss").await;

    let letter = desktop.write("files/信 100%.txt", b"to whom it may concern");
    let folder = desktop.write("files/album/one.jpg", b"1");
    let uri = |path: &Path| {
        let path = path.to_str().expect("Unicode").replace('%', "%25").replace(' ', "%20");
        format!("file://{path}\r\n")
    };
    let list = format!("{}{}", uri(&letter), uri(folder.parent().expect("a folder")));
    copy(&desktop, "text/uri-list", &desktop.write("list", list.as_bytes()));
    desktop.press(&window.id, "ctrl+v");
    let done = |rows: &[Row]| rows.len() == 2 && in_state(rows, "done") == 2;
    window.rows_until("both files", done).await;
    let picture = desktop.path("shot.png");
    let mut drawn = Command::new("convert");
    drawn
        .args(["-size", "120x90", "plasma:red-blue", "+noise", "Random", "-depth", "8"])
        .arg(&picture);
    assert!(drawn.status().is_ok_and(|status| status.success()), "imagemagick is missing");
    window.pace("1", "0.005").await;
    copy(&desktop, "image/png", &picture);
    desktop.press(&window.id, "ctrl+v");
    let one = |rows: &[Row]| rows.len() == 1 && rows[0].name.starts_with("Screenshot 20");
    let rows = window.rows_until("the picture", one).await;
    let name = rows[0].name.clone();
    assert!(name.ends_with(".png") && name.len() == "Screenshot 2026-11-29 13.12.05.png".len());
    assert_eq!(pasted_files(&desktop).len(), 1, "it stays until it is verified");
    window.pace("8", "").await;
    window.rows_until("the picture", |rows| row(rows, &name).state == "done").await;
    let stored =
        place.sandbox.read_object(BUCKET, &format!("inbox/2026/{name}")).expect("is there");
    let (stored, mut same) = (desktop.write("stored.png", &stored), Command::new("compare"));
    same.args(["-metric", "AE"]).args([&picture, &stored]).arg("null:");
    assert!(same.status().is_ok_and(|status| status.success()), "another picture was stored");
    until("the end of the copy", || pasted_files(&desktop).is_empty()).await;

    window.click("view-history").await;
    window.click_on("[data-name=\"信 100%.txt\"] [data-testid=\"row-details\"]").await;
    window.click("details-folder").await;
    let shown = services.until("files", "the file manager", |said| said["shows"].is_array());
    assert_eq!(shown["shows"][0], uri(&letter).trim_end().replace('信', "%E4%BF%A1"));
    window.click("details-close").await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_comes_back_where_it_was() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.resize(930, 610).await;
    desktop.xdotool(&["windowmove", "--sync", &window.id, "210", "160"]);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let before = desktop.area(&window.id);
    window.quit().await;
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    support::poll::until("its place", || desktop.area(&window.id) == before).await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_before_the_queue_is_open_is_not_lost() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let letter = desktop.write("files/信 letter.txt", b"to whom it may concern");
    let session = desktop.log_in(Keyring::None);
    let services = Services::start(&session, &desktop, &["secrets"]);
    let early = async {
        // The queue opens once the keyring has answered, which takes it some seconds.
        until("a question to the keyring", || !services.said_by("secrets").is_empty()).await;
        let again = || desktop.start_in(services.bus(), &[&letter]);
        assert_eq!(tokio::task::block_in_place(again), Some(0));
        desktop.any_window()
    };
    let (window, shown) = tokio::join!(Window::open_in(&desktop, session), early);
    assert_eq!(shown, None, "the queue was open already: this shows nothing");
    let done = |rows: &[Row]| rows.len() == 1 && rows[0].state == "done";
    window.rows_until("the letter", done).await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_at_login_in_the_tray_or_minimised() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("settings").await;
    window.click("settings-desktop").await;
    window.bring("open-at-login").await;
    window.click("open-at-login").await;
    let checked = |wanted: bool| {
        format!(
            "return document.querySelector('[data-testid=\"open-at-login\"]').checked === {wanted}"
        )
    };
    window.until("a start at login", &checked(true)).await;
    let entries = || {
        let folder = std::fs::read_dir(desktop.path(".config/autostart")).into_iter().flatten();
        folder.flatten().map(|entry| entry.path()).collect::<Vec<_>>()
    };
    // The box is ticked before the system was told.
    until("an entry", || !entries().is_empty()).await;
    let [entry] = &entries()[..] else { panic!("{:?}", entries()) };
    let entry = std::fs::read_to_string(entry).expect("reads");
    assert!(entry.contains("ferry-desktop --background"), "{entry}");
    window.click("open-at-login").await;
    window.until("none", &checked(false)).await;
    until("no entry", || entries().is_empty()).await;
    window.click("settings-close").await;
    window.quit().await;

    let session = desktop.log_in(Keyring::Unlocked);
    let _started = desktop.start_with(&session, &["--background"]);
    let id = desktop.minimised_window();
    assert!(!desktop.is_shown(&id));
    assert_eq!(desktop.start_again(&session, &[]), Some(0));
    desktop.until_shown(&id, true);
    desktop.close(&id);

    let session = desktop.log_in(Keyring::Unlocked);
    let services = Services::start(&session, &desktop, &["tray"]);
    let _started = desktop.start_with(&session, &["--background"]);
    services.until("tray", "an icon in the tray", |_| true);
    let menu = session.tray_menu(&desktop).expect("a menu");
    assert_eq!(menu[0].label, "Nothing is being uploaded");
    assert_eq!(desktop.any_window(), None, "a window nobody asked for");
    session.pick(&desktop, "Show Ferry");
    let id = desktop.window();
    desktop.painted(&id);
    desktop.close(&id);
}
