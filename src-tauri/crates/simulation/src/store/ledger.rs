//! Every request that was made, and the bytes that were received of its body.

use std::time::Duration;

use super::contents::Health;
use super::course::{Fate, Operation};

/// How a request ended for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It has not, or its caller went away.
    Open,
    /// With success.
    Succeeded,
    /// With an error.
    Failed,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it was made, since the world began.
    pub at: Duration,
    /// When its caller had an answer.
    pub ended: Option<Duration>,
    /// Which operation.
    pub operation: Operation,
    /// Its key, or the prefix of a list.
    pub key: String,
    /// Its upload, if it names one.
    pub upload_id: Option<String>,
    /// Its part's number, if it names one.
    pub number: Option<u32>,
    /// The transfer that it belongs to, as far as the bucket knows.
    pub owner: Option<String>,
    /// Bytes of its body that were received.
    pub received: u64,
    /// What happened to it.
    pub fate: Fate,
    /// Whether it was carried out.
    pub carried_out: bool,
    /// How it ended for its caller.
    pub ending: Ending,
    /// Whether what was kept of it is what was sent.
    pub health: Health,
}

/// Every request in the order they were made.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// The requests.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn add(&mut self, entry: Entry) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    pub(crate) fn at(&mut self, index: usize) -> &mut Entry {
        &mut self.entries[index]
    }
}
