//! `ferry put`.

use std::time::Instant;

use ferry_app::messages::RowState;
use ferry_app::model::{
    BatchId, Destination, Fault, FaultKind, KeySource, Profile, ProfileKind, Text,
};
use ferry_app::{AdHocConnection, App, PutConnection, PutRequest, QueueItem, environment};

use crate::Exit;
use crate::args::PutArguments;
use crate::damage::{exit_with, tell_damage};
use crate::output::{item_line, json_line, say, told, visible};
use crate::run::{Summary, Waited, exit_of, summary_line, wait};

pub(crate) async fn put(arguments: PutArguments) -> Result<Exit, Fault> {
    let app = crate::open(arguments.data.data_dir.clone()).await?;
    let outcome = put_with(&app, &arguments).await;
    app.shutdown().await;
    outcome
}

async fn put_with(app: &App, arguments: &PutArguments) -> Result<Exit, Fault> {
    let began = Instant::now();
    let settings = app.settings().await?;
    app.set_pace(arguments.parallel, arguments.limit, &settings);
    let request = PutRequest {
        paths: arguments.paths.clone(),
        patterns: arguments.patterns(),
        destination: arguments.destination.clone(),
        connection: connection(app, arguments).await?,
        part_size: arguments.part_size,
        existing: arguments.upload.existing,
        integrity: arguments.upload.integrity,
        options: arguments.upload.changes()?,
        key_template: arguments.upload.key_template.clone(),
    };
    let mut put = app.put(request).await?;
    let batch = put.batch;
    let before = app.batch_report(Some(batch)).await?;
    let finished = async {
        put.intake().await?;
        app.idle().await;
        Ok(())
    };
    let waited = wait(app, Some(batch), arguments.json, finished).await?;
    let report = app.batch_report(Some(batch)).await?;
    tell_unfinished(app, batch, arguments.json).await?;
    tell_remarks(app, batch, arguments.json).await?;
    if let Waited::Away(fault) = &waited {
        eprintln!("ferry: {}", told(fault));
    }
    if let Some(fault) = app.clock_fault() {
        eprintln!("ferry: {}", told(&fault));
    }
    if matches!(waited, Waited::Rested) {
        app.finish_batch(batch).await?;
    }
    let damage = tell_damage(app, Some(batch), arguments.json).await?;
    let seconds = began.elapsed().as_secs_f64();
    if arguments.json {
        let summary = Summary::new(app, &report, &before, seconds);
        json_line(&summary.with_unreadable(damage.unreadable.len()));
    } else {
        eprintln!("{}", summary_line(app, &report, seconds));
    }
    // What a damaged queue lost of this put, its own paths brought back.
    Ok(exit_with(exit_of(&waited, &report), !damage.unreadable.is_empty()))
}

/// What is left to do, each with its reason.
async fn tell_unfinished(app: &App, batch: BatchId, json: bool) -> Result<(), Fault> {
    let items = app.unfinished(batch).await?;
    for item in &items {
        if json {
            json_line(&serde_json::json!({ "type": "unfinished", "item": item }));
        } else {
            eprintln!("{}", item_line(item));
        }
    }
    let waits = items.iter().filter(|item| waits_for_key(item)).count();
    if waits > 0 {
        let text = Text::new(
            format!(
                "{waits} not done for want of a key: run the same command again with a new one, and they go on where they were."
            ),
            format!("{waits} 项在等待新的密钥：换用新密钥再次运行同一命令，即可从原处继续。"),
        );
        eprintln!("ferry: {}", say(&text));
    }
    Ok(())
}

fn waits_for_key(item: &QueueItem) -> bool {
    let kind = item.fault.as_ref().map(|fault| fault.kind);
    item.state == RowState::Waiting
        && matches!(kind, Some(FaultKind::TokenExpired | FaultKind::CredentialProcessFailed))
}

/// What went wrong after the objects were stored: they are verified, so it fails nothing, but
/// somebody waits for that call.
async fn tell_remarks(app: &App, batch: BatchId, json: bool) -> Result<(), Fault> {
    let items = app.remarks(batch).await?;
    if json {
        items
            .iter()
            .for_each(|item| json_line(&serde_json::json!({ "type": "warning", "item": item })));
    }
    let Some((first, fault)) = items.first().and_then(|item| Some((item, item.fault.as_ref()?)))
    else {
        return Ok(());
    };
    let (place, why, more) = (visible(&first.destination), told(fault), items.len() - 1);
    eprintln!("ferry: {place}: {why}");
    if more > 0 {
        let text = Text::new(
            format!("Likewise for {more} more: ferry queue --state done shows them."),
            format!("另有 {more} 个对象情况相同：可用 ferry queue --state done 查看。"),
        );
        eprintln!("ferry: {}", say(&text));
    }
    Ok(())
}

async fn connection(app: &App, arguments: &PutArguments) -> Result<PutConnection, Fault> {
    let provider = arguments.destination.provider;
    if let Some(name) = &arguments.profile {
        let profile = app.profile_named(name).await?;
        fits(&profile, &arguments.destination)?;
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
