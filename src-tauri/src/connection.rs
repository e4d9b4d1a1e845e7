//! Whether the computer's connection is paid by its bytes, as the system tells. GIO knows it on
//! Linux, from NetworkManager or the desktop's portal.

use ferry_app::App;

/// Tells the app from now on. Call it on the thread that runs the window.
#[cfg(target_os = "linux")]
pub(crate) fn follow(app: App) {
    use ferry_app::model::standby::Connection;
    use gio::prelude::NetworkMonitorExt as _;

    let monitor = gio::NetworkMonitor::default();
    let tell = move |monitor: &gio::NetworkMonitor| {
        app.set_connection(match monitor.is_network_metered() {
            true => Connection::Metered,
            false => Connection::Free,
        });
    };
    tell(&monitor);
    monitor.connect_network_metered_notify(tell);
    // It lives as long as the process: its signal must.
    std::mem::forget(monitor);
}

/// Other systems are not asked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn follow(_: App) {}
