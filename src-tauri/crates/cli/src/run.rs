//! Waits for transfers, showing progress, until they rest, a signal comes, or the network stays
//! away.

use std::time::Duration;

use ferry_app::model::{BatchId, Fault};
use ferry_app::{App, BatchReport};
use serde::Serialize;
use tokio::time::Instant;

use crate::Exit;
use crate::output::{Bar, json_line, say, told};

/// An endpoint that never answered is given up soon: its address is wrong, or there is no network.
const PATIENCE_AT_START: Duration = Duration::from_secs(10);
/// One that answered before is waited for longer.
const PATIENCE_LATER: Duration = Duration::from_secs(300);

/// How waiting ended.
#[derive(Debug)]
pub(crate) enum Waited {
    /// Nothing can run any more.
    Rested,
    /// A signal came.
    Interrupted,
    /// The endpoint stayed away.
    Away(Box<Fault>),
}

/// Waits for `finished`, the engine's rest; shows the batch's progress, or all of the queue's.
pub(crate) async fn wait(
    app: &App,
    batch: Option<BatchId>,
    json: bool,
    finished: impl Future<Output = Result<(), Fault>>,
) -> Result<Waited, Fault> {
    let bar = Bar::new(json);
    let mut finished = std::pin::pin!(finished);
    let mut signal = std::pin::pin!(signal());
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let mut told_away = false;
    let mut last_line = Instant::now();
    let mut last_headway = (0, Instant::now());
    let waited = loop {
        tokio::select! {
            biased;
            () = &mut signal => break Waited::Interrupted,
            outcome = &mut finished => { outcome?; break Waited::Rested }
            _ = ticks.tick() => {}
        }
        let report = app.batch_report(batch).await?;
        bar.show(&report, app.flying_bytes());
        if json && last_line.elapsed() >= Duration::from_secs(1) {
            last_line = Instant::now();
            json_line(&progress_line(app, &report));
        }
        let headway = report.acked_bytes + report.verified + report.skipped + report.failed;
        if headway != last_headway.0 {
            last_headway = (headway, Instant::now());
        }
        if let Some((endpoint, away)) = app.offline().into_iter().next() {
            let patience = if away.reached_before == ferry_app::Reached::Yes {
                PATIENCE_LATER
            } else {
                PATIENCE_AT_START
            };
            if !told_away && !json {
                bar.line(&format!(
                    "ferry: {}",
                    told(&away.fault.clone().with_subject(endpoint.clone()))
                ));
                told_away = true;
            }
            // One endpoint that is away ends nothing while another one still takes bytes.
            if away.since.elapsed() > patience && last_headway.1.elapsed() > patience {
                break Waited::Away(Box::new(away.fault.with_subject(endpoint)));
            }
        } else {
            told_away = false;
        }
    };
    bar.end();
    if !matches!(waited, Waited::Rested) {
        app.stop_running().await;
    }
    Ok(waited)
}

fn progress_line(app: &App, report: &BatchReport) -> serde_json::Value {
    serde_json::json!({
        "type": "progress", "files": report.files, "bytes": report.bytes, "acked_bytes": report.acked_bytes,
        "verified": report.verified, "failed": report.failed, "sent_bytes": app.run_totals().sent_bytes,
    })
}

/// What to say at the end, and the exit code.
pub(crate) fn exit_of(waited: &Waited, report: &BatchReport) -> Exit {
    match waited {
        Waited::Interrupted => Exit::Interrupted,
        Waited::Rested if report.failed == 0 && report.waiting == 0 => Exit::Fine,
        Waited::Rested | Waited::Away(_) => Exit::Failed,
    }
}

/// The last line of `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    #[serde(rename = "type")]
    kind: &'static str,
    files: u64,
    bytes: u64,
    verified: u64,
    skipped: u64,
    failed: u64,
    sent_bytes: u64,
    resumed_bytes: u64,
    retries: u64,
    seconds: f64,
    /// Transfers whose rows cannot be read; they are in none of the numbers above for certain.
    unreadable: u64,
}

impl Summary {
    /// Of a run that found `before` and left `report`.
    pub(crate) fn new(app: &App, report: &BatchReport, before: &BatchReport, seconds: f64) -> Self {
        let run = app.run_totals();
        Self {
            kind: "summary",
            files: report.files,
            bytes: report.bytes,
            verified: report.verified,
            skipped: report.skipped,
            failed: report.failed + report.waiting,
            sent_bytes: run.sent_bytes,
            resumed_bytes: run.resumed_bytes + before.verified_bytes,
            retries: run.retries,
            seconds: (seconds * 1000.0).round() / 1000.0,
            unreadable: 0,
        }
    }

    /// With the number of transfers that cannot be read.
    pub(crate) fn with_unreadable(self, transfers: usize) -> Self {
        Self { unreadable: transfers as u64, ..self }
    }
}

/// The last line for people.
pub(crate) fn summary_line(app: &App, report: &BatchReport, seconds: f64) -> String {
    use ferry_app::model::Text;
    use ferry_app::model::size::show_bytes;
    let run = app.run_totals();
    let speed = show_bytes((run.sent_bytes as f64 / seconds.max(0.001)) as u64);
    let (files, verified, skipped, open) =
        (report.files, report.verified, report.skipped, report.failed + report.waiting);
    let (bytes, sent) = (show_bytes(report.bytes), show_bytes(run.sent_bytes));
    say(&Text::new(
        format!(
            "{verified} of {files} files verified ({bytes}), {skipped} skipped, {open} not done; {sent} sent in {seconds:.1} s ({speed}/s)"
        ),
        format!("{files} 个文件（{bytes}）：已校验 {verified}，跳过 {skipped}，未完成 {open}；{seconds:.1} 秒内发送 {sent}（{speed}/s）"),
    ))
    .to_owned()
}

/// Completes with the first Ctrl-C or SIGTERM.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
