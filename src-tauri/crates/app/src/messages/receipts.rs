//! The messages about receipts.

use ferry_model::Proof;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Problem, RowState, Words};

/// What became of a batch, and some of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceiptView {
    /// The batch.
    #[ts(type = "number")]
    pub batch: i64,
    /// The first file or folder that was dropped; empty where that was not written down.
    pub name: String,
    /// How many files and folders were dropped.
    #[ts(type = "number")]
    pub roots: u64,
    /// The profile's name; empty once it is deleted.
    pub profile: String,
    /// The prefix it went under.
    pub prefix: String,
    /// When it was added, in RFC 3339.
    pub created: String,
    /// When its last file ended, in RFC 3339, if it did.
    pub finished: Option<String>,
    /// Files that were dropped.
    #[ts(type = "number")]
    pub files: u64,
    /// Those of them that are verified.
    #[ts(type = "number")]
    pub verified: u64,
    /// Those that were left out, or cancelled.
    #[ts(type = "number")]
    pub left_out: u64,
    /// Those that failed, or wait for a decision.
    #[ts(type = "number")]
    pub failed: u64,
    /// Those that are not done yet.
    #[ts(type = "number")]
    pub open: u64,
    /// Bytes of all of them.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether the local files may be deleted.
    pub safe_to_delete: bool,
    /// That, in a sentence with the reasons.
    pub safety: Words,
    /// Files before the first shown.
    #[ts(type = "number")]
    pub offset: u64,
    /// The files from there on, in the order they were dropped.
    pub rows: Vec<ReceiptRow>,
}

/// A file of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceiptRow {
    /// The transfer's number.
    #[ts(type = "number")]
    pub id: i64,
    /// The file's path.
    pub source: String,
    /// The object's key.
    pub key: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// How it stands.
    pub state: RowState,
    /// CRC-64/XZ of all bytes: a decimal number.
    pub crc64: Option<String>,
    /// The object's ETag.
    pub etag: Option<String>,
    /// The object's version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// The store's id of the request that made the object.
    pub request_id: Option<String>,
    /// When the first request was made for it, in RFC 3339.
    pub started: Option<String>,
    /// When it ended, in RFC 3339.
    pub finished: Option<String>,
    /// Milliseconds between the two.
    #[ts(type = "number | null")]
    pub took_ms: Option<i64>,
    /// What its being verified rests on; null where that was not kept.
    pub verified_by: Option<Proof>,
    /// Whether it was cancelled because a newer version of the file took its place.
    pub replaced: bool,
}

/// How far "Verify again" has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RecheckView {
    /// Objects that are asked for.
    #[ts(type = "number")]
    pub total: u64,
    /// Those of which the store told.
    #[ts(type = "number")]
    pub asked: u64,
    /// Those of them that are as they were verified.
    #[ts(type = "number")]
    pub same: u64,
    /// Whether it is over.
    pub ended: bool,
    /// Why it ended early, or why it waits.
    pub problem: Option<Problem>,
    /// Those that are not as they were verified, the first of them.
    pub found: Vec<RecheckedRow>,
    /// How many more there are.
    #[ts(type = "number")]
    pub more: u64,
    /// Once it is over, whether the local files may be deleted, in a sentence.
    pub safety: Option<Words>,
    /// Whether they may.
    pub safe_to_delete: bool,
}

/// An object that is not as it was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RecheckedRow {
    /// The transfer's number.
    #[ts(type = "number")]
    pub id: i64,
    /// The object's key.
    pub key: String,
    /// What became of it, in a sentence.
    pub text: Words,
}

/// A file that was written for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SavedFile {
    /// Its path.
    pub path: String,
    /// Files that were uploaded and are not in it.
    #[ts(type = "number")]
    pub left_out: u64,
    /// Why the first of them is not.
    pub because: Option<Words>,
}
