//! `ferry queue`, `resume`, `retry`, `pause`, `cancel`.

use std::time::Instant;

use ferry_app::App;
use ferry_app::messages::{Action, Target};
use ferry_app::model::{Fault, FaultKind, ProfileKind, TransferId};

use crate::Exit;
use crate::args::{QueueArguments, Selected};
use crate::damage::{exit_with, tell_damage};
use crate::output::{item_line, json_line, told};
use crate::put::keys_from_environment;
use crate::run::{Waited, wait};

/// Rows read at once: a queue of 300,000 is shown without holding it.
const PAGE: u64 = 1_000;

pub(crate) async fn queue(arguments: QueueArguments) -> Result<Exit, Fault> {
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    let outcome = queue_with(&app, &arguments).await;
    app.shutdown().await;
    outcome
}

async fn queue_with(app: &App, arguments: &QueueArguments) -> Result<Exit, Fault> {
    let damage = tell_damage(app, None, arguments.json).await?;
    let mut offset = 0;
    loop {
        let items = app.queue(arguments.state, offset, PAGE).await?;
        for item in &items {
            if arguments.json {
                json_line(item);
            } else {
                println!("{}", item_line(item));
            }
        }
        // By place and not by number shown: a row that cannot be read takes a place.
        offset += PAGE;
        if offset >= app.queue_length(arguments.state).await? {
            break;
        }
    }
    Ok(exit_with(Exit::Fine, damage.loses_transfers()))
}

pub(crate) async fn resume(selected: Selected) -> Result<Exit, Fault> {
    change(selected, Action::Resume, AndThen::Run).await
}

pub(crate) async fn retry(selected: Selected) -> Result<Exit, Fault> {
    change(selected, Action::Retry, AndThen::Run).await
}

pub(crate) async fn pause(selected: Selected) -> Result<Exit, Fault> {
    change(selected, Action::Pause, AndThen::End).await
}

pub(crate) async fn cancel(selected: Selected) -> Result<Exit, Fault> {
    change(selected, Action::Cancel, AndThen::Run).await
}

/// Whether a command waits for what it set going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AndThen {
    Run,
    End,
}

async fn change(selected: Selected, action: Action, then: AndThen) -> Result<Exit, Fault> {
    let app = crate::open(selected.data.data_dir.clone()).await?;
    let outcome = change_with(&app, &selected, action, then).await;
    app.shutdown().await;
    outcome
}

async fn change_with(
    app: &App,
    selected: &Selected,
    action: Action,
    then: AndThen,
) -> Result<Exit, Fault> {
    let began = Instant::now();
    let damage = tell_damage(app, None, selected.json).await?;
    let ids = app.open_ids((!selected.all).then_some(selected.ids.as_slice())).await?;
    let target = Target::Ids { ids: ids.iter().map(|id| id.0).collect() };
    app.act(action, target)
        .await
        .map_err(|problem| Fault::new(FaultKind::Internal).with_detail(problem.report))?;
    let mut exit = Exit::Fine;
    if then == AndThen::Run {
        let waited = run(app, &ids, selected.json).await?;
        exit = outcome(app, &ids, &waited).await?;
    }
    for item in app.items_of(&ids).await? {
        if selected.json {
            json_line(&item);
        } else {
            println!("{}", item_line(&item));
        }
    }
    if selected.json && then == AndThen::Run {
        let report = app.report_of(&ids).await?;
        let before = ferry_app::BatchReport::default();
        let seconds = began.elapsed().as_secs_f64();
        let summary = crate::run::Summary::new(app, &report, &before, seconds);
        json_line(&summary.with_unreadable(damage.unreadable.len()));
    }
    // A command that names its transfers is not about the others.
    Ok(exit_with(exit, selected.all && damage.loses_transfers()))
}

async fn run(app: &App, ids: &[TransferId], json: bool) -> Result<Waited, Fault> {
    for profile in app.profiles_of(ids).await? {
        let profile = app.prepare_profile(&profile).await?;
        if profile.kind != ProfileKind::Practice
            && let Err(fault) = keys_from_environment(app, &profile).await
        {
            // Its transfers will say so themselves; the others run.
            eprintln!("ferry: {}", told(&fault));
        }
    }
    app.run_only(Some(ids.to_vec())).await;
    let waited = wait(app, None, json, async {
        app.idle().await;
        Ok(())
    })
    .await?;
    if let Waited::Away(fault) = &waited {
        eprintln!("ferry: {}", told(fault));
    }
    Ok(waited)
}

async fn outcome(app: &App, ids: &[TransferId], waited: &Waited) -> Result<Exit, Fault> {
    let report = app.report_of(ids).await?;
    Ok(crate::run::exit_of(waited, &report))
}
