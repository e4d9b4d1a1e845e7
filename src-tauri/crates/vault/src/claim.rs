//! Who decides whether a request is carried out: the thread that begins it, or the caller who gives
//! it up, whichever comes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::oneshot;

use crate::VaultError;

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;

/// The caller's side. Dropped, it gives up what has not begun.
pub(crate) struct Claim(Arc<AtomicU8>);

/// The owner's side, with the way back to the caller.
pub(crate) struct Reply<T> {
    state: Arc<AtomicU8>,
    sender: oneshot::Sender<Result<T, VaultError>>,
}

/// Both sides of a new request, and where its answer arrives.
pub(crate) fn claim<T>() -> (Claim, Reply<T>, oneshot::Receiver<Result<T, VaultError>>) {
    let state = Arc::new(AtomicU8::new(WAITING));
    let (sender, answer) = oneshot::channel();
    (Claim(Arc::clone(&state)), Reply { state, sender }, answer)
}

impl Claim {
    /// Gives the request up. Says whether that came in time: then it will not be carried out.
    pub(crate) fn give_up(&self) -> bool {
        let was = self.0.compare_exchange(WAITING, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire);
        was != Err(BEGUN)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl<T> Reply<T> {
    /// Whether anybody still waits. Only a hint: [`Reply::begin`] decides.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.sender.is_closed() && self.state.load(Ordering::Acquire) != GIVEN_UP
    }

    /// Begins the effect, unless the caller gave it up. May be called again for a second try, which
    /// needs somebody who waits.
    pub(crate) fn begin(&self) -> bool {
        let was = self.state.compare_exchange(WAITING, BEGUN, Ordering::AcqRel, Ordering::Acquire);
        was != Err(GIVEN_UP) && !self.sender.is_closed()
    }

    /// Answers. The caller may be gone.
    pub(crate) fn send(self, outcome: Result<T, VaultError>) {
        drop(self.sender.send(outcome));
    }
}
