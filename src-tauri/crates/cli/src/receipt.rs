//! `ferry history` and `ferry receipt`.

use std::time::Duration;

use ferry_app::model::receipt::{RecheckCounts, obstacles, safety};
use ferry_app::model::size::show_bytes;
use ferry_app::model::{Fault, message};
use ferry_app::{
    App, HistoryEntry, LeftOut, MissingDigests, ReceiptFile, ReceiptFormat, RecheckedFile,
};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::args::{FormatChoice, HistoryArguments, ReceiptArguments};
use crate::output::Output;
use crate::text::{say, told};
use crate::{Exit, Session};

/// Rows read at once.
const PAGE: u64 = 1_000;
/// How often it is looked at whether the store answers.
const LOOK: Duration = Duration::from_millis(500);
/// Files of which it is told why a list of digests lacks them; the others are counted.
const TOLD: usize = 20;

pub(crate) async fn history(
    arguments: HistoryArguments,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let outcome = history_with(&app, &arguments, out).await;
    app.shutdown().await;
    outcome
}

async fn history_with(
    app: &App,
    arguments: &HistoryArguments,
    out: &Output,
) -> Result<Exit, Fault> {
    let mut offset = 0;
    while !out.is_closed() && offset < arguments.limit {
        let (total, entries) = app.history(offset, PAGE.min(arguments.limit - offset)).await?;
        if arguments.json {
            out.json_lines(&entries).await;
        } else {
            out.lines(&entries.iter().map(entry_line).collect::<Vec<_>>()).await;
        }
        offset += PAGE;
        if offset >= total {
            break;
        }
    }
    Ok(Exit::Fine)
}

fn entry_line(entry: &HistoryEntry) -> String {
    let more = if entry.roots > 1 { format!(" +{}", entry.roots - 1) } else { String::new() };
    format!(
        "{:>6}  {}  {:>10}  {:>8}  {}{more} -> {} {}",
        entry.batch,
        entry.created,
        show_bytes(entry.bytes),
        format!("{}/{}", entry.verified, entry.files),
        entry.name,
        entry.profile,
        entry.prefix,
    )
    .trim_end()
    .to_owned()
}

pub(crate) async fn receipt(
    arguments: ReceiptArguments,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    let network = arguments.network.network()?;
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    app.use_network(network);
    let outcome = match arguments.format.for_programs() {
        _ if arguments.verify => verify(&app, &arguments, out).await,
        Some(format) => export(&app, &arguments, format, out).await,
        None => show(&app, &arguments, out).await,
    };
    app.shutdown().await;
    outcome
}

/// The receipt for people.
async fn show(app: &App, arguments: &ReceiptArguments, out: &Output) -> Result<Exit, Fault> {
    let entry = app.receipt(arguments.batch).await?;
    out.lines(&[entry_line(&entry), counts(&entry), say(&safety(&entry.because))]).await;
    let mut offset = 0;
    while !out.is_closed() {
        let (total, files) = app.receipt_files(arguments.batch, offset, PAGE).await?;
        out.lines(&files.iter().map(file_line).collect::<Vec<_>>()).await;
        offset += PAGE;
        if offset >= total {
            break;
        }
    }
    Ok(whole(&entry))
}

/// Fine if every file that was dropped is uploaded.
fn whole(entry: &HistoryEntry) -> Exit {
    if entry.verified == entry.files { Exit::Fine } else { Exit::Failed }
}

fn counts(entry: &HistoryEntry) -> String {
    say(&message::receipt_counts(
        entry.files,
        entry.verified,
        entry.left_out,
        entry.failed,
        entry.open,
    ))
}

/// The receipt for a program. A list of digests that lacks an uploaded file says so.
async fn export(
    app: &App,
    arguments: &ReceiptArguments,
    format: ReceiptFormat,
    out: &Output,
) -> Result<Exit, Fault> {
    let missing = MissingDigests::asked(arguments.read_files);
    let mut receipt = app.export_receipt(arguments.batch, format, missing).await?;
    let mut lacking = Lacking::default();
    while !out.is_closed()
        && let Some(piece) = receipt.next().await?
    {
        if !piece.text.is_empty() {
            out.data(&piece.text).await;
        }
        lacking.tell(&piece.left_out, out).await;
    }
    if format == ReceiptFormat::Mhl && receipt.listed() > 0 {
        out.tell(&message::mhl_root(receipt.root().display().to_string())).await;
    }
    if lacking.files == 0 {
        return Ok(whole(receipt.entry()));
    }
    out.tell(&match missing {
        MissingDigests::LeaveOut => message::digests_missing(lacking.files),
        MissingDigests::ReadFiles => message::digests_left_out(lacking.files),
    })
    .await;
    Ok(Exit::Failed)
}

