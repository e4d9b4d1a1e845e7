//! What a user's hands do outside of the page: dragging files, letting them go, and choosing some
//! in a native dialog.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::WebHost;

/// The answers of the native dialogs to come.
#[derive(Debug, Default)]
pub(crate) struct Hands(Mutex<VecDeque<Vec<PathBuf>>>);

impl Hands {
    /// What is chosen in the next dialog; nothing where no choice was prepared, as if it had been
    /// closed.
    pub(crate) fn choose(&self) -> Vec<PathBuf> {
        self.prepared().pop_front().unwrap_or_default()
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, VecDeque<Vec<PathBuf>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many files are held over the window; 0 when they left.
pub(crate) async fn hold(State(host): State<WebHost>, Json(count): Json<u32>) -> StatusCode {
    host.app.dragging(count).await;
    StatusCode::NO_CONTENT
}

/// These are let go over the window.
pub(crate) async fn let_go(
    State(host): State<WebHost>,
    Json(paths): Json<Vec<PathBuf>>,
) -> Response {
    host.app.dragging(0).await;
    match host.app.add_paths(paths).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response(),
    }
}

/// Prepares what is chosen in a dialog to come, one dialog a call.
pub(crate) async fn choose_next(
    State(host): State<WebHost>,
    Json(paths): Json<Vec<PathBuf>>,
) -> StatusCode {
    host.hands.prepared().push_back(paths);
    StatusCode::NO_CONTENT
}
