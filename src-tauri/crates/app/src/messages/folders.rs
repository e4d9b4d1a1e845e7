//! The messages about the folders of a bucket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Folders that are in a folder of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FolderList {
    /// Each as the prefix that it is.
    pub folders: Vec<String>,
    /// Whether there are more than these.
    pub more: bool,
}
