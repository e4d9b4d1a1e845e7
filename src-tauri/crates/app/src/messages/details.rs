//! The messages about one file looked at closely.

use ferry_model::Proof;
use ferry_model::part_map::PartCell;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Words;

/// What the details of a file tell beside its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Details {
    /// The transfer's number.
    #[ts(type = "number")]
    pub id: i64,
    /// Its parts; null for a file that goes in one request, and where nothing was uploaded.
    pub parts: Option<PartsView>,
    /// Its requests that were tried again, since Ferry was started.
    #[ts(type = "number")]
    pub retries: u64,
    /// The last of them, the newest first.
    pub retried: Vec<RetriedRow>,
    /// What its being verified rests on; null while it is not, and where that was not kept.
    pub proof: Option<Proof>,
    /// What was computed over the file, once it is verified.
    pub checksums: Vec<ChecksumRow>,
    /// The object's ETag, once it is verified.
    pub etag: Option<String>,
    /// The object's version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// The store's id of the request that made the object.
    pub request_id: Option<String>,
    /// The store's id of the upload that is open.
    pub upload_id: Option<String>,
    /// When the first request was made for it, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub started_ms: Option<i64>,
    /// When it ended, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub finished_ms: Option<i64>,
    /// Milliseconds between the two.
    #[ts(type = "number | null")]
    pub took_ms: Option<i64>,
}

/// The parts of a file as a map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PartsView {
    /// How many there are.
    pub parts: u32,
    /// Parts of each cell but the last, which may have fewer.
    pub per_cell: u32,
    /// Parts that the store acknowledged.
    pub acknowledged: u32,
    /// Parts under way, without those that are tried again.
    pub in_flight: u32,
    /// Parts that are tried again.
    pub retrying: u32,
    /// Whether the object made of them is verified.
    pub verified: bool,
    /// The cells in the order of their parts.
    pub cells: Vec<PartCell>,
}

/// A request that was tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RetriedRow {
    /// When it failed, milliseconds since 1970.
    #[ts(type = "number")]
    pub at_ms: i64,
    /// The part that it was for.
    pub part: Option<u32>,
    /// Why, in a sentence.
    pub cause: Words,
    /// The store's code, if any.
    pub code: Option<String>,
    /// The store's id of the request, if it gave one.
    pub request_id: Option<String>,
}

/// A checksum of a verified file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChecksumRow {
    /// Its name, as `CRC-64/XZ`.
    pub name: String,
    /// As computed here.
    pub local: String,
    /// As the store told it, where that was compared: then both are the same, or the file would
    /// not be verified.
    pub remote: Option<String>,
}
