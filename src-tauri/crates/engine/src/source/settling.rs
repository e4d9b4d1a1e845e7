//! How long files that something still writes to have been quiet. Which files are waited for is a
//! state of their rows ([`ferry_model::Standing::UntilQuiet`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use ferry_model::TransferId;
use ferry_model::source::{QUIET, Quiet, SourceIdentity};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::lock::lock;

#[derive(Debug)]
pub(crate) struct Settling {
    began: Instant,
    files: Mutex<BTreeMap<TransferId, Quiet>>,
    changed: Notify,
}

impl Settling {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), files: Mutex::default(), changed: Notify::new() }
    }

    /// Rows may have begun to wait.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }

    /// Returns once rows may have begun to wait.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Forgets all but those.
    pub(crate) fn retain(&self, ids: &BTreeSet<TransferId>) {
        lock(&self.files).retain(|id, _| ids.contains(id));
    }

    /// Takes what a file is now (`None`: it cannot be opened); whether it is quiet.
    pub(crate) fn observe(&self, id: TransferId, identity: Option<SourceIdentity>) -> bool {
        let now = self.began.elapsed();
        lock(&self.files).entry(id).or_default().observe(identity, now, QUIET)
    }
}
