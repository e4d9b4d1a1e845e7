//! The messages about links to what was uploaded.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// Which address a link has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum LinkKind {
    /// The plain address: works where the object is public.
    Public,
    /// Signed: gives the object to everyone who has it, for a while.
    Signed {
        /// Seconds until it ends: 1 to 604,800 (seven days).
        seconds: u32,
    },
}

/// How links are written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum LinkFormat {
    /// The address alone.
    Url,
    /// `[name](address)`; `![name](address)` for images.
    Markdown,
    /// `<a href="address">name</a>`; `<img …>` for images.
    Html,
    /// The user's own, with `{url}`, `{name}`, `{key}`, `{bucket}`, `{size}`.
    Pattern {
        /// The pattern.
        pattern: String,
    },
}

/// Links that were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Links {
    /// One link a line, in the order of the queue.
    pub text: String,
    /// How many.
    pub count: u32,
    /// How many of the chosen transfers have no object to link to.
    pub left_out: u32,
    /// When the first of them ends, milliseconds since 1970: a token may end before the link was
    /// to; null for public ones.
    #[ts(type = "number | null")]
    pub ends_ms: Option<i64>,
    /// What is amiss with some of them, if anything is.
    pub problem: Option<Problem>,
}

/// How the user last wrote links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LinkPreference {
    /// Which address.
    pub kind: LinkKind,
    /// Which form.
    pub format: LinkFormat,
    /// The user's pattern, kept while another form is chosen.
    pub pattern: String,
}

impl Default for LinkPreference {
    fn default() -> Self {
        Self {
            kind: LinkKind::Signed { seconds: 86_400 },
            format: LinkFormat::Url,
            pattern: "{name}: {url}".to_owned(),
        }
    }
}
