//! Watches, and what they know of their files.

use std::collections::HashMap;

use ferry_model::{
    Growth, KnownState, SourceIdentity, Tidied, Watch, WatchDay, WatchId, WatchSettings, WatchState,
};

use super::*;
use crate::{BatchScope, Durability, NewWatchFile, Receipt};

fn watch(profile: ProfileId) -> Watch {
    Watch {
        id: WatchId(0),
        profile,
        folder: PathBuf::from("/data/仪器"),
        resolved: PathBuf::from("/mnt/仪器"),
        state: WatchState::Running,
        settings: WatchSettings { quiet_seconds: 3, ..WatchSettings::default() },
    }
}

fn identity(file: u64) -> SourceIdentity {
    SourceIdentity { device: 1, file, size: 10, modified_ns: 1, changed_ns: 1 }
}

fn file(to: (ProfileId, BatchId), number: u64) -> NewWatchFile {
    let identity = identity(u64::MAX - number);
    let transfer =
        NewTransfer { identity: Some(identity), ..new_transfer(to, number, identity.size) };
    NewWatchFile { transfer, identity, growth: Growth::Whole }
}

fn day(profile: ProfileId, day: &str) -> NewBatch {
    NewBatch {
        profile,
        fingerprint: format!("watch 1 {day}"),
        created_ms: 1,
        options: BatchOptions::default(),
        naming: Naming::default(),
        label: BatchLabel { name: "仪器".to_owned(), ..BatchLabel::default() },
    }
}

/// A journal with a watch, its batch of a day, and two files of it.
async fn filled() -> (Journal, Watch, (ProfileId, BatchId), Vec<ferry_model::TransferId>) {
    let journal = Journal::inline().expect("opens");
    let profile = journal.save_profile(&profile("Main")).await.expect("saves");
    let id = journal.save_watch(&watch(profile)).await.expect("saves");
    let batch = journal.batch_of_watch(id, day(profile, "monday")).await.expect("makes");
    let to = (profile, batch);
    let files: Vec<_> = (1..=2).map(|number| file(to, number)).collect();
    let ids = journal.enqueue_of_watch(id, files.into()).await.expect("queues");
    (journal, Watch { id, ..watch(profile) }, to, ids)
}

async fn states(journal: &Journal, watch: &Watch) -> HashMap<u64, KnownState> {
    let known = journal.known_files_after(watch.id, None, 10).await.expect("reads");
    known.into_iter().map(|(_, file)| (u64::MAX - file.identity.file, file.state)).collect()
}

#[tokio::test]
async fn a_watch_is_kept_paused_and_deleted() {
    let (journal, kept, to, _) = filled().await;
    assert_eq!(journal.watches().await, Ok(vec![kept.clone()]));
    journal.set_watch_state(kept.id, WatchState::Paused).await.expect("pauses");
    assert_eq!(journal.watches().await.expect("reads")[0].state, WatchState::Paused);
    let row = journal.batch(to.1).await.expect("reads").expect("is there");
    assert_eq!(row.watch, Some(kept.id));
    let unknown = Watch { id: WatchId(7), ..kept.clone() };
    assert_eq!(journal.save_watch(&unknown).await, Err(JournalError::NotFound));
    let homeless = Watch { profile: ProfileId(99), ..kept.clone() };
    assert_eq!(journal.save_watch(&homeless).await, Err(JournalError::NotFound));
    journal.delete_watch(kept.id).await.expect("deletes");
    assert_eq!(journal.watches().await, Ok(vec![]));
    assert_eq!(journal.count_known_files(kept.id).await, Ok(0));
    assert_eq!(journal.delete_watch(kept.id).await, Err(JournalError::NotFound));
    let again = journal.save_watch(&watch(to.0)).await.expect("saves");
    assert_ne!(again, kept.id, "numbers are not given again");
}

