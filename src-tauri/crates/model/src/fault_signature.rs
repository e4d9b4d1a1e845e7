//! Why a store may have computed another signature: what it signed, beside what was signed here.

use serde::{Deserialize, Serialize};

use crate::language::Text;

/// What the comparison showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum SignatureClue {
    /// Both signed the same text, so they used different secrets.
    SameText,
    /// The request arrived otherwise than it was sent. Each entry names what differs, as `header content-type`; never a value.
    Changed {
        /// What differs, in the order of the signed text.
        what: Vec<String>,
    },
    /// The store did not tell what it signed.
    Unknown,
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
            Self::SameText => Text::new("Both sides signed the same text: the secrets differ.", "双方签名的内容相同：Secret 不一致。"),
            Self::Changed { what } => Text::new(
                format!("The request arrived changed: {}.", what.join(", ")),
                format!("请求到达时已被改动：{}。", what.join("、")),
            ),
            Self::Unknown => Text::new("The store does not tell what it signed.", "存储服务没有返回它签名的内容。"),
        }
    }
}
