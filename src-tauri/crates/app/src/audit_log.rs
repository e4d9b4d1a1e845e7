//! Who writes the audit log, while it is on.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

/// The task that writes it.
#[derive(Debug, Default)]
pub(crate) struct AuditLog(Mutex<Option<JoinHandle<()>>>);

impl AuditLog {
    pub(crate) fn begin(&self, writing: JoinHandle<()>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(writing);
    }

    /// The task, to wait for its end.
    pub(crate) fn end(&self) -> Option<JoinHandle<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
