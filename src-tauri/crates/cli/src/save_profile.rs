//! Saves a profile that was typed or found, and says in the command's own terms why not.

use ferry_app::messages::{KeyInput, ProfileForm, SaveSecret, SecretPlace, SecretsInput};
use ferry_app::model::{Fault, message};
use ferry_app::{App, environment};

use crate::Exit;
use crate::output::Output;
use crate::text::problem_line;

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
    let proxy_password = environment::proxy_password().unwrap_or_default();
    let secrets = SecretsInput { key, proxy_password };
    let saved = match app.save_profile(None, form, secrets, SaveSecret::Keyring).await {
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
            out.tell(&message::profile_without_keys(name)).await;
        }
    }
    Ok(Exit::Fine)
}

/// The option that fills in a field of the form.
fn option_of(field: &str) -> String {
    let inner = field.strip_prefix("options.").or_else(|| field.strip_prefix("network."));
    let field = inner.unwrap_or(field);
    match field {
        "name" => "NAME".to_owned(),
        "connectSeconds" => "--connect-timeout".to_owned(),
        "idleSeconds" => "--idle-timeout".to_owned(),
        "metadata" => "--meta".to_owned(),
        "tags" => "--tag".to_owned(),
        "callbackVariables" => "--callback-var".to_owned(),
        "proxyServer" => "--proxy".to_owned(),
        "caFile" => "--ca".to_owned(),
        field => field.chars().fold("--".to_owned(), |mut option, c| {
            if c.is_ascii_uppercase() {
                option.push('-');
            }
            option.push(c.to_ascii_lowercase());
            option
        }),
    }
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
            ("options.contentEncoding", "--content-encoding"),
            ("options.kmsKeyId", "--kms-key-id"),
            ("options.callbackVariables", "--callback-var"),
            ("linkDomain", "--link-domain"),
        ] {
            assert_eq!(option_of(field), option);
        }
    }
}
