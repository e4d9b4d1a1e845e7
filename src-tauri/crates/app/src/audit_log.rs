//! Who writes the audit log, while it is on.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

/// The task that writes it, and where.
#[derive(Debug, Default)]
pub(crate) struct AuditLog(Mutex<Option<(PathBuf, JoinHandle<()>)>>);

impl AuditLog {
    /// Whether this file is written.
    pub(crate) fn writes(&self, path: &Path) -> bool {
        self.with(|place| place.as_ref().is_some_and(|(written, _)| written == path))
    }

    pub(crate) fn begin(&self, path: PathBuf, writing: JoinHandle<()>) {
        self.with(|place| *place = Some((path, writing)));
    }

    /// The task, to wait for its end.
    pub(crate) fn end(&self) -> Option<JoinHandle<()>> {
        self.with(|place| place.take().map(|(_, writing)| writing))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Option<(PathBuf, JoinHandle<()>)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
