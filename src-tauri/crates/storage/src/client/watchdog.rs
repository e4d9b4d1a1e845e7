//! Who has to do the next step, and since when: so that a peer that stopped is noticed, and a slow
//! one is not cut.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Delivery;

/// How much of a body's end may still lie in the system's buffers when the last byte was taken.
const BUFFERED: u64 = 4 << 20;

/// Whose step is next.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// The transport's: it connects, or sends what it took.
    Transport { since: Instant },
    /// The body's source's: a throttle or a slow disk. No fault of the peer, so no timeout.
    Source,
    /// The peer's: all is sent, the answer is awaited.
    Peer { since: Instant },
}

/// Timeouts of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For each step of the transport.
    pub(super) idle: Duration,
    /// For the answer.
    pub(super) answer: Duration,
}

#[derive(Debug)]
struct State {
    turn: Turn,
    length: u64,
    taken: u64,
    /// How long the transport had the turn, in all.
    sending: Duration,
    source_error: Option<io::Error>,
}

/// The progress of one request.
#[derive(Debug)]
pub(crate) struct Progress(Mutex<State>);

impl Progress {
    /// A request that begins now, with a body of `length` bytes.
    pub(super) fn new(length: u64) -> Self {
        let since = Instant::now();
        let turn = if length == 0 { Turn::Peer { since } } else { Turn::Transport { since } };
        Self(Mutex::new(State {
            turn,
            length,
            taken: 0,
            sending: Duration::ZERO,
            source_error: None,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transport asks for more: what it took before is on its way.
    pub(super) fn asked(&self) {
        let mut state = self.state();
        if let Turn::Transport { since } = state.turn {
            // Before the first piece it was connecting, not sending.
            if state.taken > 0 {
                state.sending += since.elapsed();
            }
            state.turn = Turn::Source;
        }
    }

    /// The transport took `bytes`.
    pub(super) fn took(&self, bytes: u64) {
        let mut state = self.state();
        let since = Instant::now();
        state.taken += bytes;
        state.turn = if state.taken >= state.length {
            Turn::Peer { since }
        } else {
            Turn::Transport { since }
        };
    }

    /// The source failed.
    pub(super) fn source_failed(&self, error: io::Error) {
        self.state().source_error = Some(error);
    }

    /// The source's error, once.
    pub(super) fn take_source_error(&self) -> Option<io::Error> {
        self.state().source_error.take()
    }

    /// Whether anything can have reached the peer. An empty body tells nothing, so: perhaps.
    pub(super) fn delivery(&self) -> Delivery {
        let state = self.state();
        if state.length > 0 && state.taken == 0 { Delivery::NotSent } else { Delivery::Perhaps }
    }

    /// Ends when the one whose turn it is took too long.
    pub(super) async fn stalled(&self, limits: Limits) {
        loop {
            let now = Instant::now();
            // While the source has the turn, looking again after one timeout is early enough: the
            // transport's begins later.
            let deadline = self.deadline(limits).unwrap_or(now + limits.idle);
            let waits_for_source = matches!(self.state().turn, Turn::Source);
            if deadline <= now && !waits_for_source {
                return;
            }
            tokio::time::sleep_until(deadline).await;
        }
    }

    fn deadline(&self, limits: Limits) -> Option<Instant> {
        let state = self.state();
        match state.turn {
            Turn::Transport { since } => Some(since + limits.idle),
            Turn::Source => None,
            Turn::Peer { since } => Some(since + limits.answer + state.drain(limits)),
        }
    }
}

impl State {
    /// How long the system may need for the end of the body, at the speed of what came before; at
    /// most one more timeout.
    fn drain(&self, limits: Limits) -> Duration {
        let share = if self.length > BUFFERED { BUFFERED as f64 / self.length as f64 } else { 1.0 };
        self.sending.mul_f64(share).min(limits.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { idle: Duration::from_secs(60), answer: Duration::from_secs(60) };

    /// Seconds until the watchdog ends, when nothing more happens.
    async fn until_stalled(progress: &Progress) -> u64 {
        let begun = Instant::now();
        progress.stalled(LIMITS).await;
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn each_turn_has_its_timeout() {
        assert_eq!(until_stalled(&Progress::new(0)).await, 60, "no answer");
        let progress = Progress::new(100);
        assert_eq!(progress.delivery(), Delivery::NotSent);
        assert_eq!(until_stalled(&progress).await, 60, "no connection");
        let progress = Progress::new(100);
        progress.asked();
        progress.took(50);
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(
            (until_stalled(&progress).await, progress.delivery()),
            (40, Delivery::Perhaps),
            "the peer stopped reading"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_moving_body_and_a_slow_source_are_never_cut() {
        let progress = Progress::new(1000);
        let slow = async {
            for _ in 0..10 {
                progress.asked();
                tokio::time::sleep(Duration::from_secs(300)).await;
                progress.took(50);
                tokio::time::sleep(Duration::from_secs(59)).await;
            }
        };
        tokio::select! {
            () = slow => {}
            () = progress.stalled(LIMITS) => panic!("cut"),
        }
        assert_eq!(until_stalled(&progress).await, 1, "59 s of 60 are over");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_slow_to_send_may_be_slow_to_drain() {
        let progress = Progress::new(100);
        progress.asked();
        progress.took(99);
        tokio::time::advance(Duration::from_secs(30)).await;
        progress.asked();
        progress.took(1);
        assert_eq!(until_stalled(&progress).await, 90);
    }
}
