//! Each end and each rest of a transfer, for those who must miss none: unlike events, these are not
//! lossy.

use std::sync::Mutex;

use ferry_model::TransferId;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::lock::lock;

/// Who is told. Each holds a number for each transfer that it has not looked at.
#[derive(Debug, Default)]
pub(crate) struct Outcomes(Mutex<Vec<UnboundedSender<TransferId>>>);

impl Outcomes {
    /// A transfer ended, or rests until a person decides; the journal has it.
    pub(crate) fn emit(&self, id: TransferId) {
        // Who left is told no more.
        lock(&self.0).retain(|listener| listener.send(id).is_ok());
    }

    pub(crate) fn subscribe(&self) -> UnboundedReceiver<TransferId> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.0).push(sender);
        receiver
    }

    /// Tells of no more: who listens comes to the end.
    pub(crate) fn end(&self) {
        lock(&self.0).clear();
    }
}
