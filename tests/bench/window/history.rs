//! What a long history costs: the start of the window, and the answer of its search.

use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::window::Window;

use crate::figures::{Goal, line, middle};
use crate::processes::small_files;
use crate::start::{shown_after_seconds, start_of};

/// Types a word that a few names hold, and gives the ms until the list shows only those.
const SEARCH: &str = r#"
    const done = arguments[arguments.length - 1];
    const field = document.querySelector('[data-testid="search"]');
    const names = () => [...document.querySelectorAll('[data-testid="row"]')].map((row) => row.dataset.name);
    field.focus();
    field.value = "WORD";
    const begun = performance.now();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const look = () => {
        const now = performance.now();
        const seen = names();
        if (seen.length > 0 && seen.every((name) => name.includes("WORD"))) done(now - begun);
        else if (now - begun > 10000) done(10000);
        else setTimeout(look, 1);
    };
    look();"#;

/// # Panics
/// Where the window does not come up.
pub(crate) async fn section(rows: usize, rounds: usize) -> String {
    let place = Place::with(|config| config.data = ferry_sandbox::DataPolicy::Discard).await;
    let folder = place.path("files");
    small_files(&folder, rows);
    let desktop = Desktop::start();
    let mut short = Vec::new();
    for _ in 0..rounds {
        short.push(started(&desktop).await);
    }
    let mut put = place.put(&[&folder], &format!("oss://{BUCKET}/"), &["--progress", "none"]);
    put.env("FERRY_DATA_DIR", desktop.data_dir());
    let ran = support::ferry::Ran::of(put).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    let mut long = Vec::new();
    for _ in 0..rounds {
        long.push(started(&desktop).await);
    }
    let window = Window::open(&desktop, Keyring::None).await;
    window.click("view-history").await;
    window.rows_until("the history", |rows| !rows.is_empty()).await;
    let mut found = Vec::new();
    for round in 0..rounds {
        let word = format!("{:05}", 12_345 + round * 1_000);
        let told = window.run_async(&SEARCH.replace("WORD", &word)).await;
        found.push(told.as_f64().unwrap_or(f64::INFINITY));
    }
    drop(window);
    let more = (middle(long.clone()) / middle(short.clone()) - 1.0) * 100.0;
    let seconds =
        |all: &[f64]| all.iter().map(|one| format!("{one:.2}")).collect::<Vec<_>>().join(", ");
    format!(
        "### history: {rows} rows\n\n{}  without: {} s; with: {} s\n{}\n",
        line("later at a start", &[more], "%", Goal(10.0)),
        seconds(&short),
        seconds(&long),
        line("the answer of a search", &found, "ms", Goal(150.0)),
    )
}

/// Seconds from the start of the process until the window shows its queue.
async fn started(desktop: &Desktop) -> f64 {
    let window = Window::open(desktop, Keyring::None).await;
    let process = desktop.ferry().expect("it runs");
    let shown = shown_after_seconds(&window, start_of(process)).await;
    window.quit().await;
    shown
}
