//! Ferry's page in a browser: the built page, unchanged, over the real app. Never shipped.
//!
//! `ferry-web-host FOLDER` keeps its queue and its stores below FOLDER, listens on loopback, and
//! prints one line of JSON: `url` opens the page, `origin` and `token` let a test call the routes.
//! It ends when its standard input does, so that it never outlives who started it. `--no-keyring`
//! is a system without one; without it, keys are kept in memory. `FERRY_UPDATES` and
//! `FERRY_UPDATES_KEY` are what a build of the shell reads under these names.
//!
//! It may import `ferry-app`, nothing else of Ferry.
//!
//! Invariants:
//! * every route asks for the token, and refuses a request of another origin or to another name
//!   ([`guard`]): the host may read any file of its user, and uploads it where it is told;
//! * the page is served as it was built, under the rules of `tauri.conf.json`, with one script in
//!   front of it that stands for Tauri's own ([`page`]);
//! * the commands are those of the shell: both are made from one list.

mod commands;
mod guard;
mod hands;
mod page;
mod stores;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use ferry_app::{App, Host, Keyring, OpenOptions, UpdateSource};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::guard::Guard;
use crate::hands::Hands;
use crate::stores::Stores;

/// What every route works with.
#[derive(Debug, Clone)]
struct WebHost {
    app: App,
    guard: Arc<Guard>,
    hands: Arc<Hands>,
    stores: Arc<Stores>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let keyring = match arguments.iter().position(|argument| argument == "--no-keyring") {
        Some(at) => {
            arguments.remove(at);
            Keyring::Absent
        }
        None => Keyring::Memory,
    };
    let [folder] = &arguments[..] else {
        eprintln!("ferry-web-host FOLDER [--no-keyring]");
        return ExitCode::FAILURE;
    };
    match serve(PathBuf::from(folder), keyring).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("ferry-web-host: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until standard input ends.
async fn serve(folder: PathBuf, keyring: Keyring) -> Result<(), String> {
    let options = OpenOptions {
        data_dir: Some(folder.join("data")),
        host: Host::Window,
        desktop_proxies: None,
        keyring,
        updates: update_source(),
    };
    let app = App::open(options).await.map_err(|fault| fault.to_string())?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let guard = Guard::new(address).map_err(|error| error.to_string())?;
    let line = serde_json::json!({
        "url": format!("{}/?token={}", guard.origin(), guard.token()),
        "origin": guard.origin(),
        "token": guard.token(),
    });
    let host = WebHost {
        app: app.clone(),
        guard: Arc::new(guard),
        hands: Arc::default(),
        stores: Arc::new(Stores::below(folder.join("stores"))),
    };
    println!("{line}");
    // A page listens as long as it is open, so the server is not waited for.
    tokio::select! {
        served = axum::serve(listener, router(host)).into_future() => {
            served.map_err(|error| error.to_string())?;
        }
        () = end_of_input() => {}
    }
    app.shutdown().await;
    Ok(())
}

/// Where newer versions are looked for: a test says so as the build of the shell does.
fn update_source() -> Option<UpdateSource> {
    let variable = |name| std::env::var(name).ok();
    let (place, key) = (variable("FERRY_UPDATES"), variable("FERRY_UPDATES_KEY"));
    UpdateSource::of_build(place.as_deref(), key.as_deref(), vec!["test".to_owned()])
}

fn router(host: WebHost) -> Router {
    Router::new()
        .route("/", get(page::document))
        .route("/host/bridge.js", get(page::bridge))
        .route("/host/invoke/{command}", post(commands::invoke))
        .route("/host/drag", post(hands::hold))
        .route("/host/drag/place", post(hands::move_to))
        .route("/host/drop", post(hands::let_go))
        .route("/host/picked", post(hands::choose_next))
        .route("/host/close", post(hands::close))
        .route("/host/did", post(hands::what_was_done))
        .route("/host/stores", post(stores::start))
        .route("/host/stores/{number}/script", post(stores::play))
        .route("/host/stores/{number}", delete(stores::stop))
        .fallback(page::file)
        .layer(from_fn_with_state(host.clone(), guard::admit))
        .with_state(host)
}

/// Returns at the end of standard input: the parent process closed it, or has ended.
async fn end_of_input() {
    let (open, closed) = oneshot::channel::<()>();
    // Of its own: a read that nothing ends would hold the runtime up.
    std::thread::spawn(move || {
        if let Err(error) = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()) {
            eprintln!("ferry-web-host: standard input: {error}");
        }
        drop(open);
    });
    // Nothing is ever sent.
    closed.await.unwrap_or_default();
}
