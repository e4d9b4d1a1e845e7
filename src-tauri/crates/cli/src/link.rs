//! `ferry link`: the text on stdout, ready for a pipe; what was left out and when it ends on
//! stderr.

use ferry_app::App;
use ferry_app::messages::{LinkKind, Links, RowState, Target};
use ferry_app::model::{Fault, ProfileKind, Text, TransferId, message};

use crate::args::LinkArguments;
use crate::output::Output;
use crate::put::keys_from_environment;
use crate::text::problem_line;
use crate::{Exit, Session};

/// Rows read at once.
const PAGE: u64 = 1_000;

pub(crate) async fn link(
    arguments: LinkArguments,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let outcome = link_with(&app, &arguments, out).await;
    app.shutdown().await;
    outcome
}

async fn link_with(app: &App, arguments: &LinkArguments, out: &Output) -> Result<Exit, Fault> {
    let ids = if arguments.all {
        verified(app).await?
    } else {
        app.open_ids(Some(&arguments.ids)).await?
    };
    let kind = if arguments.public {
        LinkKind::Public
    } else {
        LinkKind::Signed { seconds: arguments.expires }
    };
    for profile in app.profiles_of(&ids).await? {
        let profile = app.prepare_profile(&profile).await?;
        if kind != LinkKind::Public
            && profile.kind != ProfileKind::Practice
            && let Err(fault) = keys_from_environment(app, &profile).await
        {
            out.complain(&fault).await;
            return Ok(Exit::Failed);
        }
    }
    let target = Target::Ids { ids: ids.iter().map(|id| id.0).collect() };
    match app.make_links(target, kind, arguments.format.clone()).await {
        Ok(links) => Ok(show(&links, arguments.json, out).await),
        Err(problem) => {
            out.remark(&problem_line(&problem)).await;
            Ok(Exit::Failed)
        }
    }
}

/// The numbers of all verified transfers.
async fn verified(app: &App) -> Result<Vec<TransferId>, Fault> {
    let mut ids = Vec::new();
    loop {
        let items = app.queue(Some(RowState::Done), ids.len() as u64, PAGE).await?;
        ids.extend(items.iter().map(|item| TransferId(item.id)));
        if (items.len() as u64) < PAGE {
            return Ok(ids);
        }
    }
}

async fn show(links: &Links, json: bool, out: &Output) -> Exit {
    if json {
        out.json(&serde_json::json!({
            "type": "links", "text": links.text, "count": links.count,
            "left_out": links.left_out, "ends_ms": links.ends_ms, "problem": links.problem,
        }))
        .await;
    } else if links.count > 0 {
        out.data(&links.text).await;
    }
    for text in remarks(links) {
        out.tell(&text).await;
    }
    if let Some(problem) = &links.problem {
        out.remark(&problem_line(problem)).await;
    }
    // A script that asked for links and got fewer must see it.
    if links.count == 0 || links.left_out > 0 { Exit::Failed } else { Exit::Fine }
}

fn remarks(links: &Links) -> Vec<Text> {
    let mut texts = Vec::new();
    if links.count == 0 && links.left_out == 0 {
        texts.push(message::link_none());
    }
    if links.left_out > 0 {
        texts.push(message::link_left_out(links.left_out));
    }
    if let Some(ends) = links.ends_ms.filter(|_| links.count > 0).and_then(local_time) {
        texts.push(message::link_ends(links.count, ends));
    }
    texts
}

/// A moment in the user's own time zone.
pub(crate) fn local_time(ms: i64) -> Option<String> {
    let zoned = jiff::Timestamp::from_millisecond(ms).ok()?.to_zoned(jiff::tz::TimeZone::system());
    Some(zoned.strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}
