//! X5, X13: a secret that was typed reaches the keyring, and nothing else: not the page again, not
//! the log at its most talkative, no file, no other program.

use ferry_sandbox::Credential;
use serde_json::Value;
use support::canary::Canaries;
use support::desktop::{Desktop, Keyring};
use support::ferry::Place;
use support::window::Window;
use time::{Duration as Days, OffsetDateTime};

use crate::{MIB, TURN, bytes, fill_in, in_state, is_chosen};

/// From now on, the page keeps all that reaches it: answers to its commands, and messages of the
/// channel.
const KEEP_WHAT_ARRIVES: &str = r#"
    const callbacks = window.__TAURI_INTERNALS__.callbacks;
    const find = callbacks.get.bind(callbacks);
    window.arrived = [];
    Object.defineProperty(callbacks, "get", { value: (id) => {
        const callback = find(id);
        return callback && ((data) => { window.arrived.push(JSON.stringify(data) ?? ""); return callback(data); });
    } });
    return callbacks.get !== find"#;

/// All that reached the page since [`KEEP_WHAT_ARRIVES`].
async fn arrived(window: &Window<'_>) -> String {
    let arrived = window.run("return window.arrived").await;
    let messages = arrived.as_array().expect("a list").iter().filter_map(Value::as_str);
    messages.collect::<Vec<_>>().join("\n")
}

/// What the processes of the window's session are given: arguments and environments.
fn given_to_processes(desktop: &Desktop) -> Vec<(String, Vec<u8>)> {
    let ferry = desktop.ferry().expect("it runs").to_string();
    let children = std::process::Command::new("ps")
        .args(["-o", "pid=", "--ppid", &ferry])
        .output()
        .expect("ps runs");
    let mut all = vec![ferry];
    let children = String::from_utf8_lossy(&children.stdout).into_owned();
    all.extend(children.split_whitespace().map(str::to_owned));
    assert!(all.len() > 1, "the page has a process of its own");
    all.iter()
        .flat_map(|process| ["cmdline", "environ"].map(|file| format!("/proc/{process}/{file}")))
        .filter_map(|file| Some((file.clone(), std::fs::read(file).ok()?)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_secret_reaches_the_keyring_and_nothing_else() {
    let _turn = TURN.lock().await;
    let (mut desktop, mut place) = (Desktop::start(), Place::new().await);
    desktop.log_everything();
    let right = "Canary/under+observation=In7he8window";
    let wrong = "Another/Canary+that=n0b0dy9accepts";
    let id = place.key.access_key_id.clone();
    place.key = Credential::new(id.clone(), right);
    place.sandbox.set_credentials(vec![place.key.clone()]);
    let mut canaries = Canaries::default();
    canaries.add("the secret", right.as_bytes());
    canaries.add("the wrong secret", wrong.as_bytes());
    let today = OffsetDateTime::now_utc();
    for day in [today, today + Days::days(1)] {
        let date = day.date().to_string().replace('-', "");
        for (whose, secret) in [("the secret", right), ("the wrong secret", wrong)] {
            canaries.add_signing_keys(whose, secret, &date, place.sandbox.region());
        }
    }

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("view-history").await;
    window.look("en", "light").await;
    window.until("the page to keep what arrives", KEEP_WHAT_ARRIVES).await;
    for (secret, outcome) in [(wrong, "failed"), (right, "passed")] {
        fill_in(&window, &place, "Harbour", secret).await;
        window.click("profile-test").await;
        let script = format!(
            "return document.querySelector('[data-testid=\"profile-test-outcome\"][data-outcome=\"{outcome}\"]') !== null"
        );
        window.until(outcome, &script).await;
        if secret == right {
            window.click("profile-save").await;
        } else {
            window.click("profile-cancel").await;
        }
        window.see_no("profile-dialog").await;
    }
    window.until("the saved profile to be chosen", &is_chosen("Harbour")).await;
    let film = desktop.write("files/film.mov", &bytes(11 * MIB, 1));
    window.drop_files(&[&film]).await;
    window.rows_until("the end", |rows| in_state(rows, "done") == 1).await;

    // Another key from now on: what the store says of the signature is shown.
    place.sandbox.set_credentials(vec![Credential::new(id, "another secret since today")]);
    let note = desktop.write("files/note.txt", b"a note");
    window.drop_files(&[&note]).await;
    window.rows_until("one that waits", |rows| in_state(rows, "waiting") == 1).await;
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.see("profile-dialog").await;
    window.click("profile-cancel").await;
    let first = arrived(&window).await;
    let processes = given_to_processes(&desktop);
    window.quit().await;

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("view-history").await;
    window.rows_until("the queue", |rows| rows.len() == 2).await;
    window.until("the page to keep what arrives", KEEP_WHAT_ARRIVES).await;
    // A change of the settings is answered by the profiles as well.
    window.look("zh", "dark").await;
    window.until("the profiles", "return window.arrived.join().includes('Harbour')").await;
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.see("profile-dialog").await;
    window.click("profile-cancel").await;
    let second = arrived(&window).await;
    let stored = window.session.secrets(&desktop);
    window.quit().await;

    assert!(stored.iter().any(|entry| entry.contains(right)), "it is not in the keyring");
    assert!(first.contains("Harbour") && first.contains("film.mov"), "{first}");
    assert!(second.contains("Harbour"), "{second}");
    let mut found = Vec::new();
    let page = ("the page".to_owned(), format!("{first}\n{second}").into_bytes());
    for (place, bytes) in processes.into_iter().chain([page]) {
        let turned_up = canaries.found_in(&bytes).into_iter();
        found.extend(turned_up.map(|what| format!("{place}: {what}")));
    }
    let (in_files, files) = canaries.found_below(&desktop.path(""), &[]);
    found.extend(in_files);
    assert!(found.is_empty() && files > 5, "{files} files: {found:#?}");
    let log = std::fs::read_to_string(desktop.path("session.log")).expect("reads");
    assert!(log.contains("TRACE"), "the log is silent");
}
