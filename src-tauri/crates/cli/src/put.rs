//! `ferry put`.

use std::time::Instant;

use ferry_app::model::{Destination, Fault, FaultKind, Profile};
use ferry_app::{AdHocConnection, App, OptionChanges, PutConnection, PutRequest, environment};

use crate::Exit;
use crate::args::PutArguments;
use crate::output::{item_line, json_line, told};
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
        destination: arguments.destination.clone(),
        connection: connection(app, arguments).await?,
        part_size: arguments.part_size,
        existing: arguments.existing,
        integrity: arguments.integrity,
        options: OptionChanges::default(),
        key_template: None,
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
    for item in app.unfinished(batch).await? {
        if arguments.json {
            json_line(&serde_json::json!({ "type": "unfinished", "item": item }));
        } else {
            eprintln!("{}", item_line(&item));
        }
    }
    if let Waited::Away(fault) = &waited {
        eprintln!("ferry: {}", told(fault));
    }
    if matches!(waited, Waited::Rested) {
        app.finish_batch(batch).await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    if arguments.json {
        json_line(&Summary::new(app, &report, &before, seconds));
    } else {
        eprintln!("{}", summary_line(app, &report, seconds));
    }
    Ok(exit_of(&waited, &report))
}

async fn connection(app: &App, arguments: &PutArguments) -> Result<PutConnection, Fault> {
    let provider = arguments.destination.provider;
    if let Some(name) = &arguments.profile {
        let profile = app.profile_named(name).await?;
        fits(&profile, &arguments.destination)?;
        let profile = app.prepare_profile(&profile).await?;
        keys_from_environment(app, &profile).await?;
        return Ok(PutConnection::Profile(profile));
    }
    let credentials = environment::credentials(provider).ok_or_else(|| Fault::new(FaultKind::CredentialsMissing))?;
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
    Err(Fault::new(FaultKind::InvalidInput).about(format!("{}://", destination.provider.word())).saying(why))
}

/// Where the keyring has no keys for a profile, or cannot be asked, the environment's serve for this run.
pub(crate) async fn keys_from_environment(app: &App, profile: &Profile) -> Result<(), Fault> {
    match app.has_keys(profile).await {
        Ok(true) => Ok(()),
        missing => match environment::credentials(profile.provider) {
            Some(keys) => {
                app.remember_keys(profile, keys).await;
                Ok(())
            }
            None => missing.and(Err(Fault::new(FaultKind::CredentialsMissing).about(profile.name.clone()))),
        },
    }
}
