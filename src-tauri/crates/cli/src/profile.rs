//! `ferry profile add | list | remove | test`.

use ferry_app::messages::{KeyInput, ProfileForm, SaveSecret, SecretInput, SecretPlace};
use ferry_app::model::{Fault, FaultKind, Text};
use ferry_app::{App, environment};

use crate::Exit;
use crate::args::{AddArguments, ProfileCommand};
use crate::output::{json_line, say, visible};

pub(crate) async fn profile(command: ProfileCommand) -> Result<Exit, Fault> {
    match command {
        ProfileCommand::Add(arguments) => {
            let app = crate::open(arguments.data.data_dir.clone()).await?;
            let added = add(&app, arguments).await;
            app.shutdown().await;
            added
        }
        ProfileCommand::List { data, json } => {
            let app = crate::open(data.data_dir).await?;
            let listed = list(&app, json).await;
            app.shutdown().await;
            listed
        }
        ProfileCommand::Remove { name, data } => {
            let app = crate::open(data.data_dir).await?;
            let removed = remove(&app, &name).await;
            app.shutdown().await;
            removed
        }
        ProfileCommand::Test { name, data } => {
            let app = crate::open(data.data_dir).await?;
            let tested = test(&app, name.as_deref()).await;
            app.shutdown().await;
            tested
        }
    }
}

async fn add(app: &App, arguments: AddArguments) -> Result<Exit, Fault> {
    let keys = environment::credentials(arguments.provider)
        .ok_or_else(|| Fault::new(FaultKind::CredentialsMissing).about(arguments.name.clone()))?;
    let form = ProfileForm {
        name: arguments.name.clone(),
        endpoint: arguments.endpoint,
        region: arguments.region,
        bucket: arguments.bucket,
        prefix: arguments.prefix,
        ..ProfileForm::blank(arguments.provider)
    };
    let secret = SecretInput {
        access_key_id: keys.access_key_id,
        access_key_secret: keys.access_key_secret.expose().to_owned(),
        security_token: keys.security_token.map(|token| token.expose().to_owned()).unwrap_or_default(),
        expires_ms: keys.expires_ms,
    };
    let saved = match app.save_profile(None, form, Some(KeyInput::Typed { secret }), SaveSecret::Keyring).await {
        Ok(saved) => saved,
        Err(problem) => {
            eprintln!("ferry: {}", problem_line(&problem));
            return Ok(Exit::Failed);
        }
    };
    if arguments.default
        && let Err(problem) = app.choose_profile(saved.id).await
    {
        eprintln!("ferry: {}", problem_line(&problem));
        return Ok(Exit::Failed);
    }
    if saved.secret != SecretPlace::Keyring {
        if let Some(problem) = &saved.keyring_problem {
            eprintln!("ferry: {}", problem_line(problem));
        }
        let text = Text::new(
            format!("“{}” was added without its keys: set them in the environment for each run.", arguments.name),
            format!("已添加“{}”，但未保存密钥：每次运行时请通过环境变量提供。", arguments.name),
        );
        eprintln!("ferry: {}", say(&text));
    }
    Ok(Exit::Fine)
}

fn problem_line(problem: &ferry_app::messages::Problem) -> String {
    let (sentence, hint) = match crate::output::language() {
        ferry_app::model::Language::En => (&problem.sentence.en, &problem.hint.en),
        ferry_app::model::Language::Zh => (&problem.sentence.zh, &problem.hint.zh),
    };
    format!("{sentence} {hint}")
}

async fn list(app: &App, json: bool) -> Result<Exit, Fault> {
    let chosen = app.default_profile().await?.map(|profile| profile.id);
    for profile in app.profiles().await? {
        let place = format!("{}://{}/{}", profile.provider.word(), profile.bucket, profile.prefix);
        let default = Some(profile.id) == chosen;
        if json {
            json_line(&serde_json::json!({ "name": profile.name, "destination": place, "endpoint": profile.endpoint,
                "region": profile.region, "kind": profile.kind, "default": default }));
        } else {
            let mark = if default { "*" } else { " " };
            println!("{mark} {:<30} {:<40} {}", visible(&profile.name), visible(&place), profile.endpoint);
        }
    }
    Ok(Exit::Fine)
}

async fn remove(app: &App, name: &str) -> Result<Exit, Fault> {
    let profile = app.profile_named(name).await?;
    match app.delete_profile(profile.id.0).await {
        Ok(()) => Ok(Exit::Fine),
        Err(problem) => {
            eprintln!("ferry: {}", problem_line(&problem));
            Ok(Exit::Failed)
        }
    }
}

async fn test(app: &App, name: Option<&str>) -> Result<Exit, Fault> {
    let profile = match name {
        Some(name) => app.profile_named(name).await?,
        None => app.default_profile().await?.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?,
    };
    let profile = app.prepare_profile(&profile).await?;
    crate::put::keys_from_environment(app, &profile).await?;
    let offset = app.test_stored(&profile).await?;
    let text = Text::new(
        format!("“{}” works: an upload was begun and taken back. Clock offset: {offset} s.", profile.name),
        format!("“{}”可用：已试传并撤回。时钟偏差：{offset} 秒。", profile.name),
    );
    println!("{}", say(&text));
    Ok(Exit::Fine)
}
