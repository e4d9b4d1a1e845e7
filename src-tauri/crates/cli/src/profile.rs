//! `ferry profile add | import | list | remove | test`.

use ferry_app::messages::{
    KeyInput, KeySourceChoice, ProfileForm, SaveSecret, SecretInput, SecretPlace,
};
use ferry_app::model::{Fault, FaultKind, Text};
use ferry_app::{App, environment};

use crate::args::{AddArguments, ProfileCommand};
use crate::output::Output;
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
        ProfileCommand::Test { name, data } => {
            let app = crate::open(data.data_dir).await?;
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

/// Whether the window opens with the new profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adding {
    /// It does.
    AsDefault,
    /// It does if it is the first.
    Beside,
}

/// Saves a new profile with its key, and says where the key is if that is not the keyring.
pub(crate) async fn save(
    app: &App,
    form: ProfileForm,
    key: Option<KeyInput>,
    adding: Adding,
    out: &Output,
) -> Result<Exit, Fault> {
    let reading = app.read_profile_form(form.clone()).await;
    for wrong in &reading.problems {
        let option = option_of(&wrong.field);
        out.remark(&format!("{option}: {}", problem_line(&wrong.problem))).await;
    }
    if !reading.problems.is_empty() {
        return Ok(Exit::Failed);
    }
    let name = form.name.clone();
    let saved = match app.save_profile(None, form, key, SaveSecret::Keyring).await {
        Ok(saved) => saved,
        Err(problem) => {
            out.remark(&problem_line(&problem)).await;
            return Ok(Exit::Failed);
        }
    };
    if adding == Adding::AsDefault
        && let Err(problem) = app.choose_profile(saved.id).await
    {
        out.remark(&problem_line(&problem)).await;
        return Ok(Exit::Failed);
    }
    match saved.secret {
        SecretPlace::Keyring | SecretPlace::Environment | SecretPlace::Command => {}
        SecretPlace::ThisRunOnly | SecretPlace::Missing | SecretPlace::Unknown => {
            if let Some(problem) = &saved.keyring_problem {
                out.remark(&problem_line(problem)).await;
            }
            let text = Text::new(
                format!(
                    "“{name}” was added without its keys: set them in the environment for each run."
                ),
                format!("已添加“{name}”，但未保存密钥：每次运行时请通过环境变量提供。"),
            );
            out.tell(&text).await;
        }
    }
    Ok(Exit::Fine)
}

/// The option that fills in a field of the form.
fn option_of(field: &str) -> String {
    let field = field.strip_prefix("options.").unwrap_or(field);
    match field {
        "name" => "NAME".to_owned(),
        "connectSeconds" => "--connect-timeout".to_owned(),
        "idleSeconds" => "--idle-timeout".to_owned(),
        "metadata" => "--meta".to_owned(),
        "tags" => "--tag".to_owned(),
        "callback" => "--callback-url".to_owned(),
        field => field.chars().fold("--".to_owned(), |mut option, c| {
            if c.is_ascii_uppercase() {
                option.push('-');
            }
            option.push(c.to_ascii_lowercase());
            option
        }),
    }
}

fn form(arguments: &AddArguments) -> Result<ProfileForm, Fault> {
    let blank = ProfileForm::blank(arguments.provider);
    let upload = &arguments.upload;
    Ok(ProfileForm {
        name: arguments.name.clone(),
        endpoint: arguments.endpoint.clone(),
        region: arguments.region.clone(),
        bucket: arguments.bucket.clone(),
        prefix: arguments.prefix.clone(),
        addressing: arguments.addressing,
        sign: arguments.sign,
        integrity: upload.integrity.unwrap_or(blank.integrity),
        existing: upload.existing.unwrap_or(blank.existing),
        plain_http: arguments.plain_http,
        key_source: match (&arguments.key_command, arguments.keys) {
            (Some(_), _) => KeySourceChoice::Process,
            (None, keys) => keys.unwrap_or_default(),
        },
        key_command: arguments.key_command.clone().unwrap_or_default(),
        options: upload.form()?,
        key_template: upload.key_template.clone().unwrap_or(blank.key_template),
        key_form: arguments.key_form,
        connect_seconds: arguments.connect_timeout.unwrap_or(blank.connect_seconds),
        idle_seconds: arguments.idle_timeout.unwrap_or(blank.idle_seconds),
        connections: arguments.connections.unwrap_or(blank.connections),
        link_domain: arguments.link_domain.clone(),
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
    let text = Text::new(
        format!(
            "“{}” works: an upload was begun and taken back. Clock offset: {offset} s.",
            profile.name
        ),
        format!("“{}”可用：已试传并撤回。时钟偏差：{offset} 秒。", profile.name),
    );
    out.line(say(&text)).await;
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_its_option() {
        for (field, option) in [
            ("endpoint", "--endpoint"),
            ("keyTemplate", "--key-template"),
            ("connectSeconds", "--connect-timeout"),
            ("options.storageClass", "--storage-class"),
            ("options.metadata", "--meta"),
            ("linkDomain", "--link-domain"),
        ] {
            assert_eq!(option_of(field), option);
        }
    }
}
