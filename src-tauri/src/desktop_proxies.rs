//! Which proxies a Linux desktop says lead to a store: GNOME's and KDE's settings, and scripts (PAC).
//! Only GIO knows how to ask them. Windows and macOS tell the HTTP client themselves.

use ferry_app::DesktopProxies;

/// Asks this desktop.
#[cfg(target_os = "linux")]
pub(crate) fn of_this_desktop() -> Option<DesktopProxies> {
    use gio::prelude::ProxyResolverExt as _;

    Some(DesktopProxies::new(|origin| {
        let ways = gio::ProxyResolver::default().lookup(origin, gio::Cancellable::NONE);
        let ways = ways.map_err(|error| error.to_string())?;
        Ok(ways.iter().map(ToString::to_string).collect())
    }))
}

/// There is nothing to ask.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of_this_desktop() -> Option<DesktopProxies> {
    None
}
