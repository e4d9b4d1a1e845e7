//! The Alibaba Cloud CLI's `~/.aliyun/config.json`.
//!
//! Form and modes: aliyun-cli, config/configuration.go and config/profile.go. Its `endpoint` is
//! that of the other services' API, so it is left aside.

use std::path::Path;

use ferry_model::Provider;
use serde::Deserialize;
use zeroize::Zeroize as _;

use super::{Candidate, CandidateKeys, Reason, Refusal, Tool};

#[derive(Deserialize)]
struct Settings {
    current: Option<String>,
    profiles: Option<Vec<Profile>>,
}

/// Wiped when dropped.
#[derive(Deserialize)]
struct Profile {
    name: Option<String>,
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    sts_token: Option<String>,
    /// Seconds since 1970; 0 for none.
    sts_expiration: Option<i64>,
    ram_role_arn: Option<String>,
    ram_role_name: Option<String>,
    region_id: Option<String>,
    process_command: Option<String>,
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.access_key_secret.zeroize();
        self.sts_token.zeroize();
        self.process_command.zeroize();
    }
}

/// Reads a `config.json`; the profile in use comes first. `path` is only for [`super::Source`].
///
/// # Errors
/// [`Refusal::BadForm`].
pub fn parse(text: &str, path: &Path) -> Result<Vec<Candidate>, Refusal> {
    // The reader's own error could quote what it read.
    let settings: Settings =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| Refusal::BadForm)?;
    let mut profiles = settings.profiles.unwrap_or_default();
    profiles.sort_by_key(|profile| profile.name != settings.current);
    Ok(profiles.iter().filter_map(|profile| candidate(profile, path)).collect())
}

fn candidate(profile: &Profile, path: &Path) -> Option<Candidate> {
    let name = given(&profile.name)?;
    let credentials = keys(profile)?;
    let region = given(&profile.region_id).map(str::to_owned);
    Some(Candidate {
        region,
        ..Candidate::new(Tool::AliyunCli, path, name, Provider::Oss, credentials)
    })
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// `None` for a profile that was never filled in: the tool makes one by itself.
fn keys(profile: &Profile) -> Option<CandidateKeys> {
    let (id, secret, token) = (
        given(&profile.access_key_id),
        given(&profile.access_key_secret),
        given(&profile.sts_token),
    );
    let expires_ms =
        profile.sts_expiration.filter(|end| *end > 0).and_then(|end| end.checked_mul(1000));
    let mode = given(&profile.mode).unwrap_or_default().to_ascii_lowercase();
    let reason = match mode.as_str() {
        "ak" if id.is_none() && secret.is_none() => return None,
        "ak" => return Some(CandidateKeys::of_file(id, secret, None, None)),
        "ststoken" if token.is_none() => Reason::Incomplete,
        "ststoken" => return Some(CandidateKeys::of_file(id, secret, token, expires_ms)),
        "external" => return Some(CandidateKeys::of_command(given(&profile.process_command))),
        // Without a mode, the tool goes by what is there.
        "" if id.is_some()
            && secret.is_some()
            && token.is_none()
            && given(&profile.ram_role_arn).is_some() =>
        {
            Reason::Role
        }
        "" if id.is_some() && secret.is_some() => {
            return Some(CandidateKeys::of_file(id, secret, token, expires_ms));
        }
        "" if given(&profile.ram_role_name).is_some() => Reason::Machine,
        "" if given(&profile.process_command).is_some() => {
            return Some(CandidateKeys::of_command(given(&profile.process_command)));
        }
        "" => return None,
        "ramrolearn" | "chainableramrolearn" => Reason::Role,
        "ecsramrole" | "ramrolearnwithrolename" => Reason::Machine,
        "cloudsso" | "oauth" => Reason::SignIn,
        "oidc" => Reason::Oidc,
        "credentialsuri" => Reason::Address,
        "rsakeypair" | "bearertoken" => Reason::OtherSignature,
        "anonymous" => Reason::Anonymous,
        _ => Reason::UnknownMode,
    };
    Some(CandidateKeys::unsupported(reason))
}
