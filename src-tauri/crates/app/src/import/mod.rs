//! What the user already has: keys and addresses in the settings of ossutil, the Alibaba Cloud CLI,
//! the AWS CLI and rclone.
//!
//! Found is not taken: [`look`] only reads, when the user asks, and what it returns is shown before
//! any of it is saved. The parsers are pure; a secret goes through them exactly, and shows in no
//! `Debug`.

mod aliyun;
mod aws;
mod ini;
mod ossutil;
mod places;
mod rclone;
mod reasons;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use ferry_model::{Addressing, Credentials, Provider, Secret};

pub use aliyun::parse as parse_aliyun;
pub use aws::{AwsFiles, parse as parse_aws};
pub use ossutil::parse as parse_ossutil;
pub use places::{Found, MOST_BYTES, Places, System, look, look_in};
pub use rclone::parse as parse_rclone;
pub use reasons::{Reason, Refusal};

/// Whose settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// ossutil 1 and 2.
    Ossutil,
    /// Alibaba Cloud CLI, `aliyun`.
    AliyunCli,
    /// AWS CLI and SDKs.
    AwsCli,
    /// rclone.
    Rclone,
}

impl Tool {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ossutil => "ossutil",
            Self::AliyunCli => "Alibaba Cloud CLI",
            Self::AwsCli => "AWS CLI",
            Self::Rclone => "rclone",
        }
    }
}

/// Where a candidate was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose settings.
    pub tool: Tool,
    /// The file.
    pub path: PathBuf,
}

/// Something that could become a profile. What is not known is `None`: the form understands the
/// rest, or asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it was found.
    pub source: Source,
    /// Its name there.
    pub name: String,
    /// The dialect its tool speaks to that store.
    pub provider: Provider,
    /// As it stands there: with or without a scheme.
    pub endpoint: Option<String>,
    /// As it stands there.
    pub region: Option<String>,
    /// The bucket, if it is for one only.
    pub bucket: Option<String>,
    /// How its tool names the bucket in the URL; `Auto` where it says nothing.
    pub addressing: Addressing,
    /// The ACL its tool puts on new objects, in the service's word (rclone).
    pub acl: Option<String>,
    /// The storage class its tool gives new objects, in the service's word (rclone).
    pub storage_class: Option<String>,
    /// Its key.
    pub credentials: CandidateKeys,
}

/// Where a candidate's key comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum CandidateKeys {
    /// From its file.
    Static(Credentials),
    /// From a command: what [`ferry_vault::process`] runs. It may hold a secret.
    Process(String),
    /// From somewhere that Ferry does not ask.
    Unsupported {
        /// Why not.
        reason: Reason,
        /// A command that would print this key, if its tool is installed: an offer for
        /// [`CandidateKeys::Process`].
        instead: Option<String>,
    },
}

/// Shows neither a secret nor a command.
impl std::fmt::Debug for CandidateKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Static(credentials) => {
                write!(f, "Static({})", masked(&credentials.access_key_id))
            }
            Self::Process(_) => f.write_str("Process(…)"),
            Self::Unsupported { reason, .. } => write!(f, "Unsupported({reason:?})"),
        }
    }
}

impl CandidateKeys {
    /// A key from a file, if it is whole. `None` and empty are the same.
    pub(crate) fn of_file(
        id: Option<&str>,
        secret: Option<&str>,
        token: Option<&str>,
        expires_ms: Option<i64>,
    ) -> Self {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(id), Some(secret)) = (given(id), given(secret).map(Secret::new)) else {
            return Self::unsupported(Reason::Incomplete);
        };
        let token = given(token).map(Secret::new);
        let texts = [Some(id.as_str()), Some(secret.expose()), token.as_ref().map(Secret::expose)];
        if texts.into_iter().flatten().any(|text| text.chars().any(char::is_control)) {
            return Self::unsupported(Reason::Damaged);
        }
        Self::Static(Credentials {
            access_key_id: id,
            access_key_secret: secret,
            security_token: token,
            expires_ms,
        })
    }

    /// A key from a command, if there is one.
    pub(crate) fn of_command(command: Option<&str>) -> Self {
        match command {
            Some(command) if command.chars().any(char::is_control) => {
                Self::unsupported(Reason::Damaged)
            }
            Some(command) if !command.is_empty() => Self::Process(command.to_owned()),
            _ => Self::unsupported(Reason::Incomplete),
        }
    }

    pub(crate) fn unsupported(reason: Reason) -> Self {
        Self::Unsupported { reason, instead: None }
    }
}

impl Candidate {
    pub(crate) fn new(
        tool: Tool,
        path: &Path,
        name: &str,
        provider: Provider,
        credentials: CandidateKeys,
    ) -> Self {
        Self {
            source: Source { tool, path: path.to_owned() },
            name: name.to_owned(),
            provider,
            endpoint: None,
            region: None,
            bucket: None,
            addressing: Addressing::Auto,
            acl: None,
            storage_class: None,
            credentials,
        }
    }

    /// The access key id, if it stands in the file.
    pub fn access_key_id(&self) -> Option<&str> {
        match &self.credentials {
            CandidateKeys::Static(credentials) => Some(&credentials.access_key_id),
            CandidateKeys::Process(_) | CandidateKeys::Unsupported { .. } => None,
        }
    }

    /// The access key id for a preview: enough to know one's own by, as `LTAI…9sXy`.
    pub fn masked_access_key_id(&self) -> Option<String> {
        self.access_key_id().map(masked)
    }
}

/// An AccessKey id with its middle left out: told apart, but not told.
pub(crate) fn masked(id: &str) -> String {
    let characters: Vec<char> = id.chars().collect();
    let shown = if characters.len() >= 12 { 4 } else { characters.len() / 4 };
    let (first, last) = (&characters[..shown], &characters[characters.len() - shown..]);
    first.iter().chain(&['…']).chain(last).collect()
}
