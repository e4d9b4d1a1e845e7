//! Why a store may have computed another signature: what it signed, beside what was signed here.

use serde::{Deserialize, Serialize};

use crate::language::Text;

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
    fn words(&self) -> Text {
        match self {
            Self::Method => Text::new("method", "请求方法"),
            Self::Path => Text::new("path", "路径"),
            Self::Query => Text::new("query", "查询参数"),
            Self::Header(name) => Text::new(format!("header {name}"), format!("请求头 {name}")),
            Self::Payload => Text::new("hash of the body", "内容哈希"),
            Self::Time => Text::new("time", "时间"),
            Self::Region => Text::new("region", "地域"),
            Self::Unnamed => Text::new("unknown where", "具体位置未知"),
        }
    }
}

/// The parts, one after the other.
pub(crate) fn listed(parts: &[RequestPart]) -> Text {
    let words: Vec<Text> = parts.iter().map(RequestPart::words).collect();
    let join = |pick: fn(&Text) -> &str, between: &str| {
        words.iter().map(pick).collect::<Vec<_>>().join(between)
    };
    Text::new(join(|text| &text.en, ", "), join(|text| &text.zh, "、"))
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
            Self::SameText => Text::new(
                "Both sides signed the same text: the secrets differ.",
                "双方签名的内容相同：Secret 不一致。",
            ),
            Self::Changed { what } => Text::new(
                format!("The request arrived changed: {}.", listed(what).en),
                format!("请求到达时已被改动：{}。", listed(what).zh),
            ),
            Self::Unknown => Text::new(
                "The store does not tell what it signed.",
                "存储服务没有返回它签名的内容。",
            ),
        }
    }
}
