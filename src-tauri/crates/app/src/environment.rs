//! What environment variables say: credentials and addresses, as the vendors' own tools name them,
//! and the language.

use std::path::PathBuf;

use ferry_model::{Credentials, Language, Provider, Secret};
use ferry_vault::variables::{PROXY_PASSWORD, names};

/// Reads `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET`, `OSS_SESSION_TOKEN`, else
/// `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET`,
/// `ALIBABA_CLOUD_SECURITY_TOKEN`; for S3 `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
/// `AWS_SESSION_TOKEN`, and its end from `AWS_CREDENTIAL_EXPIRATION`. `None` unless both id and
/// secret are set and not empty.
pub fn credentials(provider: Provider) -> Option<Credentials> {
    credentials_among(provider, &|name| std::env::var(name).ok())
}

fn credentials_among(
    provider: Provider,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<Credentials> {
    let value = |name: &str| filled(variable(name)?);
    names(provider).iter().find_map(|[id, secret, token]| {
        let (id, secret, token) =
            (value(id)?, Secret::new(value(secret)?), value(token).map(Secret::new));
        // `aws configure export-credentials` sets it; only a temporary key has an end.
        let ends = (provider == Provider::S3 && token.is_some())
            .then(|| value("AWS_CREDENTIAL_EXPIRATION"))
            .flatten();
        let expires_ms = ends.and_then(|end| ferry_vault::process::end_ms(&end));
        Some(Credentials {
            access_key_id: id,
            access_key_secret: secret,
            security_token: token,
            expires_ms,
        })
    })
}

/// The password for the proxy at which a user signs in.
pub fn proxy_password() -> Option<String> {
    value(PROXY_PASSWORD)
}

/// The endpoint the vendors' tools would use: `OSS_ENDPOINT`, or `AWS_ENDPOINT_URL_S3` and
/// `AWS_ENDPOINT_URL`.
pub fn endpoint(provider: Provider) -> Option<String> {
    match provider {
        Provider::Oss => value("OSS_ENDPOINT"),
        Provider::S3 => value("AWS_ENDPOINT_URL_S3").or_else(|| value("AWS_ENDPOINT_URL")),
    }
}

/// The region the vendors' tools would use: `OSS_REGION`, or `AWS_REGION` and `AWS_DEFAULT_REGION`.
pub fn region(provider: Provider) -> Option<String> {
    match provider {
        Provider::Oss => value("OSS_REGION"),
        Provider::S3 => value("AWS_REGION").or_else(|| value("AWS_DEFAULT_REGION")),
    }
}

/// Where the audit log is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditPlace {
    /// In the data folder.
    DataFolder,
    /// In this file.
    File(PathBuf),
}

/// Reads `FERRY_AUDIT_LOG`: a file, `on` for one in the data folder; `None` for no audit log.
pub fn audit_log() -> Option<AuditPlace> {
    let place = std::env::var_os("FERRY_AUDIT_LOG").filter(|place| !place.is_empty())?;
    match place.to_str() {
        Some("off") => None,
        Some("on") => Some(AuditPlace::DataFolder),
        _ => Some(AuditPlace::File(PathBuf::from(place))),
    }
}

/// The user of this computer, as the environment names them.
pub fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(value).unwrap_or_default()
}

/// The language of the POSIX locale.
pub fn language() -> Language {
    language_among(|name| std::env::var(name).ok())
}

/// The first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set counts.
fn language_among(variable: impl Fn(&str) -> Option<String>) -> Language {
    let mut set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable);
    Language::from_tag(&set.find(|value| !value.is_empty()).unwrap_or_default())
}

fn value(name: &str) -> Option<String> {
    filled(std::env::var(name).ok()?)
}

fn filled(text: String) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read where these are set, as `id secret token end`.
    fn read(provider: Provider, set: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        let key = credentials_among(provider, &variable)?;
        let token = key.security_token.as_ref().map_or("-", Secret::expose);
        let end = key.expires_ms.map_or("-".to_owned(), |end| end.to_string());
        Some(format!("{} {} {token} {end}", key.access_key_id, key.access_key_secret.expose()))
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let cases: [(&[(&str, &str)], Language); 5] = [
            (&[], Language::En),
            (&[("LANG", "zh_CN.UTF-8")], Language::Zh),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")], Language::En),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", ""), ("LC_MESSAGES", "zh_TW")], Language::Zh),
            (&[("LANG", "de_DE.UTF-8")], Language::En),
        ];
        for (variables, language) in cases {
            let found = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(language_among(found), language, "{variables:?}");
        }
    }

    #[test]
    fn one_tools_variables_are_taken_whole() {
        let oss = [("OSS_ACCESS_KEY_ID", "oss"), ("OSS_ACCESS_KEY_SECRET", " s1 ")];
        let oss_token = ("OSS_SESSION_TOKEN", "t1");
        let alibaba =
            [("ALIBABA_CLOUD_ACCESS_KEY_ID", "ali"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s2")];
        let alibaba_token = ("ALIBABA_CLOUD_SECURITY_TOKEN", "t2");
        let aws = [("AWS_ACCESS_KEY_ID", "aws"), ("AWS_SECRET_ACCESS_KEY", "s3")];
        let aws_token = ("AWS_SESSION_TOKEN", "t3");
        let end = ("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:00:00+00:00");
        let empty = ("OSS_ACCESS_KEY_SECRET", " ");
        type Case<'a> = (Provider, Vec<(&'a str, &'a str)>, Option<&'a str>);
        let cases: Vec<Case<'_>> = vec![
            (Provider::Oss, vec![], None),
            (Provider::Oss, vec![oss[0], oss[1]], Some("oss s1 - -")),
            (
                Provider::Oss,
                vec![oss[0], oss[1], oss_token, alibaba[0], alibaba[1], alibaba_token],
                Some("oss s1 t1 -"),
            ),
            (Provider::Oss, vec![oss[0], oss[1], alibaba_token], Some("oss s1 - -")),
            (Provider::Oss, vec![alibaba[0], alibaba[1]], Some("ali s2 - -")),
            (Provider::Oss, vec![alibaba[0], alibaba[1], alibaba_token], Some("ali s2 t2 -")),
            (Provider::Oss, vec![oss[0], oss_token, alibaba[0], alibaba[1]], Some("ali s2 - -")),
            (Provider::Oss, vec![oss[0], empty, alibaba[0], alibaba[1]], Some("ali s2 - -")),
            (Provider::Oss, vec![oss[0], alibaba[1]], None),
            (Provider::Oss, vec![aws[0], aws[1]], None),
            (Provider::S3, vec![alibaba[0], alibaba[1]], None),
            (Provider::S3, vec![aws[0], aws[1], end], Some("aws s3 - -")),
            (Provider::S3, vec![aws[0], aws[1], aws_token, end], Some("aws s3 t3 1767225600000")),
        ];
        for (provider, set, expected) in cases {
            assert_eq!(read(provider, &set).as_deref(), expected, "{provider:?} {set:?}");
        }
    }
}
