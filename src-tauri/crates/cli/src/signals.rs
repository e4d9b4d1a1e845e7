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

    /// Whether a signal came.
    pub(crate) fn came(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when a signal came, at once if it came before.
    pub(crate) async fn received(&self) {
        if self.0.clone().wait_for(|came| *came).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The request to stop for a while, as Ctrl-Z has it. What is drawn on a terminal goes away first:
/// the shell writes where the cursor stands.
#[derive(Debug)]
pub(crate) struct Suspension {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Suspension {
    /// Heeds it from now on, unless the parent has it ignored.
    pub(crate) fn heed() -> Self {
        #[cfg(unix)]
        let signal = {
            let number = rustix::process::Signal::TSTP.as_raw();
            let ignored = ignored_signals() & (1 << (number - 1)) != 0;
            let kind = tokio::signal::unix::SignalKind::from_raw(number);
            (!ignored).then(|| tokio::signal::unix::signal(kind).ok()).flatten()
        };
        Self {
            #[cfg(unix)]
            signal,
        }
    }

    /// Leaves it to the system.
    pub(crate) fn leave() -> Self {
        Self {
            #[cfg(unix)]
            signal: None,
        }
    }

    /// Returns when it is requested.
    pub(crate) async fn requested(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }

    /// Stops this process. Returns when it goes on.
    pub(crate) fn stop(&self) {
        #[cfg(unix)]
        {
            use rustix::process::{Signal, getpid, kill_process};
            // A process may always stop itself.
            let _ = kill_process(getpid(), Signal::STOP);
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

/// Ctrl-C, Ctrl-Break, the console's own close button, signing out and shutting down. After the
/// last three Windows lets a process live for some seconds.
#[cfg(windows)]
fn first_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
    let (mut interrupt, mut stop) = (ctrl_c()?, ctrl_break()?);
    let (mut close, mut sign_out, mut shutdown) = (ctrl_close()?, ctrl_logoff()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
            _ = sign_out.recv() => {}
            _ = shutdown.recv() => {}
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
