//! What can go wrong on the wire, and what it means.

pub mod answer;
mod suggestion;
pub mod table;
pub mod transport;

use std::io;

pub use ferry_model::Delivery;
use ferry_model::{Fault, FaultKind};

pub use answer::{Asked, Head, classify};

use crate::stored::StoredObject;

/// Whether the same call may be made again at once, without counting as a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryNow {
    /// No: what the fault's kind says holds.
    No,
    /// Once: the clock's offset was just learnt, so the same call is signed differently now.
    Once,
}

/// Makes a call, and once more where the first one taught the clock. For callers without a retry
/// loop of their own.
///
/// # Errors
/// Those of the call.
pub async fn sign_again<T, Answer>(mut call: impl FnMut() -> Answer) -> Result<T, StoreError>
where
    Answer: Future<Output = Result<T, StoreError>>,
{
    match call().await {
        Err(error) if error.retry_now == RetryNow::Once => call().await,
        outcome => outcome,
    }
}

/// A failed attempt.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct StoreError {
    /// What went wrong.
    pub fault: Fault,
    /// Whether the effect may have happened.
    pub delivery: Delivery,
    /// The error of the caller's own byte stream, if that is what failed.
    pub source_io: Option<io::Error>,
    /// Whether to call again at once.
    pub retry_now: RetryNow,
    /// The object that was stored all the same ([`FaultKind::CallbackFailed`] only).
    pub stored: Option<Box<StoredObject>>,
}

impl StoreError {
    /// A failure of this delivery.
    pub fn new(fault: impl Into<Fault>, delivery: Delivery) -> Self {
        Self {
            fault: fault.into(),
            delivery,
            source_io: None,
            retry_now: RetryNow::No,
            stored: None,
        }
    }

    /// The request was refused here, before anything was sent.
    pub fn before_sending(fault: impl Into<Fault>) -> Self {
        Self::new(fault, Delivery::NotSent)
    }

    /// What came with a success status is no store's answer. Whether the store did something is not
    /// known.
    pub(crate) fn not_store(why: impl std::fmt::Display, head: &Head) -> Self {
        let mut fault = Fault::new(FaultKind::NotStore).with_detail(why.to_string());
        fault.status = Some(head.status);
        fault.request_id = head.request_id().map(str::to_owned);
        Self::new(fault, Delivery::Perhaps)
    }

    /// The fault's kind.
    pub fn kind(&self) -> FaultKind {
        self.fault.kind
    }
}

/// A fault that was found by looking at an answer.
impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        Self::new(fault, Delivery::Answered)
    }
}
