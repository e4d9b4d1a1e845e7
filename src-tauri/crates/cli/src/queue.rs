//! `ferry queue`, `queue move`, `resume`, `retry`, `pause`, `cancel`.

use ferry_app::messages::{Action, Target};
use ferry_app::model::{Fault, ProfileKind, TransferId};
use ferry_app::{App, QueueItem};

use crate::args::{
    MoveArguments, Moving, PaceArguments, QueueArguments, QueueCommand, Running, Selected,
};
use crate::damage::tell_damage;
use crate::output::Output;
use crate::put::keys_from_environment;
use crate::run::{AfterEnd, Closing, Ended, Opening, Run, Waited, conclude, wait};
use crate::text::item_lines;
use crate::{Exit, Session};

/// Rows read at once: a queue of 300,000 is shown without holding it.
const PAGE: u64 = 1_000;

pub(crate) async fn queue(
    arguments: QueueArguments,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    if let Some(QueueCommand::Move(arguments)) = &arguments.command {
        return move_to(arguments, out).await;
    }
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let outcome = queue_with(&app, &arguments, out).await;
    app.shutdown().await;
    outcome
}

async fn queue_with(app: &App, arguments: &QueueArguments, out: &Output) -> Result<Exit, Fault> {
    let damage = tell_damage(app, None, arguments.json, out).await?;
    // Batch by batch, in each file by file: the order in which they are taken.
    for batch in app.ranked_batches().await? {
        let mut offset = 0;
        while !out.is_closed() {
            let (items, length) = app.queue_of(batch, arguments.state, offset, PAGE).await?;
            show(&items, arguments.json, out).await;
            // By place and not by number shown: a row that cannot be read takes a place.
            offset += PAGE;
            if offset >= length {
                break;
            }
        }
    }
    // Where something that was queued cannot run, all is not well.
    Ok(if damage.loses_transfers() { Exit::Failed } else { Exit::Fine })
}

/// Moves files or a batch, and shows what of them is waiting, as it is taken.
async fn move_to(arguments: &MoveArguments, out: &Output) -> Result<Exit, Fault> {
    let app = crate::open(arguments.data.data_dir.clone()).await?;
    let moved = move_with(&app, arguments, out).await;
    app.shutdown().await;
    moved
}

async fn move_with(app: &App, arguments: &MoveArguments, out: &Output) -> Result<Exit, Fault> {
    let place = arguments.place.place();
    let ids = match arguments.batch {
        Some(batch) => {
            app.move_batch(batch.0, place).await?;
            return Ok(Exit::Fine);
        }
        None => app.open_ids(Some(&arguments.ids)).await?,
    };
    let target = Target::Ids { ids: ids.iter().map(|id| id.0).collect() };
    app.move_transfers(target, place).await?;
    show(&app.items_of(&ids).await?, arguments.json, out).await;
    Ok(Exit::Fine)
}

async fn show(items: &[QueueItem], json: bool, out: &Output) {
    if json {
        out.json_lines(items).await;
    } else {
        out.lines(&items.iter().flat_map(item_lines).collect::<Vec<_>>()).await;
    }
}

pub(crate) async fn pause(selected: Selected, session: &Session) -> Result<Exit, Fault> {
    let app = crate::open(selected.data.data_dir.clone()).await?;
    let damage = tell_damage(&app, None, selected.json, &session.out).await?;
    let ids = apply(&app, &selected, Action::Pause).await?;
    show(&app.items_of(&ids).await?, selected.json, &session.out).await;
    app.shutdown().await;
    // A command that names its transfers is not about the others.
    Ok(if selected.all && damage.loses_transfers() { Exit::Failed } else { Exit::Fine })
}

pub(crate) async fn resume(moving: Moving, session: &Session) -> Result<Exit, Fault> {
    change(moving.running, Some(moving.pace), Action::Resume, session).await
}

pub(crate) async fn retry(moving: Moving, session: &Session) -> Result<Exit, Fault> {
    change(moving.running, Some(moving.pace), Action::Retry, session).await
}

pub(crate) async fn cancel(running: Running, session: &Session) -> Result<Exit, Fault> {
    change(running, None, Action::Cancel, session).await
}

/// Does something to transfers, and returns which they were.
async fn apply(app: &App, selected: &Selected, action: Action) -> Result<Vec<TransferId>, Fault> {
    let ids = app.open_ids((!selected.all).then_some(selected.ids.as_slice())).await?;
    let target = Target::Ids { ids: ids.iter().map(|id| id.0).collect() };
    app.act_at_once(action, target).await?;
    Ok(ids)
}

async fn change(
    running: Running,
    pace: Option<PaceArguments>,
    action: Action,
    session: &Session,
) -> Result<Exit, Fault> {
    let Selected { data, json, .. } = &running.selected;
    let serve = &running.serve;
    let opening = Opening { data_dir: data.data_dir.clone(), serve, json: *json };
    conclude(opening, session, async |app, closing| {
        change_with(app, &running, pace.as_ref(), action, session, closing).await
    })
    .await
}

async fn change_with(
    app: &App,
    running: &Running,
    pace: Option<&PaceArguments>,
    action: Action,
    session: &Session,
    closing: &mut Closing,
) -> Result<Waited, Fault> {
    app.use_network(running.network.network()?);
    let json = running.selected.json;
    let damage = tell_damage(app, None, json, &session.out).await?;
    closing.damaged(&damage, running.selected.all && damage.loses_transfers());
    let begun = async {
        // Before anything can move.
        if let Some(pace) = pace {
            pace.set(app);
        }
        let ids = apply(app, &running.selected, action).await?;
        prepare(app, &ids, &session.out).await?;
        Ok::<_, Fault>(ids)
    };
    let ids = tokio::select! {
        begun = begun => begun?,
        () = session.signals.received() => return Ok(Waited::Interrupted),
    };
    let ended = run(app, &ids, running, session).await;
    closing.report = app.report_of(&ids).await?;
    let ended = ended?;
    let mut items = app.items_of(&ids).await?;
    ended.explain(&mut items);
    show(&items, running.selected.json, &session.out).await;
    if let Some(fault) = ended.waited.fault() {
        session.out.complain(fault).await;
    }
    Ok(ended.waited)
}

/// Makes keys and addresses ready for what these transfers need.
async fn prepare(app: &App, ids: &[TransferId], out: &Output) -> Result<(), Fault> {
    for profile in app.profiles_of(ids).await? {
        let profile = app.prepare_profile(&profile).await?;
        if profile.kind != ProfileKind::Practice
            && let Err(fault) = keys_from_environment(app, &profile).await
        {
            // Its transfers will say so themselves; the others run.
            out.complain(&fault).await;
        }
    }
    Ok(())
}

async fn run(
    app: &App,
    ids: &[TransferId],
    running: &Running,
    session: &Session,
) -> Result<Ended, Fault> {
    app.run_only(Some(ids.to_vec())).await;
    let run = Run {
        batch: None,
        limit: running.wait.wait,
        reading: None,
        progress: running.progress.progress,
        json: running.selected.json,
        after: AfterEnd::GoesOn,
    };
    let finished = async {
        app.idle().await;
        Ok(())
    };
    wait(app, run, session, finished).await
}
