//! A drop of very many files: first rows, queued, scrolling, memory.

use std::time::{Duration, Instant};

use ferry_sandbox::DataPolicy;
use serde_json::Value;
use support::desktop::{Desktop, Keyring};
use support::ferry::Place;
use support::window::Window;

use crate::destination::connect;
use crate::figures::{Goal, line};
use crate::processes::{own_megabytes, small_files};

/// Notes when the first row is there and when the batch counts all its files, in ms of the page's
/// clock.
const WATCH: &str = r#"
    const wanted = arguments[0] ?? WANTED;
    window.seen = {};
    const look = () => {
        const now = Date.now();
        if (document.querySelector('[data-testid="row"]') !== null) window.seen.row ??= now;
        const batch = document.querySelector('[data-testid="batch"]')?.innerText ?? "";
        if (batch.replaceAll(/[,\s]/g, "").includes(String(wanted))) window.seen.queued ??= now;
        if (window.seen.queued === undefined) setTimeout(look, 10);
    };
    look();"#;

/// Scrolls for five seconds, a page a frame, then presses End; gives the time of each frame and how
/// long there were no rows where rows should be, in ms.
const SCROLL: &str = r#"
    const done = arguments[arguments.length - 1];
    const list = document.querySelector('[data-testid="list"]');
    const area = list.getBoundingClientRect();
    const filled = () => [0.25, 0.5, 0.9].every((part) => {
        const at = document.elementFromPoint(area.left + area.width / 2, area.top + area.height * part);
        return at?.closest('[role="row"]') !== null && at?.closest('[role="row"]') !== undefined;
    });
    const frames = []; let blank = 0, blankSince = null, last = performance.now();
    const begun = last; let jumped = false; let endBlank = null;
    const step = (now) => {
        frames.push(now - last); last = now;
        if (filled()) { if (blankSince !== null) { if (jumped) endBlank ??= now - blankSince; else blank = Math.max(blank, now - blankSince); } blankSince = null;
            if (jumped && now - begun > 6000) { done({ frames, blank, endBlank: endBlank ?? 0 }); return; } }
        else blankSince ??= now;
        if (now - begun < 5000) list.scrollTop += STEP;
        else if (!jumped) { jumped = true; blankSince = null; list.scrollTop = list.scrollHeight; }
        if (now - begun > 15000) { done({ frames, blank, endBlank: 10000 }); return; }
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);"#;

/// # Panics
/// Where the window does not come up, or the files do not.
pub(crate) async fn section(files: usize) -> String {
    let desktop = Desktop::start();
    let folder = desktop.path("files");
    small_files(&folder, files);
    let place = Place::with(|config| config.data = DataPolicy::Discard).await;
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    connect(&window, &place).await;
    let page = desktop.page().expect("the page has a process");
    let backend = desktop.ferry().expect("it runs");
    let before = own_megabytes(backend);

    window.run(&WATCH.replace("WANTED", &files.to_string())).await;
    let drag = window.hold(&[&folder]).await;
    let dropped = milliseconds();
    drag.drop_here();
    let seen = queued(&window).await;
    let since = |name: &str| (seen[name].as_f64().unwrap_or(f64::INFINITY) - dropped) / 1000.0;
    let (first, all) = (since("row"), since("queued"));

    let slow = scrolled(&window, 40).await;
    let fast = scrolled(&window, 2000).await;
    window.click("pause-all").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let resting = scrolled(&window, 40).await;
    let (grown, weight) = (own_megabytes(backend) - before, own_megabytes(page));
    drop(window);
    let frames = |seen: &Scrolled| seen.frame_p95;
    format!(
        "### drop: {files} files in one drop, uploading while this is measured\n\n{}{}{}{}{}{}{}{}\n",
        line("first row", &[first], "s", Goal(1.0)),
        line("all queued", &[all], "s", Goal(10.0)),
        line("frames while scrolling, p95", &[frames(&slow), frames(&fast)], "ms", Goal(33.0)),
        line("the same, once all is paused", &[frames(&resting)], "ms", Goal(33.0)),
        line("no rows in view, scrolling", &[slow.blank, fast.blank], "ms", Goal(150.0)),
        line("no rows in view, after a jump to the end", &[slow.end, fast.end], "ms", Goal(150.0)),
        line("more memory of the backend", &[grown], "MB", Goal(100.0)),
        line("memory of the page's process", &[weight], "MB", Goal(300.0)),
    )
}

async fn queued(window: &Window<'_>) -> Value {
    let begun = Instant::now();
    loop {
        let seen = window.run("return window.seen").await;
        if !seen["queued"].is_null() || begun.elapsed() > Duration::from_secs(120) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

struct Scrolled {
    frame_p95: f64,
    blank: f64,
    end: f64,
}

async fn scrolled(window: &Window<'_>, step: u32) -> Scrolled {
    window.run(r#"document.querySelector('[data-testid="list"]').scrollTop = 0"#).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let told = window.run_async(&SCROLL.replace("STEP", &step.to_string())).await;
    let frames = told["frames"].as_array().into_iter().flatten();
    let mut frames: Vec<f64> = frames.filter_map(Value::as_f64).collect();
    frames.sort_by(f64::total_cmp);
    let number = |name: &str| told[name].as_f64().unwrap_or(f64::INFINITY);
    Scrolled {
        frame_p95: frames.get(frames.len() * 95 / 100).copied().unwrap_or(f64::INFINITY),
        blank: number("blank"),
        end: number("endBlank"),
    }
}

fn milliseconds() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64() * 1000.0
}
