//! `ferry put -`: standard input as one object. It can be read only once, so nothing of it goes on
//! later: what is not verified in the end is taken back on the store.

use std::io;

use ferry_app::model::{Fault, FaultKind, message};
use ferry_app::{App, PipedEnd, PipedPut, PutRequest};

use crate::args::{PutArguments, TransferArguments};
use crate::put::{request, tell_remarks, tell_unfinished};
use crate::run::{AfterEnd, Closing, Opening, Run, Waited, conclude, watch};
use crate::text::told;
use crate::{Exit, Session};

pub(crate) async fn put(arguments: PutArguments, session: &Session) -> Result<Exit, Fault> {
    let TransferArguments { data, serve, json, .. } = &arguments.transfer;
    let opening = Opening { data_dir: data.data_dir.clone(), serve, json: *json };
    conclude(opening, session, async |app, closing| {
        put_with(app, &arguments, session, closing).await
    })
    .await
}

async fn put_with(
    app: &App,
    arguments: &PutArguments,
    session: &Session,
    closing: &mut Closing,
) -> Result<Waited, Fault> {
    let put = tokio::select! {
        begun = begin(app, arguments) => begun?,
        () = session.signals.received() => return Ok(Waited::Interrupted),
    };
    let outcome = follow(app, arguments, session, closing, put).await;
    // However it ended.
    let end = app.end_piped(put).await?;
    tell_end(&end, arguments.transfer.json, session).await;
    let waited = outcome?;
    if let Some(fault) = waited.fault() {
        session.out.complain(fault).await;
    }
    if let Some(fault) = app.clock_fault() {
        session.out.complain(&fault).await;
    }
    if end == PipedEnd::Kept && matches!(waited, Waited::Interrupted | Waited::Away(_)) {
        // It was carried out in the end.
        closing.report = app.batch_report(Some(put.batch)).await?;
    }
    Ok(waited)
}

async fn begin(app: &App, arguments: &PutArguments) -> Result<PipedPut, Fault> {
    arguments.transfer.pace.set(app);
    let PutArguments { paths, destination, part_size, transfer } = arguments;
    let asked = request(app, paths, destination, transfer).await?;
    let input = standard_input().map_err(|error| {
        Fault::new(FaultKind::SourceUnreadable).with_subject("-").with_detail(error.to_string())
    })?;
    app.put_piped(PutRequest { part_size: *part_size, ..asked }, input).await
}

/// Standard input as a file, without a buffer of its own.
fn standard_input() -> io::Result<tokio::fs::File> {
    let input = io::stdin();
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&input).try_clone_to_owned()?;
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&input).try_clone_to_owned()?;
    Ok(tokio::fs::File::from_std(std::fs::File::from(own)))
}

/// Waits for its end, and tells how it stands then.
async fn follow(
    app: &App,
    arguments: &PutArguments,
    session: &Session,
    closing: &mut Closing,
    put: PipedPut,
) -> Result<Waited, Fault> {
    let transfer = &arguments.transfer;
    let run = Run {
        batch: Some(put.batch),
        limit: transfer.wait.wait,
        reading: None,
        progress: transfer.progress.progress,
        json: transfer.json,
        after: AfterEnd::IsTakenBack,
    };
    let finished = async {
        app.idle().await;
        Ok(())
    };
    let waited = watch(app, run, session, finished).await;
    session.out.clear_block().await;
    closing.report = app.batch_report(Some(put.batch)).await?;
    tell_unfinished(&app.unfinished(put.batch).await?, transfer.json, session).await;
    tell_remarks(&app.remarks(put.batch).await?, transfer.json, session).await;
    waited
}

/// What became of it on the store, where it is not there.
async fn tell_end(end: &PipedEnd, json: bool, Session { out, .. }: &Session) {
    let (open, upload_id, key, fault) = match end {
        PipedEnd::Kept => return,
        PipedEnd::TakenBack => (false, None, None, None),
        PipedEnd::Open { upload_id, key, fault } => {
            (true, upload_id.as_deref(), Some(key.as_str()), fault.as_deref())
        }
    };
    if json {
        out.json(&serde_json::json!({
            "type": "taken_back", "open": open, "upload_id": upload_id, "key": key, "fault": fault,
        }))
        .await;
        return;
    }
    let Some(key) = key else {
        out.tell(&message::put_taken_back()).await;
        return;
    };
    out.tell(&match upload_id {
        Some(id) => message::put_left_open(key, id),
        None => message::put_perhaps_left_open(key),
    })
    .await;
    if let Some(fault) = fault {
        out.remark(&told(fault)).await;
    }
}