/// Uploaded files that a list of digests lacks.
#[derive(Debug, Default)]
struct Lacking {
    files: u64,
    told: usize,
}

impl Lacking {
    async fn tell(&mut self, left_out: &[LeftOut], out: &Output) {
        self.files += left_out.len() as u64;
        let some = left_out.iter().take(TOLD.saturating_sub(self.told));
        let notes: Vec<String> =
            some.map(|file| format!("{}: {}", file.source, say(&file.why.text()))).collect();
        self.told += notes.len();
        out.notes(&notes).await;
    }
}

fn file_line(file: &ReceiptFile) -> String {
    let state = serde_json::to_value(file.state).ok();
    let state = state.as_ref().and_then(|word| word.as_str()).unwrap_or_default();
    let sum = file.crc64.as_deref().map(|sum| format!("  crc64 {sum}")).unwrap_or_default();
    let id = file.request_id.as_deref().map(|id| format!("  {id}")).unwrap_or_default();
    let why = if file.replaced {
        format!("  {}", say(&message::receipt_replaced()))
    } else {
        String::new()
    };
    format!(
        "{:>6}  {state:<13} {:>10}  {} -> {}/{}{sum}{id}{why}",
        file.id,
        show_bytes(file.size),
        file.source,
        file.bucket,
        file.key
    )
}

/// What a recheck found, as its last line for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    r#type: &'static str,
    asked: u64,
    #[serde(flatten)]
    counts: RecheckCounts,
    safe_to_delete: bool,
    because: &'a [ferry_app::model::receipt::Obstacle],
}

/// Asks the store again.
async fn verify(app: &App, arguments: &ReceiptArguments, out: &Output) -> Result<Exit, Fault> {
    let json = arguments.format == FormatChoice::Json;
    let entry = app.receipt(arguments.batch).await?;
    let profile = app.profile_of_batch(arguments.batch).await?;
    crate::put::keys_from_environment(app, &profile).await?;
    let (tell, mut results) = mpsc::unbounded_channel();
    let asking = app.recheck(arguments.batch, move |file: RecheckedFile| {
        if file.outcome != Some(ferry_app::model::receipt::Recheck::Same) {
            // The receiver is gone: nothing is to be told.
            let _ = tell.send(file);
        }
    });
    tokio::pin!(asking);
    let mut looks = tokio::time::interval(LOOK);
    let mut away = false;
    let counts = loop {
        tokio::select! {
            biased;
            Some(file) = results.recv() => result(&file, json, out).await,
            ended = &mut asking => break ended?,
            _ = looks.tick() => away = tell_of_outage(app, away, out).await,
        }
    };
    while let Some(file) = results.recv().await {
        result(&file, json, out).await;
    }
    let because = obstacles(&entry.account(), Some(&counts));
    if json {
        let safe_to_delete = because.is_empty();
        let (r#type, asked) = ("summary", counts.asked());
        out.json(&Summary { r#type, asked, counts, safe_to_delete, because: &because }).await;
    } else {
        let found = message::recheck_counts(
            counts.asked(),
            counts.same,
            counts.other_version,
            counts.differs,
            counts.gone,
            counts.unproven + counts.unanswered,
        );
        out.lines(&[say(&found), say(&safety(&because))]).await;
    }
    Ok(if counts.unlike() == 0 { Exit::Fine } else { Exit::Failed })
}

async fn result(file: &RecheckedFile, json: bool, out: &Output) {
    if json {
        out.json(file).await;
    } else {
        out.line(&result_line(file)).await;
    }
}

fn result_line(file: &RecheckedFile) -> String {
    let what = match (&file.outcome, &file.fault) {
        (Some(outcome), _) => say(&outcome.text()),
        (None, Some(fault)) => told(fault),
        (None, None) => String::new(),
    };
    let mut facts = Vec::new();
    if let Some(now) = file.size_now.filter(|now| *now != file.size) {
        facts.push(format!("{} -> {now} B", file.size));
    }
    let changed =
        [("ETag", &file.etag, &file.etag_now), ("version", &file.version_id, &file.version_id_now)];
    for (name, before, now) in changed {
        if let (Some(before), Some(now)) = (before, now)
            && before != now
        {
            facts.push(format!("{name} {before} -> {now}"));
        }
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" [{}]", facts.join("; ")) };
    format!("{:>6}  {}/{}: {what}{facts}", file.id, file.bucket, file.key)
}

/// Says once that the store does not answer, for each time that it does not.
async fn tell_of_outage(app: &App, was_away: bool, out: &Output) -> bool {
    let offline = app.offline();
    if let (Some((endpoint, away)), false) = (offline.first(), was_away) {
        out.complain(&away.fault.clone().with_subject(endpoint.clone())).await;
        out.tell(&message::wait_forever()).await;
    }
    !offline.is_empty()
}
