//! rclone's `rclone.conf`: its remotes of type `s3`.
//!
//! rclone.org/s3; the file's form is [`IniDialect::Rclone`]'s. Remotes that only wrap another one
//! (alias, crypt, …) have no key of their own.

use std::path::Path;

use ferry_model::{Addressing, Provider};

use super::ini::{IniDialect, Section, read};
use super::{Candidate, CandidateKeys, Reason, Refusal, Tool};

/// Reads an `rclone.conf`; `path` is only for [`super::Source`].
///
/// # Errors
/// [`Refusal::Encrypted`].
pub fn parse(text: &str, path: &Path) -> Result<Vec<Candidate>, Refusal> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let first = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    if first.is_some_and(|line| line.starts_with("RCLONE_ENCRYPT_V")) {
        return Err(Refusal::Encrypted);
    }
    let remotes = read(text, IniDialect::Rclone);
    Ok(remotes
        .iter()
        .filter(|remote| !remote.name.is_empty() && remote.get("type") == Some("s3"))
        .map(|remote| candidate(remote, path))
        .collect())
}

fn candidate(remote: &Section, path: &Path) -> Candidate {
    let alibaba =
        remote.get("provider").is_some_and(|provider| provider.eq_ignore_ascii_case("Alibaba"));
    // rclone speaks S3 to OSS too; its endpoint and key are OSS's own.
    let provider = if alibaba { Provider::Oss } else { Provider::S3 };
    let owned = |name: &str| remote.get(name).map(str::to_owned);
    let addressing = match remote.get("force_path_style").and_then(switch) {
        Some(true) if !alibaba => Addressing::Path,
        Some(false) if !alibaba => Addressing::Virtual,
        _ => Addressing::Auto,
    };
    Candidate {
        endpoint: owned("endpoint"),
        region: owned("region"),
        addressing,
        acl: owned("acl"),
        storage_class: owned("storage_class"),
        ..Candidate::new(Tool::Rclone, path, &remote.name, provider, keys(remote))
    }
}

fn keys(remote: &Section) -> CandidateKeys {
    let (id, secret) = (remote.get("access_key_id"), remote.get("secret_access_key"));
    if remote.get("role_arn").is_some() {
        return CandidateKeys::unsupported(Reason::Role);
    }
    // env_auth holds only where neither is given.
    if id.is_none() && secret.is_none() {
        let from_machine = remote.get("env_auth").and_then(switch) == Some(true);
        return CandidateKeys::unsupported(if from_machine {
            Reason::Machine
        } else {
            Reason::Anonymous
        });
    }
    CandidateKeys::of_file(id, secret, remote.get("session_token"), None)
}

/// A bool as Go reads one.
fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
