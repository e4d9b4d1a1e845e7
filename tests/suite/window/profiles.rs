//! A profile from its form to the day when its key is no longer good.

use std::path::{Path, PathBuf};

use ferry_sandbox::{Action, Credential, Operation, Rule};
use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::read_back::{Reader, assert_same};
use support::window::{Row, Window};

use crate::{MIB, TURN, bytes, choose_profile, fill_in, in_state, is_chosen, objects, row};

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_made_tried_and_used() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    let secret = &place.key.access_key_secret;

    let wrong = "a wrong secret that nobody knows";
    fill_in(&window, &place, "Team archive", wrong).await;
    let outcome = |wanted: &str| {
        format!(
            "return document.querySelector('[data-testid=\"profile-test-outcome\"][data-outcome=\"{wanted}\"]')?.innerText"
        )
    };
    window.click("profile-test").await;
    let refused = window.until("the refusal of a wrong secret", &outcome("failed")).await;
    assert!(
        refused.as_str().is_some_and(|text| text.contains("secret") && !text.contains(wrong)),
        "{refused}"
    );
    window.picture("form-refused-en-light-1100x720").await;
    window.type_into("field-accessKeySecret", secret).await;
    window.click("profile-test").await;
    window.until("the right secret to pass", &outcome("passed")).await;
    form_pictures(&window, &place).await;

    fill_in(&window, &place, "Team archive", secret).await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    assert!(
        window.session.secrets(&desktop).iter().any(|entry| entry.contains(secret)),
        "the secret is not in the keyring"
    );
    window.until("the saved profile to be chosen", &is_chosen("Team archive")).await;
    no_secret_in_sight(&window, secret).await;

    a_copy_comes_and_goes(&window, &desktop, secret).await;

    let report = desktop.write("files/报告 2026 final.pdf", &bytes(9 * MIB, 7));
    let letter = desktop.write("files/letter.txt", b"to whom it may concern");
    window.drop_files(&[&report, &letter]).await;
    window.rows_until("both files", |rows| in_state(rows, "done") == 2).await;
    let expected = objects(&[("报告 2026 final.pdf", &report), ("letter.txt", &letter)]);
    assert_same(&place, Reader::Boto3, &expected).await;

    several_states(&window, &place, &desktop).await;
    a_wrong_key_later(&window, &place, &desktop).await;
    no_secret_in_sight(&window, secret).await;
    window.quit().await;
    assert_eq!(desktop.files_with(secret.as_bytes()), Vec::<PathBuf>::new());
}

/// The form in both languages and themes: the dialog has to be closed to change them.
async fn form_pictures(window: &Window<'_>, place: &Place) {
    window.click("profile-cancel").await;
    for (language, theme) in [("zh", "dark"), ("zh", "light"), ("en", "dark"), ("en", "light")] {
        window.look(language, theme).await;
        window.resize(1280, 900).await;
        fill_in(window, place, "Team archive", &place.key.access_key_secret).await;
        window.nothing_is_cut("form").await;
        window.picture(&format!("form-{language}-{theme}-1280x900")).await;
        if theme == "light" {
            window.resize(900, 560).await;
            window.nothing_is_cut("form").await;
            window.picture(&format!("form-{language}-{theme}-900x560")).await;
        }
        window.click("profile-cancel").await;
        window.see_no("profile-dialog").await;
    }
    window.resize(1100, 720).await;
}

/// The secret is in no file of Ferry's, in nothing that the page holds, and no longer in the form.
async fn no_secret_in_sight(window: &Window<'_>, secret: &str) {
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.see("profile-dialog").await;
    let shown = window
        .run("return document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((each) => each.value).join('\\n')")
        .await;
    assert!(!shown.as_str().expect("a text").contains(secret), "the page shows the secret");
    window.click("profile-cancel").await;
    window.see_no("profile-dialog").await;
    assert_eq!(window.desktop.files_with(secret.as_bytes()), Vec::<PathBuf>::new());
}

