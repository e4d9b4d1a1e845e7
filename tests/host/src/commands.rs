//! The commands of the window, over HTTP: arguments as a JSON object, the answer as JSON, a problem
//! with status 422.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ferry_app::messages::*;
use ferry_app::model::WatchId;
use ferry_app::{MissingDigests, ReceiptFormat};
use futures_util::stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::WebHost;

/// Answers one command.
pub(crate) async fn invoke(
    State(host): State<WebHost>,
    Path(command): Path<String>,
    body: Bytes,
) -> Response {
    answer(&host, &command, &body).await
}

/// Makes one arm of each command of the list.
macro_rules! commands {
    (
        $app:ident,
        of_host { $($own:ident),+ }
        $(
            $(#[$documented:meta])*
            $name:ident($($argument:ident: $taken:ty),*) -> $answer:ty { $($body:tt)* }
        )+
    ) => {
        async fn answer(host: &WebHost, command: &str, body: &[u8]) -> Response {
            match command {
                $(stringify!($own) => $own(host, body).await,)+
                $(stringify!($name) => {
                    #[derive(Deserialize)]
                    #[serde(rename_all = "camelCase")]
                    struct Arguments {
                        $($argument: $taken),*
                    }
                    let Arguments { $($argument),* } = match read(body) {
                        Ok(arguments) => arguments,
                        Err(refusal) => return refusal,
                    };
                    let $app = &host.app;
                    let answered: Result<$answer, Problem> = async { $($body)* }.await;
                    written(answered)
                })+
                _ => (StatusCode::NOT_FOUND, format!("no command {command}")).into_response(),
            }
        }
    };
}

ferry_app::window_commands!(commands);

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()).into_response())
}

fn written<T: serde::Serialize>(answered: Result<T, Problem>) -> Response {
    match answered {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response(),
    }
}

/// Sends the updates as the lines of an answer that does not end.
async fn subscribe(host: &WebHost, _: &[u8]) -> Response {
    let (sender, updates) = mpsc::unbounded_channel();
    // A page that is gone is found out by the next subscription at the latest.
    host.app.subscribe(Box::new(move |update| drop(sender.send(update)))).await;
    let lines = stream::unfold(updates, |mut updates: UnboundedReceiver<Update>| async {
        let update = updates.recv().await?;
        let line = serde_json::to_vec(&update).map(|mut line| {
            line.push(b'\n');
            line
        });
        Some((line, updates))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

async fn pick_files(host: &WebHost, _: &[u8]) -> Response {
    written(host.app.add_paths(host.hands.choose()).await)
}

async fn pick_folder(host: &WebHost, _: &[u8]) -> Response {
    written(host.app.add_paths(host.hands.choose()).await)
}

async fn pick_watch_folder(host: &WebHost, body: &[u8]) -> Response {
    #[derive(Deserialize)]
    struct Arguments {
        which: WatchFolder,
    }
    let Arguments { which } = match read(body) {
        Ok(arguments) => arguments,
        Err(refusal) => return refusal,
    };
    let picked = host.hands.choose().into_iter().next();
    written(Ok(picked.map(|path| host.app.keep_picked(which, path))))
}

/// What was prepared for the next dialog is what the clipboard holds.
async fn paste(host: &WebHost, _: &[u8]) -> Response {
    let paths = host.hands.choose();
    let pasted = if paths.is_empty() { Pasted::Nothing } else { Pasted::Files };
    written(host.app.add_paths(paths).await.map(|()| pasted))
}

async fn show_data_folder(host: &WebHost, _: &[u8]) -> Response {
    host.hands.did(format!("shows {}", host.app.database().display()));
    written(Ok(()))
}

async fn show_in_folder(host: &WebHost, body: &[u8]) -> Response {
    #[derive(Deserialize)]
    struct Arguments {
        id: i64,
    }
    let Arguments { id } = match read(body) {
        Ok(arguments) => arguments,
        Err(refusal) => return refusal,
    };
    let shown = host.app.source_of(id).await;
    written(shown.map(|path| host.hands.did(format!("shows {}", path.display()))))
}

async fn answer_close(host: &WebHost, body: &[u8]) -> Response {
    #[derive(Deserialize)]
    struct Arguments {
        choice: CloseChoice,
        remember: bool,
    }
    let Arguments { choice, remember } = match read(body) {
        Ok(arguments) => arguments,
        Err(refusal) => return refusal,
    };
    host.hands.did(format!("closes: {choice:?}"));
    host.app.set_quits_when_done(choice == CloseChoice::QuitWhenDone);
    match choice.setting().filter(|_| remember) {
        Some(setting) => written(host.app.set_on_close(setting).await),
        None => written(Ok(())),
    }
}

async fn stay_open(host: &WebHost, _: &[u8]) -> Response {
    host.app.set_quits_when_done(false);
    written(Ok(()))
}

async fn desktop_state(host: &WebHost, _: &[u8]) -> Response {
    written(Ok(host.hands.desktop()))
}

async fn set_opens_at_login(host: &WebHost, body: &[u8]) -> Response {
    #[derive(Deserialize)]
    struct Arguments {
        opens: bool,
    }
    match read(body) {
        Ok(Arguments { opens }) => {
            host.hands.open_at_login(opens);
            written(Ok(()))
        }
        Err(refusal) => refusal,
    }
}

async fn save_receipt(host: &WebHost, body: &[u8]) -> Response {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Arguments {
        batch: i64,
        format: ReceiptFormat,
        read_files: bool,
    }
    let Arguments { batch, format, read_files } = match read(body) {
        Ok(arguments) => arguments,
        Err(refusal) => return refusal,
    };
    let Some(path) = host.hands.choose().into_iter().next() else {
        return written(Ok(None::<SavedFile>));
    };
    let missing = MissingDigests::asked(read_files);
    written(host.app.write_receipt(batch, format, missing, &path).await)
}

async fn save_diagnostics(host: &WebHost, _: &[u8]) -> Response {
    let Some(path) = host.hands.choose().into_iter().next() else {
        return written(Ok(None::<String>));
    };
    let saved = host.app.write_diagnostics(&path).await;
    written(saved.map(|()| Some(path.display().to_string())).map_err(Problem::from))
}

async fn open_release_page(host: &WebHost, _: &[u8]) -> Response {
    host.hands.did(format!("opens {}", host.app.release_page().unwrap_or_default()));
    written(Ok(()))
}

async fn restart_to_update(host: &WebHost, _: &[u8]) -> Response {
    let ready = host.app.ready_update().map(|ready| ready.package.len());
    host.hands.did(format!("restarts with {} bytes to install", ready.unwrap_or_default()));
    written(Ok(()))
}
