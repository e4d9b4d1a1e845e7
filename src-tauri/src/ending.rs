//! The end of the process: closing the window, quitting and signals all pass here, and the app
//! writes down what it knows first.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use ferry_app::App;
use tauri::{AppHandle, ExitRequestApi, Manager};

use crate::updates;

/// The app ends within 2 s by its own promise; after this it is left to the next start's recovery.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(2_500);

const RUNNING: u8 = 0;
const CLOSING: u8 = 1;
const CLOSED: u8 = 2;

/// How far the end has come, and whether Ferry begins again after it.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    reached: AtomicU8,
    restarts: AtomicBool,
}

/// What a request to exit is answered with.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The app has yet to be told: hold the exit and tell it.
    CloseFirst,
    /// The app is closing: hold the exit.
    Hold,
    /// Nothing is open any more: let it go.
    Go,
}

impl Ending {
    fn answer(&self) -> Answer {
        match self.reached.compare_exchange(RUNNING, CLOSING, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Answer::CloseFirst,
            Err(CLOSED) => Answer::Go,
            Err(_) => Answer::Hold,
        }
    }

    fn closed(&self) {
        self.reached.store(CLOSED, Ordering::Release);
    }
}

/// Holds the exit until the app has ended. The window is gone from the screen at once.
pub(crate) fn on_exit_requested(handle: &AppHandle, code: Option<i32>, api: &ExitRequestApi) {
    let Some(app) = handle.try_state::<App>() else { return };
    match handle.state::<Ending>().answer() {
        Answer::Go => {}
        Answer::Hold => api.prevent_exit(),
        Answer::CloseFirst => {
            api.prevent_exit();
            for window in handle.webview_windows().values() {
                if let Err(error) = window.hide() {
                    tracing::debug!(%error, "the window could not be hidden");
                }
            }
            let (app, handle) = (App::clone(&app), handle.clone());
            tauri::async_runtime::spawn(async move {
                if tokio::time::timeout(SHUTDOWN_TIMEOUT, app.shutdown()).await.is_err() {
                    tracing::warn!("the queue did not close in time; the next start recovers it");
                }
                let ending = handle.state::<Ending>();
                let restarts = ending.restarts.load(Ordering::Acquire);
                updates::install(&handle, &app, restarts).await;
                ending.closed();
                if restarts {
                    handle.request_restart();
                } else {
                    handle.exit(code.unwrap_or(0));
                }
            });
        }
    }
}

/// Ends Ferry as when it quits, and begins again.
pub(crate) fn restart(handle: &AppHandle) {
    handle.state::<Ending>().restarts.store(true, Ordering::Release);
    handle.exit(0);
}

/// Makes the signals that ask a process to end do so cleanly.
pub(crate) fn on_signals(handle: &AppHandle) {
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        match asked_to_end().await {
            Ok(()) => {
                // Before the queue is open, or where it cannot be, nothing was done that ended
                // well.
                handle.exit(i32::from(handle.try_state::<App>().is_none()));
            }
            Err(error) => tracing::warn!(%error, "signals are not listened to"),
        }
    });
}

#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_is_closed_once_and_the_exit_held_until_it_is() {
        let ending = Ending::default();
        assert_eq!(ending.answer(), Answer::CloseFirst);
        assert_eq!(ending.answer(), Answer::Hold, "a second close while the first is under way");
        ending.closed();
        assert_eq!(ending.answer(), Answer::Go);
        assert_eq!(ending.answer(), Answer::Go);
    }
}
