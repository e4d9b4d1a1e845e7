//! Why something that was found cannot be taken over.

use std::path::Path;

use ferry_model::{Fault, FaultKind, Text, message};

use crate::messages::Problem;
use crate::problem::word;

/// Why an entry's key cannot be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It takes on a role with another key.
    Role,
    /// It signs in by a browser.
    SignIn,
    /// It asks the machine it runs on: an instance's role, a container's, the environment.
    Machine,
    /// It trades in an OIDC token.
    Oidc,
    /// It asks an address.
    Address,
    /// It signs with a private key, or a bearer token.
    OtherSignature,
    /// It goes without a key.
    Anonymous,
    /// Id, secret or token is not there.
    Incomplete,
    /// Id, secret or token hold characters that none has.
    Damaged,
    /// Its mode is none that is known.
    UnknownMode,
}

impl Reason {
    /// In a sentence or two.
    pub fn text(self) -> Text {
        match self {
            Self::Role => message::import_role(),
            Self::SignIn => message::import_sign_in(),
            Self::Machine => message::import_machine(),
            Self::Oidc => message::import_oidc(),
            Self::Address => message::import_address(),
            Self::OtherSignature => message::import_other_signature(),
            Self::Anonymous => message::import_anonymous(),
            Self::Incomplete => message::import_incomplete(),
            Self::Damaged => message::import_damaged(),
            Self::UnknownMode => message::import_unknown_mode(),
        }
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The variable that names it is set, but it is not there.
    Missing,
    /// It is a folder, a device, a pipe.
    NotAFile,
    /// It is over [`crate::import::MOST_BYTES`].
    TooLarge,
    /// It is no UTF-8 text.
    NotText,
    /// It is not in its tool's form.
    BadForm,
    /// rclone encrypted it.
    Encrypted,
    /// The system's words.
    System(String),
}

impl Refusal {
    /// As the window shows it.
    pub(crate) fn problem(&self, path: &Path) -> Problem {
        let name = path.display().to_string();
        let kind = match self {
            Self::Missing => FaultKind::SourceMissing,
            Self::NotAFile => FaultKind::SourceNotRegular,
            Self::System(_) => FaultKind::SourceUnreadable,
            Self::TooLarge | Self::NotText | Self::BadForm | Self::Encrypted => {
                FaultKind::InvalidInput
            }
        };
        let sentence = match self {
            Self::Missing => message::import_file_missing(&name),
            Self::NotAFile => message::import_file_not_regular(&name),
            Self::TooLarge => message::import_file_too_large(&name),
            Self::NotText => message::import_file_not_text(&name),
            Self::BadForm => message::import_file_bad_form(&name),
            Self::Encrypted => message::import_file_encrypted(&name),
            Self::System(_) => message::import_file_unreadable(&name),
        };
        let hint = match self {
            Self::Encrypted => message::import_file_encrypted_hint(),
            _ => message::import_file_hint(),
        };
        let mut fault = Fault::new(kind).with_subject(name);
        if let Self::System(words) = self {
            fault = fault.with_detail(words.clone());
        }
        let report = format!("{sentence}\n{}", fault.report());
        Problem {
            kind: word(kind),
            sentence: sentence.into(),
            hint: hint.into(),
            report,
            ..Problem::from(fault)
        }
    }
}