#[tokio::test]
async fn a_batch_of_a_watch_ends_with_its_day() {
    let (journal, watch, to, ids) = filled().await;
    let done = state(PhaseName::Settled, Standing::Done);
    let states = ids.iter().map(|id| (*id, done.clone())).collect();
    journal.set_states(states).await.expect("writes");
    assert_eq!(journal.batch_end(to.1).await, Ok(None), "more may come today");
    let monday = day(to.0, "monday");
    assert_eq!(journal.batch_of_watch(watch.id, monday.clone()).await, Ok(to.1));
    let tuesday = journal.batch_of_watch(watch.id, day(to.0, "tuesday")).await.expect("makes");
    assert_ne!(tuesday, to.1);
    assert!(journal.batch_end(to.1).await.expect("reads").is_some(), "its day is over");
    journal.end_batches_of_watch(watch.id, "").await.expect("ends");
    let listed = journal.batches(BatchScope::All, 0, 10).await.expect("reads");
    assert_eq!(listed.total, 1, "a day without a file is not listed");
}

#[tokio::test]
async fn what_becomes_of_a_file_outlives_its_row() {
    let (journal, watch, _, ids) = filled().await;
    assert_eq!(
        states(&journal, &watch).await,
        HashMap::from([(1, KnownState::Open), (2, KnownState::Open)])
    );
    let anew = identity(77);
    let done = RowState { identity: Some(anew), ..state(PhaseName::Settled, Standing::Done) };
    journal.record(ids[0], done, Durability::Full).await.expect("writes");
    journal
        .record(ids[1], state(PhaseName::Fresh, Standing::Cancelled), Durability::Full)
        .await
        .expect("writes");
    let before = states(&journal, &watch).await;
    assert_eq!(before[&(u64::MAX - 77)], KnownState::Verified, "as it was taken anew");
    assert_eq!(before[&2], KnownState::Dismissed);
    // While its row is there, its receipt tells what became of the file here.
    let of_it = journal.untidied(watch.id, Some(vec![ids[0]]), 10).await.expect("reads");
    assert_eq!(of_it.len(), 1);
    assert_eq!(journal.remove(&ids[1..]).await, Ok(1));
    assert_eq!(journal.remove(&ids[..1]).await, Ok(1));
    assert_eq!(states(&journal, &watch).await, before);
    let untidied = journal.untidied(watch.id, None, 10).await.expect("reads");
    assert_eq!(untidied.len(), 1);
    assert_eq!(untidied[0].known.transfer, None);
    let source = untidied[0].source.clone();
    journal.set_tidied(watch.id, source, Tidied::Deleted).await.expect("writes");
    assert_eq!(journal.untidied(watch.id, None, 10).await, Ok(vec![]));
}

#[tokio::test]
async fn files_are_found_by_path_number_and_key() {
    let (journal, watch, _, ids) = filled().await;
    let path = PathBuf::from("/home/小明/file 1.bin");
    let by_path = journal.known_files(watch.id, vec![path.clone(), "/none".into()]).await;
    let by_path = by_path.expect("reads");
    assert_eq!(by_path.len(), 1);
    assert_eq!(by_path[&path].transfer, Some(ids[0]));
    let by_number = journal.files_of_numbers(watch.id, vec![u64::MAX - 1, 5]).await;
    assert_eq!(by_number.expect("reads")[0].0, path);
    let by_key = journal.files_of_keys(watch.id, vec!["目录/file 2.bin".to_owned()]).await;
    assert_eq!(by_key.expect("reads")[0].1.transfer, Some(ids[1]));
    let of_one = journal.untidied(watch.id, Some(vec![ids[0]]), 10).await;
    assert_eq!(of_one, Ok(vec![]), "it is not verified");
    // The paths here are Unix's.
    if cfg!(unix) {
        let paths = ["/home/小明", "/home/小", "/home/小明/file 1.bin", "/home", "/none"];
        let paths = paths.map(PathBuf::from).into();
        let folders = journal.folders_of_known_files(watch.id, paths).await;
        assert_eq!(folders, Ok(["/home/小明", "/home"].map(PathBuf::from).into()));
    }

    let new = PathBuf::from("/home/小明/renamed.bin");
    let now = SourceIdentity { changed_ns: 9, ..by_path[&path].identity };
    journal.rename_known_file(watch.id, path.clone(), new.clone(), now).await.expect("renames");
    let known = journal.known_files(watch.id, vec![path, new.clone()]).await.expect("reads");
    assert_eq!(known.len(), 1);
    assert_eq!((known[&new].identity, known[&new].state), (now, KnownState::Verified));
    journal.forget_files(watch.id, vec![new]).await.expect("forgets");
    assert_eq!(journal.count_known_files(watch.id).await, Ok(1));
}

