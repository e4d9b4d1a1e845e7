//! Waits for transfers, showing progress, until they rest, a signal comes, the endpoint stays away
//! or the queue cannot be written any more; and the last line of such a command.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ferry_app::model::size::show_bytes;
use ferry_app::model::{BatchId, Fault, LimitedBy, TransferId, message};
use ferry_app::{App, BatchReport, Offline, QueueDamage, QueueItem, Reading, WaitsFor};
use serde::Serialize;

use crate::args::{ProgressChoice, ServeArguments, WaitLimit};
use crate::metrics;
use crate::output::Output;
use crate::progress::Progress;
use crate::signals::Suspension;
use crate::text::{say, show_speed, told};
use crate::{Exit, Session};

/// Another endpoint that took bytes this long ago is taking bytes.
const TAKING: Duration = Duration::from_secs(1);

/// How waiting ended.
#[derive(Debug)]
pub(crate) enum Waited {
    /// Nothing can run any more.
    Rested,
    /// A signal came.
    Interrupted,
    /// The endpoint stayed away, or the queue could not be written.
    Away(Box<Fault>),
}

impl Waited {
    /// Why it ended before everything rested.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Rested | Self::Interrupted => None,
            Self::Away(fault) => Some(fault),
        }
    }
}

/// Waiting that ended, and which transfers were being tried again at that moment.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) waited: Waited,
    retrying: HashMap<TransferId, Fault>,
}

impl Ended {
    /// What is known of these rows: stopping them made an end of their retries.
    pub(crate) fn explain(&self, items: &mut [QueueItem]) {
        for item in items.iter_mut().filter(|item| item.fault.is_none()) {
            if let Some(fault) = self.retrying.get(&TransferId(item.id)) {
                item.waits_for = Some(WaitsFor::Retry);
                item.fault = Some(fault.clone());
            }
        }
    }
}

/// What a command runs, and how.
#[derive(Debug)]
pub(crate) struct Run {
    /// The batch whose progress is shown; all of the queue's without one.
    pub(crate) batch: Option<BatchId>,
    /// How long an endpoint may be away.
    pub(crate) limit: WaitLimit,
    /// Whether its folders are still being read, for a put.
    pub(crate) reading: Option<Reading>,
    /// How its progress is shown.
    pub(crate) progress: ProgressChoice,
    /// Lines for scripts, instead of progress.
    pub(crate) json: bool,
    /// What becomes of it if the command ends first.
    pub(crate) after: AfterEnd,
}

/// What becomes of transfers whose command ends before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterEnd {
    /// The same command goes on with them.
    GoesOn,
    /// They are taken back.
    IsTakenBack,
}

/// Waits for `finished`, the engine's rest, and stops what runs if something else ends the waiting.
pub(crate) async fn wait(
    app: &App,
    run: Run,
    session: &Session,
    finished: impl Future<Output = Result<(), Fault>>,
) -> Result<Ended, Fault> {
    let waited = watch(app, run, session, finished).await;
    session.out.clear_block().await;
    let retrying = app.retrying();
    if !matches!(waited, Ok(Waited::Rested)) {
        app.stop_running().await;
    }
    Ok(Ended { waited: waited?, retrying })
}

/// Waits as [`wait`] does, and stops nothing.
pub(crate) async fn watch(
    app: &App,
    run: Run,
    session: &Session,
    finished: impl Future<Output = Result<(), Fault>>,
) -> Result<Waited, Fault> {
    let Session { out, signals } = session;
    let mut finished = std::pin::pin!(finished);
    let mut signal = std::pin::pin!(signals.received());
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let choice = (!run.json).then_some(run.progress);
    let mut progress = Progress::begin(app, run.batch, run.reading, choice);
    let mut suspension = if progress.draws() { Suspension::heed() } else { Suspension::leave() };
    let mut absences = Absences::new(run.limit, run.json, run.after);
    let mut last_line = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = &mut signal => return Ok(Waited::Interrupted),
            outcome = &mut finished => { outcome?; return Ok(Waited::Rested) }
            () = suspension.requested() => {
                out.clear_block().await;
                suspension.stop();
            }
            _ = ticks.tick() => {}
        }
        let offline = app.offline();
        let report = progress.look(app, &offline, out).await?;
        if run.json && last_line.elapsed() >= Duration::from_secs(1) {
            last_line = Instant::now();
            out.json(&progress_line(app, &report)).await;
        }
        if let Some(fault) = absences.look(&report, absences_of(app, offline), out).await {
            return Ok(Waited::Away(Box::new(fault)));
        }
    }
}

