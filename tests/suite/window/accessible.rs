//! axe in the real window: what the page's tests ask of Chromium, asked of WebKit, in each view,
//! language and theme.

use std::path::Path;

use serde_json::json;
use support::desktop::{Desktop, Keyring};
use support::window::Window;

use crate::{MIB, TURN, bytes};

/// Runs axe over the page and gives a line for each finding.
const FINDINGS: &str = r#"
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ["violations"] }).then(
        ({ violations }) => done(violations.flatMap(({ id, help, nodes }) =>
            nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`))),
        (error) => done([String(error)]),
    );"#;

/// What opens a dialog under "Done", its name, and what closes it.
const DIALOGS: [(&str, &str, &str); 3] = [
    ("batch-receipt", "receipt-dialog", "receipt-close"),
    ("open-diagnostics", "diagnostics-dialog", "diagnostics-close"),
    ("open-shortcuts", "shortcuts", "shortcuts-close"),
];

/// Asserts that axe finds nothing in what the window shows.
async fn nothing_is_found(window: &Window<'_>, view: &str) {
    let found = window.run_async(FINDINGS).await;
    if found != json!([]) {
        window.fail(&format!("{view}: {found:#}"));
    }
}

/// Sends axe into the page as a script of the driver's own: the page's policy lets none in.
async fn bring_axe(window: &Window<'_>) {
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(axe).expect("`npm ci` brought axe");
    window.run(&axe).await;
    window.until("axe", "return typeof window.axe === 'object'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_webkit() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let small = desktop.write("files/small.txt", b"small");
    let large = desktop.write("files/large.bin", &bytes(24 * MIB, 71));
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    bring_axe(&window).await;
    let looks = [("en", "light"), ("en", "dark"), ("zh", "light"), ("zh", "dark")];
    for (language, theme) in looks {
        window.look(language, theme).await;
        nothing_is_found(&window, &format!("empty, {language}, {theme}")).await;
    }
    window.drop_files(&[&small]).await;
    window.see("batch-receipt").await;
    window.pace("1", "0.25").await;
    window.drop_files(&[&large]).await;
    window.see("headline").await;
    for (language, theme) in looks {
        window.look(language, theme).await;
        for (open, dialog, close) in DIALOGS {
            window.click("view-done").await;
            window.click(open).await;
            window.see(dialog).await;
            nothing_is_found(&window, &format!("{dialog}, {language}, {theme}")).await;
            window.click(close).await;
            window.see_no(dialog).await;
        }
        for view in ["view-needs", "view-done", "view-history", "view-now"] {
            window.click(view).await;
            nothing_is_found(&window, &format!("{view}, {language}, {theme}")).await;
        }
        window.click("settings").await;
        window.see("settings-dialog").await;
        for tab in ["network", "appearance", "desktop", "data", "transfers"] {
            window.click(&format!("settings-{tab}")).await;
            nothing_is_found(&window, &format!("settings, {tab}, {language}, {theme}")).await;
        }
        window.click("settings-close").await;
        window.see_no("settings-dialog").await;
        window.click("profile-menu").await;
        nothing_is_found(&window, &format!("menu, {language}, {theme}")).await;
        window.click("profile-new").await;
        window.see("profile-dialog").await;
        nothing_is_found(&window, &format!("profile, {language}, {theme}")).await;
        window.click("profile-cancel").await;
        window.see_no("profile-dialog").await;
    }
    window.quit().await;
}
