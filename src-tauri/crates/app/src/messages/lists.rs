//! The messages that say which transfers are meant: what a list shows, a part of it, a cause.

use ferry_model::held::HeldAction;
use ferry_model::{FaultKind, KeyTrouble};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Action, Filter, Problem, Sort};

/// Which rows a list shows: those that fit all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RowList {
    /// Only rows of this batch; null for all.
    #[ts(type = "number | null")]
    pub batch: Option<i64>,
    /// In which states.
    pub filter: Filter,
    /// Only names or keys with this text in them; empty for all.
    pub text: String,
    /// Only those that a fault of this kind stopped, in camelCase; null for all.
    #[ts(type = "string | null")]
    pub fault: Option<FaultKind>,
    /// Only those to this profile; null for all.
    #[ts(type = "number | null")]
    pub profile: Option<i64>,
    /// Only those of this moment or later, milliseconds since 1970; null for all. A row's moment
    /// is when it ended, or while it has not, when it was added.
    #[ts(type = "number | null")]
    pub from_ms: Option<i64>,
    /// Only those before this moment; null for all.
    #[ts(type = "number | null")]
    pub until_ms: Option<i64>,
}

/// The rows from one to another of a list, both included, in whichever order the two stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RowRange {
    /// The number of the one.
    #[ts(type = "number")]
    pub from: i64,
    /// The number of the other.
    #[ts(type = "number")]
    pub to: i64,
    /// What the list is sorted by: see [`super::Viewport`].
    pub sort: Sort,
    /// See `sort`.
    pub descending: bool,
}

/// What an action is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Target {
    /// Every transfer.
    All,
    /// These.
    Ids {
        /// Their numbers.
        #[ts(type = "number[]")]
        ids: Vec<i64>,
    },
    /// Every transfer of a list, whether the window has it or not.
    Matching {
        /// The list.
        list: RowList,
    },
    /// Some of a list, whether the window has them or not, and others.
    Part {
        /// The list.
        list: RowList,
        /// Only these of it; null for all.
        range: Option<RowRange>,
        /// But not these.
        #[ts(type = "number[]")]
        except: Vec<i64>,
        /// And these, be they in the list or not.
        #[ts(type = "number[]")]
        also: Vec<i64>,
    },
}

impl Target {
    /// What names no transfer.
    pub(crate) fn nothing() -> Self {
        Self::Ids { ids: Vec::new() }
    }
}

/// Files that need the user, all for the same reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Cause {
    /// The files; `filter` says what they need.
    pub list: RowList,
    /// How many.
    #[ts(type = "number")]
    pub files: u64,
    /// The file's name, where it is one.
    pub name: Option<String>,
    /// Why they failed; null where that is not known, and where they did not fail.
    pub problem: Option<Problem>,
    /// The folder, or else the bucket, where all objects are that stand in the way; null where
    /// nothing holds them all, and where none does.
    pub folder: Option<String>,
    /// In how many folders they are.
    #[ts(type = "number")]
    pub folders: u64,
    /// What can be done about all of them, the likeliest to help first.
    pub actions: Vec<Action>,
    /// The profiles that are held for this reason, where no file needs a decision but these do:
    /// then `list` has what waits for the first of them.
    pub held: Option<Held>,
}

/// Profiles that are held for the same reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Held {
    /// Them.
    pub profiles: Vec<HeldProfile>,
    /// Where their key is to blame, how.
    pub key: Option<KeyTrouble>,
    /// What lets them go on, the likeliest to help first.
    pub actions: Vec<HeldAction>,
}

/// A profile that is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HeldProfile {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// Its name.
    pub name: String,
}
