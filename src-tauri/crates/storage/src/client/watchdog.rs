//! Who has to do the next step, and since when: so that a peer that stopped is noticed, and a slow
//! one is not cut.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Delivery;

/// Timeouts of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestTimeouts {
    /// For each step of the transport.
    pub(super) idle: Duration,
    /// For the answer, from when the peer can have the whole body.
    pub(super) answer: Duration,
    /// How long the end of a body may be on its way, unless it was seen to be slower.
    pub(super) on_its_way: Duration,
}

/// A gap between two steps of the transport from which the system's buffers count as full.
const FULL: Duration = Duration::from_millis(10);

#[derive(Debug)]
struct State {
    begun: Instant,
    length: u64,
    /// Bytes that the transport was given.
    handed_over: u64,
    /// Bytes of those that it gave to the system.
    sent: u64,
    /// When one of these last grew, or the source last had the turn.
    moved: Instant,
    /// Bytes that the system had taken when its buffers were full for the first time, and when.
    filled: Option<(u64, Instant)>,
    /// Whether the transport wants more than the source has: a throttle or a slow disk. No fault of
    /// the peer, so no timeout.
    waits_for_source: bool,
    /// Who waits for room.
    body: Option<Waker>,
    source_error: Option<io::Error>,
}

/// The progress of one request.
#[derive(Debug)]
pub(crate) struct Progress(Mutex<State>);

impl Progress {
    /// A request that begins now, with a body of `length` bytes.
    pub(super) fn new(length: u64) -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            begun: now,
            length,
            handed_over: 0,
            sent: 0,
            moved: now,
            filled: None,
            waits_for_source: false,
            body: None,
            source_error: None,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when the transport holds less than `most` bytes.
    pub(super) fn poll_room(&self, most: u64, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.handed_over - state.sent < most {
            return Poll::Ready(());
        }
        state.body = Some(context.waker().clone());
        Poll::Pending
    }

    /// The transport wants more.
    pub(super) fn waits_for_source(&self) {
        self.state().waits_for_source = true;
    }

    /// The transport has `bytes` more.
    pub(super) fn handed_over(&self, bytes: u64) {
        let mut state = self.state();
        // What it already holds is as old as it is.
        if state.handed_over == state.sent {
            state.moved = Instant::now();
        }
        state.handed_over += bytes;
        state.waits_for_source = false;
    }

    /// The system has `bytes` more.
    pub(super) fn sent(&self, bytes: u64) {
        let mut state = self.state();
        let now = Instant::now();
        if state.filled.is_none() && state.sent > 0 && now - state.moved >= FULL {
            state.filled = Some((state.sent, now));
        }
        state.sent += bytes;
        state.moved = now;
        let waiting = state.body.take();
        drop(state);
        if let Some(body) = waiting {
            body.wake();
        }
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
        if state.length > 0 && state.handed_over == 0 {
            Delivery::NotSent
        } else {
            Delivery::Perhaps
        }
    }

    /// Bytes of the body.
    pub(super) fn length(&self) -> u64 {
        self.state().length
    }

    /// How long ago the request began, if the system has the whole of its body.
    pub(super) fn whole_body_since(&self) -> Option<Duration> {
        let state = self.state();
        (state.length > 0 && state.sent == state.length).then(|| state.begun.elapsed())
    }

    /// Ends when the one whose turn it is took too long.
    pub(super) async fn stalled(&self, limits: RequestTimeouts) {
        loop {
            let now = Instant::now();
            // While the source has the turn, looking again after one timeout is early enough: the
            // transport's begins later.
            let deadline = match self.deadline(limits) {
                Some(deadline) if deadline <= now => return,
                Some(deadline) => deadline,
                None => now + limits.idle,
            };
            tokio::time::sleep_until(deadline).await;
        }
    }

    fn deadline(&self, limits: RequestTimeouts) -> Option<Instant> {
        let state = self.state();
        if state.sent == state.length {
            let drain = state.drain().unwrap_or_default().max(limits.on_its_way);
            state.moved.checked_add(limits.answer + drain)
        } else if state.waits_for_source && state.sent == state.handed_over {
            None
        } else {
            Some(state.moved + limits.idle)
        }
    }
}

impl State {
    /// How long the end of the body may be on its way, from how fast the system took it once its
    /// buffers were full; `None` if they never were. A pause of another reason makes it too short.
    fn drain(&self) -> Option<Duration> {
        let (buffered, at) = self.filled?;
        let rest = self.sent - buffered;
        // Twice: buffers grow.
        Some((self.moved - at).mul_f64(2.0 * buffered as f64 / rest as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RequestTimeouts = RequestTimeouts {
        idle: Duration::from_secs(60),
        answer: Duration::from_secs(90),
        on_its_way: Duration::from_secs(7),
    };

    /// Seconds until the watchdog ends, when nothing more happens.
    async fn until_stalled(progress: &Progress) -> u64 {
        let begun = Instant::now();
        progress.stalled(LIMITS).await;
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn each_turn_has_its_timeout() {
        assert_eq!(until_stalled(&Progress::new(0)).await, 97, "no answer");
        let progress = Progress::new(100);
        assert_eq!(progress.delivery(), Delivery::NotSent);
        assert_eq!(until_stalled(&progress).await, 60, "no connection");
        let progress = Progress::new(100);
        progress.handed_over(50);
        tokio::time::advance(Duration::from_secs(20)).await;
        progress.handed_over(50);
        assert_eq!(
            (until_stalled(&progress).await, progress.delivery()),
            (40, Delivery::Perhaps),
            "the peer stopped reading"
        );
        let progress = Progress::new(100);
        progress.handed_over(100);
        progress.sent(100);
        assert_eq!(until_stalled(&progress).await, 97, "no answer to a body");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_slow_to_send_may_be_slow_to_drain() {
        let progress = Progress::new(100);
        progress.handed_over(100);
        progress.sent(40);
        tokio::time::advance(Duration::from_secs(1)).await;
        progress.sent(30);
        tokio::time::advance(Duration::from_secs(15)).await;
        progress.sent(30);
        assert_eq!(until_stalled(&progress).await, 90 + 20, "60 bytes in 15 s: 2 x 40 in 20 s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_moving_body_and_a_slow_source_are_never_cut() {
        let progress = Progress::new(1000);
        let slow = async {
            for _ in 0..10 {
                progress.waits_for_source();
                tokio::time::sleep(Duration::from_secs(300)).await;
                progress.handed_over(50);
                tokio::time::sleep(Duration::from_secs(59)).await;
                progress.sent(50);
            }
        };
        tokio::select! {
            () = slow => {}
            () = progress.stalled(LIMITS) => panic!("cut"),
        }
        progress.handed_over(50);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(until_stalled(&progress).await, 1, "59 s of 60 are over");
    }

    #[tokio::test]
    async fn the_transport_is_given_more_once_it_holds_less() {
        let progress = Progress::new(1000);
        let room = async |most| {
            std::future::poll_fn(|context| progress.poll_room(most, context)).await;
        };
        progress.handed_over(100);
        room(101).await;
        let waiting = room(100);
        let sending = async {
            tokio::task::yield_now().await;
            progress.sent(1);
        };
        tokio::join!(waiting, sending);
    }
}
