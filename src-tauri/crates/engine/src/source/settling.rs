//! Files that something still writes to, and that go up once they are quiet.
//!
//! They are kept for this run only: a later start asks about each of them again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ferry_model::TransferId;
use ferry_model::source::{Quiet, SourceIdentity};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::lock::lock;

#[derive(Debug)]
pub(crate) struct Settling {
    began: Instant,
    files: Mutex<BTreeMap<TransferId, Quiet>>,
    came: Notify,
}

impl Settling {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), files: Mutex::default(), came: Notify::new() }
    }

    pub(crate) fn add(&self, ids: &[TransferId]) {
        let mut files = lock(&self.files);
        for id in ids {
            files.entry(*id).or_default();
        }
        drop(files);
        self.came.notify_one();
    }

    pub(crate) fn ids(&self) -> Vec<TransferId> {
        lock(&self.files).keys().copied().collect()
    }

    /// Forgets those that `wanted` does not want.
    pub(crate) fn retain(&self, wanted: impl Fn(TransferId) -> bool) {
        lock(&self.files).retain(|id, _| wanted(*id));
    }

    /// Takes what a file is now (`None`: it cannot be opened); whether it is quiet.
    pub(crate) fn observe(&self, id: TransferId, identity: Option<SourceIdentity>) -> bool {
        let now = self.began.elapsed();
        lock(&self.files).get_mut(&id).is_some_and(|quiet| quiet.observe(identity, now))
    }

    /// Returns once there is any.
    pub(crate) async fn any(&self) {
        while lock(&self.files).is_empty() {
            self.came.notified().await;
        }
    }
}
