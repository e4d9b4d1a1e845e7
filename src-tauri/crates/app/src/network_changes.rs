//! Listens to the system's network changes: a cable is plugged in, a Wi-Fi is joined, a computer
//! wakes up. A store that did not answer is asked at once then, instead of at its next probe.

use netwatcher::async_adapter::Tokio;

use crate::app::App;

/// Listens until the app shuts down. Where the system does not tell, probes find a store that is
/// back, only later.
pub(crate) fn start(app: &App) {
    // No thread and no pipe: children of this process inherit the pipe of the blocking watch, which
    // keeps it from ending.
    let mut changes = match netwatcher::watch_interfaces_async::<Tokio>() {
        Ok(changes) => changes,
        Err(error) => {
            tracing::warn!(%error, "network changes are not listened to");
            return;
        }
    };
    let (engine, stop) = (app.inner.engine.clone(), app.inner.publisher.stop.clone());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                update = changes.changed() => {
                    if !update.is_initial {
                        engine.network_changed();
                    }
                }
            }
        }
    });
}
