//! What changed, for those who show it.

use ferry_model::TransferId;
use tokio::sync::broadcast;

/// Something changed that may be shown. Lossy: a receiver that lags reads everything again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineEvent {
    /// A row's state changed.
    Row(TransferId),
    /// Rows came or went, or many changed.
    Rows,
    /// A profile is held, or was let go.
    Holds,
    /// An endpoint went offline or came back.
    Endpoints,
    /// A volume with queued files is missing, or is there again.
    Volumes,
    /// The journal cannot be written, or can be again.
    Journal,
    /// What a watch does changed.
    Watches,
}

/// Sends events to everybody who listens.
#[derive(Debug, Clone)]
pub(crate) struct Events(broadcast::Sender<EngineEvent>);

/// Events that a receiver may be behind before it lags.
const CAPACITY: usize = 1024;

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }

    pub(crate) fn emit(&self, event: EngineEvent) {
        // No listener is fine.
        let _ = self.0.send(event);
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<EngineEvent> {
        self.0.subscribe()
    }
}
