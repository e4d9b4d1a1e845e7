use ferry_model::Deferred;
use ferry_model::rank::Place;

use super::*;
use crate::{Filter, Order, Part, Selection, ViewQuery};

async fn add(journal: &Journal, to: (ProfileId, BatchId), count: u64) -> Vec<TransferId> {
    let new: Vec<_> = (1..=count).map(|number| new_transfer(to, number, 10)).collect();
    journal.enqueue(new).await.expect("queues")
}

async fn listed(journal: &Journal, filter: &Filter) -> Vec<TransferId> {
    let order = if filter.batch.is_some() { Order::Queue } else { Order::Newest };
    let query = ViewQuery { filter: filter.clone(), order, limit: 99, ..ViewQuery::default() };
    journal.view(query).await.expect("reads").page.rows.iter().map(|row| row.id).collect()
}

async fn part(journal: &Journal, filter: &Filter, ends: [TransferId; 2]) -> Part {
    let between = journal.between(filter, ends).await.expect("reads");
    assert!(between.is_some(), "{ends:?}");
    Part { filter: filter.clone(), between, ..Part::default() }
}

async fn met(journal: &Journal, selection: Selection) -> Vec<TransferId> {
    let mut met: Vec<_> =
        journal.standings(selection).await.expect("reads").into_iter().map(|row| row.0).collect();
    met.sort();
    met
}

fn sorted(ids: &[TransferId]) -> Vec<TransferId> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_part_is_what_the_list_shows_between_two_of_its_rows() {
    let (_dir, journal) = fresh().await;
    let to = [batch(&journal, "1").await, batch(&journal, "2").await];
    let mut first = add(&journal, to[0], 4).await;
    add(&journal, to[1], 2).await;
    first.extend(add(&journal, to[0], 4).await);
    // Another order than that of their numbers.
    for (at, place) in [(6, Place::Top), (1, Place::Bottom), (3, Place::Up)] {
        let moved = Selection::Ids(vec![first[at], first[(at + 1) % 8]]);
        journal.move_transfers(moved, place).await.expect("moves");
    }
    for filter in [
        Filter::default(),
        Filter { batch: Some(to[0].1), ..Filter::default() },
        Filter { text: Some("file 2".into()), ..Filter::default() },
        Filter { batch: Some(to[0].1), text: Some("file".into()), ..Filter::default() },
    ] {
        let list = listed(&journal, &filter).await;
        assert!(list.len() > 1, "{filter:?}");
        for (one, from) in list.iter().enumerate() {
            for (other, to) in list.iter().enumerate() {
                let expected = sorted(&list[one.min(other)..=one.max(other)]);
                let part = part(&journal, &filter, [*from, *to]).await;
                let got = met(&journal, Selection::Part(part)).await;
                assert_eq!(got, expected, "{filter:?} {one} {other}");
            }
        }
    }
}

#[tokio::test]
async fn a_part_leaves_some_out_and_takes_others_in() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let ids = add(&journal, to, 6).await;
    let all = Filter::default();
    let between = part(&journal, &all, [ids[4], ids[1]]).await;
    for (part, expected) in [
        (Part { except: vec![ids[2]], ..Part::default() }, vec![0, 1, 3, 4, 5]),
        (Part { except: vec![ids[2], TransferId(99)], ..between.clone() }, vec![1, 3, 4]),
        (Part { except: vec![ids[1]], also: vec![ids[5], ids[2]], ..between }, vec![2, 3, 4, 5]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|at: usize| ids[at]).collect();
        assert_eq!(met(&journal, Selection::Part(part.clone())).await, expected, "{part:?}");
        let paused = journal.selected_among(Selection::Part(part), &ids[2..4]).await;
        let among = expected.iter().copied().filter(|id| ids[2..4].contains(id));
        assert_eq!(paused.expect("reads"), among.collect::<Vec<_>>());
    }
    journal.remove(&ids[..1]).await.expect("removes");
    assert_eq!(journal.between(&all, [ids[0], ids[3]]).await.expect("reads"), None);
}

#[tokio::test]
async fn a_command_for_a_part_keeps_to_its_rows_while_places_change() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let ids = add(&journal, to, 7).await;
    let filter = Filter { batch: Some(to.1), ..Filter::default() };
    let selection = Selection::Part(part(&journal, &filter, [ids[1], ids[4]]).await);
    let given = journal.defer(Deferred::Remove, selection, 0).await.expect("defers");
    let given = given.expect("is for four");
    assert_eq!(given.found.files(), 4);
    // Another file comes to stand between them, and one of them leaves.
    for (id, place) in [(ids[5], Place::Up), (ids[1], Place::Up), (ids[6], Place::Top)] {
        journal.move_transfers(Selection::Ids(vec![id]), place).await.expect("moves");
    }
    // Rows go in steps, those at the ends too.
    journal.remove(&[ids[1], ids[4]]).await.expect("removes");
    let left = journal.deferred_transfers(given.number, TransferId(0), 99).await.expect("reads");
    let left: Vec<_> = left.expect("waits").1.iter().map(|row| row.id).collect();
    assert_eq!(left, [ids[2], ids[3]]);
}
