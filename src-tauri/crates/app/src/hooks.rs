//! Calls what the user named when a transfer, or all of a command's, ended. A hook gets JSON: on
//! its standard input, or as the body of a POST.
//!
//! Hooks run beside the transfers, and nothing that they do reaches those: their number, their time
//! and what waits for them is bounded ([`ferry_model::hook`]). A call that fails is tried again; one
//! that fails for good is logged and told in the end.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ferry_journal::{BatchScope, ReceiptRow};
use ferry_model::hook::{
    HOOK_TIME, HOOKS_AT_ONCE, HOOKS_END, Hook, HookEvent, HookTarget, MOST_HOOKS, hook_wait,
};
use ferry_model::{BatchId, Fault, FaultKind, Standing, TransferId};
use ferry_storage::HttpClient;
use ferry_vault::process::{split_words, without_keys};
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::publisher::lock;
use crate::receipt::file;
use crate::report::BatchReport;

/// One call that is due.
#[derive(Debug)]
struct Call {
    target: HookTarget,
    body: Arc<str>,
}

/// What became of the calls of a run.
#[derive(Debug, Default)]
pub struct HookReport {
    /// Calls that went well.
    pub called: u64,
    /// What was called in vain, and why the last try failed.
    pub failed: Vec<(String, Fault)>,
    /// Calls that were left out, because too many waited or the time was up.
    pub left_out: u64,
}

/// What the end of a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// That of the run, told by [`HookRun::end`].
    OfRun,
    /// That of each batch: nothing of it is left to do.
    OfEach,
}

/// Time between two looks at batches that were not found at their end.
const LOOK: Duration = Duration::from_secs(1);

/// Hooks that are called until [`HookRun::end`].
#[derive(Debug)]
pub struct HookRun {
    hooks: Arc<[Hook]>,
    calls: mpsc::Sender<Call>,
    left_out: Arc<AtomicU64>,
    done: CancellationToken,
    following: JoinHandle<()>,
    calling: JoinHandle<HookReport>,
}

impl App {
    /// Calls these hooks from now on.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for a line that is no command.
    pub fn run_hooks(&self, hooks: Vec<Hook>) -> Result<HookRun, Fault> {
        self.begin_hooks(hooks, Ends::OfRun)
    }

    /// Calls the hooks of the settings from now on, in the place of those that were called before.
    /// What is due of those is still called.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for a line that is no command.
    pub(crate) fn follow_hooks(&self, hooks: Vec<Hook>) -> Result<(), Fault> {
        let mut place = lock(&self.inner.hooks);
        if place.as_ref().map_or(&[][..], |(hooks, _)| hooks) == hooks.as_slice() {
            return Ok(());
        }
        let next = match hooks.is_empty() {
            true => None,
            false => {
                let run = self.begin_hooks(hooks, Ends::OfEach)?;
                Some((run.hooks, run.done))
            }
        };
        if let Some((_, done)) = std::mem::replace(&mut *place, next) {
            done.cancel();
        }
        Ok(())
    }

    fn begin_hooks(&self, hooks: Vec<Hook>, ends: Ends) -> Result<HookRun, Fault> {
        check_hooks(&hooks)?;
        let hooks: Arc<[Hook]> = hooks.into();
        let (calls, due) = mpsc::channel(MOST_HOOKS);
        let (left_out, done) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
        let following = tokio::spawn(follow(
            self.clone(),
            Arc::clone(&hooks),
            self.inner.engine.outcomes(),
            Queue { calls: calls.clone(), left_out: Arc::clone(&left_out) },
            ends,
            done.clone(),
        ));
        let calling = tokio::spawn(call_all(self.inner.http.clone(), due));
        Ok(HookRun { hooks, calls, left_out, done, following, calling })
    }
}

/// Whether each command can be taken apart.
///
/// # Errors
/// [`FaultKind::InvalidInput`] for a line that is no command.
pub(crate) fn check_hooks(hooks: &[Hook]) -> Result<(), Fault> {
    for hook in hooks {
        if let HookTarget::Command(line) = &hook.target {
            words(line)?;
        }
    }
    Ok(())
}

impl HookRun {
    /// Calls what waits for the end of the batch, and waits for all calls, within bounds.
    pub async fn end(self, batch: &BatchReport) -> HookReport {
        self.done.cancel();
        // It looks at what ended before.
        let _ = self.following.await;
        let body = json!({
            "event": HookEvent::Batch.word(),
            "files": batch.files, "bytes": batch.bytes, "verified": batch.verified,
            "verifiedBytes": batch.verified_bytes, "skipped": batch.skipped,
            "failed": batch.failed, "waiting": batch.waiting,
        });
        let queue = Queue { calls: self.calls, left_out: Arc::clone(&self.left_out) };
        queue.add(&self.hooks, HookEvent::Batch, &body);
        drop(queue);
        let mut calling = self.calling;
        let mut report = match tokio::time::timeout(HOOKS_END, &mut calling).await {
            Ok(report) => report.unwrap_or_default(),
            Err(_) => {
                calling.abort();
                let late = Fault::new(FaultKind::Stalled);
                HookReport { failed: vec![(String::new(), late)], ..HookReport::default() }
            }
        };
        report.left_out += self.left_out.load(Ordering::Relaxed);
        report
    }
}

/// Where calls wait.
#[derive(Debug)]
struct Queue {
    calls: mpsc::Sender<Call>,
    left_out: Arc<AtomicU64>,
}

