//! The audit log: one JSON object a line for each transfer that ended, or that failed. Off unless
//! the environment turns it on, or the settings do for the window.
//!
//! Lines are written from the engine's outcomes, after the journal has them. What a crash left out
//! is found in the journal at the next start: each end of a transfer has one id, and is written at
//! least once. Nothing in a line is a secret.

mod file;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_journal::ReceiptRow;
use ferry_model::{Fault, FaultKind, Profile, ProfileId, Standing, TransferId};
use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::{App, now_ms};
use crate::environment::{self, AuditPlace};
use crate::receipt::{ReceiptFile, file as receipt_file, moment};

/// The file in the data folder where no other is named.
const FILE: &str = "audit.jsonl";
/// The journal's setting: up to when all ends are in the log, milliseconds since 1970.
const CHECKED: &str = "audit.checked";
/// The journal's setting: when the log was turned on first.
const BEGAN: &str = "audit.began";
/// How far back is looked: clocks are set.
const MARGIN_MS: i64 = 3_600_000;
/// Lines written at once.
const AT_ONCE: usize = 500;
/// Time between two tries of a file that cannot be written.
const PAUSE: Duration = Duration::from_secs(5);

/// A line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    /// The same for the same end of a transfer, however often it is written.
    id: String,
    time: String,
    event: Standing,
    profile: &'a str,
    profile_id: i64,
    endpoint: &'a str,
    user: &'a str,
    transfer: ReceiptFile,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<Reason<'a>>,
}

/// Why a transfer failed. No detail: that may hold any text of a server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reason<'a> {
    kind: FaultKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// Where the environment says that it is written: that goes before the settings.
pub(crate) fn forced(app: &App) -> Option<PathBuf> {
    environment::audit_log().map(|place| match place {
        AuditPlace::DataFolder => app.inner.data_dir.join(FILE),
        AuditPlace::File(path) => path,
    })
}

/// Where a file's name of the settings leads; empty for the one in the data folder.
pub(crate) fn file_of(app: &App, name: &str) -> PathBuf {
    if name.is_empty() { app.inner.data_dir.join(FILE) } else { PathBuf::from(name) }
}

/// Whether the file can be written: it is made, where it is not there.
///
/// # Errors
/// [`FaultKind::InvalidInput`] for a name that depends on where Ferry was started,
/// [`FaultKind::FileNotWritten`].
pub(crate) async fn check(path: &Path) -> Result<(), Fault> {
    if !path.is_absolute() {
        return Err(Fault::new(FaultKind::InvalidInput)
            .with_subject(path.display().to_string())
            .with_detail("a full path"));
    }
    let to = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || file::append(&to, "", "")).await;
    opened.map_err(broken)?.map_err(|error| refused(path, &error))
}

/// Forgets up to where it was written: turned on anew, it tells of what ends from then on.
///
/// # Errors
/// The journal's.
pub(crate) async fn begin_anew(app: &App) -> Result<(), Fault> {
    app.inner.journal.set_setting(BEGAN, "").await.map_err(|error| error.fault())
}

/// Writes it where the environment says so, else to this file; with none, no longer.
pub(crate) fn follow_choice(app: &App, chosen: Option<PathBuf>) {
    let log = &app.inner.audit_log;
    let path = forced(app).or(chosen);
    if path.as_ref().is_some_and(|path| log.writes(path)) {
        return;
    }
    if let Some(writing) = log.end() {
        writing.abort();
    }
    if let Some(path) = path {
        log.begin(path.clone(), tokio::spawn(write(app.clone(), path)));
    }
}

impl App {
    /// Writes what ended so far, and no more.
    pub(crate) async fn end_audit_log(&self) {
        if let Some(mut writing) = self.inner.audit_log.end() {
            self.inner.engine.end_outcomes();
            if tokio::time::timeout(PAUSE, &mut writing).await.is_err() {
                writing.abort();
            }
        }
    }
}

