//! The messages about profiles that other tools have.

use ferry_model::Provider;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ProfileForm, Words};

/// What could be taken over from another tool's configuration. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportCandidate {
    /// Names it to [`crate::App::save_profile`], until the next search.
    pub id: u32,
    /// The tool, as `ossutil`.
    pub tool: String,
    /// The file it was read from.
    pub file: String,
    /// Its name there.
    pub name: String,
    /// The dialect.
    pub provider: Provider,
    /// The AccessKey id with its middle left out; empty for a command.
    pub access_key_hint: String,
    /// When its token ends, milliseconds since 1970; null if that is not known.
    #[ts(type = "number | null")]
    pub token_ends_ms: Option<i64>,
    /// The form it fills in.
    pub form: ProfileForm,
    /// Why it cannot be taken over; null if it can.
    pub unsupported: Option<Words>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportFindings {
    /// What could be taken over.
    pub candidates: Vec<ImportCandidate>,
    /// The files that were looked for, whether they are there or not.
    pub looked_at: Vec<String>,
    /// Files that are there but could not be read, each with the reason.
    pub problems: Vec<Words>,
}
