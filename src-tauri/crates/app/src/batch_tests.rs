//! What a window is told of batches while files go up, over the real queue, engine and practice
//! bucket.

use super::tests::{Listener, MIB};
use super::*;
use crate::messages::{Action, Batch, BatchPage, BatchState, BatchView, RowList, Target, Work};

/// The batches and the work as the window has them after the last update.
fn told(window: &Listener) -> (BatchPage, Option<Work>) {
    let (mut batches, mut work) = (BatchPage::default(), None);
    for update in lock(&window.updates).iter() {
        match update {
            Update::Snapshot { batches: now, work: doing, .. } => {
                (batches, work) = (now.clone(), doing.clone());
            }
            Update::Rows { batches: now, work: doing, .. } => {
                batches = now.clone().unwrap_or(batches);
                work.clone_from(doing);
            }
            Update::Setup { .. }
            | Update::Watches { .. }
            | Update::Dragging { .. }
            | Update::CloseAsked { .. } => {}
        }
    }
    (batches, work)
}

async fn until_told(
    window: &Listener,
    what: &str,
    wanted: impl Fn(&[Batch], Option<&Work>) -> bool,
) {
    for _ in 0..600 {
        let (batches, work) = told(window);
        if wanted(&batches.batches, work.as_ref()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come: {:#?}", told(window));
}

async fn listen() -> Listener {
    let window = Listener::open().await;
    let viewport = Viewport { limit: 50, batch_limit: 50, ..Viewport::default() };
    window.app.set_viewport(viewport).await;
    window
}

#[tokio::test(flavor = "multi_thread")]
async fn the_headline_counts_the_work_of_now_and_nothing_of_before() {
    let window = listen().await;
    window.limit(2).await;
    window.add("first.bin", 1).await;
    until_told(&window, "the end of the first", |batches, work| {
        work.is_none() && batches.len() == 1 && batches[0].state == BatchState::Done
    })
    .await;
    window.add("film.mov", 40).await;
    until_told(&window, "work on the second", |batches, work| {
        let running = batches.len() == 2 && batches[0].state == BatchState::Running;
        running && work.is_some_and(|work| work.acked > 0)
    })
    .await;
    let (batches, work) = told(&window);
    let work = work.expect("work");
    assert_eq!((work.files, work.done, work.bytes), (1, 0, 40 * MIB), "not of what was before");
    assert_eq!(batches.open, 1);
    let film = &batches.batches[0];
    assert_eq!((film.name.as_str(), film.roots, film.files), ("film.mov", 1, 1));
    assert_eq!((film.acked, film.in_flight), (work.acked, work.in_flight), "they agree");
    assert_eq!(film.action, Some(Action::Pause));

    // The third file joins the work; once it is verified it stays in it, as long as there is work.
    window.add("note.bin", 2).await;
    until_told(&window, "the note", |batches, _| {
        batches.iter().any(|batch| batch.name == "note.bin" && batch.done == 1)
    })
    .await;
    let work = told(&window).1.expect("work");
    assert_eq!((work.files, work.done), (2, 1));

    window.act(Action::Pause).await;
    until_told(&window, "a pause", |batches, work| {
        work.is_none() && batches[0].state == BatchState::Paused
    })
    .await;
    assert_eq!(told(&window).0.batches[0].action, Some(Action::Resume));
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_batch_is_paused_and_the_others_go_on() {
    let window = listen().await;
    window.limit(2).await;
    window.add("a.bin", 40).await;
    window.add("b.bin", 40).await;
    let under_way = |batches: &[Batch]| {
        batches.len() == 2 && batches.iter().any(|it| it.name == "a.bin" && it.in_flight > 0)
    };
    until_told(&window, "the first under way", |batches, _| under_way(batches)).await;
    let (batches, _) = told(&window);
    let (b, a) = (batches.batches[0].id, batches.batches[1].id);
    let list = RowList { batch: Some(b), ..RowList::default() };
    let target = Target::Matching { list };
    window.app.act(Action::Pause, target).await.expect("acts");
    let state = |batches: &[Batch], id| batches.iter().find(|it| it.id == id).map(|it| it.state);
    until_told(&window, "one paused", |batches, _| {
        state(batches, b) == Some(BatchState::Paused)
            && state(batches, a) == Some(BatchState::Running)
    })
    .await;
    window.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_is_listed_apart() {
    let window = listen().await;
    window.add("a.bin", 1).await;
    until_told(&window, "its end", |batches, _| {
        batches.first().is_some_and(|batch| batch.state == BatchState::Done)
    })
    .await;
    let done = Viewport { batches: BatchView::Done, batch_limit: 9, ..Viewport::default() };
    window.app.set_viewport(done).await;
    until_told(&window, "the batches that ended", |batches, _| batches.len() == 1).await;
    let page = told(&window).0;
    assert_eq!((page.view, page.total, page.open), (BatchView::Done, 1, 0));
    assert!(page.batches[0].finished_ms.is_some());
    window.app.shutdown().await;
}
