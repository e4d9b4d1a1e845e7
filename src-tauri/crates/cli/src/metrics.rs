//! `ferry metrics`, and `--metrics` of the commands that run transfers.

use std::net::SocketAddr;

use ferry_app::model::{Fault, FaultKind, message};
use ferry_app::{App, MetricsServer};

use crate::args::{MetricsArguments, ServeArguments};
use crate::output::Output;
use crate::{Exit, Session};

pub(crate) async fn metrics(
    arguments: MetricsArguments,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let text = app.metrics().await;
    app.shutdown().await;
    out.data(&text?).await;
    Ok(Exit::Fine)
}

/// Begins to serve, if the arguments say so; the metrics are served until the result is dropped.
pub(crate) async fn serve(
    app: &App,
    arguments: &ServeArguments,
    json: bool,
    out: &Output,
) -> Result<Option<MetricsServer>, Fault> {
    let Some(address) = arguments.metrics else { return Ok(None) };
    if arguments.is_too_wide() {
        let why = "other computers would reach it, and there is no password: --metrics-public";
        let fault = Fault::new(FaultKind::InvalidInput).with_subject(address.to_string());
        return Err(fault.with_detail(why));
    }
    let server = app.serve_metrics(address).await?;
    let address: SocketAddr = server.address();
    if json {
        out.json(&serde_json::json!({ "type": "metrics", "address": address.to_string() })).await;
    } else {
        out.tell(&message::metrics_served(address.to_string())).await;
    }
    if !address.ip().is_loopback() {
        out.tell(&message::metrics_public(address.to_string())).await;
    }
    Ok(Some(server))
}
