//! The signals that ask a command to end: it stops what runs, says how far it came, and ends.

use std::io;

use tokio::sync::watch;

/// Whether a signal came.
#[derive(Debug, Clone)]
pub(crate) struct Signals(watch::Receiver<bool>);

impl Signals {
    /// Takes over what would end the process without a word. Call it first thing, inside the
    /// runtime.
    ///
    /// A signal that the parent has ignored, as `nohup` and a script's `&` do, stays ignored.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn install() -> io::Result<Self> {
        let (came, received) = watch::channel(false);
        let first = first_signal()?;
        tokio::spawn(async move {
            first.await;
            came.send_replace(true);
            // The receivers see a closed channel otherwise, and must not take that for a signal.
            came.closed().await;
        });
        Ok(Self(received))
    }

    /// Returns when a signal came, at once if it came before.
    pub(crate) async fn received(&self) {
        if self.0.clone().wait_for(|came| *came).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn first_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let ignored = ignored_signals();
    let mut heeded: Vec<Signal> = Vec::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        if ignored & (1 << (kind.as_raw_value() - 1)) == 0 {
            heeded.push(signal(kind)?);
        }
    }
    Ok(std::future::poll_fn(move |context| {
        let came = heeded.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if came { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    }))
}

#[cfg(not(unix))]
fn first_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The signals that are ignored, as a mask: bit 0 is signal 1.
///
/// Only Linux tells without unsafe code.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
