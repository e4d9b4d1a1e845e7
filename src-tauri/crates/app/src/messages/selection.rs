//! The messages about the selection: what an action would meet in it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Action;

/// For how many of the selected transfers an action is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ActionCount {
    /// The action.
    pub action: Action,
    /// How many transfers it would change.
    #[ts(type = "number")]
    pub files: u64,
}

/// The selection as the queue has it, whichever rows the window holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Selected {
    /// The number the window gave this selection: numbers of an earlier one say nothing of it.
    pub number: u32,
    /// Selected transfers that exist.
    #[ts(type = "number")]
    pub files: u64,
    /// Those of them whose removal gives up work: they run, rest on purpose, or the store holds
    /// something of them.
    #[ts(type = "number")]
    pub unfinished: u64,
    /// Verified: there is a link to them.
    #[ts(type = "number")]
    pub done: u64,
    /// Every action in a fixed order; none before anything is selected.
    pub actions: Vec<ActionCount>,
}
