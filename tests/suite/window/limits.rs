//! Speed limits as they are typed, and the word for what limits.

use support::desktop::{Desktop, Keyring};
use support::ferry::Place;
use support::window::Window;

use crate::{MIB, TURN, bytes, in_state, profile};

/// The texts of the table of hours, row by row, and of the limit at other hours.
const TYPED: &str = "return ['from', 'to', 'rate'].map((part) => [...document.querySelectorAll(`[data-testid=\"limit-${part}\"]`)].map((field) => field.value).join(' ')).join('|') + '|' + document.querySelector('[data-testid=\"limit\"]').value";

fn is_typed(expected: &str) -> String {
    format!("{TYPED} === {expected:?}")
}

async fn hours(window: &Window<'_>, from: &str, to: &str, rate: &str) {
    window.click("limit-add").await;
    window.type_into("limit-from", from).await;
    window.type_into("limit-to", to).await;
    window.type_into("limit-rate", rate).await;
}

/// The settings with their table, and the profile's, in both languages and themes: at the window's
/// usual size and its smallest.
async fn pictures(window: &Window<'_>) {
    for (language, theme, width, height) in [
        ("zh", "dark", 1100, 720),
        ("zh", "light", 720, 480),
        ("en", "dark", 720, 480),
        ("en", "light", 1100, 720),
    ] {
        window.look(language, theme).await;
        window.resize(width, height).await;
        let size = format!("{language}-{theme}-{width}x{height}");
        window.click("settings").await;
        window.bring("limit-add").await;
        window.nothing_is_cut("settings").await;
        window.picture(&format!("settings-hours-{size}")).await;
        window.click("settings-close").await;
        window.click("profile-menu").await;
        window.click("profile-edit").await;
        window.click("section-connection").await;
        window.bring("limit-add").await;
        window.nothing_is_cut("form").await;
        window.picture(&format!("form-hours-{size}")).await;
        window.click("profile-cancel").await;
        window.see_no("profile-dialog").await;
    }
    window.resize(1100, 720).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_by_the_hour_are_kept_and_hold_and_what_limits_is_told() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let film = desktop.write("files/film 一.bin", &bytes(24 * MIB, 61));
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    profile(&window, &place, "Harbour").await;

    // By two halves of the day: it holds whatever the clock shows.
    window.click("settings").await;
    window.type_into("limit", "0.5").await;
    hours(&window, "00:00", "", "0.5").await;
    window.click("settings-close").await;
    let refused = "return document.querySelector('[data-testid=\"limit-from\"]').getAttribute('aria-invalid') === 'true'";
    window.until("the refusal of hours without an end", refused).await;
    window.picture("settings-hours-refused-en-light-1100x720").await;
    window.type_into("limit-to", "12:00").await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;
    window.click("settings").await;
    window.until("the kept hours", &is_typed("00:00|12:00|0.5|0.5")).await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;

    window.drop_files(&[&film]).await;
    window.click("what-limits").await;
    let limited = "return document.querySelector('[data-testid=\"limited-by\"]')?.innerText === 'Limited by your speed limit'";
    window.until("what limits", limited).await;
    window.pictures("limited").await;
    window.click("pause-all").await;
    window.see_no("limited-by").await;
    window.click("resume-all").await;

    // The profile's own limit, and none of the settings.
    window.click("settings").await;
    window.click("limit-remove").await;
    window.type_into("limit", "").await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;
    window.rows_until("the end of the film", |rows| in_state(rows, "done") == 1).await;
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.click("section-connection").await;
    window.bring("limit-add").await;
    window.type_into("limit", "0.5").await;
    hours(&window, "22:00", "06:00", "0.5").await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    let second = desktop.write("files/second.bin", &bytes(24 * MIB, 62));
    window.drop_files(&[&second]).await;
    window.until("what limits this profile", limited).await;
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.click("section-connection").await;
    window.until("the profile's hours", &is_typed("22:00|06:00|0.5|0.5")).await;
    window.click("limit-remove").await;
    window.type_into("limit", "").await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    window.click("view-history").await;
    window.rows_until("the end of all", |rows| in_state(rows, "done") == 2).await;

    window.click("settings").await;
    window.type_into("limit", "20").await;
    hours(&window, "08:00", "19:00", "2").await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.click("section-connection").await;
    hours(&window, "22:30", "06:00", "").await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    pictures(&window).await;
    window.click("settings").await;
    window.click("limit-remove").await;
    window.see_no("limit-hours").await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;
    window.quit().await;
}