#[tokio::test]
async fn of_files_that_cannot_be_queued_nothing_is_known() {
    let (journal, watch, to, _) = filled().await;
    let homeless = file((ProfileId(99), to.1), 3);
    let refused = journal.enqueue_of_watch(watch.id, vec![file(to, 4), homeless].into()).await;
    assert_eq!(refused, Err(JournalError::NotFound));
    assert_eq!(journal.count_known_files(watch.id).await, Ok(2));
}

#[tokio::test]
async fn only_watched_files_run_in_their_scope() {
    let (journal, _, to, ids) = filled().await;
    let other = batch(&journal, "").await;
    journal.enqueue(vec![new_transfer(other, 9, 10)]).await.expect("queues");
    let query =
        RunnableQuery { scope: RunnableScope::Watched, profile: to.0, ..runnable(Lane::Small, 10) };
    let found = journal.runnable(query).await.expect("reads");
    assert_eq!(found.rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    let active =
        journal.of_standing(Standing::Active, &RunnableScope::Watched).await.expect("reads");
    assert_eq!(active.len(), 2);
}

#[tokio::test]
async fn watches_are_salvaged_with_what_they_know() {
    let dir = TempDir::new().expect("a folder");
    let journal = Journal::open(dir.path()).await.expect("opens");
    let profile = journal.save_profile(&profile("Main")).await.expect("saves");
    let id = journal.save_watch(&watch(profile)).await.expect("saves");
    let batch = journal.batch_of_watch(id, day(profile, "monday")).await.expect("makes");
    let files = vec![file((profile, batch), 1)];
    journal.enqueue_of_watch(id, files.into()).await.expect("queues");
    journal.close().await;
    raw(dir.path()).execute_batch("DROP TABLE parts").expect("drops");
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.watches().await, Ok(vec![Watch { id, ..watch(profile) }]));
    assert_eq!(journal.count_known_files(id).await, Ok(1));
    let again = journal.save_watch(&watch(profile)).await.expect("saves");
    assert!(again > id);
}

#[tokio::test]
async fn a_receipt_tells_what_became_of_the_file_here() {
    let (journal, watch, to, ids) = filled().await;
    let done = state(PhaseName::Settled, Standing::Done);
    journal.set_states(ids.iter().map(|id| (*id, done.clone())).collect()).await.expect("writes");
    let moved = Tidied::Moved { to: "/sent/照片.jpg".to_owned() };
    let stays = Tidied::Stays { because: ferry_model::FaultKind::SourceChanged };
    for (file, tidied) in journal
        .untidied(watch.id, None, 10)
        .await
        .expect("reads")
        .into_iter()
        .zip([moved.clone(), stays.clone()])
    {
        journal.set_tidied(watch.id, file.source, tidied).await.expect("writes");
    }
    let told = async || {
        let page = journal.receipt_page(to.1, 0, 10).await.expect("reads");
        page.rows.into_iter().map(|row| row.receipt.afterwards).collect::<Vec<_>>()
    };
    let expected = [Some(moved), Some(stays)];
    assert_eq!(told().await, expected);
    journal.remove(&ids).await.expect("removes");
    assert_eq!(told().await, expected, "also off the list");
}