/// Writes until the engine tells of no more outcomes.
async fn write(app: App, path: PathBuf) {
    loop {
        // Before what is missing is looked for, or what ends meanwhile would be.
        let outcomes = app.inner.engine.outcomes();
        let written = async {
            catch_up(&app, &path).await?;
            follow(&app, &path, outcomes).await
        };
        match written.await {
            Ok(()) => return,
            // What is missing is found again then.
            Err(fault) => tracing::warn!(%fault, "the audit log could not be written"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes what the journal knows and the log does not.
async fn catch_up(app: &App, path: &Path) -> Result<(), Fault> {
    let journal = &app.inner.journal;
    let now = now_ms();
    let read = async |name| {
        let text = journal.setting(name).await.map_err(|error| error.fault())?;
        Ok::<_, Fault>(text.and_then(|text| text.parse::<i64>().ok()))
    };
    let (began, checked) = (read(BEGAN).await?, read(CHECKED).await?);
    // What ended before it was turned on first is none of its business.
    if began.is_none() {
        journal.set_setting(BEGAN, &now.to_string()).await.map_err(|error| error.fault())?;
    }
    if let (Some(began), Some(checked)) = (began, checked) {
        let read = path.to_owned();
        let known = tokio::task::spawn_blocking(move || file::ids(&read)).await;
        let known = known.map_err(broken)?.map_err(|error| refused(path, &error))?;
        let mut after = (checked.saturating_sub(MARGIN_MS).max(began), TransferId(0));
        loop {
            let rows = journal.ended_after(after, AT_ONCE).await.map_err(|error| error.fault())?;
            let Some(last) = rows.last() else { break };
            after = (last.receipt.finished_ms.unwrap_or(after.0), last.id);
            let rows = rows.into_iter().map(|row| (row, None)).collect();
            append(app, path, rows, &known).await?;
        }
    }
    journal.set_setting(CHECKED, &now.to_string()).await.map_err(|error| error.fault())
}

/// Writes what ends, until the engine tells of no more.
async fn follow(
    app: &App,
    path: &Path,
    mut outcomes: UnboundedReceiver<TransferId>,
) -> Result<(), Fault> {
    let nothing = HashSet::new();
    let mut ids = Vec::new();
    while outcomes.recv_many(&mut ids, AT_ONCE).await > 0 {
        let rows = app.inner.journal.transfers(&ids).await.map_err(|error| error.fault())?;
        ids.clear();
        let rows = rows.into_iter().filter(|row| is_told(row.standing));
        let rows = rows.map(|mut row| {
            let fault = row.fault.take();
            (ReceiptRow::from(row), fault)
        });
        append(app, path, rows.collect(), &nothing).await?;
    }
    let now = now_ms().to_string();
    app.inner.journal.set_setting(CHECKED, &now).await.map_err(|error| error.fault())
}

/// What stands in the log: each end, and each rest that a person has to end.
fn is_told(standing: Standing) -> bool {
    standing.has_ended() || standing.waits_for_user()
}

/// Adds the lines that are not known.
async fn append(
    app: &App,
    path: &Path,
    rows: Vec<(ReceiptRow, Option<Fault>)>,
    known: &HashSet<String>,
) -> Result<(), Fault> {
    let profiles = app.inner.journal.profiles().await.map_err(|error| error.fault())?;
    let profiles = profiles.into_iter().map(|profile| (profile.id, profile)).collect();
    let (user, now) = (environment::user(), now_ms());
    let mut lines = String::new();
    for (row, fault) in &rows {
        let line = line(row, fault.as_ref(), &profiles, &app.inner.instance, &user, now);
        if !known.contains(&line.id) {
            lines.push_str(&serde_json::to_string(&line).map_err(broken)?);
            lines.push('\n');
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let (to, now) = (path.to_owned(), moment(now));
    let written = tokio::task::spawn_blocking(move || file::append(&to, &lines, &now)).await;
    written.map_err(broken)?.map_err(|error| refused(path, &error))
}

fn line<'a>(
    row: &ReceiptRow,
    fault: Option<&'a Fault>,
    profiles: &'a BTreeMap<ProfileId, Profile>,
    instance: &str,
    user: &'a str,
    now: i64,
) -> Line<'a> {
    let profile = profiles.get(&row.profile);
    let event = row.standing;
    let word = serde_json::to_value(event).unwrap_or_default();
    let word = word.as_str().unwrap_or_default().to_owned();
    // A transfer ends once, and may fail often.
    let id = match event.has_ended() {
        true => format!("{instance}-{}-{word}", row.id),
        false => format!("{instance}-{}-{word}-{now}", row.id),
    };
    Line {
        id,
        time: moment(row.receipt.finished_ms.unwrap_or(now)),
        event,
        profile: profile.map_or("", |profile| profile.name.as_str()),
        profile_id: row.profile.0,
        endpoint: profile.map_or("", |profile| profile.endpoint.as_str()),
        user,
        transfer: receipt_file(row),
        fault: fault.filter(|_| !event.has_ended()).map(|fault| Reason {
            kind: fault.kind,
            status: fault.status,
            request_id: fault.request_id.as_deref(),
        }),
    }
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Internal).with_detail(error.to_string())
}

fn refused(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::FileNotWritten)
        .with_subject(path.display().to_string())
        .with_detail(error.to_string())
}
