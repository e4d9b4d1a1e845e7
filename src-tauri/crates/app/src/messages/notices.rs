//! The lines above the list.

use ferry_model::KeyTrouble;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DropReview, Problem, Words};

/// Why no upload runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum StandbyReason {
    /// It is outside of their hours.
    Hours,
    /// The connection is paid by its bytes.
    Metered,
    /// The connection goes through another network interface than they need, or there is none.
    Interface,
}

/// What can be done about a newer version, or is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum UpdateStep {
    /// It is only told.
    Told,
    /// Its page can be opened, where a package manager installs it.
    OpenPage,
    /// It can be fetched, to be installed when Ferry quits.
    Install,
    /// It is being fetched.
    Downloading,
    /// It is installed when Ferry quits.
    Ready,
}

/// A line above the list that concerns more than one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Notice {
    /// An endpoint does not answer: transfers wait.
    Offline {
        /// The endpoint.
        endpoint: String,
        /// Why.
        problem: Problem,
        /// Seconds until the next try.
        next_try_seconds: u32,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// A profile is held until the user changes something.
    ProfileHeld {
        /// The profile.
        #[ts(type = "number")]
        profile: i64,
        /// Its name.
        name: String,
        /// Why.
        problem: Problem,
        /// Where its key is to blame, how.
        key: Option<KeyTrouble>,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// This computer's clock is far off; signatures are made with the store's time meanwhile.
    ClockOff {
        /// Seconds it is behind the store's; negative if ahead.
        #[ts(type = "number")]
        seconds: i64,
    },
    /// A profile's STS token ends before its transfers are expected to.
    TokenEnds {
        /// The profile.
        #[ts(type = "number")]
        profile: i64,
        /// Its name.
        name: String,
        /// When, milliseconds since 1970.
        #[ts(type = "number")]
        ends_ms: i64,
    },
    /// No upload runs, as the settings say.
    Standby {
        /// Why.
        reason: StandbyReason,
        /// Seconds until they run, if that is known.
        seconds: Option<u32>,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// Something failed that belongs to no row.
    Failed {
        /// Closes this notice.
        #[ts(type = "number")]
        id: u64,
        /// What happened.
        problem: Problem,
    },
    /// The queue on disk cannot be written: nothing new is started. It goes when it can be again.
    Journal {
        /// Why.
        problem: Problem,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// A disk or a network folder with queued files is not there: they wait for it.
    VolumeMissing {
        /// Which one, by one of its files.
        problem: Problem,
        /// Files that wait for it.
        #[ts(type = "number")]
        files: u64,
    },
    /// Ferry ends by itself once nothing is left to do.
    QuitsWhenDone,
    /// Dropped folders are being looked through; nothing of them is queued yet.
    Surveying {
        /// Its number, for the answer.
        #[ts(type = "number")]
        id: u64,
        /// Files found so far.
        #[ts(type = "number")]
        files: u64,
    },
    /// A drop is asked about before anything of it is queued.
    Review {
        /// Its number, for the answer.
        #[ts(type = "number")]
        id: u64,
        /// What is known of it.
        review: DropReview,
    },
    /// Dropped folders are being read.
    Adding {
        /// Files found so far.
        #[ts(type = "number")]
        files: u64,
    },
    /// The queue on disk was damaged and set aside.
    Recovered {
        /// Closes this notice.
        #[ts(type = "number")]
        id: u64,
        /// What happened.
        text: Words,
    },
    /// There is a newer Ferry.
    NewVersion {
        /// Closes this notice until the next start.
        #[ts(type = "number")]
        id: u64,
        /// Its version.
        version: String,
        /// What changed, a line each: the words of who published it, with what cannot be seen made
        /// visible.
        notes: Vec<String>,
        /// What can be done about it.
        step: UpdateStep,
    },
}
