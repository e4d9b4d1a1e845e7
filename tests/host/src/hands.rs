//! What a user's hands do outside of the page: dragging files, letting them go, choosing some in a
//! native dialog, closing the window; and what the desktop around it is asked to do.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ferry_app::PagePoint;
use ferry_app::messages::DesktopState;

use crate::WebHost;

/// What was prepared, and what was done.
#[derive(Debug, Default)]
pub(crate) struct Hands(Mutex<Prepared>);

#[derive(Debug, Default)]
struct Prepared {
    /// The answers of the native dialogs to come.
    choices: VecDeque<Vec<PathBuf>>,
    /// What the page had the desktop do, in order.
    did: Vec<String>,
    /// Whether the desktop lacks a tray.
    without_tray: bool,
    opens_at_login: bool,
}

impl Hands {
    /// What is chosen in the next dialog; nothing where no choice was prepared, as if it had been
    /// closed.
    pub(crate) fn choose(&self) -> Vec<PathBuf> {
        self.prepared().choices.pop_front().unwrap_or_default()
    }

    /// Writes down what the page had the desktop do.
    pub(crate) fn did(&self, what: String) {
        self.prepared().did.push(what);
    }

    /// What this desktop can do.
    pub(crate) fn desktop(&self) -> DesktopState {
        let prepared = self.prepared();
        DesktopState { tray: !prepared.without_tray, opens_at_login: Some(prepared.opens_at_login) }
    }

    pub(crate) fn open_at_login(&self, opens: bool) {
        self.prepared().opens_at_login = opens;
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, Prepared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many files are held over the window; 0 when they left.
pub(crate) async fn hold(State(host): State<WebHost>, Json(count): Json<u32>) -> StatusCode {
    host.app.dragging(count).await;
    StatusCode::NO_CONTENT
}

/// What is held over the window is above this place of the page now, in shares of its size.
pub(crate) async fn move_to(
    State(host): State<WebHost>,
    Json((x, y)): Json<(f64, f64)>,
) -> StatusCode {
    host.app.dragged_to(PagePoint { x, y }).await;
    StatusCode::NO_CONTENT
}

/// These are let go over the window, at this place of the page.
pub(crate) async fn let_go(
    State(host): State<WebHost>,
    Json((paths, x, y)): Json<(Vec<PathBuf>, f64, f64)>,
) -> Response {
    match host.app.drop_paths(paths, PagePoint { x, y }).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response(),
    }
}

/// Prepares what is chosen in a dialog to come, one dialog a call.
pub(crate) async fn choose_next(
    State(host): State<WebHost>,
    Json(paths): Json<Vec<PathBuf>>,
) -> StatusCode {
    host.hands.prepared().choices.push_back(paths);
    StatusCode::NO_CONTENT
}

/// The window is asked to close while files are on their way, on a desktop with or without a tray.
pub(crate) async fn close(State(host): State<WebHost>, Json(tray): Json<bool>) -> StatusCode {
    host.hands.prepared().without_tray = !tray;
    host.app.ask_to_close(tray).await;
    StatusCode::NO_CONTENT
}

/// What the page had the desktop do so far.
pub(crate) async fn what_was_done(State(host): State<WebHost>) -> Json<Vec<String>> {
    Json(host.hands.prepared().did.clone())
}
