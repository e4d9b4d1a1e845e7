//! Follows queue, settings and the window's frame, and carries out what [`crate::integration`] says.

use std::sync::Arc;
use std::time::Duration;

use ferry_app::messages::{CloseChoice, DesktopSettings, Problem};
use ferry_app::{App, Told};
use tauri::{AppHandle, CloseRequestApi, Manager};
use tokio::sync::mpsc;

use crate::desktop::System;
use crate::integration::{Closing, Integration, Next, Say};
use crate::speech::Speech;
use crate::window;

/// How long the queue may take to say whether anything is on its way: a window that closes does not
/// wait for it longer, and quitting loses nothing.
const ANSWER: Duration = Duration::from_secs(1);
/// How long a start at login waits for a tray.
const TRAY: Duration = Duration::from_secs(10);

/// Takes the settings of the desktop, in the order in which they were set.
pub(crate) struct Settings(mpsc::UnboundedSender<DesktopSettings>);

impl Settings {
    /// Follows these from now on.
    pub(crate) fn follow(&self, settings: DesktopSettings) {
        if self.0.send(settings).is_err() {
            tracing::debug!("settings at the very end");
        }
    }
}

/// Begins to tell the desktop how the queue stands.
pub(crate) async fn start(handle: &AppHandle, app: &App) {
    let saying = handle.clone();
    let say: Say = Box::new(move |text| saying.state::<Speech>().say(text));
    let integration = Arc::new(Integration::new(Arc::new(System::new(handle)), say));
    let (sender, mut changes) = mpsc::unbounded_channel();
    handle.manage(Arc::clone(&integration));
    handle.manage(Settings(sender));
    match app.settings().await {
        Ok(settings) => {
            handle.state::<Speech>().follow(&settings.language);
            handle.state::<Settings>().follow(settings.desktop);
        }
        Err(fault) => tracing::warn!(%fault, "the settings could not be read"),
    }
    let following = Arc::clone(&integration);
    tauri::async_runtime::spawn(async move {
        while let Some(settings) = changes.recv().await {
            following.follow(settings).await;
        }
    });
    let (handle, mut watch) = (handle.clone(), app.watch_presence());
    tauri::async_runtime::spawn(async move {
        while let Some(told) = watch.next().await {
            match told {
                Told::News(news) => integration.news(&news).await,
                Told::Presence(presence) => {
                    if integration.presence(presence).await == Next::Quit {
                        handle.exit(0);
                    }
                }
            }
        }
    });
}

/// Waits until Ferry's icon stands in the tray: at login, what shows such icons may begin later than
/// Ferry.
pub(crate) async fn tray_comes(handle: &AppHandle) -> bool {
    let Some(integration) = integration(handle) else { return false };
    let comes = async {
        while !integration.desktop().has_tray().await {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    tokio::time::timeout(TRAY, comes).await.is_ok()
}

/// Holds the window until it is known whether anything is on its way. Before the queue is open,
/// nothing is.
pub(crate) fn on_close_requested(handle: &AppHandle, api: &CloseRequestApi) {
    let Some(app) = handle.try_state::<App>().map(|app| App::clone(&app)) else { return };
    let Some(integration) = integration(handle) else { return };
    api.prevent_close();
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        // As they are now: what was changed a moment ago may not have been followed yet.
        if let Ok(Ok(settings)) = tokio::time::timeout(ANSWER, app.settings()).await {
            integration.follow(settings.desktop).await;
        }
        let closing = integration.close(works(&app).await).await;
        carry_out(&handle, &app, &integration, closing).await;
    });
}

/// Carries out the answer to the question.
///
/// # Errors
/// Where it could not be remembered; it is carried out all the same.
pub(crate) async fn answer_close(
    handle: &AppHandle,
    app: &App,
    choice: CloseChoice,
    remember: bool,
) -> Result<(), Problem> {
    let remembered = match choice.setting().filter(|_| remember) {
        Some(setting) => app.set_on_close(setting).await,
        None => Ok(()),
    };
    if let Some(integration) = integration(handle) {
        let closing = integration.answer(choice, works(app).await).await;
        carry_out(handle, app, &integration, closing).await;
    }
    remembered
}

/// Takes back that Ferry quits once nothing is left to do.
pub(crate) async fn stay_open(handle: &AppHandle, app: &App) {
    if let Some(integration) = integration(handle) {
        integration.stay_open().await;
    }
    app.set_quits_when_done(false);
}

/// Queue and desktop held together, once the queue is open.
pub(crate) fn integration(handle: &AppHandle) -> Option<Arc<Integration>> {
    handle.try_state::<Arc<Integration>>().map(|integration| Arc::clone(&integration))
}

async fn works(app: &App) -> bool {
    match tokio::time::timeout(ANSWER, app.presence()).await {
        Ok(Ok(presence)) => presence.works(),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "the queue could not be asked");
            false
        }
        Err(_) => false,
    }
}

async fn carry_out(handle: &AppHandle, app: &App, integration: &Integration, closing: Closing) {
    app.set_quits_when_done(integration.quits_when_done().await);
    match closing {
        Closing::Nothing => {}
        Closing::Ask { tray } => {
            window::bring_to_front(handle);
            app.ask_to_close(tray).await;
        }
        Closing::Quit => match window::the_window(handle) {
            Some(window) => {
                if let Err(error) = window.destroy() {
                    tracing::warn!(%error, "could not close the window");
                    handle.exit(0);
                }
            }
            None => handle.exit(0),
        },
    }
}
