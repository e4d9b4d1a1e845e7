//! Linux: the services of the session and of the system over D-Bus, and GTK's clipboard.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use gtk::gdk;
use gtk::prelude::FileExt as _;
use tauri::AppHandle;
use tokio::sync::{Mutex, OnceCell, oneshot};
use zbus::zvariant::{OwnedFd, Value};
use zbus::{Connection, MatchRule, MessageStream};

use super::{Clipboard, Notification};

/// How long a service may take to answer: it is nothing that files should wait for.
const ANSWER: Duration = Duration::from_secs(5);
/// The libraries for an icon in the tray, in the order in which `tray-icon` looks for them. It
/// ends the process where it finds none.
const TRAY_LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
const NAME: &str = "Ferry";
/// The name of Ferry's entry in the menus of desktops.
const DESKTOP_ENTRY: &str = "Ferry";

/// A service, the object and the interface that it offers.
#[derive(Debug, Clone, Copy)]
struct Service {
    name: &'static str,
    path: &'static str,
    interface: &'static str,
}

const NOTIFICATIONS: Service = Service {
    name: "org.freedesktop.Notifications",
    path: "/org/freedesktop/Notifications",
    interface: "org.freedesktop.Notifications",
};
const SCREEN_SAVER: Service = Service {
    name: "org.freedesktop.ScreenSaver",
    path: "/org/freedesktop/ScreenSaver",
    interface: "org.freedesktop.ScreenSaver",
};
const LOGIN: Service = Service {
    name: "org.freedesktop.login1",
    path: "/org/freedesktop/login1",
    interface: "org.freedesktop.login1.Manager",
};
const TRAY: Service = Service {
    name: "org.kde.StatusNotifierWatcher",
    path: "/StatusNotifierWatcher",
    interface: "org.freedesktop.DBus.Properties",
};

/// What keeps the computer awake.
#[derive(Default)]
struct Awake {
    /// The screen saver's number for it.
    cookie: Option<u32>,
    /// The login service's lock, which ends when it is closed.
    lock: Option<OwnedFd>,
}

pub(super) struct Native {
    session: OnceCell<Option<Connection>>,
    system: OnceCell<Option<Connection>>,
    awake: Mutex<Awake>,
    /// The numbers of notifications that were shown.
    shown: Arc<std::sync::Mutex<HashSet<u32>>>,
    clicked: Arc<dyn Fn() + Send + Sync>,
    tray_library: OnceLock<bool>,
}

