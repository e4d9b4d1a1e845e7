//! What a start found instead of what was written, and what it saved of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What happened to an older queue when the journal was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Recovery {
    /// The file was damaged. It was set aside as it is, and what could be read of it is in a new
    /// one.
    SetAside {
        /// Where the damaged file is now.
        kept: PathBuf,
        /// What was found, in SQLite's words.
        reason: String,
        /// What the new file holds, and what it lacks.
        salvaged: Salvaged,
    },
    /// There was a queue in this folder, but its file is gone or empty. A new one was begun.
    Missing {
        /// Where the file was expected.
        expected: PathBuf,
    },
    /// The file is sound, and older than what was written last: the log that held the latest
    /// changes is gone, damaged, or another one's.
    Older {
        /// Where the log that was not used is now, if there is one.
        kept: Option<PathBuf>,
        /// How it was known.
        reason: String,
    },
}

/// What a salvage brought over, and what it could not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Salvaged {
    /// Profiles.
    pub profiles: u64,
    /// Settings.
    pub settings: u64,
    /// Batches.
    pub batches: u64,
    /// Transfers.
    pub transfers: u64,
    /// Parts.
    pub parts: u64,
    /// Rows that were found and do not decode.
    pub unreadable: u64,
    /// Transfers that are missing in the new file, as far as the old one still told their number.
    pub lost_transfers: Option<u64>,
    /// Transfers that were paused: what their batch asked of its objects is lost, or whether they
    /// were still in the list.
    pub paused: u64,
}

impl Salvaged {
    /// Whether every transfer is known to have been brought over.
    pub fn is_complete(&self) -> bool {
        self.unreadable == 0 && self.lost_transfers == Some(0) && self.paused == 0
    }
}