/// What transfers wait for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lacking {
    Endpoint(String),
    /// The queue's own disk.
    Disk,
    /// A volume that files are on, by its device.
    Volume(u64),
}

impl Lacking {
    fn endpoint(&self) -> &str {
        match self {
            Self::Endpoint(endpoint) => endpoint,
            Self::Disk | Self::Volume(_) => "",
        }
    }
}

struct Away {
    what: Lacking,
    fault: Fault,
    since: tokio::time::Instant,
}

fn absences_of(app: &App, offline: Vec<(String, Offline)>) -> Vec<Away> {
    let endpoints = offline.into_iter().map(|(endpoint, away)| Away {
        fault: away.fault.with_subject(endpoint.clone()),
        since: away.since,
        what: Lacking::Endpoint(endpoint),
    });
    let disk = app.journal_trouble().map(|trouble| Away {
        what: Lacking::Disk,
        fault: trouble.fault,
        since: trouble.since,
    });
    let volumes = app.missing_volumes().into_iter().map(|volume| Away {
        what: Lacking::Volume(volume.device),
        fault: volume.fault,
        since: volume.since,
    });
    endpoints.chain(disk).chain(volumes).collect()
}

/// What is away, and whether that has been so for too long.
struct Absences {
    limit: WaitLimit,
    json: bool,
    after: AfterEnd,
    told: BTreeSet<Lacking>,
    headway: (u64, Instant),
}

impl Absences {
    fn new(limit: WaitLimit, json: bool, after: AfterEnd) -> Self {
        Self { limit, json, after, told: BTreeSet::new(), headway: (0, Instant::now()) }
    }

    /// Says what is newly away; returns why to wait no longer.
    async fn look(&mut self, report: &BatchReport, away: Vec<Away>, out: &Output) -> Option<Fault> {
        let headway = report.acked_bytes + report.verified + report.skipped + report.failed;
        if headway != self.headway.0 {
            self.headway = (headway, Instant::now());
        }
        self.told.retain(|told| away.iter().any(|away| away.what == *told));
        for Away { what, fault, since } in away {
            // One endpoint that is away ends nothing while another one still takes bytes.
            if let WaitLimit::For(limit) = self.limit
                && since.elapsed() >= limit
                && self.headway.1.elapsed() >= limit.max(TAKING)
            {
                return Some(fault);
            }
            if self.limit != WaitLimit::For(Duration::ZERO) && self.told.insert(what.clone()) {
                self.tell(what.endpoint(), &fault, out).await;
            }
        }
        None
    }

    async fn tell(&self, endpoint: &str, fault: &Fault, out: &Output) {
        let limit = self.limit;
        if self.json {
            out.json(&serde_json::json!({
                "type": "waiting", "endpoint": endpoint, "wait_seconds": limit.seconds(),
                "fault": fault,
            }))
            .await;
            return;
        }
        out.complain(fault).await;
        out.tell(&match (limit, self.after) {
            (_, AfterEnd::IsTakenBack) => message::wait_taken_back(limit.to_string()),
            (WaitLimit::Forever, _) => message::wait_forever(),
            (WaitLimit::For(_), _) => message::wait_at_most(limit.to_string()),
        })
        .await;
    }
}

fn progress_line(app: &App, report: &BatchReport) -> serde_json::Value {
    serde_json::json!({
        "type": "progress", "files": report.files, "bytes": report.bytes,
        "acked_bytes": report.acked_bytes, "verified": report.verified, "failed": report.failed,
        "sent_bytes": app.run_totals().sent_bytes,
    })
}

/// The exit code of a run that ended so.
fn exit_of(waited: &Waited, report: &BatchReport) -> Exit {
    match waited {
        Waited::Interrupted => Exit::Interrupted,
        Waited::Rested if report.failed == 0 && report.waiting == 0 => Exit::Fine,
        Waited::Rested | Waited::Away(_) => Exit::Failed,
    }
}

/// What a command that runs transfers opens, and how it tells of them.
#[derive(Debug, Clone)]
pub(crate) struct Opening<'a> {
    /// Where the queue is.
    pub(crate) data_dir: Option<PathBuf>,
    /// Where metrics are served meanwhile.
    pub(crate) serve: &'a ServeArguments,
    /// Lines for scripts.
    pub(crate) json: bool,
}