/// Waits for an answer, but not for long.
async fn soon<T>(answer: impl Future<Output = zbus::Result<T>>) -> zbus::Result<T> {
    let late = |_| zbus::Error::InputOutput(Arc::new(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(ANSWER, answer).await.map_err(late)?
}

async fn call<A, T>(bus: &Connection, to: Service, method: &str, arguments: &A) -> zbus::Result<T>
where
    A: serde::ser::Serialize + zbus::zvariant::DynamicType + Sync,
    T: for<'d> serde::de::Deserialize<'d> + zbus::zvariant::Type,
{
    let Service { name, path, interface } = to;
    let answer = bus.call_method(Some(name), path, Some(interface), method, arguments);
    soon(answer).await?.body().deserialize()
}

impl Native {
    pub(super) fn new(clicked: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            session: OnceCell::new(),
            system: OnceCell::new(),
            awake: Mutex::default(),
            shown: Arc::default(),
            clicked: Arc::new(clicked),
            tray_library: OnceLock::new(),
        }
    }

    /// The session's bus; `None` where there is none.
    async fn session(&self) -> Option<&Connection> {
        let connect = || async { soon(Connection::session()).await.ok() };
        self.session.get_or_init(connect).await.as_ref()
    }

    async fn system(&self) -> Option<&Connection> {
        let connect = || async { soon(Connection::system()).await.ok() };
        self.system.get_or_init(connect).await.as_ref()
    }

    /// Whether the library for an icon in the tray is there.
    pub(super) fn has_tray_library(&self) -> bool {
        *self.tray_library.get_or_init(|| TRAY_LIBRARIES.into_iter().any(loads))
    }

    /// Whether some program shows the icons of others.
    pub(super) async fn knows_trays(&self) -> bool {
        if !self.has_tray_library() {
            return false;
        }
        let Some(bus) = self.session().await else { return false };
        let asked = (TRAY.name, "IsStatusNotifierHostRegistered");
        let shows: zbus::Result<zbus::zvariant::OwnedValue> = call(bus, TRAY, "Get", &asked).await;
        shows.is_ok_and(|shows| bool::try_from(shows).unwrap_or_default())
    }

    pub(super) async fn notify(&self, notification: Notification) -> zbus::Result<()> {
        let Some(bus) = self.session().await else { return Ok(()) };
        let Notification { title, body, open } = notification;
        let can: Vec<String> = call(bus, NOTIFICATIONS, "GetCapabilities", &()).await?;
        let body =
            if can.iter().any(|can| can == "body-markup") { without_markup(&body) } else { body };
        self.listen_for_clicks(bus).await?;
        let hints = HashMap::from([("desktop-entry", Value::from(DESKTOP_ENTRY))]);
        let actions = ["default", open.as_str()];
        let arguments = (
            NAME,
            0u32,
            "ferry-desktop",
            title.as_str(),
            body.as_str(),
            actions.as_slice(),
            hints,
            -1i32,
        );
        let number: u32 = call(bus, NOTIFICATIONS, "Notify", &arguments).await?;
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
        Ok(())
    }

    /// Begins to listen with the first notification.
    async fn listen_for_clicks(&self, bus: &Connection) -> zbus::Result<()> {
        {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            // 0 is no number that the service gives.
            if !shown.insert(0) {
                return Ok(());
            }
        }
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(NOTIFICATIONS.interface)?
            .member("ActionInvoked")?
            .build();
        let mut clicks = soon(MessageStream::for_match_rule(rule, bus, None)).await?;
        let (shown, clicked) = (Arc::clone(&self.shown), Arc::clone(&self.clicked));
        tauri::async_runtime::spawn(async move {
            while let Some(click) = clicks.next().await {
                let number = click.ok().and_then(|click| {
                    click.body().deserialize::<(u32, String)>().ok().map(|(number, _)| number)
                });
                let ours = number.is_some_and(|number| {
                    shown.lock().unwrap_or_else(PoisonError::into_inner).contains(&number)
                });
                if ours {
                    clicked();
                }
            }
        });
        Ok(())
    }

    /// Asks the screen saver of the session, which desktops obey, and the login service, which
    /// suspends where there is no desktop; either may be missing.
    pub(super) async fn keep_awake(&self, reason: Option<String>) {
        let mut awake = self.awake.lock().await;
        let before = std::mem::take(&mut *awake);
        if let (Some(cookie), Some(bus)) = (before.cookie, self.session().await) {
            let released: zbus::Result<()> = call(bus, SCREEN_SAVER, "UnInhibit", &cookie).await;
            if let Err(error) = released {
                tracing::debug!(%error, "the screen saver is gone");
            }
        }
        let Some(reason) = reason else { return };
        if let Some(bus) = self.session().await {
            awake.cookie = call(bus, SCREEN_SAVER, "Inhibit", &(NAME, reason.as_str())).await.ok();
        }
        if let Some(bus) = self.system().await {
            let arguments = ("idle", NAME, reason.as_str(), "block");
            awake.lock = call(bus, LOGIN, "Inhibit", &arguments).await.ok();
        }
        if awake.cookie.is_none() && awake.lock.is_none() {
            tracing::debug!("nothing here keeps the computer awake");
        }
    }

    pub(super) async fn clipboard(&self, handle: &AppHandle) -> Clipboard {
        let (answer, asked) = oneshot::channel();
        // GTK's clipboard belongs to its own thread.
        let ask = handle.run_on_main_thread(move || {
            let clipboard = gtk::Clipboard::get(&gdk::SELECTION_CLIPBOARD);
            clipboard.request_uris(move |clipboard, uris| {
                let files: Vec<PathBuf> =
                    uris.iter().filter_map(|uri| gtk::gio::File::for_uri(uri).path()).collect();
                if !files.is_empty() {
                    drop(answer.send(Clipboard::Files(files)));
                    return;
                }
                clipboard.request_image(move |_, picture| {
                    let png = picture.and_then(|it| it.save_to_bufferv("png", &[]).ok());
                    drop(answer.send(png.map_or(Clipboard::Nothing, Clipboard::Picture)));
                });
            });
        });
        if let Err(error) = ask {
            tracing::warn!(%error, "the clipboard could not be asked");
        }
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(Ok(found)) => found,
            _ => Clipboard::Nothing,
        }
    }
}

/// Whether a library can be loaded.
#[allow(unsafe_code)]
fn loads(name: &str) -> bool {
    // SAFETY: these libraries begin nothing when they are loaded, and the tray loads the same one.
    unsafe { libloading::Library::new(name) }.is_ok()
}

/// A text where `<` and `&` begin markup.
fn without_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_no_reason_to_end() {
        assert!(loads("libc.so.6"));
        assert!(!loads("libappindicator-that-nobody-has.so.1"));
    }

    #[test]
    fn names_are_shown_as_they_are_where_notifications_have_markup() {
        assert_eq!(without_markup("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
