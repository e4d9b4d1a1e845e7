//! `ferry history` and `ferry receipt`.

use ferry_app::model::size::show_bytes;
use ferry_app::model::{Fault, message};
use ferry_app::{App, HistoryEntry, ReceiptFile, ReceiptFormat, receipt_head, receipt_lines};

use crate::args::{HistoryArguments, ReceiptArguments};
use crate::output::Output;
use crate::text::say;
use crate::{Exit, Session};

/// Rows read at once.
const PAGE: u64 = 1_000;

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
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let outcome = receipt_with(&app, &arguments, out).await;
    app.shutdown().await;
    outcome
}

async fn receipt_with(
    app: &App,
    arguments: &ReceiptArguments,
    out: &Output,
) -> Result<Exit, Fault> {
    let entry = app.receipt(arguments.batch).await?;
    let format = arguments.format.for_programs();
    head(&entry, format, out).await;
    let mut offset = 0;
    while !out.is_closed() {
        let (total, files) = app.receipt_files(arguments.batch, offset, PAGE).await?;
        match format {
            Some(format) => data(&receipt_lines(format, &files), out).await,
            None => out.lines(&files.iter().map(file_line).collect::<Vec<_>>()).await,
        }
        offset += PAGE;
        if offset >= total {
            break;
        }
    }
    Ok(if entry.verified == entry.files { Exit::Fine } else { Exit::Failed })
}

async fn head(entry: &HistoryEntry, format: Option<ReceiptFormat>, out: &Output) {
    match format {
        Some(ReceiptFormat::Json) => out.json(entry).await,
        Some(format) => data(&receipt_head(format), out).await,
        None => {
            let uploaded = message::receipt_counts(
                entry.files,
                entry.verified,
                entry.left_out,
                entry.failed,
                entry.open,
            );
            let safe = if entry.safe_to_delete {
                message::receipt_safe()
            } else {
                message::receipt_not_safe()
            };
            out.lines(&[entry_line(entry), say(&uploaded), say(&safe)]).await;
        }
    }
}

/// Lines for a program; nothing where there are none.
async fn data(lines: &str, out: &Output) {
    if !lines.is_empty() {
        out.data(lines).await;
    }
}

fn file_line(file: &ReceiptFile) -> String {
    let state = serde_json::to_value(file.state).ok();
    let state = state.as_ref().and_then(|word| word.as_str()).unwrap_or_default();
    let sum = file.crc64.as_deref().map(|sum| format!("  crc64 {sum}")).unwrap_or_default();
    let id = file.request_id.as_deref().map(|id| format!("  {id}")).unwrap_or_default();
    format!(
        "{:>6}  {state:<13} {:>10}  {} -> {}/{}{sum}{id}",
        file.id,
        show_bytes(file.size),
        file.source,
        file.bucket,
        file.key
    )
}
