//! What the page's process costs while one file runs with 30 rows in view, minimised, and idle.

use std::time::Duration;

use support::desktop::{Desktop, Keyring};
use support::window::Window;

use crate::figures::{Goal, line};
use crate::processes::cpu_percent;

const OVER: Duration = Duration::from_secs(10);
/// What came before settles: pictures of the last state, collected memory.
const SETTLE: Duration = Duration::from_secs(3);
/// Rows beside the file that runs.
const ROWS: usize = 29;
/// It runs longer than all rounds.
const FILE_BYTES: u64 = 8 << 30;

/// # Panics
/// Where the window does not come up.
pub(crate) async fn section(rounds: usize) -> String {
    let desktop = Desktop::start();
    let rows = desktop.path("files");
    for index in 0..ROWS {
        desktop.write(format!("files/{index:02} paper.txt"), b"small");
    }
    let film = desktop.path("film.mov");
    std::fs::File::create(&film).and_then(|file| file.set_len(FILE_BYTES)).expect("a sparse file");

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.resize(1280, 950).await;
    let page = desktop.page().expect("the page has a process");
    let (mut idle, mut working, mut minimised) = (Vec::new(), Vec::new(), Vec::new());
    window.pace("2", "4").await;
    window.drop_files(&[&rows, &film]).await;
    window.see("headline").await;
    // What is verified is folded away, and rows in view are wanted.
    window.see("fold").await;
    window.click("fold").await;
    window.rows_until("rows", |rows| rows.len() >= ROWS - 2).await;
    tokio::time::sleep(SETTLE).await;
    let shown = window.run(SHOWN).await;
    for _ in 0..rounds {
        working.push(cpu_percent(page, OVER).await);
    }
    window.click("pause-all").await;
    tokio::time::sleep(SETTLE).await;
    for _ in 0..rounds {
        idle.push(cpu_percent(page, OVER).await);
    }
    window.click("resume-all").await;
    window.see("headline").await;
    desktop.xdotool(&["windowminimize", "--sync", &window.id]);
    tokio::time::sleep(SETTLE).await;
    for _ in 0..rounds {
        minimised.push(cpu_percent(page, OVER).await);
    }
    drop(window);
    format!(
        "### working: the page's process, software rendering, {shown} lines in view\n\n{}{}{}\n",
        line("one file running", &working, "% of a core", Goal(15.0)),
        line("the same, minimised", &minimised, "% of a core", Goal(5.0)),
        line("idle", &idle, "% of a core", Goal(0.1)),
    )
}

const SHOWN: &str =
    r#"return document.querySelectorAll('[data-testid="row"], [data-testid="batch"]').length"#;
