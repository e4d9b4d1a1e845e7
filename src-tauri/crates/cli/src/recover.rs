//! `ferry recover`.

use std::time::{SystemTime, UNIX_EPOCH};

use ferry_app::model::size::show_bytes;
use ferry_app::model::{Fault, FaultKind, Text, message};
use ferry_app::{App, FoundUpload, FoundUploads};

use crate::args::{RecoverArguments, TransferArguments};
use crate::damage::tell_damage;
use crate::link::local_time;
use crate::put::{request, tell_unfinished};
use crate::run::{AfterEnd, Closing, Opening, Run, Waited, conclude, wait};
use crate::text::say;
use crate::{Exit, Session};

/// What is done with the uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    List,
    Resume,
    Abort,
}

/// What was done with one upload.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// It was only looked at.
    Listed,
    Resumed,
    Aborted,
    Left,
    Failed(Box<Fault>),
}

pub(crate) async fn recover(arguments: RecoverArguments, session: &Session) -> Result<Exit, Fault> {
    if arguments.resume {
        let TransferArguments { data, serve, json, .. } = &arguments.transfer;
        let opening = Opening { data_dir: data.data_dir.clone(), serve, json: *json };
        let mut all_named = true;
        let exit = conclude(opening, session, async |app, closing| {
            resume(app, &arguments, session, closing, &mut all_named).await
        })
        .await?;
        return Ok(if exit == Exit::Fine && !all_named { Exit::Failed } else { exit });
    }
    let app = crate::open(arguments.transfer.data.data_dir.clone()).await?;
    let work = list_or_abort(&app, &arguments, session);
    let outcome = tokio::select! {
        biased;
        outcome = work => outcome,
        () = session.signals.received() => Ok(Exit::Interrupted),
    };
    app.shutdown().await;
    outcome
}

async fn find(app: &App, arguments: &RecoverArguments) -> Result<FoundUploads, Fault> {
    let RecoverArguments { paths, destination, transfer, .. } = arguments;
    app.find_uploads(request(app, paths, destination, transfer).await?).await
}

/// Whether the command is about this upload.
fn is_meant(arguments: &RecoverArguments, upload: &FoundUpload) -> bool {
    arguments.uploads.is_empty() || is_named(arguments, upload)
}

fn is_named(arguments: &RecoverArguments, upload: &FoundUpload) -> bool {
    arguments.uploads.contains(&upload.upload_id)
}

async fn list_or_abort(
    app: &App,
    arguments: &RecoverArguments,
    session: &Session,
) -> Result<Exit, Fault> {
    let damage = tell_damage(app, None, arguments.transfer.json, &session.out).await?;
    let found = find(app, arguments).await?;
    let action = if arguments.abort { Action::Abort } else { Action::List };
    let mut outcomes = Vec::with_capacity(found.uploads.len());
    for upload in &found.uploads {
        let may = upload.ownership.may_abort(is_named(arguments, upload));
        outcomes.push(match action {
            Action::Abort if may && is_meant(arguments, upload) => {
                match app.abort_upload(&found, upload).await {
                    Ok(()) => Outcome::Aborted,
                    Err(fault) => Outcome::Failed(Box::new(fault)),
                }
            }
            Action::Abort => Outcome::Left,
            Action::List | Action::Resume => Outcome::Listed,
        });
    }
    let well = tell(&found, &outcomes, action, arguments, session).await;
    Ok(if well && !damage.loses_transfers() { Exit::Fine } else { Exit::Failed })
}

/// Goes on with what is ours. `all_named` becomes false where an upload that was named is left.
async fn resume(
    app: &App,
    arguments: &RecoverArguments,
    session: &Session,
    closing: &mut Closing,
    all_named: &mut bool,
) -> Result<Waited, Fault> {
    let damage = tell_damage(app, None, arguments.transfer.json, &session.out).await?;
    closing.damaged(&damage, false);
    let begun = async {
        arguments.transfer.pace.set(app);
        let found = find(app, arguments).await?;
        let goes_on =
            |upload: &FoundUpload| is_meant(arguments, upload) && upload.ownership.may_resume();
        let chosen: Vec<&FoundUpload> =
            found.uploads.iter().filter(|upload| goes_on(upload)).collect();
        let resumed = match chosen.is_empty() {
            true => None,
            false => Some(app.resume_uploads(&found, &chosen).await?),
        };
        let outcome = |upload| if goes_on(upload) { Outcome::Resumed } else { Outcome::Left };
        let outcomes: Vec<Outcome> = found.uploads.iter().map(outcome).collect();
        *all_named = tell(&found, &outcomes, Action::Resume, arguments, session).await;
        Ok::<_, Fault>(resumed)
    };
    let resumed = tokio::select! {
        begun = begun => begun?,
        () = session.signals.received() => return Ok(Waited::Interrupted),
    };
    let Some(resumed) = resumed else { return Ok(Waited::Rested) };
    let run = Run {
        batch: Some(resumed.batch),
        limit: arguments.transfer.wait.wait,
        reading: None,
        progress: arguments.transfer.progress.progress,
        json: arguments.transfer.json,
        after: AfterEnd::GoesOn,
    };
    let finished = async {
        app.idle().await;
        Ok(())
    };
    let ended = wait(app, run, session, finished).await;
    closing.report = app.report_of(&resumed.ids).await?;
    let ended = ended?;
    let mut items = app.unfinished(resumed.batch).await?;
    items.retain(|item| resumed.ids.iter().any(|id| id.0 == item.id));
    ended.explain(&mut items);
    tell_unfinished(&items, arguments.transfer.json, session).await;
    if let Some(fault) = ended.waited.fault() {
        session.out.complain(fault).await;
    }
    if matches!(ended.waited, Waited::Rested) && resumed.own_batch {
        app.finish_batch(resumed.batch).await?;
    }
    Ok(ended.waited)
}

