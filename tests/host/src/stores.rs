//! Stores to upload to beside the practice bucket: sandboxes that play a script of faults, which
//! can be changed while they run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ferry_app::sandbox::{Config, Credential, Sandbox, Script};
use serde_json::json;
use tokio::sync::Mutex;

use crate::WebHost;

/// The bucket of each store.
const BUCKET: &str = "media-archive";

/// The stores that run, by number.
#[derive(Debug)]
pub(crate) struct Stores {
    folder: PathBuf,
    running: Mutex<BTreeMap<u32, Sandbox>>,
}

impl Stores {
    /// Stores that keep their objects below this folder.
    pub(crate) fn below(folder: PathBuf) -> Self {
        Self { folder, running: Mutex::default() }
    }
}

/// Starts a store under a script, in the form of `ferry sandbox --faults`; answers with its number,
/// its address, and a key to it.
pub(crate) async fn start(State(host): State<WebHost>, script: String) -> Response {
    let script = match Script::read(&script) {
        Ok(script) => script,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let mut running = host.stores.running.lock().await;
    let number = running.last_key_value().map_or(1, |(last, _)| last + 1);
    let mut config = Config::new(host.stores.folder.join(number.to_string()));
    config.buckets = vec![BUCKET.to_owned()];
    let key = Credential::generate();
    config.credentials = vec![key.clone()];
    let sandbox = match Sandbox::start(config).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
        }
    };
    sandbox.play(&script);
    let answer = json!({
        "number": number,
        "endpoint": sandbox.endpoint(),
        "region": sandbox.region(),
        "bucket": BUCKET,
        "accessKeyId": key.access_key_id,
        "accessKeySecret": key.access_key_secret,
    });
    running.insert(number, sandbox);
    Json(answer).into_response()
}

/// Plays another script in the place of what was played before. Requests that are held stay so.
pub(crate) async fn play(
    State(host): State<WebHost>,
    Path(number): Path<u32>,
    script: String,
) -> Response {
    let running = host.stores.running.lock().await;
    match (running.get(&number), Script::read(&script)) {
        (Some(sandbox), Ok(script)) => {
            sandbox.faults().clear();
            sandbox.play(&script);
            StatusCode::NO_CONTENT.into_response()
        }
        (None, _) => StatusCode::NOT_FOUND.into_response(),
        (_, Err(error)) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

/// Stops a store: its address refuses connections from then on.
pub(crate) async fn stop(State(host): State<WebHost>, Path(number): Path<u32>) -> StatusCode {
    match host.stores.running.lock().await.remove(&number) {
        Some(sandbox) => {
            sandbox.abort().await;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}
