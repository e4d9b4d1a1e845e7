//! The commands of this run that wait, and when each is carried out.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ferry_model::undo::UNDO;
use tokio::sync::{Notify, OnceCell};
use tokio::time::Instant;

use crate::lock::lock;

/// The commands of this run that wait.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// When each is carried out, by its number.
    due: Mutex<BTreeMap<i64, Instant>>,
    /// The one that is being carried out.
    under_way: Mutex<Option<i64>>,
    changed: Notify,
    /// Whether the commands of an earlier run are dropped.
    begun: OnceCell<()>,
}

impl Waiting {
    /// A command waits from now on.
    pub(crate) fn add(&self, number: i64) {
        lock(&self.due).insert(number, Instant::now() + UNDO);
        self.changed.notify_one();
    }

    /// Takes a command out, to undo it; `false` once it is being carried out.
    pub(crate) fn take_out(&self, number: i64) -> bool {
        let taken = lock(&self.due).remove(&number).is_some();
        self.changed.notify_one();
        taken
    }

    /// The one that is due first, and when.
    pub(crate) fn first(&self) -> Option<(i64, Instant)> {
        lock(&self.due).first_key_value().map(|(number, at)| (*number, *at))
    }

    /// Begins to carry one out; `false` where it was taken out.
    pub(crate) fn begin(&self, number: i64) -> bool {
        let began = lock(&self.due).remove(&number).is_some();
        if began {
            *lock(&self.under_way) = Some(number);
        }
        began
    }

    /// What was begun is over.
    pub(crate) fn end(&self) {
        *lock(&self.under_way) = None;
    }

    /// Whether nothing waits, and nothing is being carried out.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.due).is_empty() && lock(&self.under_way).is_none()
    }

    /// The numbers of those that can be undone.
    pub(crate) fn numbers(&self) -> Vec<i64> {
        lock(&self.due).keys().copied().collect()
    }

    /// Returns when one was added or taken out.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Set once the commands of an earlier run are dropped.
    pub(crate) fn begun(&self) -> &OnceCell<()> {
        &self.begun
    }
}
