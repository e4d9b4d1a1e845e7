//! Why a store may have computed another signature: what it signed, beside what was signed here.

use ferry_text::{Text, message};
use serde::{Deserialize, Serialize};

/// What the comparison showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum SignatureClue {
    /// Both signed the same text, so they used different secrets.
    SameText,
    /// The request arrived otherwise than it was sent.
    Changed {
        /// What differs, in the order of the signed text. Names only, never a value.
        what: Vec<RequestPart>,
    },
    /// The store did not tell what it signed.
    Unknown,
}

/// A part of a request that a signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestPart {
    /// The method.
    Method,
    /// The path, which names the object.
    Path,
    /// The query.
    Query,
    /// A header, by its name in lower case.
    Header(String),
    /// What is said of the body.
    Payload,
    /// The time of the signature.
    Time,
    /// The region, or another part of what the signature is valid for.
    Region,
    /// Something that the store does not tell more closely.
    Unnamed,
}

impl RequestPart {
    fn text(&self) -> Text {
        match self {
            Self::Method => message::request_part_method(),
            Self::Path => message::request_part_path(),
            Self::Query => message::request_part_query(),
            Self::Header(name) => message::request_part_header(name),
            Self::Payload => message::request_part_payload(),
            Self::Time => message::request_part_time(),
            Self::Region => message::request_part_region(),
            Self::Unnamed => message::request_part_unnamed(),
        }
    }
}

/// The parts, one after the other.
pub(crate) fn listed(parts: &[RequestPart]) -> Text {
    Text::list(parts.iter().map(RequestPart::text).collect())
}

/// The texts that were signed on both sides, without tokens and signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureCheck {
    /// What the comparison showed.
    pub clue: SignatureClue,
    /// StringToSign as the store computed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    /// StringToSign as it was signed here; absent where it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// The canonical request as the store computed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_theirs: Option<String>,
    /// The canonical request as it was hashed here; absent where it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_ours: Option<String>,
}

impl SignatureClue {
    /// The comparison's outcome in a sentence.
    pub fn note(&self) -> Text {
        match self {
            Self::SameText => message::signature_same_text(),
            Self::Changed { what } => message::signature_changed(listed(what)),
            Self::Unknown => message::signature_unknown(),
        }
    }
}