impl Queue {
    fn add(&self, hooks: &[Hook], event: HookEvent, body: &Value) {
        let body: Arc<str> = body.to_string().into();
        for hook in hooks.iter().filter(|hook| hook.event == event) {
            let call = Call { target: hook.target.clone(), body: Arc::clone(&body) };
            if self.calls.try_send(call).is_err() {
                self.left_out.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Queues a call for each transfer that ends, and for what had ended when it is done.
async fn follow(
    app: App,
    hooks: Arc<[Hook]>,
    mut outcomes: mpsc::UnboundedReceiver<TransferId>,
    queue: Queue,
    ends: Ends,
    done: CancellationToken,
) {
    let tells_ends =
        ends == Ends::OfEach && hooks.iter().any(|hook| hook.event == HookEvent::Batch);
    let mut open = BTreeSet::new();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let id = tokio::select! {
            biased;
            id = outcomes.recv() => id,
            () = done.cancelled() => None,
            _ = looks.tick(), if !open.is_empty() => {
                tell_ends(&app, &hooks, &queue, &mut open).await;
                continue;
            }
        };
        let Some(id) = id else { return };
        let row = match app.inner.journal.transfer(id).await {
            Ok(Some(row)) => row,
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(%error, "a hook was not called");
                queue.left_out.fetch_add(1, Ordering::Relaxed);
                continue;
            }
        };
        if tells_ends {
            open.insert(row.batch);
        }
        let event = match row.standing {
            Standing::Done => HookEvent::Verified,
            resting if resting.waits_for_user() => HookEvent::Failed,
            _ => continue,
        };
        let fault = row.fault.as_ref().map(|fault| fault.kind);
        let body = json!({
            "event": event.word(), "receipt": file(&ReceiptRow::from(row)), "fault": fault,
        });
        queue.add(&hooks, event, &body);
    }
}

/// Queues a call for each of these batches that has ended, and forgets it.
async fn tell_ends(app: &App, hooks: &[Hook], queue: &Queue, open: &mut BTreeSet<BatchId>) {
    for id in open.clone() {
        let listed = app.inner.journal.batches(BatchScope::One(id), 0, 1).await;
        let batch = match listed {
            Ok(page) => page.batches.into_iter().next(),
            Err(error) => {
                tracing::warn!(%error, "whether a batch ended is not known");
                continue;
            }
        };
        let Some(batch) = batch else {
            open.remove(&id);
            continue;
        };
        let sums = batch.totals;
        let adding = lock(&app.inner.publisher.intakes).contains_key(&id);
        if adding || sums.active + sums.until_quiet > 0 {
            continue;
        }
        // What waits for the user is looked at again once it goes on and ends.
        open.remove(&id);
        if sums.open() == 0 {
            let body = json!({
                "event": HookEvent::Batch.word(), "batch": id, "name": batch.label.name,
                "files": sums.files, "bytes": sums.bytes, "verified": sums.done,
                "verifiedBytes": sums.done_bytes, "skipped": sums.ended_otherwise(),
                "failed": 0, "waiting": 0,
            });
            queue.add(hooks, HookEvent::Batch, &body);
        }
    }
}

async fn call_all(http: HttpClient, due: mpsc::Receiver<Call>) -> HookReport {
    let due = stream::unfold(due, |mut due| async move { Some((due.recv().await?, due)) });
    let calls = due.map(|call| {
        let http = http.clone();
        async move {
            let outcome = call_until_done(&http, &call).await;
            (shown(&call.target), outcome)
        }
    });
    let mut report = HookReport::default();
    let mut calls = std::pin::pin!(calls.buffer_unordered(HOOKS_AT_ONCE));
    while let Some((what, outcome)) = calls.next().await {
        match outcome {
            Ok(()) => report.called += 1,
            Err(fault) => report.failed.push((what, fault)),
        }
    }
    report
}

async fn call_until_done(http: &HttpClient, call: &Call) -> Result<(), Fault> {
    let mut tries = 0;
    loop {
        let outcome = match &call.target {
            HookTarget::Url(url) => http.post_json(url, call.body.to_string(), HOOK_TIME).await,
            HookTarget::Command(line) => {
                match tokio::time::timeout(HOOK_TIME, run(line, &call.body)).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(Fault::new(FaultKind::Stalled)),
                }
            }
        };
        tries += 1;
        let Err(fault) = outcome else { return Ok(()) };
        let what = shown(&call.target);
        tracing::warn!(%fault, what, tries, "a hook failed");
        match hook_wait(tries) {
            Some(wait) if fault.kind != FaultKind::InvalidInput => tokio::time::sleep(wait).await,
            _ => return Err(fault),
        }
    }
}

/// What a hook is called in a sentence: the program or the host, as the rest may hold a token.
fn shown(target: &HookTarget) -> String {
    match target {
        HookTarget::Command(line) => ferry_vault::process::program_of(line),
        HookTarget::Url(url) => {
            let (_, rest) = url.split_once("://").unwrap_or(("", url));
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            host.rsplit('@').next().unwrap_or_default().to_owned()
        }
    }
}

fn words(line: &str) -> Result<Vec<String>, Fault> {
    split_words(line)
        .map_err(|why| Fault::new(FaultKind::InvalidInput).with_subject("--hook").with_detail(why))
}

/// Runs a command to its end. It gets the JSON on its standard input, and none of the keys in the
/// environment.
async fn run(line: &str, body: &str) -> Result<(), Fault> {
    let words = words(line)?;
    let failed = |why: String| {
        Fault::new(FaultKind::CallbackFailed)
            .with_subject(ferry_vault::process::program_of(line))
            .with_detail(why)
    };
    let mut command = tokio::process::Command::new(&words[0]);
    command.args(&words[1..]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    without_keys(&mut command);
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut input) = child.stdin.take() {
        // Who does not read it does without.
        let _ = input.write_all(body.as_bytes()).await;
    }
    let status = child.wait().await.map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}