/// Shows what was found and done; returns whether everything that was named, was done.
async fn tell(
    found: &FoundUploads,
    outcomes: &[Outcome],
    action: Action,
    arguments: &RecoverArguments,
    session: &Session,
) -> bool {
    let out = &session.out;
    if arguments.transfer.json {
        let lines: Vec<_> = found
            .uploads
            .iter()
            .zip(outcomes)
            .map(|(upload, outcome)| json_line(upload, outcome))
            .collect();
        out.json_lines(&lines).await;
    } else {
        let lines = found.uploads.iter().zip(outcomes);
        out.lines(
            &lines.flat_map(|(upload, outcome)| text_lines(upload, outcome)).collect::<Vec<_>>(),
        )
        .await;
        out.tell(&remark(found, action)).await;
    }
    let mut well = true;
    for outcome in outcomes {
        if let Outcome::Failed(fault) = outcome {
            well = false;
            out.complain(fault).await;
        }
    }
    for id in &arguments.uploads {
        let listed = found.uploads.iter().zip(outcomes).find(|(upload, _)| upload.upload_id == *id);
        match listed {
            None => {
                well = false;
                let missing = Fault::new(FaultKind::InvalidInput).with_subject(id.clone());
                out.complain(&missing.with_detail("no unfinished upload has this id")).await;
            }
            Some((_, Outcome::Left)) => well = false,
            Some(_) => {}
        }
    }
    well
}

fn json_line(upload: &FoundUpload, outcome: &Outcome) -> serde_json::Value {
    let fault = match outcome {
        Outcome::Failed(fault) => Some(fault.as_ref()),
        _ => None,
    };
    serde_json::json!({
        "type": "upload", "key": upload.key, "upload_id": upload.upload_id,
        "initiated_ms": upload.initiated_ms, "parts": upload.parts, "bytes": upload.bytes,
        "ownership": upload.ownership.word(), "action": word(outcome),
        "source": upload.source(), "size": upload.size(), "fault": fault,
    })
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Listed => "none",
        Outcome::Resumed => "resumed",
        Outcome::Aborted => "aborted",
        Outcome::Left => "left",
        Outcome::Failed(_) => "failed",
    }
}

fn text_lines(upload: &FoundUpload, outcome: &Outcome) -> Vec<String> {
    let ownership = upload.ownership.sentence();
    let told = match outcome {
        Outcome::Listed | Outcome::Failed(_) => ownership,
        Outcome::Resumed => message::recover_resumed(ownership),
        Outcome::Aborted => message::recover_aborted(ownership),
        Outcome::Left => message::recover_left(ownership),
    };
    let of = upload.size().map(|size| format!(" / {}", show_bytes(size))).unwrap_or_default();
    let begun = upload.initiated_ms.map(begun).unwrap_or_default();
    let parts = upload.parts;
    vec![
        format!("{}  {}{of} ({parts})  {begun}", upload.key, show_bytes(upload.bytes)),
        format!("        {}", upload.upload_id),
        format!("        {}", say(&told)),
    ]
}

/// When an upload was begun, and how long ago.
fn begun(ms: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let seconds = now.saturating_sub(u64::try_from(ms / 1_000).unwrap_or(0));
    let age = match seconds {
        0..3_600 => message::time_minutes(seconds / 60),
        3_600..172_800 => message::time_hours(seconds / 3_600),
        _ => message::time_days(seconds / 86_400),
    };
    say(&message::recover_begun(local_time(ms).unwrap_or_default(), age))
}

/// What each option would do, or that there is nothing to do.
fn remark(found: &FoundUploads, action: Action) -> Text {
    let ours = found.uploads.iter().filter(|upload| upload.ownership.may_resume()).count();
    let aborted = found.uploads.iter().filter(|upload| upload.ownership.may_abort(false)).count();
    let all = found.uploads.len();
    match action {
        _ if all == 0 => message::recover_none(),
        Action::List => message::recover_listed(all, ours, aborted),
        Action::Resume => message::recover_would_resume(all, ours),
        Action::Abort => message::recover_would_abort(all, aborted),
    }
}