/// Opens the queue, does the work, and ends with a summary, whatever came between.
pub(crate) async fn conclude(
    Opening { data_dir, serve, json }: Opening<'_>,
    Session { out, signals }: &Session,
    work: impl AsyncFnOnce(&App, &mut Closing) -> Result<Waited, Fault>,
) -> Result<Exit, Fault> {
    let mut closing = Closing::begin();
    let opened = tokio::select! {
        opened = crate::open(data_dir) => opened.map(Some),
        () = signals.received() => Ok(None),
    };
    let (app, outcome) = match opened {
        Ok(Some(app)) => {
            let outcome = match metrics::serve(&app, serve, json, out).await {
                // Served until the work is done.
                Ok(_served) => with_hooks(&app, serve, &mut closing, (json, out), work).await,
                Err(fault) => Err(fault),
            };
            (Some(app), outcome)
        }
        Ok(None) => (None, Ok(Waited::Interrupted)),
        Err(fault) => (None, Err(fault)),
    };
    if let Err(fault) = &outcome {
        out.complain(fault).await;
    }
    let fault = outcome.as_ref().map_or_else(Some, Waited::fault);
    closing.tell(app.as_ref(), fault, json, out).await;
    if let Some(app) = &app {
        app.shutdown().await;
    }
    let exit = outcome.map_or(Exit::Failed, |waited| exit_of(&waited, &closing.report));
    // Where something that was queued cannot run, all is not well.
    Ok(if exit == Exit::Fine && closing.loses_transfers { Exit::Failed } else { exit })
}

/// Does the work, and calls hooks meanwhile and in the end. What becomes of those changes nothing of
/// what became of the work.
async fn with_hooks(
    app: &App,
    arguments: &ServeArguments,
    closing: &mut Closing,
    (json, out): (bool, &Output),
    work: impl AsyncFnOnce(&App, &mut Closing) -> Result<Waited, Fault>,
) -> Result<Waited, Fault> {
    if arguments.hooks.is_empty() {
        return work(app, closing).await;
    }
    let hooks = app.run_hooks(arguments.hooks.clone())?;
    let outcome = work(app, closing).await;
    let report = hooks.end(&closing.report).await;
    for (what, fault) in &report.failed {
        if json {
            out.json(&serde_json::json!({ "type": "hook", "failed": what, "fault": fault })).await;
        } else {
            out.tell(&message::hook_failed(what.as_str(), told(fault))).await;
        }
    }
    if report.left_out > 0 {
        out.tell(&message::hooks_left_out(report.left_out)).await;
    }
    outcome
}

/// What a command that runs transfers knows of its end, and tells as its last line.
#[derive(Debug)]
pub(crate) struct Closing {
    began: Instant,
    /// How the transfers stood before.
    pub(crate) before: BatchReport,
    /// How they stand.
    pub(crate) report: BatchReport,
    /// Transfers whose rows cannot be read; they are in neither report for certain.
    unreadable: usize,
    /// Whether something that was to run cannot be read.
    loses_transfers: bool,
}

/// The last line of `--json`.
#[derive(Debug, Serialize)]
struct Summary<'a> {
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
    unreadable: usize,
    limited_by: Option<LimitedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a Fault>,
}

impl Closing {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            before: BatchReport::default(),
            report: BatchReport::default(),
            unreadable: 0,
            loses_transfers: false,
        }
    }

    /// What of the queue cannot be read, and whether this command was to run it.
    pub(crate) fn damaged(&mut self, damage: &QueueDamage, loses_transfers: bool) {
        self.unreadable = damage.unreadable.len();
        self.loses_transfers = loses_transfers;
    }

    /// Writes the last line: also when nothing could run, and why.
    async fn tell(&self, app: Option<&App>, fault: Option<&Fault>, json: bool, out: &Output) {
        let run = app.map(App::run_totals).unwrap_or_default();
        let (report, seconds) = (&self.report, self.began.elapsed().as_secs_f64());
        let open = report.failed + report.waiting;
        if json {
            out.json(&Summary {
                kind: "summary",
                files: report.files,
                bytes: report.bytes,
                verified: report.verified,
                skipped: report.skipped,
                failed: open,
                sent_bytes: run.sent_bytes,
                resumed_bytes: run.resumed_bytes + self.before.verified_bytes,
                retries: run.retries,
                seconds: (seconds * 1000.0).round() / 1000.0,
                unreadable: self.unreadable,
                limited_by: run.waits.limited_by(),
                fault,
            })
            .await;
            return;
        }
        let speed = (run.sent_bytes as f64 / seconds.max(0.001)) as u64;
        let (bytes, seconds) = (show_bytes(run.sent_bytes), format!("{seconds:.1}"));
        let text = message::run_summary(
            report.verified,
            report.files,
            show_bytes(report.bytes),
            report.skipped,
            open,
            message::run_sent(bytes, seconds, show_speed(speed)),
        );
        out.notes(&[say(&text)]).await;
    }
}