#[tokio::test]
async fn a_file_that_grew_is_known_as_its_watch_last_saw_it() {
    let (journal, watch, to, ids) = filled().await;
    assert_eq!(journal.growth(ids[0]).await, Ok((Growth::Whole, Some(identity(u64::MAX - 1)))));
    assert_eq!(journal.growth(ferry_model::TransferId(99)).await, Ok((Growth::Whole, None)));
    let growing = NewWatchFile { growth: Growth::Growing, ..file(to, 3) };
    let (begun, source) = (growing.identity, growing.transfer.source.clone());
    let id = journal.enqueue_of_watch(watch.id, vec![growing].into()).await.expect("queues")[0];
    assert_eq!(journal.growth(id).await, Ok((Growth::Growing, Some(begun))));
    let complete = SourceIdentity { size: 30, modified_ns: 9, ..begun };
    journal.set_grown(watch.id, source.clone(), complete).await.expect("writes");
    assert_eq!(journal.growth(id).await, Ok((Growth::Grown, Some(complete))));
    let known = journal.known_files(watch.id, vec![source.0.clone()]).await.expect("reads");
    let known = &known[&source.0];
    assert_eq!((known.identity, known.growth), (complete, Growth::Grown));
    assert!(known.goes_on_with(&SourceIdentity { size: 40, ..complete }));

    // It stops because the file is another one again; then that one is complete.
    let stopped =
        RowState { identity: Some(complete), ..state(PhaseName::Fresh, Standing::SourceChanged) };
    journal.set_states(vec![(id, stopped)]).await.expect("writes");
    assert_eq!(journal.grown_since_they_stopped(watch.id).await, Ok(vec![]));
    let again = SourceIdentity { modified_ns: 10, ..complete };
    journal.set_grown(watch.id, source, again).await.expect("writes");
    assert_eq!(journal.grown_since_they_stopped(watch.id).await, Ok(vec![id]));
}

#[tokio::test]
async fn a_day_is_counted_and_stays_when_its_batch_leaves() {
    let (journal, watch, (profile, _), ids) = filled().await;
    let monday = "2026-11-30";
    let named = |journal: &Journal| {
        let journal = journal.clone();
        async move { journal.watch_days(Some(watch.id)).await.expect("reads") }
    };
    let to = journal.batch_of_watch(watch.id, day(profile, monday)).await.expect("makes");
    let files: Vec<_> = (5..=7).map(|number| file((profile, to), number)).collect();
    let more = journal.enqueue_of_watch(watch.id, files.into()).await.expect("queues");
    let ends = [
        (more[0], Standing::Done, Some(7_000)),
        (more[1], Standing::Done, Some(9_000)),
        (more[2], Standing::Failed, None),
    ];
    for (id, standing, finished_ms) in ends {
        let receipt = Receipt { finished_ms, ..Receipt::default() };
        let ended = RowState { receipt, ..state(PhaseName::Settled, standing) };
        journal.record(id, ended, Durability::Full).await.expect("writes");
    }
    let counted = named(&journal).await;
    assert_eq!(counted.len(), 2, "{counted:?}");
    let expected = WatchDay {
        watch: watch.id,
        name: "仪器".to_owned(),
        day: monday.to_owned(),
        files: 2,
        bytes: 20,
        failures: 1,
        first_ms: Some(7_000),
        last_ms: Some(9_000),
    };
    assert_eq!(counted[0], expected);
    // A row that is taken off the list still counts; one that is resolved is no failure any more.
    journal.remove(&[more[1]]).await.expect("removes");
    assert_eq!(named(&journal).await[0], expected);
    let done = state(PhaseName::Settled, Standing::Cancelled);
    for id in ids.iter().chain([&more[2]]) {
        journal.record(*id, done.clone(), Durability::Full).await.expect("writes");
    }
    let resolved = WatchDay { failures: 0, ..expected };
    assert_eq!(named(&journal).await[0], resolved);
    journal.delete_watch(watch.id).await.expect("deletes");
    assert!(journal.prune(i64::MAX).await.expect("prunes"));
    assert!(journal.batches(BatchScope::All, 0, 9).await.expect("reads").batches.is_empty());
    assert_eq!(named(&journal).await[0], resolved, "also without its watch");
    assert_eq!(journal.watch_days(Some(WatchId(99))).await, Ok(Vec::new()));
}
