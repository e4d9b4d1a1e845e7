//! Batches as a list.

use std::collections::BTreeSet;

use super::*;
use crate::{BatchScope, Durability, Selection, ViewQuery};

/// Four batches of one file each, of which the second and then the third are done; and one that
/// never got a file.
async fn four(journal: &Journal) -> Vec<(BatchId, TransferId)> {
    let mut made = Vec::new();
    for number in 1..=4 {
        let to = batch(journal, "").await;
        let id = journal.enqueue(vec![new_transfer(to, number, 10)]).await.expect("queues")[0];
        journal.end_intake(to.1).await.expect("ends");
        made.push((to.1, id));
    }
    let (_, empty) = batch(journal, "").await;
    journal.end_intake(empty).await.expect("ends");
    for (finished_ms, index) in [(500, 1), (900, 2)] {
        let mut done = state(PhaseName::Settled, Standing::Done);
        done.receipt.finished_ms = Some(finished_ms);
        journal.record(made[index].1, done, Durability::Full).await.expect("writes");
    }
    made
}

#[tokio::test]
async fn what_has_work_left_stands_first_as_it_is_taken_and_then_the_newest() {
    let (_dir, journal) = fresh().await;
    let made = four(&journal).await;
    let batches = |indices: &[usize]| indices.iter().map(|index| made[*index].0).collect();
    for (scope, offset, limit, total, expected) in [
        (BatchScope::All, 0, 9, 4, &[0, 3, 2, 1][..]),
        (BatchScope::All, 1, 2, 4, &[3, 2]),
        (BatchScope::Finished, 0, 9, 2, &[2, 1]),
        (BatchScope::Since(501), 0, 9, 3, &[0, 3, 2]),
        (BatchScope::Since(500), 0, 9, 4, &[0, 3, 2, 1]),
    ] {
        let page = journal.batches(scope, offset, limit).await.expect("reads");
        let expected: Vec<BatchId> = batches(expected);
        let found: Vec<BatchId> = page.batches.iter().map(|batch| batch.id).collect();
        assert_eq!((page.total, page.open, found), (total, 2, expected), "{scope:?} {offset}");
    }
}

#[tokio::test]
async fn a_finished_batch_keeps_the_sums_of_its_end() {
    let (_dir, journal) = fresh().await;
    let made = four(&journal).await;
    let listed = journal.batches(BatchScope::All, 0, 9).await.expect("reads").batches;
    let ended = &listed[2];
    assert_eq!(
        (ended.is_finished, ended.finished_ms, ended.is_intake_open),
        (true, Some(900), false)
    );
    assert_eq!((ended.totals.files, ended.totals.done_bytes), (1, 10));
    let open = &listed[0];
    assert_eq!((open.id, open.is_finished, open.finished_ms), (made[0].0, false, None));
    assert_eq!((open.totals.active, open.totals.active_bytes), (1, 10));
}

#[tokio::test]
async fn the_work_is_what_is_active_and_what_was_asked_for() {
    let (_dir, journal) = fresh().await;
    let made = four(&journal).await;
    let work = |indices: &[usize]| indices.iter().map(|index| made[*index].0).collect();
    let view = journal.view(ViewQuery::default()).await.expect("reads");
    assert_eq!((view.work, view.work_totals.files), (work(&[0, 3]), 2));
    let query = ViewQuery { work: work(&[1]), ..ViewQuery::default() };
    let view = journal.view(query.clone()).await.expect("reads");
    assert_eq!((view.work, view.work_totals.done), (work(&[0, 1, 3]), 1));
    let paused = state(PhaseName::Fresh, Standing::Paused);
    let states = [0, 3].map(|index| (made[index].1, paused.clone()));
    journal.set_states(states.into()).await.expect("writes");
    let view = journal.view(query).await.expect("reads");
    assert_eq!((view.work.len(), view.work_totals.files), (0, 0), "nothing is active");
}

#[tokio::test]
async fn the_selected_of_some_are_told_apart() {
    let (_dir, journal) = fresh().await;
    let made = four(&journal).await;
    let ids: Vec<TransferId> = made.iter().map(|(_, id)| *id).collect();
    let among = journal.selected_among(Selection::Batch(made[1].0), &ids).await;
    assert_eq!(among, Ok(vec![ids[1]]));
    let among = journal.selected_among(Selection::Batch(made[1].0), &ids[..1]).await;
    assert_eq!(among, Ok(vec![]));
}

#[tokio::test]
async fn batches_at_work_are_those_that_run_and_those_asked_for() {
    let (_dir, journal) = fresh().await;
    let made = four(&journal).await;
    for (also, expected) in [(&[][..], &[0, 3][..]), (&[1, 3], &[0, 1, 3])] {
        let also = also.iter().map(|index: &usize| made[*index].0).collect();
        let (totals, found) = journal.batches_at_work(also).await.expect("reads");
        assert_eq!((totals.active, totals.done), (2, 2));
        let found: Vec<_> = found.iter().map(|it| (it.id, it.totals.active)).collect();
        let expected: Vec<_> =
            expected.iter().map(|index| (made[*index].0, u64::from(*index != 1))).collect();
        assert_eq!(found, expected);
    }
    let unknown = journal.batches_at_work(BTreeSet::from([BatchId(99)])).await.expect("reads");
    assert_eq!(unknown.1.len(), 2, "the one that is not there is no batch");
}
