//! What the window costs the process behind it while 200 transfers are under way: the same
//! transfers by `ferry put`, which has no window, are what it is held against.

use std::path::Path;
use std::time::Duration;

use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::poll::until;
use support::window::Window;

use crate::destination::connect;
use crate::figures::{Goal, line, middle};
use crate::processes::Shares;

const OVER: Duration = Duration::from_secs(10);
/// Files are queued, requests begin.
const SETTLE: Duration = Duration::from_secs(5);
const FILES: usize = 200;
/// At the limit below, all of them together take longer than all rounds.
const FILE_BYTES: u64 = 4 << 20;
/// In MiB a second, for all of them.
const LIMIT: &str = "4";

/// # Panics
/// Where the window does not come up, or `ferry` does not run.
pub(crate) async fn section(rounds: usize) -> String {
    let (place, desktop) = (Place::new().await, Desktop::start());
    let files = desktop.path("files");
    for index in 0..FILES {
        let path = desktop.write(format!("files/{index:03} picture.tif"), &[]);
        let file = std::fs::File::options().write(true).open(path);
        file.and_then(|file| file.set_len(FILE_BYTES)).expect("a sparse file");
    }
    let with = with_window(&desktop, &place, &files, rounds).await;
    let place = Place::new().await;
    let without = without_window(&place, &files, rounds).await;
    let all = |shares: &[Shares]| shares.iter().map(|one| one.all).collect::<Vec<_>>();
    let drawing: Vec<f64> = with.iter().map(|one| one.first_thread).collect();
    let (with, without) = (all(&with), all(&without));
    let more = middle(with.clone()) - middle(without.clone());
    format!(
        "### backend: the process behind the window, {FILES} transfers under way at {LIMIT} MiB/s\n\n\
         {}{}{}{}\n",
        line("with the window", &with, "% of a core", Goal(f64::INFINITY)),
        line(
            "of it, the thread that draws the window",
            &drawing,
            "% of a core",
            Goal(f64::INFINITY)
        ),
        line("`ferry put` of the same", &without, "% of a core", Goal(f64::INFINITY)),
        line("more with the window", &[more], "% of a core", Goal(3.0)),
    )
}

async fn with_window(desktop: &Desktop, place: &Place, files: &Path, rounds: usize) -> Vec<Shares> {
    let window = Window::open(desktop, Keyring::Unlocked).await;
    window.resize(1280, 950).await;
    window.pace(&FILES.to_string(), LIMIT).await;
    connect(&window, place).await;
    window.drop_files(&[files]).await;
    window.rows_until("rows", |rows| rows.len() > 20).await;
    measured(desktop.ferry().expect("it runs"), place, rounds).await
}

async fn without_window(place: &Place, files: &Path, rounds: usize) -> Vec<Shares> {
    let (parallel, limit) = (FILES.to_string(), format!("{LIMIT}MiB/s"));
    let options = ["--parallel", &parallel, "--limit", &limit];
    let put = place.put(&[files], &format!("oss://{BUCKET}/"), &options);
    let mut child = place.start(put);
    let cpu = measured(child.id().expect("it runs"), place, rounds).await;
    child.kill().await.expect("it is killed");
    cpu
}

/// Once all are under way.
async fn measured(process: u32, place: &Place, rounds: usize) -> Vec<Shares> {
    until("all transfers", || place.sandbox.ledger().entries().len() >= FILES).await;
    tokio::time::sleep(SETTLE).await;
    let mut cpu = Vec::new();
    for _ in 0..rounds {
        cpu.push(Shares::taken(process, OVER).await);
    }
    cpu
}
