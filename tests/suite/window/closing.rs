//! Closing the window while files are on their way: the question and each answer, with a tray and
//! without one; and what never asks.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::services::Services;
use support::window::{Row, Window};

use crate::{MIB, TURN, bytes, in_state, profile, row};

const FILM: &str = "片 film.mov";
/// Long enough at the speed of [`slow`] for whatever a test does meanwhile.
const LONG: usize = 160 * MIB;

async fn slow(window: &Window<'_>) {
    window.pace("2", "3").await;
}

/// A desktop, and a window with a file on its way.
async fn uploading(desktop: &Desktop, window: &Window<'_>, place: &Place, size: usize) -> PathBuf {
    let film = desktop.write(format!("files/{FILM}"), &bytes(size, 71));
    profile(window, place, "Harbour").await;
    slow(window).await;
    window.drop_files(&[&film]).await;
    let moves = |rows: &[Row]| rows.len() == 1 && rows[0].state == "uploading";
    window.rows_until("a file on its way", moves).await;
    film
}

async fn close_by(window: &Window<'_>, choice: &str) {
    window.click(&format!("close-{choice}")).await;
    window.click_and_go("close-do").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_asks_once_and_without_a_tray_it_minimises() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    uploading(&desktop, &window, &place, LONG).await;
    for (language, theme) in [("zh", "dark"), ("zh", "light"), ("en", "dark"), ("en", "light")] {
        window.look(language, theme).await;
        window.ask_to_close().await;
        window.nothing_is_cut("close question").await;
        window.picture(&format!("close-question-{language}-{theme}-1100x720")).await;
        window.click("close-stay").await;
        window.see_no("close-question").await;
    }
    window.resize(720, 480).await;
    window.ask_to_close().await;
    window.nothing_is_cut("close question").await;
    window.picture("close-question-en-light-720x480").await;
    let told = window.see("close-question").await;
    assert!(told.as_str().is_some_and(|text| text.contains("minimised")), "{told}");
    close_by(&window, "background").await;
    desktop.until_shown(&window.id, false);
    assert!(desktop.ferry().is_some(), "it goes on without a window");
    assert_eq!(desktop.start_again(&window.session, &[]), Some(0));
    desktop.until_shown(&window.id, true);

    // Who insists on closing is not asked a second time.
    window.ask_to_close().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    desktop.press_close(&window.id);
    desktop.until_it_ended();
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    let kept = |rows: &[Row]| rows.len() == 1 && row(rows, FILM).percent > 0;
    window.rows_until("the file again, with what was acknowledged", kept).await;
    window.ask_to_close().await;
    close_by(&window, "quit").await;
    desktop.until_it_ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_answer_keeps_it_in_the_tray_from_then_on() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let session = desktop.log_in(Keyring::Unlocked);
    let services = Services::start(&session, &desktop, &["tray"]);
    let window = Window::open_in(&desktop, session).await;
    window.look("en", "light").await;
    services.until("tray", "an icon in the tray", |_| true);
    uploading(&desktop, &window, &place, LONG).await;
    window.ask_to_close().await;
    window.picture("close-question-tray-en-light-1100x720").await;
    let told = window.see("close-question").await;
    assert!(told.as_str().is_some_and(|text| text.contains("in the tray")), "{told}");
    window.click("close-remember").await;
    close_by(&window, "background").await;
    desktop.until_shown(&window.id, false);

    let menu = || window.session.tray_menu(&desktop).expect("a menu");
    let can = |label: &str| menu().iter().any(|line| line.label == label && line.enabled);
    let line = menu()[0].clone();
    assert!(!line.enabled && line.label.ends_with("0 of 1 file"), "{:?}", menu());
    assert!(can("Pause all") && !can("Resume all"), "{:?}", menu());
    window.session.pick(&desktop, "Pause all");
    support::poll::until("a pause", || can("Resume all") && !can("Pause all")).await;
    window.session.pick(&desktop, "Show Ferry");
    desktop.until_shown(&window.id, true);
    desktop.painted(&window.id);
    window.rows_until("the paused file", |rows| in_state(rows, "paused") == 1).await;
    window.session.pick(&desktop, "Resume all");
    window.rows_until("a file on its way", |rows| in_state(rows, "uploading") == 1).await;

    desktop.press_close(&window.id);
    desktop.until_shown(&window.id, false);
    assert!(desktop.ferry().is_some(), "it was remembered, and not asked");
    window.session.pick(&desktop, "Show Ferry");
    desktop.until_shown(&window.id, true);
    window.click("settings").await;
    window.click("settings-desktop").await;
    window.bring("on-close").await;
    let set = "return document.querySelector('[data-testid=\"on-close\"]').value";
    assert_eq!(window.run(set).await, "background");
    window.choose("on-close", "ask").await;
    window.click("settings-close").await;
    window.ask_to_close().await;
    window.click("close-stay").await;
    // Picked in the menu, it is meant: it does not ask.
    window.session.pick(&desktop, "Quit Ferry");
    desktop.until_it_ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn quit_when_finished_ends_by_itself_once_all_is_verified() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let session = desktop.log_in(Keyring::Unlocked);
    let services = Services::start(&session, &desktop, &["tray", "notifications"]);
    let window = Window::open_in(&desktop, session).await;
    window.look("en", "light").await;
    let film = uploading(&desktop, &window, &place, 45 * MIB).await;
    window.ask_to_close().await;
    close_by(&window, "quitWhenDone").await;
    desktop.until_shown(&window.id, false);
    // It says so to whoever looks, and can be told to stay.
    assert_eq!(desktop.start_again(&window.session, &[]), Some(0));
    desktop.until_shown(&window.id, true);
    window.click("notice-stay-open").await;
    let gone = "return document.querySelector('[data-kind=\"quitsWhenDone\"]') === null";
    window.until("no notice", gone).await;
    window.ask_to_close().await;
    close_by(&window, "quitWhenDone").await;
    desktop.until_shown(&window.id, false);
    assert!(desktop.ferry().is_some(), "before the file is verified");
    desktop.until_it_ended();
    let stored = place.sandbox.read_object(BUCKET, &format!("inbox/2026/{FILM}"));
    assert!(stored.expect("is there") == std::fs::read(film).expect("reads"));
    let news = services.said_by("notifications");
    assert!(news.iter().any(|news| news["title"].to_string().contains("is uploaded")), "{news:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_never_asks() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    uploading(&desktop, &window, &place, LONG).await;
    let begun = Instant::now();
    desktop.terminate();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.rows_until("the file again", |rows| in_state(rows, "uploading") == 1).await;
    // Neither does a window behind which nothing is left to do.
    window.click("pause-all").await;
    window.rows_until("a pause", |rows| in_state(rows, "paused") == 1).await;
    window.quit().await;
}