/// One row of each kind at once: verified, moving, waiting, paused, asking, failed.
async fn several_states(window: &Window<'_>, place: &Place, desktop: &Desktop) {
    let immutable = Action::Status { status: 409, code: "FileImmutable".to_owned() };
    place.sandbox.faults().add(Rule::on(Operation::PutObject).key("*locked*"), immutable);
    let locked = desktop.write("more/contract locked 合同.docx", &bytes(70_000, 8));
    let again = desktop.write("more/letter.txt", b"another text under the same name");
    let films: Vec<PathBuf> = (1..=3)
        .map(|number| {
            desktop.write(
                format!("more/旅行 {number} – harbour.mov"),
                &bytes((18 + 7 * number) * MIB, 20 + number as u64),
            )
        })
        .collect();
    window.pace("3", "2").await;
    let mut dragged: Vec<&Path> = vec![&locked, &again];
    dragged.extend(films.iter().map(PathBuf::as_path));
    window.drop_files(&dragged).await;
    let rows = window
        .rows_until("a conflict and a failure", |rows| {
            in_state(rows, "conflict") == 1
                && in_state(rows, "failed") == 1
                && in_state(rows, "uploading") > 0
        })
        .await;
    let failed = row(&rows, "contract locked 合同.docx");
    assert!(failed.text.contains("retention"), "no sentence on the failed row: {failed:?}");
    window.click_on("[data-name=\"旅行 3 – harbour.mov\"] [data-testid=\"row-pause\"]").await;
    let moving = |rows: &[Row]| {
        in_state(rows, "paused") == 1
            && rows.iter().any(|row| row.state == "uploading" && row.percent >= 20)
    };
    window.rows_until("a paused row beside moving ones", moving).await;
    for (language, name) in [("zh", "window.zh-CN"), ("en", "window")] {
        window.look(language, "light").await;
        window.picture(name).await;
    }
    window.pictures("failed").await;
    window
        .click_on("[data-name=\"contract locked 合同.docx\"] [data-testid=\"row-details\"]")
        .await;
    let sentence = window.see("details-sentence").await;
    assert!(sentence.as_str().is_some_and(|text| text.contains("retention")), "{sentence}");
    window.picture("details-en-light-1100x720").await;
    window.click("details-close").await;
    window.pace("8", "").await;

    window.decide("letter.txt", "overwrite").await;
    place.sandbox.faults().clear();
    window.click_on("[data-name=\"contract locked 合同.docx\"] [data-testid=\"row-retry\"]").await;
    window.click("resume-all").await;
    window.rows_until("the end of all", |rows| in_state(rows, "done") == 5).await;
    assert_eq!(
        place.sandbox.read_object(BUCKET, "inbox/2026/letter.txt").expect("is there"),
        b"another text under the same name"
    );
}

/// Duplicate makes a profile of its own with a key of its own; Delete takes both away, and another
/// profile is chosen.
async fn a_copy_comes_and_goes(window: &Window<'_>, desktop: &Desktop, secret: &str) {
    let keys =
        || window.session.secrets(desktop).iter().filter(|entry| entry.contains(secret)).count();
    window.click("profile-menu").await;
    window.click("profile-duplicate").await;
    choose_profile(window, "Team archive (2)").await;
    assert_eq!(keys(), 2, "the copy has no key of its own");
    window.click("profile-menu").await;
    window.click("profile-delete").await;
    window.click("question-confirm").await;
    let chosen = "return document.querySelector('[data-testid=\"destination\"]')?.innerText.includes('(2)') === false";
    window.until("another profile", chosen).await;
    choose_profile(window, "Team archive").await;
    assert_eq!(keys(), 1, "the copy's key is still there, or the original's is gone");
}

/// A key that is no longer good holds its profile with a sentence; corrected in the form, it goes
/// on.
async fn a_wrong_key_later(window: &Window<'_>, place: &Place, desktop: &Desktop) {
    let good = Credential::clone(&place.key);
    place.sandbox.set_credentials(vec![Credential::new(
        good.access_key_id.clone(),
        "another secret since today",
    )]);
    let late = desktop.write("more/late.txt", b"late");
    window.drop_files(&[&late]).await;
    let held = "return document.querySelector('[data-testid=\"notice\"][data-kind=\"profileHeld\"]')?.innerText";
    let told = window.until("the held profile", held).await;
    assert!(
        told.as_str().is_some_and(|text| text.contains("Team archive") && text.contains("secret")),
        "{told}"
    );
    window.picture("held-en-light-1100x720").await;
    place.sandbox.set_credentials(vec![good.clone()]);
    window.click("notice-edit-profile").await;
    window.type_into("field-accessKeyId", &good.access_key_id).await;
    window.type_into("field-accessKeySecret", &good.access_key_secret).await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    window
        .until(
            "the profile to be let go",
            "return document.querySelector('[data-kind=\"profileHeld\"]') === null",
        )
        .await;
    // The row that met the wrong key goes on by itself, with those that waited behind it.
    window.click("view-history").await;
    window.rows_until("the late file", |rows| in_state(rows, "done") == 8).await;
}
