//! `ferry put`.

use std::path::PathBuf;

use ferry_app::messages::RowState;
use ferry_app::model::{
    Destination, Fault, FaultKind, KeySource, Profile, ProfileKind, key, message,
};
use ferry_app::{
    AdHocConnection, App, PutConnection, PutProgress, PutRequest, QueueItem, environment,
};

use crate::args::{ConnectionArguments, PutArguments, TransferArguments};
use crate::damage::tell_damage;
use crate::run::{AfterEnd, Closing, Opening, Run, Waited, conclude, wait};
use crate::text::{item_lines, told};
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
    let Session { out, signals } = session;
    if let Some(remark) = key::remark(&arguments.destination.prefix) {
        out.tell(&remark).await;
    }
    let mut put = tokio::select! {
        begun = begin(app, arguments) => begun?,
        () = signals.received() => return Ok(Waited::Interrupted),
    };
    let batch = put.batch;
    closing.before = app.batch_report(Some(batch)).await?;
    let reading = put.reading();
    let finished = async {
        put.intake().await?;
        app.idle().await;
        Ok(())
    };
    let run = Run {
        batch: Some(batch),
        limit: arguments.transfer.wait.wait,
        reading: Some(reading),
        progress: arguments.transfer.progress.progress,
        json: arguments.transfer.json,
        after: AfterEnd::GoesOn,
    };
    let ended = wait(app, run, session, finished).await;
    closing.report = app.batch_report(Some(batch)).await?;
    let ended = ended?;
    let mut unfinished = app.unfinished(batch).await?;
    ended.explain(&mut unfinished);
    tell_unfinished(&unfinished, arguments.transfer.json, session).await;
    tell_remarks(&app.remarks(batch).await?, arguments.transfer.json, session).await;
    if let Some(fault) = ended.waited.fault() {
        out.complain(fault).await;
    }
    if let Some(fault) = app.clock_fault() {
        out.complain(&fault).await;
    }
    // What a damaged queue lost of this put, its own paths brought back.
    let damage = tell_damage(app, Some(batch), arguments.transfer.json, out).await?;
    closing.damaged(&damage, !damage.unreadable.is_empty());
    Ok(ended.waited)
}

/// Queues the put: its files run while its folders are still read.
async fn begin(app: &App, arguments: &PutArguments) -> Result<PutProgress, Fault> {
    arguments.transfer.pace.set(app);
    let PutArguments { paths, destination, part_size, transfer } = arguments;
    let asked = request(app, paths, destination, transfer).await?;
    app.put(PutRequest { part_size: *part_size, ..asked }).await
}

/// What is asked for, with parts of the usual size.
pub(crate) async fn request(
    app: &App,
    paths: &[PathBuf],
    destination: &Destination,
    transfer: &TransferArguments,
) -> Result<PutRequest, Fault> {
    let TransferArguments { connection, network, chosen, upload, .. } = transfer;
    app.use_network(network.network()?);
    Ok(PutRequest {
        paths: paths.to_vec(),
        patterns: chosen.patterns(),
        destination: destination.clone(),
        connection: self::connection(app, connection, destination).await?,
        part_size: None,
        existing: upload.existing,
        integrity: upload.integrity,
        options: upload.changes()?,
        key_template: upload.key_template.clone(),
    })
}

/// What is left to do, each with its reason.
pub(crate) async fn tell_unfinished(
    items: &[QueueItem],
    json: bool,
    Session { out, .. }: &Session,
) {
    if json {
        let lines: Vec<_> = items
            .iter()
            .map(|item| serde_json::json!({ "type": "unfinished", "item": item }))
            .collect();
        out.json_lines(&lines).await;
    } else {
        out.notes(&items.iter().flat_map(item_lines).collect::<Vec<_>>()).await;
    }
    let waits = items.iter().filter(|item| waits_for_key(item)).count();
    if waits > 0 {
        out.tell(&message::put_want_key(waits)).await;
    }
}

fn waits_for_key(item: &QueueItem) -> bool {
    let kind = item.fault.as_ref().map(|fault| fault.kind);
    item.state == RowState::Waiting
        && matches!(kind, Some(FaultKind::TokenExpired | FaultKind::CredentialProcessFailed))
}

/// What went wrong after the objects were stored: they are verified, so it fails nothing, but
/// somebody waits for that call.
pub(crate) async fn tell_remarks(items: &[QueueItem], json: bool, Session { out, .. }: &Session) {
    if json {
        let lines: Vec<_> = items
            .iter()
            .map(|item| serde_json::json!({ "type": "warning", "item": item }))
            .collect();
        out.json_lines(&lines).await;
    }
    let Some((first, fault)) = items.first().and_then(|item| Some((item, item.fault.as_ref()?)))
    else {
        return;
    };
    out.remark(&format!("{}: {}", first.destination, told(fault))).await;
    let more = items.len() - 1;
    if more > 0 {
        out.tell(&message::put_more_remarks(more)).await;
    }
}

/// Address and keys as the arguments and the environment have them.
pub(crate) async fn connection(
    app: &App,
    arguments: &ConnectionArguments,
    destination: &Destination,
) -> Result<PutConnection, Fault> {
    let provider = destination.provider;
    if let Some(name) = &arguments.profile {
        let profile = app.profile_named(name).await?;
        fits(&profile, destination)?;
        let profile = app.prepare_profile(&profile).await?;
        keys_from_environment(app, &profile).await?;
        return Ok(PutConnection::Profile(Box::new(profile)));
    }
    let credentials = environment::credentials(provider)
        .ok_or_else(|| Fault::new(FaultKind::CredentialsMissing))?;
    Ok(PutConnection::AdHoc(AdHocConnection {
        endpoint: arguments.endpoint.clone().or_else(|| environment::endpoint(provider)),
        region: arguments.region.clone().or_else(|| environment::region(provider)),
        sign: arguments.sign,
        addressing: arguments.addressing,
        credentials,
    }))
}

fn fits(profile: &Profile, destination: &Destination) -> Result<(), Fault> {
    if profile.provider == destination.provider {
        return Ok(());
    }
    let why = format!("the profile “{}” is for {}://", profile.name, profile.provider.word());
    Err(Fault::new(FaultKind::InvalidInput)
        .with_subject(format!("{}://", destination.provider.word()))
        .with_detail(why))
}

/// Where the keyring has no keys for a profile, or cannot be asked, the environment's serve for
/// this run; and where the profile says so. A command is asked when its key is needed.
pub(crate) async fn keys_from_environment(app: &App, profile: &Profile) -> Result<(), Fault> {
    let in_keyring = match &profile.keys {
        KeySource::Process { .. } => return Ok(()),
        KeySource::Environment => Ok(false),
        // It never had its keys anywhere else.
        KeySource::Keyring if profile.kind == ProfileKind::AdHoc => Ok(false),
        KeySource::Keyring => app.has_keys(profile).await,
    };
    match in_keyring {
        Ok(true) => Ok(()),
        missing => {
            match environment::credentials(profile.provider) {
                Some(keys) => {
                    app.remember_keys(profile, keys).await;
                    Ok(())
                }
                None => missing
                    .and(Err(Fault::new(FaultKind::CredentialsMissing)
                        .with_subject(profile.name.clone()))),
            }
        }
    }
}
