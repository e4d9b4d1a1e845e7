//! The AWS CLI's and SDKs' `~/.aws/credentials` and `~/.aws/config`.
//!
//! Rules: botocore, configloader.py, credentials.py and the session's merging of both files: for
//! one profile, what the credentials file says goes before the config file; a key is taken from one
//! file as a whole. A role goes before any key, for the key is only there to take it on. A sign-in
//! by a browser gives way to a key in the file: some tool put it there for just that.

use std::collections::HashSet;
use std::path::Path;

use ferry_model::{Addressing, Provider};

use super::ini::{IniDialect, Section, read, unquoted};
use super::{Candidate, CandidateKeys, Reason, Tool};

/// The texts of both files, and where they are.
#[derive(Clone, Copy, Default)]
pub struct AwsFiles<'a> {
    /// `~/.aws/credentials`.
    pub credentials: Option<(&'a str, &'a Path)>,
    /// `~/.aws/config`.
    pub config: Option<(&'a str, &'a Path)>,
}

/// Shows the paths only.
impl std::fmt::Debug for AwsFiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [credentials, config] =
            [self.credentials, self.config].map(|file| file.map(|(_, path)| path));
        f.debug_struct("AwsFiles")
            .field("credentials", &credentials)
            .field("config", &config)
            .finish()
    }
}

/// Reads both files. Profiles that only set a region or such are left out.
pub fn parse(files: AwsFiles<'_>) -> Vec<Candidate> {
    let sections = |file: Option<(&str, &Path)>| {
        file.map(|(text, _)| read(text, IniDialect::Aws)).unwrap_or_default()
    };
    let (credentials, config) = (sections(files.credentials), sections(files.config));
    let in_config: Vec<(String, &Section)> =
        config.iter().filter_map(|section| Some((profile_name(&section.name)?, section))).collect();
    let mut names: Vec<&str> = credentials
        .iter()
        .map(|section| section.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    names.extend(in_config.iter().map(|(name, _)| name.as_str()));
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    names.sort_by_key(|name| *name != "default");
    let profile = |name: &str| Profile {
        credentials: credentials.iter().find(|section| section.name == name),
        // A profile may stand there as `[default]` and as `[profile default]`.
        config: in_config
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, section)| *section)
            .collect(),
    };
    names.into_iter().filter_map(|name| candidate(name, &profile(name), &config, files)).collect()
}

struct Profile<'a> {
    credentials: Option<&'a Section>,
    config: Vec<&'a Section>,
}

impl<'a> Profile<'a> {
    /// In the order in which they count.
    fn sections(&self) -> impl Iterator<Item = &'a Section> {
        self.credentials.into_iter().chain(self.config.iter().rev().copied())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.sections().find_map(|section| section.get(name))
    }

    fn nested(&self, name: &str, inner: &str) -> Option<&'a str> {
        self.sections().find(|section| section.get(name).is_some())?.nested(name, inner)
    }
}

/// The name in `[default]` or `[profile name]`. Of several words it has to stand in quotes, else it
/// is none.
fn profile_name(heading: &str) -> Option<String> {
    if heading == "default" {
        return Some(heading.to_owned());
    }
    named(heading, "profile")
}

fn named(heading: &str, kind: &str) -> Option<String> {
    let rest = heading.strip_prefix(kind)?;
    let quoted = rest.trim();
    let name = unquoted(quoted);
    let whole = name.len() != quoted.len() || !name.contains(char::is_whitespace);
    (rest.starts_with(char::is_whitespace) && whole && !name.is_empty()).then(|| name.to_owned())
}

fn candidate(
    name: &str,
    profile: &Profile<'_>,
    config: &[Section],
    files: AwsFiles<'_>,
) -> Option<Candidate> {
    let (credentials, from_credentials) = keys(name, profile)?;
    let file = if from_credentials { files.credentials } else { files.config };
    let path = file.or(files.credentials)?.1;
    let services = profile.get("services");
    let of_service = config.iter().filter(|section| {
        named(&section.name, "services").as_deref() == services && services.is_some()
    });
    let endpoint = of_service
        .filter_map(|section| section.nested("s3", "endpoint_url"))
        .next_back()
        .or_else(|| profile.get("endpoint_url"));
    let ignored = profile
        .get("ignore_configured_endpoint_urls")
        .is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let addressing = match profile.nested("s3", "addressing_style") {
        Some("path") => Addressing::Path,
        Some("virtual") => Addressing::Virtual,
        _ => Addressing::Auto,
    };
    Some(Candidate {
        endpoint: endpoint.filter(|_| !ignored).map(str::to_owned),
        region: profile.get("region").map(str::to_owned),
        addressing,
        ..Candidate::new(Tool::AwsCli, path, name, Provider::S3, credentials)
    })
}

/// A profile's key, and whether it is the credentials file's; `None` if it says nothing of one.
fn keys(name: &str, profile: &Profile<'_>) -> Option<(CandidateKeys, bool)> {
    let here = |word: &str| profile.credentials.is_some_and(|section| section.get(word).is_some());
    if profile.get("role_arn").is_some() {
        return Some((instead_of(Reason::Role, name), here("role_arn")));
    }
    if let Some(key) = profile.credentials.and_then(key_in) {
        return Some((key, true));
    }
    if let Some(command) = profile.get("credential_process") {
        return Some((CandidateKeys::of_command(Some(command)), here("credential_process")));
    }
    if let Some(key) = profile.config.iter().rev().find_map(|section| key_in(section)) {
        return Some((key, false));
    }
    let word = ["sso_session", "sso_start_url", "login_session"]
        .into_iter()
        .find(|word| profile.get(word).is_some())?;
    Some((instead_of(Reason::SignIn, name), here(word)))
}

fn key_in(section: &Section) -> Option<CandidateKeys> {
    // A secret without an id is no key to AWS's tools; an id without a secret is a broken one.
    let (id, secret) = (section.get("aws_access_key_id")?, section.get("aws_secret_access_key"));
    let token = section.get("aws_security_token").or_else(|| section.get("aws_session_token"));
    // Not AWS's own: the tools that write temporary keys into the file leave these beside them.
    let ends =
        ["aws_expiration", "x_security_token_expires", "aws_credential_expiration", "expiration"];
    let expires_ms =
        ends.into_iter().find_map(|name| section.get(name)).and_then(ferry_vault::process::end_ms);
    Some(CandidateKeys::of_file(Some(id), secret, token, expires_ms.filter(|_| token.is_some())))
}

/// Version 2 of the AWS CLI prints the key of any profile it can use.
fn instead_of(reason: Reason, name: &str) -> CandidateKeys {
    let plain = name
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "-_.@+/".contains(character));
    let command = format!("aws configure export-credentials --profile {name} --format process");
    CandidateKeys::Unsupported {
        reason,
        instead: Some(command).filter(|_| plain && !name.starts_with('-')),
    }
}
