//! `ferry profile add | import | list | remove | test`.

use ferry_app::messages::{
    KeyInput, KeySourceChoice, LimitForm, NetworkForm, ProfileForm, SecretInput,
};
use ferry_app::model::{Fault, FaultKind, message};
use ferry_app::{App, environment};

use crate::args::{AddArguments, ProfileCommand};
use crate::output::Output;
use crate::save_profile::{Adding, save};
use crate::text::{problem_line, say};
use crate::{Exit, Session};

pub(crate) async fn profile(
    command: ProfileCommand,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    match command {
        ProfileCommand::Add(arguments) => {
            let app = crate::open(arguments.data.data_dir.clone()).await?;
            let added = add(&app, *arguments, out).await;
            app.shutdown().await;
            added
        }
        ProfileCommand::Import(arguments) => {
            let app = crate::open(arguments.data.data_dir.clone()).await?;
            let imported = crate::import::import(&app, &arguments, out).await;
            app.shutdown().await;
            imported
        }
        ProfileCommand::List { data, json } => {
            let app = crate::open_reading(data.data_dir).await?;
            let listed = list(&app, json, out).await;
            app.shutdown().await;
            listed
        }
        ProfileCommand::Remove { name, data } => {
            let app = crate::open(data.data_dir).await?;
            let removed = remove(&app, &name, out).await;
            app.shutdown().await;
            removed
        }
        ProfileCommand::Test { name, network, data } => {
            let network = network.network()?;
            let app = crate::open(data.data_dir).await?;
            app.use_network(network);
            let tested = test(&app, name.as_deref(), out).await;
            app.shutdown().await;
            tested
        }
    }
}

async fn add(app: &App, arguments: AddArguments, out: &Output) -> Result<Exit, Fault> {
    let form = form(&arguments)?;
    let key = match form.key_source {
        KeySourceChoice::Keyring => Some(KeyInput::Typed { secret: from_environment(&arguments)? }),
        KeySourceChoice::Environment | KeySourceChoice::Process => None,
    };
    let adding = if arguments.default { Adding::AsDefault } else { Adding::Beside };
    save(app, form, key, adding, out).await
}

fn form(arguments: &AddArguments) -> Result<ProfileForm, Fault> {
    let blank = ProfileForm::blank(arguments.provider);
    let network = arguments.network.network()?;
    let upload = &arguments.upload;
    Ok(ProfileForm {
        name: arguments.name.clone(),
        endpoint: arguments.endpoint.clone(),
        region: arguments.region.clone(),
        bucket: arguments.bucket.clone(),
        prefix: arguments.prefix.clone(),
        addressing: arguments.addressing,
        sign: arguments.sign,
        integrity: upload.integrity.map_or(blank.integrity, Into::into),
        existing: upload.existing.map_or(blank.existing, Into::into),
        plain_http: arguments.plain_http,
        key_source: match (&arguments.key_command, arguments.keys) {
            (Some(_), _) => KeySourceChoice::Process,
            (None, keys) => keys.unwrap_or_default(),
        },
        key_command: arguments.key_command.clone().unwrap_or_default(),
        options: upload.changes()?.form(),
        key_template: upload.key_template.clone().unwrap_or(blank.key_template),
        key_form: arguments.key_form,
        connect_seconds: arguments.connect_timeout.unwrap_or(blank.connect_seconds),
        idle_seconds: arguments.idle_timeout.unwrap_or(blank.idle_seconds),
        connections: arguments.connections.unwrap_or(blank.connections),
        link_domain: arguments.link_domain.clone(),
        limit: LimitForm::from(&arguments.limit),
        network: NetworkForm { direct_hosts: arguments.direct_hosts.clone(), ..network.into() },
        provider: blank.provider,
    })
}

fn from_environment(arguments: &AddArguments) -> Result<SecretInput, Fault> {
    let keys = environment::credentials(arguments.provider).ok_or_else(|| {
        Fault::new(FaultKind::CredentialsMissing).with_subject(arguments.name.clone())
    })?;
    Ok(SecretInput {
        access_key_id: keys.access_key_id,
        access_key_secret: keys.access_key_secret.expose().to_owned(),
        security_token: keys
            .security_token
            .map(|token| token.expose().to_owned())
            .unwrap_or_default(),
        expires_ms: keys.expires_ms,
    })
}

async fn list(app: &App, json: bool, out: &Output) -> Result<Exit, Fault> {
    let chosen = app.default_profile().await?.map(|profile| profile.id);
    for profile in app.profiles().await? {
        let place = format!("{}://{}/{}", profile.provider.word(), profile.bucket, profile.prefix);
        let default = Some(profile.id) == chosen;
        if json {
            out.json(&serde_json::json!({
                "name": profile.name, "destination": place, "endpoint": profile.endpoint,
                "region": profile.region, "kind": profile.kind, "default": default,
            }))
            .await;
        } else {
            let mark = if default { "*" } else { " " };
            out.line(&format!("{mark} {:<30} {:<40} {}", profile.name, place, profile.endpoint))
                .await;
        }
    }
    Ok(Exit::Fine)
}

async fn remove(app: &App, name: &str, out: &Output) -> Result<Exit, Fault> {
    let profile = app.profile_named(name).await?;
    match app.delete_profile(profile.id.0).await {
        Ok(()) => Ok(Exit::Fine),
        Err(problem) => {
            out.remark(&problem_line(&problem)).await;
            Ok(Exit::Failed)
        }
    }
}

async fn test(app: &App, name: Option<&str>, out: &Output) -> Result<Exit, Fault> {
    let profile = match name {
        Some(name) => app.profile_named(name).await?,
        None => app.default_profile().await?.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?,
    };
    let profile = app.prepare_profile(&profile).await?;
    crate::put::keys_from_environment(app, &profile).await?;
    let offset = app.test_stored(&profile).await?;
    let text = message::profile_works(profile.name, offset.to_string());
    out.line(&say(&text)).await;
    Ok(Exit::Fine)
}
