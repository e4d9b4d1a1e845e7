//! How soon the window is painted, beside a bare window of the same toolkit
//! (`tests/bench/window/bare`).

use std::path::Path;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, json};
use support::desktop::{Desktop, Keyring};
use support::ferry::program;
use support::window::Window;

use crate::figures::{Goal, line, middle};

/// When the page painted its first text, in ms since 1970; null before.
const PAINTED: &str = r#"
    const [first] = performance.getEntriesByName("first-contentful-paint");
    return first === undefined ? null : performance.timeOrigin + first.startTime;"#;

/// # Panics
/// Where one of both does not come up.
pub(crate) async fn section(rounds: usize) -> String {
    let desktop = Desktop::start();
    let window = program("ferry-desktop");
    let other = window.with_file_name("examples").join("bare-window");
    let (mut ferry, mut bare) = (Vec::new(), Vec::new());
    // By turns, so that a slow moment of the machine meets both.
    for _ in 0..rounds {
        bare.push(painted(&desktop, &other).await);
        ferry.push(painted(&desktop, &window).await);
    }
    let ratio: Vec<f64> = ferry.iter().zip(&bare).map(|(own, other)| own / other).collect();
    format!(
        "### start: from the process to the first text\n\n{}- Ferry {:.2} s, a bare window {:.2} s\n\n",
        line("Ferry over a bare window", &ratio, "x", Goal(1.2)),
        middle(ferry),
        middle(bare),
    )
}

/// Starts a program and gives the seconds until its first text is painted.
async fn painted(desktop: &Desktop, program: &Path) -> f64 {
    let session = desktop.log_in(Keyring::None);
    let options = json!({ "binary": program, "args": [] });
    let capabilities = Map::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let client = builder.capabilities(capabilities).connect(&session.driver).await;
    let client = client.expect("a driver session");
    let process = desktop.running(program).expect("it runs");
    let begun = start_of(process);
    let painted = first_paint(&client).await;
    drop(client.close().await);
    (painted - begun) / 1000.0
}

async fn first_paint(client: &Client) -> f64 {
    for _ in 0..1_000 {
        let told = client.execute(PAINTED, Vec::new()).await.expect("a script runs");
        if let Some(when) = told.as_f64() {
            return when;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing was painted")
}

/// When a process began, in ms since 1970, by hundredths of a second.
pub(crate) fn start_of(process: u32) -> f64 {
    let read = |file: &str| std::fs::read_to_string(file).expect("Linux");
    let told = read(&format!("/proc/{process}/stat"));
    let (_, after) = told.rsplit_once(')').expect("the name is in brackets");
    let ticks: f64 =
        after.split_whitespace().nth(19).and_then(|text| text.parse().ok()).expect("a number");
    let up: f64 = read("/proc/uptime")
        .split(' ')
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a number");
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    now.as_secs_f64() * 1000.0 - (up * 1000.0 - ticks * 10.0)
}

/// Seconds from `begun` until the page painted its first text.
pub(crate) async fn shown_after_seconds(window: &Window<'_>, begun: f64) -> f64 {
    let painted = window.until("the first text", PAINTED).await;
    (painted.as_f64().unwrap_or(f64::INFINITY) - begun) / 1000.0
}
